"""Searching in the engine: what is found, sorted and counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from audioclip_search import Field, Library, Modality, QueryError
from audioclip_search.encoder import Encoder
from gui.backend.calls import finding
from gui.backend.desk import Desk, Task
from gui.records import Row
from gui.searching import Ask, Chip, ChipKind, Facet, Found, joined, split

DRUMS = ["hit 0.wav", "hit 1.wav", "hit 2.wav", "hit 3.wav"]


@pytest.fixture
def desk(small_library: Path, tiny_encoder: Encoder) -> Iterator[Desk]:
    desk = Desk()
    library = Library(small_library, model=tiny_encoder)
    library.sync()
    library.annotate([small_library / "drums" / "hit 2.wav"], add=["heavy"], rating=4)
    library.annotate([small_library / "pads" / "long.flac"], add=["favourite", "@night rain", "Heavy"])
    desk.put(library)
    yield desk
    desk.put(None)


def find(desk: Desk, ask: Ask) -> tuple[Found, list[Row]]:
    rows: list[Row] = []
    found = finding.find(desk, Task(rows.extend), ask)
    return found, rows


def facet(desk: Desk, ask: Ask, field: Field) -> dict[str, tuple[int, bool]]:
    find(desk, ask)
    facets = {one.field: one for one in finding.count(desk, Task(print), ask)}
    return {value.label: (value.count, value.active) for value in facets.get(field, Facet(field, ())).values}


def test_nothing_asked_for_is_everything_by_path(desk: Desk) -> None:
    found, rows = find(desk, Ask())
    assert (found.total, found.ranked, found.indexed) == (11, False, True)
    assert [row.path for row in rows] == sorted(row.path for row in rows)
    heavy = next(row for row in rows if row.name == "hit 2.wav")
    assert (heavy.tags, heavy.rating, heavy.score) == (("heavy",), 4, None)
    assert heavy.duration_s == pytest.approx(1.0, abs=0.01)
    assert heavy.size == Path(heavy.path).stat().st_size


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("folder:drums", DRUMS),
        ("tag:heavy", ["hit 2.wav", "long.flac"]),
        ("dur:>6", ["long.flac"]),
        ("kind:image -ext:gif", ["back.jpg", "front.png"]),
    ],
)
def test_filters_alone_give_what_meets_them_without_a_score(desk: Desk, text: str, names: list[str]) -> None:
    found, rows = find(desk, Ask(text))
    assert [row.name for row in rows] == names
    assert not found.ranked
    assert {row.score for row in rows} == {None}


def test_words_rank_and_explain(desk: Desk) -> None:
    found, rows = find(desk, Ask("long"))
    assert found.ranked
    assert rows[0].name == "long.flac"
    assert rows[0].score is not None
    assert rows[0].why is not None
    assert rows[0].size > 0


def test_a_picture_and_a_file_of_the_library_are_parts_of_a_query(desk: Desk, small_library: Path) -> None:
    chip = Chip(ChipKind.LIKE, str(small_library / "drums" / "hit 0.wav"))
    _, rows = find(desk, Ask("kind:audio", (chip,)))
    assert "hit 0.wav" not in [row.name for row in rows]
    assert {row.modality for row in rows} == {Modality.AUDIO}
    picture = Chip(ChipKind.IMAGE, str(small_library / "covers" / "front.png"), 2.0)
    _, rows = find(desk, Ask("", (picture,)))
    assert rows[0].name == "front.png"


def test_pages_go_on_where_the_last_one_ended(desk: Desk) -> None:
    _, whole = find(desk, Ask("sound of a hit hammer", limit=20))
    found, first = find(desk, Ask("sound of a hit hammer", limit=2))
    if found.more:
        found, second = find(desk, Ask("sound of a hit hammer", limit=2, offset=2))
        assert [row.path for row in first + second] == [row.path for row in whole[: len(first + second)]]
        assert found.total == len(first + second)


def test_a_query_that_can_not_be_read_says_where(desk: Desk) -> None:
    with pytest.raises(QueryError) as raised:
        find(desk, Ask("glass dur:<"))
    assert raised.value.position is not None


def test_a_library_without_an_index_is_not_indexed_by_a_search(tmp_path: Path, tiny_encoder: Encoder) -> None:
    desk = Desk()
    desk.put(Library(tmp_path, model=tiny_encoder))
    found, rows = find(desk, Ask("glass"))
    assert not found.indexed
    assert not rows
    assert finding.count(desk, Task(print), Ask()) == ()
    assert not list(tmp_path.iterdir())
    desk.put(None)


@pytest.mark.parametrize(
    ("column", "descending", "first"),
    [
        ("name", False, "back.jpg"),
        ("duration", True, "long.flac"),
        ("duration", False, "hit 0.wav"),
        ("rating", True, "hit 2.wav"),
        ("tags", False, "long.flac"),
        ("channels", True, "long.flac"),
        ("rate", True, "other rate.ogg"),
    ],
)
def test_results_are_sorted_by_columns_with_unknown_values_last(
    desk: Desk, column: str, descending: bool, first: str
) -> None:
    _, rows = find(desk, Ask())
    order = finding.arrange(desk, Task(print), column, descending)
    assert sorted(order) == list(range(11))
    assert rows[order[0]].name == first
    if column == "rating":
        assert [rows[position].rating for position in order[1:]] == [0] * 10


def test_every_column_that_can_be_sorted_by_can(desk: Desk) -> None:
    find(desk, Ask())
    for column in finding.SORT_KEYS:
        assert len(finding.arrange(desk, Task(print), column, False)) == 11


def test_numbers_in_names_sort_by_size(desk: Desk, small_library: Path, make_sound: Callable[..., Path]) -> None:
    make_sound(small_library / "drums" / "hit 10.wav", seed=99)
    desk.library.sync()
    desk.forget_files()
    _, rows = find(desk, Ask("folder:drums"))
    order = finding.arrange(desk, Task(print), "name", False)
    assert [rows[position].name for position in order] == [*DRUMS, "hit 10.wav"]


def test_kinds_are_counted(desk: Desk) -> None:
    assert facet(desk, Ask(), Field.KIND) == {"Audio": (6, False), "Image": (3, False), "Text": (2, False)}
    assert facet(desk, Ask(), Field.DURATION) == {"< 1 s": (2, False), "1 – 3 s": (3, False), "3 – 10 s": (1, False)}
    assert facet(desk, Ask(), Field.TAG) == {"heavy": (2, False)}  # neither favourites nor collections
    assert facet(desk, Ask(), Field.RATING) == {"★★★★": (1, False)}
    assert facet(desk, Ask(), Field.FOLDER) == {"drums": (4, False), "covers": (2, False), "pads": (2, False)}


def test_other_values_of_a_field_that_is_filtered_by_are_counted_too(desk: Desk) -> None:
    formats = facet(desk, Ask("ext:wav"), Field.EXTENSION)
    assert formats["WAV"] == (4, True)
    assert formats["FLAC"] == (1, False)
    assert facet(desk, Ask("ext:wav"), Field.KIND) == {"Audio": (4, False)}
    bands = facet(desk, Ask("dur:<1"), Field.DURATION)
    assert bands["< 1 s"] == (2, True)
    assert bands["3 – 10 s"] == (1, False)
    assert facet(desk, Ask("ext:mp3"), Field.EXTENSION)["MP3"] == (0, True)


def test_edits_are_seen_after_the_desk_forgets(desk: Desk) -> None:
    find(desk, Ask())
    desk.library.annotate(["drums/hit 0.wav"], rating=2)
    desk.forget_files()
    _, rows = find(desk, Ask())
    assert next(row for row in rows if row.name == "hit 0.wav").rating == 2


def test_a_search_is_saved_as_one_text() -> None:
    chips = (Chip(ChipKind.IMAGE, "/pictures/a b.png"), Chip(ChipKind.LIKE, "/sounds/x.wav", -0.5))
    text = joined("glass dur:<3", chips)
    assert split(text) == ("glass dur:<3", chips)
    assert joined("glass dur:<", chips) == "glass dur:<"
    assert joined("  glass ", ()) == "glass"
