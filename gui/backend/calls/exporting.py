"""Files for other programs: parts of sounds, copies, playlists."""

from __future__ import annotations

import errno
import os
import shutil
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from audioclip_search import CancelledError, ExportError
from gui.backend.desk import Desk, Task
from gui.records import Row

_KEEP_S = 30 * 24 * 3600.0
_MOST_NUMBERS = 10_000
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a sound.

    Attributes:
        path: The sound.
        start_s: Where it starts, seconds.
        end_s: Where it ends.
    """

    path: str
    start_s: float
    end_s: float


def prepare_region(desk: Desk, task: Task, region: Region, folder: str) -> str:
    """Write a part of a sound for a drag that may come, in a folder of the cache. One that is there already is taken.

    Returns:
        The file, named for the sound and the part.

    Raises:
        MediaError: The sound can't be read.
        ExportError: The file can't be written.
    """
    with _said():
        stat = Path(region.path).stat()
        where = zlib.crc32(region.path.encode("utf-8", "surrogatepass"))
        place = Path(folder) / f"{where:08x}-{stat.st_size:x}-{stat.st_mtime_ns:x}"
        place.mkdir(parents=True, exist_ok=True)
    target = place / region_name(region)
    if not target.exists():
        _extract(region, target)
    return str(target)


def export_region(desk: Desk, task: Task, region: Region, folder: str) -> str:
    """Write a part of a sound to a folder; where the name is taken, with a number.

    Returns:
        The file.

    Raises:
        MediaError: The sound can't be read.
        ExportError: The file can't be written.
    """
    target = free_name(Path(folder) / region_name(region))
    _extract(region, target)
    return str(target)


def export_files(desk: Desk, task: Task, paths: Sequence[str], folder: str) -> list[str]:
    """Copy files to a folder; where a name is taken, with a number. Reports how many are done.

    Returns:
        The copies.

    Raises:
        ExportError: One can't be read or written; those before it are there.
        CancelledError: Asked for; those before are there.
    """
    made = []
    for number, path in enumerate(paths):
        if task.cancel.cancelled:
            raise CancelledError("stopped")
        target = free_name(Path(folder) / Path(path).name)
        with _said(), _removed_if_broken(target):
            shutil.copy2(path, target)
        made.append(str(target))
        task.report(number + 1)
    return made


def save_playlist(desk: Desk, task: Task, rows: Sequence[Row], target: str) -> str:
    """Write the sounds among the rows as a playlist, `.m3u8`; one that is there is replaced.

    Returns:
        The file.

    Raises:
        ExportError: It can't be written.
    """
    from audioclip_search import Hit, Hits

    hits = Hits(
        tuple(Hit(Path(row.path), row.modality, row.score or 0.0, duration_s=row.duration_s) for row in rows),
        query=Path(target).stem,
    )
    with _said():
        return str(hits.save(target, relative=True))


def clean_regions(desk: Desk, task: Task, folder: str) -> None:
    """Remove parts that were prepared long ago: by then those who took them have them."""
    before = time.time() - _KEEP_S
    for file in Path(folder).glob("*/*.wav"):
        if file.stat().st_mtime < before:
            file.unlink(missing_ok=True)
            if not any(file.parent.iterdir()):
                file.parent.rmdir()


def forget_region(desk: Desk, task: Task, file: str) -> None:
    """Remove a part that was prepared and not taken."""
    Path(file).unlink(missing_ok=True)


def region_name(region: Region) -> str:
    """What a part of a sound is called: `rain 1.20-3.40.wav`."""
    return f"{Path(region.path).stem[:_LONGEST_NAME]} {region.start_s:.2f}-{region.end_s:.2f}.wav"


def free_name(path: Path) -> Path:
    """The path, with a number if there is such a file.

    Raises:
        ExportError: There are too many.
    """
    if not os.path.lexists(path):
        return path
    for number in range(2, _MOST_NUMBERS):
        other = path.with_name(f"{path.stem} ({number}){path.suffix}")
        if not os.path.lexists(other):
            return other
    raise ExportError("there are too many files of this name", path=path, remedy="Choose another folder")


def _extract(region: Region, target: Path) -> None:
    from audioclip_search import extract_sound

    with _said():
        try:
            extract_sound(region.path, target, start_s=region.start_s, end_s=region.end_s)
        except ValueError as error:
            raise ExportError("this part is too short", path=target, remedy="Select a longer one") from error


@contextmanager
def _said() -> Iterator[None]:
    """Give what the system says of files a remedy."""
    try:
        yield
    except ExportError as error:
        cause = error.__cause__
        if not error.remedy and isinstance(cause, OSError):
            error.remedy = _remedy(cause)
        raise
    except OSError as error:
        where = error.filename2 or error.filename
        reason = (error.strerror or str(error)).lower()
        raise ExportError(reason, path=Path(where) if where else None, remedy=_remedy(error)) from error


def _remedy(error: OSError) -> str:
    remedies = {
        errno.ENOSPC: "Free some space, or choose a folder on another disk",
        errno.EDQUOT: "Free some space, or choose a folder on another disk",
        errno.EACCES: "Choose a folder that you may write to",
        errno.EPERM: "Choose a folder that you may write to",
        errno.EROFS: "Choose a folder that you may write to",
        errno.ENOENT: "It has moved, is gone, or its drive is not connected",
    }
    return remedies.get(error.errno or 0, "Choose another folder")


@contextmanager
def _removed_if_broken(target: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        target.unlink(missing_ok=True)
        raise
