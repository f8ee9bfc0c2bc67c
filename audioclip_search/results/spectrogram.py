"""Small pictures of sounds."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from audioclip_search.types import FloatArray

_LOWEST_HZ = 40.0
_RANGE_DB = 75.0
_FFT = 1_024
# Every fifteenth colour of matplotlib's magma (Nathaniel Smith and Stefan van der Walt, CC0): equal steps look equal.
_MAGMA = (
    "000004 090720 1a1042 311165 4a1079 621980 792282 912b81 aa337d c23b75 d9466b ec5860 f7725c"
    " fc8e64 feaa74 fec68a fde2a3 fcfdbf"
)


def spectrogram(samples: FloatArray, rate_hz: int, *, width: int = 240, height: int = 64) -> Image.Image:
    """A sound's spectrum over time: octaves upwards alike, 75 dB from black to the brightest, which is its loudest.

    Args:
        samples: float32 `(n,)`, of which there may be none.
        rate_hz: Theirs.
        width: Of the picture, pixels.
        height: Of the picture, pixels.
    """
    levels = _levels(samples, rate_hz, width, height)
    image = Image.fromarray(np.rint(levels * 255).astype(np.uint8)).convert("P")
    image.putpalette(_palette().tobytes())
    return image


def png(image: Image.Image) -> bytes:
    """A picture as the bytes of a PNG."""
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _levels(samples: FloatArray, rate_hz: int, width: int, height: int) -> NDArray[np.float64]:
    """`(height, width)` in [0, 1], the highest band first."""
    padded = np.pad(samples.astype(np.float64), _FFT // 2)
    starts = np.linspace(0, max(len(padded) - _FFT, 0), width).astype(int)
    frames = padded[starts[:, None] + np.arange(_FFT)] * np.hanning(_FFT)  # (width, fft)
    power = np.abs(np.fft.rfft(frames)) ** 2  # (width, bins)
    edges = np.geomspace(_LOWEST_HZ, rate_hz / 2, height + 1) * _FFT / rate_hz  # in bins, not whole
    total = np.concatenate((np.zeros((width, 1)), np.cumsum(power, axis=1)), axis=1)
    sums = np.stack([np.interp(edges, np.arange(total.shape[1]), row) for row in total])  # (width, height + 1)
    bands = np.diff(sums, axis=1).T[::-1]
    loudest = bands.max()
    if loudest <= 0:
        return np.zeros((height, width))
    decibels = 10 * np.log10(np.maximum(bands / loudest, 10 ** (-_RANGE_DB / 10)))
    levels: NDArray[np.float64] = 1 + decibels / _RANGE_DB
    return levels


def _palette() -> NDArray[np.uint8]:
    """`(256, 3)`."""
    colours = np.array([list(bytes.fromhex(colour)) for colour in _MAGMA.split()])
    at = np.linspace(0, len(colours) - 1, 256)
    channels = [np.interp(at, np.arange(len(colours)), colours[:, channel]) for channel in range(3)]
    palette: NDArray[np.uint8] = np.rint(np.stack(channels, axis=1)).astype(np.uint8)
    return palette
