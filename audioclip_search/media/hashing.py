"""The fingerprint by which moved and copied files are recognised."""

from __future__ import annotations

import xxhash

from audioclip_search.media.source import Source, open_source

_CHUNK_BYTES = 1 << 20


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
