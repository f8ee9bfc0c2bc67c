"""Frozen records of the map of the library."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Colouring(StrEnum):
    """What the colours of a map mean."""

    KIND = "kind"
    TAG = "tag"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Legend:
    """What the codes of a colouring mean: the names in order of their codes, the most frequent first, and how many
    files each has. Code 255 is for all others."""

    colouring: Colouring
    names: tuple[str, ...]
    counts: tuple[int, ...]
    others: int


@dataclass(frozen=True, slots=True)
class MapProgress:
    """Laying out: steps `done` of `total`."""

    done: int
    total: int


@dataclass(frozen=True, slots=True, eq=False)
class MapPart:
    """Some files of a map.

    Attributes:
        paths: Absolute.
        points: float32 `(n, 2)` in [0, 1].
        codes: uint8 `(n,)` for each colouring, as the legends tell.
    """

    paths: tuple[str, ...] = ()
    points: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 2), np.float32))
    codes: dict[Colouring, NDArray[np.uint8]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MapState:
    """A map that was told in parts.

    Attributes:
        files: How many are on it.
        missing: How many files of the library are not on it yet.
        made: Whether there is one at all.
    """

    files: int
    missing: int
    made: bool
