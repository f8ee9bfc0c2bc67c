"""`IndexReader`: an index that is open, and what can be asked of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from audioclip_search.errors import ModelMismatchError, QueryError, SchemaVersionError, StorageError
from audioclip_search.storage.beside import SideTable
from audioclip_search.storage.lance import Database, Location, Table, open_table, scan, translated
from audioclip_search.storage.maintenance import indexed_rows
from audioclip_search.storage.nearest import ResidentVectors, mean_vectors
from audioclip_search.storage.schema import FILES, Header, metadata_of, text_to_path, vectors_of
from audioclip_search.storage.snapshot import Snapshot
from audioclip_search.storage.stored import StoredFiles
from audioclip_search.storage.sweep import Sweep
from audioclip_search.storage.view import View
from audioclip_search.types import (
    Failure,
    FloatArray,
    IndexInfo,
    Metadata,
    Modality,
    ModelIdentity,
    Neighbour,
    Places,
    WindowVector,
)

_Answer = TypeVar("_Answer")


class IndexReader:
    """The part of `IndexStore` that changes nothing."""

    def __init__(
        self, database: Database, location: Location, *, memory_budget_bytes: int, lock_timeout_s: float
    ) -> None:
        """Not for callers: see `open` and `create`."""
        files = open_table(database, FILES)
        if files is None:
            raise not_indexed(location)
        self.location = location
        self._header = Header.from_schema(files.schema, location=location)
        self._database = database
        self._files: Table = files
        self._memory_budget_bytes = memory_budget_bytes
        self._lock_timeout_s = lock_timeout_s
        self._tidy = False  # whether no writer that crashed has left anything
        self._closed = False
        self._refreshing = threading.RLock()
        self._snapshot: Snapshot | None = None
        self._resident: ResidentVectors | None = None
        self._view: View | None = None

    def require(self, identity: ModelIdentity, dim: int) -> None:
        """Raise `ModelMismatchError` unless the index is for vectors of that model."""
        if (self.identity, self.dim) != (identity, dim):
            raise _mismatch(self.location, found=self._header, wanted=(identity, dim))

    @property
    def identity(self) -> ModelIdentity:
        """The model that wrote the vectors."""
        return self._header.identity

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._header.dim

    @property
    def schema_version(self) -> int:
        """Of the tables."""
        return self._header.schema_version

    @property
    def is_outdated(self) -> bool:
        """Whether the index has been removed, or replaced by another one, since this object opened it."""
        try:
            header = Header.from_schema(self._files.schema, location=self.location)
        except (SchemaVersionError, OSError, RuntimeError, ValueError):  # whatever LanceDB has for a table that is gone
            return True
        return header.windows_table != self._header.windows_table

    @property
    def places(self) -> Places:
        """Where the files are, as it was last said."""
        with translated("read the index", self.location):
            return self._current().header.places

    @property
    def empty(self) -> bool:
        """Whether no file is known, not even a failed one."""
        with translated("read the index", self.location):
            return not self._current().paths

    def stored(self) -> StoredFiles:
        """Every known file, embedded or failed, by its path relative to the root."""
        with translated("read the index", self.location):
            return self._current().stored

    def metadata(self) -> dict[str, Metadata]:
        """What every file says of itself, by its path."""

        def all_of(view: View) -> dict[str, Metadata]:
            rows = view.snapshot.rest("metadata", "rate_hz", "channels", "bits").to_pylist()
            return {path: metadata_of(row) for path, row in zip(view.snapshot.paths, rows, strict=True)}

        return self.ask(all_of)

    def failures(self) -> list[Failure]:
        """The files that could not be embedded, by path."""
        with translated("read the index", self.location):
            snapshot = self._current()
        reasons = snapshot.files["failure"].to_pylist()
        failed = [(path, reason) for path, reason in zip(snapshot.paths, reasons, strict=True) if reason]
        return [Failure(path, text_to_path(reason)) for path, reason in sorted(failed)]

    def vectors(self, path: str) -> list[WindowVector]:
        """The vectors of one file, in order of time.

        Raises:
            QueryError: The file is not in the index, or could not be embedded.
        """
        with translated("read the index", self.location):
            return self._asked(lambda snapshot: _vectors(snapshot, path))

    def mean_vectors(self) -> tuple[list[str], list[Modality], FloatArray]:
        """The paths of all files that have vectors, their kinds, and the mean direction of each one's: float32
        `(files, dim)` of unit norm. Read from the disk, in memory that a vector a file takes."""
        with translated("read the index", self.location):
            return self._asked(mean_vectors)

    def info(self) -> IndexInfo:
        """What the index holds."""
        with translated("read the index", self.location):
            snapshot = self._current()
            embedded = snapshot.files.filter(pc.equal(snapshot.files["failure"], ""))
            size = _bytes_on_disk(self.location, snapshot)
        count_of = {modality: pc.sum(pc.equal(embedded["modality"], modality)).as_py() or 0 for modality in Modality}
        return IndexInfo(
            location=str(self.location),
            model=self.identity,
            dim=self.dim,
            schema_version=self.schema_version,
            audio=count_of[Modality.AUDIO],
            image=count_of[Modality.IMAGE],
            text=count_of[Modality.TEXT],
            failed=len(snapshot.files) - len(embedded),
            windows=snapshot.window_count,
            bytes=size,
            vectors=snapshot.header.vectors,
            indexed=indexed_rows(snapshot.windows) if snapshot.has_vector_index else 0,
        )

    def search(
        self, query: FloatArray, *, k: int, modality: Modality | None = None, exclude: Collection[str] = ()
    ) -> list[Neighbour]:
        """The files nearest to a vector, each by its best window, best first; equal scores by path.

        Args:
            query: Float `(dim,)`, of any norm but zero.
            k: The most files to give.
            modality: Only files of this kind.
            exclude: Paths to leave out; unknown ones don't matter.

        Raises:
            QueryError: `k` is below 1, or the query is zero or not finite.
            ValueError: The query's shape is not `(dim,)`.
        """
        unit = self._unit(query)
        if k < 1:
            raise QueryError(f"can't give the best {k} files", remedy="Ask for at least one")

        def nearest(view: View) -> list[Neighbour]:
            allowed = np.ones(view.count, np.bool_) if modality is None else view.of_modality.get(modality, ~view.found)
            allowed = allowed & view.found
            allowed[view.rows_of(exclude)] = False
            return [
                Neighbour(view.path(row), kind, start_s, end_s, cosine, view.tags(row), view.rating(row))
                for kind, best in view.nearest(unit, k=k, allowed=allowed).items()
                for row, cosine, start_s, end_s in best.listed()
            ]

        found = self.ask(nearest)
        return sorted(found, key=lambda neighbour: (-neighbour.score, neighbour.path))[:k]

    def ask(self, ask: Callable[[View], _Answer]) -> _Answer:
        """What `ask` makes of the newest state. It is asked once more if what it looked at was deleted meanwhile."""
        with translated("search the index", self.location):
            return self._asked(lambda snapshot: ask(self._view_of(snapshot)))

    def beside(self, name: str, schema: pa.Schema, keys: tuple[str, ...]) -> SideTable:
        """A table of what is known of contents, which stays whatever is written to the index or takes its place."""
        with self._refreshing:
            self._check_open()
            return SideTable(
                self._database,
                self.location,
                name=name,
                schema=schema,
                keys=keys,
                lock_timeout_s=self._lock_timeout_s,
            )

    def sweep(self, modality: Modality, paths: Collection[str] | None = None) -> Sweep:
        """The vectors of all files of one kind, or of these; unknown paths don't matter."""
        with translated("read the index", self.location):
            snapshot = self._current()
        with self._refreshing:
            resident = self._resident
        loaded = resident if resident is not None and resident.version == snapshot.version else None
        return Sweep.over(snapshot, loaded, modality=modality, paths=paths)

    def close(self) -> None:
        """Free the memory and the handles. Calling it again does nothing."""
        with self._refreshing:
            self._closed = True
            self._snapshot = self._view = self._resident = self._files = self._database = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _current(self) -> Snapshot:
        with self._refreshing:
            self._check_open()
            if self._snapshot is None or self._snapshot.version != self._files.version:
                snapshot = Snapshot.take(self._database, self._files, location=self.location)
                self._check_model(snapshot.header)
                self._snapshot = snapshot
            return self._snapshot

    def _asked(self, ask: Callable[[Snapshot], _Answer]) -> _Answer:
        """What the newest state says. A state that has been the newest for long may be one whose tables have been
        compacted, and their old versions deleted, meanwhile: then it is looked at anew."""
        snapshot = self._current()
        try:
            return ask(snapshot)
        except (OSError, RuntimeError, ValueError):
            self._forget_snapshot()
            fresh = self._current()
            if _versions(fresh) == _versions(snapshot):
                raise
            return ask(fresh)

    def _view_of(self, snapshot: Snapshot) -> View:
        """The view of a state; the same one as long as that is the newest, because it keeps what it has made."""
        with self._refreshing:
            if self._view is None or self._view.snapshot is not snapshot:
                self._view = View(snapshot, lambda: self._resident_for(snapshot))
            return self._view

    def _forget_snapshot(self) -> None:
        with self._refreshing:
            self._snapshot = None

    def _fits(self, snapshot: Snapshot) -> bool:
        """Whether the vectors may be kept in memory."""
        return snapshot.window_count * self.dim * np.dtype(np.float32).itemsize <= self._memory_budget_bytes

    def _resident_for(self, snapshot: Snapshot) -> ResidentVectors | None:
        """The vectors in memory, or None if they are over the budget."""
        with self._refreshing:
            if not self._fits(snapshot):
                self._resident = None
            elif self._resident is None or self._resident.version != snapshot.version:
                self._resident = ResidentVectors.load(snapshot, self._resident)
            return self._resident

    def _check_open(self) -> None:
        if self._closed:
            raise StorageError("the index has been closed", path=self.location)

    def _check_model(self, header: Header) -> None:
        if (header.identity, header.dim) != (self.identity, self.dim):
            raise _mismatch(self.location, found=header, wanted=(self.identity, self.dim))

    def _unit(self, query: FloatArray) -> FloatArray:
        if query.shape != (self.dim,):
            raise ValueError(f"a query of shape {query.shape} for vectors of length {self.dim}")
        wide = query.astype(np.float64)
        norm = np.linalg.norm(wide)
        if not np.isfinite(norm) or norm == 0:
            raise QueryError("the query has no direction: its vector is zero or not finite")
        return (wide / norm).astype(np.float32)


