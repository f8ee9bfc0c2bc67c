"""Searching, sorting what was found, and counting it."""

from __future__ import annotations

import gc
import logging
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from audioclip_search import AudioCLIPSearchError, Field, Query
from gui.backend.desk import Desk, Task
from gui.backend.facets import count_by, facets_of
from gui.backend.rows import row_of_file, row_of_hit
from gui.records import Row
from gui.searching import Ask, Facet, Found

if TYPE_CHECKING:
    from audioclip_search import Hits

logger = logging.getLogger(__name__)

BATCH = 500
_FACET_SAMPLE = 1_000
_ROWS, _WARM = "finding.rows", "finding.warm"
_DIGITS = re.compile(r"(\d+)")


def find(desk: Desk, task: Task, ask: Ask) -> Found:
    """Search; the rows come as reports, lists of at most `BATCH`. Nothing asked for: all files, by path. Only filters:
    those that meet them, by path. What is found is kept for `arrange` and `count`.

    A library that was never indexed is not synced first: nothing is found in it, or if none is open.
    """
    started = time.perf_counter()
    if not (desk.is_open and desk.library.indexed):
        desk.shelf[_ROWS] = []
        return Found(ask, indexed=False)
    query = ask.query()
    ranked = bool(query.terms or query.excluded)
    closest = more = nothing = False
    if ask.empty:
        rows = all_rows(desk)
    elif not ranked:
        rows = filtered(desk, query)
    else:
        hits = desk.library.query(replace(query, k=ask.limit, offset=ask.offset, explain=True, moments=True))
        rows = _rows_of(desk, hits, closest=hits.nothing)
        more, nothing, closest = hits.more, hits.nothing, hits.nothing and bool(hits.closest)
    for start in range(0, len(rows), BATCH):
        if task.cancel.cancelled:
            break
        task.report(rows[start : start + BATCH])
    kept = [*desk.shelf.get(_ROWS, ()), *rows] if ask.offset else rows
    desk.shelf[_ROWS] = kept
    seconds = time.perf_counter() - started
    return Found(ask, len(kept), more, nothing, closest, seconds, ranked)


def pick(desk: Desk, task: Task, paths: Sequence[str]) -> Found:
    """These files as if they had been found, in their order; ones that the library does not know are left out."""
    by_path = _by_path(desk)
    rows = [by_path[path] for path in paths if path in by_path]
    for start in range(0, len(rows), BATCH):
        task.report(rows[start : start + BATCH])
    desk.shelf[_ROWS] = rows
    return Found(Ask(), len(rows))


def row_of(desk: Desk, task: Task, path: str) -> Row | None:
    """What the library says of a file; None if it does not know it."""
    return _by_path(desk).get(path)


def arrange(desk: Desk, task: Task, column: str, descending: bool) -> NDArray[np.int32]:
    """The order of what was found last by a column: int32 `(n,)`, positions as found. Rows without a value are last."""
    rows: Sequence[Row] = desk.shelf.get(_ROWS, ())
    key = SORT_KEYS[column]
    keyed = [(key(row), position) for position, row in enumerate(rows)]
    known = [pair for pair in keyed if pair[0] is not None]
    missing = [position for value, position in keyed if value is None]
    known.sort(key=lambda pair: pair[0], reverse=descending)
    return np.array([position for _, position in known] + missing, np.int32)


def count(desk: Desk, task: Task, ask: Ask) -> tuple[Facet, ...]:
    """How many of what a search finds there are of each kind; of a ranked search the best 1,000 count. See
    `facets_of`."""
    if not (desk.is_open and desk.library.indexed):
        return ()
    query = ask.query()
    folders = [str(folder) for folder in desk.library.folders]
    found: dict[Query, Sequence[Row]] = {}

    def rows_of(asked: Query) -> Sequence[Row]:
        if asked not in found:
            if asked.terms or asked.excluded:
                found[asked] = _rows_of(desk, desk.library.query(replace(asked, k=_FACET_SAMPLE)))
            else:
                found[asked] = filtered(desk, asked) if asked.filters else all_rows(desk)
        return found[asked]

    def counted(asked: Query, field: Field) -> Counter[str]:
        if asked.terms or asked.excluded or asked.filters:
            return count_by(field, rows_of(asked), folders)
        return desk.once(f"finding.counted.{field}", lambda: count_by(field, all_rows(desk), folders))

    return facets_of(query, counted=counted, found=rows_of(query), cancel=task.cancel)


def all_rows(desk: Desk) -> list[Row]:
    """Every file, by path; made once, until the index changes."""

    def make() -> list[Row]:
        files = desk.files()
        tags = {str(file.path): file.tags for file in desk.library.auto_tags()}
        rows = [row_of_file(files[path], tags.get(path, ())) for path in sorted(files)]
        gc.freeze()  # they stay: looking through them for garbage again and again takes tenths of seconds
        return rows

    return desk.once("finding.all", make)


def warm(desk: Desk, task: Task) -> None:
    """Have the model and the library's background ready, so that the first search is as fast as later ones. Without a
    model nothing happens: the first search will say why."""
    if desk.is_open and desk.library.indexed and not desk.shelf.get(_WARM):
        desk.shelf[_WARM] = True
        try:
            desk.library.query(text="sound", k=1)
        except AudioCLIPSearchError as error:
            logger.info("no search yet: %s", error)


def filtered(desk: Desk, query: Query) -> list[Row]:
    """The files that meet a query's filters, by path; files that could not be read meet none."""
    by_path = _by_path(desk)
    return [by_path[path] for path in desk.library.matching(query.filters) if path in by_path]


def _by_path(desk: Desk) -> dict[str, Row]:
    return desk.once("finding.by_path", lambda: {row.path: row for row in all_rows(desk)})


def _rows_of(desk: Desk, hits: Hits, *, closest: bool = False) -> list[Row]:
    files = desk.files()
    return [row_of_hit(hit, files.get(str(hit.path))) for hit in (hits.closest if closest else hits)]


def _natural(text: str) -> tuple[Any, ...]:
    """Names as people sort them: in any case, numbers by their size."""
    parts = _DIGITS.split(unicodedata.normalize("NFKC", text).casefold())
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts if part)


SORT_KEYS: dict[str, Callable[[Row], Any]] = {
    "name": lambda row: _natural(row.name),
    "score": lambda row: row.score,
    "duration": lambda row: row.duration_s or None,
    "format": lambda row: row.format or None,
    "tags": lambda row: " ".join((*row.tags, *(tag.label for tag in row.auto_tags))).casefold() or None,
    "folder": lambda row: _natural(row.folder),
    "rating": lambda row: row.rating or None,
    "rate": lambda row: row.rate_hz or None,
    "channels": lambda row: row.channels or None,
    "bits": lambda row: row.bits or None,
    "kind": lambda row: row.modality.value,
    "size": lambda row: row.size or None,
    "modified": lambda row: row.mtime_ns or None,
}
"""How each column that can be sorted by is compared."""
