"""Whether two sounds are one recording: whether their waves agree, wherever there is something to hear.

A louder, cut, encoded, resampled or noisier copy still swings as the original does, once both are aligned; another take
of the same thing, however alike it sounds, does not. So both are aligned by correlating them, cut into cells of 64 ms
and 250 Hz, and each cell's coherence is measured; what matters is the mean over all cells that can be heard, so that a
strong tone that two sounds share does not make up for everything else.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log10
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from audioclip_search.media.fingerprint import PRINT_RATE_HZ, ComplexArray
from audioclip_search.types import FloatArray

RealArray: TypeAlias = NDArray[np.floating[Any]]
_Values = TypeVar("_Values", NDArray[np.floating[Any]], NDArray[np.complexfloating[Any, Any]])

_FRAME = 512
_WINDOW = np.hanning(_FRAME).astype(np.float32)
_HOP = 256
_BINS = 8  # of a cell: 250 Hz
_FRAMES = 4  # of a cell: 64 ms
_LOWEST_HZ = 60.0
_HEARD_DB = 40.0  # below the loudest cell of the sound
_LEAST_COVERED = 0.8  # of the energy of one of the two has to be where they overlap
_SILENCE = 1e-4  # the peak; three steps of 16 bits
_SHORTEST_S = 0.05  # anything fits somewhere if it is shorter
_LONGEST_S = 20.0  # what is compared of longer sounds
_MARGIN_S = 0.5
_RELUCTANCE = 0.95  # to take a sound to be upside down
# Fractions of a sample by which the second may be late: without, cells of high frequencies seem to disagree.
_FRACTIONS = np.arange(-24, 25) / 16
# What two sounds have to agree: nearly all if they are a tone, half if they are rich. Measured: see `needed`.
_LEAST, _MOST, _RICH = 0.53, 0.97, 3.0
_MORE_IF_SHORT, _SHORT_S = 0.15, 0.15
# What is plain, a tone say, is found in much else; it has to be about half of both.
_PLAIN, _MUCH_OF_BOTH, _HALF = 4.0, 0.45, 0.5
_NOTHING = 0.75  # a single cell has a variety of 0.5


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two sounds fit together.

    Attributes:
        similarity: The mean coherence of the cells that can be heard, in [-1, 1].
        variety: How many frequencies or times these are worth: 1 for a tone, dozens for most sounds.
        offset_s: Where the second begins in the first, seconds.
        gain_db: How much louder the second is.
        inverted: Whether it is upside down.
        overlap_s: How much of them was compared, seconds.
        shared: The share of the energy of that one of the two of which less was compared.
    """

    similarity: float = 0.0
    variety: float = 0.0
    offset_s: float = 0.0
    gain_db: float = 0.0
    inverted: bool = False
    overlap_s: float = 0.0
    shared: float = 0.0

    @property
    def needed(self) -> float:
        """The similarity from which on they are one recording. Different takes of short, deep drums, with a variety of
        2, reach 0.65, others 0.45, or 0.55 for a tenth of a second; encoders at 32 kb/s leave 0.57 of noise and more of
        everything else."""
        for_plain = (_MOST - _LEAST) * exp(-max(self.variety - 1, 0) / _RICH)
        return _LEAST + for_plain + _MORE_IF_SHORT * exp(-self.overlap_s / _SHORT_S)

    @property
    def same(self) -> bool:
        """Whether they are one recording."""
        enough = self.variety >= _PLAIN or (self.variety >= _NOTHING and self.shared >= _MUCH_OF_BOTH)
        return enough and self.similarity >= min(self.needed, _MOST)


