"""Work for other machines: files in blocks, and what one worker does with a block. Knows nothing of any engine."""

from __future__ import annotations

import math
import platform
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from audioclip_search.errors import ModelMismatchError
from audioclip_search.indexer.decoding import LazyEncoder
from audioclip_search.indexer.execution import Assembly
from audioclip_search.storage import Content
from audioclip_search.storage.fragments import FragmentTarget, WrittenFiles, write_fragments
from audioclip_search.types import CancelToken, FileRecord, FileStamp, KnownContent, new_file_id

if TYPE_CHECKING:
    from audioclip_search.encoder import Encoder  # loads torch

# What is lost with a worker is one block, and a block's vectors are in memory together: few files and few bytes. Each
# becomes a file of vectors: many files, in a large job.
_MOST_FILES = 256
_MOST_BYTES = 1024**3
_BLOCKS_PER_WORKER = 8

Digests: TypeAlias = NDArray[np.bytes_]
"""Contents as one sorted array, which all workers of a machine can share."""
# A content hash and the longest modality. Of one width, or NumPy would copy the array for each look into it.
_DIGEST = "S40"


@dataclass(frozen=True, slots=True)
class Job:
    """What every worker has to know. Can be pickled.

    Attributes:
        root: What paths are relative to; it means the same on every machine.
        target: Where the vectors go.
        model: A registered name or a path, on the worker's machine.
        device: `auto`, or a device as torch names it.
    """

    root: Path
    target: FragmentTarget
    model: str
    device: str


@dataclass(frozen=True, slots=True)
class EmbeddedBlock:
    """What a worker has done with a block. Can be pickled.

    Attributes:
        worker: The machine's name.
        written: Files whose vectors are written, and those that failed.
        known: Files that were only hashed, because the index knows their content; with the hash.
        vanished: Files that the worker did not find.
    """

    worker: str
    written: WrittenFiles
    known: tuple[tuple[FileStamp, str], ...] = ()
    vanished: tuple[str, ...] = ()


def cut(stamps: Sequence[FileStamp], *, workers: int) -> list[tuple[FileStamp, ...]]:
    """Files in blocks, in their order: enough blocks for so many workers to be done at about the same time, and none
    larger than a worker can hold or than it would be a pity to lose."""
    most_files = min(math.ceil(len(stamps) / (workers * _BLOCKS_PER_WORKER)), _MOST_FILES)
    blocks: list[tuple[FileStamp, ...]] = []
    block: list[FileStamp] = []
    size = 0
    for stamp in stamps:
        if block and (len(block) >= most_files or size + stamp.size > _MOST_BYTES):
            blocks.append(tuple(block))
            block, size = [], 0
        block.append(stamp)
        size += stamp.size
    return [*blocks, tuple(block)] if block else blocks


def digests_of(contents: Iterable[Content]) -> Digests:
    """The contents as `BlockEmbedder` takes them."""
    return np.sort(np.array([_as_bytes(content) for content in contents], _DIGEST))


class BlockEmbedder:
    """What a worker is: it opens the model once, when it first meets something to embed.

    Args:
        job: What to do.
        known: Contents that need no embedding.
    """

    def __init__(self, job: Job, known: Digests) -> None:
        self._job = job
        self._known = known
        self._encoder = LazyEncoder(self._open)

    def embed(self, stamps: Sequence[FileStamp]) -> EmbeddedBlock:
        """Hash some files, decode and embed those whose content is not known, and write their vectors, which are not
        visible yet. A file that can't be embedded becomes a failed one, as in a sync without workers.

        Raises:
            ModelError: The model can't be loaded or used.
            ModelMismatchError: This machine has another model by that name.
            StorageError: The index can't be reached or written from this machine.
        """
        results = _Results(self._is_known)
        # These are all that embedding asks of a writer and of a tally.
        stand_in = cast(Any, results)
        Assembly(self._encoder, stand_in, stand_in, results.contents, root=self._job.root, cancel=CancelToken()).embed(
            stamps
        )
        return EmbeddedBlock(
            platform.node(),
            write_fragments(self._job.target, results.records),
            tuple(results.contents.met),
            tuple(results.paths_vanished),
        )

    def _is_known(self, content: Content) -> bool:
        wanted = np.array(_as_bytes(content), _DIGEST)
        place = int(np.searchsorted(self._known, wanted))
        return place < len(self._known) and bool(self._known[place] == wanted)

    def _open(self) -> Encoder:
        from audioclip_search.encoder import open_encoder

        encoder, header = open_encoder(self._job.model, device=self._job.device), self._job.target.header
        if (encoder.identity, encoder.dim) != (header.identity, header.dim):
            raise ModelMismatchError(
                f"the worker {platform.node()} has another model called {self._job.model} than the index is of",
                remedy="Install the same model on every machine that takes part",
            )
        return encoder


def _as_bytes(content: Content) -> bytes:
    modality, content_hash = content
    return f"{content_hash}{modality}".encode()


class _KnownHere:
    """Stands in for `Contents`: a worker knows what is known, but not which file it is from."""

    def __init__(self, is_known: Callable[[Content], bool]) -> None:
        self._is_known = is_known
        self.met: list[tuple[FileStamp, str]] = []

    def source_of(self, stamp: FileStamp, digest: str) -> KnownContent | int:
        if not self._is_known((stamp.modality.value, digest)):
            return new_file_id()
        self.met.append((stamp, digest))
        return KnownContent(stamp, source=0, moved=False)

    def decide(self) -> list[KnownContent]:
        """Nothing: which file is which can be told only where the hashes of all of them are."""
        return []

    def is_embedding(self, _file_id: int) -> bool:
        return False

    def failure_of(self, _known: KnownContent) -> str:
        return ""

    def finished(self, _file_id: int, _failure: str) -> None:
        """Nobody here waits for it."""


@dataclass(slots=True)
class _Results:
    """Takes finished files where a sync without workers has its writer and its tally."""

    is_known: Callable[[Content], bool]
    records: list[FileRecord] = field(default_factory=list)
    paths_vanished: list[str] = field(default_factory=list)
    contents: _KnownHere = field(init=False)

    def __post_init__(self) -> None:
        self.contents = _KnownHere(self.is_known)

    def add(self, change: FileRecord | KnownContent) -> None:
        if isinstance(change, FileRecord):
            self.records.append(change)

    def commit_if_due(self) -> None:
        """Never: a block is written as a whole."""

    def finished(self, _path: str, *, windows: int, failure: str) -> None:
        """Told by the block's outcomes."""

    def known(self, _known: KnownContent, _failure: str) -> None:
        """Told by the block."""

    def vanished(self, path: str) -> None:
        self.paths_vanished.append(path)
