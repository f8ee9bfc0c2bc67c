"""Where automatic tags are kept: what a model suggests and what a person decides, each in a table of its own, so that
no run of a model can touch a decision. Both are of contents, not of paths."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from audioclip_search.storage import IndexStore, SideTable
from audioclip_search.types import AutoTag, ModelIdentity, TagState

BoolArray = NDArray[np.bool_]

KEYS = ("content_hash", "label_key")
"""What tells two tags apart; `label_key` is the label in one case, since labels that differ in case alone are one."""

_TAG = [
    pa.field("content_hash", pa.string(), nullable=False),
    pa.field("label_key", pa.string(), nullable=False),
    pa.field("label", pa.string(), nullable=False),
    pa.field("probability", pa.float32(), nullable=False),
    pa.field("model", pa.string(), nullable=False),
    pa.field("weights_hash", pa.string(), nullable=False),
    pa.field("preprocessing_version", pa.int32(), nullable=False),
    pa.field("time_ns", pa.int64(), nullable=False),
]
SUGGESTIONS_SCHEMA = pa.schema(_TAG)
DECISIONS_SCHEMA = pa.schema([*_TAG, pa.field("state", pa.string(), nullable=False)])


@dataclass(frozen=True, slots=True)
class TagTables:
    """Both tables of an index."""

    suggestions: SideTable
    decisions: SideTable

    @classmethod
    def of(cls, store: IndexStore) -> Self:
        """Those of that index; made when something is first put into them."""
        return cls(
            store.beside("suggested-tags", SUGGESTIONS_SCHEMA, KEYS),
            store.beside("decided-tags", DECISIONS_SCHEMA, KEYS),
        )

    @property
    def versions(self) -> tuple[int, int]:
        """Others after every change."""
        return self.suggestions.version, self.decisions.version

    def rows(self, contents: Collection[str] | None = None) -> pa.Table:
        """Every tag of these contents, or of all: decisions, and suggestions on which nobody has decided. As the table
        of decisions has them."""
        where = None if contents is None else {"content_hash": contents}
        decided = self.decisions.rows(where)
        return pa.concat_tables([with_state(undecided(self.suggestions.rows(where), decided)), decided])


def suggestion_rows(found: Iterable[tuple[str, str, float]], identity: ModelIdentity, time_ns: int) -> pa.Table:
    """Rows of suggestions, given content hash, label and probability of each."""
    tags = list(found)
    columns: list[Any] = [
        [content for content, _, _ in tags],
        [label.casefold() for _, label, _ in tags],
        [label for _, label, _ in tags],
        [probability for _, _, probability in tags],
        [identity.name] * len(tags),
        [identity.weights_hash] * len(tags),
        [identity.preprocessing_version] * len(tags),
        [time_ns] * len(tags),
    ]
    return pa.table(columns, schema=SUGGESTIONS_SCHEMA)


def with_state(suggestions: pa.Table) -> pa.Table:
    """Suggestions as rows like those of decisions."""
    state = pa.array([TagState.SUGGESTED.value] * len(suggestions), pa.string())
    return suggestions.append_column(DECISIONS_SCHEMA.field("state"), state).cast(DECISIONS_SCHEMA)


def undecided(rows: pa.Table, decided: pa.Table) -> pa.Table:
    """Those of the rows whose keys the decisions do not have."""
    return rows.filter(pc.invert(pc.is_in(joined_keys(rows), joined_keys(decided)))) if len(decided) else rows


def joined_keys(rows: pa.Table) -> pa.ChunkedArray:
    """The keys of each row as one text."""
    return pc.binary_join_element_wise(*(rows[name] for name in KEYS), "\0")


class AutoTags(Mapping[str, tuple[AutoTag, ...]]):
    """The automatic tags of an index at one moment, by content hash, the likeliest first; those that a person rejected
    are not among them, nor are contents without any. Records are made when asked for.

    Args:
        rows: What `TagTables.rows` gave.
    """

    def __init__(self, rows: pa.Table) -> None:
        kept = rows.filter(pc.not_equal(rows["state"], TagState.REJECTED.value))
        self._rows = kept.sort_by([("content_hash", "ascending"), ("probability", "descending")])
        self._contents = pa.array(self._rows["content_hash"].to_pylist(), pa.string())
        self._labels = pa.array(self._rows["label"].to_pylist(), pa.string())
        self._masks: tuple[Sequence[str], _Masks] | None = None

    def __len__(self) -> int:
        return len(self._spans)

    def __iter__(self) -> Iterator[str]:
        return iter(self._spans)

    def __contains__(self, content_hash: object) -> bool:
        return content_hash in self._spans

    def __getitem__(self, content_hash: str) -> tuple[AutoTag, ...]:
        start, end = self._spans[content_hash]
        return tuple(as_tag(row) for row in self._rows.slice(start, end - start).to_pylist())

    def masks(self, contents: Sequence[str]) -> Mapping[str, BoolArray]:
        """Of each label, which of some files, given by their content hashes, have it: `(files,)` each, made when it is
        asked for. What it takes to make them is kept for the next call with the very same object."""
        known = self._masks
        if known is None or known[0] is not contents:
            known = self._masks = contents, _Masks(self._contents, self._labels, contents)
        return known[1]

    @cached_property
    def _spans(self) -> dict[str, tuple[int, int]]:
        """Of each content, its first row and the one after its last."""
        ends = pc.run_end_encode(self._contents)
        bounds = [0, *ends.run_ends.to_pylist()]
        return dict(zip(ends.values.to_pylist(), pairwise(bounds), strict=True))


class _Masks(Mapping[str, BoolArray]):
    """See `AutoTags.masks`."""

    def __init__(self, tagged: pa.Array, labels: pa.Array, contents: Sequence[str]) -> None:
        names = pa.array(contents, pa.string()).dictionary_encode()
        self._content_of_file = names.indices.to_numpy(zero_copy_only=False)  # (files,)
        self._count = len(names.dictionary)
        # The tags of one label after the other: of each, which content has it, or none of these.
        encoded = labels.dictionary_encode()
        of_tag = encoded.indices.to_numpy(zero_copy_only=False)
        order = np.argsort(of_tag, kind="stable")
        places = pc.fill_null(pc.index_in(tagged, names.dictionary), self._count).to_numpy(zero_copy_only=False)
        self._places = places[order]
        self._bounds = np.searchsorted(of_tag[order], np.arange(len(encoded.dictionary) + 1))
        self._codes = {label: code for code, label in enumerate(encoded.dictionary.to_pylist())}

    def __len__(self) -> int:
        return len(self._codes)

    def __iter__(self) -> Iterator[str]:
        return iter(self._codes)

    def __getitem__(self, label: str) -> BoolArray:
        code = self._codes[label]
        has_it = np.zeros(self._count + 1, np.bool_)
        has_it[self._places[self._bounds[code] : self._bounds[code + 1]]] = True
        mask: BoolArray = has_it[:-1][self._content_of_file]
        return mask


def as_tag(row: Mapping[str, Any]) -> AutoTag:
    """A row of either table as a record."""
    return AutoTag(
        label=row["label"],
        probability=float(row["probability"]),
        state=TagState(row.get("state", TagState.SUGGESTED)),
        model=row["model"],
        time_ns=row["time_ns"],
    )
