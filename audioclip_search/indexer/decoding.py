"""The first stage: files to content hashes and, where the content is not known, to pieces that the encoder takes; by a
few threads."""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Self, TypeAlias

from audioclip_search.errors import AudioCLIPSearchError, MediaError
from audioclip_search.indexer.contents import Known
from audioclip_search.media import (
    content_hash,
    iter_segments,
    load_image,
    load_metadata,
    load_text,
    open_source,
    read_and_hash,
)
from audioclip_search.types import CancelToken, FileStamp, KnownContent, Metadata, Modality

if TYPE_CHECKING:
    from audioclip_search.encoder import Encoder  # loads torch

logger = logging.getLogger(__name__)

MOST_THREADS = 4
_BATCHES_QUEUED = 2
_ENDS_QUEUED = 1_000
# How often a thread that waits looks whether it should stop. On Windows it is also how soon Ctrl-C is noticed.
_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Piece:
    """What becomes one vector.

    Attributes:
        stamp: The file it is from.
        position: Its number within the file, from 0.
        content: What the encoder takes for the modality: a window of a sound, a prepared picture (both arrays) or a
            text (a string).
        start_s: Of a window, seconds from the file's beginning.
        end_s: Likewise.
    """

    stamp: FileStamp
    position: int
    content: Any
    start_s: float = 0.0
    end_s: float = 0.0


@dataclass(frozen=True, slots=True)
class End:
    """A file has been read: it had `pieces`, or its content is `known`, or else there is a `failure`, or it has
    `vanished` before it was read. A failure with a `content_hash` is that content's; without one, another try may
    succeed. `file_id` is what the index is to call it, None for any."""

    stamp: FileStamp
    content_hash: str = ""
    pieces: int = 0
    duration_s: float = 0.0
    metadata: Metadata | None = None
    failure: str = ""
    vanished: bool = False
    known: KnownContent | None = None
    file_id: int | None = None


_Item: TypeAlias = Piece | End | None  # None: a thread is done


class LazyEncoder:
    """The encoder, opened by whichever thread needs it first, once."""

    def __init__(self, open_encoder: Callable[[], Encoder]) -> None:
        self._open = open_encoder
        self._encoder: Encoder | None = None
        self._error: AudioCLIPSearchError | None = None
        self._opening = threading.Lock()

    def get(self) -> Encoder:
        """The encoder. What opening it raises, it raises in every thread, without trying again a model that failed."""
        with self._opening:
            if self._error is not None:
                raise self._error
            if self._encoder is None:
                try:
                    self._encoder = self._open()
                except AudioCLIPSearchError as error:
                    self._error = error
                    raise
            return self._encoder


