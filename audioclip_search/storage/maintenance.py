"""Keeping an index fast as it grows: merging small commits, deleting old versions, indexes for filters and vectors."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from lancedb.index import Bitmap, BTree, IvfRq

from audioclip_search.storage.lance import Table
from audioclip_search.storage.words import create_word_indexes, has_word_indexes, words_lag

_log = logging.getLogger(__name__)

VECTOR_INDEX = "vector_idx"
VERSIONS_KEPT_FOR = timedelta(minutes=10)

# Of the types that LanceDB has, this one with these values was the smallest that found at least 98 % of the ten nearest
# on every kind of data tried, by sounds and by words, and as fast as any; all partitions are searched, because with
# fewer, words and filters miss more. `benchmarks/vector_indexes.py` has the comparison.
_ROWS_PER_PARTITION = 8_192
_BITS = 4
REFINE_FACTOR = 4

_LEAST_ROWS_WITH_SCALAR_INDEXES = 10_000
# LanceDB searches rows that are not indexed yet one by one: until there are so many, that is no loss.
_MOST_UNINDEXED = 0.1
_DIM_MULTIPLE = 8  # vectors of other lengths can't be indexed so
_TRIES = 3


def compact(table: Table) -> None:
    """Merge the small files that many commits leave behind, bring its indexes up to date, and delete versions too old
    for anyone to be reading.

    Every commit makes the next ones and all reads a little slower, and keeps what it replaced on disk.
    """
    table.optimize(cleanup_older_than=VERSIONS_KEPT_FOR)


def steps_due(files: Table, windows: Table, *, vectors: bool) -> list[Callable[[], object]]:
    """What builds the indexes that the tables lack, and refreshes those that lag behind.

    Others may read and write meanwhile; what they write is searched too, and indexed the next time.

    Args:
        files: The table, not pinned.
        windows: Likewise.
        vectors: Whether it needs an index of vectors, because they don't fit into memory.
    """
    rows = windows.count_rows()
    present = {index.name for index in windows.list_indices()}
    steps: list[Callable[[], object]] = []
    if not has_word_indexes(files):  # a process was killed just after it had made the table
        steps.append(partial(create_word_indexes, files))
    elif words_lag(files):
        steps.append(files.optimize)
    if rows >= _LEAST_ROWS_WITH_SCALAR_INDEXES:
        for column, kind in (("file_id", BTree), ("modality", Bitmap)):
            name = f"{column}_idx"
            if name not in present:
                steps.append(partial(windows.create_index, column, config=kind(), name=name))
    if vectors and windows.schema.field("vector").type.list_size % _DIM_MULTIPLE == 0:
        if VECTOR_INDEX not in present:
            config = IvfRq(distance_type="cosine", num_partitions=-(-rows // _ROWS_PER_PARTITION), num_bits=_BITS)
            steps.append(partial(windows.create_index, "vector", config=config, name=VECTOR_INDEX))
        elif indexed_rows(windows) < (1 - _MOST_UNINDEXED) * rows:
            steps.append(windows.optimize)
    return steps


def take(steps: Sequence[Callable[[], object]]) -> None:
    """Take the steps; one that fails because somebody else commits too often is tried again."""
    for step in steps:
        for attempt in range(_TRIES):
            try:
                step()
                break
            except (OSError, RuntimeError, ValueError) as error:
                if attempt == _TRIES - 1:
                    raise
                _log.info("an index could not be built, trying again: %s", error)


def indexed_rows(windows: Table) -> int:
    """How many rows the index of vectors has; 0 if there is none."""
    stats = windows.index_stats(VECTOR_INDEX)
    return 0 if stats is None else int(stats.num_indexed_rows)
