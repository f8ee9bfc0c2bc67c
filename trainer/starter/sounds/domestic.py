"""People and the things around the house: hands, feet, doors, keys and glass."""

from __future__ import annotations

import numpy as np

from audioclip_search.types import FloatArray
from trainer.starter.sounds.synthesis import (
    chance,
    decay,
    drift,
    hit_starts,
    log_uniform,
    modes,
    noise,
    peak_one,
    place,
    pulse,
    scatter,
)


def _burst(
    rng: np.random.Generator, rate_hz: int, *, tau_s: float, low_hz: float, high_hz: float, attack_s: float = 0.0005
) -> FloatArray:
    """A burst of noise in a band, peak 1."""
    length = max(int(6 * tau_s * rate_hz), 32)
    sound = noise(rng, length, rate_hz, low_hz=low_hz, high_hz=high_hz) * decay(length, rate_hz, tau_s)
    return peak_one(sound * pulse(length, rate_hz, attack_s=attack_s, release_s=0.001))


def _thud(
    rng: np.random.Generator, rate_hz: int, *, low_hz: float, high_hz: float, tau_s: float, count: int = 6
) -> FloatArray:
    """A knock on something solid: a few heavily damped modes in a band, the higher the shorter, peak 1."""
    frequencies = np.sort(low_hz * (high_hz / low_hz) ** rng.random(count))
    tau = tau_s * (low_hz / frequencies) ** 0.5
    gains = rng.uniform(0.3, 1, count) * (low_hz / frequencies) ** 0.3
    return peak_one(modes(frequencies, gains, tau, int(7 * tau_s * rate_hz), rate_hz))


