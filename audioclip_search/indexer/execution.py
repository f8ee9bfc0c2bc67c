"""Doing what is planned: decoders -> pieces -> one encoder, whose batches are filled across files -> one writer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import numpy as np

from audioclip_search.errors import MediaError
from audioclip_search.indexer.contents import Contents, Known
from audioclip_search.indexer.decoding import Decoders, End, LazyEncoder, Piece, hash_files
from audioclip_search.indexer.describing import describe
from audioclip_search.indexer.planning import Plan
from audioclip_search.indexer.tally import Tally
from audioclip_search.indexer.writing import Writer
from audioclip_search.storage import IndexStore, StoredFiles
from audioclip_search.types import (
    CancelToken,
    FileRecord,
    FileStamp,
    FloatArray,
    KnownContent,
    Modality,
    OnProgress,
    SyncReport,
    SyncStage,
    WindowVector,
    new_file_id,
)

if TYPE_CHECKING:
    from audioclip_search.encoder import Encoder  # loads torch

# How many batches of one modality are collected before they are encoded: among them, sounds are sorted by shape.
_BATCHES_COLLECTED = 2


def execute(
    plan: Plan,
    stored: StoredFiles,
    *,
    root: Path,
    store: IndexStore,
    open_encoder: Callable[[], Encoder],
    on_progress: OnProgress | None = None,
    cancel: CancelToken | None = None,
    optimize: bool = True,
) -> SyncReport:
    """Embed what is new or changed and not known under another path, forget what is gone, then build the indexes that a
    library of this size needs.

    Memory does not grow with the library, nor with the length of a sound beyond its vectors. A file that can't be
    embedded is recorded with the reason; one that vanishes before it is read is left to the next sync. What is finished
    is committed every few seconds, and also when the work is cancelled, interrupted or fails.

    Args:
        plan: What to do.
        stored: What the index knew when the plan was made.
        root: The folder.
        store: The index, of the encoder's model.
        open_encoder: Called once, if there is something to embed; perhaps in another thread.
        on_progress: Called from this thread.
        cancel: Stops the work after the batch in hand; the report then says so.
        optimize: Whether to build indexes.

    Returns:
        What was done; `duration_s` is left to the caller.

    Raises:
        MediaError: Files are to be forgotten, but the root has vanished meanwhile.
        ModelError: The model can't be loaded or used.
        StorageError: The index can't be written.
    """
    token = cancel or CancelToken()

    def embed(contents: Contents, tally: Tally) -> None:
        with Writer(store) as writer:
            assembly = Assembly(LazyEncoder(open_encoder), writer, tally, contents, root=root, cancel=token)
            _embed(plan, assembly, contents)

    return carry_out(
        plan, stored, root=root, store=store, embed=embed, on_progress=on_progress, cancel=token, optimize=optimize
    )


def carry_out(
    plan: Plan,
    stored: StoredFiles,
    *,
    root: Path,
    store: IndexStore,
    embed: Callable[[Contents, Tally], None],
    on_progress: OnProgress | None,
    cancel: CancelToken,
    optimize: bool = True,
) -> SyncReport:
    """What `execute` does, by whatever way to `embed` what is new or changed: that writes to the index, and tells of
    each file in the tally."""
    tally = Tally(plan, on_progress)
    removed: Sequence[str] = plan.removed
    if plan.new or plan.changed:
        tally.report(SyncStage.EMBED)
        contents = Contents(plan, stored)
        embed(contents, tally)
        removed = contents.removed
    if removed and not cancel.cancelled:
        if not root.is_dir() and not all(PurePath(path).is_absolute() for path in removed):
            raise MediaError("the folder has vanished", path=root, remedy="Nothing was removed from its index")
        tally.report_removal(0, len(removed))
        store.remove(removed)
        tally.report_removal(len(removed), len(removed))
    if undescribed := store.undescribed():
        describe(undescribed, root=root, store=store, on_progress=on_progress, cancel=cancel)
    cancelled = cancel.cancelled
    if not cancelled:
        if optimize and store.lags:  # also if an earlier run was cut off before that
            tally.report(SyncStage.OPTIMIZE)
            store.optimize(compact=False)
        tally.report(SyncStage.DONE)
    return tally.summary(cancelled=cancelled)


def _embed(plan: Plan, assembly: Assembly, contents: Contents) -> None:
    """Files that were merely touched first. Those with another content wait until all new ones have been read, because
    what the index knows of them may be what a new one is now; then those that only took others' places, together."""
    rewritten = assembly.touch(plan.changed, contents)
    assembly.embed(plan.new)
    assembly.embed(assembly.exchange(rewritten, contents))


@dataclass(slots=True)
class _OpenFile:
    """A file of which something is still missing: vectors, or its end."""

    windows: dict[int, WindowVector] = field(default_factory=dict)
    end: End | None = None


