"""The contrastive objective (AudioCLIP, section 3.2)."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from audioclip_search.model import LogitScales


def contrastive_loss(
    scales: LogitScales,
    *,
    audio: Tensor | None = None,
    image: Tensor | None = None,
    text: Tensor | None = None,
    sample_weights: Tensor | None = None,
) -> Tensor:
    """Symmetric cross-entropy of every pair of modalities that is present; row i of each belongs together.

    As in the reference code, the sum over the pairs is divided by the factorial of their number.

    Args:
        scales: The model's clamped temperatures.
        audio: Unit-norm float `(batch, dim)`, like `image` and `text`; at least two of the three.
        image: See `audio`.
        text: See `audio`.
        sample_weights: `(batch,)` weight of each example, for unbalanced multi-label data.

    Returns:
        Scalar. The filter-bank norm term (`FrequencyBSpline.norm_loss`) is not included.

    Raises:
        ValueError: Fewer than two modalities are given.
    """
    pairs = ((scales.audio_image, audio, image), (scales.audio_text, audio, text), (scales.image_text, image, text))
    terms = []
    for scale, a, b in pairs:
        if a is None or b is None:
            continue
        logits = scale * a @ b.T  # (batch, batch)
        matching = torch.arange(len(logits), device=logits.device)
        terms.append(
            F.cross_entropy(logits, matching, weight=sample_weights)
            + F.cross_entropy(logits.T, matching, weight=sample_weights)
        )
    if not terms:
        raise ValueError("a contrastive loss needs at least two modalities")
    return torch.stack(terms).sum() / math.factorial(len(terms))
