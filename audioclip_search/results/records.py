"""The records: hits, their moments and explanations, and the sequence that a query returns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import overload

from audioclip_search.results.wording import clock, percent, printable
from audioclip_search.types import AutoTag, Metadata, Modality

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch of a sound, in seconds from its start, and its score, which is on the scale of `Hit.score`."""

    start_s: float
    end_s: float
    score: float


@dataclass(frozen=True, slots=True)
class TermPart:
    """What one term of the query gives to a hit.

    Attributes:
        term: The term as the query language writes it.
        weight: The term's; negative for "less like".
        cosine: Between the term and the window where it fits best, in [-1, 1].
        start_s: Where that window starts, seconds; 0 for pictures and texts.
        end_s: Where it ends.
    """

    term: str
    weight: float
    cosine: float
    start_s: float = 0.0
    end_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a hit is where it is: what each way of looking gave it.

    Attributes:
        semantic: By what it sounds or looks like.
        name: By the words of its name.
        folder: By those of its folders.
        metadata: By those of its metadata and tags.
        excluded: What was taken off, for being like something excluded.
        terms: The parts of each term of the query.
        words: Words of the query that were found.
    """

    semantic: float = 0.0
    name: float = 0.0
    folder: float = 0.0
    metadata: float = 0.0
    excluded: float = 0.0
    terms: tuple[TermPart, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer of a query.

    Attributes:
        path: Absolute path of the file.
        modality: What kind of file it is.
        score: How well it fits, best first.
        start_s: Where its best window starts, seconds; 0 for pictures and texts.
        end_s: Where that ends, seconds; 0 for pictures and texts.
        tags: The user's own tags.
        rating: The user's, 1 to 5; 0 for none.
        offline: Whether the folder of the library that it is in can't be reached now.
        cosine: Between the query and the file's best window, in [-1, 1].
        duration_s: Of a sound, seconds; 0 otherwise.
        metadata: What the file says of itself.
        auto_tags: Tags that a model gave it, apart from the user's own.
        moments: The best stretches of a sound, best first, if the query asked for them.
        why: The parts of the score, if the query asked for them.
    """

    path: Path
    modality: Modality
    score: float
    start_s: float = 0.0
    end_s: float = 0.0
    tags: tuple[str, ...] = ()
    rating: int = 0
    offline: bool = False
    cosine: float = 0.0
    duration_s: float = 0.0
    metadata: Metadata = field(default_factory=Metadata)
    auto_tags: tuple[AutoTag, ...] = ()
    moments: tuple[Moment, ...] = ()
    why: Explanation | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Hits(Sequence[Hit]):
    """What a query found, best first; a slice is of the same kind.

    It equals any list, tuple or `Hits` of equal hits in the same order, whatever else is said of them.

    Attributes:
        items: The hits.
        query: What was asked for, in the query language.
        nothing: Whether nothing in the library matches; then there are no hits.
        closest: If so, the best files although they don't match.
        more: Whether a next page has more.
    """

    items: tuple[Hit, ...] = ()
    query: str = ""
    nothing: bool = False
    closest: tuple[Hit, ...] = ()
    more: bool = False

    @overload
    def __getitem__(self, index: int) -> Hit: ...
    @overload
    def __getitem__(self, index: slice) -> Hits: ...
    def __getitem__(self, index: int | slice) -> Hit | Hits:
        return replace(self, items=self.items[index]) if isinstance(index, slice) else self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.items)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Hits):
            return self.items == other.items
        return self.items == tuple(other) if isinstance(other, list | tuple) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.items)

    def __repr__(self) -> str:
        """One line that says how many, and one for each of the first ten."""
        return "\n".join([self._summary(), *_lines(self.items or self.closest)])

    def _summary(self) -> str:
        asked = f" for {printable(self.query)}" if self.query else ""
        if self.nothing:
            return f"<Hits: nothing matches{asked}" + ("; the closest are>" if self.closest else ">")
        return f"<Hits: {len(self)}{asked}" + (", and more on the next page>" if self.more else ">")


def _lines(hits: Sequence[Hit]) -> list[str]:
    lines = [
        f"{percent(hit.score):>6}  {_span(hit):<15}  {printable(str(hit.path))}{'  (offline)' if hit.offline else ''}"
        for hit in hits[:_SHOWN]
    ]
    return lines if len(hits) <= _SHOWN else [*lines, f"  … and {len(hits) - _SHOWN} more"]


def _span(hit: Hit) -> str:
    return f"{clock(hit.start_s)}–{clock(hit.end_s)}" if hit.modality is Modality.AUDIO else hit.modality.value
