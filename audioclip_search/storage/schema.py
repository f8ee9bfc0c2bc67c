"""What the tables look like, who wrote them, and how an older index becomes a current one."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self, TypeAlias

import numpy as np
import pyarrow as pa

from audioclip_search.errors import SchemaVersionError, StorageError
from audioclip_search.storage.lance import Location
from audioclip_search.types import (
    FileRecord,
    FileStamp,
    FloatArray,
    Marker,
    Metadata,
    ModelIdentity,
    Places,
    ScanRules,
    VectorType,
)

Migration: TypeAlias = Callable[[pa.Table], pa.Table]

_TAGS = pa.list_(pa.string())
WORD_COLUMNS = ("name_words", "folder_words", "metadata_words")
"""What is searched by words: tokens with blanks between them. Written by `storage.words` alone."""


def _add_tags_and_rating(files: pa.Table) -> pa.Table:
    tags, rating = pa.field("tags", _TAGS, nullable=False), pa.field("rating", pa.int32(), nullable=False)
    files = files.append_column(tags, pa.array([[]] * len(files), tags.type))
    return files.append_column(rating, pa.array([0] * len(files), rating.type))


def _add_metadata_and_words(files: pa.Table) -> pa.Table:
    counts = [pa.field(name, pa.int32(), nullable=False) for name in ("rate_hz", "channels", "bits")]
    for column in counts:
        files = files.append_column(column, pa.array([0] * len(files), column.type))
    for name in ("metadata", *WORD_COLUMNS):
        files = files.append_column(pa.field(name, pa.string(), nullable=False), pa.array([""] * len(files)))
    return files


# Step n turns the `files` table of version n + 1 into that of version n + 2. Append only: every index ever written
# starts somewhere in this list. A step that must change vectors writes a new table of windows and names it.
MIGRATIONS: tuple[Migration, ...] = (_add_tags_and_rating, _add_metadata_and_words)
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
        pa.field("tags", _TAGS, nullable=False),
        pa.field("rating", pa.int32(), nullable=False),
        pa.field("rate_hz", pa.int32(), nullable=False),
        pa.field("channels", pa.int32(), nullable=False),
        pa.field("bits", pa.int32(), nullable=False),
        pa.field("metadata", pa.string(), nullable=False),
        *(pa.field(name, pa.string(), nullable=False) for name in WORD_COLUMNS),
    ]
)
FACTS = tuple(name for name in FILES_SCHEMA.names if name not in ("metadata", *WORD_COLUMNS))
"""The columns of `files` that are small: what every read of an index takes into memory."""

_METADATA_KEY = b"audioclip_search"
_UNIT_NORM_TOLERANCE = 1e-5
# Paths are Python strings, which stand for bytes that aren't UTF-8 by lone surrogates; Arrow's strings can't hold
# those. They are stored shifted to the last private-use code points, which no file name in the world uses.
_SURROGATE_SHIFT = 0x10F800 - 0xD800
_SURROGATE = re.compile("[\ud800-\udfff]")
_SHIFTED_SURROGATE = re.compile("[\U0010f800-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Header:
    """What an index says about itself, in the metadata of `files`: a commit there changes it together with the rows.

    Attributes:
        identity: The model that wrote the vectors.
        dim: Their length.
        windows_table: The table they are in.
        vectors: How they are stored there.
        places: Where the files are.
        schema_version: Which of the schemas this package ever had the tables follow.
    """

    identity: ModelIdentity
    dim: int
    windows_table: str
    vectors: VectorType = VectorType.FLOAT32
    places: Places = field(default_factory=Places)
    schema_version: int = SCHEMA_VERSION

    def with_new_windows(self) -> Self:
        """This header, but naming a table of windows that no index has used before."""
        return replace(self, windows_table=WINDOWS_PREFIX + secrets.token_hex(8))

    @classmethod
    def from_schema(cls, schema: pa.Schema, *, location: Location) -> Self:
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
            return cls.from_content(content)
        except (KeyError, TypeError, ValueError) as error:
            raise StorageError(
                "the folder holds a LanceDB database, but not an index of audioclip-search",
                path=location,
                remedy="Choose another folder for the index",
            ) from error

    @property
    def windows_schema(self) -> pa.Schema:
        """Of the table of windows."""
        item = pa.float16() if self.vectors is VectorType.FLOAT16 else pa.float32()
        return pa.schema(
            [
                pa.field("file_id", pa.int64(), nullable=False),
                pa.field("modality", pa.string(), nullable=False),
                pa.field("start_s", pa.float64(), nullable=False),
                pa.field("end_s", pa.float64(), nullable=False),
                pa.field("vector", pa.list_(item, self.dim), nullable=False),
            ]
        )

    @classmethod
    def from_content(cls, content: dict[str, Any]) -> Self:
        """The header from its JSON; what older versions did not have is as new."""
        return cls(**content | _records(content))

    def apply_to(self, schema: pa.Schema) -> pa.Schema:
        """`schema` with this header in its metadata."""
        return schema.with_metadata({_METADATA_KEY: json.dumps(asdict(self))})


def _records(content: dict[str, Any]) -> dict[str, Any]:
    """Those entries of a header's JSON that are records."""
    records: dict[str, Any] = {"identity": ModelIdentity(**content["identity"])}
    if "places" in content:
        places = content["places"]
        rules = ScanRules(**places["rules"] | {"ignore": tuple(places["rules"]["ignore"])})
        lists = {name: tuple(places[name]) for name in ("folders", "mounts")}
        records |= {"vectors": VectorType(content["vectors"]), "places": Places(**places | lists | {"rules": rules})}
    return records


