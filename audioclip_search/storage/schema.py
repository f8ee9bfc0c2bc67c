"""What the tables look like, who wrote them, and how an older index becomes a current one."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self, TypeAlias

import numpy as np
import pyarrow as pa

from audioclip_search.errors import SchemaVersionError, StorageError
from audioclip_search.storage.lance import IdArray
from audioclip_search.types import FileRecord, FileStamp, FloatArray, ModelIdentity

Migration: TypeAlias = Callable[[pa.Table], pa.Table]

# Step n turns the `files` table of version n + 1 into that of version n + 2. Append only: every index ever written
# starts somewhere in this list. A step that must change vectors writes a new table of windows and names it.
MIGRATIONS: tuple[Migration, ...] = ()
SCHEMA_VERSION = 1 + len(MIGRATIONS)

FILES = "files"
WINDOWS_PREFIX = "windows-"

FILES_SCHEMA = pa.schema(
    [
        pa.field("path", pa.string(), nullable=False),
        pa.field("modality", pa.string(), nullable=False),
        pa.field("size", pa.int64(), nullable=False),
        pa.field("mtime_ns", pa.int64(), nullable=False),
        pa.field("content_hash", pa.string(), nullable=False),
        pa.field("duration_s", pa.float64(), nullable=False),
        pa.field("failure", pa.string(), nullable=False),
        pa.field("file_id", pa.int64(), nullable=False),
        pa.field("windows", pa.int32(), nullable=False),
    ]
)

_METADATA_KEY = b"audioclip_search"
_UNIT_NORM_TOLERANCE = 1e-5
# Paths are Python strings, which stand for bytes that aren't UTF-8 by lone surrogates; Arrow's strings can't hold
# those. They are stored shifted to the last private-use code points, which no file name in the world uses.
_SURROGATE_SHIFT = 0x10F800 - 0xD800
_SURROGATE = re.compile("[\ud800-\udfff]")
_SHIFTED_SURROGATE = re.compile("[\U0010f800-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as the index knows it.

    Attributes:
        stamp: As scanned before the file was last read.
        content_hash: xxHash-128 of its bytes, hexadecimal; empty if it could not be read, or failed for
            another reason than its content.
        failure: Why it has no vectors; empty if it has.
        file_id: Another one each time the file is embedded; never used twice.
    """

    stamp: FileStamp
    content_hash: str
    failure: str
    file_id: int


@dataclass(frozen=True, slots=True)
class Header:
    """What an index says about itself, in the metadata of `files`: a commit there changes it together with the rows.

    Attributes:
        identity: The model that wrote the vectors.
        dim: Their length.
        windows_table: The table they are in.
        schema_version: Which of the schemas this package ever had the tables follow.
    """

    identity: ModelIdentity
    dim: int
    windows_table: str
    schema_version: int = SCHEMA_VERSION

    @classmethod
    def for_new_windows(cls, identity: ModelIdentity, dim: int) -> Self:
        """A header that names a table of windows no index has used before."""
        return cls(identity=identity, dim=dim, windows_table=WINDOWS_PREFIX + secrets.token_hex(8))

    @classmethod
    def from_schema(cls, schema: pa.Schema, *, location: Path) -> Self:
        """The header in the schema of a `files` table.

        Raises:
            SchemaVersionError: A newer version of this package wrote it.
            StorageError: It is not a table of this package.
        """
        try:
            content = json.loads((schema.metadata or {})[_METADATA_KEY])
            version = int(content["schema_version"])
            if version > SCHEMA_VERSION:
                raise SchemaVersionError(
                    f"the index has schema version {version}; this program knows versions up to {SCHEMA_VERSION}",
                    path=location,
                    remedy="Upgrade audioclip-search, or keep this program's index in another folder",
                )
            return cls(**{**content, "identity": ModelIdentity(**content["identity"])})
        except (KeyError, TypeError, ValueError) as error:
            raise StorageError(
                "the folder holds a LanceDB database, but not an index of audioclip-search",
                path=location,
                remedy="Choose another folder for the index",
            ) from error

    def apply_to(self, schema: pa.Schema) -> pa.Schema:
        """`schema` with this header in its metadata."""
        return schema.with_metadata({_METADATA_KEY: json.dumps(asdict(self))})


