"""What goes into an index comes out of it, and what must not go in is refused."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import lancedb
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import audioclip_search.storage
from audioclip_search.errors import IndexLockedError, ModelMismatchError, QueryError, StorageError
from audioclip_search.storage import IndexStore, StoredFile
from audioclip_search.storage import held as lock
from audioclip_search.types import Failure, FileRecord, FileStamp, FloatArray, Modality, ModelIdentity, WindowVector

DIM = 8
MODEL = ModelIdentity(name="tiny", weights_hash="a" * 64, preprocessing_version=1)
AWKWARD_PATHS = [
    'it\'s "quoted".wav',
    "line\nbreak\\.wav",
    "emoji 🥁/é.wav",
    "%_; DROP TABLE files --",
    "bytes \udcff.wav",
]
# Lone surrogates, which stand for bytes that aren't UTF-8, included.
ANY_CHARACTER = st.characters(exclude_characters="\0", exclude_categories=[], max_codepoint=0xFFFF)


def unit(seed: int) -> FloatArray:
    vector = np.random.default_rng(seed).standard_normal(DIM)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def stamp(path: str, modality: Modality = Modality.AUDIO) -> FileStamp:
    return FileStamp(path=path, modality=modality, size=len(path), mtime_ns=1_700_000_000_123_456_789)


def sound(path: str, *seeds: int) -> FileRecord:
    windows = tuple(WindowVector(unit(seed), start_s=2.5 * i, end_s=2.5 * i + 5) for i, seed in enumerate(seeds))
    return FileRecord(stamp(path), content_hash=f"hash of {len(path)}", duration_s=7.5, windows=windows)


def broken(path: str, reason: str) -> FileRecord:
    return FileRecord(stamp(path), failure=reason)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[IndexStore]:
    with IndexStore.create(tmp_path / "index", identity=MODEL, dim=DIM) as store:
        yield store


def test_exports() -> None:
    assert sorted(audioclip_search.storage.__all__) == sorted(
        [
            "MEMORY_BUDGET_BYTES",
            "Content",
            "IndexStore",
            "Location",
            "SideTable",
            "StoredFile",
            "StoredFiles",
            "Sweep",
            "View",
            "held",
            "located",
            "part_of",
        ]
    )


def test_a_written_file_is_stored_as_scanned_and_found_again_after_reopening(store: IndexStore) -> None:
    store.write([sound("a.wav", 1, 2), broken("b.wav", "truncated")])
    store.close()
    with IndexStore.open(store.location) as reopened:
        assert (reopened.identity, reopened.dim, reopened.schema_version) == (MODEL, DIM, 3)
        stored = reopened.stored()
        a, b = stored["a.wav"], stored["b.wav"]
        assert stored.keys() == {"a.wav", "b.wav"}
        assert a == StoredFile(stamp("a.wav"), content_hash="hash of 5", failure="", file_id=a.file_id, duration_s=7.5)
        assert b == StoredFile(stamp("b.wav"), content_hash="", failure="truncated", file_id=b.file_id)
        assert reopened.failures() == [Failure("b.wav", "truncated")]
        assert [(w.start_s, w.end_s) for w in reopened.vectors("a.wav")] == [(0, 5), (2.5, 7.5)]
        assert np.array_equal([w.vector for w in reopened.vectors("a.wav")], [unit(1), unit(2)])


def test_writing_a_path_again_replaces_the_file_and_its_vectors(store: IndexStore) -> None:
    store.write([sound("a.wav", 1, 2), sound("b.wav", 3)])
    before = store.stored()
    store.write([sound("a.wav", 4)])
    after = store.stored()
    assert after["b.wav"] == before["b.wav"]
    assert after["a.wav"].file_id != before["a.wav"].file_id
    assert [hit.path for hit in store.search(unit(4), k=9)] == ["a.wav", "b.wav"]
    assert store.search(unit(1), k=1)[0].score < 0.99
    assert store.info().windows == 2


def test_a_file_that_fails_later_loses_its_vectors_and_one_that_recovers_its_failure(store: IndexStore) -> None:
    store.write([sound("a.wav", 1), broken("b.wav", "locked")])
    store.write([broken("a.wav", "gone bad"), sound("b.wav", 2)])
    assert store.failures() == [Failure("a.wav", "gone bad")]
    assert [hit.path for hit in store.search(unit(1), k=9)] == ["b.wav"]


def test_removing_forgets_files_and_ignores_unknown_paths(store: IndexStore) -> None:
    store.write([sound("a.wav", 1), sound("b.wav", 2)])
    store.remove(["a.wav", "never seen.wav"])
    store.remove([])
    assert store.stored().keys() == {"b.wav"}
    assert [hit.path for hit in store.search(unit(1), k=9)] == ["b.wav"]
    store.remove(["b.wav"])
    assert store.stored() == {}
    assert store.search(unit(1), k=9) == []


def test_info_counts_files_of_each_kind_windows_and_bytes(store: IndexStore) -> None:
    empty = store.info()
    assert (empty.audio, empty.image, empty.text, empty.failed, empty.windows) == (0, 0, 0, 0, 0)
    picture = FileRecord(stamp("p.png", Modality.IMAGE), windows=(WindowVector(unit(5)),))
    text = FileRecord(stamp("t.txt", Modality.TEXT), windows=(WindowVector(unit(6)),))
    store.write([sound("a.wav", 1, 2), sound("b.wav", 3), picture, text, broken("x.png", "zero bytes")])
    info = store.info()
    assert (info.audio, info.image, info.text, info.failed, info.windows) == (2, 1, 1, 1, 5)
    assert (info.model, info.dim, info.schema_version, info.location) == (MODEL, DIM, 3, str(store.location))
    assert info.bytes > empty.bytes + 5 * DIM * 4


@pytest.mark.parametrize("memory_budget_bytes", [2**30, 0])
def test_awkward_paths_are_only_ever_data(tmp_path: Path, memory_budget_bytes: int) -> None:
    where = tmp_path / "it's an % index ü"
    with IndexStore.create(where, identity=MODEL, dim=DIM, memory_budget_bytes=memory_budget_bytes) as store:
        store.write([sound(path, seed) for seed, path in enumerate(AWKWARD_PATHS)])
        store.write([sound(path, 10 + seed) for seed, path in enumerate(AWKWARD_PATHS)])
        assert store.stored().keys() == set(AWKWARD_PATHS)
        for seed, path in enumerate(AWKWARD_PATHS):
            assert store.search(unit(10 + seed), k=1)[0].path == path
            assert path not in {hit.path for hit in store.search(unit(10 + seed), k=99, exclude=[path])}
            assert np.array_equal(store.vectors(path)[0].vector, unit(10 + seed))
        store.remove(AWKWARD_PATHS[:2])
        assert store.stored().keys() == set(AWKWARD_PATHS[2:])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(paths=st.sets(st.text(ANY_CHARACTER, min_size=1), max_size=4))
def test_any_text_may_be_a_path_or_a_reason(store: IndexStore, paths: set[str]) -> None:
    store.remove(list(store.stored()))
    store.write([broken(path, f"bad: {path}") for path in paths])
    assert store.failures() == [Failure(path, f"bad: {path}") for path in sorted(paths)]


def test_removing_more_files_than_fit_one_filter(store: IndexStore) -> None:
    paths = [f"{i:05}.wav" for i in range(10_100)]
    store.write([broken(path, "silent") for path in [*paths, "kept.wav"]])
    store.remove(paths)
    assert store.stored().keys() == {"kept.wav"}


@pytest.mark.parametrize(
    ("record", "complaint"),
    [
        (FileRecord(stamp("a.wav")), "either vectors or a failure"),
        (replace(sound("a.wav", 1), failure="but why"), "either vectors or a failure"),
        (FileRecord(stamp("a.wav"), windows=(WindowVector(unit(1) * 2),)), "unit-norm"),
        (FileRecord(stamp("a.wav"), windows=(WindowVector(np.full(DIM, np.nan, np.float32)),)), "unit-norm"),
        (FileRecord(stamp("a.wav"), windows=(WindowVector(unit(1)[:-1]),)), "length 8"),
        (FileRecord(stamp("a.wav"), windows=(WindowVector(unit(1).astype(np.float64)),)), "float32"),
    ],
)
def test_records_that_break_the_contract_are_refused_and_nothing_is_written(
    store: IndexStore, record: FileRecord, complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        store.write([sound("fine.wav", 1), record])
    assert store.stored() == {}


def test_a_path_twice_in_one_batch_is_refused(store: IndexStore) -> None:
    with pytest.raises(ValueError, match="twice"):
        store.write([sound("a.wav", 1), sound("a.wav", 2)])


def test_writing_nothing_commits_nothing(store: IndexStore) -> None:
    files = sorted(store.location.rglob("*"))
    store.write([])
    assert sorted(store.location.rglob("*")) == files


@pytest.mark.parametrize(
    ("query", "k", "error"),
    [
        (unit(1), 0, QueryError),
        (np.zeros(DIM, np.float32), 5, QueryError),
        (np.full(DIM, np.inf, np.float32), 5, QueryError),
        (np.ones(DIM + 1, np.float32), 5, ValueError),
    ],
)
def test_queries_without_a_meaning_are_refused(
    store: IndexStore, query: FloatArray, k: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        store.search(query, k=k)


def test_vectors_of_unknown_and_of_failed_files(store: IndexStore) -> None:
    store.write([broken("bad.wav", "truncated")])
    with pytest.raises(QueryError, match="not in the index"):
        store.vectors("unknown.wav")
    with pytest.raises(QueryError, match="truncated"):
        store.vectors("bad.wav")


def test_a_folder_never_indexed(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "missing", tmp_path / "empty"):
        assert not IndexStore.exists(folder)
        with pytest.raises(StorageError, match=r"not indexed yet.*audioclip-search index"):
            IndexStore.open(folder)
    assert not (tmp_path / "missing").exists()


def test_creating_an_index_that_is_there_opens_it(store: IndexStore) -> None:
    store.write([sound("a.wav", 1)])
    assert IndexStore.exists(store.location)
    with IndexStore.create(store.location, identity=MODEL, dim=DIM) as again:
        assert again.stored() == store.stored()


@pytest.mark.parametrize(
    ("identity", "dim"),
    [
        (replace(MODEL, name="other"), DIM),
        (replace(MODEL, weights_hash="b" * 64), DIM),
        (replace(MODEL, preprocessing_version=2), DIM),
        (MODEL, DIM + 1),
    ],
)
def test_vectors_of_two_models_never_mix(store: IndexStore, identity: ModelIdentity, dim: int) -> None:
    store.write([sound("a.wav", 1)])
    with pytest.raises(ModelMismatchError, match="audioclip-search index --reembed"):
        IndexStore.create(store.location, identity=identity, dim=dim)
    assert store.stored().keys() == {"a.wav"}


def test_overwriting_empties_the_index_for_another_model_and_stops_those_who_use_the_old_one(store: IndexStore) -> None:
    store.write([sound("a.wav", 1)])
    other = replace(MODEL, name="other")
    with IndexStore.create(store.location, identity=other, dim=4, overwrite=True) as new:
        assert (new.identity, new.dim, new.stored()) == (other, 4, {})
        new.write([FileRecord(stamp("b.wav"), windows=(WindowVector(np.eye(4, dtype=np.float32)[0]),))])
        assert [hit.path for hit in new.search(np.eye(4, dtype=np.float32)[0], k=5)] == ["b.wav"]
    for use in (store.stored, lambda: store.search(unit(1), k=1), lambda: store.write([sound("c.wav", 1)])):
        with pytest.raises(ModelMismatchError):
            use()
    assert len(list(store.location.glob("windows-*"))) == 1


def test_a_closed_index_says_so(store: IndexStore) -> None:
    store.close()
    store.close()
    for use in (store.stored, store.info, lambda: store.search(unit(1), k=1), lambda: store.remove(["a.wav"])):
        with pytest.raises(StorageError, match="closed"):
            use()


def test_places_where_no_index_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    for location in (tmp_path / "file", tmp_path / "file" / "below", "s3://bucket/index"):
        with pytest.raises(StorageError) as caught:
            IndexStore.create(location, identity=MODEL, dim=DIM)
        assert caught.value.remedy


@pytest.mark.parametrize("part", ["_versions/*.manifest", "data/*"])
def test_a_damaged_index_is_a_storage_error_with_path_and_remedy(store: IndexStore, part: str) -> None:
    store.write([sound("a.wav", 1)])
    store.close()
    for file in store.location.glob(f"files.lance/{part}"):
        file.write_bytes(b"garbage")
    with pytest.raises(StorageError) as caught:
        IndexStore.open(store.location).stored()
    assert caught.value.path == store.location
    assert "audioclip-search index" in caught.value.remedy


def test_a_foreign_database_is_not_taken_for_an_index(tmp_path: Path) -> None:
    import lancedb

    lancedb.connect(tmp_path).create_table("files", [{"path": "a", "size": 1}])
    with pytest.raises(StorageError, match="not an index of audioclip-search"):
        IndexStore.open(tmp_path)


def test_a_writer_that_waits_too_long_gives_up_and_readers_never_wait(store: IndexStore) -> None:
    store.write([sound("a.wav", 1)])
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with lock(store.location, "write", timeout_s=5):
            held.set()
            release.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert held.wait(5)
        with IndexStore.open(store.location, lock_timeout_s=0.1) as impatient:
            with pytest.raises(IndexLockedError, match="writing"):
                impatient.write([sound("b.wav", 2)])
            assert [hit.path for hit in impatient.search(unit(1), k=5)] == ["a.wav"]
    finally:
        release.set()
        holder.join()
    store.write([sound("b.wav", 2)])
    assert store.stored().keys() == {"a.wav", "b.wav"}


def test_many_small_commits_are_merged_and_nothing_is_lost(store: IndexStore) -> None:
    with IndexStore.open(store.location) as reader:
        for number in range(70):
            store.write([sound(f"{number}.wav", number)])
            if number % 10 == 0:
                assert len(reader.stored()) == number + 1
        assert set(reader.stored()) == {f"{number}.wav" for number in range(70)}
        assert reader.search(unit(33), k=1)[0].path == "33.wav"
    database = lancedb.connect(store.location)
    for name in database.list_tables().tables:
        assert database.open_table(name).stats()["fragment_stats"]["num_fragments"] < 20, name


def test_closing_while_a_write_waits_for_its_turn_ends_the_write(store: IndexStore) -> None:
    outcome: list[BaseException] = []

    def write() -> None:
        try:
            store.write([sound("a.wav", 1)])
        except BaseException as error:  # noqa: BLE001  # told by the assertion below
            outcome.append(error)

    writer = threading.Thread(target=write)
    with lock(store.location, "write", timeout_s=5):
        writer.start()
        time.sleep(0.2)  # until it waits
        store.close()
    writer.join()
    assert [type(error) for error in outcome] == [StorageError]
    with IndexStore.open(store.location) as reopened:
        assert reopened.empty


def test_an_index_is_empty_until_it_knows_a_file_even_a_failed_one(store: IndexStore) -> None:
    assert store.empty
    store.write([broken("a.wav", "noise")])
    assert not store.empty
    store.remove(["a.wav"])
    assert store.empty
