from __future__ import annotations

from pathlib import Path

import pytest
from library_states import STATE, Shown
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from audioclip_search import SyncStage
from gui import theme
from gui.backend.calls.models import Arrived
from gui.backend.library_state import IndexingState, Phase
from gui.controllers.models import Download, Step
from gui.records import Problem, Trouble
from gui.settings import Settings
from gui.views.indexing_card import IndexingCard
from gui.views.welcome import Welcome, usual_places


@pytest.fixture
def shown(qtbot: QtBot, tmp_path: Path, dark: theme.Tokens) -> Shown:
    return Shown(Settings(tmp_path / "settings.ini"))


@pytest.fixture
def welcome(qtbot: QtBot, shown: Shown) -> Welcome:
    welcome = Welcome(shown.library, shown.models)
    qtbot.addWidget(welcome)
    welcome.resize(744, 620)
    welcome.show()
    return welcome


def folder(path: Path) -> Path:
    path.mkdir(parents=True)
    (path / "a.wav").write_bytes(b"")
    return path


def drop(welcome: Welcome, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    at, actions = QPointF(100, 100), Qt.DropAction.CopyAction
    welcome.dropEvent(QDropEvent(at, actions, data, buttons, keys))


def test_dropped_folders_are_chosen_and_can_be_left_out(welcome: Welcome, tmp_path: Path) -> None:
    one, two = folder(tmp_path / "one"), folder(tmp_path / "two")
    assert not welcome.start_button.isEnabled()
    drop(welcome, one, two / "a.wav", one)
    assert welcome.folders == [str(one), str(two)]
    assert welcome.start_button.isEnabled()
    leave_out = welcome.findChildren(QToolButton)[0]
    assert leave_out.accessibleName() == f"Leave out {one}"
    leave_out.click()
    assert welcome.folders == [str(two)]


def test_a_folder_in_a_chosen_one_adds_nothing_and_an_outer_one_replaces_it(welcome: Welcome, tmp_path: Path) -> None:
    inner = folder(tmp_path / "outer" / "inner")
    welcome.add([str(inner)])
    welcome.add([str(inner.parent)])
    assert welcome.folders == [str(inner.parent)]
    welcome.add([str(inner)])
    assert welcome.folders == [str(inner.parent)]


def test_start_opens_a_library_with_the_folders(qtbot: QtBot, welcome: Welcome, shown: Shown, tmp_path: Path) -> None:
    chosen = folder(tmp_path / "Samples")
    welcome.add([str(chosen)])
    with qtbot.waitSignal(welcome.started):
        qtbot.mouseClick(welcome.start_button, Qt.MouseButton.LeftButton)
    assert [args[0] for args in shown.engine.arguments("open_library")] == [""]
    assert not welcome.start_button.isEnabled()
    shown.library.trouble.emit(Trouble(Problem.EXPECTED, "no room"))
    assert welcome.start_button.isEnabled()


def test_with_an_empty_library_open_start_adds_to_it(welcome: Welcome, shown: Shown, tmp_path: Path) -> None:
    shown.open(folders=(), indexed=False)
    welcome.add([str(folder(tmp_path / "Samples"))])
    welcome.start_button.click()
    assert shown.engine.arguments("add_folders") == [([str(tmp_path / "Samples")],)]


def test_usual_places_are_those_that_have_something(tmp_path: Path) -> None:
    folder(tmp_path / "Music")
    (tmp_path / "Samples").mkdir()
    folder(tmp_path / "Documents" / "Samples")
    assert usual_places(tmp_path) == [tmp_path / "Music", tmp_path / "Documents" / "Samples"]


def test_a_usual_place_is_one_click_away(welcome: Welcome, tmp_path: Path) -> None:
    place = folder(tmp_path / "Music")
    welcome._usual = [place]
    welcome.add([])
    offer = next(button for button in welcome.findChildren(QPushButton) if button.text() == "Music")
    offer.click()
    assert welcome.folders == [str(place)]


def test_the_model_is_named_and_the_full_one_a_click_away(welcome: Welcome, shown: Shown) -> None:
    card = welcome.model_card
    assert "The starter model is in use" in card.text
    assert card.download_button.text() == "Download the full AudioCLIP (537 MB)"
    card.download_button.click()
    assert shown.engine.arguments("download") == [("audioclip",)]
    shown.models._tell(Download("audioclip", Step.RUNNING, Arrived(134_000_000, 537_302_068, 4_200_000, 95)))
    assert "134 MB of 537 MB · 4 MB/s · 2 min left" in card.text
    trouble = Trouble(Problem.EXPECTED, "the download stopped", remedy="Try again")
    shown.models._tell(Download("audioclip", Step.FAILED, Arrived(134_000_000, 537_302_068), trouble))
    assert "The download stopped. Try again." in card.text
    assert card.download_button.text() == "Go on"


def test_all_of_it_fits_a_small_window(welcome: Welcome, qtbot: QtBot) -> None:
    assert welcome.verticalScrollBar().maximum() == 0
    assert welcome.horizontalScrollBar().maximum() == 0


RUNNING = IndexingState(Phase.RUNNING, SyncStage.EMBED, 1_204, 8_310, 38.2, 186, "drums/kick.wav", 3)


@pytest.fixture
def card(qtbot: QtBot, shown: Shown) -> IndexingCard:
    card = IndexingCard(shown.library)
    qtbot.addWidget(card)
    card.setFixedWidth(216)
    shown.open()
    card.show()
    return card


def test_progress_has_rate_time_left_and_the_last_file(card: IndexingCard, shown: Shown) -> None:
    shown.indexing(RUNNING)
    for words in ("Listening", "1,204 of 8,310", "3 min left", "38 files/s · kick.wav", "3 files could not be read"):
        assert words in card.text
    assert set(card.buttons) == {"pause", "stop"}


@pytest.mark.parametrize(
    ("state", "words", "buttons"),
    [
        (IndexingState(), "8,310 files\nUp to date, watching", {"rescan"}),
        (IndexingState(Phase.PAUSED, SyncStage.EMBED, 5, 10), "Paused\n5 of 10", {"resume", "stop"}),
        (IndexingState(Phase.STOPPED, SyncStage.EMBED, 5, 10), "8,310 files\nStopped before the end", {"rescan"}),
        (IndexingState(Phase.FAILED), "8,310 files\nCould not be brought up to date", {"rescan"}),
        (IndexingState(Phase.RUNNING, SyncStage.WAIT), "Waiting for another program", {"pause", "stop"}),
        (IndexingState(Phase.RUNNING, SyncStage.SCAN, 31), "Looking for files\n31 files so far", {"pause", "stop"}),
    ],
)
def test_every_state_has_words_and_its_buttons(
    card: IndexingCard, shown: Shown, state: IndexingState, words: str, buttons: set[str]
) -> None:
    shown.indexing(state)
    assert card.text.startswith(words)
    assert set(card.buttons) == buttons


def test_an_unplugged_folder_is_named_and_its_files_stay(card: IndexingCard) -> None:
    assert "“Archive” is not connected. Its 1,204 files stay in the library; connect it to hear them." in card.text


def test_buttons_pause_resume_and_rescan(card: IndexingCard, shown: Shown) -> None:
    shown.library.start()
    assert len(shown.engine.arguments("watch")) == 1
    shown.indexing(RUNNING)
    card.buttons["pause"].click()
    assert shown.library.indexing.phase is Phase.PAUSING
    assert not card.buttons["pause"].isEnabled()


def test_the_failures_are_a_click_away(qtbot: QtBot, card: IndexingCard) -> None:
    with qtbot.waitSignal(card.failures_asked):
        card.failures_button.click()


def test_without_folders_there_is_no_card(card: IndexingCard, shown: Shown) -> None:
    shown.library._take(STATE.__class__("/app/library"))
    assert card.isHidden()