def coherence(first: FloatArray, second: FloatArray, *, near_s: float = 0.0) -> Agreement:
    """Align two sounds and compare them.

    Args:
        first: float32 `(n,)`, mono at `PRINT_RATE_HZ`.
        second: The same; of any length.
        near_s: About where the second begins in the first. Needed for long sounds only, of which a part is compared.
    """
    if min(_peak(first), _peak(second)) < _SILENCE:
        return Agreement()
    first, second, cut_s = _parts(first, second, near_s)
    lag = _lag(first, second)
    start, other_start = max(0, lag), max(0, -lag)
    length = min(len(first) - start, len(second) - other_start)
    one, other = first[start : start + length], second[other_start : other_start + length]
    if length < _SHORTEST_S * PRINT_RATE_HZ or min(_peak(one), _peak(other)) < _SILENCE:
        return Agreement()
    shares = float(np.sum(one**2) / np.sum(first**2)), float(np.sum(other**2) / np.sum(second**2))
    if max(shares) < _HALF:
        return Agreement()
    agreement = _compare(one, other)
    return Agreement(
        agreement.similarity,
        agreement.variety,
        agreement.offset_s + lag / PRINT_RATE_HZ + cut_s,
        agreement.gain_db,
        agreement.inverted,
        length / PRINT_RATE_HZ,
        min(shares),
    )


def _peak(samples: FloatArray) -> float:
    return float(np.abs(samples).max(initial=0.0))


def _parts(first: FloatArray, second: FloatArray, near_s: float) -> tuple[FloatArray, FloatArray, float]:
    """Of long sounds, the middle of where they overlap, and what that adds to the offset in seconds."""
    longest, margin = round(_LONGEST_S * PRINT_RATE_HZ), round(_MARGIN_S * PRINT_RATE_HZ)
    if max(len(first), len(second)) <= 2 * longest:
        return first, second, 0.0
    near = round(near_s * PRINT_RATE_HZ)
    start, end = max(0, near), min(len(first), near + len(second))
    spare = max(0, end - start - longest) // 2
    start, end = start + spare, end - spare
    begin = max(0, start - margin)  # of the first's part, which has a margin for errors of `near_s`
    part, other = first[begin : end + margin], second[start - near : end - near]
    if min(_peak(part), _peak(other)) < _SILENCE:
        return first[:longest], second[:longest], 0.0
    return part, other, (begin - (start - near)) / PRINT_RATE_HZ


def _lag(first: FloatArray, second: FloatArray) -> int:
    """Where the second begins in the first, samples: where the correlation of the two, evened out over frequencies, is
    largest in relation to the energy of what overlaps."""
    size = 1 << (len(first) + len(second) - 1).bit_length()
    spectrum, other = np.fft.rfft(first, size), np.fft.rfft(second, size)
    evening = _evening(spectrum, other, size)
    spectrum, other = spectrum * evening, other * evening
    correlation = np.fft.irfft(spectrum * np.conj(other), size)
    energy = _running_energy(np.fft.irfft(spectrum, size)[: len(first)])
    other_energy = _running_energy(np.fft.irfft(other, size)[: len(second)])
    lags = np.arange(1 - len(second), len(first))
    starts, other_starts = np.maximum(lags, 0), np.maximum(-lags, 0)
    lengths = np.minimum(len(first) - starts, len(second) - other_starts)
    shares = energy[starts + lengths] - energy[starts]
    other_shares = other_energy[other_starts + lengths] - other_energy[other_starts]
    ordered = np.concatenate((correlation[size + 1 - len(second) :], correlation[: len(first)]))
    scale = np.sqrt(np.maximum(shares, 1e-6) * np.maximum(other_shares, 1e-6))
    norm = float(np.sqrt(np.sum(correlation**2))) or 1.0
    covered = np.maximum(shares, other_shares) >= _LEAST_COVERED
    fit = ordered / norm / scale
    # Of two that fit about as well, as in a tone, the one that is the right way up.
    return int(lags[np.argmax(np.where(covered, np.maximum(fit, -_RELUCTANCE * fit), 0.0))])


def _evening(spectrum: ComplexArray, other: ComplexArray, size: int) -> RealArray:
    """The square root of what makes the smoothed spectra of both flat, without what is too low to hear."""
    width = max(1, round(_LOWEST_HZ * size / PRINT_RATE_HZ))
    power = _smoothed(np.abs(spectrum) ** 2, width) * _smoothed(np.abs(other) ** 2, width)
    gains = (power + 1e-8 * power.max() + 1e-30) ** -0.125
    gains[:width] = 0
    evening: RealArray = gains.astype(np.float32)
    return evening


