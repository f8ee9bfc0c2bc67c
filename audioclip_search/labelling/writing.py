"""Tags into the files' own metadata, and out again: the files change, the index knows them as before."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

import pyarrow as pa

from audioclip_search.bulk import (
    Action,
    OnTagProgress,
    TagProgress,
    TagStage,
    WriteReport,
    WrittenFile,
)
from audioclip_search.errors import MediaError
from audioclip_search.labelling.journal import Change, Journal
from audioclip_search.labelling.tables import TagTables
from audioclip_search.media import load_metadata
from audioclip_search.media.metadata_writing import Original, plan_keywords, restore, write_keywords
from audioclip_search.storage import IndexStore, SideTable
from audioclip_search.types import CancelToken, Failure, FileRecord, FileStamp

ORIGINALS = "originals"
_FILES_PER_COMMIT = 64
_SCHEMA = pa.schema(
    [
        pa.field("group", pa.int64(), nullable=False),
        pa.field("path", pa.string(), nullable=False),
        pa.field("written_hash", pa.string(), nullable=False),
        pa.field("original", pa.binary(), nullable=False),
    ]
)
_GROUP_SCHEMA = pa.schema([_SCHEMA.field("group")])


@dataclass(frozen=True, slots=True)
class _Changed:
    """A file that is another content now: what the index calls it, the hash it had, and the one it has."""

    key: str
    old_hash: str
    new_hash: str


class WriteBack:
    """Writes tags into files, and restores these. Nobody may sync the library meanwhile.

    Args:
        store: The index.
        path_of: Where a file is that the index calls so.
        on_progress: Told after every file, from the caller's thread.
        cancel: Stops it between two files.
    """

    def __init__(
        self,
        store: IndexStore,
        path_of: Callable[[str], Path],
        *,
        on_progress: OnTagProgress | None = None,
        cancel: CancelToken | None = None,
    ) -> None:
        self._store = store
        self._path_of = path_of
        self._on_progress = on_progress
        self._cancel = cancel
        self._originals: SideTable = store.beside(ORIGINALS, _SCHEMA, ("group", "path"))

    def plan(self, wanted: Mapping[str, Sequence[str]]) -> WriteReport:
        """What `write` would do."""
        written, failures = [], []
        for key in self._each(wanted):
            path = self._path_of(key)
            try:
                missing = plan_keywords(path, wanted[key])
            except MediaError as error:
                failures.append(Failure(str(path), error.reason))
                continue
            if missing:
                written.append(WrittenFile(path, missing))
        return self._report(written, failures, len(wanted), dry_run=True)

    def write(self, wanted: Mapping[str, Sequence[str]]) -> WriteReport:
        """Write keywords into files. What undoes it is stored before a file is replaced.

        Args:
            wanted: Keywords by what the index calls the files.
        """
        journal, group = Journal(self._store), time.time_ns()
        change = Change(ORIGINALS, _GROUP_SCHEMA.empty_table(), pa.table({"group": [group]}, schema=_GROUP_SCHEMA))
        operation = journal.note(Action.WRITE, "keywords", [change], count=len(wanted))
        self._forget_unneeded(journal, group)
        written, failures, changed = [], [], list[_Changed]()
        for key in self._each(wanted):
            path = self._path_of(key)
            try:
                missing = plan_keywords(path, wanted[key])
                made = self._write_one(key, path, missing, group) if missing else None
            except MediaError as error:
                failures.append(Failure(str(path), error.reason))
                continue
            if made is not None:
                written.append(WrittenFile(path, missing))
                changed.append(_Changed(key, made.original_hash, made.written_hash))
            if len(changed) >= _FILES_PER_COMMIT:
                self._tell_index(changed)
                changed.clear()
        self._tell_index(changed)
        if operation is not None:
            journal.recount(operation, len(written))
        return self._report(written, failures, len(wanted), dry_run=False)

    def restore(self, change: Change) -> tuple[int, int]:
        """Make files what they were before `write`; how many, and how many are not, because they were changed since,
        or are gone."""
        rows = self._originals.rows({"group": change.after["group"].to_pylist()})
        by_key = {_as_key(row["path"]): row for row in rows.to_pylist()}
        by_hash = {content: paths for (_, content), paths in self._store.stored().by_content().items()}
        restored, skipped, changed = 0, 0, list[_Changed]()
        for name in self._each(by_key):
            row = by_key[name]
            original = Original.from_bytes(row["original"])
            now = by_hash.get(original.written_hash, [])
            key = name if name in now or not now else now[0]  # it may have been moved
            try:
                restore(self._path_of(key), original)
            except MediaError:
                skipped += 1
                continue
            restored += 1
            changed.append(_Changed(key, original.written_hash, original.original_hash))
        self._tell_index(changed)
        self._originals.drop(rows)
        return restored, skipped + len(by_key) - restored - skipped

    def _write_one(self, key: str, path: Path, keywords: Sequence[str], group: int) -> Original | None:
        known = self._store.stored()[key].content_hash

        def keep(original: Original) -> None:
            if original.original_hash != known:
                raise MediaError("changed since it was indexed", path=path, remedy="Run `audioclip-search index` first")
            row = {
                "group": group,
                "path": quote_from_bytes(os.fsencode(key)),
                "written_hash": original.written_hash,
                "original": original.to_bytes(),
            }
            self._originals.put(pa.Table.from_pylist([row], _SCHEMA))

        return write_keywords(path, keywords, on_original=keep)

    def _tell_index(self, changed: Sequence[_Changed]) -> None:
        """Let the index know what has become of files: their vectors stay, and all that is known of their contents."""
        if not changed:
            return
        stored = self._store.stored()
        records = [self._record(each) for each in changed if each.key in stored]
        tables = TagTables.of(self._store)
        for table in (tables.suggestions, tables.decisions):
            _carry_over(table, changed)
        self._store.write([record for record in records if record is not None])

    def _record(self, changed: _Changed) -> FileRecord | None:
        known, path = self._store.stored()[changed.key], self._path_of(changed.key)
        try:
            stat = path.stat()
        except OSError:  # gone this very moment, which the next sync finds out
            return None
        return FileRecord(
            FileStamp(changed.key, known.stamp.modality, stat.st_size, stat.st_mtime_ns),
            content_hash=changed.new_hash,
            duration_s=known.duration_s,
            windows=tuple(self._store.vectors(changed.key)),
            metadata=load_metadata(path, known.stamp.modality),
        )

    def _forget_unneeded(self, journal: Journal, group: int) -> None:
        """Drop originals whose operation is too old to be undone."""
        rows = self._originals.rows()
        needed = {group, *journal.groups(ORIGINALS)}
        self._originals.drop(
            rows.filter(pa.array([each not in needed for each in rows["group"].to_pylist()], pa.bool_()))
        )

    def _each(self, keys: Mapping[str, object]) -> Iterator[str]:
        for done, key in enumerate(sorted(keys)):
            if self._cancel is not None and self._cancel.cancelled:
                return
            if self._on_progress is not None:
                self._on_progress(TagProgress(TagStage.WRITE, done, len(keys)))
            yield key

    def _report(
        self, written: Sequence[WrittenFile], failures: Sequence[Failure], asked: int, *, dry_run: bool
    ) -> WriteReport:
        cancelled = self._cancel is not None and self._cancel.cancelled
        unchanged = 0 if cancelled else asked - len(written) - len(failures)
        return WriteReport(tuple(written), tuple(failures), unchanged, dry_run=dry_run, cancelled=cancelled)


def _as_key(quoted: str) -> str:
    """What the index calls a file, from what is stored: Arrow's texts can't hold every name."""
    return os.fsdecode(unquote_to_bytes(quoted))


def _carry_over(table: SideTable, changed: Sequence[_Changed]) -> None:
    """Say of the new contents what is known of the old ones."""
    known = table.rows({"content_hash": {each.old_hash for each in changed}}).to_pylist()
    pairs = {(each.old_hash, each.new_hash) for each in changed}
    rows = {
        (new, row["label_key"]): row | {"content_hash": new}
        for old, new in sorted(pairs)
        for row in known
        if row["content_hash"] == old
    }
    if rows:
        table.put(pa.Table.from_pylist(list(rows.values()), table.schema))
