"""The published transforms of waveforms (section 3.2): flip, scale, pad, crop and noise, in this order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from audioclip_search.types import FloatArray

_QUIET = 0.5  # A crop with less than this share of the clip's standard deviation is not what the label is about.


@dataclass(frozen=True, slots=True)
class Augmentation:
    """What varies from one epoch to the next, besides the place of a clip in its window.

    Attributes:
        flip: Chance that a clip runs backwards.
        scale: Its length is multiplied by this to a power from [-1, 1], and its pitch divided; 1 leaves both.
        noise: Chance of added noise.
        snr_min_db: Loudest noise, dB below the clip's mean power.
        snr_max_db: Faintest.
    """

    flip: float = 0.5
    scale: float = 1.5
    noise: float = 0.25
    snr_min_db: float = 10.0
    snr_max_db: float = 120.0


def augment_clip(clip: FloatArray, length: int, augmentation: Augmentation, rng: np.random.Generator) -> FloatArray:
    """Another take of a clip (section 3.2).

    Args:
        clip: float32 `(channels, n)`, not changed.
        length: Samples to return.
        augmentation: Ranges and chances.
        rng: Source of all randomness.

    Returns:
        float32 `(channels, length)`. Noise may take it a little beyond the clip's own range.
    """
    if rng.random() < augmentation.flip:
        clip = clip[:, ::-1]
    clip = scale_length(clip, augmentation.scale ** rng.uniform(-1, 1))
    clip = _cropped(_padded(clip, length, rng), length, rng)
    if rng.random() < augmentation.noise:
        clip = add_noise(clip, rng.uniform(augmentation.snr_min_db, augmentation.snr_max_db), rng)
    return np.array(clip, np.float32, order="C")


def fit_clip(clip: FloatArray, length: int) -> FloatArray:
    """A clip as it is tested: padded or cropped as in training, but centred.

    Args:
        clip: float32 `(channels, n)`, not changed.
        length: Samples to return.

    Returns:
        float32 `(channels, length)`.
    """
    return np.array(_cropped(_padded(clip, length, None), length, None), np.float32, order="C")


def scale_length(clip: FloatArray, factor: float) -> FloatArray:
    """Float32 `(channels, n)` -> `(channels, int(n * factor))`, at least one sample, by linear interpolation."""
    size = clip.shape[1]
    positions = np.arange(max(1, int(size * factor))) / factor
    return np.stack([np.interp(positions, np.arange(size), channel) for channel in clip]).astype(np.float32)


def add_noise(clip: FloatArray, snr_db: float, rng: np.random.Generator) -> FloatArray:
    """Gaussian noise `snr_db` below the mean power of float32 `(channels, n)`; silence stays silence."""
    amplitude = np.sqrt(np.mean(np.square(clip, dtype=np.float64)) * 10 ** (-snr_db / 10))
    return clip + np.float32(amplitude) * rng.standard_normal(clip.shape, np.float32)


def _place(excess: int, rng: np.random.Generator | None) -> int:
    return excess // 2 if rng is None else int(rng.integers(excess + 1))


def _padded(clip: FloatArray, length: int, rng: np.random.Generator | None) -> FloatArray:
    """A clip shorter than `length` amid its own edges: the first and the last sample, each the mean of all channels."""
    missing = length - clip.shape[1]
    if missing <= 0:
        return clip
    before = _place(missing, rng)
    padded = np.empty((clip.shape[0], length), np.float32)
    padded[:, :before] = clip[:, 0].mean()
    padded[:, before : before + clip.shape[1]] = clip
    padded[:, before + clip.shape[1] :] = clip[:, -1].mean()
    return padded


def _cropped(clip: FloatArray, length: int, rng: np.random.Generator | None) -> FloatArray:
    """`length` samples of a clip, from anywhere; instead of a quiet part the beginning; instead of a beginning that is
    quiet too, but louder than that part, the end."""
    excess = clip.shape[1] - length
    if excess <= 0:
        return clip
    start = _place(excess, rng)
    crop, beginning = clip[:, start : start + length], clip[:, :length]
    quiet, crop_std, beginning_std = _QUIET * clip.std(), crop.std(), beginning.std()
    if crop_std >= quiet:
        return crop
    return clip[:, excess:] if quiet > beginning_std > crop_std else beginning
