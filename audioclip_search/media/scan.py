"""Finding the media files of a folder."""

from __future__ import annotations

import errno
import logging
import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from audioclip_search.errors import MediaError
from audioclip_search.media.formats import modality_of_name
from audioclip_search.media.ignore import IGNORE_FILE, Patterns, is_ignored, parse_patterns, read_ignore_file
from audioclip_search.types import FileStamp, ScanRules

logger = logging.getLogger(__name__)

OnScanError: TypeAlias = Callable[[Path, OSError], None]
OnMount: TypeAlias = Callable[[str], None]
OnTooLarge: TypeAlias = Callable[[FileStamp], None]
_Identity: TypeAlias = tuple[int, int]

_NEVER = frozenset({IGNORE_FILE, ".audioclip-search", "__MACOSX"})
_IS_POSIX = os.name == "posix"


def scan(
    root: Path,
    *,
    within: Collection[str] = ("",),
    rules: ScanRules | None = None,
    skip: Collection[Path] = (),
    on_error: OnScanError | None = None,
    on_mount: OnMount | None = None,
    on_too_large: OnTooLarge | None = None,
) -> Iterator[FileStamp]:
    """Walk a folder for media files, in an order that depends on the names alone.

    Left out are hidden files and folders (a leading dot) unless `rules` say otherwise; always the index's own folders
    (`.audioclip-search`) and macOS's companions (`._*`, `__MACOSX`); and what `rules` and the `.audioclipignore` files
    of the folders ignore. These have gitignore's syntax and count in their folder and below, deeper ones more; upper
    and lower case differ, on every system. An ignored folder is not entered, so nothing in it can be taken back in.

    A folder whose `.audioclipignore` can't be read or is malformed is treated like one that can't be listed: it is
    reported, and what is in it is unknown until that is mended. So nothing is indexed that the user may have wanted to
    leave out, and nothing is forgotten.

    Links are followed, to files and to folders, but no folder is walked twice, so that loops end; one that is inside
    `root` and linked to as well counts where it is.

    Args:
        root: The folder.
        within: The only files and folders to look at, with all that is in them: relative to `root`, with forward
            slashes; empty is everything. The result is that part of the whole scan's, in the same order. They need not
            exist, and may overlap. To look at one, the folders above it are listed, no others; only where a link leads
            to a folder everything is walked, to know whether the folder counts there. A change of an `.audioclipignore`
            concerns the folder it is in.
        rules: What belongs to the library; without them `ScanRules()`.
        skip: Files and folders to leave out, with all that is in them. They need not exist.
        on_error: Told what can't be listed or looked at, and why: a folder (its files are then unknown, not gone), a
            broken link, a file whose name is not Unicode (its path comes with replacement characters). Without it they
            are logged.
        on_mount: Told each folder that is on another device than the folder it is in, relative to `root`.
        on_too_large: Told each file that is left out for its size.

    Returns:
        Stamps, found while they are asked for.

    Raises:
        MediaError: At once: `root` is missing, no folder, or can't be listed, or a pattern in `rules` is malformed.
    """
    rules = ScanRules() if rules is None else rules
    try:
        with os.scandir(root):
            pass
        skipped = frozenset(_identity(path.stat()) for path in skip if path.exists())
    except OSError as error:
        raise MediaError(error.strerror or str(error), path=root) from error
    try:
        patterns = parse_patterns(rules.ignore)
    except ValueError as error:
        raise MediaError(f"the ignore patterns can't be used: {error}", path=root) from error
    task = _Task(root, rules, patterns, skipped, on_error or _log, on_mount or _unheard, on_too_large or _unheard)
    places = frozenset(place.rstrip("/") for place in within)
    return _walk(task) if "" in places else _walk_places(task, places)


@dataclass(frozen=True, slots=True)
class _Task:
    """A scan, as it was asked for.

    Attributes:
        places: What to look at; None for everything.
        on_the_way: The folders above the places.
        on_link: Told each link to a folder, which is then not entered. None: they are.
    """

    root: Path
    rules: ScanRules
    patterns: Patterns
    skipped: frozenset[_Identity]
    on_error: OnScanError
    on_mount: OnMount
    on_too_large: OnTooLarge
    places: frozenset[str] | None = None
    on_the_way: frozenset[str] = frozenset()
    on_link: Callable[[str], None] | None = None

    def is_place(self, path: str) -> bool:
        """Whether a path is one of the places, or everything is."""
        return self.places is None or path in self.places


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder to walk: relative to the root with a slash behind, the device of the folder it is in (None for the
    root), that folder's patterns, and whether it is in one of the places."""

    prefix: str
    device: int | None
    patterns: Patterns
    is_within: bool


def _walk_places(task: _Task, places: frozenset[str]) -> Iterator[FileStamp]:
    on_the_way = frozenset(above for place in places for above in _above(place))
    found: list[str] = []
    yield from _walk(replace(task, places=places, on_the_way=on_the_way, on_link=found.append))
    if not found:
        return
    # Whether a folder counts where a link leads to it depends on all other folders and links.
    links = frozenset(found)
    above_links = frozenset(above for link in links for above in (".", *_above(link)))

    def matters(path: str) -> bool:
        return _is_in(path, links) and (path in on_the_way or _is_in(path, places))

    def on_error(path: Path, error: OSError) -> None:
        relative = path.relative_to(task.root).as_posix()
        if relative in above_links or matters(relative):
            task.on_error(path, error)

    def on_mount(path: str) -> None:
        if matters(path):
            task.on_mount(path)

    def on_too_large(stamp: FileStamp) -> None:
        if matters(stamp.path):
            task.on_too_large(stamp)

    everything = replace(task, on_error=on_error, on_mount=on_mount, on_too_large=on_too_large)
    yield from (stamp for stamp in _walk(everything) if _is_in(stamp.path, links) and _is_in(stamp.path, places))


