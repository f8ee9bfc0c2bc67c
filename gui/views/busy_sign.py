"""The search box's looking glass, which shows that a search takes long."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.theme import icon, tokens

_BUSY_AFTER_MS = 250
_TURN_MS = 40


class BusySign(QWidget):
    """A looking glass, which becomes a turning ring if a search takes long."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(20, 20)
        self._turning, self._angle = False, 0
        self._after = QTimer(self, singleShot=True, interval=_BUSY_AFTER_MS)
        self._after.timeout.connect(self._start)
        self._turns = QTimer(self, interval=_TURN_MS)
        self._turns.timeout.connect(self._turn)

    @property
    def turning(self) -> bool:
        """Whether the ring is seen."""
        return self._turning

    def set_busy(self, busy: bool) -> None:
        """Whether something is under way; short things are not shown."""
        if busy:
            self._after.start()
            return
        self._after.stop()
        self._turns.stop()
        self._turning = False
        self.setToolTip("")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw one of the two."""
        painter = QPainter(self)
        if not self._turning:
            icon("search", "muted").paint(painter, self.rect().adjusted(1, 1, -1, -1))
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ring = QRectF(0, 0, 14, 14)
        ring.moveCenter(QPointF(10, 10))
        painter.setPen(QPen(tokens().colour("line"), 2))
        painter.drawEllipse(ring)
        painter.setPen(QPen(tokens().colour("accent_text"), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawArc(ring, -self._angle * 16, 90 * 16)

    def _start(self) -> None:
        self._turning = True
        self.setToolTip(self.tr("Searching"))
        self._turns.start()
        self.update()

    def _turn(self) -> None:
        self._angle = (self._angle + 15) % 360
        self.update()
