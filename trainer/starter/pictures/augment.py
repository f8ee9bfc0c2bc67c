"""From a cut-out drawing to a picture as varied as those people have: where it stands, on what, in which light."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from trainer.starter.pictures.pen import RGB

_LUMA = np.array([0.299, 0.587, 0.114])


def random_paper(rng: np.random.Generator) -> RGB:
    """A background colour; half of them near white or near black, as most drawings have."""
    if rng.random() < 0.5:
        level = rng.uniform(225, 255) if rng.random() < 0.75 else rng.uniform(0, 40)
        base = level + rng.uniform(-12, 12, 3)
    else:
        base = rng.uniform(0, 255, 3)
    r, g, b = np.clip(base, 0, 255).astype(int).tolist()
    return r, g, b


def random_ink(rng: np.random.Generator, paper: RGB) -> RGB:
    """A line colour that is seen on `paper`."""
    low, high = (0, 75) if float(_LUMA @ paper) > 115 else (190, 255)
    r, g, b = rng.integers(low, high, 3).tolist()
    return r, g, b


def augment(cutout: Image.Image, rng: np.random.Generator, *, paper: RGB, side_px: int) -> Image.Image:
    """Put an RGBA `cutout` on a background and through a camera.

    Returns:
        RGB, `(side_px, side_px)`.
    """
    picture = _background(rng, paper, side_px)
    if rng.random() < 0.5:
        cutout = ImageOps.mirror(cutout)
    placed = cutout.transform(
        (side_px, side_px), Image.Transform.PERSPECTIVE, _camera(rng, cutout.width, side_px), Image.Resampling.BICUBIC
    )
    picture.paste(placed, mask=placed)
    if rng.random() < 0.15:
        _occlude(picture, rng)
    return _degraded(_relit(picture, rng), rng)


def _background(rng: np.random.Generator, paper: RGB, side_px: int) -> Image.Image:
    kind = rng.random()
    base = np.array(paper, dtype=np.float64)
    if kind < 0.5:
        return Image.new("RGB", (side_px, side_px), paper)
    other = np.clip(base + rng.uniform(-60, 60, 3), 0, 255)
    if kind < 0.7:  # a gradient in any direction
        angle = rng.uniform(0, 2 * np.pi)
        axis = np.linspace(-0.7, 0.7, side_px)
        share = np.clip(0.5 + axis[None, :] * np.cos(angle) + axis[:, None] * np.sin(angle), 0, 1)[..., None]
        return Image.fromarray((base + (other - base) * share).astype(np.uint8))  # (side, side, 3)
    if kind < 0.85:  # cloudy
        cells = int(rng.integers(2, 17))
        patches = np.clip(base + rng.uniform(-35, 35, (cells, cells, 1)), 0, 255) + np.zeros(3)
        return Image.fromarray(patches.astype(np.uint8)).resize((side_px, side_px), Image.Resampling.BILINEAR)
    picture = Image.new("RGB", (side_px, side_px), paper)  # stripes
    draw, second = ImageDraw.Draw(picture), tuple(other.astype(int).tolist())
    step, slant = int(rng.integers(6, 32)), int(rng.integers(-side_px, side_px))
    for x in range(-side_px, 2 * side_px, step):
        draw.line([(x, 0), (x + slant, side_px)], fill=second, width=max(1, step // 2))
    return picture


def _camera(rng: np.random.Generator, cutout_px: int, side_px: int) -> list[float]:
    """Coefficients of Pillow's perspective transform: the cut-out's scale, turn, shear, shift and viewpoint."""
    scale = rng.uniform(0.55, 0.98) * side_px / 2
    turn = np.deg2rad(rng.normal(0, 12))
    square = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], dtype=np.float64)
    stretch = np.diag(rng.uniform(0.85, 1.1, 2)) + np.array([[0, rng.uniform(-0.15, 0.15)], [0, 0]])
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    room = max(0.0, side_px / 2 - scale) + 0.04 * side_px
    corners = scale * (square + rng.uniform(-0.1, 0.1, (4, 2))) @ (rotation @ stretch).T
    corners += side_px / 2 + rng.uniform(-room, room, 2)
    target = (square + 1) * cutout_px / 2
    return _perspective(corners, target)


def _perspective(corners: NDArray[np.float64], target: NDArray[np.float64]) -> list[float]:
    """The eight coefficients that take each of four `corners` (x, y) to its `target`."""
    rows = []
    for (x, y), (u, v) in zip(corners, target, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    coefficients: list[float] = np.linalg.solve(np.array(rows), target.ravel()).tolist()
    return coefficients


def _occlude(picture: Image.Image, rng: np.random.Generator) -> None:
    width, height = (rng.uniform(0.1, 0.35, 2) * picture.width).astype(int).tolist()
    x, y = rng.integers(0, picture.width - width), rng.integers(0, picture.height - height)
    r, g, b = rng.integers(0, 256, 3).tolist()
    picture.paste((r, g, b), (int(x), int(y), int(x) + width, int(y) + height))


def _relit(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Another brightness, contrast, saturation, cast; sometimes grey or negative."""
    draw = rng.random()
    if draw < 0.15:
        return ImageOps.grayscale(picture).convert("RGB")
    if draw < 0.75:
        saturation, contrast = rng.uniform(0.2, 1.5), rng.uniform(0.6, 1.25)
        mix = contrast * (saturation * np.eye(3) + (1 - saturation) * _LUMA) * rng.uniform(0.85, 1.15, (3, 1))
        lift = 128 * (1 - contrast) + rng.uniform(-30, 30)
        matrix = np.column_stack([mix, np.full(3, lift)]).ravel().tolist()
        picture = picture.convert("RGB", tuple(matrix))
    return ImageOps.invert(picture) if rng.random() < 0.08 else picture


def _degraded(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Out of focus, noisy, compressed: each in some pictures."""
    if rng.random() < 0.25:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.6) * picture.width / 128))
    if rng.random() < 0.25:
        grain = rng.standard_normal((picture.height, picture.width, 1), dtype=np.float32) * rng.uniform(4, 28)
        picture = Image.fromarray(np.clip(np.asarray(picture) + grain, 0, 255).astype(np.uint8))
    if rng.random() < 0.2:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=int(rng.integers(20, 80)))
        picture = Image.open(file).convert("RGB")
    return picture
