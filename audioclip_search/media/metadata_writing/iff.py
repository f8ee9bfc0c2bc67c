"""Keywords into WAV and AIFF: the chunk that holds them goes to the end, so that no sample moves."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

from audioclip_search.errors import MediaError
from audioclip_search.media.metadata.chunks import Chunk, iff_chunks, riff_chunks, sub_chunks
from audioclip_search.media.metadata.fields import decode_text
from audioclip_search.media.metadata_writing.edits import Replacement
from audioclip_search.media.metadata_writing.id3 import tag_with_keywords

_MAX_SIZE = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class _Layout:
    """The chunks of a file, where they end, and where it is written how long they are."""

    chunks: list[Chunk]
    end: int
    size_at: int
    size_format: str

    def last(self, chunk: Chunk) -> bool:
        return chunk is self.chunks[-1]


def wav_replacements(file: BinaryIO, words: tuple[str, ...]) -> list[Replacement]:
    """Add keywords to the INFO list of a WAV, RF64 or BW64, as `IKEY`, which is what editors and file managers show.

    Raises:
        MediaError: The file is damaged, or would be too large for its format.
    """
    layout = _wav_layout(file)
    old = next((chunk for chunk in layout.chunks if chunk.name == b"LIST" and chunk.read(4) == b"INFO"), None)
    entries = list(sub_chunks(old.read(old.size)[4:])) if old else []
    texts = [decode_text(text) for name, text in entries if name == b"IKEY"]
    keywords = "; ".join([*filter(None, texts), *words]).encode() + b"\0"
    kept = b"".join(_chunk(name, text, "<") for name, text in entries if name != b"IKEY")
    return _with_chunk(layout, old, _chunk(b"LIST", b"INFO" + kept + _chunk(b"IKEY", keywords, "<"), "<"))


def aiff_replacements(file: BinaryIO, words: tuple[str, ...]) -> list[Replacement]:
    """Add keywords to the ID3 chunk of an AIFF.

    Raises:
        MediaError: As for `wav_replacements`.
    """
    file.seek(4)
    (size,) = struct.unpack(">I", file.read(4))
    layout = _checked(file, list(iff_chunks(file)), size, 4, ">I")
    old = next((chunk for chunk in layout.chunks if chunk.name == b"ID3 "), None)
    tag = tag_with_keywords(old.read(old.size) if old else b"", words, room=0)
    return _with_chunk(layout, old, _chunk(b"ID3 ", tag, ">"))


def _wav_layout(file: BinaryIO) -> _Layout:
    file.seek(4)
    (size,) = struct.unpack("<I", file.read(4))
    chunks = list(riff_chunks(file))
    if size == _MAX_SIZE and chunks and chunks[0].name == b"ds64":
        (size,) = struct.unpack("<Q", chunks[0].read(8))
        return _checked(file, chunks, size, chunks[0].start, "<Q")
    return _checked(file, chunks, size, 4, "<I")


def _checked(file: BinaryIO, chunks: list[Chunk], size: int, size_at: int, size_format: str) -> _Layout:
    length = file.seek(0, 2)
    end = 8 + size
    inside = [chunk for chunk in chunks if chunk.start <= end]
    filled = inside[-1].start + inside[-1].size if inside else 0
    # A program may count the last padding without writing it, or the other way round.
    if not filled <= end <= filled + 1 or filled > length:
        raise MediaError(
            "its chunks don't add up to what its header says", remedy="Save it anew with an audio editor first"
        )
    return _Layout(inside, min(end, length), size_at, size_format)


def _with_chunk(layout: _Layout, old: Chunk | None, new: bytes) -> list[Replacement]:
    """Put a chunk at the end. The one it stands for goes if it was there, or else becomes room that readers skip."""
    replacements = []
    if old and layout.last(old):
        start = old.start - 8
    else:
        start = layout.end
        new = b"\0" * (start & 1) + new
        if old:
            replacements.append(Replacement(old.start - 8, old.start - 4, b"JUNK"))
    replacements.append(Replacement(start, layout.end, new))
    size = start + len(new) - 8
    if layout.size_format != "<Q" and size >= _MAX_SIZE:
        raise MediaError("has no room for keywords: it would be larger than 4 GiB")
    data = struct.pack(layout.size_format, size)
    return [*replacements, Replacement(layout.size_at, layout.size_at + len(data), data)]


def _chunk(name: bytes, content: bytes, order: str) -> bytes:
    return name + struct.pack(f"{order}I", len(content)) + content + b"\0" * (len(content) & 1)
