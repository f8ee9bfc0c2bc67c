"""Small things that views say in place of, or below, what they show."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from gui.theme import icon

_WIDTH = 420


class Notice(QFrame):
    """What was done, with a way back. Hidden until there is something."""

    undone = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self.undo_button = QPushButton(self.tr("Undo"))
        self.undo_button.setObjectName("link")
        self.undo_button.clicked.connect(self.undone)
        close = QToolButton()
        close.setIcon(icon("close", "muted"))
        close.setIconSize(QSize(16, 16))
        close.setAccessibleName(self.tr("Dismiss"))
        close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 4, 4)
        row.addWidget(self._text, 1)
        row.addWidget(self.undo_button)
        row.addWidget(close)
        self.hide()

    def tell(self, text: str) -> None:
        """Show it."""
        self._text.setText(text)
        self.setAccessibleName(text)
        self.show()


class Nothing(QWidget):
    """A picture and some words in the middle of a view that is empty."""

    def __init__(self, symbol: str, headline: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        picture = QLabel()
        picture.setPixmap(icon(symbol, "muted").pixmap(QSize(48, 48)))
        self.headline = QLabel()
        self.headline.setObjectName("heading")
        self.text = QLabel()
        self.text.setObjectName("muted")
        self.text.setWordWrap(True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.text.setFixedWidth(_WIDTH)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addStretch(1)
        for widget in (picture, self.headline, self.text):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)
        self.say(headline, text)

    def say(self, headline: str, text: str) -> None:
        """Say something else."""
        self.headline.setText(headline)
        self.text.setText(text)
        self.text.setFixedHeight(self.text.heightForWidth(_WIDTH))  # a layout that centres it would not ask
