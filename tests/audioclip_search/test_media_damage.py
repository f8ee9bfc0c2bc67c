"""Files that are broken, hostile or something else: a clear error or what can be saved, in little time and memory, and
nothing on standard error."""

from __future__ import annotations

import io
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from malformed import half
from media_files import flac_claiming_to_be_endless, picture_only_video, sound, wav_header, whole_files

from audioclip_search.errors import MediaError
from audioclip_search.media import iter_segments, load_audio, probe_audio
from audioclip_search.types import AudioFormat

QUICK = AudioFormat(rate_hz=8_000, channels=2, window_s=1.0, hop_s=0.5)


NO_SOUND = {
    "empty": (lambda: b"", "the file is empty"),
    "one byte": (lambda: b"R", "not a sound"),
    "text": (lambda: b"This is a letter, not a sound.\n" * 200, "not a sound"),
    "zeros": (lambda: bytes(50_000), "not a sound"),
    "noise": (lambda: np.random.default_rng(3).bytes(50_000), "not a sound"),
    "half a header": (lambda: sound()[:20], "not a sound"),
    "header alone": (lambda: sound()[:44], "holds no sound"),
    "half a millisecond": (lambda: sound(n=4), "holds no sound"),
    "no channels": (lambda: wav_header(channels=0, content=bytes(1_000), size=1_000), "sound"),
    "rate 0": (lambda: wav_header(rate_hz=0, content=bytes(1_000), size=1_000), "sound|rate"),
    "rate 1": (lambda: sound(rate_hz=1), "a sample rate of 1 Hz"),
    "rate of radio": (lambda: sound(rate_hz=2_000_000), "a sample rate of 2000000 Hz"),
    "unknown codec": (lambda: wav_header(codec=0x7777, content=bytes(1_000), size=1_000), "sound"),
    "no soundtrack": (picture_only_video, "has no soundtrack"),
    "html": (lambda: b"<!doctype html><html><body>404</body></html>", "not a sound"),
}


@pytest.mark.parametrize("name", NO_SOUND)
def test_what_is_no_sound(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    make, reason = NO_SOUND[name]
    path = tmp_path / "sound.wav"
    path.write_bytes(make())
    with pytest.raises(MediaError, match=reason) as caught:
        list(iter_segments(path, QUICK))
    assert caught.value.path == path
    with pytest.raises(MediaError, match=reason):
        load_audio(path, QUICK)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["empty", "text", "rate 1", "no soundtrack", "noise"])
def test_probe_refuses_alike(name: str) -> None:
    make, reason = NO_SOUND[name]
    with pytest.raises(MediaError, match=reason):
        probe_audio(make())


SAVED: dict[str, tuple[Callable[[], bytes], float, float]] = {
    # How long the sound that is left must be at least and at most, seconds, of three.
    "truncated WAV": (lambda: half(sound()), 1.45, 1.5),
    "truncated AIFF": (lambda: half(sound("AIFF")), 1.45, 1.5),
    "truncated FLAC": (lambda: half(sound("FLAC")), 1.0, 1.6),
    "truncated Vorbis": (lambda: half(sound("OGG", "VORBIS", n=80_000)), 1.0, 9.0),
    "truncated Opus": (lambda: half(sound("OGG", "OPUS", n=80_000)), 1.0, 9.0),
    "truncated MP3": (lambda: half(sound("MP3", "MPEG_LAYER_III")), 1.2, 1.6),
    "size left open, 0": (lambda: wav_header(size=0, content=bytes(range(256)) * 125), 0.0, 2.0),
    "size left open, -1": (lambda: wav_header(size=0xFFFFFFFF, content=bytes(range(256)) * 125), 2.0, 2.0),
    "twenty hours claimed": (lambda: wav_header(size=1_152_000_000, content=bytes(range(256)) * 125), 2.0, 2.0),
    "endless FLAC": (flac_claiming_to_be_endless, 3.0, 3.0),
    "FLAC with a hole": (lambda: sound("FLAC")[:20_000] + sound("FLAC")[22_000:], 1.9, 3.0),
    "64 channels": (lambda: sound(channels=64, n=8_000), 1.0, 1.0),
    "500 channels": (lambda: sound(channels=500, n=8_000), 1.0, 1.0),
    "rate 1,000": (lambda: sound(rate_hz=1_000, n=2_000), 2.0, 2.0),
    "rate 768,000": (lambda: sound(rate_hz=768_000, n=768_000), 1.0, 1.0),
    "junk behind": (lambda: sound() + np.random.default_rng(4).bytes(10_000), 3.0, 3.0),
    "junk before MP3": (lambda: bytes(3_000) + sound("MP3", "MPEG_LAYER_III"), 2.8, 3.3),
    "two MP3s of different rates": (
        lambda: sound("MP3", "MPEG_LAYER_III") + sound("MP3", "MPEG_LAYER_III", rate_hz=16_000),
        4.0,
        4.7,
    ),
    "mono, then stereo": (
        lambda: sound("MP3", "MPEG_LAYER_III") + sound("MP3", "MPEG_LAYER_III", channels=2),
        5.8,
        6.3,
    ),
}


