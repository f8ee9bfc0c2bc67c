"""Sounds as the output wants them: in stereo and at its rate, a block at a time. Runs on the player's thread."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import numpy as np

from gui.player.output import CHANNELS, FloatArray

if TYPE_CHECKING:
    from av import AudioFrame, AudioResampler


def warm_up() -> None:
    """Import what decoding needs. That takes the better part of a second, through which an output that is open already
    could not be served in time."""
    from audioclip_search import sound_blocks  # noqa: F401


class Decoder:
    """A file that is being decoded, from some place to its end.

    Args:
        path: The file.
        rate_hz: The rate to give.
        start_s: Where to start, seconds; in compressed formats give or take some hundredths of a second.

    Raises:
        MediaError: It can't be read, or there is no sound there.

    Attributes:
        duration_s: Of the whole file, as its header says; 0 if it doesn't.
    """

    def __init__(self, path: str, rate_hz: int, start_s: float = 0.0) -> None:
        self.duration_s = 0.0
        self._blocks = self._decode(path, rate_hz, start_s)
        self._first = next(self._blocks, None)

    def read(self) -> FloatArray | None:
        """The next samples, float32 `(n, 2)` in [-1, 1]; None at the end.

        Raises:
            MediaError: The file is damaged here.
        """
        first, self._first = self._first, None
        return first if first is not None else next(self._blocks, None)

    def close(self) -> None:
        """Close the file; again does nothing."""
        self._blocks.close()

    def _decode(self, path: str, rate_hz: int, start_s: float) -> Generator[FloatArray, None, None]:
        from audioclip_search import sound_blocks  # loads FFmpeg

        with sound_blocks(path, start_s=start_s) as sound:
            self.duration_s = sound.duration_s
            stereo = (in_stereo(block) for block in sound.blocks)
            if sound.rate_hz == rate_hz:
                yield from stereo
            else:
                yield from _resampled(stereo, sound.rate_hz, rate_hz)


def in_stereo(samples: FloatArray) -> FloatArray:
    """float32 `(n, channels)` -> `(n, 2)`: one channel is in the middle; of several, every other is on either side."""
    channels = samples.shape[1]
    if channels == CHANNELS:
        return samples
    if channels == 1:
        return np.repeat(samples, CHANNELS, axis=1)
    return np.stack((samples[:, ::2].mean(axis=1), samples[:, 1::2].mean(axis=1)), axis=1)


def _resampled(blocks: Iterator[FloatArray], rate_hz: int, wanted_hz: int) -> Iterator[FloatArray]:
    import av

    resampler = av.AudioResampler(format="flt", layout="stereo", rate=wanted_hz)
    for block in blocks:
        yield from _through(resampler, as_frame(block, rate_hz))
    yield from _through(resampler, None)


def _through(resampler: AudioResampler, frame: AudioFrame | None) -> Iterator[FloatArray]:
    for resampled in resampler.resample(frame):
        yield from_frame(resampled)


def as_frame(samples: FloatArray, rate_hz: int) -> AudioFrame:
    """float32 `(n, 2)` as FFmpeg has it."""
    import av

    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples).reshape(1, -1), format="flt", layout="stereo")
    frame.sample_rate = rate_hz
    return frame


def from_frame(frame: AudioFrame) -> FloatArray:
    """FFmpeg's packed floats -> float32 `(n, 2)`."""
    return np.asarray(frame.to_ndarray(), np.float32).reshape(-1, CHANNELS)
