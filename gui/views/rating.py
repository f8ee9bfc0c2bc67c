"""Stars and a heart."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from gui.theme import icon, tokens

_SIDE, _STEP, _MARGIN = 20, 24, 4


class RatingStars(QWidget):
    """Five stars to click; the number keys and the arrows do it, too. Clicking the last one again takes all away."""

    rated = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rating: int | None = 0
        self._hovered = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._tell()

    @property
    def rating(self) -> int | None:
        """0 to 5; None if files differ."""
        return self._rating

    def set_rating(self, rating: int | None) -> None:
        """Show a rating."""
        if rating != self._rating:
            self._rating = rating
            self._tell()
            self.update()

    def sizeHint(self) -> QSize:
        """Five stars."""
        return QSize(5 * _STEP + 2 * _MARGIN - (_STEP - _SIDE), _SIDE + 2 * _MARGIN)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show what a click would do."""
        self._hover(self._star_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Show what there is."""
        self._hover(0)
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Rate."""
        if event.button() is Qt.MouseButton.LeftButton:
            star = self._star_at(event.position())
            self._rate(0 if star == self._rating else star)
            self._hover(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """0 to 5, or one more or less."""
        now = self._rating or 0
        if event.text() in {"0", "1", "2", "3", "4", "5"}:
            self._rate(int(event.text()))
        elif event.key() in {Qt.Key.Key_Right, Qt.Key.Key_Left}:
            self._rate(min(5, now + 1) if event.key() == Qt.Key.Key_Right else max(0, now - 1))
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Full and empty stars, and where the focus is."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = self._hovered or self._rating or 0
        for number in range(5):
            full = number < shown
            square = QRect(_MARGIN + number * _STEP, _MARGIN, _SIDE, _SIDE)
            icon("star-filled" if full else "star", "warning" if full else "strong_line").paint(painter, square)
        if self.hasFocus():
            painter.setPen(QPen(tokens().colour("accent_text"), 2))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 6, 6)

    def _rate(self, rating: int) -> None:
        if rating != self._rating:
            self.set_rating(rating)
            self.rated.emit(rating)

    def _hover(self, star: int) -> None:
        if star != self._hovered:
            self._hovered = star
            self.update()

    def _star_at(self, at: QPointF) -> int:
        return min(5, max(1, int((at.x() - _MARGIN + (_STEP - _SIDE) / 2) // _STEP) + 1))

    def _tell(self) -> None:
        if self._rating is None:
            text = self.tr("Rating: differs")
        elif not self._rating:
            text = self.tr("Rating: none")
        else:
            text = self.tr("Rating: {0} of 5").format(self._rating)
        self.setAccessibleName(text)
        self.setToolTip(self.tr("{0}. Keys 0 to 5 rate").format(text))


class Heart(QToolButton):
    """Whether something is a favourite. A click says the opposite, and `chosen` what that is."""

    chosen = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._favourite = False
        self.setIconSize(QSize(20, 20))
        self.setObjectName("small")
        self.clicked.connect(self._choose)
        self._show()

    @property
    def favourite(self) -> bool:
        """Whether it is one."""
        return self._favourite

    def set_favourite(self, favourite: bool) -> None:
        """Show it."""
        if favourite != self._favourite:
            self._favourite = favourite
            self._show()

    def _choose(self) -> None:
        self.set_favourite(not self._favourite)
        self.chosen.emit(self._favourite)

    def _show(self) -> None:
        on = self._favourite
        self.setIcon(icon("heart-filled" if on else "heart", "bad" if on else "muted"))
        self.setAccessibleName(self.tr("Favourite: yes") if on else self.tr("Favourite: no"))
        self.setToolTip(self.tr("No longer a favourite (F)") if on else self.tr("Make it a favourite (F)"))
