"""Files as the libraries that read metadata are to see them."""

from __future__ import annotations

from typing import BinaryIO


class WatchedFile:
    """Remembers what went wrong on the disk: the libraries take it for damage, which is no reason to fail."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._error: OSError | None = None
        self.name = str(getattr(file, "name", ""))

    def read(self, size: int = -1) -> bytes:
        """As any file's.

        Raises:
            OSError: The disk failed.
        """
        try:
            return self._file.read(size)
        except OSError as error:
            self._error = error
            raise

    def seek(self, offset: int, whence: int = 0) -> int:
        """As any file's; going to before the start is damage, not the disk's fault."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """As any file's."""
        return self._file.tell()

    def check(self) -> None:
        """Raise what went wrong."""
        if self._error is not None:
            raise self._error


class MeteredFile:
    """Lets so many bytes be read of a file."""

    def __init__(self, file: BinaryIO, limit: int) -> None:
        self._file = file
        self._left = limit
        self.name = str(getattr(file, "name", ""))

    def read(self, size: int = -1) -> bytes:
        """As any file's.

        Raises:
            ValueError: It would be more than the limit.
        """
        data = self._file.read(min(size, self._left + 1) if size >= 0 else self._left + 1)
        self._left -= len(data)
        if self._left < 0:
            raise ValueError("more metadata than are read")
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        """As any file's."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """As any file's."""
        return self._file.tell()
