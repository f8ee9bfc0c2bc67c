"""Queries are values, and nonsense never becomes one."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from audioclip_search.errors import QueryError
from audioclip_search.filters import Field, OneOf, Phrase, Range
from audioclip_search.query import Example, Picture, Query, Ranking, Sound, Term, Text, as_modality
from audioclip_search.types import Modality

PICTURE = Image.new("RGB", (4, 4))
SAMPLES = np.zeros(8, np.float32)
AUDIO = OneOf(Field.KIND, ("audio",))


def terms(*contents: Any) -> tuple[Term, ...]:
    return tuple(map(Term, contents))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"text": "  a dog\n"}, Query(terms(Text("a dog")))),
        ({"text": "a dog", "k": 3, "modality": "audio"}, Query(terms(Text("a dog")), filters=(AUDIO,), k=3)),
        ({"image": "a.png"}, Query(terms(Picture(Path("a.png"))))),
        (
            {"image": b"bytes", "modality": Modality.TEXT},
            Query(terms(Picture(b"bytes")), filters=(OneOf(Field.KIND, ("text",)),)),
        ),
        ({"image": PICTURE}, Query(terms(Picture(PICTURE)))),
        ({"audio": Path("~/a.wav")}, Query(terms(Sound(Path.home() / "a.wav")))),
        ({"audio": b"bytes", "k": 1}, Query(terms(Sound(b"bytes")), k=1)),
        ({"audio": (SAMPLES, np.int64(8_000))}, Query(terms(Sound((SAMPLES, 8_000))))),
        ({"like": "a/b.wav"}, Query(terms(Example(Path("a/b.wav"))))),
        ({"text": "a", "image": b"b"}, Query(terms(Text("a"), Picture(b"b")))),
        (
            {"text": ["a", "b"], "audio": ("c.wav", Path("d.wav")), "like": ["e"]},
            Query(terms(Text("a"), Text("b"), Sound(Path("c.wav")), Sound(Path("d.wav")), Example(Path("e")))),
        ),
        ({"audio": [(SAMPLES, 8_000), b"b"]}, Query(terms(Sound((SAMPLES, 8_000)), Sound(b"b")))),
        (
            {"image": "w.jpg", "audio": "c.wav", "weights": {"image": 0.7, "audio": 0.3}, "exclude": "music"},
            Query((Term(Picture(Path("w.jpg")), 0.7), Term(Sound(Path("c.wav")), 0.3)), (Text("music"),)),
        ),
        (
            {"text": ["a", "b"], "like": "c", "weights": {"text": (2, -1)}},
            Query((Term(Text("a"), 2.0), Term(Text("b"), -1.0), Term(Example(Path("c"))))),
        ),
        ({"text": "a", "like": "c", "weights": [1, -0.5]}, Query((Term(Text("a")), Term(Example(Path("c")), -0.5)))),
        (
            {"text": ["a", "b"], "weights": np.array([1, 2])},
            Query((Term(Text("a")), Term(Text("b"), 2.0))),
        ),
        ({"exclude": ["a", Sound(b"b")]}, Query(excluded=(Text("a"), Sound(b"b")))),
        (
            {"where": 'dur:<3 -"a b"', "filters": [Phrase("c")], "modality": "audio"},
            Query(
                filters=(AUDIO, Range(Field.DURATION, high=3.0, high_open=True), Phrase("a b", True), Phrase("c")),
            ),
        ),
        (
            {"text": "a", "offset": 20, "min_score": 0.5, "moments": True, "explain": True, "ranking": "text"},
            Query(terms(Text("a")), (), (), 20, 20, 0.5, True, True, Ranking.TEXT),
        ),
        ({"text": "dur:<3 -b"}, Query(terms(Text("dur:<3 -b")))),
    ],
)
def test_what_is_asked_becomes_a_value(arguments: dict[str, Any], expected: Query) -> None:
    assert Query.of(**arguments) == expected


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({}, "asks for nothing"),
        ({"text": [], "where": " "}, "asks for nothing"),
        ({"text": ""}, "text is empty"),
        ({"text": " \n"}, "text is empty"),
        ({"text": ["a", ""]}, "text is empty"),
        ({"text": "a", "exclude": " "}, "text is empty"),
        ({"text": 5}, "int is not a text"),
        ({"image": SAMPLES}, "ndarray is not a picture"),
        ({"image": ""}, "'' is no path of a picture"),
        ({"image": "a\0"}, "is no path of a picture"),
        ({"image": "~nobody-of-that-name/a.png"}, "nobody has the home folder"),
        ({"audio": SAMPLES}, "ndarray is not a sound"),
        ({"audio": (SAMPLES,)}, "tuple is not a sound"),
        ({"audio": (8_000, SAMPLES)}, "tuple is not a sound"),
        ({"audio": ([0.0, 0.1], 8_000)}, "tuple is not a sound"),
        ({"like": 5}, "int is not a file of the library"),
        ({"text": "a", "k": 0}, "best 0 files"),
        ({"text": "a", "k": -3}, "best -3 files"),
        ({"text": "a", "offset": -1}, "leave out the best -1"),
        ({"text": "a", "min_score": 1.5}, "no score is 1.5"),
        ({"text": "a", "min_score": math.nan}, "no score is nan"),
        ({"text": "a", "modality": "video"}, "no files of the kind 'video'"),
        ({"text": "a", "ranking": "best"}, "no ranking 'best'.*hybrid, vector, text"),
        ({"text": "a", "exclude": 5}, "int can't be excluded"),
        ({"text": "a", "weights": {"image": 1}}, "weight for 'image'.*Terms are: text"),
        ({"text": "a", "weights": {"words": 1}}, "weight for 'words'"),
        ({"text": "a", "weights": {"text": 0}}, "weight 0"),
        ({"text": "a", "weights": {"text": math.inf}}, "weight can't be inf"),
        ({"text": "a", "weights": {"text": "heavy"}}, "not numbers"),
        ({"text": "a", "weights": {"text": (1, 2)}}, "text has 1 terms and 2 weights"),
        ({"text": "a", "weights": (1, 2)}, "the query has 1 terms and 2 weights"),
        ({"text": "a", "weights": 2.0}, "not numbers"),
        ({"text": "a", "where": "dur:<3 glass"}, "something else than filters"),
        ({"text": "a", "where": "-glass"}, "something else than filters"),
        ({"text": "a", "where": "dur:x"}, "not a number"),
    ],
)
def test_nonsense_is_refused(arguments: dict[str, Any], complaint: str) -> None:
    with pytest.raises(QueryError, match=complaint):
        Query.of(**arguments)


def test_an_error_in_a_filter_points_at_the_character() -> None:
    with pytest.raises(QueryError) as error:
        Query.of(text="a", where="ext:wav glass")
    assert error.value.position == 8


def test_a_query_can_be_written_and_read() -> None:
    query = Query.parse("glass  -music", k=3, min_score=0.5, ranking="vector")
    assert query == Query(terms(Text("glass")), (Text("music"),), k=3, min_score=0.5, ranking=Ranking.VECTOR)
    assert str(query) == "glass -music"
    with pytest.raises(QueryError, match="best 0 files"):
        Query.parse("glass", k=0)


def test_a_modality_is_known_by_its_name() -> None:
    assert [as_modality(name) for name in (None, "image", Modality.TEXT)] == [None, Modality.IMAGE, Modality.TEXT]
