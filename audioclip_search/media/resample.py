"""Band-limited resampling of a stream, block by block, by torchaudio. The only module of this package that imports
torch, and only when a sound really has to be resampled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from math import isqrt
from typing import TYPE_CHECKING

import numpy as np

from audioclip_search.types import FloatArray

if TYPE_CHECKING:
    import torch

# torchaudio's defaults, named here because the stream's look-ahead follows from them.
_ZERO_CROSSINGS = 6
_ROLLOFF = 0.99
# torchaudio's kernel has (reduced source rate) x (reduced target rate) taps and more: 1e8 for 44,056 to 44,100 Hz.
_MAX_TAPS = 1 << 20


def resample_stream(blocks: Iterable[FloatArray], rate_hz: int, target_rate_hz: int) -> Iterator[FloatArray]:
    """Resample a sound that arrives in blocks. What this yields, joined, is what `torchaudio.functional.resample` makes
    of the blocks joined: as many samples, equal to rounding, and in memory that grows with a block, not the sound.

    A ratio of rates that reduces to small numbers is met exactly; every rate in common use is such. Another, like
    44,056 to 44,100 Hz, is replaced by the nearest one whose kernel has about a million taps: pitch and length are then
    off by less than 0.05 % (less than a cent), usually by a thousandth of that.

    Args:
        blocks: float32 `(channels, n)`, any `n`, the same `channels` every time.
        rate_hz: Theirs.
        target_rate_hz: The one asked for.

    Yields:
        float32 `(channels, m)`.
    """
    source, target = _reduced(rate_hz, target_rate_hz)
    if source == target:
        yield from blocks
        return
    resample = _resampler(source, target)
    # An output sample draws on `reach` input samples either side. Context comes in whole periods of `source` samples,
    # so that what it gives, to be cut off again, is whole periods of `target` samples.
    reach = _ZERO_CROSSINGS / _ROLLOFF * max(1.0, source / target)
    context_periods = int(reach) // source + 1
    context, first = context_periods * source, context_periods * target
    pending: FloatArray | None = None
    for block in blocks:
        before = np.zeros((block.shape[0], context), np.float32) if pending is None else pending
        pending = np.concatenate((before, block), axis=1)
        periods = (pending.shape[1] - 2 * context) // source
        if periods > 0:
            resampled = resample(pending[:, : periods * source + 2 * context])
            yield resampled[:, first : first + periods * target]
            pending = pending[:, periods * source :]
    if pending is not None:
        yield resample(pending)[:, first:]


def _reduced(rate_hz: int, target_rate_hz: int) -> tuple[int, int]:
    """The two rates without their common factors, or the nearest ratio within `_MAX_TAPS`."""
    low, high = sorted((rate_hz, target_rate_hz))
    ratio = Fraction(low, high).limit_denominator(isqrt(_MAX_TAPS * high // low))
    low, high = ratio.as_integer_ratio()
    return (low, high) if rate_hz < target_rate_hz else (high, low)


def _resampler(source: int, target: int) -> Callable[[FloatArray], FloatArray]:
    """float32 `(channels, n)` -> `(channels, ceil(n * target / source))`, with silence assumed around it."""
    import torch
    from torchaudio.transforms import Resample

    # With a type given it computes the kernel as `torchaudio.functional.resample` does.
    kernel = Resample(source, target, lowpass_filter_width=_ZERO_CROSSINGS, rolloff=_ROLLOFF, dtype=torch.float32)

    def resample(samples: FloatArray) -> FloatArray:
        with torch.inference_mode():
            resampled: torch.Tensor = kernel(torch.from_numpy(np.ascontiguousarray(samples)))
        array: FloatArray = resampled.numpy()
        return array

    return resample
