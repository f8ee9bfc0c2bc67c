"""Text files: encodings, limits, and what is no text."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from audioclip_search.errors import MediaError
from audioclip_search.media import MAX_TEXT_BYTES, load_text

TEXT = "Glas zerbricht – naïve café, 雨の音"
WESTERN = "Tür knallt, café “quoted”"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (TEXT.encode(), TEXT),
        (codecs.BOM_UTF8 + TEXT.encode(), TEXT),
        (TEXT.encode("utf-16"), TEXT),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), TEXT),
        (TEXT.encode("utf-32"), TEXT),
        (codecs.BOM_UTF32_BE + TEXT.encode("utf-32-be"), TEXT),
        (WESTERN.encode("cp1252"), WESTERN),
        (b"\r\n  two\r\nlines \n\n", "two\r\nlines"),
        (b"page\fbreak", "page\fbreak"),
    ],
)
def test_encodings(data: bytes, text: str) -> None:
    assert load_text(data) == text


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "holds no text"),
        (b" \r\n\t", "holds no text"),
        (codecs.BOM_UTF8, "holds no text"),
        (bytes(range(256)) * 4, "binary"),
        (b"RIFF\x24\x00\x00\x00WAVE", "binary"),
        (b"\x01\x02\x03\x04 few letters", "binary"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8\x00\x00", "byte order mark"),
        (codecs.BOM_UTF8 + b"\xff\xfe\xfd", "byte order mark"),
    ],
)
def test_what_is_no_text(tmp_path: Path, data: bytes, reason: str) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(data)
    with pytest.raises(MediaError, match=reason) as caught:
        load_text(file)
    assert caught.value.path == file


@pytest.mark.parametrize("offset", range(4))
def test_only_the_beginning_is_read_and_no_character_is_torn(offset: int) -> None:
    data = b"a" * offset + "雨".encode() * MAX_TEXT_BYTES
    whole_characters = (MAX_TEXT_BYTES - offset) // 3
    assert load_text(data) == "a" * offset + "雨" * whole_characters
