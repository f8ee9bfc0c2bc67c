"""The map of the library."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from gui.backend.calls import mapping as calls
from gui.backend.map_records import Legend, MapPart, MapProgress, MapState
from gui.engine import Engine, Request
from gui.records import Problem, Trouble
from gui.settings import Settings

_AUDITION = "map/audition"


class MapController(QObject):
    """Asks for the map, and tells it in parts.

    Args:
        engine: Has the library.
        settings: Whether pointing at a sound plays it.
        parent: Its owner.
    """

    began = Signal()
    """What was told before does not count any more."""

    legend_arrived = Signal(Legend)
    part_arrived = Signal(MapPart)
    progressed = Signal(MapProgress)

    finished = Signal(MapState)
    """All parts were told."""

    stopped = Signal()
    """There is no map: it was cancelled, or there was trouble."""

    trouble = Signal(Trouble)

    def __init__(self, engine: Engine, settings: Settings | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._settings = settings
        self._request: Request[MapState] | None = None

    @property
    def audition(self) -> bool:
        """Whether pointing at a sound plays it."""
        return self._settings is None or self._settings.flag(_AUDITION, True)

    @audition.setter
    def audition(self, wanted: bool) -> None:
        if self._settings is not None:
            self._settings.put(_AUDITION, wanted)

    @property
    def busy(self) -> bool:
        """Whether a map is under way."""
        return self._request is not None

    def show(self, *, again: bool = False) -> None:
        """Tell the map; it is laid out if there is none yet.

        Args:
            again: Lay it out anew.
        """
        if self._request is not None:
            self._request.drop()
        self.began.emit()
        self._request = self._engine.call(calls.show, again=again).then(self._finish, self._stop, self._report)

    def cancel(self) -> None:
        """Stop soon."""
        if self._request is not None:
            self._request.cancel()

    def _report(self, report: object) -> None:
        if isinstance(report, MapProgress):
            self.progressed.emit(report)
        elif isinstance(report, Legend):
            self.legend_arrived.emit(report)
        else:
            self.part_arrived.emit(report)

    def _finish(self, state: MapState) -> None:
        self._request = None
        self.finished.emit(state)

    def _stop(self, trouble: Trouble) -> None:
        self._request = None
        if trouble.kind is not Problem.CANCELLED:
            self.trouble.emit(trouble)
        self.stopped.emit()
