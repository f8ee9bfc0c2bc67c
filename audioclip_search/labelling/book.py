"""`TagBook`: the automatic tags of an index, read once for as long as they stay as they are."""

from __future__ import annotations

import threading

from audioclip_search.labelling.tables import AutoTags, TagTables
from audioclip_search.storage import IndexStore


class TagBook:
    """Remembers the tags of the index that was last asked for. Any thread may use it."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._state: tuple[str, tuple[int, int]] | None = None
        self._tags: AutoTags | None = None

    def tags_of(self, store: IndexStore) -> AutoTags:
        """What the index has now; read again only after a change.

        Raises:
            StorageError: The index can't be read.
        """
        tables = TagTables.of(store)
        with self._guard:
            state = (str(store.location), tables.versions)
            if self._tags is None or self._state != state:
                self._tags, self._state = AutoTags(tables.rows()), state
            return self._tags
