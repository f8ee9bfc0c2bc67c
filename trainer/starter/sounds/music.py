"""Instruments and drums."""

from __future__ import annotations

from functools import partial

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
    noise,
    peak_one,
    place,
    pulse,
    sine,
)

_BELL_RATIOS = (0.5, 1.0, 1.183, 1.506, 2.0, 2.514, 2.662, 3.011, 4.166, 5.433, 6.796, 8.215)
_TUBE_RATIOS = (1.0, 2.76, 5.40, 8.93, 13.34)
_CHORDS = ((0, 7), (0, 4, 7), (0, 3, 7), (0, 4, 7, 11), (0, 3, 7, 10), (0, 5, 7), (0, 7, 12, 16), (0, 12), (0,))
_SCALES = ((0, 2, 4, 5, 7, 9, 11, 12), (0, 2, 3, 5, 7, 8, 10, 12), (0, 3, 5, 7, 10, 12), (0, 2, 4, 7, 9, 12))


def bell(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """A church bell, hand bell or tube, struck one to five times, or a door's ding-dong."""
    low = chance(rng, 0.5)
    strike_hz = log_uniform(rng, 150, 600) if low else log_uniform(rng, 600, 2_800)
    ratios = np.array(_TUBE_RATIOS if chance(rng, 0.25) else _BELL_RATIOS)
    ratios = ratios * rng.normal(1, 0.012, len(ratios))
    tau_s = log_uniform(rng, 0.8, 3.5) * (1.0 if low else 0.6) * ratios**-0.8
    gains = rng.uniform(0.3, 1, len(ratios)) * ratios ** -rng.uniform(0.2, 1)
    beat_hz = rng.uniform(0.2, 3, len(ratios))  # each mode of a real bell is a pair slightly out of tune
    frequencies = np.concatenate([strike_hz * ratios, strike_hz * ratios + beat_hz])
    click_length = min(int(0.02 * rate_hz), samples)
    click = noise(rng, click_length, rate_hz, low_hz=strike_hz) * decay(click_length, rate_hz, 0.003)
    click *= np.float32(rng.uniform(0, 0.3))

    def stroke(pitch: float) -> FloatArray:
        phases = rng.random(len(frequencies))
        rung = modes(pitch * frequencies, np.tile(gains, 2), np.tile(tau_s, 2), samples, rate_hz, phases=phases)
        rung = peak_one(rung)
        place(rung, click, 0)
        return rung

    canvas = np.zeros(samples, np.float32)
    if chance(rng, 0.15):
        ding = rng.uniform(0, 0.1) * samples
        dong = ding + rng.uniform(0.35, 0.8) * rate_hz
        place(canvas, stroke(1.0), int(ding))
        place(canvas, stroke(2 ** (-rng.integers(3, 6) / 12)), int(dong), rng.uniform(0.7, 1))
        return canvas
    struck = stroke(1.0)
    for start in hit_starts(rng, samples, rate_hz, most=5, gap_s=(0.4, 1.6), single=0.4):
        place(canvas, struck, int(start), rng.uniform(0.6, 1))
    return canvas


def plucked_string(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """A guitar or harp: single notes, a melody or a strummed chord."""
    root_hz = log_uniform(rng, 80, 500)
    starts = hit_starts(rng, samples, rate_hz, gap_s=(0.12, 0.7), single=0.2)
    strummed = chance(rng, 0.35)
    scale = _SCALES[rng.integers(len(_SCALES))]
    string = partial(
        _string,
        rng,
        loss=log_uniform(rng, 0.3, 2.5),
        position=rng.uniform(0.08, 0.45),
        stiffness=log_uniform(rng, 1e-6, 2e-4),
    )
    canvas = np.zeros(samples, np.float32)
    for start in starts[:4] if strummed else starts:
        steps = _CHORDS[rng.integers(len(_CHORDS) - 1)] if strummed else (scale[rng.integers(len(scale))],)
        if strummed and chance(rng, 0.6):
            steps = (*steps, *(step + 12 for step in steps))
        strum = log_uniform(rng, 0.008, 0.06) * rate_hz
        for index, step in enumerate(steps):
            note = string(root_hz * 2 ** (step / 12), samples - int(start), rate_hz)
            place(canvas, note, int(start + index * strum), rng.uniform(0.6, 1))
    return canvas


def _string(
    rng: np.random.Generator,
    note_hz: float,
    samples: int,
    rate_hz: int,
    *,
    loss: float,
    position: float,
    stiffness: float,
) -> FloatArray:
    """One note of a Karplus-Strong string, as the sum of the modes its averaging loop has: harmonic k decays with the
    loop's gain at its frequency, and plucking at `position` (of the length) mutes those with a node there."""
    order = np.arange(1, min(40, max(int(9_000 / note_hz), 4)) + 1)
    frequencies = note_hz * order * np.sqrt(1 + stiffness * order**2)
    loop_loss = 0.002 * loss + 0.5 * (np.pi * np.minimum(frequencies / 44_100, 0.5)) ** 2 * loss
    tau_s = 1 / (note_hz * loop_loss)
    gains = np.abs(np.sin(np.pi * order * position)) / order ** rng.uniform(0.4, 1.1) * rng.uniform(0.6, 1, len(order))
    length = min(samples, int(6 * tau_s.max() * rate_hz) + 1)
    return modes(frequencies, gains, tau_s, length, rate_hz, phases=rng.random(len(order)))


def organ(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """A pipe or electric organ: held chords, each with a quick attack and every harmonic steady."""
    bars = np.array([0.5, 1, 1.5, 2, 3, 4, 5, 6, 8])
    levels = rng.random(len(bars)) ** 1.5 * np.array([0.8, 1, 0.6, 0.9, 0.7, 0.7, 0.4, 0.4, 0.5])
    levels[rng.integers(1, 4, 2)] = 1
    root_hz = log_uniform(rng, 90, 350)
    scale = _SCALES[rng.integers(len(_SCALES))]
    count = int(rng.integers(1, 6))
    ends = np.sort(np.append(rng.integers(0, samples, count - 1), samples))
    attack_s, chiff = log_uniform(rng, 0.008, 0.08), rng.uniform(0, 0.15)
    canvas, start = np.zeros(samples, np.float32), 0
    for end in ends.tolist():
        length = end - start
        if length < 0.05 * rate_hz:
            continue
        chord = np.array(_CHORDS[rng.integers(len(_CHORDS))]) + scale[rng.integers(len(scale))]
        notes = root_hz * 2 ** (chord / 12)
        frequencies = np.outer(notes, bars).ravel()
        held = modes(
            frequencies, np.tile(levels, len(notes)), np.inf, length, rate_hz, phases=rng.random(len(frequencies))
        )
        held += noise(rng, length, rate_hz, low_hz=notes[0], high_hz=4_000) * decay(length, rate_hz, 0.03) * chiff
        place(canvas, held * pulse(length, rate_hz, attack_s=attack_s, release_s=attack_s), start)
        start = end
    if chance(rng, 0.5):
        speed = np.full(samples, rng.uniform(4, 7.5), np.float32)
        canvas *= 1 + rng.uniform(0.1, 0.4) * sine(cycles(speed, rate_hz))
    return canvas


def synth_pad(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """Slowly swelling chords of detuned saws under a moving low-pass filter."""
    root_hz = log_uniform(rng, 60, 260)
    chord = np.array(_CHORDS[rng.integers(1, len(_CHORDS) - 2)])
    notes = root_hz * 2 ** (chord / 12)
    spread = log_uniform(rng, 0.002, 0.012)
    voices = np.concatenate([notes * (1 + spread * offset) for offset in rng.uniform(-1, 1, 3)])
    order = np.arange(1, 15)
    frequencies = np.outer(voices, order).ravel()
    layers = []
    for cutoff_hz in (log_uniform(rng, 200, 700), log_uniform(rng, 1_000, 4_500)):
        gains = np.tile(1 / order ** rng.uniform(0.8, 1.4), len(voices)) / (1 + (frequencies / cutoff_hz) ** 3)
        heard = gains > 2e-3
        phases = rng.random(len(frequencies))
        layers.append(peak_one(modes(frequencies[heard], gains[heard], np.inf, samples, rate_hz, phases=phases[heard])))
    opening = drift(rng, samples, rate_hz, low=0, high=1, speed_hz=log_uniform(rng, 0.3, 1.5))
    canvas = layers[0] * (1 - opening) + layers[1] * opening
    if chance(rng, 0.4):
        canvas += (
            noise(rng, samples, rate_hz, low_hz=800, high_hz=6_000) * opening * np.float32(rng.uniform(0.01, 0.06))
        )
    length_s = samples / rate_hz
    attack_s, release_s = rng.uniform(0.1, 0.5, 2) * length_s
    return canvas * pulse(samples, rate_hz, attack_s=attack_s, release_s=release_s)


def kick_drum(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """A bass drum: a sine that drops in pitch under a click."""
    tau_s = log_uniform(rng, 0.06, 0.35)
    length = min(samples, int(6 * tau_s * rate_hz))
    end_hz = log_uniform(rng, 38, 75)
    sweep = end_hz + log_uniform(rng, 40, 500) * decay(length, rate_hz, log_uniform(rng, 0.008, 0.06))
    drum = sine(cycles(sweep, rate_hz)) * decay(length, rate_hz, tau_s)
    drum *= pulse(length, rate_hz, attack_s=0.001, release_s=0.01)
    if chance(rng, 0.5):
        drum = np.tanh(drum * np.float32(log_uniform(rng, 1.2, 6)))
    click_length = min(int(0.03 * rate_hz), length)
    click = noise(rng, click_length, rate_hz, low_hz=500, high_hz=log_uniform(rng, 1_500, 8_000))
    place(drum, click * decay(click_length, rate_hz, log_uniform(rng, 0.001, 0.006)), 0, rng.uniform(0, 0.35))
    return _beaten(rng, drum, samples, rate_hz, gap_s=(0.2, 0.8))


def snare_drum(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """A snare: a short tuned body under a burst of rattling noise; sometimes a roll."""
    tau_s = log_uniform(rng, 0.04, 0.14)
    length = min(samples, int(7 * tau_s * rate_hz))
    body_hz = log_uniform(rng, 150, 330) * np.array([1, 1.6, 2.1])
    body = modes(body_hz, (1, 0.6, 0.3), tau_s * rng.uniform(0.4, 1), length, rate_hz)
    rattle = noise(
        rng, length, rate_hz, low_hz=log_uniform(rng, 600, 2_500), high_hz=log_uniform(rng, 6_000, 15_000), slope_db=-1
    )
    drum = body * np.float32(rng.uniform(0.3, 1)) + rattle * decay(length, rate_hz, tau_s) * rng.uniform(0.25, 0.7)
    if chance(rng, 0.2):
        gap = rng.uniform(0.04, 0.09) * rate_hz
        canvas = np.zeros(samples, np.float32)
        first, count = rng.integers(0, max(samples // 4, 1)), int(rng.integers(8, 40))
        swell = np.linspace(rng.uniform(0.1, 0.8), 1, count)
        for index in range(count):
            place(canvas, drum, int(first + (index + rng.normal(0, 0.05)) * gap), swell[index] * rng.uniform(0.7, 1))
        return canvas
    return _beaten(rng, drum.astype(np.float32), samples, rate_hz, gap_s=(0.2, 0.9))


def hi_hat(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """Closed and open hi-hats: bright metallic noise, alone or in eighths and sixteenths."""
    low_hz = min(log_uniform(rng, 4_500, 9_000), 0.35 * rate_hz)
    metal_hz = rng.uniform(1, 3.2, 24) * low_hz
    strokes = []
    for tau_s in (log_uniform(rng, 0.012, 0.05), log_uniform(rng, 0.12, 0.45)):
        length = min(samples, int(6 * tau_s * rate_hz))
        hiss = noise(rng, length, rate_hz, low_hz=low_hz, order=3) * decay(length, rate_hz, tau_s)
        ring = modes(
            metal_hz, rng.uniform(0.3, 1, 24), tau_s * rng.uniform(0.5, 1.2), length, rate_hz, phases=rng.random(24)
        )
        stroke = peak_one(hiss) + peak_one(ring) * np.float32(rng.uniform(0.1, 0.8))
        strokes.append(stroke * pulse(length, rate_hz, attack_s=0.0005, release_s=0.005))
    open_share = rng.choice([0.0, 0.2, 1.0])
    canvas = np.zeros(samples, np.float32)
    for start in hit_starts(rng, samples, rate_hz, most=24, gap_s=(0.09, 0.5), single=0.25):
        place(canvas, strokes[int(chance(rng, open_share))], int(start), rng.uniform(0.4, 1))
    return canvas


def _beaten(
    rng: np.random.Generator, drum: FloatArray, samples: int, rate_hz: int, *, gap_s: tuple[float, float]
) -> FloatArray:
    """One to eight strokes of a drum, each with its own strength."""
    canvas = np.zeros(samples, np.float32)
    for start in hit_starts(rng, samples, rate_hz, gap_s=gap_s):
        place(canvas, drum, int(start), rng.uniform(0.5, 1))
    return canvas
