"""The frequency B-spline transform: a short-time spectrum whose filters are trained (ESResNe(X)t-fbsp, section III)."""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_EPS = 1e-8


class _MaxNormGradient(torch.autograd.Function):
    """Identity whose gradient is divided by its largest magnitude: filters move at one pace whatever the loss."""

    @staticmethod
    def forward(ctx: Any, parameter: Tensor) -> Tensor:
        return parameter.view_as(parameter)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        (grad,) = grads
        return grad / (grad.abs().max() + _EPS)


def _with_even_gradient(parameter: Tensor) -> Tensor:
    same: Tensor = _MaxNormGradient.apply(parameter)  # type: ignore[no-untyped-call]  # torch's own decorator is untyped
    return same


def blackman_harris(length: int) -> Tensor:
    """Periodic four-term Blackman-Harris window, float32 `(length,)`."""
    phase = 2 * math.pi * torch.arange(length, dtype=torch.float64) / length
    terms = (0.35875, -0.48829, 0.14128, -0.01168)
    return torch.stack([term * torch.cos(order * phase) for order, term in enumerate(terms)]).sum(0).float()


def mel_spaced(filters: int, bins: int, rate_hz: int) -> Tensor:
    """Centre frequencies in units of FFT bins, float32 `(filters,)`, evenly spaced in mel from 0 to `bins - 1`."""
    top_mel = 2595 * math.log10(1 + rate_hz / 2 / 700)
    mel = torch.linspace(0, top_mel, filters, dtype=torch.float64)
    hertz = 700 * (10 ** (mel / 2595) - 1)
    return (hertz / (rate_hz / 2) * (bins - 1)).float()


class FrequencyBSpline(nn.Module):
    """A bank of complex frequency B-spline wavelets, trainable in order `m`, bandwidth `fb` and centre frequency `fc`.

    At its initial values (`m` 0, `fb` 1, `fc` 0, 1, 2, …) it is the one-sided discrete Fourier transform.

    Args:
        filters: How many filters.
        n_fft: Length of a filter in samples.
        normalized: Divide the filters by the square root of their length.
        centres: Initial `fc`, float32 `(filters,)`; 0, 1, 2, … without it.
    """

    def __init__(self, filters: int, n_fft: int, *, normalized: bool = True, centres: Tensor | None = None) -> None:
        super().__init__()
        self.n_fft = n_fft
        self.normalized = normalized
        self.m = nn.Parameter(torch.zeros(filters))
        self.fb = nn.Parameter(torch.ones(filters))
        self.fc = nn.Parameter(torch.arange(filters, dtype=torch.float32) if centres is None else centres.clone())
        self.bias = nn.Parameter(torch.empty(0))  # the reference has none, but its state dict names it

    def kernel(self) -> Tensor:
        """The filters' impulse responses, float32 `(filters, n_fft, 2)`, real and imaginary part last.

        Every float32 operation comes in the reference's order: at a phase of 3,000 radians, rounding is far above the
        noise floor of a spectrum in dB, and the released weights were trained on just this rounding.
        """
        t = math.pi * torch.linspace(-1.0, 1.0, self.n_fft, dtype=self.fc.dtype, device=self.fc.device) + _EPS
        m, fb, fc = (_with_even_gradient(p).unsqueeze(-1) for p in (self.m, self.fb, self.fc))  # (filters, 1)
        carrier_re, carrier_im = torch.cos(fc * t), -torch.sin(fc * t)  # (filters, n_fft)
        x = fb * t / (m + _EPS)
        sinc = torch.where(x == 0, torch.ones_like(x), torch.sin(x) / x)
        magnitude = (((sinc**2) ** 0.5) ** 2) ** (0.5 * m)
        phase = m * torch.where(sinc < 0, math.pi, 0.0)  # a negative base to a real power is complex
        window_re, window_im = magnitude * torch.cos(phase), magnitude * torch.sin(phase)
        re = window_re * carrier_re - window_im * carrier_im
        im = window_re * carrier_im + window_im * carrier_re
        kernel: Tensor = fb.sqrt().unsqueeze(-1) * torch.stack((re, im), dim=-1)
        return kernel / math.sqrt(self.n_fft) if self.normalized else kernel

    def forward(self, frames: Tensor, kernel: Tensor) -> Tensor:
        """Power of each frame in each filter.

        Args:
            frames: float32 `(batch, time, length)` with `length <= n_fft`; zeros are added on both sides up to `n_fft`.
            kernel: What `kernel` returned.

        Returns:
            float32 `(batch, filters, time)`, not negative.
        """
        missing = self.n_fft - frames.shape[-1]
        frames = F.pad(frames, (missing // 2, missing - missing // 2))
        re, im = F.linear(frames, kernel[..., 0]), F.linear(frames, kernel[..., 1])  # (batch, time, filters)
        return (re**2 + im**2).transpose(-1, -2)

    def norm_loss(self, kernel: Tensor) -> Tensor:
        """Mean squared distance of the filters' L2 norms from the Fourier transform's, a scalar (`loss_ttf`)."""
        target = 1.0 if self.normalized else math.sqrt(self.n_fft)
        distance: Tensor = torch.linalg.vector_norm(kernel, dim=(-1, -2)) - target
        return distance.square().mean()
