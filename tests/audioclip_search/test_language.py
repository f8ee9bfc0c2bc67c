"""The language of the search box: what it means, where it is wrong, and that it can be written back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from audioclip_search.errors import QueryError
from audioclip_search.filters import NUMERIC, Field, OneOf, Phrase, Range, format_amount
from audioclip_search.language import Statement, format_query, format_term, parse
from audioclip_search.query import Query
from audioclip_search.terms import Content, Example, Picture, Sound, Term, Text


def one_of(field: Field, *values: str, negated: bool = False) -> Statement:
    return Statement(filters=(OneOf(field, values, negated),))


def between(*arguments: Any, **options: Any) -> Statement:
    return Statement(filters=(Range(*arguments, **options),))


def text(words: str, weight: float = 1.0) -> Term:
    return Term(Text(words), weight)


MEANINGS: list[tuple[str, Statement]] = [
    ("glass breaking", Statement((text("glass breaking"),))),
    (" glass\n\tbreaking ", Statement((text("glass breaking"),))),
    (
        "glass -music breaking dur:<3 loud",
        Statement((text("glass breaking loud"),), (Text("music"),), parse("dur:<3").filters),
    ),
    ("glass^2 heavy door^-0.5", Statement((text("glass", 2.0), text("heavy"), text("door", -0.5)))),
    ("(heavy door)^2 (a)", Statement((text("heavy door", 2.0), text("a")))),
    ("-(heavy metal) -word", Statement(excluded=(Text("heavy metal"), Text("word")))),
    ("glass - breaking -- x", Statement((text("glass - breaking -- x"),))),
    ("door(1) take(a)b 5\" rock'n'roll", Statement((text("door(1) take(a)b 5\" rock'n'roll"),))),
    ("(door(1) x)", Statement((text("door(1) x"),))),
    ("(a - b)", Statement((text("a - b"),))),
    ("Scene: door 12:30 a_b:c", Statement((text("Scene: door 12:30 a_b:c"),))),
    (r"re\:zero \-x \(a\) \^ a\\b C\d", Statement((text(r"re:zero -x (a) ^ a\b C\d"),))),
    (r"a\ \ b", Statement((text("a  b"),))),
    ("glass image:x.png door", Statement((text("glass door"), Term(Picture(Path("x.png")))))),
    ("image:window.jpg^0.7", Statement((Term(Picture(Path("window.jpg")), 0.7),))),
    ('audio:"a b,c.wav"^2', Statement((Term(Sound(Path("a b,c.wav")), 2.0),))),
    ("audio:a,b.wav", Statement((Term(Sound(Path("a,b.wav"))),))),
    ("like:doors/slam.wav^-0.5", Statement((Term(Example(Path("doors/slam.wav")), -0.5),))),
    ("-like:a.wav -image:b.png", Statement(excluded=(Example(Path("a.wav")), Picture(Path("b.png"))))),
    ("audio:~/a.wav", Statement((Term(Sound(Path.home() / "a.wav")),))),
    ('"exact phrase"', Statement(filters=(Phrase("exact phrase"),))),
    (r'-"a \"b\" \c"', Statement(filters=(Phrase(r'a "b" \c', negated=True),))),
    ("ext:wav,flac", one_of(Field.EXTENSION, "wav", "flac")),
    ('folder:"my foley",other', one_of(Field.FOLDER, "my foley", "other")),
    ("-tag:draft", one_of(Field.TAG, "draft", negated=True)),
    (r"tag:a\,b", one_of(Field.TAG, "a,b")),
    ("name:*take(1)*", one_of(Field.NAME, "*take(1)*")),
    (
        "KIND:audio,text type:image",
        Statement(filters=(OneOf(Field.KIND, ("audio", "text")), OneOf(Field.KIND, ("image",)))),
    ),
    ("ch:2", one_of(Field.CHANNELS, "2")),
    ("bits:16,24", one_of(Field.BITS, "16", "24")),
    ("rate:44.1k", one_of(Field.RATE, "44.1k")),
    ("dur:<3", between(Field.DURATION, None, 3.0, high_open=True)),
    ("dur:<=250ms", between(Field.DURATION, None, 0.25)),
    ("-duration:>2m", between(Field.DURATION, 120.0, low_open=True, negated=True)),
    ("rate:>=96k", between(Field.RATE, 96_000.0)),
    ("dur:1..3.5", between(Field.DURATION, 1.0, 3.5)),
    ("dur:>1..<3", between(Field.DURATION, 1.0, 3.0, low_open=True, high_open=True)),
    ("dur:>=1..<=3", between(Field.DURATION, 1.0, 3.0)),
    ("dur:1..", between(Field.DURATION, 1.0)),
    ("size:..1.5M", between(Field.SIZE, None, 1_500_000.0)),
    ("rating:>=3", between(Field.RATING, 3.0)),
]


@pytest.mark.parametrize(("query", "meaning"), MEANINGS)
def test_a_query_means(query: str, meaning: Statement) -> None:
    assert parse(query) == meaning


@pytest.mark.parametrize(
    ("query", "position", "complaint"),
    [
        ("", 0, "query is empty"),
        ("  ", 0, "query is empty"),
        ("glass extt:wav", 6, "no field 'extt'.*Did you mean ext.*kind, dur.*write extt"),
        ("http://x", 0, r"no field 'http'.*write http\\:"),
        ("-re:zero", 1, "no field 're'"),
        ("a ext: wav", 6, "ext: has no value.*ext:wav"),
        ("ext:", 4, "has no value"),
        ("ext:wav,", 8, "has no value here"),
        ("ext:,wav", 4, "has no value here"),
        ('tag:" "', 4, "has no value here"),
        ("kind:video", 5, "no files of the kind 'video'"),
        ("kind:audio,video", 11, "no files of the kind 'video'"),
        ("dur:3", 4, "exactly 3"),
        ("dur:<x", 5, "'x' is not a number"),
        ("dur:<", 5, "needs a number"),
        ("dur:>=", 6, "needs a number"),
        ("dur:1..x", 7, "'x' is not a number"),
        ("dur:1..<=x", 9, "'x' is not a number"),
        ("dur:..", 4, "no bounds"),
        ("dur:3..1", 4, "nothing is between"),
        ("dur:<1,>3", 7, "no others beside"),
        ("rating:>9", 8, "no rating is 9"),
        ("ch:two", 3, "not a number"),
        ("folder:///", 7, "slashes alone"),
        ('glass "half', 6, "no other one"),
        ('"..."', 0, "no words between"),
        ('"a"b', 3, "blank is missing before 'b'"),
        ('folder:"a"b', 10, "blank is missing"),
        ('"a"^2', 3, "a phrase has no weight"),
        ("tag:a^2", 5, "a filter has no weight"),
        ("-a^2", 2, "excluded has no weight"),
        ("a^", 2, "weight is missing"),
        ("a ^2", 2, "text is empty"),
        ("a^b", 2, "'b' is not a weight"),
        ("a^nan", 2, "'nan' is not a weight"),
        ("a^0", 2, "weight 0"),
        ("a^1e9", 2, "weight 1e"),
        ("a^1e400", 2, "weight can't be inf"),
        ("(a b", 0, "never closed"),
        ("a (", 2, "never closed"),
        ("()", 0, "text is empty"),
        ("(a)b", 3, "blank is missing"),
        ("a)", 1, "no parenthesis is open"),
        ("-)", 1, "no parenthesis is open"),
        ("(a (b))", 3, "only words"),
        ('(a "b")', 3, "only words"),
        ("(a -b)", 3, "only words"),
        ("(dur:<3)", 1, "only words"),
        ("(a b^2)", 4, "parentheses has no weight.*behind the parenthesis"),
        ("--a", 1, "two minus"),
        ("image:", 6, "has no value"),
        ('image:""', 6, "has no value"),
        ("image:<picture>", 6, "only a program"),
        ("image:~nobody-of-that-name/x", 6, "nobody has the home"),
        ("audio:a\0b", 6, "no path"),
        ("-audio:a.wav^2", 12, "excluded has no weight"),
        (r"\ ", 0, "text is empty"),
    ],
)
def test_an_error_points_at_the_character(query: str, position: int, complaint: str) -> None:
    with pytest.raises(QueryError, match=complaint) as error:
        parse(query)
    assert error.value.position == position


WRITTEN = [
    ("glass  breaking", "glass breaking"),
    ("a (b c) (d)", "a (b c) (d)"),
    ("(a)", "a"),
    ("(b)^2 (c d)^.5", "b^2 (c d)^0.5"),
    ("ext:wav glass -music -tag:x", "glass -music ext:wav -tag:x"),
    ("KIND:audio dur:<3 rate:>=96000 dur:1..3.5 rate:44100 size:<10000000", None),
    ('folder:"my foley",b "exact phrase"', 'folder:"my foley",b "exact phrase"'),
    ("image:a.png^0.7 like:b/c.wav", "image:a.png^0.7 like:b/c.wav"),
    (r"re\:zero \-x 12:30 - a", r"re\:zero \-x 12:30 - a"),
]


@pytest.mark.parametrize(("query", "written"), WRITTEN)
def test_a_query_is_written_plainly(query: str, written: str | None) -> None:
    expected = written or "kind:audio dur:<3 rate:>=96k dur:1..3.5 rate:44100 size:<10M"
    assert str(Query.parse(query)) == expected


def test_what_only_python_can_give_is_named_and_not_read() -> None:
    contents = [Picture(Image.new("RGB", (2, 2))), Picture(b"x"), Sound(b"x"), Sound((np.zeros(2), 8_000))]
    names = ["image:<picture>", "image:<bytes>", "audio:<bytes>", "audio:<samples>"]
    assert [format_term(Term(content)) for content in contents] == names
    for name in names:
        with pytest.raises(QueryError, match="only a program"):
            parse(name)


# Whatever a query holds, it can be written; whatever is written, is read or refused at a place.

NASTY = st.text('ab "\\()^,:-~<>*?.=/\n\u3000é', min_size=1, max_size=8)
WORDS = st.text(min_size=1) | NASTY | st.sampled_from(["a", "heavy door", "dur:<3", "-x", "re:zero", "--", "- a", "\\"])
TEXTS = WORDS.map(str.strip).filter(bool).map(Text)
PATHS = st.sampled_from(["a.wav", "~", "~/a", "-", "<x>"]) | WORDS.filter(lambda path: "\0" not in path)
FILES = st.one_of(*(st.builds(kind, PATHS.map(Path)) for kind in (Picture, Sound, Example)))
CONTENTS: st.SearchStrategy[Content] = TEXTS | FILES
WEIGHTS = st.just(1.0) | st.sampled_from([2, -0.5]) | st.floats(0.001, 1_000) | st.floats(-1_000, -0.001)
TERMS = st.builds(Term, CONTENTS, WEIGHTS)


@st.composite
def filters(draw: st.DrawFn) -> OneOf | Range | Phrase:
    negated = draw(st.booleans())
    kind = draw(st.integers(0, 3))
    if kind == 0:
        return Phrase(draw(WORDS) + "a", negated)
    if kind == 1:
        field = draw(st.sampled_from([Field.EXTENSION, Field.FOLDER, Field.NAME, Field.TAG]))
        values = WORDS.filter(lambda value: value.replace("/", "").strip() != "")
        return OneOf(field, tuple(draw(st.lists(values, min_size=1, max_size=3))), negated)
    if kind == 2:
        exact = draw(st.sampled_from([Field.RATING, Field.RATE, Field.CHANNELS, Field.BITS]))
        texts = st.integers(0, 5).map(str) | st.sampled_from([".5", "1e0", "2.0"])
        kinds = st.lists(st.sampled_from(["audio", "IMAGE", "text"]), min_size=1)
        options = [OneOf(exact, tuple(draw(st.lists(texts, min_size=1)))), OneOf(Field.KIND, tuple(draw(kinds)))]
        return draw(st.sampled_from(options))
    field = draw(st.sampled_from(sorted(NUMERIC)))
    numbers = st.floats(0, 5 if field is Field.RATING else 1e300) | st.integers(0, 5)
    low, high = sorted([draw(numbers), draw(numbers)])
    shape = draw(st.integers(0, 2))
    open_ends = draw(st.booleans()) and low < high
    if shape == 0:
        return Range(field, low, high, open_ends, draw(st.booleans()) and low < high, negated)
    return Range(field, low, None, open_ends) if shape == 1 else Range(field, None, high, False, open_ends, negated)


QUERIES = st.builds(
    Query,
    st.lists(TERMS, max_size=4).map(tuple),
    st.lists(CONTENTS, max_size=2).map(tuple),
    st.lists(filters(), max_size=3).map(tuple),
).filter(lambda query: bool(query.terms or query.excluded or query.filters))


@settings(deadline=None)
@given(QUERIES)
def test_a_query_is_read_as_it_was_written(query: Query) -> None:
    assert Query.parse(str(query)) == query
    assert parse(f" {query}\n") == Statement(query.terms, query.excluded, query.filters)


FIELDS = ["dur:", "ext:", "image:", "tag:", "kind:", "like:", "x:"]
SIGNS = ["(", ")", '"', "^", "^2", "-", "--", "\\", ":", ",", "..", "<", ">=", "~", "\0", "\ud800"]
PIECES = st.sampled_from([*FIELDS, *SIGNS, "glass", "audio", "3", "96k", "é", "~x", "(a b)", '"c d"'])


@settings(deadline=None)
@given(st.text() | st.text('ab"\\()^,:-.<>=0~ \n') | st.lists(PIECES | st.just(" "), max_size=30).map("".join))
def test_any_text_is_a_query_or_wrong_at_a_place(query: str) -> None:
    try:
        said = parse(query)
    except QueryError as error:
        assert error.position is not None
        assert 0 <= error.position <= len(query)
        assert error.reason
        return
    assert parse(format_query(said.terms, said.excluded, said.filters)) == said


@pytest.mark.parametrize("piece", ["(", ")", "a(", '"', '\\"', "^", "-", "a:", "ext:a,", "(a) ", "dur:1.", "a ", "~"])
def test_a_long_query_is_read_in_no_time(piece: str) -> None:
    query = piece * 20_000
    try:
        parse(query)
    except QueryError as error:
        assert error.position is not None


@settings(deadline=None)
@given(st.sampled_from(sorted(NUMERIC)), st.integers(0, 5))
def test_a_number_and_its_shortest_text_are_the_same_filter(field: Field, number: int) -> None:
    assert parse(f"{field}:>={format_amount(field, number)}").filters == (Range(field, float(number)),)
