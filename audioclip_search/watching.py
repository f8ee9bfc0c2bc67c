"""`Watch`: an index that follows its folders, change by change."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from audioclip_search.errors import AudioCLIPSearchError, CancelledError
from audioclip_search.media import IGNORE_FILE
from audioclip_search.types import CancelToken, OnProgress, SyncReport
from audioclip_search.watch import Changes, TryAgainError, Watcher

logger = logging.getLogger(__name__)

QUIET_S = 2.0
"""How long nothing must have happened to a file before it is read, seconds."""

_MAX_RETRY_S = 300.0


class Sync(Protocol):
    """`Library.sync`, as far as a watch needs it."""

    def __call__(
        self, *, on_progress: OnProgress | None, cancel: CancelToken, paths: Collection[Path] | None
    ) -> SyncReport:
        """Bring the index up to date, with these places or with all."""


class Watch:
    """Syncs a library now, and whenever something changes in its folders, until it is closed. See `Library.watch`."""

    def __init__(
        self,
        sync: Sync,
        folders: Sequence[Path],
        *,
        skip: Collection[Path],
        on_sync: Callable[[SyncReport], None] | None,
        on_error: Callable[[AudioCLIPSearchError], None] | None,
        on_progress: OnProgress | None,
        quiet_s: float,
        polling: bool | None,
    ) -> None:
        self._sync = sync
        self._on_sync = on_sync
        self._on_error = on_error
        self._on_progress = on_progress
        self._cancel = CancelToken()
        self._closing = threading.Event()
        self._quiet_s = quiet_s
        self._updating: set[int] = set()  # which threads are
        # What changes during the first sync is noticed: the folders are watched already.
        self._watcher = Watcher(folders, self._changed, quiet_s=quiet_s, polling=polling, skip=skip)
        self._first = threading.Thread(target=self._catch_up, name="audioclip-search-watch")
        self._first.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def polled(self) -> frozenset[Path]:
        """The folders that are looked at every so often, because the system does not tell of changes there."""
        return self._watcher.polled

    def close(self) -> None:
        """Stop; a sync under way keeps what is finished. Calling it again does nothing. Called from one of its own
        callbacks it does not wait."""
        self._cancel.cancel()
        self._closing.set()
        if threading.get_ident() in self._updating:
            return  # the other thread may be waiting for the sync that calls this; both end when that has
        self._watcher.close()
        self._first.join()

    def _catch_up(self) -> None:
        """Sync everything once, and if that fails again and again, ever more seldom: what changes meanwhile is synced
        place by place, and would leave the rest out."""
        retry_s = self._quiet_s
        while not self._closing.is_set():
            try:
                self._update(None)
                break
            except TryAgainError:
                self._closing.wait(retry_s)
                retry_s = min(2 * retry_s, _MAX_RETRY_S)
        if self._closing.is_set():
            self._watcher.close()

    def _changed(self, changes: Changes) -> None:
        # What an ignore file says concerns its folder.
        paths = {path.parent if path.name == IGNORE_FILE else path for path in changes.paths}
        try:
            self._update(None if changes.rescan else paths)
        finally:
            if self._closing.is_set():
                self._watcher.close()

    def _update(self, paths: Collection[Path] | None) -> None:
        self._updating.add(threading.get_ident())
        try:
            self._sync_and_tell(paths)
        finally:
            self._updating.discard(threading.get_ident())

    def _sync_and_tell(self, paths: Collection[Path] | None) -> None:
        try:
            report = self._sync(on_progress=self._on_progress, cancel=self._cancel, paths=paths)
        except CancelledError:
            return
        except AudioCLIPSearchError as error:
            if self._cancel.cancelled:
                return
            if self._on_error is not None:
                self._on_error(error)
            else:
                logger.warning("the index could not be brought up to date: %s", error)
            raise TryAgainError from error
        if self._on_sync is not None and report.did_something:
            self._on_sync(report)
