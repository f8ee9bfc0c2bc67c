"""What the library tells people to do in a shell, said for people who have a window."""

from __future__ import annotations

import errno
import re

_MAKE_ROOM, _NOT_YOURS = "Free some space on its disk and try again", "Make it writable for yourself and try again"
_FOR_ERRORS = {
    errno.ENOSPC: _MAKE_ROOM,
    errno.EDQUOT: _MAKE_ROOM,
    errno.EACCES: _NOT_YOURS,
    errno.EPERM: _NOT_YOURS,
    errno.EROFS: _NOT_YOURS,
    errno.ENOENT: "Connect the drive that it is on; if it has moved or is gone, rescan the library (F5)",
    errno.EIO: "Connect its drive again, and look whether it is broken",
}

_IN_THE_WINDOW = (
    (r"run `audioclip-search index`( first| again)?", "rescan the library (F5)"),
    (
        r"(embed everything again with|run) `audioclip-search index --reembed`",
        "embed all files again in Preferences, Model",
    ),
    (r"run `audioclip-search models download [^`]*`", "download it in Preferences, Model"),
    (r"run `audioclip-search models verify`, and download it again", "download it again in Preferences, Model"),
    (r"fetch the file (another way|on another machine) and run (`audioclip-search models import FILE`)?", "try later"),
    (r"run the command again", "try again"),
    (r"\. Or: keep the index elsewhere, with --index", " and try again"),
    (r"keep the index elsewhere, with --index", "open a library elsewhere, with Library, Open another library"),
)


def in_the_window(remedy: str) -> str:
    """A remedy in the app's words."""
    for command, words in _IN_THE_WINDOW:
        remedy = re.sub(command, words, remedy, flags=re.IGNORECASE)
    return remedy[:1].upper() + remedy[1:]


def remedy_for(error: OSError) -> str:
    """What to do about what the system says of a file."""
    return _FOR_ERRORS.get(error.errno or 0, "Try again")
