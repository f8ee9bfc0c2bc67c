"""What an AIFF or AIFF-C says of itself."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import BinaryIO

from audioclip_search.media.metadata.chunks import Chunk, iff_chunks
from audioclip_search.media.metadata.fields import Findings, clean_text, flaws_left_out
from audioclip_search.media.metadata.id3 import read_id3

_MAX_ID3_BYTES = 16 << 20
_TEXTS = {b"NAME": "title", b"AUTH": "artist", b"ANNO": "comment", b"(c) ": "copyright", b"\xa9   ": "copyright"}
_LOSSLESS = {b"NONE", b"sowt", b"twos", b"raw ", b"in24", b"in32", b"42ni", b"23ni", b"fl32", b"FL32", b"fl64", b"FL64"}


def read_aiff(file: BinaryIO, found: Findings) -> None:
    """Read an AIFF or AIFF-C."""
    points: dict[int, tuple[int, str]] = {}  # sample, label
    notes: dict[int, list[str]] = {}
    for chunk in iff_chunks(file):
        with flaws_left_out(f"{chunk.name!r} data"):
            _read_chunk(chunk, found, points, notes)
    if found.rate_hz:
        for number, (sample, label) in points.items():
            text = ": ".join(filter(None, [label, *notes.get(number, ())]))
            found.mark(sample / found.rate_hz, sample / found.rate_hz, text)


def _read_chunk(chunk: Chunk, found: Findings, points: dict[int, tuple[int, str]], notes: dict[int, list[str]]) -> None:
    if chunk.name == b"COMM":
        _read_common(chunk.read(64), found)
    elif chunk.name in _TEXTS:
        found.add(_TEXTS[chunk.name], chunk.read())
    elif chunk.name == b"ID3 ":
        read_id3(BytesIO(chunk.read(_MAX_ID3_BYTES)), found)
    elif chunk.name == b"MARK":
        _read_markers(chunk.read(), points)
    elif chunk.name == b"COMT":
        _read_comments(chunk.read(), found, notes)


def _read_common(data: bytes, found: Findings) -> None:
    channels, _, bits, exponent, mantissa = struct.unpack_from(">HIHHQ", data)
    rate_hz = mantissa * 2.0 ** ((exponent & 0x7FFF) - 16_446)  # an 80-bit float
    found.sound(rate_hz, channels, bits if len(data) < 22 or data[18:22] in _LOSSLESS else 0)


def _read_markers(data: bytes, points: dict[int, tuple[int, str]]) -> None:
    (count,) = struct.unpack_from(">H", data)
    at = 2
    for _ in range(count):
        number, sample, length = struct.unpack_from(">HIB", data, at)
        points[number] = sample, clean_text(data[at + 7 : at + 7 + length])
        at += 7 + length + (length + 1) % 2  # length and text together are even


def _read_comments(data: bytes, found: Findings, notes: dict[int, list[str]]) -> None:
    (count,) = struct.unpack_from(">H", data)
    at = 2
    for _ in range(count):
        _, number, length = struct.unpack_from(">IHH", data, at)
        text = data[at + 8 : at + 8 + length]
        if number:
            notes.setdefault(number, []).append(clean_text(text))
        else:
            found.add("comment", text)
        at += 8 + length + length % 2
