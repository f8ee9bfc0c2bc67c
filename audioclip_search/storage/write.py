"""Changing an index: the lock, the steps of a write, creation, and the way from an older schema to this one."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Self

import filelock
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from audioclip_search.errors import IndexLockedError
from audioclip_search.storage.lance import Database, IdArray, Table, delete_ids, open_table, scan
from audioclip_search.storage.schema import (
    FILES,
    FILES_SCHEMA,
    MIGRATIONS,
    WINDOWS_PREFIX,
    Header,
    Migration,
    path_to_text,
    windows_schema,
)
from audioclip_search.storage.snapshot import Snapshot

_VERSIONS_KEPT_FOR = timedelta(minutes=10)

_log = logging.getLogger(__name__)


@contextmanager
def write_lock(location: Path, *, timeout_s: float) -> Iterator[None]:
    """Keep other writers out, of this process and of others. The system frees it when its holder dies."""
    try:
        lock = filelock.FileLock(location / "write.lock", timeout=timeout_s)
        lock.acquire()
    except filelock.Timeout as error:
        raise IndexLockedError(
            f"another process has been writing the index for more than {timeout_s:g} s",
            path=location,
            remedy="Try again when it has finished",
        ) from error
    try:
        yield
    finally:
        lock.release()


def create_empty(database: Database, header: Header) -> None:
    """Create an index, or empty the one there is: the commit on `files` does it, what it unlinks is a leftover."""
    mode = "create" if open_table(database, FILES) is None else "overwrite"
    database.create_table(header.windows_table, schema=windows_schema(header.dim))
    database.create_table(FILES, schema=header.apply_to(FILES_SCHEMA), mode=mode)


def create_copy(database: Database, original: Snapshot) -> None:
    """Make an index a copy of another one; what the commit on `files` unlinks is a leftover."""
    header = Header.for_new_windows(original.header.identity, original.header.dim)
    schema = windows_schema(header.dim)
    batches = (batch.select(schema.names).cast(schema) for batch in scan(original.windows, schema.names))
    mode = "create" if open_table(database, FILES) is None else "overwrite"
    database.create_table(header.windows_table, data=pa.RecordBatchReader.from_batches(schema, batches), schema=schema)
    database.create_table(FILES, data=original.files.cast(header.apply_to(FILES_SCHEMA)), mode=mode)


def upgrade(
    database: Database, location: Path, *, lock_timeout_s: float, migrations: Sequence[Migration] = MIGRATIONS
) -> None:
    """Bring an index of an older schema up to date, in one commit; one that is up to date is left alone."""
    files = open_table(database, FILES)
    if files is None or Header.from_schema(files.schema, location=location).schema_version > len(migrations):
        return
    with write_lock(location, timeout_s=lock_timeout_s):
        header = Header.from_schema(files.schema, location=location)  # another process may have been first
        rows = files.to_arrow()
        for migrate in migrations[header.schema_version - 1 :]:
            rows = migrate(rows)
        header = replace(header, schema_version=1 + len(migrations))
        database.create_table(FILES, rows.cast(header.apply_to(rows.schema)), mode="overwrite")
    _log.info("%s: upgraded to schema version %d", location, header.schema_version)


@dataclass(frozen=True, slots=True)
class Writer:
    """The tables of an index while the lock is held.

    A batch is written in this order: `append` its vectors, `publish` its files, `discard` the vectors it replaced.
    Whatever is cut off, a `file_id` that is in `files` has all its vectors; vectors whose `file_id` is not are
    invisible, and the next writer's `remove_leftovers` deletes them.
    """

    database: Database
    files: Table
    windows: Table
    header: Header

    @classmethod
    def open(cls, database: Database, *, location: Path) -> Self:
        """The newest tables."""
        files = database.open_table(FILES)
        header = Header.from_schema(files.schema, location=location)
        return cls(database, files, database.open_table(header.windows_table), header)

    def append(self, windows: pa.Table) -> None:
        """Add vectors, not visible yet."""
        if len(windows):
            self.windows.add(windows)

    def publish(self, files: pa.Table) -> None:
        """Make a batch visible: insert its files, replacing those of the same path."""
        self.files.merge_insert("path").when_matched_update_all().when_not_matched_insert_all().execute(files)

    def forget(self, file_ids: IdArray) -> None:
        """Take files out of sight; their vectors are left for `discard`."""
        delete_ids(self.files, file_ids)

    def discard(self, file_ids: IdArray) -> None:
        """Delete vectors that aren't visible any more."""
        delete_ids(self.windows, file_ids)

    def compact(self) -> None:
        """Merge the small files that many commits leave behind, and delete versions too old for anyone to be reading.

        Every commit makes the next ones and all reads a little slower, and keeps what it replaced on disk.
        """
        for table in (self.windows, self.files):
            table.optimize(cleanup_older_than=_VERSIONS_KEPT_FOR)

    def ids_of(self, paths: Collection[str]) -> IdArray:
        """The `file_id`s of those of the paths that are known. Compared by Arrow: no path becomes part of SQL."""
        wanted = pa.array([path_to_text(path) for path in paths], pa.string())
        found = [
            batch["file_id"].filter(pc.is_in(batch["path"], wanted)).to_numpy()
            for batch in scan(self.files, ["path", "file_id"])
        ]
        return np.concatenate([np.empty(0, np.int64), *found])

    def remove_leftovers(self) -> None:
        """Delete what writers that died had not published yet, or had replaced already."""
        for name in self.database.list_tables().tables:
            if name.startswith(WINDOWS_PREFIX) and name != self.header.windows_table:
                self.database.drop_table(name)
        orphans = np.setdiff1d(_file_ids(self.windows), _file_ids(self.files))
        if len(orphans):
            _log.info("removing the vectors of %d files that an interrupted write left", len(orphans))
            self.discard(orphans)


def _file_ids(table: Table) -> IdArray:
    return np.concatenate([np.empty(0, np.int64), *(batch["file_id"].to_numpy() for batch in scan(table, ["file_id"]))])
