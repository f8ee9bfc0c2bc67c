"""Measures of a model: zero-shot accuracy and retrieval precision, from unit-norm embeddings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from audioclip_search.types import FloatArray


def zero_shot_accuracy(examples: FloatArray, classes: FloatArray, labels: NDArray[np.intp]) -> float:
    """Share of examples whose nearest class is their own (section 4.1).

    Args:
        examples: float32 `(n, dim)`, unit norm.
        classes: float32 `(classes, dim)`, unit norm: the embedded class names.
        labels: `(n,)` index of each example's class.

    Returns:
        A share in [0, 1].
    """
    return float(np.mean(np.argmax(examples @ classes.T, axis=1) == labels))


def precision_at_k(queries: FloatArray, library: FloatArray, relevant: NDArray[np.bool_], k: int) -> float:
    """Share of each query's `k` nearest items that are relevant, averaged over the queries.

    Args:
        queries: float32 `(queries, dim)`, unit norm.
        library: float32 `(items, dim)`, unit norm.
        relevant: `(queries, items)`.
        k: How many items are looked at, at most `items`.

    Returns:
        A share in [0, 1].
    """
    nearest = np.argsort(-(queries @ library.T), axis=1, kind="stable")[:, :k]
    return float(np.mean(np.take_along_axis(relevant, nearest, axis=1)))


def same_label(queries: Sequence[str], library: Sequence[str]) -> NDArray[np.bool_]:
    """`(queries, items)`: whether they share their label."""
    same: NDArray[np.bool_] = np.asarray(queries)[:, None] == np.asarray(library)[None, :]
    return same
