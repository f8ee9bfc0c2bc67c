"""Keywords into the metadata of sound files, and out again to the last byte."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import av
import mutagen.mp4
import xxhash
from mutagen import MutagenError

from audioclip_search.errors import MediaError
from audioclip_search.media.guarded import open_container
from audioclip_search.media.hashing import content_hash
from audioclip_search.media.metadata import load_metadata
from audioclip_search.media.metadata_writing.edits import copy_range, write_replaced
from audioclip_search.media.metadata_writing.id3 import id3_length, mp3_replacements
from audioclip_search.media.metadata_writing.iff import aiff_replacements, wav_replacements
from audioclip_search.media.metadata_writing.original import Original
from audioclip_search.media.metadata_writing.replacing import NewFile, disk_errors_told
from audioclip_search.media.metadata_writing.vorbis import add_to_ogg, flac_replacements
from audioclip_search.media.source import open_source
from audioclip_search.types import Metadata, Modality

__all__ = ["Original", "plan_keywords", "restore", "write_keywords"]

_SEPARATORS = re.compile(r"[;,|\n]")
_MAX_KEYWORD = 200
_MP4_KEY = "----:com.apple.iTunes:KEYWORDS"

# Changes a file: the old one, the new and still empty one, keywords.
_Writer = Callable[[BinaryIO, BinaryIO, tuple[str, ...]], None]


def plan_keywords(path: str | os.PathLike[str], keywords: Iterable[str]) -> tuple[str, ...]:
    """Which keywords `write_keywords` would add to a file: those that it hasn't yet, whatever their case. Nothing is
    written.

    Raises:
        MediaError: The file can't be opened, or keywords can't be written into one of its kind.
    """
    with open_source(path) as file:
        _writer(file)
    return _missing(load_metadata(path, Modality.AUDIO), keywords)


def write_keywords(
    path: str | os.PathLike[str],
    keywords: Iterable[str],
    *,
    on_original: Callable[[Original], None] | None = None,
) -> Original | None:
    """Add keywords to those in a file's own metadata. Nothing else in it changes; its encoded sound and its other
    fields are compared before it is replaced, and it is replaced as a whole or not at all.

    They go where other programs look for them: into RIFF INFO (`IKEY`) of WAV, RF64 and BW64; ID3 (`TXXX:KEYWORDS`) of
    MP3 and AIFF; comments `KEYWORDS` of FLAC, Ogg Vorbis and Opus; the free-form atom `KEYWORDS` of MP4. Of a file with
    several names (hard links) only this one changes; of a symbolic link it is the file that does.

    The file's time of modification is the present: programs that compare times, this one's sync and backups among them,
    have to see that it changed. `restore` gives the original's time back.

    Args:
        path: The file.
        keywords: What to add; `;` separates keywords, so one in a keyword becomes a comma.
        on_original: Called with the result when all is ready, right before the file is replaced: what is stored here
            can undo whatever happens from then on. An exception leaves the file as it is.

    Returns:
        What `restore` needs to undo it; None if the file has all keywords already, and wasn't touched.

    Raises:
        MediaError: The file can't be read or written, is damaged or read-only, or is of a kind that takes no keywords.
            It is as it was.
    """
    target = Path(path).resolve()
    words = plan_keywords(target, keywords)
    if not words:
        return None
    with NewFile(target) as new:
        with _failures_told(target):
            before = load_metadata(target, Modality.AUDIO)
            with open_source(target) as old, new.opened() as file:
                _writer(old)(old, file, words)
            _require_same(target, before, new.path, words)
            original = Original.of(target, new.path)
        if on_original is not None:
            on_original(original)
        new.replace()
    return original


def restore(path: str | os.PathLike[str], original: Original) -> bool:
    """Make a file what it was before `write_keywords`, to the last byte, with its time of modification.

    Returns:
        Whether it was changed; False if it is the original already.

    Raises:
        MediaError: The file can't be read or written, or is neither what was written nor the original: it was changed
            since. It is as it was.
    """
    target = Path(path).resolve()
    present = content_hash(target)
    if present == original.original_hash:
        return False
    if present != original.written_hash:
        raise MediaError(
            "was changed since keywords were written into it, so its original can't be restored",
            path=target,
            remedy="Take the keywords out with a tag editor, or bring the file back from a backup",
        )
    with NewFile(target) as new:
        with _failures_told(target):
            with open_source(target) as written, new.opened() as file:
                original.write(written, file)
            if content_hash(new.path) != original.original_hash:
                raise MediaError("its original can't be restored: the record of it is damaged")
        new.replace(mtime_ns=original.mtime_ns)
    return True


@contextmanager
def _failures_told(path: Path) -> Iterator[None]:
    """Tell of every failure as a `MediaError` of this file."""
    try:
        with disk_errors_told(path):
            yield
    except MediaError as error:
        error.path = path  # rather than that of the new file, which no one knows
        raise
    # What mutagen lets out of its parsers, and the readers here, where a file is damaged.
    except (MutagenError, ValueError, LookupError, TypeError, EOFError, RecursionError, struct.error) as error:
        raise MediaError(f"keywords can't be written into it ({error})", path=path) from error


def _missing(metadata: Metadata, keywords: Iterable[str]) -> tuple[str, ...]:
    known: set[str] = set()
    for name, text in metadata.fields:
        if name == "keywords":
            known.update(word.strip().casefold() for word in (*_SEPARATORS.split(text), *text.split(";"), text))
    missing: dict[str, str] = {}
    for keyword in keywords:
        word = " ".join(keyword.replace(";", ",").split())[:_MAX_KEYWORD]
        if word.isprintable() and word and word.casefold() not in known:
            missing.setdefault(word.casefold(), word)
    return tuple(missing.values())


def _writer(file: BinaryIO) -> _Writer:
    """What writes keywords into this kind of file."""
    file.seek(0)
    head = file.read(12)
    tag = id3_length(head)
    file.seek(tag)
    magic = file.read(4)
    if head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:] == b"WAVE":
        return lambda old, new, words: write_replaced(old, new, wav_replacements(old, words))
    if head[:4] == b"FORM" and head[8:11] == b"AIF":
        return lambda old, new, words: write_replaced(old, new, aiff_replacements(old, words))
    if magic == b"fLaC":
        return lambda old, new, words: write_replaced(old, new, flac_replacements(old, tag, words))
    if head[:4] == b"OggS":
        return _write_ogg
    if head[4:8] == b"ftyp":
        return _write_mp4
    # A frame of MPEG sound, layer 1 to 3; AAC's are of layer 0.
    if len(magic) == 4 and magic[0] == 0xFF and magic[1] & 0xE0 == 0xE0 and magic[1] & 0x06:
        return lambda old, new, words: write_replaced(old, new, mp3_replacements(old, words))
    raise MediaError(
        "keywords can't be written into a file of this kind",
        remedy="WAV, AIFF, FLAC, Ogg Vorbis, Opus, MP3 and MP4 take them",
    )


def _write_ogg(old: BinaryIO, new: BinaryIO, words: tuple[str, ...]) -> None:
    copy_range(old, new, 0, old.seek(0, 2))
    add_to_ogg(new, words)


def _write_mp4(old: BinaryIO, new: BinaryIO, words: tuple[str, ...]) -> None:
    copy_range(old, new, 0, old.seek(0, 2))
    new.seek(0)
    tagged = mutagen.mp4.MP4(new)
    if tagged.tags is None:
        tagged.add_tags()
    values = [mutagen.mp4.MP4FreeForm(word.encode(), mutagen.mp4.AtomDataType.UTF8) for word in words]
    tagged.tags[_MP4_KEY] = [*tagged.tags.get(_MP4_KEY, []), *values]
    new.seek(0)
    tagged.save(new)


def _require_same(old: Path, before: Metadata, new: Path, words: tuple[str, ...]) -> None:
    """Make sure that the new file has the old one's sound and metadata, and the keywords."""
    after = load_metadata(new, Modality.AUDIO)
    if _missing(after, words):
        raise MediaError("keywords can't be written into it so that they are read again", path=old)
    if _others(before) != _others(after) or _sound_hash(old) != _sound_hash(new):
        raise MediaError("keywords can't be written into it without changing something else", path=old)


def _others(metadata: Metadata) -> tuple[object, ...]:
    fields = sorted(field for field in metadata.fields if field[0] != "keywords")
    return metadata.rate_hz, metadata.channels, metadata.bits, fields, metadata.markers


def _sound_hash(path: Path) -> str:
    """A hash of all that is encoded in a file, sound and pictures, without the container around it."""
    digest = xxhash.xxh3_128()
    with open_source(path) as file:
        try:
            with open_container(file) as container:
                for stream in container.streams:
                    # Vorbis has its comments in there too, before what it needs for decoding.
                    setup = bytes(getattr(stream.codec_context, "extradata", None) or b"").rpartition(b"\x05vorbis")[2]
                    digest.update(b"%d %d " % (stream.index, len(setup)) + setup)
                for packet in container.demux():
                    if packet.size:
                        digest.update(b"%d %d " % (packet.stream_index, packet.size))
                        digest.update(memoryview(packet))
        except av.FFmpegError as error:
            raise MediaError(f"its sound can't be read ({error.strerror or error})") from error
    return digest.hexdigest()
