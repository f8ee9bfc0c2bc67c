"""Fingerprints of sounds: what of a recording stays as it is when it is made louder, cut, encoded anew or resampled.

After Haitsma and Kalker ("A Highly Robust Audio Fingerprinting System", 2002, section 4): the signs of how the
differences between neighbouring bands change from frame to frame. Three things are otherwise, for the sake of one-shots
a fifth of a second long: frames of 64 ms instead of 370, logarithms instead of energies (so that an equaliser changes
little), and beside each sign whether it can be relied on (there is something to hear, and it changes).

A fingerprint only nominates: sounds that are short or plain have much the same one. `coherence` decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from audioclip_search.types import FloatArray

Print: TypeAlias = NDArray[np.uint32]
"""One number for each fiftieth of a second: sixteen signs in the low half, in the high half which of them hold."""

ComplexArray: TypeAlias = NDArray[np.complexfloating[Any, Any]]

PRINT_RATE_HZ = 16_000
"""Of the samples that fingerprints are made of, and waves compared at."""

FRAMES_PER_S = 50
SIGNS = 16

_HOP = PRINT_RATE_HZ // FRAMES_PER_S
_FRAME = 1_024
_LOWEST_HZ = 150.0
_HIGHEST_HZ = 7_400.0
_APART = 2  # frames that are compared: 40 ms, of which a frame sees little twice
_FLOOR_DB = 60.0  # below the loudest band of the sound; what is weaker is as good as nothing
_SILENCE_DB = -120.0
_CLEAR_DB = 0.5  # a smaller change may have either sign after any encoder
_FRAMES_AT_ONCE = 4_096
_LEAST_SHARED = 0.6  # of the signs that hold in the one that has fewer of them
_LEAST_SIGNS = 16


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two fingerprints are where they fit best.

    Attributes:
        score: By how many standard deviations more signs agree than by chance, were they independent. They are not
            quite: unrelated sounds reach 4, similar ones 6.
        error: The share of the signs that disagree.
        offset: Where the second begins in the first, frames.
    """

    score: float
    error: float
    offset: int


def fingerprint(samples: FloatArray) -> Print:
    """The fingerprint of a sound.

    Args:
        samples: float32 `(n,)` in [-1, 1], mono at `PRINT_RATE_HZ`.

    Returns:
        uint32 `(frames,)`: a little longer than the sound, as silence around it counts.
    """
    levels = _band_levels(samples)  # (frames, bands), dB
    floor = max(float(levels.max()) - _FLOOR_DB, _SILENCE_DB)
    heard = levels > floor
    slope = np.diff(np.maximum(levels, floor), axis=1)  # (frames, SIGNS)
    change = slope[_APART:] - slope[:-_APART]
    audible = heard[:, :-1] | heard[:, 1:]
    holds = (np.abs(change) > _CLEAR_DB) & (audible[_APART:] | audible[:-_APART])
    weights = np.uint32(1) << np.arange(SIGNS, dtype=np.uint32)
    signs = ((change > 0) & holds) @ weights
    print_: Print = (signs | ((holds @ weights) << np.uint32(SIGNS))).astype(np.uint32)
    return print_


def likeness(first: Print, second: Print) -> Likeness:
    """Compare two fingerprints at every offset at which most of one of them is in the other; a score of 0 if nothing
    can be compared."""
    size = 1 << max(len(first) + len(second) - 1, 1).bit_length()
    signs, holds = _planes(first, size)
    other_signs, other_holds = _planes(second, size)
    agreeing = np.fft.irfft((signs * np.conj(other_signs)).sum(axis=0), size)
    shared = np.fft.irfft((holds * np.conj(other_holds)).sum(axis=0), size)
    least = _LEAST_SHARED * min(sure_signs(first), sure_signs(second))
    comparable = shared >= max(least, _LEAST_SIGNS) - 0.5  # -0.5: they are whole numbers but for rounding
    score = np.where(comparable, agreeing / np.sqrt(np.maximum(shared, 1)), 0.0)
    best = int(np.argmax(score))
    error = 0.5 - 0.5 * float(agreeing[best]) / max(float(shared[best]), 1.0)
    return Likeness(float(score[best]), error, best if best < len(first) else best - size)


def sure_signs(print_: Print) -> int:
    """How many signs of a fingerprint hold."""
    return int(np.bitwise_count(print_ >> np.uint32(SIGNS)).sum())


def _planes(print_: Print, size: int) -> tuple[ComplexArray, ComplexArray]:
    """The spectra over time, `(SIGNS, size / 2 + 1)`, of the signs as -1 and 1, or 0 if they don't hold, and of
    whether they do."""
    places = np.arange(SIGNS, dtype=np.uint32)[:, None]
    holds = ((print_ >> (places + np.uint32(SIGNS))) & np.uint32(1)).astype(np.float32)
    signs = (2 * ((print_ >> places) & np.uint32(1)).astype(np.float32) - 1) * holds
    return np.fft.rfft(signs, size), np.fft.rfft(holds, size)


def _band_levels(samples: FloatArray) -> FloatArray:
    """float32 `(n,)` -> float32 `(frames, SIGNS + 1)`: dB of full scale in bands of a third of an octave. Silence is
    taken to be around the sound, so that where it begins and ends is part of what it is."""
    margin = _FRAME + _APART * _HOP
    padded = np.pad(samples, (margin, margin))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::_HOP]  # (frames, _FRAME)
    window = np.hanning(_FRAME).astype(np.float32)
    bounds = np.rint(np.geomspace(_LOWEST_HZ, _HIGHEST_HZ, SIGNS + 2) * _FRAME / PRINT_RATE_HZ).astype(int)
    energies = [
        np.add.reduceat(_power(frames[start : start + _FRAMES_AT_ONCE] * window), bounds, axis=1)[:, :-1]
        for start in range(0, len(frames), _FRAMES_AT_ONCE)
    ]
    density = np.concatenate(energies) / np.diff(bounds) / float(window.sum()) ** 2
    levels: FloatArray = 10 * np.log10(density + 1e-14)
    return levels


def _power(frames: FloatArray) -> FloatArray:
    spectrum = np.fft.rfft(frames, axis=1)
    return (spectrum.real**2 + spectrum.imag**2).astype(np.float32, copy=False)
