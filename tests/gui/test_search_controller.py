"""Searching from the window's side: nothing stale is shown, and what was sought is remembered."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from audioclip_search import Field, Library
from audioclip_search.encoder import Encoder
from gui.backend.calls import keeping
from gui.backend.library_state import Options
from gui.controllers.search import SearchController
from gui.engine import Engine
from gui.records import Row, Trouble
from gui.searching import Chip, ChipKind, FacetValue, Found
from gui.settings import Settings

PATIENCE_MS = 60_000


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.ini")


@pytest.fixture(scope="module")
def opened(
    qapp: QApplication,
    tmp_path_factory: pytest.TempPathFactory,
    make_small_library: Callable[[Path], Path],
    tiny_encoder: Encoder,
) -> Iterator[Engine]:
    """An engine with a library that is only looked at."""
    root = make_small_library(tmp_path_factory.mktemp("searched") / "library")
    with Library(root, model=tiny_encoder) as library:
        library.sync()
    engine = Engine("search")
    answers: list[object] = []
    engine.call(keeping.open_library, str(root), Options()).then(answers.append, answers.append)
    until = time.monotonic() + PATIENCE_MS / 1_000
    while not answers and time.monotonic() < until:
        qapp.processEvents()
    assert not isinstance(answers[0], Trouble)
    yield engine
    engine.close()


@pytest.fixture
def search(opened: Engine, settings: Settings) -> SearchController:
    return SearchController(opened, settings)


class Seen:
    """What a view would show."""

    def __init__(self, search: SearchController) -> None:
        self.rows: list[Row] = []
        self.found: list[Found] = []
        search.rows_reset.connect(self._reset)
        search.rows_added.connect(self.rows.extend)
        search.found.connect(self.found.append)

    def _reset(self, rows: list[Row]) -> None:
        self.rows[:] = rows

    @property
    def names(self) -> list[str]:
        return sorted(row.name for row in self.rows)


@pytest.fixture
def seen(search: SearchController) -> Seen:
    return Seen(search)


def wait_for(qtbot: QtBot, search: SearchController, seen: Seen, text: str) -> None:
    qtbot.waitUntil(lambda: bool(seen.found) and seen.found[-1].ask.text == text, timeout=PATIENCE_MS)


def test_results_follow_what_is_typed_and_stale_answers_are_not_shown(
    qtbot: QtBot, search: SearchController, seen: Seen
) -> None:
    resets: list[str] = []
    search.rows_reset.connect(lambda _: resets.append(search.text))
    search.search()  # everything: under way while more is typed
    for text in ("e", "ext:", "ext:w", "ext:wav"):
        search.set_text(text)
    wait_for(qtbot, search, seen, "ext:wav")
    assert seen.names == ["hit 0.wav", "hit 1.wav", "hit 2.wav", "hit 3.wav"]
    assert [found.ask.text for found in seen.found] == ["ext:wav"]
    assert set(resets) == {"ext:wav"}


def test_a_query_with_a_mistake_says_where_and_leaves_the_results(
    qtbot: QtBot, search: SearchController, seen: Seen
) -> None:
    search.load("ext:gif")
    wait_for(qtbot, search, seen, "ext:gif")
    with qtbot.waitSignal(search.trouble, timeout=PATIENCE_MS) as signal:
        search.set_text("ext:gif dur:<")
    (trouble,) = signal.args
    assert trouble.position is not None
    assert seen.names == ["logo.gif"]


def test_sorting_and_counting_follow_the_results(qtbot: QtBot, search: SearchController, seen: Seen) -> None:
    orders: list[Any] = []
    search.order_changed.connect(orders.append)
    search.sort("duration", True)
    with qtbot.waitSignals([search.facets_changed, search.found], timeout=PATIENCE_MS):
        search.load("ext:wav")
    qtbot.waitUntil(lambda: bool(orders) and len(orders[-1]) == 4, timeout=PATIENCE_MS)
    assert seen.rows[orders[-1][0]].name == "hit 3.wav"
    assert {facet.field for facet in search.facets} >= {Field.KIND, Field.DURATION, Field.EXTENSION}
    search.sort(None)
    assert orders[-1] is None


def test_chips_are_a_part_of_the_query(qtbot: QtBot, search: SearchController, seen: Seen) -> None:
    with qtbot.waitSignal(search.found, timeout=PATIENCE_MS):
        search.load("kind:audio")
    row = next(row for row in seen.rows if row.name == "hit 1.wav")
    with qtbot.waitSignal(search.found, timeout=PATIENCE_MS):
        search.more_like(row)
    assert search.chips == (Chip(ChipKind.LIKE, row.path),)
    assert "hit 1.wav" not in seen.names
    search.set_weight(0, -1.0)
    search.less_like(row)
    assert [chip.weight for chip in search.chips] == [-0.5]  # the same file is not there twice
    with qtbot.waitSignal(search.found, timeout=PATIENCE_MS):
        search.remove_chip(0)
    assert search.chips == ()


@pytest.mark.parametrize(
    ("before", "toggled", "after"),
    [
        ("", (Field.EXTENSION, "ext:wav"), "ext:wav"),
        ("glass ext:wav", (Field.EXTENSION, "ext:flac"), "glass ext:wav,flac"),
        ("glass ext:wav,flac", (Field.EXTENSION, "ext:wav"), "glass ext:flac"),
        ("glass ext:WAV", (Field.EXTENSION, "ext:wav"), "glass"),
        ("dur:<1", (Field.DURATION, "dur:1..<3"), "dur:1..<3"),
        ("dur:<1 x", (Field.DURATION, "dur:<1"), "x"),
        ("-tag:draft", (Field.TAG, "tag:draft"), "-tag:draft tag:draft"),
        ("broken dur:<", (Field.TAG, "tag:x"), "broken dur:<"),
    ],
)
def test_a_filter_is_a_part_of_the_text(
    engine: Engine, settings: Settings, before: str, toggled: tuple[Field, str], after: str
) -> None:
    search = SearchController(engine, settings)
    field, value = toggled
    search.set_text(before)
    search.toggle_filter(field, FacetValue("", value, 1))
    assert search.text == after


def test_searches_are_remembered_and_saved(qtbot: QtBot, search: SearchController, settings: Settings) -> None:
    for text in ("ext:wav", "ext:gif", "ext:wav"):
        search.set_text(text)
        search.commit()
    search.add_chip(Chip(ChipKind.IMAGE, "/nowhere/a.png", 2.0))
    search.save("Waves  and a picture")
    again = SearchController(search._engine, settings)
    assert again.recent == ["ext:wav", "ext:gif"]
    (name, text) = again.saved[0]
    assert name == "Waves and a picture"
    again.load(text)
    assert (again.text, again.chips) == ("ext:wav", (Chip(ChipKind.IMAGE, "/nowhere/a.png", 2.0),))
    again.forget_saved(name)
    again.forget_recent("ext:gif")
    assert (again.saved, again.recent) == ([], ["ext:wav"])
    qtbot.waitUntil(lambda: search._request is None and again._request is None, timeout=PATIENCE_MS)


def test_completion_knows_the_librarys_values(qtbot: QtBot, search: SearchController) -> None:
    with qtbot.waitSignal(search.facets_changed, timeout=PATIENCE_MS):
        search.search()
    search.know_tags(["heavy metal"])
    assert [one.text for one in search.completions("glass ex", 8)] == ["ext:"]
    assert {one.text for one in search.completions("ext:", 4)} == {
        "wav",
        "flac",
        "ogg",
        "png",
        "jpg",
        "gif",
        "txt",
        "md",
    }
    assert [one.text for one in search.completions("tag:hea", 7)] == ['"heavy metal"']
