"""What there is to do: the disk as it is, compared with the index as it is."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from audioclip_search.errors import CancelledError, MediaError
from audioclip_search.media import scan
from audioclip_search.storage import StoredFile
from audioclip_search.types import CancelToken, FileStamp, OnProgress, SyncProgress, SyncStage

logger = logging.getLogger(__name__)

_SCANNED_PER_REPORT = 100


@dataclass(frozen=True, slots=True)
class Survey:
    """What is on the disk.

    Attributes:
        stamps: The media files.
        unseen: Folders and files that could not be looked at, relative to the root with forward slashes; the root
            itself is empty. What is in them is unknown, not gone.
    """

    stamps: tuple[FileStamp, ...]
    unseen: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sync has to do.

    Attributes:
        new: Files the index does not know.
        changed: Files it knows in another state, and those whose last failure was not their content's.
        removed: Paths it knows that are gone.
        unchanged: How many files can stay as they are, embedded or failed.
    """

    new: tuple[FileStamp, ...] = ()
    changed: tuple[FileStamp, ...] = ()
    removed: tuple[str, ...] = ()
    unchanged: int = 0


def survey(
    root: Path, *, skip: Collection[Path] = (), on_progress: OnProgress | None = None, cancel: CancelToken | None = None
) -> Survey:
    """Scan a folder.

    Args:
        root: The folder.
        skip: Files and folders to leave out.
        on_progress: Told now and then how many files were found so far.
        cancel: Stops the scan.

    Raises:
        MediaError: The folder is missing, can't be listed, or its path is not Unicode.
        CancelledError: `cancel` was called.
    """
    _require_unicode(root)
    unseen: set[str] = set()

    def on_error(path: Path, error: OSError) -> None:
        logger.warning("%s is left out: %s", path, error.strerror or error)
        relative = path.relative_to(root).as_posix()
        unseen.add("" if relative == "." else relative)

    stamps: list[FileStamp] = []
    for stamp in scan(root, skip=skip, on_error=on_error):
        if cancel is not None and cancel.cancelled:
            raise CancelledError("the scan was cancelled", path=root)
        stamps.append(stamp)
        if on_progress is not None and len(stamps) % _SCANNED_PER_REPORT == 1:
            on_progress(SyncProgress(SyncStage.SCAN, len(stamps), 0, stamp.path))
    return Survey(tuple(stamps), frozenset(unseen))


def plan(disk: Iterable[FileStamp], stored: Mapping[str, StoredFile], *, unseen: Collection[str] = ()) -> Plan:
    """Compare what is on the disk with what the index knows.

    Args:
        disk: The files there are.
        stored: What the index knows, by path.
        unseen: See `Survey`; what the index knows there is left alone.
    """
    new: list[FileStamp] = []
    changed: list[FileStamp] = []
    gone = set(stored)
    unchanged = 0
    for stamp in disk:
        gone.discard(stamp.path)
        known = stored.get(stamp.path)
        if known is None:
            new.append(stamp)
        elif known.stamp != stamp or _was_unreadable(known):
            changed.append(stamp)
        else:
            unchanged += 1
    removed = sorted(path for path in gone if not _is_within(path, unseen))
    return Plan(tuple(new), tuple(changed), tuple(removed), unchanged)


def _require_unicode(root: Path) -> None:
    """Refuse a path of other bytes, which can't be printed or sent, as `scan` refuses such names in the folder."""
    try:
        str(root).encode()
    except UnicodeEncodeError as error:
        raise MediaError("its path is not valid Unicode", path=root, remedy="Rename the folder") from error


def _was_unreadable(known: StoredFile) -> bool:
    """Whether it failed for another reason than its content. Permissions, mounts and disks change without changing a
    file's stamp, and this program does."""
    return bool(known.failure) and not known.content_hash


def _is_within(path: str, places: Collection[str]) -> bool:
    """Whether a path is one of `places` or below one."""
    if path in places or "" in places:
        return True
    return any(path[:end] in places for end, character in enumerate(path) if character == "/")
