"""What is found and counted in a real library whose model understands a few words."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import finding_calls
import pytest
from concept_encoder import ConceptEncoder, write_tone
from PIL import Image
from pytestqt.qtbot import QtBot

from audioclip_search import CancelToken, Field, Library
from gui.backend.calls import finding
from gui.backend.desk import Desk, Task
from gui.engine import Engine
from gui.records import Row
from gui.searching import Ask, Chip, ChipKind, Facet, FacetValue, Found

CONCEPTS = ("dog", "glass", "rain", "bell", "door", "wind")


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with twelve sounds, a picture and a file that is broken, indexed, tagged and rated."""
    root = tmp_path_factory.mktemp("library") / "sfx"
    for number, concept in enumerate(CONCEPTS):
        write_tone(root / "takes" / f"Take {number}.wav", concept, seed=number, duration_s=0.5 + 0.7 * (number % 2))
        write_tone(root / "field" / "day" / f"file {2 * number}.wav", concept, concept, seed=50 + number)
    Image.new("RGB", (12, 8), "red").save(root / "cover.png")
    (root / "broken.wav").write_bytes(b"no sound")
    with Library(root, model=ConceptEncoder()) as library:
        library.sync()
        library.annotate([root / "takes" / "Take 1.wav"], add=["Shiny", "@kept", "favourite"], rating=4)
        library.annotate([root / "takes" / "Take 3.wav"], rating=2)
    return root


