"""The look: colours, sizes, icons and the style sheet, in light and dark. All colours of the app are here."""

from gui.theme.categories import categories
from gui.theme.icons import icon
from gui.theme.spectrum import spectrum_colours
from gui.theme.style import apply, styled_together
from gui.theme.tokens import DARK, GRID, LIGHT, RADIUS, Mode, Tokens, tokens

__all__ = [
    "DARK",
    "GRID",
    "LIGHT",
    "RADIUS",
    "Mode",
    "Tokens",
    "apply",
    "categories",
    "icon",
    "spectrum_colours",
    "styled_together",
    "tokens",
]