def _vectors(snapshot: Snapshot, path: str) -> list[WindowVector]:
    row = snapshot.rows.get(path)
    if row is None:
        raise QueryError("not in the index", path=path, remedy="Run `audioclip-search index`")
    if reason := snapshot.failure(row):
        raise QueryError(f"has no vectors: {reason}", path=path)
    batches = scan(snapshot.windows, ["start_s", "end_s", "vector"], ids=snapshot.file_ids[row : row + 1])
    windows = [
        WindowVector(vector=vector.copy(), start_s=start_s, end_s=end_s)
        for batch in batches
        for vector, start_s, end_s in zip(
            vectors_of(batch), batch["start_s"].to_pylist(), batch["end_s"].to_pylist(), strict=True
        )
    ]
    return sorted(windows, key=lambda window: window.start_s)


def _versions(snapshot: Snapshot) -> tuple[int, str, int]:
    return snapshot.version, snapshot.header.windows_table, int(snapshot.windows.version)


def not_indexed(location: Location) -> StorageError:
    """What to say where there is no index."""
    return StorageError("not indexed yet", path=location, remedy="Run `audioclip-search index` first")


def _mismatch(location: Location, *, found: Header, wanted: tuple[ModelIdentity, int]) -> ModelMismatchError:
    def describe(identity: ModelIdentity, dim: int) -> str:
        version = identity.preprocessing_version
        return f"{identity.name} (weights {identity.weights_hash[:12]}, preprocessing {version}, {dim} dimensions)"

    return ModelMismatchError(
        f"the index holds vectors of {describe(found.identity, found.dim)}, not of {describe(*wanted)}",
        path=location,
        remedy="Use the model that wrote it, or embed everything again with `audioclip-search index --reembed`",
    )


def _bytes_on_disk(location: Location, snapshot: Snapshot) -> int:
    """What the index takes; in an object store, without the old versions that are still there."""
    if not isinstance(location, Path):
        return sum(int(table.stats()["total_bytes"]) for table in (snapshot.windows, snapshot.files_table))
    total = 0
    for file in location.rglob("*"):
        with suppress(FileNotFoundError):  # another process is tidying up
            total += file.stat().st_size if file.is_file() else 0
    return total
