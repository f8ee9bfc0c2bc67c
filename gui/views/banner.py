"""Messages across the top of the results: trouble with a remedy, or what was done with a way back."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from gui.theme import icon, tokens

_GOOD_NEWS_MS = 6_000


class Tone(StrEnum):
    """What a message is, by its token."""

    BAD = "bad"
    WARNING = "warning"
    GOOD = "good"


_ICONS = {Tone.BAD: "error", Tone.WARNING: "warning", Tone.GOOD: "check"}


class Banner(QFrame):
    """One message at a time, the newest. Good news goes by itself; trouble stays until it is dismissed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self._tone = Tone.BAD
        self._action: Callable[[], None] | None = None
        self._icon = QLabel()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._button = QPushButton()
        self._button.clicked.connect(self._act)
        close = QToolButton()
        close.setIcon(icon("close", "muted"))
        close.setIconSize(QSize(16, 16))
        close.setAccessibleName(self.tr("Dismiss this message"))
        close.setToolTip(self.tr("Dismiss"))
        close.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 8)
        layout.setSpacing(8)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._button)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignVCenter)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    @property
    def text(self) -> str:
        """What it says; empty if it is hidden."""
        return self._text.text() if not self.isHidden() else ""

    def tell(
        self, text: str, *, tone: Tone = Tone.BAD, action: str = "", on_action: Callable[[], None] | None = None
    ) -> None:
        """Show a message in place of the one that is there.

        Args:
            text: A sentence or two.
            tone: What it is.
            action: Words on a button that does something about it; empty for none.
            on_action: What that does; the message goes.
        """
        self._tone, self._action = tone, on_action
        self._text.setText(text)
        self._button.setText(action)
        self._button.setVisible(bool(action))
        self._paint()
        self.setAccessibleName(text)
        self.show()
        if tone is Tone.GOOD:
            self._timer.start(_GOOD_NEWS_MS)
        else:
            self._timer.stop()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() is QEvent.Type.PaletteChange:
            self._paint()
        super().changeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape dismisses."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def _act(self) -> None:
        action = self._action
        self.hide()
        if action is not None:
            action()

    def _paint(self) -> None:
        ground, line = getattr(tokens(), f"{self._tone}_ground"), getattr(tokens(), self._tone)
        sheet = f"QFrame#banner {{ background: {ground}; border: 1px solid {line}; border-radius: 8px; }}"
        if sheet != self.styleSheet():
            self.setStyleSheet(sheet)
        self._icon.setPixmap(icon(_ICONS[self._tone], self._tone).pixmap(QSize(18, 18)))
