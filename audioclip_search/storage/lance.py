"""LanceDB behind a few functions: where an index may be, how its tables are opened, how its errors read."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import lancedb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from audioclip_search.errors import StorageError

IdArray: TypeAlias = NDArray[np.int64]
Location: TypeAlias = Path | str
"""Of an index: a local folder, or the URI of one in an object store, such as `s3://bucket/sfx`."""
NO_IDS: IdArray = np.empty(0, np.int64)
# LanceDB ships no usable type stubs; these names at least say which of its objects is meant.
Database: TypeAlias = Any
Table: TypeAlias = Any

# LanceDB parses a filter in time that grows faster than its length: 10,000 ids take 0.15 s, 100,000 take 4 s.
_IDS_PER_FILTER = 10_000

_REMEDY = (
    "Check that the folder can be read and written and that the disk has space. If the index is damaged, delete that "
    "folder and run `audioclip-search index` again"
)
ELSEWHERE = "Keep the index elsewhere, with --index"
DISK_REASONS = {
    errno.EROFS: "its file system is read-only",
    errno.EACCES: "writing there is not allowed",
    errno.EPERM: "writing there is not allowed",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
}
"""What the system has against writing, by the number of its error."""
_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})
# LanceDB's errors have the system's number in their text only; on Windows it is the system's own number.
_SYSTEM_ERROR = re.compile(r"\(os error (\d+)\)")
_WINDOWS_NUMBERS = {5: errno.EACCES, 19: errno.EROFS, 39: errno.ENOSPC, 112: errno.ENOSPC}
_REMOTE_REMEDY = (
    "Check the address, that its bucket exists, the credentials and the network; they are read from the environment: "
    "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, and AWS_ENDPOINT_URL for a server that isn't Amazon's"
)

_PLACE_IN_LANCE = re.compile(r",? \S+\.rs:\d+(:\d+)?")  # of no use to a person


@contextmanager
def translated(action: str, location: Location, *, elsewhere: str = ELSEWHERE, remedy: str = "") -> Iterator[None]:
    """Turn whatever LanceDB, Arrow or the file system raise while trying to `action` into a `StorageError`.

    Args:
        action: What is tried, an infinitive.
        location: Where.
        elsewhere: What to do if that place can't be written.
        remedy: What to do otherwise, if it is not the usual.
    """
    try:
        yield
    except (OSError, RuntimeError, ValueError, pa.ArrowException) as error:
        raise _storage_error(error, action, location, elsewhere, remedy) from error


def _storage_error(error: Exception, action: str, location: Location, elsewhere: str, remedy: str) -> StorageError:
    reason = _PLACE_IN_LANCE.sub("", str(error).partition("\n")[0])
    remedy = remedy or (_REMOTE_REMEDY if is_remote(location) else _REMEDY)
    if is_remote(location):
        if "Failed to connect" in reason:  # the rest is LanceDB's inner life
            reason = "the object store does not answer, or not for this bucket or these credentials"
    elif (number := _system_error(error)) in DISK_REASONS:
        reason = DISK_REASONS[number]
        remedy = f"Free some space on it. Or: {elsewhere}" if number in _SPACE else elsewhere
    return StorageError(f"could not {action}: {reason}", path=location, remedy=remedy)


def _system_error(error: Exception) -> int:
    """The number of the system's error that is behind another one, as `errno` has it; 0 if none is."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    found = _SYSTEM_ERROR.search(str(error))
    number = int(found[1]) if found else 0
    return _WINDOWS_NUMBERS.get(number, 0) if os.name == "nt" else number


def is_remote(location: Location) -> bool:
    """Whether it is the URI of an index in an object store, not a local folder."""
    return "://" in str(location)


def located(location: str | Path) -> Location:
    """Where an index is: the absolute path of a folder, or a URI as it is."""
    return str(location).rstrip("/") if is_remote(location) else Path(location).absolute()


def part_of(location: Location, name: str) -> Location:
    """A place in that of an index."""
    return location / name if isinstance(location, Path) else f"{location}/{name}"


def connect(location: Location) -> Database:
    """The database there, a folder made if missing. Every read sees the newest commit, also of another process."""
    return lancedb.connect(location, read_consistency_interval=timedelta(0))


def open_table(database: Database, name: str) -> Table | None:
    """The table of that name at its newest version, or None if it was never created completely."""
    try:
        return database.open_table(name)
    except ValueError as error:  # a damaged table is a RuntimeError
        if str(error) != f"Table '{name}' was not found":  # an object store that does not answer
            raise
        return None


def scan(table: Table, columns: list[str], *, ids: IdArray | None = None) -> Iterator[pa.RecordBatch]:
    """Rows of `table`, streamed, so that a large table is never in memory twice.

    Args:
        table: Any table with a `file_id` column.
        columns: What to read.
        ids: Only rows with these `file_id`s; all rows if None.
    """
    if ids is None:
        yield from table.search().select(columns).to_batches()
        return
    for condition in _id_filters(ids):
        yield from table.search().where(condition).select(columns).to_batches()


def delete_ids(table: Table, ids: IdArray) -> None:
    """Delete the rows with these `file_id`s: no commit if there are none, one for each 10,000 of them."""
    for condition in _id_filters(ids):
        table.delete(condition)


def ids_filter(ids: IdArray) -> str:
    """The condition that `file_id` is one of these."""
    return f"file_id IN ({', '.join(map(str, ids.tolist()))})"


def _id_filters(ids: IdArray) -> Iterable[str]:
    for start in range(0, len(ids), _IDS_PER_FILTER):
        yield ids_filter(ids[start : start + _IDS_PER_FILTER])
