"""The fingerprint by which moved and copied files are recognised."""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO

import xxhash

from audioclip_search.media.source import Source, open_source

_CHUNK_BYTES = 1 << 20
# Up to this size a file is kept in memory from its first reading on, so that a slow disk gives it once only.
_KEPT_BYTES = 32 << 20


def content_hash(source: Source) -> str:
    """XXH3-128 of all the bytes, 32 hexadecimal digits. Reads in chunks; memory doesn't grow with the file.

    Raises:
        MediaError: It can't be read.
    """
    digest = xxhash.xxh3_128()
    with open_source(source) as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def read_and_hash(file: BinaryIO) -> tuple[str, BinaryIO]:
    """The content hash of an open file, and where to read its bytes from now: memory if it is not large, else the file
    itself."""
    content = file.read(_KEPT_BYTES + 1)
    if len(content) <= _KEPT_BYTES:
        return xxhash.xxh3_128_hexdigest(content), BytesIO(content)
    return content_hash(file), file