class Decoders:
    """Threads that decode files. Iterate over it for pieces and ends, those of one file in order, those of different
    files mixed; it holds a few batches at most. A context manager: leaving it stops the threads and waits for them.

    Args:
        stamps: The files, in the order to take them.
        root: What their paths are relative to.
        encoder: Says how it wants sounds and pictures; not opened if all content is known.
        contents: What is known.
        cancel: Stops the decoding; the iteration then ends early, in the middle of files.
    """

    def __init__(
        self, stamps: Sequence[FileStamp], *, root: Path, encoder: LazyEncoder, contents: Known, cancel: CancelToken
    ) -> None:
        self._waiting = deque(stamps)
        self._root = root
        self._encoder = encoder
        self._contents = contents
        self._cancel = cancel
        self._abandoned = threading.Event()
        self._queue: queue.Queue[_Item] = queue.Queue(_ENDS_QUEUED)
        self._pieces_queued = 0
        self._threads = min(MOST_THREADS, os.cpu_count() or 1, len(stamps))
        self._executor = ThreadPoolExecutor(max(self._threads, 1), thread_name_prefix="audioclip-search-decoder")
        self._futures: list[Future[None]] = []
        self._room = threading.Condition()

    def __enter__(self) -> Self:
        self._futures = [self._executor.submit(self._work) for _ in range(self._threads)]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._abandoned.set()
        self._executor.shutdown()

    def __iter__(self) -> Iterator[Piece | End]:
        running = self._threads
        while running:
            try:
                item = self._queue.get(timeout=_POLL_S)
            except queue.Empty:
                continue
            if item is None:
                running -= 1
                continue
            if isinstance(item, Piece):
                with self._room:
                    self._pieces_queued -= 1
                    self._room.notify()
            yield item
        for future in self._futures:
            future.result()  # a bug in the thread itself is not lost, nor a model that can't be opened

    def _work(self) -> None:
        try:
            while self._waiting and self._wanted():
                try:
                    stamp = self._waiting.popleft()
                except IndexError:  # another thread took the last one
                    return
                self._decode(stamp)
        finally:
            self._put(None)

    def _wanted(self) -> bool:
        return not (self._abandoned.is_set() or self._cancel.cancelled)

    def _decode(self, stamp: FileStamp) -> None:
        digest, pieces, duration_s, file_id = "", 0, 0.0, None
        try:
            with open_source(self._root / stamp.path) as opened:
                digest, file = read_and_hash(opened)
                source = self._contents.source_of(stamp, digest)
                if source is None:  # to be decided when all files have been read
                    return
                if isinstance(source, KnownContent):
                    self._put(End(stamp, digest, known=source))
                    return
                file_id = source
                metadata = load_metadata(file, stamp.modality)
                for piece in self._pieces(stamp, file):
                    if not self._put_piece(piece):
                        return
                    pieces, duration_s = pieces + 1, piece.end_s
            end = End(stamp, digest, pieces, duration_s, metadata, file_id=file_id)
        except MediaError as error:
            missing = isinstance(error.__cause__, FileNotFoundError | NotADirectoryError)
            vanished = missing and not digest
            # Without a hash, the next sync tries again: what a disk did says nothing about the file.
            verdict = "" if _disk_failed(error) else digest
            end = End(stamp, verdict, failure=error.reason, vanished=vanished, file_id=file_id)
        except AudioCLIPSearchError:
            raise  # the model or the index: concerns all files
        except Exception as error:  # a bug of ours, or of a decoder: no reason to give up on all other files
            logger.exception("%s could not be decoded", stamp.path)
            end = End(stamp, failure=f"internal error: {type(error).__name__}: {error}", file_id=file_id)
        self._put(end)

    def _pieces(self, stamp: FileStamp, file: BinaryIO) -> Iterator[Piece]:
        encoder = self._encoder.get()
        match stamp.modality:
            case Modality.AUDIO:
                for position, segment in enumerate(iter_segments(file, encoder.audio_format)):
                    yield Piece(stamp, position, segment.samples, segment.start_s, segment.end_s)
            case Modality.IMAGE:
                yield Piece(stamp, 0, encoder.prepare_image(load_image(file)))
            case Modality.TEXT:
                yield Piece(stamp, 0, load_text(file))

    def _put_piece(self, piece: Piece) -> bool:
        """Queue a piece when there is room; False if nobody wants it any more."""
        limit = _BATCHES_QUEUED * self._encoder.get().batch_size
        with self._room:
            while self._wanted():
                if self._pieces_queued < limit:
                    self._pieces_queued += 1
                    break
                self._room.wait(_POLL_S)
        if not self._wanted():
            return False
        self._put(piece)
        return True

    def _put(self, item: _Item) -> None:
        while not self._abandoned.is_set():
            try:
                self._queue.put(item, timeout=_POLL_S)
            except queue.Full:
                continue
            return


def hash_files(stamps: Sequence[FileStamp], *, root: Path, cancel: CancelToken) -> Iterator[tuple[FileStamp, str]]:
    """The content hashes of files, read by a few threads; an empty one for a file that can't be read."""

    def digest_of(stamp: FileStamp) -> str:
        if cancel.cancelled:
            return ""
        try:
            return content_hash(root / stamp.path)
        except MediaError:  # whoever reads it to embed it says why
            return ""

    executor = ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="audioclip-search-hasher")
    try:
        yield from zip(stamps, executor.map(digest_of, stamps), strict=True)
    finally:
        executor.shutdown(cancel_futures=True)


def _disk_failed(error: MediaError) -> bool:
    """Whether the system is behind an error. What Pillow and FFmpeg raise for bad content may be an `OSError` too, but
    has no number or is of a type of theirs."""
    cause = error.__cause__
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno is not None and type(cause).__module__ == "builtins":
            return True
        cause = cause.__cause__
    return False
