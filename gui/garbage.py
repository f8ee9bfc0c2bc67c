"""When Python looks for garbage: never in the midst of something, and in the window's thread alone."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 500
_YOUNG, _GROWN = 5_000, 20


class Collector(QObject):
    """Takes the place of Python's automatic collector, which runs in whichever thread makes an object: a widget that is
    garbage would be deleted there, which Qt answers with a crash. And with 100,000 rows a look at everything holds the
    window for tenths of a second: what is there at the start is not looked at again, and of the rest what is young.

    Args:
        parent: Its owner, of the window's thread.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        gc.freeze()
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def close(self) -> None:
        """Let Python do it by itself again."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def _look(self) -> None:
        young, grown, _ = gc.get_count()
        if young > _YOUNG:
            gc.collect(1 if grown > _GROWN else 0)
