"""Queries as pure values: what is looked for, among what, and how many answers."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from audioclip_search.errors import QueryError
from audioclip_search.filters import Field, Filter, OneOf
from audioclip_search.language import format_query, parse, parse_filters
from audioclip_search.terms import Content, Example, Picture, Sound, Term, Text, user_path
from audioclip_search.types import Modality

if TYPE_CHECKING:
    from PIL import Image

__all__ = [
    "AudioSource",
    "Content",
    "Example",
    "ImageSource",
    "Picture",
    "Query",
    "Ranking",
    "Sound",
    "Term",
    "Text",
    "Weights",
    "as_modality",
]

ImageSource: TypeAlias = "str | os.PathLike[str] | bytes | Image.Image"
"""A picture: its file, the file's bytes, or the picture itself."""

AudioSource: TypeAlias = str | os.PathLike[str] | bytes | tuple[NDArray[Any], int]
"""A sound: its file, the file's bytes, or an array, floats in [-1, 1] or integers, `(channels, n)` or `(n,)`, with its
rate in Hz."""

Weights: TypeAlias = Mapping[str, float | Sequence[float]] | Sequence[float]
"""Of a query's terms: by their kind ("text", "image", "audio", "like"), one for all of that kind or one for each; or
one for each term, in the order of the kinds."""

_KINDS = ", ".join(repr(modality.value) for modality in Modality)


