"""Augmentation of batches of log-power spectrograms, beyond what the paper does."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

_SHORTER = 0.3  # share of batches of less than a whole window


def _smooth_curve(batch: int, points: int, length: int, generator: torch.Generator) -> Tensor:
    """Random smooth curves `(batch, length)` through `points` normal values."""
    knots = torch.randn((batch, 1, points), generator=generator)
    return F.interpolate(knots, size=length, mode="linear", align_corners=True).squeeze(1)


def _mask(x: Tensor, dim: int, widest: int, generator: torch.Generator) -> None:
    """Replace one random stripe of every `(filters, time)` along `dim` by the spectrogram's own mean, in place."""
    size = x.shape[dim]
    for picture in x:
        width = int(torch.randint(0, widest + 1, (), generator=generator))
        start = int(torch.randint(0, size - width + 1, (), generator=generator))
        picture.narrow(dim - 1, start, width).fill_(float(picture.mean()))


def augment_spectrograms(x: Tensor, generator: torch.Generator) -> Tensor:
    """Vary log-power spectrograms: place in time, pitch, tone, level, background and missing parts.

    Args:
        x: float32 `(batch, filters, time)`, dB.
        generator: Source of all randomness.

    Returns:
        A new tensor of the same shape.
    """
    batch, filters, time = x.shape
    floor = x.amin(dim=(1, 2), keepdim=True)
    out = torch.empty_like(x)
    for row, (picture, lowest) in enumerate(zip(x, floor, strict=True)):
        rolled = picture.roll(int(torch.randint(0, time, (), generator=generator)), dims=1)
        shift = int(torch.randint(-10, 11, (), generator=generator))  # mel-spaced filters: a shift is a change of pitch
        out[row] = rolled.roll(shift, dims=0)
        if shift > 0:
            out[row, :shift] = rolled[:1]
        elif shift < 0:
            out[row, shift:] = lowest
    others = out[torch.randperm(batch, generator=generator)]
    below_db = torch.rand((batch, 1, 1), generator=generator) * 25 + 5
    audible = torch.rand((batch, 1, 1), generator=generator) < 0.5
    level = out.amax(dim=(1, 2), keepdim=True) - others.amax(dim=(1, 2), keepdim=True)
    background = others + level - below_db
    mixed = torch.maximum(out, background) + 10 * torch.log10(1 + 10 ** (-(out - background).abs() / 10))
    out = torch.where(audible, mixed, out)
    tone = 4 * _smooth_curve(batch, 6, filters, generator).unsqueeze(-1)
    gain = 6 * torch.randn((batch, 1, 1), generator=generator)
    out = torch.maximum(out + tone + gain, floor.clamp(max=-60))
    dull = torch.rand(batch, generator=generator) < 0.2  # as after a low sample rate or lossy coding
    for row in torch.nonzero(dull).flatten():
        out[row, int(torch.randint(filters // 2, filters, (), generator=generator)) :] = floor[row].clamp(max=-60)
    for _ in range(2):
        _mask(out, 1, filters // 8, generator)
        _mask(out, 2, time // 8, generator)
    return out


def crop_spectrograms(x: Tensor, frames: int, generator: torch.Generator) -> Tensor:
    """`frames` of every `(batch, filters, time)`, anywhere around its loudest frame."""
    time = x.shape[-1]
    loudest = x.mean(dim=1).argmax(dim=1)  # (batch,)
    before = (torch.rand(len(x), generator=generator) * frames).long()
    starts = (loudest - before).clamp(0, time - frames)
    return torch.stack([row[:, start : start + frames] for row, start in zip(x, starts.tolist(), strict=True)])


def vary_spectrograms(x: Tensor, rng: np.random.Generator) -> Tensor:
    """`augment_spectrograms`, and now and then a crop of all: the index pads short sounds by less than a window.

    Args:
        x: float32 `(batch, filters, time)`, dB, on any device.
        rng: Source of all randomness.

    Returns:
        float32 `(batch, filters, time or less)`, on the same device.
    """
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    varied = augment_spectrograms(x.cpu(), generator)
    if rng.random() < _SHORTER:
        varied = crop_spectrograms(varied, int(varied.shape[-1] * rng.uniform(0.2, 0.8)), generator)
    return varied.to(x.device)