def _walk(task: _Task) -> Iterator[FileStamp]:
    seen = set(task.skipped)
    # Links wait until every real folder is done.
    folders, linked = [_Folder("", None, task.patterns, task.places is None)], list[_Folder]()
    while folders or linked:
        folder = (folders or linked).pop()
        path = os.path.join(task.root, folder.prefix)  # noqa: PTH118 -- a path's text is all that is needed
        patterns = folder.patterns
        try:
            status = os.stat(path)  # noqa: PTH116
            identity = _identity(status)
            if identity in seen:
                continue
            seen.add(identity)
            if folder.device not in (None, status.st_dev):
                task.on_mount(folder.prefix[:-1])
                if task.rules.one_file_system:
                    continue
            with os.scandir(path) as listing:
                entries = {entry.name: entry for entry in listing}
            if IGNORE_FILE in entries and not entries[IGNORE_FILE].is_dir():
                patterns = read_ignore_file(Path(entries[IGNORE_FILE].path), folder.prefix, patterns)
        except OSError as error:
            task.on_error(Path(path), error)
            continue
        subfolders: list[_Folder] = []
        here = _Folder(folder.prefix, status.st_dev, patterns, folder.is_within)
        yield from _look(task, here, _selected(task, folder, entries), subfolders, linked)
        folders.extend(reversed(subfolders))


def _selected(task: _Task, folder: _Folder, entries: dict[str, os.DirEntry[str]]) -> Iterable[os.DirEntry[str]]:
    """Those of a folder's entries that are to be looked at, in order."""
    names = sorted(entries)
    if task.places is not None and not folder.is_within:
        names = [name for name in names if (path := folder.prefix + name) in task.places or path in task.on_the_way]
    return map(entries.__getitem__, names)


def _look(
    task: _Task,
    folder: _Folder,
    entries: Iterable[os.DirEntry[str]],
    subfolders: list[_Folder],
    linked: list[_Folder],
) -> Iterator[FileStamp]:
    """A folder's files. The folders in it, with this one's device and patterns, are added to the lists."""
    prefix, patterns, hidden = folder.prefix, folder.patterns, task.rules.hidden
    skipped, max_bytes, is_within = task.skipped, task.rules.max_bytes, folder.is_within
    for entry in entries:
        name = entry.name
        if name[0] == "." and (not hidden or name in _NEVER or name.startswith("._")):
            continue
        path = prefix + name
        try:
            is_folder = entry.is_dir()
            if patterns and is_ignored(patterns, path + "/" if is_folder else path):
                continue
            if is_folder:
                _keep_for_later(task, folder, entry, subfolders, linked)
                continue
            stamp = _stamp(entry, path, skipped) if is_within or task.is_place(path) else None
        except OSError as error:
            task.on_error(Path(os.fsencode(entry.path).decode(errors="replace")), error)
            continue
        if stamp is None:
            continue
        if max_bytes is not None and stamp.size > max_bytes:
            task.on_too_large(stamp)
            continue
        yield stamp


def _keep_for_later(
    task: _Task, parent: _Folder, entry: os.DirEntry[str], subfolders: list[_Folder], linked: list[_Folder]
) -> None:
    if entry.name in _NEVER:
        return
    _require_unicode(entry.name)
    path = parent.prefix + entry.name
    if entry.is_symlink() and task.on_link is not None:
        task.on_link(path)
        return
    is_within = parent.is_within or task.is_place(path)
    folder = _Folder(path + "/", parent.device, parent.patterns, is_within)
    (linked if entry.is_symlink() else subfolders).append(folder)


def _stamp(entry: os.DirEntry[str], path: str, skipped: frozenset[_Identity]) -> FileStamp | None:
    """The stamp of a file; None if it is no medium or to be skipped."""
    modality = modality_of_name(entry.name)
    if modality is None:
        if entry.is_symlink():
            # Fails if it is broken: it may have led to a folder, whose files are then unknown.
            os.stat(entry.path)  # noqa: PTH116
        return None
    if not path.isascii():
        _require_unicode(entry.name)
    # On Windows `entry.stat()` has no identity, and the size that the file had when it was last closed.
    status = entry.stat() if _IS_POSIX else os.stat(entry.path)  # noqa: PTH116
    if not stat.S_ISREG(status.st_mode) or (skipped and _identity(status) in skipped):
        return None
    return FileStamp(path, modality, status.st_size, status.st_mtime_ns)


def _above(path: str) -> list[str]:
    """The folders a path is in, without the root."""
    return [path[:end] for end, character in enumerate(path) if character == "/"]


def _is_in(path: str, places: Collection[str]) -> bool:
    return path in places or any(above in places for above in _above(path))


def _require_unicode(name: str) -> None:
    """A name of other bytes, which Python keeps as surrogates, can't be stored, printed or sent."""
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise OSError(errno.EILSEQ, "its name is not valid Unicode") from error


def _identity(status: os.stat_result) -> _Identity:
    return status.st_dev, status.st_ino


def _log(path: Path, error: OSError) -> None:
    logger.warning("%s is left out: %s", path, error.strerror or error)


def _unheard(_: object) -> None:
    """Nobody asked to be told."""
