"""Splitting a data set into what is learned from and what is tested on."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from trainer.datasets.examples import Dataset, Examples
from trainer.errors import DataError


def split_folds(dataset: Dataset, *, test_fold: int, train_folds: tuple[int, ...] = ()) -> tuple[Examples, Examples]:
    """Split by official folds, which no clips of one source straddle.

    Args:
        dataset: One with folds.
        test_fold: The fold to test on.
        train_folds: The folds to train on; empty: all the others.

    Returns:
        Training and test examples, in their order.

    Raises:
        DataError: The data set has no folds, a fold is not among them, or one is on both sides.
    """
    if not dataset.folds:
        raise DataError(f"{dataset.name} has no folds", remedy="Split it at random, by source, instead")
    present = ", ".join(map(str, dataset.folds))
    for fold in (test_fold, *train_folds):
        if fold not in dataset.folds:
            raise DataError(
                f"fold {fold} of {dataset.name} is empty",
                remedy=f"The folds present are {present}"
                if len(dataset.folds) > 1
                else f"Only fold {present} is there",
            )
    train_folds = train_folds or tuple(fold for fold in dataset.folds if fold != test_fold)
    if test_fold in train_folds:
        raise DataError(
            f"fold {test_fold} of {dataset.name} is both trained and tested on", remedy="Take it out of train_folds"
        )
    if not train_folds:
        raise DataError(f"{dataset.name} has fold {test_fold} only, none to train on", remedy="Add the other folds")
    folds = dataset.examples.folds
    train, test = np.isin(folds, train_folds), folds == test_fold
    return dataset.examples.take(np.flatnonzero(train)), dataset.examples.take(np.flatnonzero(test))


def random_split(dataset: Dataset, *, share: float, seed: int) -> tuple[Examples, Examples]:
    """Split at random, every group as a whole and about the same share of every class.

    Args:
        dataset: One without an official split.
        share: How much to test on, in (0, 1), of each class as near as its groups allow. A class of one group is
            trained on only.
        seed: Of the choice.

    Returns:
        Training and test examples, in their order.

    Raises:
        DataError: The data set has an official split, or no class has two groups.
        ValueError: `share` is out of range.
    """
    if not 0.0 < share < 1.0:
        raise ValueError(f"a share of {share} leaves nothing on one side")
    if dataset.folds:
        raise DataError(
            f"a random split of {dataset.name} is refused: clips of one source recording would be on both sides, and"
            " the result too good",
            remedy=f"Use its official folds: {', '.join(map(str, dataset.folds))}",
        )
    if dataset.evaluation is not None:
        raise DataError(f"{dataset.name} has an official evaluation split", remedy="Use that one")
    test = _held_out(dataset.examples, share, np.random.default_rng(seed))
    if not test.any():
        raise DataError(
            f"nothing of {dataset.name} can be held out: every class has one source only",
            remedy="Add sounds of other sources; files that differ in a take's number or letter count as one",
        )
    return dataset.examples.take(np.flatnonzero(~test)), dataset.examples.take(np.flatnonzero(test))


def _held_out(examples: Examples, share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Which rows to test on: bool `(n,)`."""
    groups: dict[str, list[int]] = defaultdict(list)
    for row, group in enumerate(examples.groups):
        groups[group].append(row)
    # A group is of the class of its first row.
    classes: dict[str, list[list[int]]] = defaultdict(list)
    labels = examples.labels
    for rows in groups.values():
        classes[labels[rows[0]][0] if labels[rows[0]] else ""].append(rows)
    test = np.zeros(len(examples), np.bool_)
    for _, sources in sorted(classes.items()):
        wanted = share * sum(map(len, sources))
        taken = 0
        for number in rng.permutation(len(sources))[:-1]:
            # A group more if that comes nearer to the share; at least one.
            if taken and abs(taken + len(sources[number]) - wanted) > abs(taken - wanted):
                break
            test[sources[number]] = True
            taken += len(sources[number])
    return test
