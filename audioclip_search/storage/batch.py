"""One batch of changed files into the index: new ones, replaced ones, and those whose content is known already."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from audioclip_search.storage.lance import IdArray, scan
from audioclip_search.storage.rows import with_column, with_notes_of
from audioclip_search.storage.schema import FILES_SCHEMA, file_rows, is_unit, stamp_columns, window_rows
from audioclip_search.storage.write import Writer
from audioclip_search.types import FileRecord, KnownContent, new_file_id

_log = logging.getLogger(__name__)

Change: TypeAlias = FileRecord | KnownContent


def check_batch(changes: Sequence[Change], *, dim: int) -> None:
    """Raise what a batch must not be written for.

    Raises:
        ValueError: A path comes twice, a record has neither vectors nor a failure, or a vector is not float32 `(dim,)`
            of unit norm.
    """
    if len({change.stamp.path for change in changes}) < len(changes):
        raise ValueError("a path comes twice in one batch")
    for change in changes:
        if not isinstance(change, FileRecord):
            continue
        path = change.stamp.path
        if bool(change.windows) == bool(change.failure):
            raise ValueError(f"{path!r}: a record has either vectors or a failure")
        if not all(is_unit(window.vector, dim=dim) for window in change.windows):
            raise ValueError(f"{path!r}: not a finite unit-norm float32 vector of length {dim}")


def write_batch(writer: Writer, changes: Sequence[Change]) -> None:
    """Write a batch. All of it becomes visible in one commit.

    The vectors of known content are taken before anything is replaced, so that files of one batch may have changed
    places. A change whose source is gone by now, because another process forgot it, is left to the next sync.
    """
    records = [change for change in changes if isinstance(change, FileRecord)]
    paths = {change.stamp.path for change in changes}
    fresh = file_rows(records)
    windows = window_rows(records, writer.header)
    known = [change for change in changes if isinstance(change, KnownContent)]
    present = writer.rows_of(paths, {change.source for change in known})
    known, rows = _rows_of_known(known, pa.concat_tables([present, fresh]))
    rows = _with_own_notes(rows, known, present)
    writer.append(windows)
    _copy_windows(writer, {row: change.source for row, change in zip(_ids(rows), known, strict=True)})
    staying = pa.array([change.source for change in known if change.moved], pa.int64())
    replaced = present.filter(
        pc.and_(pc.is_in(present["path"], _paths([*records, *known])), pc.invert(pc.is_in(present["file_id"], staying)))
    )
    writer.publish(pa.concat_tables([with_notes_of(fresh, replaced), rows]), replaced["file_id"].to_numpy())
    writer.discard(replaced["file_id"].to_numpy())


def _rows_of_known(known: list[KnownContent], sources: pa.Table) -> tuple[list[KnownContent], pa.Table]:
    """Those changes whose source is among the rows, and their own rows."""
    row_of = {file_id: row for row, file_id in enumerate(_ids(sources))}
    there = [change for change in known if change.source in row_of]
    if len(there) < len(known):
        _log.info("%d files with known content are left to the next sync: it was forgotten", len(known) - len(there))
    rows = sources.take(pa.array([row_of[change.source] for change in there], pa.int64()))
    file_ids = [change.source if change.moved else new_file_id() for change in there]
    rows = with_column(rows, "file_id", file_ids)
    for place, column in enumerate(stamp_columns([change.stamp for change in there])):
        rows = with_column(rows, FILES_SCHEMA.names[place], column)
    return there, rows


def _with_own_notes(rows: pa.Table, known: list[KnownContent], present: pa.Table) -> pa.Table:
    """Rows of known content, with the tags and ratings that were at their paths before where the content was copied
    over. Files that took each other's places, or moved, take theirs along."""
    before = {row["path"]: row for row in present.to_pylist()}
    notes = []
    for row, change in zip(rows.to_pylist(), known, strict=True):
        own = None if change.moved else before.get(row["path"])
        if own is not None and own["content_hash"] and change.replaces:
            own = None
        notes.append(own if own is not None and (own["tags"] or own["rating"]) else row)
    for name in ("tags", "rating"):
        rows = with_column(rows, name, [row[name] for row in notes])
    return rows


def _copy_windows(writer: Writer, source_of: dict[int, int]) -> None:
    """Append to the windows those of other files under new ids, given as new id -> source; one that stays is none."""
    copies = {file_id: source for file_id, source in source_of.items() if file_id != source}
    if not copies:
        return
    names = writer.header.windows_schema.names
    ids = np.unique(np.fromiter(copies.values(), np.int64))
    table = pa.Table.from_batches(scan(writer.windows, names, ids=ids), writer.header.windows_schema)
    order = np.argsort(table["file_id"].to_numpy(), kind="stable")
    sorted_ids = table["file_id"].to_numpy()[order]
    sources = np.fromiter(copies.values(), np.int64)
    first = np.searchsorted(sorted_ids, sources)
    count = np.searchsorted(sorted_ids, sources, side="right") - first
    rows = [order[start : start + length] for start, length in zip(first, count, strict=True)]
    copied = table.take(np.concatenate(rows))
    new_ids: IdArray = np.repeat(np.fromiter(copies, np.int64), count)
    writer.append(copied.set_column(0, writer.header.windows_schema.field(0), pa.array(new_ids)))


def _ids(rows: pa.Table) -> list[int]:
    ids: list[int] = rows["file_id"].to_pylist()
    return ids


def _paths(changes: Sequence[Change]) -> pa.Array:
    return stamp_columns([change.stamp for change in changes])[0]
