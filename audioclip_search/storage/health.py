"""Whether an index is whole: every file has its vectors, and every vector a file."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from audioclip_search.storage.lance import scan
from audioclip_search.storage.schema import vectors_of
from audioclip_search.storage.snapshot import Snapshot

# Of vectors stored in float16, made unit norm again when they are read: what is further off was damaged.
_NORM_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class Health:
    """What is wrong inside an index.

    Attributes:
        damaged: Files that lack vectors or have bad ones, and paths that are there twice.
        strays: How many vectors belong to no file: interrupted writes leave such, and the next write removes them.
    """

    damaged: tuple[str, ...]
    strays: int


def examine(snapshot: Snapshot) -> Health:
    """Read all vectors, a few thousand at a time."""
    expected = snapshot.files["windows"].to_numpy()  # (files,)
    found = np.zeros(len(expected) + 1, np.int64)  # the last one for row -1: no file
    bad: set[int] = set()
    for batch in scan(snapshot.windows, ["file_id", "vector"]):
        rows = snapshot.rows_of(batch["file_id"].to_numpy())
        np.add.at(found, rows, 1)
        norms = np.linalg.norm(vectors_of(batch), axis=1)
        wrong = ~(np.abs(norms - 1) < _NORM_TOLERANCE)  # so that NaN counts as wrong
        bad.update(rows[wrong & (rows >= 0)].tolist())
    bad.update(np.flatnonzero(found[:-1] != expected).tolist())
    twice = {path for row, path in enumerate(snapshot.paths) if snapshot.rows[path] != row}
    return Health(tuple(sorted({snapshot.paths[row] for row in bad} | twice)), int(found[-1]))
