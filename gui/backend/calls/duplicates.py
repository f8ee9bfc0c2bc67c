"""Duplicates: finding them, saying that files are none, forgetting what is gone."""

from __future__ import annotations

from collections.abc import Sequence

from audioclip_search import DuplicateGroup
from gui.backend.desk import Desk, Task
from gui.backend.duplicate_records import Copy, CopyGroup
from gui.backend.rows import rows_of

_GROUPS_A_REPORT = 200


def find(desk: Desk, task: Task, tiers: Sequence[str]) -> int:
    """Look for duplicates of some tiers. Reports `SyncProgress`, then lists of `CopyGroup`.

    Returns:
        How many groups there are.
    """
    found = desk.library.duplicates(tiers=tiers, on_progress=task.report, cancel=task.cancel)
    for start in range(0, len(found), _GROUPS_A_REPORT):
        task.report([_group(desk, group) for group in found[start : start + _GROUPS_A_REPORT]])
    return len(found)


def reject(desk: Desk, task: Task, paths: Sequence[str], *, undo: bool = False) -> int:
    """Say that files are no duplicates of each other, or take that back; how many pairs that are."""
    return desk.library.reject_duplicates(paths, undo=undo)


def forget(desk: Desk, task: Task, paths: Sequence[str]) -> int:
    """Files are gone: take them out of the index."""
    count = desk.library.forget(paths)
    desk.forget_files()
    return count


def _group(desk: Desk, group: DuplicateGroup) -> CopyGroup:
    rows = {row.path: row for row in rows_of(desk, (str(file.path) for file in group.files))}
    copies = tuple(
        Copy(rows[str(file.path)], file.relation, file.similarity) for file in group.files if str(file.path) in rows
    )
    return CopyGroup(group.tier, group.modality, copies)
