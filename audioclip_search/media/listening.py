"""Sounds to listen to and to look at: read, streamed, drawn and cut out. Importing this loads no torch."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np

from audioclip_search.errors import MediaError
from audioclip_search.media.decode import (
    Block,
    RefusedError,
    audio_stream,
    av_frames,
    begins_for_soundfile,
    frame_samples,
    open_av,
    open_soundfile,
    probe,
    require_usable,
    soundfile_reads,
)
from audioclip_search.media.exact import open_region
from audioclip_search.media.extract import extract_audio
from audioclip_search.media.guarded import GuardedFile
from audioclip_search.media.metadata import load_metadata
from audioclip_search.media.mix import as_floats
from audioclip_search.media.source import open_source
from audioclip_search.types import FloatArray, Modality

logger = logging.getLogger(__name__)

_BLOCK_FRAMES = 4_096
_RUN_UP_S = 0.25  # decoders need some packets before what they give is right
_LATE_S = 0.1  # by so much a packet may come after the place that was asked for
_ENDLESS_S = 1e9


@dataclass(frozen=True, slots=True, eq=False)
class SoundClip:
    """A stretch of a sound.

    Attributes:
        samples: float32 `(n, channels)` in [-1, 1].
        rate_hz: Theirs, the file's own.
        start_s: Where it starts in the file.
    """

    samples: FloatArray
    rate_hz: int
    start_s: float


@dataclass(frozen=True, slots=True, eq=False)
class SoundBlocks:
    """A sound that is being read.

    Attributes:
        rate_hz: The file's.
        channels: The file's.
        duration_s: Of the whole file, as its header says; 0 if it doesn't.
        blocks: float32 `(n, channels)` in [-1, 1], in order, for as long as the file is open.
    """

    rate_hz: int
    channels: int
    duration_s: float
    blocks: Iterator[FloatArray]


def read_sound(path: str | Path, *, start_s: float = 0.0, end_s: float | None = None) -> SoundClip:
    """The samples `[round(start_s * rate), round(end_s * rate))` of a sound or a video's first soundtrack, exactly.

    What is before is decoded and dropped, except in WAV and its kin and in FLAC: see `sound_blocks` for a quick start.

    Args:
        path: The file.
        start_s: Where to start, seconds.
        end_s: Where to end; None for the sound's end, with which a stretch that goes beyond it ends too.

    Raises:
        MediaError: It can't be read, or has no sound there.
    """
    with reached(path), open_source(path) as file:
        with open_region(file, start_s, _ENDLESS_S if end_s is None else end_s) as region:
            blocks = [as_floats(block) for block in region.blocks]
        return SoundClip(np.concatenate(blocks), region.rate_hz, start_s)


@contextmanager
def sound_blocks(path: str | Path, *, start_s: float = 0.0) -> Iterator[SoundBlocks]:
    """A sound, or a video's first soundtrack, from some place to its end, a block at a time, so that it can be heard at
    once however long it is. A context manager; the file is closed at its end.

    Args:
        path: The file.
        start_s: Where to start, seconds; in compressed formats give or take some hundredths of a second.

    Raises:
        MediaError: It can't be read, has no sound there, or changes its rate or channels; from the blocks, too.
    """
    with reached(path), open_source(path) as file, ExitStack() as stack:
        duration_s = probe(file).duration_s
        file.seek(0)
        blocks = _begun(stack, file, start_s)
        first = next(blocks)
        same = (_as_frames(block, first) for block in chain((first,), blocks))
        yield SoundBlocks(first.rate_hz, len(first.samples), duration_s, same)


def extract_sound(
    path: str | Path,
    target: str | Path,
    *,
    start_s: float,
    end_s: float,
    fade_s: float = 0.0,
    overwrite: bool = False,
) -> Path:
    """Write a stretch of a sound to a file of its own, to the sample, at its rate, depth and channels. Its metadata go
    with it, those markers that lie in the stretch too; the description names the file and the stretch.

    Args:
        path: The sound, or a video, of which the first soundtrack counts.
        target: The file to make, `.wav` or `.flac`; its folder exists.
        start_s: Where the stretch starts, seconds.
        end_s: Where it ends, seconds.
        fade_s: Length of a fade at either end, seconds; at most half the stretch.
        overwrite: Whether a file that is there may be replaced.

    Returns:
        The file.

    Raises:
        MediaError: The sound can't be read, or has no sound there.
        ExportError: The target can't be written, is there already, or is the sound itself.
        ValueError: The times or the fade make no sense.
    """
    source, made = Path(path), Path(target).expanduser()
    with reached(source):
        extract_audio(
            source,
            made,
            start_s=start_s,
            end_s=end_s,
            fade_s=fade_s,
            metadata=load_metadata(source, Modality.AUDIO),
            overwrite=overwrite,
        )
    return made


@contextmanager
def reached(path: str | Path) -> Iterator[None]:
    """Say what to do about a file that is not there."""
    try:
        yield
    except MediaError as error:
        if not error.remedy and not Path(path).exists():
            error.remedy = "Connect the drive that it is on; if it has moved or is gone, run `audioclip-search index`"
        raise


def _begun(stack: ExitStack, file: BinaryIO, start_s: float) -> Iterator[Block]:
    """The blocks of a sound from a place on, of which there is at least one; what they need is open in `stack`."""
    opened = stack.enter_context(ExitStack())
    for open_blocks in (_soundfile_blocks, _av_blocks):
        try:
            blocks = open_blocks(opened, file, start_s)
            first = next(blocks)
        except (RefusedError, StopIteration, MediaError) as refusal:
            logger.debug("can't be sought in (%s); reading on", refusal)
            opened.close()
            file.seek(0)
        else:
            return chain((first,), blocks)
    region = stack.enter_context(open_region(file, start_s, _ENDLESS_S))
    return (Block(as_floats(block.T), region.rate_hz) for block in region.blocks)


def _soundfile_blocks(stack: ExitStack, file: BinaryIO, start_s: float) -> Iterator[Block]:
    if not begins_for_soundfile(file):
        return
    source = GuardedFile(file)
    sound = stack.enter_context(open_soundfile(source))
    require_usable(sound)
    start = round(start_s * sound.samplerate)
    if start and not (sound.seekable() and start < sound.frames):
        return
    if start:
        sound.seek(start)
    for samples in soundfile_reads(sound, source, frames=_BLOCK_FRAMES, dtype="float32"):
        yield Block(as_floats(samples.T), sound.samplerate)


def _av_blocks(stack: ExitStack, file: BinaryIO, start_s: float) -> Iterator[Block]:
    container = stack.enter_context(open_av(file))
    stream = audio_stream(container)
    base = float(stream.time_base or 0)
    begin_s = (stream.start_time or 0) * base
    if start_s > _RUN_UP_S:
        if not base:
            return
        try:
            container.seek(round((begin_s + start_s - _RUN_UP_S) / base), stream=stream)
        except av.FFmpegError:
            return
    started = not start_s
    for time_s, block in av_frames(container, _timed):
        if started:
            yield block
            continue
        if time_s is None or time_s - begin_s > start_s + _LATE_S:
            return
        skip = max(0, round((start_s - time_s + begin_s) * block.rate_hz))
        if skip < block.samples.shape[1]:
            started = True
            yield Block(block.samples[:, skip:], block.rate_hz)


def _timed(frame: av.AudioFrame) -> tuple[float | None, Block]:
    return frame.time, Block(as_floats(frame_samples(frame)), frame.sample_rate)


def _as_frames(block: Block, first: Block) -> FloatArray:
    if (len(block.samples), block.rate_hz) != (len(first.samples), first.rate_hz):
        raise MediaError("changes its rate or its channels on the way")
    return np.ascontiguousarray(block.samples.T)
