"""Decoding sounds of every format to what a model wants: content, length, channels, windows, memory."""

from __future__ import annotations

import io
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from audioclip_search.errors import MediaError
from audioclip_search.media import AudioInfo, iter_segments, load_audio, probe_audio, resample_audio, split_segments
from audioclip_search.types import AudioFormat, FloatArray

STEREO = AudioFormat()
MONO = AudioFormat(channels=1)
# Coarse and quick, for what is not about the rate.
QUICK = AudioFormat(rate_hz=8_000, channels=2, window_s=1.0, hop_s=0.4)


def tones(rate_hz: int, frequencies_hz: list[float], *, duration_s: float = 1.0) -> FloatArray:
    """Float32 `(channels, n)`, a sine of amplitude 0.5 each."""
    time_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    return np.stack([0.5 * np.sin(2 * np.pi * f * time_s) for f in frequencies_hz]).astype(np.float32)


def wav(samples: FloatArray, rate_hz: int, subtype: str = "FLOAT", file_format: str = "WAV") -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples.T, rate_hz, format=file_format, subtype=subtype)
    return file.getvalue()


def ffmpeg(container_format: str, codec: str, samples: FloatArray, rate_hz: int, *, video: str = "") -> bytes:
    """Encode by PyAV, with a picture track if `video` names its codec."""
    layout = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}[samples.shape[0]]
    file = io.BytesIO()
    with av.open(file, "w", format=container_format) as container:
        picture = container.add_stream(video, rate=25) if video else None
        if picture is not None:
            picture.width, picture.height, picture.pix_fmt = 32, 32, "yuv420p"
        sound = container.add_stream(codec, rate=rate_hz, layout=layout)
        sound.bit_rate = 12_200 if codec == "libopencore_amrnb" else 192_000
        # Not planar, because PyAV (18) can't count eight planes.
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T).reshape(1, -1), format="flt", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate_hz, 0, Fraction(1, rate_hz)
        resampler = av.AudioResampler(format=sound.format, layout=sound.layout, rate=rate_hz)
        fifo = av.AudioFifo()
        for converted in resampler.resample(frame):
            fifo.write(converted)
        sound.codec_context.open()
        while piece := fifo.read(sound.codec_context.frame_size or 1_024, partial=True):
            container.mux(sound.encode(piece))
        container.mux(sound.encode(None))
        if picture is not None:
            for index in range(25):
                image = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8)).reformat(format="yuv420p")
                image.pts, image.time_base = index, Fraction(1, 25)
                container.mux(picture.encode(image))
            container.mux(picture.encode(None))
    return file.getvalue()


