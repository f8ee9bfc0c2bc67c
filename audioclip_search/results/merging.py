"""From the windows of a sound to its moments."""

from __future__ import annotations

from collections.abc import Sequence

from audioclip_search.results.records import Moment

# Windows of resampled sounds miss each other by rounding.
_TOUCHING_S = 0.05


def merge_moments(
    windows: Sequence[Moment], *, threshold: float = 0.0, gap_s: float = _TOUCHING_S, most: int | None = None
) -> tuple[Moment, ...]:
    """The moments of a sound: its windows that score well, those that overlap or follow each other made one.

    The rule: windows that score less than `threshold` are left out. Of the others, in order of time, each that starts
    no later than `gap_s` after the end of the moment before joins it. A moment lasts from the start of its first window
    to the latest end, and has the best score of its windows.

    Args:
        windows: Of one sound, in any order.
        threshold: The least score of a window that counts.
        gap_s: How far apart windows may be and still follow each other.
        most: At most so many moments, the best; None for all.

    Returns:
        Best first; among equals, the earliest. They neither overlap nor touch.
    """
    moments: list[Moment] = []
    for window in sorted((one for one in windows if one.score >= threshold), key=lambda one: (one.start_s, one.end_s)):
        last = moments[-1] if moments else None
        if last is not None and window.start_s <= last.end_s + gap_s:
            moments[-1] = Moment(last.start_s, max(last.end_s, window.end_s), max(last.score, window.score))
        else:
            moments.append(window)
    return tuple(sorted(moments, key=lambda moment: (-moment.score, moment.start_s))[:most])
