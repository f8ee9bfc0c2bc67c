"""Small pictures of sounds."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from audioclip_search.media.spectra import band_powers, frame_length, levels
from audioclip_search.types import FloatArray

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
    image = Image.fromarray(_levels(samples, rate_hz, width, height)).convert("P")
    image.putpalette(_palette().tobytes())
    return image


def png(image: Image.Image) -> bytes:
    """A picture as the bytes of a PNG."""
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _levels(samples: FloatArray, rate_hz: int, width: int, height: int) -> NDArray[np.uint8]:
    """`(height, width)`, the highest band first."""
    length = frame_length(rate_hz)
    padded = np.pad(samples, length // 2)
    starts = np.linspace(0, max(len(padded) - length, 0), width).astype(int)
    frames = padded[starts[:, None] + np.arange(length)]  # (width, length)
    return levels(band_powers(frames, rate_hz, height)).T[::-1]


def _palette() -> NDArray[np.uint8]:
    """`(256, 3)`."""
    colours = np.array([list(bytes.fromhex(colour)) for colour in _MAGMA.split()])
    at = np.linspace(0, len(colours) - 1, 256)
    channels = [np.interp(at, np.arange(len(colours)), colours[:, channel]) for channel in range(3)]
    palette: NDArray[np.uint8] = np.rint(np.stack(channels, axis=1)).astype(np.uint8)
    return palette