def assert_tone(samples: FloatArray, rate_hz: int, frequency_hz: float, amplitude: float, *, rel: float = 0.03) -> None:
    """One channel's middle is a sine of this frequency and amplitude."""
    middle = samples[len(samples) // 5 : -len(samples) // 5]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 1 << 18))
    assert np.argmax(spectrum) * rate_hz / (1 << 18) == pytest.approx(frequency_hz, abs=1.0)
    assert np.sqrt(2 * np.mean(middle**2)) == pytest.approx(amplitude, rel=rel)


SOUNDFILE_FORMATS = [
    ("WAV", "PCM_U8", 44_100),
    ("WAV", "PCM_16", 44_100),
    ("WAV", "PCM_24", 48_000),
    ("WAV", "PCM_32", 22_050),
    ("WAV", "FLOAT", 96_000),
    ("WAV", "DOUBLE", 11_025),
    ("WAV", "ULAW", 44_100),
    ("WAV", "IMA_ADPCM", 44_100),
    ("WAV", "MS_ADPCM", 44_100),
    ("WAVEX", "PCM_24", 44_100),
    ("RF64", "PCM_16", 44_100),
    ("W64", "PCM_16", 44_100),
    ("AIFF", "PCM_S8", 44_100),
    ("AIFF", "PCM_16", 32_000),
    ("AIFF", "PCM_24", 44_100),
    ("AIFF", "FLOAT", 44_100),
    ("AU", "PCM_16", 44_100),
    ("CAF", "PCM_16", 44_100),
    ("CAF", "ALAC_16", 44_100),
    ("VOC", "PCM_16", 44_100),
    ("FLAC", "PCM_16", 44_100),
    ("FLAC", "PCM_24", 192_000),
    ("OGG", "VORBIS", 44_100),
    ("OGG", "OPUS", 48_000),
    ("MP3", "MPEG_LAYER_III", 44_100),
]


@pytest.mark.parametrize(("file_format", "subtype", "rate_hz"), SOUNDFILE_FORMATS)
def test_what_soundfile_writes(file_format: str, subtype: str, rate_hz: int) -> None:
    data = wav(tones(rate_hz, [440, 1_000]), rate_hz, subtype, file_format)
    samples = load_audio(data, STEREO)
    assert samples.dtype == np.float32
    # ADPCM pads to its block.
    assert samples.shape[1] / 44_100 == pytest.approx(1, abs=0.03 if "ADPCM" in subtype else 0.001)
    assert_tone(samples[0], 44_100, 440, 0.5)
    assert_tone(samples[1], 44_100, 1_000, 0.5)
    info = probe_audio(data)
    assert (info.rate_hz, info.channels) == (rate_hz, 2)
    assert info.duration_s == pytest.approx(1, abs=0.03)


FFMPEG_FORMATS = [
    ("ipod", "aac", 44_100, 2, ""),
    ("ipod", "alac", 48_000, 2, ""),
    ("adts", "aac", 22_050, 1, ""),
    ("ogg", "libopus", 48_000, 1, ""),
    ("asf", "wmav2", 44_100, 2, ""),
    ("mp3", "libmp3lame", 32_000, 2, ""),
    ("mp2", "mp2", 48_000, 2, ""),
    ("ac3", "ac3", 48_000, 2, ""),
    ("wv", "wavpack", 44_100, 2, ""),
    ("amr", "libopencore_amrnb", 8_000, 1, ""),
    ("matroska", "pcm_s24le", 44_100, 2, ""),
    ("mp4", "aac", 48_000, 2, "mpeg4"),
    ("mov", "pcm_s16be", 44_100, 2, "mpeg4"),
    ("matroska", "flac", 44_100, 2, "mpeg4"),
    ("webm", "libopus", 48_000, 2, "libvpx"),
    ("avi", "libmp3lame", 44_100, 2, "mpeg4"),
    ("flv", "aac", 44_100, 2, "flv1"),
    ("asf", "wmav2", 44_100, 2, "wmv2"),
    ("mpeg", "mp2", 44_100, 2, "mpeg1video"),
    ("3gp", "aac", 44_100, 1, "mpeg4"),
    ("mpegts", "aac", 44_100, 2, "mpeg4"),
]


@pytest.mark.parametrize(("container", "codec", "rate_hz", "channels", "video"), FFMPEG_FORMATS)
def test_what_ffmpeg_writes(container: str, codec: str, rate_hz: int, channels: int, video: str) -> None:
    data = ffmpeg(container, codec, tones(rate_hz, [440, 1_000][:channels]), rate_hz, video=video)
    samples = load_audio(data, STEREO)
    assert samples.shape[0] == channels
    # Codecs pad to whole frames of up to 50 ms, some at the start as well.
    assert samples.shape[1] / 44_100 == pytest.approx(1, abs=0.1)
    # LAME turns down by 5 %, AMR is for telephones.
    for channel, frequency_hz in zip(samples, [440, 1_000], strict=False):
        assert_tone(channel, 44_100, frequency_hz, 0.5, rel=0.2 if codec == "libopencore_amrnb" else 0.07)
    info = probe_audio(data)
    assert (info.rate_hz, info.channels) == (rate_hz, channels)
    assert info.duration_s == pytest.approx(1, abs=0.1)


def test_lossless_samples_arrive_exactly() -> None:
    samples = np.random.default_rng(1).integers(-(2**15), 2**15, (2, 50_000)).astype(np.float32) / 2**15
    for data in [
        wav(samples, 44_100, "PCM_16"),
        wav(samples, 44_100, "PCM_24", "FLAC"),
        wav(samples, 44_100, "PCM_16", "AIFF"),
        ffmpeg("ipod", "alac", samples, 44_100),
        ffmpeg("matroska", "pcm_s32le", samples, 44_100),
    ]:
        np.testing.assert_array_equal(load_audio(data, STEREO), samples)


def test_path_bytes_and_file_give_the_same(tmp_path: Path) -> None:
    data = wav(tones(48_000, [440]), 48_000)
    path = tmp_path / "tone.wav"
    path.write_bytes(data)
    expected = load_audio(data, STEREO)
    np.testing.assert_array_equal(load_audio(path, STEREO), expected)
    np.testing.assert_array_equal(load_audio(str(path), STEREO), expected)
    np.testing.assert_array_equal(load_audio(io.BytesIO(data), STEREO), expected)


def test_threads_do_not_disturb_each_other() -> None:
    sound = tones(48_000, [440, 1_000], duration_s=0.5)
    files = [
        wav(sound, 48_000),
        wav(sound, 48_000, "PCM_16", "FLAC"),
        wav(sound, 48_000, "VORBIS", "OGG"),
        ffmpeg("ipod", "aac", sound, 48_000),
    ] * 8
    alone = [load_audio(data, STEREO) for data in files[:4]]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda data: load_audio(data, STEREO), files))
    for index, samples in enumerate(together):
        np.testing.assert_array_equal(samples, alone[index % 4])


