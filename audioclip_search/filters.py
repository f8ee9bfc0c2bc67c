"""Conditions that a file must meet to be an answer, as values; `storage.filtering` says which files do."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import TypeAlias

from audioclip_search.errors import QueryError
from audioclip_search.types import Modality


class Field(StrEnum):
    """What a condition is about, by the name it has in the query language."""

    KIND = "kind"
    DURATION = "dur"
    EXTENSION = "ext"
    FOLDER = "folder"
    NAME = "name"
    TAG = "tag"
    RATING = "rating"
    RATE = "rate"
    CHANNELS = "ch"
    BITS = "bits"
    SIZE = "size"


NUMERIC = frozenset({Field.DURATION, Field.RATING, Field.RATE, Field.CHANNELS, Field.BITS, Field.SIZE})
"""Fields that are numbers: seconds, stars, Hz, a count, bits of a sample, bytes."""

MEASURED = frozenset({Field.DURATION, Field.SIZE})
"""Those of which no two files have the same: there is no sense in asking for exactly one."""

_THOUSANDS: Mapping[str, int | Fraction] = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}
_UNITS: Mapping[Field, Mapping[str, int | Fraction]] = MappingProxyType(
    {
        Field.DURATION: {"": 1, "ms": Fraction(1, 1_000), "s": 1, "m": 60, "min": 60, "h": 3_600},
        Field.RATE: {"": 1, "hz": 1, "k": 1_000, "khz": 1_000},
        Field.SIZE: {**_THOUSANDS} | {unit + "b": factor for unit, factor in _THOUSANDS.items()},
    }
)
_AMOUNT = re.compile(r"([0-9]{1,20}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(e[+-]?[0-9]{1,3})?([a-z]*)", re.ASCII)
_MOST_STARS = 5


@dataclass(frozen=True, slots=True)
class OneOf:
    """The field has one of these values.

    - `KIND`: "audio", "image" or "text".
    - `EXTENSION`: the file's suffix, with or without its dot.
    - `FOLDER`: a folder that the file is below, at any depth. "foley" and "foley/doors" are wherever in the library
      folders of these names follow one another; what starts with "/" or a drive is one folder.
    - `NAME`: a part of the file's name, or with `*` (any characters) and `?` (one) all of it, with or without its
      suffix.
    - `TAG`: a tag, the user's own or an automatic one.
    - `RATING`, `RATE`, `CHANNELS`, `BITS`: numbers as the language writes them, "44.1k". A rating of 0 is none.

    Case does not matter, neither do ways to compose the same accented letter.

    Raises:
        QueryError: There are no values, or some that the field can't have.
    """

    field: Field
    values: tuple[str, ...]
    negated: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.values, tuple) or not self.values:
            raise QueryError(f"{self.field} has no values", remedy="Give a tuple of them")
        for value in self.values:
            _check_value(self.field, value)


@dataclass(frozen=True, slots=True)
class Range:
    """The field's number is between two bounds, of which one can be missing.

    A file that has no such number, as a picture has no duration, is in no range; so it is among the answers if
    `negated`. An unrated file is in those ranges only whose lower bound says 0.

    Attributes:
        field: One of `NUMERIC`.
        low: Lower bound; None for no limit.
        high: Upper bound; None for no limit.
        low_open: Whether the lower bound itself is not in the range.
        high_open: Whether the upper bound itself is not in the range.
        negated: Whether the number must be outside.

    Raises:
        QueryError: No number can be in the range.
    """

    field: Field
    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False
    negated: bool = False

    def __post_init__(self) -> None:
        if self.field not in NUMERIC:
            raise QueryError(f"{self.field} has no order", remedy=f"Give the values: {self.field}:one,other")
        bounds = [bound for bound in (self.low, self.high) if bound is not None]
        if not bounds:
            raise QueryError(f"the range of {self.field} has no bounds")
        for bound in bounds:
            _check_number(self.field, bound)
        if (self.low is None and self.low_open) or (self.high is None and self.high_open):
            raise QueryError(f"the range of {self.field} leaves out a bound that it does not have")
        if len(bounds) == 2 and (bounds[0] > bounds[1] or (bounds[0] == bounds[1] and self.is_open)):
            raise QueryError(f"nothing is between the bounds of {self.field}", remedy="Give the lower one first")

    @property
    def is_open(self) -> bool:
        """Whether a bound is not in the range."""
        return self.low_open or self.high_open


@dataclass(frozen=True, slots=True)
class Phrase:
    """These words stand next to each other, in this order, in the file's name, its folders or its metadata. They are
    compared as `words.analyse` has them; text without any word is nowhere. A file is also named
    by these words in its name and its suffix behind them, `"wine glass.wav"`."""

    words: str
    negated: bool = False


Filter: TypeAlias = OneOf | Range | Phrase


def amount(field: Field, text: str) -> float:
    """A number as it is written: in the field's own unit, or with another one behind ("250ms", "44.1k", "10M").

    Raises:
        QueryError: It is no number, or not one that the field can have.
    """
    units = _UNITS.get(field, {"": 1})
    match = _AMOUNT.fullmatch(text.lower())
    if match is None or match[3] not in units:
        known = ", ".join(unit for unit in units if unit)
        raise QueryError(
            f"{text!r} is not a number for {field}" if text else f"{field} needs a number",
            remedy=f"Write a number, if need be with one of the units {known}" if known else "Write a plain number",
        )
    try:
        value = float(Fraction(match[1] + (match[2] or "")) * units[match[3]])
    except OverflowError:
        value = math.inf
    _check_number(field, value)
    return value


def format_amount(field: Field, value: float) -> str:
    """The shortest text that `amount` reads as exactly this number."""
    if field in (Field.RATE, Field.SIZE):
        for unit, factor in (("G", 1_000_000_000), ("M", 1_000_000), ("k", 1_000)):
            scaled = format(value / factor, "g") + unit
            if value >= factor and unit.lower() in _UNITS[field] and amount(field, scaled) == value:
                return scaled
    return str(int(value)) if value == int(value) and value < 1e15 else repr(float(value))


def _check_value(field: Field, value: str) -> None:
    if not value.strip():
        raise QueryError(f"{field} has an empty value")
    if field is Field.KIND and value.lower() not in {modality.value for modality in Modality}:
        kinds = ", ".join(Modality)
        raise QueryError(f"there are no files of the kind {value!r}", remedy=f"The kinds are {kinds}")
    if field is Field.FOLDER and not value.replace("/", "").strip():
        raise QueryError("no folder is named by slashes alone")
    if field in MEASURED:
        amount(field, value)
        remedy = f"Write {field}:<{value}, {field}:>{value}, or a range such as {field}:1..3.5"
        raise QueryError(f"hardly a file has a {field} of exactly {value}", remedy=remedy)
    if field in NUMERIC:
        amount(field, value)


def _check_number(field: Field, value: float) -> None:
    if not (isinstance(value, int | float) and math.isfinite(value) and value >= 0):
        raise QueryError(f"{field} can't be {value}", remedy="Write a number that is not negative")
    if field is Field.RATING and value > _MOST_STARS:
        raise QueryError(f"no rating is {format_amount(field, value)}", remedy=f"Ratings go from 0 to {_MOST_STARS}")
