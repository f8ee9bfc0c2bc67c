"""Which files a filter lets through: as a plain reading of its meaning says, whatever a person wrote into it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audioclip_search.errors import QueryError
from audioclip_search.filters import NUMERIC, Field, Filter, OneOf, Phrase, Range, amount
from audioclip_search.storage.filtering import FilterColumns, mask
from audioclip_search.storage.schema import path_to_text
from audioclip_search.words import analyse, file_named, path_words

Row = dict[str, Any]


def row(path: str, **facts: Any) -> Row:
    facts = {
        "tags": [],
        "size": 1_000,
        "rating": 0,
        "duration_s": 1.0,
        "rate_hz": 48_000,
        "channels": 2,
        "bits": 24,
    } | facts
    return {"path": path, "modality": "audio"} | facts


ROWS = [
    row("glass.wav", duration_s=0.5, tags=["Impact", "draft"], size=10_000_000),
    row("Foley/Heavy Doors/Door_Slam_02.FLAC", duration_s=3.0, rating=3, rate_hz=96_000),
    row("foley/rain 100%_take.mp3", duration_s=120.0, bits=0, channels=1, tags=["été", "two words"]),
    row("pictures/window.jpg", modality="image", duration_s=0.0, rate_hz=0, channels=0, bits=0, rating=5),
    row("not foley/(a)[b]+$^.wav", bits=16, rating=1, tags=["a,b"]),
    row("/drive/SFX/Foley/doors/cafe\u0301 DÉJÀ.wav", duration_s=60.5),
    row("D:/Sounds/door.tar.gz", rate_hz=44_100, tags=["IMPACT"]),
    row("notes/readme.txt", modality="text", duration_s=0.0, rate_hz=0, channels=0, bits=0),
    row("雨/大雨.ogg", size=0),
    row(path_to_text("odd/\udc80name's.wav")),
    row("a\nb/c\td.wav"),
]
METADATA = ["a glass breaks on stone", *[""] * 9, "exact phrase"]
AUTO_TAGS = {"Glass": np.arange(len(ROWS)) == 0, "impact": np.arange(len(ROWS)) == 3}


def columns_of(rows: list[Row]) -> pa.Table:
    numbers = dict.fromkeys(("size", "rating", "rate_hz", "channels", "bits"), pa.int64())
    types = numbers | {"tags": pa.list_(pa.string()), "duration_s": pa.float64()}
    return pa.table({name: pa.array([one[name] for one in rows], types.get(name, pa.string())) for name in row("")})


def words_of(rows: list[Row], metadata: list[str]) -> pa.Table:
    paths = [path_words(one["path"]) for one in rows]
    columns = {
        "name_words": [" ".join(path.name) for path in paths],
        "folder_words": [" ".join(path.folder) for path in paths],
        "metadata_words": [" ".join(analyse(text)) for text in metadata],
    }
    return pa.table(columns, pa.schema([(name, pa.string()) for name in columns]))


COLUMNS, WORDS = columns_of(ROWS), words_of(ROWS, METADATA)
KEPT = FilterColumns(COLUMNS, lambda: WORDS)


def no_words() -> pa.Table:
    raise AssertionError("no phrase was asked for")


def found(*filters: Filter) -> list[int]:
    words: Callable[[], pa.Table] = lambda: WORDS  # noqa: E731
    asks_for_words = any(isinstance(condition, Phrase) for condition in filters)
    met = mask(COLUMNS, words if asks_for_words else no_words, filters, auto_tags=AUTO_TAGS)
    assert met.dtype == np.bool_
    assert met.tolist() == KEPT.mask(filters, auto_tags=AUTO_TAGS).tolist()
    return np.flatnonzero(met).tolist()


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (OneOf(Field.KIND, ("image", "TEXT")), [3, 7]),
        (OneOf(Field.EXTENSION, ("wav",)), [0, 4, 5, 9, 10]),
        (OneOf(Field.EXTENSION, (".flac", "gz")), [1, 6]),
        (OneOf(Field.EXTENSION, ("v",)), []),
        (OneOf(Field.EXTENSION, (".",)), []),
        (OneOf(Field.FOLDER, ("FOLEY",)), [1, 2, 5]),
        (OneOf(Field.FOLDER, ("foley/doors", "雨")), [5, 8]),
        (OneOf(Field.FOLDER, ("heavy",)), []),
        (OneOf(Field.FOLDER, ("heavy doors/",)), [1]),
        (OneOf(Field.FOLDER, ("/drive/sfx",)), [5]),
        (OneOf(Field.FOLDER, ("/drive/sf",)), []),
        (OneOf(Field.FOLDER, ("/sfx",)), []),
        (OneOf(Field.FOLDER, ("d:\\sounds", "D:/x")), [6]),
        (OneOf(Field.FOLDER, ("./foley",)), [1, 2]),
        (OneOf(Field.FOLDER, (".",)), [0, 1, 2, 3, 4, 7, 8, 9, 10]),
        (OneOf(Field.FOLDER, ("glass.wav",)), []),
        (OneOf(Field.NAME, ("DOOR",)), [1, 6]),
        (OneOf(Field.NAME, ("100%_", "(a)[b]+$^")), [2, 4]),
        (OneOf(Field.NAME, ("foley",)), []),
        (OneOf(Field.NAME, ("*take",)), [2]),
        (OneOf(Field.NAME, ("*take.mp?",)), [2]),
        (OneOf(Field.NAME, ("take*",)), []),
        (OneOf(Field.NAME, ("gl?ss", "**gz")), [0, 6]),
        (OneOf(Field.NAME, ("c*d.wav",)), [10]),
        (OneOf(Field.NAME, ("café déjà",)), [5]),
        (OneOf(Field.NAME, ("\udc80name's",)), [9]),
        (OneOf(Field.NAME, ("?" * 2_000, "x" * 2_000 + "*")), []),
        (OneOf(Field.TAG, ("impact",)), [0, 3, 6]),
        (OneOf(Field.TAG, ("GLASS",)), [0]),
        (OneOf(Field.TAG, ("E\u0301té", "a,b")), [2, 4]),
        (OneOf(Field.TAG, ("two",)), []),
        (OneOf(Field.CHANNELS, ("1",)), [2]),
        (OneOf(Field.RATE, ("44.1k", "96000")), [1, 6]),
        (OneOf(Field.BITS, ("16",)), [4]),
        (OneOf(Field.BITS, ("0",)), []),
        (OneOf(Field.RATING, ("0",)), [0, 2, 5, 6, 7, 8, 9, 10]),
        (Range(Field.DURATION, high=3.0, high_open=True), [0, 4, 6, 8, 9, 10]),
        (Range(Field.DURATION, low=0.0, high=0.5), [0]),
        (Range(Field.DURATION, low=60.0), [2, 5]),
        (Range(Field.RATE, low=96_000), [1]),
        (Range(Field.RATING, high=3), [1, 4]),
        (Range(Field.RATING, low=3, low_open=True), [3]),
        (Range(Field.RATING, low=0, high=1), [0, 2, 4, 5, 6, 7, 8, 9, 10]),
        (Range(Field.SIZE, high=500), [8]),
        (Range(Field.SIZE, low=1e7), [0]),
        (Phrase("heavy door"), [1]),
        (Phrase("Doors heavy"), []),
        (Phrase("door slam 2"), [1]),
        (Phrase("slam 02"), [1]),
        (Phrase("slam 002"), []),
        (Phrase("breaking glass"), []),
        (Phrase("glass breaking"), [0]),
        (Phrase("glass glass"), []),
        (Phrase("exact phrases"), [10]),
        (Phrase("大雨"), [8]),
        (Phrase("..."), []),
    ],
)
def test_a_filter_finds(condition: Filter, expected: list[int]) -> None:
    assert found(condition) == expected
    negated = type(condition)(**{name: getattr(condition, name) for name in condition.__slots__} | {"negated": True})
    assert found(negated) == [number for number in range(len(ROWS)) if number not in expected]


def test_all_filters_must_hold() -> None:
    assert found() == list(range(len(ROWS)))
    assert found(OneOf(Field.FOLDER, ("foley",)), Range(Field.DURATION, low=60), Phrase("rain")) == [2]


def test_an_index_without_files_has_no_answers() -> None:
    columns, words = columns_of([]), words_of([], [])
    filters = [*(OneOf(field, ("1",)) for field in (Field.NAME, Field.FOLDER, Field.TAG, Field.BITS)), Phrase("a 1")]
    for condition in filters:
        assert mask(columns, lambda: words, [condition]).tolist() == []


# A plain reading of what the filters mean.


def fold(text: str) -> str:
    lowered = pc.utf8_lower(pc.utf8_normalize(pa.array([path_to_text(text)]), form="NFC"))
    return str(lowered[0].as_py())


def meets(file: Row, metadata: str, auto_tags: set[str], condition: Filter) -> bool:
    match condition:
        case Range():
            met = is_in(file, condition)
        case Phrase(words):
            met = has_phrase(file, metadata, words)
        case OneOf(field, values):
            met = any(has_value(file, auto_tags, field, value) for value in values)
    return met != condition.negated


COLUMN = {"dur": "duration_s", "rating": "rating", "rate": "rate_hz", "ch": "channels", "bits": "bits", "size": "size"}


def number_of(file: Row, field: Field) -> float | None:
    number = file[COLUMN[field]]
    return None if number == 0 and field in ("dur", "rate", "ch", "bits") else number


def is_in(file: Row, wanted: Range) -> bool:
    number = number_of(file, wanted.field)
    if number is None or (wanted.field == "rating" and number == 0 and wanted.low is None):
        return False
    above = wanted.low is None or number > wanted.low or (number == wanted.low and not wanted.low_open)
    return above and (wanted.high is None or number < wanted.high or (number == wanted.high and not wanted.high_open))


def has_phrase(file: Row, metadata: str, words: str) -> bool:
    def canonical(tokens: tuple[str, ...]) -> list[str]:
        pairs = zip(("", *tokens), tokens, strict=False)
        return [b for a, b in pairs if not (a.startswith("0") and len(a) > 1 and (a.lstrip("0") or "0") == b)]

    def plain(tokens: list[str]) -> list[str]:
        return [(token.lstrip("0") or "0") if token.startswith("0") else token for token in tokens]

    def stand_in(tokens: list[str], words: str) -> bool:
        wanted = canonical(analyse(words))
        for at in range(len(tokens) - len(wanted) + 1 if wanted else 0):
            there = tokens[at : at + len(wanted)]
            as_wanted = (b in (a, p) for a, p, b in zip(there, plain(there), wanted, strict=True))
            if all(as_wanted):
                return True
        return False

    path = path_words(file["path"])
    if any(stand_in(tokens, words) for tokens in map(canonical, (path.name, path.folder, analyse(metadata)))):
        return True
    folders, stem, suffix = file_named(words)
    folder, _, name = fold(file["path"]).rpartition("/")
    below = not folders or is_below(folder, fold(folders))
    return bool(suffix) and name.endswith(f".{suffix.lower()}") and below and stand_in(canonical(path.name), stem)


def has_value(file: Row, auto_tags: set[str], field: Field, value: str) -> bool:
    folders, _, name = fold(file["path"]).rpartition("/")
    folded = fold(value)
    if field in NUMERIC:
        return number_of(file, field) == amount(field, value)
    readings = {
        Field.KIND: file["modality"] == value.lower(),
        Field.EXTENSION: bool(folded.lstrip(".")) and name.endswith("." + folded.lstrip(".")),
        Field.TAG: folded in {fold(tag) for tag in (*file["tags"], *auto_tags)},
        Field.NAME: is_named(name, folded),
        Field.FOLDER: is_below(folders, folded),
    }
    return bool(readings[field])


def is_below(folders: str, folded: str) -> bool:
    drive = re.match(r"[a-z]:[\\/]", folded) is not None
    parts = [part for part in (folded.replace("\\", "/") if drive else folded).split("/") if part not in ("", ".")]
    have = [part for part in folders.split("/") if part]
    outside = folders.startswith("/") or re.match("[a-z]:/", folders) is not None
    if folded.startswith("/"):
        return folders.startswith("/") and have[: len(parts)] == parts
    if drive:
        return have[: len(parts)] == parts and not folders.startswith("/")
    if folded == "." or folded.startswith("./"):
        return not outside and have[: len(parts)] == parts
    return any(have[at : at + len(parts)] == parts for at in range(len(have) - len(parts) + 1))


def is_named(name: str, value: str) -> bool:
    if "*" not in value and "?" not in value:
        return value in name
    stems = [name, name.rpartition(".")[0]] if "." in name else [name]
    return any(is_like(stem, value) for stem in stems)


def is_like(name: str, glob: str) -> bool:
    reached = {0}
    for char in glob:
        if char == "*":
            reached = set(range(min(reached), len(name) + 1)) if reached else set()
        else:
            reached = {at + 1 for at in reached if at < len(name) and char in ("?", name[at])}
    return len(name) in reached


NASTY = st.text("ab*?%_'\"\\/.[]()^$|+{}:;-, \n\0éÉ\u0301İßς語\udc80\U0010f8800129", max_size=12)
TEXTS = (
    st.text(max_size=12) | NASTY | st.sampled_from(["Foley", "foley/doors", "'; DROP TABLE files; --", "%", "(?i)a"])
)
TEXT_FIELDS = st.sampled_from([Field.EXTENSION, Field.FOLDER, Field.NAME, Field.TAG])


@st.composite
def filters(draw: st.DrawFn) -> Filter:
    negated = draw(st.booleans())
    kind = draw(st.integers(0, 3))
    try:
        if kind == 0:
            return OneOf(draw(TEXT_FIELDS), tuple(draw(st.lists(TEXTS, min_size=1, max_size=3))), negated)
        if kind == 1:
            return Phrase(draw(TEXTS | st.sampled_from([one["path"] for one in ROWS])), negated)
        if kind == 2:
            return OneOf(draw(st.sampled_from(Field)), (draw(TEXTS | st.integers(0, 5).map(str)),), negated)
        bounds = st.none() | st.sampled_from([0, 0.5, 1, 2, 3, 5]) | st.floats()
        return Range(draw(st.sampled_from(Field)), draw(bounds), draw(bounds), *draw(st.tuples(*[st.booleans()] * 3)))
    except QueryError:
        return Phrase("a", negated)


@st.composite
def files(draw: st.DrawFn) -> Row:
    parts = st.text("abAB*?%_'\"\\.[]()^$ \néE\u0301İς語\U0010f8800129", min_size=1, max_size=5)
    folders = draw(st.lists(parts, max_size=3))
    start = draw(st.sampled_from(["", "", "/", "C:/"]))
    numbers = {"rating": st.integers(0, 5), "channels": st.integers(0, 2), "bits": st.sampled_from([0, 16, 24])}
    return row(
        start + "/".join([*folders, draw(parts) + draw(st.sampled_from([".wav", ".A", ""]))]),
        tags=draw(st.lists(parts, max_size=2)),
        duration_s=draw(st.sampled_from([0.0, 0.5, 1.0, 3.0])),
        **{name: draw(values) for name, values in numbers.items()},
    )


@settings(deadline=None)
@given(st.lists(files(), max_size=3), st.lists(filters(), min_size=1, max_size=3), st.lists(TEXTS, min_size=14))
def test_nothing_that_is_written_into_a_filter_means_more_than_it_says(
    more: list[Row], conditions: list[Filter], metadata: list[str]
) -> None:
    rows = [*ROWS, *more]
    texts = metadata[: len(rows)]
    auto: Mapping[str, Any] = {label: np.resize(has_it, len(rows)) for label, has_it in AUTO_TAGS.items()}
    met = mask(columns_of(rows), lambda: words_of(rows, texts), conditions, auto_tags=auto)
    for number, (file, text) in enumerate(zip(rows, texts, strict=True)):
        labels = {label for label, has_it in auto.items() if has_it[number]}
        assert met[number] == all(meets(file, text, labels, condition) for condition in conditions), (file, text)
