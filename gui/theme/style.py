"""The application's palette and style sheet."""

from __future__ import annotations

import importlib.resources
import re
from collections.abc import Iterator
from contextlib import contextmanager
from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from gui.theme.icons import coloured
from gui.theme.tokens import DARK, LIGHT, PROPERTY, Mode, Tokens


def apply(app: QApplication, mode: Mode) -> Tokens:
    """Give the application its look; again when the system's or the user's wish changes.

    Returns:
        The tokens in use from now on.
    """
    chosen = _chosen(app, mode)
    app.setProperty(PROPERTY, chosen.name)
    if app.style().objectName().lower() != "fusion":
        app.setStyle("Fusion")
    app.setPalette(_palette(chosen))
    app.setStyleSheet(_style_sheet(chosen))
    return chosen


@contextmanager
def styled_together(app: QApplication) -> Iterator[None]:
    """Widgets that are made meanwhile get the look at the end, all at once; else each would get it anew for every other
    one that it is put into."""
    sheet = app.styleSheet()
    app.setStyleSheet("")
    try:
        yield
    finally:
        app.setStyleSheet(sheet)


def _chosen(app: QApplication, mode: Mode) -> Tokens:
    if mode is Mode.SYSTEM:
        return LIGHT if app.styleHints().colorScheme() is Qt.ColorScheme.Light else DARK
    return LIGHT if mode is Mode.LIGHT else DARK


def _style_sheet(chosen: Tokens) -> str:
    text = importlib.resources.files("gui.theme").joinpath("style.qss").read_text("utf-8")
    icons = coloured(set(_ICON.findall(text)), chosen)
    return Template(text).substitute(
        {name: getattr(chosen, name) for name in Tokens.__dataclass_fields__}, icons=icons.as_posix()
    )


_ICON = re.compile(r"\$icons/([\w-]+)@(\w+)\.svg")
"""An icon in the style sheet, and the token that it is to be drawn in: style sheets only know files."""


def _palette(chosen: Tokens) -> QPalette:
    roles = {
        QPalette.ColorRole.Window: chosen.ground,
        QPalette.ColorRole.WindowText: chosen.text,
        QPalette.ColorRole.Base: chosen.raised,
        QPalette.ColorRole.AlternateBase: chosen.panel,
        QPalette.ColorRole.Text: chosen.text,
        QPalette.ColorRole.PlaceholderText: chosen.muted,
        QPalette.ColorRole.Button: chosen.raised,
        QPalette.ColorRole.ButtonText: chosen.text,
        QPalette.ColorRole.ToolTipBase: chosen.raised,
        QPalette.ColorRole.ToolTipText: chosen.text,
        QPalette.ColorRole.Highlight: chosen.accent,
        QPalette.ColorRole.HighlightedText: chosen.on_accent,
        QPalette.ColorRole.Link: chosen.accent_text,
        QPalette.ColorRole.Mid: chosen.line,
        QPalette.ColorRole.Accent: chosen.accent,
    }
    palette = QPalette()
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(chosen.strong_line))
    return palette
