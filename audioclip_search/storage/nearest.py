"""Search by vectors: the best window of each file, the best files first, in memory or by LanceDB."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from audioclip_search.errors import StorageError
from audioclip_search.storage.lance import IdArray, scan
from audioclip_search.storage.maintenance import REFINE_FACTOR
from audioclip_search.storage.schema import vectors_of
from audioclip_search.storage.snapshot import BoolArray, RowArray, Snapshot
from audioclip_search.types import FloatArray, Modality

SecondsArray: TypeAlias = NDArray[np.float64]

# Up to this many new files are fetched by their ids; beyond, one pass over the whole table is faster.
_MOST_FILES_FETCHED = 1_000
_COPIED_AT_ONCE = 16_384
# So many are sooner compared one by one than ranked among all others.
_MOST_WINDOWS_COMPARED = 4_096
_ALL_PARTITIONS = 1_000_000  # more than there can be


@dataclass(frozen=True, slots=True)
class Windows:
    """Some visible windows, without their vectors.

    Attributes:
        file_ids: int64 `(n,)`, the file of each window.
        rows: intp `(n,)`, that file's row in the snapshot.
        starts_s: float64 `(n,)`, seconds.
        ends_s: float64 `(n,)`, seconds.
    """

    file_ids: IdArray
    rows: RowArray
    starts_s: SecondsArray
    ends_s: SecondsArray


@dataclass(frozen=True, slots=True)
class BestWindows:
    """The best window of each of some files.

    Attributes:
        rows: intp `(n,)`, each file's row in the snapshot.
        cosines: float32 `(n,)`, between some vector and the window, in [-1, 1].
        starts_s: float64 `(n,)`, seconds.
        ends_s: float64 `(n,)`, seconds.
    """

    rows: RowArray
    cosines: FloatArray
    starts_s: SecondsArray
    ends_s: SecondsArray

    @classmethod
    def none_of(cls, rows: RowArray, durations_s: SecondsArray | None = None) -> Self:
        """Stands for files that are not compared by what they are like: they are taken as a whole."""
        zeros = np.zeros(len(rows))
        return cls(rows, zeros.astype(np.float32), zeros, zeros if durations_s is None else durations_s)

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Windows one after the other."""
        empty = cls.none_of(np.empty(0, np.intp))
        columns = zip(*((part.rows, part.cosines, part.starts_s, part.ends_s) for part in (empty, *parts)), strict=True)
        return cls(*map(np.concatenate, columns))

    def take(self, places: RowArray) -> Self:
        """Those at these places."""
        return type(self)(self.rows[places], self.cosines[places], self.starts_s[places], self.ends_s[places])

    def listed(self) -> Iterator[tuple[int, float, float, float]]:
        """Row, cosine, start and end of each."""
        columns = (self.rows, self.cosines, self.starts_s, self.ends_s)
        return zip(*(column.tolist() for column in columns), strict=True)


