"""Pictures of files: waveforms, spectrograms, and pictures in small. They run in the painter."""

from __future__ import annotations

import logging
import os
import sys
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from audioclip_search import CancelToken, MediaError
from gui.backend.desk import Desk, Task

if TYPE_CHECKING:
    from gui.backend.picture_cache import PictureCache

logger = logging.getLogger(__name__)

WAVE_COLUMNS = 240
SPECTRUM_COLUMNS, SPECTRUM_BANDS = 192, 96

_SHELF = "pictures"
_LOCK = threading.Lock()
_QUALITY = 85
_NICENESS = 10


class Kind(StrEnum):
    """What is drawn of a file."""

    WAVEFORM = "waveform"
    SPECTROGRAM = "spectrogram"
    IMAGE = "image"


@dataclass(frozen=True, slots=True)
class Want:
    """A picture that somebody looks for.

    Attributes:
        path: Of the file.
        kind: What to draw of it.
        side: The most pixels of an image's longer side; 0 for the others.
    """

    path: str
    kind: Kind
    side: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A sound's waveform in equal parts.

    Attributes:
        low: int8 `(240,)`, the least of each part: -127 to 127 for -1 to 1.
        high: int8 `(240,)`, the greatest.
        duration_s: Of the sound, seconds.
    """

    low: NDArray[np.int8]
    high: NDArray[np.int8]
    duration_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Pixels:
    """A small picture.

    Attributes:
        content: uint8 `(height, width)` for a spectrogram's levels, `(height, width, 3)` for RGB.
    """

    content: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Unavailable:
    """There is no such picture.

    Attributes:
        reason: Why, for people.
    """

    reason: str


Drawn = Outline | Pixels | Unavailable


def draw(desk: Desk, task: Task, want: Want, cache_folder: str, limit_bytes: int) -> Drawn:
    """A picture of a file, from the cache or made. It never fails: a file that can't be drawn is `Unavailable`.

    Args:
        desk: The painter's.
        task: Stops it when cancelled.
        want: Which picture.
        cache_folder: Where pictures are kept.
        limit_bytes: How many bytes of them.

    Raises:
        CancelledError: Nobody wants it any more.
    """
    cache = _cache(desk, Path(cache_folder), limit_bytes)
    kind = f"{want.kind}-{want.side}" if want.side else str(want.kind)
    try:
        stat = Path(want.path).stat()
    except (OSError, ValueError) as error:  # a name that no file can have
        kept = cache.get(want.path, kind, None)  # its drive may come back; until then this is what it looked like
        drawn = None if kept is None else _unpacked(want.kind, kept)
        return drawn or Unavailable(getattr(error, "strerror", None) or str(error))
    stamp = f"{stat.st_size}-{stat.st_mtime_ns}"
    kept = cache.get(want.path, kind, stamp)
    drawn = None if kept is None else _unpacked(want.kind, kept)
    if drawn is not None:
        return drawn
    try:
        made = _MAKERS[want.kind](want, task.cancel)
    except MediaError as error:
        return Unavailable(str(error))
    cache.put(want.path, kind, stamp, _packed(made))
    return made


def clear_pictures(desk: Desk, task: Task, cache_folder: str, limit_bytes: int) -> None:
    """Forget all pictures that were made."""
    _cache(desk, Path(cache_folder), limit_bytes).clear()


def _cache(desk: Desk, folder: Path, limit_bytes: int) -> PictureCache:
    from gui.backend.picture_cache import PictureCache

    with _LOCK:
        name, cache = desk.shelf.get(_SHELF, (None, None))
        if name != (folder, limit_bytes) or cache is None:
            if cache is None:
                _step_back()
            else:
                cache.close()
            cache = PictureCache(folder, limit_bytes)
            desk.shelf[_SHELF] = (folder, limit_bytes), cache
    assert isinstance(cache, PictureCache)
    return cache


def _step_back() -> None:
    """Let everybody else on this machine go first."""
    if sys.platform == "win32":
        import psutil

        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        os.nice(_NICENESS)


def _waveform(want: Want, cancel: CancelToken) -> Outline:
    from audioclip_search import waveform

    found = waveform(want.path, columns=WAVE_COLUMNS, cancel=cancel)
    low, high = (np.rint(np.clip(side, -1, 1) * 127).astype(np.int8) for side in (found.low, found.high))
    return Outline(low, high, found.duration_s)


def _spectrogram(want: Want, cancel: CancelToken) -> Pixels:
    from audioclip_search import spectrogram_levels

    found = spectrogram_levels(want.path, columns=SPECTRUM_COLUMNS, bands=SPECTRUM_BANDS, cancel=cancel)
    return Pixels(np.ascontiguousarray(found.levels))


def _image(want: Want, cancel: CancelToken) -> Pixels:
    from audioclip_search import thumbnail

    return Pixels(np.asarray(thumbnail(want.path, side=want.side)))


_MAKERS: dict[Kind, Callable[[Want, CancelToken], Outline | Pixels]] = {
    Kind.WAVEFORM: _waveform,
    Kind.SPECTROGRAM: _spectrogram,
    Kind.IMAGE: _image,
}


def _packed(drawn: Outline | Pixels) -> bytes:
    if isinstance(drawn, Outline):
        return np.float64(drawn.duration_s).tobytes() + drawn.low.tobytes() + drawn.high.tobytes()
    if drawn.content.ndim == 2:
        return zlib.compress(drawn.content.tobytes())
    from io import BytesIO

    from PIL import Image

    file = BytesIO()
    Image.fromarray(drawn.content).save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()


def _unpacked(kind: Kind, content: bytes) -> Outline | Pixels | None:
    """None if it is not what `_packed` makes: another version may have made it."""
    try:
        if kind is Kind.WAVEFORM:
            low, high = np.frombuffer(content[8:], np.int8).reshape(2, WAVE_COLUMNS)
            return Outline(low, high, float(np.frombuffer(content[:8])[0]))
        if kind is Kind.SPECTROGRAM:
            levels = np.frombuffer(zlib.decompress(content), np.uint8)
            return Pixels(levels.reshape(SPECTRUM_BANDS, SPECTRUM_COLUMNS))
        from io import BytesIO

        from PIL import Image

        return Pixels(np.asarray(Image.open(BytesIO(content)).convert("RGB")))
    except (ValueError, IndexError, zlib.error, OSError) as error:
        logger.info("a kept %s is made anew: %s", kind, error)
        return None
