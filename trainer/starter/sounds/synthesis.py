"""Building blocks of the sound generator: random numbers on musical scales, noise, oscillators, decaying modes, hits.

Signals are float32 `(samples,)` arrays of any level; only `finish` fixes the level. Randomness comes in as `rng`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import fft

from audioclip_search.types import FloatArray

_TABLE_SIZE = 8192  # nearest-neighbour look-up at this size is noise below -75 dB
_NEGLIGIBLE_DB = 60.0  # below its pass band, noise is not worth drawing
_AUDIBLE_LIMIT = 0.47  # of the rate: what is above stays out, so that nothing folds back


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """A number in [low, high], each octave equally likely."""
    return float(low * (high / low) ** rng.random())


def chance(rng: np.random.Generator, probability: float) -> bool:
    """True with the given probability."""
    return bool(rng.random() < probability)


def seconds(samples: int, rate_hz: int) -> FloatArray:
    """The time of each sample, float32 `(samples,)`."""
    return np.arange(samples, dtype=np.float32) / np.float32(rate_hz)


def decay(samples: int, rate_hz: int, tau_s: float) -> FloatArray:
    """An exponential falling from 1 to 1/e in `tau_s`."""
    falling: FloatArray = np.exp(seconds(samples, rate_hz) * np.float32(-1.0 / tau_s))
    return falling


def pulse(samples: int, rate_hz: int, *, attack_s: float, release_s: float) -> FloatArray:
    """An envelope that is 1 but for a raised-cosine rise at its start and fall at its end."""
    envelope = np.ones(samples, np.float32)
    for edge_s, where in ((attack_s, slice(None, None, 1)), (release_s, slice(None, None, -1))):
        edge = min(max(int(edge_s * rate_hz), 1), samples)
        envelope[where][:edge] *= 0.5 - 0.5 * np.cos(np.linspace(0, np.pi, edge, dtype=np.float32))
    return envelope


def drift(
    rng: np.random.Generator, samples: int, rate_hz: int, *, low: float, high: float, speed_hz: float
) -> FloatArray:
    """A smooth random curve in [low, high] that takes a new direction some `speed_hz` times a second."""
    knots = rng.random(max(int(samples / rate_hz * speed_hz), 1) + 2)
    places = np.linspace(0, len(knots) - 1.001, max(samples // 64, 8))
    left = places.astype(int)
    blend = places - left
    blend *= blend * (3 - 2 * blend)
    coarse = low + (high - low) * (knots[left] * (1 - blend) + knots[left + 1] * blend)
    return stretch(coarse, samples)


def stretch(points: ArrayLike, samples: int) -> FloatArray:
    """The points joined by straight lines over `samples` samples."""
    points = np.asarray(points)
    line: FloatArray = np.interp(np.linspace(0, len(points) - 1, samples), np.arange(len(points)), points).astype(
        np.float32
    )
    return line


def band_gain(
    frequencies_hz: FloatArray, *, low_hz: float = 0.0, high_hz: float = 0.0, order: int = 2, slope_db: float = 0.0
) -> FloatArray:
    """Butterworth-like magnitude response at the given frequencies.

    Args:
        frequencies_hz: float32, ascending from 0.
        low_hz: High-pass corner; 0 leaves it out.
        high_hz: Low-pass corner; 0 leaves it out.
        order: Steepness of both corners, 6 dB an octave each.
        slope_db: Tilt in dB an octave around 1 kHz (-3 makes white noise pink).
    """
    floored = np.maximum(frequencies_hz, np.float32(10.0))
    power = np.ones_like(floored)
    if low_hz:
        power += (np.float32(low_hz) / floored) ** (2 * order)
    if high_hz:
        power *= 1 + (floored * np.float32(1 / high_hz)) ** (2 * order)
    gain: FloatArray = np.sqrt(np.reciprocal(power))
    if slope_db:
        gain *= (floored * np.float32(1e-3)) ** np.float32(slope_db / 6.0206)
    return gain


def noise(
    rng: np.random.Generator,
    samples: int,
    rate_hz: int,
    *,
    low_hz: float = 0.0,
    high_hz: float = 0.0,
    order: int = 2,
    slope_db: float = 0.0,
) -> FloatArray:
    """Gaussian noise of unit RMS with the spectrum of `band_gain`."""
    size = fft.next_fast_len(max(samples, 16), real=True)
    bins = size // 2 + 1
    if high_hz:
        bins = min(bins, int(high_hz * 10 ** (_NEGLIGIBLE_DB / 20 / order) * size / rate_hz) + 2)
    gain = band_gain(
        np.arange(bins, dtype=np.float32) * np.float32(rate_hz / size),
        low_hz=low_hz,
        high_hz=high_hz,
        order=order,
        slope_db=slope_db,
    )
    gain *= 0.5 * size / np.sqrt(np.dot(gain, gain))  # unit RMS, by Parseval
    spectrum = rng.standard_normal(2 * bins, dtype=np.float32).view(np.complex64) * gain
    shaped: FloatArray = fft.irfft(spectrum, size)[:samples]
    return shaped


def narrow_noise(rng: np.random.Generator, center_hz: FloatArray, rate_hz: int, *, width_hz: float) -> FloatArray:
    """Noise of unit RMS in a band some `width_hz` wide that follows the curve `center_hz`."""
    around = cycles(center_hz, rate_hz)
    in_phase, quadrature = (noise(rng, len(center_hz), rate_hz, high_hz=width_hz / 2) for _ in range(2))
    return in_phase * sine(around) + quadrature * sine(around + np.float32(0.25))


def cycles(frequency_hz: FloatArray, rate_hz: int, start: float = 0.0) -> FloatArray:
    """The phase, in cycles within [0, 1), of an oscillator that follows the curve `frequency_hz`."""
    phase = np.cumsum(frequency_hz, dtype=np.float64)
    phase *= 1 / rate_hz
    phase += start
    phase -= np.floor(phase)
    return phase.astype(np.float32)


def sine(phase: FloatArray) -> FloatArray:
    """The sine of a phase in cycles."""
    swing: FloatArray = np.sin(phase * np.float32(2 * np.pi))
    return swing


def harmonics(count: int, rolloff: float, *, odd_only: bool = False) -> FloatArray:
    """Amplitudes of a harmonic series that falls as `1 / k**rolloff` (1: sawtooth; odd ones only: square)."""
    series = np.arange(1, count + 1, dtype=np.float32)
    amplitudes = series**-rolloff
    if odd_only:
        amplitudes[1::2] = 0
    return amplitudes.astype(np.float32)


def wave(phase: FloatArray, amplitudes: FloatArray, top_hz: float, rate_hz: int) -> FloatArray:
    """A periodic wave from a phase in cycles and the amplitudes of its harmonics, 1 at its peak.

    Args:
        phase: As `cycles` gives it.
        amplitudes: Of harmonic 1, 2, …
        top_hz: The highest fundamental in `phase`; harmonics that would fold back from there are left out.
        rate_hz: Sample rate.
    """
    kept = amplitudes[: max(int(_AUDIBLE_LIMIT * rate_hz / top_hz), 1)]
    spectrum = np.zeros(_TABLE_SIZE // 2 + 1, np.complex64)
    spectrum[1 : len(kept) + 1] = kept * np.complex64(-1j)
    table = fft.irfft(spectrum, _TABLE_SIZE)
    table /= np.abs(table).max()
    looked_up: FloatArray = table[(phase * np.float32(_TABLE_SIZE)).astype(np.int32) & (_TABLE_SIZE - 1)]
    return looked_up


def modes(
    frequencies_hz: ArrayLike,
    gains: ArrayLike,
    tau_s: ArrayLike,
    samples: int,
    rate_hz: int,
    *,
    phases: ArrayLike = 0.0,
) -> FloatArray:
    """A struck or sounding body: the sum of sines that each decay exponentially.

    `exp(s * (row * width + column))` is a product of a row's and a column's factor, so that the sum over all modes is
    one matrix product: some 40 modes cost what one `sin` over the samples would.

    Args:
        frequencies_hz: Of the modes; those too high for the rate are left out.
        gains: Amplitudes at the start.
        tau_s: Decay to 1/e; `inf` rings on.
        samples: Length.
        rate_hz: Sample rate.
        phases: In cycles; 0 starts as a sine does.
    """
    frequency, gain, tau, phase = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(a, np.float64)) for a in (frequencies_hz, gains, tau_s, phases))
    )
    kept = frequency < _AUDIBLE_LIMIT * rate_hz
    exponent = (2j * np.pi * frequency[kept] - 1 / tau[kept]) / rate_hz
    start = gain[kept] * np.exp(2j * np.pi * phase[kept])
    width = int(np.ceil(np.sqrt(samples)))
    steps = np.arange(width)
    rows = np.exp(np.outer(steps * width, exponent)) * start
    rows[np.abs(rows) < 1e-7] = 0  # denormal numbers would make the product slow
    columns = np.exp(np.outer(exponent, steps))
    left = np.concatenate([rows.real, rows.imag], axis=1).astype(np.float32)  # (width, 2 modes)
    right = np.concatenate([columns.imag, columns.real]).astype(np.float32)  # (2 modes, width)
    return (left @ right).ravel()[:samples]


def place(canvas: FloatArray, sound: FloatArray, start: int, gain: float = 1.0) -> None:
    """Adds `sound` to `canvas` in place from sample `start`; what hangs over either end is cut."""
    begin, end = max(start, 0), min(start + len(sound), len(canvas))
    if begin < end:
        canvas[begin:end] += sound[begin - start : end - start] * np.float32(gain)


def scatter(
    rng: np.random.Generator,
    canvas: FloatArray,
    bank: Sequence[FloatArray],
    starts: NDArray[np.int64],
    gains: ArrayLike = 1.0,
) -> None:
    """Adds a random sound of the bank to `canvas` in place at each of `starts` (samples)."""
    choices = rng.integers(len(bank), size=len(starts))
    levels = np.broadcast_to(np.asarray(gains, np.float32), len(starts))
    for choice, start, level in zip(choices.tolist(), starts.tolist(), levels.tolist(), strict=True):
        place(canvas, bank[choice], start, level)


def poisson_starts(rng: np.random.Generator, samples: int, rate_hz: int, per_second: float) -> NDArray[np.int64]:
    """Samples at which independent events fall, at least one, ascending."""
    count = max(int(rng.poisson(per_second * samples / rate_hz)), 1)
    return np.sort(rng.integers(0, samples, size=count))


def hit_starts(
    rng: np.random.Generator,
    samples: int,
    rate_hz: int,
    *,
    most: int = 8,
    gap_s: tuple[float, float] = (0.15, 0.9),
    single: float = 0.35,
) -> NDArray[np.int64]:
    """Samples at which the hits of a one-shot fall: one near the start, and perhaps more in rhythm or anywhere.

    Args:
        rng: Source of randomness.
        samples: Length of the clip.
        rate_hz: Sample rate.
        most: The most hits, 2 or more.
        gap_s: Shortest and longest beat of the rhythm.
        single: Probability of a single hit with silence after it, as in sample packs.
    """
    first = int(rng.random() * min(0.3 * rate_hz, 0.3 * samples))
    if chance(rng, single):
        return np.array([first])
    count = int(rng.integers(2, most + 1))
    gap = log_uniform(rng, *gap_s) * rate_hz
    if chance(rng, 0.6):
        steps = np.arange(count) * gap
        steps += rng.normal(0, rng.random() * 0.03 * gap, count)
        steps = steps[(rng.random(count) < 0.9) | (np.arange(count) == 0)]
        starts = first + steps.astype(np.int64)
    else:
        starts = np.sort(rng.integers(first, samples, size=count))
        starts[0] = first
    audible: NDArray[np.int64] = np.maximum(starts[starts < 0.95 * samples], 0)
    return audible


def peak_one(signal: FloatArray) -> FloatArray:
    """The signal scaled to a peak of 1 (silence stays silence)."""
    peak = float(np.abs(signal).max(initial=0.0))
    return signal * np.float32(1 / peak) if peak else signal
