"""A lock in an object store: who holds it is what the newest version of a small LanceDB table says.

A version is committed by creating an object that must not exist yet, so of two writers one wins; LanceDB then repeats
the other's update on what the first one wrote, where its condition does not hold any more. No clocks are compared: a
holder proves that it lives by counting up, and whoever has seen the same count for a whole lease takes over.
"""

from __future__ import annotations

import logging
import random
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

import pyarrow as pa

from audioclip_search.errors import IndexLockedError, StorageError
from audioclip_search.storage.lance import Table, connect, open_table, translated

LEASE_S = 30.0

_TABLE = "locks"
_NAMES = ("write", "sync")
_FREE = ""
_CROWDED = "Too many concurrent writers"  # LanceDB's words when others were faster for half a minute
_RENEWALS_PER_LEASE = 3
# Every change leaves an old version; nobody reads one for longer than it takes to read two rows. Holders remove them,
# one time in so many: it costs several requests for each version.
_CHANGES_BETWEEN_CLEANUPS = 32
_VERSIONS_KEPT_FOR = timedelta(minutes=10)

_log = logging.getLogger(__name__)


class Lease:
    """One holder's, or would-be holder's, view of one lock; a new one each time the lock is wanted. Thread-safe.

    Every method raises `StorageError` if the object store does not answer as it should.

    Args:
        uri: The index.
        name: Of the lock.
        lease_s: How long nothing may be heard of a holder before others take over; the same for all who use the lock.
    """

    def __init__(self, uri: str, name: str, *, lease_s: float = LEASE_S) -> None:
        self._uri = uri
        self._name = name
        self._lease_s = lease_s
        self._token = secrets.token_hex(16)
        self._table: Table | None = None
        self._seen: tuple[_Row, float] | None = None  # what a would-be holder sees, and since when
        self._beats = 0
        self._proof = _Moment.now()  # when the last claim or renewal that succeeded was sent
        self._lost = False
        self._one_at_a_time = threading.Lock()

    @property
    def renew_every_s(self) -> float:
        """How often a holder is to call `renew`."""
        return self._lease_s / _RENEWALS_PER_LEASE

    def claim(self) -> bool:
        """Take the lock if it is free, or if its holder has given no sign of life during a whole lease of calls."""
        with self._one_at_a_time, translated("lock the index", self._uri):
            sent = _Moment.now()
            row = self._read()
            if row.holder == self._token:  # an earlier claim whose answer never came; `check` looks at its age
                return True
            if self._seen is None or self._seen[0] != row:
                self._seen = (row, time.monotonic())
            if row.holder != _FREE and time.monotonic() - self._seen[1] < self._lease_s:
                return False
            self._proof = sent
            return self._take(row)

    def renew(self) -> None:
        """Give a sign of life.

        Raises:
            IndexLockedError: Somebody else has taken over.
        """
        with self._one_at_a_time:
            self._renew()

    def check(self) -> None:
        """Make sure that the lock is held, and will be for some seconds; asks the object store only if in doubt.

        Raises:
            IndexLockedError: Somebody else has taken over.
        """
        with self._one_at_a_time:
            if self._lost or self._proof.age_s() > self._lease_s * (1 - 1 / _RENEWALS_PER_LEASE):
                self._renew()
            if self._proof.age_s() > self._lease_s:
                raise StorageError("the object store is too slow for a lock to be kept there", path=self._uri)

    def release(self) -> None:
        """Let others have the lock.

        Raises:
            IndexLockedError: Somebody else had taken over.
        """
        with self._one_at_a_time, translated("unlock the index", self._uri):
            self._change_own(_Row(_FREE, 0))

    def _renew(self) -> None:
        with translated("keep the index locked", self._uri):
            sent = _Moment.now()
            self._change_own(_Row(self._token, self._beats + 1))
            self._beats += 1
            self._proof = sent
            self._clean_up_sometimes()

    def _take(self, row: _Row) -> bool:
        try:
            taken = self._change(row, _Row(self._token, 0))
        except RuntimeError as error:
            if _CROWDED not in str(error):
                raise
            return False  # if it was taken all the same, the next claim sees that
        if taken:
            self._clean_up_sometimes()
        return taken

    def _change_own(self, to: _Row) -> None:
        self._lost = self._lost or not self._change(_Row(self._token, self._beats), to)
        if self._lost:
            raise IndexLockedError(
                "another process has taken over the index, because this one was asleep or cut off for too long",
                path=self._uri,
                remedy="Run the command again",
            )

    def _read(self) -> _Row:
        if self._table is None:
            self._table = _open_or_create(self._uri)
        rows = [row for row in self._table.to_arrow().to_pylist() if row["name"] == self._name]
        return _Row(rows[0]["holder"], rows[0]["beats"])

    def _change(self, row: _Row, to: _Row) -> bool:
        """Replace the lock's row; False if it is another one by now."""
        assert self._table is not None
        condition = f"name = '{self._name}' AND holder = '{row.holder}' AND beats = {row.beats}"
        result = self._table.update(where=condition, values={"holder": to.holder, "beats": to.beats})
        return bool(result.rows_updated)

    def _clean_up_sometimes(self) -> None:
        if self._table is None or random.randrange(_CHANGES_BETWEEN_CLEANUPS):
            return
        try:
            self._table.optimize(cleanup_older_than=_VERSIONS_KEPT_FOR)
        except (OSError, RuntimeError, ValueError) as error:  # it met another change; there is a next time
            _log.debug("old versions of the locks were not removed: %s", error)


@dataclass(frozen=True, slots=True)
class _Row:
    holder: str
    beats: int


@dataclass(frozen=True, slots=True)
class _Moment:
    monotonic_s: float
    wall_s: float

    @classmethod
    def now(cls) -> Self:
        return cls(time.monotonic(), time.time())

    def age_s(self) -> float:
        """At least the time that has passed: one clock stands still while the machine sleeps, the other one is set."""
        return max(time.monotonic() - self.monotonic_s, time.time() - self.wall_s)


def _open_or_create(uri: str) -> Table:
    database = connect(uri)
    while (table := open_table(database, _TABLE)) is None:
        free = {"name": list(_NAMES), "holder": [_FREE] * len(_NAMES), "beats": [0] * len(_NAMES)}
        try:
            return database.create_table(_TABLE, pa.table(free))
        except (ValueError, RuntimeError):
            if open_table(database, _TABLE) is None:
                raise  # or another process was faster
    return table
