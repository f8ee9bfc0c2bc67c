"""What sounds look like: their waveforms and spectra, in memory that does not grow with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audioclip_search.errors import CancelledError, MediaError
from audioclip_search.media.decode import decode, probe
from audioclip_search.media.listening import reached, sound_blocks
from audioclip_search.media.source import open_source
from audioclip_search.media.spectra import LOWEST_HZ, band_powers, frame_length, levels
from audioclip_search.types import CancelToken, FloatArray

_CELLS = 64  # at most so many, and from half as many on, make up a column
_FRAMES = 4  # spectra that a column is the mean of


@dataclass(frozen=True, slots=True, eq=False)
class Waveform:
    """A sound's outline: each column is for an equal part of it.

    Attributes:
        low: float32 `(columns,)` in [-1, 1], the least sample of each part in any channel.
        high: float32 `(columns,)`, the greatest.
        duration_s: Of the sound, seconds.
    """

    low: FloatArray
    high: FloatArray
    duration_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Spectrogram:
    """A sound's spectrum over time.

    Attributes:
        levels: uint8 `(bands, columns)`, the highest band first, each as wide as the others in octaves: 75 dB from 0 to
            255, which is the strongest. Silence is 0.
        lowest_hz: Where the lowest band starts.
        highest_hz: Where the highest one ends.
        start_s: Where the first column starts in the file.
        end_s: Where the last one ends.
    """

    levels: NDArray[np.uint8]
    lowest_hz: float
    highest_hz: float
    start_s: float
    end_s: float


def waveform(path: str | Path, *, columns: int = 400, cancel: CancelToken | None = None) -> Waveform:
    """Decode a sound, or a video's first soundtrack, to see its outline.

    Args:
        path: The file.
        columns: How many; a sound of fewer samples repeats them. Ends of parts are right to a 32nd of one.
        cancel: Stops it soon.

    Raises:
        MediaError: It can't be read.
        CancelledError: `cancel` was called.
    """
    outline = _Outline(columns * _CELLS)
    duration_s = 0.0
    with reached(path), open_source(path) as file:
        for block in decode(file):
            _check(cancel)
            outline.add(block.samples)
            duration_s += block.samples.shape[1] / block.rate_hz
    low, high = outline.columns(columns)
    return Waveform(low, high, duration_s)


def spectrogram_levels(
    path: str | Path,
    *,
    columns: int,
    bands: int,
    start_s: float = 0.0,
    end_s: float | None = None,
    cancel: CancelToken | None = None,
) -> Spectrogram:
    """Decode a stretch of a sound, or of a video's first soundtrack, to see its spectrum, all channels mixed.

    Args:
        path: The file.
        columns: How many equal parts of time.
        bands: How many bands of frequencies.
        start_s: Where to start, seconds; in compressed formats give or take some hundredths of a second.
        end_s: Where to end; None for the sound's end as its header says or, if that doesn't, as it is found out.
        cancel: Stops it soon.

    Raises:
        MediaError: It can't be read, or has no sound there.
        CancelledError: `cancel` was called.
    """
    last_s = _duration_s(path, cancel) if end_s is None else end_s
    with sound_blocks(path, start_s=start_s) as sound:
        rate_hz, length = sound.rate_hz, frame_length(sound.rate_hz)
        samples = round((last_s - start_s) * rate_hz)
        if samples < 1:
            raise MediaError(f"from {start_s:g} to {last_s:g} s there is no sound", path=Path(path))
        each = int(np.clip(2 * samples / (columns * length), 1, _FRAMES))
        centres = (np.arange(columns * each) + 0.5) * samples / (columns * each)
        starts = np.rint(centres).astype(np.int64).reshape(columns, each) - length // 2
        tape = _Tape((reduce(np.add, block.T) / sound.channels for block in sound.blocks), length)
        powers = np.empty((columns, bands))
        for column in range(columns):
            _check(cancel)
            frames = np.stack([tape.frame(start) for start in starts[column].tolist()])  # (each, length)
            powers[column] = band_powers(frames, rate_hz, bands).mean(axis=0)
    return Spectrogram(levels(powers).T[::-1], LOWEST_HZ, rate_hz / 2, start_s, last_s)


def _duration_s(path: str | Path, cancel: CancelToken | None) -> float:
    with reached(path), open_source(path) as file:
        if duration_s := probe(file).duration_s:
            return duration_s
        file.seek(0)
        for block in decode(file):
            _check(cancel)
            duration_s += block.samples.shape[1] / block.rate_hz
        return duration_s


def _check(cancel: CancelToken | None) -> None:
    if cancel is not None and cancel.cancelled:
        raise CancelledError("stopped")


class _Outline:
    """The least and greatest samples of equal stretches of a sound, cells, which are made twice as long each time that
    there are too many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 1  # samples a cell
        self._cells: FloatArray = np.empty((2, 0), np.float32)  # least and greatest
        self._rest: FloatArray = np.empty((2, 0), np.float32)  # of samples that don't fill a cell yet

    def add(self, samples: FloatArray) -> None:
        """Go on with float32 `(channels, n)`."""
        # Channel by channel, because `samples.min(axis=0)` takes ten times as long.
        extremes = np.stack((reduce(np.minimum, samples), reduce(np.maximum, samples)))
        self._rest = np.concatenate((self._rest, extremes), axis=1)
        while self._cells.shape[1] + self._rest.shape[1] // self._size > self._most:
            self._halve()
        whole = self._rest.shape[1] // self._size * self._size
        self._cells = np.concatenate((self._cells, _reduced(self._rest[:, :whole], self._size)), axis=1)
        self._rest = self._rest[:, whole:]

    def columns(self, count: int) -> FloatArray:
        """float32 `(2, count)`: least and greatest of so many equal parts of the whole."""
        cells = self._cells
        if self._rest.size:
            cells = np.concatenate((cells, _reduced(self._rest, self._rest.shape[1])), axis=1)
        first = np.arange(count) * cells.shape[1] // count
        return np.stack((np.minimum.reduceat(cells[0], first), np.maximum.reduceat(cells[1], first)))

    def _halve(self) -> None:
        if self._cells.shape[1] % 2:  # the last cell goes back to where it came from
            self._rest = np.concatenate((np.repeat(self._cells[:, -1:], self._size, axis=1), self._rest), axis=1)
        self._cells = _reduced(self._cells[:, : self._cells.shape[1] // 2 * 2], 2)
        self._size *= 2


def _reduced(cells: FloatArray, count: int) -> FloatArray:
    """`(2, n * count)`, least and greatest -> `(2, n)`, those of so many next to each other."""
    low, high = cells.reshape(2, -1, count)
    return np.stack((low.min(axis=1), high.max(axis=1)))


class _Tape:
    """Stretches of a sound that passes, each starting where the last one did or later; around it there is silence."""

    def __init__(self, blocks: Iterator[FloatArray], length: int) -> None:
        self._blocks = blocks
        self._length = length
        self._held = np.zeros(length, np.float32)
        self._at = -length  # where that starts

    def frame(self, start: int) -> FloatArray:
        """float32 `(length,)` from there on."""
        while True:
            passed = min(max(0, start - self._at), len(self._held))
            self._held, self._at = self._held[passed:], self._at + passed
            if self._at == start and len(self._held) >= self._length:
                return self._held[: self._length]
            block = next(self._blocks, None)
            if block is None:
                return np.pad(self._held, (0, self._length - len(self._held)))
            self._held = np.concatenate((self._held, block))
