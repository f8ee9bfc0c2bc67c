"""Keywords written into sound files, and taken out again to the last byte."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import av
import keyword_writer
import mutagen
import mutagen.id3
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from media_files import film, picture, sound
from metadata_files import IXML, adtl, aiff, bext, chunk, cues, fmt, id3, info, riff_file, tone, wav

from audioclip_search.errors import MediaError
from audioclip_search.media import content_hash, load_audio, load_metadata
from audioclip_search.media.metadata_writing import Original, plan_keywords, restore, write_keywords
from audioclip_search.types import AudioFormat, Modality

WORDS = ("glass", "Bark, howl", "Zürich")
MP3 = sound("MP3", "MPEG_LAYER_III", rate_hz=44_100)


def tagged(data: bytes, **fields: str) -> bytes:
    file = io.BytesIO(data)
    opened = mutagen.File(file)
    if opened.tags is None:
        opened.add_tags()
    for name, text in fields.items():
        opened[name] = text
    file.seek(0)
    opened.save(file)
    return file.getvalue()


def with_id3(data: bytes, version: int) -> bytes:
    file = io.BytesIO(data)
    opened = mutagen.File(file)
    opened.add_tags()
    opened.tags.add(mutagen.id3.TIT2(text=["Smash"]))
    opened.tags.add(mutagen.id3.APIC(mime="image/png", data=bytes(100_000)))
    opened.tags.add(mutagen.id3.TXXX(desc="Keywords", text=["door"]))
    if version == 3:
        opened.tags.update_to_v23()
    file.seek(0)
    opened.save(file, v2_version=version)
    return file.getvalue()


def without_padding(flac: bytes) -> bytes:
    """Its blocks are STREAMINFO, and comments that are said to be the last."""
    streaminfo, comment = flac[:42], struct.pack("<II", 0, 0)
    at = 42
    while True:
        last, size = flac[at] & 0x80, int.from_bytes(flac[at + 1 : at + 4], "big")
        at += 4 + size
        if last:
            return streaminfo + b"\x84" + len(comment).to_bytes(3, "big") + comment + flac[at:]


def no_comment(flac: bytes) -> bytes:
    whole = without_padding(flac)
    return whole[:4] + b"\x80" + whole[5:42] + whole[42 + 12 :]


def rf64() -> bytes:
    samples = (1_000 * np.sin(np.arange(800))).astype("<i2").tobytes()
    tail = bext(b"Glass")
    size = 4 + 36 + 24 + 8 + len(samples) + len(tail)
    ds64 = chunk(b"ds64", struct.pack("<QQQI", size, len(samples), 800, 0))
    data = riff_file(ds64, fmt(), b"data\xff\xff\xff\xff" + samples, tail, magic=b"RF64")
    return data[:4] + b"\xff\xff\xff\xff" + data[8:]


def faststart() -> bytes:
    """An MP4 whose index comes before its samples, so that these move when it grows."""
    with tempfile.TemporaryDirectory() as folder:  # FFmpeg reads again what it wrote
        path = Path(folder) / "a.mp4"
        with av.open(path, "w", options={"movflags": "faststart"}) as container:
            track = container.add_stream("aac", rate=8_000, layout="mono")
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 8_000), np.float32), format="fltp", layout="mono")
            frame.sample_rate = 8_000
            container.mux(track.encode(frame))
            container.mux(track.encode(None))
        return path.read_bytes()


UNSYNCHRONISED = b"ID3\3\0\x80\0\0\0\x12TIT2\0\0\0\x07\0\0\1\xff\x00\xfeS\0m\0"
LIST = info((b"INAM", b"Smash"), (b"IKEY", b"door; hinge\0"), (b"ICMT", b"gr\xfcn"))
FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "plain WAV": ("wav", wav),
    "WAV with chunks": (
        "wav",
        lambda: wav(bext(b"Glass"), chunk(b"iXML", IXML), cues((1, 9)), adtl((b"labl", 1, b"a"))),
    ),
    "INFO at the end": ("wav", lambda: wav(bext(b"Glass"), LIST)),
    "INFO before the samples": ("wav", lambda: wav(LIST, bext(b"Glass"), before=True)),
    "INFO in the middle": ("wav", lambda: wav(LIST, bext(b"Glass"))),
    "an odd number of samples": ("wav", lambda: riff_file(fmt(bits=8), chunk(b"data", bytes([9, 200] * 400 + [7])))),
    "an odd end without padding": (
        "wav",
        lambda: riff_file(fmt(bits=8), b"data" + struct.pack("<I", 801) + b"\x07" * 801),
    ),
    "bytes behind the end": ("wav", lambda: wav(LIST) + b"something else"),
    "RF64": ("wav", rf64),
    "AIFF": ("aiff", lambda: aiff(chunk(b"NAME", b"Smash", ">"))),
    "AIFF with ID3": ("aiff", lambda: with_id3(sound("AIFF", n=800), 4)),
    "AIFF with ID3 in the middle": (
        "aiff",
        lambda: aiff(chunk(b"ID3 ", id3((b"TIT2", b"\0Smash")), ">"), chunk(b"AUTH", b"Anna", ">")),
    ),
    "AIFF-C": ("aifc", lambda: sound("AIFF", "FLOAT", n=800)),
    "FLAC": ("flac", lambda: tagged(tone("FLAC"), title="Smash", keywords="door")),
    "FLAC as libsndfile writes it": ("flac", lambda: tone("FLAC")),
    "FLAC without padding": ("flac", lambda: without_padding(tone("FLAC"))),
    "FLAC without comments": ("flac", lambda: no_comment(tone("FLAC"))),
    "FLAC behind ID3": ("flac", lambda: id3((b"TIT2", b"\0Smash")) + tone("FLAC")),
    "Vorbis": ("ogg", lambda: tagged(tone("OGG", "VORBIS"), title="Smash", keywords="door")),
    "Vorbis as libsndfile writes it": ("ogg", lambda: tone("OGG", "VORBIS", n=100_000)),
    "Vorbis with long comments": ("ogg", lambda: tagged(tone("OGG", "VORBIS", n=100_000), title="Smash" * 20_000)),
    "Opus": ("opus", lambda: tagged(tone("OGG", "OPUS", rate_hz=48_000), title="Smash")),
    "Opus as libsndfile writes it": ("opus", lambda: tone("OGG", "OPUS", rate_hz=48_000)),
    "MP3 without tags": ("mp3", lambda: MP3),
    "MP3 with ID3 2.3": ("mp3", lambda: with_id3(MP3, 3)),
    "MP3 with ID3 2.4": ("mp3", lambda: with_id3(MP3, 4)),
    "MP3 with ID3 2.2": ("mp3", lambda: b"ID3\2\0\0\0\0\0\x0cTT2\0\0\x06\0Smash" + MP3),
    "MP3 with unsynchronised ID3": ("mp3", lambda: UNSYNCHRONISED + MP3),
    "MP3 with extended ID3": (
        "mp3",
        lambda: b"ID3\3\0\x40\0\0\0\x19" + b"\0\0\0\6" + bytes(6) + b"TIT2\0\0\0\5\0\0\0Smas" + MP3,
    ),
    "MP3 with both ID3s": ("mp3", lambda: with_id3(MP3, 3) + b"TAG" + b"Smash".ljust(125, b"\0")),
    "M4A without tags": ("m4a", lambda: film("ipod", "aac")),
    "M4A": ("m4a", lambda: tagged(film("ipod", "aac"), **{"\xa9nam": "Smash"})),
    "M4A with its index first": ("m4a", faststart),
    "MP4 with pictures": ("mp4", lambda: film("mp4", "aac", "mpeg4")),
}


def keywords(path: Path) -> set[str]:
    texts = [text for name, text in load_metadata(path, Modality.AUDIO).fields if name == "keywords"]
    return {word.strip() for text in texts for word in text.split(";")}


def others(path: Path) -> object:
    found = load_metadata(path, Modality.AUDIO)
    return sorted(field for field in found.fields if field[0] != "keywords"), found.markers, found.rate_hz, found.bits


@pytest.mark.parametrize("name", FILES)
def test_what_is_written_can_be_read_and_undone(name: str, tmp_path: Path) -> None:
    suffix, make = FILES[name]
    data = make()
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(data)
    os.utime(path, ns=(10**18, 10**18 + 7))
    before, known, samples = others(path), keywords(path), load_audio(path, AudioFormat())
    assert plan_keywords(path, WORDS) == WORDS
    assert path.read_bytes() == data

    stored: list[Original] = []
    original = write_keywords(path, WORDS, on_original=stored.append)

    assert original is not None
    assert stored == [original]
    assert original.original_hash != original.written_hash == content_hash(path)
    assert keywords(path) == known | set(WORDS)
    assert others(path) == before
    np.testing.assert_array_equal(load_audio(path, AudioFormat()), samples)
    assert path.stat().st_mtime_ns > 10**18 + 7
    # What the record takes is about what was written, not what the file takes.
    assert len(original.to_bytes()) < 2_000

    assert plan_keywords(path, [word.upper() for word in WORDS]) == ()
    assert write_keywords(path, WORDS) is None
    second = write_keywords(path, ["more"])
    assert second is not None
    assert keywords(path) == known | {*WORDS, "more"}
    with pytest.raises(MediaError, match="changed since"):
        restore(path, original)
    assert restore(path, second)
    assert restore(path, Original.from_bytes(original.to_bytes()))
    assert path.read_bytes() == data
    assert path.stat().st_mtime_ns == 10**18 + 7
    assert not restore(path, original)
    assert list(tmp_path.iterdir()) == [path]


def test_the_chunks_of_a_wav_stay_where_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    data = wav(LIST, bext(b"Glass"), before=True)
    path.write_bytes(data)
    write_keywords(path, ["glass"])
    written = path.read_bytes()
    retired = data.replace(b"LIST", b"JUNK")
    assert written[8 : len(data)] == retired[8:]
    assert written[len(data) :] == info((b"INAM", b"Smash"), (b"ICMT", b"gr\xfcn"), (b"IKEY", b"door; hinge; glass\0"))


def test_frames_of_id3_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    frames = ((b"TIT2", b"\0Smash"), (b"PRIV", b"someone\0\1\2"), (b"XYZW", b"unknown"))
    path.write_bytes(id3(*frames) + MP3)
    write_keywords(path, ["glass"])
    whole = id3(*frames, (b"TXXX", b"\0KEYWORDS\0glass"))
    assert path.read_bytes()[10 : len(whole)] == whole[10:]
    assert path.read_bytes().endswith(MP3)


def test_a_long_recording_needs_no_long_record(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    noise = np.random.default_rng(1).bytes(1 << 20)
    path.write_bytes(riff_file(fmt(), LIST, chunk(b"data", noise * 40)))
    before = content_hash(path)
    original = write_keywords(path, ["glass"])
    assert original is not None
    assert len(original.to_bytes()) < 300
    restore(path, original)
    assert content_hash(path) == before


def test_keywords_are_cleaned(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav())
    assert plan_keywords(path, ["  wet  glass ", "a; b", "", "Wet Glass", "x\x01", "line\nbreak"]) == (
        "wet glass",
        "a, b",
        "line break",
    )
    write_keywords(path, ["a; b"])
    assert plan_keywords(path, ["a; b", "A, B"]) == ()


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a picture": (lambda: picture("PNG"), "a file of this kind"),
    "an empty file": (lambda: b"", "a file of this kind"),
    "a WMA": (lambda: film("asf", "wmav2"), "a file of this kind"),
    "an AAC": (lambda: film("adts", "aac"), "a file of this kind"),
    "a WAV cut short": (lambda: wav()[:-100], "don't add up"),
    "a WAV of open size": (lambda: wav()[:4] + b"\xff\xff\xff\xff" + wav()[8:], "don't add up"),
    "an AIFF cut short": (lambda: aiff()[:-100], "don't add up"),
    "a damaged FLAC": (lambda: tone("FLAC")[:60], "damaged"),
    "damaged comments": (
        lambda: tone("FLAC")[:42] + b"\x84\0\0\x08" + struct.pack("<II", 0, 99) + tone("FLAC")[42:],
        "damaged",
    ),
    "a damaged ID3 tag": (lambda: b"ID3\3\0\0\0\0\0\x0cTIT2\0\0\1\0\0\0\0S" + MP3, "ID3 tag is damaged"),
    "Ogg of another kind": (lambda: tone("OGG", "VORBIS").replace(b"\x03vorbis", b"\x03VORBIS"), "can't be|neither"),
    "an MP4 of nothing": (lambda: b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(100), "can't be"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_files_stay_as_they_are(name: str, tmp_path: Path) -> None:
    make, reason = REFUSED[name]
    data = make()
    path = tmp_path / "a.bin"
    path.write_bytes(data)
    with pytest.raises(MediaError, match=reason) as caught:
        write_keywords(path, ["glass"])
    assert caught.value.path == path
    assert path.read_bytes() == data
    assert list(tmp_path.iterdir()) == [path]


SMALL = {
    "wav": wav(LIST, bext(b"Glass"), n=100),
    "aiff": aiff(chunk(b"ID3 ", id3((b"TIT2", b"\0Smash")), ">"), chunk(b"AUTH", b"Anna", ">")),
    "flac": tagged(tone("FLAC", n=800), title="Smash"),
    "ogg": tagged(tone("OGG", "VORBIS", n=800), title="Smash"),
    "mp3": with_id3(sound("MP3", "MPEG_LAYER_III", rate_hz=44_100, n=4_000), 4),
    "m4a": tagged(film("ipod", "aac", n=2_000), **{"\xa9nam": "Smash"}),
}


@pytest.mark.parametrize("suffix", SMALL)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_damaged_files_are_refused_or_restored(suffix: str, tmp_path: Path, data: st.DataObject) -> None:
    whole = SMALL[suffix]
    damaged = bytearray(whole)
    for at in data.draw(st.lists(st.integers(0, min(1_000, len(whole) - 1)), min_size=1, max_size=3)):
        damaged[at] = data.draw(st.integers(0, 255))
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(damaged)
    try:
        original = write_keywords(path, ["glass"])
    except MediaError:
        original = None
    if original is not None:
        restore(path, original)
    assert path.read_bytes() == damaged


def test_permissions_stay_and_links_are_followed(tmp_path: Path) -> None:
    path, link = tmp_path / "a.wav", tmp_path / "link.wav"
    path.write_bytes(wav())
    path.chmod(0o640)
    link.symlink_to(path)
    original = write_keywords(link, ["glass"])
    assert original is not None
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    restore(link, original)
    assert path.read_bytes() == wav()
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write to whatever it likes")
def test_read_only_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav())
    path.chmod(0o440)
    with pytest.raises(MediaError, match="read-only"):
        write_keywords(path, ["glass"])


def test_a_caller_that_cannot_keep_the_record_stops_it(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav())

    def full(_: Original) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_keywords(path, ["glass"], on_original=full)
    assert path.read_bytes() == wav()
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav())
    with pytest.raises(MediaError, match="another program"):
        write_keywords(path, ["glass"], on_original=lambda _: path.write_bytes(b"other") and None)
    assert path.read_bytes() == b"other"


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-5], lambda data: b"x" + data, lambda _: b"", lambda data: data[:8]]
)
def test_a_damaged_record_is_refused(damage: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav())
    original = write_keywords(path, ["glass"])
    assert original is not None
    with pytest.raises(MediaError, match="record of an original"):
        Original.from_bytes(damage(original.to_bytes()))


def test_a_record_of_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav())
    original = write_keywords(path, ["glass"])
    assert original is not None
    path.write_bytes(wav(n=50))
    with pytest.raises(MediaError, match=r"a\.wav: was changed since .* backup"):
        restore(path, original)
    with pytest.raises(MediaError, match=r"none\.wav"):
        restore(tmp_path / "none.wav", original)


@pytest.mark.parametrize("suffix", ["wav", "ogg", "m4a"])
def test_killed_at_any_moment_the_file_is_whole(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(SMALL[suffix])
    original = write_keywords(path, ["glass", "break"])
    assert original is not None
    versions = {original.written_hash, original.original_hash}
    random = np.random.default_rng(3)
    for _ in range(4):
        process = subprocess.Popen([sys.executable, keyword_writer.__file__, path], stdout=subprocess.PIPE)
        assert process.stdout is not None
        with process.stdout:
            assert process.stdout.readline() == b"begins\n"
            time.sleep(float(random.uniform(0.02, 0.3)))
            process.kill()
            process.wait()
        assert content_hash(path) in versions
        restore(path, original)
        assert path.read_bytes() == SMALL[suffix]