def file_rows(records: Sequence[FileRecord]) -> pa.Table:
    """Rows of `files`, one a record, without tags."""
    columns = [
        *stamp_columns([record.stamp for record in records]),
        [record.content_hash for record in records],
        [record.duration_s for record in records],
        [path_to_text(record.failure) for record in records],  # a reason may quote the path
        [record.file_id for record in records],
        [len(record.windows) for record in records],
        [[]] * len(records),
        [0] * len(records),
        *described([record.metadata for record in records]).values(),
        *([""] * len(records) for _ in WORD_COLUMNS),
    ]
    return pa.table(columns, schema=FILES_SCHEMA)


def described(metadata: Sequence[Metadata | None]) -> dict[str, list[Any]]:
    """The columns of `files` that say what files say of themselves; `metadata` is empty where that was not read."""
    known = [found or Metadata() for found in metadata]
    return {
        "rate_hz": [found.rate_hz for found in known],
        "channels": [found.channels for found in known],
        "bits": [found.bits for found in known],
        "metadata": ["" if found is None else _metadata_json(found) for found in metadata],
    }


def metadata_of(row: Mapping[str, Any]) -> Metadata:
    """What a row of `files` says that the file says of itself."""
    content = json.loads(row["metadata"] or "{}")
    return Metadata(
        rate_hz=row["rate_hz"],
        channels=row["channels"],
        bits=row["bits"],
        width=content.get("width", 0),
        height=content.get("height", 0),
        fields=tuple((name, text) for name, text in content.get("fields", ())),
        markers=tuple(Marker(*marker) for marker in content.get("markers", ())),
    )


def _metadata_json(metadata: Metadata) -> str:
    """What has no column of its own; plain ASCII, because texts in files may have halves of characters."""
    markers = [(marker.start_s, marker.end_s, marker.label) for marker in metadata.markers]
    content = {"width": metadata.width, "height": metadata.height, "fields": metadata.fields, "markers": markers}
    return json.dumps({name: value for name, value in content.items() if value})


def stamp_columns(stamps: Sequence[FileStamp]) -> list[pa.Array]:
    """The first columns of `files`: path, modality, size, mtime_ns."""
    columns = [
        [path_to_text(stamp.path) for stamp in stamps],
        [stamp.modality.value for stamp in stamps],
        [stamp.size for stamp in stamps],
        [stamp.mtime_ns for stamp in stamps],
    ]
    return [pa.array(column, field.type) for column, field in zip(columns, FILES_SCHEMA, strict=False)]


def window_rows(records: Sequence[FileRecord], header: Header) -> pa.Table:
    """Rows of the table of windows, one a vector."""
    owners = [record for record in records for _ in record.windows]
    windows = [window for record in records for window in record.windows]
    vectors = np.empty((len(windows), header.dim), np.float32)  # (n, dim)
    for row, window in enumerate(windows):
        vectors[row] = window.vector
    schema = header.windows_schema
    columns = [
        [record.file_id for record in owners],
        [record.stamp.modality.value for record in owners],
        [window.start_s for window in windows],
        [window.end_s for window in windows],
        vector_column(vectors, schema.field("vector").type),
    ]
    return pa.table(columns, schema=schema)


def vector_column(vectors: FloatArray, column_type: pa.DataType) -> pa.Array:
    """Float32 `(n, dim)` as a column, rounded to what the column stores."""
    values = vectors.astype(column_type.value_type.to_pandas_dtype(), copy=False).ravel()
    return pa.FixedSizeListArray.from_arrays(pa.array(values), type=column_type)


def vectors_of(batch: pa.RecordBatch) -> FloatArray:
    """The `vector` column as float32 `(n, dim)`: without a copy if it is stored so, else of unit norm again."""
    column = batch["vector"]
    stored = column.flatten().to_numpy(zero_copy_only=True).reshape(-1, column.type.list_size)
    if stored.dtype == np.float32:
        vectors: FloatArray = stored
        return vectors
    vectors = stored.astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


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
    if text.isascii():
        return text
    return _SHIFTED_SURROGATE.sub(lambda match: chr(ord(match[0]) - _SURROGATE_SHIFT), text)
