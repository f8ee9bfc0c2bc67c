"""Sounds with metadata that no library writes, made byte by byte."""

from __future__ import annotations

import io
import struct

import numpy as np
import soundfile
from media_files import sound


def chunk(name: bytes, content: bytes, order: str = "<") -> bytes:
    """A chunk with its padding."""
    return name + struct.pack(f"{order}I", len(content)) + content + bytes(len(content) % 2)


def riff_file(*chunks: bytes, magic: bytes = b"RIFF", order: str = "<") -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return magic + struct.pack(f"{order}I", len(body)) + body


def fmt(rate_hz: int = 8_000, bits: int = 16, codec: int = 1, order: str = "<") -> bytes:
    align = bits // 8
    return chunk(b"fmt ", struct.pack(f"{order}HHIIHH", codec, 1, rate_hz, rate_hz * align, align, bits), order)


def wav(*chunks: bytes, before: bool = False, n: int = 800) -> bytes:
    """A WAV of 8 kHz and 16 bits with these chunks behind its samples, or before them."""
    samples = chunk(b"data", (1_000 * np.sin(np.arange(n))).astype("<i2").tobytes())
    return riff_file(fmt(), *chunks, samples) if before else riff_file(fmt(), samples, *chunks)


def bext(description: bytes = b"", time_reference: int = 0, history: bytes = b"") -> bytes:
    content = struct.pack(
        "<256s32s32s10s8sIIH",
        description,
        b"Recorder 7",
        b"REF0042",
        b"2024-05-17",
        b"13:45:02",
        time_reference & 0xFFFFFFFF,
        time_reference >> 32,
        1,
    )
    return chunk(b"bext", content + bytes(64 + 190) + history)


def info(*pairs: tuple[bytes, bytes]) -> bytes:
    return chunk(b"LIST", b"INFO" + b"".join(chunk(name, text) for name, text in pairs))


def cues(*points: tuple[int, int]) -> bytes:
    """Cue points: number, sample."""
    rows = (struct.pack("<II4sIII", number, at, b"data", 0, 0, at) for number, at in points)
    return chunk(b"cue ", struct.pack("<I", len(points)) + b"".join(rows))


def adtl(*entries: tuple[bytes, int, bytes]) -> bytes:
    """Labels: kind, the cue point's number, content behind it."""
    rows = (chunk(kind, struct.pack("<I", number) + content) for kind, number, content in entries)
    return chunk(b"LIST", b"adtl" + b"".join(rows))


def aiff(*chunks: bytes) -> bytes:
    """An AIFF of 8 kHz with these chunks behind its samples."""
    data = sound("AIFF", n=800)
    body = data[8:] + b"".join(chunks)
    return b"FORM" + struct.pack(">I", len(body)) + body


def id3(*frames: tuple[bytes, bytes], version: int = 3, flags: int = 0) -> bytes:
    """An ID3 tag of frames as they are."""
    body = b"".join(name + _size(len(content), version) + b"\0\0" + content for name, content in frames)
    return b"ID3" + bytes([version, 0, flags]) + _size(len(body), 4) + body


def _size(number: int, version: int) -> bytes:
    if version == 3:
        return struct.pack(">I", number)
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def tone(file_format: str, subtype: str | None = None, *, rate_hz: int = 8_000, n: int = 8_000) -> bytes:
    """A sound of any format that libsndfile writes."""
    file = io.BytesIO()
    soundfile.write(file, 0.3 * np.sin(np.arange(n) * 0.3), rate_hz, format=file_format, subtype=subtype)
    return file.getvalue()


IXML = b"""<?xml version="1.0" encoding="UTF-8"?>
<BWFXML>
 <IXML_VERSION>1.61</IXML_VERSION>
 <PROJECT>Night Train</PROJECT><SCENE>12A</SCENE><TAKE>3</TAKE><TAPE>R07</TAPE><NOTE>plane at the end</NOTE>
 <SPEED><MASTER_SPEED>24/1</MASTER_SPEED></SPEED>
 <TRACK_LIST><TRACK_COUNT>2</TRACK_COUNT>
  <TRACK><CHANNEL_INDEX>1</CHANNEL_INDEX><INTERLEAVE_INDEX>1</INTERLEAVE_INDEX><NAME>Boom</NAME></TRACK>
  <TRACK><CHANNEL_INDEX>2</CHANNEL_INDEX><INTERLEAVE_INDEX>2</INTERLEAVE_INDEX><NAME>Lav Anna</NAME></TRACK>
 </TRACK_LIST>
 <USER>
  <CATID>GLASBrk</CATID><CATEGORY>GLASS</CATEGORY><SUBCATEGORY>BREAK</SUBCATEGORY><FXNAME>Window Smash</FXNAME>
  <KEYWORDS>shatter, pane</KEYWORDS><LIBRARY>Shards</LIBRARY><MICROPHONE>MKH 8040</MICROPHONE>
  <MICPERSPECTIVE>CU</MICPERSPECTIVE><NOTES>gr\xc3\xbcn</NOTES><EMBEDDER>SomeProgram</EMBEDDER>
 </USER>
 <ASWG><creatorId>AX</creatorId><sourceId>SHRD</sourceId><recStudio>Barn</recStudio><micType>omni</micType></ASWG>
</BWFXML>"""
