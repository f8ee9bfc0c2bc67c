"""Libraries as maps: what is alike is close, whatever there is to lay out."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from plain_encoder import PlainEncoder

from audioclip_search import AudioCLIPSearchError, CancelledError, CancelToken, Library, Modality, QueryError
from audioclip_search.mapping import project
from audioclip_search.types import FloatArray


def clusters(count: int, *, each: int, dim: int = 64, seed: int = 0) -> tuple[FloatArray, np.ndarray]:
    """Unit vectors about some directions, in any order, and which of these each is about."""
    rng = np.random.default_rng(seed)
    of = rng.permutation(np.repeat(np.arange(count), each))
    vectors = rng.standard_normal((count, dim))[of] + 0.7 * rng.standard_normal((len(of), dim))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), of


def purity(points: FloatArray, of: np.ndarray, *, near: int = 10) -> float:
    """The share of each point's nearest that are of its own cluster."""
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    return float((of[np.argsort(distances, axis=1)[:, :near]] == of[:, None]).mean())


def silhouette(points: FloatArray, of: np.ndarray) -> float:
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    to = np.stack([distances[:, of == cluster].mean(axis=1) for cluster in np.unique(of)], axis=1)
    own = to[np.arange(len(of)), of]
    to[np.arange(len(of)), of] = np.inf
    other = to.min(axis=1)
    return float(((other - own) / np.maximum(own, other)).mean())


def test_three_kinds_are_three_places() -> None:
    vectors, of = clusters(3, each=60)
    steps: list[tuple[int, int]] = []
    points = project(vectors, on_progress=lambda done, total: steps.append((done, total)))
    assert (points.dtype, points.shape) == (np.float32, (180, 2))
    assert (points.min(), points.max()) == (0, 1)
    assert purity(points, of) > 0.99
    assert silhouette(points, of) > 0.6
    assert steps[-1] == (500, 500)
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    np.testing.assert_array_equal(project(vectors), points)


def test_files_beyond_the_sample_go_to_their_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audioclip_search.mapping._LAID_OUT", 100)
    vectors, of = clusters(4, each=75)
    points = project(vectors, seed=3)
    assert purity(points, of) > 0.99
    assert np.unique(points, axis=0).shape[0] > 200


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 8, 9, 30])
@pytest.mark.parametrize("same", [False, True])
def test_few_or_equal_vectors_have_places_too(count: int, same: bool) -> None:
    vectors, _ = clusters(1, each=count)
    points = project(vectors[:1].repeat(count, axis=0) if same else vectors)
    assert points.shape == (count, 2)
    assert ((points >= 0) & (points <= 1)).all()
    assert len(np.unique(points, axis=0)) == (min(count, 1) if same else count)


def test_a_map_can_be_stopped() -> None:
    vectors, _ = clusters(3, each=50)
    cancel = CancelToken()
    steps: list[int] = []

    def stop(done: int, _total: int) -> None:
        steps.append(done)
        if done >= 30:
            cancel.cancel()

    with pytest.raises(CancelledError):
        project(vectors, on_progress=stop, cancel=cancel)
    assert steps == [10, 20, 30]
    with pytest.raises(CancelledError):
        project(vectors, cancel=cancel)


def test_without_the_package_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openTSNE", None)
    with pytest.raises(AudioCLIPSearchError, match=r"audioclip-search\[gui\]"):
        project(clusters(3, each=5)[0])


def test_a_library_has_vectors_and_a_map(small_library: Path) -> None:
    with Library(small_library, model=PlainEncoder()) as library:
        library.sync()
        found = library.vectors()
        known = {file.path: file.modality for file in library.files()}
        assert dict(zip(found.paths, found.modalities, strict=True)) == known
        assert found.vectors.shape == (len(found.paths), PlainEncoder.dim)
        np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1, atol=1e-5)
        nearest = library.similar("logo.gif", k=1, modality=Modality.IMAGE)[0]
        row, other = found.paths.index(small_library / "logo.gif"), found.paths.index(nearest.path)
        assert found.vectors[row] @ found.vectors[other] == pytest.approx(nearest.cosine, abs=1e-4)
        drums = library.vectors(["drums", small_library / "logo.gif"])
        assert len(drums.paths) == len(drums.modalities) == len(drums.vectors) == 5
        np.testing.assert_array_equal(drums.vectors[drums.paths.index(found.paths[row])], found.vectors[row])
        chart = library.map()
        assert (chart.paths, chart.modalities) == (found.paths, found.modalities)
        np.testing.assert_array_equal(chart.points, project(found.vectors))
        assert len(library.map(["covers"]).points) == 2
        with pytest.raises(QueryError):
            library.vectors(["/elsewhere"])
