"""What the library says of a file as a row of the results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from gui.backend.desk import Desk
from gui.records import Row

if TYPE_CHECKING:
    from audioclip_search import AutoTag, Hit, LibraryFile

_AUTO_TAGS = "auto tags"


def row_of_file(file: LibraryFile, auto_tags: tuple[AutoTag, ...] = ()) -> Row:
    """A file that nothing was asked about: it has no score.

    Args:
        file: The file.
        auto_tags: What a model says of it, rejected tags left out.
    """
    about = file.metadata
    return Row(
        path=str(file.path),
        modality=file.modality,
        duration_s=file.duration_s,
        size=file.size,
        mtime_ns=file.mtime_ns,
        rate_hz=about.rate_hz,
        channels=about.channels,
        bits=about.bits,
        width=about.width,
        height=about.height,
        tags=file.tags,
        auto_tags=auto_tags,
        rating=file.rating,
        offline=file.offline,
        failure=file.failure,
    )


def row_of_hit(hit: Hit, file: LibraryFile | None) -> Row:
    """A file that was found.

    Args:
        hit: What the query says of it.
        file: What the library says, for its size and time; None if it does not know it any more.
    """
    about = hit.metadata
    return Row(
        path=str(hit.path),
        modality=hit.modality,
        score=hit.score,
        start_s=hit.start_s,
        end_s=hit.end_s,
        duration_s=hit.duration_s,
        size=0 if file is None else file.size,
        mtime_ns=0 if file is None else file.mtime_ns,
        rate_hz=about.rate_hz,
        channels=about.channels,
        bits=about.bits,
        width=about.width,
        height=about.height,
        tags=hit.tags,
        auto_tags=hit.auto_tags,
        rating=hit.rating,
        offline=hit.offline,
        moments=hit.moments,
        why=hit.why,
    )


def rows_of(desk: Desk, paths: Iterable[str]) -> Iterator[Row]:
    """Rows of files as the desk knows them now; unknown ones are left out."""
    files, auto_tags = desk.files(), auto_tags_of(desk)
    for path in paths:
        if (file := files.get(path)) is not None:
            yield row_of_file(file, auto_tags.get(path, ()))


def auto_tags_of(desk: Desk) -> dict[str, tuple[AutoTag, ...]]:
    """A model's tags by path, without the rejected ones; read again when the files are, or after `forget_auto_tags`."""
    files = desk.files()
    known = desk.shelf.get(_AUTO_TAGS)
    if known is None or known[0] is not files:
        tagged = desk.library.auto_tags() if files else []
        known = files, {str(file.path): file.tags for file in tagged}
        desk.shelf[_AUTO_TAGS] = known
    tags: dict[str, tuple[AutoTag, ...]] = known[1]
    return tags


def forget_auto_tags(desk: Desk) -> None:
    """They have changed: `auto_tags_of` must read them again."""
    desk.shelf.pop(_AUTO_TAGS, None)