def applause(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """Clapping by three people or by a hall, swelling or dying away."""
    bank = [
        _burst(
            rng,
            rate_hz,
            tau_s=log_uniform(rng, 0.003, 0.012),
            low_hz=(low_hz := log_uniform(rng, 500, 1_300)),
            high_hz=low_hz * rng.uniform(2, 4),
        )
        for _ in range(16)
    ]
    people = int(log_uniform(rng, 3, 200))
    canvas = np.zeros(samples, np.float32)
    length_s = samples / rate_hz
    for _ in range(min(people, 80)):  # beyond that one hears a crowd, not more people
        gap_s = 1 / rng.uniform(2.5, 5.5)
        beats = np.arange(rng.random() * gap_s, length_s, gap_s)
        beats += rng.normal(0, 0.08 * gap_s, len(beats))
        starts = (beats * rate_hz).astype(np.int64)
        own = int(rng.integers(len(bank)))
        scatter(rng, canvas, bank[own : own + 1], starts, log_uniform(rng, 0.15, 1) * rng.uniform(0.7, 1, len(starts)))
    if people > 40:
        crowd = noise(rng, samples, rate_hz, low_hz=600, high_hz=3_500, order=1)
        canvas += crowd * np.float32(rng.uniform(0.1, 0.4) * canvas.std())
    ends = rng.choice([(1, 1), (0.15, 1), (1, 0.15)], axis=0)
    swell = np.linspace(ends[0], ends[1], samples, dtype=np.float32)
    return canvas * swell * drift(rng, samples, rate_hz, low=0.7, high=1, speed_hz=1)


def door_knock(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """Two to six quick knocks of knuckles on wood, perhaps again after a while."""
    low_hz, tau_s = log_uniform(rng, 90, 260), log_uniform(rng, 0.012, 0.04)
    thuds = [_thud(rng, rate_hz, low_hz=low_hz, high_hz=low_hz * 6, tau_s=tau_s, count=9) for _ in range(2)]
    contact = _burst(rng, rate_hz, tau_s=0.003, low_hz=300, high_hz=log_uniform(rng, 1_200, 3_500))
    sharpness = rng.uniform(0.1, 0.6)
    gap_s = log_uniform(rng, 0.11, 0.3)
    canvas = np.zeros(samples, np.float32)
    start_s = rng.uniform(0, 0.1) * samples / rate_hz
    for _ in range(int(rng.integers(1, 4))):
        for _ in range(int(rng.integers(2, 7))):
            level, start = rng.uniform(0.6, 1), int(start_s * rate_hz)
            place(canvas, thuds[int(rng.integers(2))], start, level)
            place(canvas, contact, start, level * sharpness)
            start_s += gap_s * rng.normal(1, 0.06)
        start_s += rng.uniform(0.5, 2)
    return canvas


def footsteps(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """Walking or running at 1.4 to 2.8 steps a second: heel and toe on wood, stone, gravel or snow."""
    surface = rng.choice(["wood", "stone", "gravel", "snow"])
    feet = [_step(rng, str(surface), rate_hz) for _ in range(4)]
    gap_s = 1 / log_uniform(rng, 1.4, 2.8)
    beats = np.arange(rng.uniform(0, 0.5) * gap_s, samples / rate_hz, gap_s)
    beats += rng.normal(0, 0.025 * gap_s, len(beats))
    near = drift(rng, len(beats), 1, low=rng.uniform(0.3, 0.9), high=1, speed_hz=0.3)
    canvas = np.zeros(samples, np.float32)
    for index, beat_s in enumerate(beats):
        foot = feet[2 * int(rng.integers(2)) + index % 2]
        place(canvas, foot, int(beat_s * rate_hz), float(near[index]) * rng.uniform(0.75, 1))
    return canvas


def _step(rng: np.random.Generator, surface: str, rate_hz: int) -> FloatArray:
    canvas = np.zeros(int(0.4 * rate_hz), np.float32)
    toe_at = int(rng.uniform(0.06, 0.14) * rate_hz)
    if surface in ("gravel", "snow"):
        dull = surface == "snow"
        grains = [
            _burst(rng, rate_hz, tau_s=log_uniform(rng, 0.001, 0.006), low_hz=400 if dull else 1_500, high_hz=hz)
            for hz in rng.uniform(2_000, 5_000, 8) * (1 if dull else 2)
        ]
        for at, spread in ((0.0, 0.03), (toe_at / rate_hz, 0.05)):
            starts = (np.abs(rng.normal(at, spread, int(rng.integers(20, 70)))) * rate_hz).astype(np.int64)
            scatter(rng, canvas, grains, starts, rng.random(len(starts)) ** 2)
        thump = _thud(rng, rate_hz, low_hz=50, high_hz=160, tau_s=0.03)
        place(canvas, thump, 0, rng.uniform(0.3, 1.2))
        return peak_one(canvas)
    low_hz = log_uniform(rng, 60, 140) if surface == "wood" else log_uniform(rng, 110, 300)
    heel = _thud(rng, rate_hz, low_hz=low_hz, high_hz=low_hz * 7, tau_s=0.03 if surface == "wood" else 0.01)
    tap = _burst(rng, rate_hz, tau_s=log_uniform(rng, 0.002, 0.008), low_hz=700, high_hz=log_uniform(rng, 2_500, 7_000))
    scuff = _burst(rng, rate_hz, tau_s=0.03, low_hz=900, high_hz=5_000, attack_s=0.03)
    place(canvas, heel, 0)
    place(canvas, tap, 0, rng.uniform(0.15, 0.7))
    place(canvas, heel, toe_at, rng.uniform(0.1, 0.4))
    place(canvas, tap, toe_at, rng.uniform(0.05, 0.4))
    place(canvas, scuff, toe_at, rng.uniform(0, 0.15))
    return peak_one(canvas)


def typing(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """Keys pressed and let go in irregular bursts of 4 to 12 a second, with the space bar's thud among them."""
    body_hz, bright_hz = log_uniform(rng, 250, 900), log_uniform(rng, 3_000, 9_000)
    tau_s = log_uniform(rng, 0.0015, 0.006)
    keys = []
    for _ in range(8):
        click = _burst(rng, rate_hz, tau_s=tau_s, low_hz=1_200, high_hz=bright_hz)
        thock = _thud(rng, rate_hz, low_hz=body_hz, high_hz=body_hz * 5, tau_s=rng.uniform(0.004, 0.01))
        key = np.zeros(max(len(click), len(thock)), np.float32)
        place(key, click, 0)
        place(key, thock, 0, rng.uniform(0.2, 0.9))
        keys.append(key)
    space = _thud(rng, rate_hz, low_hz=body_hz / 3, high_hz=body_hz * 2, tau_s=0.018, count=8)
    release, speed_hz = rng.uniform(0.15, 0.5), log_uniform(rng, 4, 12)
    canvas = np.zeros(samples, np.float32)
    at_s = rng.uniform(0, 0.2)
    while at_s < samples / rate_hz:
        level, start = rng.uniform(0.5, 1), int(at_s * rate_hz)
        up = start + int(rng.uniform(0.05, 0.12) * rate_hz)
        key = keys[int(rng.integers(len(keys)))]
        place(canvas, key, start, level)
        place(canvas, key[::-1] if chance(rng, 0.1) else key, up, level * release)
        if chance(rng, 0.13):
            place(canvas, space, start, level * 1.3)
        at_s += rng.gamma(4, 0.25) / speed_hz + (rng.uniform(0.2, 0.9) if chance(rng, 0.07) else 0)
    return canvas


def glass_breaking(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """A pane or bottle shatters: the blow, then many shards that each ring with their own inharmonic modes."""
    size = log_uniform(rng, 0.6, 1.8)
    shards = []
    for _ in range(12):
        count = int(rng.integers(5, 14))
        frequencies = log_uniform(rng, 1_800, 5_000) / size * rng.uniform(1, 4, count)
        tau_s = log_uniform(rng, 0.015, 0.16) * rng.uniform(0.3, 1, count)
        length = int(7 * tau_s.max() * rate_hz)
        shards.append(peak_one(modes(frequencies, rng.random(count), tau_s, length, rate_hz, phases=rng.random(count))))
    crash = np.zeros(min(int(3.5 * rate_hz), samples), np.float32)
    blow = _burst(rng, rate_hz, tau_s=log_uniform(rng, 0.02, 0.09), low_hz=400, high_hz=12_000)
    place(crash, blow, 0, rng.uniform(0.5, 1.2))
    place(crash, _thud(rng, rate_hz, low_hz=120, high_hz=700, tau_s=0.02), 0, rng.uniform(0, 0.7))
    burst = (rng.exponential(0.03, int(rng.integers(10, 35))) * rate_hz).astype(np.int64)
    scatter(rng, crash, shards, burst, rng.uniform(0.2, 0.8, len(burst)))
    fall_s = log_uniform(rng, 0.2, 0.8)
    tinkle = ((rng.uniform(0, 0.3) + rng.gamma(1.6, fall_s, int(rng.integers(15, 90)))) * rate_hz).astype(np.int64)
    scatter(rng, crash, shards, tinkle, 0.7 * rng.random(len(tinkle)) ** 2)
    canvas = np.zeros(samples, np.float32)
    for start in hit_starts(rng, samples, rate_hz, most=3, gap_s=(0.8, 2), single=0.75):
        place(canvas, crash, int(start), rng.uniform(0.6, 1))
    return canvas
