"""Queries at the edges: files named in full, sounds of hours, an index that changes under a query, odd arguments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import lancedb
import pytest
from chosen_library import BUDGETS, CONCEPTS, ChosenEncoder, file_of, open_chosen, write_index

from audioclip_search import Library, ModelError, QueryError
from audioclip_search.storage import IndexStore, View, view
from audioclip_search.storage.schema import WORD_COLUMNS
from audioclip_search.types import FloatArray

LONG = 60
RECORDS = (
    file_of("glass/glass break (1).wav", "glass"),
    file_of("glass/glass_break.wav", "glass"),
    file_of("other/glass_break.flac", "glass"),
    *(file_of(f"n/REC_{number:03}.wav", CONCEPTS[number % 8]) for number in range(24)),
    *(file_of(f"long/{number}.wav", *[CONCEPTS[number]] * LONG) for number in range(3)),
)


@pytest.fixture(params=BUDGETS.values(), ids=BUDGETS.keys())
def library(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Library]:
    opened, _ = open_chosen(write_index(tmp_path / "index", RECORDS), memory_budget_bytes=request.param)
    with opened:
        yield opened


def keys(library: Library, query: str) -> list[str]:
    return [hit.path.relative_to(library.root).as_posix() for hit in library.query(query, min_score=0)]


@pytest.mark.parametrize(
    ("phrase", "found"),
    [
        ("glass break (1).wav", ["glass/glass break (1).wav"]),
        ("GlassBreak.WAV", ["glass/glass break (1).wav", "glass/glass_break.wav"]),
        ("glass_break.flac", ["other/glass_break.flac"]),
        ("glass/glass_break.flac", []),
        ("other/glass_break.flac", ["other/glass_break.flac"]),
        (".wav", []),
    ],
)
def test_a_phrase_may_be_a_files_name_with_its_suffix(library: Library, phrase: str, found: list[str]) -> None:
    assert sorted(keys(library, f'"{phrase}"')) == found


def test_a_path_names_its_file(library: Library) -> None:
    for path in ("other/glass_break.flac", r"other\glass_break.flac"):
        best = library.query(text=path, k=2)
        assert {hit.path.stem for hit in best} == {"glass_break"}
        assert best[1].score > 0.999


def test_what_is_found_by_words_alone_is_the_whole_sound(library: Library) -> None:
    for hit in library.query(text="glass", ranking="text"):
        assert (hit.start_s, hit.end_s) == (0, hit.duration_s)
        assert hit.duration_s > 0


def test_moments_score_as_hits_do(library: Library) -> None:
    for hit in library.query(text="dog", ranking="vector", moments=True, k=100, min_score=0):
        assert hit.moments[0].score == pytest.approx(hit.score)
    for hit in library.query("ext:wav (dog)^1 -glass", ranking="vector", moments=True, k=100, min_score=0):
        assert hit.moments[0].score == pytest.approx(hit.score)


def test_sounds_of_hours_are_taken_a_portion_at_a_time(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ("dog", "(dog)^2 -rain", "-(glass rain)")
    expected = [library.query(query, moments=True, explain=True, min_score=0, k=100) for query in asked]
    most = 0
    fetch = View.windows

    def watched(self: View, rows: view.RowArray) -> object:
        nonlocal most
        windows, vectors = fetch(self, rows)
        most = max(most, len(vectors))
        return windows, vectors

    monkeypatch.setattr(view, "_WINDOWS_AT_ONCE", 16)
    monkeypatch.setattr(View, "windows", watched)
    for query, hits in zip(asked, expected, strict=True):
        assert library.query(query, moments=True, explain=True, min_score=0, k=100) == hits
    assert 0 < most < 16 + LONG


def test_few_long_sounds_stand_for_many(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "_READ_FOR_SAMPLE", 30)
    monkeypatch.setattr(view, "_FEWEST_SAMPLED", 4)
    store = library._session.store()
    for sample in store.ask(lambda view: dict(view.sample)).values():
        assert len(set(sample.rows.tolist())) >= 4
        assert len(sample.vectors) == len(sample.rows) <= 30 + 3 * LONG
        assert sample.vectors.base is None  # nothing larger is kept for it


def test_files_that_were_compacted_away_during_a_query_are_looked_at_anew(tmp_path: Path) -> None:
    index = write_index(tmp_path / "index", RECORDS)
    asked = 0

    def words(view: View) -> list[str]:
        nonlocal asked
        asked += 1
        if asked == 1:
            with IndexStore.open(index) as other:
                other.annotate(["glass/glass_break.wav"], add=["sharp"], remove=[], rating=None)
            with pytest.warns(UserWarning, match="removes every version"):
                lancedb.connect(index).open_table("files").optimize(
                    cleanup_older_than=timedelta(0), delete_unverified=True
                )
        return view.words(view.rows_of(["glass/glass_break.wav"]))[0][2]

    with IndexStore.open(index) as store:
        assert store.ask(words) == ["sharp"]
    assert asked == 2


def test_a_model_that_fails_is_no_damaged_index(library: Library) -> None:
    class Failing(ChosenEncoder):
        def encode_texts(self, texts: Sequence[str]) -> FloatArray:
            if len(texts) > 10:  # those of the background
                raise RuntimeError("the device is lost")
            return super().encode_texts(texts)

    with (
        Library(library.root, model=Failing(), index=library.info().location) as failing,
        pytest.raises(ModelError, match="'chosen' failed on a text: the device is lost"),
    ):
        failing.query("dog")


def test_texts_of_all_files_may_be_more_than_a_column_of_strings_holds(library: Library) -> None:
    texts = library._session.store().ask(lambda view: view.snapshot.rest(*WORD_COLUMNS, "metadata", "channels"))
    assert {str(kind) for kind in texts.schema.types} == {"large_string", "int32"}
    assert texts.schema.names == [*WORD_COLUMNS, "metadata", "channels"]


def test_one_file_may_be_searched_in(library: Library) -> None:
    hit = library.query("glass", k=1)[0]
    for within in (hit, hit.path, str(hit.path), [hit], "glass/../" + hit.path.relative_to(library.root).as_posix()):
        assert [one.path for one in library.query("glass", within=within)] == [hit.path]


def test_ranking_by_words_needs_words(library: Library) -> None:
    for query in ({"like": "n/REC_001.wav"}, {"text": "dog", "weights": [-1]}):
        with pytest.raises(QueryError, match="no words"):
            library.query(**query, ranking="text")
    assert library.query(where="folder:glass", ranking="text")
    assert library.query(text="dog", like="n/REC_001.wav", ranking="text").nothing
