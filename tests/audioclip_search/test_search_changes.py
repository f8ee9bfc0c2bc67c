"""Queries while the index is written, half made, of an older version, and whatever is asked."""

from __future__ import annotations

import threading
import time
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from chosen_library import BUDGETS, CONCEPTS, ChosenEncoder, file_of, open_chosen, write_index
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from audioclip_search import AudioCLIPSearchError, Hits, Library, MediaError, Metadata, QueryError
from audioclip_search.storage import IndexStore
from audioclip_search.storage.lance import connect
from audioclip_search.storage.schema import FILES

FIXTURES = Path(__file__).parent / "fixtures"
NAMES = ("glass/break 01.wav", "glass/break 02.wav", "dog/bark.wav", "O'Neill; DROP TABLE files.wav", 'a "b" \\ %_.wav')
RECORDS = [
    *(file_of(f"recorder/{concept} {take}.wav", concept) for concept in CONCEPTS for take in range(4)),
    *(file_of(name, "bell", metadata=Metadata(fields=(("title", f"' OR 1=1 -- {name}"),))) for name in NAMES),
    file_of("pictures/one.png", "dog"),
]
PATHS = sorted(record.stamp.path for record in RECORDS)


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return write_index(tmp_path / "index", RECORDS)


def names(library: Library, hits: Hits) -> list[str]:
    return [hit.path.relative_to(library.root).as_posix() for hit in hits]


def drop_word_indexes(index: Path, *columns: str) -> None:
    files = connect(index).open_table(FILES)
    for column in columns:
        files.drop_index(f"{column}_idx")


@pytest.mark.parametrize("columns", [("name_words", "folder_words", "metadata_words"), ("folder_words",)])
def test_a_table_without_its_word_indexes_is_searched_all_the_same_and_mended(
    index: Path, columns: tuple[str, ...]
) -> None:
    """What a process leaves that is killed between the commits."""
    expected, _ = open_chosen(index)
    asked = [
        {"text": "glass", "k": 50, "min_score": 0},
        {"text": "break 02", "ranking": "text"},
        {"where": '"break 02"'},
        {"text": "dog", "exclude": "bark", "k": 50},
    ]
    with expected:
        wanted = [expected.query(**query) for query in asked]
    drop_word_indexes(index, *columns)
    library, _ = open_chosen(index)
    with library:
        assert [library.query(**query) for query in asked] == wanted
        with IndexStore.open(index) as store:
            assert store.lags
            store.optimize(compact=False)
            assert not store.lags
        assert {f"{column}_idx" for column in columns} <= {
            i.name for i in connect(index).open_table(FILES).list_indices()
        }
        assert [library.query(**query) for query in asked] == wanted


def test_a_sync_mends_the_word_indexes(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "glass one.txt").write_text("glass")
    with Library(root, model=ChosenEncoder()) as library:
        library.sync()
        index = root / ".audioclip-search"
        drop_word_indexes(index, "name_words")
        assert names(library, library.query(text="glass one")) == ["glass one.txt"]
        library.sync()
        assert "name_words_idx" in {found.name for found in connect(index).open_table(FILES).list_indices()}
        assert names(library, library.query(text="glass one")) == ["glass one.txt"]


def test_words_of_an_index_that_version_2_wrote_are_found(tmp_path: Path) -> None:
    with zipfile.ZipFile(FIXTURES / "index_v2.zip") as archive:
        archive.extractall(tmp_path / "index")
    (tmp_path / "root").mkdir()
    with Library(tmp_path / "root", index=tmp_path / "index") as library:
        for text in ("big kick 02", "BigKick02", "drums", "heavy"):
            hits = library.query(text=text, ranking="text")
            assert names(library, hits) == ["drums/Big_Kick02.wav"]
            assert hits[0].tags == ("Heavy", "take two")
        assert names(library, library.query(where="folder:drums tag:heavy rating:4")) == ["drums/Big_Kick02.wav"]
        assert library.query(text="broken", ranking="text").nothing  # it has no vectors
        assert library.similar("drums/Big_Kick02.wav")


@pytest.mark.parametrize("budget", BUDGETS.values(), ids=BUDGETS.keys())
def test_queries_see_each_file_whole_or_not_at_all_while_others_write(index: Path, budget: int) -> None:
    library, _ = open_chosen(index, memory_budget_bytes=budget)
    done = threading.Event()
    errors: list[BaseException] = []
    counts: list[int] = []

    def ask() -> None:
        try:
            while not done.is_set():
                hits = library.query(text="a new engine", k=1_000, min_score=0, explain=True, moments=True)
                new = [name for name in names(library, hits) if name.startswith("new/")]
                counts.append(len(new))
                assert len(hits) == len(RECORDS) + len(new)
                assert len(new) % 5 == 0  # one commit's files come together
                by_words = library.query(text="new", ranking="text", k=1_000)
                assert {name.partition("/")[0] for name in names(library, by_words)} <= {"new"}
                assert all(hit.tags == ("fresh",) for hit in library.query(where="tag:fresh", k=1_000))
        except BaseException as error:  # noqa: BLE001  # told by the assertion below
            errors.append(error)

    with library:
        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        with IndexStore.open(index) as store:
            for batch in range(8):
                added = [file_of(f"new/{batch} {number}.wav", "engine", "wind") for number in range(5)]
                store.write(added)
                store.annotate([added[0].stamp.path], add=["fresh"], remove=[], rating=None)
                if batch % 3 == 2:
                    store.optimize()
        done.set()
        for thread in threads:
            thread.join()
        assert errors == []
        assert counts
        assert len(library.query(text="new", ranking="text", k=1_000)) == 40


