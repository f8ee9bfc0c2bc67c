"""Procedural sounds: thirty-two everyday and studio sounds, no two renders of one alike.

`render` is a pure function of its name, its sizes and the state of the random generator it is given.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from audioclip_search.types import FloatArray
from trainer.starter.sounds import domestic, machines, music, nature, signals
from trainer.starter.sounds.finish import finish

__all__ = ["SOUND_NAMES", "render"]

_GENERATORS: dict[str, Callable[[np.random.Generator, int, int], FloatArray]] = {
    "alarm_clock": signals.alarm_clock,
    "applause": domestic.applause,
    "beep": signals.beep,
    "bell": music.bell,
    "bird_chirps": nature.bird_chirps,
    "bubbles": nature.bubbles,
    "car_horn": signals.car_horn,
    "coin": signals.coin,
    "crickets": nature.crickets,
    "door_knock": domestic.door_knock,
    "engine": machines.engine,
    "explosion": machines.explosion,
    "footsteps": domestic.footsteps,
    "geiger_counter": machines.geiger_counter,
    "glass_breaking": domestic.glass_breaking,
    "heartbeat": nature.heartbeat,
    "hi_hat": music.hi_hat,
    "kick_drum": music.kick_drum,
    "laser": signals.laser,
    "organ": music.organ,
    "phone_ring": signals.phone_ring,
    "plucked_string": music.plucked_string,
    "siren": signals.siren,
    "snare_drum": music.snare_drum,
    "static": machines.static,
    "synth_pad": music.synth_pad,
    "thunder": nature.thunder,
    "typing": domestic.typing,
    "water_drops": nature.water_drops,
    "whistle": signals.whistle,
    "whoosh": machines.whoosh,
    "wind": nature.wind,
}

SOUND_NAMES: tuple[str, ...] = tuple(sorted(_GENERATORS))
"""The names `render` knows, sorted."""


def render(name: str, rng: np.random.Generator, *, duration_s: float = 5.0, rate_hz: int = 44_100) -> FloatArray:
    """Draws a new sound of a class.

    Args:
        name: One of `SOUND_NAMES`.
        rng: Source of all randomness; the same state gives the same samples.
        duration_s: Length of the clip in seconds, at least 0.5.
        rate_hz: Sample rate, at least 16,000.

    Returns:
        Float32 `(round(duration_s * rate_hz),)` in [-1, 1], mono, never silent.

    Raises:
        KeyError: There is no sound of that name.
        ValueError: The clip is too short or the rate too low for these sounds.
    """
    if duration_s < 0.5 or rate_hz < 16_000:
        raise ValueError(f"need at least 0.5 s at 16,000 Hz, got {duration_s} s at {rate_hz} Hz")
    samples = round(duration_s * rate_hz)
    return finish(rng, _GENERATORS[name](rng, samples, rate_hz), rate_hz)
