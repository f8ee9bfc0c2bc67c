"""Sounds as a model wants them: at its rate, in its channels, cut into its windows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioclip_search.errors import MediaError
from audioclip_search.media.decode import AudioInfo, Block, decode, probe, require_rate
from audioclip_search.media.mix import as_floats, mix_channels
from audioclip_search.media.resample import resample_stream
from audioclip_search.media.source import Source, open_source
from audioclip_search.types import AudioFormat, FloatArray, Segment

MAX_LOAD_S = 600.0
"""How much of a sound `load_audio` takes, seconds."""

_MIN_DURATION_S = 0.001
# Encoders add a few milliseconds to a sound: no reason for another window, which would be the last one once more.
_SLACK_S = 0.1
_MAX_ARRAY_CHANNELS = 64


def iter_segments(source: Source, audio_format: AudioFormat) -> Iterator[Segment]:
    """Decode a sound window by window, in memory that doesn't grow with its length.

    A sound no longer than a window is one segment of its true length. A longer one gives overlapping windows, one every
    `hop_s`, all of full length: the last one ends with the sound, unless no more than a tenth of a second is left. Mono
    stays mono; see `mix_channels` for the rest. Samples that are not finite are silence; beyond [-1, 1] they are
    clipped. A truncated or damaged file gives what can be decoded.

    Args:
        source: The file. A video counts by its first soundtrack.
        audio_format: Rate, channels and windows to give.

    Yields:
        Segments in order of time.

    Raises:
        MediaError: From the first or any later step: it can't be read, is no sound or holds less than a millisecond of
            it, or has an absurd sample rate.
    """
    with open_source(source) as file:
        yield from _windows(_converted(decode(file), audio_format), audio_format)


def split_segments(samples: FloatArray, audio_format: AudioFormat) -> Iterator[Segment]:
    """Cut a sound already decoded into the segments that `iter_segments` gives for a file.

    Args:
        samples: float32 `(channels, n)` as `load_audio` or `resample_audio` returned it.
        audio_format: The format they were asked for.
    """
    return _windows(iter((samples,)), audio_format)


def load_audio(source: Source, audio_format: AudioFormat, *, max_duration_s: float = MAX_LOAD_S) -> FloatArray:
    """Decode a sound in one piece, for use as a query.

    Args:
        source: The file. A video counts by its first soundtrack.
        audio_format: Rate and channels to give.
        max_duration_s: What is beyond is left out, undecoded, so that a long recording can't fill the memory.

    Returns:
        float32 `(channels, n)` in [-1, 1].

    Raises:
        MediaError: As for `iter_segments`.
    """
    limit = round(max_duration_s * audio_format.rate_hz)
    pieces: list[FloatArray] = []
    length = 0
    with open_source(source) as file:
        for piece in _converted(decode(file), audio_format):
            pieces.append(piece)
            length += piece.shape[1]
            if length >= limit:
                break
        _require_sound(length, audio_format)
    return np.concatenate(pieces, axis=1)[:, :limit]


def probe_audio(source: Source) -> AudioInfo:
    """Read what a sound's header says, without decoding it.

    Raises:
        MediaError: It can't be read, is no sound, or has an absurd sample rate.
    """
    with open_source(source) as file:
        return probe(file)


def resample_audio(samples: NDArray[Any], rate_hz: int, audio_format: AudioFormat) -> FloatArray:
    """Bring samples already in memory to a model's rate and channels, exactly as those of a file.

    Args:
        samples: `(channels, n)`, or `(n,)` for mono; floats in [-1, 1], or integers, scaled by their type's range.
        rate_hz: Theirs.
        audio_format: Rate and channels to give.

    Returns:
        float32 `(channels, n)` in [-1, 1].

    Raises:
        MediaError: The shape or type is not that of a sound, there is less than a millisecond, or the rate is absurd.
    """
    array = np.atleast_2d(samples)
    if array.ndim != 2 or not 1 <= array.shape[0] <= _MAX_ARRAY_CHANNELS or array.dtype.kind not in "fiu":
        raise MediaError(
            f"an array of shape {samples.shape} and type {samples.dtype} is not a sound",
            remedy="Give floats or integers of shape (channels, samples) or (samples,)",
        )
    require_rate(rate_hz)
    pieces = list(_converted(iter([Block(as_floats(array), rate_hz)]), audio_format))
    _require_sound(sum(piece.shape[1] for piece in pieces), audio_format)
    return np.concatenate(pieces, axis=1)


def _converted(blocks: Iterator[Block], audio_format: AudioFormat) -> Iterator[FloatArray]:
    """Blocks as decoded -> float32 `(channels, n)` in [-1, 1] at the rate asked for. The first block decides on the
    channels, of which a file may change the number later."""
    first = next(blocks, None)
    if first is None:
        return
    channels = min(audio_format.channels, first.samples.shape[0])
    for rate_hz, run in groupby(chain((first,), blocks), key=lambda block: block.rate_hz):
        mixed = (mix_channels(block.samples, channels) for block in run)
        for piece in resample_stream(mixed, rate_hz, audio_format.rate_hz):
            yield np.clip(piece, -1.0, 1.0)  # the filter overshoots at steps


def _windows(pieces: Iterator[FloatArray], audio_format: AudioFormat) -> Iterator[Segment]:
    window = round(audio_format.window_s * audio_format.rate_hz)
    hop = max(1, round(audio_format.hop_s * audio_format.rate_hz))
    buffer = np.zeros((1, 0), np.float32)
    start = 0  # where the buffer starts, samples from the sound's start
    following = 0  # where the next window starts, samples from the buffer's start
    for piece in pieces:
        buffer = np.concatenate((buffer, piece), axis=1) if buffer.size else piece
        while buffer.shape[1] >= following + window:
            # Kept from this window's start on, because the last window is made of what the buffer holds at the end.
            buffer = buffer[:, following:]
            start += following
            following = hop
            yield _segment(buffer[:, :window], start, audio_format)
    length = buffer.shape[1]
    if following == 0:
        _require_sound(length, audio_format)
        yield _segment(buffer, start, audio_format)
    elif length > window + _SLACK_S * audio_format.rate_hz:
        yield _segment(buffer[:, -window:], start + length - window, audio_format)


def _segment(samples: FloatArray, start: int, audio_format: AudioFormat) -> Segment:
    end = start + samples.shape[1]
    return Segment(samples.copy(), start / audio_format.rate_hz, end / audio_format.rate_hz)


def _require_sound(length: int, audio_format: AudioFormat) -> None:
    if length < _MIN_DURATION_S * audio_format.rate_hz:
        raise MediaError("holds no sound")
