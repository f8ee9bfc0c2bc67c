"""What a search is and what it finds, as values that go between the window and the engine."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from audioclip_search import Example, Field, OneOf, Picture, Query, QueryError, Sound, Term


class ChipKind(StrEnum):
    """What a chip's file is to the query, by the name that it has in the query language."""

    IMAGE = "image"
    AUDIO = "audio"
    LIKE = "like"


@dataclass(frozen=True, slots=True)
class Chip:
    """A picture or sound as a part of the query.

    Attributes:
        kind: What its file is.
        path: Absolute.
        weight: How much it counts; below 0 for less like that; never 0.
    """

    kind: ChipKind
    path: str
    weight: float = 1.0

    @property
    def label(self) -> str:
        """The file's name."""
        return Path(self.path).name

    @property
    def term(self) -> Term:
        """The same as the library has it."""
        path = Path(self.path)
        match self.kind:
            case ChipKind.IMAGE:
                return Term(Picture(path), self.weight)
            case ChipKind.AUDIO:
                return Term(Sound(path), self.weight)
            case ChipKind.LIKE:
                return Term(Example(path), self.weight)


@dataclass(frozen=True, slots=True)
class Ask:
    """A search.

    Attributes:
        text: In the query language; may be empty.
        chips: What else the answers should be like.
        offset: How many of the best to leave out: those that are there already.
        limit: The most answers of a ranked search.
    """

    text: str = ""
    chips: tuple[Chip, ...] = ()
    offset: int = 0
    limit: int = 200

    @property
    def empty(self) -> bool:
        """Whether it asks for nothing: then all files are answers."""
        return not self.text.strip() and not self.chips

    def query(self) -> Query:
        """The same as the library has it.

        Raises:
            QueryError: The text can't be read.
        """
        said = Query.parse(self.text) if self.text.strip() else Query()
        return Query((*said.terms, *(chip.term for chip in self.chips)), said.excluded, said.filters)


def split(text: str) -> tuple[str, tuple[Chip, ...]]:
    """A search as it is saved, a text in the query language, as words and chips.

    Raises:
        QueryError: It can't be read.
    """
    query = Query.parse(text)
    chips = tuple(chip for term in query.terms if (chip := _chip(term.content, term.weight)) is not None)
    others = tuple(term for term in query.terms if _chip(term.content, term.weight) is None)
    return str(Query(others, query.excluded, query.filters)), chips


def joined(text: str, chips: tuple[Chip, ...]) -> str:
    """Words and chips as one text, to be saved. A text that can't be read stays as it is, without the chips."""
    try:
        return str(Ask(text, chips).query()) if chips else text.strip()
    except QueryError:
        return text.strip()


def _chip(content: object, weight: float) -> Chip | None:
    match content:
        case Picture(source=Path() as path):
            return Chip(ChipKind.IMAGE, str(path), weight)
        case Sound(source=Path() as path):
            return Chip(ChipKind.AUDIO, str(path), weight)
        case Example(path=path):
            return Chip(ChipKind.LIKE, str(path), weight)
    return None


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, apart from the rows.

    Attributes:
        ask: What was asked.
        total: How many rows there are; of a ranked search so far.
        more: Whether a ranked search has more.
        nothing: Whether nothing matches.
        closest: Whether the rows are only the closest ones, because nothing matches.
        seconds: How long it took.
        ranked: Whether the rows have scores.
        indexed: Whether the library knows any file.
    """

    ask: Ask
    total: int = 0
    more: bool = False
    nothing: bool = False
    closest: bool = False
    seconds: float = 0.0
    ranked: bool = False
    indexed: bool = True


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet.

    Attributes:
        label: In words.
        filter: What it adds to the query, in the query language: `ext:wav`, `dur:<1`.
        count: How many files have it.
        active: Whether the query asks for it.
    """

    label: str
    filter: str
    count: int
    active: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """A way to tell files apart, and how many there are of each kind; the most frequent values first, or in order of
    size."""

    field: Field
    values: tuple[FacetValue, ...]

    @property
    def said(self) -> list[str]:
        """The values as a filter has them, those of ranges left out."""
        filters = [Query.parse(value.filter).filters[0] for value in self.values]
        return [one.values[0] for one in filters if isinstance(one, OneOf)]
