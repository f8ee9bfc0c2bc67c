"""What is minimised: the contrastive objective (AudioCLIP, section 2.3), and classification by the names of classes."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from audioclip_search.model import LogitScales

_SMOOTHING = 0.05


def contrastive_loss(
    scales: LogitScales,
    *,
    audio: Tensor | None = None,
    image: Tensor | None = None,
    text: Tensor | None = None,
    sample_weights: Tensor | None = None,
) -> Tensor:
    """Symmetric cross-entropy of every pair of modalities that is present; row i of each belongs together.

    In float32 under autocast too. As in the reference code, the sum over the pairs is divided by the factorial of their
    number.

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
    terms = [_symmetric(scale, a, b, sample_weights) for scale, a, b in pairs if a is not None and b is not None]
    if not terms:
        raise ValueError("a contrastive loss needs at least two modalities")
    return torch.stack(terms).sum() / math.factorial(len(terms))


def _symmetric(scale: Tensor, a: Tensor, b: Tensor, sample_weights: Tensor | None) -> Tensor:
    with torch.autocast(a.device.type, enabled=False):
        logits = scale.float() * a.float() @ b.float().T  # (batch, batch)
        matching = torch.arange(len(logits), device=logits.device)
        forth = F.cross_entropy(logits, matching, weight=sample_weights)
        return forth + F.cross_entropy(logits.T, matching, weight=sample_weights)


def class_loss(scale: Tensor, audio: Tensor, classes: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy of sounds among the names of all classes, with smoothed targets; in float32 under autocast too.

    Args:
        scale: Factor on cosines, a scalar.
        audio: Unit-norm float `(batch, dim)`.
        classes: Unit-norm float `(classes, dim)`: the names' embeddings.
        targets: float32 `(batch, classes)`, not negative, some of each row above zero; rows are brought to sum one.

    Returns:
        Scalar.
    """
    shares = targets / targets.sum(dim=1, keepdim=True)
    with torch.autocast(audio.device.type, enabled=False):
        return F.cross_entropy(scale.float() * audio.float() @ classes.float().T, shares, label_smoothing=_SMOOTHING)
