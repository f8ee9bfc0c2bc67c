"""Large indexes: searched by indexes that sync and optimize build, nearly as exactly as without, whatever goes on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import lancedb
import numpy as np
import pytest
from known_files import CountingEncoder

from audioclip_search import Library, VectorType
from audioclip_search.encoder import Encoder
from audioclip_search.storage import IndexStore, maintenance
from audioclip_search.types import FileRecord, FileStamp, FloatArray, Modality, ModelIdentity, WindowVector

DIM = 16
WINDOWS = 12_000
PER_FILE = 4
FILES = WINDOWS // PER_FILE
CLUSTERS = 60
K = 10


class Sixteen(CountingEncoder):
    """The tiny encoder with vectors of sixteen numbers."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__(encoder)
        self.dim, self.identity = DIM, ModelIdentity("sixteen", "0" * 64, 1)

    def encode_texts(self, texts: list[str]) -> FloatArray:
        short = super().encode_texts(texts)[:, :DIM]
        return short / np.linalg.norm(short, axis=1, keepdims=True)


def clustered(count: int, *, seed: int) -> FloatArray:
    """Unit-norm float32 `(count, DIM)` around a few directions, which are the same for every seed."""
    centres = np.random.default_rng(0).standard_normal((CLUSTERS, DIM))
    random = np.random.default_rng(seed)
    vectors = centres[random.integers(0, CLUSTERS, count)] + 0.3 * random.standard_normal((count, DIM))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def records(count: int, *, seed: int, folder: str = "made-up") -> list[FileRecord]:
    vectors = clustered(count * PER_FILE, seed=seed).reshape(count, PER_FILE, DIM)
    return [
        FileRecord(
            FileStamp(f"{folder}/{number}.wav", Modality.AUDIO, 1, 1),
            f"{folder} {number}",
            4.0,
            tuple(WindowVector(vector, float(start), start + 1.0) for start, vector in enumerate(rows)),
        )
        for number, rows in enumerate(vectors)
    ]


def recall(indexed: IndexStore, exact: IndexStore, *, queries: int = 40) -> float:
    """The share of the best ten that both find."""
    found = 0
    for query in clustered(queries, seed=99):
        best = {neighbour.path for neighbour in exact.search(query, k=K)}
        found += len(best & {neighbour.path for neighbour in indexed.search(query, k=K)})
    return found / (K * queries)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "real.txt").write_text("real")
    return tmp_path / "library"


@pytest.fixture
def library(root: Path, tiny_encoder: Encoder) -> Iterator[Library]:
    """One that keeps no vectors in memory, of many files that are not really there."""
    with Library(root, model=Sixteen(tiny_encoder), memory_budget_bytes=0) as library:
        library.sync()
        with open_index(root) as store:
            store.write(records(FILES, seed=1))
        yield library


def open_index(root: Path, *, memory_budget_bytes: int = 2**30) -> IndexStore:
    return IndexStore.open(root / ".audioclip-search", memory_budget_bytes=memory_budget_bytes)


def indexes_of(root: Path) -> set[str]:
    with open_index(root) as store:
        database = lancedb.connect(store.location)
        return {index.name for index in database.open_table(store._header.windows_table).list_indices()}


@pytest.mark.parametrize("vectors", VectorType)
def test_optimize_builds_what_a_large_index_needs(library: Library, root: Path, vectors: VectorType) -> None:
    assert library.info().indexed <= 1
    library.optimize(vectors=vectors)
    assert indexes_of(root) == {"file_id_idx", "modality_idx", "vector_idx"}
    assert (library.info().indexed, library.info().windows) == (WINDOWS + 1, WINDOWS + 1)
    with open_index(root) as exact, open_index(root, memory_budget_bytes=0) as indexed:
        assert recall(indexed, exact) >= 0.95
        for text in indexed.search(clustered(1, seed=5)[0], k=3, modality=Modality.TEXT):
            assert text.path == "real.txt"
    assert len(library.query(text="real", k=7, min_score=0)) == 7
    assert library.similar("made-up/7.wav", k=3, modality="audio")[0].cosine > 0.5


