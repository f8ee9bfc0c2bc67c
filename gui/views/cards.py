"""How a card of the grid looks."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPainterPath, QPen, QPixmap

from audioclip_search import Modality
from gui.backend.calls.pictures import Kind
from gui.controllers.pictures import PictureController
from gui.models.results import ResultsModel, clock
from gui.organisation import is_favourite
from gui.records import Row
from gui.views import painting

_RADIUS = 8
_MOST_FACES = 300
_SIDES = (256, 512)
_BUTTON = 40


@dataclass(frozen=True, slots=True)
class CardState:
    """What is special about a card.

    Attributes:
        selected: Whether it is.
        current: Whether the keyboard is there.
        hovered: Whether the pointer is.
        playing: Whether it is in the player.
        sounding: Whether it is heard.
        played: How much of it has been, in [0, 1].
    """

    selected: bool = False
    current: bool = False
    hovered: bool = False
    playing: bool = False
    sounding: bool = False
    played: float = 0.0


@dataclass(frozen=True, slots=True)
class _Face:
    path: str
    mtime_ns: int
    source: int
    size: tuple[int, int]
    ratio: float


class CardPainter:
    """Paints cards; what a picture looks like in a card is kept."""

    def __init__(self, model: ResultsModel, pictures: PictureController) -> None:
        self._model, self._pictures = model, pictures
        self._faces: OrderedDict[_Face, QPixmap] = OrderedDict()
        self._font, self._small = QFont(), QFont()

    def set_font(self, font: QFont) -> None:
        """Use a font, and a smaller one of its family."""
        self._font, self._small = QFont(font), painting.small_font(font)

    @staticmethod
    def play_rect(card: QRect, picture_height: int) -> QRect:
        """Where on a card a click plays."""
        button = QRect(0, 0, _BUTTON, _BUTTON)
        button.moveCenter(QRect(card.left(), card.top(), card.width(), picture_height).center())
        return button

    def paint(self, painter: QPainter, card: QRect, picture_height: int, row: Row, state: CardState) -> None:
        """A card."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = "selection" if state.selected else "hover" if state.hovered else "raised"
        ring = "accent_text" if state.selected or state.current else "line"
        painter.setPen(QPen(painting.colour_of(ring), 2 if state.current else 1))
        painter.setBrush(painting.colour_of(ground))
        painter.drawRoundedRect(QRectF(card).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        picture = QRect(card.left() + 1, card.top() + 1, card.width() - 2, picture_height - 1)
        if state.current:
            picture.adjust(1, 1, -1, 0)
        self._picture(painter, picture, row)
        if row.modality is Modality.AUDIO:
            self._time(painter, picture, row, state)
        self._caption(painter, card.adjusted(10, picture_height + 6, -10, -8), row, playing=state.playing)

    def _picture(self, painter: QPainter, rect: QRect, row: Row) -> None:
        pixmap, reason = self._source(row, rect)
        if pixmap is not None:
            painter.drawPixmap(
                rect.topLeft(), self._face(row, pixmap, rect.size(), painter.device().devicePixelRatio())
            )
            return
        painter.fillPath(_rounded_top(QRectF(rect)), painting.colour_of("panel"))
        icon = QRect(0, 0, 24, 24)
        icon.moveCenter(rect.center())
        if reason is None:
            painting.draw_icon(painter, icon, painting.KIND_ICONS[row.modality], "faint")
            return
        icon.translate(0, -12)
        painting.draw_icon(painter, icon, painting.KIND_ICONS[row.modality], "strong_line")
        painter.setFont(self._small)
        painter.setPen(painting.colour_of("muted"))
        below = QRect(rect.left(), icon.bottom() + 6, rect.width(), 16)
        painter.drawText(below, painting.CENTRE, QCoreApplication.translate("Cards", "Not available"))

    def _source(self, row: Row, rect: QRect) -> tuple[QPixmap | None, str | None]:
        """Its picture if there is one, and why not if there is none."""
        if row.modality is Modality.AUDIO:
            return (
                self._pictures.spectrogram(row.path, row.mtime_ns),
                self._pictures.unavailable(row.path, Kind.SPECTROGRAM),
            )
        if row.modality is Modality.IMAGE:
            side = _SIDES[0] if rect.width() <= 200 else _SIDES[1]
            return (
                self._pictures.picture(row.path, side, row.mtime_ns),
                self._pictures.unavailable(row.path, Kind.IMAGE, side),
            )
        return None, None

    def _face(self, row: Row, source: QPixmap, size: QSize, ratio: float) -> QPixmap:
        key = _Face(row.path, row.mtime_ns, source.cacheKey(), (size.width(), size.height()), ratio)
        face = self._faces.get(key)
        if face is not None:
            self._faces.move_to_end(key)
            return face
        face = QPixmap(size * ratio)
        face.setDevicePixelRatio(ratio)
        face.fill(Qt.GlobalColor.transparent)
        painter = QPainter(face)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place = QRect(0, 0, size.width(), size.height())
        painter.setClipPath(_rounded_top(QRectF(place)))
        if row.modality is Modality.AUDIO:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(place, source)
        else:
            painting.cover(painter, place, source)
        painter.end()
        self._faces[key] = face
        if len(self._faces) > _MOST_FACES:
            self._faces.popitem(last=False)
        return face

    def _time(self, painter: QPainter, rect: QRect, row: Row, state: CardState) -> None:
        """What fits, where it is in the player, how long it is, and a button."""
        stretches = painting.matching(row)
        if stretches:
            painter.fillRect(QRect(rect.left(), rect.bottom() - 3, rect.width(), 4), painting.colour_of("raised"))
        for start_s, end_s in stretches:
            left = rect.left() + round(start_s / row.duration_s * rect.width())
            right = rect.left() + round(min(1.0, end_s / row.duration_s) * rect.width())
            painter.fillRect(QRect(left, rect.bottom() - 3, max(4, right - left), 4), painting.colour_of("wave_played"))
        if state.playing and row.duration_s:
            at = rect.left() + round(state.played * (rect.width() - 2))
            painter.fillRect(QRect(at, rect.top(), 2, rect.height()), painting.colour_of("text"))
        if row.duration_s:
            self._length(painter, rect, clock(row.duration_s))
        if row.failure or not (state.hovered or state.playing):
            return
        button = QRect(0, 0, _BUTTON, _BUTTON)
        button.moveCenter(rect.center())
        painting.draw_plate(painter, button, "accent" if state.playing else "raised", _BUTTON / 2)
        icon = QRect(0, 0, 20, 20)
        icon.moveCenter(button.center())
        painting.draw_icon(
            painter, icon, "pause" if state.sounding else "play", "on_accent" if state.playing else "text"
        )

    def _length(self, painter: QPainter, rect: QRect, text: str) -> None:
        width = QFontMetrics(self._small).horizontalAdvance(text) + 12
        pill = QRect(rect.right() - width - 5, rect.bottom() - 27, width, 18)
        painting.draw_plate(painter, pill, "raised", 4)
        painting.draw_text(painter, pill, text, "text", font=self._small, align=painting.CENTRE)

    def _caption(self, painter: QPainter, rect: QRect, row: Row, *, playing: bool) -> None:
        name = QRect(rect.left(), rect.top(), rect.width(), 18)
        if is_favourite(row.tags):
            painting.draw_icon(painter, QRect(name.right() - 13, name.top() + 2, 14, 14), "heart-filled", "bad")
            name.setWidth(name.width() - 20)
        role = "accent_text" if playing else "muted" if row.offline or row.failure else "text"
        painting.draw_text(painter, name, row.name, role, font=self._font, align=painting.LEFT)
        below = QRect(rect.left(), rect.top() + 20, rect.width(), 16)
        for shown, (icon, icon_role) in (
            (row.offline, ("drive", "muted")),
            (bool(row.failure), ("warning", "warning")),
        ):
            if shown:
                painting.draw_icon(painter, QRect(below.right() - 13, below.top() + 1, 14, 14), icon, icon_role)
                below.setWidth(below.width() - 18)
        if row.score is not None:
            score = f"{row.score:.0%}"
            painting.draw_text(painter, below, score, "accent_text", font=self._small, align=painting.LEFT)
            below.setLeft(below.left() + QFontMetrics(self._small).horizontalAdvance(score) + 8)
        facts = [row.format]
        if row.width:
            facts.append(f"{row.width} × {row.height}")
        elif row.rate_hz:
            facts.append(f"{row.rate_hz / 1000:g} kHz")
        painting.draw_text(painter, below, " · ".join(facts), "muted", font=self._small, align=painting.LEFT)


def _rounded_top(rect: QRectF) -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(rect.adjusted(0, 0, 0, _RADIUS), _RADIUS - 1, _RADIUS - 1)
    below = QPainterPath()
    below.addRect(QRectF(rect.left(), rect.bottom(), rect.width(), 2 * _RADIUS))
    return path.subtracted(below)
