"""Which files meet a query's conditions: over columns in memory, by Arrow. Nothing a person wrote becomes SQL; what
becomes a regular expression is escaped, and those take linear time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from audioclip_search.filters import NUMERIC, Field, Filter, OneOf, Phrase, Range, amount
from audioclip_search.storage.schema import WORD_COLUMNS, path_to_text
from audioclip_search.words import analyse, file_named

BoolArray = NDArray[np.bool_]

_NUMBERS = MappingProxyType(
    {
        Field.DURATION: "duration_s",
        Field.RATING: "rating",
        Field.RATE: "rate_hz",
        Field.CHANNELS: "channels",
        Field.BITS: "bits",
        Field.SIZE: "size",
    }
)
# Columns where 0 says that there is no such number.
_ZERO_IS_NONE = frozenset({Field.DURATION, Field.RATE, Field.CHANNELS, Field.BITS})
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_LONGEST_NAME = 1_024
"""Characters; no file system or object store has longer names."""
_NO_TAGS: Mapping[str, BoolArray] = MappingProxyType({})


def mask(
    columns: pa.Table,
    words: Callable[[], pa.Table],
    filters: Iterable[Filter],
    *,
    auto_tags: Mapping[str, BoolArray] = _NO_TAGS,
) -> BoolArray:
    """Whether a file meets all conditions, `(rows,)`. For many queries over the same rows, keep a `FilterColumns`.

    Args:
        columns: Rows of `files`: path, modality, size, duration_s, tags, rating, rate_hz, channels, bits. Those that no
            filter asks for may be missing.
        words: Gives name_words, folder_words and metadata_words of the same rows, tokens joined by blanks. It is called
            only if a phrase is looked for.
        filters: The conditions.
        auto_tags: Of each automatic tag, which rows have it, `(rows,)`.
    """
    return FilterColumns(columns, words).mask(filters, auto_tags=auto_tags)


class FilterColumns:
    """Columns to filter by. What has to be made of them is made when it is first asked for, and kept."""

    def __init__(self, columns: pa.Table, words: Callable[[], pa.Table]) -> None:
        self._columns = columns
        self._words = words

    def having(self, token: str) -> BoolArray:
        """Which files have the token in their name, folders or metadata, `(rows,)`."""
        having: BoolArray = np.logical_or.reduce(self.places(token))
        return having

    def places(self, token: str) -> tuple[BoolArray, ...]:
        """Which files have the token in their name, which in their folders, and which in their metadata, `(rows,)`."""
        return tuple(texts.contain(f" {token} ") for texts in self._texts)

    def mask(self, filters: Iterable[Filter], *, auto_tags: Mapping[str, BoolArray] = _NO_TAGS) -> BoolArray:
        """Whether a file meets all conditions, `(rows,)`; see `mask`."""
        met = np.ones(len(self._columns), np.bool_)
        for condition in filters:
            met &= self._meets(condition, auto_tags) != condition.negated
        return met

    def _meets(self, condition: Filter, auto_tags: Mapping[str, BoolArray]) -> BoolArray:
        match condition:
            case Range():
                return self._in_range(condition)
            case Phrase(words):
                return self._has_phrase(analyse(words), self._texts) | self._has_name(words)
            case OneOf(Field.TAG, values):
                return self._has_tag(values, auto_tags)
            case OneOf(field, values):
                met = np.zeros(len(self._columns), np.bool_)
                for value in values:
                    met |= self._is(field, value)
                return met

    def _is(self, field: Field, value: str) -> BoolArray:
        if field in NUMERIC:
            number = amount(field, value)
            equal: BoolArray = self._number(field) == number
            return equal & self._has_number(field)
        if field is Field.KIND:
            return _bools(pc.equal(self._columns["modality"], value.lower()))
        if field is Field.EXTENSION:
            suffix = _fold(value).lstrip(".")
            return _bools(pc.ends_with(self._paths, f".{suffix}")) & bool(suffix and "/" not in suffix)
        return self._is_in_folder(value) if field is Field.FOLDER else self._is_named(value)

    def _is_in_folder(self, value: str) -> BoolArray:
        absolute = value.startswith("/") or _DRIVE.match(value) is not None
        value = value.replace("\\", "/") if _DRIVE.match(value) else value
        parts = [part for part in _fold(value).split("/") if part not in ("", ".")]
        chain = "".join(f"{part}/" for part in parts)
        if absolute:
            return _bools(pc.starts_with(self._paths, f"/{chain}" if value.startswith("/") else chain))
        if value == "." or value.startswith("./"):
            return _bools(pc.starts_with(self._paths, chain)) & ~self._outside
        return _bools(pc.match_substring(self._folders, f"/{chain}"))

    def _is_named(self, value: str) -> BoolArray:
        folded = _fold(value)
        if "*" not in folded and "?" not in folded:
            return _bools(pc.match_substring(self._names, folded))
        if len(folded) - folded.count("*") > _LONGEST_NAME:
            return np.zeros(len(self._columns), np.bool_)
        pattern = "".join(map(_glob_part, re.split(r"(\*+|\?)", folded)))
        return _bools(pc.match_substring_regex(self._names, rf"(?s)^(?:{pattern})(?:\.[^.]*)?$"))

    def _has_tag(self, values: Sequence[str], auto_tags: Mapping[str, BoolArray]) -> BoolArray:
        wanted = [_fold(value) for value in values]
        met = np.zeros(len(self._columns), np.bool_)
        rows, tags = self._tags
        met[rows[_bools(pc.is_in(tags, pa.array(wanted, tags.type)))]] = True
        for label in auto_tags:  # what rows have it may be known only when asked for
            if _fold(label) in wanted:
                met |= auto_tags[label]
        return met

    def _in_range(self, wanted: Range) -> BoolArray:
        number = self._number(wanted.field)
        met = self._has_number(wanted.field)
        if wanted.field is Field.RATING and wanted.low is None:
            met = met & (number > 0)
        if wanted.low is not None:
            met = met & (number > wanted.low if wanted.low_open else number >= wanted.low)
        if wanted.high is not None:
            met = met & (number < wanted.high if wanted.high_open else number <= wanted.high)
        return met

    def _has_name(self, words: str) -> BoolArray:
        """Which files a phrase means that ends with a suffix, which is no word of a name."""
        folders, stem, suffix = file_named(words)
        if not suffix:
            return np.zeros(len(self._columns), np.bool_)
        met = self._has_phrase(analyse(stem), self._texts[:1]) & self._is(Field.EXTENSION, suffix)
        return met & self._is_in_folder(folders) if folders else met

    def _has_phrase(self, tokens: Sequence[str], among: Sequence[_Texts]) -> BoolArray:
        if not tokens:
            return np.zeros(len(self._columns), np.bool_)
        literal = "".join(f" {token}" for token in tokens) + " "
        pattern = " " + "".join(map(_either_way, tokens, ("", *tokens)))
        rarest = max(tokens, key=lambda token: (token.isdecimal(), len(token)))
        met = np.zeros(len(self._columns), np.bool_)
        for texts in among:
            if pattern == literal:
                met |= texts.contain(literal)
                continue
            candidates = np.flatnonzero(texts.contain(f" {rarest} "))
            found = pc.match_substring_regex(texts.array.take(pa.array(candidates)), pattern)
            met[candidates[_bools(found)]] = True
        return met

    def _number(self, field: Field) -> NDArray[Any]:
        """The field's column; where there is no number, 0 or NaN."""
        numbers: NDArray[Any] = self._columns[_NUMBERS[field]].to_numpy()
        return numbers

    def _has_number(self, field: Field) -> BoolArray:
        number = self._number(field)
        has_it: BoolArray = number > 0 if field in _ZERO_IS_NONE else number >= 0
        return has_it

    @cached_property
    def _paths(self) -> pa.Array:
        return _folded(self._columns["path"].combine_chunks())

    @cached_property
    def _split(self) -> tuple[pa.Array, pa.Array]:
        """Of each row, the folder's path (empty at the root) and the name."""
        parts = pc.split_pattern(self._paths, "/", max_splits=1, reverse=True)
        lasts = parts.offsets[1:].to_numpy() - 1
        firsts = parts.offsets[:-1].to_numpy()
        folders = pc.if_else(pa.array(firsts < lasts), parts.values.take(pa.array(firsts)), "")
        return folders, parts.values.take(pa.array(lasts))

    @cached_property
    def _names(self) -> pa.Array:
        return self._split[1]

    @cached_property
    def _folders(self) -> pa.Array:
        """Each row's folders, a slash before and after each."""
        folders = pc.utf8_ltrim(self._split[0], "/")
        return pc.binary_join_element_wise("", folders, "", "/")

    @cached_property
    def _outside(self) -> BoolArray:
        """Whether the file is in another folder of the library than its root."""
        return _bools(pc.match_substring_regex(self._paths, r"^(?:/|[a-z]:/)"))

    @cached_property
    def _tags(self) -> tuple[NDArray[np.int64], pa.Array]:
        """Every tag of every row, and whose row it is."""
        lists = self._columns["tags"].combine_chunks()
        return pc.list_parent_indices(lists).to_numpy(), _folded(pc.list_flatten(lists))

    @cached_property
    def _texts(self) -> tuple[_Texts, ...]:
        """The tokens of each row's name, of its folders and of its metadata, a blank before and after each."""
        words = self._words()
        columns = [words[name].cast(pa.large_string()).combine_chunks() for name in WORD_COLUMNS]
        none, blank = (pa.scalar(text, pa.large_string()) for text in ("", " "))
        return tuple(
            _Texts(pc.binary_join_element_wise(none, column, none, blank, null_handling="replace"))
            for column in columns
        )


