"""The measures, against cases done by hand and against brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest

from trainer.evaluate import measures
from trainer.evaluate.measures import SameKey, SharedLabels, classification, retrieval


def test_single_label_classification_by_hand() -> None:
    scores = np.array([[0.9, 0.1, 0.0], [0.6, 0.4, 0.0], [0.2, 0.7, 0.1], [0.1, 0.8, 0.1]])
    targets = np.eye(3)[[0, 1, 1, 0]]
    found = classification(scores, targets)
    assert found.accuracy == 0.5
    assert found.confusion is not None
    assert found.confusion.tolist() == [[1, 1, 0], [1, 1, 0], [0, 0, 0]]
    assert found.class_accuracy is not None
    np.testing.assert_array_equal(found.class_accuracy, [0.5, 0.5, np.nan])
    # Class 0 ranks its examples 1st and 4th, class 1 its own 2nd and 3rd; class 2 has none.
    np.testing.assert_allclose(found.class_average_precision, [(1 + 2 / 4) / 2, (1 / 2 + 2 / 3) / 2, np.nan])
    assert found.mean_average_precision == pytest.approx((0.75 + 7 / 12) / 2)


def test_multi_label_data_has_average_precision_only() -> None:
    scores = np.array([[0.9, 0.8], [0.1, 0.7], [0.5, 0.9]])
    found = classification(scores, np.array([[1, 1], [0, 1], [1, 0]]))
    assert (found.accuracy, found.confusion, found.class_accuracy) == (None, None, None)
    np.testing.assert_allclose(found.class_average_precision, [1.0, (1 / 2 + 2 / 3) / 2])


def test_classification_refuses_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match=r"\(2, 3\) for targets of shape \(2, 2\)"):
        classification(np.zeros((2, 3)), np.zeros((2, 2)))
    with pytest.raises(ValueError, match="shape"):
        classification(np.zeros((0, 3)), np.zeros((0, 3)))


def test_retrieval_by_hand() -> None:
    items = np.array([[1, 0], [0.8, 0.6], [0.6, 0.8], [0, 1]], np.float32)
    queries = np.array([[1, 0], [0, 1], [1, 0]], np.float32)
    relevant = np.array([[True, False, True, False], [True, False, False, False], [False] * 4])
    found = retrieval(queries, items, relevant)
    assert (found.queries, found.unanswerable, found.items) == (2, 1, 4)
    # The first query finds its two items 1st and 3rd, the second its one 4th, the third has none.
    assert found.recall_1 == pytest.approx((1 / 2 + 0) / 2)
    assert (found.recall_5, found.recall_10) == (1.0, 1.0)  # as many as there are items
    assert found.precision_1 == 0.5
    assert found.mean_average_precision == pytest.approx(((1 + 2 / 3) / 2 + 1 / 4) / 2)


def test_retrieval_agrees_with_brute_force_in_blocks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    queries = _unit(rng.standard_normal((37, 6)))
    items = _unit(rng.standard_normal((53, 6)))
    labels = (rng.random((37, 8)) < 0.12).astype(np.float32), (rng.random((53, 8)) < 0.12).astype(np.float32)
    expected = _brute_force(queries, items, labels[0] @ labels[1].T > 0)
    for elements in (8_000_000, 53 * 5, 1):
        monkeypatch.setattr(measures, "_BLOCK_ELEMENTS", elements)
        found = retrieval(queries, items, SharedLabels(*labels))
        assert found.queries == len(expected)
        assert found.queries + found.unanswerable == 37
        values = (found.recall_1, found.recall_5, found.recall_10, found.precision_1, found.mean_average_precision)
        np.testing.assert_allclose(values, np.mean(expected, axis=0))


def test_free_texts_are_relevant_to_their_own_rows() -> None:
    items = np.eye(4, dtype=np.float32)
    own = SameKey(np.array([2, 0]), np.array([0, 1, 2, 0]))
    assert own[0:2].tolist() == [[False, False, True, False], [True, False, False, True]]
    found = retrieval(items[[2, 0]], items, own)
    assert (found.precision_1, found.recall_1) == (1.0, 0.75)


def test_no_answerable_query_gives_no_number() -> None:
    items = np.eye(2, dtype=np.float32)
    found = retrieval(items, items, np.zeros((2, 2), bool))
    assert (found.queries, found.unanswerable) == (0, 2)
    assert math.isnan(found.mean_average_precision)


def _unit(vectors: np.ndarray) -> np.ndarray:
    unit: np.ndarray = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit


def _brute_force(queries: np.ndarray, items: np.ndarray, relevant: np.ndarray) -> list[tuple[float, ...]]:
    """The five measures of each query that has a relevant item."""
    rows = []
    for query, wanted in zip(queries, relevant, strict=True):
        if not wanted.any():
            continue
        ranking = sorted(range(len(items)), key=lambda item: -float(query @ items[item]))
        ranks = [rank for rank, item in enumerate(ranking, start=1) if wanted[item]]
        recalls = [sum(rank <= k for rank in ranks) / len(ranks) for k in (1, 5, 10)]
        precision = sum(found / rank for found, rank in enumerate(ranks, start=1)) / len(ranks)
        rows.append((*recalls, float(ranks[0] == 1), precision))
    return rows
