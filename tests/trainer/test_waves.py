from __future__ import annotations

import numpy as np
import pytest

from audioclip_search.types import FloatArray
from trainer.waves import Augmentation, add_noise, augment_clip, fit_clip, scale_length

PLAIN = Augmentation(flip=0, scale=1, noise=0)
RATE_HZ = 8_000


def tone(pitch_hz: float, n: int) -> FloatArray:
    return np.sin(2 * np.pi * pitch_hz / RATE_HZ * np.arange(n)).astype(np.float32)[None]


def ramp(n: int) -> FloatArray:
    return np.stack([np.arange(n), np.arange(n) + 1000]).astype(np.float32)


def test_flip_reverses_time_and_not_the_channels() -> None:
    clip = ramp(50)
    flipped = augment_clip(clip, 50, Augmentation(flip=1, scale=1, noise=0), np.random.default_rng(0))
    assert np.array_equal(flipped, clip[:, ::-1])


def test_flip_has_its_chance() -> None:
    clip = ramp(50)
    rng = np.random.default_rng(0)
    flipped = sum(
        augment_clip(clip, 50, Augmentation(flip=0.25, scale=1, noise=0), rng)[0, 0] == 49 for _ in range(400)
    )
    assert 70 < flipped < 130


@pytest.mark.parametrize("factor", [2 / 3, 1.0, 1.5])
def test_scale_changes_length_and_pitch_of_all_channels_alike(factor: float) -> None:
    clip = np.concatenate([tone(400, RATE_HZ), 0.5 * tone(400, RATE_HZ)])
    scaled = scale_length(clip, factor)
    assert scaled.dtype == np.float32
    assert scaled.shape == (2, int(RATE_HZ * factor))
    assert np.allclose(scaled[1], 0.5 * scaled[0], atol=1e-6)
    peak_hz = np.abs(np.fft.rfft(scaled[0])).argmax() * RATE_HZ / scaled.shape[1]
    assert peak_hz == pytest.approx(400 / factor, abs=2)


def test_scale_interpolates_linearly() -> None:
    assert scale_length(np.array([[0, 1, 2]], np.float32), 2).tolist() == [[0, 0.5, 1, 1.5, 2, 2]]


def test_scale_stays_in_its_range_and_fills_it() -> None:
    clip = tone(1, 1_000)  # rises from zero: padding with edges is padding with zeros at the front
    rng = np.random.default_rng(0)
    takes = [augment_clip(clip, 4_000, Augmentation(flip=0, scale=1.5, noise=0), rng) for _ in range(200)]
    lengths = [int(np.count_nonzero(np.diff(take[0]))) for take in takes]
    assert 660 <= min(lengths) < 700
    assert 1_430 < max(lengths) <= 1_500


def test_padding_is_the_mean_of_the_channels_edges() -> None:
    clip = np.array([[0.1, 0.5, 0.3], [0.3, 0.5, 0.7]], np.float32)
    fitted = fit_clip(clip, 7)
    assert np.allclose(fitted[:, 2:5], clip)
    assert np.allclose(fitted[:, :2], 0.2)
    assert np.allclose(fitted[:, 5:], 0.5)


def test_padding_and_cropping_take_any_place_in_training() -> None:
    rng = np.random.default_rng(0)
    padded = [augment_clip(ramp(3), 5, PLAIN, rng) for _ in range(60)]
    assert {int(np.argmax(take[0] == 1)) for take in padded} == {1, 2, 3}
    cropped = [augment_clip(ramp(5)[:1] % 2, 3, PLAIN, rng) for _ in range(60)]
    assert {tuple(take[0]) for take in cropped} == {(0, 1, 0), (1, 0, 1)}


def test_a_clip_of_the_right_length_is_copied() -> None:
    clip = ramp(5)
    fitted = fit_clip(clip, 5)
    assert np.array_equal(fitted, clip)
    fitted += 1
    assert np.array_equal(clip, ramp(5))


@pytest.mark.parametrize(
    ("beginning", "middle", "end", "taken"),
    [
        (1.0, 0.9, 1.0, "middle"),  # loud enough
        (1.0, 0.1, 1.0, "beginning"),  # too quiet: the beginning
        (0.2, 0.1, 1.0, "end"),  # so is that, but it is louder than the middle: the end
        (0.1, 0.2, 1.0, "beginning"),  # so is that, and not louder either: it stays
    ],
)
def test_a_quiet_crop_is_replaced(beginning: float, middle: float, end: float, taken: str) -> None:
    parts = {
        name: level * tone(500, 400) for name, level in (("beginning", beginning), ("middle", middle), ("end", end))
    }
    assert np.array_equal(fit_clip(np.concatenate(list(parts.values()), axis=1), 400), parts[taken])


@pytest.mark.parametrize("snr_db", [0.0, 10.0, 30.0])
def test_noise_has_the_snr_asked_for(snr_db: float) -> None:
    clip = 0.3 * tone(300, 100_000)
    noise = add_noise(clip, snr_db, np.random.default_rng(0)) - clip
    measured_db = 10 * np.log10(np.mean(clip**2) / np.mean(noise**2))
    assert measured_db == pytest.approx(snr_db, abs=0.1)


def test_augmented_noise_lies_in_its_range() -> None:
    clip = tone(300, 8_000)
    rng = np.random.default_rng(0)
    augmentation = Augmentation(flip=0, scale=1, noise=1, snr_min_db=10, snr_max_db=20)
    for _ in range(20):
        noise = augment_clip(clip, 8_000, augmentation, rng) - clip
        assert 9.5 < 10 * np.log10(np.mean(clip**2) / np.mean(noise**2)) < 20.5


def test_silence_stays_silence() -> None:
    augmentation = Augmentation(flip=0.5, scale=1.5, noise=1, snr_min_db=0)
    assert not augment_clip(np.zeros((2, 50), np.float32), 80, augmentation, np.random.default_rng(0)).any()


def test_a_take_is_repeated_by_its_seed_and_changes_nothing() -> None:
    clip = np.random.default_rng(1).standard_normal((2, 5_000)).astype(np.float32)
    before = clip.copy()
    takes = [augment_clip(clip, 4_000, Augmentation(), np.random.default_rng(seed)) for seed in (5, 5, 6)]
    assert takes[0].shape == (2, 4_000)
    assert takes[0].dtype == np.float32
    assert takes[0].flags.c_contiguous
    assert np.array_equal(takes[0], takes[1])
    assert not np.array_equal(takes[0], takes[2])
    assert np.array_equal(clip, before)
