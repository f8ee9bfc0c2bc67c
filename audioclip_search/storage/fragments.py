"""Vectors written by many processes, made visible by one: Lance's fragments. The only importer of `lance` (pylance).

A worker writes data files into the folder of the table of windows; no version of the table knows them yet. What it
returns is small, and is all that the process which commits them needs. Files that nobody commits (their worker died)
are never visible; LanceDB's clean-up deletes them once they are a week old, so commit sooner than that.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import pyarrow as pa

from audioclip_search.errors import StorageError
from audioclip_search.storage.batch import check_batch
from audioclip_search.storage.lance import Location, translated
from audioclip_search.storage.rows import with_notes_of
from audioclip_search.storage.schema import FILES_SCHEMA, Header, file_rows, text_to_path, window_rows
from audioclip_search.storage.store import IndexStore
from audioclip_search.types import FileRecord

# pylance's module: mypy sees nothing of it.
_Lance: TypeAlias = Any


@dataclass(frozen=True, slots=True)
class FragmentTarget:
    """The table that workers write to. Can be pickled and sent to another machine, which needs for an object store what
    this one has in its environment.

    Attributes:
        location: Of the index.
        uri: Of the Lance data set: a path that means the same on every machine, or an object store's URI.
        header: Of the index.
    """

    location: Location
    uri: str
    header: Header


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: it has so many `windows`, or a `failure`."""

    path: str
    windows: int
    failure: str


@dataclass(frozen=True, slots=True)
class WrittenFiles:
    """Some files whose vectors are written but not visible. Can be pickled.

    Attributes:
        files: Their rows for the table of files.
        fragments: Lance's metadata of the vectors, JSON.
    """

    files: pa.Table
    fragments: tuple[str, ...]

    @property
    def outcomes(self) -> list[Outcome]:
        """One for each file."""
        columns = (self.files[name].to_pylist() for name in ("path", "windows", "failure"))
        return [
            Outcome(text_to_path(path), windows, text_to_path(failure))
            for path, windows, failure in zip(*columns, strict=True)
        ]


def target_of(store: IndexStore) -> FragmentTarget:
    """Where the vectors of an index go now; another place after it was embedded anew.

    Raises:
        StorageError: The index can't be read, or pylance is not installed.
    """
    _lance()
    with translated("read the index", store.location):
        snapshot = store._current()
        return FragmentTarget(store.location, snapshot.windows.uri, snapshot.header)


def write_fragments(target: FragmentTarget, records: Sequence[FileRecord]) -> WrittenFiles:
    """Write the vectors of some files, for `commit_fragments` to make them visible. Needs no lock.

    Args:
        target: Where to.
        records: At most one for each path.

    Raises:
        StorageError: The table is not to be found from this machine, or can't be written; or pylance is not installed.
        ValueError: As in `IndexStore.write`.
    """
    lance = _lance()
    check_batch(records, dim=target.header.dim)
    files, windows = file_rows(records), window_rows(records, target.header)
    if not len(windows):
        return WrittenFiles(files, ())
    with translated("write vectors", target.location):
        # Opened first: appending to a data set that is not there makes one, which nobody would ever look at.
        fragments = lance.fragment.write_fragments(windows, lance.dataset(target.uri), mode="append")
    return WrittenFiles(files, tuple(json.dumps(fragment.to_json()) for fragment in fragments))


def commit_fragments(store: IndexStore, target: FragmentTarget, written: Sequence[WrittenFiles]) -> None:
    """Make files visible, or replace what was known of them: all their vectors in one commit, then all files in one.

    Cut off between the two, nothing is visible, and the next writer removes the vectors.

    Args:
        store: The index.
        target: What `target_of` gave for it before the vectors were written.
        written: What `write_fragments` gave, each for once.

    Raises:
        IndexLockedError: Another process is writing.
        StorageError: The index can't be written, or was embedded anew since `target_of`.
        ValueError: A path comes twice.
    """
    files = pa.concat_tables([FILES_SCHEMA.empty_table(), *(part.files for part in written)])
    if not len(files):
        return
    paths = [text_to_path(text) for text in files["path"].to_pylist()]
    if len(set(paths)) < len(paths):
        raise ValueError("a path comes twice in one commit")
    fragments = [fragment for part in written for fragment in part.fragments]
    with store._writing() as writer:
        if writer.windows.uri != target.uri:
            raise StorageError(
                "the index was embedded anew while vectors were made for the old one",
                path=store.location,
                remedy="Run `audioclip-search index` again",
            )
        replaced = writer.rows_of(paths)
        superseded = replaced["file_id"].to_numpy()
        if fragments:
            _append(target, fragments)
        writer.publish(with_notes_of(files, replaced), superseded)
        writer.discard(superseded)


def _append(target: FragmentTarget, fragments: Sequence[str]) -> None:
    lance = _lance()
    version = lance.dataset(target.uri).version
    operation = lance.LanceOperation.Append([lance.FragmentMetadata.from_json(text) for text in fragments])
    lance.LanceDataset.commit(target.uri, operation, read_version=version)


def _lance() -> _Lance:
    try:
        import lance
        import lance.fragment
    except ImportError as error:
        raise StorageError(
            "vectors can't be written by several machines without the package pylance",
            remedy="Run `pip install 'audioclip-search[ray]'`, on every machine that takes part",
        ) from error
    return lance
