"""`Watcher`: calls back with the paths that changed, once they are quiet."""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from audioclip_search.watch.disk import condense, identity, look, on_network
from audioclip_search.watch.pending import Pending
from audioclip_search.watch.source import THREAD_NAME, Source, Trouble

logger = logging.getLogger(__name__)

_INDEX_PREFIX = ".audioclip-search"  # of the index's own folder
_CHECK_S = 1.0  # between two looks at whether the folders are still there and watched
_TICK_S = 0.05  # events are gathered for so long before their files are looked at
_MAX_RETRY_S = 300.0
_LIMIT_REMEDY = (
    "It is looked at again and again instead, which takes longer. On Linux, raise the limits: "
    "sudo sysctl fs.inotify.max_user_watches=1048576 fs.inotify.max_user_instances=1024"
)


@dataclass(frozen=True, slots=True)
class Changes:
    """What a `Watcher` has noticed.

    Attributes:
        paths: Absolute paths of files and folders at which something appeared, changed or went; of a move the old and
            the new one. A folder stands for all that is in it. None lies below another that is there.
        rescan: Events may have been lost: look at everything.
    """

    paths: frozenset[Path]
    rescan: bool = False


class TryAgainError(Exception):
    """Raised by an `on_changes` that has told of its failure itself: it is tried again, but not logged."""


@dataclass(slots=True)
class _Root:
    """A watched folder. Without a source it is not there."""

    folder: Path
    polled: bool
    source: Source | None = None
    identity: tuple[int, int] | None = None


