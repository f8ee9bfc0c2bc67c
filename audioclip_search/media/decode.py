"""Sound files to blocks of samples: soundfile for what libsndfile knows well, PyAV (FFmpeg) for everything else."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any, BinaryIO, TypeVar

import av
import numpy as np
import soundfile
from numpy.typing import NDArray

from audioclip_search.errors import MediaError
from audioclip_search.media.guarded import GuardedFile, open_container
from audioclip_search.media.mix import as_floats
from audioclip_search.types import FloatArray

T = TypeVar("T")

logger = logging.getLogger(__name__)

_MIN_RATE_HZ = 1_000
_MAX_RATE_HZ = 768_000

# How the files begin that go to soundfile: WAV and its kin, AIFF, Ogg, CAF, AU. It opens these twenty times faster.
# libsndfile reads MP3 and FLAC too, but writes every flaw of an MP3 to standard error, which can't be turned off, and
# gives up at the first flaw of a FLAC; FFmpeg is quiet and goes on behind it.
_SOUNDFILE_MAGIC = (b"RIFF", b"RIFX", b"RF64", b"riff", b"FORM", b"OggS", b"caff", b".snd")
# Encodings of libsndfile, up to the first `_`, that lose nothing, and other names of some that do.
_EXACT = ("pcm", "float", "double", "alac")
_ENCODINGS = {"mpeg": "mp3", "ms": "adpcm", "ima": "adpcm"}
# A block is about a third of a second: long enough to make the work per block cheap.
_BLOCK_FRAMES = 16_384
_MAX_BLOCK_VALUES = 1 << 18
# PyAV (18) counts a frame's planes up to a null pointer behind them, which FFmpeg has there for so many. With more, 7.1
# included, it takes other memory for planes and crashes.
_MAX_PLANES = 7


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What a sound file's header says, which a broken file need not keep.

    Attributes:
        rate_hz: Samples per second.
        channels: How many.
        duration_s: Seconds; 0 if the header does not say.
    """

    rate_hz: int
    channels: int
    duration_s: float


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive samples: float32 `(channels, n)` in [-1, 1], at `rate_hz`. Either may change within a file."""

    samples: FloatArray
    rate_hz: int


class RefusedError(Exception):
    """soundfile can't read this; PyAV may."""


def decode(file: BinaryIO) -> Iterator[Block]:
    """Decode a sound from its start to its end or to where it is damaged beyond reading.

    Raises:
        MediaError: Nothing can be decoded, or the rate is absurd.
    """
    if begins_for_soundfile(file):
        try:
            yield from _soundfile_blocks(file)
        except RefusedError as refusal:
            logger.debug("soundfile: %s; trying PyAV", refusal)
            file.seek(0)
        else:
            return
    yield from _av_blocks(file)


def probe(file: BinaryIO) -> AudioInfo:
    """Read a sound's header.

    Raises:
        MediaError: It is no sound, or the rate is absurd.
    """
    if begins_for_soundfile(file):
        try:
            with open_soundfile(GuardedFile(file)) as sound:
                require_usable(sound)
                # libsndfile's word for "unknown" is the largest number.
                frames = sound.frames if 0 < sound.frames < np.iinfo(np.int64).max else 0
                return AudioInfo(sound.samplerate, sound.channels, frames / sound.samplerate)
        except RefusedError as refusal:
            logger.debug("soundfile: %s; trying PyAV", refusal)
            file.seek(0)
    with open_av(file) as container:
        stream = audio_stream(container)
        require_rate(stream.rate)
        if stream.duration is not None and stream.time_base is not None:
            duration_s = float(stream.duration * stream.time_base)
        else:
            duration_s = (container.duration or 0) / av.time_base
        return AudioInfo(stream.rate, stream.channels, max(duration_s, 0.0))


def encoding_of(file: BinaryIO) -> tuple[str, bool]:
    """How a sound is encoded (`pcm`, `flac`, `mp3`, …), and whether nothing is lost by that.

    Raises:
        MediaError: It is no sound.
    """
    if begins_for_soundfile(file):
        try:
            with open_soundfile(GuardedFile(file)) as sound:
                name = sound.subtype.lower().partition("_")[0]
                exact = name in _EXACT
                return "pcm" if exact and name != "alac" else _ENCODINGS.get(name, name), exact
        except RefusedError as refusal:
            logger.debug("soundfile: %s; trying PyAV", refusal)
            file.seek(0)
    with open_av(file) as container:
        codec = audio_stream(container).codec_context.codec
        name = codec.name.partition("_")[0].removesuffix("float")
        return name, bool(codec.lossless and (not codec.lossy or name == "wavpack"))


def begins_for_soundfile(file: BinaryIO) -> bool:
    """Whether a file is one for soundfile rather than PyAV.

    Raises:
        MediaError: It is empty.
    """
    magic = file.read(4)
    if not magic:
        raise MediaError("the file is empty")
    file.seek(0)
    return magic in _SOUNDFILE_MAGIC


def require_rate(rate_hz: int) -> None:
    """Raise `MediaError` unless a sound may have this rate."""
    if not _MIN_RATE_HZ <= rate_hz <= _MAX_RATE_HZ:
        raise MediaError(f"a sample rate of {rate_hz} Hz is none of a sound ({_MIN_RATE_HZ} to {_MAX_RATE_HZ})")