@pytest.mark.parametrize("name", SAVED)
def test_what_can_be_saved_is(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    make, at_least_s, at_most_s = SAVED[name]
    data = make()
    probe_audio(data)
    next(iter_segments(data, QUICK))  # which imports torch, where it is needed
    tracemalloc.start()
    started = time.process_time()
    try:
        segments = list(iter_segments(data, QUICK))
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert at_least_s - 1e-3 <= segments[-1].end_s <= at_most_s + 1e-3
    # The sound, not its absurd header, decides on the cost. 500 channels of a second are 16 MB.
    assert peak_bytes < 8e6
    assert time.process_time() - started < 5
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("file_format", "subtype"),
    [("WAV", "PCM_16"), ("WAV", "MS_ADPCM"), ("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("MP3", "MPEG_LAYER_III")],
)
def test_damaged_bytes_make_neither_noise_nor_bugs(
    file_format: str, subtype: str, capfd: pytest.CaptureFixture[str]
) -> None:
    random = np.random.default_rng(5)
    whole = sound(file_format, subtype, n=16_000)
    survived = 0
    for _ in range(20):
        data = bytearray(whole)
        for position in random.integers(0, len(data), random.integers(1, 40)):
            data[position] = random.integers(256)
        try:
            for segment in iter_segments(bytes(data), QUICK):
                assert np.isfinite(segment.samples).all()
                assert np.abs(segment.samples).max() <= 1
            survived += 1
        except MediaError:
            continue
    assert survived > 0
    assert capfd.readouterr() == ("", "")


class FailingDisk(io.BytesIO):
    """A file on a disk that fails after `good` bytes."""

    def __init__(self, data: bytes, *, good: int) -> None:
        super().__init__(data)
        self._good = good

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() >= self._good:
            raise OSError(5, "Input/output error")
        return super().read(size)


@pytest.mark.parametrize("file_format", ["WAV", "FLAC", "OGG", "MP3"])
@pytest.mark.parametrize("good", [0, 20, 30_000])
def test_a_failing_disk_is_no_end_of_file(file_format: str, good: int, capfd: pytest.CaptureFixture[str]) -> None:
    data = sound(file_format, soundfile.default_subtype(file_format), n=400_000)
    assert len(data) > 60_000 or good < 10_000
    with pytest.raises(MediaError, match="Input/output error"):
        list(iter_segments(FailingDisk(data, good=good), QUICK))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("suffix", ["wav", "m4a", "mp4", "avi", "mkv", "wma", "au", "aiff", "w64", "ogg", "flv"])
def test_headers_that_lead_out_of_the_file_are_no_fault_of_the_disk(
    suffix: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = dict(whole_files())[suffix]
    random = np.random.default_rng(8)
    path, good = tmp_path / f"sound.{suffix}", tmp_path / f"good.{suffix}"
    good.write_bytes(whole)
    for at in range(0, min(len(whole) - 8, 400), 4):
        path.write_bytes(whole[:at] + random.bytes(8) + whole[at + 8 :])
        try:
            list(iter_segments(path, QUICK))
        except MediaError as error:
            assert not isinstance(error.__cause__, OSError) or isinstance(error.__cause__, av.FFmpegError)
        assert list(iter_segments(good, QUICK))
    assert capfd.readouterr() == ("", "")


def test_a_playlist_opens_no_other_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("secret.mp3").write_bytes(sound("MP3", "MPEG_LAYER_III"))
    Path("song.mp3").write_bytes(b"ffconcat version 1.0\nfile secret.mp3\n")
    with av.open("song.mp3") as container:  # FFmpeg left to itself follows it
        assert container.format.name == "concat"
    with pytest.raises(MediaError, match="not a sound"):
        load_audio(Path("song.mp3"), QUICK)


def test_tags_in_odd_encodings_do_no_harm() -> None:
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as container:
        container.metadata["title"] = "TITLE"
        stream = container.add_stream("pcm_s16le", rate=8_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8_000), np.int16), layout="mono")
        frame.sample_rate = 8_000
        container.mux(stream.encode(frame))
    data = file.getvalue().replace(b"TITLE", b"T\xfcr\xff\xfe")
    with pytest.raises(UnicodeDecodeError), av.open(io.BytesIO(data)):
        pass
    assert load_audio(data, QUICK).shape == (1, 8_000)
