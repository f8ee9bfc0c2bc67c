"""One state of the index, whole and unchanging, however much is written meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from audioclip_search.errors import StorageError
from audioclip_search.storage.lance import Database, IdArray, Location, Table, open_table, scan
from audioclip_search.storage.maintenance import VECTOR_INDEX
from audioclip_search.storage.schema import FACTS, FILES, FILES_SCHEMA, Header, text_to_path
from audioclip_search.storage.stored import StoredFiles
from audioclip_search.types import Modality

RowArray = NDArray[np.intp]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Both tables at one moment. A file's row is its position in `files`; -1 is no row.

    Attributes:
        location: The index's folder.
        version: Of the `files` table. What is visible changes only with it.
        header: What the index says about itself.
        files: The `files` table, ordered by `file_id`, without what is long: see `rest`.
        file_ids: int64 `(files,)`, ascending.
        paths: Of each row, relative to the root.
        rows: Row of each path.
        stored: Every file by its path.
        files_table: The table that `files` was read from, pinned.
        windows: The table of windows, pinned to a version that has every window of `files` (and others, not visible).
        has_vector_index: Whether that version has an index of vectors.
    """

    location: Location
    version: int
    header: Header
    files: pa.Table
    file_ids: IdArray
    paths: list[str]
    rows: dict[str, int]
    stored: StoredFiles
    files_table: Table
    windows: Table
    has_vector_index: bool

    @classmethod
    def take(cls, database: Database, files: Table, *, location: Location) -> Self:
        """The newest state.

        Windows are appended before their files are committed, and deleted after. So a version of the windows read
        while `files` stayed the same has them all.
        """
        while True:
            version = files.version
            header = Header.from_schema(files.schema, location=location)
            windows = open_table(database, header.windows_table)
            windows_version = None if windows is None else windows.version
            if files.version == version:
                break
        if windows is None:
            raise StorageError(
                "the index has lost its table of vectors",
                path=location,
                remedy="Delete that folder and run `audioclip-search index` again",
            )
        windows.checkout(windows_version)
        pinned = database.open_table(FILES)
        pinned.checkout(version)
        content = _rows(pinned, list(FACTS))
        paths = [text_to_path(text) for text in content["path"].to_pylist()]
        rows = {path: row for row, path in enumerate(paths)}
        return cls(
            location=location,
            version=version,
            header=header,
            files=content,
            file_ids=content["file_id"].to_numpy(),
            paths=paths,
            rows=rows,
            stored=StoredFiles(content, paths, rows),
            files_table=pinned,
            windows=windows,
            has_vector_index=VECTOR_INDEX in {index.name for index in windows.list_indices()},
        )

    def rest(self, *columns: str) -> pa.Table:
        """Other columns of `files`, in the order of its rows, texts as large strings: those of all files may be more
        than the 2 GB that a column of strings can hold. Read from the disk."""
        return _rows(self.files_table, ["file_id", *columns], large=True).select(list(columns))

    def whole_files(self) -> pa.Table:
        """The `files` table with all of its columns. Read from the disk."""
        return _rows(self.files_table, FILES_SCHEMA.names)

    @property
    def window_count(self) -> int:
        """How many windows are visible."""
        return int(pc.sum(self.files["windows"]).as_py() or 0)

    def modality(self, row: int) -> Modality:
        """What kind of file is in that row."""
        return Modality(self.files["modality"][row].as_py())

    def tags(self, row: int) -> tuple[str, ...]:
        """The user's tags of the file in that row."""
        return tuple(self.files["tags"][row].as_py())

    def rating(self, row: int) -> int:
        """The user's rating of the file in that row, 0 for none."""
        return int(self.files["rating"][row].as_py())

    def failure(self, row: int) -> str:
        """Why the file in that row has no vectors; empty if it has."""
        return text_to_path(self.files["failure"][row].as_py())

    def rows_of(self, file_ids: IdArray) -> RowArray:
        """Rows of these ids, -1 where an id is not visible."""
        if not len(self.file_ids):
            return np.full(len(file_ids), -1, np.intp)
        rows = np.searchsorted(self.file_ids, file_ids).clip(max=len(self.file_ids) - 1)
        return np.where(self.file_ids[rows] == file_ids, rows, -1)


def _rows(files: Table, columns: list[str], *, large: bool = False) -> pa.Table:
    schema = pa.schema([FILES_SCHEMA.field(name) for name in columns])
    rows = pa.Table.from_batches(scan(files, columns), schema)
    if large:
        rows = rows.cast(pa.schema([field.with_type(_large(field.type)) for field in schema]))
    return rows.sort_by("file_id").combine_chunks()


def _large(kind: pa.DataType) -> pa.DataType:
    return pa.large_string() if kind == pa.string() else kind
