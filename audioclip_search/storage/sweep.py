"""Every vector of many files, a few thousand at a time, without a second copy of them all in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import pyarrow.compute as pc

from audioclip_search.storage.lance import scan, translated
from audioclip_search.storage.nearest import ResidentVectors
from audioclip_search.storage.schema import vectors_of
from audioclip_search.storage.snapshot import RowArray, Snapshot
from audioclip_search.types import FloatArray, Modality

_WINDOWS_AT_ONCE = 4_096
# Up to this many files are fetched by their ids; beyond, one pass over the whole table is faster.
_MOST_FILES_FETCHED = 1_000


@dataclass(frozen=True, slots=True)
class Sweep:
    """The vectors of some contents in one state of the index.

    Attributes:
        contents: Their hashes, each once: files that are copies of each other are one.
        windows: How many vectors they have.
    """

    contents: list[str]
    windows: int
    _snapshot: Snapshot
    _resident: ResidentVectors | None
    _places: RowArray  # (files + 1,): where a row's content is in `contents`, -1 for no place; the last is no row

    @classmethod
    def over(
        cls,
        snapshot: Snapshot,
        resident: ResidentVectors | None,
        *,
        modality: Modality,
        paths: Collection[str] | None,
    ) -> Self:
        """Prepare to read the files of one kind.

        Args:
            snapshot: The state of the index.
            resident: Its vectors if they are in memory; None reads them from the table.
            modality: Only files of this kind.
            paths: Only these, as the index has them; None for all.
        """
        files = snapshot.files
        wanted = pc.and_(pc.equal(files["modality"], modality.value), pc.greater(files["windows"], 0)).to_numpy()
        if paths is not None:
            listed = np.zeros(len(files), np.bool_)
            listed[[snapshot.rows[path] for path in paths if path in snapshot.rows]] = True
            wanted = wanted & listed
        hashes = files["content_hash"].to_pylist()
        first: dict[str, int] = {}
        for row in np.flatnonzero(wanted).tolist():
            first.setdefault(hashes[row], row)
        first.pop("", None)
        places = np.full(len(files) + 1, -1, np.intp)
        places[list(first.values())] = np.arange(len(first))
        counts = files["windows"].to_numpy()
        return cls(list(first), int(counts[list(first.values())].sum()), snapshot, resident, places)

    def blocks(self) -> Iterator[tuple[RowArray, FloatArray]]:
        """All vectors, in no particular order: for each, where its content is in `contents`, `(n,)`; and float32
        `(n, dim)`, unit norm. May be called again."""
        with translated("read the index", self._snapshot.location):
            yield from self._from_table() if self._resident is None else self._from_memory(self._resident)

    def _from_memory(self, resident: ResidentVectors) -> Iterator[tuple[RowArray, FloatArray]]:
        places = self._places[resident.windows.rows]
        wanted = np.flatnonzero(places >= 0)
        for start in range(0, len(wanted), _WINDOWS_AT_ONCE):
            block = wanted[start : start + _WINDOWS_AT_ONCE]
            yield places[block], resident.vectors[block]

    def _from_table(self) -> Iterator[tuple[RowArray, FloatArray]]:
        snapshot = self._snapshot
        ids = snapshot.file_ids[self._places[:-1] >= 0]
        if not len(ids):
            return
        few = len(ids) <= _MOST_FILES_FETCHED
        for batch in scan(snapshot.windows, ["file_id", "vector"], ids=ids if few else None):
            places = self._places[snapshot.rows_of(batch["file_id"].to_numpy())]
            wanted = places >= 0
            if wanted.any():
                yield places[wanted], vectors_of(batch)[wanted]
