"""Frozen records that travel between the layers. No behaviour beyond what their fields imply."""

from __future__ import annotations

import secrets
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
class Marker:
    """A place in a sound that its file has a name for. A point ends where it starts; times are seconds."""

    start_s: float
    end_s: float
    label: str


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a file says of itself.

    Attributes:
        rate_hz: Of a sound, samples per second; 0 for other files, or if it does not say. So are the following.
        channels: Of a sound.
        bits: Of a sound, each sample's; 0 if it is compressed with a loss.
        width: Of a picture, pixels, the right way up.
        height: Of a picture, pixels, the right way up.
        fields: Pairs of a name in lower case, the same for all formats (`title`, `artist`, `description`, `keywords`,
            …), and a text. A name may come several times.
        markers: Of a sound, in order of time.
    """

    rate_hz: int = 0
    channels: int = 0
    bits: int = 0
    width: int = 0
    height: int = 0
    fields: tuple[tuple[str, str], ...] = ()
    markers: tuple[Marker, ...] = ()


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


class TagState(StrEnum):
    """What a person said of a tag that was given automatically."""

    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class AutoTag:
    """A tag given by a model.

    Attributes:
        label: The tag.
        probability: How sure the model is, in [0, 1].
        state: Whether a person confirmed or rejected it.
        model: Which model.
        time_ns: When, nanoseconds since the epoch.
    """

    label: str
    probability: float
    state: TagState = TagState.SUGGESTED
    model: str = ""
    time_ns: int = 0


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


def new_file_id() -> int:
    """A random 63-bit id: unique without asking anybody, whichever process or machine writes."""
    return secrets.randbits(63)


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file as the index is to store it: embedded (`windows` filled, `failure` empty) or failed (the other way round).
    If its path is known, its tags and rating stay.

    Attributes:
        stamp: The file as scanned before it was read.
        content_hash: xxHash-128 of its bytes, hexadecimal; empty if it failed for another reason than its content.
        duration_s: Of a sound, seconds; 0 otherwise.
        windows: Its vectors, in order of time.
        failure: Why it could not be embedded.
        metadata: What it says of itself; None if that was not read.
        file_id: What the index is to call it; never used twice.
    """

    stamp: FileStamp
    content_hash: str = ""
    duration_s: float = 0.0
    windows: tuple[WindowVector, ...] = ()
    failure: str = ""
    metadata: Metadata | None = None
    file_id: int = field(default_factory=new_file_id, compare=False)


@dataclass(frozen=True, slots=True)
class KnownContent:
    """A file whose content the index has already, as that of the file `source`: nothing needs embedding.

    Attributes:
        stamp: The file as scanned.
        source: `file_id` of the file that has the content.
        moved: Whether the source itself is now here: moved, renamed or merely touched. Otherwise this is a copy, which
            starts with the source's tags and rating, or keeps those that its path has.
        replaces: Whether a copy gets the source's tags and rating even so, because another content is at the source's
            path now: the files took each other's places.
    """

    stamp: FileStamp
    source: int
    moved: bool
    replaces: bool = False


class VectorType(StrEnum):
    """How vectors are stored."""

    FLOAT32 = "float32"
    FLOAT16 = "float16"


class Precision(StrEnum):
    """How exactly a model computes. Vectors of both precisions are of one space, and hardly differ."""

    AUTO = "auto"
    FLOAT32 = "float32"
    BFLOAT16 = "bfloat16"


