"""Pictures of files for those who paint: what is there at once, and the rest soon."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap

from gui import theme
from gui.backend.calls.pictures import Drawn, Kind, Outline, Pixels, Unavailable, Want, clear_pictures, draw
from gui.engine import Engine, Request
from gui.places import cache_dir
from gui.records import Problem, Trouble
from gui.settings import Settings

LIMIT_KEY = "cache/limit_mb"
"""The setting for how much is kept on disk, in megabytes."""

DEFAULT_LIMIT_MB = 500

_AT_ONCE = 2
_MOST_WAITING = 256
_MEMORY_BYTES = 96 << 20
_OVERHEAD_BYTES = 500


@dataclass(slots=True)
class _Entry:
    drawn: Drawn
    mtime_ns: int
    size: int
    pixmap: QPixmap | None = None
    theme: str = ""


class PictureController(QObject):
    """Gives pictures that are in memory and has the painter make others, those asked for last first. Asking costs
    nothing, so that it can be done while painting; `arrived` says when to paint again.

    A file that can't be drawn is not tried again until it changes: `mtime_ns`, where it is given, says so.

    Args:
        painter: An engine for nothing but this.
        settings: For the limit of the cache on disk.
        parent: Its owner.
    """

    arrived = Signal(str)
    """The path of a file of which there is another picture, or of which is known that there is none."""

    def __init__(self, painter: Engine, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._painter, self._settings = painter, settings
        self._kept: OrderedDict[Want, _Entry] = OrderedDict()
        self._kept_bytes = 0
        self._waiting: dict[Want, tuple[int, int, int]] = {}  # the turn it was asked in, its number, and its mtime_ns
        self._under_way: dict[Want, Request[Drawn]] = {}
        self._numbers = itertools.count()
        self._turn = 0
        self._pumping = QTimer(self, interval=0, singleShot=True)
        self._pumping.timeout.connect(self._pump)

    def waveform(self, path: str, mtime_ns: int = 0) -> Outline | None:
        """The outline of a sound; None if it is not there yet, or can't be had."""
        entry = self._entry(Want(path, Kind.WAVEFORM), mtime_ns)
        return entry.drawn if entry is not None and isinstance(entry.drawn, Outline) else None

    def spectrogram(self, path: str, mtime_ns: int = 0) -> QPixmap | None:
        """A small spectrogram of a sound in the theme's colours, time to the right and frequency, logarithmic, up; None
        if it is not there yet, or can't be had."""
        return self._pixmap(Want(path, Kind.SPECTROGRAM), mtime_ns)

    def picture(self, path: str, side: int, mtime_ns: int = 0) -> QPixmap | None:
        """A picture, upright, its longer side at most so many pixels; None if it is not there yet, or can't be had."""
        return self._pixmap(Want(path, Kind.IMAGE, side), mtime_ns)

    def unavailable(self, path: str, kind: Kind, side: int = 0) -> str | None:
        """Why there is no such picture, in words; None if there is one, or nobody knows yet. Asks for nothing."""
        entry = self._kept.get(Want(path, kind, side))
        return entry.drawn.reason if entry is not None and isinstance(entry.drawn, Unavailable) else None

    def leave(self, paths: Iterable[str]) -> None:
        """Nobody looks at these any more: what is not made yet needs not be."""
        left = set(paths)
        for want in [want for want in self._waiting if want.path in left]:
            del self._waiting[want]
        for want, request in self._under_way.items():
            if want.path in left:
                request.cancel()

    def clear(self) -> Request[None]:
        """Forget all pictures, those on disk too."""
        self._kept.clear()
        self._kept_bytes = 0
        return self._painter.call(clear_pictures, str(cache_dir()), self._limit_bytes())

    def close(self) -> None:
        """Ask for nothing more."""
        self._pumping.stop()
        self._waiting.clear()
        for request in self._under_way.values():
            request.drop()
        self._under_way.clear()

    def _entry(self, want: Want, mtime_ns: int) -> _Entry | None:
        entry = self._kept.get(want)
        if entry is not None and mtime_ns in (0, entry.mtime_ns):
            self._kept.move_to_end(want)
            return entry
        if want not in self._under_way:
            self._waiting[want] = self._turn, -next(self._numbers), mtime_ns
            if not self._pumping.isActive():
                self._pumping.start()
        return entry  # better an old one than none

    def _pixmap(self, want: Want, mtime_ns: int) -> QPixmap | None:
        entry = self._entry(want, mtime_ns)
        if entry is None or not isinstance(entry.drawn, Pixels):
            return None
        name = theme.tokens().name
        if entry.pixmap is None or (entry.theme != name and want.kind is Kind.SPECTROGRAM):
            entry.pixmap, entry.theme = _pixmap_of(entry.drawn.content), name
        return entry.pixmap

    def _pump(self) -> None:
        """Between two turns of painting: hand out what was asked for in the last one first, from its beginning."""
        self._turn += 1
        if len(self._waiting) > _MOST_WAITING:
            newest = sorted(self._waiting.items(), key=lambda item: item[1], reverse=True)
            self._waiting = dict(newest[:_MOST_WAITING])
        self._hand_out()

    def _hand_out(self) -> None:
        while self._waiting and len(self._under_way) < _AT_ONCE:
            want = max(self._waiting, key=self._waiting.__getitem__)
            mtime_ns = self._waiting.pop(want)[2]
            request = self._painter.call(draw, want, str(cache_dir()), self._limit_bytes())
            self._under_way[want] = request
            request.then(partial(self._on_drawn, want, mtime_ns), partial(self._on_trouble, want, mtime_ns))

    def _on_drawn(self, want: Want, mtime_ns: int, drawn: Drawn) -> None:
        self._under_way.pop(want, None)
        self._keep(want, _Entry(drawn, mtime_ns, _OVERHEAD_BYTES + 2 * _bytes(drawn)))
        self._hand_out()
        self.arrived.emit(want.path)

    def _on_trouble(self, want: Want, mtime_ns: int, trouble: Trouble) -> None:
        if trouble.kind is Problem.CANCELLED:
            self._under_way.pop(want, None)
            self._hand_out()
        else:  # were it asked for again, it might bring the painter down again
            self._on_drawn(want, mtime_ns, Unavailable(trouble.reason))

    def _keep(self, want: Want, entry: _Entry) -> None:
        old = self._kept.pop(want, None)
        self._kept_bytes += entry.size - (0 if old is None else old.size)
        self._kept[want] = entry
        while self._kept_bytes > _MEMORY_BYTES:
            self._kept_bytes -= self._kept.popitem(last=False)[1].size

    def _limit_bytes(self) -> int:
        return round(max(0.0, self._settings.number(LIMIT_KEY, DEFAULT_LIMIT_MB)) * 1e6)


def _bytes(drawn: Drawn) -> int:
    if isinstance(drawn, Pixels):
        return drawn.content.nbytes
    return drawn.low.nbytes if isinstance(drawn, Outline) else 0


def _pixmap_of(content: NDArray[np.uint8]) -> QPixmap:
    height, width = content.shape[:2]
    data = content.tobytes()  # Qt does not keep it alive
    if content.ndim == 2:
        image = QImage(data, width, height, width, QImage.Format.Format_Indexed8)
        image.setColorTable(theme.spectrum_colours())
    else:
        image = QImage(data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return QPixmap.fromImage(image)
