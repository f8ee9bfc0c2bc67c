"""ID3 tags, at the start of a file or in a chunk."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import Any, BinaryIO

import mutagen.id3

from audioclip_search.media.metadata.fields import Findings

_MAX_TAG_BYTES = 16 << 20
_MAX_FRAME_BYTES = 1 << 16
_MAX_ALL_FRAME_BYTES = 1 << 18
_MAX_FRAMES = 2_000
_CHAPTER_TIMES = 16

_FOOTER, _EXTENDED, _UNSYNCHRONISED = 0x10, 0x40, 0x80
# Frames that are compressed or encrypted, in version 2.3 and 2.4.
_PACKED = {3: 0x00C0, 4: 0x000C}


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame as it is in a tag's body, from `start` to `end`, which is beyond the body if the tag is damaged."""

    name: bytes
    flags: int
    content: bytes
    start: int
    end: int

    def packed(self, version: int) -> bool:
        """Whether it is compressed or encrypted."""
        return bool(self.flags & _PACKED.get(version, 0))


def read_id3(file: BinaryIO, found: Findings) -> int:
    """Read the tag that begins where the file is now. mutagen is given a tag of the texts and chapters alone: it has
    no limits of its own, unpacks frames whatever their size, and takes quadratic time.

    Returns:
        How many bytes the tag takes; 0 if there is none.

    Raises:
        MutagenError: It is damaged. So are LookupError and others that mutagen lets out.
    """
    header = file.read(10)
    if len(header) < 10 or header[:3] != b"ID3" or header[3] not in (2, 3, 4):
        return 0
    version, flags = header[3], header[5]
    size = from_syncsafe(header[6:])
    body = file.read(min(size, _MAX_TAG_BYTES))
    if flags & _UNSYNCHRONISED and version < 4:
        body = body.replace(b"\xff\x00", b"\xff")
    if flags & _EXTENDED and version > 2:
        body = body[extended_bytes(body, version) :]
    frames = _kept(body, version)
    if frames:
        kept_flags = flags & _UNSYNCHRONISED if version == 4 else 0
        small = b"ID3" + bytes([version, 0, kept_flags]) + syncsafe(len(frames)) + frames
        _read_frames(mutagen.id3.ID3(BytesIO(small), load_v1=False), found)
    return 10 + size + (10 if flags & _FOOTER else 0)


def read_id3v1(file: BinaryIO, found: Findings) -> None:
    """Read the tag of 128 bytes at a file's end, if there is one."""
    if file.seek(0, 2) >= 128:
        file.seek(-128, 2)
        frames = mutagen.id3.ParseID3v1(file.read(128))
        for frame in (frames or {}).values():
            _read_frame(frame, found)


def _read_frames(tag: Any, found: Findings) -> None:
    for frame in tag.values():
        if frame.FrameID == "CHAP":
            titles = [str(text) for sub in frame.sub_frames.getall("TIT2") for text in sub.text]
            found.mark(frame.start_time / 1000, frame.end_time / 1000, " ".join(titles) or frame.element_id)
        else:
            _read_frame(frame, found)


def _read_frame(frame: Any, found: Findings) -> None:
    if frame.FrameID == "TXXX":
        name = frame.desc
    elif frame.FrameID == "COMM" and frame.desc.lower().startswith("itun"):
        return
    else:
        name = frame.FrameID
    # Genres are stored as numbers, which stand for names; credits as pairs.
    texts = frame.genres if frame.FrameID == "TCON" else getattr(frame, "text", ())
    for text in texts:
        found.add(name, str(text))


def _kept(body: bytes, version: int, *, chapters: bool = True) -> bytes:
    """Of a tag's frames those with texts, and chapters with their titles."""
    kept: list[bytes] = []
    size = 0
    for frame in islice(id3_frames(body, version), _MAX_FRAMES):
        content = frame.content
        if frame.name == b"CHAP" and chapters:
            start = content.find(b"\0") + 1 + _CHAPTER_TIMES
            content = content[:start] + _kept(content[start:], version, chapters=False)
        elif not frame.name.startswith(b"T") and frame.name not in (b"COMM", b"COM"):
            continue
        if frame.packed(version) or len(content) > _MAX_FRAME_BYTES:
            continue
        size += len(content)
        if size > _MAX_ALL_FRAME_BYTES:
            break
        kept.append(id3_frame(frame.name, frame.flags, content, version))
    return b"".join(kept)


def id3_frames(body: bytes, version: int) -> Iterator[Frame]:
    """The frames of a tag's body, up to the padding."""
    length = 6 if version == 2 else 10
    at = 0
    while at + length <= len(body):
        if version == 2:
            name, flags = body[at : at + 3], 0
            size = int.from_bytes(body[at + 3 : at + 6], "big")
        else:
            name, size, flags = struct.unpack_from(">4sIH", body, at)
            if version == 4:
                size = _frame_size(body, at)
        if not name.rstrip(b"\0"):
            return
        yield Frame(name, flags, body[at + length : at + length + size], at, at + length + size)
        at += length + size


def _frame_size(body: bytes, at: int) -> int:
    """A size of version 2.4, which has seven bits a byte; iTunes used to write eight. If they differ, the right one is
    that behind which there is another frame or nothing."""
    raw = body[at + 4 : at + 8]
    plain, syncsafe = int.from_bytes(raw, "big"), from_syncsafe(raw)
    if plain != syncsafe and not _frame_or_end(body, at + 10 + syncsafe) and _frame_or_end(body, at + 10 + plain):
        return plain
    return syncsafe


def _frame_or_end(body: bytes, at: int) -> bool:
    name = body[at : at + 4]
    return at == len(body) or (at < len(body) and (not name.strip(b"\0") or (name.isalnum() and name.isupper())))


def id3_frame(name: bytes, flags: int, content: bytes, version: int) -> bytes:
    """A frame as it is in a file."""
    if version == 2:
        return name + len(content).to_bytes(3, "big") + content
    size = syncsafe(len(content)) if version == 4 else len(content).to_bytes(4, "big")
    return name + size + flags.to_bytes(2, "big") + content


def extended_bytes(body: bytes, version: int) -> int:
    """How long the extended header is; none if a frame is in its place, as some programs have it."""
    if body[:4].isalnum() and body[:4].isupper():
        return 0
    return from_syncsafe(body[:4]) if version == 4 else 4 + int.from_bytes(body[:4], "big")


def syncsafe(number: int) -> bytes:
    """A number of 28 bits in four bytes of seven."""
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def from_syncsafe(data: bytes) -> int:
    """A number from bytes of seven bits each."""
    number = 0
    for byte in data:
        number = number << 7 | byte & 0x7F
    return number
