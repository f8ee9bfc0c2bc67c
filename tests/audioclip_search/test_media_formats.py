"""What a file is, by its suffix."""

from __future__ import annotations

from pathlib import Path

import pytest

from audioclip_search.media import AUDIO_SUFFIXES, IMAGE_SUFFIXES, TEXT_SUFFIXES, modality_of
from audioclip_search.types import Modality


@pytest.mark.parametrize(
    ("path", "modality"),
    [
        ("kick.wav", Modality.AUDIO),
        ("KICK.WAV", Modality.AUDIO),
        (Path("a.b/c.d.Flac"), Modality.AUDIO),
        ("clip.mp4", Modality.AUDIO),
        ("window.JPG", Modality.IMAGE),
        ("notes.md", Modality.TEXT),
        ("kick.wav.asd", None),
        ("wav", None),
        (".wav", None),
        ("folder.wav/", Modality.AUDIO),
        ("setup.exe", None),
        ("script.ts", None),
    ],
)
def test_modality_of(path: str | Path, modality: Modality | None) -> None:
    assert modality_of(path) is modality


def test_suffix_sets_are_lower_case_and_disjoint() -> None:
    every = [*AUDIO_SUFFIXES, *IMAGE_SUFFIXES, *TEXT_SUFFIXES]
    assert len(every) == len(set(every))
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in every)
