"""Queries are values, and nonsense never becomes one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from audioclip_search.errors import QueryError
from audioclip_search.query import Picture, Query, Sound, Text, as_modality
from audioclip_search.types import Modality

PICTURE = Image.new("RGB", (4, 4))
SAMPLES = np.zeros(8, np.float32)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"text": "  a dog\n"}, Query(Text("a dog"))),
        ({"text": "a dog", "k": 3, "modality": "audio"}, Query(Text("a dog"), 3, Modality.AUDIO)),
        ({"image": "a.png"}, Query(Picture(Path("a.png")))),
        ({"image": b"bytes", "modality": Modality.TEXT}, Query(Picture(b"bytes"), 20, Modality.TEXT)),
        ({"image": PICTURE}, Query(Picture(PICTURE))),
        ({"audio": Path("~/a.wav")}, Query(Sound(Path.home() / "a.wav"))),
        ({"audio": b"bytes", "k": 1}, Query(Sound(b"bytes"), 1)),
        ({"audio": (SAMPLES, np.int64(8_000))}, Query(Sound((SAMPLES, 8_000)))),
    ],
)
def test_what_is_asked_becomes_a_value(arguments: dict[str, Any], expected: Query) -> None:
    assert Query.of(**arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({}, "asks for nothing"),
        ({"text": "a", "image": b"b"}, "several things"),
        ({"text": "a", "audio": b"b", "image": b"c"}, "several things"),
        ({"text": ""}, "text is empty"),
        ({"text": " \n"}, "text is empty"),
        ({"text": 5}, "int is not a text"),
        ({"image": SAMPLES}, "ndarray is not a picture"),
        ({"audio": SAMPLES}, "ndarray is not a sound"),
        ({"audio": (SAMPLES,)}, "tuple is not a sound"),
        ({"audio": (8_000, SAMPLES)}, "tuple is not a sound"),
        ({"audio": ([0.0, 0.1], 8_000)}, "tuple is not a sound"),
        ({"text": "a", "k": 0}, "best 0 files"),
        ({"text": "a", "k": -3}, "best -3 files"),
        ({"text": "a", "modality": "video"}, "no files of the kind 'video'"),
    ],
)
def test_nonsense_is_refused(arguments: dict[str, Any], complaint: str) -> None:
    with pytest.raises(QueryError, match=complaint):
        Query.of(**arguments)


def test_a_modality_is_known_by_its_name() -> None:
    assert [as_modality(name) for name in (None, "image", Modality.TEXT)] == [None, Modality.IMAGE, Modality.TEXT]