class Watcher:
    """Watches folders and all that is in them. A context manager.

    What changes after the constructor has returned is reported when nothing has happened to it for `quiet_s`; a file
    that is still being written waits, and nothing but what was renamed to or from it waits with it. A folder that
    vanishes is reported, and when it comes back it is reported and watched again. Nothing that changes during a call of
    `on_changes` is missed; it is in a later one. Folders behind links inside the watched ones are not watched.

    Args:
        folders: They need not exist yet. Paths are reported as they are spelt here, made absolute.
        on_changes: Called from one thread, never twice at a time. If it raises, this is logged, and it is asked to
            look at everything when it is called next, which is tried again ever more seldom without any change, too.
        quiet_s: Seconds.
        polling: Look at the folders again and again instead of waiting for the system's events; None decides for each
            by its file system: events don't tell what others do on a network drive.
        skip: Files and folders of which nothing is reported. The index's own is left out anyway if it has its usual
            name.

    Raises:
        ValueError: `quiet_s` is not positive.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        on_changes: Callable[[Changes], None],
        *,
        quiet_s: float = 2.0,
        polling: bool | None = None,
        skip: Collection[Path] = (),
    ) -> None:
        if not quiet_s > 0:
            raise ValueError(f"quiet_s must be positive, not {quiet_s}")
        self._on_changes = on_changes
        self._quiet_s = quiet_s
        self._tick_s = min(_TICK_S, quiet_s / 4)
        self._polling = polling
        self._skip = tuple({str(path.absolute()) for path in skip} | {os.path.realpath(path) for path in skip})
        self._pending = Pending(quiet_s)
        self._lock = threading.Lock()  # of `_pending`
        self._roots: dict[Path, _Root] = {}
        self._roots_lock = threading.RLock()
        self._stirred = threading.Event()
        self._closing = threading.Event()
        self._retry_s = 0.0  # 0 unless the last call failed
        self._retry_at_s = math.inf
        self._thread = threading.Thread(
            target=self._run, name=THREAD_NAME, daemon=True
        )  # a forgotten `close` ends with the program
        try:
            for folder in folders:
                self.add(folder)
            self._thread.start()
        except BaseException:
            self._close_sources()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop, and wait until all threads have ended; what is not quiet yet is not reported.

        May be called twice and from any thread. Called by `on_changes` it does not wait.
        """
        self._closing.set()
        self._stirred.set()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    @property
    def folders(self) -> frozenset[Path]:
        """The folders to be watched, there or not."""
        with self._roots_lock:
            return frozenset(self._roots)

    @property
    def polled(self) -> frozenset[Path]:
        """Those that are looked at again and again, because they must or the system's events can't be had."""
        with self._roots_lock:
            return frozenset(root.folder for root in self._roots.values() if root.polled)

    @property
    def polling(self) -> bool:
        """Whether any folder is."""
        return bool(self.polled)

    def add(self, folder: Path) -> None:
        """Watch another folder. What is in it already is not reported."""
        folder = folder.absolute()
        with self._roots_lock:
            if self._closing.is_set():
                raise ValueError("the watcher is closed")
            if folder not in self._roots:
                root = self._roots[folder] = _Root(folder, polled=self._polling is True)
                self._name_roots()
                self._open(root)

    def remove(self, folder: Path) -> None:
        """Watch a folder no longer."""
        with self._roots_lock:
            root = self._roots.pop(folder.absolute(), None)
            self._name_roots()
        if root is not None and root.source is not None:
            root.source.close()

    def _name_roots(self) -> None:
        with self._lock:
            self._pending.roots = frozenset(map(str, self._roots))

    def _changed(self, path: str) -> None:
        with self._lock:
            self._pending.touch(path, time.monotonic())
        self._stirred.set()

    def _moved(self, old: str, new: str, folder: bool) -> None:
        with self._lock:
            self._pending.move(old, new, time.monotonic(), folder=folder)
        self._stirred.set()

    def _wanted(self, path: str) -> bool:
        if f"{os.sep}{_INDEX_PREFIX}" in path:
            return False
        return not any(path == skipped or path.startswith(skipped + os.sep) for skipped in self._skip)

    def _run(self) -> None:
        check_at_s = 0.0
        try:
            while not self._closing.is_set():
                now = time.monotonic()
                if now >= check_at_s:
                    self._check_roots()
                    check_at_s = now + _CHECK_S
                self._report()
                with self._lock:
                    next_s = min(self._pending.next_s(), check_at_s, self._retry_at_s)
                if self._stirred.wait(max(next_s - time.monotonic(), self._tick_s)):
                    self._stirred.clear()
                    self._closing.wait(self._tick_s)
        finally:
            self._close_sources()

    def _report(self) -> None:
        now = time.monotonic()
        with self._lock:
            paths = self._pending.to_look_at(now)
        looks = {path: look(path) for path in paths}
        with self._lock:
            settled = self._pending.settle(looks, now)
        if settled is None and now < self._retry_at_s:
            return
        condensed = set() if settled is None else condense(settled, self._wanted)
        rescan = self._retry_s > 0 or (settled is not None and settled.rescan)
        if not condensed and not rescan:  # a folder in which everything is restless
            return
        try:
            self._on_changes(Changes(frozenset(map(Path, condensed)), rescan))
        except Exception as error:
            self._retry_s = min(max(2 * self._retry_s, self._quiet_s), _MAX_RETRY_S)
            self._retry_at_s = time.monotonic() + self._retry_s
            level = logging.DEBUG if isinstance(error, TryAgainError) else logging.ERROR
            message = "What changed could not be dealt with; in %.0f s or less it is tried again"
            logger.log(level, message, self._retry_s, exc_info=error)
        else:
            self._retry_s, self._retry_at_s = 0.0, math.inf

    def _check_roots(self) -> None:
        with self._roots_lock:
            for root in list(self._roots.values()):
                if not self._closing.is_set():
                    self._check(root)

    def _check(self, root: _Root) -> None:
        """Watch a folder anew that has gone, has come back, or whose source is no good any more."""
        before = root.identity
        trouble = Trouble.NONE if root.source is None else root.source.trouble
        if identity(root.folder) == before and trouble is Trouble.NONE:
            return
        if root.source is not None:
            root.source.close()
            root.source = None
        if trouble is Trouble.LIMIT:
            self._fall_back(root, "no watches are left for some of the folders in it")
        self._open(root)
        if root.identity != before:
            logger.info("%s %s", root.folder, "is gone" if root.identity is None else "is watched again")
            self._changed(str(root.folder))
        elif before is not None:
            logger.warning("Changes in %s may have been missed: everything is looked at", root.folder)
            with self._lock:
                self._pending.rescan(time.monotonic())

    def _open(self, root: _Root) -> None:
        """Watch a folder if it is there and can be listed; without a source it is as good as gone."""
        root.identity = identity(root.folder)
        if root.identity is None:
            return
        root.polled = root.polled or (self._polling is None and on_network(root.folder))
        if not root.polled:
            try:
                root.source = self._source(root, poll_s=None)
            except OSError as error:
                self._fall_back(root, error.strerror or str(error))
            else:
                if root.source.trouble is not Trouble.LIMIT:
                    return
                root.source.close()
                self._fall_back(root, "no watches are left for some of the folders in it")
        try:
            root.source = self._source(root, poll_s=self._quiet_s)
        except OSError as error:
            root.source, root.identity = None, None
            logger.debug("%s can't be looked at yet: %s", root.folder, error)

    def _fall_back(self, root: _Root, reason: str) -> None:
        root.polled = True
        logger.warning("%s can't be watched: %s. %s", root.folder, reason, _LIMIT_REMEDY)

    def _source(self, root: _Root, *, poll_s: float | None) -> Source:
        return Source(
            root.folder,
            on_change=self._changed,
            on_move=self._moved,
            wanted=self._wanted,
            poll_s=poll_s,
        )

    def _close_sources(self) -> None:
        with self._roots_lock:
            for root in self._roots.values():
                if root.source is not None:
                    root.source.close()
                    root.source = None