@pytest.mark.parametrize("present", [1, 2, 6, 8])
def test_channels(present: int) -> None:
    data = wav(np.tile(tones(8_000, [440]), (present, 1)), 8_000)
    assert load_audio(data, MONO).shape[0] == 1
    assert load_audio(data, STEREO).shape[0] == min(present, 2)


def test_one_channel_is_the_mean_of_all() -> None:
    samples = tones(44_100, [440, 1_000])
    np.testing.assert_allclose(load_audio(wav(samples, 44_100), MONO)[0], samples.mean(axis=0), atol=1e-6)


@pytest.mark.parametrize(("container", "codec"), [("WAVEX", "PCM_16"), ("ogg", "libopus"), ("matroska", "aac")])
@pytest.mark.parametrize("layout", ["5.1", "7.1"])
def test_surround_keeps_left_and_right_apart(container: str, codec: str, layout: str) -> None:
    # Front left, front right, centre, low frequencies, back (side) left, back right …
    frequencies_hz = [400.0, 500, 600, 80, 800, 900, 1_000, 1_100][: 6 if layout == "5.1" else 8]
    samples = tones(48_000, frequencies_hz)
    data = wav(samples, 48_000, codec, container) if container == "WAVEX" else ffmpeg(container, codec, samples, 48_000)
    left, right = load_audio(data, STEREO)
    middle = slice(4_410, 39_690)
    for channel, heard in ((left, {400, 600, 800, 1_000}), (right, {500, 600, 900, 1_100})):
        spectrum = np.abs(np.fft.rfft(channel[middle] * np.hanning(35_280)))
        levels = {f: spectrum[round(f * 0.8) - 2 : round(f * 0.8) + 3].max() for f in frequencies_hz}
        loudest = max(levels.values())
        assert {f for f, level in levels.items() if level > 0.1 * loudest} == heard & set(frequencies_hz)


@pytest.mark.parametrize(
    ("duration_s", "spans"),
    [
        (0.3, [(0, 0.3)]),
        (1.0, [(0, 1)]),
        (1.05, [(0, 1)]),
        (1.2, [(0, 1), (0.2, 1.2)]),
        (1.4, [(0, 1), (0.4, 1.4)]),
        (2.5, [(0, 1), (0.4, 1.4), (0.8, 1.8), (1.2, 2.2), (1.5, 2.5)]),
    ],
)
def test_windows(duration_s: float, spans: list[tuple[float, float]]) -> None:
    sound = np.random.default_rng(1).uniform(-1, 1, (2, round(duration_s * 8_000))).astype(np.float32)
    segments = list(iter_segments(wav(sound, 8_000), QUICK))
    assert [(segment.start_s, segment.end_s) for segment in segments] == spans
    for segment in segments:
        start, end = round(segment.start_s * 8_000), round(segment.end_s * 8_000)
        np.testing.assert_array_equal(segment.samples, sound[:, start:end])


def test_windows_apart_still_reach_the_end() -> None:
    sparse = AudioFormat(rate_hz=8_000, channels=1, window_s=1.0, hop_s=3.0)
    segments = iter_segments(wav(tones(8_000, [440], duration_s=5.5), 8_000), sparse)
    assert [(segment.start_s, segment.end_s) for segment in segments] == [(0, 1), (3, 4), (4.5, 5.5)]


def test_split_segments_gives_what_a_file_would() -> None:
    data = wav(tones(11_025, [440, 500], duration_s=3.3), 11_025)
    from_file = list(iter_segments(data, QUICK))
    from_array = list(split_segments(load_audio(data, QUICK), QUICK))
    assert [(s.start_s, s.end_s) for s in from_array] == [(s.start_s, s.end_s) for s in from_file]
    for one, other in zip(from_file, from_array, strict=True):
        np.testing.assert_array_equal(one.samples, other.samples)


