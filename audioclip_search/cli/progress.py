"""A sync's progress bar on stderr, and Ctrl-C that lets the work end in order."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from audioclip_search.bulk import OnTagProgress, TagProgress, TagStage
from audioclip_search.cli.output import notes
from audioclip_search.types import CancelToken, OnProgress, SyncProgress, SyncStage

_STAGES = {
    SyncStage.WAIT: "Waiting for another program that is indexing",
    SyncStage.SCAN: "Looking for files",
    SyncStage.EMBED: "Listening and looking",
    SyncStage.REMOVE: "Forgetting what is gone",
    SyncStage.DESCRIBE: "Reading metadata",
    SyncStage.OPTIMIZE: "Building the search index",
    SyncStage.EXAMINE: "Taking fingerprints",
    SyncStage.COMPARE: "Comparing",
    SyncStage.DONE: "Done",
}


_TAG_STAGES = {
    TagStage.LABELS: "Reading the labels",
    TagStage.LEARN: "Learning what is usual here",
    TagStage.TAG: "Tagging",
    TagStage.WRITE: "Writing into files",
}


class _RateColumn(ProgressColumn):
    """Files a second."""

    def render(self, task: Task) -> Text:
        return Text("" if task.speed is None else f"{task.speed:.1f} files/s", style="dim")


class _StateColumn(ProgressColumn):
    """How many files failed, and whether the work is being stopped."""

    def __init__(self, cancel: CancelToken) -> None:
        super().__init__()
        self._cancel = cancel

    def render(self, task: Task) -> Text:
        if self._cancel.cancelled:
            return Text("stopping …", style="yellow")
        failed: int = task.fields["failed"]
        return Text(f"{failed} failed" if failed else "", style="yellow")


@contextmanager
def sync_progress(cancel: CancelToken) -> Iterator[OnProgress]:
    """A bar with rate and time left while the block runs; give what it yields to `Library.sync`.

    It vanishes at the end, and does not show at all where stderr is no terminal.
    """
    console = notes()
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _RateColumn(),
        TimeRemainingColumn(),
        _StateColumn(cancel),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    tasks: dict[SyncStage, TaskID] = {}

    def show(progress: SyncProgress) -> None:
        if progress.stage is SyncStage.DONE and tasks:
            return  # what was last shown, with its rate, stays to the end
        # Each stage has a bar of its own, so that the rate of one is not that of another.
        if progress.stage not in tasks:
            for task in tasks.values():
                bar.update(task, visible=False)
            tasks[progress.stage] = bar.add_task(_STAGES[progress.stage], total=None, failed=0)
        task = tasks[progress.stage]
        bar.update(task, completed=progress.done, total=progress.total or None, failed=progress.failed)

    with bar:
        yield show


@contextmanager
def tag_progress(cancel: CancelToken) -> Iterator[OnTagProgress]:
    """The same for tagging; give what it yields to `Library.tag` and `write_tags`."""
    console = notes()
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        _StateColumn(cancel),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    tasks: dict[TagStage, TaskID] = {}

    def show(progress: TagProgress) -> None:
        if progress.stage is TagStage.DONE:
            return
        if progress.stage not in tasks:
            for task in tasks.values():
                bar.update(task, visible=False)
            tasks[progress.stage] = bar.add_task(_TAG_STAGES[progress.stage], total=None, failed=0)
        bar.update(tasks[progress.stage], completed=progress.done, total=progress.total)

    with bar:
        yield show


@contextmanager
def stopped_by_ctrl_c() -> Iterator[CancelToken]:
    """A token that the first Ctrl-C cancels; the second one interrupts at once. Elsewhere than in the main thread,
    which alone gets signals, nothing cancels it."""
    token = CancelToken()
    if threading.current_thread() is not threading.main_thread():
        yield token
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        token.cancel()  # and nothing else: a signal may come in the middle of a print
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield token
    finally:
        signal.signal(signal.SIGINT, before)
