"""What a WAV says of itself, in any of its dialects: RIFF, RF64, BW64 and RIFX; with `bext`, iXML, INFO, cue points,
ID3 and XMP."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO

from audioclip_search.media.metadata.chunks import Chunk, riff_chunks, sub_chunks
from audioclip_search.media.metadata.fields import Findings, clean_text, flaws_left_out
from audioclip_search.media.metadata.id3 import read_id3
from audioclip_search.media.metadata.markup import MAX_XML_BYTES, read_ixml, read_xmp

WAV_MAGIC = (b"RIFF", b"RF64", b"BW64", b"RIFX")
"""How such a file begins; eight bytes on there is WAVE."""

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_MAX_ID3_BYTES = 16 << 20
_MAX_POINTS = 2_000
_BEXT = {"description": (0, 256), "originator": (256, 288), "originator_reference": (288, 320), "date": (320, 330)}
# Of INFO, what means something else than the same letters elsewhere; `_NAMES` of fields.py has the others.
_INFO = {
    b"ISRC": "source",
    b"IMED": "medium",
    b"ISRF": "source_form",
    b"ITCH": "technician",
    b"ICMS": "commissioned",
    b"IARL": "archive",
    b"ICNT": "country",
    b"IDIT": "date",
    b"IWRI": "writer",
    b"IPRO": "producer",
    b"ISTR": "starring",
    b"IPDS": "",
    b"IDPI": "",
    b"ISMP": "",
}


class _WavReader:
    """Reads the chunks of one file; cue points and their labels are in several."""

    def __init__(self, found: Findings, *, big_endian: bool = False) -> None:
        self._found = found
        self._big_endian = big_endian
        self._order = ">" if big_endian else "<"
        self._time_reference = 0
        self._cues: dict[int, int] = {}  # sample
        self._lengths: dict[int, int] = {}  # samples
        self._labels: dict[int, list[str]] = {}

    def read(self, chunk: Chunk) -> None:
        name = chunk.name.lower()
        with flaws_left_out(f"{name!r} data"):
            if name == b"fmt ":
                self._read_format(chunk.read(40))
            elif name == b"bext":
                self._read_bext(chunk.read())
            elif name == b"ixml":
                read_ixml(chunk.read(MAX_XML_BYTES), self._found)
            elif name == b"_pmx":
                read_xmp(chunk.read(MAX_XML_BYTES), self._found)
            elif name == b"id3 ":
                read_id3(BytesIO(chunk.read(_MAX_ID3_BYTES)), self._found)
            elif name == b"cue ":
                self._read_cues(chunk.read())
            elif name == b"list":
                self._read_list(chunk.read())

    def finish(self) -> None:
        """What needs several chunks."""
        rate_hz = self._found.rate_hz
        if not rate_hz:
            return
        if self._time_reference:
            self._found.add("time_of_day", _clock(self._time_reference / rate_hz))
        for number, sample in self._cues.items():
            end = sample + self._lengths.get(number, 0)
            label = ": ".join(dict.fromkeys(self._labels.get(number, ())))
            self._found.mark(sample / rate_hz, end / rate_hz, label)

    def _read_format(self, data: bytes) -> None:
        codec, channels, rate_hz, _, _, bits = struct.unpack_from(f"{self._order}HHIIHH", data)
        if codec == _EXTENSIBLE and len(data) >= 26:
            valid_bits, codec = struct.unpack_from(f"{self._order}H4xH", data, 18)
            bits = valid_bits or bits
        self._found.sound(rate_hz, channels, bits if codec in (_PCM, _FLOAT) else 0)

    def _read_bext(self, data: bytes) -> None:
        for name, (start, end) in _BEXT.items():
            self._found.add(name, data[start:end])
        self._found.add("time", data[330:338])
        if len(data) >= 346:
            low, high = struct.unpack_from(f"{self._order}II", data, 338)
            self._time_reference = high << 32 | low
            if self._time_reference:
                self._found.add("time_reference", str(self._time_reference))
        self._found.add("coding_history", data[602:])

    def _read_list(self, data: bytes) -> None:
        if data[:4] == b"INFO":
            for name, text in sub_chunks(data[4:], big_endian=self._big_endian):
                self._found.add(_INFO.get(name, name.decode("latin-1")), text)
        elif data[:4] == b"adtl":
            for name, content in sub_chunks(data[4:], big_endian=self._big_endian):
                self._read_label(name, content)

    def _read_label(self, name: bytes, content: bytes) -> None:
        if len(content) < 4 or len(self._labels) + len(self._lengths) > 2 * _MAX_POINTS:
            return
        (number,) = struct.unpack_from(f"{self._order}I", content)
        text = content[4:] if name in (b"labl", b"note") else b""
        if name == b"ltxt" and len(content) >= 8:
            (self._lengths[number],) = struct.unpack_from(f"{self._order}I", content, 4)
            text = content[20:]
        if label := clean_text(text):
            self._labels.setdefault(number, []).append(label)

    def _read_cues(self, data: bytes) -> None:
        (count,) = struct.unpack_from(f"{self._order}I", data)
        for number in range(min(count, (len(data) - 4) // 24, _MAX_POINTS)):
            name, _, _, _, _, sample = struct.unpack_from(f"{self._order}II4sIII", data, 4 + 24 * number)
            self._cues[name] = sample


def read_wav(file: BinaryIO, magic: bytes, found: Findings) -> None:
    """Read a WAV, of which `magic` is the first four bytes."""
    reader = _WavReader(found, big_endian=magic == b"RIFX")
    for chunk in riff_chunks(file, big_endian=magic == b"RIFX"):
        reader.read(chunk)
    reader.finish()


def read_foreign_chunks(chunks: Iterator[bytes], found: Findings) -> None:
    """Read chunks of a WAV that were kept when it was turned into another format, each with its name and size."""
    reader = _WavReader(found)
    for data in chunks:
        if data[:4] not in (b"RIFF", b"fmt ", b"data"):
            reader.read(Chunk(data[:4], 8, len(data) - 8, BytesIO(data)))
    reader.finish()


def _clock(seconds: float) -> str:
    """A time of day, of which recorders count from midnight."""
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest // 1000:02}.{rest % 1000:03}"