def _smoothed(power: RealArray, width: int) -> RealArray:
    """The means of blocks of `width` bins, and straight lines between them."""
    blocks = -(-len(power) // width)
    padded = np.pad(power, (0, blocks * width - len(power)), mode="edge")
    middles = (np.arange(blocks) + 0.5) * width
    smoothed: RealArray = np.interp(np.arange(len(power)), middles, padded.reshape(blocks, width).mean(axis=1))
    return smoothed


def _running_energy(samples: RealArray) -> RealArray:
    """The share of the energy that is before each sample, and 1 at the end."""
    energy = np.concatenate(([0.0], np.cumsum(samples.astype(np.float64) ** 2)))
    running: RealArray = energy / (energy[-1] or 1.0)
    return running


def _compare(first: FloatArray, second: FloatArray) -> Agreement:
    """Compare sounds of one length that are aligned to the sample."""
    spectrum, other = _spectrogram(first), _spectrogram(second)
    energy, other_energy = _cells(np.abs(spectrum) ** 2), _cells(np.abs(other) ** 2)
    scale = np.sqrt(energy * other_energy) + 1e-30
    weights = np.sqrt(_audibility(energy) * _audibility(other_energy))  # (times, frequencies)
    if not weights.any():
        return Agreement()
    cross = spectrum * np.conj(other)
    fraction, sign = _fraction(cross, weights / scale)
    turned = _cells(cross * _turn(fraction))
    similarity = sign * float(np.sum(weights * (turned / scale).real) / weights.sum())
    by_frequency = weights.sum(axis=0)
    variety = min(_worth(by_frequency), _worth(weights) / 2)
    gain = abs(complex(turned.sum())) / float(energy.sum())
    return Agreement(similarity, variety, -fraction / PRINT_RATE_HZ, 20 * log10(max(gain, 1e-6)), sign < 0)


def _fraction(cross: ComplexArray, weights: RealArray) -> tuple[float, float]:
    """By which fraction of a sample the second is early, and its sign: where the cells agree best."""
    spread = np.repeat(np.repeat(weights, _FRAMES, axis=0), _BINS, axis=1)[: cross.shape[0], : cross.shape[1]]
    by_bin = (cross * spread).sum(axis=0)
    agreeing = np.array([float((by_bin * _turn(fraction)).sum().real) for fraction in _FRACTIONS])
    best = int(np.argmax(np.abs(agreeing)))
    return float(_FRACTIONS[best]), 1.0 if agreeing[best] >= 0 else -1.0


def _turn(fraction: float) -> ComplexArray:
    turn: ComplexArray = np.exp(-2j * np.pi * fraction / _FRAME * np.arange(_FRAME // 2 + 1))
    return turn


def _spectrogram(samples: FloatArray) -> ComplexArray:
    """float32 `(n,)` -> complex `(frames, _FRAME / 2 + 1)`, without what is too low to hear."""
    length = max(len(samples), _FRAME)
    padded = np.pad(samples, (_FRAME // 2, _FRAME // 2 + length - len(samples)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::_HOP]
    spectrum = np.fft.rfft(frames * _WINDOW, axis=1)
    spectrum[:, : round(_LOWEST_HZ * _FRAME / PRINT_RATE_HZ)] = 0
    return spectrum


def _cells(values: _Values) -> _Values:
    """Sums over `_FRAMES` times and `_BINS` frequencies."""
    times, bins = (np.arange(0, length, step) for length, step in zip(values.shape, (_FRAMES, _BINS), strict=True))
    cells: _Values = np.add.reduceat(np.add.reduceat(values, times, axis=0), bins, axis=1)
    return cells


def _audibility(energy: RealArray) -> RealArray:
    """0 for what is `_HEARD_DB` below the loudest cell, 1 for that one."""
    decibels = 10 * np.log10(energy + 1e-20)
    audibility: RealArray = np.clip((decibels - decibels.max()) / _HEARD_DB + 1, 0, 1)
    return audibility


def _worth(weights: RealArray) -> float:
    """How many equal weights these are worth."""
    return float(weights.sum() ** 2 / (weights**2).sum())
