"""Samples of any type and any number of channels to floats of as many channels as a model takes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioclip_search.types import FloatArray

_SIDE = 0.5**0.5
# What channels in their standard order (front left and right, centre, low frequencies, back, side) give to the left and
# the right after ITU-R BS.775: centre and surround 3 dB down, low frequencies dropped.
_STEREO_GAINS: dict[int, tuple[tuple[float, ...], tuple[float, ...]]] = {
    3: ((1, 0, _SIDE), (0, 1, _SIDE)),
    4: ((1, 0, _SIDE, 0), (0, 1, 0, _SIDE)),
    5: ((1, 0, _SIDE, _SIDE, 0), (0, 1, _SIDE, 0, _SIDE)),
    6: ((1, 0, _SIDE, 0, _SIDE, 0), (0, 1, _SIDE, 0, 0, _SIDE)),
    8: ((1, 0, _SIDE, 0, _SIDE, 0, _SIDE, 0), (0, 1, _SIDE, 0, 0, _SIDE, 0, _SIDE)),
}


def mix_channels(samples: FloatArray, channels: int) -> FloatArray:
    """Bring a sound to 1 or 2 channels. The gains of either add up to 1, so that nothing can clip.

    To one channel: the mean of all. One to two: the same on both. More to two: for 3, 4, 5, 6 and 8 channels the ITU
    downmix of the standard layouts (3.0, quad, 5.0, 5.1, 7.1); otherwise the mean of the even channels on the left,
    of the odd ones on the right.

    Args:
        samples: float32 `(any, n)`.
        channels: 1 or 2.

    Returns:
        float32 `(channels, n)`; the input itself if it already has that many.
    """
    present = samples.shape[0]
    if present == channels:
        return samples
    if present == 1:
        return np.repeat(samples, 2, axis=0)
    gains = np.zeros((channels, present), np.float32)
    if channels == 1:
        gains[:] = 1.0
    elif present in _STEREO_GAINS:
        gains[:] = _STEREO_GAINS[present]
    else:
        gains[0, 0::2] = gains[1, 1::2] = 1.0
    gains /= gains.sum(axis=1, keepdims=True)
    mixed: FloatArray = gains @ samples
    return mixed


def as_floats(samples: NDArray[Any]) -> FloatArray:
    """Samples of any real type -> float32 in [-1, 1], of the same shape, never the input itself.

    Integers are scaled by their type's range (unsigned ones are centred first); floats are clipped, with what is not
    finite set to silence.
    """
    if samples.dtype.kind in "iu":
        scale = float(1 << (8 * samples.dtype.itemsize - 1))
        offset = scale if samples.dtype.kind == "u" else 0.0
        return ((samples - offset) / scale).astype(np.float32)
    finite = np.nan_to_num(samples, nan=0.0, posinf=0.0, neginf=0.0)
    clipped: FloatArray = np.clip(finite, -1.0, 1.0, out=finite).astype(np.float32, copy=False)
    return clipped