@dataclass(frozen=True, slots=True)
class ResidentVectors:
    """All visible windows of a snapshot in memory: `vectors` is float32 `(n, dim)`, unit norm, one row a window."""

    version: int
    windows: Windows
    vectors: FloatArray

    @classmethod
    def load(cls, snapshot: Snapshot, previous: Self | None) -> Self:
        """Those that `previous` has are copied, the others read: the windows of a `file_id` never change.

        Raises:
            StorageError: Vectors are missing: the index is damaged.
        """
        count = snapshot.window_count
        file_ids = np.empty(count, np.int64)
        starts_s, ends_s = np.empty((2, count), np.float64)
        vectors = np.empty((count, snapshot.header.dim), np.float32)  # (n, dim)
        filled = 0
        for ids, starts, ends, block in _visible_blocks(snapshot, previous):
            to = slice(filled, filled + len(ids))
            filled += len(ids)
            if filled <= count:
                file_ids[to], starts_s[to], ends_s[to], vectors[to] = ids, starts, ends, block
        if filled != count:
            raise StorageError(
                f"the index is damaged: it has {filled} vectors instead of {count}",
                path=snapshot.location,
                remedy="Run `audioclip-search index --reembed`",
            )
        return cls(snapshot.version, Windows(file_ids, snapshot.rows_of(file_ids), starts_s, ends_s), vectors)

    def nearest(
        self, snapshot: Snapshot, query: FloatArray, *, k: int, allowed: Sequence[BoolArray]
    ) -> list[BestWindows]:
        """The best `k` files of each of the sets `allowed`, which don't overlap, for a unit-norm float32 `(dim,)`
        query."""
        # vecdot, not @: it sums every row in the same order, so that equal vectors score equally wherever they are,
        # and copies of a file rank by path. At 20,000 x 1,024 it is no slower than the matrix product.
        scores = np.vecdot(self.vectors, query)  # (n,)
        return [
            _best_files(snapshot, self.windows, np.where(wanted[self.windows.rows], scores, -np.inf), k)
            for wanted in allowed
        ]

    def of_rows(self, rows: RowArray, count: int) -> tuple[Windows, FloatArray]:
        """All windows of the files in these rows, of so many rows in all, and their vectors, float32 `(n, dim)`."""
        wanted = np.zeros(count, np.bool_)
        wanted[rows] = True
        places = np.flatnonzero(wanted[self.windows.rows])
        windows = self.windows
        chosen = Windows(
            windows.file_ids[places], windows.rows[places], windows.starts_s[places], windows.ends_s[places]
        )
        return chosen, self.vectors[places]


def windows_in_table(snapshot: Snapshot, rows: RowArray) -> tuple[Windows, FloatArray]:
    """What `ResidentVectors.of_rows` gives, read from the disk."""
    columns = ["file_id", "start_s", "end_s", "vector"]
    parts: list[tuple[IdArray, SecondsArray, SecondsArray, FloatArray]] = [
        (*(batch[name].to_numpy() for name in columns[:3]), vectors_of(batch))
        for batch in scan(snapshot.windows, columns, ids=snapshot.file_ids[rows])
    ]
    empty = (snapshot.file_ids[:0], np.empty(0), np.empty(0), np.empty((0, snapshot.header.dim), np.float32))
    file_ids, starts_s, ends_s, vectors = map(np.concatenate, zip(*(parts or [empty]), strict=True))
    return Windows(file_ids, snapshot.rows_of(file_ids), starts_s, ends_s), vectors


def mean_vectors(snapshot: Snapshot) -> tuple[list[str], list[Modality], FloatArray]:
    """The files that have vectors, their kinds, and the directions of the sums of theirs: float32 `(files, dim)` of
    unit norm."""
    sums = np.zeros((len(snapshot.paths), snapshot.header.dim), np.float32)
    for ids, _, _, block in _visible_blocks(snapshot, None):
        np.add.at(sums, snapshot.rows_of(ids), block)
    norms = np.linalg.norm(sums, axis=1)
    rows = np.flatnonzero(norms > 1e-6)  # vectors may also cancel out
    kinds = snapshot.files["modality"].take(rows).to_pylist()
    return [snapshot.paths[row] for row in rows], list(map(Modality, kinds)), sums[rows] / norms[rows, None]


