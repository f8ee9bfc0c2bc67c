"""One watched folder: an observer of its own, by the system's events or by looking again and again."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from enum import Enum
from functools import partial
from pathlib import Path

from watchdog.events import (
    DirAttribEvent,
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileAttribEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
    FileSystemMovedEvent,
)
from watchdog.observers.api import BaseObserver
from watchdog.observers.polling import PollingEmitter

if sys.platform == "linux":
    from audioclip_search.watch.linux import NativeObserver
elif sys.platform == "darwin":
    from audioclip_search.watch.macos import NativeObserver
elif sys.platform == "win32":
    from audioclip_search.watch.windows import NativeObserver

THREAD_NAME = "audioclip-search-watcher"
# Of a second thread or process that reads: opened, closed without a write. Of a folder: that something in it changed.
_EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileModifiedEvent,
    FileAttribEvent,
    FileClosedEvent,
    FileDeletedEvent,
    FileMovedEvent,
    DirCreatedEvent,
    DirAttribEvent,
    DirDeletedEvent,
    DirMovedEvent,
]
_NATIVE_TIMEOUT_S = 0.2
_LOOK_SHARE = 0.2  # of the time may be spent looking


class Trouble(Enum):
    """Why a folder has to be watched anew."""

    NONE = "none"
    LOST = "lost"  # events were lost, or nobody is left to report them
    LIMIT = "limit"  # some folders aren't watched: the system has no more watches


class Source(FileSystemEventHandler):
    """Watches a folder and all below it, except what is behind links to folders, from construction to `close`.

    Args:
        folder: An existing folder, absolute; its paths are reported as they are spelt here, links or not.
        on_change: Called from a thread of the source with a path.
        on_move: Called likewise with the old and the new path, and whether it is a folder.
        wanted: Whether a path, spelt without links, matters; called likewise.
        poll_s: Seconds between two looks, at least; None to rely on the system's events.

    Raises:
        OSError: The folder can't be watched in this way.
    """

    def __init__(
        self,
        folder: Path,
        *,
        on_change: Callable[[str], None],
        on_move: Callable[[str, str, bool], None],
        wanted: Callable[[str], bool],
        poll_s: float | None,
    ) -> None:
        self._spelt = str(folder)
        self._real = os.path.realpath(folder)
        self._on_change = on_change
        self._on_move = on_move
        self._wanted = wanted
        self._trouble = Trouble.NONE
        self._closed = False
        self._observer = self._native() if poll_s is None else self._polling(poll_s)
        try:
            self._observer.schedule(self, self._real, recursive=True, event_filter=_EVENTS)
            self._observer.name = f"{THREAD_NAME}-observer"
            for emitter in self._observer.emitters:
                emitter.name = f"{THREAD_NAME}-emitter"
            self._observer.start()
        except BaseException:
            self.close()
            raise

    @property
    def trouble(self) -> Trouble:
        """Whether this source is to be replaced by a new one."""
        if self._trouble is Trouble.NONE and not self._alive():
            return Trouble.LOST
        return self._trouble

    def close(self) -> None:
        """Stop and join the threads. May be called twice."""
        self._closed = True
        self._observer.stop()
        if self._observer.is_alive():
            self._observer.join()

    def dispatch(self, event: FileSystemEvent) -> None:
        """Called by the observer."""
        # watchdog makes up events for what is in a folder that was moved. The folder stands for it.
        if self._closed or event.is_synthetic:
            return
        moved = isinstance(event, FileSystemMovedEvent)
        reported = map(os.fsdecode, (event.src_path, event.dest_path) if moved else (event.src_path,))
        paths = [self._spell(path) for path in reported if self._wanted(path)]
        if len(paths) == 2:
            self._on_move(paths[0], paths[1], event.is_directory)
        elif paths:
            self._on_change(paths[0])

    def _spell(self, path: str) -> str:
        if path == self._real or path.startswith(self._real.rstrip(os.sep) + os.sep):
            return self._spelt + path[len(self._real) :]
        return path

    def _alive(self) -> bool:
        emitters = list(self._observer.emitters)
        return (
            self._observer.is_alive()
            and bool(emitters)
            and all(emitter.is_alive() for emitter in emitters)
            and (not isinstance(self._observer, NativeObserver) or self._observer.healthy)
        )

    def _native(self) -> BaseObserver:
        return NativeObserver(
            _NATIVE_TIMEOUT_S,
            thread_name=THREAD_NAME,
            on_lost=partial(self._in_trouble, Trouble.LOST),
            on_limit=partial(self._in_trouble, Trouble.LIMIT),
        )

    def _in_trouble(self, trouble: Trouble) -> None:
        if self._trouble is not Trouble.LIMIT:
            self._trouble = trouble

    def _polling(self, poll_s: float) -> BaseObserver:
        return BaseObserver(_PatientEmitter, timeout=poll_s, listdir=self._list)

    def _list(self, folder: str | None) -> Iterator[os.DirEntry[str]]:
        if self._closed:
            return iter(())  # whoever closes need not wait for the rest of a large tree; nothing is reported any more
        with os.scandir(folder) as listing:
            entries = [entry for entry in listing if not (entry.is_symlink() and entry.is_dir())]
        return iter([entry for entry in entries if self._wanted(entry.path)])


class _PatientEmitter(PollingEmitter):
    """Looks less often at a folder that takes long to look at."""

    _pause_s = 0.0

    def queue_events(self, timeout: float) -> None:
        pause_s = max(timeout, self._pause_s)
        started = time.monotonic()
        super().queue_events(pause_s)
        self._pause_s = (time.monotonic() - started - pause_s) / _LOOK_SHARE
