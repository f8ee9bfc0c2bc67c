"""The open library: its folders, and the indexing that keeps it up to date."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from audioclip_search import ScanRules
from gui.backend.calls import keeping
from gui.backend.library_state import FailedFile, FolderState, IndexingState, LibraryState, Options, Phase
from gui.engine import Engine, Request
from gui.records import Problem, Trouble
from gui.settings import Settings

DRIVES_EVERY_MS = 5_000
MEGABYTE = 1 << 20

_Start = Callable[[], Request[Any]]


class LibraryController(QObject):
    """Opens a library, indexes and watches it, and says how that goes.

    Indexing is one long call at a time. What must not run beside it (folders, rules) stops it first, runs, and lets it
    go on; all that was finished is kept.

    Args:
        engine: Has the library.
        settings: Remembers which library, and whether to watch.
        parent: Its owner.
    """

    opened = Signal(object)
    """A `LibraryState`: another library is open, or the same one again after the engine had to be started anew."""

    state_changed = Signal(object)
    """A `LibraryState`: folders or counts are others."""

    progressed = Signal(object)
    """An `IndexingState`."""

    indexed_changed = Signal()
    """There are new rows worth showing, or rows are gone; at most every two seconds during a sync."""

    missing_changed = Signal(object)
    """The `FolderState`s that can't be reached, a tuple."""

    failures_found = Signal(object)
    """A list of `FailedFile`, asked for by `find_failures`."""

    reembedded = Signal(str)
    """All files are embedded by the model of this name now."""

    trouble = Signal(object)
    """A `Trouble`."""

    def __init__(self, engine: Engine, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine, self._settings = engine, settings
        self._state: LibraryState | None = None
        self._indexing = IndexingState()
        self._root: str | None = None
        self._wanted = self._restart = self._root_gone = False
        self._resting = Phase.IDLE  # what indexing is when it does not run
        self._job: Request[Any] | None = None
        self._chore: Request[Any] | None = None
        self._chores: deque[_Start] = deque()
        self._asking: Request[Any] | None = None
        self._last_words = ""
        self._drives = QTimer(self)
        self._drives.setInterval(DRIVES_EVERY_MS)
        self._drives.timeout.connect(self.look_for_drives)
        engine.restarted.connect(self._on_restarted)

    # What there is

    @property
    def state(self) -> LibraryState | None:
        """The open library; None if none is."""
        return self._state

    @property
    def closed(self) -> bool:
        """Whether none is open, and none is being opened."""
        return self._state is None and self._chore is None

    @property
    def indexing(self) -> IndexingState:
        """How far indexing is."""
        return self._indexing

    @property
    def watching(self) -> bool:
        """Whether the folders are watched for changes."""
        return self._settings.flag("library/watch", True)

    # Opening

    def open(self, root: str = "", folders: Sequence[str] = ()) -> None:
        """Open a library, add folders to it, and start indexing if it has any.

        Args:
            root: Its folder; empty for the one last open, at first the app's own.
            folders: To be added.
        """
        self._leave()
        self._root_gone = False
        self._root = root = root or self._settings.text("library/root")
        added = list(folders)

        def on_opened(state: LibraryState) -> None:
            self._settings.put("library/root", root)
            self._take(state, opened=True)
            if added:
                self.add_folders(added)
            elif state.folders:
                self.start()

        self._run(lambda: self._engine.call(keeping.open_library, root, self._options()), on_opened)
        self._drives.start()  # a root that is not there may come back

    def open_own(self, folders: Sequence[str] = ()) -> None:
        """Open the app's own library, and add folders to it."""
        self._settings.put("library/root", "")
        self.open(folders=folders)

    def reopen(self) -> None:
        """Open the same library again, with the settings as they are now."""
        self.open()

    def close(self) -> None:
        """Let go of the library. What is under way stops, and keeps what is finished."""
        self._leave()
        self._root = None

    # Folders

    def add_folders(self, folders: Sequence[str]) -> None:
        """Make folders part of the library, and index them."""

        def on_added(answer: tuple[LibraryState, list[Trouble]]) -> None:
            state, refused = answer
            for trouble in refused:
                self.trouble.emit(trouble)
            if state.folders:
                self._wanted = True
            self._take(state)

        self._run(lambda: self._engine.call(keeping.add_folders, list(folders)), on_added)

    def remove_folder(self, folder: str) -> None:
        """Take a folder out of the library. Nothing is deleted from the disk."""
        self._run(lambda: self._engine.call(keeping.remove_folder, folder), self._on_fewer)

    def relocate_folder(self, old: str, new: str) -> None:
        """Say where a folder is now; its files keep their tags and ratings."""
        self._run(lambda: self._engine.call(keeping.relocate_folder, old, new), self._on_fewer)

    def set_rules(self, rules: ScanRules) -> None:
        """Say which files belong to the library; it counts at once."""
        self._run(lambda: self._engine.call(keeping.set_rules, rules), self._take)

    def find_failures(self) -> None:
        """Ask for the files that could not be read; `failures_found` answers."""

        def on_found(found: list[FailedFile]) -> None:
            self.failures_found.emit(found)

        self._engine.call(keeping.failures).then(on_found, self.trouble.emit)

    def look_for_drives(self) -> None:
        """Look whether folders, or a library that could not be opened, have come or gone. Done every few seconds
        anyway."""
        if self._asking is not None or self._chore is not None:
            return
        if self._state is None:
            self._look_for_root()
            return

        def on_looked(state: LibraryState | None) -> None:
            self._asking = None
            if state is not None and self._is_open(state):
                missing = () if self._state is None else self._state.missing
                self._take(state)
                if state.missing != missing:
                    self.indexed_changed.emit()

        def on_trouble(_: Trouble) -> None:
            self._asking = None  # the sync says what is wrong

        self._asking = self._engine.call(keeping.state_if_changed).then(on_looked, on_trouble)

    def _look_for_root(self) -> None:
        root = self._root
        if not root:
            return

        def on_looked(there: bool) -> None:
            self._asking = None
            back, self._root_gone = there and self._root_gone, not there
            if back and root == self._root:
                self.open(root)

        self._asking = self._engine.call(keeping.is_there, root).then(on_looked, lambda _: None)

    # Indexing

    def start(self) -> None:
        """Bring the index up to date, and watch the folders if that is wanted."""
        self._wanted = True
        self._go_on()

    def rescan(self) -> None:
        """Look at everything again; at a library that could not be opened as well."""
        if self.closed and self._root is not None:
            self.open(self._root)
            return
        self._last_words = ""
        self._wanted = True
        if self._job is not None:
            self._restart = True
            self._job.cancel()
        else:
            self._go_on()

    def pause(self) -> None:
        """Stop for now; all that is finished is kept."""
        self._halt(Phase.PAUSED)

    def resume(self) -> None:
        """Go on."""
        self.start()

    def stop(self) -> None:
        """Stop until `start` or `rescan`."""
        self._halt(Phase.STOPPED)

    def set_watching(self, on: bool) -> None:
        """Whether to follow changes in the folders from now on."""
        self._settings.put("library/watch", on)
        if self._indexing.phase in {Phase.IDLE, Phase.RUNNING} and self._state is not None:
            self.rescan()

    def reembed(self, model: str) -> None:
        """Embed all files with another model. The old vectors serve meanwhile; interrupted, it goes on later."""
        self._settings.put("library/reembed", [self._settings.text("library/root"), model])
        self.rescan()

    @property
    def reembedding(self) -> str:
        """The model that all files are being embedded with again; empty if none is."""
        root, model = (*self._settings.texts("library/reembed"), "", "")[:2]
        return model if root == self._settings.text("library/root") else ""

    def _halt(self, phase: Phase) -> None:
        self._wanted = False
        if self._job is not None:
            self._job.cancel()
            self._tell(replace(self._indexing, phase=Phase.PAUSING))
            self._resting = phase
        else:
            self._tell(replace(self._indexing, phase=phase))

    def _go_on(self) -> None:
        """Do what is to be done next: chores first, then indexing."""
        if self._chore is not None:
            return
        if self._chores:
            if self._job is not None:
                self._job.cancel()
            else:
                self._chore = self._chores.popleft()()
        elif self._wanted and self._job is None and self._state is not None:
            self._index()

    def _run(self, start: _Start, on_result: Callable[[Any], None]) -> None:
        """Do something that must not run beside indexing."""

        def on_over(result: Any) -> None:
            self._chore = None
            on_result(result)
            self._go_on()

        def on_trouble(trouble: Trouble) -> None:
            self._chore = None
            self.trouble.emit(trouble)
            self._go_on()

        self._chores.append(lambda: start().then(on_over, on_trouble))
        self._go_on()

    def _index(self) -> None:
        self._resting, self._restart = Phase.IDLE, False
        self._tell(replace(self._indexing, phase=Phase.RUNNING, rate_per_s=0.0, left_s=None, generation=0))
        model = self.reembedding
        if model:
            self._job = self._engine.call(keeping.reembed, model)
        elif self.watching:
            self._job = self._engine.call(keeping.watch)
        else:
            self._job = self._engine.call(keeping.sync)
        job = self._job

        def on_over(result: Any) -> None:
            finished = result is not None and not result.cancelled
            if finished and model:
                self._settings.put("library/reembed", [])
                self.reembedded.emit(model)
            self._on_job_over(job, again=not finished or bool(model))

        def on_trouble(trouble: Trouble) -> None:
            if trouble.kind is Problem.CANCELLED:
                self._on_job_over(job, again=True)
                return
            if model:
                self._settings.put("library/reembed", [])
            self._say(trouble)
            self._resting = Phase.FAILED
            self._on_job_over(job, again=False)

        job.then(on_over, on_trouble, self._on_report)

    def _on_job_over(self, job: Request[Any], *, again: bool) -> None:
        if job is not self._job:
            return
        self._job = None
        if not again and not self._restart:
            self._wanted = bool(self._chores)
        if not self._wanted:
            self._tell(replace(self._indexing, phase=self._resting, rate_per_s=0.0, left_s=None))
        self._go_on()

    def _on_report(self, report: IndexingState | Trouble) -> None:
        if isinstance(report, Trouble):
            self._say(report)
            self._tell(replace(self._indexing, phase=Phase.FAILED))
            return
        before, stopping = self._indexing, self._indexing.phase is Phase.PAUSING
        fresh = report.generation != before.generation
        if report.phase is Phase.IDLE:
            self._last_words = ""
        self._tell(replace(report, phase=Phase.PAUSING) if stopping else report)
        if fresh:
            self.indexed_changed.emit()
            self._ask_state()

    def _say(self, trouble: Trouble) -> None:
        """Tell of trouble with indexing, but not of the same again and again."""
        if str(trouble) != self._last_words:
            self._last_words = str(trouble)
            self.trouble.emit(trouble)

    # The rest

    def _on_fewer(self, state: LibraryState) -> None:
        self._take(state)
        self.indexed_changed.emit()

    def _ask_state(self) -> None:
        self._engine.call(keeping.state).then(lambda state: self._take(state) if self._is_open(state) else None)

    def _is_open(self, state: LibraryState) -> bool:
        """Whether an answer is about the library that is open by now."""
        return self._state is not None and self._state.root == state.root

    def _take(self, state: LibraryState, *, opened: bool = False) -> None:
        missing_before: tuple[FolderState, ...] = () if self._state is None else self._state.missing
        changed, self._state = state != self._state, state
        if opened:
            self.opened.emit(state)
        if changed:
            self.state_changed.emit(state)
        if state.missing != missing_before:
            self.missing_changed.emit(state.missing)

    def _tell(self, indexing: IndexingState) -> None:
        self._indexing = indexing
        self.progressed.emit(indexing)

    def _leave(self) -> None:
        """Let go of the open library."""
        self._wanted = False
        self._chores.clear()
        self._state = None
        self._last_words = ""
        self._drives.stop()
        if self._job is not None:
            self._job.cancel()

    def _on_restarted(self) -> None:
        for request in (self._job, self._chore, self._asking):
            if request is not None:
                request.drop()
        self._job = self._chore = self._asking = None
        self._indexing = IndexingState()
        if self._root is not None:
            self.open(self._root)

    def _options(self) -> Options:
        megabytes = self._settings.number("performance/memory_mb", 2_048)
        return Options(
            self._settings.text("performance/device", "auto"),
            self._settings.text("performance/precision", "auto"),
            int(self._settings.number("performance/threads", 0)),
            int(megabytes * MEGABYTE),
        )
