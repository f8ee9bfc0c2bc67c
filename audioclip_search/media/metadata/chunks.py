"""Chunks of RIFF (WAV, RF64, BW64, RIFX) and of IFF (AIFF), whose sizes are not to be trusted."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

MAX_CHUNK_BYTES = 1 << 20
"""How much of a chunk of text is read."""

_MAX_CHUNKS = 5_000
_OPEN = 0xFFFFFFFF  # "the size is elsewhere", or "not known yet"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk: its name, where its content begins in the file, and how long it claims to be."""

    name: bytes
    start: int
    size: int
    file: BinaryIO

    def read(self, limit: int = MAX_CHUNK_BYTES) -> bytes:
        """The content, or its first `limit` bytes."""
        self.file.seek(self.start)
        return self.file.read(min(self.size, limit))


def riff_chunks(file: BinaryIO, *, big_endian: bool = False) -> Iterator[Chunk]:
    """The chunks of a RIFF file of any kind, in order, up to where they make no sense any more. Sizes of RF64 and BW64
    that don't fit into 32 bits are those of its `ds64` chunk."""
    large: dict[bytes, int] = {}
    for chunk in _chunks(file, ">" if big_endian else "<", large.get):
        if chunk.name == b"ds64":
            large |= _large_sizes(chunk.read(28 + 12 * 100))
        yield chunk


def iff_chunks(file: BinaryIO) -> Iterator[Chunk]:
    """The chunks of an AIFF."""
    return _chunks(file, ">", lambda name: None)


def sub_chunks(data: bytes, *, big_endian: bool = False) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of the chunks in the content of a list."""
    order = ">" if big_endian else "<"
    at = 0
    for _ in range(_MAX_CHUNKS):
        if at + 8 > len(data):
            return
        name, size = struct.unpack_from(f"{order}4sI", data, at)
        yield name, data[at + 8 : at + 8 + size]
        at += 8 + size
        at += at & 1


def _chunks(file: BinaryIO, order: str, large: Callable[[bytes], int | None]) -> Iterator[Chunk]:
    end = file.seek(0, 2)
    at = 12
    for _ in range(_MAX_CHUNKS):
        file.seek(at)
        header = file.read(8)
        if len(header) < 8:
            return
        name, size = struct.unpack(f"{order}4sI", header)
        if size == _OPEN:
            size = large(name) or size
        if not _is_name(name):
            return
        yield Chunk(name, at + 8, size, file)
        at += 8 + size
        if at >= end:
            return
        at = _next(file, at)


def _next(file: BinaryIO, at: int) -> int:
    """Where the next chunk starts: at an even place, but some programs forget."""
    if not at & 1:
        return at
    file.seek(at)
    names = file.read(5)
    return at if _is_name(names[:4]) and not _is_name(names[1:]) else at + 1


def _is_name(name: bytes) -> bool:
    return len(name) == 4 and all(0x20 <= byte < 0x7F or byte == 0xA9 for byte in name)


def _large_sizes(data: bytes) -> dict[bytes, int]:
    """The sizes in a `ds64` chunk: those of the file and of the samples, then a table of others."""
    if len(data) < 28:
        return {}
    (samples,) = struct.unpack_from("<Q", data, 8)
    (count,) = struct.unpack_from("<I", data, 24)
    sizes = {b"data": samples}
    for number in range(min(count, (len(data) - 28) // 12)):
        name, size = struct.unpack_from("<4sQ", data, 28 + 12 * number)
        sizes.setdefault(name, size)
    return sizes
