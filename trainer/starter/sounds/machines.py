"""Engines, instruments of measurement, radios, blasts and things that fly past."""

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
    modes,
    narrow_noise,
    noise,
    peak_one,
    place,
    poisson_starts,
    pulse,
    scatter,
    sine,
    wave,
)


def engine(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """A car, truck or motorcycle idling or revving: a low, rough pulse train with its exhaust's resonances."""
    idle_hz = log_uniform(rng, 22, 60)
    if chance(rng, 0.5):
        rev = drift(rng, samples, rate_hz, low=1, high=rng.uniform(1.4, 3), speed_hz=log_uniform(rng, 0.4, 1.5))
    else:
        rev = drift(rng, samples, rate_hz, low=1, high=rng.uniform(1.01, 1.06), speed_hz=3)
    firing = cycles(np.float32(idle_hz) * rev * drift(rng, samples, rate_hz, low=0.98, high=1.02, speed_hz=25), rate_hz)
    order = np.arange(1, 41)
    resonance_hz = rng.uniform(90, 700, 3)
    body = sum(np.exp(-(((order * idle_hz - center) / (0.35 * center)) ** 2)) for center in resonance_hz)
    timbre = (order ** -rng.uniform(0.7, 1.4) * (0.25 + body) * rng.uniform(0.4, 1, 40)).astype(np.float32)
    tone = wave(firing, timbre, idle_hz * 3, rate_hz)
    # the cylinders differ, which sounds at a half or a quarter of the firing rate
    uneven = cycles(np.float32(idle_hz / rng.choice([2, 4])) * rev, rate_hz)
    tone *= 1 + np.float32(rng.uniform(0.1, 0.5)) * sine(uneven)
    blow = noise(rng, samples, rate_hz, low_hz=80, high_hz=log_uniform(rng, 500, 2_500), order=1)
    blow *= 0.4 + 0.6 * np.maximum(sine(firing), 0)
    tone += blow * np.float32(log_uniform(rng, 0.03, 0.2))
    return tone * rev ** np.float32(rng.uniform(0, 1))


def explosion(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """A blast: everything at once, the highs gone in a moment and the lows after a second or two; perhaps debris."""
    length_s = samples / rate_hz
    tau_s = min(log_uniform(rng, 0.3, 1.1), 0.4 * length_s)
    length = min(int(6 * tau_s * rate_hz), samples)
    blast = noise(rng, length, rate_hz, high_hz=log_uniform(rng, 120, 300), order=1) * decay(length, rate_hz, tau_s)
    for high_hz, share in ((1_200, 0.35), (8_000, 0.1)):
        short = min(int(6 * share * tau_s * rate_hz), length)
        layer = noise(rng, short, rate_hz, low_hz=high_hz / 10, high_hz=high_hz, order=1)
        place(blast, layer * decay(short, rate_hz, share * tau_s), 0, rng.uniform(0.3, 1))
    boom = 30 + log_uniform(rng, 40, 120) * decay(length, rate_hz, 0.1)
    blast += sine(cycles(boom, rate_hz)) * decay(length, rate_hz, 0.3 * tau_s) * np.float32(rng.uniform(0, 2))
    blast = np.tanh(blast * np.float32(log_uniform(rng, 0.3, 3)))
    if chance(rng, 0.4):
        debris = [noise(rng, 600, rate_hz, low_hz=500, high_hz=5_000) * decay(600, rate_hz, 0.003) for _ in range(6)]
        starts = poisson_starts(rng, length, rate_hz, log_uniform(rng, 8, 60))
        scatter(rng, blast, debris, starts, 0.1 * rng.random(len(starts)) * np.exp(-2 * starts / length))
    blast *= pulse(length, rate_hz, attack_s=0.002, release_s=0.02)
    canvas = np.zeros(samples, np.float32)
    for start in hit_starts(rng, samples, rate_hz, most=3, gap_s=(0.5, 1.6), single=0.75):
        place(canvas, blast, int(start), rng.uniform(0.5, 1))
    return canvas


def geiger_counter(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """Dry clicks of a millisecond, each independent of the last, slowly more or fewer of them."""
    length = int(0.006 * rate_hz)
    if chance(rng, 0.6):
        click = noise(rng, length, rate_hz, low_hz=800) * decay(length, rate_hz, log_uniform(rng, 0.0002, 0.001))
    else:
        click = modes(log_uniform(rng, 1_200, 5_000), 1, log_uniform(rng, 0.0003, 0.0012), length, rate_hz)
    starts = poisson_starts(rng, samples, rate_hz, log_uniform(rng, 5, 90))
    if chance(rng, 0.5):
        near = drift(rng, samples, rate_hz, low=0.1, high=1, speed_hz=0.6)
        kept = starts[rng.random(len(starts)) < near[starts]]
        starts = kept if len(kept) else starts[:1]
    canvas = np.zeros(samples, np.float32)
    scatter(rng, canvas, [peak_one(click)], starts, rng.uniform(0.85, 1, len(starts)))
    return canvas


def static(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """A radio or television between stations: steady broadband hiss, with or without crackle and hum."""
    narrow = chance(rng, 0.3)
    hiss = noise(
        rng,
        samples,
        rate_hz,
        low_hz=log_uniform(rng, 60, 400) if narrow else 0.0,
        high_hz=log_uniform(rng, 4_000, 9_000) if narrow else 0.0,
        slope_db=rng.uniform(-2, 0.3),
    )
    hiss *= drift(rng, samples, rate_hz, low=rng.uniform(0.75, 1), high=1, speed_hz=log_uniform(rng, 0.3, 3))
    if chance(rng, 0.4):
        length = int(0.004 * rate_hz)
        bank = [noise(rng, length, rate_hz) * decay(length, rate_hz, 0.0007) for _ in range(4)]
        starts = poisson_starts(rng, samples, rate_hz, log_uniform(rng, 3, 50))
        scatter(rng, hiss, bank, starts, rng.uniform(0.5, 4, len(starts)))
    if chance(rng, 0.3):
        mains_hz = rng.choice([50, 60]) * np.arange(1, 6)
        hiss += modes(mains_hz, rng.random(5), np.inf, samples, rate_hz) * np.float32(rng.uniform(0.05, 0.3))
    return hiss


def whoosh(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """Something fast through the air: a breath of noise whose pitch rises and falls as it passes."""
    canvas = np.zeros(samples, np.float32)
    base_hz, peak_ratio = log_uniform(rng, 250, 1_200), log_uniform(rng, 1.8, 6)
    for start in hit_starts(rng, samples, rate_hz, most=5, gap_s=(0.5, 1.5), single=0.5):
        length = min(int(log_uniform(rng, 0.25, 1.6) * rate_hz), samples)
        middle = rng.uniform(0.3, 0.75)
        time = np.linspace(0, 1, length, dtype=np.float32)
        near = np.where(time < middle, time / middle, (1 - time) / (1 - middle)).astype(np.float32)
        near = np.sin(near * np.float32(np.pi / 2)) ** 2
        center = np.float32(base_hz) * np.float32(peak_ratio) ** near
        body = narrow_noise(rng, center, rate_hz, width_hz=base_hz * rng.uniform(0.8, 2))
        air = noise(rng, length, rate_hz, low_hz=base_hz, high_hz=base_hz * 8, order=1)
        swish = (body + air * np.float32(rng.uniform(0.1, 0.5))) * near ** np.float32(rng.uniform(1, 2.5))
        place(canvas, swish, int(start), rng.uniform(0.6, 1))
    return canvas
