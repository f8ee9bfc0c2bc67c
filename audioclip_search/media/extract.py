"""A stretch of a sound as a file of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import isfinite, pi
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from audioclip_search.errors import ExportError
from audioclip_search.media.embed import embed_metadata
from audioclip_search.media.exact import DoubleArray, Region, open_region
from audioclip_search.media.source import open_source
from audioclip_search.media.writing import written_whole
from audioclip_search.types import Marker, Metadata

EXTRACT_SUFFIXES = (".wav", ".flac")
"""What `extract_audio` writes."""

_BITS = {"PCM_U8": 8, "PCM_S8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32}
_FLAC_SUBTYPES = {"PCM_U8": "PCM_S8", "PCM_16": "PCM_16"}  # all else becomes 24 bits
_FLAC_CHANNELS = 8
# A WAV says its size in 32 bits; the rest is for the header and the metadata.
_MAX_WAV_BYTES = (1 << 32) - (1 << 24)


def extract_audio(
    source: Path,
    target: Path,
    *,
    start_s: float,
    end_s: float,
    fade_s: float = 0.0,
    metadata: Metadata | None = None,
    overwrite: bool = False,
) -> None:
    """Write the samples `[round(start_s * rate), round(end_s * rate))` of a sound to a file, at its rate and in its
    channels, in memory that does not grow with either.

    The samples of a WAV are what the source's decoder gives, bit by bit: 8, 16, 24 or 32 bits, float or double. Those
    of a FLAC are too up to 24 bits; floats, and with them what lossy encodings decode to, are rounded to 24 bits and
    clipped. A region that goes beyond the sound ends with it.

    Args:
        source: The sound, or a video, of which the first soundtrack counts.
        target: The file to make, `.wav` or `.flac`; its folder exists.
        start_s: Where the region starts, seconds.
        end_s: Where it ends, seconds.
        fade_s: Length of a fade (a raised cosine) at either end, seconds; at most half the region.
        metadata: The source's. Its fields are copied; markers in the region move with it; the description names the
            source and the region. None or empty: the description alone is written.
        overwrite: Whether a file that is there may be replaced.

    Raises:
        MediaError: The source can't be read, has no sound in the region, or changes its rate or channels.
        ExportError: The target can't be written, is there already, or is the source itself.
        ValueError: The times or the fade make no sense.
    """
    if not (isfinite(start_s) and isfinite(end_s) and 0 <= start_s < end_s):
        raise ValueError(f"from {start_s} to {end_s} s is no region")
    if not (isfinite(fade_s) and fade_s >= 0):
        raise ValueError(f"a fade of {fade_s} s is none")
    suffix = target.suffix.lower()
    if suffix not in EXTRACT_SUFFIXES:
        raise ExportError(
            f"a sound can't be written as {suffix or 'a file without a suffix'}",
            path=target,
            remedy=f"Name a file that ends with {' or '.join(EXTRACT_SUFFIXES)}",
        )
    if _same_file(source, target):
        raise ExportError("is the sound itself", path=target, remedy="Choose another name")
    with written_whole(target, overwrite=overwrite) as beside:
        # What the disk says in this block is of the source: libsndfile has its own errors.
        with open_source(source) as file, open_region(file, start_s, end_s) as region:
            frames = _write(beside, target, region, fade_s)
        end_s = start_s + frames / region.rate_hz
        embed_metadata(
            beside,
            region_metadata(metadata or Metadata(), name=source.name, start_s=start_s, end_s=end_s),
            rate_hz=region.rate_hz,
            flac=suffix == ".flac",
        )


def region_metadata(metadata: Metadata, *, name: str, start_s: float, end_s: float) -> Metadata:
    """What the region of a file says of itself: the file's fields, the description with the file's `name` and the
    region added, and the markers that lie in the region, their parts outside cut off, counted from its start."""
    origin = f"from {start_s:.3f} to {end_s:.3f} s of {name}"
    fields, described = [], False
    for field, text in metadata.fields:
        if field == "description" and not described:
            fields.append((field, f"{text} ({origin})"))
            described = True
        else:
            fields.append((field, text))
    if not described:
        fields.append(("description", origin))
    markers = tuple(
        Marker(max(marker.start_s, start_s) - start_s, min(marker.end_s, end_s) - start_s, marker.label)
        for marker in metadata.markers
        if marker.start_s < end_s and (marker.end_s > start_s or marker.start_s >= start_s)
    )
    return replace(metadata, fields=tuple(fields), markers=markers)


def _same_file(source: Path, target: Path) -> bool:
    try:
        return source.samefile(target)
    except OSError:  # one of them is not there, which is told later
        return False


def _write(path: Path, target: Path, region: Region, fade_s: float) -> int:
    """Write a region's samples to `path`, in the form of `target`; how many frames there were."""
    subtype = region.subtype
    form = "WAV"
    if target.suffix.lower() == ".flac":
        form, subtype = "FLAC", _FLAC_SUBTYPES.get(subtype, "PCM_24")
        if region.channels > _FLAC_CHANNELS:
            raise ExportError(f"FLAC can't hold {region.channels} channels", path=target, remedy="Name a .wav file")
    elif region.frames * region.channels * _bits(subtype) // 8 > _MAX_WAV_BYTES:
        form = "RF64"
    elif region.channels > 2:
        form = "WAVEX"  # which says which channel is where
    written = 0
    try:
        with soundfile.SoundFile(path, "w", region.rate_hz, region.channels, subtype, format=form) as sound:
            for block in _faded(region, fade_s):
                sound.write(_as_stored(block, subtype))
                written += len(block)
    except soundfile.LibsndfileError as error:
        reason = f"can't be written ({error.error_string.strip().rstrip('.')})"
        raise ExportError(reason, path=target, remedy="See whether the disk is full") from error
    return written


def _bits(subtype: str) -> int:
    return _BITS.get(subtype, 64 if subtype == "DOUBLE" else 32)


def _as_stored(block: DoubleArray, subtype: str) -> DoubleArray | NDArray[np.int32]:
    """Integers at the upper end of 32 bits, of which libsndfile keeps as many as it needs: it scales floats by another
    number when it writes than when it reads."""
    if subtype not in _BITS:
        return block
    bits = _BITS[subtype]
    full = 1 << (bits - 1)
    steps = np.clip(np.rint(np.nan_to_num(block, nan=0.0) * full), -full, full - 1)
    return steps.astype(np.int32) << (32 - bits)


def _faded(region: Region, fade_s: float) -> Iterator[DoubleArray]:
    fade = min(round(fade_s * region.rate_hz), region.frames // 2)
    if not fade:
        yield from region.blocks
        return
    gains = 0.5 - 0.5 * np.cos(pi * (np.arange(fade) + 0.5) / fade)[:, None]  # (fade, 1), rising
    at = 0
    # As much is held back as is to fade out: where the sound ends is known only then.
    held = np.zeros((0, region.channels))
    for block in region.blocks:
        if at < fade:
            block = block.copy()  # noqa: PLW2901
            block[: fade - at] *= gains[at : at + len(block)]
        at += len(block)
        held = np.concatenate((held, block))
        if len(held) > fade:
            yield held[:-fade]
            held = held[-fade:]
    yield held * gains[::-1][-len(held) :]