def test_a_state_that_is_deleted_while_it_is_asked_is_asked_anew(index: Path) -> None:
    """A query may begin with the newest state and find it compacted away before it has read all it needs."""
    with IndexStore.open(index) as reader, IndexStore.open(index) as writer:
        asked = 0

        def ask(view: object) -> list[tuple[str, ...]]:
            nonlocal asked
            asked += 1
            if asked == 1:
                writer.annotate(["dog/bark.wav"], add=["loud"], remove=[], rating=None)
                forget_old_versions(index)
            rows = view.rows_of(["dog/bark.wav"])  # type: ignore[attr-defined]
            return [tuple(words) for words in view.words(rows)[0]]  # type: ignore[attr-defined]

        assert reader.ask(ask) == [("bark",), ("dog",), ("loud", "or", "1", "1", "dog", "bark", "wav")]
        assert asked == 2


def forget_old_versions(index: Path) -> None:
    """What a compaction does ten minutes later."""
    data = index / f"{FILES}.lance" / "data"
    old = set(data.iterdir())
    deadline = time.monotonic() + 60
    while old & set(data.iterdir()):
        assert time.monotonic() < deadline
        connect(index).open_table(FILES).optimize(cleanup_older_than=timedelta(milliseconds=1), delete_unverified=True)
        time.sleep(0.05)


def any_query() -> st.SearchStrategy[str]:
    """Texts a person could type, and worse."""
    pieces = st.sampled_from(
        ["glass", "break 02", "-dog", "kind:audio", "dur:<3", "dur:", "ext:wav", "folder:recorder", "name:*'*", "tag:x",
         '"bark"', '"', "(", ")", "^2", "^-1", ":", "-", "--", ";", "' OR 1=1 --", "DROP TABLE files", "%", "_", "\\",
         "*", "file_id IN (1)", "like:dog/bark.wav", "rating:>=1", "size:..1k", "\0", "é", "日本", "🥁", "\ud800", "\n",
         "AND", "NOT", "name:';--", "metadata:x", "$1", "{}", "`", "/*", "or", "+", "~", "!", "?"]
    )  # fmt: skip
    anything = st.text(st.characters(), max_size=12)
    parts = st.lists(st.one_of(pieces, anything), min_size=0, max_size=6)
    return st.builds(lambda words, blank: blank.join(words), parts, st.sampled_from([" ", "", "\t"]))


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    index = write_index(tmp_path_factory.mktemp("any") / "index", RECORDS)
    library, _ = open_chosen(index)
    with library:
        library.query("glass")
        yield library


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=any_query(), ranking=st.sampled_from(["hybrid", "text", "vector"]))
@example(text="'; DELETE FROM files; --", ranking="hybrid")
@example(text='name:"\') OR true --"', ranking="hybrid")
@example(text="x' UNION SELECT * FROM files", ranking="text")
@example(text="\"' OR '1'='1\"", ranking="text")
def test_whatever_is_asked_changes_nothing(untouched: Library, text: str, ranking: str) -> None:
    before = state(untouched)
    try:
        hits = untouched.query(text, ranking=ranking, min_score=0, k=100, explain=True)
    except (QueryError, MediaError) as error:
        assert str(error)
        assert "SQL" not in str(error)
    else:
        assert set(names(untouched, hits)) <= set(PATHS)
        assert all(0 <= hit.score <= 1 for hit in hits)
        assert hits.query is not None
    try:
        as_words = untouched.query(text=text, ranking=ranking, min_score=0, k=100)
    except QueryError:
        assert not text.strip()
    else:
        assert ranking == "text" or sorted(names(untouched, as_words)) == PATHS
    assert state(untouched) == before


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=10).filter(str.strip))
@example("' OR 1=1 --")
@example("O'Neill; DROP TABLE files")
@example('a "b" \\ %_')
@example("%")
@example("_")
def test_a_filter_matches_what_it_says_and_is_no_pattern(untouched: Library, value: str) -> None:
    quoted = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    before = state(untouched)
    if not {"*", "?"} & set(value):
        found = names(untouched, untouched.query(where=f"name:{quoted}", k=100))
        if value.isascii():
            assert found == [path for path in PATHS if value.lower() in path.rpartition("/")[2].lower()]
    assert untouched.query(where=f"tag:{quoted}", k=100).nothing
    try:
        assert untouched.query(where=f"folder:{quoted}", k=100, text="dog", min_score=0) is not None
    except QueryError:
        assert not value.replace("/", "").strip()
    assert state(untouched) == before


def state(library: Library) -> tuple[object, ...]:
    """What is in the index, and which version of it."""
    table = connect(library.info().location).open_table(FILES)
    return int(table.version), sorted(str(file.path) for file in library.files()), library.info().windows


def test_every_refusal_is_of_this_package(untouched: Library) -> None:
    for text in ('"', "dur:<x", "like:nowhere.wav", "image:nowhere.png", "audio:nowhere.wav", "(", ""):
        with pytest.raises(AudioCLIPSearchError):
            untouched.query(text)
