"""The filters beside the results."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QScrollArea
from pytestqt.qtbot import QtBot

from audioclip_search import Field
from gui import places, theme
from gui.controllers.search import SearchController
from gui.engine import Engine
from gui.searching import Facet, FacetValue
from gui.settings import Settings
from gui.views.facet_rows import FacetRow
from gui.views.filters import FilterPanel

LEFT = Qt.MouseButton.LeftButton
KINDS = Facet(Field.KIND, (FacetValue("audio", "kind:audio", 1_240), FacetValue("image", "kind:image", 12)))
LENGTHS = Facet(Field.DURATION, (FacetValue("< 1 s", "dur:<1", 40), FacetValue("1 – 3 s", "dur:1..3", 0)))


def folders(number: int, *, active: int = -1) -> Facet:
    values = (
        FacetValue(f"Rain & wind {at}", f'folder:"Rain & wind {at}"', 100 - at, active=at == active)
        for at in range(number)
    )
    return Facet(Field.FOLDER, tuple(values))


@pytest.fixture(scope="module")
def idle_engine(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine without a library; one for all, because starting costs time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(places.APP_VARIABLE, str(tmp_path_factory.mktemp("app")))
        engine = Engine("filters")
        yield engine
        engine.close()


@pytest.fixture(autouse=True)
def no_leaked_threads() -> None:
    """The engine's thread is there until the last test has ended."""


@pytest.fixture
def search(idle_engine: Engine, tmp_path: Path) -> SearchController:
    return SearchController(idle_engine, Settings(tmp_path / "settings.ini"))


@pytest.fixture
def panel(qtbot: QtBot, search: SearchController, dark: theme.Tokens) -> FilterPanel:
    panel = FilterPanel(search)
    qtbot.addWidget(panel)
    panel.resize(304, 600)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def labels(panel: FilterPanel, field: Field) -> list[str]:
    return [row.value.label for row in panel.sections[field].rows]


def ticked(panel: FilterPanel) -> list[str]:
    return [row.value.filter for section in panel.sections.values() for row in section.rows if row.isChecked()]


def row_of(panel: FilterPanel, field: Field, number: int) -> FacetRow:
    return panel.sections[field].rows[number]


def test_only_what_there_is_can_be_filtered_by(panel: FilterPanel) -> None:
    assert panel.empty.isVisible()
    assert not any(section.isVisible() for section in panel.sections.values())
    panel.show_facets((KINDS, LENGTHS))
    assert not panel.empty.isVisible()
    assert [field for field, section in panel.sections.items() if section.isVisible()] == [Field.KIND, Field.DURATION]
    assert row_of(panel, Field.KIND, 0).accessibleName() == "Kind: Sounds, 1,240 files"
    panel.show_facets(())
    assert panel.empty.isVisible()


def test_a_click_writes_into_the_query_and_the_other_takes_it_out(
    qtbot: QtBot, panel: FilterPanel, search: SearchController
) -> None:
    panel.show_facets((KINDS, LENGTHS))
    search.set_text("glass")
    qtbot.mouseClick(row_of(panel, Field.KIND, 0), LEFT)
    qtbot.mouseClick(row_of(panel, Field.DURATION, 0), LEFT)
    assert search.text == "glass kind:audio dur:<1"
    assert panel.state.text() == "2 filters"
    qtbot.mouseClick(row_of(panel, Field.KIND, 0), LEFT)
    assert search.text == "glass dur:<1"
    assert panel.state.text() == "1 filter"
    qtbot.mouseClick(panel.clear_button, LEFT)
    assert search.text == "glass"
    assert panel.state.text() == "No filters"
    assert not panel.clear_button.isVisible()


def test_nothing_moves_when_there_is_something_to_clear(panel: FilterPanel, search: SearchController) -> None:
    panel.show_facets((KINDS,))
    panel.grab()
    before = row_of(panel, Field.KIND, 0).mapTo(panel, row_of(panel, Field.KIND, 0).rect().topLeft())
    search.set_text("kind:audio")
    panel.grab()
    assert panel.clear_button.isVisible()
    assert row_of(panel, Field.KIND, 0).mapTo(panel, row_of(panel, Field.KIND, 0).rect().topLeft()) == before


