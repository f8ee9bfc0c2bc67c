"""A file in another's place: either the old or the new one is there, whole, whatever happens."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from audioclip_search.errors import MediaError

logger = logging.getLogger(__name__)


@contextmanager
def disk_errors_told(path: Path) -> Iterator[None]:
    """Tell what goes wrong on the disk as a `MediaError` of this file."""
    try:
        yield
    except OSError as error:
        raise MediaError(f"can't be replaced ({error.strerror or error})", path=path) from error


class NewFile:
    """A file beside another one, that takes its place with `replace`, or is gone after the block. Its name begins with
    a dot and ends like no medium, so that no scan finds it.

    Args:
        target: The other file. It has to be writable, although it is never written to.

    Raises:
        MediaError: The other file is read-only, or its folder can't be written to.
    """

    def __init__(self, target: Path) -> None:
        if not os.access(target, os.W_OK):
            raise MediaError("is read-only", path=target, remedy="Make it writable first")
        self._target = target
        self._stat = target.stat()
        with disk_errors_told(target):
            handle, name = tempfile.mkstemp(prefix=".audioclip-search-", suffix=".tmp", dir=target.parent)
        os.close(handle)
        self.path = Path(name)

    def __enter__(self) -> NewFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.path.unlink(missing_ok=True)

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """The file, to be read and written. It is on the disk when the block ends."""
        with self.path.open("r+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())

    def replace(self, *, mtime_ns: int | None = None) -> None:
        """Take the other file's place, with its permissions, owner and attributes.

        Args:
            mtime_ns: When it was last modified; None for now.

        Raises:
            MediaError: The other file has changed since this object was made, or the disk fails.
        """
        with disk_errors_told(self._target):
            self._replace(mtime_ns)

    def _replace(self, mtime_ns: int | None) -> None:
        self._adopt()
        if mtime_ns is None:
            os.utime(self.path)
        else:
            os.utime(self.path, ns=(self._stat.st_atime_ns, mtime_ns))
        now = self._target.stat()
        if (now.st_ino, now.st_size, now.st_mtime_ns) != (
            self._stat.st_ino,
            self._stat.st_size,
            self._stat.st_mtime_ns,
        ):
            raise MediaError("was changed by another program meanwhile", path=self._target, remedy="Try it again")
        self.path.replace(self._target)
        _sync_folder(self._target.parent)

    def _adopt(self) -> None:
        shutil.copystat(self._target, self.path)
        if hasattr(os, "chown"):
            mine = self.path.stat()
            # The group by itself: only an administrator can give a file away, but who shares it by its group has to
            # get at it as before.
            for uid, gid in ((-1, self._stat.st_gid), (self._stat.st_uid, -1)):
                if (uid, gid) in ((-1, mine.st_gid), (mine.st_uid, -1)):
                    continue
                try:
                    os.chown(self.path, uid, gid)
                except PermissionError as error:
                    logger.debug("%s gets another owner: %s", self._target, error)


def _sync_folder(folder: Path) -> None:
    """Have a folder's changes on the disk, where that can be asked for."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:  # Windows opens no folders
        logger.debug("%s can't be synchronised: %s", folder, error)
        return
    try:
        os.fsync(handle)
    except OSError as error:  # nor do some network drives
        logger.debug("%s can't be synchronised: %s", folder, error)
    finally:
        os.close(handle)
