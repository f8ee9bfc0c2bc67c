"""Changes of a file as values: bytes to be replaced by others, the rest as it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Replacement:
    """The bytes from `start` to before `end` become these. Nothing is replaced if both are the same: then they come
    between."""

    start: int
    end: int
    data: bytes


def write_replaced(old: BinaryIO, new: BinaryIO, replacements: Iterable[Replacement]) -> None:
    """Write a file anew with some of its bytes replaced."""
    at = 0
    for replacement in sorted(replacements, key=lambda one: (one.start, one.end)):
        copy_range(old, new, at, replacement.start)
        new.write(replacement.data)
        at = replacement.end
    copy_range(old, new, at, old.seek(0, 2))


def copy_range(old: BinaryIO, new: BinaryIO, start: int, end: int) -> None:
    """Write the bytes from `start` to before `end`."""
    old.seek(start)
    while start < end:
        data = old.read(min(_CHUNK_BYTES, end - start))
        if not data:
            raise EOFError("the file became shorter")
        new.write(data)
        start += len(data)
