"""The linear probe: logistic regression on standardised, frozen embeddings; one a class where data is multi-label."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, GroupShuffleSplit
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from audioclip_search.types import FloatArray
from trainer.errors import DataError
from trainer.evaluate.measures import classification

STRENGTHS = (0.0001, 0.001, 0.01, 0.1, 1.0)
"""Inverse regularisations that are tried, the strongest first."""

_FOLDS = 5
_HELD_OUT = 0.2


def random_folds(groups: NDArray[np.intp], *, seed: int) -> NDArray[np.int64]:
    """Folds for data that has none: up to five of about one size, rows of one group in the same; `(n,)` -> `(n,)`.

    Raises:
        DataError: There is only one group.
    """
    count = min(_FOLDS, len(np.unique(groups)))
    if count < 2:
        raise DataError("a probe needs examples of two sources", remedy="Leave the probe out")
    folds = np.empty(len(groups), np.int64)
    splitter = GroupKFold(count, shuffle=True, random_state=seed)
    for number, (_, tested) in enumerate(splitter.split(groups, groups=groups), start=1):
        folds[tested] = number
    return folds


def cross_validate(
    vectors: FloatArray,
    targets: NDArray[np.float32],
    *,
    groups: NDArray[np.intp],
    folds: NDArray[np.int64],
    tested: Sequence[int],
    seed: int,
    on_progress: Callable[[int, int], None],
) -> tuple[NDArray[np.float64], dict[int, float]]:
    """Score each tested fold by a probe that was fitted to all others.

    Args:
        vectors: float32 `(n, dim)`.
        targets: `(n, classes)` of 0 and 1.
        groups: `(n,)`: rows of one number stay together when regularisation is chosen.
        folds: `(n,)`.
        tested: The folds to score.
        seed: Of the choice of groups.
        on_progress: Told how many folds are done, and of how many.

    Returns:
        Probabilities float64 `(n, classes)`, NaN in rows of other folds; and the inverse regularisation by fold.

    Raises:
        DataError: The other folds hold only one class or one group.
    """
    scores = np.full(targets.shape, np.nan)
    strengths = {}
    for number, fold in enumerate(tested):
        on_progress(number, len(tested))
        train, test = folds != fold, folds == fold
        scores[test], strengths[fold] = _probe(vectors[train], targets[train], groups[train], vectors[test], seed=seed)
    on_progress(len(tested), len(tested))
    return scores, strengths


def _probe(
    vectors: FloatArray, targets: NDArray[np.float32], groups: NDArray[np.intp], unseen: FloatArray, *, seed: int
) -> tuple[NDArray[np.float64], float]:
    """Probabilities of the unseen and the inverse regularisation: the best on a fifth of the groups, which then all
    serve."""
    if len(_known(targets)) < 2 or len(np.unique(groups)) < 2:
        raise DataError("a probe needs training examples of two classes and two sources", remedy="Leave the probe out")
    part, rest = next(GroupShuffleSplit(1, test_size=_HELD_OUT, random_state=seed).split(vectors, groups=groups))
    strength = STRENGTHS[0]
    if len(_known(targets[part])) >= 2:
        tried = [_scores(vectors[part], targets[part], vectors[rest], strength) for strength in STRENGTHS]
        strength = STRENGTHS[int(np.argmax([_merit(scores, targets[rest]) for scores in tried]))]
    return _scores(vectors, targets, unseen, strength), strength


def _known(targets: NDArray[np.float32]) -> NDArray[np.intp]:
    """The classes that some rows have and some have not."""
    return np.flatnonzero(targets.any(axis=0) & ~targets.all(axis=0))


def _merit(scores: NDArray[np.float64], targets: NDArray[np.float32]) -> float:
    measured = classification(scores, targets)
    return measured.mean_average_precision if measured.accuracy is None else measured.accuracy


def _scores(
    vectors: FloatArray, targets: NDArray[np.float32], unseen: FloatArray, strength: float
) -> NDArray[np.float64]:
    """Probabilities, `(len(unseen), classes)`; 0 for a class that can't be learned from these rows."""
    known = _known(targets)
    regression: Any = LogisticRegression(C=strength, max_iter=2000)
    truth: NDArray[Any] = targets.argmax(axis=1)
    if not (targets.sum(axis=1) == 1).all():
        regression, truth = OneVsRestClassifier(regression), targets[:, known]
    scores = np.zeros((len(unseen), targets.shape[1]))
    scores[:, known] = make_pipeline(StandardScaler(), regression).fit(vectors, truth).predict_proba(unseen)
    return scores
