"""Sounds made to be noticed: alarms, horns, phones, whistles, and the tones of machines and games."""

from __future__ import annotations

import numpy as np

from audioclip_search.types import FloatArray
from trainer.starter.sounds.synthesis import (
    chance,
    cycles,
    decay,
    drift,
    harmonics,
    hit_starts,
    log_uniform,
    modes,
    narrow_noise,
    noise,
    peak_one,
    place,
    pulse,
    seconds,
    sine,
    stretch,
    wave,
)

_DTMF_ROWS_HZ = (697, 770, 852, 941)
_DTMF_COLUMNS_HZ = (1209, 1336, 1477)


def _tone(rng: np.random.Generator, frequency_hz: float, samples: int, rate_hz: int, timbre: FloatArray) -> FloatArray:
    """A steady tone with the given harmonics and soft edges."""
    steady = np.full(samples, frequency_hz, np.float32)
    tone = wave(cycles(steady, rate_hz, rng.random()), timbre, frequency_hz, rate_hz)
    return tone * pulse(samples, rate_hz, attack_s=0.003, release_s=0.004)


def _timbre(rng: np.random.Generator) -> FloatArray:
    """Harmonics of a buzzer: a sine, a square, a saw or something between."""
    return harmonics(int(rng.choice([1, 3, 30])), rng.uniform(0.8, 2.5), odd_only=chance(rng, 0.5))


def _gongs(rng: np.random.Generator, samples: int, rate_hz: int, *, base_hz: float, strikes_hz: float) -> FloatArray:
    """A hammer rattling between two small gongs."""
    tau_s = log_uniform(rng, 0.05, 0.3)
    length = min(samples, int(6 * tau_s * rate_hz))
    ratios = np.array([1, 1.52, 2.02, 2.73, 3.41, 4.9]) * rng.normal(1, 0.02, 6)
    pair = []
    for detune in (1.0, rng.uniform(1.03, 1.26)):
        gains = rng.uniform(0.3, 1, 6)
        stroke = modes(base_hz * detune * ratios, gains, tau_s / ratios**0.5, length, rate_hz, phases=rng.random(6))
        pair.append(peak_one(stroke))
    canvas = np.zeros(samples, np.float32)
    gap = rate_hz / strikes_hz
    for index in range(int(samples / gap) + 1):
        place(canvas, pair[index % 2], int((index + rng.normal(0, 0.03)) * gap), rng.uniform(0.7, 1))
    return canvas


