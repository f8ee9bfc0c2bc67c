"""A number to set, in a small window above its button."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSlider, QToolButton, QVBoxLayout, QWidget

from gui.theme import icon

_STEPS = 1_000


class Popover(QFrame):
    """A slider with usual values below it. Escape closes it.

    Args:
        title: What is set.
        presets: Usual values, ascending; the first is the least and the last the greatest.
        words: A value in words.
        neutral: What it is usually.
        parent: Its owner.
    """

    chosen = Signal(float)

    def __init__(
        self,
        title: str,
        presets: Sequence[float],
        words: Callable[[float], str],
        neutral: float,
        parent: QWidget,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self._presets, self._words, self._neutral = tuple(presets), words, neutral
        self._number = QLabel()
        self._number.setObjectName("heading")
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, _STEPS)
        self._slider.setPageStep(_STEPS // (len(presets) - 1))
        self._slider.setSingleStep(_STEPS // 40)
        self._slider.setAccessibleName(title)
        self._slider.valueChanged.connect(self._on_slider)
        reset = QToolButton()
        reset.setIcon(icon("undo", "muted"))
        reset.setIconSize(QSize(16, 16))
        reset.setToolTip(self.tr("Back to {usual}").format(usual=words(neutral)))
        reset.setAccessibleName(reset.toolTip())
        reset.clicked.connect(lambda: self._choose(neutral))
        self._lay_out(title, reset)

    def set_value(self, value: float) -> None:
        """Show a value; it is not told."""
        self._number.setText(self._words(value))
        self._slider.blockSignals(True)
        self._slider.setValue(round(self._place(value) * _STEPS))
        self._slider.blockSignals(False)

    def open_above(self, button: QWidget) -> None:
        """Show it above its button, inside the screen."""
        self.adjustSize()
        self._open(button, -self.height() - 4)

    def open_below(self, button: QWidget) -> None:
        """Show it below its button, inside the screen."""
        self.adjustSize()
        self._open(button, button.height() + 4)

    def _open(self, button: QWidget, down: int) -> None:
        corner = button.mapToGlobal(QPoint(button.width() // 2 - self.width() // 2, down))
        screen = button.screen().availableGeometry()
        corner.setX(min(max(screen.left(), corner.x()), screen.right() - self.width()))
        self.move(corner.x(), max(screen.top(), corner.y()))
        self.show()
        self._slider.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return closes it, too."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.close()
        else:
            super().keyPressEvent(event)

    def _lay_out(self, title: str, reset: QToolButton) -> None:
        heading = QLabel(title)
        heading.setObjectName("muted")
        top = QHBoxLayout()
        top.addWidget(heading)
        top.addStretch(1)
        top.addWidget(self._number)
        top.addWidget(reset)
        usual = QHBoxLayout()
        usual.setSpacing(4)
        for value in self._presets:
            button = QPushButton(self._words(value))
            button.setObjectName("preset")
            button.clicked.connect(lambda _=False, value=value: self._choose(value))
            usual.addWidget(button)
        card = QFrame()
        card.setObjectName("card")
        column = QVBoxLayout(card)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(12)
        column.addLayout(top)
        column.addWidget(self._slider)
        column.addLayout(usual)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(card)
        self.setMinimumWidth(320)

    def _place(self, value: float) -> float:
        """Where on the slider a value is, 0 to 1: presets are equally far from each other."""
        last = len(self._presets) - 1
        for number in range(last):
            low, high = self._presets[number], self._presets[number + 1]
            if value <= high:
                return (number + (value - low) / (high - low)) / last
        return 1.0

    def _value(self, place: float) -> float:
        last = len(self._presets) - 1
        number = min(int(place * last), last - 1)
        low, high = self._presets[number], self._presets[number + 1]
        return low + (place * last - number) * (high - low)

    def _on_slider(self, place: int) -> None:
        self._choose(round(self._value(place / _STEPS), 2))

    def _choose(self, value: float) -> None:
        near = abs(self._place(value) - self._place(self._neutral)) < 0.015
        value = self._neutral if near else value
        self.set_value(value)
        self.chosen.emit(value)