def test_a_query_that_cant_be_read_stays_and_nothing_is_ticked(
    qtbot: QtBot, panel: FilterPanel, search: SearchController
) -> None:
    panel.show_facets((KINDS,))
    search.facets_changed.disconnect(panel.show_facets)
    search.set_text("dur:<")
    row = row_of(panel, Field.KIND, 0)
    qtbot.mouseClick(row, LEFT)
    assert search.text == "dur:<"
    assert ticked(panel) == []


def test_few_values_are_shown_until_all_are_asked_for(qtbot: QtBot, panel: FilterPanel) -> None:
    section = panel.sections[Field.FOLDER]
    panel.show_facets((folders(9, active=8),))
    assert labels(panel, Field.FOLDER) == [f"Rain & wind {at}" for at in (0, 1, 2, 3, 4, 5, 8)]  # and what is ticked
    assert ticked(panel) == ['folder:"Rain & wind 8"']
    assert section.more.text() == "Show all 9"
    qtbot.mouseClick(section.more, LEFT)
    assert len(section.rows) == 9
    panel.show_facets((folders(8),))
    assert len(section.rows) == 8  # it stays so while the counts change
    qtbot.mouseClick(section.more, LEFT)
    assert len(section.rows) == 6
    panel.show_facets((folders(6),))
    assert not section.more.isVisible()


def test_a_closed_section_stays_closed(qtbot: QtBot, panel: FilterPanel) -> None:
    panel.show_facets((KINDS, folders(9)))
    section = panel.sections[Field.FOLDER]
    qtbot.mouseClick(section.heading, LEFT)
    panel.show_facets((KINDS, folders(7, active=2)))
    assert section.rows == ()
    assert not section.more.isVisible()
    assert section.heading.accessibleName() == "Folder, 1 chosen"
    qtbot.keyClick(section.heading, Qt.Key.Key_Space)
    assert len(section.rows) == 6


def test_where_it_is_scrolled_to_stays_when_the_counts_change(qtbot: QtBot, panel: FilterPanel) -> None:
    panel.show_facets((KINDS, folders(40)))
    panel.sections[Field.FOLDER].more.click()
    area = panel.findChild(QScrollArea)
    assert isinstance(area, QScrollArea)
    bar = area.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 400)
    bar.setValue(300)
    panel.show_facets((KINDS, folders(39)))
    qtbot.wait(50)  # for the layout
    assert bar.value() == 300


def test_it_is_used_with_the_keys(qtbot: QtBot, panel: FilterPanel, search: SearchController) -> None:
    panel.show_facets((KINDS, folders(3)))
    panel.activateWindow()
    first, second = panel.sections[Field.KIND].rows
    panel.sections[Field.KIND].heading.setFocus()
    panel.focusNextChild()
    assert first.hasFocus()
    qtbot.keyClick(first, Qt.Key.Key_Down)
    assert second.hasFocus()
    qtbot.keyClick(second, Qt.Key.Key_Space)
    assert search.text == "kind:image"
    qtbot.keyClick(second, Qt.Key.Key_Return)
    assert search.text == ""
    qtbot.keyClick(second, Qt.Key.Key_Down)
    assert panel.sections[Field.FOLDER].heading.hasFocus()
    panel.sections[Field.KIND].heading.setFocus()
    panel.focusNextChild()
    assert second.hasFocus()  # one stop for each section, where the keys were


def test_words_are_in_the_middle_of_their_row(panel: FilterPanel) -> None:
    panel.show_facets((KINDS,))
    image = row_of(panel, Field.KIND, 0).grab().toImage()
    ground = image.pixelColor(image.width() // 2, 2)
    for columns in (range(6, 26), range(30, 100), range(200, image.width() - 4)):  # the box, the words, the count
        painted = [y for y in range(image.height()) for x in columns if image.pixelColor(x, y) != ground]
        assert abs((min(painted) + max(painted)) / 2 - (image.height() - 1) / 2) <= 3
