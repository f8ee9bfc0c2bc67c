"""Calls that open a library and keep its index."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from audioclip_search import (
    AudioCLIPSearchError,
    MediaError,
    ScanRules,
    StorageError,
    SyncProgress,
    SyncReport,
    SyncStage,
)
from gui import places
from gui.backend.desk import Desk, Task
from gui.backend.library_state import FailedFile, FolderState, IndexingState, LibraryState, Options, Phase
from gui.backend.pace import Pace
from gui.backend.process import trouble_of
from gui.records import Trouble

if TYPE_CHECKING:
    from audioclip_search import Library  # loads LanceDB, which the window does not need

_REPORT_EVERY_S = 0.15
_FRESH_EVERY_S = 2.0
_POLL_S = 0.1
_OPTIONS, _PRESENT, _COUNTED = "keeping.options", "keeping.present", "keeping.counted"
_LEAST_SHARE = 10
"""While much is going on, new rows are shown as seldom as makes looking at them a tenth of the work."""

_CHANGING = frozenset({SyncStage.EMBED, SyncStage.REMOVE})


def get_ready(desk: Desk, task: Task) -> None:
    """Load the code that a library needs, which takes seconds, while the window is still being made."""
    from audioclip_search import Library  # noqa: F401


def open_library(desk: Desk, task: Task, root: str, options: Options) -> LibraryState:
    """Open the library of a folder, in place of the one that is open; an empty path is the app's own.

    Raises:
        MediaError: There is no such folder.
        StorageError: Its index can't be used.
    """
    path = Path(root).expanduser().absolute() if root else places.own_library()
    if path == places.own_library():
        path.mkdir(parents=True, exist_ok=True)
    if not path.is_dir():
        raise MediaError(
            "this folder is not there", path=path, remedy="Connect the drive that it is on, or open another library"
        )
    library = _library(path, options)
    try:
        _ = library.indexed  # reads the index, and says what is wrong with it
    except BaseException:
        library.close()
        raise
    desk.put(library)
    desk.shelf[_OPTIONS] = options
    return state(desk, task)


def is_there(desk: Desk, task: Task, root: str) -> bool:
    """Whether a folder can be reached."""
    return Path(root).expanduser().is_dir()


def state(desk: Desk, task: Task) -> LibraryState:
    """What the open library is now. Quick: all files are not read for it."""
    library = desk.library
    desk.shelf[_PRESENT] = _present(library)
    plain = LibraryState(str(library.root), rules=library.rules)
    if library.indexed:
        info = library.info()
        plain = replace(
            plain,
            indexed=True,
            audio=info.audio,
            image=info.image,
            text=info.text,
            failed=info.failed,
            offline=info.offline,
            bytes=info.bytes,
            model="" if info.model is None else info.model.name,
        )
    return replace(plain, folders=_folder_states(desk, plain))


def state_if_changed(desk: Desk, task: Task) -> LibraryState | None:
    """What the library is now, if a folder of it has come or gone since that was last told, or the files in folders can
    be counted anew; None otherwise."""
    drives_changed = desk.shelf.get(_PRESENT) != _present(desk.library)
    if drives_changed:
        desk.forget_files()
    files = desk.files_read
    if drives_changed or (files is not None and files is not desk.shelf.get(_COUNTED, (None, {}))[0]):
        return state(desk, task)
    return None


def add_folders(desk: Desk, task: Task, folders: list[str]) -> tuple[LibraryState, list[Trouble]]:
    """Make folders part of the library; those that are in it already are left out.

    Returns:
        What the library is then, and why folders were refused.
    """
    refused = []
    for folder in sorted({Path(folder).expanduser().absolute() for folder in folders}, key=lambda path: path.parts):
        try:
            _add(desk.library, folder)
        except (AudioCLIPSearchError, OSError) as error:
            refused.append(trouble_of(error))
    desk.forget_files()
    return state(desk, task), refused


def remove_folder(desk: Desk, task: Task, folder: str) -> LibraryState:
    """Take a folder out of the library; its files are forgotten, not deleted."""
    desk.library.remove_folder(folder)
    desk.forget_files()
    return state(desk, task)


def relocate_folder(desk: Desk, task: Task, old: str, new: str) -> LibraryState:
    """Say where a folder of the library is now."""
    desk.library.relocate(old, new)
    desk.forget_files()
    return state(desk, task)


def set_rules(desk: Desk, task: Task, rules: ScanRules) -> LibraryState:
    """Say which files belong to the library."""
    desk.library.set_rules(rules)
    return state(desk, task)


def sync(desk: Desk, task: Task) -> SyncReport:
    """Bring the index up to date once; reports are `IndexingState`s."""
    telling = _Telling(desk, task)
    try:
        return desk.library.sync(on_progress=telling.progress, cancel=task.cancel)
    finally:
        telling.fresh()


def watch(desk: Desk, task: Task) -> None:
    """Bring the index up to date now and whenever something changes, until cancelled; reports are `IndexingState`s, and
    a `Trouble` whenever that failed, to be tried again soon."""
    telling = _Telling(desk, task)
    watching = desk.library.watch(
        on_sync=lambda _: telling.changed(),
        on_error=lambda error: task.report(trouble_of(error)),
        on_progress=telling.progress,
    )
    with watching:
        while not task.cancel.cancelled:
            time.sleep(_POLL_S)
            telling.fresh_if_due()
    telling.fresh()


def reembed(desk: Desk, task: Task, model: str) -> SyncReport:
    """Embed every file with another model, in the background of the old vectors; what was interrupted goes on."""
    telling = _Telling(desk, task)
    with _library(desk.library.root, desk.shelf.get(_OPTIONS, Options()), model) as library:
        report = library.sync(on_progress=telling.progress, cancel=task.cancel, reembed=True)
    telling.fresh()
    return report


def failures(desk: Desk, task: Task) -> list[FailedFile]:
    """The files that could not be read, by path."""
    library = desk.library
    if not library.indexed:
        return []
    return [FailedFile(str(library.root / failure.path), failure.reason) for failure in library.failures()]


class _Telling:
    """Tells the window how far a sync is, not too often, and makes new files visible now and then."""

    def __init__(self, desk: Desk, task: Task, clock: Callable[[], float] = time.monotonic) -> None:
        self._desk, self._task, self._clock = desk, task, clock
        self._pace = Pace()
        self._state = IndexingState(Phase.RUNNING)
        self._told_s = self._fresh_s = clock()
        self._shown = 0
        self._due = False

    def progress(self, progress: SyncProgress) -> None:
        now_s = self._clock()
        same_stage = progress.stage is self._state.stage
        if not same_stage:
            self._pace = Pace()
        self._pace.update(progress.done, now_s)
        if progress.stage in _CHANGING and progress.done != self._shown and now_s - self._fresh_s > self._patience_s():
            self._shown = progress.done
            self.fresh(tell=False)
        elif same_stage and now_s - self._told_s < _REPORT_EVERY_S and progress.done != progress.total:
            return
        self._told_s = now_s
        self._state = replace(
            self._state,
            phase=Phase.IDLE if progress.stage is SyncStage.DONE else Phase.RUNNING,
            stage=progress.stage,
            done=progress.done,
            total=progress.total,
            rate_per_s=self._pace.per_s,
            left_s=self._pace.left_s(progress.done, progress.total),
            path=progress.path or self._state.path,
            failed=progress.failed,
        )
        self._task.report(self._state)

    def changed(self) -> None:
        """The index has changed: say so soon, but not after each of many small changes."""
        self._due = True

    def fresh_if_due(self) -> None:
        """Say so, if that is due and the last time is long enough ago."""
        if self._due and self._clock() - self._fresh_s > self._patience_s():
            self._due = False
            self.fresh()

    def _patience_s(self) -> float:
        return max(_FRESH_EVERY_S, _LEAST_SHARE * self._desk.reading_s)

    def fresh(self, *, tell: bool = True) -> None:
        """There are new rows worth showing."""
        self._desk.forget_files()
        self._fresh_s = self._clock()
        self._state = replace(self._state, generation=self._state.generation + 1)
        if tell:
            self._task.report(self._state)


def _library(root: Path, options: Options, model: str = "auto") -> Library:
    from audioclip_search import Library

    return Library(
        root,
        model=model,
        device=options.device,
        precision=options.precision,
        threads=options.threads or None,
        memory_budget_bytes=options.memory_budget_bytes,
    )


def _add(library: Library, folder: Path) -> None:
    if any(folder.is_relative_to(other) for other in library.folders):
        return
    own = places.own_library()
    if own.is_relative_to(folder):
        raise StorageError(
            "the app keeps its own files in this folder",
            path=folder,
            remedy="Choose the folders in it that have your sounds",
        )
    inside = [other for other in library.folders if other.is_relative_to(folder)]
    if inside:
        raise StorageError(
            f"“{inside[0].name}” in this folder belongs to the library already",
            path=folder,
            remedy="Remove that one from the library first, if all of this folder is to be in it",
        )
    library.add_folder(folder)


def _folder_states(desk: Desk, plain: LibraryState) -> tuple[FolderState, ...]:
    """The folders with how many files are in each: counted, if all files have been read; as they were counted last, if
    not; all of them, if there is only one folder."""
    library, known = desk.library, desk.files_read
    shown = [folder for folder in library.folders if folder != places.own_library()]
    counts: dict[Path, int] = desk.shelf.get(_COUNTED, (None, {}))[1]
    if known is not None:
        counts = {folder: _count_in(known, folder) for folder in shown}
        desk.shelf[_COUNTED] = known, counts
    elif len(shown) == 1:
        counts = {shown[0]: plain.files + plain.failed}
    return tuple(
        FolderState(
            str(folder),
            counts.get(folder),
            _is_there(folder) or (not counts.get(folder) and folder.is_dir()),
            removable=folder != library.root,
        )
        for folder in shown
    )


def _count_in(paths: Iterable[str], folder: Path) -> int:
    start = str(folder).rstrip(os.sep) + os.sep
    return sum(path.startswith(start) for path in paths)


def _present(library: Library) -> tuple[tuple[str, bool], ...]:
    return tuple((str(folder), _is_there(folder)) for folder in library.folders)


def _is_there(folder: Path) -> bool:
    """Whether a folder can be reached; an empty one is a drive that is not mounted, unless it is an index's own."""
    try:
        return any(True for _ in folder.iterdir())
    except OSError:
        return False
