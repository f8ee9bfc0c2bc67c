"""From a text to what it says."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from audioclip_search.errors import QueryError
from audioclip_search.filters import NUMERIC, Field, Filter, OneOf, Phrase, Range, amount
from audioclip_search.language.reading import Reader, located
from audioclip_search.terms import Content, Example, Picture, Sound, Term, Text, user_path
from audioclip_search.words import analyse

SOURCES: Mapping[str, Callable[[Path], Content]] = MappingProxyType({"image": Picture, "audio": Sound, "like": Example})
"""Fields whose value is a file to look for, and what they become."""

ALIASES: Mapping[str, Field] = MappingProxyType(
    {"duration": Field.DURATION, "extension": Field.EXTENSION, "channels": Field.CHANNELS, "type": Field.KIND}
)
"""Other names of fields."""

_EXAMPLES: Mapping[str, str] = MappingProxyType(
    {
        Field.KIND: "audio",
        Field.EXTENSION: "wav,flac",
        Field.DURATION: "1..3.5",
        Field.RATING: ">=3",
        Field.RATE: ">=96k",
        Field.CHANNELS: "2",
        Field.BITS: "24",
        Field.SIZE: "<10M",
    }
)
FIELD_NAMES: tuple[str, ...] = (*Field, *SOURCES)
"""All fields, as they are written."""

_NAME = re.compile(r"([^\W\d_]+):")
_DASHES = re.compile(r"-+(?!\S)")
_WEIGHT = re.compile(r"-?(?:[0-9]{1,20}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:e[+-]?[0-9]{1,3})?")
_FIELDS_REMEDY = f"The fields are {', '.join(FIELD_NAMES)}"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a text says: what to look for, what to exclude, and the filters, each in their order."""

    terms: tuple[Term, ...] = ()
    excluded: tuple[Content, ...] = ()
    filters: tuple[Filter, ...] = ()


def parse(text: str) -> Statement:
    """Read a text. It takes time in proportion to its length.

    Raises:
        QueryError: It is not in the language, or asks for nothing. Its `position` says where.
    """
    return _Parser(text).statement()


def parse_filters(text: str) -> tuple[Filter, ...]:
    """Read a text that has nothing but filters and phrases in it.

    Raises:
        QueryError: It has other things in it, or is not in the language. Its `position` says where.
    """
    parser = _Parser(text)
    statement = parser.statement()
    if parser.first_content is not None:
        raise QueryError(
            "there is something else than filters",
            remedy=f"Filters look like dur:<3 or ext:wav. {_FIELDS_REMEDY}",
            position=parser.first_content,
        )
    return statement.filters


