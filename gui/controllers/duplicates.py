"""Duplicates."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QDir, QFile, QObject, QStandardPaths, QTimer, Signal

from audioclip_search import DuplicateTier, SyncProgress
from gui.backend.calls import duplicates as calls
from gui.engine import Engine, Request
from gui.records import Problem, Trouble
from gui.settings import Settings

_TIERS = "duplicates/tiers"


class DuplicatesController(QObject):
    """Finds duplicates, takes a no for an answer, and moves what is chosen to the trash.

    Args:
        engine: Has the library.
        settings: Which tiers are wanted.
        parent: Its owner.
    """

    began = Signal()
    """What was told before does not count any more."""

    groups_arrived = Signal(list)
    """Of `CopyGroup`."""

    progressed = Signal(SyncProgress)

    finished = Signal(int)
    """How many groups there are; all were told."""

    stopped = Signal()
    """It was cancelled, or there was trouble."""

    rejected = Signal(list, bool)
    """These paths are no duplicates; or, that being undone, they may be."""

    trashed = Signal(list)
    """These paths are gone."""

    trouble = Signal(Trouble)

    def __init__(self, engine: Engine, settings: Settings | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._settings = settings
        self._request: Request[int] | None = None
        self._condemned: deque[str] = deque()
        self._gone: list[str] = []
        self._kept: list[str] = []
        self._broom = QTimer(self, interval=0)
        self._broom.timeout.connect(self._sweep)

    @property
    def tiers(self) -> tuple[DuplicateTier, ...]:
        """Which kinds are looked for."""
        chosen = [] if self._settings is None else self._settings.texts(_TIERS)
        return tuple(tier for tier in DuplicateTier if tier in chosen) or (DuplicateTier.IDENTICAL, DuplicateTier.SAME)

    @property
    def busy(self) -> bool:
        """Whether a search is under way."""
        return self._request is not None

    def find(self, tiers: Iterable[DuplicateTier]) -> None:
        """Look for duplicates; `finished` or `stopped` ends it."""
        wanted = [tier.value for tier in tiers]
        if self._settings is not None:
            self._settings.put(_TIERS, wanted)
        if self._request is not None:
            self._request.drop()
        self.began.emit()
        self._request = self._engine.call(calls.find, wanted).then(self._finish, self._stop, self._report)

    def cancel(self) -> None:
        """Stop soon; what was found out of files is kept for the next time."""
        if self._request is not None:
            self._request.cancel()

    def reject(self, paths: Sequence[str], *, undo: bool = False) -> None:
        """Say that files are no duplicates of each other, or take that back."""
        chosen = list(paths)
        self._engine.call(calls.reject, chosen, undo=undo).then(
            lambda _: self.rejected.emit(chosen, undo), self.trouble.emit
        )

    def trash(self, paths: Iterable[str]) -> None:
        """Move files to the trash, one after the other, and take them out of the index; `trashed` tells which."""
        self._condemned.extend(paths)
        if self._condemned:
            # On Linux the trash is there, and Qt makes no more than its last folder.
            QDir().mkpath(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation))
            self._broom.start()

    def _sweep(self) -> None:
        """A file each time, so that the window stays alive."""
        path = self._condemned.popleft()
        (self._gone if QFile.moveToTrash(path) else self._kept).append(path)
        if not self._condemned:
            self._broom.stop()
            self._bury()

    def _bury(self) -> None:
        gone, kept = self._gone, self._kept
        self._gone, self._kept = [], []
        if gone:
            self._engine.call(calls.forget, gone).then(lambda _: self.trashed.emit(gone), self.trouble.emit)
        if kept:
            reason = self.tr("could not be moved to the trash")
            if len(kept) > 1:
                reason = self.tr("and {0} others could not be moved to the trash").format(len(kept) - 1)
            remedy = self.tr("See whether the folder can be written and its drive has a trash")
            self.trouble.emit(Trouble(Problem.EXPECTED, reason, kept[0], remedy))

    def _report(self, report: object) -> None:
        if isinstance(report, SyncProgress):
            self.progressed.emit(report)
        else:
            self.groups_arrived.emit(report)

    def _finish(self, count: int) -> None:
        self._request = None
        self.finished.emit(count)

    def _stop(self, trouble: Trouble) -> None:
        self._request = None
        if trouble.kind is not Problem.CANCELLED:
            self.trouble.emit(trouble)
        self.stopped.emit()
