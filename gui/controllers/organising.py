"""What the user says of files, and what a model suggests."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from audioclip_search import Action, TagProgress
from gui.backend.calls import organising as calls
from gui.backend.curation import Edited, FileDetails, KnownTags, Past, TaggingResult, WritingResult
from gui.engine import Engine, Request
from gui.organisation import FAVOURITE, SelectionSummary, collection_name, collection_tag, is_collection, summary_of
from gui.records import Problem, Row, Trouble
from gui.settings import Settings

FEW = 500
"""Of so many files the window itself says what they have in common; of more the engine does."""

_PATIENCE_MS = 3_000


@dataclass(frozen=True, slots=True)
class _Edit:
    """An edit that waits for its turn."""

    call: Callable[..., Edited]
    args: tuple[Any, ...]
    options: dict[str, Any]
    tell: Callable[[Edited], tuple[str, bool]] | None


class OrganisingController(QObject):
    """Edits one after the other, in their order, so that the newest one wins.

    Args:
        engine: Has the library.
        settings: The user's choices.
        parent: Its owner.
    """

    changed = Signal(list)
    """Fresh rows of files that an edit concerned; many come in several lists."""

    known_changed = Signal(KnownTags)
    """What files of the library are called now."""

    history_changed = Signal(bool, str)
    """Whether there is something to undo, and what, in words."""

    told = Signal(str, bool)
    """What was done to several files, a sentence; and whether undo takes it back."""

    busy_changed = Signal(bool)
    """Whether edits are under way."""

    details_arrived = Signal(FileDetails)
    summary_arrived = Signal(SelectionSummary)
    tagging_progressed = Signal(TagProgress)
    tagging_done = Signal(TaggingResult)
    writing_progressed = Signal(TagProgress)
    writing_done = Signal(WritingResult)

    stopped = Signal()
    """Tagging or writing ended without a result: it was cancelled, or there was trouble."""

    trouble = Signal(Trouble)

    def __init__(self, engine: Engine, settings: Settings | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._settings = settings
        self._waiting: deque[_Edit] = deque()
        self._editing: Request[Edited] | None = None
        self._long: Request[Any] | None = None
        self._details: Request[FileDetails] | None = None
        self._summary: Request[SelectionSummary] | None = None
        self._late = False
        self._waits = QTimer(self)
        self._waits.setSingleShot(True)
        self._waits.setInterval(_PATIENCE_MS)
        self._waits.timeout.connect(self._tell_waiting)
        self.known = KnownTags()
        self.past = Past()

    @property
    def busy(self) -> bool:
        """Whether edits are under way."""
        return self._editing is not None

    @property
    def collections(self) -> tuple[str, ...]:
        """The collections' names, in the order of the alphabet."""
        return tuple(sorted((entry.name for entry in self.known.collections), key=str.casefold))

    def refresh(self) -> None:
        """Ask again what files are called and what can be undone: a library was opened, or its index has changed."""
        self._engine.call(calls.state).then(self._know, self._fail)

    def add_tags(self, paths: Sequence[str], tags: Collection[str]) -> None:
        """Give files tags."""
        self._annotate(paths, add=tuple(tags))

    def remove_tags(self, paths: Sequence[str], tags: Collection[str]) -> None:
        """Take tags away."""
        self._annotate(paths, remove=tuple(tags))

    def rate(self, paths: Sequence[str], stars: int) -> None:
        """Give files stars, 1 to 5; 0 for none."""
        self._annotate(paths, rating=stars)

    def set_favourite(self, paths: Sequence[str], favourite: bool) -> None:
        """Make files favourites, or ordinary ones again."""
        self._annotate(paths, **{"add" if favourite else "remove": (FAVOURITE,)})

    def add_to_collection(self, paths: Sequence[str], name: str) -> None:
        """Put files into a collection, a new one perhaps."""
        self._annotate(paths, add=(collection_tag(name),))

    def remove_from_collection(self, paths: Sequence[str], name: str) -> None:
        """Take files out of a collection."""
        self._annotate(paths, remove=(collection_tag(name),))

    def confirm(self, paths: Sequence[str], labels: Collection[str] | None = None) -> None:
        """Say that a model's tags are right; None for all on which nobody has decided."""
        self._edit(_Edit(calls.decide, (list(paths), _labels(labels)), {"confirm": True}, None))

    def reject(self, paths: Sequence[str], labels: Collection[str] | None = None) -> None:
        """Say that a model's tags are wrong."""
        self._edit(_Edit(calls.decide, (list(paths), _labels(labels)), {"confirm": False}, None))

    def rename_suggested(self, old: str, new: str) -> None:
        """Give a tag of a model's another name, in the whole library."""
        self._edit(_Edit(calls.rename, (old, new), {}, self._tell_renamed))

    def undo(self) -> None:
        """Undo what was done last."""
        self._edit(_Edit(calls.undo, (), {}, self._tell_undone))

    def look_at(self, path: str) -> None:
        """Ask what a file says of itself; only the newest question is answered."""
        if self._details is not None:
            self._details.drop()
        self._details = self._engine.call(calls.details, path).then(self.details_arrived.emit, self._fail)

    def summarise(self, rows: Sequence[Row]) -> None:
        """Ask what files have in common; only the newest question is answered."""
        if self._summary is not None:
            self._summary.drop()
            self._summary = None
        if len(rows) <= FEW:
            self.summary_arrived.emit(summary_of(rows))
            return
        paths = "\0".join([row.path for row in rows])
        self._summary = self._engine.call(calls.summarise, paths).then(self.summary_arrived.emit, self._fail)

    def tag_automatically(
        self, labels: str | Sequence[str], threshold: float, paths: Sequence[str] | None = None, *, dry_run: bool
    ) -> None:
        """Let the model suggest tags; `tagging_done` or `stopped` ends it.

        Args:
            labels: The name of a built-in set, or labels.
            threshold: The least probability of a tag.
            paths: Only these files; None for the whole library.
            dry_run: Just count.
        """
        self._forget_long()
        request = self._engine.call(calls.tag_automatically, labels, threshold=threshold, paths=paths, dry_run=dry_run)
        self._long = request.then(self._tagged, self._stop, self._tagging_report)

    def write_into_files(self, paths: Sequence[str] | None = None, *, suggested: bool, dry_run: bool) -> None:
        """Write confirmed tags into files, or just say what that would do; `writing_done` or `stopped` ends it."""
        self._forget_long()
        request = self._engine.call(calls.write_into_files, paths, suggested=suggested, dry_run=dry_run)
        self._long = request.then(self._written, self._stop, self._writing_report)

    def cancel(self) -> None:
        """Stop tagging or writing soon."""
        if self._long is not None:
            self._long.cancel()

    def describe(self, past: Past) -> str:
        """What undo would undo, in words; empty if there is nothing."""
        if not past.steps:
            return ""
        if past.action == Action.ANNOTATE:
            return "; ".join(self._note(part) for part in past.description.split(", "))
        words = {
            Action.TAG: self.tr("automatic tags"),
            Action.WRITE: self.tr("writing tags into files"),
            Action.RENAME: self.tr("renaming {0}"),
            Action.CONFIRM: self.tr("confirming {0}"),
            Action.REJECT: self.tr("rejecting {0}"),
        }
        return words[Action(past.action)].format(past.description)

    def _note(self, part: str) -> str:
        """A part of what an annotation is called, in words."""
        if part.startswith("rating "):
            return self.tr("rating")
        tag = part[1:]
        if tag == FAVOURITE:
            return self.tr("favourite")
        if is_collection(tag):
            name = collection_name(tag)
            adds = part.startswith("+")
            return (self.tr("adding to “{0}”") if adds else self.tr("removing from “{0}”")).format(name)
        return (self.tr("adding “{0}”") if part.startswith("+") else self.tr("removing “{0}”")).format(tag)

    def _annotate(self, paths: Sequence[str], **what: Any) -> None:
        if paths:
            tell = None if len(paths) == 1 else self._tell_annotated
            self._edit(_Edit(calls.annotate, (list(paths),), what, tell))

    def _edit(self, edit: _Edit) -> None:
        self._waiting.append(edit)
        if self._editing is None:
            self.busy_changed.emit(True)
            self._next()

    def _next(self) -> None:
        self._late = False
        if not self._waiting:
            self._waits.stop()
            self._editing = None
            self.busy_changed.emit(False)
            return
        self._waits.start()
        edit = self._waiting.popleft()
        self._editing = self._engine.call(edit.call, *edit.args, **edit.options).then(
            lambda edited: self._edited(edit, edited), self._edit_failed, self._edit_report
        )

    def _edited(self, edit: _Edit, edited: Edited) -> None:
        self._know(edited)
        if edit.tell is not None:
            self.told.emit(*edit.tell(edited))
        elif self._late:
            self.told.emit(self.tr("Saved"), False)
        self._next()

    def _edit_failed(self, trouble: Trouble) -> None:
        self._fail(trouble)
        self._next()

    def _tell_waiting(self) -> None:
        self._late = True
        reason = self.tr("this change waits, because the index is busy: another program may be writing it")
        remedy = self.tr("It is saved as soon as that has finished; close the other program if it does not finish")
        self.trouble.emit(Trouble(Problem.LOCKED, reason, remedy=remedy))

    def _edit_report(self, report: object) -> None:
        self._waits.start()
        if isinstance(report, list):
            self.changed.emit(report)

    def _tagging_report(self, report: object) -> None:
        if isinstance(report, TagProgress):
            self.tagging_progressed.emit(report)
        else:
            self.changed.emit(report)

    def _writing_report(self, report: object) -> None:
        if isinstance(report, TagProgress):
            self.writing_progressed.emit(report)
        else:
            self.changed.emit(report)

    def _tagged(self, result: TaggingResult) -> None:
        self._long = None
        self.tagging_done.emit(result)
        if not result.dry_run:
            self.refresh()

    def _written(self, result: WritingResult) -> None:
        self._long = None
        self.writing_done.emit(result)
        if not result.dry_run:
            self.refresh()

    def _stop(self, trouble: Trouble) -> None:
        self._long = None
        self._fail(trouble)
        self.stopped.emit()

    def _forget_long(self) -> None:
        if self._long is not None:
            self._long.drop()
            self._long = None

    def _know(self, edited: Edited) -> None:
        self.past = edited.past
        self.history_changed.emit(bool(edited.past.steps), self.describe(edited.past))
        if edited.known != self.known:
            self.known = edited.known
            self.known_changed.emit(self.known)

    def _fail(self, trouble: Trouble) -> None:
        if trouble.kind is not Problem.CANCELLED:
            self.trouble.emit(trouble)

    def _tell_annotated(self, edited: Edited) -> tuple[str, bool]:
        what = self.describe(edited.past)
        return self.tr("{0}: {1}").format(what[:1].upper() + what[1:], self._files(edited.files)), True

    def _tell_renamed(self, edited: Edited) -> tuple[str, bool]:
        return self.tr("Renamed in {0}").format(self._files(edited.files)), bool(edited.files)

    def _tell_undone(self, edited: Edited) -> tuple[str, bool]:
        if edited.failures:
            first = edited.failures[0]
            text = self.tr("{0} files can’t be restored now, {1} for one: {2}. Undo once more when that is mended.")
            return text.format(len(edited.failures), first.path, first.reason), False
        if edited.left:
            text = self.tr("Undone; {0} changes were left, because they have been changed again since")
            return text.format(f"{edited.left:,}"), False
        return self.tr("Undone"), False

    def _files(self, count: int) -> str:
        return self.tr("one file") if count == 1 else self.tr("{0} files").format(f"{count:,}")


def _labels(labels: Collection[str] | None) -> tuple[str, ...] | None:
    return None if labels is None else tuple(labels)
