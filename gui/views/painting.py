"""Parts of results that several views paint: waveforms, icons, chips, hearts and stars."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from audioclip_search import Modality
from gui import theme
from gui.backend.calls.pictures import Outline
from gui.records import Row

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter

KIND_ICONS = {Modality.AUDIO: "sound", Modality.IMAGE: "image", Modality.TEXT: "document"}
KIND_ROLES = {Modality.AUDIO: "audio", Modality.IMAGE: "image", Modality.TEXT: "document"}

CHIP_HEIGHT, CHIP_PADDING, CHIP_GAP = 20, 8, 4
STAR = 14

_SMALL = 11
_MOST_WAVES = 512
_QUIETEST = 0.02
_EVENING = 0.75


def small_font(font: QFont) -> QFont:
    """The font of what is read second."""
    smaller = QFont(font)
    smaller.setPixelSize(_SMALL)
    return smaller


def colour_of(name: str) -> QColor:
    """A token of the theme in use as Qt has it; must not be changed."""
    return _colour(theme.tokens(), name)


@cache
def _colour(chosen: theme.Tokens, name: str) -> QColor:
    return chosen.colour(name)


def fill_ground(widget: QWidget, rect: QRect) -> None:
    """Paint what is behind everything."""
    painter = QPainter(widget)
    painter.fillRect(rect, colour_of("ground"))
    painter.end()


def draw_text(painter: QPainter, rect: QRect, text: str, colour: str, *, font: QFont, align: Qt.AlignmentFlag) -> None:
    """One line, shortened at its end, in a colour of the theme; at `LEFT`, `RIGHT` or `CENTRE`."""
    painter.setFont(font)
    painter.setPen(colour_of(colour))
    shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, align, shown)


def draw_icon(painter: QPainter, rect: QRect, name: str, role: str) -> None:
    """An icon in a colour of the theme."""
    ratio = painter.device().devicePixelRatio()
    painter.drawImage(rect.topLeft(), _icon_image(name, role, rect.width(), ratio, theme.tokens().name))


def draw_plate(painter: QPainter, rect: QRect, colour: str, radius: float = 6.0) -> None:
    """A rounded ground for something."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour_of(colour))
    painter.drawRoundedRect(rect, radius, radius)


def marks(row: Row) -> list[tuple[str, str]]:
    """Icons and their roles for what is wrong with a file."""
    found = []
    if row.failure:
        found.append(("warning", "warning"))
    if row.offline:
        found.append(("drive", "muted"))
    return found


