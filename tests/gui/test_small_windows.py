"""Shortcuts, log, failures, about."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from gui import theme
from gui.backend.library_state import FailedFile
from gui.windows.about import AboutDialog
from gui.windows.failures import FailuresDialog
from gui.windows.log_viewer import LogViewer
from gui.windows.shortcuts import Entry, ShortcutsSheet

LOG = """\
2026-11-28 22:10:00,123 INFO    gui.app: started
2026-11-28 22:10:01,500 WARNING qt.qpa: no tray
2026-11-28 22:10:02,500 ERROR   gui.crash: nobody caught this:
Traceback (most recent call last):
ValueError: no
2026-11-28 22:10:03,000 INFO    gui.app: and on
"""


def action(words: str, *keys: str) -> QAction:
    made = QAction(words)
    made.setShortcuts([QKeySequence(key) for key in keys])
    return made


def test_the_sheet_has_what_the_actions_have(qtbot: QtBot, dark: theme.Tokens) -> None:
    groups = {
        "Listen": [action("&Play or pause", "Space"), action("Louder", "+")],
        "Window": [action("&Preferences…", "Ctrl+,"), action("No keys"), action("Search", "Ctrl+F", "/")],
    }
    sheet = ShortcutsSheet(groups)
    qtbot.addWidget(sheet)
    assert sheet.shown() == [
        Entry("Play or pause", ("Space",)),
        Entry("Louder", ("+",)),
        Entry("Preferences", ("Ctrl+,",)),
        Entry("Search", ("Ctrl+F", "/")),
    ]
    caps = [label.text() for label in sheet.findChildren(QLabel, "key")]
    assert sorted(caps) == sorted(["Space", "+", "Ctrl", ",", "Ctrl", "F", "/"])
    sheet.search.setText("pref")
    assert [entry.words for entry in sheet.shown()] == ["Preferences"]
    sheet.search.setText("no such thing")
    assert not sheet.shown()
    assert any("No shortcut" in label.text() for label in sheet.findChildren(QLabel))


@pytest.fixture
def viewer(qtbot: QtBot, tmp_path: Path, dark: theme.Tokens) -> LogViewer:
    (tmp_path / "window.log").write_text(LOG)
    viewer = LogViewer(tmp_path)
    qtbot.addWidget(viewer)
    viewer.show()
    return viewer


def test_the_log_is_followed(qtbot: QtBot, viewer: LogViewer, tmp_path: Path) -> None:
    assert viewer.text == LOG.rstrip()
    with (tmp_path / "window.log").open("a") as log:
        log.write("2026-11-28 22:10:04,000 INFO    gui.app: more\n2026-11-28 22:10:05,000 INFO  half a li")
    qtbot.waitUntil(lambda: viewer.text.endswith("more"), timeout=60_000)
    with (tmp_path / "window.log").open("a") as log:
        log.write("ne\n")
    qtbot.waitUntil(lambda: viewer.text.endswith("half a line"), timeout=60_000)
    (tmp_path / "window.log").write_text("2026-11-28 23:00:00,000 INFO    gui.app: rolled over\n")
    viewer.read()
    assert viewer.text.endswith("rolled over")


def test_levels_take_their_tracebacks_with_them(viewer: LogViewer) -> None:
    viewer.choose("window.log", "WARNING")
    assert viewer.text.splitlines() == LOG.splitlines()[1:5]
    viewer.choose("window.log", "ERROR")
    assert viewer.text.splitlines() == LOG.splitlines()[2:5]
    viewer.choose("engine.log")
    assert viewer.text == ""


def test_failures_are_listed_copied_and_shown_in_their_folder(
    qtbot: QtBot, qtmodeltester: ModelTester, dark: theme.Tokens
) -> None:
    dialog = FailuresDialog()
    qtbot.addWidget(dialog)
    dialog.show_files([FailedFile("/a/b/kick.wav", "no sound in it"), FailedFile("/a/snare.wav", "empty")])
    qtmodeltester.check(dialog.model)
    first = [dialog.model.index(0, column).data() for column in range(3)]
    assert first == ["kick.wav", "no sound in it", "/a/b"]
    assert not dialog.reveal_button.isEnabled()
    dialog.copy()
    assert QApplication.clipboard().text() == "/a/b/kick.wav\tno sound in it\n/a/snare.wav\tempty"
    dialog.view.selectAll()
    assert not dialog.reveal_button.isEnabled()
    flags = QItemSelectionModel.SelectionFlag
    dialog.view.selectionModel().select(dialog.model.index(0, 0), flags.ClearAndSelect | flags.Rows)
    with qtbot.waitSignal(dialog.reveal_asked) as asked:
        qtbot.mouseClick(dialog.reveal_button, Qt.MouseButton.LeftButton)
    assert asked.args == ["/a/b/kick.wav"]


def test_about_gives_what_a_bug_report_needs(qtbot: QtBot, dark: theme.Tokens) -> None:
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    next(button for button in dialog.findChildren(QPushButton) if button.text() == "Copy details").click()
    copied = QApplication.clipboard().text()
    assert all(words in copied for words in ("AudioCLIP Search 0.1.0", "Python 3", "Qt 6"))
