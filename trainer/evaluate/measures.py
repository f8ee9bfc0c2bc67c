"""Measures of a model, as pure functions of arrays (section 3.4). Ties keep the order of the items."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, confusion_matrix

from audioclip_search.types import FloatArray

_BLOCK_ELEMENTS = 8_000_000  # of a block of similarities; sorting takes about thirty bytes for each


@dataclass(frozen=True, slots=True, eq=False)
class Classification:
    """How well classes are told apart; shares in [0, 1], NaN for a class without examples.

    Attributes:
        accuracy: Share of examples whose highest score is their class's; None for multi-label data.
        mean_average_precision: Mean of `class_average_precision` over the classes that have examples.
        class_accuracy: float64 `(classes,)`: the same within each class (its recall); None for multi-label data.
        class_average_precision: float64 `(classes,)`: of the ranking of all examples by the class's score.
        confusion: int64 `(classes, classes)`, rows true, columns predicted; None for multi-label data.
    """

    accuracy: float | None
    mean_average_precision: float
    class_accuracy: NDArray[np.float64] | None
    class_average_precision: NDArray[np.float64]
    confusion: NDArray[np.int64] | None


def classification(scores: NDArray[np.floating], targets: NDArray[np.floating]) -> Classification:
    """Measure scores against the truth.

    Args:
        scores: `(n, classes)`, finite, higher is likelier; any scale that is the same down a column.
        targets: `(n, classes)` of 0 and 1. Where every row has exactly one 1 the data is single-label.

    Raises:
        ValueError: There are no examples, or the shapes differ.
    """
    if scores.shape != targets.shape or not scores.size:
        raise ValueError(f"scores of shape {scores.shape} for targets of shape {targets.shape}")
    classes = targets.shape[1]
    precision = np.full(classes, np.nan)
    for column in np.flatnonzero(targets.any(axis=0)):
        precision[column] = average_precision_score(targets[:, column], scores[:, column])
    mean_precision = _mean(precision[~np.isnan(precision)])
    if not (targets.sum(axis=1) == 1).all():
        return Classification(None, mean_precision, None, precision, None)
    true, predicted = targets.argmax(axis=1), scores.argmax(axis=1)
    confusion: NDArray[np.int64] = confusion_matrix(true, predicted, labels=np.arange(classes))
    counts = confusion.sum(axis=1)  # (classes,)
    recall = np.divide(confusion.diagonal(), counts, out=np.full(classes, np.nan), where=counts > 0)
    return Classification(float(np.mean(true == predicted)), mean_precision, recall, precision, confusion)


class Relevance(Protocol):
    """Which items are relevant to which queries, asked for a block of queries at a time. An array is one."""

    def __getitem__(self, rows: slice, /) -> NDArray[np.bool_]:
        """`(rows, items)`."""


@dataclass(frozen=True, slots=True, eq=False)
class SharedLabels:
    """Relevant is what shares a label: multi-hot `(queries, labels)` and `(items, labels)`."""

    queries: NDArray[np.float32]
    items: NDArray[np.float32]

    def __getitem__(self, rows: slice, /) -> NDArray[np.bool_]:
        shared: NDArray[np.bool_] = self.queries[rows] @ self.items.T > 0
        return shared


@dataclass(frozen=True, slots=True, eq=False)
class SameKey:
    """Relevant is what has the query's key: `(queries,)` and `(items,)`."""

    queries: NDArray[np.intp]
    items: NDArray[np.intp]

    def __getitem__(self, rows: slice, /) -> NDArray[np.bool_]:
        same: NDArray[np.bool_] = self.queries[rows, None] == self.items[None]
        return same


@dataclass(frozen=True, slots=True)
class Retrieval:
    """How well queries find items (section 4.2); means over the queries, shares in [0, 1], NaN without queries.

    Attributes:
        queries: How many were asked.
        unanswerable: How many more had no relevant item and are left out.
        items: How many were searched.
        recall_1: Share of a query's relevant items that are among its first; 5 and 10 likewise.
        recall_5: See `recall_1`.
        recall_10: See `recall_1`.
        precision_1: Share of queries whose first item is relevant.
        mean_average_precision: Mean, over a query's relevant items, of the precision down to each.
    """

    queries: int
    unanswerable: int
    items: int
    recall_1: float
    recall_5: float
    recall_10: float
    precision_1: float
    mean_average_precision: float


def retrieval(queries: FloatArray, items: FloatArray, relevant: Relevance) -> Retrieval:
    """Rank all items for each query by cosine and measure the rankings, in blocks of bounded memory.

    Args:
        queries: float32 `(queries, dim)`, unit norm.
        items: float32 `(items, dim)`, unit norm, at least one.
        relevant: bool `(queries, items)`, as an array or made on demand.
    """
    height = max(1, _BLOCK_ELEMENTS // len(items))
    blocks = [
        _rankings(queries[start : start + height] @ items.T, relevant[start : start + height])
        for start in range(0, len(queries), height)
    ]
    measured = np.concatenate([*blocks, np.empty((0, 5))])  # (queries with a relevant item, 5)
    means = [_mean(column) for column in measured.T]
    return Retrieval(len(measured), len(queries) - len(measured), len(items), *means)


def _rankings(similarity: FloatArray, relevant: NDArray[np.bool_]) -> NDArray[np.float64]:
    """`(rows, items)` each -> `(rows with a relevant item, 5)`: the measures of `Retrieval`, in its order."""
    order = np.argsort(-similarity, axis=1, kind="stable")
    hits = np.take_along_axis(relevant, order, axis=1)
    hits = hits[hits.any(axis=1)]
    counts = hits.sum(axis=1)  # (rows,)
    found = hits.cumsum(axis=1)  # (rows, items)
    precision = found / np.arange(1, hits.shape[1] + 1)
    recalls = [found[:, min(k, hits.shape[1]) - 1] / counts for k in (1, 5, 10)]
    return np.stack([*recalls, hits[:, 0], np.mean(precision, axis=1, where=hits)], axis=1)


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if len(values) else float("nan")


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
