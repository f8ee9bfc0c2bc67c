"""What can be done with results."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QListView
from pytestqt.qtbot import QtBot
from result_rows import rows

from gui import theme
from gui.controllers.desktop import open_with, reveal
from gui.controllers.exporting import ExportController
from gui.engine import Engine
from gui.models.results import ResultsModel
from gui.models.selection import ResultsSelection
from gui.views.row_actions import RowActions


@pytest.fixture
def exports(engine: Engine) -> Iterator[ExportController]:
    exports = ExportController(engine)
    yield exports
    exports.close()


@pytest.fixture
def view(qtbot: QtBot, dark: theme.Tokens) -> QListView:
    model = ResultsModel()
    view = QListView()
    model.setParent(view)
    view.setModel(model)
    view.setSelectionModel(ResultsSelection(model, model))
    model.reset(rows())
    qtbot.addWidget(view)
    view.show()
    view.activateWindow()
    view.setFocus()
    qtbot.waitUntil(lambda: view.isActiveWindow() and view.hasFocus())
    return view


@pytest.fixture
def selection(view: QListView) -> ResultsSelection:
    selection = view.selectionModel()
    assert isinstance(selection, ResultsSelection)
    return selection


@pytest.fixture
def actions(view: QListView, selection: ResultsSelection, exports: ExportController) -> RowActions:
    actions = RowActions(selection, exports, view)
    actions.attach(view)
    return actions


def test_keys_do_what_the_sheet_says(
    actions: RowActions, view: QListView, selection: ResultsSelection, qtbot: QtBot
) -> None:
    done: list[tuple[object, ...]] = []
    actions.play_requested.connect(lambda row: done.append(("play", row.path)))
    actions.more_like.connect(lambda row: done.append(("more", row.path)))
    actions.less_like.connect(lambda row: done.append(("less", row.path)))
    actions.rate_requested.connect(lambda some, stars: done.append((stars, len(some))))
    actions.favour_requested.connect(lambda some, favour: done.append((favour, len(some))))
    actions.tag_requested.connect(lambda some: done.append(("tag", len(some))))
    actions.collect_requested.connect(lambda some: done.append(("collect", len(some))))
    selection.choose(1)
    qtbot.waitUntil(actions.play.isEnabled)
    actions.play.trigger()  # its key, Space, is the whole window's
    for key in (Qt.Key.Key_M, Qt.Key.Key_4, Qt.Key.Key_0, Qt.Key.Key_F, Qt.Key.Key_T):
        qtbot.keyClick(view, key)
    qtbot.keyClick(view, Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(view, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    path = rows()[1].path
    assert done == [
        *(("play", path), ("more", path), (4, 1), (0, 1), (True, 1), ("tag", 1), ("less", path), ("collect", 1)),
    ]


def test_favourites_stop_being_so_only_if_all_are(actions: RowActions, selection: ResultsSelection) -> None:
    asked: list[bool] = []
    actions.favour_requested.connect(lambda some, favour: asked.append(favour))
    for lines in ((0, 3), (0, 1)):
        selection.choose_paths([rows()[line].path for line in lines])
        actions.refresh()
        actions.favourite.trigger()
    assert asked == [False, True]
    assert actions.favourite.text() == "Remove from favourites"


def test_what_is_not_possible_is_not_offered(
    actions: RowActions, selection: ResultsSelection, exports: ExportController
) -> None:
    assert not any(action.isEnabled() for action in actions.all())
    selection.choose(11)
    actions.refresh()
    assert not actions.play.isEnabled(), "a picture is not heard"
    assert actions.more.isEnabled()
    assert not actions.export_region.isEnabled()
    selection.choose(13)
    actions.refresh()
    assert not actions.more.isEnabled(), "nothing is known of what could not be read"
    exports.set_region(rows()[0].path, 1.0, 2.0)
    actions.refresh()
    assert actions.export_region.isEnabled()


def test_paths_are_copied_as_text_and_as_files(actions: RowActions, selection: ResultsSelection) -> None:
    paths = [rows()[line].path for line in (2, 5)]
    selection.choose_paths(paths)
    actions.refresh()
    actions.copy.trigger()
    mime = QGuiApplication.clipboard().mimeData()
    assert mime.text() == "\n".join(paths)
    assert [url.toLocalFile() for url in mime.urls()] == paths


def test_the_menu_has_every_action_once(actions: RowActions, view: QListView) -> None:
    menu = actions.menu(view)
    found = [action for action in menu.actions() if not action.isSeparator() and action.menu() is None]
    found += [action for sub in menu.actions() if sub.menu() for action in sub.menu().actions() if action.text()]
    assert sorted(map(id, found)) == sorted(map(id, actions.all()))
    menu.deleteLater()


def test_files_are_opened_with_a_program_of_choice(tmp_path: Path, qtbot: QtBot) -> None:
    program, told = tmp_path / "program", tmp_path / "told"
    program.write_text(f'#!/bin/sh\nprintf "%s" "$1" > "{told}.part" && mv "{told}.part" "{told}"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    assert open_with(str(program), ["/a sound.wav"])
    qtbot.waitUntil(told.exists)
    assert told.read_text() == "/a sound.wav"
    assert not open_with(str(tmp_path / "nothing"), ["/a.wav"])


@pytest.mark.skipif(os.name != "posix", reason="the desktop is asked over D-Bus")
def test_without_a_desktop_there_is_nothing_to_reveal_with(
    monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    assert not reveal([str(tmp_path / "gone" / "a.wav")])
