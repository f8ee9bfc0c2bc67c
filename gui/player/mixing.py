"""What the device's own thread does: takes samples from a queue, and changes their level without a click."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass

import numpy as np

from gui.player.output import FloatArray

FADE_S = 0.005
"""From silence to full level."""


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Samples that are ready to be heard.

    Attributes:
        samples: float32 `(n, 2)` in [-1, 1].
        start_s: What part of the sound the first one is.
        step_s: How much further the sound is with each.
    """

    samples: FloatArray
    start_s: float
    step_s: float


class Feed:
    """A queue of chunks between the thread that makes them and the one that plays them."""

    def __init__(self) -> None:
        self._chunks: deque[Chunk] = deque()
        self._taken = 0  # of the first chunk
        self._lock = threading.Lock()
        self._finished = False
        self.frames = 0
        """How many are waiting."""

    def put(self, chunk: Chunk) -> None:
        """Append some; there will be more."""
        with self._lock:
            self._finished = False
            self._chunks.append(chunk)
            self.frames += len(chunk.samples)

    def finish(self) -> None:
        """What is in it is all there is."""
        with self._lock:
            self._finished = True

    @property
    def over(self) -> bool:
        """Whether all there is has been taken."""
        with self._lock:
            return self._finished and not self._chunks

    def take(self, out: FloatArray) -> tuple[int, float | None]:
        """Write as many samples as there are into float32 `(n, 2)`.

        Returns:
            How many, and where in the sound the next one is; None if nothing was there.
        """
        done, position_s = 0, None
        with self._lock:
            while done < len(out) and self._chunks:
                chunk = self._chunks[0]
                count = min(len(out) - done, len(chunk.samples) - self._taken)
                out[done : done + count] = chunk.samples[self._taken : self._taken + count]
                done += count
                self._taken += count
                position_s = chunk.start_s + self._taken * chunk.step_s
                if self._taken == len(chunk.samples):
                    self._chunks.popleft()
                    self._taken = 0
            self.frames -= done
        return done, position_s


class Mixer:
    """Gives the device what is to be heard. `fill` runs on the device's thread, all else on any other.

    Each start has a number, so that what was got ready for an older one is not heard.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._feed: Feed | None = None
        self._next: Feed | None = None
        self._number = self._expected = 0  # of the feed; of the one that is wanted
        self._level = 0.0  # at the moment; it moves to where it should be
        self._gain = 1.0
        self._paused = True
        self._slope = 1 / (FADE_S * 48_000)
        self._position_s = 0.0
        self.filled_at_s = 0.0
        """When the device asked last, by `time.monotonic`."""

    def set_rate(self, rate_hz: int) -> None:
        """Samples a second, for the length of fades."""
        self._slope = 1 / (FADE_S * rate_hz)

    def expect(self, number: int) -> None:
        """Fade out what is heard; what is put in under this number will be heard at once."""
        with self._lock:
            self._expected, self._paused = number, False

    def put(self, feed: Feed, position_s: float, number: int) -> None:
        """Go on with another feed, which is at that place of its sound; nothing happens if its number is not wanted."""
        with self._lock:
            if number != self._expected:
                return
            self._next, self._number, self._position_s = feed, number, position_s
            if not self._level:
                self._switch()

    def pause(self) -> None:
        """Fade out and stay there."""
        self._paused = True

    def resume(self) -> None:
        """Fade in and go on."""
        self._paused = False

    def stop(self) -> None:
        """Fade out; nothing is wanted."""
        with self._lock:
            self._expected, self._paused = -1, True

    def set_gain(self, gain: float) -> None:
        """The level: 0 for silence, 1 for that of the file."""
        self._gain = gain

    def position_s(self, number: int) -> float | None:
        """What part of its sound the next sample is, since what has that number was put in; None before."""
        with self._lock:
            return self._position_s if number == self._number else None

    def over(self, number: int) -> bool:
        """Whether what has that number has been played to its end."""
        with self._lock:
            return number == self._number and self._next is None and self._feed is not None and self._feed.over

    def fill(self, out: FloatArray) -> None:
        """Write the next samples into float32 `(n, 2)`."""
        self.filled_at_s = time.monotonic()
        out[:] = 0.0
        done = 0
        with self._lock:
            while done < len(out):
                if self._next is not None and not self._level:
                    self._switch()
                unwanted = self._paused or self._next is not None or self._number != self._expected
                if unwanted and not self._level:
                    break
                done += self._play(out[done:], 0.0 if unwanted else self._gain)

    def _switch(self) -> None:
        self._feed, self._next = self._next, None
        self._level = 0.0 if self._paused else self._gain  # the feed's own start is as it should be

    def _play(self, out: FloatArray, target: float) -> int:
        """Go on at the present level or on the way to another one. Returns how many samples."""
        moving = target != self._level
        count = min(len(out), max(1, round(abs(target - self._level) / self._slope))) if moving else len(out)
        out = out[:count]
        feed = self._feed
        taken, position_s = feed.take(out) if feed is not None else (0, None)
        if position_s is not None and self._next is None:
            self._position_s = position_s
        if not taken:
            self._level = target  # nothing is heard that could click
            return count
        if moving:
            way = target - self._level
            low, high = sorted((self._level, target))
            levels = self._level + np.copysign(self._slope, way) * np.arange(1, count + 1)
            levels = np.clip(levels, low, high)
            out *= levels.astype(np.float32)[:, None]
            arrived = abs(way) <= self._slope * count + 1e-9
            self._level = target if arrived else float(levels[-1])
        elif self._level != 1.0:
            out *= np.float32(self._level)
        return count
