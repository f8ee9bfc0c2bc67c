"""What a query looks for, as values."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from audioclip_search.errors import QueryError

if TYPE_CHECKING:
    from PIL import Image

HEAVIEST = 1_000.0
"""The most that a term can weigh."""


@dataclass(frozen=True, slots=True)
class Text:
    """What words describe; `words` are not empty, and without blanks around them."""

    words: str


@dataclass(frozen=True, slots=True)
class Picture:
    """What belongs to a picture: its file, the file's bytes, or the picture itself."""

    source: Path | bytes | Image.Image


@dataclass(frozen=True, slots=True)
class Sound:
    """What belongs to a sound: its file, the file's bytes, or an array and its rate in Hz."""

    source: Path | bytes | tuple[NDArray[Any], int]


@dataclass(frozen=True, slots=True)
class Example:
    """What is like a file of the library; its path is absolute or relative to the library's root."""

    path: Path


Content: TypeAlias = Text | Picture | Sound | Example


@dataclass(frozen=True, slots=True)
class Term:
    """A part of a query.

    Attributes:
        content: What the answers should be like.
        weight: How much that counts beside the other terms; below 0, the answers should be less like it.

    Raises:
        QueryError: The weight is 0, no number, or beyond what a number can say.
    """

    content: Content
    weight: float = 1.0

    def __post_init__(self) -> None:
        weight = self.weight
        if not isinstance(weight, int | float | np.number) or not math.isfinite(weight):
            raise QueryError(f"a weight can't be {weight!r}", remedy="Give a number")
        if not 1 / HEAVIEST <= abs(weight) <= HEAVIEST:
            raise QueryError(
                f"a term can't have the weight {weight:g}",
                remedy=f"Give {1 / HEAVIEST:g} to {HEAVIEST:g}, or the same below 0 for less like that",
            )


def user_path(text: str, what: str = "file") -> Path:
    """A path that a person gave, `~` taken for the home folder.

    Raises:
        QueryError: It is empty, has a null character in it, or names a home folder that is not there.
    """
    if not text or "\0" in text:
        raise QueryError(f"{text!r} is no path of a {what}")
    try:
        return Path(text).expanduser() if text.startswith("~") else Path(text)  # "./~" is a file called so
    except RuntimeError as error:
        raise QueryError(f"nobody has the home folder that {text!r} starts with") from error
