"""Sounds as the authors' loaders give them: decoded once, checked and kept on disk, or decoded on demand."""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import SEEK_END
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from audioclip_search.errors import MediaError
from audioclip_search.media import load_audio, open_source, probe_audio
from audioclip_search.types import AudioFormat, FloatArray
from trainer.datasets.examples import Example, Place
from trainer.errors import DataError
from trainer.processes import map_in_processes

OnProgress = Callable[[int, int], None]

MAX_CLIP_S = 30.0
"""How much of a clip is taken where nothing says less, seconds."""

_VERSION = 1  # of what is kept on disk; raised when decoding changes
_SLACK_S = 0.1  # encoders round a sound's length, by a frame of theirs at most
_MPEG_STARTS = (b"ID3", *(bytes((0xFF, second)) for second in range(0xE0, 0x100)))
_MPEG_COUNTS = (b"Xing", b"Info", b"VBRI")
_UNKNOWN_SIZE = 0x7FFF_0000  # what writes a WAV to a pipe can't know its size and claims this much or more
_HEAD_BYTES = 1 << 20
_OGG_PAGE_BYTES = 1 << 16
_INDEX = np.dtype([("key", "S16"), ("start", np.int64), ("length", np.int64)])


@dataclass(frozen=True, slots=True)
class InputForm:
    """The conventions of a loader (section 3.1).

    Attributes:
        rate_hz: Samples per second.
        channels: 1 mixes down; 2 takes both and doubles mono.
        duration_s: Length of the window that is trained and tested on.
        stretch: UrbanSound8K's loader: the first `duration_s` only, its range stretched linearly to that of 16 bits.
            Otherwise clips are kept whole, up to `MAX_CLIP_S`, at their own level.
    """

    rate_hz: int
    channels: int
    duration_s: float
    stretch: bool

    @property
    def length(self) -> int:
        """Samples of a window."""
        return round(self.duration_s * self.rate_hz)


class Clips(Protocol):
    """Sounds of a data set's examples, in their order: float32 `(channels, n)` in [-1, 1] of any length `n`."""

    def __len__(self) -> int: ...

    def __getitem__(self, row: int, /) -> FloatArray: ...


def load_clip(example: Example, form: InputForm) -> FloatArray:
    """Decode an example's sound, or the part of it that the example is about.

    Returns:
        float32 `(channels, n)` in [-1, 1].

    Raises:
        MediaError: It can't be read, or ends before the part begins; names the file.
    """
    place = _place(example)
    limit = example.start_s + _limit_s(example, form)
    try:
        audio_format = AudioFormat(rate_hz=form.rate_hz, channels=form.channels)
        clip = load_audio(place.source(), audio_format, max_duration_s=limit)
        clip = clip[:, round(example.start_s * form.rate_hz) :]
        if not clip.shape[1]:
            raise MediaError(f"ends before the clip in it begins, at {example.start_s:.2f} s")
    except MediaError as error:
        locate(error, place)
        raise
    if clip.shape[0] < form.channels:
        clip = np.repeat(clip, form.channels, axis=0)
    return stretch_range(clip) if form.stretch else clip


def stretch_range(clip: FloatArray) -> FloatArray:
    """Stretch float32 `(channels, n)` linearly to the 16-bit range over 32768, [-1, 32767/32768], all channels alike.
    Digital silence stays as it is."""
    low, high = float(clip.min()), float(clip.max())
    return clip if low == high else np.interp(clip, (low, high), (-1.0, 32767 / 32768)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class LiveClips:
    """Clips decoded whenever they are asked for. A damaged one raises `MediaError`; `TrainBatches` takes another."""

    examples: Sequence[Example]
    form: InputForm

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, row: int) -> FloatArray:
        return load_clip(self.examples[row], self.form)