@dataclass(frozen=True, slots=True)
class RayEngine:
    """A Ray cluster that is to do the work of a sync. Needs the extra `ray`.

    Attributes:
        address: `host:port` of a cluster, or `auto` for the one this machine is part of. None takes the environment
            variable RAY_ADDRESS, or else starts a cluster of this machine alone and stops it at the end. A connection
            that this process already has is used whatever the address, and left open.
        workers: How many, one model each; None for one a GPU, or one a machine if there are no GPUs.
    """

    address: str | None = None
    workers: int | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """Where a library's files are, as its index remembers it.

    Attributes:
        root: The library's own folder, absolute, or relative to the index's (so that both can move together); empty
            until a sync has told.
        folders: Its other folders, absolute, with forward slashes. Paths of files there are absolute too.
        mounts: Folders that were seen to be on another file system than the one above; named like files.
        rules: What of all that belongs to the library.
    """

    root: str = ""
    folders: tuple[str, ...] = ()
    mounts: tuple[str, ...] = ()
    rules: ScanRules = field(default_factory=ScanRules)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A file near a query vector: its best window. `score` is the cosine, `path` is as in the index."""

    path: str
    modality: Modality
    start_s: float
    end_s: float
    score: float
    tags: tuple[str, ...] = ()
    rating: int = 0


@dataclass(frozen=True, slots=True)
class LibraryFile:
    """A file that a library knows.

    Attributes:
        path: Absolute path of the file.
        modality: What kind of file it is.
        size: Bytes, when it was last read.
        mtime_ns: Last modification then, nanoseconds since the epoch.
        duration_s: Of a sound, seconds; 0 otherwise.
        content_hash: xxHash-128 of its bytes, hexadecimal; empty if it could not be read.
        failure: Why it can't be found by a query; empty if it can.
        tags: The user's own tags.
        rating: The user's, 1 to 5; 0 for none.
        offline: Whether the folder of the library that it is in can't be reached now.
        metadata: What it says of itself.
    """

    path: Path
    modality: Modality
    size: int
    mtime_ns: int
    duration_s: float
    content_hash: str
    failure: str
    tags: tuple[str, ...]
    rating: int
    offline: bool
    metadata: Metadata = field(default_factory=Metadata)


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that is in the library but not in the index, and why. `path` is relative to the root."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did.

    Attributes:
        added: New files that were embedded.
        updated: Known files whose content is another one now.
        moved: Files that are at another place now; they keep their vectors, tags and rating.
        copied: New files with the content of known ones, whose vectors they share.
        touched: Files with another time or size but the same content.
        removed: Files that are gone, and forgotten.
        unchanged: Files as they were, embedded or failed. Failures of earlier runs count here.
        offline: Files in places that can't be reached now, a drive that is unplugged say; they are kept.
        windows: Vectors made.
        failures: Those met in this run.
        duration_s: Seconds it took.
        cancelled: Whether it was stopped before its end.
    """

    added: int = 0
    updated: int = 0
    moved: int = 0
    copied: int = 0
    touched: int = 0
    removed: int = 0
    unchanged: int = 0
    offline: int = 0
    windows: int = 0
    failures: tuple[Failure, ...] = ()
    duration_s: float = 0.0
    cancelled: bool = False

    @property
    def did_something(self) -> bool:
        """Whether the index changed."""
        changed = self.added + self.updated + self.moved + self.copied + self.touched + self.removed
        return bool(changed or self.failures)


class SyncStage(StrEnum):
    """Where a sync, or the search for duplicates, is."""

    WAIT = "wait"
    SCAN = "scan"
    EMBED = "embed"
    REMOVE = "remove"
    DESCRIBE = "describe"
    OPTIMIZE = "optimize"
    EXAMINE = "examine"
    COMPARE = "compare"
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
    """What an index holds.

    Attributes:
        location: Its folder, or its URI.
        model: Who wrote the vectors.
        dim: Length of a vector.
        schema_version: Of the tables.
        audio: Sounds that can be found.
        image: Pictures that can be found.
        text: Texts that can be found.
        failed: Files that can't, because they could not be embedded.
        windows: How many vectors there are.
        bytes: All of it, on disk.
        vectors: How vectors are stored.
        indexed: How many of the vectors are in an index of vectors, as those are that don't fit into memory.
        folders: The library's, absolute, the root first.
        offline: How many files are in folders that can't be reached now.
    """

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
    vectors: VectorType = VectorType.FLOAT32
    indexed: int = 0
    folders: tuple[Path, ...] = ()
    offline: int = 0


class ExportFormat(StrEnum):
    """What `Library.export_to` writes; also the files' suffix."""

    PARQUET = "parquet"
    ARROW = "arrow"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What `Library.import_from` did, in files: `added` to the index, `annotated` with tags or a rating they had not
    had, and `known` before."""

    added: int
    annotated: int
    known: int


@dataclass(frozen=True, slots=True)
class IndexHealth:
    """How an index stands to itself and to the disk.

    Attributes:
        damaged: Files whose vectors are missing or bad.
        strays: Vectors of no file, left by interrupted writes.
        new: Files on the disk that the index does not know.
        changed: Files that changed since they were read.
        gone: Files of the index that are not on the disk.
        offline: Files in places that can't be reached now.
        failed: Files that could not be embedded.
        mended: Whether what was wrong has been put right.
    """

    damaged: tuple[Path, ...]
    strays: int
    new: int
    changed: int
    gone: int
    offline: int
    failed: int
    mended: bool = False

    @property
    def whole(self) -> bool:
        """Whether all that the index holds is right, up to date or not."""
        return not self.damaged and not self.strays

    @property
    def up_to_date(self) -> bool:
        """Whether a sync would change nothing."""
        return not (self.new or self.changed or self.gone)
