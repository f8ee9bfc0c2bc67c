"""The filters beside the results: ticking one edits the query, and the query ticks them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from audioclip_search import Field
from gui import theme
from gui.controllers.search import SearchController
from gui.engine import Engine
from gui.searching import Facet, FacetValue
from gui.settings import Settings
from gui.views.facet_rows import FacetRow
from gui.views.filters import FilterPanel

TAGS = [f"tag {number}" for number in range(20)]


@pytest.fixture(scope="module")
def idle(qapp: QApplication) -> Iterator[Engine]:
    """An engine without a library; one for all, because starting costs a second."""
    engine = Engine("idle")
    yield engine
    engine.close()


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """The engine that all tests share has a thread."""
    yield
    names = {thread.name for thread in threading.enumerate()}
    assert {name for name in names if name.startswith("audioclip-search")} <= {"audioclip-search-idle"}


@pytest.fixture
def search(idle: Engine, tmp_path: Path) -> SearchController:
    return SearchController(idle, Settings(tmp_path / "settings.ini"))


@pytest.fixture
def panel(qtbot: QtBot, search: SearchController, dark: object) -> Iterator[FilterPanel]:
    panel = FilterPanel(search)
    qtbot.addWidget(panel)
    panel.resize(300, 720)
    panel.show()
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    search.facets_changed.emit(facets())
    yield panel
    panel.close()


def facets(*active: str) -> tuple[Facet, ...]:
    """Counts in which these filters are ticked."""

    def values(field: Field, *pairs: tuple[str, str, int]) -> Facet:
        return Facet(field, tuple(FacetValue(label, said, count, said in active) for label, said, count in pairs))

    return (
        values(Field.KIND, ("Audio", "kind:audio", 96_241), ("Image", "kind:image", 3_120)),
        values(Field.DURATION, ("< 1 s", "dur:<1", 20_123), ("1 – 3 s", "dur:1..<3", 41_200)),
        values(Field.TAG, *((tag, f'tag:"{tag}"', 100 - number) for number, tag in enumerate(TAGS))),
        values(Field.RATING, ("★★★★", "rating:4", 3), (">=3", "rating:>=3", 5)),
    )


def row_of(panel: FilterPanel, field: Field, label: str) -> FacetRow:
    return next(row for row in panel.sections[field].rows if row.text() == label)


def test_sections_and_counts_are_shown(panel: FilterPanel) -> None:
    assert [row.text() for row in panel.sections[Field.KIND].rows] == ["Sounds", "Pictures"]
    assert panel.sections[Field.KIND].heading.text() == "Kind"
    assert row_of(panel, Field.KIND, "Sounds").accessibleName() == "Kind: Sounds, 96,241 files"
    assert panel.sections[Field.EXTENSION].isHidden()
    assert panel.empty.isHidden()
    assert not panel.grab().isNull()


def test_without_counts_it_says_so(panel: FilterPanel) -> None:
    panel.show_facets(())
    assert panel.empty.isVisible()
    assert all(section.isHidden() for section in panel.sections.values())


def test_ticking_writes_and_unticking_takes_away(qtbot: QtBot, panel: FilterPanel, search: SearchController) -> None:
    search.set_text("glass")
    qtbot.mouseClick(row_of(panel, Field.TAG, "tag 1"), Qt.MouseButton.LeftButton)
    assert search.text == 'glass tag:"tag 1"'
    qtbot.mouseClick(row_of(panel, Field.TAG, "tag 0"), Qt.MouseButton.LeftButton)
    assert search.text == 'glass tag:"tag 1","tag 0"'
    qtbot.mouseClick(row_of(panel, Field.DURATION, "< 1 s"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(row_of(panel, Field.DURATION, "1 – 3 s"), Qt.MouseButton.LeftButton)
    assert search.text == 'glass tag:"tag 1","tag 0" dur:1..<3'
    assert panel.state.text() == "2 filters"
    qtbot.mouseClick(row_of(panel, Field.TAG, "tag 1"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(row_of(panel, Field.TAG, "tag 0"), Qt.MouseButton.LeftButton)
    assert search.text == "glass dur:1..<3"
    qtbot.mouseClick(panel.clear_button, Qt.MouseButton.LeftButton)
    assert search.text == "glass"
    assert panel.clear_button.isHidden()


def test_a_value_takes_the_place_of_a_range(qtbot: QtBot, panel: FilterPanel, search: SearchController) -> None:
    search.set_text('door "exact phrase" rating:>=3 -tag:draft')
    qtbot.mouseClick(row_of(panel, Field.RATING, "★★★★"), Qt.MouseButton.LeftButton)
    assert search.text == 'door "exact phrase" -tag:draft rating:4'
    search.clear_filters()
    assert search.text == 'door "exact phrase"'  # a phrase is none of these


def test_what_the_query_says_is_ticked(panel: FilterPanel, search: SearchController) -> None:
    search.facets_changed.emit(facets("dur:<1", 'tag:"tag 19"'))
    assert row_of(panel, Field.DURATION, "< 1 s").isChecked()
    assert not row_of(panel, Field.DURATION, "1 – 3 s").isChecked()
    assert row_of(panel, Field.TAG, "tag 19").isChecked()  # it is seen although it is far down the list
    assert "1 chosen" in panel.sections[Field.TAG].heading.accessibleName()


def test_a_query_that_can_not_be_read_is_left_alone(qtbot: QtBot, panel: FilterPanel, search: SearchController) -> None:
    search.set_text("glass dur:<")
    row = row_of(panel, Field.KIND, "Sounds")
    search._facets = facets()
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
    assert search.text == "glass dur:<"
    assert not row.isChecked()
    assert panel.state.text() == "No filters"


def test_long_lists_are_short_at_first(qtbot: QtBot, panel: FilterPanel) -> None:
    section = panel.sections[Field.TAG]
    assert [row.text() for row in section.rows] == TAGS[:6]
    assert section.more.text() == "Show all 20"
    qtbot.mouseClick(section.more, Qt.MouseButton.LeftButton)
    assert [row.text() for row in section.rows] == TAGS
    qtbot.mouseClick(section.more, Qt.MouseButton.LeftButton)
    assert len(section.rows) == 6
    assert not panel.sections[Field.KIND].more.isVisible()


def test_sections_are_closed_and_opened(qtbot: QtBot, panel: FilterPanel) -> None:
    section = panel.sections[Field.TAG]
    section.heading.setFocus()
    qtbot.keyClick(section.heading, Qt.Key.Key_Space)
    assert section.rows == ()
    assert section.more.isHidden()
    panel.show_facets(facets())
    assert section.rows == ()  # it stays closed
    qtbot.keyClick(section.heading, Qt.Key.Key_Space)
    assert len(section.rows) == 6


def test_it_is_used_by_keys_alone(qtbot: QtBot, panel: FilterPanel, search: SearchController) -> None:
    tags = panel.sections[Field.TAG]
    tags.rows[0].setFocus()
    qtbot.keyClick(tags.rows[0], Qt.Key.Key_Down)
    assert tags.rows[1].hasFocus()
    qtbot.keyClick(tags.rows[1], Qt.Key.Key_Return)
    assert search.text == 'tag:"tag 1"'
    search.facets_changed.emit(facets('tag:"tag 1"'))
    assert tags.rows[1].hasFocus()
    qtbot.keyClick(tags.rows[1], Qt.Key.Key_Space)
    assert search.text == ""
    qtbot.keyClick(tags.rows[1], Qt.Key.Key_Up)
    qtbot.keyClick(tags.rows[0], Qt.Key.Key_Up)
    assert tags.heading.hasFocus()
    stops = [row for row in tags.rows if row.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert stops == [tags.rows[0]]


def test_both_looks_can_be_painted(panel: FilterPanel, qapp: QApplication) -> None:
    dark = panel.grab().toImage()
    theme.apply(qapp, theme.Mode.LIGHT)
    light = panel.grab().toImage()
    theme.apply(qapp, theme.Mode.DARK)
    assert dark.pixelColor(2, 2).lightness() < 60
    assert light.pixelColor(2, 2).lightness() > 200