def alarm_clock(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """A bedside alarm: groups of quick electronic beeps over and over, or a wound-up clock's bells."""
    canvas = np.zeros(samples, np.float32)
    first = int(rng.uniform(0, 0.15) * samples)
    if chance(rng, 0.4):
        ringing = _gongs(
            rng, samples - first, rate_hz, base_hz=log_uniform(rng, 1_800, 4_000), strikes_hz=rng.uniform(9, 18)
        )
        place(canvas, ringing, first)
        return canvas
    tone_hz = log_uniform(rng, 1_600, 4_200)
    beep_s, gap_s = rng.uniform(0.05, 0.12), rng.uniform(0.04, 0.1)
    group = int(rng.choice([2, 3, 4, 4, 4]))
    period_s = group * (beep_s + gap_s) + rng.uniform(0.15, 0.6)
    chirp = _tone(rng, tone_hz, int(beep_s * rate_hz), rate_hz, harmonics(30, rng.uniform(0.7, 2), odd_only=True))
    for start_s in np.arange(0, samples / rate_hz, period_s):
        for index in range(group):
            place(canvas, chirp, first + int((start_s + index * (beep_s + gap_s)) * rate_hz))
    return canvas


def beep(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """One to six unhurried beeps of one pitch."""
    tone_hz = log_uniform(rng, 480, 3_000)
    length = min(int(log_uniform(rng, 0.08, 0.9) * rate_hz), samples)
    tone = _tone(rng, tone_hz, length, rate_hz, _timbre(rng))
    count = int(rng.integers(1, 7))
    gap = length + log_uniform(rng, 0.3, 1.2) * rate_hz
    first = int(rng.uniform(0, 0.15) * samples)
    canvas = np.zeros(samples, np.float32)
    for index in range(count):
        place(canvas, tone, first + int(index * gap))
    return canvas


def car_horn(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """A car's two-tone horn or a truck's chord, blown one to four times."""
    root_hz = log_uniform(rng, 300, 480) if chance(rng, 0.75) else log_uniform(rng, 140, 280)
    pitches = root_hz * np.array([1, rng.uniform(1.18, 1.28)] if chance(rng, 0.8) else [1, 1.25, 1.5])
    timbre = harmonics(24, rng.uniform(0.3, 0.9))
    timbre *= 1 + 3 * np.exp(-(((np.arange(1, 25) * root_hz - rng.uniform(1_500, 3_500)) / 900) ** 2))
    canvas = np.zeros(samples, np.float32)
    start = int(rng.uniform(0, 0.12) * samples)
    for _ in range(int(rng.integers(1, 5))):
        length = min(int(log_uniform(rng, 0.12, 2.2) * rate_hz), samples)
        sag = 1 - rng.uniform(0, 0.04) * decay(length, rate_hz, 0.04)
        blast = np.zeros(length, np.float32)
        for pitch in pitches:
            blast += wave(cycles(pitch * sag, rate_hz, rng.random()), timbre.astype(np.float32), pitch, rate_hz)
        place(canvas, blast * pulse(length, rate_hz, attack_s=0.015, release_s=0.04), start)
        start += length + int(log_uniform(rng, 0.08, 0.6) * rate_hz)
    return canvas


def coin(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """A game's two-note coin, or a metal coin that drops, bounces and spins out."""
    sound = _game_coin(rng, samples, rate_hz) if chance(rng, 0.5) else _metal_coin(rng, samples, rate_hz)
    canvas = np.zeros(samples, np.float32)
    for start in hit_starts(rng, samples, rate_hz, most=4, gap_s=(0.25, 1.2), single=0.55):
        place(canvas, sound, int(start), rng.uniform(0.6, 1))
    return canvas


def _game_coin(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    note_hz, step = log_uniform(rng, 700, 1_500), 2 ** (rng.choice([4, 5, 5, 5, 7]) / 12)
    first, tau_s = int(rng.uniform(0.05, 0.1) * rate_hz), log_uniform(rng, 0.12, 0.4)
    length = min(first + int(5 * tau_s * rate_hz), samples)
    pitch = np.full(length, note_hz, np.float32)
    pitch[first:] *= step
    timbre = harmonics(int(rng.choice([4, 30])), rng.uniform(0.9, 1.6), odd_only=True)
    sound = wave(cycles(pitch, rate_hz), timbre, note_hz * step, rate_hz)
    sound[first:] *= decay(length - first, rate_hz, tau_s)
    return sound


def _metal_coin(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    ring_hz = log_uniform(rng, 3_000, 5_500) * np.array([1, 1.68, 2.33, 2.9, 3.6]) * rng.normal(1, 0.03, 5)
    tau_s = log_uniform(rng, 0.05, 0.25) * np.array([1, 0.8, 0.6, 0.5, 0.4])
    length = min(int(6 * tau_s[0] * rate_hz), samples)
    clink = peak_one(modes(ring_hz, rng.uniform(0.3, 1, 5), tau_s, length, rate_hz, phases=rng.random(5)))
    sound = np.zeros(min(int(2.2 * rate_hz), samples), np.float32)
    gap_s, shrink, strength, at_s = rng.uniform(0.12, 0.4), rng.uniform(0.6, 0.88), 1.0, 0.0
    while gap_s > 0.012 and at_s * rate_hz < len(sound):
        place(sound, clink, int(at_s * rate_hz), strength * rng.uniform(0.6, 1))
        at_s += gap_s
        gap_s *= shrink
        strength *= rng.uniform(0.75, 0.98)
    return sound


def laser(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """A science-fiction gun: tones that plunge from high to low, one to eight shots."""
    high_hz, low_hz = log_uniform(rng, 2_000, 7_000), log_uniform(rng, 80, 500)
    length = min(int(log_uniform(rng, 0.12, 0.7) * rate_hz), samples)
    bend = np.linspace(0, 1, length, dtype=np.float32) ** np.float32(rng.uniform(0.4, 1.2))
    pitch = np.float32(high_hz) * np.float32(low_hz / high_hz) ** bend
    if chance(rng, 0.3):
        ripple = np.full(length, log_uniform(rng, 15, 80), np.float32)
        pitch *= 1 + rng.uniform(0.05, 0.3) * sine(cycles(ripple, rate_hz))
    # above its own limit each harmonic folds back, as it does in the games: only half of the series is cut
    timbre = harmonics(int(rng.choice([1, 3, 10])), rng.uniform(0.8, 1.8), odd_only=chance(rng, 0.5))
    shot = wave(cycles(pitch.astype(np.float32), rate_hz), timbre, high_hz / 2, rate_hz)
    shot *= decay(length, rate_hz, length / rate_hz * rng.uniform(0.3, 1.5))
    shot *= pulse(length, rate_hz, attack_s=0.002, release_s=0.02)
    canvas = np.zeros(samples, np.float32)
    for start in hit_starts(rng, samples, rate_hz, gap_s=(0.12, 0.8), single=0.3):
        place(canvas, shot, int(start), rng.uniform(0.6, 1))
    return canvas


def phone_ring(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """A telephone: bell, electronic warble, dialled digits, dial tone, ringing or busy tone."""
    kind = rng.choice(["bell", "warble", "digits", "dial", "ringback"], p=[0.28, 0.28, 0.2, 0.1, 0.14])
    if kind == "digits":
        return _digits(rng, samples, rate_hz)
    if kind == "dial":
        return modes(rng.choice([(350, 440), (425, 425.0)], axis=0), (1, 1), np.inf, samples, rate_hz)
    canvas = np.zeros(samples, np.float32)
    if kind == "ringback":
        busy = chance(rng, 0.35)
        on_s, off_s = (0.5, 0.5) if busy else (rng.uniform(1.2, 2), rng.uniform(2, 4))
        pair = (480, 620) if busy else (440, 480)
        burst = modes(pair, (1, 1), np.inf, min(int(on_s * rate_hz), samples), rate_hz)
        burst *= pulse(len(burst), rate_hz, attack_s=0.004, release_s=0.004)
    else:
        on_s, off_s = rng.uniform(0.8, 2), rng.uniform(0.6, 2.5)
        length = min(int(on_s * rate_hz), samples)
        if kind == "bell":
            burst = _gongs(rng, length, rate_hz, base_hz=log_uniform(rng, 900, 1_700), strikes_hz=rng.uniform(20, 32))
        else:
            burst = _warble(rng, length, rate_hz)
        if chance(rng, 0.3):  # two rings close together, as in Britain
            on_s *= 2.2
            burst = np.concatenate([burst, np.zeros(length // 5, np.float32), burst])
    first = int(rng.uniform(0, 0.1) * samples)
    for start_s in np.arange(0, samples / rate_hz, on_s + off_s):
        place(canvas, burst, first + int(start_s * rate_hz))
    return canvas


def _digits(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    on = int(rng.uniform(0.07, 0.3) * rate_hz)
    step = on + int(rng.uniform(0.04, 0.25) * rate_hz)
    first = int(rng.uniform(0, 0.1) * samples)
    canvas = np.zeros(samples, np.float32)
    edges = pulse(on, rate_hz, attack_s=0.002, release_s=0.002)
    for index in range(int(rng.integers(3, 13))):
        pair = (_DTMF_ROWS_HZ[rng.integers(4)], _DTMF_COLUMNS_HZ[rng.integers(3)])
        place(canvas, modes(pair, (1, 1), np.inf, on, rate_hz) * edges, first + index * step)
    return canvas


def _warble(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    low_hz, ratio, speed_hz = log_uniform(rng, 600, 1_800), rng.uniform(1.12, 1.5), log_uniform(rng, 8, 26)
    switch = (seconds(samples, rate_hz) * np.float32(2 * speed_hz)).astype(np.int32) & 1
    pitch = np.where(switch, low_hz, low_hz * ratio).astype(np.float32)
    timbre = harmonics(12, rng.uniform(0.8, 2.5), odd_only=chance(rng, 0.5))
    return wave(cycles(pitch, rate_hz), timbre, low_hz * ratio, rate_hz) * pulse(
        samples, rate_hz, attack_s=0.005, release_s=0.02
    )


def siren(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """An emergency vehicle's wail, yelp or two notes, or an air-raid siren, perhaps driving past."""
    low_hz, time = log_uniform(rng, 380, 800), seconds(samples, rate_hz)
    kind = rng.choice(["wail", "yelp", "notes"], p=[0.45, 0.25, 0.3])
    if kind == "notes":
        ratio, period_s = rng.uniform(1.25, 1.5), rng.uniform(0.7, 1.6)
        high = np.floor((time / period_s + rng.random()) * 2).astype(np.int32) & 1
        pitch = np.where(high, low_hz * ratio, low_hz)
    else:
        speed_hz = log_uniform(rng, 0.12, 0.4) if kind == "wail" else log_uniform(rng, 1.8, 5)
        ratio, skew = rng.uniform(1.6, 2.8), rng.uniform(0.3, 0.8)
        turn = (time * speed_hz + rng.random()) % 1
        rise = np.where(turn < skew, turn / skew, (1 - turn) / (1 - skew))
        pitch = low_hz * ratio ** (0.5 - 0.5 * np.cos(np.pi * rise))
    if chance(rng, 0.3):  # the Doppler shift of a car that passes
        pitch = pitch * (1 - 0.05 * np.tanh((time - rng.uniform(0.3, 0.7) * time[-1]) * rng.uniform(1, 4)))
    timbre = harmonics(int(rng.choice([3, 8, 20])), rng.uniform(0.9, 2.2), odd_only=chance(rng, 0.4))
    sound = wave(cycles(pitch.astype(np.float32), rate_hz), timbre, low_hz * ratio * 1.06, rate_hz)
    return sound * drift(rng, samples, rate_hz, low=rng.uniform(0.2, 0.9), high=1, speed_hz=0.5)


def whistle(rng: np.random.Generator, samples: int, rate_hz: int) -> FloatArray:
    """Somebody whistling a tune or a call, or a referee's pea whistle."""
    canvas = np.zeros(samples, np.float32)
    start = int(rng.uniform(0, 0.12) * samples)
    referee = chance(rng, 0.4)
    base_hz = log_uniform(rng, 2_200, 3_800) if referee else log_uniform(rng, 750, 1_700)
    breath = log_uniform(rng, 0.01, 0.12)
    for _ in range(int(rng.integers(1, 4) if referee else rng.integers(1, 9))):
        length = min(int(log_uniform(rng, 0.15, 1.2) * rate_hz), samples)
        blow = _pea_whistle if referee else _lip_whistle
        note = blow(rng, base_hz, length, rate_hz)
        note += narrow_noise(rng, np.full(length, base_hz, np.float32), rate_hz, width_hz=base_hz * 0.4) * breath
        place(canvas, note * pulse(length, rate_hz, attack_s=0.02, release_s=0.04), start)
        start += length + int(log_uniform(rng, 0.01, 0.4) * rate_hz)
        if start > 0.95 * samples:
            break
    return canvas


def _lip_whistle(rng: np.random.Generator, base_hz: float, samples: int, rate_hz: int) -> FloatArray:
    steps = rng.integers(-3, 10) + np.cumsum(rng.choice([0, 0, 0, 2, -2, 5, -5, 7], 3))
    pitch = base_hz * 2 ** (stretch(np.repeat(steps, 3), samples) / 12)
    vibrato = sine(cycles(np.full(samples, rng.uniform(4.5, 7), np.float32), rate_hz))
    pitch *= 1 + rng.uniform(0.003, 0.018) * vibrato
    pitch *= 1 - rng.uniform(0.01, 0.12) * decay(samples, rate_hz, 0.03)  # lips slide into a note
    return wave(cycles(pitch.astype(np.float32), rate_hz), harmonics(2, rng.uniform(3.5, 6)), base_hz * 3, rate_hz)


def _pea_whistle(rng: np.random.Generator, base_hz: float, samples: int, rate_hz: int) -> FloatArray:
    trill = cycles(drift(rng, samples, rate_hz, low=22, high=45, speed_hz=3), rate_hz)
    pitch = base_hz * (1 + rng.uniform(0.01, 0.05) * sine(trill))
    tone = wave(cycles(pitch, rate_hz), harmonics(3, rng.uniform(2, 4)), base_hz * 1.06, rate_hz)
    tone *= 1 + rng.uniform(0.3, 0.7) * sine(trill + np.float32(rng.random()))
    return tone + noise(rng, samples, rate_hz, low_hz=base_hz * 0.7, high_hz=base_hz * 2.5) * np.float32(
        rng.uniform(0.02, 0.15)
    )
