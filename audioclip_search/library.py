"""`Library`: the facade."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from audioclip_search.backgrounds import Backgrounds
from audioclip_search.curating import LibraryCurating
from audioclip_search.duplicates import DuplicateGroup, DuplicateTier
from audioclip_search.duplicates.finding import DuplicateSearch
from audioclip_search.duplicates.ledger import Ledger, pairs_among
from audioclip_search.embedding import Embedder
from audioclip_search.errors import QueryError
from audioclip_search.filters import Filter
from audioclip_search.indexer import is_within
from audioclip_search.language import parse_filters
from audioclip_search.mapping import FileVectors, LibraryMap, OnMapProgress, project
from audioclip_search.query import AudioSource, Content, ImageSource, Query, Ranking, Weights
from audioclip_search.results import Hit, Hits
from audioclip_search.search import Search
from audioclip_search.storage import IndexStore
from audioclip_search.types import (
    CancelToken,
    Failure,
    IndexInfo,
    LibraryFile,
    Metadata,
    Modality,
    OnProgress,
)

_DEFAULTS = Query()


class Library(LibraryCurating):
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
        threads: The most CPU threads that the model uses; None leaves it to torch. While the model works, this holds
            for whatever else of the process uses torch.
        precision: How exactly the model computes: `float32`, `bfloat16`, or `auto`, which is `float32`. Vectors of both
            can be in one index: of the starter, their cosine is above 0.999. Only some processors are faster by
            `bfloat16`, others slower.
    """

    @cached_property
    def _embedder(self) -> Embedder:
        return Embedder(lambda: self._session.encoder_for(self._session.store()))

    @cached_property
    def _backgrounds(self) -> Backgrounds:
        return Backgrounds()

    def query(
        self,
        query: str | Query | None = None,
        *,
        text: str | Sequence[str] | None = None,
        image: ImageSource | Sequence[ImageSource] | None = None,
        audio: AudioSource | Sequence[AudioSource] | None = None,
        like: str | Path | Sequence[str | Path] | None = None,
        weights: Weights | None = None,
        exclude: str | Content | Sequence[str | Content] = (),
        where: str = "",
        modality: Modality | str | None = None,
        k: int = 20,
        offset: int = 0,
        min_score: float | None = None,
        moments: bool = False,
        explain: bool = False,
        ranking: Ranking | str = Ranking.HYBRID,
        within: Hit | str | Path | Iterable[Hit | str | Path] | None = None,
    ) -> Hits:
        """The files that best fit what is asked for, each by its best window, best first.

        They are found by what they sound or look like and, as far as words are asked for, by the words of their names,
        folders, tags and embedded metadata; a file whose name is asked for comes first. A score says how probably the
        file is meant, in [0, 1], against this library's own background. If nothing matches, there are no hits, and
        `Hits.nothing` says so; `Hits.closest` has the nearest files all the same.

        A library that was never indexed is synced first; otherwise the folder is not looked at.

        Args:
            query: In the query language (`glass -music dur:<3 "exact phrase"`, see `audioclip_search.language`), or a
                `Query`; instead of all that says what to find.
            text: Words that describe it; they are not read as the query language. Of this and the next three, any
                number can be given, and several of each.
            image: Pictures that belong to it: path, bytes or PIL image.
            audio: Sounds like it: path, bytes, or an array and its rate in Hz. One longer than the model's window
                counts by the mean of its windows.
            like: Files of the library that it is like; they are no hits themselves.
            weights: How much each of those counts; by kind, `{"text": 1, "image": 0.5}`, or in their order. Below 0
                for less like that.
            exclude: What the hits must not be like, nor have in their names, folders, tags and metadata.
            where: Filters, in the query language: `dur:<3 ext:wav -tag:draft`.
            modality: Only files of this kind.
            k: The most hits.
            offset: How many of the best to leave out, those of earlier pages.
            min_score: The least score of a hit; None for what makes sense, 0 for all files.
            moments: Whether hits tell the best stretches of long sounds, `Hit.moments`.
            explain: Whether hits tell what their score is made of, `Hit.why`.
            ranking: `hybrid`; or by likeness alone, `vector`; or by words alone, `text`.
            within: Only these files: the hits of another query, or paths.

        Raises:
            QueryError: Nothing is asked for, the query can't be read (`position` says where), an example is not in the
                index, or an argument makes no sense.
            MediaError: A picture or sound of the query can't be read.
            ModelError: The model is not there or can't be loaded.
            ModelMismatchError: The index is another model's.
        """
        options: dict[str, Any] = {
            "k": k,
            "offset": offset,
            "min_score": min_score,
            "moments": moments,
            "explain": explain,
            "ranking": ranking,
        }
        asked: dict[str, Any] = {
            "text": text,
            "image": image,
            "audio": audio,
            "like": like,
            "weights": weights,
            "modality": modality,
        }
        given = {name for name, value in asked.items() if value is not None}
        given |= {name for name, value in {"exclude": exclude, "where": where}.items() if value}
        if isinstance(query, Query):
            given |= {name for name, value in options.items() if value != getattr(_DEFAULTS, name)}
        if query is not None and given:
            raise QueryError(f"a whole query and {', '.join(sorted(given))}", remedy="Give one or the other")
        if query is None:
            query = Query.of(**asked, exclude=exclude, where=where, **options)
        elif isinstance(query, str):
            query = Query.parse(query, **options)
        return self.query_many([query], within=within)[0]

    def query_many(
        self,
        queries: Iterable[str | Query],
        *,
        within: Hit | str | Path | Iterable[Hit | str | Path] | None = None,
    ) -> list[Hits]:
        """The hits of several queries, in their order; the texts of all of them are encoded in one go.

        Args:
            queries: In the query language, or as values.
            within: See `query`.

        Raises:
            QueryError: See `query`; so are the others.
        """
        wanted = [Query.parse(query) if isinstance(query, str) else query for query in queries]
        inside = [within] if isinstance(within, Hit | str | Path) else within
        paths = None if inside is None else [Path(one.path if isinstance(one, Hit) else one) for one in inside]
        self._sync_if_never_indexed()
        search = self._search()
        search.encode_texts(wanted)
        return [search.hits(query, within=paths) for query in wanted]

    def matching(self, where: str | Iterable[Filter] = "") -> list[str]:
        """The absolute paths of all files that meet filters, in order. Nothing is ranked and no model is loaded: of
        100,000 files it takes a fraction of a second. Files that could not be read meet none.

        Args:
            where: Filters, in the query language or as values; none for all files.

        Raises:
            QueryError: `where` can't be read, or has other things in it than filters.
            StorageError: There is no index yet.
        """
        filters = parse_filters(where) if isinstance(where, str) and where.strip() else where or ()
        return sorted(self._folders().texts_of(self._search().paths([*filters])))

    def similar(self, path: str | Path, *, k: int = 20, modality: Modality | str | None = None) -> Hits:
        """The files nearest to one in the index, which itself is left out, best first, however far they are. No model
        is loaded. A sound of several windows counts by their mean.

        A library that was never indexed is synced first.

        Args:
            path: Absolute, or relative to the root.
            k: The most hits.
            modality: Only files of this kind.

        Raises:
            QueryError: The file is not in the index, or an argument makes no sense.
        """
        return self.query(like=path, k=k, modality=modality, min_score=0)

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
        store, folders = self._session.store(), self._folders()
        stored, metadata = store.stored(), store.metadata()
        offline = folders.offline()
        for file in stored.records():
            key = file.stamp.path
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
                metadata=metadata.get(key, Metadata()),
            )

    def failures(self) -> list[Failure]:
        """The files that are in the folder but could not be embedded, and why, by path.

        Raises:
            StorageError: There is no index yet.
        """
        return self._session.store().failures()

    def vectors(self, paths: Iterable[str | Path] | None = None) -> FileVectors:
        """Where files are in the model's space, each by the mean of its windows. Files without vectors are left out.

        Args:
            paths: Only these files, or what is in these folders.

        Raises:
            QueryError: A path is in none of the library's folders.
            StorageError: There is no index yet.
        """
        store, folders = self._session.store(), self._folders()
        within = None if paths is None else folders.keys_of(paths)
        keys, modalities, vectors = store.mean_vectors()
        if within is not None:
            rows = [row for row, key in enumerate(keys) if is_within(key, within)]
            keys, modalities, vectors = [keys[row] for row in rows], [modalities[row] for row in rows], vectors[rows]
        return FileVectors(tuple(map(folders.path_of, keys)), tuple(modalities), vectors)

    def map(
        self,
        paths: Iterable[str | Path] | None = None,
        *,
        seed: int = 0,
        on_progress: OnMapProgress | None = None,
        cancel: CancelToken | None = None,
    ) -> LibraryMap:
        """Where files are on a map on which those that are alike lie close together; see `mapping.project`. Needs the
        extra `gui`. Files without vectors are left out.

        Args:
            paths: Only these files, or what is in these folders.
            seed: Another one may give another map; the same files and seed give the same.
            on_progress: Told how many steps are done, of how many; from this thread.
            cancel: Stops it soon.

        Raises:
            AudioCLIPSearchError: The extra is not installed.
            CancelledError: `cancel` was called.
            QueryError: A path is in none of the library's folders.
            StorageError: There is no index yet.
        """
        found = self.vectors(paths)
        points = project(found.vectors, seed=seed, on_progress=on_progress, cancel=cancel)
        return LibraryMap(found.paths, found.modalities, points)

    def duplicates(
        self,
        *,
        tiers: Iterable[DuplicateTier | str] = tuple(DuplicateTier),
        alike: float | None = None,
        on_progress: OnProgress | None = None,
        cancel: CancelToken | None = None,
    ) -> list[DuplicateGroup]:
        """Groups of files that are one sound or picture, as of the last sync. Nothing is deleted.

        Each file is read once to be fingerprinted, and again if it may be the same as another one; what is found out is
        remembered by content. Files that can't be reached count as far as they were examined before.

        Args:
            tiers: Which kinds of duplicates to look for; see `DuplicateTier`.
            alike: The least cosine between the vectors of files that are merely alike. None for what one of a thousand
                pairs of the library's files reaches, but at least 0.9.
            on_progress: Called from this thread.
            cancel: Stops the work soon.

        Returns:
            Groups tier by tier, by path.

        Raises:
            CancelledError: `cancel` was called. What was found out of files is kept.
            StorageError: There is no index yet.
            ValueError: There is no such tier.
        """
        wanted = {DuplicateTier(tier) for tier in tiers}
        search = DuplicateSearch(self._session.store(), self._folders(), on_progress=on_progress, cancel=cancel)
        return search.groups(wanted, alike=alike)

    def reject_duplicates(self, paths: Iterable[str | Path], *, undo: bool = False) -> int:
        """Say that files are no duplicates of each other, of whatever tier; their content counts, not their path. They
        are not in one group again.

        Args:
            paths: Two files or more, absolute or below the root. Two with the same bytes: no two files with these are
                duplicates.
            undo: Take that back instead.

        Returns:
            How many pairs that are.

        Raises:
            QueryError: A file is not in the index or could not be read, or there are fewer than two.
            StorageError: There is no index yet.
        """
        stored, folders = self._session.store().stored(), self._folders()
        keys = {folders.key_of(Path(path).expanduser()) for path in paths}
        if len(keys) < 2:
            raise QueryError("give two files or more")
        for key in sorted(keys):
            if key not in stored or not stored[key].content_hash:
                raise QueryError("not in the index", path=folders.path_of(key), remedy="Run `audioclip-search index`")
        pairs = pairs_among(stored[key].content_hash for key in keys)
        ledger = Ledger(self._session.store())
        (ledger.accept if undo else ledger.reject)(pairs)
        return len(pairs)

    def _carry_over(self, store: IndexStore, pairs: Sequence[tuple[str, str]]) -> None:
        super()._carry_over(store, pairs)
        Ledger(store).carry_over(pairs)

    def _search(self) -> Search:
        store = self._session.store()
        return Search(
            store,
            self._folders(),
            embedder=self._embedder,
            background=lambda view, by_text: self._backgrounds.of(view, store, self._embedder, by_text=by_text),
            auto_tags=lambda: self._auto_tags(store),
        )

    def _sync_if_never_indexed(self) -> None:
        if not self.indexed:
            self.sync()