def draw_stars(painter: QPainter, left: int, centre: int, rating: int, *, all_five: bool) -> None:
    """A rating from the left; with outlines for the stars that it lacks if all are asked for."""
    for number in range(5 if all_five else rating):
        name, role = ("star-filled", "warning") if number < rating else ("star", "strong_line")
        draw_icon(painter, QRect(left + number * STAR, centre - STAR // 2, STAR, STAR), name, role)


def draw_chips(painter: QPainter, rect: QRect, chips: list[tuple[str, bool]], font: QFont) -> None:
    """Tags in one line, dimmed where they are a model's, with the number of those that there is no room for.

    Args:
        painter: Where.
        rect: The line.
        chips: Text, and whether it is a model's.
        font: Of the texts.
    """
    metrics = QFontMetrics(font)
    left, top = rect.left(), rect.center().y() - CHIP_HEIGHT // 2 + 1
    painter.setFont(font)
    for number, (text, dim) in enumerate(chips):
        rest = len(chips) - number - 1
        room = rect.right() - left - (metrics.horizontalAdvance(f"+{rest}") + CHIP_GAP if rest else 0)
        wanted = metrics.horizontalAdvance(text) + 2 * CHIP_PADDING
        if wanted > room and (number or room < 40):
            painter.setPen(colour_of("muted"))
            painter.drawText(QRect(left, top, rect.right() - left, CHIP_HEIGHT), LEFT, f"+{rest + 1}")
            return
        chip = QRect(left, top, min(wanted, room), CHIP_HEIGHT)
        if dim:
            painter.setPen(colour_of("faint"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(chip).adjusted(0.5, 0.5, -0.5, -0.5), 9.5, 9.5)
        else:
            draw_plate(painter, chip, "pressed", CHIP_HEIGHT / 2)
        painter.setPen(colour_of("muted" if dim else "text"))
        inner = chip.adjusted(CHIP_PADDING, 0, -CHIP_PADDING, 0)
        shown = text if wanted <= room else metrics.elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, LEFT, shown)
        left += chip.width() + CHIP_GAP


def cover(painter: QPainter, rect: QRect, pixmap: QPixmap) -> None:
    """A picture in the middle of a place, which it fills; what doesn't fit is cut off."""
    scale = max(rect.width() / pixmap.width(), rect.height() / pixmap.height())
    size = QSize(round(rect.width() / scale), round(rect.height() / scale))
    source = QRect((pixmap.width() - size.width()) // 2, (pixmap.height() - size.height()) // 2, 0, 0)
    source.setSize(size)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawPixmap(rect, pixmap, source)


@dataclass(frozen=True, slots=True)
class _WaveKey:
    path: str
    outline: int
    width: int
    height: int
    stretches: tuple[tuple[float, float], ...]
    ratio: float
    theme: str


class Waves:
    """Waveforms as pixmaps, so that scrolling only copies them. Each view has one."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_WaveKey, tuple[Outline, QPixmap]] = OrderedDict()

    def pixmap(self, row: Row, outline: Outline, size: QSize, ratio: float) -> QPixmap:
        """A sound's waveform with the stretches that fit marked."""
        stretches = matching(row)
        key = _WaveKey(row.path, id(outline), size.width(), size.height(), stretches, ratio, theme.tokens().name)
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found[1]
        pixmap = wave_pixmap(outline, stretches, size, ratio)
        self._kept[key] = outline, pixmap  # with the outline, so that its id stays its own
        if len(self._kept) > _MOST_WAVES:
            self._kept.popitem(last=False)
        return pixmap


def matching(row: Row) -> tuple[tuple[float, float], ...]:
    """The stretches of a sound that fit what was asked for, seconds; none if that is all, or nothing was asked."""
    if row.score is None or not row.duration_s:
        return ()
    found = tuple((moment.start_s, moment.end_s) for moment in row.moments) or ((row.start_s, row.end_s),)
    return tuple(part for part in found if 0 < part[1] - part[0] < 0.95 * row.duration_s)


def wave_pixmap(
    outline: Outline, stretches: tuple[tuple[float, float], ...], size: QSize, ratio: float = 1.0
) -> QPixmap:
    """Draw a waveform, those stretches of it on a ground and in a colour of their own."""
    width, height = max(1, round(size.width() * ratio)), max(1, round(size.height() * ratio))
    inside = np.zeros(width, np.bool_)
    for start_s, end_s in stretches:
        first = int(start_s / max(outline.duration_s, 1e-9) * width)
        inside[first : max(first + 2, int(np.ceil(end_s / max(outline.duration_s, 1e-9) * width)))] = True
    coverage = _coverage(outline, width, height, ratio)  # (height, width)
    wave = np.where(inside[:, None], _rgb("wave_played"), _rgb("wave"))  # (width, 3)
    ground = np.where(inside, 255.0, 0.0)[None, :, None]
    alpha = np.maximum(coverage[..., None] * 255.0, ground)
    over = coverage[..., None] * wave[None] + (1 - coverage[..., None]) * _rgb("moment") * (ground / 255.0)
    pixels = np.concatenate((over[..., ::-1], alpha), axis=2)  # blue, green, red, alpha; premultiplied
    data = np.rint(pixels).astype(np.uint8).tobytes()
    image = QImage(data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    pixmap = QPixmap.fromImage(image)
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def _coverage(outline: Outline, width: int, height: int, ratio: float) -> NDArray[np.float64]:
    """How much of each pixel the waveform covers, `(height, width)` in [0, 1]."""
    count = len(outline.low)
    if width <= count:
        first = np.arange(width) * count // width
        low = np.minimum.reduceat(outline.low, first).astype(float) / 127
        high = np.maximum.reduceat(outline.high, first).astype(float) / 127
    else:
        at, columns = np.linspace(0, count - 1, width), np.arange(count)
        low, high = (np.interp(at, columns, side.astype(float) / 127) for side in (outline.low, outline.high))
    loudest = max(float(high.max()), -float(low.min()), _QUIETEST)
    gain = loudest**-_EVENING  # quiet sounds are seen, and still seen to be quieter
    middle, least = height / 2, 0.5 * ratio
    top = middle - np.maximum(np.clip(high * gain, -1, 1) * middle, least)
    bottom = middle - np.minimum(np.clip(low * gain, -1, 1) * middle, -least)
    line = np.arange(height)[:, None]
    covered: NDArray[np.float64] = np.clip(np.minimum(line + 1, bottom) - np.maximum(line, top), 0.0, 1.0)
    return covered


def _rgb(name: str) -> NDArray[np.float64]:
    colour = colour_of(name)
    return np.array((colour.red(), colour.green(), colour.blue()), np.float64)


@cache
def _icon_image(name: str, role: str, side: int, ratio: float, _theme: str) -> QImage:
    """An icon ready to copy: to draw it from its SVG takes far longer."""
    image = theme.icon(name, role).pixmap(QSize(round(side * ratio), round(side * ratio))).toImage()
    image.setDevicePixelRatio(ratio)
    return image
