"""What a folder's `.audioclipignore` leaves out: gitignore's syntax, by pathspec.

pathspec answers for whole paths of files. A walk asks for one entry at a time, folders too, and doesn't enter those
that are ignored; so patterns are translated by pathspec, but tried here, as git tries them: the last one that matches
the entry itself decides.
"""

from __future__ import annotations

import errno
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

IGNORE_FILE = ".audioclipignore"
"""The name of a file of patterns, which count in its folder and below."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A line of an ignore file: what matches is ignored, or not. `by_name`: in whatever folder it is."""

    regex: re.Pattern[str]
    ignores: bool
    by_name: bool


Patterns: TypeAlias = tuple[Pattern, ...]
"""The first one that matches decides."""

# Every pattern and path begins with this folder: pathspec translates patterns that match in all folders in a way that
# doesn't tell an entry from what is in it.
_TOP = "top/"


def read_ignore_file(path: Path, folder: str, above: Patterns) -> Patterns:
    """The patterns of a file, before those of the folders above it.

    Args:
        path: The file. UTF-8.
        folder: Its folder, relative to the root, with a slash behind; empty for the root.
        above: What counts in the folder above.

    Raises:
        OSError: It can't be read, is no text, or has a malformed line. The message names it, and so does `filename`.
    """
    try:
        # Not opened unless it is a file: opening a pipe would wait for somebody to write.
        if not stat.S_ISREG(path.stat().st_mode):
            raise OSError(errno.EINVAL, "not a file")
        return parse_patterns(path.read_text(encoding="utf-8-sig").split("\n"), folder) + above
    except OSError as error:
        raise OSError(error.errno, f"its {path.name} can't be read: {error.strerror or error}", str(path)) from error
    except ValueError as error:
        reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error
        raise OSError(errno.EINVAL, f"its {path.name} can't be used: {reason}", str(path)) from error


def parse_patterns(lines: Iterable[str], folder: str = "") -> Patterns:
    """Translate lines of gitignore's syntax, in the order of a file.

    Raises:
        ValueError: A line is malformed; the message has its number.
    """
    patterns: list[Pattern] = []
    for number, line in enumerate(lines, 1):
        text = re.sub(r"(?<!\\)\s+$", "", line)
        body = text.removeprefix("!")
        if not body.strip("/") or text.startswith("#"):
            continue
        by_name = "/" not in body[:-1]
        rooted = _rooted(body, "" if by_name else folder)
        try:
            regex, _ = GitIgnoreSpecPattern.pattern_to_regex(rooted)
            if regex is not None:
                # A name may contain a line break.
                patterns.append(Pattern(re.compile(regex, re.DOTALL), body == text, by_name))
        except (ValueError, re.error) as error:
            raise ValueError(f"line {number} is malformed: {text!r}") from error
    return tuple(reversed(patterns))


def is_ignored(patterns: Patterns, path: str) -> bool:
    """Whether a walk has to leave out an entry of a folder that it doesn't leave out.

    Args:
        patterns: What counts in its folder.
        path: Relative to the root, with a slash behind if it is a folder.
    """
    subject, name = _TOP + path, _TOP + path[path.rfind("/", 0, -1) + 1 :]
    for pattern in patterns:
        if pattern.regex.fullmatch(name if pattern.by_name else subject):
            return pattern.ignores
    return False


def _rooted(pattern: str, folder: str) -> str:
    """A folder's pattern as one of the root's."""
    if pattern.endswith(("/**", "/**/")) or pattern in ("**", "**/"):
        # All that is in a folder, but not the folder itself. pathspec does not tell them apart.
        pattern = pattern.removesuffix("/") + "/*" + ("/" if pattern.endswith("/") else "")
    return f"/{_TOP}{GitIgnoreSpecPattern.escape(folder)}{pattern.removeprefix('/')}"
