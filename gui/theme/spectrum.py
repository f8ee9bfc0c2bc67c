"""The colours of spectrograms."""

from __future__ import annotations

from functools import cache

import numpy as np
from PySide6.QtGui import QColor

from gui.theme.tokens import DARK, LIGHT, Tokens, tokens

_CONTRAST = 1.7
_STOPS = {
    DARK.name: ("panel", "selection", "accent", "accent_text", "text"),
    LIGHT.name: ("panel", "moment", "accent", "accent_text", "text"),
}


def spectrum_colours() -> list[int]:
    """256 colours as Qt's `QRgb`, from silence to the loudest, in the theme in use."""
    return list(_colours(tokens()))


@cache
def _colours(chosen: Tokens) -> tuple[int, ...]:
    names = _STOPS[chosen.name]
    stops = np.array([(c.red(), c.green(), c.blue()) for c in map(chosen.colour, names)])  # (stops, 3)
    at = np.linspace(0, 1, 256) ** _CONTRAST * (len(names) - 1)
    channels = [np.rint(np.interp(at, np.arange(len(names)), stops[:, channel])).astype(int) for channel in range(3)]
    return tuple(QColor(*(int(value) for value in colour)).rgba() for colour in zip(*channels, strict=True))
