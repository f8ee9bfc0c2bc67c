"""The last step of every sound: where and how it was recorded (tone, room, noise floor, level, edges)."""

from __future__ import annotations

import numpy as np
from scipy import fft

from audioclip_search.types import FloatArray
from trainer.starter.sounds.synthesis import band_gain, chance, log_uniform, noise, peak_one, pulse, seconds


def finish(rng: np.random.Generator, signal: FloatArray, rate_hz: int) -> FloatArray:
    """A random recording of the signal.

    Gently tilted in tone, now and then band-limited, in a random room, over a noise floor of -70 to -30 dB, sometimes
    late or cut short, with a peak of -20 to -0.5 dB of full scale.

    Args:
        rng: Source of randomness.
        signal: float32 `(samples,)` of any level.
        rate_hz: Sample rate.

    Returns:
        float32 `(samples,)` in [-1, 1].
    """
    recorded = peak_one(_through_room(rng, _shifted(rng, peak_one(signal)), rate_hz))
    if chance(rng, 0.6):
        floor = noise(rng, len(recorded), rate_hz, slope_db=-3.0 * rng.random())
        recorded += floor * np.float32(10 ** ((40 * rng.random() ** 1.5 - 70) / 20))
    recorded *= pulse(
        len(recorded), rate_hz, attack_s=rng.uniform(0.001, 0.005), release_s=log_uniform(rng, 0.003, 0.15)
    )
    if chance(rng, 0.15):
        _cut_short(rng, recorded, rate_hz)
    return peak_one(recorded) * np.float32(10 ** (rng.uniform(-20, -0.5) / 20))


def _shifted(rng: np.random.Generator, signal: FloatArray) -> FloatArray:
    """Now and then later, with digital silence before, but so that the sound still begins in the first half."""
    spare = len(signal) // 2 - _onset(signal)
    if spare <= 0 or not chance(rng, 0.15):
        return signal
    late = int(rng.uniform(0.02, 0.6) * spare)
    return np.concatenate([np.zeros(late, np.float32), signal[: len(signal) - late]])


def _onset(signal: FloatArray) -> int:
    """The first sample at half the peak or above."""
    level = np.abs(signal)
    return int(np.argmax(level >= 0.5 * level.max()))


def _cut_short(rng: np.random.Generator, signal: FloatArray, rate_hz: int) -> None:
    """Digital silence after a quick fade somewhere in the last 40 %, in place; what starts late keeps 50 ms."""
    end = min(int(max(rng.uniform(0.6, 0.98) * len(signal), _onset(signal) + 0.07 * rate_hz)), len(signal))
    fade = min(int(0.02 * rate_hz), end)
    signal[end - fade : end] *= np.linspace(1, 0, fade, dtype=np.float32)
    signal[end:] = 0


def _through_room(rng: np.random.Generator, signal: FloatArray, rate_hz: int) -> FloatArray:
    """Tone and, two times out of three, reverberation, in one pass through the frequency domain."""
    reverberant = chance(rng, 0.65)
    tail = int(log_uniform(rng, 0.15, 1.4) * rate_hz) if reverberant else 0
    size = fft.next_fast_len(len(signal) + tail, real=True)
    frequencies = np.arange(size // 2 + 1, dtype=np.float32) * np.float32(rate_hz / size)
    low_hz = log_uniform(rng, 20, 150) if chance(rng, 0.3) else 0.0
    high_hz = log_uniform(rng, 5_000, 18_000) if chance(rng, 0.4) else 0.0
    response = band_gain(frequencies, low_hz=low_hz, high_hz=high_hz, slope_db=rng.uniform(-1.2, 1.2))
    spectrum = fft.rfft(signal, size) * response
    if reverberant:
        wet = log_uniform(rng, 0.05, 0.5)
        spectrum *= 1 + np.float32(wet) * fft.rfft(_room(rng, tail, rate_hz), size)
    heard: FloatArray = fft.irfft(spectrum, size)[: len(signal)]
    return heard


def _room(rng: np.random.Generator, tail: int, rate_hz: int) -> FloatArray:
    """A room's impulse response without the direct sound: noise of unit energy that falls 60 dB over `tail` samples,
    after a short gap, duller than what excites it."""
    response = noise(rng, tail, rate_hz, high_hz=log_uniform(rng, 1_500, 9_000), order=1)
    response *= np.exp(seconds(tail, rate_hz) * np.float32(-6.9 * rate_hz / tail))
    response[: int(rng.uniform(0.001, 0.02) * rate_hz)] = 0
    return response / np.float32(np.sqrt(np.dot(response, response)) + 1e-9)
