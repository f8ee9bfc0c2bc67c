"""Files that leave the app: parts of sounds, copies, playlists."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from gui.backend.calls.exporting import (
    Region,
    clean_regions,
    export_files,
    export_region,
    forget_region,
    prepare_region,
    save_playlist,
)
from gui.engine import Engine, Request
from gui.places import cache_dir
from gui.records import Problem, Row, Trouble

_SETTLE_MS = 200


class ExportController(QObject):
    """Writes what other programs are to have. A region that is selected is written at once, so that it can be dragged
    the moment that somebody wants to.

    Args:
        engine: Does the work; best one that no long work is on.
        parent: Its owner.
    """

    region_ready = Signal(str)
    """The file of the region; empty when there is none any more."""

    exported = Signal(list)
    """The files that were made."""

    progressed = Signal(int, int)
    """How many of how many files are copied."""

    trouble = Signal(Trouble)

    def __init__(self, engine: Engine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._region: Region | None = None
        self._file = ""
        self._taken: set[str] = set()
        self._preparing: Request[str] | None = None
        self._copying: Request[list[str]] | None = None
        self._settling = QTimer(self, interval=_SETTLE_MS, singleShot=True)
        self._settling.timeout.connect(self._prepare)
        self._engine.call(clean_regions, self._folder()).then()

    @property
    def region(self) -> Region | None:
        """What is selected."""
        return self._region

    @property
    def region_file(self) -> str:
        """Its file; empty as long as there is none."""
        return self._file

    def set_region(self, path: str, start_s: float, end_s: float) -> None:
        """A part of a sound is selected."""
        wanted = Region(path, start_s, end_s)
        if wanted != self._region:
            self.clear_region()
            self._region = wanted
            self._settling.start()

    def clear_region(self) -> None:
        """None is any more."""
        self._settling.stop()
        self._region = None
        if self._preparing is not None:
            self._preparing.drop()
            self._preparing = None
        if self._file:
            if self._file not in self._taken:
                self._engine.call(forget_region, self._file)
            self._file = ""
            self.region_ready.emit("")

    def region_taken(self) -> None:
        """Another program took the region's file: it stays."""
        if self._file:
            self._taken.add(self._file)

    def export_region(self, folder: str) -> None:
        """Write the region to a folder."""
        if self._region is not None:
            request = self._engine.call(export_region, self._region, folder)
            request.then(lambda file: self.exported.emit([file]), self.trouble.emit)

    def export_files(self, rows: Sequence[Row], folder: str) -> None:
        """Copy files to a folder."""
        count = len(rows)
        self._copying = self._engine.call(export_files, [row.path for row in rows], folder)
        self._copying.then(self._on_copied, self._on_not_copied, partial(self._on_progress, count))

    def stop(self) -> None:
        """Copy no more."""
        if self._copying is not None:
            self._copying.cancel()

    def save_playlist(self, rows: Sequence[Row], target: str) -> None:
        """Write the sounds among the rows as a playlist."""
        request = self._engine.call(save_playlist, list(rows), target)
        request.then(lambda file: self.exported.emit([file]), self.trouble.emit)

    def close(self) -> None:
        """Forget the region, and stop."""
        self.stop()
        self.clear_region()

    def _folder(self) -> str:
        return str(cache_dir() / "regions")

    def _prepare(self) -> None:
        if self._region is not None:
            self._preparing = self._engine.call(prepare_region, self._region, self._folder())
            self._preparing.then(self._on_prepared, self._on_not_prepared)

    def _on_prepared(self, file: str) -> None:
        self._preparing, self._file = None, file
        self.region_ready.emit(file)

    def _on_not_prepared(self, trouble: Trouble) -> None:
        self._preparing = None
        if trouble.kind is not Problem.CANCELLED:
            self.trouble.emit(trouble)

    def _on_copied(self, files: list[str]) -> None:
        self._copying = None
        self.exported.emit(files)

    def _on_not_copied(self, trouble: Trouble) -> None:
        self._copying = None
        if trouble.kind is not Problem.CANCELLED:
            self.trouble.emit(trouble)

    def _on_progress(self, count: int, done: int) -> None:
        self.progressed.emit(done, count)
