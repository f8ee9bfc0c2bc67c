"""Animals, water, weather and the heart."""

from __future__ import annotations

import numpy as np

from audioclip_search.types import FloatArray
from trainer.starter.sounds.synthesis import (
    chance,
    cycles,
    decay,
    drift,
    hit_starts,
    log_uniform,
    narrow_noise,
    noise,
    place,
    poisson_starts,
    pulse,
    scatter,
    seconds,
    sine,
    stretch,
)


def bird_chirps(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """One to three songbirds, each repeating a phrase of quick gliding syllables."""
    canvas = np.zeros(samples, np.float32)
    for _ in range(int(rng.choice([1, 1, 2, 3]))):
        base_hz = min(log_uniform(rng, 2_000, 6_000), 0.2 * rate_hz)
        phrase = _phrase(rng, base_hz, rate_hz)
        level = log_uniform(rng, 0.3, 1)
        start = int(rng.uniform(0, 0.15) * samples)
        while start < samples:
            place(canvas, phrase, start, level * rng.uniform(0.6, 1))
            start += len(phrase) + int(log_uniform(rng, 0.1, 1.5) * rate_hz)
            if chance(rng, 0.3):
                phrase = _phrase(rng, base_hz, rate_hz)
    return canvas


def _phrase(rng: np.random.Generator, base_hz: float, rate_hz: int) -> FloatArray:
    kinds = [_syllable(rng, base_hz, rate_hz) for _ in range(int(rng.integers(1, 4)))]
    trill = chance(rng, 0.35)
    count = int(rng.integers(6, 18)) if trill else int(rng.integers(1, 6))
    gap_s = rng.uniform(0.01, 0.04) if trill else rng.uniform(0.03, 0.18)
    order = [0] * count if trill else rng.integers(len(kinds), size=count).tolist()
    rest = np.zeros(int(gap_s * rate_hz), np.float32)
    return np.concatenate([part for kind in order for part in (kinds[kind], rest)])


def _syllable(rng: np.random.Generator, base_hz: float, rate_hz: int) -> FloatArray:
    length = int(log_uniform(rng, 0.025, 0.2) * rate_hz)
    glide = stretch(rng.uniform(-0.55, 0.55, int(rng.integers(2, 5))), length)
    pitch = np.minimum(base_hz * 2**glide, np.float32(0.22 * rate_hz))
    if chance(rng, 0.25):
        buzz = np.full(length, log_uniform(rng, 30, 120), np.float32)
        pitch *= 1 + np.float32(rng.uniform(0.03, 0.12)) * sine(cycles(buzz, rate_hz))
    phase = cycles(pitch, rate_hz)
    tone = sine(phase) + np.float32(rng.uniform(0, 0.25)) * sine(2 * phase)
    swell = np.abs(np.sin(np.linspace(0, np.pi, length, dtype=np.float32)))
    return tone * swell ** np.float32(rng.uniform(0.4, 1.5))


def crickets(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """A night full of crickets: each a steady high pitch in fast pulses, in chirps or an endless trill."""
    canvas = np.zeros(samples, np.float32)
    time = seconds(samples, rate_hz)
    for _ in range(int(rng.integers(1, 5))):
        pitch_hz = log_uniform(rng, 3_200, min(6_500, 0.4 * rate_hz))
        pulse_hz = rng.uniform(22, 60)
        beats = time * np.float32(pulse_hz) + np.float32(rng.random())
        train = np.maximum(sine(beats), 0) ** 2
        if chance(rng, 0.65):
            per_chirp, rest = int(rng.integers(2, 6)), int(rng.integers(3, 16))
            train *= (beats.astype(np.int32) % (per_chirp + rest)) < per_chirp
        wobble = drift(rng, samples, rate_hz, low=0.995, high=1.005, speed_hz=4)
        voice = sine(cycles(np.float32(pitch_hz) * wobble, rate_hz)) * train
        canvas += voice * np.float32(log_uniform(rng, 0.15, 1))
    if chance(rng, 0.6):
        canvas += noise(rng, samples, rate_hz, low_hz=300, high_hz=7_000, slope_db=-2) * np.float32(
            log_uniform(rng, 0.005, 0.08)
        )
    return canvas


def _bubble(rng: np.random.Generator, rate_hz: int, *, pitch_hz: float, tau_s: float, rise: float) -> FloatArray:
    """A bubble at its Minnaert frequency, which climbs by `rise` (octaves per decay time) towards the surface."""
    length = max(int(6 * tau_s * rate_hz), 16)
    climb = np.minimum(seconds(length, rate_hz) * np.float32(rise / tau_s), 2.5)
    pitch = np.minimum(np.float32(pitch_hz) * 2**climb, np.float32(0.4 * rate_hz))
    tone = sine(cycles(pitch, rate_hz, rng.random()))
    return tone * decay(length, rate_hz, tau_s) * pulse(length, rate_hz, attack_s=0.001, release_s=0.002)


def bubbles(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """Bubbling water: a dense crowd of short rising tones, in a stream or in gulps."""
    low_hz = log_uniform(rng, 180, 600)
    bank = [
        _bubble(
            rng,
            rate_hz,
            pitch_hz=log_uniform(rng, low_hz, low_hz * 4),
            tau_s=log_uniform(rng, 0.008, 0.04),
            rise=rng.uniform(0.02, 0.35),
        )
        for _ in range(24)
    ]
    starts = poisson_starts(rng, samples, rate_hz, log_uniform(rng, 18, 90))
    canvas = np.zeros(samples, np.float32)
    scatter(rng, canvas, bank, starts, rng.random(len(starts)) ** 2 + 0.05)
    if chance(rng, 0.5):
        canvas *= drift(rng, samples, rate_hz, low=0.1, high=1, speed_hz=log_uniform(rng, 1, 5))
    if chance(rng, 0.4):
        canvas += noise(rng, samples, rate_hz, low_hz=200, high_hz=1_500) * np.float32(log_uniform(rng, 0.01, 0.08))
    return canvas


def water_drops(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """A dripping tap: single clear drops, each a tick and a tone that shoots up."""
    pitch_hz = log_uniform(rng, 500, 1_800)
    canvas = np.zeros(samples, np.float32)
    tick_length = int(0.01 * rate_hz)
    for start in hit_starts(rng, samples, rate_hz, most=10, gap_s=(0.25, 1.4), single=0.15):
        drop = _bubble(
            rng,
            rate_hz,
            pitch_hz=pitch_hz * rng.uniform(0.8, 1.3),
            tau_s=log_uniform(rng, 0.012, 0.045),
            rise=rng.uniform(0.15, 0.6),
        )
        level = rng.uniform(0.4, 1)
        tick = noise(rng, tick_length, rate_hz, low_hz=1_500) * decay(tick_length, rate_hz, 0.0015)
        place(canvas, tick, int(start), level * rng.uniform(0.02, 0.25))
        delay = rng.uniform(0.002, 0.03) * rate_hz
        place(canvas, drop, int(start + delay), level)
        if chance(rng, 0.3):  # the splash throws up a smaller drop
            place(canvas, drop[:: int(rng.integers(1, 3))], int(start + 5 * delay + 0.04 * rate_hz), level * 0.3)
    return canvas


def heartbeat(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """Lub-dub, lub-dub: pairs of dull low thumps at 45 to 150 a minute."""
    period_s = 60 / log_uniform(rng, 45, 150)
    thump_hz = log_uniform(rng, 38, 80)
    thumps = []
    for pitch_ratio, tau_s in ((1.0, rng.uniform(0.03, 0.06)), (rng.uniform(1.1, 1.5), rng.uniform(0.02, 0.045))):
        length = int(8 * tau_s * rate_hz)
        time = seconds(length, rate_hz) / np.float32(tau_s)
        pitch = thump_hz * pitch_ratio * (1 + 0.5 * np.exp(-time))
        body = sine(cycles(pitch.astype(np.float32), rate_hz)) + 0.3 * noise(rng, length, rate_hz, high_hz=180, order=3)
        thumps.append((body * time * np.exp(1 - time)).astype(np.float32))
    split_s = min(rng.uniform(0.22, 0.36), 0.45 * period_s)
    second = rng.uniform(0.4, 0.95)
    canvas = np.zeros(samples, np.float32)
    beat_s = rng.uniform(0, min(0.5 * period_s, 0.3 * samples / rate_hz))
    while beat_s < samples / rate_hz:
        level = rng.uniform(0.8, 1)
        place(canvas, thumps[0], int(beat_s * rate_hz), level)
        place(canvas, thumps[1], int((beat_s + split_s) * rate_hz), level * second)
        beat_s += period_s * rng.normal(1, 0.02)
    return canvas


def thunder(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """A crack or two, then seconds of rolling low rumble."""
    length_s = samples / rate_hz
    first_s = rng.uniform(0, 0.15) * length_s
    rumble = noise(rng, samples, rate_hz, low_hz=25, high_hz=log_uniform(rng, 80, 260), order=2)
    rumble *= drift(rng, samples, rate_hz, low=0.15, high=1, speed_hz=rng.uniform(2, 6))
    rise = np.clip((seconds(samples, rate_hz) - first_s) / rng.uniform(0.05, 0.8), 0, 1)
    rumble *= rise * np.exp(-np.maximum(seconds(samples, rate_hz) - first_s, 0) / (length_s * rng.uniform(0.25, 0.9)))
    canvas = rumble.astype(np.float32)
    for _ in range(int(rng.integers(0, 5))):
        tau_s = log_uniform(rng, 0.05, 0.4)
        length = min(int(6 * tau_s * rate_hz), samples)
        crack = noise(rng, length, rate_hz, low_hz=60, high_hz=log_uniform(rng, 500, 5_000), order=1, slope_db=-2)
        crack *= decay(length, rate_hz, tau_s) * drift(rng, length, rate_hz, low=0.05, high=1, speed_hz=40)
        crack *= pulse(length, rate_hz, attack_s=log_uniform(rng, 0.003, 0.03), release_s=0.01)
        place(canvas, crack, int((first_s + rng.random() ** 2 * 0.4 * length_s) * rate_hz), log_uniform(rng, 0.3, 2))
    return canvas


def wind(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """Gusts: low noise that swells and sinks, with a howl that rises when it blows harder."""
    gust = drift(rng, samples, rate_hz, low=rng.uniform(0.05, 0.5), high=1, speed_hz=log_uniform(rng, 0.4, 2))
    canvas = noise(rng, samples, rate_hz, low_hz=40, high_hz=log_uniform(rng, 150, 700), order=1, slope_db=-2) * gust
    for _ in range(int(rng.integers(1, 4))):
        base_hz = log_uniform(rng, 250, 1_100)
        center = np.float32(base_hz) * (np.float32(0.7) + np.float32(rng.uniform(0.3, 1)) * gust)
        howl = narrow_noise(rng, center, rate_hz, width_hz=base_hz * log_uniform(rng, 0.03, 0.4))
        canvas += howl * gust**2 * np.float32(log_uniform(rng, 0.1, 0.8))
    return canvas
