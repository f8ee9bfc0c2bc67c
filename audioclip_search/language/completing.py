"""What can come next while a query is being written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from audioclip_search.filters import NUMERIC, Field
from audioclip_search.language.parsing import ALIASES, FIELD_NAMES, SOURCES
from audioclip_search.language.writing import write_value
from audioclip_search.types import Modality

_NO_VALUES: Mapping[Field, Sequence[str]] = MappingProxyType({})
_KINDS = tuple(modality.value for modality in Modality)


@dataclass(frozen=True, slots=True)
class Completion:
    """A way to go on: the query's characters from `start` up to `end` are replaced by `text`."""

    start: int
    end: int
    text: str


def complete(text: str, cursor: int, values: Mapping[Field, Sequence[str]] = _NO_VALUES) -> tuple[Completion, ...]:
    """What the part that ends at the cursor may become: fields, or their values.

    Args:
        text: The query so far, right or wrong.
        cursor: Where the person is writing, from 0 to the text's length.
        values: Those to offer for fields, the likeliest first: a library's tags, folders and suffixes, say. Kinds are
            known.
    """
    start = _part_start(text[:cursor])
    if text[start:cursor].startswith("-"):
        start += 1
    name, colon, value = text[start:cursor].partition(":")
    if colon:
        field = ALIASES.get(name.lower(), name.lower())
        return tuple(_values(field, value, cursor, values))
    fields = (f"{field}:" for field in FIELD_NAMES if name and field.startswith(name.lower()))
    return tuple(Completion(start, cursor, field) for field in fields)


def _part_start(text: str) -> int:
    """Where the last part of a query starts; its end if that is a blank."""
    start, quoted, escaped = 0, False, False
    for at, char in enumerate(text):
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == '"' and (quoted or at == start or text[at - 1] in ":,-"):
            quoted = not quoted
        elif char.isspace() and not quoted:
            start = at + 1
    return start


def _values(name: str, written: str, cursor: int, values: Mapping[Field, Sequence[str]]) -> Iterator[Completion]:
    if name in SOURCES or name not in FIELD_NAMES or Field(name) in NUMERIC:
        return
    last = _last_value(written)
    prefix = last.removeprefix('"').lower()
    for value in _KINDS if name == Field.KIND else values.get(Field(name), ()):
        if value.lower().startswith(prefix):
            yield Completion(cursor - len(last), cursor, write_value(value))


def _last_value(written: str) -> str:
    """The value of several that is being written, as it is written."""
    start, quoted = 0, False
    for at, char in enumerate(written):
        if char == '"':
            quoted = not quoted
        elif char == "," and not quoted:
            start = at + 1
    return written[start:]
