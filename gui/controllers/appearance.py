"""Light or dark, as the user or the system wants it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from gui import theme
from gui.settings import Settings

MODE = "appearance/mode"


class AppearanceController(QObject):
    """Gives the application its look, at once and whenever the wish for it changes.

    Args:
        app: What is to look like that.
        settings: Say which look is wanted.
        parent: Its owner.
    """

    changed = Signal(object)
    """The `Tokens` in use from now on."""

    def __init__(self, app: QApplication, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app, self._settings = app, settings
        settings.changed.connect(self._on_setting)
        app.styleHints().colorSchemeChanged.connect(self._follow)
        self._tokens = theme.apply(app, settings.mode)

    @property
    def tokens(self) -> theme.Tokens:
        """Those in use."""
        return self._tokens

    def _on_setting(self, key: str) -> None:
        if key == MODE:
            self._apply()

    def _follow(self) -> None:
        if self._settings.mode is theme.Mode.SYSTEM:
            self._apply()

    def _apply(self) -> None:
        before, self._tokens = self._tokens, theme.apply(self._app, self._settings.mode)
        if self._tokens is not before:
            self.changed.emit(self._tokens)