def open_soundfile(file: GuardedFile) -> soundfile.SoundFile:
    """Open a sound with soundfile.

    Raises:
        RefusedError: It can't.
        OSError: The disk failed.
    """
    try:
        return soundfile.SoundFile(file)
    except soundfile.LibsndfileError as error:
        file.check()
        raise RefusedError(error.error_string) from error


def require_usable(sound: soundfile.SoundFile) -> None:
    """Raise `MediaError` if the rate is absurd, `RefusedError` if soundfile would not read this as it should."""
    require_rate(sound.samplerate)
    if sound.format == "OGG" and sound.channels > 2:
        raise RefusedError("libsndfile leaves surround channels in Ogg's own order")


def _soundfile_blocks(file: BinaryIO) -> Iterator[Block]:
    source = GuardedFile(file)
    with open_soundfile(source) as sound:
        require_usable(sound)
        frames = max(1, min(_BLOCK_FRAMES, _MAX_BLOCK_VALUES // sound.channels))
        decoded = False
        for samples in soundfile_reads(sound, source, frames=frames, dtype="float32"):
            decoded = True
            yield Block(as_floats(samples.T), sound.samplerate)
        if not decoded:
            raise RefusedError("no samples")


def soundfile_reads(
    sound: soundfile.SoundFile, source: GuardedFile, *, frames: int, dtype: str
) -> Iterator[NDArray[Any]]:
    """What is left of an open sound, `(n, channels)`, at most so many frames at a time. If it is damaged, what is
    before the damage.

    Raises:
        RefusedError: It is damaged from there on.
        OSError: The disk fails.
    """
    decoded = False
    while True:
        try:
            samples = sound.read(frames, dtype=dtype, always_2d=True)
        except soundfile.LibsndfileError as error:
            source.check()
            if not decoded:
                raise RefusedError(error.error_string) from error
            logger.debug("damaged, the rest is left out: %s", error.error_string)
            return
        source.check()
        if not len(samples):
            return
        decoded = True
        yield samples


@contextmanager
def open_av(file: BinaryIO) -> Iterator[av.container.InputContainer]:
    """Open a sound or video with PyAV.

    Raises:
        MediaError: It is neither, or broken.
    """
    try:
        with open_container(file) as container:
            yield container
    except av.FFmpegError as error:
        raise MediaError(f"not a sound, or in a format that can't be read ({_why(error)})") from error


def audio_stream(container: av.container.InputContainer) -> av.AudioStream:
    """The first soundtrack.

    Raises:
        MediaError: There is none that can be read.
    """
    if not container.streams.audio:
        raise MediaError("has no soundtrack" if container.streams.video else "holds no sound")
    stream = container.streams.audio[0]
    # PyAV's stubs don't know that a stream of an unknown codec has no context.
    context: object = stream.codec_context
    if context is None:
        raise MediaError("its sound is in an unknown encoding")
    return stream


def _av_blocks(file: BinaryIO) -> Iterator[Block]:
    with open_av(file) as container:
        for (rate_hz, _), run in groupby(
            av_frames(container, _frame), key=lambda frame: (frame.rate_hz, len(frame.samples))
        ):
            for joined in _joined(frame.samples for frame in run):
                yield Block(joined, rate_hz)


def _joined(frames: Iterator[FloatArray]) -> Iterator[FloatArray]:
    """Compressed frames, of a fiftieth of a second or so, -> blocks of `_BLOCK_FRAMES` or a little more."""
    pending: list[FloatArray] = []
    length = 0
    for frame in frames:
        pending.append(frame)
        length += frame.shape[1]
        if length >= _BLOCK_FRAMES:
            yield np.concatenate(pending, axis=1)
            pending, length = [], 0
    if pending:
        yield np.concatenate(pending, axis=1)


def av_frames(container: av.container.InputContainer, convert: Callable[[av.AudioFrame], T]) -> Iterator[T]:
    """Every frame that can be decoded, as `convert` gives it; damaged packets are left out, as players do."""
    stream = audio_stream(container)
    damage = ""
    decoded = False
    try:
        for packet in container.demux(stream):
            try:
                frames = [convert(frame) for frame in packet.decode() if isinstance(frame, av.AudioFrame)]
            except (av.FFmpegError, ValueError, MediaError) as error:
                damage = _why(error)
                continue
            decoded = decoded or bool(frames)
            yield from frames
    except av.FFmpegError as error:
        damage = _why(error)
    if not decoded:
        raise MediaError(f"its sound can't be decoded ({damage})" if damage else "holds no sound")
    if damage:
        logger.debug("damaged, parts are left out: %s", damage)


def _why(error: Exception) -> str:
    return error.strerror or "" if isinstance(error, av.FFmpegError) else str(error)


def _frame(frame: av.AudioFrame) -> Block:
    return Block(as_floats(frame_samples(frame)), frame.sample_rate)


def frame_samples(frame: av.AudioFrame) -> NDArray[Any]:
    """A frame's samples `(channels, n)`, of the type that the decoder gives.

    Raises:
        MediaError: Its rate is absurd.
    """
    require_rate(frame.sample_rate)
    channels = frame.layout.nb_channels
    if frame.format.is_planar and channels <= _MAX_PLANES:
        return frame.to_ndarray()
    if frame.format.is_planar:
        (frame,) = av.AudioResampler(format="flt").resample(frame)
    return frame.to_ndarray().reshape(-1, channels).T  # was (1, n * channels)
