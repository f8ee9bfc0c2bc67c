"""What the library tells people to do in a shell, said for people who have a window."""

from __future__ import annotations

import re

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
)


def in_the_window(remedy: str) -> str:
    """A remedy in the app's words."""
    for command, words in _IN_THE_WINDOW:
        remedy = re.sub(command, words, remedy, flags=re.IGNORECASE)
    return remedy[:1].upper() + remedy[1:]
