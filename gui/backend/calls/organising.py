"""Tags, ratings, favourites and collections; suggestions and decisions; writing them into files; undoing all that."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import islice

from audioclip_search import Action, AutoTag
from gui.backend.curation import Edited, FileDetails, KnownTags, Past, TagCount, TaggingResult, WritingResult
from gui.backend.desk import Desk, Task
from gui.backend.rows import auto_tags_of, forget_auto_tags, rows_of
from gui.organisation import SelectionSummary, collection_name, is_collection, is_favourite, plain_tags, summary_of

_ROWS_A_REPORT = 500
_BREATH_S = 0.01
_EXAMPLES = 200
_FEW = 1_000
_EDITS, _EDITING, _KNOWN = "edits", "editing", "known tags"
_MOST_EDITS = 50

Note = tuple[tuple[str, ...], int]
"""A file's own tags and its rating."""


def annotate(
    desk: Desk,
    task: Task,
    paths: Sequence[str],
    *,
    add: Collection[str] = (),
    remove: Collection[str] = (),
    rating: int | None = None,
) -> Edited:
    """Add and take away own tags, and rate. Fresh rows are reported in lists."""
    files = desk.files()
    with _alone(desk):
        count = desk.library.annotate(paths, add=add, remove=remove, rating=rating)
        added = list({tag.strip().casefold(): tag.strip() for tag in add}.values())
        gone = {tag.strip().casefold() for tag in (*add, *remove)}
        notes: dict[str, tuple[Note, Note]] = {}
        for path in paths:
            file = files.get(path)
            if file is None:
                continue
            tags = (*(tag for tag in file.tags if tag.casefold() not in gone), *added)
            after = tags, file.rating if rating is None else rating
            if after != (file.tags, file.rating):
                notes[path] = (file.tags, file.rating), after
                files[path] = replace(file, tags=tags, rating=after[1])
        if notes:
            _remember(desk, notes)
        if add or remove:
            desk.shelf.pop(_KNOWN, None)
        if desk.files_read is not files:  # read again meanwhile, perhaps before this was written
            desk.forget_files()
    _report_rows(desk, task, paths)
    return _edited(desk, count)


def decide(desk: Desk, task: Task, paths: Sequence[str], labels: Collection[str] | None, *, confirm: bool) -> Edited:
    """Confirm or reject a model's tags; those of copies, too. Fresh rows are reported in lists."""
    library = desk.library
    count = library.confirm_tags(paths, labels) if confirm else library.reject_tags(paths, labels)
    with_copies = _with_copies(desk, paths)
    _read_auto_tags(desk, with_copies)
    _report_rows(desk, task, with_copies)
    return _edited(desk, count)


def rename(desk: Desk, task: Task, old: str, new: str) -> Edited:
    """Give a model's tag another name, everywhere. Fresh rows are reported in lists."""
    before = auto_tags_of(desk)
    count = desk.library.rename_tag(old, new)
    forget_auto_tags(desk)
    _report_changed_auto_tags(desk, task, before)
    return _edited(desk, count)


def undo(desk: Desk, task: Task) -> Edited:
    """Undo what was done last. Reports lists of fresh rows, and `TagProgress` where files are restored."""
    library = desk.library
    files, tags = desk.files(), auto_tags_of(desk)
    with _alone(desk):
        report = library.undo(on_progress=task.report)
        notes = desk.shelf.get(_EDITS, {}).pop(report.operation.time_ns, None)
        if notes is not None:
            _take_back(desk, notes)
    if notes is not None:
        _report_rows(desk, task, notes)
    elif report.operation.action in {Action.ANNOTATE, Action.WRITE}:
        desk.forget_files()
        _report_rows(desk, task, [path for path, file in desk.files().items() if files.get(path) != file])
    else:
        forget_auto_tags(desk)
        _report_changed_auto_tags(desk, task, tags)
    return replace(_edited(desk, report.restored), left=report.skipped, failures=report.failures[:_EXAMPLES])


def tag_automatically(
    desk: Desk,
    task: Task,
    labels: str | Sequence[str],
    *,
    threshold: float,
    paths: Sequence[str] | None = None,
    dry_run: bool = False,
) -> TaggingResult:
    """Suggest tags. Reports `TagProgress`, and lists of fresh rows unless it is a dry run."""
    before = auto_tags_of(desk)
    report = desk.library.tag(
        labels, threshold=threshold, paths=paths, dry_run=dry_run, on_progress=task.report, cancel=task.cancel
    )
    if not (dry_run or report.cancelled):
        forget_auto_tags(desk)
        _report_changed_auto_tags(desk, task, before)
    surest = sorted(report.tagged, key=lambda file: -file.tags[0].probability)[:_EXAMPLES]
    counts = sorted(((name, count) for name, count in report.counts if count), key=lambda pair: (-pair[1], pair[0]))
    return TaggingResult(
        files=report.files,
        tagged=len(report.tagged),
        counts=tuple(TagCount(name, count) for name, count in counts),
        alike=report.alike,
        examples=tuple(surest),
        model=report.model,
        dry_run=dry_run,
        cancelled=report.cancelled,
    )


