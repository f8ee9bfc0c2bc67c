from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFont

from audioclip_search.errors import MediaError
from trainer.starter.captions import LABELS
from trainer.starter.pictures import clean_picture, emoji_fonts, held_out_pictures, picture, variant_count
from trainer.starter.pictures.glyphs import FONTS_VARIABLE, GLYPHS, HELD_OUT_GLYPHS

needs_fonts = pytest.mark.skipif(not emoji_fonts(), reason="no emoji font is installed")


def spread(image: Image.Image) -> float:
    """Standard deviation of the levels: 0 on an empty page."""
    return float(np.asarray(image).std())


@pytest.mark.parametrize("label", LABELS)
def test_a_label_is_drawn_without_fonts(label: str) -> None:
    rng = np.random.default_rng(0)
    for side_px in (64, 96, 128):
        image = picture(label, rng, side_px=side_px, fonts=())
        assert (image.mode, image.size) == ("RGB", (side_px, side_px))
        assert spread(image) > 2


@pytest.mark.parametrize("label", LABELS)
def test_clean_variants_are_all_different_and_repeatable(label: str) -> None:
    count = variant_count(label, fonts=())
    images = [clean_picture(label, variant, 64, fonts=()) for variant in range(count)]
    assert count >= 4
    assert all((image.mode, image.size) == ("RGB", (64, 64)) and spread(image) > 8 for image in images)
    assert len({image.tobytes() for image in images}) == count
    assert clean_picture(label, count - 1, 64, fonts=()).tobytes() == images[-1].tobytes()


def test_clean_drawings_of_different_labels_differ() -> None:
    images = {clean_picture(label, variant, 64, fonts=()).tobytes() for label in LABELS for variant in range(4)}
    assert len(images) == 4 * len(LABELS)


def test_pictures_are_reproducible_and_vary() -> None:
    first, second = ([picture(label, rng) for label in LABELS] for rng in map(np.random.default_rng, (5, 5)))
    assert [image.tobytes() for image in first] == [image.tobytes() for image in second]
    rng = np.random.default_rng(6)
    assert len({picture("dog", rng).tobytes() for _ in range(30)}) == 30


def test_a_drawing_takes_part_of_the_pictures_middle_whatever_the_background() -> None:
    """The thing is seen: across draws, the middle of a picture varies more than its edge, on which there is none."""
    rng = np.random.default_rng(1)
    stack = np.stack([np.asarray(picture("bell", rng, side_px=64), dtype=np.float32) for _ in range(60)])
    detail = np.abs(np.diff(stack, axis=1)).mean(axis=(0, 3))  # (63, 64)
    assert detail[24:40, 24:40].mean() > 1.2 * detail[:4].mean()


@pytest.mark.parametrize("variant", [-1, 10_000])
def test_a_variant_that_is_not_there_is_refused(variant: int) -> None:
    with pytest.raises(IndexError, match="dog has no picture"):
        clean_picture("dog", variant)


def test_an_unknown_label_is_refused() -> None:
    with pytest.raises(KeyError):
        picture("kazoo", np.random.default_rng(0))


def test_emoji_are_of_known_labels_and_stand_once() -> None:
    assert set(GLYPHS) | set(HELD_OUT_GLYPHS) <= set(LABELS)
    counts = Counter("".join(GLYPHS.values()) + "".join(HELD_OUT_GLYPHS.values()))
    assert [character for character, count in counts.items() if count > 1] == []


def test_fonts_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(FONTS_VARIABLE, os.pathsep.join([str(tmp_path / "a.ttf"), str(tmp_path / "b.ttf")]))
    assert emoji_fonts() == (tmp_path / "a.ttf", tmp_path / "b.ttf")
    monkeypatch.setenv(FONTS_VARIABLE, "")
    assert emoji_fonts() == ()
    assert variant_count("dog") == variant_count("dog", fonts=())


def test_a_broken_font_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.ttf"
    path.write_bytes(b"no font")
    with pytest.raises(MediaError, match=r"broken\.ttf"):
        variant_count("dog", fonts=(path,))


def test_a_font_without_the_emoji_gives_none(tmp_path: Path) -> None:
    """Pillow's own font has letters only: what a font draws in place of a character it lacks is not taken for it."""
    default = ImageFont.load_default(20)
    assert isinstance(default, ImageFont.FreeTypeFont)
    path = tmp_path / "letters.ttf"
    path.write_bytes(default.font_bytes)
    assert variant_count("dog", fonts=(path,)) == variant_count("dog", fonts=())
    assert held_out_pictures("dog", fonts=(path,)) == ()


@needs_fonts
def test_fonts_add_variants_and_held_out_pictures() -> None:
    for label in GLYPHS:
        count = variant_count(label)
        assert count > variant_count(label, fonts=())
        assert spread(clean_picture(label, count - 1, 64)) > 8
    for label in HELD_OUT_GLYPHS:
        held_out = held_out_pictures(label, side_px=64)
        seen = {clean_picture(label, variant, 64).tobytes() for variant in range(variant_count(label))}
        assert held_out and seen.isdisjoint(image.tobytes() for image in held_out)
