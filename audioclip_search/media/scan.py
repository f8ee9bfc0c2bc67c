"""Finding the media files of a folder."""

from __future__ import annotations

import errno
import logging
import os
import stat
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TypeAlias

from audioclip_search.errors import MediaError
from audioclip_search.media.formats import modality_of
from audioclip_search.types import FileStamp

logger = logging.getLogger(__name__)

OnScanError: TypeAlias = Callable[[Path, OSError], None]
_Identity: TypeAlias = tuple[int, int]


def scan(root: Path, *, skip: Collection[Path] = (), on_error: OnScanError | None = None) -> Iterator[FileStamp]:
    """Walk a folder for media files, in an order that depends on the names alone.

    Hidden files and folders are left out (a leading dot: the index's own folder and macOS's `._` companions are such),
    and so is `__MACOSX`. Links are followed, to files and to folders, but no folder is walked twice, so that loops end;
    one that is inside `root` and linked to as well counts where it is.

    Args:
        root: The folder.
        skip: Files and folders to leave out, with all that is in them. They need not exist.
        on_error: Told what can't be listed or looked at, and why: a folder (its files are then unknown, not gone), a
            broken link, a file whose name is not Unicode (its path comes with replacement characters). Without it they
            are logged.

    Returns:
        Stamps, found while they are asked for.

    Raises:
        MediaError: At once: `root` is missing, no folder, or can't be listed.
    """
    try:
        with os.scandir(root):
            pass
        skipped = frozenset(_identity(path.stat()) for path in skip if path.exists())
    except OSError as error:
        raise MediaError(error.strerror or str(error), path=root) from error
    return _walk(root, skipped, _log if on_error is None else on_error)


def _walk(root: Path, skipped: frozenset[_Identity], on_error: OnScanError) -> Iterator[FileStamp]:
    seen = set(skipped)
    # Folders to walk, relative to the root, with a slash behind. Links wait until every real folder is done.
    folders, linked = [""], list[str]()
    while folders or linked:
        prefix = (folders or linked).pop()
        folder = root / prefix
        try:
            identity = _identity(folder.stat())
            if identity in seen:
                continue
            seen.add(identity)
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            on_error(folder, error)
            continue
        subfolders: list[str] = []
        for entry in entries:
            if entry.name.startswith(".") or entry.name == "__MACOSX":
                continue
            try:
                if entry.is_dir():
                    _require_unicode(entry.name)
                    (linked if entry.is_symlink() else subfolders).append(f"{prefix}{entry.name}/")
                    continue
                stamp = _stamp(entry, prefix, skipped)
            except OSError as error:
                on_error(Path(os.fsencode(entry.path).decode(errors="replace")), error)
                continue
            if stamp is not None:
                yield stamp
        folders.extend(reversed(subfolders))


def _stamp(entry: os.DirEntry[str], prefix: str, skipped: frozenset[_Identity]) -> FileStamp | None:
    """The stamp of a file; None if it is no medium or to be skipped."""
    modality = modality_of(entry.name)
    if modality is None:
        if entry.is_symlink():
            Path(entry.path).stat()  # fails if it is broken: it may have led to a folder, whose files are then unknown
        return None
    _require_unicode(entry.name)
    # Not `entry.stat()`, which has no identity on Windows.
    status = Path(entry.path).stat()
    if not stat.S_ISREG(status.st_mode) or _identity(status) in skipped:
        return None
    return FileStamp(f"{prefix}{entry.name}", modality, status.st_size, status.st_mtime_ns)


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
