"""What is remembered of contents: what is in them, how those fit that were compared, and which a person says are no
duplicates. Beside the index, by what is in the files, so that it outlives moves and copies."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, fields
from typing import TypeAlias

import pyarrow as pa

from audioclip_search.media import Agreement, ContentFacts
from audioclip_search.storage import Content, IndexStore
from audioclip_search.types import Modality

Pair: TypeAlias = tuple[str, str]
"""Two hashes, the lower one first."""

_VERSION = 1  # of what is measured; raised whenever that changes, and everything is measured anew
_TYPES = {"str": pa.string(), "bytes": pa.large_binary(), "bool": pa.bool_(), "int": pa.int64(), "float": pa.float64()}
_FACTS = pa.schema(
    [
        ("modality", pa.string()),
        ("content_hash", pa.string()),
        ("version", pa.int64()),
        *((field.name, _TYPES[str(field.type)]) for field in fields(ContentFacts)),
    ]
)
_VERDICTS = pa.schema(
    [
        ("first", pa.string()),
        ("second", pa.string()),
        ("version", pa.int64()),
        *((field.name, _TYPES[str(field.type)]) for field in fields(Agreement)),
    ]
)
_REJECTIONS = pa.schema([("first", pa.string()), ("second", pa.string()), ("time_ns", pa.int64())])


class Ledger:
    """The side tables of an index that the search for duplicates keeps. Methods raise `StorageError` as its tables do.

    Args:
        store: The index.
    """

    def __init__(self, store: IndexStore) -> None:
        self._facts = store.beside("duplicate_facts", _FACTS, ("modality", "content_hash"))
        self._verdicts = store.beside("duplicate_fits", _VERDICTS, ("first", "second"))
        self._rejections = store.beside("duplicate_rejections", _REJECTIONS, ("first", "second"))

    def facts(self) -> dict[Content, ContentFacts]:
        """What is known of contents."""
        names = [field.name for field in fields(ContentFacts)]
        found = self._facts.rows({"version": [_VERSION]}).to_pylist()
        return {
            (row["modality"], row["content_hash"]): ContentFacts(**{name: row[name] for name in names}) for row in found
        }

    def add_facts(self, facts: Mapping[Content, ContentFacts]) -> None:
        """Remember what is in contents."""
        rows = [
            {"modality": modality, "content_hash": digest, "version": _VERSION, **asdict(known)}
            for (modality, digest), known in facts.items()
        ]
        self._facts.put(pa.Table.from_pylist(rows, _FACTS))

    def verdicts(self) -> dict[Pair, Agreement]:
        """How sounds fit that were compared, by their hashes of samples; the first of a pair is the one compared with.
        Those that don't fit are there too."""
        names = [field.name for field in fields(Agreement)]
        found = self._verdicts.rows({"version": [_VERSION]}).to_pylist()
        return {(row["first"], row["second"]): Agreement(**{name: row[name] for name in names}) for row in found}

    def add_verdicts(self, verdicts: Mapping[Pair, Agreement]) -> None:
        """Remember how sounds fit."""
        rows = [
            {"first": first, "second": second, "version": _VERSION, **asdict(agreement)}
            for (first, second), agreement in verdicts.items()
        ]
        self._verdicts.put(pa.Table.from_pylist(rows, _VERDICTS))

    def rejections(self) -> set[Pair]:
        """Pairs of content hashes that are no duplicates; twice the same one if its copies are none."""
        columns = self._rejections.rows()
        return set(zip(columns["first"].to_pylist(), columns["second"].to_pylist(), strict=True))

    def reject(self, pairs: Collection[Pair]) -> None:
        """Remember that these are none."""
        now = time.time_ns()
        rows = [{"first": first, "second": second, "time_ns": now} for first, second in sorted(set(pairs))]
        self._rejections.put(pa.Table.from_pylist(rows, _REJECTIONS))

    def carry_over(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Of each pair of content hashes, remember of the second what is of the first: it is another file of the same
        samples. So they are also no duplicates of what the first is none of."""
        became: dict[str, list[str]] = {}
        for old, new in pairs:
            became.setdefault(old, []).append(new)
        facts = self._facts.rows({"content_hash": became}).to_pylist()
        copies = {
            (row["modality"], new): row | {"content_hash": new} for row in facts for new in became[row["content_hash"]]
        }
        self._facts.put(pa.Table.from_pylist(list(copies.values()), _FACTS))
        self.reject(
            {
                pair_of(one, other)
                for first, second in self.rejections()
                if first in became or second in became
                for one in (first, *became.get(first, ()))
                for other in (second, *became.get(second, ()))
            }
        )

    def accept(self, pairs: Collection[Pair]) -> None:
        """Forget that these are none."""
        rows = [{"first": first, "second": second, "time_ns": 0} for first, second in sorted(set(pairs))]
        self._rejections.drop(pa.Table.from_pylist(rows, _REJECTIONS))


def pair_of(first: str, second: str) -> Pair:
    """The two in order."""
    return (first, second) if first <= second else (second, first)


def pairs_among(hashes: Iterable[str]) -> set[Pair]:
    """All pairs; of a hash that comes twice, also the one with itself."""
    listed = sorted(hashes)
    return {(first, second) for place, first in enumerate(listed) for second in listed[place + 1 :]}


MODALITIES = (Modality.AUDIO, Modality.IMAGE)
"""What can be examined."""
