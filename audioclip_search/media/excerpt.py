"""A stretch of a sound to listen to: quickly found rather than to the sample, mono, at a low rate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import av
import numpy as np

from audioclip_search.errors import MediaError
from audioclip_search.media.decode import audio_stream, frame_samples, open_av
from audioclip_search.media.exact import open_region
from audioclip_search.media.mix import as_floats
from audioclip_search.media.source import Source, open_source
from audioclip_search.types import FloatArray

# Decoders need some packets before what they give is right.
_RUN_UP_S = 0.25


def load_excerpt(source: Source, *, start_s: float, end_s: float, rate_hz: int) -> FloatArray:
    """Decode a stretch of a sound, without what is before it where the format allows that.

    Args:
        source: The file. A video counts by its first soundtrack.
        start_s: Where it starts, give or take a packet of some hundredths of a second.
        end_s: Where it ends.
        rate_hz: The rate to give.

    Returns:
        float32 `(n,)` in [-1, 1], all channels mixed, `n` at most `(end_s - start_s) * rate_hz` or one more.

    Raises:
        MediaError: It can't be read, or there is no sound there.
    """
    with open_source(source) as file:
        try:
            pieces = list(_sought(file, start_s, end_s, rate_hz))
        except MediaError:  # libsndfile knows formats that FFmpeg doesn't
            pieces = []
        if not any(len(piece) for piece in pieces):
            file.seek(0)
            pieces = list(_counted(file, start_s, end_s, rate_hz))
    if not pieces:  # a few samples, of which resampling leaves nothing
        raise MediaError("has too little sound there")
    return np.clip(np.concatenate(pieces), -1.0, 1.0)[: round((end_s - start_s) * rate_hz) + 1]


def _sought(file: BinaryIO, start_s: float, end_s: float, rate_hz: int) -> Iterator[FloatArray]:
    with open_av(file) as container:
        stream = audio_stream(container)
        base = float(stream.time_base or 0)
        begin_s = (stream.start_time or 0) * base
        if base and start_s > _RUN_UP_S:
            try:
                container.seek(round((begin_s + start_s - _RUN_UP_S) / base), stream=stream)
            except av.FFmpegError:
                return  # to be counted from the start, then
        resampler = _Resampler(rate_hz)
        for frame in container.decode(stream):
            if frame.time is None:
                return
            time_s = frame.time - begin_s
            samples = as_floats(frame_samples(frame)).mean(axis=0)  # (n,)
            first = max(0, round((start_s - time_s) * frame.sample_rate))
            last = max(0, round((end_s - time_s) * frame.sample_rate))
            if last == 0:
                break
            if first < len(samples):
                yield from resampler.put(samples[first:last], frame.sample_rate)
        yield from resampler.rest()


def _counted(file: BinaryIO, start_s: float, end_s: float, rate_hz: int) -> Iterator[FloatArray]:
    resampler = _Resampler(rate_hz)
    with open_region(file, start_s, end_s) as region:
        for block in region.blocks:
            yield from resampler.put(as_floats(block.mean(axis=1)), region.rate_hz)
        yield from resampler.rest()


class _Resampler:
    """FFmpeg's: good enough to listen to, and there without torch."""

    def __init__(self, rate_hz: int) -> None:
        self._resampler = av.AudioResampler(format="fltp", layout="mono", rate=rate_hz)

    def put(self, samples: FloatArray, rate_hz: int) -> Iterator[FloatArray]:
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples, np.float32)[None], format="fltp", layout="mono"
        )
        frame.sample_rate = rate_hz
        yield from self._arrays(frame)

    def rest(self) -> Iterator[FloatArray]:
        yield from self._arrays(None)

    def _arrays(self, frame: av.AudioFrame | None) -> Iterator[FloatArray]:
        try:
            frames = self._resampler.resample(frame)
        except ValueError as error:  # PyAV's word for another rate than before
            raise MediaError("changes its rate on the way") from error
        for resampled in frames:
            yield resampled.to_ndarray()[0]
