"""How fast work goes, smoothed, and how long it will take."""

from __future__ import annotations

import math

_MEMORY_S = 6.0
_LEAST_S = 0.25


class Pace:
    """The rate of a count that grows. Times are seconds of any clock that only goes forward."""

    def __init__(self) -> None:
        self._start: tuple[float, float] | None = None
        self._last = (0.0, 0.0)
        self._rate = 0.0

    def update(self, count: float, now_s: float) -> None:
        """Tell it how far the work is."""
        if self._start is None or count < self._last[1]:
            self._start = self._last = (now_s, count)
            self._rate = 0.0
            return
        passed_s = now_s - self._last[0]
        if passed_s < _LEAST_S:
            return
        newest = (count - self._last[1]) / passed_s
        known_s = self._last[0] - self._start[0]
        # At first all that is known counts the same; later, what is older than some seconds fades.
        fading = math.exp(-passed_s / _MEMORY_S)
        keep = min(fading, known_s / (known_s + passed_s))
        self._rate = keep * self._rate + (1 - keep) * newest
        self._last = (now_s, count)

    @property
    def per_s(self) -> float:
        """The rate; 0 while it is unknown."""
        return self._rate

    def left_s(self, count: float, total: float) -> float | None:
        """Seconds until `total` is reached; None while that is unknown."""
        return max(0.0, total - count) / self._rate if total and self._rate > 0 else None
