"""`IndexStore`: opening, writing and searching an index."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow.compute as pc

from audioclip_search.errors import ModelMismatchError, QueryError, StorageError
from audioclip_search.storage.lance import Database, Table, connect, local_folder, open_table, scan, translated
from audioclip_search.storage.nearest import ResidentVectors, nearest_in_table, vectors_of
from audioclip_search.storage.schema import (
    FILES,
    Header,
    StoredFile,
    file_rows,
    new_file_ids,
    text_to_path,
    window_rows,
)
from audioclip_search.storage.snapshot import Snapshot
from audioclip_search.storage.write import Writer, create_copy, create_empty, upgrade, write_lock
from audioclip_search.types import (
    Failure,
    FileRecord,
    FloatArray,
    IndexInfo,
    Modality,
    ModelIdentity,
    Neighbour,
    WindowVector,
)

_MEMORY_BUDGET_BYTES = 2 * 1024**3
_LOCK_TIMEOUT_S = 60.0
_COMMITS_BETWEEN_COMPACTIONS = 64


class IndexStore:
    """An index on disk: known files, their vectors, and exact search among them. A context manager.

    Any number of threads and processes may use one index. Each sees what the others committed, from its next call on.
    A file is there with all its vectors or not at all, also when a process is killed while it writes: what it leaves
    behind is never visible, and removed by the next writer. Writers wait for each other, readers wait for nobody.

    Every method raises `StorageError` if the index can't be read or written, or is closed; its subclasses
    `SchemaVersionError` and `ModelMismatchError` if another process has meanwhile replaced the index by one that this
    object can't use.

    Attributes:
        location: The index's folder.
    """

    def __init__(self, database: Database, location: Path, *, memory_budget_bytes: int, lock_timeout_s: float) -> None:
        """Not for callers: see `open` and `create`."""
        files = open_table(database, FILES)
        if files is None:
            raise _not_indexed(location)
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

    @staticmethod
    def exists(location: str | Path) -> bool:
        """Whether there is an index in that folder, readable or not. Creates nothing."""
        folder = local_folder(location)
        if not folder.is_dir():
            return False
        with translated("open the index", folder):
            return open_table(connect(folder), FILES) is not None

    @classmethod
    def open(
        cls,
        location: str | Path,
        *,
        memory_budget_bytes: int = _MEMORY_BUDGET_BYTES,
        lock_timeout_s: float = _LOCK_TIMEOUT_S,
    ) -> Self:
        """An index that exists.

        Args:
            location: A local folder.
            memory_budget_bytes: The most that the vectors may take to be searched in memory; a larger index is searched
                by LanceDB. While they are refreshed after a write, twice as much is in use.
            lock_timeout_s: How long a write waits for another process's.

        Raises:
            StorageError: There is none, or it can't be read.
            SchemaVersionError: A newer version of this package wrote it.
        """
        folder = local_folder(location)
        if not folder.is_dir():
            raise _not_indexed(folder)
        with translated("open the index", folder):
            database = connect(folder)
            upgrade(database, folder, lock_timeout_s=lock_timeout_s)
            return cls(database, folder, memory_budget_bytes=memory_budget_bytes, lock_timeout_s=lock_timeout_s)

    @classmethod
    def create(
        cls,
        location: str | Path,
        *,
        identity: ModelIdentity,
        dim: int,
        overwrite: bool = False,
        memory_budget_bytes: int = _MEMORY_BUDGET_BYTES,
        lock_timeout_s: float = _LOCK_TIMEOUT_S,
    ) -> Self:
        """An index for vectors of that model: a new one if there is none, else the one there is.

        Args:
            location: A local folder, made if missing.
            identity: The model whose vectors it holds.
            dim: Their length.
            overwrite: Replace an index that is there, whatever model wrote it, by an empty one; in one commit.
            memory_budget_bytes: See `open`.
            lock_timeout_s: See `open`.

        Raises:
            ModelMismatchError: The index that is there holds vectors of another model.
            SchemaVersionError: A newer version of this package wrote it.
            StorageError: It can't be read or made.
            IndexLockedError: Another process is writing it.
        """
        folder = local_folder(location)
        with translated("create the index", folder):
            database = connect(folder)
            if overwrite or open_table(database, FILES) is None:
                with write_lock(folder, timeout_s=lock_timeout_s):
                    if overwrite or open_table(database, FILES) is None:  # another process may have been first
                        create_empty(database, Header.for_new_windows(identity, dim))
        store = cls.open(folder, memory_budget_bytes=memory_budget_bytes, lock_timeout_s=lock_timeout_s)
        store.require(identity, dim)
        return store

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
    def empty(self) -> bool:
        """Whether no file is known, not even a failed one."""
        with translated("read the index", self.location):
            return not self._current().paths

    def stored(self) -> dict[str, StoredFile]:
        """Every known file, embedded or failed, by its path relative to the root."""
        with translated("read the index", self.location):
            return self._current().stored()

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
            snapshot = self._current()
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

    def info(self) -> IndexInfo:
        """What the index holds."""
        with translated("read the index", self.location):
            snapshot = self._current()
            embedded = snapshot.files.filter(pc.equal(snapshot.files["failure"], ""))
            size = _bytes_on_disk(self.location)
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
        with translated("search the index", self.location):
            with self._refreshing:
                snapshot = self._current()
                resident = self._resident_for(snapshot)
            allowed = snapshot.allowed(modality, exclude)
            if not allowed.any():
                return []
            if resident is not None:
                return resident.nearest(snapshot, unit, k=k, allowed=allowed)
            return nearest_in_table(snapshot, unit, k=k, allowed=allowed, modality=modality)

    def write(self, records: Sequence[FileRecord]) -> None:
        """Add files, or replace what is known of them; all of them in one commit.

        Args:
            records: At most one for each path.

        Raises:
            ValueError: A path comes twice, a record has neither vectors nor a failure, or a vector is not float32
                `(dim,)` of unit norm.
            IndexLockedError: Another process is writing.
        """
        if not records:
            return
        file_ids = new_file_ids(len(records))
        files = file_rows(records, file_ids)
        windows = window_rows(records, file_ids, dim=self.dim)
        with self._writing() as writer:
            superseded = writer.ids_of([record.stamp.path for record in records])
            writer.append(windows)
            writer.publish(files)
            writer.discard(superseded)

    def remove(self, paths: Collection[str]) -> None:
        """Forget files, in one commit for each 10,000; unknown paths don't matter.

        Raises:
            IndexLockedError: Another process is writing.
        """
        if not paths:
            return
        with self._writing() as writer:
            file_ids = writer.ids_of(paths)
            writer.forget(file_ids)
            writer.discard(file_ids)

    def copy_to(self, location: str | Path) -> None:
        """Replace what index there is at another place by a copy of this one, in one commit: until then, those who ask
        there get its old answers.

        Raises:
            IndexLockedError: Another process is writing there.
        """
        folder = local_folder(location)
        with translated("replace the index", folder), write_lock(folder, timeout_s=self._lock_timeout_s):
            create_copy(connect(folder), self._current())

    def close(self) -> None:
        """Free the memory and the handles. Calling it again does nothing."""
        with self._refreshing:
            self._closed = True
            self._snapshot = self._resident = self._files = self._database = None

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

    def _resident_for(self, snapshot: Snapshot) -> ResidentVectors | None:
        """The vectors in memory, or None if they are over the budget."""
        if snapshot.window_count * self.dim * np.dtype(np.float32).itemsize > self._memory_budget_bytes:
            self._resident = None
        elif self._resident is None or self._resident.version != snapshot.version:
            self._resident = ResidentVectors.load(snapshot, self._resident)
        return self._resident

    @contextmanager
    def _writing(self) -> Iterator[Writer]:
        self._check_open()
        with (
            translated("write the index", self.location),
            write_lock(self.location, timeout_s=self._lock_timeout_s),
        ):
            with self._refreshing:
                self._check_open()  # again: the lock may have taken a while
                database = self._database
            writer = Writer.open(database, location=self.location)
            self._check_model(writer.header)
            if not self._tidy:
                writer.remove_leftovers()
            self._tidy = False  # stays so if a step fails
            before = writer.files.version
            yield writer
            if writer.files.version // _COMMITS_BETWEEN_COMPACTIONS > before // _COMMITS_BETWEEN_COMPACTIONS:
                writer.compact()
            self._tidy = True

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


def _not_indexed(location: Path) -> StorageError:
    return StorageError("not indexed yet", path=location, remedy="Run `audioclip-search index` first")


def _mismatch(location: Path, *, found: Header, wanted: tuple[ModelIdentity, int]) -> ModelMismatchError:
    def describe(identity: ModelIdentity, dim: int) -> str:
        version = identity.preprocessing_version
        return f"{identity.name} (weights {identity.weights_hash[:12]}, preprocessing {version}, {dim} dimensions)"

    return ModelMismatchError(
        f"the index holds vectors of {describe(found.identity, found.dim)}, not of {describe(*wanted)}",
        path=location,
        remedy="Use the model that wrote it, or embed everything again with `audioclip-search index --reembed`",
    )


def _bytes_on_disk(folder: Path) -> int:
    total = 0
    for file in folder.rglob("*"):
        with suppress(FileNotFoundError):  # another process is tidying up
            total += file.stat().st_size if file.is_file() else 0
    return total
