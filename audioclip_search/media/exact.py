"""A stretch of a sound exactly as its file has it: at its own rate, in all its channels, at its own depth."""

from __future__ import annotations

import logging
import struct
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from typing import Any, BinaryIO, TypeAlias

import av
import mutagen
import numpy as np
import soundfile
from numpy.typing import NDArray

from audioclip_search.errors import MediaError
from audioclip_search.media.decode import (
    RefusedError,
    audio_stream,
    av_frames,
    begins_for_soundfile,
    frame_samples,
    open_av,
    open_soundfile,
    require_usable,
    soundfile_reads,
)
from audioclip_search.media.guarded import GuardedFile

logger = logging.getLogger(__name__)

DoubleArray: TypeAlias = NDArray[np.float64]

_BLOCK_FRAMES = 16_384
_RUN_UP_S = 1.0
# libsndfile's encodings that need no decoding, in which a place is a sum; in others it may miss it by some samples.
_SEEKABLE = {"PCM_U8", "PCM_S8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"}
# libsndfile's name of an encoding -> that of a plain one that holds what the decoder gives; 16 bits do for all others.
_PLAIN = {name: name for name in ("PCM_U8", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")}
_PLAIN |= {"PCM_S8": "PCM_U8", "ALAC_20": "PCM_24", "ALAC_24": "PCM_24", "ALAC_32": "PCM_32", "DWVW_24": "PCM_24"}
_PLAIN |= {"VORBIS": "FLOAT", "OPUS": "FLOAT", "MPEG_LAYER_III": "FLOAT"}
# The same of FFmpeg's forms of samples.
_OF_FRAMES = {"u8": "PCM_U8", "s16": "PCM_16", "s32": "PCM_32", "s64": "PCM_32", "flt": "FLOAT", "dbl": "DOUBLE"}


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch of a sound.

    Attributes:
        rate_hz: The file's.
        channels: The file's.
        subtype: libsndfile's name of the plain encoding that holds its samples without a loss: PCM_U8, PCM_16, PCM_24,
            PCM_32, FLOAT or DOUBLE. What a lossy encoding gives is mostly FLOAT.
        frames: How many samples a channel are asked for; the sound may end before.
        blocks: They, in order: float64 `(n, channels)`, full scale is 1, neither clipped nor rounded.
    """

    rate_hz: int
    channels: int
    subtype: str
    frames: int
    blocks: Iterator[DoubleArray]


@contextmanager
def open_region(file: BinaryIO, start_s: float, end_s: float) -> Iterator[Region]:
    """The samples `[round(start_s * rate), round(end_s * rate))` of a sound as `decode` gives it, in memory that does
    not grow with it. What is before is decoded and dropped, except in WAV and its kin and in FLAC, where every place is
    known.

    Raises:
        MediaError: The sound can't be read, is empty there, or changes its rate or channels there or before; from the
            blocks, too.
    """
    with ExitStack() as stack:
        region = None
        if begins_for_soundfile(file):
            try:
                region = stack.enter_context(_soundfile_region(file, start_s, end_s))
            except RefusedError as refusal:
                logger.debug("soundfile: %s; trying PyAV", refusal)
                file.seek(0)
        yield region or stack.enter_context(_av_region(file, start_s, end_s))


@contextmanager
def _soundfile_region(file: BinaryIO, start_s: float, end_s: float) -> Iterator[Region]:
    source = GuardedFile(file)
    with open_soundfile(source) as sound:
        require_usable(sound)
        start, frames = _span(start_s, end_s, sound.samplerate)
        if sound.subtype in _SEEKABLE and sound.seekable():
            if start >= sound.frames:
                raise _ends_before(start_s)
            skip = start - _seek(sound, start)
        else:
            skip = start
        blocks = _cut(soundfile_reads(sound, source, frames=_BLOCK_FRAMES, dtype="float64"), skip, frames)
        subtype = _PLAIN.get(sound.subtype, "PCM_16")
        yield Region(sound.samplerate, sound.channels, subtype, frames, _begun(blocks, start_s))


def _seek(sound: soundfile.SoundFile, start: int) -> int:
    try:
        return int(sound.seek(start))
    except soundfile.LibsndfileError as error:
        raise RefusedError(error.error_string) from error


@contextmanager
def _av_region(file: BinaryIO, start_s: float, end_s: float) -> Iterator[Region]:
    bits = _bits(file)
    with open_av(file) as container:
        stream = audio_stream(container)
        begin, first, others = _frames_near(container, stream, start_s)
        rate_hz, channels = first.rate_hz, first.samples.shape[1]
        start, frames = _span(start_s, end_s, rate_hz)
        same = (_as_doubles(frame, channels=channels, rate_hz=rate_hz) for frame in chain((first,), others))
        subtype = _subtype(first.form.removesuffix("p"), stream.codec.name, bits)
        yield Region(rate_hz, channels, subtype, frames, _begun(_cut(same, start - begin, frames), start_s))


@dataclass(frozen=True, slots=True)
class _Frame:
    """What FFmpeg decoded: samples `(n, channels)` of any type, and the number of the first, if known."""

    samples: NDArray[Any]
    rate_hz: int
    form: str
    number: int | None


def _frames_near(
    container: av.container.InputContainer, stream: av.AudioStream, start_s: float
) -> tuple[int, _Frame, Iterator[_Frame]]:
    """The frames of a sound from shortly before a place on, if it is a FLAC, whose frames are numbered by samples and
    stand alone; otherwise from the start: times are rounded, or a frame needs those before it. Also which sample they
    begin with, and the first apart."""
    near = int((start_s - _RUN_UP_S) * stream.rate)
    inside = 0 < near < (stream.duration or near + 1)  # after a failed seek FFmpeg can't even go back
    if container.format.name == "flac" and inside and stream.time_base == Fraction(1, stream.rate):
        try:
            container.seek(near, stream=stream)
            frames = av_frames(container, _taken)
            first = next(frames)
        except (av.FFmpegError, MediaError) as error:
            logger.debug("can't be sought in: %s", error)
        else:
            number = -1 if first.number is None else first.number - (stream.start_time or 0)
            if 0 <= number <= near + stream.rate * _RUN_UP_S:
                return number, first, frames
        container.seek(0)
    frames = av_frames(container, _taken)
    return 0, next(frames), frames


def _taken(frame: av.AudioFrame) -> _Frame:
    return _Frame(frame_samples(frame).T, frame.sample_rate, frame.format.name, frame.pts)


def _subtype(format_name: str, codec: str, bits: int) -> str:
    """FFmpeg decodes 8 bits to 16 and 24 to 32."""
    if format_name == "s32" and ("24" in codec or 16 < bits <= 24):
        return "PCM_24"
    return "PCM_U8" if format_name == "s16" and 0 < bits <= 8 and codec == "flac" else _OF_FRAMES[format_name]


def _bits(file: BinaryIO) -> int:
    """A sample's size as the header says, which FFmpeg knows but PyAV doesn't tell; 0 if it doesn't."""
    try:
        tagged = mutagen.File(file)
    except (mutagen.MutagenError, ValueError, LookupError, TypeError, struct.error) as error:
        logger.debug("an unreadable header is no matter: %s", error)
        return 0
    finally:
        file.seek(0)
    return int(getattr(getattr(tagged, "info", None), "bits_per_sample", 0) or 0)


def _as_doubles(frame: _Frame, *, channels: int, rate_hz: int) -> DoubleArray:
    samples = frame.samples
    if (samples.shape[1], frame.rate_hz) != (channels, rate_hz):
        raise MediaError("changes its rate or its channels on the way, so that its samples can't be counted")
    doubles: DoubleArray = samples.astype(np.float64)
    if samples.dtype.kind == "f":
        return doubles
    scale = float(1 << (8 * samples.dtype.itemsize - 1))
    return doubles / scale - (1.0 if samples.dtype.kind == "u" else 0.0)


def _span(start_s: float, end_s: float, rate_hz: int) -> tuple[int, int]:
    """First sample and how many."""
    start = round(start_s * rate_hz)
    frames = round(end_s * rate_hz) - start
    if frames < 1:
        raise MediaError(f"from {start_s:g} to {end_s:g} s there is no sample")
    return start, frames


def _cut(blocks: Iterator[DoubleArray], skip: int, frames: int) -> Iterator[DoubleArray]:
    """So many frames after the first `skip`."""
    at = -skip
    for block in blocks:
        piece = block[max(0, -at) : max(0, frames - at)]
        at += len(block)
        if len(piece):
            yield piece
        if at >= frames:
            return


def _begun(blocks: Iterator[DoubleArray], start_s: float) -> Iterator[DoubleArray]:
    """The same blocks, of which the first is there already, so that what can't be read is known now."""
    first = next(blocks, None)
    if first is None:
        raise _ends_before(start_s)
    return chain((first,), blocks)


def _ends_before(start_s: float) -> MediaError:
    return MediaError(f"ends before {start_s:g} s")
