"""The look: colours, sizes, icons and the style sheet, in light and dark. All colours of the app are here."""

from gui.theme.categories import categories
from gui.theme.icons import icon
from gui.theme.spectrum import spectrum_colours
from gui.theme.style import apply
from gui.theme.tokens import DARK, LIGHT, Mode, Tokens, tokens

__all__ = ["DARK", "LIGHT", "Mode", "Tokens", "apply", "categories", "icon", "spectrum_colours", "tokens"]
