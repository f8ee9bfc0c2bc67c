"""Colours that tell categories apart: at least 3:1 to the ground of their look, in an order in which neighbours
differ for the colour-blind, too."""

from __future__ import annotations

from gui.theme.tokens import LIGHT, tokens

_ON_DARK = ("#4fd1b7", "#ffb14e", "#7fb2ff", "#ff8fb1", "#c8e05a", "#b79cff", "#ff7f50", "#5fd3f3")
_ON_LIGHT = ("#0b7a67", "#b35c00", "#1f5fd0", "#c2185b", "#5c7a00", "#6a3fd0", "#c8431a", "#00708f")


def categories() -> tuple[str, ...]:
    """Eight colours as `#rrggbb`, those of the look in use."""
    return _ON_LIGHT if tokens() is LIGHT else _ON_DARK
