"""Icons, drawn in the colour that the theme has at the moment they are painted."""

from __future__ import annotations

import importlib.resources
import logging
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from gui import places
from gui.theme.tokens import Tokens, tokens

logger = logging.getLogger(__name__)

_STROKE = "currentColor"


def icon(name: str, role: str = "text") -> QIcon:
    """An icon by its file's name, without the suffix.

    Args:
        name: Of a file `<name>.svg` beside this module: 24 by 24, in `currentColor`.
        role: The token for its colour; disabled, it is `faint`.

    Raises:
        FileNotFoundError: There is no such icon.
    """
    _svg(name)
    return QIcon(_Engine(name, role))


def coloured(wanted: Iterable[tuple[str, str]], chosen: Tokens) -> Path:
    """Write icons in the colours of tokens to files, for a style sheet.

    Args:
        wanted: Pairs of an icon's name and a token's.
        chosen: The tokens.

    Returns:
        The folder with `<icon>@<token>.svg`. If it can't be written, they are missing.
    """
    folder = places.cache_dir() / "theme" / chosen.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, role in wanted:
            file, drawing = folder / f"{name}@{role}.svg", _svg(name).replace(_STROKE, getattr(chosen, role))
            if not file.exists() or file.read_text("utf-8") != drawing:
                file.write_text(drawing, "utf-8")
    except OSError as error:
        logger.warning("the style's icons can't be written: %s", error)
    return folder


@cache
def _svg(name: str) -> str:
    return importlib.resources.files(__name__).joinpath(f"{name}.svg").read_text("utf-8")


@cache
def _renderer(name: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_svg(name).replace(_STROKE, colour).encode()))


class _Engine(QIconEngine):
    def __init__(self, name: str, role: str) -> None:
        super().__init__()
        self._name, self._role = name, role

    def clone(self) -> QIconEngine:
        return _Engine(self._name, self._role)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        role = "accent_text" if state is QIcon.State.On else self._role
        colour = getattr(tokens(), "faint" if mode is QIcon.Mode.Disabled else role)
        side = min(rect.width(), rect.height())
        square = QRectF(0, 0, side, side)
        square.moveCenter(QRectF(rect).center())
        _renderer(self._name, colour).render(painter, square)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return pixmap
