"""Duplicates: the tree, the view, and a real library."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import organising_calls
import pytest
from concept_encoder import write_tone
from made_sounds import knocks, rounded, written
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from audioclip_search import DuplicateTier, Modality
from gui import theme
from gui.backend.duplicate_records import Copy, CopyGroup
from gui.controllers.duplicates import DuplicatesController
from gui.engine import Engine
from gui.models.duplicates import BEST_ROLE, COPY_ROLE, GROUP_ROLE, DuplicatesModel
from gui.records import Row, Trouble
from gui.settings import Settings
from gui.views.duplicates_view import DuplicatesView

IDENTICAL, SAME, ALIKE = DuplicateTier
CHECK = Qt.ItemDataRole.CheckStateRole
TICKED, UNTICKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked


def group(tier: DuplicateTier, *names: str, offline: str = "") -> CopyGroup:
    rows = [Row(f"/s/{name}", Modality.AUDIO, size=1_000, offline=name == offline) for name in names]
    return CopyGroup(tier, Modality.AUDIO, tuple(Copy(row, "copy of it", 0.99) for row in rows))


def file_of(model: DuplicatesModel, number: int, line: int) -> QModelIndex:
    return model.index(line, 0, model.index(number, 0))


def tick(model: DuplicatesModel, number: int, line: int) -> bool:
    return model.setData(file_of(model, number, line), TICKED, CHECK)


def test_is_a_well_behaved_tree_whatever_is_done_to_it(qtbot: QtBot, qtmodeltester: ModelTester) -> None:
    model = DuplicatesModel()
    qtmodeltester.check(model)
    model.append([group(IDENTICAL, "a", "b", "c"), group(SAME, "a", "d"), group(ALIKE, "e", "f")])
    model.append([group(IDENTICAL, "alone")])
    qtmodeltester.check(model)
    tick(model, 0, 1)
    dropped = model.drop_group(0)
    model.put_back(0, dropped)
    model.drop_files(["/s/b", "/s/d"])
    assert [len(shown.copies) for shown in model.groups] == [2, 2]
    qtmodeltester.check(model)
    model.clear()
    assert model.rowCount() == 0


def test_lines_say_what_they_are(qtbot: QtBot) -> None:
    model = DuplicatesModel()
    model.append([group(SAME, "a.wav", "b.wav")])
    top, best, other = model.index(0, 0), file_of(model, 0, 0), file_of(model, 0, 1)
    assert top.data() == "2 versions of the same"
    assert top.data(COPY_ROLE) is None
    assert (best.data(BEST_ROLE), other.data(BEST_ROLE)) == (True, False)
    assert other.data(Qt.ItemDataRole.AccessibleTextRole) == "b.wav, copy of it"
    assert other.parent() == top
    assert other.data(GROUP_ROLE) is model.groups[0]


def test_the_last_file_of_a_group_cant_be_ticked(qtbot: QtBot) -> None:
    model = DuplicatesModel()
    model.append([group(IDENTICAL, "a", "b", "c"), group(SAME, "d", "a"), group(SAME, "x", "y", offline="x")])
    assert tick(model, 0, 1)
    assert tick(model, 0, 2)
    assert not tick(model, 0, 0)
    assert not tick(model, 1, 1), "a is the last of the first group"
    assert tick(model, 1, 0)
    assert not tick(model, 2, 1), "x can't be reached, so y is all there is"
    assert not tick(model, 2, 0)
    assert model.ticked == ["/s/b", "/s/c", "/s/d"]
    assert model.ticked_bytes == 3_000
    assert model.setData(file_of(model, 0, 1), UNTICKED, CHECK)
    assert not model.setData(model.index(0, 0), TICKED, CHECK)
    assert model.setData(file_of(model, 1, 0), UNTICKED, CHECK)
    assert tick(model, 0, 0)
    assert file_of(model, 1, 1).data(CHECK) is TICKED, "it is the same file"


def test_all_but_the_best_are_ticked_at_once_and_never_a_whole_group(qtbot: QtBot) -> None:
    model = DuplicatesModel()
    model.append([group(IDENTICAL, "a", "b", "c"), group(SAME, "d", "a"), group(ALIKE, "e", "f")])
    model.tick_worse([IDENTICAL, SAME])
    assert model.ticked == ["/s/b", "/s/c"]
    model.untick_all()
    assert not model.ticked


@pytest.fixture
def view(qtbot: QtBot, engine: Engine, tmp_path: Path, dark: theme.Tokens) -> DuplicatesView:
    view = DuplicatesView(DuplicatesController(engine, Settings(tmp_path / "settings.ini")))
    qtbot.addWidget(view)
    view.resize(720, 560)
    view.show()
    qtbot.waitExposed(view)
    return view


def test_without_a_library_there_is_a_remedy(qtbot: QtBot, view: DuplicatesView) -> None:
    troubles: list[Trouble] = []
    controller = view._duplicates
    controller.trouble.connect(troubles.append)
    with qtbot.waitSignal(controller.stopped, timeout=30_000):
        view.find_button.click()
    assert str(troubles[0]) == "No library is open. Choose a folder first."
    assert view.pages.currentIndex() == 0
    assert view.find_button.isEnabled()
    assert not view.progress.isVisible()


def test_files_are_heard_ticked_and_shown_from_the_keyboard(qtbot: QtBot, view: DuplicatesView) -> None:
    view._on_groups([group(IDENTICAL, "a", "b", "c"), group(SAME, "d", "e")])
    heard: list[str] = []
    played: list[str] = []
    revealed: list[str] = []
    view.current_changed.connect(lambda row: heard.append(row.path))
    view.play_requested.connect(lambda row: played.append(row.path))
    view.reveal_requested.connect(revealed.append)
    view.tree.setFocus()
    view.tree.setCurrentIndex(view.model.index(0, 0))
    for _ in range(2):
        qtbot.keyClick(view.tree, Qt.Key.Key_Down)
    qtbot.keyClick(view.tree, Qt.Key.Key_Return)
    qtbot.keyClick(view.tree, Qt.Key.Key_Delete)
    qtbot.keyClick(view.tree, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert (heard, played, revealed) == (["/s/a", "/s/b"], ["/s/b"], ["/s/b"])
    assert view.model.ticked == ["/s/b"]
    box = view.tree.visualRect(file_of(view.model, 0, 2)).topLeft() + QPoint(20, 26)
    qtbot.mouseClick(view.tree.viewport(), Qt.MouseButton.LeftButton, pos=box)
    assert view.model.ticked == ["/s/b", "/s/c"]
    assert view.ticked.text() == "2 ticked · 2 kB"
    view.tick_button.click()
    assert not view.trash_button.isEnabled()
    assert not view.grab().isNull()


def test_a_real_librarys_duplicates(
    qtbot: QtBot, view: DuplicatesView, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data" / "home"))
    root = tmp_path / "sounds"
    root.mkdir()
    (root / "a.wav").write_bytes(written(rounded(knocks(1))))
    shutil.copy(root / "a.wav", root / "a copy.wav")
    shutil.copy(root / "a.wav", root / "another copy.wav")
    (root / "quiet.wav").write_bytes(written(0.3 * rounded(knocks(1))))
    write_tone(root / "dog.wav", "dog")
    opened: list[int] = []
    engine.call(organising_calls.open_tones, str(root)).then(opened.append)
    qtbot.waitUntil(lambda: bool(opened), timeout=30_000)
    controller = view._duplicates
    assert view.tiers == [IDENTICAL, SAME]

    def search() -> None:
        with qtbot.waitSignal(controller.finished, timeout=60_000):
            view.find_button.click()

    search()
    assert [(shown.tier, len(shown.copies)) for shown in view.model.groups] == [(IDENTICAL, 3), (SAME, 2)]
    assert view.found.text().startswith("2 groups")

    view.tree.setCurrentIndex(view.model.index(1, 0))
    with qtbot.waitSignal(controller.rejected, timeout=30_000):
        view.reject_button.click()
    assert [shown.tier for shown in view.model.groups] == [IDENTICAL]
    assert view.notice.isVisible()
    with qtbot.waitSignal(controller.rejected, timeout=30_000):
        view.notice.undo_button.click()
    assert [shown.tier for shown in view.model.groups] == [IDENTICAL, SAME]
    assert not view.notice.isVisible()
    search()
    assert len(view.model.groups) == 2

    view.tick_button.click()
    paths = view.model.ticked
    assert len(paths) == 2 + 1
    view.ask_to_trash()
    (question,) = view.findChildren(QMessageBox)
    assert all(Path(path).exists() for path in paths)
    (move,) = [
        button for button in question.buttons() if question.buttonRole(button) is QMessageBox.ButtonRole.AcceptRole
    ]
    with qtbot.waitSignal(controller.trashed, timeout=60_000):
        move.click()
    assert not any(Path(path).exists() for path in paths)
    assert len(list((tmp_path / "data").rglob("*.wav"))) == 3
    assert view.model.rowCount() == 0
    search()
    assert view.model.rowCount() == 0
    assert view.nothing.headline.text() == "No duplicates"


def test_a_file_that_cant_be_moved_is_told(qtbot: QtBot, view: DuplicatesView, tmp_path: Path) -> None:
    controller = view._duplicates
    with qtbot.waitSignal(controller.trouble, timeout=60_000) as told:
        controller.trash([str(tmp_path / "gone.wav"), str(tmp_path / "gone too.wav")])
    assert "and 1 others could not be moved to the trash" in str(told.args[0])  # type: ignore[index]


def test_one_file_of_a_group_is_said_to_be_another(qtbot: QtBot, view: DuplicatesView) -> None:
    asked: list[list[str]] = []
    controller = view._duplicates
    view._on_groups([group(SAME, "a", "b", "c")])
    controller.rejected.connect(lambda paths, undone: asked.append(paths))
    view.tree.setCurrentIndex(file_of(view.model, 0, 2))
    with qtbot.waitSignal(controller.trouble, timeout=30_000):  # no library is open
        view.reject_current()
    assert [copy.row.path for copy in view.model.groups[0].copies] == ["/s/a", "/s/b"]
    assert replace(view.model.groups[0], copies=()).tier is SAME
    assert not asked
