"""Locks that keep other processes out of an index: a locked file in a local folder, a lease in an object store."""

from __future__ import annotations

import errno
import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeAlias

import filelock

from audioclip_search.errors import CancelledError, IndexLockedError, StorageError
from audioclip_search.storage.lance import DISK_REASONS, ELSEWHERE, is_remote
from audioclip_search.storage.lease import Lease

LockName: TypeAlias = Literal["write", "sync"]

_FIRST_POLL_S = 0.05
_LAST_POLL_S = {"local": 0.1, "remote": 1.0}  # an object store asks money for each look

_REASONS = dict.fromkeys((errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS), "its file system can't lock files")
_WHAT_OTHERS_DO = {"write": "been writing", "sync": "been syncing"}

_log = logging.getLogger(__name__)


@contextmanager
def held(
    location: Path | str,
    name: LockName,
    *,
    timeout_s: float | None,
    on_wait: Callable[[], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Iterator[Callable[[], None]]:
    """Hold one of an index's locks: nobody else does, in this process, in another, or on another machine.

    In a local folder (made if missing) the system frees the lock when its holder dies. In an object store it is a
    lease, renewed by a thread; others take it over half a minute after its holder died or was cut off. A holder that
    was asleep or cut off for so long may not know, so what the context manager gives is to be called before
    every commit.

    Args:
        location: The index: a local folder, or the URI of one in an object store.
        name: `write` for a commit, `sync` for a whole sync, which takes the other one for each of its commits.
        timeout_s: How long to wait for another holder, None for ever, 0 to try once. A lease whose holder died is taken
            over only by somebody who waits for more than half a minute.
        on_wait: Called once if there is a wait, when it starts.
        cancelled: Asked between any two attempts, which is every second unless an object store is slow or crowded.

    Yields:
        A function that raises `IndexLockedError` if the lock has been lost, `StorageError` if that can't be found out.

    Raises:
        IndexLockedError: Somebody else held it for all of that time; or, at the end, the lock was lost meanwhile.
        CancelledError: `cancelled` said so.
        StorageError: The lock can't be taken there, for another reason.
    """
    patience = _Patience(name, location, timeout_s, on_wait, cancelled)
    if is_remote(location):
        with _leased(str(location), name, patience) as check:
            yield check
    else:
        with _locked(Path(location), name, patience):
            yield _keep


def _keep() -> None:
    """The system takes a lock away from nobody who lives."""


class _Patience:
    """How long, and with what ado, somebody waits for a lock."""

    def __init__(
        self,
        name: LockName,
        location: Path | str,
        timeout_s: float | None,
        on_wait: Callable[[], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self._name, self._location, self._timeout_s = name, location, timeout_s
        self._on_wait, self._cancelled = on_wait, cancelled

    def until(self, attempt: Callable[[], bool], *, last_poll_s: float) -> None:
        """Make attempts until one succeeds."""
        started_s = time.monotonic()
        poll_s = _FIRST_POLL_S
        on_wait = self._on_wait
        while not attempt():
            if self._timeout_s is not None and time.monotonic() - started_s >= self._timeout_s:
                raise IndexLockedError(
                    f"another process has {_WHAT_OTHERS_DO[self._name]} the index for more than {self._timeout_s:g} s",
                    path=self._location,
                    remedy="Try again when it has finished",
                )
            if self._cancelled is not None and self._cancelled():
                raise CancelledError("cancelled while another process used the index", path=self._location)
            if on_wait is not None:
                on_wait()
                on_wait = None
            time.sleep(poll_s * random.uniform(0.5, 1))  # not in step with others
            poll_s = min(2 * poll_s, last_poll_s)


@contextmanager
def _locked(folder: Path, name: LockName, patience: _Patience) -> Iterator[None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # A lock that isn't the system's would outlive its holder. Each call has its own, which keeps threads apart too.
        lock = filelock.FileLock(folder / f"{name}.lock", fallback_to_soft=False)
    except OSError as error:
        raise _local_error(folder, error) from error

    def attempt() -> bool:
        try:
            lock.acquire(blocking=False)
        except filelock.Timeout:
            return False
        except OSError as error:
            raise _local_error(folder, error) from error
        return True

    patience.until(attempt, last_poll_s=_LAST_POLL_S["local"])
    try:
        yield
    finally:
        lock.release()


def _local_error(folder: Path, error: OSError) -> StorageError:
    reason = (_REASONS | DISK_REASONS).get(error.errno or 0)
    if reason is None:
        return StorageError(f"the index can't be locked: {error.strerror or error}", path=folder)
    return StorageError(f"the index can't be locked: {reason}", path=folder, remedy=ELSEWHERE)


@contextmanager
def _leased(uri: str, name: LockName, patience: _Patience) -> Iterator[Callable[[], None]]:
    lease = Lease(uri, name)
    patience.until(lease.claim, last_poll_s=_LAST_POLL_S["remote"])
    stop = threading.Event()
    heartbeat = threading.Thread(target=_renew, args=(lease, stop), name="audioclip-search-lease", daemon=True)
    heartbeat.start()
    done = False
    try:
        yield lease.check
        done = True
    finally:
        stop.set()
        heartbeat.join()
        try:
            lease.release()
        except StorageError as error:
            if done and isinstance(error, IndexLockedError):
                raise
            # The work is done, or failed for its own reason; a lease that can't be given back runs out by itself.
            _log.warning("the lock could not be given back: %s", error)


def _renew(lease: Lease, stop: threading.Event) -> None:
    while not stop.wait(lease.renew_every_s):
        try:
            lease.renew()
        except IndexLockedError:
            return  # the holder learns it from its next check
        except StorageError as error:
            _log.warning("the lock could not be renewed: %s", error)
