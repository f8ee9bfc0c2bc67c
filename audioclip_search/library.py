"""`Library`: the facade. It composes the scanner, the model and the index, and owns them."""

from __future__ import annotations

import os
import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from audioclip_search.errors import CancelledError, MediaError, ModelError, ModelMismatchError, QueryError, StorageError
from audioclip_search.indexer import Survey, execute, plan, survey
from audioclip_search.query import AudioSource, ImageSource, Query, as_modality
from audioclip_search.search import search, search_similar
from audioclip_search.storage import IndexStore
from audioclip_search.types import CancelToken, Failure, Hit, IndexInfo, Modality, OnProgress, SyncReport

if TYPE_CHECKING:
    from audioclip_search.encoder import Encoder  # loads torch

AUTO = "auto"
INDEX_FOLDER = ".audioclip-search"
_STAGING_FOLDER = "reembed"  # in the index's folder


class Library:
    """A folder of sounds, pictures and texts that can be searched. A context manager.

    Opening one is cheap and changes nothing: the model is loaded when it is first needed. Methods may be called from
    any thread, a query also while a sync is running; syncs of one object wait for each other. Other objects and
    processes may use the same index at the same time; what one commits the others see from their next call on.

    Every method raises `StorageError` if the index can't be used (`IndexLockedError` if another process has been
    writing it for a minute), or if the library is closed.

    Args:
        root: The folder.
        model: A registered name, a path to a model, or `auto`: the model that wrote the index; for a new index the best
            one on this machine. A model is never downloaded.
        index: The index's folder; None for `.audioclip-search` in the root.
        device: `auto` (CUDA if there is one, else Apple's MPS, else the CPU) or a device as torch names it.
    """

    def __init__(
        self,
        root: str | Path,
        *,
        model: str | Path = AUTO,
        index: str | Path | None = None,
        device: str = "auto",
    ) -> None:
        self._root = Path(root).expanduser().absolute()
        self._model = model
        self._index = self._root / INDEX_FOLDER if index is None else _location(index)
        self._device = device
        self._store: IndexStore | None = None
        self._encoder: Encoder | None = None
        self._closed = False
        self._opening = threading.RLock()
        self._syncing = threading.Lock()

    @property
    def root(self) -> Path:
        """The folder, absolute."""
        return self._root

    @property
    def indexed(self) -> bool:
        """Whether there is an index that knows any file, be it of an unfinished sync."""
        with self._opening:
            self._check_open()
            if self._store is None and not IndexStore.exists(self._index):
                return False
            return not self._open_store().empty

    def sync(
        self, *, on_progress: OnProgress | None = None, cancel: CancelToken | None = None, reembed: bool = False
    ) -> SyncReport:
        """Bring the index up to date with the folder: embed what is new or changed, forget what is gone.

        Only new and changed files are opened; without any, not even the model is. A file that can't be embedded is
        recorded with the reason, and tried again when it changes; by every sync, if the reason was not its content.
        Finished files are kept if the work is cancelled, interrupted or killed, and the next sync goes on from there.

        Args:
            on_progress: Called from this thread.
            cancel: Stops the work soon; the report then says so.
            reembed: Embed every file again, whichever model wrote the index. The old vectors serve until all the new
                ones are there; a run that is cut off is continued by the next one with `reembed`.

        Raises:
            MediaError: The folder is missing or can't be listed, its path is not Unicode, or it has none of the files
                that an index elsewhere knows, nor any other; the index stays as it is.
            ModelError: The model is not there or can't be loaded.
            ModelMismatchError: The index is another model's, and `reembed` is not set.
        """
        started = time.monotonic()
        with self._syncing:
            self._check_open()
            try:
                found = survey(self._root, skip=[Path(self._index)], on_progress=on_progress, cancel=cancel)
            except CancelledError:
                return SyncReport(duration_s=time.monotonic() - started, cancelled=True)
            if not found.stamps:
                self._require_mounted()
            if reembed and IndexStore.exists(self._index):
                with self._staging() as store:
                    report = self._update(store, found, on_progress=on_progress, cancel=cancel)
                    if not report.cancelled:
                        store.copy_to(self._index)
                if not report.cancelled:
                    self._adopt()
            else:
                report = self._update(self._store_to_sync(), found, on_progress=on_progress, cancel=cancel)
        return replace(report, duration_s=time.monotonic() - started)

    def query(
        self,
        *,
        text: str | None = None,
        image: ImageSource | None = None,
        audio: AudioSource | None = None,
        k: int = 20,
        modality: Modality | str | None = None,
    ) -> list[Hit]:
        """The files that best fit words, a picture or a sound, each by its best window, best first.

        A library that was never indexed is synced first; otherwise the folder is not looked at. Scores of sounds,
        pictures and texts are not on one scale: each kind is closest to its own.

        Args:
            text: Words that describe what to find.
            image: Path, bytes or PIL image.
            audio: Path, bytes, or an array and its rate. A sound longer than the model's window counts by the mean of
                its windows.
            k: The most hits.
            modality: Only files of this kind.

        Raises:
            QueryError: Not exactly one of `text`, `image` and `audio` is given, or an argument makes no sense.
            MediaError: The picture or sound of the query can't be read.
            ModelError: The model is not there or can't be loaded.
            ModelMismatchError: The index is another model's.
        """
        query = Query.of(text=text, image=image, audio=audio, k=k, modality=modality)
        self._sync_if_never_indexed()
        encoder, store = self._open_both()
        return search(query, encoder=encoder, store=store, root=self._root)

    def similar(self, path: str | Path, *, k: int = 20, modality: Modality | str | None = None) -> list[Hit]:
        """The files nearest to one in the index, which itself is left out, best first. No model is loaded. A sound of
        several windows counts by their mean.

        A library that was never indexed is synced first.

        Args:
            path: Absolute, or relative to the root.
            k: The most hits.
            modality: Only files of this kind.

        Raises:
            QueryError: The file is not in the index, or an argument makes no sense.
        """
        kind = as_modality(modality)
        relative = self._relative(Path(path).expanduser())
        self._sync_if_never_indexed()
        return search_similar(relative, store=self._open_store(), root=self._root, k=k, modality=kind)

    def info(self) -> IndexInfo:
        """What the index holds, and whose vectors they are.

        Raises:
            StorageError: There is none yet.
        """
        return self._open_store().info()

    def failures(self) -> list[Failure]:
        """The files that are in the folder but could not be embedded, and why, by path.

        Raises:
            StorageError: There is no index yet.
        """
        return self._open_store().failures()

    def close(self) -> None:
        """Free the model and the index. Calling it again does nothing; a sync still running in another thread fails."""
        with self._opening:
            self._closed = True
            if self._store is not None:
                self._store.close()
            self._store = self._encoder = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StorageError("the library has been closed", path=self._root)

    def _sync_if_never_indexed(self) -> None:
        if not self.indexed:
            self.sync()

    def _require_mounted(self) -> None:
        """Refuse a folder without a file whose index knows some. An empty mount point looks like that, unless the index
        is in the folder: then it would be missing too."""
        inside = Path(self._index).resolve().is_relative_to(self._root.resolve())
        if not inside and self.indexed:
            raise MediaError(
                "holds no sounds, pictures or texts any more: is the drive mounted?",
                path=self._root,
                remedy=f"Nothing was removed from its index. If the files are gone for good, delete {self._index}",
            )

    def _update(
        self, store: IndexStore, found: Survey, *, on_progress: OnProgress | None, cancel: CancelToken | None
    ) -> SyncReport:
        return execute(
            plan(found.stamps, store.stored(), unseen=found.unseen),
            root=self._root,
            store=store,
            open_encoder=lambda: self._encoder_for(store),
            on_progress=on_progress,
            cancel=cancel,
        )

    def _encoder_for(self, store: IndexStore) -> Encoder:
        """The model, which has to be the one that the index is of: a model's name alone says too little."""
        encoder = self._open_encoder()
        store.require(encoder.identity, encoder.dim)
        return encoder

    def _staging(self) -> IndexStore:
        """Where a new model's vectors gather: what an interrupted run with it left, or an empty index."""
        with self._opening:
            encoder = self._open_encoder()
        folder = Path(self._index) / _STAGING_FOLDER
        try:
            return IndexStore.create(folder, identity=encoder.identity, dim=encoder.dim)
        except ModelMismatchError:
            return IndexStore.create(folder, identity=encoder.identity, dim=encoder.dim, overwrite=True)

    def _adopt(self) -> None:
        """Go over to the index that has just replaced the old one."""
        with self._opening:
            self._keep(IndexStore.open(self._index))
        shutil.rmtree(Path(self._index) / _STAGING_FOLDER, ignore_errors=True)

    def _store_to_sync(self) -> IndexStore:
        """The index to write. The model is loaded only where the index can't say which one it needs."""
        with self._opening:
            if self._model == AUTO and IndexStore.exists(self._index):
                return self._open_store()
            return self._open_both()[1]

    def _open_store(self) -> IndexStore:
        """The index there is, whichever model wrote it."""
        with self._opening:
            self._check_open()
            return self._store or self._keep(IndexStore.open(self._index))

    def _open_both(self) -> tuple[Encoder, IndexStore]:
        """The model and its index, which is made if there is none."""
        with self._opening:
            encoder = self._open_encoder()
            store = self._store
            if store is None or (store.identity, store.dim) != (encoder.identity, encoder.dim):
                store = self._keep(IndexStore.create(self._index, identity=encoder.identity, dim=encoder.dim))
            return encoder, store

    def _keep(self, store: IndexStore) -> IndexStore:
        if self._store is not None:
            self._store.close()
        self._store = store
        return store

    def _open_encoder(self) -> Encoder:
        self._check_open()
        if self._encoder is None:
            self._encoder = self._load_encoder()
        return self._encoder

    def _load_encoder(self) -> Encoder:
        from audioclip_search.encoder import open_encoder
        from audioclip_search.model.registry import best_installed

        if self._model != AUTO:
            return open_encoder(self._model, device=self._device)
        if not IndexStore.exists(self._index):
            return open_encoder(best_installed(), device=self._device)
        name = self._open_store().identity.name
        try:
            return open_encoder(name, device=self._device)
        except ModelError as error:
            raise ModelError(
                f"the model {name!r}, which wrote the index, can't be opened: {error.reason}",
                path=error.path,
                remedy=error.remedy or "Say where it is, or name another one and embed everything again",
            ) from error

    def _relative(self, path: Path) -> str:
        """A path as the index knows it."""
        given = Path(os.path.normpath(self._root / path))
        for root, candidate in ((self._root, given), (self._root.resolve(), given.resolve())):
            if candidate.is_relative_to(root):
                return candidate.relative_to(root).as_posix()
        raise QueryError("not in this library", path=path, remedy=f"Only files below {self._root} are")


def _location(index: str | Path) -> str | Path:
    """An index's folder, absolute; a URI, which storage has to judge, stays as it is."""
    return index if "://" in str(index) else Path(index).expanduser().absolute()
