"""Who asks for a file by its name gets it, however the name is written."""

from __future__ import annotations

import pytest

from audioclip_search.ranking import WordQuery, fused
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


def test_to_the_letter_beats_up_to_endings() -> None:
    words = WordQuery.of(["Cockerels 01.wav"], frequency=lambda token: 1, files=10)
    named, nearly = (
        words.match(path_words(path).name, (), (), path=path) for path in ("a/cockerels_01.wav", "a/cockerel_01.wav")
    )
    assert named.exact
    assert nearly.exact
    assert fused(0, named) > fused(1, nearly)
