"""How strong a sound is at which frequency, in steps that look alike."""

from __future__ import annotations

from math import log2
from typing import Any

import numpy as np
from numpy.typing import NDArray

LOWEST_HZ = 40.0
"""Where the lowest band starts."""

_RANGE_DB = 75.0
_FRAME_S = 0.046


def frame_length(rate_hz: int) -> int:
    """How many samples a spectrum is taken of: a power of 2, about a twentieth of a second."""
    return 1 << round(log2(_FRAME_S * rate_hz))


def band_powers(frames: NDArray[Any], rate_hz: int, bands: int) -> NDArray[np.float64]:
    """The power in bands from `LOWEST_HZ` to half the rate, each as wide as the others in octaves.

    Args:
        frames: Floats `(n, length)`, stretches of a sound.
        rate_hz: Its rate.
        bands: How many.

    Returns:
        float64 `(n, bands)`, the lowest band first.
    """
    count, length = frames.shape
    power = np.abs(np.fft.rfft(frames * np.hanning(length))) ** 2  # (n, bins)
    edges = np.geomspace(LOWEST_HZ, rate_hz / 2, bands + 1) * length / rate_hz  # in bins, not whole
    total = np.concatenate((np.zeros((count, 1)), np.cumsum(power, axis=1)), axis=1)
    sums = np.stack([np.interp(edges, np.arange(total.shape[1]), row) for row in total])  # (n, bands + 1)
    powers: NDArray[np.float64] = np.diff(sums, axis=1)
    return powers


def levels(powers: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Powers of any shape as 0 to 255: 75 dB up to the strongest of them. Silence is 0."""
    strongest = powers.max(initial=0.0)
    if strongest <= 0:
        return np.zeros(powers.shape, np.uint8)
    decibels = 10 * np.log10(np.maximum(powers / strongest, 10 ** (-_RANGE_DB / 10)))
    scaled: NDArray[np.uint8] = np.rint((1 + decibels / _RANGE_DB) * 255).astype(np.uint8)
    return scaled
