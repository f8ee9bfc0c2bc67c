"""Queries to hits: what they ask for is embedded, and the index asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from audioclip_search.calibration import Background
from audioclip_search.embedding import Embedder, direction
from audioclip_search.errors import QueryError
from audioclip_search.filters import Filter
from audioclip_search.folders import Folders
from audioclip_search.inquiry import Inquiry, Part, meeting
from audioclip_search.labelling import AutoTags
from audioclip_search.query import Content, Example, Query, Ranking, Text
from audioclip_search.results import Hits
from audioclip_search.storage import IndexStore, View
from audioclip_search.terms import Picture
from audioclip_search.types import Modality


class Search:
    """Answers queries.

    Args:
        store: The index.
        folders: Where its files are.
        embedder: Of the model that wrote the index.
        background: Gives the background of a view of the index, and is told whether the query is by words.
        auto_tags: Gives the automatic tags of files.
    """

    def __init__(
        self,
        store: IndexStore,
        folders: Folders,
        *,
        embedder: Embedder,
        background: Callable[[View, bool], Background],
        auto_tags: Callable[[], AutoTags],
    ) -> None:
        self._store = store
        self._folders = folders
        self._embedder = embedder
        self._background = background
        self._auto_tags = auto_tags

    def hits(self, query: Query, *, within: Iterable[Path] | None = None) -> Hits:
        """The files that fit a query, best first.

        Args:
            query: What to look for.
            within: Only these files, those of another query's hits say.

        Raises:
            QueryError: An example is not in the index or has no vectors, or the terms cancel each other out.
            MediaError: A picture or sound of the query can't be read.
            ModelError: The model can't be loaded, or something not be encoded.
            StorageError: The index can't be read.
        """
        by_words_alone = query.ranking is Ranking.TEXT
        terms = [] if by_words_alone else [self._part(term.content, term.weight) for term in query.terms]
        excluded = [] if by_words_alone else [self._part(content) for content in query.excluded]
        by_text = any(isinstance(part.content, Text) for part in (*terms, *excluded))
        keys = None if within is None else [self._folders.key_of(path) for path in within]
        auto_tags = self._auto_tags()
        return self._store.ask(
            lambda view: Inquiry(
                query,
                terms,
                excluded,
                view=view,
                background=self._background(view, by_text),
                auto_tags=auto_tags,
                folders=self._folders,
                keys=keys,
            ).hits()
        )

    def paths(self, filters: Sequence[Filter]) -> list[str]:
        """The files that meet conditions, as the index calls them.

        Raises:
            StorageError: The index can't be read.
        """
        auto_tags = self._auto_tags()
        return self._store.ask(
            lambda view: [view.path(row) for row in np.flatnonzero(meeting(view, filters, auto_tags)).tolist()]
        )

    def encode_texts(self, queries: Iterable[Query]) -> None:
        """Encode the texts of several queries in one go; `hits` then finds them done."""
        texts = [
            content.words
            for query in queries
            if query.ranking is not Ranking.TEXT
            for content in (*(term.content for term in query.terms), *query.excluded)
            if isinstance(content, Text)
        ]
        if texts:
            self._embedder.texts(texts)

    def _part(self, content: Content, weight: float = 1.0) -> Part:
        match content:
            case Example(path):
                key = self._folders.key_of(path)
                known = self._store.stored().get(key)
                if known is None:
                    raise QueryError("not in the index", path=key, remedy="Run `audioclip-search index`")
                vector = direction([window.vector for window in self._store.vectors(key)])
                return Part(content, vector, known.stamp.modality, weight)
            case Text():
                modality = Modality.TEXT
            case Picture():
                modality = Modality.IMAGE
            case _:
                modality = Modality.AUDIO
        return Part(content, self._embedder.vector(content), modality, weight)
