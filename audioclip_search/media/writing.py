"""Files that are whole or not there."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from audioclip_search.errors import ExportError


@contextmanager
def written_whole(target: Path, *, overwrite: bool) -> Iterator[Path]:
    """Where to write what is to become `target`: a hidden file in the same folder, which is not there yet. When the
    block ends it takes the target's name, in one step; when the block fails it is removed.

    Args:
        target: The file to make.
        overwrite: Whether it may replace one that is there.

    Raises:
        ExportError: There is no such folder, the target is one, it exists and must not be replaced (even if it came
            while the block ran), or the disk fails in the block.
    """
    # Not the target's name with something added, which could be too long for a name.
    beside = target.with_name(f".{secrets.token_hex(8)}.part")
    with _translated(target):
        _require_place(target, overwrite=overwrite)
    try:
        with _translated(target):
            yield beside
            if overwrite:
                beside.replace(target)
            else:
                _name_anew(beside, target)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def _translated(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ExportError(error.strerror or str(error), path=target) from error


def _require_place(target: Path, *, overwrite: bool) -> None:
    if not target.parent.is_dir():
        raise ExportError("there is no such folder", path=target.parent, remedy="Make the folder first")
    if target.is_dir():
        raise ExportError("is a folder", path=target, remedy="Name a file")
    if not overwrite and os.path.lexists(target):
        raise _exists(target)


def _name_anew(beside: Path, target: Path) -> None:
    """Rename without replacing what may have come in the meantime."""
    try:
        target.hardlink_to(beside)
    except FileExistsError as error:
        raise _exists(target) from error
    except OSError:  # a file system without links
        if os.path.lexists(target):
            raise _exists(target) from None
        beside.rename(target)


def _exists(target: Path) -> ExportError:
    return ExportError("exists already", path=target, remedy="Choose another name, or allow overwriting")
