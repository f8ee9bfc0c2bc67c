"""Reading a file through C libraries, whose callbacks no exception can leave."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import av

from audioclip_search.errors import MediaError


class GuardedFile:
    """Stands between a C library and a file: an `OSError` is kept for `check` instead of being raised, and the library
    sees the file end. Raised through PyAV, it could end up on standard error, or in the next file of the thread."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._error: OSError | None = None
        self.name = getattr(file, "name", "")  # by whose suffix FFmpeg chooses between formats

    def read(self, size: int) -> bytes:
        """So many bytes, fewer at the end and after an error."""
        try:
            return self._file.read(size)
        except OSError as error:
            self._error = error
            return b""

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go somewhere; a negative number, as FFmpeg wants it, if that is not possible."""
        try:
            return self._file.seek(offset, whence)
        except ValueError:
            return -errno.EINVAL  # a broken header can send a library to before the start
        except OSError as error:
            if error.errno != errno.EINVAL:  # the same, of a file on a disk
                self._error = error
            return -errno.EINVAL

    def tell(self) -> int:
        """Where it is."""
        return self._file.tell()

    def check(self) -> None:
        """Raise the error that was kept."""
        if self._error is not None:
            raise self._error


@contextmanager
def open_container(file: BinaryIO) -> Iterator[av.container.InputContainer]:
    """Open a sound or video with PyAV.

    A playlist in such clothing must not make FFmpeg open what it lists: no protocol, no other file. Names and comments
    in odd encodings are no reason to fail.

    Raises:
        av.FFmpegError: It is neither, or broken; also from the block.
        OSError: The disk failed, whatever came of it in the block.
    """
    guarded = GuardedFile(file)
    try:
        with av.open(guarded, "r", options={"protocol_whitelist": "none"}, metadata_errors="replace") as container:
            yield container
    except (av.FFmpegError, MediaError):
        guarded.check()
        raise
    guarded.check()
