"""A library as a map: files that are alike lie close together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from audioclip_search.errors import AudioCLIPSearchError, CancelledError
from audioclip_search.types import CancelToken, FloatArray, Modality

OnMapProgress = Callable[[int, int], None]
"""Told how many steps are done, of how many."""

_LAID_OUT = 4_000  # more are placed by those
_STEPS = (150, 350)  # of the layout, while clusters form and after
_EVERY = 10  # steps between two looks at the cancel token
_FEWEST = 8  # of less there is nothing to lay out
_PERPLEXITY = 30
_DIRECTIONS = 50  # that the vectors are brought down to
_NEIGHBOURS = 7  # by which a file is placed
_ASTRAY = 0.02  # of the map's width
_ROWS = 2_048


@dataclass(frozen=True, slots=True, eq=False)
class FileVectors:
    """Where files are in the model's space: `vectors` is float32 `(n, dim)`, unit norm, the mean direction of all that
    each file has; `paths` are absolute."""

    paths: tuple[Path, ...]
    modalities: tuple[Modality, ...]
    vectors: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class LibraryMap:
    """Where files are on a map: `points` is float32 `(n, 2)` in [0, 1]; `paths` are absolute."""

    paths: tuple[Path, ...]
    modalities: tuple[Modality, ...]
    points: FloatArray


def project(
    vectors: FloatArray, *, seed: int = 0, on_progress: OnMapProgress | None = None, cancel: CancelToken | None = None
) -> FloatArray:
    """Lay vectors out in the plane so that those that are alike are close: t-SNE, begun with their two main directions
    (Kobak and Berens, 2019). Of more than 4,000, a sample is laid out, and each of the others is put where those of it
    are that are most like it. Vectors of one seed always give the same points.

    Args:
        vectors: float32 `(n, dim)`.
        seed: Of the sample.
        on_progress: Called from this thread.
        cancel: Stops it soon.

    Returns:
        float32 `(n, 2)` in [0, 1], as wide as high or less.

    Raises:
        AudioCLIPSearchError: openTSNE is not installed, which the extra `gui` brings.
        CancelledError: `cancel` was called.
    """
    count = len(vectors)
    sample = np.sort(np.random.default_rng(seed).permutation(count)[:_LAID_OUT])
    middle, directions = _main_directions(vectors[sample])
    main = _along(directions, vectors[sample] - middle)  # (sample, directions)
    laid_out: FloatArray = np.pad(main[:, :2], ((0, 0), (0, 2 - min(2, main.shape[1]))))
    # What floats leave of the differences of equal vectors is no direction.
    if len(sample) >= _FEWEST and laid_out.std(axis=0)[0] > 1e-5:
        laid_out = _laid_out(main, laid_out, seed, on_progress, cancel)
    points = np.empty((count, 2), np.float32)
    points[sample] = _in_unit_square(laid_out)
    others = np.setdiff1d(np.arange(count), sample, assume_unique=True)
    for start in range(0, len(others), _ROWS):
        _check(cancel)
        rows = others[start : start + _ROWS]
        points[rows] = _placed(_along(directions, vectors[rows] - middle), main, points[sample])
    return points


def _main_directions(vectors: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The mean, float32 `(dim,)`, and the directions in which most differ, float32 `(dim, directions)`, each with its
    sign settled."""
    middle = vectors.mean(axis=0) if len(vectors) else np.zeros(vectors.shape[1], np.float32)
    spread = (vectors - middle).astype(np.float64)
    _, directions = np.linalg.eigh(spread.T @ spread)
    main = directions[:, ::-1][:, :_DIRECTIONS]
    main *= np.sign(main[np.abs(main).argmax(axis=0), np.arange(main.shape[1])])
    return middle, main.astype(np.float32)


def _along(directions: FloatArray, vectors: FloatArray) -> FloatArray:
    return vectors @ directions


def _laid_out(
    main: FloatArray, start: FloatArray, seed: int, on_progress: OnMapProgress | None, cancel: CancelToken | None
) -> FloatArray:
    done = 0

    def look(_iteration: int, _error: float, _points: object) -> bool:
        nonlocal done
        done += _EVERY
        if on_progress is not None:
            on_progress(min(done, sum(_STEPS)), sum(_STEPS))
        return cancel is not None and cancel.cancelled

    _check(cancel)
    layout = _tsne()(
        perplexity=min(_PERPLEXITY, (len(main) - 1) / 3),
        early_exaggeration_iter=_STEPS[0],
        n_iter=_STEPS[1],
        initialization=1e-4 * start / start.std(axis=0)[0],
        neighbors="exact",
        negative_gradient_method="bh",
        callbacks=[look],
        callbacks_every_iters=_EVERY,
        random_state=seed,
    )
    points: FloatArray = np.asarray(layout.fit(main), np.float32)
    _check(cancel)
    return points


def _tsne() -> Any:
    try:
        from openTSNE import TSNE
    except ImportError as error:
        raise AudioCLIPSearchError(
            "a map needs the package openTSNE", remedy="Run `pip install 'audioclip-search[gui]'`"
        ) from error
    return TSNE


def _in_unit_square(points: FloatArray) -> FloatArray:
    """Moved and scaled, the same in both directions, so that they fill the square and are in its middle."""
    if not len(points):
        return points
    low, high = points.min(axis=0), points.max(axis=0)
    scale = float((high - low).max())
    if scale <= 1e-5:
        return np.full_like(points, 0.5)
    fitted: FloatArray = np.clip((points - (low + high) / 2) / scale + 0.5, 0, 1)
    return fitted


def _placed(main: FloatArray, known: FloatArray, points: FloatArray) -> FloatArray:
    """Where those are to be of which these are the main directions: amid the points of their nearest `known`, the
    closer to the nearer. Those far from the median of these hardly count: between two places there may be nothing like
    them."""
    squares = (main**2).sum(axis=1)[:, None] + (known**2).sum(axis=1) - 2 * main @ known.T  # (rows, known), distances
    nearest = np.argpartition(squares, _NEIGHBOURS, axis=1)[:, :_NEIGHBOURS]
    around = points[nearest]  # (rows, neighbours, 2)
    astray = ((around - np.median(around, axis=1, keepdims=True)) ** 2).sum(axis=2)
    weights = 1 / np.maximum(np.take_along_axis(squares, nearest, axis=1), 1e-6) / (1 + astray / _ASTRAY**2) ** 2
    placed: FloatArray = (weights[:, :, None] * around).sum(axis=1) / weights.sum(axis=1)[:, None]
    return placed


def _check(cancel: CancelToken | None) -> None:
    if cancel is not None and cancel.cancelled:
        raise CancelledError("stopped")
