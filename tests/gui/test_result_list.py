"""The results as a list, and the pane around it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent, QImage
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot
from result_rows import rows

from gui import theme
from gui.controllers.pictures import PictureController
from gui.engine import Engine
from gui.models.results import COLUMNS, Column, ResultsModel
from gui.models.selection import ResultsSelection
from gui.settings import Settings
from gui.views.dragging import drag_pixmap
from gui.views.result_list import ResultList
from gui.views.results_pane import ResultsPane, Situation, State
from gui.views.why import why_html

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.ini")


@pytest.fixture
def pictures(engine: Engine, settings: Settings, dark: theme.Tokens) -> Iterator[PictureController]:
    pictures = PictureController(engine, settings)
    yield pictures
    pictures.close()


@pytest.fixture
def view(qtbot: QtBot, pictures: PictureController, settings: Settings) -> ResultList:
    return shown(qtbot, pictures, settings, 14)


def shown(qtbot: QtBot, pictures: PictureController, settings: Settings, count: int) -> ResultList:
    model = ResultsModel()
    view = ResultList(model, ResultsSelection(model, model), pictures, settings)
    model.setParent(view)
    qtbot.addWidget(view)
    view.resize(748, 640)
    view.show()
    model.reset(rows(count))
    return view


def model_of(view: ResultList) -> ResultsModel:
    model = view.model()
    assert isinstance(model, ResultsModel)
    return model


def cell(view: ResultList, line: int, column: Column) -> QPoint:
    return view.visualRect(model_of(view).index(line, column.section)).center()


def test_fills_its_width_and_no_more_at_the_smallest_window(view: ResultList) -> None:
    header = view.horizontalHeader()
    assert header.length() == view.viewport().width()
    view.resize(1100, 640)
    assert header.length() == view.viewport().width()
    header.resizeSection(Column.TAGS.section, 200)
    assert header.sectionSize(Column.TAGS.section) == 200
    assert header.length() == view.viewport().width()


def test_columns_are_remembered(view: ResultList, qtbot: QtBot, pictures: PictureController) -> None:
    view.show_column(Column.SIZE, True)
    view.show_column(Column.TAGS, False)
    view.show_column(Column.NAME, False)
    view.horizontalHeader().moveSection(view.horizontalHeader().visualIndex(Column.SIZE.section), 1)
    settings = Settings(view._settings._store.fileName() and Path(view._settings._store.fileName()))
    qtbot.waitUntil(lambda: not view._settings.state("results/columns").isEmpty(), timeout=2_000)
    view._settings._store.sync()
    again = shown(qtbot, pictures, settings, 3)
    assert again.is_shown(Column.SIZE)
    assert not again.is_shown(Column.TAGS)
    assert again.is_shown(Column.NAME), "the name always stays"
    assert again.horizontalHeader().visualIndex(Column.SIZE.section) == 1
    again.reset_columns()
    assert not again.is_shown(Column.SIZE)
    titles = [action.text() for action in again.column_menu().actions() if action.isCheckable()]
    assert titles == [model_of(again).headerData(column.section, Qt.Orientation.Horizontal) for column in COLUMNS[1:]]


def test_the_third_click_on_a_header_goes_back_to_the_ranking(view: ResultList, qtbot: QtBot) -> None:
    asked: list[tuple[str | None, bool]] = []
    model_of(view).sort_requested.connect(lambda name, descending: asked.append((name, descending)))
    header = view.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(Column.SCORE.section) + 20, 10)
    for _ in range(3):
        qtbot.mouseClick(header.viewport(), LEFT, pos=place)
    assert asked == [("score", True), ("score", False), (None, False)]


def test_a_click_on_the_waveform_seeks(view: ResultList, qtbot: QtBot) -> None:
    sought: list[tuple[str, float]] = []
    view.seek_requested.connect(lambda row, seconds: sought.append((row.path, seconds)))
    qtbot.mouseClick(view.viewport(), LEFT, pos=cell(view, 4, Column.WAVEFORM))
    row = rows()[4]
    assert sought == [(row.path, pytest.approx(row.duration_s / 2, abs=0.2))]
    qtbot.mouseClick(view.viewport(), LEFT, pos=cell(view, 11, Column.WAVEFORM))
    assert len(sought) == 1, "a picture has no time"


def test_play_heart_and_stars_are_buttons(view: ResultList, qtbot: QtBot) -> None:
    view.show_column(Column.RATING, True)
    view.resize(1000, 640)
    played: list[object] = []
    view.play_requested.connect(lambda row: played.append(row.path))
    view.pause_requested.connect(lambda: played.append("pause"))
    view.favourite_requested.connect(lambda row: played.append(("favourite", row.path)))
    view.rating_requested.connect(lambda row, stars: played.append((stars, row.path)))
    name = view.visualRect(model_of(view).index(2, 0))
    button = QPoint(name.left() + 20, name.center().y())
    path = rows()[2].path
    qtbot.mouseClick(view.viewport(), LEFT, pos=button)
    view.set_playing(path, sounding=True, played=0.5)
    qtbot.mouseClick(view.viewport(), LEFT, pos=button)
    rating = view.visualRect(model_of(view).index(0, Column.RATING.section))
    y = rating.center().y()
    qtbot.mouseClick(view.viewport(), LEFT, pos=QPoint(rating.left() + 14, y))
    qtbot.mouseClick(view.viewport(), LEFT, pos=QPoint(rating.left() + 28 + 2 * 14 + 7, y))
    qtbot.mouseClick(view.viewport(), LEFT, pos=QPoint(rating.left() + 28 + 4 * 14 + 7, y))
    first = rows()[0].path
    assert played == [path, "pause", ("favourite", first), (3, first), (0, first)]
    assert view.currentIndex().row() == 2, "to rate is not to select"


def test_keys_move_and_open(view: ResultList, qtbot: QtBot) -> None:
    opened: list[str] = []
    view.opened.connect(lambda row: opened.append(row.path))
    heard: list[str] = []
    view._selection.chosen.connect(lambda row: heard.append(row.path))
    view.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_End, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_F):
        qtbot.keyClick(view, key)
    assert heard == [rows()[line].path for line in (0, 1, 13, 0)]
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert opened == [rows()[0].path]


def test_all_rows_of_many_are_selected_at_once(qtbot: QtBot, pictures: PictureController, settings: Settings) -> None:
    view = shown(qtbot, pictures, settings, 30_000)
    view.setFocus()
    qtbot.wait(50)
    start = time.perf_counter()
    qtbot.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    view.repaint()
    QApplication.processEvents()
    assert time.perf_counter() - start < 0.5, "something looks at every row"
    assert view._selection.count() == 30_000
    assert len(view._selection.stretches()) == 1


def test_paints_what_is_there_in_both_themes(view: ResultList, qapp: QApplication, qtbot: QtBot) -> None:
    view.set_playing(rows()[1].path, sounding=True, played=0.4)
    view._selection.choose(3)
    images = []
    for mode, tokens in ((theme.Mode.DARK, theme.DARK), (theme.Mode.LIGHT, theme.LIGHT)):
        theme.apply(qapp, mode)
        image = view.grab().toImage()
        images.append(image)
        selected = view.visualRect(model_of(view).index(3, Column.FORMAT.section))
        offset = view.viewport().mapTo(view, QPoint(0, 0))
        corner = selected.topRight() + offset + QPoint(-3, 6)
        assert image.pixelColor(corner).name() == tokens.selection
    assert images[0] != images[1]
    theme.apply(qapp, theme.Mode.DARK)


def test_near_the_end_more_is_asked_for(qtbot: QtBot, pictures: PictureController, settings: Settings) -> None:
    view = shown(qtbot, pictures, settings, 200)
    with qtbot.waitSignal(view.near_end):
        qtbot.waitUntil(lambda: view.verticalScrollBar().maximum() > 0)
        view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())


def test_the_tooltip_says_why(view: ResultList, qtbot: QtBot) -> None:
    point = cell(view, 0, Column.NAME)
    event = QHelpEvent(QEvent.Type.ToolTip, point, view.viewport().mapToGlobal(point))
    QApplication.sendEvent(view.viewport(), event)
    assert "97% match" in QToolTip.text()
    QToolTip.hideText()


def test_why_is_told_in_words_and_names_are_not_markup() -> None:
    text = why_html(rows()[0])
    for part in ("What it sounds like", "78%", "Its name", "Words found: rain", "Best from 0:14.5 to 0:19.5", "48 kHz"):
        assert part in text
    assert "Café murmur &amp; cups.flac" in why_html(rows()[8])
    assert "not connected" in why_html(rows()[7])
    assert "the file ends in the middle" in why_html(rows()[13])


def test_what_is_dragged_shows_how_many_there_are(view: ResultList) -> None:
    one, three = (drag_pixmap(view, rows()[:count], view._pictures) for count in (1, 3))
    assert three.width() > one.width()
    assert one.toImage() != QImage(one.size(), QImage.Format.Format_ARGB32)


def test_the_pane_says_why_there_is_nothing(qtbot: QtBot, pictures: PictureController, settings: Settings) -> None:
    model = ResultsModel()
    pane = ResultsPane(model, ResultsSelection(model, model), pictures, settings)
    model.setParent(pane)
    qtbot.addWidget(pane)
    pane.resize(748, 600)
    pane.show()
    pane.set_situation(Situation(State.NOTHING, "purple elephants"))
    assert not pane.list.isVisible()
    with qtbot.waitSignal(pane.clear_query_requested):
        qtbot.mouseClick(pane._empty.button, LEFT)
    model.reset(rows())
    assert pane.list.isVisible()
    assert pane._note.isVisible(), "the closest are shown, and said to be no more than that"
    pane.set_situation(Situation())
    assert not pane._note.isVisible()
    pane.list.setFocus()
    pane.show_grid()
    assert pane.view is pane.grid
    assert pane.grid.isVisible()
    for state, signal in (
        (State.FILTERED, pane.clear_filters_requested),
        (State.EMPTY, pane.add_folder_requested),
        (State.ERROR, pane.retry_requested),
    ):
        model.reset([])
        pane.set_situation(Situation(state, text="The disk is gone. Connect it."))
        with qtbot.waitSignal(signal):
            qtbot.mouseClick(pane._empty.button, LEFT)
