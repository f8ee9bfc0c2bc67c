"""Samples to floats, channels to one or two."""

from __future__ import annotations

import numpy as np
import pytest

from audioclip_search.media.mix import as_floats, mix_channels


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (np.array([-32768, 0, 16384], np.int16), [-1, 0, 0.5]),
        (np.array([-(2**31), 2**30], np.int32), [-1, 0.5]),
        (np.array([0, 128, 192], np.uint8), [-1, 0, 0.5]),
        (np.array([-128, 64], np.int8), [-1, 0.5]),
        (np.array([0.25, -7.0, 1e30, np.nan, np.inf, -np.inf], np.float32), [0.25, -1, 1, 0, 0, 0]),
        (np.array([1e300, -0.5], np.float64), [1, -0.5]),
        (np.array([0.5], np.float16), [0.5]),
    ],
)
def test_as_floats(samples: np.ndarray, expected: list[float]) -> None:
    before = samples.copy()
    floats = as_floats(samples)
    assert floats.dtype == np.float32
    np.testing.assert_array_equal(floats, np.array(expected, np.float32))
    np.testing.assert_array_equal(samples, before)


def impulses(channels: int) -> np.ndarray:
    """Channel i sounds in sample i alone, so that the mix shows every channel's gain."""
    return np.eye(channels, dtype=np.float32)


@pytest.mark.parametrize("channels", [2, 3, 6, 64])
def test_one_channel_is_the_mean(channels: int) -> None:
    np.testing.assert_allclose(mix_channels(impulses(channels), 1), np.full((1, channels), 1 / channels), rtol=1e-6)


def test_what_fits_stays() -> None:
    stereo, mono = impulses(2), np.ones((1, 3), np.float32)
    assert mix_channels(stereo, 2) is stereo
    assert mix_channels(mono, 1) is mono
    np.testing.assert_array_equal(mix_channels(mono, 2), np.ones((2, 3)))


def test_surround_follows_itu() -> None:
    left, right = mix_channels(impulses(6), 2)
    side = np.sqrt(0.5)
    whole = 1 + 2 * side
    np.testing.assert_allclose(left, np.array([1, 0, side, 0, side, 0]) / whole, rtol=1e-6)
    np.testing.assert_allclose(right, np.array([0, 1, side, 0, 0, side]) / whole, rtol=1e-6)


@pytest.mark.parametrize("channels", range(2, 12))
def test_a_stereo_downmix_never_clips_and_keeps_sides_apart(channels: int) -> None:
    gains = mix_channels(impulses(channels), 2)
    assert gains.dtype == np.float32
    np.testing.assert_allclose(gains.sum(axis=1), 1, rtol=1e-6)
    assert gains[0, 0] > 0 == gains[1, 0]
    assert gains[1, 1] > 0 == gains[0, 1]


def test_unknown_layouts_alternate() -> None:
    left, right = mix_channels(impulses(7), 2)
    np.testing.assert_allclose(left, np.array([1, 0, 1, 0, 1, 0, 1]) / 4, rtol=1e-6)
    np.testing.assert_allclose(right, np.array([0, 1, 0, 1, 0, 1, 0]) / 3, rtol=1e-6)
