"""All keyboard shortcuts, taken from the actions that have them, so that the sheet is never wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

_COLUMNS = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing to do, and its keys as the system writes them; several for several ways."""

    words: str
    keys: tuple[str, ...]


def entries(actions: Sequence[QAction]) -> list[Entry]:
    """What actions with shortcuts do, in their order."""
    found = []
    for action in actions:
        keys = tuple(
            key.toString(QKeySequence.SequenceFormat.NativeText) for key in action.shortcuts() if not key.isEmpty()
        )
        words = action.text().replace("&", "").rstrip("…").rstrip(".")
        if keys and words:
            found.append(Entry(words, keys))
    return found


class ShortcutsSheet(QDialog):
    """The shortcuts by group, with a box to look one up in.

    Args:
        groups: Actions by the group's title.
        parent: The window above which it opens.
    """

    def __init__(self, groups: Mapping[str, Sequence[QAction]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        self.resize(820, 600)
        self._groups = {title: entries(actions) for title, actions in groups.items()}
        title = QLabel(self.windowTitle())
        title.setObjectName("title")
        self._search = QLineEdit()
        self._search.setPlaceholderText(self.tr("Look up"))
        self._search.setClearButtonEnabled(True)
        self._search.setAccessibleName(self.tr("Look up a shortcut"))
        self._search.setFixedWidth(220)
        self._search.textChanged.connect(self._fill)
        top = QHBoxLayout()
        top.addWidget(title, 1)
        top.addWidget(self._search)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 12, 16)
        layout.setSpacing(16)
        top.setContentsMargins(0, 0, 12, 0)
        layout.addLayout(top)
        layout.addWidget(self._area, 1)
        self._fill("")

    @property
    def search(self) -> QLineEdit:
        """Where one types what to look up."""
        return self._search

    def shown(self) -> list[Entry]:
        """What the sheet lists now."""
        sought = self._search.text().casefold().strip()
        return [entry for found in self._groups.values() for entry in found if _matches(entry, sought)]

    def _fill(self, sought: str) -> None:
        sought = sought.casefold().strip()
        page = QWidget()
        columns = QHBoxLayout(page)
        columns.setContentsMargins(0, 0, 12, 0)
        columns.setSpacing(40)
        boxes: list[QVBoxLayout] = []
        heights = [0] * _COLUMNS
        for _ in range(_COLUMNS):
            box = QVBoxLayout()
            box.setSpacing(20)
            columns.addLayout(box, 1)
            boxes.append(box)
        for title, found in self._groups.items():
            matching = [entry for entry in found if _matches(entry, sought)]
            if matching:
                shortest = heights.index(min(heights))
                heights[shortest] += len(matching) + 2
                boxes[shortest].addLayout(_group(title, matching))
        for box in boxes:
            box.addStretch()
        if not any(heights):
            nothing = QLabel(self.tr("No shortcut is called that."))
            nothing.setObjectName("muted")
            boxes[0].insertWidget(0, nothing)
        self._area.setWidget(page)


def _matches(entry: Entry, sought: str) -> bool:
    return not sought or sought in entry.words.casefold() or any(sought in key.casefold() for key in entry.keys)


def _group(title: str, found: Sequence[Entry]) -> QVBoxLayout:
    layout = QVBoxLayout()
    layout.setSpacing(8)
    heading = QLabel(title)
    heading.setObjectName("section")
    layout.addWidget(heading)
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(0, 1)
    for row, entry in enumerate(found):
        words, keys = QLabel(entry.words), QHBoxLayout()
        keys.setSpacing(4)
        keys.addStretch()
        for number, combination in enumerate(entry.keys):
            if number:
                keys.addWidget(QLabel("/"))
            for key in _caps(combination):
                cap = QLabel(key)
                cap.setObjectName("key")
                cap.setAlignment(Qt.AlignmentFlag.AlignCenter)
                keys.addWidget(cap)
        grid.addWidget(words, row, 0)
        grid.addLayout(keys, row, 1)
    layout.addLayout(grid)
    return layout


def _caps(combination: str) -> list[str]:
    """The keys of a combination; a plus sign at its end is a key."""
    if combination.endswith("+"):
        return [*[key for key in combination[:-1].split("+") if key], "+"]
    return combination.split("+")
