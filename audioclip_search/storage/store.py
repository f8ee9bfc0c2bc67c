"""`IndexStore`: opening and writing an index."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Self

from audioclip_search.storage.batch import Change, check_batch, write_batch
from audioclip_search.storage.exchange import export, exported_header, import_into
from audioclip_search.storage.health import Health, examine
from audioclip_search.storage.lance import connect, located, open_table, translated
from audioclip_search.storage.locks import held
from audioclip_search.storage.maintenance import steps_due, take
from audioclip_search.storage.reading import IndexReader, not_indexed
from audioclip_search.storage.rows import (
    DAMAGED,
    first_of_each_path,
    taking_over,
    to_embed,
    with_column,
    with_notes,
    with_prefix,
)
from audioclip_search.storage.schema import FILES, Header, described, path_to_text, text_to_path
from audioclip_search.storage.view import View
from audioclip_search.storage.write import Writer, create_copy, create_empty, replace_files, upgrade
from audioclip_search.types import ExportFormat, FileStamp, ImportReport, Metadata, ModelIdentity, Places, VectorType

_NOT_WHOLE = "Is the export whole? Write it again with `audioclip-search export`. The index is as it was"
MEMORY_BUDGET_BYTES = 2 * 1024**3
_LOCK_TIMEOUT_S = 60.0
_COMMITS_BETWEEN_COMPACTIONS = 64


class IndexStore(IndexReader):
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

    @staticmethod
    def exists(location: str | Path) -> bool:
        """Whether there is an index in that folder, readable or not. Creates nothing."""
        folder = located(location)
        if isinstance(folder, Path) and not folder.is_dir():
            return False
        with translated("open the index", folder):
            return open_table(connect(folder), FILES) is not None

    @classmethod
    def open(
        cls,
        location: str | Path,
        *,
        memory_budget_bytes: int = MEMORY_BUDGET_BYTES,
        lock_timeout_s: float = _LOCK_TIMEOUT_S,
    ) -> Self:
        """An index that exists.

        Args:
            location: A local folder, or the URI of a place in an object store.
            memory_budget_bytes: The most that the vectors may take to be searched in memory; a larger index is searched
                by LanceDB. While they are refreshed after a write, twice as much is in use.
            lock_timeout_s: How long a write waits for another process's.

        Raises:
            StorageError: There is none, or it can't be read.
            SchemaVersionError: A newer version of this package wrote it.
        """
        folder = located(location)
        if isinstance(folder, Path) and not folder.is_dir():
            raise not_indexed(folder)
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
        vectors: VectorType = VectorType.FLOAT32,
        overwrite: bool = False,
        memory_budget_bytes: int = MEMORY_BUDGET_BYTES,
        lock_timeout_s: float = _LOCK_TIMEOUT_S,
    ) -> Self:
        """An index for vectors of that model: a new one if there is none, else the one there is.

        Args:
            location: A local folder, made if missing, or the URI of a place in an object store.
            identity: The model whose vectors it holds.
            dim: Their length.
            vectors: How a new index stores them.
            overwrite: Replace an index that is there, whatever model wrote it, by an empty one; in one commit.
            memory_budget_bytes: See `open`.
            lock_timeout_s: See `open`.

        Raises:
            ModelMismatchError: The index that is there holds vectors of another model.
            SchemaVersionError: A newer version of this package wrote it.
            StorageError: It can't be read or made.
            IndexLockedError: Another process is writing it.
        """
        folder = located(location)
        with translated("create the index", folder):
            database = connect(folder)
            if overwrite or open_table(database, FILES) is None:
                with held(folder, "write", timeout_s=lock_timeout_s):
                    if overwrite or open_table(database, FILES) is None:  # another process may have been first
                        header = Header(identity, dim, windows_table="", vectors=vectors)
                        create_empty(database, header.with_new_windows())
        store = cls.open(folder, memory_budget_bytes=memory_budget_bytes, lock_timeout_s=lock_timeout_s)
        store.require(identity, dim)
        return store

    def write(self, changes: Sequence[Change]) -> None:
        """Add files, replace what is known of them, or say where known content is now; all of them in one commit.

        Args:
            changes: At most one for each path. See `FileRecord` and `KnownContent`.

        Raises:
            ValueError: A path comes twice, a record has neither vectors nor a failure, or a vector is not float32
                `(dim,)` of unit norm.
            IndexLockedError: Another process is writing.
        """
        check_batch(changes, dim=self.dim)
        if changes:
            with self._writing() as writer:
                write_batch(writer, changes)

    def remove(self, paths: Collection[str]) -> None:
        """Forget files, in one commit for each 10,000; unknown paths don't matter.

        Raises:
            IndexLockedError: Another process is writing.
        """
        if not paths:
            return
        with self._writing() as writer:
            file_ids = writer.rows_of(paths)["file_id"].to_numpy()
            writer.forget(file_ids)
            writer.discard(file_ids)

    def annotate(
        self, paths: Collection[str], *, add: Collection[str], remove: Collection[str], rating: int | None
    ) -> int:
        """Change the tags and, unless it is None, the rating of files, in one commit; unknown paths don't matter.

        Returns:
            How many are known.

        Raises:
            IndexLockedError: Another process is writing.
        """
        with self._writing() as writer:
            rows = writer.rows_of(paths)
            if len(rows):
                writer.publish(with_notes(rows, add=add, remove=remove, rating=rating))
            return len(rows)

    def undescribed(self) -> list[FileStamp]:
        """The files that have vectors, but of which it is not known what they say of themselves: an older version of
        this package embedded them."""

        def missing(view: View) -> list[FileStamp]:
            table = view.snapshot.files_table
            found = table.search().where("metadata = '' AND failure = ''").select(["path"]).to_arrow()
            return [view.snapshot.stored[text_to_path(text)].stamp for text in found["path"].to_pylist()]

        return self.ask(missing)

    def describe(self, metadata: Mapping[str, Metadata]) -> None:
        """Say what files say of themselves, in one commit; unknown paths don't matter.

        Raises:
            IndexLockedError: Another process is writing.
        """
        if not metadata:
            return
        with self._writing() as writer:
            rows = writer.rows_of(metadata)
            paths = [text_to_path(text) for text in rows["path"].to_pylist()]
            for name, column in described([metadata[path] for path in paths]).items():
                rows = with_column(rows, name, column)
            if len(rows):
                writer.publish(rows)

    def set_places(self, change: Callable[[Places], Places], *, renamed: Mapping[str, str] | None = None) -> None:
        """Remember where the files are, in one commit; none if it is known.

        Args:
            change: From what is remembered to what is to be; what it raises leaves that as it was. Called while others
                can't write, so that nobody's change is lost, and once before.
            renamed: Beginnings of paths, and what to put in their place.

        Raises:
            IndexLockedError: Another process is writing.
        """
        known = self.places
        if change(known) == known and not renamed:
            return
        with self._writing() as writer:
            places = change(writer.header.places)
            files = writer.files.to_arrow()
            writer.check_lock()
            for old, new in (renamed or {}).items():
                files = with_prefix(files, path_to_text(old), path_to_text(new))
            replace_files(writer.database, files, replace(writer.header, places=places))

    def take_place_of(self, location: str | Path, *, pending: Collection[str] = ()) -> None:
        """Replace what index there is at another place by this one's files and vectors, in one commit: until then,
        those who ask there get its old answers. Its tags, ratings and places stay.

        Args:
            location: Of the other index.
            pending: Files that it knows and this one need not: they stay known, and the next sync embeds them.

        Raises:
            IndexLockedError: Another process is writing there.
        """
        folder = located(location)
        with (
            translated("replace the index", folder),
            held(folder, "write", timeout_s=self._lock_timeout_s) as check_lock,
        ):
            database = connect(folder)
            other = database.open_table(FILES)
            header = replace(self._header, places=Header.from_schema(other.schema, location=folder).places)
            snapshot = self._current()
            files = taking_over(
                snapshot.whole_files(), other.to_arrow(), pending=[path_to_text(path) for path in pending]
            )
            create_copy(database, snapshot, header.with_new_windows(), files, check_lock=check_lock)

    def convert(self, vectors: VectorType) -> None:
        """Store the vectors otherwise, in one commit. What float16 rounds off is gone for good.

        Raises:
            IndexLockedError: Another process is writing.
        """
        with self._writing() as writer:
            if writer.header.vectors is not vectors:
                header = replace(writer.header, vectors=vectors).with_new_windows()
                files = writer.files.to_arrow()
                create_copy(writer.database, self._current(), header, files, check_lock=writer.check_lock)

    @property
    def lags(self) -> bool:
        """Whether `optimize` would build or refresh an index."""
        with translated("read the index", self.location):
            return bool(self._steps_due())

    def optimize(self, *, compact: bool = True) -> None:
        """Build or refresh the indexes that make a large index fast; others may read and write meanwhile. Vectors are
        indexed where they don't fit into the memory budget.

        Args:
            compact: Also merge what many commits left behind, and delete old versions.

        Raises:
            IndexLockedError: Another process is writing.
        """
        if compact:
            with self._writing() as writer:
                writer.compact()
        with translated("optimize the index", self.location):
            take(self._steps_due())
        self._forget_snapshot()

    def check(self, *, mend: bool = False) -> Health:
        """Whether every file has its vectors and every vector a file.

        Args:
            mend: Throw away the vectors of files that are damaged, so that the next sync embeds these again, and remove
                stray vectors. Tags and ratings stay.

        Raises:
            IndexLockedError: Another process is writing.
        """
        with translated("check the index", self.location):
            self._forget_snapshot()  # which may be pinned to vectors that were whole once
            health = self._asked(examine)
        if mend and (health.damaged or health.strays):
            with self._writing() as writer:
                damaged = writer.rows_of(health.damaged)
                if len(damaged):
                    mended = to_embed(first_of_each_path(damaged), DAMAGED)
                    writer.publish(mended, damaged["file_id"].to_numpy())
                writer.remove_leftovers()
        return health

    def export_to(self, folder: Path, form: ExportFormat, *, vectors: bool) -> None:
        """See `Library.export_to`."""
        with translated("export the index", folder, elsewhere="Choose another folder"):
            self._asked(lambda snapshot: export(snapshot, folder, form, vectors=vectors))

    @staticmethod
    def exported(folder: Path) -> tuple[ModelIdentity, int, Places]:
        """Whose vectors an export holds, their length, and where its library's files were."""
        with translated("read the export", folder, remedy=_NOT_WHOLE):
            header = exported_header(folder)
        return header.identity, header.dim, header.places

    def import_from(self, folder: Path) -> ImportReport:
        """See `Library.import_from`."""
        identity, dim, _ = self.exported(folder)
        self.require(identity, dim)
        with self._writing() as writer, translated("import", folder, remedy=_NOT_WHOLE):
            return import_into(writer, folder)

    def destroy(self) -> None:
        """Remove the index from its place, and close it. In a local folder it goes at once: half an index, left by a
        process that was killed meanwhile, would be in the way of the next one there."""
        with translated("remove the index", self.location):
            if isinstance(self.location, Path):
                gone = self.location.with_name(f"{self.location.name}.gone")
                if gone.exists():
                    shutil.rmtree(gone)
                self.close()  # first: what is open can't be moved everywhere
                self.location.rename(gone)
                shutil.rmtree(gone)
            else:
                self._database.drop_all_tables()
                self.close()

    @contextmanager
    def _writing(self) -> Iterator[Writer]:
        self._check_open()
        with (
            translated("write the index", self.location),
            held(self.location, "write", timeout_s=self._lock_timeout_s) as check_lock,
        ):
            with self._refreshing:
                self._check_open()  # again: the lock may have taken a while
                database = self._database
            writer = Writer.open(database, location=self.location, check_lock=check_lock)
            self._check_model(writer.header)
            if not self._tidy:
                writer.remove_leftovers()
            self._tidy = False  # stays so if a step fails
            before = writer.files.version
            yield writer
            if writer.files.version // _COMMITS_BETWEEN_COMPACTIONS > before // _COMMITS_BETWEEN_COMPACTIONS:
                writer.compact()
            self._tidy = True

    def _steps_due(self) -> list[Callable[[], object]]:
        snapshot = self._current()
        windows = self._database.open_table(snapshot.header.windows_table)
        files = self._database.open_table(FILES)
        return steps_due(files, windows, vectors=not self._fits(snapshot))
