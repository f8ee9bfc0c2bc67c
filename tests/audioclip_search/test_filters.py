"""Conditions as values: nonsense never becomes one, and numbers are read as they are written."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audioclip_search.errors import QueryError
from audioclip_search.filters import NUMERIC, Field, OneOf, Range, amount, format_amount


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        (Field.DURATION, "3", 3.0),
        (Field.DURATION, "3.", 3.0),
        (Field.DURATION, ".5", 0.5),
        (Field.DURATION, "250ms", 0.25),
        (Field.DURATION, "1.5M", 90.0),
        (Field.DURATION, "2min", 120.0),
        (Field.DURATION, "1h", 3_600.0),
        (Field.RATE, "44.1k", 44_100.0),
        (Field.RATE, "96kHz", 96_000.0),
        (Field.RATE, "48000", 48_000.0),
        (Field.SIZE, "10M", 1e7),
        (Field.SIZE, "1.5GB", 1.5e9),
        (Field.SIZE, "1e3", 1_000.0),
        (Field.RATING, "4", 4.0),
    ],
)
def test_a_number_is_read(field: Field, text: str, expected: float) -> None:
    assert amount(field, text) == expected


@pytest.mark.parametrize(
    ("field", "text", "complaint"),
    [
        (Field.DURATION, "", "needs a number"),
        (Field.DURATION, "x", "'x' is not a number for dur.*ms, s, m, min, h"),
        (Field.DURATION, "3k", "not a number"),
        (Field.DURATION, "-3", "not a number"),
        (Field.DURATION, "1 2", "not a number"),
        (Field.DURATION, "٣", "not a number"),
        (Field.DURATION, "1e400", "can't be inf"),
        (Field.SIZE, "1e999g", "can't be inf"),
        (Field.SIZE, "9" * 30, "not a number"),
        (Field.CHANNELS, "2k", "plain number"),
        (Field.RATING, "6", "no rating is 6.*0 to 5"),
        (Field.RATING, "nan", "not a number"),
    ],
)
def test_what_is_no_number_is_refused(field: Field, text: str, complaint: str) -> None:
    with pytest.raises(QueryError, match=complaint):
        amount(field, text)


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        (Field.RATE, 96_000, "96k"),
        (Field.RATE, 44_100, "44.1k"),
        (Field.RATE, 11_025, "11.025k"),
        (Field.RATE, 8, "8"),
        (Field.SIZE, 1.5e9, "1.5G"),
        (Field.SIZE, 10_000_001, "10000001"),
        (Field.DURATION, 0.25, "0.25"),
        (Field.DURATION, 3, "3"),
        (Field.CHANNELS, 2.0, "2"),
    ],
)
def test_a_number_is_written_short(field: Field, value: float, text: str) -> None:
    assert format_amount(field, value) == text


@settings(deadline=None)
@given(st.sampled_from(sorted(NUMERIC - {Field.RATING})), st.floats(min_value=0, allow_infinity=False))
def test_a_number_is_read_as_it_was_written(field: Field, value: float) -> None:
    assert amount(field, format_amount(field, value)) == value


@settings(deadline=None)
@given(st.sampled_from(sorted(NUMERIC)), st.text() | st.from_regex(r"[0-9.]*(e[0-9]*)?[kKmMgGhs]*", fullmatch=True))
def test_any_text_is_a_number_or_refused(field: Field, text: str) -> None:
    try:
        value = amount(field, text)
    except QueryError:
        return
    assert 0 <= value < math.inf


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: OneOf(Field.TAG, ()), "no values"),
        (lambda: OneOf(Field.TAG, "impact"), "no values"),  # type: ignore[arg-type]
        (lambda: OneOf(Field.TAG, ("a", " ")), "empty value"),
        (lambda: OneOf(Field.KIND, ("video",)), "no files of the kind 'video'.*audio, image, text"),
        (lambda: OneOf(Field.FOLDER, ("//",)), "slashes alone"),
        (lambda: OneOf(Field.CHANNELS, ("two",)), "not a number"),
        (lambda: OneOf(Field.DURATION, ("3",)), "exactly 3.*dur:<3"),
        (lambda: OneOf(Field.SIZE, ("x",)), "not a number"),
        (lambda: Range(Field.TAG, 1), "tag has no order"),
        (lambda: Range(Field.DURATION), "no bounds"),
        (lambda: Range(Field.DURATION, 3, 2), "nothing is between"),
        (lambda: Range(Field.DURATION, 3, 3, low_open=True), "nothing is between"),
        (lambda: Range(Field.DURATION, 3, high_open=True), "does not have"),
        (lambda: Range(Field.DURATION, math.nan), "can't be nan"),
        (lambda: Range(Field.DURATION, -1), "can't be -1"),
        (lambda: Range(Field.DURATION, "3"), "can't be 3"),  # type: ignore[arg-type]
        (lambda: Range(Field.RATING, 6), "no rating is 6"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(make: Any, complaint: str) -> None:
    with pytest.raises(QueryError, match=complaint):
        make()
