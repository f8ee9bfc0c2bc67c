"""What a sound looks like, whole or a part of it. Run by the painter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gui.backend.desk import Desk, Task

FloatArray: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A waveform: each column is for an equal part of a stretch.

    Attributes:
        low: float32 `(columns,)` in [-1, 1], the least sample of each part.
        high: float32 `(columns,)`, the greatest.
        start_s: Where the stretch starts.
        end_s: Where it ends.
    """

    low: FloatArray
    high: FloatArray
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """A spectrogram.

    Attributes:
        levels: uint8 `(bands, columns)`, the highest band first; bands are equally wide in octaves.
        lowest_hz: Where the lowest band starts.
        highest_hz: Where the highest one ends.
        start_s: Where the first column starts.
        end_s: Where the last one ends.
    """

    levels: NDArray[np.uint8]
    lowest_hz: float
    highest_hz: float
    start_s: float
    end_s: float


def outline(desk: Desk, task: Task, path: str, columns: int) -> Outline:
    """The waveform of a whole sound.

    Raises:
        MediaError: It can't be read.
        CancelledError: It is not wanted any more.
    """
    from audioclip_search import waveform

    drawn = waveform(path, columns=columns, cancel=task.cancel)
    return Outline(drawn.low, drawn.high, 0.0, drawn.duration_s)


def outline_of(  # noqa: PLR0917
    desk: Desk, task: Task, path: str, start_s: float, end_s: float, columns: int
) -> Outline:
    """The waveform of a part of a sound, read to the sample.

    Raises:
        MediaError: It can't be read, or has no sound there.
    """
    from audioclip_search import read_sound

    clip = read_sound(path, start_s=start_s, end_s=end_s)
    columns = min(columns, len(clip.samples))
    first = np.arange(columns) * len(clip.samples) // columns
    low = np.minimum.reduceat(clip.samples.min(axis=1), first)
    high = np.maximum.reduceat(clip.samples.max(axis=1), first)
    return Outline(low, high, start_s, start_s + len(clip.samples) / clip.rate_hz)


def spectrum_of(  # noqa: PLR0917
    desk: Desk, task: Task, path: str, start_s: float, end_s: float, columns: int, bands: int
) -> Spectrum:
    """The spectrogram of a part of a sound.

    Raises:
        MediaError: It can't be read, or has no sound there.
        CancelledError: It is not wanted any more.
    """
    from audioclip_search import spectrogram_levels

    drawn = spectrogram_levels(path, columns=columns, bands=bands, start_s=start_s, end_s=end_s, cancel=task.cancel)
    return Spectrum(drawn.levels, drawn.lowest_hz, drawn.highest_hz, drawn.start_s, drawn.end_s)
