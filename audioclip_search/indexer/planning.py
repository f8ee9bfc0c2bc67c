"""What there is to do: the disk as it is, compared with the index as it is."""

from __future__ import annotations

import logging
import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePath

from audioclip_search.errors import CancelledError, MediaError
from audioclip_search.media import scan
from audioclip_search.storage import StoredFiles
from audioclip_search.types import CancelToken, FileStamp, OnProgress, Places, ScanRules, SyncProgress, SyncStage

logger = logging.getLogger(__name__)

_SCANNED_PER_REPORT = 100


@dataclass(frozen=True, slots=True)
class Survey:
    """What is on the disk. Paths are relative to the library's root, with forward slashes; those in its other folders
    are absolute.

    Attributes:
        stamps: The media files.
        unseen: Folders and files that could not be looked at; the root itself is empty. What is in them is unknown, not
            gone.
        mounts: Folders on other file systems than the one above, those of `unseen` included.
        within: The places that were looked at; None for all.
    """

    stamps: tuple[FileStamp, ...]
    unseen: frozenset[str] = frozenset()
    mounts: tuple[str, ...] = ()
    within: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sync has to do.

    Attributes:
        new: Files the index does not know.
        changed: Files it knows in another state, and those whose last failure was not their content's.
        removed: Paths it knows that are gone.
        unchanged: How many files can stay as they are, embedded or failed.
        offline: How many files it knows in places that could not be looked at.
    """

    new: tuple[FileStamp, ...] = ()
    changed: tuple[FileStamp, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: int = 0
    offline: int = 0


def survey(
    root: Path,
    *,
    places: Places | None = None,
    within: Collection[str] | None = None,
    skip: Collection[Path] = (),
    on_progress: OnProgress | None = None,
    cancel: CancelToken | None = None,
) -> Survey:
    """Scan the folders of a library. One that is missing counts as unseen, and so does a known mount point that is
    missing or empty: it looks like that when its drive is unplugged.

    Args:
        root: The library's own folder.
        places: Its other folders, known mount points and rules.
        within: Only these places; paths as the index has them.
        skip: Files and folders to leave out.
        on_progress: Told now and then how many files were found so far.
        cancel: Stops the scan.

    Raises:
        MediaError: No folder is there or can be listed, or the root's path is not Unicode.
        CancelledError: `cancel` was called.
    """
    require_unicode(root)
    places = places or Places()
    unseen: set[str] = set()
    mounts: set[str] = set()
    stamps: list[FileStamp] = []
    for prefix, below in _wanted(places, within).items():
        folder = root / prefix
        if places.folders and not folder.is_dir():
            unseen.add(prefix.rstrip("/"))
            continue
        for stamp in _scan(folder, prefix, below, rules=places.rules, skip=skip, unseen=unseen, mounts=mounts):
            if cancel is not None and cancel.cancelled:
                raise CancelledError("the scan was cancelled", path=root)
            stamps.append(stamp)
            if on_progress is not None and len(stamps) % _SCANNED_PER_REPORT == 1:
                on_progress(SyncProgress(SyncStage.SCAN, len(stamps), 0, stamp.path))
    if not any((root / folder).is_dir() for folder in ("", *places.folders)):
        raise MediaError("neither this folder nor any other one of the library is there", path=root)
    for mount in {*places.mounts, *mounts}:  # those seen just now too: a drive may be unplugged during the scan
        if is_unplugged(root / mount):
            unseen.add(mount)
            mounts.add(mount)
    return Survey(
        tuple(stamps), frozenset(unseen), tuple(sorted(mounts)), None if within is None else frozenset(within)
    )


def plan(survey: Survey, stored: StoredFiles) -> Plan:
    """Compare what is on the disk with what the index knows. What it knows in unseen places is left alone."""
    stale = [stamp for stamp in survey.stamps if not stored.is_current(stamp)]
    changed = tuple(stamp for stamp in stale if stamp.path in stored)
    new = tuple(stamp for stamp in stale if stamp.path not in stored)
    known = set(stored) if survey.within is None else {path for path in stored if is_within(path, survey.within)}
    gone = known.difference([stamp.path for stamp in survey.stamps])
    removed = sorted(path for path in gone if not is_within(path, survey.unseen))
    unchanged = len(survey.stamps) - len(stale)
    return Plan(new, changed, tuple(removed), unchanged, len(gone) - len(removed))


def is_within(path: str, places: Collection[str]) -> bool:
    """Whether a path is one of `places` or below one; the empty place is the root, where no absolute path is."""
    if not places:
        return False
    if path in places or ("" in places and not PurePath(path).is_absolute()):
        return True
    return any(path[:end] in places for end, character in enumerate(path) if character == "/" and end)


def prefix_of(folder: str) -> str:
    """How the paths in one of a library's other folders begin; a drive's own, as `D:/`, ends with a slash already."""
    return folder.rstrip("/") + "/"


def _wanted(places: Places, within: Collection[str] | None) -> dict[str, list[str]]:
    """What to look at in each folder, by the beginning of the paths in it."""
    prefixes = [prefix_of(folder) for folder in places.folders]
    if within is None:
        return {prefix: [""] for prefix in ("", *prefixes)}
    wanted: dict[str, list[str]] = defaultdict(list)
    for place in within:
        prefix = next((prefix for prefix in prefixes if f"{place}/".startswith(prefix)), "")
        wanted[prefix].append(place[len(prefix) :])
    return wanted


def _scan(
    folder: Path,
    prefix: str,
    within: Iterable[str],
    *,
    rules: ScanRules,
    skip: Collection[Path],
    unseen: set[str],
    mounts: set[str],
) -> Iterator[FileStamp]:
    """The stamps of one folder; tells what could not be seen, and what is mounted."""

    def on_error(path: Path, error: OSError) -> None:
        logger.warning("%s is left out: %s", path, error.strerror or error)
        relative = path.relative_to(folder).as_posix()
        unseen.add((prefix + ("" if relative == "." else relative)).rstrip("/"))

    if prefix and os.path.ismount(folder):
        mounts.add(prefix.rstrip("/"))
    found = scan(
        folder,
        within=tuple(within),
        rules=rules,
        skip=skip,
        on_error=on_error,
        on_mount=lambda place: mounts.add(prefix + place),
    )
    return (replace(stamp, path=prefix + stamp.path) for stamp in found) if prefix else found


def is_unplugged(mount: Path) -> bool:
    """Whether a folder that was a mount point is one no more, and missing or empty."""
    if os.path.ismount(mount):
        return False
    try:
        return next(mount.iterdir(), None) is None
    except OSError:
        return True


def require_unicode(root: Path) -> None:
    """Refuse a path of other bytes, which can't be printed or sent, as `scan` refuses such names in the folder."""
    try:
        str(root).encode()
    except UnicodeEncodeError as error:
        raise MediaError("its path is not valid Unicode", path=root, remedy="Rename the folder") from error
