"""Changing an index: the lock, the steps of a write, creation, and the way from an older schema to this one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from audioclip_search.storage.lance import (
    NO_IDS,
    Database,
    IdArray,
    Location,
    Table,
    delete_ids,
    ids_filter,
    open_table,
    scan,
)
from audioclip_search.storage.locks import held
from audioclip_search.storage.maintenance import compact
from audioclip_search.storage.schema import (
    FILES,
    FILES_SCHEMA,
    MIGRATIONS,
    WINDOWS_PREFIX,
    Header,
    Migration,
    path_to_text,
    vector_column,
    vectors_of,
)
from audioclip_search.storage.snapshot import Snapshot
from audioclip_search.storage.words import create_word_indexes, with_words

_log = logging.getLogger(__name__)


def create_empty(database: Database, header: Header) -> None:
    """Create an index, or empty the one there is: the commit on `files` does it, what it unlinks is a leftover."""
    database.create_table(header.windows_table, schema=header.windows_schema)
    replace_files(database, FILES_SCHEMA.empty_table(), header)


def create_copy(
    database: Database, original: Snapshot, header: Header, files: pa.Table, *, check_lock: Callable[[], None]
) -> None:
    """Make an index of the vectors of another one, and of `files`; what the commit on `files` unlinks is a leftover.

    Args:
        database: Where to.
        original: Whose vectors to take.
        header: Of the new index; its table of windows is one that is not there yet.
        files: The rows of `files`, of whose ids the original has the vectors.
        check_lock: Called before the commit, since the copy may have taken long.
    """
    schema = header.windows_schema
    batches = (_converted(batch, schema) for batch in scan(original.windows, schema.names))
    database.create_table(header.windows_table, data=pa.RecordBatchReader.from_batches(schema, batches), schema=schema)
    check_lock()
    replace_files(database, files, header)


def replace_files(database: Database, files: pa.Table, header: Header) -> None:
    """Put these rows and this header in the place of all there are, in one commit."""
    mode = "create" if open_table(database, FILES) is None else "overwrite"
    rows = with_words(files, header.places.folders)
    create_word_indexes(database.create_table(FILES, data=rows.cast(header.apply_to(rows.schema)), mode=mode))


def _converted(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Rows of a table of windows as those of another, which may store vectors otherwise."""
    if batch.schema.field("vector").type == schema.field("vector").type:
        return batch.select(schema.names).cast(schema)
    columns = [batch[name] for name in schema.names[:-1]]
    return pa.record_batch([*columns, vector_column(vectors_of(batch), schema.field("vector").type)], schema=schema)


def upgrade(
    database: Database, location: Location, *, lock_timeout_s: float, migrations: Sequence[Migration] = MIGRATIONS
) -> None:
    """Bring an index of an older schema up to date, in one commit; one that is up to date is left alone."""
    files = open_table(database, FILES)
    if files is None or Header.from_schema(files.schema, location=location).schema_version > len(migrations):
        return
    with held(location, "write", timeout_s=lock_timeout_s) as check_lock:
        header = Header.from_schema(files.schema, location=location)  # another process may have been first
        rows = files.to_arrow()
        for migrate in migrations[header.schema_version - 1 :]:
            rows = migrate(rows)
        check_lock()
        replace_files(database, rows, replace(header, schema_version=1 + len(migrations)))
    _log.info("%s: upgraded to schema version %d", location, 1 + len(migrations))


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
    check_lock: Callable[[], None]

    @classmethod
    def open(cls, database: Database, *, location: Location, check_lock: Callable[[], None] = lambda: None) -> Self:
        """The newest tables. `check_lock` raises if the lock has been lost; it is called before all
        that could harm another writer."""
        files = database.open_table(FILES)
        header = Header.from_schema(files.schema, location=location)
        return cls(database, files, database.open_table(header.windows_table), header, check_lock)

    def append(self, windows: pa.Table) -> None:
        """Add vectors, not visible yet."""
        if len(windows):
            self.windows.add(windows)

    def publish(self, files: pa.Table, superseded: IdArray = NO_IDS) -> None:
        """Make a batch visible, in one commit: insert its rows, those of known ids in the place of the old ones, and
        take the files `superseded` out of sight."""
        merge = self.files.merge_insert("file_id").when_matched_update_all().when_not_matched_insert_all()
        if len(superseded):
            merge = merge.when_not_matched_by_source_delete(ids_filter(superseded))
        self.check_lock()
        merge.execute(with_words(files, self.header.places.folders))

    def forget(self, file_ids: IdArray) -> None:
        """Take files out of sight; their vectors are left for `discard`."""
        self.check_lock()
        delete_ids(self.files, file_ids)

    def discard(self, file_ids: IdArray) -> None:
        """Delete vectors that aren't visible any more."""
        self.check_lock()
        delete_ids(self.windows, file_ids)

    def compact(self) -> None:
        """Compact both tables."""
        self.check_lock()
        for table in (self.windows, self.files):
            compact(table)

    def rows_of(self, paths: Collection[str], ids: Collection[int] = ()) -> pa.Table:
        """The rows of these paths or ids. Compared by Arrow: no path becomes part of SQL."""
        wanted_paths = pa.array([path_to_text(path) for path in paths], pa.string())
        wanted_ids = pa.array(ids, pa.int64())
        found = [
            batch.filter(pc.or_(pc.is_in(batch["path"], wanted_paths), pc.is_in(batch["file_id"], wanted_ids)))
            for batch in scan(self.files, FILES_SCHEMA.names)
        ]
        return pa.Table.from_batches(found, FILES_SCHEMA)

    def remove_leftovers(self) -> None:
        """Delete what writers that died had not published yet, or had replaced already."""
        self.check_lock()  # what another writer has not published yet looks like a leftover
        for name in self.database.list_tables().tables:
            if name.startswith(WINDOWS_PREFIX) and name != self.header.windows_table:
                self.database.drop_table(name)
        orphans = np.setdiff1d(_file_ids(self.windows), _file_ids(self.files))
        if len(orphans):
            _log.info("removing the vectors of %d files that an interrupted write left", len(orphans))
            self.discard(orphans)


def _file_ids(table: Table) -> IdArray:
    return np.concatenate([np.empty(0, np.int64), *(batch["file_id"].to_numpy() for batch in scan(table, ["file_id"]))])
