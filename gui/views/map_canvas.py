"""The map itself: dots to move among, to point at, and to draw around."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from gui.theme import tokens
from gui.views.map_drawing import Camera, Layer, Points
from gui.views.map_marks import closed, paint_label, paint_lasso

_MARGIN = 36.0
_REACH = 12.0
_NEAREST, _FARTHEST = 400.0, 0.5
_HOVER_MS = 180
_FEW = 400
_ARROWS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}


class MapCanvas(QWidget):
    """Wheel zooms, dragging moves, a click selects; with Shift or in lasso mode dragging draws around files. The arrow
    keys go from file to file."""

    hovered = Signal(str)
    """A file has been pointed at for a moment; empty: none any more."""

    selected = Signal(list)
    """Files were chosen; none if it was beside all of them."""

    activated = Signal(str)
    """A file was double-clicked, or Enter was pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(QSize(200, 160))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.lasso_mode = False
        self._paths: list[str] = []
        self._numbers: dict[str, int] = {}
        self._points: Points = np.empty((0, 2), np.float32)
        self._colours: NDArray[np.uint32] = np.empty(0, np.uint32)
        self._lit: NDArray[np.bool_] | None = None
        self._chosen: NDArray[np.intp] = np.empty(0, np.intp)
        self._current: int | None = None
        self._pointed: int | None = None
        self._camera, self._fitted = Camera(), True
        self._layer, self._stale = Layer(), False
        self._pressed: QPointF | None = None
        self._dragging = False
        self._lasso: list[QPointF] = []
        self._drawing = QTimer(self, interval=0)
        self._drawing.timeout.connect(self._draw_some)
        self._waiting = QTimer(self, interval=_HOVER_MS, singleShot=True)
        self._waiting.timeout.connect(self._tell_hovered)
        self._tell()

    @property
    def count(self) -> int:
        """How many files are on the map."""
        return len(self._paths)

    @property
    def camera(self) -> Camera:
        """Which part of the map is seen."""
        return self._camera

    @property
    def chosen(self) -> list[str]:
        """The files that are chosen."""
        return [self._paths[number] for number in self._chosen.tolist()]

    def clear(self) -> None:
        """Show an empty map."""
        self.show_points({}, np.empty((0, 2), np.float32), np.empty(0, np.uint32))

    def show_points(self, numbers: dict[str, int], points: Points, colours: NDArray[np.uint32]) -> None:
        """Show files.

        Args:
            numbers: Their paths, in order, each with its number, from 0.
            points: float32 `(n, 2)` in [0, 1].
            colours: uint32 `(n,)`, opaque ARGB.
        """
        chosen = self.chosen
        self._paths, self._numbers, self._points, self._colours = list(numbers), numbers, points, colours
        self._lit, self._pointed, self._current = None, None, None
        self._chosen = self._numbers_of(chosen)
        self._waiting.stop()
        self._tell()
        self.fit()

    def recolour(self, colours: NDArray[np.uint32]) -> None:
        """The same files in other colours."""
        self._colours = colours
        self._redraw()

    def highlight(self, paths: Iterable[str] | None) -> None:
        """Dim all others; None for none. Files that are not on the map don't matter."""
        if paths is None:
            self._lit = None
        else:
            self._lit = np.zeros(len(self._paths), np.bool_)
            self._lit[self._numbers_of(paths)] = True
        self._redraw()

    def choose(self, paths: Iterable[str]) -> None:
        """Mark files, without telling `selected`."""
        self._chosen = self._numbers_of(paths)
        self._current = int(self._chosen[0]) if len(self._chosen) else None
        self._tell()
        self._redraw()

    def fit(self) -> None:
        """Show all of the map."""
        self._fitted = True
        self._look(Camera.fitting(self.size(), _MARGIN))

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Go nearer by a factor, or farther, by one below 1."""
        base = Camera.fitting(self.size(), _MARGIN).scale
        wanted = min(max(self._camera.scale * factor, base * _FARTHEST), base * _NEAREST)
        self._fitted = False
        middle = QPointF(self.rect().center()) if at is None else at
        self._look(self._camera.zoomed(wanted / self._camera.scale, middle))

    def place_of(self, path: str) -> QPointF | None:
        """Where a file is in the widget; None if it is not on the map."""
        number = self._numbers.get(path)
        return None if number is None else self._place(number)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The dots as they were last drawn, moved to where they belong now, and marks above them."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), tokens().colour("ground"))
        if self._layer.image is not None and self._paths:
            image, then = self._layer.image, self._layer.camera
            scale = self._camera.scale / then.scale
            left, top = self._camera.left - then.left * scale, self._camera.top - then.top * scale
            size = image.deviceIndependentSize()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale != 1)
            painter.drawImage(QRectF(left, top, size.width() * scale, size.height() * scale), image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_marks(painter)
        if self._lasso:
            paint_lasso(painter, self._lasso)
        if self._pointed is not None and not self._dragging:
            paint_label(painter, self._paths[self._pointed], self._place(self._pointed), self.size())
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(tokens().colour("accent_text"), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep all of the map in sight if it was."""
        if self._fitted:
            self._look(Camera.fitting(self.size(), _MARGIN))
        else:
            self._redraw()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() is QEvent.Type.PaletteChange:
            self._redraw()
        super().changeEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom to where the pointer is."""
        self.zoom(1.0015 ** event.angleDelta().y(), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to move, or to draw."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed, self._dragging = event.position(), False
            if self.lasso_mode or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._lasso = [event.position()]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move, draw, or point."""
        at = event.position()
        if self._pressed is None:
            self._point(self._nearest(at))
            return
        if not self._dragging and (at - self._pressed).manhattanLength() < 4:
            return
        self._dragging = True
        self._point(None)
        if self._lasso:
            self._lasso.append(at)
            self.update()
        else:
            self._fitted = False
            self._look(self._camera.moved(at - self._pressed))
            self._pressed = at

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose what was clicked, or drawn around."""
        if event.button() is not Qt.MouseButton.LeftButton or self._pressed is None:
            return
        if self._lasso and self._dragging:
            self._choose(self._within(self._lasso))
        elif not self._dragging:
            number = self._nearest(event.position())
            self._current = number
            self._choose(np.empty(0, np.intp) if number is None else np.array([number], np.intp))
        self._pressed, self._dragging = None, False
        self._lasso = []
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Use a file."""
        number = self._nearest(event.position())
        if number is not None:
            self.activated.emit(self._paths[number])

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is pointed at."""
        self._point(None)
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go to the next file; Ctrl with plus, minus and 0 zooms."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        key = Qt.Key(event.key())
        if key in _ARROWS and not control:
            self._step(*_ARROWS[key])
        elif control and key in {Qt.Key.Key_Plus, Qt.Key.Key_Equal}:
            self.zoom(1.4)
        elif control and key is Qt.Key.Key_Minus:
            self.zoom(1 / 1.4)
        elif control and key is Qt.Key.Key_0:
            self.fit()
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._current is not None:
            self.activated.emit(self._paths[self._current])
        elif key is Qt.Key.Key_Escape and (self._lasso or len(self._chosen)):
            self._lasso, self._dragging, self._pressed = [], False, None
            self._choose(np.empty(0, np.intp))
        else:
            super().keyPressEvent(event)

    def _look(self, camera: Camera) -> None:
        self._camera = camera
        self._redraw()

    def _redraw(self) -> None:
        """Have the dots drawn anew, some at a time, so that the window stays alive; until then the old image serves."""
        self.update()
        if self._layer.busy:
            self._stale = True  # what is under way is finished first: who moves all the time sees something, too
        else:
            self._begin()

    def _begin(self) -> None:
        self._stale = False
        self._layer.begin(
            self._points,
            self._colours,
            self._lit,
            camera=self._camera,
            size=self.size(),
            ratio=self.devicePixelRatio(),
        )
        self._drawing.start()

    def _draw_some(self) -> None:
        if not self._layer.step(tokens().colour("wave")):
            return
        self._drawing.stop()
        self.update()
        if self._stale:
            self._begin()

    def _paint_marks(self, painter: QPainter) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(tokens().colour("text"), 1.5))
        for number in self._chosen[:_FEW].tolist():
            painter.drawEllipse(self._place(number), 7, 7)
        if len(self._chosen) > _FEW:
            painter.setPen(QPen(tokens().colour("text"), 3))
            painter.drawPoints([self._place(number) for number in self._chosen[: 10 * _FEW].tolist()])
        if self._pointed is not None:
            painter.setPen(QPen(tokens().colour("text"), 2))
            painter.setBrush(QColor(int(self._colours[self._pointed])))
            painter.drawEllipse(self._place(self._pointed), 6, 6)

    def _point(self, number: int | None) -> None:
        if number == self._pointed:
            return
        told = self._pointed is not None and not self._waiting.isActive()
        self._pointed = number
        self.update()
        if number is None:
            self._waiting.stop()
            if told:
                self.hovered.emit("")
        else:
            self._waiting.start()

    def _tell_hovered(self) -> None:
        if self._pointed is not None:
            self.hovered.emit(self._paths[self._pointed])

    def _choose(self, numbers: NDArray[np.intp]) -> None:
        self._chosen = numbers
        self._tell()
        self.update()
        self.selected.emit(self.chosen)

    def _step(self, across: float, down: float) -> None:
        """Go to the next file in a direction: the nearest one within 45 degrees of it."""
        if not len(self._points):
            return
        placed = self._camera.placed(self._points)
        if self._current is None:
            middle = np.array((self.width() / 2, self.height() / 2), np.float32)
            number = int(((placed - middle) ** 2).sum(axis=1).argmin())
        else:
            away = placed - placed[self._current]
            along, beside = away @ np.array((across, down)), np.abs(away @ np.array((down, across)))
            ahead = (along > 0.5) & (beside <= along)
            if not ahead.any():
                return
            number = int(np.where(ahead, along**2 + 2 * beside**2, np.inf).argmin())
        self._current = number
        self._show(number)
        self._choose(np.array([number], np.intp))
        self._point(number)

    def _show(self, number: int) -> None:
        """Move as little as needed for a file to be in sight."""
        place = self._place(number)
        across = min(0.0, self.width() - _MARGIN - place.x()) + max(0.0, _MARGIN - place.x())
        down = min(0.0, self.height() - _MARGIN - place.y()) + max(0.0, _MARGIN - place.y())
        if across or down:
            self._fitted = False
            self._look(self._camera.moved(QPointF(across, down)))

    def _nearest(self, at: QPointF) -> int | None:
        """The file next to a place, if it is near enough; those that are lit first."""
        if not len(self._points):
            return None
        scale = np.float32(self._camera.scale)
        across = self._points[:, 0] * scale + np.float32(self._camera.left - at.x())
        down = self._points[:, 1] * scale + np.float32(self._camera.top - at.y())
        away = across * across + down * down
        if self._lit is not None and self._lit.any():
            away = np.where(self._lit, away, away + _REACH**2 / 2)
        number = int(away.argmin())
        return number if away[number] <= _REACH**2 else None

    def _within(self, outline: Sequence[QPointF]) -> NDArray[np.intp]:
        """The files inside: an image of the outline says so, for all of them at once."""
        mask = QImage(self.size(), QImage.Format.Format_Grayscale8)
        mask.fill(0)
        painter = QPainter(mask)
        painter.fillPath(closed(outline), Qt.GlobalColor.white)
        painter.end()
        pixels = np.frombuffer(mask.constBits(), np.uint8).reshape(mask.height(), mask.bytesPerLine())
        places = np.rint(self._camera.placed(self._points)).astype(np.int64)
        seen = ((places >= 0) & (places < (mask.width(), mask.height()))).all(axis=1)
        numbers: NDArray[np.intp] = np.flatnonzero(seen)
        inside: NDArray[np.bool_] = pixels[places[numbers, 1], places[numbers, 0]] > 127
        return numbers[inside]

    def _place(self, number: int) -> QPointF:
        across, down = self._camera.placed(self._points[number : number + 1])[0].tolist()
        return QPointF(across, down)

    def _numbers_of(self, paths: Iterable[str]) -> NDArray[np.intp]:
        found = [self._numbers[path] for path in paths if path in self._numbers]
        return np.array(found, np.intp)

    def _tell(self) -> None:
        text = self.tr("Map of {0} files").format(f"{self.count:,}")
        if len(self._chosen) == 1:
            text += ", " + self._paths[int(self._chosen[0])].replace("\\", "/").rpartition("/")[2]
        elif len(self._chosen):
            text += ", " + self.tr("{0} chosen").format(f"{len(self._chosen):,}")
        self.setAccessibleName(text)
