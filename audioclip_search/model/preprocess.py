"""CLIP's own picture preprocessing: resize the short side, cut the centre, normalise."""

from __future__ import annotations

import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import functional
from torchvision.transforms.functional import InterpolationMode

_MEAN = (0.48145466, 0.4578275, 0.40821073)
_STD = (0.26862954, 0.26130258, 0.27577711)


def preprocess_image(image: Image.Image, size: int = 224) -> Tensor:
    """A picture as the image tower wants it (CLIP, section 2.5).

    Args:
        image: Any mode and size.
        size: Side of the square that is cut, pixels.

    Returns:
        float32 `(3, size, size)`, normalised by CLIP's mean and standard deviation.
    """
    resized = functional.resize(image, size, interpolation=InterpolationMode.BICUBIC)
    square = functional.center_crop(resized, [size, size]).convert("RGB")
    return _normalize(functional.to_tensor(square))


def normalize_pixels(pictures: Tensor) -> Tensor:
    """Pictures that have the network's size already: uint8 `(…, size, size, 3)` -> float32 `(…, 3, size, size)`."""
    return _normalize(pictures.movedim(-1, -3).to(torch.float32) / 255)


def _normalize(pixels: Tensor) -> Tensor:
    normalized: Tensor = functional.normalize(pixels, list(_MEAN), list(_STD))
    return normalized
