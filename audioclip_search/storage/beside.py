"""What is known of contents, beside the index's own tables: rows by content hash rather than by path, so that they
outlive moves, copies and restored files for free."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from audioclip_search.storage.lance import Database, Location, Table, open_table, translated
from audioclip_search.storage.locks import held
from audioclip_search.storage.maintenance import compact

_COMMITS_BETWEEN_COMPACTIONS = 32


class SideTable:
    """Rows of which no two agree in all of their keys. Any number of threads and processes may use it; each sees what
    the others committed. Every method raises `StorageError` if the index can't be read or written.

    Args:
        database: The index's.
        location: Of the index.
        name: Of the table; it is made when something is first put into it.
        schema: Of its rows.
        keys: Names of the columns that tell rows apart.
        lock_timeout_s: How long a write waits for another process's.
    """

    def __init__(
        self,
        database: Database,
        location: Location,
        *,
        name: str,
        schema: pa.Schema,
        keys: tuple[str, ...],
        lock_timeout_s: float,
    ) -> None:
        self._database = database
        self._location = location
        self._name = name
        self._schema = schema
        self._keys = keys
        self._lock_timeout_s = lock_timeout_s

    @property
    def schema(self) -> pa.Schema:
        """Of its rows."""
        return self._schema

    @property
    def version(self) -> int:
        """Another one after every change; 0 while there is no table."""
        with self._reading():
            table = open_table(self._database, self._name)
            return 0 if table is None else int(table.version)

    def rows(self, where_in: Mapping[str, Collection[Any]] | None = None) -> pa.Table:
        """The rows whose columns have one of the given values each; all rows without. Compared by Arrow: no value
        becomes part of SQL."""
        with self._reading():
            table = open_table(self._database, self._name)
            found = self._schema.empty_table() if table is None else self._all(table)
        for column, values in (where_in or {}).items():
            wanted = pa.array(list(values), self._schema.field(column).type)
            found = found.filter(pc.is_in(found[column], wanted))
        return found

    def put(self, rows: pa.Table) -> None:
        """Add rows, each in the place of the one with its keys; in one commit.

        Raises:
            ValueError: Two of them have the same keys.
            IndexLockedError: Another process is writing.
        """
        given = rows.select(self._schema.names).cast(self._schema)
        if len(set(self._keys_of(given))) < len(given):
            raise ValueError(f"two rows with the same {', '.join(self._keys)}")
        if not len(given):
            return
        with self._writing() as table:
            table.merge_insert(list(self._keys)).when_matched_update_all().when_not_matched_insert_all().execute(given)

    def drop(self, rows: pa.Table) -> None:
        """Remove the rows that have the keys of these, in one commit; unknown ones don't matter.

        Raises:
            IndexLockedError: Another process is writing.
        """
        if not len(rows):
            return
        with self._writing() as table:
            present, gone = self._all(table), set(self._keys_of(rows))
            left = present.filter(pa.array([key not in gone for key in self._keys_of(present)], pa.bool_()))
            self._create(left, mode="overwrite")

    def _all(self, table: Table) -> pa.Table:
        return table.to_arrow().select(self._schema.names).cast(self._schema)

    def _keys_of(self, rows: pa.Table) -> list[tuple[Any, ...]]:
        return list(zip(*(rows[name].to_pylist() for name in self._keys), strict=True))

    def _create(self, rows: pa.Table, *, mode: str) -> Table:
        return self._database.create_table(self._name, data=rows, schema=self._schema, mode=mode)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with translated("read the index", self._location):
            yield

    @contextmanager
    def _writing(self) -> Iterator[Table]:
        with (
            translated("write the index", self._location),
            held(self._location, "write", timeout_s=self._lock_timeout_s) as check_lock,
        ):
            table = open_table(self._database, self._name)
            if table is None:
                table = self._create(self._schema.empty_table(), mode="create")
            check_lock()
            yield table
            if table.version % _COMMITS_BETWEEN_COMPACTIONS == 0:
                compact(table)
