"""How to make a file what it was: what differs, which is little, not a copy."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

import numpy as np
import xxhash
from numpy.typing import NDArray

from audioclip_search.errors import MediaError
from audioclip_search.media.hashing import content_hash
from audioclip_search.media.metadata_writing.edits import copy_range

_MAGIC = b"ACSORIG1"
_HEADER = struct.Struct("<16s16sQQqI")
_PIECE = struct.Struct("<BQQ")
_BLOCK = 1 << 12
_STRIDE = 1 << 22
# Bytes that are the same between two that differ are not worth a piece of their own if there are no more than these.
_GAP = 32

_Bytes: TypeAlias = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes of the original that are in the present file, from `start`, `length` of them."""

    start: int
    length: int


Piece: TypeAlias = Kept | bytes


@dataclass(frozen=True, slots=True)
class Original:
    """What a file was before keywords were written into it.

    Attributes:
        written_hash: Content hash of the file as it was written.
        original_hash: That of the original.
        size: Of the original, bytes.
        mtime_ns: Its last modification.
        pieces: It, from what is in the file that was written, and what is not.
    """

    written_hash: str
    original_hash: str
    size: int
    mtime_ns: int
    pieces: tuple[Piece, ...]

    @classmethod
    def of(cls, original: Path, written: Path) -> Original:
        """Compare both files. Memory doesn't grow with their size."""
        stat = original.stat()
        made = cls(
            written_hash=content_hash(written),
            original_hash=content_hash(original),
            size=stat.st_size,
            mtime_ns=stat.st_mtime_ns,
            pieces=tuple(_difference(original, written)),
        )
        digest = _Digest()
        with written.open("rb") as file:
            made.write(file, digest)
        if digest.hexdigest() != made.original_hash:
            raise MediaError("changed while keywords were written into it", path=original, remedy="Try it again")
        return made

    def write(self, written: BinaryIO, target: BinaryIO | _Digest) -> None:
        """Write the original, from the file that was written."""
        for piece in self.pieces:
            if isinstance(piece, Kept):
                copy_range(written, target, piece.start, piece.start + piece.length)  # type: ignore[arg-type]
            else:
                target.write(piece)

    def to_bytes(self) -> bytes:
        """The record as bytes, to be kept."""
        packed = [
            _HEADER.pack(
                bytes.fromhex(self.written_hash),
                bytes.fromhex(self.original_hash),
                self.size,
                len(self.pieces),
                self.mtime_ns,
                0,
            )
        ]
        for piece in self.pieces:
            if isinstance(piece, Kept):
                packed.append(_PIECE.pack(1, piece.start, piece.length))
            else:
                packed.append(_PIECE.pack(0, 0, len(piece)) + piece)
        return _MAGIC + zlib.compress(b"".join(packed))

    @classmethod
    def from_bytes(cls, data: bytes) -> Original:
        """The record that `to_bytes` gave.

        Raises:
            MediaError: These are not its bytes.
        """
        try:
            if data[: len(_MAGIC)] != _MAGIC:
                raise ValueError("unknown version")
            packed = zlib.decompress(data[len(_MAGIC) :])
            written, original, size, count, mtime_ns, _ = _HEADER.unpack_from(packed)
            pieces: list[Piece] = []
            at = _HEADER.size
            for _ in range(count):
                kept, start, length = _PIECE.unpack_from(packed, at)
                at += _PIECE.size
                if kept:
                    pieces.append(Kept(start, length))
                else:
                    pieces.append(packed[at : at + length])
                    at += length
            if at != len(packed):
                raise ValueError("not as long as it says")
        except (ValueError, struct.error, zlib.error) as error:
            raise MediaError(f"the record of an original file can't be read ({error})") from error
        return cls(written.hex(), original.hex(), size, mtime_ns, tuple(pieces))


class _Digest:
    """A file that keeps nothing but a hash."""

    def __init__(self) -> None:
        self._digest = xxhash.xxh3_128()

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        return len(data)

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


def _difference(original: Path, written: Path) -> Iterator[Piece]:
    """The original from pieces of the other file. What is before some place is where it was, what is behind has moved
    with the file's end; and within both a few bytes differ."""
    old, new = _mapped(original), _mapped(written)
    moved = len(new) - len(old)
    border = _border(old, new, moved)
    for start, end, shift in ((0, border, 0), (border, len(old), moved)):
        at = start
        for first, last in _differing(old, new, start, end, shift):
            if first > at:
                yield Kept(at + shift, first - at)
            yield old[first:last].tobytes()
            at = last
        if end > at:
            yield Kept(at + shift, end - at)


def _mapped(path: Path) -> _Bytes:
    return np.memmap(path, np.uint8, "r") if path.stat().st_size else np.empty(0, np.uint8)


def _border(old: _Bytes, new: _Bytes, moved: int) -> int:
    """Up to where the old file's bytes are rather where they were than where they moved to."""
    if not moved:
        return len(old)
    gains = [np.zeros(1, np.int64)]
    for start in range(0, len(old), _STRIDE):
        end = min(start + _STRIDE, len(old))
        edges = np.arange(0, end - start, _BLOCK)
        staying = np.add.reduceat(_unequal(old, new, start, end, 0).astype(np.int64), edges)
        moving = np.add.reduceat(_unequal(old, new, start, end, moved).astype(np.int64), edges)
        gains.append(moving - staying)
    return min(int(np.argmax(np.cumsum(np.concatenate(gains)))) * _BLOCK, len(old))


def _unequal(old: _Bytes, new: _Bytes, start: int, end: int, shift: int) -> NDArray[np.bool_]:
    """Which bytes of the old file differ from the new one's so much further on; those beyond its ends do."""
    unequal = np.ones(end - start, np.bool_)
    first, last = max(start, -shift), min(end, len(new) - shift)
    if last > first:
        unequal[first - start : last - start] = old[first:last] != new[first + shift : last + shift]
    return unequal


def _differing(old: _Bytes, new: _Bytes, start: int, end: int, shift: int) -> Iterator[tuple[int, int]]:
    """Spans of the old file that differ, close ones joined."""
    first = last = -1
    for at in range(start, end, _STRIDE):
        places = np.flatnonzero(_unequal(old, new, at, min(at + _STRIDE, end), shift)) + at
        if not len(places):
            continue
        breaks = np.flatnonzero(np.diff(places) > _GAP)
        starts = places[np.concatenate([[0], breaks + 1])]
        ends = places[np.concatenate([breaks, [len(places) - 1]])] + 1
        for one, other in zip(starts.tolist(), ends.tolist(), strict=True):
            if last >= 0 and one - last <= _GAP:
                last = other
                continue
            if last >= 0:
                yield first, last
            first, last = one, other
    if last >= 0:
        yield first, last
