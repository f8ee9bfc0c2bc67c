"""Times: in words for people, and of what matches."""

from __future__ import annotations

from PySide6.QtGui import QFont

from gui.records import Row


def clock(seconds: float, decimals: int = 1) -> str:
    """Minutes and seconds, hours if there are any: `0:03.2`, `1:02:03.2`. Cut off, not rounded, as clocks do."""
    scale = 10**decimals
    units = int(max(0.0, seconds) * scale + 1e-6)
    whole, part = divmod(units, scale)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    text = f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
    return f"{text}.{part:0{decimals}}" if decimals else text


def tabular(font: QFont) -> QFont:
    """The same font with digits of one width."""
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def matches_of(row: Row) -> tuple[tuple[float, float], ...]:
    """The parts of a sound that match, best first; none if nothing was looked for or all of it matches."""
    if row.score is None or not row.duration_s:
        return ()
    best = ((row.start_s, row.end_s),) if row.end_s > row.start_s else ()
    moments = tuple((moment.start_s, moment.end_s) for moment in row.moments) or best
    return tuple(part for part in moments if part[1] - part[0] < 0.95 * row.duration_s)