def nearest_in_table(
    snapshot: Snapshot, query: FloatArray, *, k: int, allowed: BoolArray, modality: Modality | None
) -> BestWindows:
    """What `ResidentVectors.nearest` gives for one set, without loading the vectors: by LanceDB, exact where there is
    no index of vectors, nearly so where there is one.

    LanceDB ranks windows, and knows neither which are visible nor which files are wanted. So more are fetched until
    none of those not fetched can matter; of few wanted files, all.
    """
    if np.sum(snapshot.files["windows"].to_numpy()[allowed]) <= _MOST_WINDOWS_COMPARED:
        windows, vectors = windows_in_table(snapshot, np.flatnonzero(allowed))
        return _best_files(snapshot, windows, np.vecdot(vectors, query), k)
    search = snapshot.windows.search(query, vector_column_name="vector").distance_type("cosine")
    if snapshot.has_vector_index:
        search = search.nprobes(_ALL_PARTITIONS).refine_factor(REFINE_FACTOR)
    else:
        search = search.bypass_vector_index()
    search = search.select(["file_id", "start_s", "end_s", "_distance"])
    if modality is not None:
        search = search.where(f"modality = '{modality.value}'", prefilter=True)
    limit = 4 * k + 64
    while True:
        found = search.limit(limit).to_arrow()
        file_ids = found["file_id"].to_numpy()
        rows = snapshot.rows_of(file_ids)
        windows = Windows(file_ids, rows, found["start_s"].to_numpy(), found["end_s"].to_numpy())
        scores = 1 - found["_distance"].to_numpy()
        last_score = scores[-1] if len(scores) else -np.inf
        scores[~np.append(allowed, False)[rows]] = -np.inf  # row -1, not visible, is the appended one
        if len(scores) < limit or last_score < _kth_best(snapshot, windows, scores, k):
            return _best_files(snapshot, windows, scores, k)
        limit *= 4


def _visible_blocks(
    snapshot: Snapshot, previous: ResidentVectors | None
) -> Iterator[tuple[IdArray, SecondsArray, SecondsArray, FloatArray]]:
    """All visible windows, a few thousand at a time: ids, starts, ends, vectors; those of `previous` first."""
    missing = np.append(snapshot.files["windows"].to_numpy() > 0, False)  # row -1, not visible, is the appended one
    if previous is not None:
        kept = previous.windows
        rows = snapshot.rows_of(kept.file_ids)
        for start in range(0, len(rows), _COPIED_AT_ONCE):
            block = start + np.flatnonzero(rows[start : start + _COPIED_AT_ONCE] >= 0)
            yield kept.file_ids[block], kept.starts_s[block], kept.ends_s[block], previous.vectors[block]
        missing[rows] = False
    fresh = snapshot.file_ids[missing[:-1]]
    if not len(fresh):
        return
    columns = ["file_id", "start_s", "end_s", "vector"]
    for batch in scan(snapshot.windows, columns, ids=fresh if len(fresh) <= _MOST_FILES_FETCHED else None):
        wanted = missing[snapshot.rows_of(batch["file_id"].to_numpy())]
        ids, starts, ends = (batch[name].to_numpy()[wanted] for name in columns[:3])
        yield ids, starts, ends, vectors_of(batch)[wanted]


def _kth_best(snapshot: Snapshot, windows: Windows, scores: FloatArray, k: int) -> float:
    """Score of the file in rank `k`; -inf if there are fewer."""
    best = np.full(len(snapshot.paths), -np.inf, np.float32)  # (files,)
    np.maximum.at(best, windows.rows, scores)
    return float(np.partition(best, -k)[-k]) if k <= len(best) else -np.inf


def _best_files(snapshot: Snapshot, windows: Windows, scores: FloatArray, k: int) -> BestWindows:
    """The first `k` files by their best window; ties go to the earlier path, within a file to the earlier window.

    A score of -inf bars a window.
    """
    picked = np.flatnonzero((scores >= _kth_best(snapshot, windows, scores, k)) & (scores > -np.inf))
    rows, cosines, starts_s = windows.rows[picked], scores[picked].clip(-1, 1), windows.starts_s[picked]
    files, places = np.unique(rows, return_inverse=True)
    ranks = np.empty(len(files), np.intp)  # of the paths among those picked
    ranks[sorted(range(len(files)), key=lambda place: snapshot.paths[files[place]])] = np.arange(len(files))
    order = np.lexsort((starts_s, ranks[places], -cosines))
    _, firsts = np.unique(rows[order], return_index=True)
    best = order[np.sort(firsts)[:k]]
    return BestWindows(rows[best], cosines[best].astype(np.float32), starts_s[best], windows.ends_s[picked][best])
