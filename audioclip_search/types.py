"""Frozen records that travel between the layers. No behaviour beyond what their fields imply."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


class Modality(StrEnum):
    """What a file is to the model."""

    AUDIO = "audio"
    IMAGE = "image"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class FileStamp:
    """A media file as the scan found it.

    Attributes:
        path: Relative to the root, with forward slashes.
        modality: Decided by the file's extension.
        size: Bytes.
        mtime_ns: Last modification, nanoseconds since the epoch.
    """

    path: str
    modality: Modality
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class ScanRules:
    """Which files of a folder belong to the library.

    Attributes:
        ignore: gitignore patterns, as if they were in an `.audioclipignore` above the folder's own: that one and those
            of deeper folders win.
        hidden: Whether files and folders with a leading dot do.
        max_bytes: Larger files don't; None: files of any size do.
        one_file_system: Whether folders on other file systems than the folder they are in don't.
    """

    ignore: tuple[str, ...] = ()
    hidden: bool = False
    max_bytes: int | None = None
    one_file_system: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """One window of a sound.

    Attributes:
        samples: float32 `(channels, samples)` in [-1, 1] at the rate that was asked for.
        start_s: Seconds from the file's beginning.
        end_s: Seconds; `end_s - start_s` is the window's true length, before any padding.
    """

    samples: FloatArray
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """What a model wants to hear.

    Attributes:
        rate_hz: Samples per second.
        channels: The most channels it takes: 1 (everything is mixed down) or 2.
        window_s: Length of one window in seconds; longer sounds are cut into several.
        hop_s: Seconds from one window's start to the next one's.
    """

    rate_hz: int = 44_100
    channels: int = 2
    window_s: float = 5.0
    hop_s: float = 2.5


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Who wrote a vector: vectors of different identities are never compared.

    Attributes:
        name: The registry's name, or the folder's for a model given as a path.
        weights_hash: SHA-256 of the weights file, hexadecimal.
        preprocessing_version: Raised whenever what happens before the network changes.
    """

    name: str
    weights_hash: str
    preprocessing_version: int


@dataclass(frozen=True, slots=True)
class WindowVector:
    """One row of the index: a unit-norm float32 `(dim,)` vector and the span it stands for, in seconds (0, 0 for a
    picture or text)."""

    vector: FloatArray
    start_s: float = 0.0
    end_s: float = 0.0


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file as the index stores it: embedded (`windows` filled, `failure` empty) or failed (the other way round).

    Attributes:
        stamp: The file as scanned before it was read.
        content_hash: xxHash-128 of its bytes, hexadecimal; empty if it failed for another reason than its content.
        duration_s: Of a sound, seconds; 0 otherwise.
        windows: Its vectors, in order of time.
        failure: Why it could not be embedded.
    """

    stamp: FileStamp
    content_hash: str = ""
    duration_s: float = 0.0
    windows: tuple[WindowVector, ...] = ()
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A file near a query vector: its best window. `score` is the cosine, `path` is relative to the root."""

    path: str
    modality: Modality
    start_s: float
    end_s: float
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer of a query.

    Attributes:
        path: Absolute path of the file.
        modality: What kind of file it is.
        score: Cosine between the query and the file's best window, in [-1, 1].
        start_s: Where that window starts, seconds; 0 for pictures and texts.
        end_s: Where it ends, seconds; 0 for pictures and texts.
    """

    path: Path
    modality: Modality
    score: float
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that is in the library but not in the index, and why. `path` is relative to the root."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did, in files (`windows`: vectors written; `duration_s`: seconds it took).

    `failures` are those met in this run; failures recorded by earlier runs, of files unchanged since, count as
    `unchanged`.
    """

    added: int = 0
    updated: int = 0
    removed: int = 0
    unchanged: int = 0
    windows: int = 0
    failures: tuple[Failure, ...] = ()
    duration_s: float = 0.0
    cancelled: bool = False


class SyncStage(StrEnum):
    """Where a sync is."""

    SCAN = "scan"
    EMBED = "embed"
    REMOVE = "remove"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """A sync's progress: files `done` of `total` (0 while unknown) in `stage`, the last file's relative path."""

    stage: SyncStage
    done: int
    total: int
    path: str = ""
    failed: int = 0


OnProgress = Callable[[SyncProgress], None]


@dataclass(frozen=True, slots=True)
class CancelToken:
    """Asks long work to stop: call `cancel()` from any thread; the work keeps what it finished and returns."""

    _event: threading.Event = field(default_factory=threading.Event)

    def cancel(self) -> None:
        """Ask the work to stop; returns at once."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._event.is_set()


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """What an index holds. Counts are files per modality, `windows` vectors of `dim` float32; `bytes` on disk."""

    location: str
    model: ModelIdentity | None
    dim: int
    schema_version: int
    audio: int
    image: int
    text: int
    failed: int
    windows: int
    bytes: int