def test_segments_are_the_caller_s_own() -> None:
    segments = iter_segments(wav(tones(8_000, [440], duration_s=2), 8_000), QUICK)
    next(segments).samples[:] = 7
    assert np.abs(next(segments).samples).max() <= 1


@pytest.mark.parametrize("container", ["wav", "mp3"])
def test_a_long_file_costs_bounded_memory(tmp_path: Path, container: str) -> None:
    path = tmp_path / f"long.{container}"
    minutes = 5 if container == "wav" else 3
    with soundfile.SoundFile(path, "w", 8_000, 1) as file:
        for minute in range(minutes):
            file.write(tones(8_000, [200 + minute], duration_s=60)[0])
    windows = AudioFormat(rate_hz=16_000, channels=1)
    next(iter_segments(path, windows))  # which imports torch
    tracemalloc.start()
    try:
        count, last_end_s = 0, 0.0
        for segment in iter_segments(path, windows):
            count, last_end_s = count + 1, segment.end_s
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert last_end_s == pytest.approx(60 * minutes, abs=0.1)
    assert count == pytest.approx(60 * minutes / 2.5, abs=2)
    # The whole would be 19 MB (12 MB for MP3).
    assert peak_bytes < 5e6


def test_abandoned_segments_close_the_file(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    path.write_bytes(wav(tones(8_000, [440], duration_s=5), 8_000))
    segments = iter_segments(path, QUICK)
    next(segments)
    # An open file would be a ResourceWarning, which is an error here.
    del segments


def test_load_audio_stops_at_its_limit() -> None:
    data = wav(tones(8_000, [440], duration_s=3), 8_000)
    assert load_audio(data, QUICK, max_duration_s=1.5).shape == (1, 12_000)
    assert load_audio(data, QUICK).shape == (1, 24_000)


def test_probe_reads_no_more_than_the_header() -> None:
    data = wav(tones(48_000, [440, 500], duration_s=2), 48_000, "PCM_16")
    assert probe_audio(data) == AudioInfo(rate_hz=48_000, channels=2, duration_s=2.0)
    assert probe_audio(ffmpeg("adts", "aac", tones(44_100, [440]), 44_100)).duration_s == pytest.approx(1, abs=0.1)


def test_arrays_come_out_as_files_do() -> None:
    samples = tones(22_050, [440, 1_000])
    expected = load_audio(wav(samples, 22_050), STEREO)
    np.testing.assert_allclose(resample_audio(samples, 22_050, STEREO), expected, atol=1e-6)
    np.testing.assert_allclose(resample_audio(samples.astype(np.float64), 22_050, STEREO), expected, atol=1e-6)
    integers = np.round(samples * 2**15).astype(np.int16)
    np.testing.assert_allclose(resample_audio(integers, 22_050, STEREO), expected, atol=1e-4)
    np.testing.assert_allclose(resample_audio(samples[0], 22_050, STEREO), expected[:1], atol=1e-6)


@pytest.mark.parametrize(
    ("samples", "rate_hz", "reason"),
    [
        (np.zeros((1, 0)), 44_100, "holds no sound"),
        (np.zeros(0), 44_100, "holds no sound"),
        (np.zeros((0, 100)), 44_100, "is not a sound"),
        (np.zeros((44_100, 2)), 44_100, "is not a sound"),
        (np.zeros((1, 2, 3)), 44_100, "is not a sound"),
        (np.zeros((1, 100), complex), 44_100, "is not a sound"),
        (np.zeros((1, 100), bool), 44_100, "is not a sound"),
        (np.zeros((1, 100)), 0, "sample rate of 0 Hz"),
        (np.zeros((1, 100)), 10_000_000, "sample rate"),
    ],
)
def test_arrays_that_are_no_sound(samples: np.ndarray, rate_hz: int, reason: str) -> None:
    with pytest.raises(MediaError, match=reason):
        resample_audio(samples, rate_hz, STEREO)


def test_overshoot_and_what_is_not_finite() -> None:
    samples = np.zeros((1, 48_000), np.float32)
    samples[0, 10_000:20_000] = 3.0
    samples[0, 30_000:30_010] = [np.nan, np.inf, -np.inf, 1e38, -1e38] * 2
    loaded = load_audio(wav(samples, 48_000), STEREO)
    assert np.isfinite(loaded).all()
    assert np.abs(loaded).max() == 1
    assert np.abs(loaded[0, 40_000:]).max() < 1e-3
