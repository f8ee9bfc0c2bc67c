"""What names, metadata and queries have in common: their tokens."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audioclip_search.words import (
    FUNCTION_WORDS,
    UCSName,
    analyse,
    compounds,
    parse_ucs,
    path_words,
    spelled,
    spellings,
)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", ""),
        ("!? -- _", ""),
        ("GlassBreak02", "glass break 02 2"),
        ("glass_break-2", "glass break 2"),
        ("Take 0412b", "take 0412 412 b"),
        ("000", "000 0"),
        ("BB0412", "bb 0412 412"),
        ("24bit 96kHz", "24 bit 96 k hz"),
        ("USBMic iPhone BWFFile", "usb mic i phone bwf file"),
        ("breaking glasses, heavy Doors", "break glass heavi door"),
        ("Café déjà vu Žižek", "cafe deja vu zizek"),
        ("Straße Ångström Øre Æther Łódź", "strass angstrom ore aether lodz"),
        ("the dog's bark isn't o’clock DOG'S l'eau", "the dog bark isnt o clock dog l eau"),
        ("Дверь хлопает Ёлка", "дверь хлопает елка"),
        ("玻璃破碎2", "玻 璃 破 碎 2"),
        ("ガラス ﾄﾞｱ", "ガラ ラス ドア"),
        ("雨Rain", "雨 rain"),
        ("유리 깨짐", "유리 깨짐"),
        ("हिन्दी", "हिन्दी"),
        ("Ⅷ ① ½ ²", "viii 1 1 2 2"),
        ("a\ud800b", "a b"),
    ],
)
def test_a_text_becomes_tokens(text: str, tokens: str) -> None:
    assert " ".join(analyse(text)) == tokens
    assert analyse(unicodedata.normalize("NFD", text)) == analyse(unicodedata.normalize("NFC", text))


@settings(deadline=None)
@given(st.text() | st.text("aB0 'éßŁ語ガ_.-"))
def test_tokens_are_words_whatever_the_text(text: str) -> None:
    for token in analyse(text) + compounds(text):
        assert token
        assert token.split() == [token]
        assert not set(token) & set("_-.|'\"")
    assert " ".join(analyse(text)).split() == list(analyse(text))
    assert set(analyse(f"{text} glass")) == {*analyse(text), "glass"}


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("GlassBreak02 footStep Door rain", "glassbreak footstep"), ("GLASBrk_x", "glasbrk"), ("ABC abc 12", "")],
)
def test_words_taken_apart_are_known_in_one_piece_too(text: str, tokens: str) -> None:
    assert " ".join(compounds(text)) == tokens


@pytest.mark.parametrize(
    ("path", "name", "folder"),
    [
        ("rain.wav", "rain", ""),
        ("Foley/Heavy Doors/DoorSlam.03.flac", "door slam 03 3 | doorslam", "foley heavi door"),
        ("mp3/song.mp3", "song", "mp 3"),
        ("/drive/a/.wav", "wav", "drive a"),
        (
            "sfx/GLASBrk_Wine Glass Smash 03_JD_MyLib.wav",
            "glas brk wine glass smash 03 3 jd my lib | glasbrk mylib",
            "sfx",
        ),
    ],
)
def test_a_path_has_the_words_of_its_name_and_of_its_folders(path: str, name: str, folder: str) -> None:
    words = path_words(path)
    assert (" ".join(words.name), " ".join(words.folder)) == (name, folder)


@pytest.mark.parametrize("text", ["GlassBreak02", "glass_break-02.wav", "glass break 02", " GLASS BREAK 02.flac "])
def test_a_name_is_the_same_however_its_words_are_separated(text: str) -> None:
    assert spelled(path_words("a/GlassBreak02.wav").name) in spellings(text)
    assert spelled(path_words("a/GlassBreak03.wav").name) not in spellings(text)


def test_a_text_with_a_stop_in_it_has_no_suffix() -> None:
    assert spellings("St. Peter") == {"stpeter"}
    assert spellings("v2.0") == {"v20"} | spellings("v 2 0")
    assert spellings("...") == frozenset()


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("GLASBrk_Wine Glass_JD_Lib", UCSName("GLAS", "Brk", "Wine Glass", "JD", "Lib")),
        ("UIClick_Soft_JD_Lib_48k_v2", UCSName("UI", "Click", "Soft", "JD", "Lib", "", "48k_v2")),
        ("AMBPark-BIRDS_Dawn_JD_Lib_", UCSName("AMB", "Park", "Dawn", "JD", "Lib", "BIRDS")),
        ("GLASBrk_Wine Glass_JD", None),
        ("GLASBrk__JD_Lib", None),
        ("glass_break_02_x", None),
        ("AMBIENCE_Park_JD_Lib", None),
        ("Door_Slam_JD_Lib", None),
        ("", None),
    ],
)
def test_a_name_by_the_universal_category_system_is_understood(stem: str, expected: UCSName | None) -> None:
    assert parse_ucs(stem) == expected
    if expected is not None:
        assert stem.startswith(expected.catid)


def test_function_words_are_tokens() -> None:
    words = "any very why"
    assert {token for token in FUNCTION_WORDS if analyse(token) != (token,)} <= set(analyse(words))
    assert set(analyse(words)) <= FUNCTION_WORDS
