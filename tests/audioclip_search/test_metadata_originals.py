"""Originals as what differs: of whatever files, in whatever way they differ."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audioclip_search.media.metadata_writing import Original
from audioclip_search.media.metadata_writing.original import Kept

NOISE = np.random.default_rng(1).bytes(40_000)


def rebuilt(original: Original, written: bytes) -> bytes:
    target = io.BytesIO()
    original.write(io.BytesIO(written), target)
    return target.getvalue()


def compared(folder: Path, old: bytes, new: bytes) -> Original:
    (folder / "old").write_bytes(old)
    (folder / "new").write_bytes(new)
    return Original.from_bytes(Original.of(folder / "old", folder / "new").to_bytes())


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_file_from_any_other(tmp_path: Path, data: st.DataObject) -> None:
    old = NOISE[: data.draw(st.integers(0, len(NOISE)))]
    new = bytearray(old)
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(new)))
        new[at : at + data.draw(st.integers(0, 5_000))] = data.draw(st.binary(max_size=100)) * data.draw(
            st.integers(0, 80)
        )
    assert rebuilt(compared(tmp_path, old, bytes(new)), bytes(new)) == old


def test_what_was_inserted_costs_little(tmp_path: Path) -> None:
    for at in (0, 10, 5_000, 20_000, len(NOISE)):
        new = NOISE[:4] + b"size" + NOISE[8 : max(at, 8)] + b"keywords" + NOISE[max(at, 8) :]
        original = compared(tmp_path, NOISE, new)
        assert rebuilt(original, new) == NOISE
        # The border between what stayed and what moved is found to a block of 4,096 bytes.
        assert sum(len(piece) for piece in original.pieces if not isinstance(piece, Kept)) < 4_200


def test_nothing_differs(tmp_path: Path) -> None:
    assert compared(tmp_path, NOISE, NOISE).pieces == (Kept(0, len(NOISE)),)
    assert compared(tmp_path, b"", NOISE).pieces == ()
    assert rebuilt(compared(tmp_path, NOISE, b""), b"") == NOISE
