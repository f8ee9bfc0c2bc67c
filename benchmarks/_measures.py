"""How good a ranking is, when how much each answer is worth is known."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

RELEVANT = 2  # the least grade that counts as found
NDCG_AT = 10
RECALL_AT = 20


@dataclass(frozen=True, slots=True)
class Measures:
    """Of one query, or the means of several; each from 0 to 1.

    Attributes:
        ndcg: nDCG@10 with gains `2^grade - 1`, against the best order of all files.
        recall: Of the relevant files, of 20 at most, the share among the first 20.
        mrr: 1 / the rank of the first file of the best grade, 0 beyond the first 20.
        first: Whether that is the first one.
    """

    ndcg: float
    recall: float
    mrr: float
    first: float


def measured(ranking: Sequence[str], grades: Mapping[str, int]) -> Measures:
    """Judge a ranking.

    Args:
        ranking: Files, best first; only the first 20 count.
        grades: File -> what it is worth to the query, 0 to 3; a file that is missing is worth 0. One is at least 2.
    """
    worth = [grades.get(file, 0) for file in ranking[:RECALL_AT]]
    ideal = sorted(grades.values(), reverse=True)
    relevant = sum(grade >= RELEVANT for grade in ideal)
    found = sum(grade >= RELEVANT for grade in worth)
    rank = worth.index(ideal[0]) + 1 if ideal[0] in worth else math.inf
    return Measures(
        ndcg=_gain(worth) / _gain(ideal),
        recall=found / min(relevant, RECALL_AT),
        mrr=1 / rank,
        first=float(rank == 1),
    )


def mean(measures: Sequence[Measures]) -> Measures:
    """Of each measure, over queries."""
    table = np.array([(one.ndcg, one.recall, one.mrr, one.first) for one in measures])  # (queries, 4)
    return Measures(*table.mean(axis=0).tolist())


def _gain(worth: Sequence[int]) -> float:
    return math.fsum((2.0**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(worth[:NDCG_AT], 1))
