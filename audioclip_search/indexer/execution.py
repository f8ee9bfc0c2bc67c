"""Doing what is planned: decoders -> pieces -> one encoder, whose batches are filled across files -> one writer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from audioclip_search.errors import MediaError
from audioclip_search.indexer.decoding import Decoders, End, Piece
from audioclip_search.indexer.planning import Plan
from audioclip_search.indexer.writing import Writer
from audioclip_search.storage import IndexStore
from audioclip_search.types import (
    CancelToken,
    Failure,
    FileRecord,
    FloatArray,
    Modality,
    OnProgress,
    SyncProgress,
    SyncReport,
    SyncStage,
    WindowVector,
)

if TYPE_CHECKING:
    from audioclip_search.encoder import Encoder  # loads torch

# How many batches of one modality are collected before they are encoded: among them, sounds are sorted by shape.
_BATCHES_COLLECTED = 2


def execute(
    plan: Plan,
    *,
    root: Path,
    store: IndexStore,
    open_encoder: Callable[[], Encoder],
    on_progress: OnProgress | None = None,
    cancel: CancelToken | None = None,
) -> SyncReport:
    """Embed what is new or changed, then forget what is gone.

    Memory does not grow with the library, nor with the length of a sound beyond its vectors. A file that can't be
    embedded is recorded with the reason; one that vanishes before it is read is left to the next sync. What is finished
    is committed every few seconds, and also when the work is cancelled, interrupted or fails.

    Args:
        plan: What to do.
        root: The folder.
        store: The index, of the encoder's model.
        open_encoder: Called once, if there is something to embed.
        on_progress: Called from this thread.
        cancel: Stops the work after the batch in hand; the report then says so.

    Returns:
        What was done; `duration_s` is left to the caller.

    Raises:
        MediaError: Files are to be forgotten, but the root has vanished meanwhile.
        ModelError: The model can't be loaded or used.
        StorageError: The index can't be written.
    """
    cancel = cancel or CancelToken()
    tally = _Tally(plan, on_progress)
    stamps = (*plan.new, *plan.changed)
    if stamps:
        tally.report(SyncStage.EMBED)
        encoder = open_encoder()
        with Writer(store) as writer, Decoders(stamps, root=root, encoder=encoder, cancel=cancel) as decoders:
            assembly = _Assembly(encoder, writer, tally, cancel)
            for item in decoders:
                assembly.take(item)
            assembly.encode_all()
    if plan.removed and not cancel.cancelled:
        if not root.is_dir():
            raise MediaError("the folder has vanished", path=root, remedy="Nothing was removed from its index")
        tally.report_removal(0)
        store.remove(plan.removed)
        tally.report_removal(len(plan.removed))
    cancelled = cancel.cancelled
    if not cancelled:
        tally.report(SyncStage.DONE)
    return tally.summary(cancelled=cancelled)


class _Tally:
    """Counts what a sync does, and reports it."""

    def __init__(self, plan: Plan, on_progress: OnProgress | None) -> None:
        self._plan = plan
        self._new = {stamp.path for stamp in plan.new}
        self._on_progress = on_progress
        self._added = self._updated = self._removed = self._vanished = self._windows = 0
        self._failures: list[Failure] = []

    def finished(self, record: FileRecord) -> None:
        path = record.stamp.path
        if record.failure:
            self._failures.append(Failure(path, record.failure))
        elif path in self._new:
            self._added += 1
        else:
            self._updated += 1
        self._windows += len(record.windows)
        self.report(SyncStage.EMBED, path)

    def vanished(self, path: str) -> None:
        self._vanished += 1
        self.report(SyncStage.EMBED, path)

    def report(self, stage: SyncStage, path: str = "") -> None:
        if self._on_progress is not None:
            done = self._added + self._updated + self._vanished + len(self._failures)
            total = len(self._plan.new) + len(self._plan.changed)
            self._on_progress(SyncProgress(stage, done, total, path, len(self._failures)))

    def report_removal(self, removed: int) -> None:
        self._removed = removed
        if self._on_progress is not None:
            self._on_progress(SyncProgress(SyncStage.REMOVE, removed, len(self._plan.removed)))

    def summary(self, *, cancelled: bool) -> SyncReport:
        return SyncReport(
            added=self._added,
            updated=self._updated,
            removed=self._removed,
            unchanged=self._plan.unchanged,
            windows=self._windows,
            failures=tuple(sorted(self._failures, key=lambda failure: failure.path)),
            cancelled=cancelled,
        )


@dataclass(slots=True)
class _OpenFile:
    """A file of which something is still missing: vectors, or its end."""

    windows: dict[int, WindowVector] = field(default_factory=dict)
    end: End | None = None


class _Assembly:
    """Encodes pieces batch by batch, and puts the vectors together to files again."""

    def __init__(self, encoder: Encoder, writer: Writer, tally: _Tally, cancel: CancelToken) -> None:
        self._encoder = encoder
        self._writer = writer
        self._tally = tally
        self._cancel = cancel
        self._collected: dict[Modality, list[Piece]] = {modality: [] for modality in Modality}
        self._open: dict[str, _OpenFile] = {}

    def take(self, item: Piece | End) -> None:
        """Collect a piece, and encode when there are enough; or note a file's end."""
        modality = item.stamp.modality
        if isinstance(item, End):
            if item.failure:  # in the middle of the file: what came before is worth nothing
                self._collected[modality] = [piece for piece in self._collected[modality] if piece.stamp != item.stamp]
            self._open.setdefault(item.stamp.path, _OpenFile()).end = item
            self._close_if_complete(item.stamp.path)
        else:
            self._collected[modality].append(item)
            if len(self._collected[modality]) >= _BATCHES_COLLECTED * self._encoder.batch_size:
                self._encode(modality)
        self._writer.commit_if_due()

    def encode_all(self) -> None:
        """Encode what is left."""
        for modality in Modality:
            self._encode(modality)

    def _encode(self, modality: Modality) -> None:
        pieces, self._collected[modality] = self._collected[modality], []
        if modality is Modality.AUDIO:
            pieces.sort(key=lambda piece: np.shape(piece.content))
        for start in range(0, len(pieces), self._encoder.batch_size):
            if self._cancel.cancelled:
                return
            batch = pieces[start : start + self._encoder.batch_size]
            for piece, vector in zip(batch, self._vectors(batch, modality), strict=True):
                path = piece.stamp.path
                window = WindowVector(vector, piece.start_s, piece.end_s)
                self._open.setdefault(path, _OpenFile()).windows[piece.position] = window
                self._close_if_complete(path)
            self._writer.commit_if_due()

    def _vectors(self, pieces: list[Piece], modality: Modality) -> FloatArray:
        contents = [piece.content for piece in pieces]
        match modality:
            case Modality.AUDIO:
                return self._encoder.encode_audio(contents)
            case Modality.IMAGE:
                return self._encoder.encode_images(contents)
            case Modality.TEXT:
                return self._encoder.encode_texts(contents)

    def _close_if_complete(self, path: str) -> None:
        file = self._open[path]
        end = file.end
        if end is None or (len(file.windows) < end.pieces and not end.failure):
            return
        del self._open[path]
        if end.vanished:
            self._tally.vanished(path)
            return
        windows = () if end.failure else tuple(file.windows[position] for position in range(end.pieces))
        record = FileRecord(end.stamp, end.content_hash, end.duration_s, windows, end.failure)
        self._writer.add(record)
        self._tally.finished(record)
