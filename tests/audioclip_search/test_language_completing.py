"""What the search box offers while a query is being written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audioclip_search.filters import Field
from audioclip_search.language import complete, parse

VALUES = {Field.TAG: ("impact", "my tag", "Metal"), Field.FOLDER: ("foley", "foley/doors", 'od"d')}


@pytest.mark.parametrize(
    ("query", "offered"),
    [
        ("", []),
        ("glass ", []),
        ("x", []),
        ("e", ["ext:"]),
        ("glass R", ["glass rating:", "glass rate:"]),
        ("-k", ["-kind:"]),
        ("kind:", ["kind:audio", "kind:image", "kind:text"]),
        ("type:au", ["type:audio"]),
        ("KIND:audio,i", ["KIND:audio,image"]),
        ("tag:m", ['tag:"my tag"', "tag:Metal"]),
        ('glass -tag:"my', ['glass -tag:"my tag"']),
        ('tag:"my tag",im', ['tag:"my tag",impact']),
        ("folder:foley/", ["folder:foley/doors"]),
        ("folder:o", [r'folder:"od\"d"']),
        ("dur:", []),
        ("image:", []),
        ("nothing:a", []),
        ('"exact ki', []),
        (r"a\ ki", []),
    ],
)
def test_a_query_can_go_on(query: str, offered: list[str]) -> None:
    completions = complete(query, len(query), VALUES)
    assert [query[: one.start] + one.text + query[one.end :] for one in completions] == offered


def test_what_is_behind_the_cursor_stays() -> None:
    (completion,) = complete("glass ex dur:<3", 8)
    assert (completion.start, completion.end, completion.text) == (6, 8, "ext:")


@settings(deadline=None)
@given(st.text('abek:,"\\- ', max_size=20), st.data())
def test_any_text_has_completions_around_the_cursor(query: str, data: st.DataObject) -> None:
    cursor = data.draw(st.integers(0, len(query)))
    for completion in complete(query, cursor, VALUES):
        assert 0 <= completion.start <= completion.end == cursor


@settings(deadline=None)
@given(st.text(min_size=1).filter(lambda tag: tag.strip() != ""))
def test_an_offered_value_is_read_as_it_is(tag: str) -> None:
    (completion,) = complete("tag:", 4, {Field.TAG: [tag]})
    (condition,) = parse("tag:" + completion.text).filters
    assert condition == type(condition)(Field.TAG, (tag,))
