"""Hits as a playlist, which players open: M3U, in UTF-8 (M3U8)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from audioclip_search.results.wording import clock
from audioclip_search.types import Modality

if TYPE_CHECKING:
    from audioclip_search.results.records import Hit, Moment


def as_m3u(hits: Sequence[Hit], *, title: str = "", relative_to: Path | None = None) -> str:
    """The sounds among the hits as a playlist. Of a hit with moments each is an entry, which VLC plays alone; of
    others the whole file is.

    A line can't hold every path: one with control characters or such is written as a `file:` URI, absolute.

    Args:
        hits: Pictures and texts among them are left out.
        title: The playlist's; none if empty.
        relative_to: The folder that the playlist will be in, if paths are to be relative to it. Files on another drive
            stay absolute.
    """
    lines = ["#EXTM3U"]
    if title:
        lines.append(f"#PLAYLIST:{_one_line(title)}")
    for hit in hits:
        if hit.modality is Modality.AUDIO:
            lines.extend(_entries(hit, _location(hit.path, relative_to)))
    return "\n".join([*lines, ""])


def _entries(hit: Hit, location: str) -> Iterator[str]:
    name = _one_line(dict(reversed(hit.metadata.fields)).get("title", "") or hit.path.stem)
    for moment in hit.moments:
        yield f"#EXTINF:{_number(moment.end_s - moment.start_s)},{name} {_span(moment)}"
        yield f"#EXTVLCOPT:start-time={_number(moment.start_s)}"
        yield f"#EXTVLCOPT:stop-time={_number(moment.end_s)}"
        yield location
    if not hit.moments:
        yield f"#EXTINF:{_number(hit.duration_s) if hit.duration_s > 0 else -1},{name}"
        yield location


def _location(path: Path, relative_to: Path | None) -> str:
    shown = str(path.absolute()) if relative_to is None else _relative(path, relative_to)
    # A backslash is a slash to many players, even where it is none.
    if not shown.isprintable() or shown != shown.strip() or (os.sep == "/" and "\\" in shown):
        return path.absolute().as_uri()
    if shown.startswith("#") or (":" in shown.partition("/")[0] and not Path(shown).is_absolute()):
        return f"./{shown}"  # neither a comment nor a URI
    return shown


def _relative(path: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive
        return str(path.absolute())


def _one_line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _number(value_s: float) -> str:
    return f"{value_s:.3f}".rstrip("0").rstrip(".")


def _span(moment: Moment) -> str:
    return f"{clock(moment.start_s)}–{clock(moment.end_s)}"
