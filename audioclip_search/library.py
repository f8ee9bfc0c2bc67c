"""`Library`: the facade."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from audioclip_search.errors import QueryError
from audioclip_search.indexer import is_within
from audioclip_search.query import AudioSource, ImageSource, Query, as_modality
from audioclip_search.results import Hit
from audioclip_search.search import search, search_similar
from audioclip_search.types import (
    Failure,
    IndexInfo,
    LibraryFile,
    Modality,
)
from audioclip_search.upkeep import LibraryUpkeep

if TYPE_CHECKING:
    pass  # loads torch


class Library(LibraryUpkeep):
    """A folder of sounds, pictures and texts that can be searched. A context manager.

    Opening one is cheap and changes nothing: the model is loaded when it is first needed. Methods may be called from
    any thread, a query also while a sync is running; syncs of one object wait for each other. Other objects and
    processes may use the same index at the same time; what one commits the others see from their next call on.

    Every method raises `StorageError` if the index can't be used (`IndexLockedError` if another process has been
    writing it for a minute), or if the library is closed.

    Args:
        root: The library's own folder; others can be added to it.
        model: A registered name, a path to a model, an encoder of one's own, or `auto`: the model that wrote the index;
            for a new index the best one on this machine. A model is never downloaded.
        index: Where the index is: a folder, or the URI of one in an object store (`s3://bucket/…`); None for
            `.audioclip-search` in the root.
        device: `auto` (CUDA if there is one, else Apple's MPS, else the CPU) or a device as torch names it.
        vectors: How a new index stores vectors. `float16` takes half the disk; scores change by less than 0.001.
        memory_budget_bytes: The most that vectors may take to be searched in memory, exactly. A larger index is
            searched by LanceDB, by an index of vectors that each sync keeps up to date: nearly exact.
    """

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
        encoder, store = self._session.both()
        return search(query, encoder=encoder, store=store, folders=self._folders())

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
        self._sync_if_never_indexed()
        folders = self._folders()
        key = folders.key_of(Path(path).expanduser())
        return search_similar(key, store=self._session.store(), folders=folders, k=k, modality=kind)

    def info(self) -> IndexInfo:
        """What the index holds, and whose vectors they are.

        Raises:
            StorageError: There is none yet.
        """
        folders, store = self._folders(), self._session.store()
        gone = folders.offline()
        offline = sum(is_within(key, gone) for key in store.stored()) if gone else 0
        return replace(store.info(), folders=folders.all, offline=offline)

    def files(self) -> Iterator[LibraryFile]:
        """Every file that the library knows, found or failed, in no particular order.

        Raises:
            StorageError: There is no index yet.
        """
        stored, folders = self._session.store().stored(), self._folders()
        offline = folders.offline()
        for key, file in stored.items():
            yield LibraryFile(
                path=folders.path_of(key),
                modality=file.stamp.modality,
                size=file.stamp.size,
                mtime_ns=file.stamp.mtime_ns,
                duration_s=file.duration_s,
                content_hash=file.content_hash,
                failure=file.failure,
                tags=file.tags,
                rating=file.rating,
                offline=is_within(key, offline),
            )

    def failures(self) -> list[Failure]:
        """The files that are in the folder but could not be embedded, and why, by path.

        Raises:
            StorageError: There is no index yet.
        """
        return self._session.store().failures()

    def annotate(
        self,
        paths: Iterable[str | Path],
        *,
        add: Collection[str] = (),
        remove: Collection[str] = (),
        rating: int | None = None,
    ) -> int:
        """Give files tags of one's own, take some away, or rate them; in one commit.

        Args:
            paths: Files, absolute or below the root; ones that the index does not know don't matter.
            add: Tags to add. Tags that differ in case alone are one.
            remove: Tags to take away.
            rating: 1 to 5, or 0 for none; None leaves it.

        Returns:
            How many of the files are known.

        Raises:
            QueryError: A file is in none of the folders, a tag is empty, or the rating is not 0 to 5.
            StorageError: There is no index yet.
        """
        folders = self._folders()
        keys = folders.keys_of(paths)
        if not all(tag.strip() for tag in add):
            raise QueryError("a tag is empty")
        if rating is not None and rating not in range(6):
            raise QueryError(f"can't rate a file {rating}", remedy="Give 1 to 5, or 0 for none")
        tags = list({tag.strip().casefold(): tag.strip() for tag in add}.values())
        return self._session.store().annotate(keys, add=tags, remove=[tag.strip() for tag in remove], rating=rating)

    def _sync_if_never_indexed(self) -> None:
        if not self.indexed:
            self.sync()
