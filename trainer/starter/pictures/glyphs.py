"""Emoji of open-licensed fonts as pictures: Noto Color Emoji (SIL OFL 1.1) and Symbola (free for any use), both Debian
packages (`fonts-noto-color-emoji`, `fonts-symbola`). No font is needed: without one there are no glyphs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from audioclip_search.errors import MediaError

FONTS_VARIABLE = "TRAINER_EMOJI_FONTS"
GLYPH_PX = 128

_DEBIAN_FONTS = (
    Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"),
    Path("/usr/share/fonts/truetype/ancient-scripts/Symbola_hint.ttf"),
)
_FONT_SIZE = 109  # the one size of Noto's bitmaps
_NO_CHARACTER = "\U0010fffe"  # drawn as a font draws what it lacks

GLYPHS: Mapping[str, str] = MappingProxyType({
    "alarm_clock": "⏰", "applause": "👏🙌", "beep": "📟", "bell": "🔔🛎🎐", "bird_chirps": "🐦🐤🦜🕊",
    "bubbles": "🫧🐠🤿", "car_horn": "🚗🚕📯🚖", "chainsaw": "🪚🪵🪓", "clock_tick": "🕰⌚⏱🕐🕒🕔🕖🕘🕙🕛⏳⌛⏲",
    "coin": "🪙💰🤑🎰", "crackling_fire": "🔥🏕🪔🕯", "crickets": "🦗🪲🪳", "crying_baby": "👶🍼😭🚼😢",
    "dog": "🐶🐕🐾🦮", "door_knock": "🚪✊👊", "engine": "🏍🏎🚜🛵⚙🚚", "explosion": "💥💣🧨🎆",
    "footsteps": "👣👟👞🥾👠🚶", "geiger_counter": "☢⚛", "glass_breaking": "🪟🍷🍾🥛", "heartbeat": "❤💓💗🫀",
    "helicopter": "🚁", "kick_drum": "🪘", "laser": "🔫🛸👽👾", "organ": "🎹🪗", "phone_ring": "📞☎📱📲",
    "plucked_string": "🎸🎻", "rain": "🌧☔☂🌂", "rooster": "🐓🐔", "sea_waves": "🌊🏖⛵🏝🐬🐚", "siren": "🚨🚓🚑🚒",
    "snare_drum": "🥁", "sneezing": "🤧👃😷🤒", "static": "📺📻📡", "synth_pad": "🎛🎚", "thunder": "⛈⚡",
    "typing": "⌨💻🖱", "water_drops": "💧💦🚰🚿", "whistle": "😗🪈", "whoosh": "🏹🗡⚔", "wind": "🌬💨🍃🌪🪁",
})  # fmt: skip
"""Label -> its emoji. Labels without one are drawn only."""

HELD_OUT_GLYPHS: Mapping[str, str] = MappingProxyType({
    "bird_chirps": "🐥", "car_horn": "🚘", "clock_tick": "🕓🕗", "dog": "🐩",
    "explosion": "🎇", "footsteps": "🥿👢", "glass_breaking": "🥂", "heartbeat": "💖", "phone_ring": "📳",
    "plucked_string": "🪕", "rain": "🌦", "siren": "🚔", "thunder": "🌩",
    "whistle": "😙",
})  # fmt: skip
"""Label -> emoji that training never shows, to measure search by pictures on."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character as a picture.

    Attributes:
        image: RGBA, square, `GLYPH_PX` wide, transparent around the character.
        plain: Whether it has no colours of its own: black, to be drawn in any ink.
    """

    image: Image.Image
    plain: bool


def emoji_fonts() -> tuple[Path, ...]:
    """The fonts in use: those listed in the environment variable `TRAINER_EMOJI_FONTS` (separated as in PATH; empty for
    none), or else those of the two Debian packages that are installed."""
    listed = os.environ.get(FONTS_VARIABLE)
    if listed is not None:
        return tuple(Path(entry) for entry in listed.split(os.pathsep) if entry)
    return tuple(path for path in _DEBIAN_FONTS if path.is_file())


@cache
def glyphs(characters: str, fonts: tuple[Path, ...]) -> tuple[Glyph, ...]:
    """The characters in every font that has them, characters outermost.

    Raises:
        MediaError: A font can't be read.
    """
    drawn = (_rasterise(character, path) for character in characters for path in fonts)
    return tuple(glyph for glyph in drawn if glyph is not None)


@cache
def _font(path: Path) -> ImageFont.FreeTypeFont:
    try:
        return ImageFont.truetype(path, _FONT_SIZE)
    except OSError as error:
        remedy = f"Name another one in {FONTS_VARIABLE}, or none to do without"
        raise MediaError(f"not a usable font: {error}", path=path, remedy=remedy) from error


def _rasterise(character: str, path: Path) -> Glyph | None:
    font = _font(path)
    mask = font.getmask(character)
    if mask.getbbox() is None or bytes(mask) == bytes(font.getmask(_NO_CHARACTER)):
        return None
    page = Image.new("RGBA", (3 * _FONT_SIZE, 3 * _FONT_SIZE), (0, 0, 0, 0))
    start = (_FONT_SIZE, _FONT_SIZE // 2)
    ImageDraw.Draw(page).text(start, character, font=font, fill=(0, 0, 0), embedded_color=True)
    cut = page.crop(page.getchannel("A").getbbox())
    side = max(cut.size)
    square = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    square.paste(cut, ((side - cut.width) // 2, (side - cut.height) // 2))
    plain = not np.asarray(cut)[..., :3].any()
    return Glyph(square.resize((GLYPH_PX, GLYPH_PX), Image.Resampling.BICUBIC), plain)
