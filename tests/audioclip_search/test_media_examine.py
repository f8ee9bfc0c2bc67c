"""What is in files: equal samples whatever the container, and how good they are."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from made_sounds import RATE_HZ, knocks, mp3, rounded, written
from media_files import film
from PIL import Image

from audioclip_search.errors import MediaError
from audioclip_search.media import examine_picture, examine_sound, small_picture

SOUND = rounded(knocks(1))
FORMATS = [
    ("WAV", "PCM_16"),
    ("WAV", "PCM_24"),
    ("WAV", "FLOAT"),
    ("WAV", "DOUBLE"),
    ("RF64", "PCM_16"),
    ("W64", "PCM_24"),
    ("AIFF", "PCM_16"),
    ("AIFF", "PCM_24"),
    ("FLAC", "PCM_16"),
    ("FLAC", "PCM_24"),
    ("CAF", "ALAC_16"),
]


@pytest.mark.parametrize(("form", "subtype"), FORMATS)
def test_equal_samples_in_any_container(form: str, subtype: str) -> None:
    facts = examine_sound(written(SOUND, form, subtype))
    reference = examine_sound(written(SOUND))
    assert facts.samples == reference.samples
    assert (facts.bits, facts.lossless, facts.rate_hz, facts.channels) == (16, True, RATE_HZ, 1)
    assert facts.duration_s == pytest.approx(1.5)


@pytest.mark.parametrize(
    "data",
    [
        written(SOUND[:-1]),
        written(-SOUND),
        written(np.stack([SOUND, SOUND])),
        written(SOUND, rate_hz=RATE_HZ + 1),
        mp3(SOUND, 320),
    ],
)
def test_other_samples_are_others(data: bytes) -> None:
    assert examine_sound(data).samples != examine_sound(written(SOUND)).samples


def test_metadata_do_not_count(tmp_path: Path) -> None:
    with soundfile.SoundFile(tmp_path / "a.wav", "w", RATE_HZ, 1, "PCM_16") as file:
        file.title = "another one"
        file.write(np.rint(SOUND * 32_768).astype(np.int16))
    assert examine_sound(tmp_path / "a.wav").samples == examine_sound(written(SOUND)).samples


def test_minus_zero_is_zero() -> None:
    half = SOUND.copy()
    half[:1000] = 0
    negative = half.copy()
    negative[:1000] = -0.0
    assert (
        examine_sound(written(half, subtype="FLOAT")).samples
        == examine_sound(written(negative, subtype="FLOAT")).samples
    )


@pytest.mark.parametrize(
    ("data", "encoding", "lossless"),
    [
        (written(SOUND), "pcm", True),
        (written(SOUND, "FLAC"), "flac", True),
        (written(SOUND, "OGG", "VORBIS"), "vorbis", False),
        (written(SOUND, "WAV", "ULAW"), "ulaw", False),
        (written(SOUND, "WAV", "IMA_ADPCM"), "adpcm", False),
        (mp3(SOUND, 64), "mp3", False),
        (film("ipod", "alac"), "alac", True),
        (film("ipod", "aac"), "aac", False),
        (film("tta", "tta"), "tta", True),
        (film("wv", "wavpack"), "wavpack", True),
    ],
)
def test_encodings(data: bytes, encoding: str, lossless: bool) -> None:
    facts = examine_sound(data)
    assert (facts.encoding, facts.lossless, facts.bits > 0) == (encoding, lossless, lossless)


def test_how_good_it_is() -> None:
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, 48_000).astype(np.float32)
    full = examine_sound(written(noise, rate_hz=48_000))
    assert full.bandwidth_hz == pytest.approx(24_000, rel=0.02)
    assert full.peak_db == pytest.approx(-6.02, abs=0.1)
    assert full.clipped == 0
    assert not full.wide
    spectrum = np.fft.rfft(noise)
    spectrum[8_000:] = 0
    dull = examine_sound(written(np.fft.irfft(spectrum).astype(np.float32), rate_hz=48_000, subtype="FLOAT"))
    assert dull.bandwidth_hz == pytest.approx(8_000, rel=0.1)
    assert dull.bits == 32
    clipped = examine_sound(written(np.clip(4 * noise, -1, 32_767 / 32_768), rate_hz=48_000))
    assert clipped.clipped > 0.3
    stereo = examine_sound(written(np.stack([noise, 0.5 * noise]), rate_hz=48_000))
    assert (stereo.channels, stereo.wide) == (2, True)
    late = examine_sound(written(np.pad(SOUND, (RATE_HZ, RATE_HZ))))
    assert late.duration_s == pytest.approx(3.5)
    assert late.sounding_s < 1.6


@pytest.mark.parametrize("data", [b"", b"RIFFnothing", b"not a sound at all" * 100])
def test_no_sound(data: bytes) -> None:
    with pytest.raises(MediaError):
        examine_sound(data)


def picture(form: str, *, size: tuple[int, int] = (96, 64), seed: int = 1, **options: Any) -> bytes:
    blocks = np.random.default_rng(seed).integers(0, 256, (6, 9, 3)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(blocks).resize(size, Image.Resampling.BICUBIC).save(file, form, **options)
    return file.getvalue()


def test_equal_pixels_in_any_format() -> None:
    found = [examine_picture(picture(form)) for form in ("PNG", "BMP", "TIFF", "PPM")]
    assert len({facts.samples for facts in found}) == 1
    assert [facts.encoding for facts in found] == ["png", "bmp", "tiff", "ppm"]
    assert all(facts.lossless for facts in found)
    assert (found[0].width, found[0].height) == (96, 64)
    other = [examine_picture(picture("PNG", seed=2)), examine_picture(picture("JPEG", quality=95))]
    assert len({facts.samples for facts in (*other, *found)}) == 3
    assert not other[1].lossless


def test_a_picture_in_small() -> None:
    greys, colours = small_picture(examine_picture(picture("PNG")).print)
    assert (greys.shape, colours.shape) == ((32, 32), (4, 4, 3))
    large, _ = small_picture(examine_picture(picture("PNG", size=(480, 320))).print)
    assert np.corrcoef(greys.ravel(), large.ravel())[0, 1] > 0.98
