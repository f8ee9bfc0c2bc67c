"""Files whose metadata are broken or hostile: what can be read, in little time and memory."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zlib
from collections.abc import Callable

import mutagen
import mutagen.id3
import mutagen.mp4
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from malformed import odd_pictures, odd_sounds
from media_files import film, picture, sound, whole_files
from metadata_files import IXML, adtl, aiff, bext, chunk, cues, id3, info, tone, wav

from audioclip_search.errors import MediaError
from audioclip_search.media import load_metadata
from audioclip_search.types import Metadata, Modality


def tagged(data: bytes, tag: Callable[[mutagen.FileType], None]) -> bytes:
    file = io.BytesIO(data)
    opened = mutagen.File(file)
    tag(opened)
    file.seek(0)
    opened.save(file)
    return file.getvalue()


def comments(file: mutagen.FileType) -> None:
    file["title"], file["keywords"], file["chapter001"] = "Smash", ["glass", "break"], "00:00:01.000"


def atoms(file: mutagen.FileType) -> None:
    file["\xa9nam"], file["----:com.apple.iTunes:KEYWORDS"] = "Smash", [b"glass"]


def frames(file: mutagen.FileType) -> None:
    file.add_tags()
    file.tags.add(mutagen.id3.TIT2(text=["Smash"]))
    file.tags.add(
        mutagen.id3.CHAP(element_id="a", start_time=0, end_time=9, sub_frames=[mutagen.id3.TIT2(text=["door"])])
    )


FULL = wav(
    bext(b"Glass", 12_345, b"A=PCM"),
    chunk(b"iXML", IXML),
    info((b"INAM", b"Smash"), (b"IKEY", b"glass")),
    cues((1, 0), (2, 400)),
    adtl((b"labl", 1, b"first"), (b"ltxt", 2, struct.pack("<I4s4H", 80, b"rgn ", 0, 0, 0, 0))),
    chunk(b"id3 ", id3((b"TIT2", b"\0Smash"))),
)
FILES: dict[str, tuple[bytes, Modality]] = {
    "wav": (FULL, Modality.AUDIO),
    "aiff": (
        aiff(
            chunk(b"NAME", b"Smash", ">"),
            chunk(b"MARK", struct.pack(">HHIB", 1, 1, 80, 5) + b"door1", ">"),
            chunk(b"COMT", struct.pack(">HIHH", 1, 0, 1, 4) + b"loud", ">"),
        ),
        Modality.AUDIO,
    ),
    "flac": (tagged(tone("FLAC"), comments), Modality.AUDIO),
    "ogg": (tagged(tone("OGG", "VORBIS"), comments), Modality.AUDIO),
    "opus": (tagged(tone("OGG", "OPUS"), comments), Modality.AUDIO),
    "mp3": (tagged(sound("MP3", "MPEG_LAYER_III", rate_hz=44_100), frames), Modality.AUDIO),
    "m4a": (tagged(film("ipod", "aac"), atoms), Modality.AUDIO),
    "wma": (film("asf", "wmav2"), Modality.AUDIO),
    "wv": (film("wv", "wavpack"), Modality.AUDIO),
    "mka": (film("matroska", "pcm_s16le"), Modality.AUDIO),
    "jpg": (picture("JPEG", exif=True), Modality.IMAGE),
    "tif": (picture("TIFF"), Modality.IMAGE),
    "png": (picture("PNG", exif=True), Modality.IMAGE),
    "webp": (picture("WEBP", exif=True), Modality.IMAGE),
}


def stored(found: Metadata) -> None:
    """Whatever was read can be put into the index."""
    assert 0 <= found.rate_hz < 2**31
    assert 0 <= found.channels < 2**31
    for name, text in found.fields:
        assert name == name.lower()
        assert text
        text.encode()
    for marker in found.markers:
        assert 0 <= marker.start_s <= marker.end_s
        marker.label.encode()


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_damaged_bytes_raise_nothing(name: str, data: st.DataObject) -> None:
    whole, modality = FILES[name]
    damaged = bytearray(whole)
    # Most of what there is to break is at the ends.
    ends = st.integers(0, min(2_000, len(whole) - 1)) | st.integers(max(0, len(whole) - 2_000), len(whole) - 1)
    for at in data.draw(st.lists(ends, max_size=8)):
        new = data.draw(st.binary(min_size=1, max_size=4) | st.sampled_from([b"\xff\xff\xff\xff", bytes(4)]))
        damaged[at : at + len(new)] = new
    cut = data.draw(st.none() | st.integers(0, len(whole)))
    stored(load_metadata(bytes(damaged[:cut]), modality))


@pytest.mark.parametrize("name", FILES)
def test_every_place_that_a_file_can_be_cut_at(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    whole, modality = FILES[name]
    for cut in (*range(0, min(len(whole), 400), 7), *range(max(0, len(whole) - 400), len(whole), 7)):
        stored(load_metadata(whole[:cut], modality))
    assert capfd.readouterr() == ("", "")


def test_odd_files_of_all_kinds(capfd: pytest.CaptureFixture[str]) -> None:
    for _, _, data in odd_sounds():
        stored(load_metadata(data, Modality.AUDIO))
    for _, _, data in odd_pictures():
        stored(load_metadata(data, Modality.IMAGE))
    for _, data in whole_files():
        stored(load_metadata(data, Modality.AUDIO))
        stored(load_metadata(data, Modality.IMAGE))
    random = np.random.default_rng(7)
    for magic in (
        b"RIFF\0\0\0\0WAVE",
        b"FORM\0\0\0\0AIFF",
        b"fLaC",
        b"OggS",
        b"ID3\3\0\0\0\0\x7f\x7f",
        b"\xff\xfb",
        b"",
    ):
        for _ in range(20):
            stored(load_metadata(magic + random.bytes(3_000), Modality.AUDIO))
    assert capfd.readouterr() == ("", "")


def syncsafe(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def packed(name: bytes, version: int) -> bytes:
    """A frame of zeros that is a thousand times as large when unpacked."""
    content = struct.pack(">I", 64 << 20) + zlib.compress(bytes(64 << 20), 9)
    size = len(content).to_bytes(4, "big") if version == 3 else syncsafe(len(content))
    return name + size + (b"\0\x80" if version == 3 else b"\0\x09") + content


def tag(body: bytes, version: int = 3) -> bytes:
    return b"ID3" + bytes([version, 0, 0]) + syncsafe(len(body)) + body + sound("MP3", "MPEG_LAYER_III")


def vorbis(count: int) -> bytes:
    """A FLAC of as many empty comments."""
    block = struct.pack("<II", 0, count) + bytes(4 * count)
    whole = tone("FLAC", n=800)
    return whole[:4] + b"\x04" + len(block).to_bytes(3, "big") + block + whole[4:]


HOSTILE: dict[str, Callable[[], bytes]] = {
    "packed ID3 2.3": lambda: tag(packed(b"TIT2", 3)),
    "packed ID3 2.4": lambda: tag(packed(b"TIT2", 4), 4),
    "packed in a chapter": lambda: tag(id3((b"CHAP", b"a\0" + bytes(16) + packed(b"TIT2", 3)))[10:]),
    "many ID3 frames": lambda: tag(b"TIT2\0\0\0\2\0\0\0a" * 1_000_000),
    "empty ID3 frames": lambda: tag(b"TIT2\0\0\0\0\0\0" * 1_000_000, 4),
    "many chapters": lambda: tag(id3(*[(b"CHAP", b"a\0" + bytes(16))] * 100_000)[10:]),
    "many comments": lambda: vorbis(4_000_000),
    "a million chunks": lambda: wav(chunk(b"junk", b"") * 1_000_000),
    "many fields": lambda: wav(info(*[(b"ICMT", b"a")] * 100_000)),
    "many lists": lambda: wav(info((b"ICMT", bytes(range(65, 91)) * 4_000)) * 1_000),
    "many labels": lambda: wav(
        *[cues(*((n, n) for n in range(40_000)))] * 20, adtl(*[(b"labl", 1, b"a" * 50)] * 9_000)
    ),
    "large iXML": lambda: wav(chunk(b"iXML", b"<BWFXML>" + b"<USER/>" * 1_000_000)),
    "boxes in boxes": lambda: (
        b"\0\0\0\x18ftypisom\0\0\2\0isomiso2"
        + b"".join(struct.pack(">I4s", 8 * depth, b"moov") for depth in range(50_000, 0, -1))
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_take_little(name: str) -> None:
    data = HOSTILE[name]()
    load_metadata(sound(), Modality.AUDIO)
    tracemalloc.start()
    started = time.process_time()
    try:
        stored(load_metadata(data, Modality.AUDIO))
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # A tag is in memory twice for a moment; and it is slower under this measurement.
    assert peak_bytes < 3 * len(data) + 20e6
    assert time.process_time() - started < 20


class FailingDisk(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() > 0:
            raise OSError(5, "Input/output error")
        return super().read(size)


@pytest.mark.parametrize("name", ["wav", "flac", "ogg", "mp3", "m4a", "jpg"])
def test_a_failing_disk_is_told(name: str) -> None:
    whole, modality = FILES[name]
    with pytest.raises(MediaError, match="Input/output error"):
        load_metadata(FailingDisk(whole), modality)
