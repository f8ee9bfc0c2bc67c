"""What pages of the preferences are made of."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.settings import Settings


class Page(QWidget):
    """A page with a title and settings below each other.

    Args:
        title: What it is about.
        settings: What is set.
    """

    def __init__(self, title: str, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self.title = title
        heading = QLabel(title)
        heading.setObjectName("title")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(24, 20, 24, 16)
        self.column.setSpacing(12)
        self.column.addWidget(heading)
        self._grid: QGridLayout | None = None

    def add_field(self, label: str, field: QWidget, hint: str = "") -> None:
        """A label, what is set, and a hint below."""
        if self._grid is None:
            self._grid = QGridLayout()
            self._grid.setHorizontalSpacing(16)
            self._grid.setVerticalSpacing(4)
            self._grid.setColumnMinimumWidth(0, 150)
            self._grid.setColumnStretch(1, 1)
            self.column.addLayout(self._grid)
        words = QLabel(label)
        words.setBuddy(field)
        if not field.accessibleName():
            field.setAccessibleName(label)
        row = self._grid.rowCount()
        beside = QHBoxLayout()
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(field)
        beside.addStretch()
        self._grid.addWidget(words, row, 0)
        self._grid.addLayout(beside, row, 1)
        if hint:
            self._grid.addWidget(self.hint(hint), row + 1, 1)
        self._grid.setRowMinimumHeight(row + 2, 8)

    def hint(self, text: str) -> QLabel:
        """Small words that explain."""
        label = QLabel(text)
        label.setObjectName("small")
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        return label

    def choice(self, key: str, offers: Sequence[tuple[str, str]], default: str = "") -> QComboBox:
        """A box to choose one of some values in.

        Args:
            key: The setting.
            offers: Values with their names.
            default: The value if none was chosen.
        """
        box = QComboBox()
        for value, name in offers:
            box.addItem(name, value)
        box.setMinimumWidth(260)
        box.setCurrentIndex(max(0, box.findData(self.settings.text(key, default))))
        box.activated.connect(lambda _: self.settings.put(key, str(box.currentData())))
        return box

    def tick(self, key: str, words: str, default: bool) -> QCheckBox:
        """A box to tick."""
        box = QCheckBox(words)
        box.setChecked(self.settings.flag(key, default))
        box.toggled.connect(lambda on: self.settings.put(key, on))
        return box