def windows_schema(dim: int) -> pa.Schema:
    """The table of windows for vectors of length `dim`."""
    return pa.schema(
        [
            pa.field("file_id", pa.int64(), nullable=False),
            pa.field("modality", pa.string(), nullable=False),
            pa.field("start_s", pa.float64(), nullable=False),
            pa.field("end_s", pa.float64(), nullable=False),
            pa.field("vector", pa.list_(pa.float32(), dim), nullable=False),
        ]
    )


def new_file_ids(count: int) -> IdArray:
    """Random 63-bit ids: unique without asking anybody, whichever process or machine writes."""
    return np.array([secrets.randbits(63) for _ in range(count)], dtype=np.int64)


def file_rows(records: Sequence[FileRecord], file_ids: IdArray) -> pa.Table:
    """Rows of `files`, one a record.

    Raises:
        ValueError: A path comes twice, or a record has neither vectors nor a failure, or both.
    """
    if len({record.stamp.path for record in records}) < len(records):
        raise ValueError("a path comes twice in one batch")
    for record in records:
        if bool(record.windows) == bool(record.failure):
            raise ValueError(f"{record.stamp.path!r}: a record has either vectors or a failure")
    columns = [
        [path_to_text(record.stamp.path) for record in records],
        [record.stamp.modality.value for record in records],
        [record.stamp.size for record in records],
        [record.stamp.mtime_ns for record in records],
        [record.content_hash for record in records],
        [record.duration_s for record in records],
        [path_to_text(record.failure) for record in records],  # a reason may quote the path
        file_ids,
        [len(record.windows) for record in records],
    ]
    return pa.table(columns, schema=FILES_SCHEMA)


def window_rows(records: Sequence[FileRecord], file_ids: IdArray, *, dim: int) -> pa.Table:
    """Rows of the table of windows, one a vector.

    Raises:
        ValueError: A vector is not float32 `(dim,)`, finite and of unit norm.
    """
    owners = [(record, file_id) for record, file_id in zip(records, file_ids, strict=True) for _ in record.windows]
    windows = [window for record in records for window in record.windows]
    vectors = np.empty((len(windows), dim), np.float32)  # (n, dim)
    for row, (window, (record, _)) in enumerate(zip(windows, owners, strict=True)):
        if not is_unit(window.vector, dim=dim):
            raise ValueError(f"{record.stamp.path!r}: not a finite unit-norm float32 vector of length {dim}")
        vectors[row] = window.vector
    columns = [
        [file_id for _, file_id in owners],
        [record.stamp.modality.value for record, _ in owners],
        [window.start_s for window in windows],
        [window.end_s for window in windows],
        pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), dim),
    ]
    return pa.table(columns, schema=windows_schema(dim))


def is_unit(vector: FloatArray, *, dim: int) -> bool:
    """Whether it is float32 `(dim,)` of unit norm (and so finite)."""
    if vector.dtype != np.float32 or vector.shape != (dim,):
        return False
    return bool(abs(np.linalg.norm(vector) - 1) <= _UNIT_NORM_TOLERANCE)


def path_to_text(path: str) -> str:
    """A path as Arrow can hold it. `text_to_path` undoes it."""
    return _SURROGATE.sub(lambda match: chr(ord(match[0]) + _SURROGATE_SHIFT), path)


def text_to_path(text: str) -> str:
    """The path that `path_to_text` was given."""
    return _SHIFTED_SURROGATE.sub(lambda match: chr(ord(match[0]) - _SURROGATE_SHIFT), text)