class Ranking(StrEnum):
    """What the order of the answers comes from: both what they are like and the words of their names and metadata, or
    one of these."""

    HYBRID = "hybrid"
    VECTOR = "vector"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for. `str()` of it is what `parse` reads; what only Python can say is not in it.

    Attributes:
        terms: What the answers should be like.
        excluded: What they must not be like.
        filters: What they must be; all of it.
        k: The most answers, at least 1.
        offset: How many of the best to leave out: those of earlier pages.
        min_score: Only answers with at least this score, in [0, 1]; None for what the library finds sensible.
        moments: Whether to tell the best parts of each file.
        explain: Whether to tell why each file is an answer.
        ranking: What their order comes from.
    """

    terms: tuple[Term, ...] = ()
    excluded: tuple[Content, ...] = ()
    filters: tuple[Filter, ...] = ()
    k: int = 20
    offset: int = 0
    min_score: float | None = None
    moments: bool = False
    explain: bool = False
    ranking: Ranking = Ranking.HYBRID

    def __post_init__(self) -> None:
        if self.k < 1:
            raise QueryError(f"can't give the best {self.k} files", remedy="Ask for at least one")
        if self.offset < 0:
            raise QueryError(f"can't leave out the best {self.offset} files", remedy="Give an offset of 0 or more")
        if self.min_score is not None and not 0 <= self.min_score <= 1:
            raise QueryError(f"no score is {self.min_score}", remedy="Scores go from 0 to 1")
        if self.ranking is Ranking.TEXT and self.terms and not any(map(_has_words, self.terms)):
            raise QueryError("there are no words to rank by", remedy="Give a text, or rank by likeness as well")

    @classmethod
    def of(
        cls,
        *,
        text: str | Sequence[str] | None = None,
        image: ImageSource | Sequence[ImageSource] | None = None,
        audio: AudioSource | Sequence[AudioSource] | None = None,
        like: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None = None,
        weights: Weights | None = None,
        exclude: str | Content | Sequence[str | Content] = (),
        where: str = "",
        filters: Iterable[Filter] = (),
        modality: Modality | str | None = None,
        k: int = 20,
        offset: int = 0,
        min_score: float | None = None,
        moments: bool = False,
        explain: bool = False,
        ranking: Ranking | str = Ranking.HYBRID,
    ) -> Self:
        """A query from Python's values. Nothing is opened yet. Of text, pictures and sounds there can be several.

        Args:
            text: Words that describe what to find; they are not read as the query language.
            image: Pictures that belong to it.
            audio: Sounds that belong to it.
            like: Files of the library that it is like.
            weights: How much each of those counts; 1 unless told, below 0 for less like that.
            exclude: What the answers must not be like.
            where: Filters in the query language: `dur:<3 ext:wav`.
            filters: More of them, as values.
            modality: Only files of this kind.
            k: The most answers.
            offset: How many of the best to leave out.
            min_score: The least score of an answer.
            moments: Whether to tell the best parts of each file.
            explain: Whether to tell why each file is an answer.
            ranking: What the order comes from.

        Raises:
            QueryError: Nothing is asked for, a text is empty, a value is of a wrong kind or out of its range, weights
                don't fit the terms, `where` can't be read or has other things in it than filters, or there is no such
                modality or ranking.
        """
        contents: dict[str, list[Content]] = {
            "text": [_text(words) for words in _several(text)],
            "image": [Picture(_picture_source(source)) for source in _several(image)],
            "audio": [Sound(_sound_source(source)) for source in _several(audio)],
            "like": [Example(_path(path, "file of the library")) for path in _several(like)],
        }
        kind = as_modality(modality)
        query = cls(
            terms=_weighted(contents, weights),
            excluded=tuple(_text(one) if isinstance(one, str) else _content(one) for one in _several(exclude)),
            filters=(
                *([] if kind is None else [OneOf(Field.KIND, (kind.value,))]),
                *(parse_filters(where) if where.strip() else ()),
                *filters,
            ),
            k=k,
            offset=offset,
            min_score=min_score,
            moments=moments,
            explain=explain,
            ranking=as_ranking(ranking),
        )
        if not (query.terms or query.excluded or query.filters):
            raise QueryError("the query asks for nothing", remedy="Give at least one of text, image, audio and like")
        return query

    @classmethod
    def parse(
        cls,
        text: str,
        *,
        k: int = 20,
        offset: int = 0,
        min_score: float | None = None,
        moments: bool = False,
        explain: bool = False,
        ranking: Ranking | str = Ranking.HYBRID,
    ) -> Self:
        """A query in the query language: `glass -music dur:<3 folder:foley "exact phrase"`; see `language`.

        Raises:
            QueryError: The text can't be read; its `position` says where. Or an option makes no sense.
        """
        said = parse(text)
        return cls(
            terms=said.terms,
            excluded=said.excluded,
            filters=said.filters,
            k=k,
            offset=offset,
            min_score=min_score,
            moments=moments,
            explain=explain,
            ranking=as_ranking(ranking),
        )

    def __str__(self) -> str:
        return format_query(self.terms, self.excluded, self.filters)


def _has_words(term: Term) -> bool:
    return isinstance(term.content, Text) and term.weight > 0


def as_modality(name: Modality | str | None) -> Modality | None:
    """A modality by its name; None stays None.

    Raises:
        QueryError: There is none of that name.
    """
    try:
        return None if name is None else Modality(name)
    except ValueError as error:
        raise QueryError(f"there are no files of the kind {name!r}", remedy=f"The kinds are {_KINDS}") from error


def as_ranking(name: Ranking | str) -> Ranking:
    """A ranking by its name.

    Raises:
        QueryError: There is none of that name.
    """
    try:
        return Ranking(name)
    except ValueError as error:
        raise QueryError(f"there is no ranking {name!r}", remedy=f"The rankings are {', '.join(Ranking)}") from error


def _several(given: Any) -> list[Any]:
    """One or a sequence of something as a list; a tuple of an array and a number is one sound."""
    if given is None:
        return []
    if isinstance(given, list) or (isinstance(given, tuple) and not _is_recording(given)):
        return list(given)
    return [given]


def _is_recording(given: tuple[Any, ...]) -> bool:
    return any(isinstance(part, np.ndarray | int | float | np.number) for part in given)


def _weighted(contents: Mapping[str, list[Content]], weights: Weights | None) -> tuple[Term, ...]:
    """Terms, in the order of `contents`."""
    every = [content for some in contents.values() for content in some]
    if weights is None:
        return tuple(map(Term, every))
    if not isinstance(weights, Mapping):
        return _aligned(every, weights, "the query")
    unknown = [name for name in weights if not contents.get(name)]
    if unknown:
        there = ", ".join(name for name, some in contents.items() if some) or "none"
        raise QueryError(f"there is a weight for {unknown[0]!r}, which is not asked for", remedy=f"Terms are: {there}")
    terms: list[Term] = []
    for name, some in contents.items():
        weight = weights.get(name, 1.0)
        one_each = isinstance(weight, Sequence | np.ndarray) and not isinstance(weight, str)
        terms += _aligned(some, weight if one_each else [weight] * len(some), name)
    return tuple(terms)


def _aligned(contents: Sequence[Content], weights: Any, name: str) -> tuple[Term, ...]:
    try:
        numbers = [float(weight) for weight in weights]
    except (TypeError, ValueError) as error:
        raise QueryError(f"the weights of {name} are not numbers") from error
    if len(numbers) != len(contents):
        raise QueryError(f"{name} has {len(contents)} terms and {len(numbers)} weights", remedy="Give one for each")
    return tuple(Term(content, weight) for content, weight in zip(contents, numbers, strict=True))


def _text(words: Any) -> Text:
    if not isinstance(words, str):
        raise QueryError(f"a {type(words).__name__} is not a text")
    if not words.strip():
        raise QueryError("the text is empty", remedy="Describe the sound or picture in a few words")
    return Text(words.strip())


def _content(given: Any) -> Content:
    if isinstance(given, Text | Picture | Sound | Example):
        return given
    raise QueryError(f"a {type(given).__name__} can't be excluded", remedy="Give words, or a term's content")


def _path(path: Any, what: str) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise QueryError(f"a {type(path).__name__} is not a {what}", remedy="Give a path")
    return user_path(os.fsdecode(path), what)


def _picture_source(image: Any) -> Path | bytes | Image.Image:
    from PIL import Image  # takes a while to load

    if isinstance(image, bytes | Image.Image):
        return image
    if isinstance(image, str | os.PathLike):
        return _path(image, "picture")
    raise QueryError(f"a {type(image).__name__} is not a picture", remedy="Give a path, bytes or a PIL image")


def _sound_source(audio: Any) -> Path | bytes | tuple[NDArray[Any], int]:
    if isinstance(audio, bytes):
        return audio
    if isinstance(audio, str | os.PathLike):
        return _path(audio, "sound")
    if isinstance(audio, tuple) and len(audio) == 2:
        samples, rate_hz = audio
        if isinstance(samples, np.ndarray) and isinstance(rate_hz, int | np.integer):
            return samples, int(rate_hz)
    raise QueryError(
        f"a {type(audio).__name__} is not a sound",
        remedy="Give a path, bytes or a tuple of an array and its rate in Hz",
    )
