"""Which content needs no embedding, because the index has it, or will have it in a moment."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Protocol

from audioclip_search.indexer.planning import Plan
from audioclip_search.storage import Content, StoredFiles
from audioclip_search.types import FileStamp, KnownContent, new_file_id


class Known(Protocol):
    """What embedding files has to know: `Contents` does, and so does its stand-in on another machine."""

    def source_of(self, stamp: FileStamp, digest: str, /) -> KnownContent | int | None:
        """See `Contents`."""

    def decide(self) -> list[KnownContent]:
        """See `Contents`."""

    def is_embedding(self, file_id: int, /) -> bool:
        """See `Contents`."""

    def finished(self, file_id: int, failure: str, /) -> None:
        """See `Contents`."""

    def failure_of(self, known: KnownContent, /) -> str:
        """See `Contents`."""


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
        self._rewritten = {stamp.path for stamp in plan.changed}  # whose content is another one; or merely touched
        self._claimed: dict[Content, int] = {}
        self._embedding: set[int] = set()
        self._undecided: dict[Content, list[FileStamp]] = defaultdict(list)
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
        self._rewritten.discard(stamp.path)
        return KnownContent(stamp, self._stored[stamp.path].file_id, moved=True)

    def source_of(self, stamp: FileStamp, digest: str) -> KnownContent | int | None:
        """Where a new file's content is known from; if it is not, the `file_id` under which the caller has to embed it;
        None if `decide` will say, once all new files have been asked for, because it may be one of several that are
        gone."""
        content = (stamp.modality.value, digest)
        with self._guard:
            if len(self._gone_with(content)) > 1:
                self._undecided[content].append(stamp)
                return None
            known = self._known_content(stamp, digest)
            if known is None:
                file_id = self._claimed[stamp.modality.value, digest] = new_file_id()
                self._embedding.add(file_id)
                return file_id
            return known

    def decide(self) -> list[KnownContent]:
        """Where the content of those new files is known from of which `source_of` could not tell."""
        with self._guard:
            undecided, self._undecided = self._undecided, defaultdict(list)
            decided = []
            for content, stamps in undecided.items():
                old_path_of = _pair_up(self._gone_with(content), [stamp.path for stamp in stamps])
                self._gone.difference_update(old_path_of.values())
                for stamp in stamps:
                    old = old_path_of.get(stamp.path)
                    source = self._stored_as[content][0] if old is None else old
                    decided.append(self._of_stored(stamp, source, moved=old is not None))
            return decided

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
        if gone := self._gone_with(content):
            (old,) = _pair_up(gone, [stamp.path]).values()
            self._gone.discard(old)
            return self._of_stored(stamp, old, moved=True)
        if paths:
            return self._of_stored(stamp, paths[0], moved=False)
        if content in self._claimed:
            return KnownContent(stamp, self._claimed[content], moved=False)
        return None

    def _gone_with(self, content: Content) -> list[str]:
        return [path for path in self._stored_as.get(content, ()) if path in self._gone]

    def _of_stored(self, stamp: FileStamp, path: str, *, moved: bool) -> KnownContent:
        source = self._stored[path]
        if source.failure:
            self._failures[source.file_id] = source.failure
        return KnownContent(stamp, source.file_id, moved=moved, replaces=path in self._rewritten)


def _pair_up(old: Iterable[str], new: Collection[str]) -> dict[str, str]:
    """An old path for as many of the new ones as possible: the one that ends most alike, and otherwise in order. A
    folder that was renamed has files with one content in several places, each of which is to stay itself."""
    left, waiting, found = sorted(old), sorted(new), dict[str, str]()
    for length in range(max((path.count("/") for path in waiting), default=0) + 1, -1, -1):
        by_end: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for path in reversed(left):
            by_end[_end(path, length)].append(path)
        for path in waiting:
            if alike := by_end.get(_end(path, length)):
                found[path] = alike.pop()
        left = [path for paths in by_end.values() for path in paths]
        left.sort()
        waiting = [path for path in waiting if path not in found]
    return found


def _end(path: str, length: int) -> tuple[str, ...]:
    """The last parts of a path."""
    return tuple(path.split("/")[-length:]) if length else ()
