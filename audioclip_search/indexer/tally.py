"""Counting what a sync does, and reporting it."""

from __future__ import annotations

from audioclip_search.indexer.planning import Plan
from audioclip_search.types import Failure, KnownContent, OnProgress, SyncProgress, SyncReport, SyncStage


class Tally:
    """Counts what a sync does, and reports it.

    Args:
        plan: What there is to do.
        on_progress: Told after every file.
    """

    def __init__(self, plan: Plan, on_progress: OnProgress | None) -> None:
        self._plan = plan
        self._new = {stamp.path for stamp in plan.new}
        self._on_progress = on_progress
        self._added = self._updated = self._moved = self._copied = self._touched = 0
        self._removed = self._vanished = self._windows = 0
        self._failures: list[Failure] = []

    def finished(self, path: str, *, windows: int, failure: str) -> None:
        """A file was embedded, or could not be."""
        if failure:
            self._failures.append(Failure(path, failure))
        elif path in self._new:
            self._added += 1
        else:
            self._updated += 1
        self._windows += windows
        self.report(SyncStage.EMBED, path)

    def known(self, known: KnownContent, failure: str) -> None:
        """A file has the content of another one, or of one that is gone; `failure`: why that could not be embedded."""
        path = known.stamp.path
        if known.moved:
            self._moved += 1
        elif failure:
            self._failures.append(Failure(path, failure))
        elif path in self._new:
            self._copied += 1
        else:
            self._updated += 1
        self.report(SyncStage.EMBED, path)

    def touched(self, path: str) -> None:
        """A file has the content that it had."""
        self._touched += 1
        self.report(SyncStage.EMBED, path)

    def vanished(self, path: str) -> None:
        """A file was gone before it was read."""
        self._vanished += 1
        self.report(SyncStage.EMBED, path)

    def report(self, stage: SyncStage, path: str = "") -> None:
        """Tell how far the work is."""
        if self._on_progress is not None:
            known = self._moved + self._copied + self._touched
            done = self._added + self._updated + known + self._vanished + len(self._failures)
            total = len(self._plan.new) + len(self._plan.changed)
            self._on_progress(SyncProgress(stage, done, total, path, len(self._failures)))

    def report_removal(self, removed: int, total: int) -> None:
        """Tell how many files were forgotten."""
        self._removed = removed
        if self._on_progress is not None:
            self._on_progress(SyncProgress(SyncStage.REMOVE, removed, total))

    def summary(self, *, cancelled: bool) -> SyncReport:
        """What was done."""
        return SyncReport(
            added=self._added,
            updated=self._updated,
            moved=self._moved,
            copied=self._copied,
            touched=self._touched,
            removed=self._removed,
            unchanged=self._plan.unchanged,
            offline=self._plan.offline,
            windows=self._windows,
            failures=tuple(sorted(self._failures, key=lambda failure: failure.path)),
            cancelled=cancelled,
        )
