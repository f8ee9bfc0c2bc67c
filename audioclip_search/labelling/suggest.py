"""One run of tagging: every window of the library against every label. No file is opened."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from audioclip_search.bulk import OnTagProgress, TagProgress, TagStage
from audioclip_search.errors import CancelledError
from audioclip_search.labelling.tables import AutoTags, TagTables, suggestion_rows, undecided, with_state
from audioclip_search.labels import Label, LabelSet, read_labels
from audioclip_search.storage import IndexStore, Sweep
from audioclip_search.tagging import Tagger, label_vectors
from audioclip_search.types import CancelToken, FloatArray, Modality

if TYPE_CHECKING:
    from audioclip_search.encoder import Encoder  # loads torch

KINDS = (Modality.AUDIO, Modality.IMAGE)
"""What is tagged. A text is near to every word in it, which says nothing of a sound."""
_TEXTS_AT_ONCE = 32
_BACKGROUND_WINDOWS = 20_000


@dataclass(frozen=True, slots=True)
class Found:
    """What a run found.

    Attributes:
        rows: Of suggestions.
        contents: All that were judged.
        alike: Groups of labels that the model can't tell apart.
    """

    rows: pa.Table
    contents: frozenset[str]
    alike: tuple[tuple[str, ...], ...]


class Run:
    """Tagging with one set of labels.

    Args:
        labels: To tag with.
        templates: To ask for them; see `as_templates`.
        threshold: The least probability of a tag.
        on_progress: Told where the run is, from the caller's thread.
        cancel: Stops it.
    """

    def __init__(
        self,
        labels: Sequence[Label],
        *,
        templates: Sequence[str],
        threshold: float,
        on_progress: OnTagProgress | None = None,
        cancel: CancelToken | None = None,
    ) -> None:
        self._labels = labels
        self._templates = templates
        self._threshold = threshold
        self._on_progress = on_progress
        self._cancel = cancel

    def find(self, encoder: Encoder, store: IndexStore, paths: Collection[str] | None) -> Found:
        """Judge files of the index, or all.

        Memory grows with the tags that are found and the labels, not with the library.

        Raises:
            CancelledError: `cancel` was called.
            ModelError: The labels can't be encoded.
            StorageError: The index can't be read.
        """
        wanted, ordinary = self._vectors(encoder)
        tags: list[tuple[str, str, float]] = []
        contents: set[str] = set()
        alike: dict[tuple[str, ...], None] = {}
        for kind in KINDS:
            sweep = store.sweep(kind, paths)
            if not sweep.windows:
                continue
            everything = sweep if paths is None else store.sweep(kind)
            background = self._sample(everything)
            tagger = Tagger.calibrated(wanted, ordinary=ordinary, background=background)
            alike |= {tuple(self._labels[row].name for row in group): None for group in tagger.groups()}
            tags += self._tags(sweep, tagger)
            contents.update(sweep.contents)
        self._report(TagStage.DONE, 1, 1)
        rows = suggestion_rows(tags, encoder.identity, time.time_ns())
        return Found(_likeliest(rows), frozenset(contents), tuple(alike))

    def _vectors(self, encoder: Encoder) -> tuple[FloatArray, FloatArray]:
        """Of the labels, and of ordinary ones to compare with; each text is encoded once."""
        ordinary = read_labels(LabelSet.ESC50)

        def encode(texts: Sequence[str]) -> FloatArray:
            blocks = []
            for start in range(0, len(texts), _TEXTS_AT_ONCE):
                self._report(TagStage.LABELS, start, len(texts))
                blocks.append(encoder.encode_texts(texts[start : start + _TEXTS_AT_ONCE]))
            return np.concatenate(blocks)

        vectors = label_vectors([*self._labels, *ordinary], self._templates, encode)
        return vectors[: len(self._labels)], vectors[len(self._labels) :]

    def _sample(self, sweep: Sweep) -> FloatArray:
        """Windows to learn the background from, all or a fair share; the same ones as long as the index stays."""
        share = _BACKGROUND_WINDOWS / sweep.windows
        random = np.random.default_rng(0)
        blocks, seen = [], 0
        for _, vectors in sweep.blocks():
            self._report(TagStage.LEARN, seen, sweep.windows)
            seen += len(vectors)
            blocks.append(vectors[random.random(len(vectors)) < share] if share < 1 else vectors.copy())
        return np.concatenate(blocks)

    def _tags(self, sweep: Sweep, tagger: Tagger) -> list[tuple[str, str, float]]:
        """Content hash, label and probability of each tag; a file has a label as surely as its best window does."""
        best: dict[tuple[int, int], float] = {}
        seen = 0
        for places, vectors in sweep.blocks():
            self._report(TagStage.TAG, seen, sweep.windows)
            seen += len(vectors)
            probabilities = tagger.probabilities(vectors)
            rows, labels = np.nonzero(probabilities >= self._threshold)
            found = zip(
                places[rows].tolist(), labels.tolist(), probabilities[rows, labels].astype(float).tolist(), strict=True
            )
            for content, label, probability in found:
                if probability > best.get((content, label), 0.0):
                    best[content, label] = probability
        return [
            (sweep.contents[content], self._labels[label].name, probability)
            for (content, label), probability in sorted(best.items())
        ]

    def _report(self, stage: TagStage, done: int, total: int) -> None:
        if self._cancel is not None and self._cancel.cancelled:
            raise CancelledError("tagging was stopped; no tag was changed")
        if self._on_progress is not None:
            self._on_progress(TagProgress(stage, done, total))


def keep(found: Found, store: IndexStore, labels: Sequence[Label]) -> tuple[pa.Table, pa.Table]:
    """Put suggestions in the place of earlier ones for the same labels, and of all that another model made, of the
    contents that were judged. Decisions are never touched.

    Returns:
        The suggestions there were and those that are in their place.
    """
    table = TagTables.of(store).suggestions
    before = table.rows({"content_hash": found.contents})
    identity = store.identity
    own = pc.and_(
        pc.equal(before["model"], identity.name),
        pc.and_(
            pc.equal(before["weights_hash"], identity.weights_hash),
            pc.equal(before["preprocessing_version"], identity.preprocessing_version),
        ),
    )
    asked = pc.is_in(before["label_key"], pa.array([label.name.casefold() for label in labels], pa.string()))
    replaced = before.filter(pc.or_(pc.invert(own), asked))
    if len(found.rows):
        table.put(found.rows)
    kept = set(_keys(found.rows))
    gone = [key not in kept for key in _keys(replaced)]
    table.drop(replaced.filter(pa.array(gone, pa.bool_())))
    return replaced, found.rows


def undecided_tags(found: Found, store: IndexStore) -> AutoTags:
    """What a run found, by content, without tags on which a person has decided."""
    rows = undecided(found.rows, TagTables.of(store).decisions.rows({"content_hash": found.contents}))
    return AutoTags(with_state(rows))


def _keys(rows: pa.Table) -> list[tuple[str, str]]:
    return list(zip(rows["content_hash"].to_pylist(), rows["label_key"].to_pylist(), strict=True))


def _likeliest(rows: pa.Table) -> pa.Table:
    """One row for each content and label: a content may be there as two kinds of file."""
    first: dict[tuple[str, str], int] = {}
    order = pc.sort_indices(rows, [("probability", "descending")]).to_pylist()
    keys = _keys(rows)
    for row in order:
        first.setdefault(keys[row], row)
    return rows.take(pa.array(sorted(first.values()), pa.int64()))
