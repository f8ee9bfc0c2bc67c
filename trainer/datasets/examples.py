"""What a data set is made of: examples, kept in one Arrow table, so that two million of them are small and cheap to
send to workers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath
from typing import Any, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from audioclip_search.errors import MediaError
from audioclip_search.media import VIDEO_SUFFIXES, Source
from audioclip_search.types import FloatArray
from trainer.errors import DataError

_BATCH = 65_536  # examples that are Python objects at a time

_PLACE = pa.struct([("path", pa.string()), ("offset", pa.int64()), ("size", pa.int64())])
_SCHEMA = pa.schema(
    [
        ("audio", _PLACE),
        ("image", _PLACE),
        ("labels", pa.list_(pa.string())),
        ("text", pa.string()),  # null where it is the labels joined
        ("fold", pa.int64()),
        ("start_s", pa.float64()),
        ("duration_s", pa.float64()),
        ("group", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file's bytes are: all of `path`, or, of a tar, the `size` bytes at `offset`."""

    path: str
    offset: int = 0
    size: int | None = None

    @property
    def is_video(self) -> bool:
        """Whether it is a video by its suffix; a tar's members never count as such."""
        return self.size is None and PurePath(self.path).suffix.lower() in VIDEO_SUFFIXES

    def source(self) -> Source:
        """What `audioclip_search.media` takes: the path, or a tar member's bytes, read now.

        Raises:
            MediaError: The tar is gone or shorter than it was.
        """
        if self.size is None:
            return self.path
        try:
            with open(self.path, "rb") as shard:  # noqa: PTH123 (a str, once for every example)
                shard.seek(self.offset)
                content = shard.read(self.size)
        except OSError as error:
            raise MediaError(error.strerror or str(error), path=self.path) from error
        if len(content) < self.size:
            raise MediaError("has become shorter since it was indexed", path=self.path)
        return content


@dataclass(frozen=True, slots=True)
class Example:
    """One row of a data set.

    Attributes:
        audio: The sound, or a video, of which the soundtrack counts.
        image: The picture, or a video, of which one of ten evenly spaced frames is the picture.
        labels: Names, with spaces for underscores.
        text: The labels joined by ", ", unless the data give a text.
        fold: The official one.
        start_s: Where the clip begins in `audio`, and in `image` if that is a video, seconds.
        duration_s: How long it is; None: to the end.
        group: The same for all takes of one source, which must not be on both sides of a split.
    """

    audio: Place | None
    image: Place | None
    labels: tuple[str, ...]
    text: str
    fold: int | None = None
    start_s: float = 0.0
    duration_s: float | None = None
    group: str = ""


