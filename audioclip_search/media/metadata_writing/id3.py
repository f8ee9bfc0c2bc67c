"""Keywords into ID3 tags, as `TXXX:KEYWORDS`. All other frames stay as they are, byte for byte."""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO

import mutagen.id3
from mutagen import MutagenError

from audioclip_search.errors import MediaError
from audioclip_search.media.metadata.id3 import Frame, extended_bytes, from_syncsafe, id3_frame, id3_frames, syncsafe
from audioclip_search.media.metadata_writing.edits import Replacement

_NAME = "KEYWORDS"
_NEW_VERSION = 3  # which everything reads
_ROOM = 1_024
_MAX_BYTES = 1 << 28
_FOOTER, _EXTENDED, _UNSYNCHRONISED = 0x10, 0x40, 0x80


def id3_length(head: bytes) -> int:
    """How many bytes the tag takes of which these are the first ten; 0 if it is none."""
    if len(head) < 10 or head[:3] != b"ID3":
        return 0
    return 10 + from_syncsafe(head[6:10]) + (10 if head[5] & _FOOTER else 0)


def mp3_replacements(file: BinaryIO, words: tuple[str, ...]) -> list[Replacement]:
    """Add keywords to the tag at the start of an MP3.

    Raises:
        MediaError: The tag is damaged, or of a version not known here.
    """
    file.seek(0)
    length = id3_length(file.read(10))
    file.seek(0)
    tag = file.read(length)
    return [Replacement(0, length, tag_with_keywords(tag, words, room=_ROOM))]


def tag_with_keywords(tag: bytes, words: tuple[str, ...], *, room: int) -> bytes:
    """A tag with further keywords, as long as it was if they fit in.

    Args:
        tag: A whole tag, or nothing.
        words: The keywords.
        room: How many bytes are left free for later where the tag has to grow.

    Raises:
        MediaError: As for `mp3_replacements`.
    """
    version, flags, body = _opened(tag) if tag else (_NEW_VERSION, 0, b"")
    texts: list[str] = []
    kept: list[bytes] = []
    for frame in id3_frames(body, version):
        if frame.end > len(body) or not frame.name.rstrip(b"\0").isalnum():
            raise MediaError("its ID3 tag is damaged", remedy="Save its tags anew with a tag editor first")
        found = _keywords(frame, version, flags)
        if found is None:
            kept.append(body[frame.start : frame.end])
        else:
            texts += found
    content = _content("; ".join([*texts, *words]), version)
    frames = b"".join(kept) + id3_frame(b"TXX" if version == 2 else b"TXXX", 0, content, version)
    size = len(tag) - 10
    if len(frames) > size:
        size = len(frames) + room
    if size >= _MAX_BYTES:
        raise MediaError("its ID3 tag has no room for keywords")
    return b"ID3" + bytes([version, 0, flags]) + syncsafe(size) + frames.ljust(size, b"\0")


def _opened(tag: bytes) -> tuple[int, int, bytes]:
    """Version, the flags that still hold, and frames with padding. An extended header has nothing in it that is needed,
    and perhaps a checksum that will be wrong; a footer is only for tags at the end."""
    version, flags = tag[3], tag[5]
    if version not in (2, 3, 4) or len(tag) < id3_length(tag):
        raise MediaError("its ID3 tag is damaged, or of an unknown version")
    body = tag[10 : 10 + from_syncsafe(tag[6:10])]
    if flags & _UNSYNCHRONISED and version < 4:
        body = body.replace(b"\xff\x00", b"\xff")
    if flags & _EXTENDED and version > 2:
        body = body[extended_bytes(body, version) :]
    return version, flags & _UNSYNCHRONISED if version == 4 else 0, body


def _keywords(frame: Frame, version: int, flags: int) -> list[str] | None:
    """The texts of the frame, if it is the one for keywords."""
    if frame.name not in (b"TXXX", b"TXX") or frame.packed(version):
        return None
    raw = id3_frame(frame.name, frame.flags, frame.content, version)
    alone = b"ID3" + bytes([version, 0, flags]) + syncsafe(len(raw)) + raw
    try:
        found = mutagen.id3.ID3(BytesIO(alone), load_v1=False).getall("TXXX")
    except (MutagenError, ValueError):
        return None  # whatever it is, it stays
    return list(found[0].text) if found and found[0].desc.upper() == _NAME else None


def _content(text: str, version: int) -> bytes:
    """The content of the frame: how it is encoded, its name, the text. UTF-8 is new in version 2.4."""
    if text.isascii():
        return b"\0" + _NAME.encode() + b"\0" + text.encode()
    if version == 4:
        return b"\3" + _NAME.encode() + b"\0" + text.encode()
    return b"\1" + _NAME.encode("utf-16") + b"\0\0" + text.encode("utf-16")
