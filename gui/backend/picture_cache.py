"""Small pictures on disk, so that each is made once."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
import zlib
from pathlib import Path

logger = logging.getLogger(__name__)

_VERSION = 1
_FULL_SHARE = 0.9
_FRESH_S = 3_600.0
_BUSY_S = 1.0
_TABLE = """
CREATE TABLE IF NOT EXISTS pictures (
  path TEXT, kind TEXT, stamp TEXT, used REAL, size INTEGER, check_sum INTEGER, content BLOB,
  PRIMARY KEY (path, kind)
);
CREATE INDEX IF NOT EXISTS by_use ON pictures (used, path, kind);
"""


class PictureCache:
    """Contents by path and kind, in one file. What was not used for longest goes first when there are too many.

    It only ever saves time: where it can't be read or written, nothing is found in it and nothing is kept.

    Args:
        folder: Where the file is; made if need be.
        limit_bytes: How much to keep; 0 for nothing.
    """

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self._file = folder / f"pictures-{_VERSION}.sqlite"
        self._limit = limit_bytes
        self._lock = threading.Lock()
        self._bytes = 0
        self._database: sqlite3.Connection | None = None
        self._open()

    def get(self, path: str, kind: str, stamp: str | None) -> bytes | None:
        """What was put, if the file has the same stamp as then; None otherwise, or if it is damaged.

        Args:
            path: Of the file that it shows.
            kind: Which picture of it.
            stamp: Says which state of the file it shows; None for whichever is there.
        """
        with self._lock:
            if self._database is None:
                return None
            try:
                found = self._database.execute(
                    "SELECT stamp, used, check_sum, content FROM pictures WHERE path = ? AND kind = ?", (path, kind)
                ).fetchone()
                if found is None or (stamp is not None and found[0] != stamp):
                    return None
                content = found[3]
                if not isinstance(content, bytes) or zlib.crc32(content) != found[2]:
                    return None
                self._touch(path, kind, found[1])
            except sqlite3.Error as error:
                self._give_up(error)
                return None
            return content

    def put(self, path: str, kind: str, stamp: str, content: bytes) -> None:
        """Keep a picture; it takes the place of another one of that path and kind."""
        with self._lock:
            if self._database is None or len(content) > self._limit:
                return
            row = (path, kind, stamp, time.time(), len(content), zlib.crc32(content), content)
            try:
                self._remove(self._database, path, kind)
                self._database.execute("INSERT INTO pictures VALUES (?, ?, ?, ?, ?, ?, ?)", row)
                self._bytes += len(content)
                if self._bytes > self._limit:
                    self._shrink(self._database)
            except sqlite3.Error as error:
                self._give_up(error)

    def clear(self) -> None:
        """Forget all of them, and give their place on the disk back."""
        with self._lock:
            self._start_again()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._database is not None:
                self._database.close()
                self._database = None

    @property
    def size_bytes(self) -> int:
        """How much is kept."""
        return self._bytes

    def _open(self) -> None:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            # Autocommit; no sync, for after a power cut it can be made again.
            database = sqlite3.connect(self._file, _BUSY_S, isolation_level=None, check_same_thread=False)
        except (OSError, sqlite3.Error) as error:
            logger.warning("pictures are not kept in %s: %s", self._file, error)
            return
        try:
            database.executescript(f"PRAGMA synchronous = OFF; PRAGMA auto_vacuum = INCREMENTAL; {_TABLE}")
            self._bytes = database.execute("SELECT coalesce(sum(size), 0) FROM pictures").fetchone()[0]
            self._database = database
            if self._bytes > self._limit:
                self._shrink(database)
        except sqlite3.OperationalError as error:  # read-only, full or locked
            logger.warning("pictures are not kept in %s: %s", self._file, error)
            database.close()
        except sqlite3.DatabaseError as error:
            self._database = database
            self._give_up(error)

    def _touch(self, path: str, kind: str, used: float) -> None:
        if self._database is not None and time.time() - used > _FRESH_S:
            try:
                self._database.execute(
                    "UPDATE pictures SET used = ? WHERE path = ? AND kind = ?", (time.time(), path, kind)
                )
            except sqlite3.OperationalError as error:  # read-only, full or locked
                logger.info("use of a picture is not noted: %s", error)

    def _shrink(self, database: sqlite3.Connection) -> None:
        """Make room for some more than the next one, so that this is not needed each time."""
        for path, kind in database.execute("SELECT path, kind FROM pictures ORDER BY used").fetchall():
            if self._bytes <= self._limit * _FULL_SHARE:
                break
            self._remove(database, path, kind)
        database.execute("PRAGMA incremental_vacuum").fetchall()

    def _remove(self, database: sqlite3.Connection, path: str, kind: str) -> None:
        found = database.execute("SELECT size FROM pictures WHERE path = ? AND kind = ?", (path, kind)).fetchone()
        if found is not None:
            database.execute("DELETE FROM pictures WHERE path = ? AND kind = ?", (path, kind))
            self._bytes -= found[0]

    def _give_up(self, error: sqlite3.Error) -> None:
        """A damaged file is made anew; one that can't be written is left alone."""
        damaged = isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)
        logger.warning("%s: %s%s", self._file, error, "; made anew" if damaged else "")
        if damaged:
            self._start_again()

    def _start_again(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None
        self._bytes = 0
        try:
            self._file.unlink(missing_ok=True)
        except OSError as error:
            logger.warning("pictures are not kept in %s: %s", self._file, error)
            return
        self._open()
