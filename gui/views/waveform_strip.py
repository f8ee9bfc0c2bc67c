"""A sound's waveform to click on: what was played, what matched, and the part that is played."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from gui.backend.calls.sound_view import Outline
from gui.theme import tokens
from gui.views.timing import clock

_STEP_S, _BIG_STEP_S = 1.0, 5.0
_GRIP = 5  # pixels on either side of an edge where it can be taken
_MARGIN = 6
_QUIETEST = 0.02  # sounds that are more quiet than this are not drawn larger


class _Drag(StrEnum):
    NONE = "none"
    SELECT = "select"
    START = "start"
    END = "end"
    OUT = "out"


class WaveformStrip(QWidget):
    """Click to seek, drag to select a part, drag the part out; arrow keys seek, Escape selects all again."""

    seek_requested = Signal(float)
    region_requested = Signal(object)
    """A tuple of seconds, or None for all."""

    drag_out_requested = Signal()
    """The part is being dragged out of the window."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._outline: Outline | None = None
        self._duration_s = 0.0
        self._position_s = 0.0
        self._region: tuple[float, float] | None = None
        self._matches: tuple[tuple[float, float], ...] = ()
        self._pictures: dict[str, QPixmap] = {}
        self._drag = _Drag.NONE
        self._pressed: QPointF | None = None
        self._hover: float | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Waveform"))
        self.setToolTip(
            self.tr("Click to seek. Drag to select a part; drag the part to take it out. Double-click to select all.")
        )

    def sizeHint(self) -> QSize:
        """As wide as can be."""
        return QSize(480, 56)

    def minimumSizeHint(self) -> QSize:
        """Enough to click on."""
        return QSize(120, 40)

    def show_sound(self, duration_s: float, matches: Sequence[tuple[float, float]]) -> None:
        """Another sound, whose waveform comes later.

        Args:
            duration_s: How long it is; 0 for none.
            matches: What matches, seconds, best first.
        """
        self._duration_s, self._matches = duration_s, tuple(matches)
        self._outline, self._region, self._position_s = None, None, 0.0
        self._pictures.clear()
        self._describe()
        self.update()

    def set_duration(self, duration_s: float) -> None:
        """Its length is known better."""
        self._duration_s = duration_s
        self.update()

    def set_outline(self, outline: Outline | None) -> None:
        """Its waveform."""
        self._outline = outline
        if outline is not None and not self._duration_s:
            self._duration_s = outline.end_s
        self._pictures.clear()
        self.update()

    def set_region(self, region: tuple[float, float] | None) -> None:
        """The part that is played."""
        self._region = region
        self._describe()
        self.update()

    def set_position(self, position_s: float) -> None:
        """What is heard. Only what changes is drawn again."""
        before, after = self._x(self._position_s), self._x(position_s)
        self._position_s = position_s
        left, right = sorted((before, after))
        self.update(QRectF(left - 3, 0, right - left + 6, self.height()).toAlignedRect())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        chosen = tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = self._area()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(chosen.colour("ground"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        if self._duration_s:
            self._paint_matches(painter, area)
            self._paint_wave(painter, area)
            self._paint_region(painter, area)
            self._paint_hover(painter, area)
            at = self._x(self._position_s)
            painter.setPen(QPen(chosen.colour("text"), 1.5))
            painter.drawLine(QLineF(at, area.top(), at, area.bottom()))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(chosen.colour("accent_text"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw the waveform anew."""
        self._pictures.clear()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() in {QEvent.Type.PaletteChange, QEvent.Type.StyleChange}:
            self._pictures.clear()
            self.update()
        super().changeEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of an edge, the part, or nothing yet."""
        if event.button() is not Qt.MouseButton.LeftButton or not self._duration_s:
            return
        self._pressed = event.position()
        extending = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._drag = _Drag.SELECT if extending else self._grabbed(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Select, or move an edge."""
        x = event.position().x()
        if self._pressed is None:
            self._hover = x
            edge = self._grabbed(x) in {_Drag.START, _Drag.END}
            self.setCursor(Qt.CursorShape.SizeHorCursor if edge else Qt.CursorShape.ArrowCursor)
            self.update()
            return
        far = (event.position() - self._pressed).manhattanLength() >= QApplication.startDragDistance()
        if self._drag is _Drag.OUT and far:
            self._pressed, self._drag = None, _Drag.NONE
            self.drag_out_requested.emit()
        elif self._drag is _Drag.SELECT and far:
            self._select(self._pressed.x(), x)
        elif self._drag in {_Drag.START, _Drag.END} and self._region is not None:
            fixed_s = self._region[1] if self._drag is _Drag.START else self._region[0]
            self._select(self._x(fixed_s), x)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click seeks; the end of a drag says what is selected."""
        if self._pressed is None:
            return
        pressed, drag = self._pressed, self._drag
        self._pressed, self._drag = None, _Drag.NONE
        far = (event.position() - pressed).manhattanLength() >= QApplication.startDragDistance()
        if drag in {_Drag.START, _Drag.END} or (drag is _Drag.SELECT and far):
            self.region_requested.emit(self._region)
        else:
            self.seek_requested.emit(self._seconds(event.position().x()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Select all again."""
        if self._region is not None:
            self.region_requested.emit(None)

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer is gone."""
        self._hover = None
        self.update()

    def event(self, event: QEvent) -> bool:
        """Escape is for the selected part first, though it is the window's shortcut, too."""
        override = event.type() is QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and self._region is not None:
            event.accept()
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Say where it is."""
        self._describe()
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Seek, or select all again."""
        step_s = _BIG_STEP_S if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else _STEP_S
        places = {
            Qt.Key.Key_Left: self._position_s - step_s,
            Qt.Key.Key_Right: self._position_s + step_s,
            Qt.Key.Key_Home: 0.0,
            Qt.Key.Key_End: self._duration_s,
        }
        if self._duration_s and event.key() in places:
            place_s = places[Qt.Key(event.key())]
            self.seek_requested.emit(min(max(0.0, place_s), self._duration_s))
            self._describe()
        elif event.key() == Qt.Key.Key_Escape and self._region is not None:
            self.region_requested.emit(None)
        else:
            super().keyPressEvent(event)

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_MARGIN, 4, -_MARGIN, -4)

    def _x(self, seconds: float) -> float:
        area = self._area()
        return area.left() + area.width() * (seconds / self._duration_s if self._duration_s else 0.0)

    def _seconds(self, x: float) -> float:
        area = self._area()
        return min(max(0.0, (x - area.left()) / max(1.0, area.width())), 1.0) * self._duration_s

    def _grabbed(self, x: float) -> _Drag:
        if self._region is None:
            return _Drag.SELECT
        start, end = (self._x(edge_s) for edge_s in self._region)
        if abs(x - end) <= _GRIP:
            return _Drag.END
        if abs(x - start) <= _GRIP:
            return _Drag.START
        return _Drag.OUT if start < x < end else _Drag.SELECT

    def _select(self, x: float, other: float) -> None:
        start_s, end_s = sorted((self._seconds(x), self._seconds(other)))
        self.set_region((start_s, end_s))

    def _describe(self) -> None:
        position, duration = clock(self._position_s), clock(self._duration_s)
        text = self.tr("At {position} of {duration}").format(position=position, duration=duration)
        if self._region is not None:
            start, end = (clock(edge_s) for edge_s in self._region)
            text += self.tr(", from {start} to {end} selected").format(start=start, end=end)
        self.setAccessibleDescription(text if self._duration_s else "")

    def _paint_matches(self, painter: QPainter, area: QRectF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens().colour("moment"))
        for start_s, end_s in self._matches:
            left, right = self._x(start_s), self._x(min(end_s, self._duration_s))
            painter.drawRoundedRect(QRectF(left, area.top(), max(3.0, right - left), area.height()), 3, 3)

    def _paint_wave(self, painter: QPainter, area: QRectF) -> None:
        at = self._x(self._position_s)
        whole = QRectF(self.rect())
        for role, clip in (
            ("wave", QRectF(at, 0, whole.right() - at + 1, whole.height())),
            ("wave_played", QRectF(0, 0, at, whole.height())),
        ):
            painter.save()
            painter.setClipRect(clip)
            painter.drawPixmap(QPointF(area.left(), area.top()), self._picture(role, area))
            painter.restore()

    def _picture(self, role: str, area: QRectF) -> QPixmap:
        if role not in self._pictures:
            ratio = self.devicePixelRatioF()
            width, height = max(1, round(area.width() * ratio)), max(1, round(area.height() * ratio))
            picture = QPixmap(width, height)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            painter.setPen(QPen(tokens().colour(role), 1))
            painter.drawLines(_lines(self._outline, width, height))
            painter.end()
            picture.setDevicePixelRatio(ratio)
            self._pictures[role] = picture
        return self._pictures[role]

    def _paint_region(self, painter: QPainter, area: QRectF) -> None:
        if self._region is None:
            return
        chosen = tokens()
        left, right = (self._x(edge_s) for edge_s in self._region)
        shade = QColor(chosen.ground)
        shade.setAlpha(165)
        painter.fillRect(QRectF(area.left(), area.top(), left - area.left(), area.height()), shade)
        painter.fillRect(QRectF(right, area.top(), area.right() - right, area.height()), shade)
        painter.setPen(QPen(chosen.colour("accent_text"), 2))
        painter.drawLine(QLineF(left, area.top(), left, area.bottom()))
        painter.drawLine(QLineF(right, area.top(), right, area.bottom()))
        painter.drawLine(QLineF(left, area.top(), right, area.top()))
        painter.drawLine(QLineF(left, area.bottom(), right, area.bottom()))

    def _paint_hover(self, painter: QPainter, area: QRectF) -> None:
        if self._hover is None or self._pressed is not None:
            return
        chosen = tokens()
        x = min(max(area.left(), self._hover), area.right())
        painter.setPen(QPen(chosen.colour("muted"), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QLineF(x, area.top(), x, area.bottom()))
        font = self.font()
        font.setPixelSize(11)
        painter.setFont(font)
        text = clock(self._seconds(x), 2)
        width = painter.fontMetrics().horizontalAdvance(text) + 8
        left = x + 4 if x + 4 + width < area.right() else x - 4 - width
        label = QRectF(left, area.top(), width, 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(chosen.colour("raised"))
        painter.drawRoundedRect(label, 4, 4)
        painter.setPen(chosen.colour("text"))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, text)


def _lines(outline: Outline | None, width: int, height: int) -> list[QLineF]:
    """A line for each pixel column; the loudest fills the height."""
    middle = height / 2
    if outline is None or not len(outline.low):
        return [QLineF(0, middle, width, middle)]
    low, high = columns_of(outline, width)
    scale = middle * 0.94 / max(_QUIETEST, float(high.max()), -float(low.min()))
    tops = middle - np.maximum(high * scale, 0.5)
    bottoms = middle - np.minimum(low * scale, -0.5)
    return [QLineF(x + 0.5, top, x + 0.5, bottom) for x, (top, bottom) in enumerate(zip(tops, bottoms, strict=True))]


def columns_of(outline: Outline, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The outline in so many columns: least and greatest of those that fall together, or each several times."""
    length = len(outline.low)
    first = np.arange(count) * length // count
    if length <= count:
        return outline.low[first], outline.high[first]
    return np.minimum.reduceat(outline.low, first), np.maximum.reduceat(outline.high, first)
