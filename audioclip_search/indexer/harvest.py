"""What workers bring home: counted, resolved against what the index knows, and committed in the right order."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from audioclip_search.errors import MediaError, StorageError
from audioclip_search.indexer.blocks import EmbeddedBlock
from audioclip_search.indexer.contents import Contents
from audioclip_search.indexer.tally import Tally
from audioclip_search.storage import IndexStore
from audioclip_search.storage.fragments import FragmentTarget, WrittenFiles, commit_fragments
from audioclip_search.types import FileStamp, KnownContent

# A shorter and smaller job is committed once; of a longer one, a crash of this process costs no more than this.
_COMMIT_EVERY_S = 3_600.0
_COMMIT_FILES = 250_000
# Copies' vectors are in memory together when they are written.
_KNOWN_PER_COMMIT = 4_096
# Of blocks that replace something: a commit's time grows faster than the number of files it replaces.
_REPLACED_PER_COMMIT = 8_192


class Harvest:
    """Takes finished blocks, and commits them: after an hour, or very many, and on leaving, whatever ended the block,
    unless it was the index itself.

    What the index knew of a file that has another content now may be what another file is by now. So such files are
    replaced by `finish` only, when all others are in the index; and new files that may be one of several that are gone
    are told apart by `finish`, when all hashes are here. A run that is cut short leaves both to the next one.

    Args:
        root: What paths are relative to.
        store: The index.
        target: Where the workers write.
        contents: What is known.
        tally: Told of every file.
    """

    def __init__(self, root: Path, store: IndexStore, target: FragmentTarget, contents: Contents, tally: Tally) -> None:
        self._root = root
        self._store = store
        self._target = target
        self._contents = contents
        self._tally = tally
        self._known: list[KnownContent] = []  # new files, and touched ones
        self._new: list[WrittenFiles] = []
        self._rewritten: list[tuple[FileStamp, str]] = []
        self._replacing: list[WrittenFiles] = []
        self._waiting = 0
        self._due = time.monotonic() + _COMMIT_EVERY_S

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not isinstance(error, StorageError):
            self._commit()

    def add_new(self, block: EmbeddedBlock) -> None:
        """Take a block of files that the index does not know.

        Raises:
            MediaError: The worker does not see files that are there.
        """
        self._note_vanished(block)
        for stamp, digest in block.known:
            source = self._contents.source_of(stamp, digest)
            assert not isinstance(source, int), "the workers know no more contents than this process"
            if source is not None:
                self._add_known(source)
        self._new.append(block.written)
        self._count(block.written)
        self._waiting += len(block.known) + len(block.written.files)
        if self._waiting >= _COMMIT_FILES or time.monotonic() >= self._due:
            self._commit()

    def add_changed(self, block: EmbeddedBlock) -> None:
        """Take a block of files that the index knows in another state.

        Raises:
            MediaError: The worker does not see files that are there.
        """
        self._note_vanished(block)
        for stamp, digest in block.known:
            if self._contents.is_same(stamp, digest):
                self._known.append(self._contents.touched(stamp))
                self._tally.touched(stamp.path)
            else:
                self._rewritten.append((stamp, digest))
        self._replacing.append(block.written)

    def finish(self) -> None:
        """All blocks are here: commit everything. Files that took each other's places change in one commit."""
        for known in self._contents.decide():
            self._add_known(known)
        self._commit()
        found = [self._contents.find(stamp, digest) for stamp, digest in self._rewritten]
        exchanged = [known for known in found if known is not None]
        self._store.write(exchanged)
        for known in exchanged:
            self._tally.known(known, self._contents.failure_of(known))
        batch: list[WrittenFiles] = []
        for written in self._replacing:
            batch.append(written)
            if sum(len(part.files) for part in batch) >= _REPLACED_PER_COMMIT:
                self._replace(batch)
                batch = []
        self._replace(batch)

    def _add_known(self, known: KnownContent) -> None:
        self._known.append(known)
        self._tally.known(known, self._contents.failure_of(known))

    def _replace(self, batch: Sequence[WrittenFiles]) -> None:
        commit_fragments(self._store, self._target, batch)
        for written in batch:
            self._count(written)

    def _commit(self) -> None:
        known, self._known = self._known, []
        for start in range(0, len(known), _KNOWN_PER_COMMIT):
            self._store.write(known[start : start + _KNOWN_PER_COMMIT])
        new, self._new = self._new, []
        commit_fragments(self._store, self._target, new)
        self._waiting = 0
        self._due = time.monotonic() + _COMMIT_EVERY_S

    def _count(self, written: WrittenFiles) -> None:
        for outcome in written.outcomes:
            self._tally.finished(outcome.path, windows=outcome.windows, failure=outcome.failure)

    def _note_vanished(self, block: EmbeddedBlock) -> None:
        """An empty mount point on a worker's machine must not look like files that have vanished."""
        for path in block.vanished:
            file = self._root / path
            if file.exists():
                raise MediaError(
                    f"is not to be found on the worker {block.worker}",
                    path=file,
                    remedy="Every worker needs the folder, and the index, under the same path: a shared drive",
                )
            self._tally.vanished(path)
