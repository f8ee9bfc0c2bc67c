"""Records of what is done to many files at once: progress and reports of tagging, and what can be undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from audioclip_search.types import AutoTag, Failure


class TagStage(StrEnum):
    """Where tagging is."""

    LABELS = "labels"
    LEARN = "learn"
    TAG = "tag"
    WRITE = "write"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class TagProgress:
    """Tagging's progress: prompts, windows or files `done` of `total` in `stage`."""

    stage: TagStage
    done: int
    total: int


OnTagProgress = Callable[[TagProgress], None]


@dataclass(frozen=True, slots=True)
class TaggedFile:
    """A file and its tags, the likeliest first."""

    path: Path
    tags: tuple[AutoTag, ...]


@dataclass(frozen=True, slots=True)
class TagReport:
    """What tagging did, or would do.

    Attributes:
        files: How many were judged.
        tagged: Those that got tags, by path; tags on which a person has decided before are left out.
        counts: How many files each label was suggested for, in the order of the labels.
        unlabelled: How many files have none of the labels.
        alike: Labels that the model can't tell apart in this library: a window gets the best of them only.
        threshold: The least probability of a tag.
        model: The model's name.
        dry_run: Whether nothing was kept.
        cancelled: Whether it was stopped before its end; then nothing was kept.
    """

    files: int = 0
    tagged: tuple[TaggedFile, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    unlabelled: int = 0
    alike: tuple[tuple[str, ...], ...] = ()
    threshold: float = 0.5
    model: str = ""
    dry_run: bool = False
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file and the keywords that were added to its metadata."""

    path: Path
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WriteReport:
    """What writing tags into files did, or would do.

    Attributes:
        written: The files that changed, by path.
        failures: Those that could not be written, and why.
        unchanged: Files that have the keywords already.
        dry_run: Whether no file was touched.
        cancelled: Whether it was stopped before its end; what was written stays, and can be undone.
    """

    written: tuple[WrittenFile, ...] = ()
    failures: tuple[Failure, ...] = ()
    unchanged: int = 0
    dry_run: bool = False
    cancelled: bool = False


class Action(StrEnum):
    """What can be undone."""

    TAG = "tag"
    CONFIRM = "confirm"
    REJECT = "reject"
    RENAME = "rename"
    ANNOTATE = "annotate"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that was done to many files at once.

    Attributes:
        action: What.
        time_ns: When, nanoseconds since the epoch; no two have the same.
        description: In words.
        changes: How many facts were changed: tags, or files.
    """

    action: Action
    time_ns: int
    description: str
    changes: int


@dataclass(frozen=True, slots=True)
class UndoReport:
    """What undoing did.

    Attributes:
        operation: What was undone.
        restored: How many of its changes.
        skipped: How many were left as they are, because they have been changed again since, or their file is gone.
        failures: Files that can't be restored now, and why. The operation stays; undoing once more tries them again.
    """

    operation: Operation
    restored: int
    skipped: int
    failures: tuple[Failure, ...] = ()
