"""Decoded sounds: short ones stay in memory, so that they start at once the next time; long ones are streamed."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Protocol

import numpy as np

from audioclip_search import MediaError
from gui.player.decoding import Decoder
from gui.player.output import CHANNELS, FloatArray

LONGEST_KEPT_S = 190.0
"""Sounds that are longer are not kept in memory."""

SHELF_BYTES = 256 << 20
"""How much memory the sounds that were heard last may take."""

_NOTHING = np.zeros((0, CHANNELS), np.float32)


class Clip(Protocol):
    """A sound by its samples at the output's rate. Used by one thread."""

    @property
    def length(self) -> int | None:
        """How many samples it has; None while that is not known for sure."""

    @property
    def duration_s(self) -> float:
        """How long it is, as far as is known; 0 if it is not."""

    def read(self, start: int, count: int) -> FloatArray:
        """float32 `(n, 2)`, samples from a place on: `count`, or fewer, and none only at the end.

        Raises:
            MediaError: The file can't be read there.
        """

    def work(self) -> bool:
        """Decode some more ahead; whether there was anything to do.

        Raises:
            MediaError: The file can't be read.
        """

    def close(self) -> None:
        """Close the file."""


class MemoryClip:
    """A sound that is decoded into memory, once."""

    def __init__(self, decoder: Decoder, rate_hz: int) -> None:
        self._decoder: Decoder | None = decoder
        self._rate_hz = rate_hz
        self._header_s = decoder.duration_s
        self._samples = np.empty((round(decoder.duration_s * rate_hz) + rate_hz, CHANNELS), np.float32)
        self._decoded = 0

    @property
    def length(self) -> int | None:
        """How many samples it has; None while it is being decoded."""
        return self._decoded if self._decoder is None else None

    @property
    def duration_s(self) -> float:
        """How long it is, as far as is known."""
        return self._decoded / self._rate_hz if self._decoder is None else self._header_s

    @property
    def size(self) -> int:
        """Bytes."""
        return self._samples.nbytes

    def read(self, start: int, count: int) -> FloatArray:
        """float32 `(n, 2)`, samples from a place on; decodes up to there."""
        while self._decoded < start + count and self.work():
            pass
        return self._samples[start : min(start + count, self._decoded)]

    def work(self) -> bool:
        """Decode some more; whether there was anything to do. A damaged file ends where the damage is."""
        if self._decoder is None:
            return False
        try:
            block = self._decoder.read()
        except MediaError:
            if not self._decoded:
                raise
            block = None
        if block is None:
            self.close()
            return True
        needed = self._decoded + len(block)
        if needed > len(self._samples):
            longer = np.empty((max(needed, 2 * len(self._samples)), CHANNELS), np.float32)
            longer[: self._decoded] = self._samples[: self._decoded]
            self._samples = longer
        self._samples[self._decoded : needed] = block
        self._decoded = needed
        return True

    def close(self) -> None:
        """Close the file; what is decoded stays."""
        if self._decoder is not None:
            self._decoder.close()
            self._decoder = None


class StreamClip:
    """A sound that is decoded anew wherever it is heard."""

    def __init__(self, path: str, decoder: Decoder, rate_hz: int) -> None:
        self._path = path
        self._decoder = decoder
        self._rate_hz = rate_hz
        self._at = 0  # where the rest starts
        self._rest = _NOTHING
        self._length: int | None = None
        self.duration_s = decoder.duration_s

    @property
    def length(self) -> int | None:
        """How many samples it has; None until its end has been heard."""
        return self._length

    def read(self, start: int, count: int) -> FloatArray:
        """float32 `(n, 2)`, samples from a place on; seeks if that is not where the last ones ended."""
        if start != self._at:
            end = self._length if self._length is not None else self.duration_s * self._rate_hz
            if start >= end:
                return _NOTHING
            self._seek(start)
        while not len(self._rest):
            block = self._decoder.read()
            if block is None:
                self._length = self._at
                return _NOTHING
            self._rest = block
        found, self._rest = self._rest[:count], self._rest[count:]
        self._at += len(found)
        return found

    def work(self) -> bool:
        """Nothing to do ahead."""
        return False

    def close(self) -> None:
        """Close the file."""
        self._decoder.close()

    def _seek(self, start: int) -> None:
        self._decoder.close()
        self._decoder = Decoder(self._path, self._rate_hz, start / self._rate_hz)
        self._rest, self._at = _NOTHING, start


class Shelf:
    """The sounds that were heard last, the latest at the end."""

    def __init__(self, limit: int = SHELF_BYTES) -> None:
        self._limit = limit
        self._clips: OrderedDict[tuple[str, int, int, int], MemoryClip] = OrderedDict()

    def open(self, path: str, rate_hz: int) -> Clip:
        """A sound, from memory if it is there and its file is unchanged.

        Raises:
            MediaError: It can't be read.
        """
        key = _key(path, rate_hz)
        if key in self._clips:
            self._clips.move_to_end(key)
            return self._clips[key]
        decoder = Decoder(path, rate_hz)
        if not 0 < decoder.duration_s <= LONGEST_KEPT_S:
            return StreamClip(path, decoder, rate_hz)
        clip = self._clips[key] = MemoryClip(decoder, rate_hz)
        while len(self._clips) > 1 and sum(each.size for each in self._clips.values()) > self._limit:
            self._clips.popitem(last=False)
        return clip

    def put_away(self, clip: Clip) -> None:
        """Close a sound that is not heard any more; it stays if it is decoded to its end."""
        whole = clip.length is not None
        clip.close()
        if not whole:
            for key in [key for key, each in self._clips.items() if each is clip]:
                del self._clips[key]


def _key(path: str, rate_hz: int) -> tuple[str, int, int, int]:
    try:
        stat = Path(path).stat()
    except (OSError, ValueError):
        return path, 0, 0, rate_hz  # decoding says what is wrong with it
    return path, stat.st_size, stat.st_mtime_ns, rate_hz
