"""Numbers and names for people."""

from __future__ import annotations


def printable(text: str) -> str:
    """`text` with control characters escaped, so that a file's name can't play with the terminal."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def clock(time_s: float) -> str:
    """Seconds as `m:ss.t`, or `h:mm:ss` from an hour on."""
    tenths = round(time_s * 10)
    minutes, tenths = divmod(tenths, 600)
    if minutes < 60:
        return f"{minutes}:{tenths / 10:04.1f}"
    return f"{minutes // 60}:{minutes % 60:02d}:{tenths // 10:02d}"


def percent(score: float) -> str:
    """A score as a percentage, `87 %`."""
    return f"{round(100 * score)} %"
