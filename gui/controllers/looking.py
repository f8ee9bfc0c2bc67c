"""The larger view of a sound: waveform and spectrogram of the part that is seen."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from gui.backend.calls import sound_view
from gui.engine import Engine, Request
from gui.records import Trouble

_WAIT_MS = 60
_LONGEST_OUTLINE_S = 60.0  # longer parts are drawn from the whole sound's waveform


class LookingController(QObject):
    """Asks for what is seen of a sound, once the view has come to rest; only the newest answer counts.

    Args:
        painter: Draws.
        parent: Its owner.
    """

    sound_changed = Signal(str)
    """Another sound is selected; its path, empty for none."""

    outlined = Signal(object)
    """An `Outline` of the part that is seen."""

    analysed = Signal(object)
    """A `Spectrum` of it."""

    trouble = Signal(object)
    """A `Trouble`: it can't be drawn."""

    def __init__(self, painter: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._painter = painter
        self._path = ""
        self._wanted = (0.0, 0.0, 0, 0)
        self._requests: list[Request[Any]] = []
        self._rest = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self._rest.timeout.connect(self._ask)

    @property
    def path(self) -> str:
        """The sound; empty if there is none."""
        return self._path

    def look_at(self, path: str) -> None:
        """Another sound; `see` says which part of it."""
        self.forget()
        self._path = path
        self.sound_changed.emit(path)

    def see(self, start_s: float, end_s: float, columns: int, bands: int) -> None:
        """The part that is seen, and how finely."""
        self._wanted = start_s, end_s, columns, bands
        self._rest.start()

    def forget(self) -> None:
        """Nothing is wanted any more."""
        self._rest.stop()
        self._drop()

    def _drop(self) -> None:
        for request in self._requests:
            request.drop()
        self._requests.clear()

    def _ask(self) -> None:
        self._drop()
        start_s, end_s, columns, bands = self._wanted
        if not self._path or end_s <= start_s:
            return
        spectrum = self._painter.call(sound_view.spectrum_of, self._path, start_s, end_s, columns, bands)
        self._requests.append(spectrum.then(self.analysed.emit, self._on_trouble))
        if end_s - start_s <= _LONGEST_OUTLINE_S:
            outline = self._painter.call(sound_view.outline_of, self._path, start_s, end_s, columns)
            self._requests.append(outline.then(self.outlined.emit, self._on_trouble))

    def _on_trouble(self, trouble: Trouble) -> None:
        self._drop()
        self.trouble.emit(trouble)
