"""Work for other machines: files in blocks, and what one worker does with a block. Knows nothing of any engine."""

from __future__ import annotations

import math
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from audioclip_search.errors import MediaError, ModelMismatchError
from audioclip_search.indexer.decoding import Decoders
from audioclip_search.indexer.execution import _Assembly
from audioclip_search.storage.fragments import FragmentTarget, WrittenFiles, write_fragments
from audioclip_search.types import CancelToken, FileRecord, FileStamp, ModelIdentity

if TYPE_CHECKING:
    from audioclip_search.encoder import Encoder  # loads torch

# What is lost with a worker is one block, and a block's vectors are in memory together: few files and few bytes. Each
# becomes a file of vectors: many files, in a large job.
_MOST_FILES = 256
_MOST_BYTES = 1024**3
_BLOCKS_PER_WORKER = 8


@dataclass(frozen=True, slots=True)
class Job:
    """What every worker has to know. Can be pickled.

    Attributes:
        root: The folder, by a path that means the same on every machine.
        target: Where the vectors go.
        model: A registered name or a path, on the worker's machine.
        device: `auto`, or a device as torch names it.
        identity: Whose vectors the index takes.
    """

    root: Path
    target: FragmentTarget
    model: str
    device: str
    identity: ModelIdentity


@dataclass(frozen=True, slots=True)
class EmbeddedBlock:
    """A block whose vectors are written. Of the files in it, `vanished` ones were gone before they were read."""

    written: WrittenFiles
    vanished: tuple[str, ...]


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


class BlockEmbedder:
    """What a worker is: it opens the model once, with its first block."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._encoder: Encoder | None = None

    def embed(self, stamps: Sequence[FileStamp]) -> EmbeddedBlock:
        """Decode and embed some files and write their vectors, which are not visible yet. A file that can't be embedded
        becomes a failed one, as in a sync without workers.

        Raises:
            MediaError: The folder is not there on this machine, or empty.
            ModelError: The model can't be loaded or used.
            ModelMismatchError: This machine has another model by that name.
            StorageError: The index can't be reached or written from this machine.
        """
        self._require_root()
        collected = _Collected()
        encoder, cancel = self._open(), CancelToken()
        with Decoders(stamps, root=self._job.root, encoder=encoder, cancel=cancel) as decoders:
            # It is all that an assembly asks of the writer and of the tally.
            assembly = _Assembly(encoder, cast(Any, collected), cast(Any, collected), cancel)
            for item in decoders:
                assembly.take(item)
            assembly.encode_all()
        return EmbeddedBlock(write_fragments(self._job.target, collected.records), tuple(collected.paths_vanished))

    def _require_root(self) -> None:
        """An empty mount point must not look like a folder whose files have vanished."""
        root = self._job.root
        try:
            found = next(root.iterdir(), None)
        except OSError as error:
            raise self._no_root(error.strerror or str(error)) from error
        if found is None:
            raise self._no_root("the folder is empty")

    def _no_root(self, reason: str) -> MediaError:
        return MediaError(
            f"can't be read on the worker {platform.node()}: {reason}",
            path=self._job.root,
            remedy="Every worker needs the folder, and the index, under the same path: a shared drive",
        )

    def _open(self) -> Encoder:
        from audioclip_search.encoder import open_encoder

        if self._encoder is None:
            encoder = open_encoder(self._job.model, device=self._job.device)
            if (encoder.identity, encoder.dim) != (self._job.identity, self._job.target.dim):
                raise ModelMismatchError(
                    f"the worker {platform.node()} has another model called {self._job.model} than the index is of",
                    remedy="Install the same model on every machine that takes part",
                )
            self._encoder = encoder
        return self._encoder


@dataclass(frozen=True, slots=True)
class _Collected:
    """Takes finished files where a sync without workers has its writer and its tally."""

    records: list[FileRecord] = field(default_factory=list)
    paths_vanished: list[str] = field(default_factory=list)

    def add(self, record: FileRecord) -> None:
        self.records.append(record)

    def commit_if_due(self) -> None:
        """Never: a block is written as a whole."""

    def finished(self, record: FileRecord) -> None:
        """Told in the block's outcome."""

    def vanished(self, path: str) -> None:
        self.paths_vanished.append(path)