@dataclass(frozen=True, slots=True, eq=False)
class DecodedClips:
    """Clips decoded before, memory-mapped. Only the path and the rows travel to other processes, not the samples.

    Attributes:
        path: File of all samples, float32, one clip after the other. Its index lies beside it.
        channels: Of every clip.
        rows: Where each of these clips is in the index.
    """

    path: Path
    channels: int
    rows: NDArray[np.intp]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, row: int) -> FloatArray:
        """Read-only float32 `(channels, n)`."""
        samples, index = _opened(self.path)
        entry = index[self.rows[row]]
        clip: FloatArray = samples[entry["start"] : entry["start"] + entry["length"] * self.channels]
        return clip.reshape(self.channels, -1)

    def select(self, examples: Iterable[Example]) -> DecodedClips:
        """The clips of some of the examples that were decoded, a fold's for instance, in the order given.

        Raises:
            KeyError: One was not decoded.
        """
        _, index = _opened(self.path)
        row_of = {key: row for row, key in enumerate(index["key"])}
        rows = [row_of[np.bytes_(_key(example))] for example in examples]
        return DecodedClips(self.path, self.channels, np.array(rows, np.intp))


def decode_clips(
    examples: Sequence[Example], form: InputForm, folder: Path, *, workers: int, on_progress: OnProgress
) -> DecodedClips:
    """Decode and check every clip once, or find what an earlier call with the same unchanged files left in `folder`.

    Args:
        examples: All with a sound. A clip that several share is decoded once.
        form: How to decode.
        folder: Created if it is missing. Takes about 4 bytes a sample.
        workers: Processes; 0 decodes in this one.
        on_progress: Told how many clips are done, and of how many.

    Raises:
        DataError: Clips can't be read or are truncated; names the first one and tells how many others there are. Or
            `folder` can't be written to.
    """
    unique = {_key(example): example for example in examples}
    path = folder / f"clips-{_fingerprint(unique.values(), form)}.f32"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):  # the processes of one training all come here at once
            if not (path.exists() and _index_of(path).exists()):
                _decode_into(path, unique, form, workers, on_progress)
    except OSError as error:
        remedy = "Give a --cache folder with enough room"
        raise DataError(f"can't be written to: {error.strerror or error}", path=folder, remedy=remedy) from error
    everything = DecodedClips(path, form.channels, np.empty(0, np.intp))
    return everything.select(examples)


def _decode_into(
    path: Path, unique: Mapping[str, Example], form: InputForm, workers: int, on_progress: OnProgress
) -> None:
    index = np.zeros(len(unique), _INDEX)
    failures: list[MediaError] = []
    start = 0
    unfinished = path.with_suffix(f".{os.getpid()}.part")
    try:
        with unfinished.open("wb") as file:
            decoded = map_in_processes(functools.partial(_checked_clip, form), list(unique.values()), workers)
            for row, (key, clip) in enumerate(zip(unique, decoded, strict=True)):
                on_progress(row + 1, len(unique))
                if isinstance(clip, MediaError):
                    failures.append(clip)
                elif not failures:
                    index[row] = key, start, clip.shape[1]
                    file.write(np.ascontiguousarray(clip).data)
                    start += clip.size
        if failures:
            raise _summary(failures)
        unfinished.replace(path)
        with unfinished.open("wb") as file:
            np.save(file, index)
        unfinished.replace(_index_of(path))  # last: where there is an index, there are samples
    finally:
        unfinished.unlink(missing_ok=True)


def _summary(failures: Sequence[MediaError]) -> DataError:
    first, others = failures[0], len(failures) - 1
    more = f" (and {others} other clip{'s' if others > 1 else ''} can't be used)" if others else ""
    return DataError(
        first.reason + more, path=first.path, remedy="Fetch it again, or take it out of the table of the data set"
    )


