"""What was done, with a way back: over what is looked at, so that nothing moves away under the pointer."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from gui.views.banner import Banner, Tone

_WIDEST = 560
_MARGIN = 16


class Toast(Banner):
    """A banner that lies over the lower edge of another widget.

    Args:
        over: That one.
    """

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        over.installEventFilter(self)

    def tell(
        self, text: str, *, tone: Tone = Tone.GOOD, action: str = "", on_action: Callable[[], None] | None = None
    ) -> None:
        """See `Banner.tell`."""
        super().tell(text, tone=tone, action=action, on_action=on_action)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the edge."""
        if event.type() is QEvent.Type.Resize and not self.isHidden():
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        width = min(_WIDEST, self._over.width() - 2 * _MARGIN)
        height = max(self.heightForWidth(width), self.minimumSizeHint().height())
        left = (self._over.width() - width) // 2
        self.setGeometry(left, self._over.height() - height - _MARGIN, width, height)
        self.raise_()
