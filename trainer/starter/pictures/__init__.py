"""Pictures of the starter model's sounds: emoji and parametric drawings, strongly augmented for training, or clean.

Emoji come from open-licensed fonts if there are any (`emoji_fonts`); the drawings need nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
from PIL import Image

from trainer.starter.pictures import devices, machines, music, nature, people, things
from trainer.starter.pictures.augment import augment, random_ink, random_paper
from trainer.starter.pictures.glyphs import GLYPHS, HELD_OUT_GLYPHS, Glyph, emoji_fonts, glyphs
from trainer.starter.pictures.pen import (
    BLACK,
    CANVAS_PX,
    RGB,
    WHITE,
    Drawing,
    Look,
    Pen,
    Style,
    plain_look,
    random_look,
)

__all__ = ["clean_picture", "emoji_fonts", "held_out_pictures", "picture", "variant_count"]

_DRAWINGS: Mapping[str, tuple[Drawing, ...]] = MappingProxyType({
    **devices.DRAWINGS, **machines.DRAWINGS, **music.DRAWINGS, **nature.DRAWINGS, **people.DRAWINGS, **things.DRAWINGS,
})  # fmt: skip


def picture(
    label: str, rng: np.random.Generator, *, side_px: int = 128, fonts: tuple[Path, ...] | None = None
) -> Image.Image:
    """Draw a training picture: an emoji or a drawing of the label in any style, on any background, strongly augmented.

    Args:
        label: One of `trainer.starter.captions.LABELS`.
        rng: The same state gives the same picture (with the same fonts).
        side_px: Width and height.
        fonts: Emoji fonts; by default `emoji_fonts()`, `()` for drawings alone.

    Returns:
        RGB, `(side_px, side_px)`.

    Raises:
        KeyError: There is no such label.
        MediaError: A font can't be read.
    """
    drawings = _DRAWINGS[label]
    characters = glyphs(GLYPHS.get(label, ""), emoji_fonts() if fonts is None else fonts)
    paper = random_paper(rng)
    ink = random_ink(rng, paper)
    variant = int(
        rng.integers(2 * len(drawings) + len(characters))
    )  # a drawing counts twice: in colour and as line art
    if variant < 2 * len(drawings):
        cutout = _drawn(drawings[variant // 2], random_look(rng, ink), rng)
    else:
        cutout = _inked(characters[variant - 2 * len(drawings)], ink)
    return augment(cutout, rng, paper=paper, side_px=side_px)


def variant_count(label: str, *, fonts: tuple[Path, ...] | None = None) -> int:
    """How many clean pictures of a label there are: at least 2, more with emoji fonts. See `clean_picture`."""
    return 2 * len(_DRAWINGS[label]) + len(glyphs(GLYPHS.get(label, ""), emoji_fonts() if fonts is None else fonts))


def clean_picture(
    label: str, variant: int, side_px: int = 128, *, fonts: tuple[Path, ...] | None = None
) -> Image.Image:
    """A tidy picture on white, without augmentation: for demo libraries.

    Args:
        label: One of `trainer.starter.captions.LABELS`.
        variant: Below `variant_count(label)`: first the drawings in colour, then as line art, then the emoji.
        side_px: Width and height.
        fonts: As in `picture`.

    Returns:
        RGB, `(side_px, side_px)`; always the same for the same arguments.

    Raises:
        KeyError: There is no such label.
        IndexError: There is no such variant.
        MediaError: A font can't be read.
    """
    drawings = _DRAWINGS[label]
    if not 0 <= variant < variant_count(label, fonts=fonts):
        raise IndexError(f"{label} has no picture {variant}")
    style, index = divmod(variant, len(drawings))
    if style < 2:
        look = plain_look((Style.FILLED, Style.LINE)[style], BLACK)
        return _on_white(_drawn(drawings[index], look, np.random.default_rng(variant)), side_px)
    characters = glyphs(GLYPHS[label], emoji_fonts() if fonts is None else fonts)
    return _on_white(_inked(characters[variant - 2 * len(drawings)], BLACK), side_px)


def held_out_pictures(
    label: str, *, side_px: int = 128, fonts: tuple[Path, ...] | None = None
) -> tuple[Image.Image, ...]:
    """Emoji of the label that `picture` never draws, clean, to measure search by pictures on; none for many labels.

    Returns:
        RGB pictures, `(side_px, side_px)`.
    """
    characters = glyphs(HELD_OUT_GLYPHS.get(label, ""), emoji_fonts() if fonts is None else fonts)
    return tuple(_on_white(_inked(character, BLACK), side_px) for character in characters)


def _drawn(drawing: Drawing, look: Look, rng: np.random.Generator) -> Image.Image:
    canvas = Image.new("RGBA", (CANVAS_PX, CANVAS_PX), (*look.ink, 0))
    drawing(Pen.on(canvas, look, rng))
    return canvas.reduce(2)


def _inked(glyph: Glyph, ink: RGB) -> Image.Image:
    if not glyph.plain:
        return glyph.image
    inked = Image.new("RGBA", glyph.image.size, ink)
    inked.putalpha(glyph.image.getchannel("A"))
    return inked


def _on_white(cutout: Image.Image, side_px: int) -> Image.Image:
    margin = side_px // 16
    small = cutout.resize((side_px - 2 * margin, side_px - 2 * margin), Image.Resampling.BICUBIC)
    page = Image.new("RGB", (side_px, side_px), WHITE)
    page.paste(small, (margin, margin), mask=small)
    return page
