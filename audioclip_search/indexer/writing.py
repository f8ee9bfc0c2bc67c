"""The last stage: finished files into the index, in large commits."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from audioclip_search.errors import StorageError
from audioclip_search.storage import IndexStore
from audioclip_search.types import FileRecord, KnownContent

# A commit is due when this many embedded files, windows or changes of any kind wait, or after a while: if commits are
# slow, a longer one, so that they take a small share of the time.
_FILES = 256
_WINDOWS = 8_192
_CHANGES = 4_096
_EVERY_S = 2.0
_SLOWEST_EVERY_S = 30.0
_SHARE = 0.05


class Writer:
    """Collects changes and commits them in a thread of its own, one commit at a time; while one is under way, the next
    is collected, and no more. A context manager: leaving it commits the rest, whatever ended the block, unless it was
    the index itself. `add`, `commit_if_due` and leaving raise the `StorageError` of an earlier commit."""

    def __init__(self, store: IndexStore) -> None:
        self._store = store
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="audioclip-search-writer")
        self._under_way: Future[None] | None = None
        self._changes: list[FileRecord | KnownContent] = []
        self._files = self._windows = 0
        self._due = time.monotonic() + _EVERY_S
        self._cost_s = 0.0  # of the last commit

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._executor:
            if not isinstance(error, StorageError):
                self._commit()
                self._settle()

    def add(self, change: FileRecord | KnownContent) -> None:
        """Take a finished file."""
        self._changes.append(change)
        if isinstance(change, FileRecord):
            self._windows += len(change.windows)
        if isinstance(change, FileRecord) or not change.moved:  # whose vectors are written, or copied
            self._files += 1
        if self._files >= _FILES or self._windows >= _WINDOWS or len(self._changes) >= _CHANGES:
            self._commit()

    def add_at_once(self, changes: Sequence[KnownContent]) -> None:
        """Take files whose changes depend on each other: all of them go into one commit."""
        self._changes.extend(changes)
        self._commit()

    def commit_if_due(self) -> None:
        """Commit what has waited long enough; returns at once."""
        idle = self._under_way is None or self._under_way.done()
        if idle and time.monotonic() >= self._due:
            self._commit()

    def _commit(self) -> None:
        self._settle()
        if self._changes:
            self._under_way = self._executor.submit(self._write, self._changes)
            self._changes, self._files, self._windows = [], 0, 0
        self._due = time.monotonic() + min(max(_EVERY_S, self._cost_s / _SHARE), _SLOWEST_EVERY_S)

    def _write(self, changes: list[FileRecord | KnownContent]) -> None:
        started = time.monotonic()
        self._store.write(changes)
        self._cost_s = time.monotonic() - started

    def _settle(self) -> None:
        """Wait for the commit under way."""
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            under_way.result()
