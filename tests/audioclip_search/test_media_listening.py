"""Sounds to hear and to see: the right samples, from the right place, drawn as they are."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import media_files
import numpy as np
import pytest
import soundfile

from audioclip_search import (
    CancelledError,
    CancelToken,
    ExportError,
    MediaError,
    extract_sound,
    read_sound,
    sound_blocks,
    spectrogram_levels,
    waveform,
)
from audioclip_search.media import AUDIO_SUFFIXES, load_metadata
from audioclip_search.types import Modality

SOUNDS = [(suffix, data) for suffix, data in media_files.whole_files() if f".{suffix}" in AUDIO_SUFFIXES]
RATE_HZ = 44_100


@pytest.fixture
def clicks(tmp_path: Path) -> Callable[[str], Path]:
    """A minute of silence in stereo with a click at 47.5 s, on the left."""

    def write(form: str) -> Path:
        path = tmp_path / f"clicks.{form.lower()}"
        samples = np.zeros((RATE_HZ * 60, 2), np.float32)
        samples[round(RATE_HZ * 47.5) :][:40, 0] = 0.8
        with soundfile.SoundFile(path, "w", RATE_HZ, 2, format=form) as sound:
            for second in range(60):
                sound.write(samples[second * RATE_HZ : (second + 1) * RATE_HZ])
        return path

    return write


@pytest.mark.parametrize(("suffix", "data"), SOUNDS, ids=[f"{n}-{suffix}" for n, (suffix, _) in enumerate(SOUNDS)])
def test_every_format_is_heard_and_seen(tmp_path: Path, suffix: str, data: bytes) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(data)
    whole = read_sound(path)
    assert whole.samples.dtype == np.float32
    with sound_blocks(path) as sound:
        assert (sound.rate_hz, sound.channels) == (whole.rate_hz, whole.samples.shape[1])
        blocks = list(sound.blocks)
    assert {block.dtype for block in blocks} == {np.dtype(np.float32)}
    np.testing.assert_allclose(np.concatenate(blocks), whole.samples, atol=1e-6)
    with sound_blocks(path, start_s=0.4) as sound:
        late = np.concatenate(list(sound.blocks))
    assert len(late) == pytest.approx(len(whole.samples) - 0.4 * whole.rate_hz, abs=0.1 * whole.rate_hz)
    outline = waveform(path, columns=50)
    assert outline.duration_s == pytest.approx(len(whole.samples) / whole.rate_hz)
    assert outline.low.min() == pytest.approx(whole.samples.min(), abs=1e-6)
    assert outline.high.max() == pytest.approx(whole.samples.max(), abs=1e-6)
    picture = spectrogram_levels(path, columns=20, bands=16)
    assert (picture.levels.shape, picture.levels.dtype, picture.levels.max()) == ((16, 20), np.uint8, 255)


@pytest.mark.parametrize("form", ["WAV", "FLAC", "OGG", "MP3"])
def test_listening_begins_at_the_place_asked_for(clicks: Callable[[str], Path], form: str) -> None:
    path = clicks(form)
    with sound_blocks(path, start_s=47.0) as sound:
        assert sound.duration_s == pytest.approx(60, abs=0.1)
        heard = np.concatenate([next(sound.blocks) for _ in range(40)])
    assert np.abs(heard[:, 0]).argmax() / RATE_HZ == pytest.approx(0.5, abs=0.06)
    clip = read_sound(path, start_s=47.0, end_s=48.0)
    assert (clip.samples.shape, clip.rate_hz, clip.start_s) == ((RATE_HZ, 2), RATE_HZ, 47.0)
    assert np.abs(clip.samples[:, 0]).argmax() / RATE_HZ == pytest.approx(0.5, abs=0.06)
    assert np.abs(clip.samples[:, 1]).max() < 0.1


def test_the_samples_of_a_region_are_those_of_the_file(tmp_path: Path) -> None:
    samples = np.random.default_rng(1).uniform(-1, 1, (RATE_HZ * 3, 2)).astype(np.float32)
    soundfile.write(tmp_path / "noise.wav", samples, RATE_HZ, subtype="FLOAT")
    clip = read_sound(tmp_path / "noise.wav", start_s=1.25, end_s=9)
    np.testing.assert_array_equal(clip.samples, samples[round(1.25 * RATE_HZ) :])
    with sound_blocks(str(tmp_path / "noise.wav"), start_s=1.25) as sound:
        np.testing.assert_array_equal(np.concatenate(list(sound.blocks)), clip.samples)


@pytest.mark.parametrize("length", [1, 7, 50, 51, 3_199, 3_201, 6_401, 100_003])
def test_a_waveform_has_the_extremes_of_each_part(tmp_path: Path, length: int) -> None:
    samples = np.random.default_rng(length).uniform(-1, 1, (length, 2)).astype(np.float32)
    soundfile.write(tmp_path / "noise.wav", samples, 8_000, subtype="FLOAT")
    outline = waveform(tmp_path / "noise.wav", columns=50)
    assert outline.low.shape == outline.high.shape == (50,)
    edges = np.arange(51) * length / 50
    slack = length / 50 / 32
    for column in range(50):
        inner = samples[int(np.ceil(edges[column] + slack)) : int(edges[column + 1] - slack)]
        outer = samples[max(0, int(edges[column] - slack)) : int(np.ceil(edges[column + 1] + slack))]
        assert outer.min() <= outline.low[column] <= inner.min(initial=1.0)
        assert inner.max(initial=-1.0) <= outline.high[column] <= outer.max()


def test_a_spectrogram_shows_which_tone_is_when(tmp_path: Path) -> None:
    time_s = np.arange(RATE_HZ * 4) / RATE_HZ
    tones = np.where(time_s < 2, np.sin(2 * np.pi * 200 * time_s), np.sin(2 * np.pi * 5_000 * time_s)) * 0.5
    tones[time_s >= 3] = 0
    soundfile.write(tmp_path / "tones.wav", np.stack((tones, tones), axis=1), RATE_HZ)
    picture = spectrogram_levels(tmp_path / "tones.wav", columns=40, bands=64)
    assert (picture.lowest_hz, picture.highest_hz, picture.start_s, picture.end_s) == (40, 22_050, 0, 4)
    octaves = np.log(picture.highest_hz / picture.lowest_hz)
    for hertz, columns in ((200, range(1, 19)), (5_000, range(21, 29))):
        row = 63 - int(64 * np.log(hertz / picture.lowest_hz) / octaves)
        assert all(abs(int(picture.levels[:, column].argmax()) - row) <= 1 for column in columns)
    assert not picture.levels[:, 32:].any()
    part = spectrogram_levels(tmp_path / "tones.wav", columns=10, bands=64, start_s=2.2, end_s=2.8)
    assert len(set(part.levels.argmax(axis=0).tolist())) == 1
    beyond = spectrogram_levels(tmp_path / "tones.wav", columns=10, bands=8, start_s=2.0, end_s=12.0)
    assert beyond.levels[:, 0].any()
    assert not beyond.levels[:, 2:].any()


def test_a_region_is_extracted_with_what_the_file_says(tmp_path: Path) -> None:
    samples = np.random.default_rng(1).uniform(-1, 1, RATE_HZ)
    with soundfile.SoundFile(tmp_path / "rain.wav", "w", RATE_HZ, 1) as sound:
        sound.title = "Rain"
        sound.write(samples)
    made = extract_sound(tmp_path / "rain.wav", tmp_path / "part.wav", start_s=0.25, end_s=0.5)
    assert made == tmp_path / "part.wav"
    np.testing.assert_array_equal(
        read_sound(made).samples, read_sound(tmp_path / "rain.wav", start_s=0.25, end_s=0.5).samples
    )
    assert ("title", "Rain") in load_metadata(made, Modality.AUDIO).fields
    with pytest.raises(ExportError, match="exists already"):
        extract_sound(tmp_path / "rain.wav", made, start_s=0, end_s=1)


@pytest.mark.parametrize(
    "use",
    [
        read_sound,
        waveform,
        lambda path: spectrogram_levels(path, columns=4, bands=4),
        lambda path: sound_blocks(path).__enter__(),
        lambda path: extract_sound(path, path.with_name("part.wav"), start_s=0, end_s=1),
    ],
)
def test_what_cannot_be_heard_is_told(tmp_path: Path, use: Callable[[Path], object]) -> None:
    with pytest.raises(MediaError, match="Connect the drive") as gone:
        use(tmp_path / "gone.wav")
    assert gone.value.path == tmp_path / "gone.wav"
    (tmp_path / "a.wav").write_bytes(b"no sound at all")
    with pytest.raises(MediaError) as broken:
        use(tmp_path / "a.wav")
    assert (broken.value.path, broken.value.remedy) == (tmp_path / "a.wav", "")


@pytest.mark.parametrize("suffix", ["wav", "flac", "mp3", "ogg"])
def test_after_the_end_there_is_nothing(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(next(data for name, data in SOUNDS if name == suffix))
    with pytest.raises(MediaError, match="ends before 9 s"), sound_blocks(path, start_s=9):
        pass
    with pytest.raises(MediaError, match="ends before 9 s"):
        spectrogram_levels(path, columns=4, bands=4, start_s=9)
    with pytest.raises(MediaError, match=r"from 0\.2 to 0\.1 s there is no sound"):
        spectrogram_levels(path, columns=4, bands=4, start_s=0.2, end_s=0.1)


def test_drawing_can_be_stopped(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(media_files.sound())
    cancel = CancelToken()
    cancel.cancel()
    for draw in (waveform, lambda path, **options: spectrogram_levels(path, columns=4, bands=4, **options)):
        with pytest.raises(CancelledError):
            draw(path, cancel=cancel)


def test_listening_loads_no_torch() -> None:
    code = """
import sys
from audioclip_search import extract_sound, read_sound, sound_blocks, spectrogram_levels, thumbnail, waveform
assert not {"torch", "lancedb", "pyarrow"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