class Assembly:
    """Sees files through: hashed, decoded, encoded batch by batch, and their vectors put together to files again."""

    def __init__(
        self,
        encoder: LazyEncoder,
        writer: Writer,
        tally: Tally,
        contents: Known,
        *,
        root: Path,
        cancel: CancelToken,
    ) -> None:
        self._encoder = encoder
        self._writer = writer
        self._tally = tally
        self._contents = contents
        self._root = root
        self._cancel = cancel
        self._collected: dict[Modality, list[Piece]] = {modality: [] for modality in Modality}
        self._open: dict[str, _OpenFile] = {}
        self._waiting: dict[int, list[KnownContent]] = defaultdict(list)  # for what is being embedded under that id

    def touch(self, stamps: Sequence[FileStamp], contents: Contents) -> list[tuple[FileStamp, str]]:
        """Note the new stamps of files whose content is the same; give the others, and their content hashes."""
        rewritten = []
        for stamp, digest in hash_files(stamps, root=self._root, cancel=self._cancel):
            if digest and contents.is_same(stamp, digest):
                self._writer.add(contents.touched(stamp))
                self._tally.touched(stamp.path)
            else:
                rewritten.append((stamp, digest))
            self._writer.commit_if_due()
        return rewritten

    def embed(self, stamps: Sequence[FileStamp]) -> None:
        """Embed files, or take the vectors of known ones with their content."""
        if not stamps or self._cancel.cancelled:
            return
        with Decoders(
            stamps, root=self._root, encoder=self._encoder, contents=self._contents, cancel=self._cancel
        ) as decoders:
            for item in decoders:
                self._take(item)
            for modality in Modality:
                self._encode(modality)
        if not self._cancel.cancelled:
            for known in self._contents.decide():
                self._add_known(known)

    def exchange(self, rewritten: Sequence[tuple[FileStamp, str]], contents: Contents) -> list[FileStamp]:
        """Write those of the files whose content is known under other paths, all at once, since they may have changed
        places; give the others."""
        known, unknown = list[KnownContent](), list[FileStamp]()
        if self._cancel.cancelled:
            return unknown
        for stamp, digest in rewritten:
            found = contents.find(stamp, digest) if digest else None
            if found is None:
                unknown.append(stamp)
            else:
                known.append(found)
        if known:
            self._writer.add_at_once(known)
        for change in known:
            self._tally.known(change, contents.failure_of(change))
        return unknown

    def _take(self, item: Piece | End) -> None:
        """Collect a piece, and encode when there are enough; or note a file's end."""
        modality = item.stamp.modality
        if isinstance(item, Piece):
            self._collected[modality].append(item)
            if len(self._collected[modality]) >= _BATCHES_COLLECTED * self._encoder.get().batch_size:
                self._encode(modality)
        elif item.known is not None:
            self._add_known(item.known)
        else:
            if item.failure:  # in the middle of the file: what came before is worth nothing
                self._collected[modality] = [piece for piece in self._collected[modality] if piece.stamp != item.stamp]
            self._open.setdefault(item.stamp.path, _OpenFile()).end = item
            self._close_if_complete(item.stamp.path)
        self._writer.commit_if_due()

    def _add_known(self, known: KnownContent) -> None:
        """Write a file that needs no embedding; if one with its content is being embedded, after that one."""
        if self._contents.is_embedding(known.source):
            self._waiting[known.source].append(known)
        else:
            self._writer.add(known)
            self._tally.known(known, self._contents.failure_of(known))

    def _encode(self, modality: Modality) -> None:
        pieces, self._collected[modality] = self._collected[modality], []
        if modality is Modality.AUDIO:
            pieces.sort(key=lambda piece: np.shape(piece.content))
        batch_size = self._encoder.get().batch_size if pieces else 1
        for start in range(0, len(pieces), batch_size):
            if self._cancel.cancelled:
                return
            batch = pieces[start : start + batch_size]
            for piece, vector in zip(batch, self._vectors(batch, modality), strict=True):
                path = piece.stamp.path
                window = WindowVector(vector, piece.start_s, piece.end_s)
                self._open.setdefault(path, _OpenFile()).windows[piece.position] = window
                self._close_if_complete(path)
            self._writer.commit_if_due()

    def _vectors(self, pieces: list[Piece], modality: Modality) -> FloatArray:
        encoder = self._encoder.get()
        contents = [piece.content for piece in pieces]
        match modality:
            case Modality.AUDIO:
                return encoder.encode_audio(contents)
            case Modality.IMAGE:
                return encoder.encode_images(contents)
            case Modality.TEXT:
                return encoder.encode_texts(contents)

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
        file_id = new_file_id() if end.file_id is None else end.file_id
        record = FileRecord(
            end.stamp,
            content_hash=end.content_hash,
            duration_s=end.duration_s,
            windows=windows,
            failure=end.failure,
            metadata=end.metadata,
            file_id=file_id,
        )
        self._writer.add(record)
        self._tally.finished(path, windows=len(windows), failure=end.failure)
        self._contents.finished(file_id, end.failure)
        for known in self._waiting.pop(file_id, ()):
            self._add_known(known)
