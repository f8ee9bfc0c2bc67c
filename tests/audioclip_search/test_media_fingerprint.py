"""Fingerprints nominate, coherence decides: what leaves a recording the same, and what does not."""

from __future__ import annotations

import numpy as np
import pytest
from made_sounds import RATE_HZ, knocks, mp3, rounded, tone, written
from numpy.typing import NDArray

from audioclip_search.media import SIGNS, coherence, fingerprint, likeness, load_wave

Samples = NDArray[np.float32]


def decoded(data: bytes) -> Samples:
    return load_wave(data)


def padded(samples: Samples, before: int, after: int) -> Samples:
    return np.pad(samples, (before, after))


def noisy(samples: Samples, snr_db: float) -> Samples:
    noise = np.random.default_rng(99).standard_normal(len(samples)) * np.sqrt(np.mean(samples**2) / 10 ** (snr_db / 10))
    return (samples + noise).astype(np.float32)


ORIGINAL = knocks(1)
COPIES = {
    "softer": decoded(written(ORIGINAL * 0.01)),
    "upside down": -ORIGINAL,
    "cut": ORIGINAL[5_000:20_000],
    "padded": padded(ORIGINAL, 4_321, 9_876),
    "mp3": decoded(mp3(ORIGINAL, 32)),
    "resampled": decoded(written(ORIGINAL[::2], rate_hz=RATE_HZ // 2)),
    "noisy": noisy(ORIGINAL, 15),
}


@pytest.mark.parametrize("how", COPIES)
def test_copies_are_nominated_and_the_same(how: str) -> None:
    assert likeness(fingerprint(ORIGINAL), fingerprint(COPIES[how])).score > 8
    agreement = coherence(ORIGINAL, COPIES[how])
    assert agreement.same, agreement
    assert coherence(COPIES[how], ORIGINAL).same


@pytest.mark.parametrize("seed", range(2, 8))
def test_other_takes_are_not(seed: int) -> None:
    assert not coherence(ORIGINAL, knocks(seed)).same
    assert likeness(fingerprint(ORIGINAL), fingerprint(knocks(seed))).score < 6


def test_where_how_loud_and_which_way_up() -> None:
    changed = -0.25 * ORIGINAL[4_000:]
    agreement = coherence(ORIGINAL, changed)
    assert agreement.offset_s == pytest.approx(0.25, abs=1e-4)
    assert agreement.gain_db == pytest.approx(-12.04, abs=0.1)
    assert agreement.inverted
    back = coherence(changed, ORIGINAL)
    assert (back.offset_s, back.gain_db) == (pytest.approx(-0.25, abs=1e-4), pytest.approx(12.04, abs=0.1))
    nominated = likeness(fingerprint(ORIGINAL), fingerprint(changed))
    assert nominated.offset / 50 == pytest.approx(0.25, abs=0.03)


def test_one_shots_of_a_fifth_of_a_second() -> None:
    shot = ORIGINAL[np.argmax(np.abs(ORIGINAL)) - 100 :][: RATE_HZ // 5]
    copy = decoded(mp3(0.5 * padded(shot, 700, 300), 64))
    assert coherence(shot, copy).same
    assert likeness(fingerprint(shot), fingerprint(copy)).score > 4


def test_silence_is_not_one_recording() -> None:
    silence, other = np.zeros(RATE_HZ, np.float32), np.zeros(2 * RATE_HZ, np.float32)
    assert not coherence(silence, other).same
    assert not coherence(silence, ORIGINAL).same
    assert not fingerprint(silence).any()
    assert likeness(fingerprint(silence), fingerprint(other)).score == 0
    hiss = [rounded(np.random.default_rng(seed).uniform(-1e-4, 1e-4, RATE_HZ).astype(np.float32)) for seed in (1, 2)]
    assert not coherence(*hiss).same


def test_where_they_overlap_one_may_be_silent() -> None:
    click = np.zeros(RATE_HZ, np.float32)
    click[8_000] = 0.5
    hum = np.concatenate((np.zeros(30_000, np.float32), tone(30)))  # too low to be aligned by
    for first, second in ((click, hum), (hum, click), (hum, ORIGINAL), (ORIGINAL, hum), (click, ORIGINAL)):
        assert not coherence(first, second).same


def test_nothing_and_next_to_nothing() -> None:
    nothing = np.zeros(0, np.float32)
    assert not coherence(nothing, ORIGINAL).same
    assert not coherence(ORIGINAL[:3], ORIGINAL).same
    for seed in range(2, 6):
        assert not coherence(ORIGINAL, knocks(seed)[9_000:10_000]).same
    assert likeness(fingerprint(nothing), fingerprint(ORIGINAL)).score == 0


@pytest.mark.parametrize(("first_hz", "second_hz"), [(440, 441), (440, 445), (440, 880), (100, 103), (3_000, 3_010)])
def test_tones_of_other_pitch_are_others(first_hz: float, second_hz: float) -> None:
    assert not coherence(tone(first_hz), tone(second_hz)).same


def test_a_tone_is_not_what_has_that_tone_in_it() -> None:
    assert not coherence(tone(440), (tone(440) + noisy(0 * tone(440) + ORIGINAL[:RATE_HZ], 0)).astype(np.float32)).same
    assert coherence(tone(440), 0.5 * tone(440)).same


def test_long_sounds_are_compared_where_they_overlap() -> None:
    long = np.concatenate([knocks(seed) for seed in range(20, 60)])  # a minute
    near_s = likeness(fingerprint(long), fingerprint(long[160_000:])).offset / 50
    agreement = coherence(long, 0.5 * long[160_000:], near_s=near_s)
    assert agreement.same
    assert agreement.offset_s == pytest.approx(10, abs=1e-3)
    assert agreement.gain_db == pytest.approx(-6.02, abs=0.1)
    assert not coherence(long, np.concatenate([knocks(seed) for seed in range(60, 100)]), near_s=3).same


def test_a_fingerprint_has_a_number_every_fiftieth_of_a_second() -> None:
    print_ = fingerprint(ORIGINAL)
    assert print_.dtype == np.uint32
    assert 75 <= len(print_) <= 90
    signs, holds = print_ & np.uint32(0xFFFF), print_ >> np.uint32(SIGNS)
    assert not (signs & ~holds).any()


def test_a_short_piece_of_a_tone_is_not_that_tone() -> None:
    """A fifth of a second of 440 Hz can't be told from 441 Hz, nor from a piece of much else."""
    for frequency_hz in (440, 441):
        assert not coherence(tone(440), tone(frequency_hz)[4_000:7_200]).same
    assert coherence(tone(440), tone(440)[2_000:14_000]).same
    assert not coherence(tone(440), tone(441)[2_000:14_000]).same