class Examples(Sequence[Example]):
    """Examples in one Arrow table; pickled as its buffers. Equal to another if all rows are."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table.combine_chunks()

    @classmethod
    def of(cls, examples: Iterable[Example]) -> Examples:
        """Gather examples, in their order."""
        rows = iter(examples)
        batches = [_record_batch(batch) for batch in iter(lambda: list(islice(rows, _BATCH)), [])]
        return cls(pa.Table.from_batches(batches, _SCHEMA))

    def __len__(self) -> int:
        return int(self._table.num_rows)

    @overload
    def __getitem__(self, index: int) -> Example: ...
    @overload
    def __getitem__(self, index: slice) -> Examples: ...
    def __getitem__(self, index: int | slice) -> Example | Examples:
        if isinstance(index, slice):
            return self.take(np.arange(len(self), dtype=np.intp)[index])
        row = range(len(self))[index]
        return _example(self._table.slice(row, 1).to_pylist()[0])

    def __iter__(self) -> Iterator[Example]:
        for batch in self._table.to_batches(max_chunksize=1_024):
            yield from map(_example, batch.to_pylist())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Examples) and bool(self._table.equals(other._table))

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, _SCHEMA) as writer:
            writer.write_table(self._table)
        return _from_ipc, (sink.getvalue().to_pybytes(),)

    def take(self, rows: NDArray[np.intp]) -> Examples:
        """The examples of these row numbers, in this order."""
        return Examples(self._table.take(pa.array(rows, pa.int64())))

    @property
    def folds(self) -> NDArray[np.int64]:
        """int64 `(n,)`; -1 where a row has none."""
        folds: NDArray[np.int64] = self._table["fold"].fill_null(-1).to_numpy()
        return folds

    @property
    def groups(self) -> list[str]:
        """Each row's group."""
        groups: list[str] = self._table["group"].to_pylist()
        return groups

    @property
    def labels(self) -> list[tuple[str, ...]]:
        """Each row's labels."""
        return [tuple(labels) for labels in self._table["labels"].to_pylist()]

    @property
    def has_audio(self) -> bool:
        """Whether all rows have a sound."""
        return bool(self.present("audio").all())

    @property
    def has_image(self) -> bool:
        """Whether all rows have a picture or video."""
        return bool(self.present("image").all())

    def present(self, column: str) -> NDArray[np.bool_]:
        """Which rows have `audio` or `image`: bool `(n,)`."""
        present: NDArray[np.bool_] = self._table[column].is_valid().to_numpy()
        return present

    def label_indices(self, classes: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Row and class number of every label that is among `classes`, two int64 `(labels,)`."""
        labels = self._table["labels"]
        rows = pc.list_parent_indices(labels).to_numpy().astype(np.int64)
        found = pc.index_in(pc.list_flatten(labels), pa.array(classes, pa.string())).fill_null(-1).to_numpy()
        return rows[found >= 0], found[found >= 0].astype(np.int64)


@dataclass(frozen=True, slots=True)
class Dataset:
    """A data set, opened.

    Attributes:
        name: As `open_dataset` knows it.
        examples: All of them; without the official evaluation split, where there is one.
        classes: In their official order; empty if the texts are free.
        multi_label: Whether an example may be of several classes.
        folds: The official folds that are present; empty if the data set has none.
        evaluation: The official evaluation split (AudioSet's).
    """

    name: str
    examples: Examples
    classes: tuple[str, ...]
    multi_label: bool
    folds: tuple[int, ...] = ()
    evaluation: Examples | None = None


def targets(examples: Examples, classes: Sequence[str]) -> FloatArray:
    """Which classes each example is of: float32 `(n, classes)`, 1 or 0. Labels that are no class are left out.

    Raises:
        DataError: An example is of none of the classes.
    """
    hot = np.zeros((len(examples), len(classes)), np.float32)
    rows, numbers = examples.label_indices(classes)
    hot[rows, numbers] = 1.0
    none = np.flatnonzero(~hot.any(axis=1))
    if none.size:
        example = examples[int(none[0])]
        place = example.audio or example.image
        raise DataError(
            f"its labels ({', '.join(example.labels) or 'none'}) are none of the {len(classes)} classes",
            path=None if place is None else place.path,
            remedy=f"The classes are {', '.join(classes[:5])}{', …' if len(classes) > 5 else ''}",
        )
    return hot


def joined(labels: Iterable[str]) -> str:
    """Labels as one text, as the paper's training joins them (section 2.3)."""
    return ", ".join(labels)


def _record_batch(examples: Sequence[Example]) -> pa.RecordBatch:
    columns = [
        _places([example.audio for example in examples]),
        _places([example.image for example in examples]),
        [example.labels for example in examples],
        [None if example.text == joined(example.labels) else example.text for example in examples],
        [example.fold for example in examples],
        [example.start_s for example in examples],
        [example.duration_s for example in examples],
        [example.group for example in examples],
    ]
    arrays = [pa.array(column, field.type) for column, field in zip(columns, _SCHEMA, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=_SCHEMA)


def _places(places: Sequence[Place | None]) -> pa.Array:
    if not any(places):
        return pa.nulls(len(places), _PLACE)
    present = [Place("") if place is None else place for place in places]
    fields = [
        pa.array([place.path for place in present], pa.string()),
        pa.array([place.offset for place in present], pa.int64()),
        pa.array([place.size for place in present], pa.int64()),
    ]
    return pa.StructArray.from_arrays(
        fields, fields=list(_PLACE), mask=pa.array([place is None for place in places], pa.bool_())
    )


def _example(row: dict[str, Any]) -> Example:
    labels = tuple(row.pop("labels"))
    audio, image, text = row.pop("audio"), row.pop("image"), row.pop("text")
    return Example(
        audio=None if audio is None else Place(**audio),
        image=None if image is None else Place(**image),
        labels=labels,
        text=joined(labels) if text is None else text,
        **row,
    )


def _from_ipc(content: bytes) -> Examples:
    with pa.ipc.open_stream(content) as reader:
        return Examples(reader.read_all())