def _checked_clip(form: InputForm, example: Example) -> FloatArray | MediaError:
    """A clip, or why it can't be used."""
    place = _place(example)
    try:
        clip = load_clip(example, form)
        limit_s = _limit_s(example, form)
        promised_s = example.duration_s or _promised_s(place) - example.start_s
        held_s = clip.shape[1] / form.rate_hz
        if held_s >= min(limit_s, promised_s) - _SLACK_S:
            return clip
        of = f" of {promised_s:.2f} s" if promised_s < float("inf") else " and has no end"
        raise MediaError(f"holds {held_s:.2f} s{of}: truncated")
    except MediaError as error:
        locate(error, place)
        return error


def _promised_s(place: Place) -> float:
    """How long its header says a sound is, seconds: 0 if it does not say (a video may be longer than its sound),
    infinite for an Ogg without its end.

    libsndfile cuts what it reports to what is there, and FFmpeg estimates the length of an MP3 that does not count its
    frames, so that these are looked at here.
    """
    if place.is_video:
        return 0.0
    source = place.source()
    present_s = probe_audio(source).duration_s
    with open_source(source) as file:
        head = file.read(_HEAD_BYTES)
        size = file.seek(0, SEEK_END)
        if head.startswith(b"RIFF"):
            at = _wav_data_at(head)
            promised = int.from_bytes(head[at - 4 : at], "little") if at else 0
            return present_s * max(1.0, promised / max(1, size - at)) if promised < _UNKNOWN_SIZE else present_s
        if head.startswith(b"OggS"):
            file.seek(max(0, size - 2 * _OGG_PAGE_BYTES))
            return present_s if _ogg_ends(file.read()) else float("inf")
        if head.startswith(_MPEG_STARTS) and not any(mark in head for mark in _MPEG_COUNTS):
            return 0.0
        return present_s


def _wav_data_at(head: bytes) -> int:
    """Where a WAV's samples start, right behind their size in bytes; 0 if not in its head."""
    at = 12
    while at + 8 <= len(head):
        if head[at : at + 4] == b"data":
            return at + 8
        size = int.from_bytes(head[at + 4 : at + 8], "little")
        at += 8 + size + size % 2
    return 0


def _ogg_ends(tail: bytes) -> bool:
    """Whether the last page of an Ogg is whole and says that it is the last (RFC 3533, section 6)."""
    page = tail[max(0, tail.rfind(b"OggS")) :]
    if len(page) < 27:
        return False
    lacing = page[27 : 27 + page[26]]
    return bool(page[5] & 4) and len(page) >= 27 + page[26] + sum(lacing)


def _limit_s(example: Example, form: InputForm) -> float:
    limit_s = form.duration_s if form.stretch else MAX_CLIP_S
    return limit_s if example.duration_s is None else min(limit_s, example.duration_s)


def _place(example: Example) -> Place:
    if example.audio is None:
        raise ValueError("an example without a sound has no clip")
    return example.audio


def locate(error: MediaError, place: Place) -> None:
    """Give an error the file's name, which one about bytes out of a shard lacks."""
    if error.path is None:
        error.path = Path(place.path)
        if place.size is not None:
            error.reason += f" (its file at byte {place.offset})"


def _key(example: Example) -> str:
    return hashlib.sha256(repr((example.audio, example.start_s, example.duration_s)).encode()).hexdigest()[:16]


def _fingerprint(examples: Iterable[Example], form: InputForm) -> str:
    """Of everything that the decoded samples depend on."""
    digest = hashlib.sha256(repr((_VERSION, form)).encode())
    for example in examples:
        digest.update(repr((_key(example), _stamp(_place(example).path))).encode())
    return digest.hexdigest()[:16]


def _stamp(path: str) -> tuple[int, int]:
    try:
        status = Path(path).stat()
    except OSError:
        return -1, -1  # decoding tells why
    return status.st_size, status.st_mtime_ns


def _index_of(path: Path) -> Path:
    return path.with_suffix(".npy")


@functools.lru_cache(maxsize=8)
def _opened(path: Path) -> tuple[NDArray[np.float32], NDArray[Any]]:
    """The samples, mapped, and their index. A path's content never changes: its name is a hash of all it is made of."""
    return np.memmap(path, np.float32, "r"), np.load(_index_of(path))