@pytest.fixture
def desk(indexed: Path, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk()
    desk.put(Library(shutil.copytree(indexed, tmp_path / "sfx"), model=ConceptEncoder()))
    yield desk
    desk.put(None)


@pytest.fixture
def find(desk: Desk) -> Callable[..., tuple[list[Row], Found]]:
    def find(text: str = "", *chips: Chip, offset: int = 0, limit: int = 200) -> tuple[list[Row], Found]:
        batches: list[list[Row]] = []
        found = finding.find(desk, Task(batches.append), Ask(text, chips, offset, limit))
        return [row for batch in batches for row in batch], found

    return find


def names(rows: list[Row]) -> list[str]:
    return [row.name for row in rows]


def values(facets: tuple[Facet, ...], field: Field) -> dict[str, int]:
    found = next((facet for facet in facets if facet.field is field), None)
    return {} if found is None else {value.label: value.count for value in found.values}


def facet(facets: tuple[Facet, ...], field: Field) -> tuple[FacetValue, ...]:
    return next(facet.values for facet in facets if facet.field is field)


def count(desk: Desk, text: str) -> tuple[Facet, ...]:
    return finding.count(desk, Task(lambda _: None), Ask(text))


def test_words_rank(find: Callable[..., tuple[list[Row], Found]]) -> None:
    rows, found = find("glass")
    assert set(names(rows[:2])) == {"Take 1.wav", "file 2.wav"}
    assert found.ranked and not found.nothing
    assert rows[0].score is not None and rows[0].score > rows[-1].score if len(rows) > 2 else True
    assert rows[0].why is not None and rows[0].why.terms
    assert rows[0].size and rows[0].mtime_ns
    assert next(row for row in rows if row.name == "file 2.wav").moments


def test_pages_follow_each_other(find: Callable[..., tuple[list[Row], Found]], desk: Desk) -> None:
    whole, _ = find("folder:field file")
    first, found = find("folder:field file", limit=2)
    assert found.more
    second, found = find("folder:field file", offset=2, limit=200)
    assert not found.more
    assert names(first + second) == names(whole)
    assert found.total == len(whole)
    assert len(finding.arrange(desk, Task(lambda _: None), "name", False)) == len(whole)


def test_a_chip_is_part_of_the_query(find: Callable[..., tuple[list[Row], Found]], desk: Desk, tmp_path: Path) -> None:
    sound = write_tone(tmp_path / "asked.wav", "rain", seed=99)
    assert set(names(find("", Chip(ChipKind.AUDIO, str(sound)))[0][:2])) == {"Take 2.wav", "file 4.wav"}
    example = next(path for path in desk.files() if path.endswith("Take 5.wav"))
    assert names(find("", Chip(ChipKind.LIKE, example))[0])[0] == "file 10.wav"
    both = find("glass", Chip(ChipKind.AUDIO, str(sound), -0.5))[0]
    assert set(names(both[:2])) == {"Take 1.wav", "file 2.wav"}


def test_nothing_that_matches_gives_the_closest(find: Callable[..., tuple[list[Row], Found]]) -> None:
    rows, found = find("zzyzx")
    assert found.nothing and found.closest
    assert 0 < len(rows) == found.total


def test_a_library_that_was_never_indexed_is_not_warmed(tmp_path: Path) -> None:
    write_tone(tmp_path / "new" / "a.wav", "dog")
    desk = Desk()
    desk.put(Library(tmp_path / "new", model=ConceptEncoder()))
    finding.warm(desk, Task(pytest.fail))
    assert not desk.library.indexed
    desk.put(None)
    finding.warm(desk, Task(pytest.fail))


def test_rows_come_in_parts(
    find: Callable[..., tuple[list[Row], Found]], desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "BATCH", 5)
    batches: list[list[Row]] = []
    finding.find(desk, Task(batches.append), Ask())
    assert [len(batch) for batch in batches] == [5, 5, 4]
    task = Task(lambda _: task.cancel.cancel())
    assert finding.find(desk, task, Ask()).total == 14  # what is known stays whole, only the window hears no more


def test_a_field_is_counted_as_if_it_did_not_filter(desk: Desk) -> None:
    facets = count(desk, "folder:takes dur:<1")
    assert values(facets, Field.FOLDER) == {"takes": 3}
    assert values(facets, Field.DURATION) == {"< 1 s": 3, "1 – 3 s": 3}
    assert [value.active for value in facet(facets, Field.DURATION)] == [True, False]
    assert values(facets, Field.EXTENSION) == {"WAV": 3}


@pytest.mark.parametrize(
    ("text", "field", "label", "number"),
    [
        ("dur:<0.8", Field.DURATION, "< 0.8 s", 3),
        ("dur:>1", Field.DURATION, ">1", 3),
        ("rating:>=3", Field.RATING, ">=3", 1),
        ("rating:0", Field.RATING, "0", 11),
        ("folder:field/day", Field.FOLDER, "field/day", 6),
        ("ext:aiff", Field.EXTENSION, "AIFF", 0),
        ("rate:8k", Field.RATE, "8 kHz", 12),
        ("tag:SHINY", Field.TAG, "shiny", 1),
        ("kind:Image", Field.KIND, "Image", 1),
    ],
)
def test_what_is_written_is_ticked(desk: Desk, text: str, field: Field, label: str, number: int) -> None:
    finding.find(desk, Task(lambda _: None), Ask(text))
    active = [value for value in facet(count(desk, text), field) if value.active]
    assert [(value.label, value.count) for value in active] == [(label, number)]


def test_ranked_searches_are_counted(desk: Desk) -> None:
    facets = count(desk, "glass folder:takes")
    assert set(values(facets, Field.FOLDER)) >= {"takes", "field"}
    assert values(facets, Field.KIND) == {"Audio": values(facets, Field.EXTENSION)["WAV"]}


def test_counting_can_be_stopped(desk: Desk) -> None:
    task = Task(lambda _: None)
    task.cancel.cancel()
    assert finding.count(desk, task, Ask("")) == ()
    assert isinstance(task.cancel, CancelToken)


def test_through_a_real_engine(qtbot: QtBot, engine: Engine, indexed: Path, tmp_path: Path) -> None:
    got: list[object] = []
    rows: list[Row] = []
    root = shutil.copytree(indexed, tmp_path / "sfx")
    engine.call(finding_calls.open_concepts, str(root)).then(got.append, got.append)
    qtbot.waitUntil(lambda: len(got) == 1, timeout=60_000)
    assert got == [None]
    engine.call(finding.find, Ask("bell")).then(got.append, got.append, rows.extend)
    engine.call(finding.warm).then(got.append, got.append)
    qtbot.waitUntil(lambda: len(got) == 3, timeout=60_000)
    found = next(one for one in got if isinstance(one, Found))
    assert found.ranked
    assert {row.name for row in rows[:2]} == {"Take 3.wav", "file 6.wav"}
    assert rows[0].why is not None
