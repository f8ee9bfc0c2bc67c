"""What the window is told of the open library and of how far its indexing is."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePath

from audioclip_search import ScanRules, SyncStage


@dataclass(frozen=True, slots=True)
class Options:
    """How to open a library; see `audioclip_search.Library`.

    Attributes:
        device: `auto`, `cpu`, `cuda`, `mps`.
        precision: `auto`, `float32`, `bfloat16`.
        threads: Of the model; 0 for what the machine has.
        memory_budget_bytes: The most that vectors may take in memory.
    """

    device: str = "auto"
    precision: str = "auto"
    threads: int = 0
    memory_budget_bytes: int = 2 << 30


@dataclass(frozen=True, slots=True)
class FolderState:
    """A folder of the library.

    Attributes:
        path: Absolute.
        files: How many of the library's files are in it; None while that is unknown.
        connected: Whether it can be reached now.
        removable: Whether it can be taken out; a library's own root can't.
    """

    path: str
    files: int | None = None
    connected: bool = True
    removable: bool = True

    @property
    def name(self) -> str:
        """The folder's own name."""
        return PurePath(self.path).name or self.path


@dataclass(frozen=True, slots=True)
class LibraryState:
    """The open library.

    Attributes:
        root: Where it is.
        folders: Where its files are; the app's own empty root is not among them.
        indexed: Whether the index knows any file.
        audio: How many sounds can be found. Likewise the next two.
        image: Pictures.
        text: Texts.
        failed: How many files can't be found by what they are.
        offline: How many files are in places that can't be reached.
        bytes: Of the index on disk.
        model: Whose vectors those are; empty before there are any.
        rules: What belongs to the library.
    """

    root: str
    folders: tuple[FolderState, ...] = ()
    indexed: bool = False
    audio: int = 0
    image: int = 0
    text: int = 0
    failed: int = 0
    offline: int = 0
    bytes: int = 0
    model: str = ""
    rules: ScanRules = field(default_factory=ScanRules)

    @property
    def files(self) -> int:
        """How many files can be found."""
        return self.audio + self.image + self.text

    @property
    def missing(self) -> tuple[FolderState, ...]:
        """The folders that can't be reached."""
        return tuple(folder for folder in self.folders if not folder.connected)


class Phase(StrEnum):
    """What indexing is doing."""

    IDLE = "idle"
    RUNNING = "running"
    PAUSING = "pausing"
    PAUSED = "paused"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class IndexingState:
    """How far indexing is.

    Attributes:
        phase: Whether it runs.
        stage: What it does, or did last.
        done: Files of this stage.
        total: Of how many; 0 while that is unknown.
        rate_per_s: Files a second, smoothed; 0 while unknown.
        left_s: Seconds left in this stage; None while unknown.
        path: The last file, relative to the root or absolute.
        failed: Files of this run that could not be read.
        generation: Another number whenever there are new rows worth showing.
    """

    phase: Phase = Phase.IDLE
    stage: SyncStage = SyncStage.DONE
    done: int = 0
    total: int = 0
    rate_per_s: float = 0.0
    left_s: float | None = None
    path: str = ""
    failed: int = 0
    generation: int = 0


@dataclass(frozen=True, slots=True)
class FailedFile:
    """A file that could not be read, and why."""

    path: str
    reason: str
