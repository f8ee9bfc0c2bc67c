"""A small window that asks for a name."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget


class NamePopup(QFrame):
    """A line to write a name in and a button; Escape closes it.

    Args:
        title: What is named.
        verb: What the button says.
        name: What is proposed.
        parent: Its owner.
    """

    named = Signal(str)

    def __init__(self, title: str, verb: str, name: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        heading = QLabel(title)
        heading.setObjectName("strong")
        self._button = QPushButton(verb)
        self.edit = QLineEdit(name)
        self.edit.setMinimumWidth(240)
        self.edit.setAccessibleName(self.tr("Name"))
        self.edit.selectAll()
        self.edit.returnPressed.connect(self._accept)
        self.edit.textChanged.connect(lambda text: self._button.setEnabled(bool(text.strip())))
        self._button.setObjectName("primary")
        self._button.clicked.connect(self._accept)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.edit, 1)
        row.addWidget(self._button)
        card = QFrame()
        card.setObjectName("card")
        column = QVBoxLayout(card)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(8)
        column.addWidget(heading)
        column.addLayout(row)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(card)

    def open_below(self, button: QWidget) -> None:
        """Show it below its button, their right edges in line, inside the screen."""
        self.adjustSize()
        corner = button.mapToGlobal(QPoint(button.width() - self.width(), button.height() + 8))
        screen = button.screen().availableGeometry()
        self.move(min(max(screen.left(), corner.x()), screen.right() - self.width()), corner.y())
        self.show()
        self.edit.setFocus(Qt.FocusReason.PopupFocusReason)

    def _accept(self) -> None:
        if self.edit.text().strip():
            self.named.emit(self.edit.text().strip())
            self.close()
