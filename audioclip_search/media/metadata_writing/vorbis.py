"""Keywords into FLAC, Ogg Vorbis and Opus: one comment `KEYWORDS` for each."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

from mutagen.ogg import OggPage

from audioclip_search.errors import MediaError
from audioclip_search.media.metadata_writing.edits import Replacement

_STREAMINFO, _PADDING, _COMMENT = 0, 1, 4
_LAST = 0x80
_MAX_BLOCK_BYTES = (1 << 24) - 1
_MAX_BLOCKS = 10_000

# How the packet of comments begins.
_OGG_MARKS = (b"\x03vorbis", b"OpusTags")
_MAX_HEADER_PAGES = 100
# Sizes of Ogg pages to try: if there are as many as before, the following ones needn't be numbered anew.
_PAGE_BYTES = (4_096, 8_192, 16_384, 32_768, 43_000)


@dataclass(frozen=True, slots=True)
class _Block:
    code: int
    last: bool
    start: int  # of its header of four bytes
    end: int


def flac_replacements(file: BinaryIO, start: int, words: tuple[str, ...]) -> list[Replacement]:
    """Add keywords to the comments of a FLAC that begins at `start`. If its padding has room, the file stays as long as
    it is.

    Raises:
        MediaError: The file is damaged.
    """
    blocks = _flac_blocks(file, start + 4)
    comment = next((block for block in blocks if block.code == _COMMENT), None)
    if comment:
        file.seek(comment.start + 4)
        content = comments_with_keywords(file.read(comment.end - comment.start - 4), words)
        replacements = [Replacement(comment.start, comment.end, _flac_block(_COMMENT, content, last=comment.last))]
        growth = len(content) + 4 - (comment.end - comment.start)
    else:
        info = blocks[0]
        content = comments_with_keywords(struct.pack("<II", 0, 0), words)
        new = _flac_block(_COMMENT, content, last=info.last)
        replacements = [
            Replacement(info.start, info.start + 1, bytes([_STREAMINFO])),
            Replacement(info.end, info.end, new),
        ]
        growth = len(new)
    for block in blocks:
        room = block.end - block.start - 4
        if block.code == _PADDING and room >= growth:
            smaller = _flac_block(_PADDING, bytes(room - growth), last=block.last)
            return [*replacements, Replacement(block.start, block.end, smaller)]
    return replacements


def _flac_blocks(file: BinaryIO, at: int) -> list[_Block]:
    length = file.seek(0, 2)
    blocks: list[_Block] = []
    while not blocks or not blocks[-1].last:
        file.seek(at)
        header = file.read(4)
        end = at + 4 + int.from_bytes(header[1:], "big")
        if len(header) < 4 or end > length or len(blocks) > _MAX_BLOCKS:
            raise MediaError("its metadata are damaged")
        blocks.append(_Block(header[0] & 0x7F, bool(header[0] & _LAST), at, end))
        at = end
    if blocks[0].code != _STREAMINFO:
        raise MediaError("its metadata are damaged")
    return blocks


def _flac_block(code: int, content: bytes, *, last: bool) -> bytes:
    if len(content) > _MAX_BLOCK_BYTES:
        raise MediaError("has no room for keywords")
    return bytes([code | (_LAST if last else 0)]) + len(content).to_bytes(3, "big") + content


def add_to_ogg(file: BinaryIO, words: tuple[str, ...]) -> None:
    """Add keywords to the comments of an open Ogg file, in place.

    Raises:
        MediaError: It is neither Vorbis nor Opus, or damaged.
        MutagenError: It is damaged.
    """
    file.seek(0)
    page = OggPage(file)
    for _ in range(_MAX_HEADER_PAGES):
        if page.packets and page.packets[0].startswith(_OGG_MARKS):
            break
        page = OggPage(file)
    else:
        raise MediaError("is neither Vorbis nor Opus")
    pages = [page]
    while not (pages[-1].complete or len(pages[-1].packets) > 1):
        page = OggPage(file)
        if page.serial == pages[0].serial:
            pages.append(page)
    packets = OggPage.to_packets(pages, strict=False)
    mark = next(mark for mark in _OGG_MARKS if packets[0].startswith(mark))
    packets[0] = mark + comments_with_keywords(packets[0][len(mark) :], words)
    OggPage.replace(file, pages, _new_pages(packets, pages))


def _new_pages(packets: list[bytes], old: list[OggPage]) -> list[OggPage]:
    for size in _PAGE_BYTES:
        pages: list[OggPage] = OggPage.from_packets(packets, old[0].sequence, default_size=size, wiggle_room=size // 2)
        if len(pages) == len(old):
            return pages
    return list(OggPage.from_packets(packets, old[0].sequence))


def comments_with_keywords(data: bytes, words: tuple[str, ...]) -> bytes:
    """A block of Vorbis comments with further ones behind those it has. Zeros at its end give way.

    Raises:
        MediaError: It is damaged.
    """
    try:
        count_at = 4 + struct.unpack_from("<I", data)[0]
        (count,) = struct.unpack_from("<I", data, count_at)
        end = count_at + 4
        for _ in range(count):
            end += 4 + struct.unpack_from("<I", data, end)[0]
    except struct.error as error:
        raise MediaError("its comments are damaged") from error
    if end > len(data):
        raise MediaError("its comments are damaged")
    texts = [f"KEYWORDS={word}".encode() for word in words]
    new = b"".join(struct.pack("<I", len(text)) + text for text in texts)
    rest = data[end:]
    room = len(rest) - len(rest.rstrip(b"\0"))
    counted = data[:count_at] + struct.pack("<I", count + len(words)) + data[count_at + 4 : end]
    return counted + new + rest[: len(rest) - min(room, len(new))]
