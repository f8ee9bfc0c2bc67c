"""What files say of themselves, in the same words whatever their format."""

from __future__ import annotations

import re
from typing import BinaryIO, cast

from audioclip_search.media.metadata.access import WatchedFile
from audioclip_search.media.metadata.aiff import read_aiff
from audioclip_search.media.metadata.fields import Findings
from audioclip_search.media.metadata.pictures import read_picture
from audioclip_search.media.metadata.tagged import read_flac, read_header, read_mpeg, read_with_mutagen
from audioclip_search.media.metadata.wav import WAV_MAGIC, read_wav
from audioclip_search.media.source import Source, open_source
from audioclip_search.types import Metadata, Modality

__all__ = ["load_metadata", "load_tags"]

_TAGS = {"genre", "keywords", "category", "subcategory", "mood", "grouping"}
_SEPARATORS = re.compile(r"[;,|\n]")
_MAX_TAG_CHARACTERS = 60  # what is longer is a sentence, no tag


def load_metadata(source: Source, modality: Modality) -> Metadata:
    """Read what a file's header and its embedded metadata say. Nothing is decoded; texts have no metadata.

    A part that is damaged is left out, or counts as far as it can be read. There are limits to a field's length, and to
    the number and length of all of them, far beyond what people write.

    Args:
        source: The file.
        modality: What kind of file it is.

    Raises:
        MediaError: It can't be opened, or the disk fails.
    """
    found = Findings()
    with open_source(source) as opened:
        watched = WatchedFile(opened)
        file = cast(BinaryIO, watched)
        if modality is Modality.AUDIO:
            _read_sound(file, found)
        elif modality is Modality.IMAGE:
            read_picture(file, found)
        watched.check()
    return found.metadata()


def load_tags(source: Source) -> tuple[str, ...]:
    """Read the genre, mood, grouping, category and keywords embedded in a sound file.

    Returns:
        Each once, in the file's order, lists taken apart. Empty if the file has none, or none that can be read.

    Raises:
        MediaError: As for `load_metadata`.
    """
    fields = load_metadata(source, Modality.AUDIO).fields
    words = [word.strip() for name, text in fields if name in _TAGS for word in _SEPARATORS.split(text)]
    unique: dict[str, str] = {}
    for word in words:
        if 0 < len(word) <= _MAX_TAG_CHARACTERS:
            unique.setdefault(word.casefold(), word)
    return tuple(unique.values())


def _read_sound(file: BinaryIO, found: Findings) -> None:
    head = file.read(12)
    magic = head[:4]
    if not magic:
        return
    if magic in WAV_MAGIC and head[8:] == b"WAVE":
        read_wav(file, magic, found)
    elif magic == b"FORM" and head[8:11] == b"AIF":
        read_aiff(file, found)
    elif magic == b"fLaC":
        read_flac(file, 0, found)
    else:
        if magic[:3] == b"ID3" or _is_mpeg(head) or str(getattr(file, "name", "")).lower().endswith(".mp3"):
            magic = read_mpeg(file, head, found)
        if not found.rate_hz:
            read_with_mutagen(file, found)
    if not found.rate_hz:
        read_header(file, magic, found)


def _is_mpeg(head: bytes) -> bool:
    """Whether a frame of MPEG sound begins here, layer 1 to 3; AAC's are of layer 0."""
    return head[0] == 0xFF and len(head) > 1 and head[1] & 0xE0 == 0xE0 and bool(head[1] & 0x06)
