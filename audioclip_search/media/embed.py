"""Writing metadata into a file that this package has just made: a WAV as soundfile writes it, or a FLAC."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import mutagen
from mutagen.flac import FLAC

from audioclip_search.errors import ExportError
from audioclip_search.types import Marker, Metadata

# Our names of fields -> those of RIFF's INFO list.
_INFO = {
    "title": b"INAM",
    "artist": b"IART",
    "album": b"IPRD",
    "comment": b"ICMT",
    "keywords": b"IKEY",
    "genre": b"IGNR",
    "subject": b"ISBJ",
    "date": b"ICRD",
    "copyright": b"ICOP",
    "software": b"ISFT",
    "engineer": b"IENG",
    "track": b"ITRK",
}
# -> those of iXML, and of ASWG, its part for sound effects; all else goes into its part for anybody's use.
_IXML = ("project", "scene", "take", "tape", "note")
_ASWG = {
    "category": "category",
    "subcategory": "subCategory",
    "catid": "catId",
    "user_category": "userCategory",
    "vendor_category": "vendorCategory",
    "fxname": "fxName",
    "library": "library",
    "creator": "creatorId",
    "source": "sourceId",
    "microphone": "micType",
    "mic_perspective": "micPerspective",
    "rec_type": "recType",
}
_BEXT = ("description", "originator", "originator_reference")
_BEXT_DESCRIPTION = 256
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def embed_metadata(path: Path, metadata: Metadata, *, rate_hz: int, flac: bool) -> None:
    """Give a new file fields and markers; numbers like `bits` are what they are.

    A FLAC gets Vorbis comments, markers as CHAPTER001 and so on (which know no ends). A WAV gets, after its samples,
    `bext` (256 bytes of the description; the whole of a longer one goes into iXML), INFO, iXML, and cue points with
    labels.

    Args:
        path: The file, of which nobody else knows yet.
        metadata: What to write.
        rate_hz: The sound's.
        flac: Whether it is a FLAC.

    Raises:
        OSError: The disk failed.
        ExportError: The metadata can't be written.
    """
    if flac:
        _embed_in_flac(path, metadata)
    else:
        _append_chunks(path, list(_wav_chunks(metadata, rate_hz)))


def _embed_in_flac(path: Path, metadata: Metadata) -> None:
    try:
        file = FLAC(path)
        comments = [(re.sub(r"[^ -<>-}]", "_", name.upper()), _encodable(text)) for name, text in metadata.fields]
        for number, marker in enumerate(metadata.markers, 1):
            minutes, seconds = divmod(marker.start_s, 60)
            time = f"{int(minutes) // 60:02d}:{int(minutes) % 60:02d}:{min(seconds, 59.999):06.3f}"
            comments += [(f"CHAPTER{number:03d}", time), (f"CHAPTER{number:03d}NAME", _encodable(marker.label))]
        if file.tags is None:
            file.add_tags()
        file.tags.extend(comments)
        file.save()
    except mutagen.MutagenError as error:
        raise ExportError(f"its metadata can't be written ({error})", path=path) from error


def _wav_chunks(metadata: Metadata, rate_hz: int) -> Iterator[tuple[bytes, bytes]]:
    fields = [(name, _encodable(text)) for name, text in metadata.fields]
    if any(name in _BEXT for name, _ in fields):
        yield b"bext", _bext(dict(reversed(fields)))  # the first of a name counts
    info = b"".join(_sub_chunk(_INFO[name], text.encode() + b"\0") for name, text in fields if name in _INFO)
    if info:
        yield b"LIST", b"INFO" + info
    ixml = _ixml(fields)
    if ixml:
        yield b"iXML", ixml
    if metadata.markers:
        yield from _cue_chunks(metadata.markers, rate_hz)


def _bext(fields: dict[str, str]) -> bytes:
    """EBU Tech 3285, version 1."""
    date = _DATE.match(fields.get("date", ""))
    return struct.pack(
        "<256s32s32s10s8sQH254x",
        _cut(fields.get("description", ""), _BEXT_DESCRIPTION),
        _cut(fields.get("originator", ""), 32),
        _cut(fields.get("originator_reference", ""), 32),
        date[0].encode() if date else b"",
        b"",
        0,
        1,
    )


def _cut(text: str, size: int) -> bytes:
    return text.encode()[:size].decode(errors="ignore").encode()


def _ixml(fields: Sequence[tuple[str, str]]) -> bytes:
    """What the other chunks have no place for; empty if there is nothing."""
    own, aswg, user = [], [], []
    seen: set[str] = set()
    for name, text in fields:
        held = name in _BEXT and name not in seen and len(text.encode()) <= (256 if name == "description" else 32)
        seen.add(name)
        if name in _INFO or held:
            continue
        if name in _IXML:
            own.append(_element(name.upper(), text))
        elif name in _ASWG:
            aswg.append(_element(_ASWG[name], text))
        else:
            user.append(_element(_xml_name(name), text))
    if not own + aswg + user:
        return b""
    parts = [*own, *_group("ASWG", aswg), *_group("USER", user)]
    text = "".join(["<IXML_VERSION>2.10</IXML_VERSION>", *parts])
    return f'<?xml version="1.0" encoding="UTF-8"?><BWFXML>{text}</BWFXML>'.encode()


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(_NO_XML.sub(' ', text))}</{name}>"


def _group(name: str, elements: list[str]) -> list[str]:
    return [f"<{name}>{''.join(elements)}</{name}>"] if elements else []


def _xml_name(name: str) -> str:
    plain = re.sub(r"[^A-Z0-9_]", "_", name.upper())
    return plain if plain[:1].isalpha() else f"X_{plain}"


def _cue_chunks(markers: Sequence[Marker], rate_hz: int) -> Iterator[tuple[bytes, bytes]]:
    points, notes = [], []
    for number, marker in enumerate(markers, 1):
        at = round(marker.start_s * rate_hz)
        points.append(struct.pack("<II4sIII", number, at, b"data", 0, 0, at))
        notes.append(_sub_chunk(b"labl", struct.pack("<I", number) + _encodable(marker.label).encode() + b"\0"))
        length = round(marker.end_s * rate_hz) - at
        if length > 0:
            notes.append(_sub_chunk(b"ltxt", struct.pack("<II4s8x", number, length, b"rgn ")))
    yield b"cue ", struct.pack("<I", len(points)) + b"".join(points)
    yield b"LIST", b"adtl" + b"".join(notes)


def _sub_chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _append_chunks(path: Path, chunks: Sequence[tuple[bytes, bytes]]) -> None:
    with path.open("r+b") as file:
        form = file.read(4)
        file.seek(0, 2)
        if file.tell() % 2:
            file.write(b"\0")
        for name, data in chunks:
            file.write(_sub_chunk(name, data))
        size = file.tell() - 8
        if form == b"RF64":  # the true size is in the ds64 chunk, which is the first
            file.seek(20)
            file.write(struct.pack("<Q", size))
        else:
            file.seek(4)
            file.write(struct.pack("<I", size))


def _encodable(text: str) -> str:
    return text.replace("\0", " ").encode(errors="replace").decode()
