"""The results as a grid."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot
from result_rows import rows

from gui import theme
from gui.controllers.pictures import PictureController
from gui.engine import Engine
from gui.models.results import ResultsModel
from gui.models.selection import ResultsSelection
from gui.settings import Settings
from gui.views.card_layout import GAP, MARGIN, CardLayout
from gui.views.result_grid import MOST_SIDE, ResultGrid

LEFT, SHIFT, CONTROL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def pictures(engine: Engine, tmp_path: Path, dark: theme.Tokens) -> Iterator[PictureController]:
    pictures = PictureController(engine, Settings(tmp_path / "settings.ini"))
    yield pictures
    pictures.close()


@pytest.fixture
def grid(qtbot: QtBot, pictures: PictureController, tmp_path: Path) -> ResultGrid:
    model = ResultsModel()
    grid = ResultGrid(model, ResultsSelection(model, model), pictures, Settings(tmp_path / "settings.ini"))
    model.setParent(grid)
    qtbot.addWidget(grid)
    grid.resize(748, 640)
    grid.show()
    model.reset(rows())
    return grid


def at(grid: ResultGrid, number: int) -> QPoint:
    rect = grid.visualRect(grid.model().index(number, 0))
    return QPoint(rect.center().x(), rect.bottom() - 10)


def selected(grid: ResultGrid) -> list[int]:
    return [line for first, last in grid._selection.stretches() for line in range(first, last + 1)]


@pytest.mark.parametrize(("width", "side", "columns"), [(748, 168, 4), (300, 168, 1), (100, 168, 1), (1920, 320, 5)])
def test_cards_fill_the_width_and_do_not_overlap(width: int, side: int, columns: int) -> None:
    layout = CardLayout(11, width, side)
    assert layout.columns == columns
    rects = [layout.rect(number) for number in range(11)]
    assert not any(rects[a].intersects(rects[b]) for a in range(11) for b in range(a))
    assert all(layout.at(rect.center()) == number for number, rect in enumerate(rects))
    assert max(rect.right() for rect in rects) <= max(width - MARGIN, rects[0].right())
    assert layout.height == rects[-1].bottom() + 1 + MARGIN
    assert layout.at(QPoint(MARGIN // 2, 50)) == -1


def test_what_a_rectangle_touches_is_found() -> None:
    layout = CardLayout(11, 748, 168)
    for rect in (QRect(0, 0, 748, 640), QRect(200, 150, 10, 200), QRect(3, 3, 2, 2), QRect(0, 5_000, 10, 10)):
        found = [number for first, last in layout.within(rect) for number in range(first, last + 1)]
        grown = [number for number in range(11) if layout.rect(number).adjusted(-GAP, -GAP, GAP, GAP).intersects(rect)]
        touched = [number for number in range(11) if layout.rect(number).intersects(rect)]
        assert set(touched) <= set(found) <= set(grown)
    assert CardLayout(0, 748, 168).within(QRect(0, 0, 748, 640)) == []


def test_keys_go_where_they_point(grid: ResultGrid, qtbot: QtBot) -> None:
    heard: list[str] = []
    grid._selection.chosen.connect(lambda row: heard.append(row.path))
    grid.setFocus()
    keys = ("Down", "Right", "Down", "Left", "Up", "Up", "End", "Down", "Home")
    for key in keys:
        qtbot.keyClick(grid, getattr(Qt.Key, f"Key_{key}"))
    assert heard == [rows()[line].path for line in (0, 1, 5, 4, 0, 13, 0)]


def test_selects_as_a_file_manager_does(grid: ResultGrid, qtbot: QtBot) -> None:
    qtbot.mouseClick(grid.viewport(), LEFT, pos=at(grid, 1))
    qtbot.mouseClick(grid.viewport(), LEFT, SHIFT, pos=at(grid, 6))
    assert selected(grid) == [1, 2, 3, 4, 5, 6]
    qtbot.mouseClick(grid.viewport(), LEFT, CONTROL, pos=at(grid, 3))
    assert selected(grid) == [1, 2, 4, 5, 6]
    qtbot.mouseClick(grid.viewport(), LEFT, pos=at(grid, 2))
    qtbot.keyClick(grid, Qt.Key.Key_Down, SHIFT)
    assert selected(grid) == [2, 3, 4, 5, 6]
    qtbot.keyClick(grid, Qt.Key.Key_A, CONTROL)
    assert selected(grid) == list(range(14))


def test_play_is_a_button_on_sounds(grid: ResultGrid, qtbot: QtBot) -> None:
    asked: list[str] = []
    grid.play_requested.connect(lambda row: asked.append(row.path))
    grid.pause_requested.connect(lambda: asked.append("pause"))
    rect = grid.visualRect(grid.model().index(2, 0))
    button = QPoint(rect.center().x(), rect.top() + grid._layout.picture_height // 2)
    qtbot.mouseClick(grid.viewport(), LEFT, pos=button)
    grid.set_playing(rows()[2].path, sounding=True)
    qtbot.mouseClick(grid.viewport(), LEFT, pos=button)
    qtbot.mouseClick(grid.viewport(), LEFT, pos=at(grid, 3))
    assert asked == [rows()[2].path, "pause"]
    opened: list[str] = []
    grid.opened.connect(lambda row: opened.append(row.path))
    qtbot.mouseDClick(grid.viewport(), LEFT, pos=at(grid, 3))
    assert opened == [rows()[3].path]


def test_cards_grow_around_what_is_in_the_middle_and_stay_so(grid: ResultGrid, tmp_path: Path, qtbot: QtBot) -> None:
    model = grid.model()
    assert isinstance(model, ResultsModel)
    model.reset(rows(2_000))
    grid.scrollTo(model.index(1_000, 0), ResultGrid.ScrollHint.PositionAtCenter)
    middle = grid._layout.nearest(QPoint(0, grid.verticalOffset() + grid.viewport().height() // 2))
    with qtbot.waitSignal(grid.side_changed):
        grid.set_side(10_000)
    assert grid.side == MOST_SIDE
    assert grid.viewport().rect().intersects(grid.visualRect(model.index(middle, 0)))
    again = ResultGrid(model, grid._selection, grid._pictures, Settings(tmp_path / "settings.ini"))
    qtbot.addWidget(again)
    assert again.side == MOST_SIDE


def test_many_cards_cost_no_more_than_few(grid: ResultGrid, qtbot: QtBot) -> None:
    model = grid.model()
    assert isinstance(model, ResultsModel)
    model.reset(rows(30_000))
    last = model.index(29_999, 0)
    with qtbot.waitSignal(grid.near_end):
        grid.scrollTo(last)
    assert grid.viewport().rect().contains(grid.visualRect(last))
    assert grid.indexAt(grid.visualRect(last).center()) == last
    model.reset([])
    assert not grid.indexAt(QPoint(100, 100)).isValid()
    assert grid.verticalScrollBar().maximum() == 0


def test_paints_in_both_themes(grid: ResultGrid, qapp: QApplication) -> None:
    grid._selection.choose(1)
    grid.set_playing(rows()[2].path, sounding=True, played=0.3)
    images = []
    for mode in (theme.Mode.DARK, theme.Mode.LIGHT):
        tokens = theme.apply(qapp, mode)
        images.append(grid.grab().toImage())
        caption = grid.visualRect(grid.model().index(1, 0)).bottomRight() + QPoint(-20, -5)
        assert images[-1].pixelColor(caption).name() == tokens.selection
    assert images[0] != images[1]
    theme.apply(qapp, theme.Mode.DARK)


def test_the_tooltip_says_why(grid: ResultGrid) -> None:
    point = at(grid, 0)
    QApplication.sendEvent(grid.viewport(), QHelpEvent(QEvent.Type.ToolTip, point, grid.mapToGlobal(point)))
    assert "97% match" in QToolTip.text()
    QToolTip.hideText()
