"""What a file is, by its suffix."""

from __future__ import annotations

from os import PathLike
from pathlib import PurePath

from audioclip_search.types import Modality


def _suffixes(names: str) -> frozenset[str]:
    return frozenset(f".{name}" for name in names.split())


_SOUND_SUFFIXES = _suffixes(
    "wav wave bwf rf64 w64 aif aiff aifc caf au snd voc flac ogg oga opus spx mp3 mp2 m4a m4b m4r mp4a aac wma amr awb"
    " ac3 eac3 ape wv tta mpc mka weba dsf"
)

VIDEO_SUFFIXES = _suffixes("mp4 m4v mov mkv webm avi mpg mpeg m2ts mts wmv asf flv 3gp 3g2 ogv")
"""Videos. Lower case, with the dot."""

AUDIO_SUFFIXES = _SOUND_SUFFIXES | VIDEO_SUFFIXES
"""Sounds, and videos, of which the soundtrack counts. Lower case, with the dot."""

IMAGE_SUFFIXES = _suffixes("png apng jpg jpeg jpe jfif webp avif bmp dib gif tif tiff ppm pgm pbm pnm")
"""Pictures. Lower case, with the dot."""

TEXT_SUFFIXES = _suffixes("txt md")
"""Texts. Lower case, with the dot."""


_MODALITIES = (
    dict.fromkeys(AUDIO_SUFFIXES, Modality.AUDIO)
    | dict.fromkeys(IMAGE_SUFFIXES, Modality.IMAGE)
    | dict.fromkeys(TEXT_SUFFIXES, Modality.TEXT)
)


def modality_of(path: str | PathLike[str]) -> Modality | None:
    """What a file is by its suffix, in upper or lower case; None if it is no medium. It isn't opened."""
    return modality_of_name(PurePath(path).name)


def modality_of_name(name: str) -> Modality | None:
    """`modality_of` for a name without folders; cheaper."""
    dot = name.rfind(".")
    if dot <= 0:  # A name that is nothing but a suffix has none.
        return None
    suffix = name[dot:]
    return _MODALITIES.get(suffix) or _MODALITIES.get(suffix.lower())
