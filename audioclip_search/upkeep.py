"""The half of `Library` that keeps the index. It composes the scanner, the model and the index, and owns them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from audioclip_search.errors import AudioCLIPSearchError, CancelledError, MediaError, QueryError
from audioclip_search.folders import Folders, absolute
from audioclip_search.indexer import is_within, plan, require_unicode, survey
from audioclip_search.media import parse_patterns
from audioclip_search.session import AUTO, Session
from audioclip_search.storage import MEMORY_BUDGET_BYTES, located
from audioclip_search.synchronize import look, synchronize
from audioclip_search.types import (
    CancelToken,
    ExportFormat,
    ImportReport,
    IndexHealth,
    OnProgress,
    Places,
    Precision,
    RayEngine,
    ScanRules,
    SyncProgress,
    SyncReport,
    SyncStage,
    VectorType,
)
from audioclip_search.watching import QUIET_S, Watch

if TYPE_CHECKING:
    from audioclip_search.encoder import Encoder  # loads torch

INDEX_FOLDER = ".audioclip-search"
_POLL_S = 0.2


class LibraryUpkeep:
    """What keeps a library's index: opening it, bringing it up to date, watching, folders and rules, care, exchange.
    `Library` is this and what asks the index."""

    def __init__(
        self,
        root: str | Path,
        *,
        model: str | Path | Encoder = AUTO,
        index: str | Path | None = None,
        device: str = "auto",
        vectors: VectorType | str = VectorType.FLOAT32,
        memory_budget_bytes: int = MEMORY_BUDGET_BYTES,
        threads: int | None = None,
        precision: Precision | str = Precision.AUTO,
    ) -> None:
        if threads is not None and threads < 1:
            raise ValueError(f"a model can't work with {threads} threads")
        self._root = absolute(root)
        location = (
            self._root / INDEX_FOLDER
            if index is None
            else located(index if "://" in str(index) else Path(index).expanduser())
        )
        self._session = Session(
            location,
            model=model,
            device=device,
            vectors=VectorType(vectors),
            memory_budget_bytes=memory_budget_bytes,
            threads=threads,
            precision=Precision(precision),
        )
        self._syncing = threading.Lock()

    @property
    def root(self) -> Path:
        """The library's own folder, absolute."""
        return self._root

    @property
    def folders(self) -> tuple[Path, ...]:
        """Every folder of the library, absolute, the root first."""
        return self._folders().all

    @property
    def rules(self) -> ScanRules:
        """Which files of the folders belong to the library. An `.audioclipignore` in any of them counts as well."""
        return self._folders().places.rules

    @property
    def indexed(self) -> bool:
        """Whether there is an index that knows any file, be it of an unfinished sync."""
        return self._session.exists and not self._session.store().empty

    def sync(
        self,
        *,
        on_progress: OnProgress | None = None,
        cancel: CancelToken | None = None,
        reembed: bool = False,
        paths: Iterable[str | Path] | None = None,
        engine: RayEngine | None = None,
    ) -> SyncReport:
        """Bring the index up to date with the folders: embed what is new or changed, forget what is gone.

        Only new and changed files are opened; without any, not even the model is. A file that only moved, or whose
        content the index has from another one, is not embedded: it keeps or gets the vectors, tags and rating of that
        one. A folder that can't be reached keeps its files. A file that can't be embedded is recorded with the reason,
        and tried again when it changes; by every sync, if the reason was not its content.

        Finished files are kept if the work is cancelled, interrupted or killed, and the next sync goes on from there.
        While another process syncs the same index, this one waits.

        Args:
            on_progress: Called from this thread.
            cancel: Stops the work soon; the report then says so.
            reembed: Embed every file again, whichever model wrote the index. The old vectors serve until all the new
                ones are there; a run that is cut off is continued by the next one with `reembed`. Files that can't be
                reached are embedded by a later sync.
            paths: Look at these files and folders only, absolute or below the root; also at what is gone there.
            engine: A cluster to read and embed the files with, for libraries of millions. Each of its machines needs
                this package, the model, and the folders and the index under the same paths, or the same variables for
                an object store in its environment. Whole blocks of files are what is kept of an interrupted run.

        Raises:
            MediaError: None of the folders is there or can be listed, the root's path is not Unicode, or it has none of
                the files that an index elsewhere knows; the index stays as it is. Or a machine of the cluster does not
                see the files.
            ModelError: The model is not there or can't be loaded. Or the cluster can't be reached or gives up, or the
                model is an encoder of one's own, which can't be sent there.
            ModelMismatchError: The index is another model's, and `reembed` is not set.
            ValueError: Both `reembed` and `paths` are given.
        """
        if reembed and paths is not None:
            raise ValueError("either reembed or paths: files with vectors of two models can't be in one index")
        started = time.monotonic()
        try:
            self._require_root()
            with self._alone(on_progress=on_progress, cancel=cancel):
                report = synchronize(
                    self._session,
                    self._folders(),
                    reembed=reembed,
                    paths=paths,
                    engine=engine,
                    on_progress=on_progress,
                    cancel=cancel,
                )
        except CancelledError:
            self._session.check_open()
            report = SyncReport(cancelled=True)
        return replace(report, duration_s=time.monotonic() - started)

    def add_folder(self, folder: str | Path) -> None:
        """Make another folder part of the library; the next sync indexes it. The model is needed if there is no index.

        Raises:
            MediaError: It is no folder; or there is no index, and the root is missing.
            StorageError: It is in one of the library's folders, or one of them is in it.
        """
        self._require_place()
        path = absolute(folder)
        self._folders().with_folder(path)  # refused before an index is made
        self._session.store_to_sync().set_places(lambda places: Folders(self._root, places).with_folder(path))

    def remove_folder(self, folder: str | Path) -> None:
        """Take another folder than the root out of the library, and forget its files.

        Raises:
            StorageError: It is none of them.
        """
        path = absolute(folder)
        self._folders().without_folder(path)
        with self._alone():  # a sync under way would look for them where they were
            self.forget([path])
            self._session.store().set_places(lambda places: Folders(self._root, places).without_folder(path))

    def set_rules(self, rules: ScanRules) -> None:
        """Say which files of the folders belong to the library; it counts from the next sync on. The model is needed if
        there is no index.

        Raises:
            QueryError: A pattern is malformed.
            MediaError: There is no index, and the root is missing.
        """
        try:
            parse_patterns(rules.ignore)
        except ValueError as error:
            raise QueryError(f"the patterns can't be used: {error}") from error
        self._require_place()
        self._session.store_to_sync().set_places(lambda places: replace(places, rules=rules))

    def forget(self, paths: Iterable[str | Path]) -> int:
        """Take files, or all files below folders, out of the index, whether they are there or not; those that are come
        back with the next sync.

        Args:
            paths: Absolute, or below the root.

        Returns:
            How many were known.

        Raises:
            QueryError: A path is in none of the folders.
            StorageError: There is no index yet.
        """
        folders = self._folders()
        places = folders.keys_of(paths)
        store = self._session.store()
        known = [key for key in store.stored() if is_within(key, places)]
        store.remove(known)
        return len(known)

    def relocate(self, old: str | Path, new: str | Path) -> int:
        """Say that one of the library's other folders is at another place now, a drive under another letter say. Its
        files keep everything. The root needs no such word: open the library where it is now.

        Returns:
            How many files were there.

        Raises:
            MediaError: The new place is no folder, or has none of the files.
            StorageError: The old one is none of the library's other folders, or the new one overlaps with one of them.
        """
        folders = self._folders()
        old_path, new_path = absolute(old), absolute(new)
        _, renamed = folders.relocated(old_path, new_path)
        store = self._session.store()
        (before, after), *_ = renamed.items()
        known = [key for key in store.stored() if key.startswith(before)]
        if known and not any(Path(after, key[len(before) :]).exists() for key in known):
            raise MediaError(f"has none of the files that were in {old_path}", path=new_path)
        with self._alone():  # a sync under way would miss them where they were
            store.set_places(
                lambda places: Folders(self._root, places).relocated(old_path, new_path)[0], renamed=renamed
            )
        return len(known)

    def watch(
        self,
        *,
        on_sync: Callable[[SyncReport], None] | None = None,
        on_error: Callable[[AudioCLIPSearchError], None] | None = None,
        on_progress: OnProgress | None = None,
        quiet_s: float = QUIET_S,
        polling: bool | None = None,
    ) -> Watch:
        """Keep the index up to date from now on: sync at once, and again whenever something changes in the folders.

        A file that is being written or copied waits until it has been quiet for a while. A drive that is unplugged
        keeps its files, and is looked at when it is back.

        Args:
            on_sync: Told what each sync did, unless that was nothing; from a thread of the watch's.
            on_error: Told why a sync failed; the next one catches up. Without it, errors are logged.
            on_progress: Told how far each sync is; from the same thread.
            quiet_s: How long nothing must have happened to a file.
            polling: Look at the folders every so often, instead of asking the system to tell of changes, which network
                drives don't. None decides for each folder.

        Returns:
            The watch, which runs until it is closed; it is a context manager. Close it before the library.
        """
        return Watch(
            self.sync,
            self.folders,
            skip=self._session.own_folders,
            on_sync=on_sync,
            on_error=on_error,
            on_progress=on_progress,
            quiet_s=quiet_s,
            polling=polling,
        )

    def optimize(self, *, vectors: VectorType | str | None = None) -> None:
        """Merge what many small changes left behind in the index, delete its old versions, and bring its indexes up to
        date. Queries go on meanwhile; syncs wait. Syncs do the same, a little at a time.

        Args:
            vectors: Store the vectors otherwise from now on. What `float16` rounds off is gone for good.

        Raises:
            StorageError: There is no index yet.
        """
        self._require_place()
        with self._alone():
            if vectors is not None:
                self._session.store().convert(VectorType(vectors))
            self._session.store().optimize()

    def check(self, *, mend: bool = False, on_progress: OnProgress | None = None) -> IndexHealth:
        """Compare the index with itself and with the folders. All vectors are read.

        Args:
            mend: Put right what is wrong, and sync.
            on_progress: Told of the sync.

        Raises:
            StorageError: There is no index yet, or it can't be read at all.
            MediaError: None of the folders is there.
        """
        store, folders = self._session.store(), self._folders()
        stored = store.stored()
        todo = plan(look(self._session, folders, stored), stored)
        with self._alone() if mend else nullcontext():
            health = store.check(mend=mend)
        if mend:
            self.sync(on_progress=on_progress)
        return IndexHealth(
            damaged=tuple(map(folders.path_of, health.damaged)),
            strays=health.strays,
            new=len(todo.new),
            changed=len(todo.changed),
            gone=len(todo.removed),
            offline=todo.offline,
            failed=len(store.failures()),
            mended=mend,
        )

    def export_to(
        self, folder: str | Path, *, form: ExportFormat | str = ExportFormat.PARQUET, vectors: bool = True
    ) -> None:
        """Write what the index knows to a folder, for other programs and other indexes: `files` (path, size, time of
        change, content hash, tags, rating, …) and `vectors` (path, start and end in seconds, vector). Paths are
        relative to the root; those in other folders absolute. Files that are there are replaced, each when it is whole.

        Args:
            folder: Made if missing.
            form: What to write.
            vectors: Whether to write the vectors as well.

        Raises:
            StorageError: There is no index yet, or the folder can't be written.
        """
        self._session.store().export_to(absolute(folder), ExportFormat(form), vectors=vectors)

    def import_from(self, folder: str | Path) -> ImportReport:
        """Add what `export_to` has written of files that the index does not know, with vectors, tags and ratings. They
        need not be there yet; a sync forgets those that still aren't. A known file with the same content that has
        neither tags nor a rating gets those of the export. There being no index, one for the export's model is made,
        with its other folders and rules; the model itself is not needed.

        Raises:
            ModelMismatchError: The vectors are another model's than the index's.
            StorageError: There is no export, or it can't be read.
        """
        path = absolute(folder)
        self._require_place()
        with self._alone():
            store = self._session.store_for(path)
            report = store.import_from(path)
            store.optimize(compact=False)
            return report

    def close(self) -> None:
        """Free the model and the index. Calling it again does nothing; a sync still running in another thread fails."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _folders(self) -> Folders:
        return Folders(self._root, self._session.store().places if self._session.exists else Places())

    @contextmanager
    def _alone(self, *, on_progress: OnProgress | None = None, cancel: CancelToken | None = None) -> Iterator[None]:
        """Keep other syncs out, of this object, of this process and of others; wait for them, and tell so."""
        told = False
        while not self._syncing.acquire(timeout=_POLL_S):
            self._session.check_open()
            if cancel is not None and cancel.cancelled:
                raise CancelledError("cancelled while another sync was under way", path=self._root)
            if on_progress is not None and not told:
                on_progress(SyncProgress(SyncStage.WAIT, 0, 0))
            told = True
        try:
            with self._session.alone(on_progress=on_progress, cancel=cancel):
                yield
        finally:
            self._syncing.release()

    def _require_place(self) -> None:
        """Refuse to make an index in a root that is missing."""
        if not self._session.exists:
            self._require_root()

    def _require_root(self) -> None:
        """Refuse a root that is missing before its index is looked for in it, or made there."""
        self._session.check_open()
        require_unicode(self._root)
        if not self._root.is_dir() and (not self._session.exists or len(self.folders) == 1):
            survey(self._root)  # which says what is wrong with it
