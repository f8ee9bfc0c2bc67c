"""What a library has open: its index and the model that goes with it. Opened when first needed, once, and again when
another process has replaced or removed the index."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from audioclip_search.errors import ModelError, ModelMismatchError, StorageError
from audioclip_search.storage import IndexStore, Location, held, part_of
from audioclip_search.types import (
    CancelToken,
    ModelIdentity,
    OnProgress,
    Precision,
    SyncProgress,
    SyncStage,
    VectorType,
)

if TYPE_CHECKING:
    from audioclip_search.encoder import Encoder  # loads torch

AUTO = "auto"
_STAGING = "reembed"  # in the index's folder

ModelSource: TypeAlias = "str | Path | Encoder"
"""A registered name, a path to a model, `auto`, or an encoder of one's own."""


class Session:
    """The index and the model of a library. Any thread may use it.

    Args:
        location: Of the index.
        model: See `ModelSource`; `auto` is the model that wrote the index, and for a new one the best on this machine.
        device: As torch names it, or `auto`.
        vectors: How a new index stores vectors.
        memory_budget_bytes: The most that vectors may take to be searched in memory.
        threads: The most CPU threads that the model uses; None leaves it to torch.
        precision: The model's.
    """

    def __init__(
        self,
        location: Location,
        *,
        model: ModelSource,
        device: str,
        vectors: VectorType,
        memory_budget_bytes: int,
        threads: int | None,
        precision: Precision,
    ) -> None:
        self.location = location
        self._model = model
        self.device = device
        self._vectors = vectors
        self._memory_budget_bytes = memory_budget_bytes
        self._threads = threads
        self._precision = precision
        self._store: IndexStore | None = None
        self._encoder: Encoder | None = None
        self._closed = False
        self._opening = threading.RLock()

    @property
    def own_folders(self) -> list[Path]:
        """What the index itself has on the disk: not part of any library."""
        return [self.location] if isinstance(self.location, Path) else []

    @property
    def exists(self) -> bool:
        """Whether there is an index."""
        with self._opening:
            self.check_open()
            return self._current() is not None or IndexStore.exists(self.location)

    def store(self) -> IndexStore:
        """The index there is, whichever model wrote it.

        Raises:
            StorageError: There is none, or it can't be opened.
        """
        with self._opening:
            self.check_open()
            return self._current() or self._keep(
                IndexStore.open(self.location, memory_budget_bytes=self._memory_budget_bytes)
            )

    def store_to_sync(self) -> IndexStore:
        """The index to write. The model is loaded only where the index can't say which one it needs."""
        with self._opening:
            return self.store() if self._model == AUTO and self.exists else self.both()[1]

    def both(self) -> tuple[Encoder, IndexStore]:
        """The model and its index, which is made if there is none.

        Raises:
            ModelError: The model can't be loaded.
            ModelMismatchError: The index is another one's.
        """
        with self._opening:
            encoder = self.encoder()
            store = self._current()
            if store is None or (store.identity, store.dim) != (encoder.identity, encoder.dim):
                store = self._keep(self._create(encoder.identity, encoder.dim))
            return encoder, store

    def store_for(self, export: Path) -> IndexStore:
        """The index, which is made for the export's model if there is none."""
        with self._opening:
            if self.exists:
                return self.store()
            identity, dim, places = IndexStore.exported(export)
            store = self._keep(self._create(identity, dim))
            # Without its other folders, the next sync would forget what is in them.
            store.set_places(lambda own: replace(own, folders=places.folders, rules=places.rules))
            return store

    def encoder(self) -> Encoder:
        """The model: the one that was asked for or, by `auto`, the one whose vectors the index holds now."""
        with self._opening:
            self.check_open()
            if self._encoder is not None and self._model == AUTO and self.exists:
                store = self.store()
                if (store.identity, store.dim) != (self._encoder.identity, self._encoder.dim):
                    self._encoder = None
            if self._encoder is None:
                self._encoder = self._load_encoder()
            return self._encoder

    def encoder_for(self, store: IndexStore) -> Encoder:
        """The model, which has to be the one that the index is of: a model's name alone says too little."""
        encoder = self.encoder()
        store.require(encoder.identity, encoder.dim)
        return encoder

    def require_portable_model(self) -> None:
        """Raise `ModelError` if other machines can't open the model, because it is an object of this process."""
        if not isinstance(self._model, str | Path):
            raise ModelError(
                "the workers of a cluster can't use an encoder that is an object of this process",
                remedy="Give the model by its name or its path",
            )

    def portable_model(self, store: IndexStore) -> str:
        """The index's model as another process opens it: a name, or an absolute path."""
        self.require_portable_model()
        assert isinstance(self._model, str | Path)
        if self._model == AUTO:
            return store.identity.name
        from audioclip_search.model.registry import resolve

        path = Path(self._model).expanduser()
        is_path = resolve(self._model) in (path, path.parent)
        return str(path.absolute() if is_path else self._model)

    def staging(self) -> IndexStore:
        """Where a new model's vectors gather: what an interrupted run with it left, or an empty index."""
        encoder = self.encoder()
        location = part_of(self.location, _STAGING)
        try:
            return IndexStore.create(location, identity=encoder.identity, dim=encoder.dim, vectors=self._vectors)
        except ModelMismatchError:
            return IndexStore.create(
                location, identity=encoder.identity, dim=encoder.dim, vectors=self._vectors, overwrite=True
            )

    @contextmanager
    def alone(self, *, on_progress: OnProgress | None = None, cancel: CancelToken | None = None) -> Iterator[None]:
        """Keep other syncs out, of this process and of others; wait for them, and tell so.

        Raises:
            CancelledError: `cancel` was called during the wait.
            StorageError: There can be no lock there.
        """

        def on_wait() -> None:
            if on_progress is not None:
                on_progress(SyncProgress(SyncStage.WAIT, 0, 0))

        cancelled: Callable[[], bool] = (lambda: cancel.cancelled) if cancel is not None else (lambda: False)
        with held(
            self.location,
            "sync",
            timeout_s=None,
            on_wait=on_wait,
            cancelled=lambda: self._closed or cancelled(),
        ):
            yield

    def close(self) -> None:
        """Free both. Calling it again does nothing."""
        with self._opening:
            self._closed = True
            if self._store is not None:
                self._store.close()
            self._store = self._encoder = None

    def check_open(self) -> None:
        """Raise `StorageError` if the library has been closed."""
        if self._closed:
            raise StorageError("the library has been closed", path=self.location)

    def _current(self) -> IndexStore | None:
        """The open index, unless it is no more what it was when it was opened. Then it is not closed: another thread
        may be asking it."""
        if self._store is not None and self._store.is_outdated:
            self._store = None
        return self._store

    def _keep(self, store: IndexStore) -> IndexStore:
        self._store = store
        return store

    def _create(self, identity: ModelIdentity, dim: int) -> IndexStore:
        return IndexStore.create(
            self.location,
            identity=identity,
            dim=dim,
            vectors=self._vectors,
            memory_budget_bytes=self._memory_budget_bytes,
        )

    def _load_encoder(self) -> Encoder:
        if not isinstance(self._model, str | Path):
            return self._model
        from audioclip_search.model.registry import best_installed

        if self._model != AUTO:
            return self._open_encoder(self._model)
        if not self.exists:
            return self._open_encoder(best_installed())
        name = self.store().identity.name
        try:
            return self._open_encoder(name)
        except ModelError as error:
            raise ModelError(
                f"the model {name!r}, which wrote the index, can't be opened: {error.reason}",
                path=error.path,
                remedy=error.remedy or "Say where it is, or name another one and embed everything again",
            ) from error

    def _open_encoder(self, model: str | Path) -> Encoder:
        from audioclip_search.encoder import open_encoder

        return open_encoder(model, device=self.device, threads=self._threads, precision=self._precision)