def write_into_files(
    desk: Desk, task: Task, paths: Sequence[str] | None = None, *, suggested: bool = False, dry_run: bool = False
) -> WritingResult:
    """Write a model's confirmed tags into the files. Reports `TagProgress`."""
    report = desk.library.write_tags(
        paths, suggested=suggested, dry_run=dry_run, on_progress=task.report, cancel=task.cancel
    )
    if report.written and not dry_run:
        desk.forget_files()
        _report_rows(desk, task, [str(file.path) for file in report.written])
    return WritingResult(
        written=len(report.written),
        failed=len(report.failures),
        unchanged=report.unchanged,
        examples=report.written[:_EXAMPLES],
        failures=report.failures[:_EXAMPLES],
        dry_run=dry_run,
        cancelled=report.cancelled,
    )


def state(desk: Desk, task: Task) -> Edited:
    """What files are called, and what can be undone."""
    return _edited(desk, len(desk.files()))


def details(desk: Desk, task: Task, path: str) -> FileDetails:
    """What a file says of itself; nothing if it is unknown."""
    file = desk.files().get(path)
    return FileDetails(path) if file is None else FileDetails(path, file.metadata.fields, file.metadata.markers)


def summarise(desk: Desk, task: Task, paths: str) -> SelectionSummary:
    """What many files have in common; their paths are put together with NULs, since to send 100,000 texts takes the
    window ten times as long as to send one."""
    return summary_of(rows_of(desk, paths.split("\0")))


def _edited(desk: Desk, count: int) -> Edited:
    history = desk.library.history() if desk.files() else []
    past = Past(len(history), history[0].action, history[0].description) if history else Past()
    return Edited(count, past, _known_tags(desk))


def _known_tags(desk: Desk) -> KnownTags:
    """Counted again only if tags may have changed since."""
    files, auto_tags = desk.files(), auto_tags_of(desk)
    counted = desk.shelf.get(_KNOWN)
    if counted is None or counted[0] is not files or counted[1] is not auto_tags:
        counted = files, auto_tags, _count_tags(desk)
        desk.shelf[_KNOWN] = counted
    known: KnownTags = counted[2]
    return known


def _count_tags(desk: Desk) -> KnownTags:
    favourites, collections, own = 0, Counter[str](), Counter[str]()
    for file in desk.files().values():
        if file.tags:
            favourites += is_favourite(file.tags)
            own.update(plain_tags(file.tags))
            collections.update(collection_name(tag) for tag in file.tags if is_collection(tag))
    suggested = Counter(tag.label for tags in auto_tags_of(desk).values() for tag in tags)
    return KnownTags(favourites, _counted(collections), _counted(own), _counted(suggested))


def _counted(names: Counter[str]) -> tuple[TagCount, ...]:
    return tuple(TagCount(*pair) for pair in sorted(names.items(), key=lambda pair: (-pair[1], pair[0].casefold())))


def _alone(desk: Desk) -> threading.Lock:
    """What only one edit has at a time: it changes what the desk remembers."""
    lock: threading.Lock = desk.shelf.setdefault(_EDITING, threading.Lock())
    return lock


def _remember(desk: Desk, notes: dict[str, tuple[Note, Note]]) -> None:
    """So that undoing it needs not read the index again."""
    newest = desk.library.history()[:1]
    if newest:
        edits: dict[int, dict[str, tuple[Note, Note]]] = desk.shelf.setdefault(_EDITS, {})
        edits[newest[0].time_ns] = notes
        while len(edits) > _MOST_EDITS:
            del edits[next(iter(edits))]


def _take_back(desk: Desk, notes: dict[str, tuple[Note, Note]]) -> None:
    desk.shelf.pop(_KNOWN, None)
    files = desk.files()
    for path, (before, after) in notes.items():
        file = files.get(path)
        if file is not None and (file.tags, file.rating) == after:
            files[path] = replace(file, tags=before[0], rating=before[1])


def _with_copies(desk: Desk, paths: Iterable[str]) -> list[str]:
    """These files and all that have the same content."""
    files = desk.files()
    contents = {files[path].content_hash for path in paths if path in files} - {""}
    return [path for path, file in files.items() if file.content_hash in contents]


def _read_auto_tags(desk: Desk, paths: Sequence[str]) -> None:
    """Read again what a model says of some files."""
    if len(paths) > _FEW:
        forget_auto_tags(desk)
        return
    desk.shelf.pop(_KNOWN, None)
    known = auto_tags_of(desk)
    fresh = {str(file.path): file.tags for file in desk.library.auto_tags(paths)} if paths else {}
    for path in paths:
        known.pop(path, None)
    known.update(fresh)


def _report_changed_auto_tags(desk: Desk, task: Task, before: dict[str, tuple[AutoTag, ...]]) -> None:
    now = auto_tags_of(desk)
    _report_rows(desk, task, [path for path in before.keys() | now.keys() if before.get(path) != now.get(path)])


def _report_rows(desk: Desk, task: Task, paths: Iterable[str]) -> None:
    rows = rows_of(desk, paths)
    while part := list(islice(rows, _ROWS_A_REPORT)):
        task.report(part)
        if len(part) == _ROWS_A_REPORT:
            time.sleep(_BREATH_S)  # or of very many the window would do nothing else for a while
