"""Both ways of searching, in memory and by LanceDB, against the definition spelled out in Python."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from audioclip_search.errors import StorageError
from audioclip_search.storage import IndexStore
from audioclip_search.storage.lance import connect
from audioclip_search.storage.schema import FILES, Header
from audioclip_search.types import FileRecord, FileStamp, FloatArray, Modality, ModelIdentity, Neighbour, WindowVector

DIM = 67  # odd, so that a matrix product treats a matrix's last rows differently from the others
MODEL = ModelIdentity(name="tiny", weights_hash="a" * 64, preprocessing_version=1)
IN_MEMORY, BY_LANCEDB = 2**30, 0


def record(path: str, vectors: FloatArray, modality: Modality = Modality.AUDIO) -> FileRecord:
    windows = tuple(WindowVector(vector, start_s=float(i), end_s=i + 5.0) for i, vector in enumerate(vectors))
    return FileRecord(FileStamp(path=path, modality=modality, size=1, mtime_ns=1), windows=windows)


def units(rng: np.random.Generator, count: int) -> FloatArray:
    vectors = rng.standard_normal((count, DIM), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def some_files(count: int) -> list[FileRecord]:
    """Sounds of 1 to 40 windows, pictures and texts of one, a tenth of them failed."""
    rng = np.random.default_rng(7)
    records = []
    for i in range(count):
        modality = list(Modality)[i % 3]
        windows = units(rng, int(rng.integers(1, 40)) if modality is Modality.AUDIO else 1)
        whole = record(f"{rng.integers(1000):03}/{i}", windows, modality)
        records.append(whole if i % 10 else FileRecord(whole.stamp, failure="truncated"))
    return records


def expected(
    records: list[FileRecord], query: FloatArray, *, k: int, modality: Modality | None, exclude: set[str]
) -> list[Neighbour]:
    best = []
    for file in records:
        if not file.windows or file.stamp.path in exclude or modality not in (None, file.stamp.modality):
            continue
        scores = [float(window.vector.astype(np.float64) @ query) for window in file.windows]
        window = file.windows[int(np.argmax(scores))]
        best.append(Neighbour(file.stamp.path, file.stamp.modality, window.start_s, window.end_s, max(scores)))
    return sorted(best, key=lambda neighbour: -neighbour.score)[:k]


def assert_same(found: list[Neighbour], wanted: list[Neighbour]) -> None:
    def without_score(hit: Neighbour) -> tuple[str, Modality, float, float]:
        return hit.path, hit.modality, hit.start_s, hit.end_s

    assert [without_score(hit) for hit in found] == [without_score(hit) for hit in wanted]
    assert [hit.score for hit in found] == pytest.approx([hit.score for hit in wanted], abs=1e-5)


@pytest.fixture(params=[IN_MEMORY, BY_LANCEDB], ids=["in memory", "by LanceDB"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], IndexStore]]:
    opened: list[IndexStore] = []

    def create() -> IndexStore:
        opened.append(IndexStore.create(tmp_path / "index", identity=MODEL, dim=DIM, memory_budget_bytes=request.param))
        return opened[-1]

    yield create
    for store in opened:
        store.close()


@pytest.mark.parametrize("k", [1, 7, 1000])
@pytest.mark.parametrize("modality", [None, *Modality])
def test_hits_are_the_best_window_of_the_best_files(
    new_store: Callable[[], IndexStore], k: int, modality: Modality | None
) -> None:
    records = some_files(120)
    store = new_store()
    store.write(records[:60])
    store.write(records[60:])
    rng = np.random.default_rng(k)
    for query in (*units(rng, 3), records[3].windows[0].vector):
        everything = expected(records, query, k=1000, modality=modality, exclude=set())
        exclude = {hit.path for hit in everything[:5]} | {"not in the index"}
        assert_same(store.search(query, k=k, modality=modality), everything[:k])
        assert_same(store.search(query, k=k, modality=modality, exclude=exclude), everything[5:][:k])


def test_a_file_with_most_of_the_best_windows_is_still_one_hit(new_store: Callable[[], IndexStore]) -> None:
    rng = np.random.default_rng(1)
    query = units(rng, 1)[0]
    close = query + 0.01 * units(rng, 3000)
    close = (close / np.linalg.norm(close, axis=1, keepdims=True)).astype(np.float32)
    records = [record("drone.wav", close), *(record(f"{i}.wav", units(rng, 2)) for i in range(6))]
    store = new_store()
    store.write(records)
    assert_same(store.search(query, k=4), expected(records, query, k=4, modality=None, exclude=set()))
    assert store.search(query, k=1, exclude=[f"{i}.wav" for i in range(6)])[0].path == "drone.wav"


@pytest.mark.parametrize("k", [1, 5, 20])
def test_copies_rank_by_path_and_repeated_windows_by_time(new_store: Callable[[], IndexStore], k: int) -> None:
    rng = np.random.default_rng(2)
    same = np.repeat(units(rng, 1), 3, axis=0)
    paths = [f"{i:02}.wav" for i in rng.permutation(17)]
    store = new_store()
    for some in (paths[:4], paths[4:5], paths[5:]):
        store.write([record(f"other {some[0]}", units(rng, 1)), *(record(path, same) for path in some)])
    for query in same[0] + 0.1 * units(rng, 10):
        hits = store.search(query, k=k)
        assert [hit.path for hit in hits[:17]] == sorted(paths)[:k]
        assert {hit.start_s for hit in hits} == {0.0}


def test_the_scale_of_a_query_does_not_matter(new_store: Callable[[], IndexStore]) -> None:
    store = new_store()
    store.write(some_files(30))
    query = units(np.random.default_rng(3), 1)[0]
    assert_same(store.search(query * 1e-20, k=9), store.search(query, k=9))
    assert -1 <= min(hit.score for hit in store.search(-query, k=99)) <= 1


def test_an_index_without_vectors_has_no_hits(new_store: Callable[[], IndexStore]) -> None:
    store = new_store()
    query = units(np.random.default_rng(4), 1)[0]
    assert store.search(query, k=5) == []
    store.write([FileRecord(FileStamp("a.wav", Modality.AUDIO, size=1, mtime_ns=1), failure="silent")])
    assert store.search(query, k=5) == []
    store.write([record("a.wav", units(np.random.default_rng(5), 2))])
    assert len(store.search(query, k=5)) == 1
    assert store.search(query, k=5, modality=Modality.TEXT) == []
    assert store.search(query, k=5, exclude=["a.wav"]) == []


def test_hits_follow_every_write_of_this_object_and_of_another(new_store: Callable[[], IndexStore]) -> None:
    records = some_files(90)
    current: dict[str, FileRecord] = {}
    reader, writer = new_store(), new_store()
    rng = np.random.default_rng(6)
    for step, store in enumerate([writer, reader, writer, writer, reader]):
        added = records[step * 18 : (step + 1) * 18]
        changed = (
            [
                record(path, units(rng, 3), current[path].stamp.modality)
                for path in rng.choice(sorted(current), 6, replace=False)
            ]
            if current
            else []
        )
        store.write([*added, *changed])
        current |= {file.stamp.path: file for file in [*added, *changed]}
        gone = list(rng.choice(sorted(current), 4, replace=False))
        store.remove(gone)
        current = {path: file for path, file in current.items() if path not in gone}
        for query in units(rng, 2):
            wanted = expected(list(current.values()), query, k=25, modality=None, exclude=set())
            assert_same(reader.search(query, k=25), wanted)
            assert_same(writer.search(query, k=25), wanted)
        assert reader.stored() == writer.stored()


def test_many_new_files_at_once_are_loaded_in_one_pass(new_store: Callable[[], IndexStore]) -> None:
    rng = np.random.default_rng(8)
    vectors = units(rng, 2600)
    records = [record(f"{i}.wav", vectors[2 * i : 2 * i + 2]) for i in range(1300)]
    store = new_store()
    store.write(records[:50])
    assert len(store.search(vectors[0], k=9999)) == 50
    store.write(records[50:])
    assert len(store.search(vectors[0], k=9999)) == 1300
    assert_same(store.search(vectors[2001], k=1), [Neighbour("1000.wav", Modality.AUDIO, 1.0, 6.0, score=1.0)])


def test_readers_in_threads_see_each_file_exactly_once_while_it_is_replaced(
    new_store: Callable[[], IndexStore],
) -> None:
    store = new_store()
    rng = np.random.default_rng(9)
    paths = [f"{i}.wav" for i in range(8)]
    store.write([record(path, units(rng, 3)) for path in paths])
    done = threading.Event()
    seen: list[list[str]] = []
    failures: list[BaseException] = []

    def read(seed: int) -> None:
        try:
            query = units(np.random.default_rng(seed), 1)[0]
            while not done.is_set():
                seen.append(sorted(hit.path for hit in store.search(query, k=99)))
        except BaseException as error:
            failures.append(error)
            raise

    readers = [threading.Thread(target=read, args=(seed,)) for seed in range(3)]
    for reader in readers:
        reader.start()
    try:
        for _ in range(12):
            store.write([record(path, units(rng, int(rng.integers(1, 5)))) for path in paths])
    finally:
        done.set()
        for reader in readers:
            reader.join()
    assert not failures
    assert len(seen) >= 3
    assert all(found == paths for found in seen)


def test_lost_vectors_are_an_error_not_a_silent_gap(tmp_path: Path) -> None:
    with IndexStore.create(tmp_path, identity=MODEL, dim=DIM) as store:
        store.write(some_files(20))
        database = connect(tmp_path)
        header = Header.from_schema(database.open_table(FILES).schema, location=tmp_path)
        database.open_table(header.windows_table).delete("start_s > 3")
        with pytest.raises(StorageError, match=r"damaged: it has \d+ vectors instead of \d+.*--reembed"):
            store.search(units(np.random.default_rng(1), 1)[0], k=5)