class _Texts:
    """Texts to search, large strings. Python finds bytes in one long string several times faster than Arrow in many."""

    def __init__(self, texts: pa.Array) -> None:
        _, ends, content = texts.buffers()
        self._content = b"" if content is None else content.to_pybytes()
        self._starts = np.frombuffer(ends, np.int64, len(texts) + 1) if len(texts) else np.zeros(1, np.int64)
        self.array = texts

    def contain(self, part: str) -> BoolArray:
        """Which texts have that in them. No part may reach from one text into the next."""
        needle, at, places = part.encode(), -1, []
        while (at := self._content.find(needle, at + 1)) >= 0:
            places.append(at)
        met = np.zeros(len(self.array), np.bool_)
        met[np.searchsorted(self._starts, np.array(places, np.int64), "right") - 1] = True
        return met


def _either_way(token: str, before: str) -> str:
    """A token and the blank behind it as a regular expression. A number without leading zeros may come after itself
    with some, as `analyse` puts them."""
    follows_itself = before[:1] == "0" and (before.lstrip("0") or "0") == token
    if not token.isdecimal() or follows_itself or (token[0] == "0" and token != "0"):
        return f"{token} "
    return f"(?:0+{token} )?{token} "


def _glob_part(part: str) -> str:
    """A piece of a glob, as a regular expression."""
    return ".*" if part[:1] == "*" else "." if part == "?" else re.escape(part)


def _folded(texts: pa.Array) -> pa.Array:
    """Texts as they are compared: whatever the case, and however accented letters are composed."""
    return pc.utf8_lower(pc.utf8_normalize(texts, form="NFC"))


def _fold(text: str) -> str:
    return str(_folded(pa.array([path_to_text(text)]))[0].as_py())


def _bools(met: pa.Array | pa.ChunkedArray) -> BoolArray:
    return np.asarray(pc.fill_null(met, False).to_numpy(zero_copy_only=False), np.bool_)
