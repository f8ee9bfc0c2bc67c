"""Files that are broken, hostile or something else than they say, and a whole folder of them, the same in every run."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from media_files import (
    film,
    flac_claiming_to_be_endless,
    odd_samples,
    picture,
    picture_only_video,
    riff,
    sound,
    wav_header,
    whole_files,
)
from numpy.random import Generator

from audioclip_search.media.formats import AUDIO_SUFFIXES, IMAGE_SUFFIXES, TEXT_SUFFIXES

HOURS_20 = 20 * 3_600 * 8_000  # samples


@dataclass(frozen=True, slots=True)
class Made:
    """A file of the folder: where it is, as bytes, because not every name is Unicode; what was done to it; what is in
    it."""

    path: bytes
    kind: str
    data: bytes


# --- Damages: what happens to a whole file ---


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _spot(data: bytes, random: Generator, *, header: bool) -> int:
    """A position in the first 64 bytes, or anywhere."""
    return int(random.integers(min(64, len(data)) if header else len(data)))


def _overwritten(data: bytes, at: int, new: bytes) -> bytes:
    return (data[:at] + new + data[at + len(new) :])[: len(data)]


def truncated_early(data: bytes, random: Generator) -> bytes:
    return data[: 1 + _spot(data, random, header=True)]


def truncated(data: bytes, random: Generator) -> bytes:
    return data[: 1 + _spot(data, random, header=False)]


def last_bytes_lost(data: bytes, random: Generator) -> bytes:
    return data[: -int(random.integers(1, 16))]


def header_flipped(data: bytes, random: Generator) -> bytes:
    return _flipped(data, random, within=min(128, len(data)), count=4)


def body_flipped(data: bytes, random: Generator) -> bytes:
    return _flipped(data, random, within=len(data), count=40)


def _flipped(data: bytes, random: Generator, *, within: int, count: int) -> bytes:
    changed = bytearray(data)
    for at in random.integers(0, within, count):
        changed[at] = random.integers(256)
    return bytes(changed)


def block_zeroed(data: bytes, random: Generator) -> bytes:
    return _overwritten(data, _spot(data, random, header=False), bytes(512))


def block_lost(data: bytes, random: Generator) -> bytes:
    at = _spot(data, random, header=False)
    return data[:at] + data[at + 512 :]


def block_repeated(data: bytes, random: Generator) -> bytes:
    at = _spot(data, random, header=False)
    return data[: at + 512] + data[at : at + 512] * 20 + data[at + 512 :]


def huge_number(data: bytes, random: Generator) -> bytes:
    """Most of what a header says is a length or a number of things."""
    numbers = (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x00\xff\xff\x00")
    return _overwritten(data, 4 * (_spot(data, random, header=True) // 4), numbers[random.integers(len(numbers))])


def number_zeroed(data: bytes, random: Generator) -> bytes:
    return _overwritten(data, 4 * (_spot(data, random, header=True) // 4), bytes(4))


def garbage_behind(data: bytes, random: Generator) -> bytes:
    return data + random.bytes(5_000)


def garbage_before(data: bytes, random: Generator) -> bytes:
    return random.bytes(100) + data


DAMAGES: tuple[Callable[[bytes, Generator], bytes], ...] = (
    truncated_early,
    truncated,
    last_bytes_lost,
    header_flipped,
    body_flipped,
    block_zeroed,
    block_lost,
    block_repeated,
    huge_number,
    number_zeroed,
    garbage_behind,
    garbage_before,
)


# --- Headers that lie: sounds ---


def _replaced(data: bytes, name: bytes, offset: int, new: bytes) -> bytes:
    """With other bytes so far behind a chunk's name."""
    at = data.index(name) + offset
    return _overwritten(data, at, new)


def _boxes(depth: int) -> bytes:
    """An MP4 of boxes in boxes, each of the size it claims."""
    data = b""
    for _ in range(depth):
        data = struct.pack(">I4s", len(data) + 8, b"moov") + data
    return b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + data


