"""The line above the results: how many there are, and ways to look at them."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from gui.theme import icon


class Page(StrEnum):
    """What the middle of the window shows."""

    WELCOME = "welcome"
    LIST = "list"
    GRID = "grid"
    MAP = "map"
    DUPLICATES = "duplicates"


class Summary(QWidget):
    """How many results there are, and the switch between list, grid, map and duplicates."""

    page_chosen = Signal(Page)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = QLabel()
        self._text.setObjectName("muted")
        layout = self._line = QHBoxLayout(self)
        layout.setContentsMargins(4, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._text, 1)
        group = QActionGroup(self)
        self.actions_of: dict[Page, QAction] = {}
        offers = (
            (Page.LIST, "list", self.tr("List"), "Ctrl+1"),
            (Page.GRID, "grid", self.tr("Grid"), "Ctrl+2"),
            (Page.MAP, "map", self.tr("Map"), "Ctrl+3"),
            (Page.DUPLICATES, "copies", self.tr("Duplicates"), "Ctrl+4"),
        )
        for page, symbol, label, keys in offers:
            action = QAction(icon(symbol, "muted"), label, self)
            action.setShortcut(keys)
            action.setCheckable(True)
            action.setToolTip(f"{label} ({keys})")
            action.triggered.connect(lambda _=False, page=page: self.page_chosen.emit(page))
            group.addAction(action)
            self.actions_of[page] = action
            button = QToolButton()
            button.setDefaultAction(action)
            button.setIconSize(QSize(18, 18))
            button.setAccessibleName(label)
            layout.addWidget(button)

    @property
    def text(self) -> str:
        """What it says."""
        return self._text.text()

    def tell(self, text: str) -> None:
        """Say how many results there are."""
        self._text.setText(text)
        self._text.setToolTip(text)

    def add(self, widget: QWidget) -> None:
        """Put something between the text and the switch."""
        self._line.insertWidget(1, widget)

    def mark(self, page: Page) -> None:
        """Show which page is on screen."""
        action = self.actions_of.get(page)
        for other in self.actions_of.values():
            other.setChecked(other is action)
