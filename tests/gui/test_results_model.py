"""The results' model, and what is selected in it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from statistics import median

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot
from result_rows import rows

from gui.models.results import COLUMNS, Column, ResultsModel, clock, size_text
from gui.models.selection import ResultsSelection

EVERYTHING = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows


@pytest.fixture
def model(qtbot: QtBot) -> ResultsModel:
    return ResultsModel()


def test_is_a_well_behaved_model_whatever_is_done_to_it(qtbot: QtBot, qtmodeltester: ModelTester) -> None:
    model = ResultsModel()
    qtmodeltester.check(model)
    model.reset(rows(10))
    model.append(rows(14)[10:])
    model.set_order(np.arange(14, dtype=np.int32)[::-1])
    model.append(rows(20)[14:])
    model.update_rows([replace(rows(3)[2], rating=5)])
    model.set_order(None)
    model.reset([])


def test_shows_rows_in_the_engines_order_and_in_others(model: ResultsModel) -> None:
    some = rows(6)
    model.reset(some[:4])
    model.append(some[4:])
    assert [row.path for row in model.rows()] == [row.path for row in some]
    model.set_order(np.array([5, 3, 1, 0, 2, 4], np.int32))
    assert model.row_at(0) is some[5]
    assert [model.position_of(row.path) for row in some] == [3, 2, 4, 1, 5, 0]
    model.set_order(None)
    assert model.row_at(model.index(4, 2)) is some[4]
    assert model.position_of("/elsewhere.wav") is None


def test_rows_that_an_order_does_not_name_come_after(model: ResultsModel) -> None:
    model.reset(rows(5))
    model.set_order(np.array([2, 1, 0], np.int32))
    model.append(rows(6)[5:])
    assert [row.path for row in model.rows()] == [rows(6)[number].path for number in (2, 1, 0, 3, 4, 5)]


def test_a_line_that_is_not_there_is_an_error(model: ResultsModel) -> None:
    model.reset(rows(2))
    for line in (-1, 2):
        with pytest.raises(IndexError):
            model.row_at(line)


@pytest.mark.parametrize(
    ("line", "column", "text"),
    [
        (0, Column.NAME, "RAIN_Heavy_Window_Interior_01.wav"),
        (0, Column.SCORE, "97%"),
        (0, Column.DURATION, "0:48.2"),
        (0, Column.TAGS, "rain, interior, ~Water"),
        (0, Column.RATING, "♥ ★★★★★"),
        (3, Column.TAGS, "glass, ~Rain, ~Water"),
        (5, Column.DURATION, "5:12.0"),
        (0, Column.FOLDER, "/sounds/Weather/Rain"),
        (0, Column.RATE, "48 kHz"),
        (0, Column.CHANNELS, "Stereo"),
        (0, Column.BITS, "24"),
        (0, Column.FORMAT, "WAV"),
        (0, Column.SIZE, "1 MB"),
        (11, Column.KIND, "Picture"),
        (11, Column.WAVEFORM, "4000 × 3000"),
        (11, Column.DURATION, ""),
        (11, Column.RATE, ""),
        (0, Column.WAVEFORM, ""),
    ],
)
def test_cells_in_words(model: ResultsModel, line: int, column: Column, text: str) -> None:
    model.reset(rows())
    assert model.data(model.index(line, column.section)) == text


def test_is_read_aloud_with_what_the_marks_say(model: ResultsModel) -> None:
    model.reset(rows())
    role = Qt.ItemDataRole.AccessibleTextRole
    assert model.data(model.index(7, 0), role) == (
        "Tram passing, Vienna Ring.wav, Sound, matches 55%, its drive is not connected"
    )
    assert "could not be read" in model.data(model.index(13, 0), role)
    assert model.data(model.index(0, Column.DURATION.section), role) == "Length: 0:48.2"


def test_asks_for_an_order_and_does_not_sort_itself(model: ResultsModel, qtbot: QtBot) -> None:
    model.reset(rows())
    asked: list[tuple[str | None, bool]] = []
    model.sort_requested.connect(lambda name, descending: asked.append((name, descending)))
    model.sort(Column.DURATION.section, Qt.SortOrder.DescendingOrder)
    model.sort(Column.NAME.section, Qt.SortOrder.AscendingOrder)
    model.sort(-1, Qt.SortOrder.DescendingOrder)
    model.sort(Column.WAVEFORM.section, Qt.SortOrder.DescendingOrder)
    assert asked == [("duration", True), ("name", False), (None, False), (None, False)]
    assert model.row_at(0).path == rows(1)[0].path


def test_fresh_rows_are_told_in_few_stretches(model: ResultsModel, qtbot: QtBot) -> None:
    model.reset(rows(3_000))
    told: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    model.update_rows([replace(row, rating=1) for row in rows(12)[2:5] + rows(12)[8:9]])
    assert told == [(2, 4), (8, 8)]
    told.clear()
    model.update_rows(replace(row, rating=2) for row in rows(3_000))
    qtbot.waitUntil(lambda: model.row_at(2_999).rating == 2)
    assert len(told) == 3


def test_dragged_rows_are_files(model: ResultsModel) -> None:
    model.reset(rows())
    mime = model.mimeData([model.index(8, column) for column in range(len(COLUMNS))] + [model.index(1, 0)])
    assert [url.toLocalFile() for url in mime.urls()] == [rows()[1].path, rows()[8].path]


def test_folders_are_named_from_the_librarys_on(model: ResultsModel) -> None:
    model.reset(rows(1))
    for roots, shown in (
        (["/sounds"], "sounds/Weather/Rain"),
        (["/sounds/Weather/", "/sounds"], "Weather/Rain"),
        (["/sounds/Weather/Rain"], "Rain"),
        (["/sound"], "/sounds/Weather/Rain"),
    ):
        model.set_roots(roots)
        assert model.data(model.index(0, Column.FOLDER.section)) == shown


@pytest.mark.parametrize(("seconds", "text"), [(0.04, "0:00.0"), (59.96, "1:00.0"), (3723.4, "1:02:03")])
def test_lengths_in_words(seconds: float, text: str) -> None:
    assert clock(seconds) == text


@pytest.mark.parametrize(("size", "text"), [(999, "999 B"), (1_500, "1.5 kB"), (999_600, "1 MB"), (2**40, "1.1 TB")])
def test_sizes_in_words(size: int, text: str) -> None:
    assert size_text(size) == text


def test_what_is_selected_stays_so_in_another_order_and_in_other_results(model: ResultsModel, qtbot: QtBot) -> None:
    selection = ResultsSelection(model)
    model.reset(rows(10))
    chosen = [rows(10)[line].path for line in (2, 3, 7)]
    selection.choose_paths(chosen)
    heard: list[object] = []
    selection.chosen.connect(heard.append)
    model.set_order(np.arange(10, dtype=np.int32)[::-1])
    assert [row.path for row in selection.selected_rows()] == chosen[::-1]
    assert selection.current_row() == rows(10)[2]
    model.reset(rows(8)[5:])
    assert [row.path for row in selection.selected_rows()] == chosen[2:]
    assert selection.current_row() is None
    model.append(rows(4))
    assert {row.path for row in selection.selected_rows()} == set(chosen)
    assert selection.current_row() == rows(10)[2]
    assert heard == [], "nobody chose anything anew, so nothing must be played"
    selection.choose(0)
    assert heard == [rows(6)[5]]
    model.reset(rows(10))
    assert [row.path for row in selection.selected_rows()] == [rows(6)[5].path]


def test_tells_of_the_current_row_once_and_of_its_fresh_state(model: ResultsModel, qtbot: QtBot) -> None:
    selection = ResultsSelection(model)
    model.reset(rows(10))
    told: list[object] = []
    selection.row_changed.connect(told.append)
    selection.choose(4)
    model.set_order(np.arange(10, dtype=np.int32)[::-1])
    fresh = replace(rows(5)[4], rating=5)
    model.update_rows([fresh])
    model.reset([])
    assert told == [rows(5)[4], fresh, None]


def test_of_a_hundred_thousand_rows_nothing_takes_longer_than_a_frame_may(model: ResultsModel, qtbot: QtBot) -> None:
    many = rows(100_000)
    selection = ResultsSelection(model)
    appended = [
        _took(lambda start=start: model.append(many[start : start + 1_000])) for start in range(0, 100_000, 1_000)
    ]
    order = np.random.default_rng(1).permutation(100_000).astype(np.int32)
    ordered = [_took(lambda: model.set_order(order)), _took(lambda: model.set_order(None))]
    assert model.row_at(99_999) is many[-1]
    assert median(appended) < 0.008, appended
    assert median(ordered) < 0.016, ordered
    selection.select(model.index(0, 0), EVERYTHING)
    everything = selection.selection()
    everything.select(model.index(0, 0), model.index(99_999, len(COLUMNS) - 1))
    selection.select(everything, EVERYTHING)
    assert selection.count() == 100_000
    assert _took(lambda: model.set_order(order)) < 0.05, "all selected must not mean that every row is looked at"
    assert selection.count() == 100_000
    assert len(selection.selected_rows()) == 100_000


def _took(step: Callable[[], object]) -> float:
    start = time.perf_counter()
    step()
    return time.perf_counter() - start
