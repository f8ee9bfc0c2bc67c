"""Opening what a caller hands in, a path or bytes, with every failure told as a `MediaError` that names the file."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, TypeAlias

from audioclip_search.errors import MediaError

Source: TypeAlias = str | os.PathLike[str] | bytes | BinaryIO
"""Where a file's bytes come from: its path, the bytes themselves, or a seekable binary file (read from its start, left
open)."""


@contextmanager
def open_source(source: Source) -> Iterator[BinaryIO]:
    """Open a source for reading. A `MediaError` raised inside the block without a path leaves it with the source's.

    Raises:
        MediaError: It is missing, not permitted, no regular file, or the disk fails while the block reads it.
    """
    path = None
    try:
        if isinstance(source, str | os.PathLike):
            path = Path(source)
            _require_regular(path)
            with path.open("rb") as file:
                yield file
        elif isinstance(source, bytes):
            yield BytesIO(source)
        else:
            source.seek(0)
            yield source
    except MediaError as error:
        if error.path is None:
            error.path = path
        raise
    except OSError as error:
        raise MediaError(error.strerror or str(error), path=path) from error


def _require_regular(path: Path) -> None:
    """Refuse folders, and pipes and devices, which could block or never end."""
    try:
        mode = path.stat().st_mode
    except ValueError as error:  # halves of characters, say, that stand for no byte
        raise MediaError("no file can be called so") from error
    if stat.S_ISDIR(mode):
        raise MediaError("is a folder")
    if not stat.S_ISREG(mode):
        raise MediaError("is not a regular file")
