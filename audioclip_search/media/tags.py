"""What a sound file says of itself: genre, keywords and the like."""

from __future__ import annotations

import logging
import re
import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

import mutagen
import soundfile

from audioclip_search.media.source import Source, open_source

logger = logging.getLogger(__name__)

# The last part of a tag's name in ID3 (TCON, TXXX:Keywords), Vorbis and APE comments (GENRE), MP4 (©gen,
# ----:com.apple.iTunes:KEYWORDS) and ASF (WM/Genre), in lower case.
_WANTED = re.compile(r"tcon|tmoo|tit1|grp1|©gen|©grp|genre|mood|grouping|keyw|keywords?|tags?|(sub)?category")
_SEPARATORS = re.compile(r"[;,|\0\n]")
_MAX_CHARACTERS = 60  # what is longer is a sentence, no tag


def load_tags(source: Source) -> tuple[str, ...]:
    """Read the genre, mood, grouping, category and keywords embedded in a sound file.

    Returns:
        Each once, in the file's order, lists taken apart. Empty if the file has none, or none that can be read.

    Raises:
        MediaError: The file can't be opened.
    """
    with open_source(source) as file:
        words = [word.strip() for text in _texts(file) for word in _SEPARATORS.split(text)]
    unique: dict[str, str] = {}
    for word in words:
        if 0 < len(word) <= _MAX_CHARACTERS:
            unique.setdefault(word.casefold(), word)
    return tuple(unique.values())


def _texts(file: BinaryIO) -> list[str]:
    try:
        tagged = mutagen.File(file)
    # Besides its own error, mutagen lets these out of its parsers where a file is damaged.
    except (mutagen.MutagenError, ValueError, LookupError, TypeError, struct.error) as error:
        logger.debug("unreadable tags are left out: %s", error)
        return []
    found = [] if tagged is None or not tagged.tags else list(_wanted(tagged.tags))
    return found or _riff_genre(file)


def _wanted(tags: Any) -> Iterator[str]:
    # Vorbis comments and ASF keep a list of pairs, whose `items` come in the order of a set; the others are mappings.
    pairs = tags if isinstance(tags, list) else tags.items()
    for name, value in pairs:
        if _WANTED.fullmatch(re.split(r"[:/]", str(name))[-1].casefold()):
            yield from _as_texts(value)


def _as_texts(value: Any) -> Iterator[str]:
    if isinstance(value, bytes):  # MP4's free form
        yield value.decode(errors="replace")
    elif isinstance(value, str):
        yield value
    elif hasattr(value, "genres"):  # ID3, whose numbers stand for names
        yield from value.genres
    elif isinstance(value, list):
        for part in value:
            yield from _as_texts(part)
    else:
        yield str(value)


def _riff_genre(file: BinaryIO) -> list[str]:
    """The genre in a WAV's INFO list, which mutagen doesn't read."""
    file.seek(0)
    if file.read(4) != b"RIFF":
        return []
    file.seek(0)
    try:
        with soundfile.SoundFile(file) as sound:
            return [sound.genre]
    except (soundfile.LibsndfileError, UnicodeDecodeError) as error:
        logger.debug("unreadable tags are left out: %s", error)
        return []
