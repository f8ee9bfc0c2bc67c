"""The menu bar: every command of the app by name, with its keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from gui.theme import icon


@dataclass(frozen=True, slots=True)
class Command:
    """A line of a menu.

    Attributes:
        name: What the app calls it.
        label: What it says, with an ampersand before its letter.
        act: What it does; a checkable one is given whether it is checked now.
        keys: Its shortcut; several have a space between them, and there may be none.
        symbol: Its icon's name; empty for none.
        checked: Whether it is checked at first; None if it can't be.
    """

    name: str
    label: str
    act: Callable[..., object]
    keys: str = ""
    symbol: str = ""
    checked: bool | None = None


Line = Command | QAction | QMenu | None
"""A line of a menu: a new command, one that is there already, a menu of its own, or a separator."""


class MenuBar(QMenuBar):
    """The main window's menu bar. `commands` has the actions that it made, by their commands' names."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.commands: dict[str, QAction] = {}
        self.menus: dict[str, list[QAction]] = {}

    def add(self, title: str, lines: Sequence[Line]) -> QMenu:
        """Add a menu."""
        menu = self.addMenu(title)
        menu.setToolTipsVisible(True)
        own: list[QAction] = []
        for line in lines:
            if line is None:
                menu.addSeparator()
            elif isinstance(line, QMenu):
                menu.addMenu(line)
            else:
                action = line if isinstance(line, QAction) else self._action(line)
                menu.addAction(action)
                own.append(action)
        self.menus[title.replace("&", "")] = own
        return menu

    def _action(self, command: Command) -> QAction:
        action = QAction(command.label, self)
        if command.symbol:
            action.setIcon(icon(command.symbol, "muted"))
        if command.keys:
            action.setShortcuts([QKeySequence(keys) for keys in command.keys.split()])
        if command.checked is None:
            action.triggered.connect(command.act)
        else:
            action.setCheckable(True)
            action.setChecked(command.checked)
            action.toggled.connect(command.act)
        self.commands[command.name] = action
        return action