class _Parser:
    """Reads a text once, from left to right. `first_content` is where the first part is that is no filter."""

    def __init__(self, text: str) -> None:
        self.first_content: int | None = None
        self._reader = Reader(text)
        self._terms: list[Term] = []
        self._excluded: list[Content] = []
        self._filters: list[Filter] = []
        self._words: list[str] = []
        self._words_start = 0
        self._words_place = 0

    def statement(self) -> Statement:
        while self._reader.skip_blanks():
            self._part()
        if self._words:
            with located(self._words_start):
                text = Term(_text(self._words))
            self._terms.insert(self._words_place, text)
        if not (self._terms or self._excluded or self._filters):
            raise QueryError("the query is empty", remedy="Describe what to find in a few words", position=0)
        return Statement(tuple(self._terms), tuple(self._excluded), tuple(self._filters))

    def _part(self) -> None:
        start = self._reader.at
        if _DASHES.match(self._reader.text, start):
            self._plain_word(start)
            return
        excluded = self._reader.char == "-"
        if excluded:
            self._reader.at += 1
            if self._reader.char == "-":
                raise QueryError(
                    "two minus signs exclude nothing",
                    remedy=r"Write \- for a minus that means itself",
                    position=self._reader.at,
                )
        name = self._field_name()
        if name in SOURCES:
            self._content(start, self._source(name), excluded)
        elif name:
            self._filters.append(self._filter(Field(name), excluded))
        elif self._reader.char == '"':
            self._filters.append(self._phrase(excluded))
        elif self._reader.char == "(":
            self._content(start, self._group(), excluded)
        elif excluded:
            self._content(start, self._word_text(), excluded)
        else:
            self._plain_word(start)

    def _plain_word(self, start: int) -> None:
        """A word that belongs to the others, unless it has a weight of its own."""
        word = self._reader.word()
        if self._reader.char == "^":
            with located(start):
                content = _text([word])
            self._content(start, content, excluded=False)
            return
        if not self._words:
            self._words_start, self._words_place = start, len(self._terms)
        self._words.append(word)
        self._note_content(start)

    def _content(self, start: int, content: Content, excluded: bool) -> None:
        """Take a content that has been read, and the weight behind it."""
        if excluded:
            self._no_weight("what is excluded")
            self._excluded.append(content)
        else:
            self._terms.append(self._weighted(content))
        self._reader.end_of_part()
        self._note_content(start)

    def _note_content(self, start: int) -> None:
        if self.first_content is None:
            self.first_content = start

    def _field_name(self) -> str:
        """The field that starts here, its colon read; empty if none does."""
        match = _NAME.match(self._reader.text, self._reader.at)
        if match is None:
            return ""
        name = match[1].lower()
        name = ALIASES.get(name, name)
        has_value = match.end() < len(self._reader.text) and not self._reader.text[match.end()].isspace()
        if name in FIELD_NAMES:
            if not has_value:
                raise QueryError(f"{match[1]}: has no value", remedy=_example(name), position=match.end())
            self._reader.at = match.end()
            return str(name)
        if has_value:  # "Scene: door" is words
            close = difflib.get_close_matches(name, FIELD_NAMES, 1) if len(name) < 20 else []
            remedy = f"Did you mean {close[0]}? " if close else ""
            word = rf"{match[1]}\:"
            raise QueryError(
                f"there is no field {match[1]!r}",
                remedy=f"{remedy}{_FIELDS_REMEDY}. To look for the word itself, write {word}",
                position=self._reader.at,
            )
        return ""

    def _source(self, name: str) -> Content:
        start = self._reader.at
        if self._reader.char == "<":
            raise QueryError(
                f"only a program can give {name} something else than a file",
                remedy="Give a path; put it in quotation marks if it starts with <",
                position=start,
            )
        path = self._reader.quotation() if self._reader.char == '"' else self._reader.bare("^")
        with located(start):
            if not path:
                raise QueryError(f"{name}: has no value", remedy=_example(name))
            return SOURCES[name](user_path(path))

    def _filter(self, field: Field, negated: bool) -> Filter:
        values: list[str] = []
        starts: list[int] = []
        while True:
            starts.append(self._reader.at)
            value = self._reader.quotation() if self._reader.char == '"' else self._reader.bare(",^")
            if not value.strip():
                raise QueryError(f"{field}: has no value here", remedy=_example(field), position=starts[-1])
            values.append(value)
            if self._reader.char != ",":
                break
            self._reader.at += 1
        self._no_weight("a filter")
        self._reader.end_of_part()
        if field in NUMERIC and any(".." in value or value[0] in "<>" for value in values):
            if len(values) > 1:
                raise QueryError(
                    "a range has no others beside it", remedy="Give several numbers or one range", position=starts[1]
                )
            return _range(field, values[0], starts[0], negated)
        for value, start in zip(values, starts, strict=True):
            with located(start):
                OneOf(field, (value,))
        return OneOf(field, tuple(values), negated)

    def _phrase(self, negated: bool) -> Phrase:
        start = self._reader.at
        words = self._reader.quotation()
        if not analyse(words):
            raise QueryError("there are no words between the quotation marks", position=start)
        self._no_weight("a phrase", "Words in parentheses can have one")
        self._reader.end_of_part()
        return Phrase(words, negated)

    def _group(self) -> Text:
        start = self._reader.at
        words: list[str] = []
        self._reader.at += 1
        while self._reader.skip_blanks() and self._reader.char != ")":
            self._check_is_word()
            words.append(self._reader.word(in_group=True))
            self._no_weight("a word in parentheses", "Put the weight behind the parenthesis")
        if self._reader.char != ")":
            raise QueryError("the parenthesis is never closed", remedy="Write ) behind its last word", position=start)
        self._reader.at += 1
        with located(start):
            return _text(words)

    def _check_is_word(self) -> None:
        """Refuse what has a meaning outside of parentheses only."""
        start = self._reader.at
        is_minus = self._reader.char == "-" and not _DASHES.match(self._reader.text, start)
        if self._reader.char in ('"', "(") or is_minus or self._field_name():
            raise QueryError(
                "only words can be in parentheses",
                remedy="Put it outside, or a backslash before the character",
                position=start,
            )

    def _word_text(self) -> Text:
        start, word = self._reader.at, self._reader.word()
        with located(start):
            return _text([word])

    def _weighted(self, content: Content) -> Term:
        if self._reader.char != "^":
            return Term(content)
        self._reader.at += 1
        start = self._reader.at
        number = self._reader.bare("")
        with located(start):
            if not _WEIGHT.fullmatch(number):
                raise QueryError(
                    f"{number!r} is not a weight" if number else "the weight is missing",
                    remedy=r"Write a number, ^2 or ^-0.5; for the character itself, write \^",
                )
            return Term(content, float(number))

    def _no_weight(self, what: str, remedy: str = r"For the character itself, write \^") -> None:
        if self._reader.char == "^":
            raise QueryError(f"{what} has no weight", remedy=remedy, position=self._reader.at)


def _text(words: Sequence[str]) -> Text:
    text = " ".join(words).strip()
    if not text:
        raise QueryError("the text is empty", remedy="Describe the sound or picture in a few words")
    return Text(text)


def _range(field: Field, value: str, start: int, negated: bool) -> Range:
    lower, dots, upper = value.partition("..")
    if not dots:
        lower, upper = ("", value) if value[0] == "<" else (value, "")
    low, low_open = _bound(field, lower, ">", start)
    high, high_open = _bound(field, upper, "<", start + len(lower) + len(dots))
    with located(start):
        return Range(field, low, high, low_open, high_open, negated)


def _bound(field: Field, text: str, sign: str, start: int) -> tuple[float | None, bool]:
    """A bound, and whether it is outside of its range."""
    if not text:
        return None, False
    signs = sign + "=" if text.startswith(sign + "=") else sign if text.startswith(sign) else ""
    with located(start + len(signs)):
        return amount(field, text.removeprefix(signs)), signs == sign


def _example(name: str) -> str:
    example = _EXAMPLES.get(name) or ("file.wav" if name in SOURCES else "word")
    return f"Write {name}:{example}"
