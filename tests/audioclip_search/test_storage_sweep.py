"""Reading every vector, from memory or from the table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from audioclip_search.storage import IndexStore, Sweep
from audioclip_search.types import FileRecord, FileStamp, FloatArray, Modality, ModelIdentity, WindowVector

MODEL = ModelIdentity(name="tiny", weights_hash="a" * 64, preprocessing_version=1)
DIM = 8
RANDOM = np.random.default_rng(7)


def record(path: str, content: str, windows: int, modality: Modality = Modality.AUDIO) -> FileRecord:
    vectors = RANDOM.standard_normal((windows, DIM)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return FileRecord(
        FileStamp(path, modality, 1, 1),
        content_hash=content,
        windows=tuple(WindowVector(vector, float(place), place + 1.0) for place, vector in enumerate(vectors)),
        failure="" if windows else "broken",
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[IndexStore]:
    with IndexStore.create(tmp_path / "index", identity=MODEL, dim=DIM) as store:
        store.write(
            [
                *(record(f"many/{number}.wav", f"content {number}", number % 4 + 1) for number in range(1_200)),
                record("a.wav", "a", 3),
                record("copy of a.wav", "a", 3),
                record("b.png", "b", 1, Modality.IMAGE),
                record("broken.wav", "c", 0),
            ]
        )
        yield store


def read(sweep: Sweep) -> dict[str, FloatArray]:
    found: dict[str, list[FloatArray]] = {content: [] for content in sweep.contents}
    for places, vectors in sweep.blocks():
        assert vectors.dtype == np.float32
        for place, vector in zip(places, vectors, strict=True):
            found[sweep.contents[place]].append(vector)
    assert sum(map(len, found.values())) == sweep.windows
    return {content: np.stack(sorted(vectors, key=tuple)) for content, vectors in found.items()}


@pytest.mark.parametrize(
    ("modality", "paths", "contents"),
    [
        (Modality.AUDIO, None, {"a", *(f"content {number}" for number in range(1_200))}),
        (Modality.IMAGE, None, {"b"}),
        (Modality.TEXT, None, set()),
        (Modality.AUDIO, ["copy of a.wav", "many/7.wav", "b.png", "broken.wav", "unknown.wav"], {"a", "content 7"}),
        (Modality.AUDIO, [], set()),
    ],
)
def test_each_content_is_read_once_and_whole(
    store: IndexStore, modality: Modality, paths: list[str] | None, contents: set[str]
) -> None:
    from_table = read(store.sweep(modality, paths))
    assert from_table.keys() == contents
    store.search(RANDOM.standard_normal(DIM).astype(np.float32), k=1)  # brings the vectors into memory
    sweep = store.sweep(modality, paths)
    for _ in range(2):
        from_memory = read(sweep)
        assert from_memory.keys() == contents
        assert all(np.array_equal(from_memory[content], from_table[content]) for content in contents)
    if "a" in contents:
        windows = np.stack([window.vector for window in store.vectors("a.wav")])
        copies = np.stack([window.vector for window in store.vectors("copy of a.wav")])
        assert any(np.array_equal(from_table["a"], np.stack(sorted(each, key=tuple))) for each in (windows, copies))


def test_a_sweep_sees_one_state(store: IndexStore) -> None:
    sweep = store.sweep(Modality.AUDIO)
    before = read(sweep)
    store.remove(["a.wav", "copy of a.wav"])
    assert read(sweep).keys() == before.keys()
    assert "a" not in read(store.sweep(Modality.AUDIO))
