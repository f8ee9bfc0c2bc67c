"""Dialogs about tags, with a real library."""

from __future__ import annotations

from pathlib import Path

import organising_calls
import pytest
from concept_encoder import write_tone
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui import theme
from gui.controllers.organising import OrganisingController
from gui.engine import Engine
from gui.views.tag_dialogs import AutoTagDialog, NameDialog, WriteTagsDialog


def test_a_name_is_asked_for_and_known_ones_are_offered(qtbot: QtBot, dark: theme.Tokens) -> None:
    dialog = NameDialog("Add tags", "Tags", ["rain", "wind"], 12)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    chosen: list[list[str]] = []
    dialog.chosen.connect(chosen.append)
    dialog.show()
    qtbot.keyClicks(dialog.field, "tin roof")
    qtbot.keyClick(dialog.field, Qt.Key.Key_Return)
    assert chosen == [["tin roof"]]
    assert not dialog.isVisible()


@pytest.fixture
def tones(qtbot: QtBot, engine: Engine, tmp_path: Path, dark: theme.Tokens) -> tuple[OrganisingController, Path]:
    root = tmp_path / "sounds"
    for number in range(3):
        write_tone(root / f"dog {number}.wav", "dog", seed=number)
        write_tone(root / f"rain {number}.wav", "rain", seed=10 + number)
    opened: list[int] = []
    engine.call(organising_calls.open_tones, str(root)).then(opened.append)
    qtbot.waitUntil(lambda: bool(opened), timeout=30_000)
    return OrganisingController(engine), root


def test_tags_are_suggested_and_written(qtbot: QtBot, tones: tuple[OrganisingController, Path], tmp_path: Path) -> None:
    organising, root = tones
    dialog = AutoTagDialog(organising, [str(root / "dog 1.wav"), str(root / "rain 1.wav")])
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.only.isChecked()
    dialog.sets.setCurrentIndex(dialog.sets.count() - 1)
    assert not dialog.go_button.isEnabled(), "there are no labels yet"
    dialog.own.setPlainText("dog\nglass, wind")
    with qtbot.waitSignal(organising.tagging_done, timeout=30_000):
        dialog.preview_button.click()
        assert dialog.progress.isVisible()
        assert dialog.close_button.text() == "Stop"
    assert dialog.message.text().splitlines()[0] == "1 of 2 files would get tags"
    assert [str(bar) for bar in dialog.counts.bars] == ["1"]
    dialog.whole.setChecked(True)
    with qtbot.waitSignal(organising.tagging_done, timeout=30_000):
        dialog.go_button.click()
    assert dialog.message.text().startswith("3 of 6 files have suggestions now, to be confirmed or rejected")
    assert dialog.undo_button.isVisible()
    dialog.close_button.click()
    assert not dialog.isVisible()

    organising.confirm([str(root / "dog 1.wav")], ["dog"])
    qtbot.waitUntil(lambda: not organising.busy, timeout=30_000)
    before = {file: file.read_bytes() for file in root.glob("*.wav")}
    writing = WriteTagsDialog(organising)
    writing.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(writing)
    writing.show()
    qtbot.waitUntil(lambda: writing.message.text() == "One file would change", timeout=30_000)
    assert writing.files.facts == (("dog 1.wav", "dog"),)
    with qtbot.waitSignal(organising.writing_done, timeout=30_000):
        writing.suggested.setChecked(True)
    assert writing.message.text() == "3 files would change"
    assert {file: file.read_bytes() for file in root.glob("*.wav")} == before
    with qtbot.waitSignal(organising.writing_done, timeout=30_000):
        writing.go_button.click()
    assert writing.message.text() == "3 files have new keywords"
    assert not writing.go_button.isEnabled()
    assert sum(file.read_bytes() != content for file, content in before.items()) == 3
    writing.undo_button.click()
    qtbot.waitUntil(lambda: not organising.busy, timeout=30_000)
    assert {file: file.read_bytes() for file in root.glob("*.wav")} == before
    writing.close()


def test_what_fails_is_said_in_the_dialog(qtbot: QtBot, engine: Engine, dark: theme.Tokens) -> None:
    organising = OrganisingController(engine)
    dialog = AutoTagDialog(organising)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.only.isVisible()
    with qtbot.waitSignal(organising.stopped, timeout=30_000):
        dialog.go_button.click()
    assert dialog.message.text() == "No library is open. Choose a folder first."
    assert dialog.message.objectName() == "bad"
    assert dialog.go_button.isEnabled()
    dialog.close()
