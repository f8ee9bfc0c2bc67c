"""What the index knows of files, without their vectors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from audioclip_search.storage.schema import text_to_path
from audioclip_search.types import FileStamp, Modality

Content: TypeAlias = tuple[str, str]
"""What makes two files the same to the model: modality and content hash."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as the index knows it.

    Attributes:
        stamp: As scanned before the file was last read.
        content_hash: xxHash-128 of its bytes, hexadecimal; empty if it could not be read, or failed for
            another reason than its content.
        failure: Why it has no vectors; empty if it has.
        file_id: Another one each time the file is embedded; never used twice.
        duration_s: Of a sound, seconds; 0 otherwise.
        tags: The user's own, in the user's order.
        rating: The user's, 1 to 5; 0 for none.
    """

    stamp: FileStamp
    content_hash: str
    failure: str
    file_id: int
    duration_s: float = 0.0
    tags: tuple[str, ...] = ()
    rating: int = 0


_COLUMNS = ("modality", "size", "mtime_ns", "content_hash", "failure", "file_id", "duration_s", "tags", "rating")


def _stored_file(path: str, values: Iterable[Any]) -> StoredFile:
    modality, size, mtime_ns, content_hash, failure, file_id, duration_s, tags, rating = values
    stamp = FileStamp(path, Modality(modality), size, mtime_ns)
    return StoredFile(stamp, content_hash, text_to_path(failure), file_id, duration_s, tuple(tags), rating)


class StoredFiles(Mapping[str, StoredFile]):
    """Every known file by its path. Records are made when asked for: what a sync has to know of every file, whether it
    is as it was, needs none.

    Args:
        files: The `files` table.
        paths: Of each row.
        rows: Row of each path.
    """

    def __init__(self, files: pa.Table, paths: list[str], rows: Mapping[str, int]) -> None:
        self._files = files
        self._paths = paths
        self._rows = rows

    def __len__(self) -> int:
        return len(self._paths)

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __contains__(self, path: object) -> bool:
        return path in self._rows

    def __getitem__(self, path: str) -> StoredFile:
        row = self._rows[path]
        return _stored_file(path, (self._files[name][row].as_py() for name in _COLUMNS))

    def records(self) -> Iterator[StoredFile]:
        """All of them, a hundred times as fast as one after the other."""
        columns = (self._files[name].to_pylist() for name in _COLUMNS)
        yield from map(_stored_file, self._paths, zip(*columns, strict=True))

    @cached_property
    def _stamps(self) -> dict[str, tuple[str, int, int]]:
        """Modality, size and time of every file."""
        columns = (self._files[name].to_pylist() for name in ("modality", "size", "mtime_ns"))
        return dict(zip(self._paths, zip(*columns, strict=True), strict=True))

    @cached_property
    def _pending(self) -> set[str]:
        """What failed for another reason than its content: permissions, mounts and disks change without changing a
        file's stamp, and this program does."""
        failed, unread = pc.not_equal(self._files["failure"], ""), pc.equal(self._files["content_hash"], "")
        return {self._paths[row] for row in pc.indices_nonzero(pc.and_(failed, unread)).to_pylist()}

    def is_current(self, stamp: FileStamp) -> bool:
        """Whether the file is known as it is, and trying it again would change nothing."""
        known = self._stamps.get(stamp.path)
        return known == (stamp.modality, stamp.size, stamp.mtime_ns) and stamp.path not in self._pending

    def by_content(self) -> dict[Content, list[str]]:
        """Paths by what is in the files; those without a content hash are left out."""
        names = ("modality", "content_hash")
        columns = (self._files[name].to_pylist() for name in names)
        found: dict[Content, list[str]] = defaultdict(list)
        for path, modality, content_hash in zip(self._paths, *columns, strict=True):
            if content_hash:
                found[modality, content_hash].append(path)
        return found