def odd_sounds() -> Iterator[tuple[str, str, bytes]]:
    """Kind, suffix, content."""
    second = bytes(range(256)) * 62
    nan, inf = float("nan"), float("inf")
    for values in ((nan,), (inf,), (-inf, inf), (1e30, -1e30), (1e-40,)):
        yield "odd samples", "wav", odd_samples(*values)
        yield "odd samples", "wav", odd_samples(*values, every=7)
        yield "odd samples", "wav", odd_samples(*values, subtype="DOUBLE")
    yield "silence", "wav", odd_samples(0.0)
    yield "silence", "wav", odd_samples(1.0)  # a constant
    for channels in (0, 64, 255, 1_024, 65_535):
        yield "channels", "wav", wav_header(channels=channels, size=len(second), content=second)
    yield "channels", "wav", sound(channels=64, n=2_000)
    yield "channels", "wav", sound(channels=1_000, n=1_000)
    yield "channels", "caf", sound("CAF", channels=64, n=2_000)
    yield "channels", "flac", sound("FLAC", channels=8, n=2_000)
    yield "channels", "ogg", sound("OGG", "VORBIS", channels=64, n=2_000)
    for rate_hz in (0, 1, 999, 1_000, 44_056, 192_001, 767_999, 768_000, 768_001, 2_147_483_647, 4_294_967_295):
        yield "rates", "wav", wav_header(rate_hz=rate_hz, size=len(second), content=second)
    yield "rates", "au", sound("AU", rate_hz=768_000, n=768_000 // 4)
    yield "rates", "aiff", sound("AIFF", rate_hz=1, n=8_000)
    yield "20 hours", "wav", wav_header(size=2 * HOURS_20, content=second)
    yield "20 hours", "flac", flac_claiming_to_be_endless()
    yield "20 hours", "aiff", _replaced(sound("AIFF", n=8_000), b"COMM", 10, struct.pack(">I", HOURS_20))
    yield "20 hours", "aiff", _replaced(sound("AIFF", n=8_000), b"SSND", 4, struct.pack(">I", 2 * HOURS_20))
    yield "20 hours", "rf64", _replaced(sound("RF64", n=8_000), b"ds64", 16, struct.pack("<QQ", 2**62, 2**61))
    yield "20 hours", "w64", _replaced(sound("W64", n=8_000), b"data", 16, struct.pack("<Q", 2**62))
    yield "20 hours", "au", _overwritten(sound("AU", n=8_000), 8, struct.pack(">I", 2 * HOURS_20))
    yield "20 hours", "caf", _replaced(sound("CAF", n=8_000), b"data", 4, struct.pack(">Q", 2**62))
    yield "20 hours", "mp4", _replaced(film("mp4", "aac"), b"mvhd", 16, struct.pack(">II", 1, 72_000))
    yield "20 hours", "mp4", _replaced(film("mp4", "aac"), b"stts", 12, struct.pack(">II", 2**31, 2**31))
    for box in (b"stsz", b"stts", b"stsc", b"stco"):
        yield "claimed counts", "m4a", _replaced(film("ipod", "aac"), box, 8, b"\x0f\xff\xff\xff" * 2)
    yield "chunks", "m4a", _boxes(5_000)
    for size in (0, 1, 0x7FFFFFFF, 0xFFFFFFFF):
        yield "chunks", "wav", riff((b"fmt ", size, second[:16]), (b"data", 1_000, bytes(1_000)))
        yield "chunks", "wav", riff((b"LIST", size, b"INFO"), (b"fmt ", 16, second[:16]), (b"data", 8, bytes(8)))
        yield "chunks", "wav", wav_header(size=size, content=second)
    yield "chunks", "wav", riff(*[(b"junk", 0, b"")] * 50_000)
    yield "chunks", "wav", riff((b"data", len(second), second))
    yield "chunks", "wav", riff((b"data", len(second), second), (b"fmt ", 16, wav_header()[20:36]))
    for codec in (0, 2, 0x11, 0x50, 0x55, 0x160, 0xFFFE, 0xFFFF):
        yield "encodings", "wav", wav_header(codec=codec, size=len(second), content=second)
    for bits, align in ((0, 0), (1, 1), (7, 2), (64, 1), (65_535, 65_535)):
        yield "encodings", "wav", wav_header(bits=bits, align=align, size=len(second), content=second)
    yield "tags", "mp3", b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + sound("MP3", "MPEG_LAYER_III")
    yield (
        "tags",
        "mp3",
        b"ID3\x03\0\0\0\0\x10\0TIT2\xff\xff\xff\xff\0\0" + bytes(2_038) + sound("MP3", "MPEG_LAYER_III"),
    )
    yield "chained", "ogg", sound("OGG", "VORBIS", n=2_000) * 50
    yield "chained", "mp3", b"".join(sound("MP3", "MPEG_LAYER_III", rate_hz=r, n=2_000) for r in (8_000, 44_100) * 20)
    yield "no sound", "mp4", picture_only_video()
    yield "no sound", "wav", sound(n=0)
    yield "no sound", "wav", sound(n=4)
    yield "playlists", "mp3", b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n"
    yield "playlists", "m4a", b"ffconcat version 1.0\nfile good0.wav\nfile /dev/zero\n"
    yield "playlists", "wav", b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 9 RTP/AVP 0\n"


# --- Headers that lie: pictures and texts ---


def png(width: int, height: int, *chunks: tuple[bytes, bytes], colour: int = 2, bits: int = 8) -> bytes:
    """A PNG of these chunks behind its header, each with the right checksum."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    body = b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in ((b"IHDR", header), *chunks, (b"IEND", b""))
    )
    return b"\x89PNG\r\n\x1a\n" + body


def tiff(*entries: tuple[int, int, int, int], following: int = 0) -> bytes:
    """A little-endian TIFF of one directory: entries of tag, type, count and value; where the next one is."""
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0\x08\0\0\0" + directory + struct.pack("<I", following) + bytes(200)


def _tiff_entries(width: int, height: int, *, rows: int = 1, size: int = 100) -> tuple[tuple[int, int, int, int], ...]:
    of = {256: width, 257: height, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: rows, 279: size}
    return tuple((tag, 4, 1, value) for tag, value in of.items())


def zeroes(count: int) -> bytes:
    """So many zero bytes, compressed a thousandfold, without having them all in memory."""
    packer = zlib.compressobj(9)
    blocks = [packer.compress(bytes(1 << 20)) for _ in range(count >> 20)]
    return b"".join([*blocks, packer.compress(bytes(count & ((1 << 20) - 1))), packer.flush()])


def odd_pictures() -> Iterator[tuple[str, str, bytes]]:
    """Kind, suffix, content."""
    bomb = zeroes(64 << 20)
    row = zlib.compress(bytes(1_000))
    for width, height in ((0, 0), (1, 0), (2**31 - 1, 2**31 - 1), (100_000, 100_000), (13_000, 13_000), (1, 100_000)):
        yield "dimensions", "png", png(width, height, (b"IDAT", row))
        yield "dimensions", "bmp", _overwritten(picture("BMP"), 18, struct.pack("<II", width, height))
        yield "dimensions", "tif", tiff(*_tiff_entries(width, height))
        yield "dimensions", "ppm", b"P6 %d %d 255\n" % (width, height) + bytes(1_000)
    for width, height in ((65_535, 65_535), (13_000, 13_000)):
        size = struct.pack(">HH", height, width)
        yield "dimensions", "jpg", _replaced(picture("JPEG"), b"\xff\xc0", 5, size)
        yield "dimensions", "jpg", _replaced(picture("JPEG", progressive=True), b"\xff\xc2", 5, size)
        yield "dimensions", "gif", _overwritten(picture("GIF", "P"), 6, struct.pack("<HH", width, height))
    yield "dimensions", "webp", _replaced(picture("WEBP"), b"\x9d\x01\x2a", 3, b"\xff\x3f\xff\x3f")
    yield "dimensions", "avif", _replaced(picture("AVIF"), b"ispe", 8, struct.pack(">II", 65_535, 65_535))
    yield "bombs", "png", png(13_000, 13_000, (b"IDAT", zeroes(13_000 * 13_001)), colour=0)
    yield "bombs", "png", png(13_000, 13_000, (b"IDAT", zeroes(13_000 * 4 * 13_001)), colour=6)
    yield "bombs", "png", png(13_000, 13_000, (b"IDAT", bomb), colour=6)
    yield "bombs", "png", png(8, 8, (b"zTXt", b"a\0\0" + bomb), (b"IDAT", row), colour=0)
    yield "bombs", "png", png(8, 8, (b"iCCP", b"a\0\0" + bomb), (b"IDAT", row), colour=0)
    yield "bombs", "png", png(8, 8, *[(b"zTXt", b"a\0\0" + zlib.compress(bytes(1 << 20)))] * 100, (b"IDAT", row))
    yield "bombs", "apng", png(8, 8, (b"acTL", b"\x7f\xff\xff\xff\0\0\0\0"), (b"IDAT", row), colour=0)
    yield "chunks", "png", png(8, 8, *[(b"tEXt", b"a\0")] * 50_000, (b"IDAT", row), colour=0)
    yield "chunks", "tif", tiff(*_tiff_entries(8, 8), following=8)
    yield "chunks", "tif", tiff((256, 4, 0xFFFFFFF, 8), *_tiff_entries(8, 8)[1:])
    yield "chunks", "tif", tiff(*_tiff_entries(8, 8, rows=0, size=0xFFFFFFFF))
    yield "chunks", "ppm", b"P6 " + b"#\n" * 100_000
    yield "chunks", "ppm", b"P6 " + b"9" * 100_000
    yield "chunks", "pgm", b"P2 10 10 255 " + b"9" * 100_000
    yield "chunks", "pgm", b"P5 8 8 0 " + bytes(64)
    yield "chunks", "gif", picture("GIF", "P")[:-1] + b"\x21\xfe" + b"\xff" * 100_000


def odd_texts() -> Iterator[tuple[str, str, bytes]]:
    """Kind, suffix, content."""
    for content in (
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\xff\xfe\x00\xd8",
        b"\xff\xfe\x00\x00\xff\xff\xff\xff",
        b"\x00",
        b"rain\x00thunder",
        b" \n\t\r\n" * 1_000,
        b"\xed\xa0\x80 lone surrogate",
        b"\x1b[31m" * 100,
        b"caf\xe9",
        "\u202e\u200b\ufeff\U0001f941".encode(),
        b"a" * 3_000_000,
        "\U0001f941".encode() * 100_000,
    ):
        yield "texts", "txt", content


# --- The folder ---

ODD_NAMES = (
    "new\nline.wav",
    "tab\t, bell\a and escape \x1b[31m.wav",
    "carriage\rreturn.txt",
    "\U0001f941 drum \U0001f469\u200d\U0001f3a4.wav",
    "e\u0301 and é.wav",
    "\u202egnp.wav",
    "-rf.wav",
    " blank .wav",
    "'quotes\" and `ticks`; $(true) %s {0}.wav",
    "back\\slash.wav",
    "CON.wav",
    "*?[a-z]%.png",
    "a" * 251 + ".wav",
    "two\nlines/drum \U0001f941.wav",
)
NOT_UNICODE = (
    b"caf\xe9.wav",
    b"\xff\xfe.png",
    b"cut \xf0\x9f.txt",
    b"lone \xed\xa0\x80.wav",
    b"folder \xe9/inside.wav",
)


def _odd_names() -> Iterator[Made]:
    texts, sounds, pictures = b"rain", sound(n=4_000), picture("PNG")
    content = {b".txt": texts, b".wav": sounds, b".png": pictures}
    for name in ODD_NAMES:
        yield Made(name.encode(), "odd names", content[name.encode()[-4:]])
    for raw in NOT_UNICODE:
        yield Made(raw, "names not Unicode", content[raw[-4:]])


def _damaged(random: Generator, each: int) -> Iterator[tuple[str, str, bytes]]:
    whole = list(whole_files())
    for suffix, data in whole:
        for number in random.permutation(len(DAMAGES))[:each]:
            damage = DAMAGES[number]
            yield damage.__name__.replace("_", " "), suffix, damage(data, random)
        other = whole[random.integers(len(whole))][0]
        yield "wrong suffix", other, data


def _meaningless(random: Generator) -> Iterator[tuple[str, str, bytes]]:
    for suffix in sorted(AUDIO_SUFFIXES | IMAGE_SUFFIXES | TEXT_SUFFIXES):
        yield "random bytes", suffix[1:], random.bytes(int(random.integers(1, 20_000)))
    for suffix in ("wav", "flac", "ogg", "mp3", "m4a", "mkv", "png", "jpg", "gif", "tif", "webp", "avif", "txt"):
        yield "empty", suffix, b""
        yield "one byte", suffix, b"R"
        yield "zero bytes", suffix, bytes(30_000)


def malformed_files(*, seed: int = 1, each: int = 4) -> Iterator[Made]:
    """The whole folder, with a whole file of every kind among the bad ones.

    Args:
        seed: Of the damages, their places and what random bytes there are.
        each: In how many ways each whole file is damaged.
    """
    random = np.random.default_rng(seed)
    whole = (("whole", suffix, data) for suffix, data in whole_files())
    makers = (_damaged(random, each), whole, odd_sounds(), odd_pictures(), odd_texts(), _meaningless(random))
    for number, (kind, suffix, data) in enumerate(chain.from_iterable(makers)):
        yield Made(f"{kind}/{number}.{suffix}".encode(), kind, data)
    yield from _odd_names()


def write_files(root: Path, files: Iterable[Made]) -> list[Made]:
    """Write them below a folder, and say which: a file system may refuse odd names."""
    written: list[Made] = []
    for made in files:
        path = root / os.fsdecode(made.path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(made.data)
        except OSError:
            if "names" not in made.kind:
                raise
            continue
        written.append(made)
    return written
