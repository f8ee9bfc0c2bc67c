"""Stretches of sounds to listen to: the right place, mono, at the rate that is asked for, without decoding it all."""

from __future__ import annotations

from pathlib import Path

import media_files
import numpy as np
import pytest
import soundfile

from audioclip_search.errors import MediaError
from audioclip_search.media import AUDIO_SUFFIXES, load_excerpt

SOUNDS = [(suffix, data) for suffix, data in media_files.whole_files() if f".{suffix}" in AUDIO_SUFFIXES]


@pytest.mark.parametrize(("suffix", "data"), SOUNDS, ids=[f"{n}-{suffix}" for n, (suffix, _) in enumerate(SOUNDS)])
def test_every_format_gives_an_excerpt(tmp_path: Path, suffix: str, data: bytes) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(data)
    for start_s in (0.0, 0.3):
        samples = load_excerpt(path, start_s=start_s, end_s=start_s + 0.2, rate_hz=16_000)
        assert samples.dtype == np.float32
        assert samples.ndim == 1
        assert 1_600 <= len(samples) <= 3_201
        assert 0.03 < np.sqrt(np.mean(samples**2)) < 0.6


@pytest.mark.parametrize("form", ["WAV", "FLAC", "OGG", "MP3"])
def test_the_excerpt_is_from_the_right_place(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"a.{form.lower()}"
    samples = np.zeros((44_100 * 60, 2), np.float32)
    samples[round(44_100 * 47.5) : round(44_100 * 47.5) + 40] = 0.8
    with soundfile.SoundFile(path, "w", 44_100, 2, format=form) as sound:
        for second in range(60):
            sound.write(samples[second * 44_100 : (second + 1) * 44_100])
    excerpt = load_excerpt(path, start_s=47.0, end_s=49.0, rate_hz=22_050)
    assert len(excerpt) == pytest.approx(44_100, abs=1_200)
    assert np.abs(excerpt).argmax() / 22_050 == pytest.approx(0.5, abs=0.06)


def test_where_there_is_no_sound_the_error_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(media_files.sound())
    with pytest.raises(MediaError, match="ends before 5 s"):
        load_excerpt(path, start_s=5, end_s=6, rate_hz=8_000)
    path.write_bytes(b"no sound at all")
    with pytest.raises(MediaError) as raised:
        load_excerpt(path, start_s=0, end_s=1, rate_hz=8_000)
    assert raised.value.path == path


def test_a_sample_is_too_little_to_be_heard(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "tick.wav", np.full(1, 0.5), 44_100)
    with pytest.raises(MediaError, match="too little"):
        load_excerpt(tmp_path / "tick.wav", start_s=0, end_s=1 / 44_100, rate_hz=22_050)
