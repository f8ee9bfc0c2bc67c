"""`View`: one state of the index, and everything a query asks of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from audioclip_search.filters import Filter
from audioclip_search.storage.filtering import FilterColumns
from audioclip_search.storage.lance import ids_filter, scan
from audioclip_search.storage.nearest import (
    BestWindows,
    ResidentVectors,
    Windows,
    nearest_in_table,
    windows_in_table,
)
from audioclip_search.storage.schema import WORD_COLUMNS, metadata_of
from audioclip_search.storage.snapshot import BoolArray, RowArray, Snapshot
from audioclip_search.storage.words import has_word_indexes, word_query
from audioclip_search.types import FloatArray, Metadata, Modality
from audioclip_search.words import APART

_SAMPLED = 4_096
# Hours of sound have thousands of windows: of a library of such files, fewer stand for all.
_READ_FOR_SAMPLE = 16 * _SAMPLED
_FEWEST_SAMPLED = 64
_WINDOWS_AT_ONCE = 16_384
_MOST_IDS = 2_000  # as a condition of LanceDB's; see `lance.scan`


@dataclass(frozen=True, slots=True)
class Sample:
    """Some windows: `vectors`, float32 `(n, dim)`, unit norm, and the `rows` of their files, `(n,)`."""

    vectors: FloatArray
    rows: RowArray


class View:
    """What a query sees. It stays as it is, whatever is written meanwhile. Files go by their row, 0 to `count` - 1.

    Args:
        snapshot: The state.
        resident: Gives its vectors in memory; None if they are over the budget.
    """

    def __init__(self, snapshot: Snapshot, resident: Callable[[], ResidentVectors | None]) -> None:
        self.snapshot = snapshot
        self._resident = resident
        self._frequencies: dict[str, int] = {}

    @property
    def count(self) -> int:
        """How many files are known, failed ones included."""
        return len(self.snapshot.paths)

    @property
    def window_count(self) -> int:
        """How many windows can be seen."""
        return self.snapshot.window_count

    @cached_property
    def found(self) -> BoolArray:
        """Whether a file has vectors, `(count,)`."""
        has_any: BoolArray = self.snapshot.files["windows"].to_numpy() > 0
        return has_any

    @cached_property
    def of_modality(self) -> Mapping[Modality, BoolArray]:
        """Of each kind that there is, which files are of it, `(count,)`."""
        column = self.snapshot.files["modality"]
        kinds = {kind: pc.equal(column, kind.value).to_numpy() for kind in Modality}
        return {kind: rows for kind, rows in kinds.items() if rows.any()}

    def path(self, row: int) -> str:
        """The file's path, as in the index."""
        return self.snapshot.paths[row]

    def modality(self, row: int) -> Modality:
        """What kind of file it is."""
        return self.snapshot.modality(row)

    def tags(self, row: int) -> tuple[str, ...]:
        """The user's tags."""
        return self.snapshot.tags(row)

    def rating(self, row: int) -> int:
        """The user's rating, 0 for none."""
        return self.snapshot.rating(row)

    def duration_s(self, row: int) -> float:
        """Of a sound, seconds; 0 otherwise."""
        return float(self.snapshot.files["duration_s"][row].as_py())

    @cached_property
    def content_hashes(self) -> list[str]:
        """Of each file; empty for what could not be read."""
        hashes: list[str] = self.snapshot.files["content_hash"].to_pylist()
        return hashes

    def rows_of(self, paths: Iterable[str]) -> RowArray:
        """Rows of these paths; those of unknown ones are left out."""
        rows = self.snapshot.rows
        return np.array([rows[path] for path in paths if path in rows], np.intp)

    def meeting(self, filters: Iterable[Filter], *, auto_tags: Mapping[str, BoolArray]) -> BoolArray:
        """Which files meet all conditions, `(count,)`.

        Args:
            filters: The conditions.
            auto_tags: Of each automatic tag, which files have it, `(count,)`.
        """
        return self._columns.mask(filters, auto_tags=auto_tags)

    def having(self, tokens: Sequence[str]) -> BoolArray:
        """Which files have all of these tokens in name, folders, tags or metadata, `(count,)`."""
        having: BoolArray = np.logical_and.reduce([self._columns.having(token) for token in tokens])
        return having

    def nearest(self, query: FloatArray, *, k: int, allowed: BoolArray) -> dict[Modality, BestWindows]:
        """Of each kind of files, the best `k` of those allowed, for a unit-norm float32 `(dim,)` query."""
        kinds = {kind: rows & allowed & self.found for kind, rows in self.of_modality.items()}
        wanted = {kind: rows for kind, rows in kinds.items() if rows.any()}
        if not wanted:
            return {}
        resident = self._resident()
        if resident is not None:
            found = resident.nearest(self.snapshot, query, k=k, allowed=list(wanted.values()))
            return dict(zip(wanted, found, strict=True))
        return {
            kind: nearest_in_table(self.snapshot, query, k=k, allowed=rows, modality=kind)
            for kind, rows in wanted.items()
        }

    def windows(self, rows: RowArray) -> tuple[Windows, FloatArray]:
        """All windows of some files and their vectors, float32 `(n, dim)`, unit norm."""
        resident = self._resident()
        if resident is not None:
            return resident.of_rows(rows, self.count)
        return windows_in_table(self.snapshot, rows)

    def portions(self, rows: RowArray) -> list[RowArray]:
        """Files in portions whose vectors fit into memory whatever the files' number and length."""
        ends = np.cumsum(self.snapshot.files["windows"].to_numpy()[rows], dtype=np.int64)
        return np.split(rows, np.flatnonzero(np.diff(ends // _WINDOWS_AT_ONCE)) + 1)

    @cached_property
    def sample(self) -> Mapping[Modality, Sample]:
        """Of each kind of files, windows of some of them, spread over the library."""
        counts = self.snapshot.files["windows"].to_numpy()
        sample = {}
        for kind, rows in self.of_modality.items():
            there = np.flatnonzero(rows & self.found)[:_SAMPLED]  # in the order of ids, which are random
            if not len(there):
                continue
            enough = int(np.searchsorted(np.cumsum(counts[there]), _READ_FOR_SAMPLE)) + 1
            there = there[: max(enough, _FEWEST_SAMPLED)]
            step = -(-int(counts[there].sum()) // _SAMPLED)
            parts = [
                (vectors[::step].copy(), windows.rows[::step])
                for windows, vectors in map(self.windows, self.portions(there))
            ]
            sample[kind] = Sample(*map(np.concatenate, zip(*parts, strict=True)))
        return sample

    @cached_property
    def indexed_by_words(self) -> bool:
        """Whether LanceDB can search by words. If a process was killed just after it had made the table, it can't until
        the next sync."""
        return has_word_indexes(self.snapshot.files_table)

    def word_matches(self, tokens: Sequence[str], *, limit: int, allowed: BoolArray) -> RowArray:
        """Rows of allowed files that have any of the tokens in name, folders, tags or metadata, by LanceDB's full-text
        search (BM25), best first.

        LanceDB does not know which files are wanted: unless they are few, more are fetched until there are enough.
        """
        wanted = np.flatnonzero(allowed & self.found)
        if not (tokens and len(wanted)):
            return wanted[:0]
        search = self.snapshot.files_table.search(word_query(tokens), query_type="fts").select(["file_id", "_score"])
        if len(wanted) <= _MOST_IDS:
            search = search.where(ids_filter(self.snapshot.file_ids[wanted]), prefilter=True)
        fetched = limit
        while True:
            found = search.limit(fetched).to_arrow()
            rows = self.snapshot.rows_of(found["file_id"].to_numpy())
            rows = rows[(allowed & self.found)[rows]][:limit]
            if len(rows) == limit or len(found) < fetched:
                return rows
            fetched *= 4

    def words(self, rows: RowArray) -> list[tuple[list[str], list[str], list[str]]]:
        """Of each of these files, the tokens of its name, of its folders, and of its tags and metadata."""
        chosen = self._words.take(pa.array(rows))
        columns = (chosen[name].to_pylist() for name in WORD_COLUMNS)
        return [(name.split(), folder.split(), rest.split()) for name, folder, rest in zip(*columns, strict=True)]

    def frequency(self, token: str) -> int:
        """How many files have the token."""
        if token not in self._frequencies:
            self._frequencies[token] = int(self._columns.having(token).sum())
        return self._frequencies[token]

    def places(self, token: str) -> tuple[BoolArray, ...]:
        """Which files have the token in their name, which in their folders, and which in their tags and metadata,
        `(count,)` each."""
        return self._columns.places(token)

    def named(self, names: Collection[str]) -> RowArray:
        """Rows of the files whose names, `words.spelled`, are among these."""
        return np.flatnonzero(pc.is_in(self._spelled, pa.array(names, self._spelled.type)))

    def best(self, values: NDArray[np.float64], count: int) -> RowArray:
        """Rows of the files with the greatest values above 0, best first, at most so many; equal ones by path."""
        rows = np.flatnonzero(values > 0)
        return rows[np.lexsort((self._path_ranks[rows], -values[rows]))][:count]

    def metadata(self, rows: RowArray) -> list[Metadata]:
        """What each of these files says of itself."""
        names = ["file_id", "metadata", "rate_hz", "channels", "bits"]
        batches = scan(self.snapshot.files_table, names, ids=self.snapshot.file_ids[rows])
        found = {row["file_id"]: metadata_of(row) for batch in batches for row in batch.to_pylist()}
        return [found[int(self.snapshot.file_ids[row])] for row in rows]

    @cached_property
    def _words(self) -> pa.Table:
        return self.snapshot.rest(*WORD_COLUMNS)

    @cached_property
    def _spelled(self) -> pa.Array:
        own = pc.replace_substring_regex(self._words["name_words"].combine_chunks(), rf" ?\{APART}.*", "")
        return pc.replace_substring(own, " ", "")

    @cached_property
    def _path_ranks(self) -> RowArray:
        ranks = np.empty(self.count, np.intp)
        ranks[sorted(range(self.count), key=self.snapshot.paths.__getitem__)] = np.arange(self.count)
        return ranks

    @cached_property
    def _columns(self) -> FilterColumns:
        return FilterColumns(self.snapshot.files, lambda: self._words)
