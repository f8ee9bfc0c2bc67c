"""Queries as pure values: what is looked for, among what, and how many answers."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from audioclip_search.errors import QueryError
from audioclip_search.types import Modality

ImageSource: TypeAlias = str | os.PathLike[str] | bytes | Image.Image
"""A picture: its file, the file's bytes, or the picture itself."""

AudioSource: TypeAlias = str | os.PathLike[str] | bytes | tuple[NDArray[Any], int]
"""A sound: its file, the file's bytes, or an array, floats in [-1, 1] or integers, `(channels, n)` or `(n,)`, with its
rate in Hz."""

_KINDS = ", ".join(repr(modality.value) for modality in Modality)


@dataclass(frozen=True, slots=True)
class Text:
    """Looks for what words describe; `words` are not empty."""

    words: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Looks for what belongs to a picture."""

    source: Path | bytes | Image.Image


@dataclass(frozen=True, slots=True)
class Sound:
    """Looks for what belongs to a sound."""

    source: Path | bytes | tuple[NDArray[Any], int]


Term: TypeAlias = Text | Picture | Sound


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for.

    Attributes:
        term: What the answers should be like.
        k: The most answers, at least 1.
        modality: Only files of this kind; None for all.
    """

    term: Term
    k: int = 20
    modality: Modality | None = None

    @classmethod
    def of(
        cls,
        *,
        text: str | None = None,
        image: ImageSource | None = None,
        audio: AudioSource | None = None,
        k: int = 20,
        modality: Modality | str | None = None,
    ) -> Self:
        """A query by exactly one of `text`, `image` and `audio`. Nothing is opened yet.

        Raises:
            QueryError: None or several of them are given, the text is empty, a value is of a wrong kind, `k` is below
                1, or there is no such modality.
        """
        terms: list[Term] = []
        if text is not None:
            terms.append(_text(text))
        if image is not None:
            terms.append(Picture(_picture_source(image)))
        if audio is not None:
            terms.append(Sound(_sound_source(audio)))
        if len(terms) != 1:
            found = "nothing" if not terms else "several things at once"
            raise QueryError(f"the query asks for {found}", remedy="Give one of text, image and audio")
        if k < 1:
            raise QueryError(f"can't give the best {k} files", remedy="Ask for at least one")
        return cls(terms[0], k, as_modality(modality))


def as_modality(name: Modality | str | None) -> Modality | None:
    """A modality by its name; None stays None.

    Raises:
        QueryError: There is none of that name.
    """
    try:
        return None if name is None else Modality(name)
    except ValueError as error:
        raise QueryError(f"there are no files of the kind {name!r}", remedy=f"The kinds are {_KINDS}") from error


def _text(words: str) -> Text:
    if not isinstance(words, str):
        raise QueryError(f"a {type(words).__name__} is not a text")
    if not words.strip():
        raise QueryError("the text is empty", remedy="Describe the sound or picture in a few words")
    return Text(words.strip())


def _picture_source(image: ImageSource) -> Path | bytes | Image.Image:
    if isinstance(image, bytes | Image.Image):
        return image
    if isinstance(image, str | os.PathLike):
        return Path(image).expanduser()
    raise QueryError(f"a {type(image).__name__} is not a picture", remedy="Give a path, bytes or a PIL image")


def _sound_source(audio: AudioSource) -> Path | bytes | tuple[NDArray[Any], int]:
    if isinstance(audio, bytes):
        return audio
    if isinstance(audio, str | os.PathLike):
        return Path(audio).expanduser()
    if isinstance(audio, tuple) and len(audio) == 2:
        samples, rate_hz = audio
        if isinstance(samples, np.ndarray) and isinstance(rate_hz, int | np.integer):
            return samples, int(rate_hz)
    raise QueryError(
        f"a {type(audio).__name__} is not a sound",
        remedy="Give a path, bytes or a tuple of an array and its rate in Hz",
    )