def test_a_sync_builds_it_too_and_finds_new_files_before_they_are_indexed(library: Library, root: Path) -> None:
    (root / "new.txt").write_text("altogether new")
    library.sync(paths=["new.txt"])
    assert library.info().indexed == library.info().windows == WINDOWS + 2
    (root / "newer.txt").write_text("another one that is new")
    library.sync(paths=["newer.txt"])
    info = library.info()
    assert (info.indexed, info.windows) == (WINDOWS + 2, WINDOWS + 3)
    best = library.query(text="another one that is new", k=1, min_score=0)[0]
    assert (best.path.name, best.cosine) == ("newer.txt", pytest.approx(1.0, abs=1e-3))
    with open_index(root) as store:
        store.write(records(FILES // 4, seed=2, folder="more"))
    library.sync(paths=["newer.txt"])  # too many that are not indexed
    assert library.info().indexed == library.info().windows


def test_half_the_bytes_and_nearly_the_same_scores(library: Library, root: Path) -> None:
    library.optimize()
    with open_index(root) as store:
        before = [store.search(query, k=K) for query in clustered(20, seed=3)]
    size = vector_bytes(root)
    for vectors in (VectorType.FLOAT16, VectorType.FLOAT32):
        library.optimize(vectors=vectors)
        with open_index(root) as store:
            after = [store.search(query, k=K) for query in clustered(20, seed=3)]
        same = 0
        for old, new in zip(before, after, strict=True):
            assert [n.score for n in new] == pytest.approx([n.score for n in old], abs=1e-3)
            same += len({n.path for n in old} & {n.path for n in new})
        assert same / (20 * K) >= 0.95
        if vectors is VectorType.FLOAT16:
            assert vector_bytes(root) < 0.75 * size
    assert library.check().whole


def vector_bytes(root: Path) -> int:
    """What the tables of windows take; of those that were replaced nothing should be left."""
    folders = list((root / ".audioclip-search").glob("windows-*.lance/data"))
    assert len(folders) == 1
    return sum(file.stat().st_size for file in folders[0].iterdir())


@pytest.mark.parametrize("memory_budget_bytes", [0, 2**30])
def test_readers_outlive_compaction_and_the_end_of_old_versions(
    library: Library, root: Path, memory_budget_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "VERSIONS_KEPT_FOR", timedelta(milliseconds=1))
    queries = clustered(3, seed=4)
    with open_index(root, memory_budget_bytes=memory_budget_bytes) as reader:
        before = [{n.path for n in reader.search(query, k=K)} for query in queries]
        library.optimize()
        assert [{n.path for n in reader.search(query, k=K)} for query in queries] == before
        assert len(reader.vectors("made-up/1.wav")) == PER_FILE
        library.optimize(vectors="float16")
        library.optimize()
        found = [{n.path for n in reader.search(query, k=K)} for query in queries]
        assert sum(len(a & b) for a, b in zip(before, found, strict=True)) >= 27
        assert len(reader.vectors("made-up/1.wav")) == PER_FILE


def test_others_ask_and_write_while_indexes_are_built(library: Library, root: Path) -> None:
    errors: list[BaseException] = []
    stop = threading.Event()
    written: list[int] = []

    def repeat(work: Callable[[], object]) -> None:
        while not stop.is_set():
            try:
                work()
            except BaseException as error:  # noqa: BLE001  # told by the assertion below
                errors.append(error)
                return

    def write() -> None:
        with open_index(root) as store:
            store.write(records(5, seed=10 + len(written), folder=f"written {len(written)}"))
        written.append(5)

    def ask() -> None:
        assert len(library.query(text="real", k=5, min_score=0)) == 5

    threads = [threading.Thread(target=repeat, args=(work,)) for work in (write, ask)]
    for thread in threads:
        thread.start()
    try:
        while len(written) < 3 and not errors:
            library.optimize()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert errors == []
    assert library.check().whole
    assert library.info().windows == WINDOWS + 1 + PER_FILE * sum(written)


def test_one_file_and_none_are_no_trouble(tmp_path: Path, tiny_encoder: Encoder) -> None:
    (tmp_path / "bare").mkdir()
    with Library(tmp_path / "bare", model=Sixteen(tiny_encoder), memory_budget_bytes=0) as library:
        library.sync()
        assert library.query(text="nothing", min_score=0) == []
        library.optimize()
        (tmp_path / "bare" / "one.txt").write_text("one")
        library.sync()
        library.optimize()
        assert [hit.path.name for hit in library.query(text="one", min_score=0)] == ["one.txt"]
        (tmp_path / "bare" / "one.txt").unlink()
        library.sync()
        library.optimize()
        assert library.query(text="one", min_score=0) == []
