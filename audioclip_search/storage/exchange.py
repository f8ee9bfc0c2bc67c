"""An index as two ordinary files, Parquet or Arrow, for other programs and other indexes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from audioclip_search.errors import StorageError
from audioclip_search.storage.lance import IdArray, scan
from audioclip_search.storage.rows import with_column, with_notes_of
from audioclip_search.storage.schema import FILES_SCHEMA, MIGRATIONS, WORD_COLUMNS, Header, vector_column, vectors_of
from audioclip_search.storage.snapshot import RowArray, Snapshot
from audioclip_search.storage.write import Writer
from audioclip_search.types import ExportFormat, ImportReport, new_file_id

_FILES = "files"
_VECTORS = "vectors"
_ROWS_AT_ONCE = 8_192


def export(snapshot: Snapshot, folder: Path, form: ExportFormat, *, vectors: bool) -> None:
    """Write `files` and, if wanted, `vectors`; see `Library.export_to`. Each is there when it is whole; what is left of
    an earlier export is removed."""
    folder.mkdir(parents=True, exist_ok=True)
    files = snapshot.whole_files().drop_columns(list(WORD_COLUMNS))
    schema = snapshot.header.apply_to(files.schema)
    _write(folder / f"{_FILES}.{form}", form, schema, files.cast(schema).to_batches())
    if vectors:
        schema = snapshot.header.windows_schema.insert(1, pa.field("path", pa.string(), nullable=False))
        _write(folder / f"{_VECTORS}.{form}", form, schema, _vector_batches(snapshot, schema))
    written = {f"{_FILES}.{form}", f"{_VECTORS}.{form}"} if vectors else {f"{_FILES}.{form}"}
    for name in {f"{name}.{other}" for name in (_FILES, _VECTORS) for other in ExportFormat} - written:
        (folder / name).unlink(missing_ok=True)


def exported_header(folder: Path) -> Header:
    """Whose vectors an export holds.

    Raises:
        StorageError: There is no export.
    """
    return Header.from_schema(_open(folder, _FILES).schema, location=folder)


def import_into(writer: Writer, folder: Path) -> ImportReport:
    """Add what an export has of files that the index does not know, and give those that it knows with the same content
    the export's tags and ratings, unless they have their own; in one commit. A file that lacks some of its vectors is
    left out: the export was not written in one go."""
    exported = _exported_files(folder)
    present = writer.files.to_arrow().cast(FILES_SCHEMA)
    vectors = _find(folder, _VECTORS)
    unknown = exported.filter(pc.invert(pc.is_in(exported["path"], present["path"])))
    known = len(exported) - len(unknown)
    if vectors is None:  # files without vectors are of no use to an index
        unknown = unknown.slice(0, 0)
    old_ids = np.sort(unknown["file_id"].to_numpy())
    new_ids = np.array([new_file_id() for _ in old_ids], np.int64)
    counts = np.zeros(len(old_ids), np.int64)
    for batch in () if vectors is None else vectors.to_batches(batch_size=_ROWS_AT_ONCE):
        places, rows = _wanted(batch, old_ids)
        np.add.at(counts, places, 1)
        writer.append(_renamed(rows, new_ids[places], writer.header))
    places = np.searchsorted(old_ids, unknown["file_id"].to_numpy())
    whole = counts[places] == unknown["windows"].to_numpy()
    added = with_column(unknown, "file_id", new_ids[places]).filter(pa.array(whole))
    annotated = _annotated(present, exported)
    writer.publish(pa.concat_tables([added, annotated]))
    writer.discard(new_ids[places[~whole]])
    return ImportReport(added=len(added), annotated=len(annotated), known=known)


def _exported_files(folder: Path) -> pa.Table:
    """The exported rows of `files`, of whichever version, as they are now."""
    rows = _open(folder, _FILES).to_table()
    header = Header.from_schema(rows.schema, location=folder)
    for migrate in MIGRATIONS[header.schema_version - 1 :]:
        rows = migrate(rows)
    for name in set(WORD_COLUMNS).difference(rows.schema.names):
        rows = rows.append_column(FILES_SCHEMA.field(name), pa.array([""] * len(rows), pa.string()))
    return rows.select(FILES_SCHEMA.names).cast(FILES_SCHEMA)


def _annotated(present: pa.Table, exported: pa.Table) -> pa.Table:
    """Rows of the index that nobody has annotated, with the export's notes on the same content at the same path."""
    bare = pc.and_(pc.equal(present["rating"], 0), pc.equal(pc.list_value_length(present["tags"]), 0))
    noted = exported.filter(
        pc.or_(pc.greater(exported["rating"], 0), pc.greater(pc.list_value_length(exported["tags"]), 0))
    )
    contents = set(zip(noted["path"].to_pylist(), noted["content_hash"].to_pylist(), strict=True))
    rows = present.filter(bare)
    same = [pair in contents for pair in zip(rows["path"].to_pylist(), rows["content_hash"].to_pylist(), strict=True)]
    return with_notes_of(rows.filter(pa.array(same, pa.bool_())), noted)


def _wanted(batch: pa.RecordBatch, file_ids: IdArray) -> tuple[RowArray, pa.RecordBatch]:
    """Those windows whose file is one of `file_ids`, which are sorted, and which of them it is."""
    if not len(file_ids):
        return np.empty(0, np.intp), batch.slice(0, 0)
    ids = batch["file_id"].to_numpy()
    places = np.searchsorted(file_ids, ids).clip(max=len(file_ids) - 1)
    wanted = file_ids[places] == ids
    return places[wanted], batch.filter(pa.array(wanted))


def _renamed(rows: pa.RecordBatch, ids: IdArray, header: Header) -> pa.Table:
    """Windows under other ids, as the index stores them."""
    schema = header.windows_schema
    columns = [pa.array(ids), rows["modality"], rows["start_s"], rows["end_s"]]
    return pa.table([*columns, vector_column(vectors_of(rows), schema.field("vector").type)], schema=schema)


def _vector_batches(snapshot: Snapshot, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for batch in scan(snapshot.windows, snapshot.header.windows_schema.names):
        rows = snapshot.rows_of(batch["file_id"].to_numpy())
        visible = batch.filter(pa.array(rows >= 0))
        paths = snapshot.files["path"].take(pa.array(rows[rows >= 0])).combine_chunks()
        columns = [paths if name == "path" else visible[name] for name in schema.names]
        yield pa.record_batch(columns, schema=schema)


def _write(path: Path, form: ExportFormat, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    beside = path.with_name(f"{path.name}.part")
    with _writer(beside, form, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
    beside.replace(path)


@contextmanager
def _writer(path: Path, form: ExportFormat, schema: pa.Schema) -> Iterator[Any]:
    match form:
        case ExportFormat.PARQUET:
            with pq.ParquetWriter(path, schema, compression="zstd") as writer:
                yield writer
        case ExportFormat.ARROW:
            with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema) as writer:
                yield writer


def _open(folder: Path, name: str) -> Any:
    found = _find(folder, name)
    if found is None:
        raise StorageError(
            f"there is no {name}.parquet or {name}.arrow", path=folder, remedy="Name a folder that `export` has written"
        )
    return found


def _find(folder: Path, name: str) -> Any | None:
    """An exported table, unread; None if there is none."""
    for form in ExportFormat:
        path = folder / f"{name}.{form}"
        if path.is_file():
            return ds.dataset(path, format="ipc" if form is ExportFormat.ARROW else "parquet")
    return None
