"""Which content needs no embedding, because the index has it, or will have it in a moment."""

from __future__ import annotations

import threading
from collections.abc import Collection

from audioclip_search.indexer.planning import Plan
from audioclip_search.storage import Content, StoredFiles
from audioclip_search.types import FileStamp, KnownContent, new_file_id


class Contents:
    """Tells for a file that has been hashed whether its content is known, and where from. Any thread may ask.

    A file that is gone is the first choice: this one is it, moved. Otherwise it is a copy, of a file that stays, of one
    whose content is about to be replaced, or of one that is being embedded in this run.

    Args:
        plan: What the sync is to do.
        stored: What the index knows.
    """

    def __init__(self, plan: Plan, stored: StoredFiles) -> None:
        self._stored = stored
        self._stored_as = stored.by_content()
        self._gone = set(plan.removed)
        self._claimed: dict[Content, int] = {}
        self._embedding: set[int] = set()
        self._failures: dict[int, str] = {}
        self._guard = threading.Lock()

    @property
    def stored(self) -> Collection[Content]:
        """What the index has."""
        return self._stored_as.keys()

    @property
    def removed(self) -> list[str]:
        """The files that are gone and have not turned up elsewhere."""
        return sorted(self._gone)

    def is_same(self, stamp: FileStamp, digest: str) -> bool:
        """Whether the file at this path has the content that the index has of it."""
        known = self._stored[stamp.path]
        return known.content_hash == digest and known.stamp.modality is stamp.modality

    def touched(self, stamp: FileStamp) -> KnownContent:
        """A file whose content is the same as ever."""
        return KnownContent(stamp, self._stored[stamp.path].file_id, moved=True)

    def source_of(self, stamp: FileStamp, digest: str) -> KnownContent | int:
        """Where this content is known from; if it is not, the `file_id` under which the caller has to embed it."""
        with self._guard:
            known = self._known_content(stamp, digest)
            if known is None:
                file_id = self._claimed[stamp.modality.value, digest] = new_file_id()
                self._embedding.add(file_id)
                return file_id
            return known

    def find(self, stamp: FileStamp, digest: str) -> KnownContent | None:
        """Where this content is known from, if it is."""
        with self._guard:
            return self._known_content(stamp, digest)

    def is_embedding(self, file_id: int) -> bool:
        """Whether somebody is to embed what is under this id, and has not finished."""
        return file_id in self._embedding

    def finished(self, file_id: int, failure: str) -> None:
        """Note that what is under this id was embedded, or could not be."""
        self._embedding.discard(file_id)
        if failure:
            self._failures[file_id] = failure

    def failure_of(self, known: KnownContent) -> str:
        """Why this content could not be embedded; empty if it was."""
        return self._failures.get(known.source, "")

    def _known_content(self, stamp: FileStamp, digest: str) -> KnownContent | None:
        content = (stamp.modality.value, digest)
        paths = self._stored_as.get(content, [])
        gone = [path for path in paths if path in self._gone]
        if gone:
            best = max(gone, key=lambda path: _likeness(path, stamp.path))
            self._gone.discard(best)
            return self._of_stored(stamp, best, moved=True)
        if paths:
            return self._of_stored(stamp, paths[0], moved=False)
        if content in self._claimed:
            return KnownContent(stamp, self._claimed[content], moved=False)
        return None

    def _of_stored(self, stamp: FileStamp, path: str, *, moved: bool) -> KnownContent:
        source = self._stored[path]
        if source.failure:
            self._failures[source.file_id] = source.failure
        return KnownContent(stamp, source.file_id, moved=moved)


def _likeness(old: str, new: str) -> int:
    """How many of the last parts of two paths are the same: of several files with one content, a folder's was in the
    folder by its old name."""
    count = 0
    for old_part, new_part in zip(reversed(old.split("/")), reversed(new.split("/")), strict=False):
        if old_part != new_part:
            break
        count += 1
    return count
