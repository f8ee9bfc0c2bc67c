"""Takes of a recording for the starter's banks."""

from __future__ import annotations

import numpy as np

from audioclip_search.types import FloatArray
from trainer.waves import add_noise, scale_length


def fit_length(samples: FloatArray, length: int, rng: np.random.Generator | None = None) -> FloatArray:
    """Cut or zero-pad float32 `(samples,)` to `length`, at a random place with `rng`, centred without."""
    excess = len(samples) - length
    offset = abs(excess) // 2 if rng is None else int(rng.integers(abs(excess) + 1))
    if excess >= 0:
        return samples[offset : offset + length]
    return np.pad(samples, (offset, -excess - offset))


def augment_waveform(samples: FloatArray, length: int, rng: np.random.Generator) -> FloatArray:
    """Another take of a recording: speed, order, place, noise and level vary.

    Args:
        samples: float32 `(samples,)` in [-1, 1].
        length: Samples to return.
        rng: Source of all randomness.

    Returns:
        float32 `(length,)` in [-1, 1].
    """
    if rng.random() < 0.7:
        samples = scale_length(samples[None], 1.25 ** rng.uniform(-1, 1))[0]
    if rng.random() < 0.15:
        samples = samples[::-1]
    samples = np.roll(samples, int(rng.integers(len(samples))))
    samples = fit_length(samples, length, rng).astype(np.float32)
    peak = float(np.abs(samples).max()) or 1.0
    samples = samples * np.float32(10 ** (rng.uniform(-24, -0.1) / 20) / peak)
    if rng.random() < 0.5:
        samples = add_noise(samples[None], rng.uniform(5, 60), rng)[0]
    return np.clip(samples, -1, 1)
