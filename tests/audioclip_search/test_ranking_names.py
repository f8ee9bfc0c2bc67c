"""Who asks for a file by its name gets it, however the name is written."""

from __future__ import annotations

import pytest

from audioclip_search.ranking import WordQuery
from audioclip_search.words import path_words

UCS = "GLASBrk_Wine Glass Smash 03_JD_MyLib"


@pytest.mark.parametrize(
    ("query", "name", "exact"),
    [
        ("GlassBreak02", "GlassBreak02.wav", True),
        ("glass break 02", "GlassBreak02.wav", True),
        ("glassbreak02.wav", "GlassBreak02.wav", True),
        ("GlassBreak02", "glass_break-02.wav", True),
        (UCS, f"{UCS}.wav", True),
        (f"{UCS}.wav", f"{UCS}.wav", True),
        ("GlassBreak02", "GlassBreak03.wav", False),
        ("GlassBreak02", "GlassBreak02Take2.wav", False),
        ("glassbreak", "GlassBreak02.wav", False),
    ],
)
def test_a_name_is_matched_as_a_whole(query: str, name: str, exact: bool) -> None:
    words = WordQuery.of([query], frequency=lambda token: 1, files=10)
    match = words.match(path_words(name).name, (), ())
    assert match.exact == exact
    assert match.found
