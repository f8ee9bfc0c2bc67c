"""Tags into the files' own metadata, and out again: the files change, the index knows them as before."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
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
from audioclip_search.labelling.journal import Change, Journal, Undone
from audioclip_search.labelling.tables import TagTables
from audioclip_search.media import content_hash, load_metadata
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
    stat: os.stat_result


class WriteBack:
    """Writes tags into files, and restores these. Nobody may sync the library meanwhile.

    Args:
        store: The index.
        path_of: Where a file is that the index calls so.
        carry_over: Told of pairs of content hashes: what is known of the first holds of the second as well, which takes
            its place in the index next. Tags need no telling.
        on_progress: Told after every file, from the caller's thread.
        cancel: Stops it between two files.
    """

    def __init__(
        self,
        store: IndexStore,
        path_of: Callable[[str], Path],
        *,
        carry_over: Callable[[Sequence[tuple[str, str]]], None] = lambda pairs: None,
        on_progress: OnTagProgress | None = None,
        cancel: CancelToken | None = None,
    ) -> None:
        self._store = store
        self._path_of = path_of
        self._carry_over = carry_over
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
        try:
            for key in self._each(wanted):
                path = self._path_of(key)
                try:
                    missing = plan_keywords(path, wanted[key])
                    made = self._write_one(key, path, missing, group) if missing else None
                    if made is not None:
                        written.append(WrittenFile(path, missing))
                        changed.append(_changed(key, path, made.original_hash, made.written_hash))
                except MediaError as error:
                    failures.append(Failure(str(path), error.reason))
                    continue
                if len(changed) >= _FILES_PER_COMMIT:
                    told, changed = changed, []
                    self._tell_index(told)
        finally:
            self._tell_index(changed)
        if operation is not None:
            journal.recount(operation, len(written))
        return self._report(written, failures, len(wanted), dry_run=False)

    def restore(self, change: Change) -> Undone:
        """Make files what they were before `write`. What is needed for it is kept for those that fail."""
        rows = self._originals.rows({"group": change.after["group"].to_pylist()}).to_pylist()
        by_key = {_as_key(row["path"]): row for row in rows}
        by_hash = {content: paths for (_, content), paths in self._store.stored().by_content().items()}
        skipped, failures, changed, done = 0, [], list[_Changed](), []
        try:
            for name in self._each(by_key):
                row = by_key[name]
                now = by_hash.get(row["written_hash"], [])
                key = name if name in now or not now else now[0]  # it may have been moved
                try:
                    restored = self._restore_one(key, row)
                except MediaError as error:
                    reason = f"{error.reason}. {error.remedy}" if error.remedy else error.reason
                    failures.append(Failure(str(self._path_of(key)), reason))
                    continue
                if restored is None:
                    skipped += 1
                else:
                    changed.append(restored)
                done.append(row)
        finally:
            self._tell_index(changed)
        self._originals.drop(pa.Table.from_pylist(done, _SCHEMA))
        return Undone(len(changed), skipped, tuple(failures))

    def _restore_one(self, key: str, row: Mapping[str, Any]) -> _Changed | None:
        """Restore a file; None if that can't be done any more, because it was changed since or is gone.

        Raises:
            MediaError: It can't be done now.
        """
        path, original = self._path_of(key), Original.from_bytes(row["original"])
        if not path.exists():
            if key not in self._store.stored():
                return None
            raise MediaError(
                "is not there",
                remedy="Connect the drive that it is on, or run `audioclip-search index` if it was moved",
            )
        if content_hash(path) not in (original.written_hash, original.original_hash):
            return None
        restore(path, original)
        return _changed(key, path, original.written_hash, original.original_hash)

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
        pairs = sorted({(each.old_hash, each.new_hash) for each in changed})
        for table in (tables.suggestions, tables.decisions):
            _carry_tags_over(table, pairs)
        self._carry_over(pairs)
        self._store.write([record for record in records if record is not None])

    def _record(self, changed: _Changed) -> FileRecord | None:
        known, path = self._store.stored()[changed.key], self._path_of(changed.key)
        try:
            metadata = load_metadata(path, known.stamp.modality)
        except MediaError:  # gone this very moment, which the next sync finds out
            return None
        return FileRecord(
            FileStamp(changed.key, known.stamp.modality, changed.stat.st_size, changed.stat.st_mtime_ns),
            content_hash=changed.new_hash,
            duration_s=known.duration_s,
            windows=tuple(self._store.vectors(changed.key)),
            metadata=metadata,
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


def _changed(key: str, path: Path, old_hash: str, new_hash: str) -> _Changed:
    """Looked at at once: if another program changes the file from now on, the next sync has to see that it did."""
    try:
        return _Changed(key, old_hash, new_hash, path.stat())
    except OSError as error:
        raise MediaError(error.strerror or str(error), path=path) from error


def _as_key(quoted: str) -> str:
    """What the index calls a file, from what is stored: Arrow's texts can't hold every name."""
    return os.fsdecode(unquote_to_bytes(quoted))


def _carry_tags_over(table: SideTable, pairs: Sequence[tuple[str, str]]) -> None:
    """What is said of the old contents holds of the new ones, unless these have been judged later."""
    of_content: dict[str, list[dict[str, Any]]] = {}
    for row in table.rows({"content_hash": {content for pair in pairs for content in pair}}).to_pylist():
        of_content.setdefault(row["content_hash"], []).append(row)
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for old, new in pairs:
        said_ns = {row["label_key"]: row["time_ns"] for row in of_content.get(new, ())}
        for row in of_content.get(old, ()):
            if row["time_ns"] > said_ns.get(row["label_key"], -1):
                rows[new, row["label_key"]] = row | {"content_hash": new}
    if rows:
        table.put(pa.Table.from_pylist(list(rows.values()), table.schema))
