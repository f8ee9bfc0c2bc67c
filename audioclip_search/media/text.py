"""Text files, in whatever encoding they come."""

from __future__ import annotations

import codecs

from audioclip_search.errors import MediaError
from audioclip_search.media.source import Source, open_source

MAX_TEXT_BYTES = 64 * 1024
"""How much of a text is read: far more than a model's context, enough to search for words in."""

# UTF-32's little-endian mark begins with UTF-16's, so it is tried first.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAX_CONTROL_SHARE = 0.02


def load_text(source: Source) -> str:
    """Read a text's first `MAX_TEXT_BYTES`, without surrounding white space.

    The encoding is what a byte order mark says, else UTF-8, else Windows-1252 (a superset of Latin-1's letters), in
    which any bytes can be read.

    Raises:
        MediaError: It can't be read, holds no text, or holds something other than text.
    """
    with open_source(source) as file:
        head = file.read(MAX_TEXT_BYTES)
        truncated = bool(file.read(1))
        text = _decode(head, truncated=truncated).strip()
        if not text:
            raise MediaError("holds no text")
        return text


def _decode(data: bytes, *, truncated: bool) -> str:
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), "utf-8")
    # Incremental, because the cut at the limit may have split a character: then its beginning is dropped.
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        text = decoder.decode(data, final=not truncated)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise MediaError(f"not a text: its byte order mark says {encoding}, its content does not") from error
        text = data.decode("cp1252", errors="replace")
    controls = sum(char < " " and char not in "\t\n\v\f\r" for char in text)
    if "\0" in text or controls > _MAX_CONTROL_SHARE * len(text):
        raise MediaError("not a text: it holds binary data")
    return text
