"""The search box, with a real engine behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QListView, QSlider, QToolButton
from pytestqt.qtbot import QtBot

from audioclip_search import Query, QueryError
from gui import places, theme
from gui.backend.process import trouble_of
from gui.controllers.search import SearchController
from gui.engine import Engine
from gui.searching import Chip, ChipKind
from gui.settings import Settings
from gui.views.naming import NamePopup
from gui.views.popover import Popover
from gui.views.search_bar import SearchBar
from gui.views.search_popup import SuggestionPopup
from gui.views.term_chips import TermChip

PATIENCE_MS = 30_000
LEFT = Qt.MouseButton.LeftButton
PICTURE = Chip(ChipKind.IMAGE, "/pictures/window.png")
SOUND = Chip(ChipKind.AUDIO, "/sounds/a very long name of a sound that breaks.wav", -0.5)


@pytest.fixture(scope="module")
def idle_engine(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine without a library; one for all, because starting costs time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(places.APP_VARIABLE, str(tmp_path_factory.mktemp("app")))
        engine = Engine("bar")
        yield engine
        engine.close()


@pytest.fixture(autouse=True)
def no_leaked_threads() -> None:
    """The engine's thread is there until the last test has ended."""


@pytest.fixture
def search(idle_engine: Engine, tmp_path: Path) -> SearchController:
    return SearchController(idle_engine, Settings(tmp_path / "settings.ini"))


@pytest.fixture
def bar(qtbot: QtBot, search: SearchController, dark: theme.Tokens) -> Iterator[SearchBar]:
    bar = SearchBar(search)
    qtbot.addWidget(bar)
    bar.resize(900, 60)
    bar.show()
    bar.activateWindow()
    bar.take_focus()
    qtbot.waitUntil(bar.edit.hasFocus)
    yield bar
    qtbot.waitUntil(lambda: not bar.sign.turning, timeout=PATIENCE_MS)


def offered(bar: SearchBar) -> list[str]:
    return [line.label for line in bar.popup.model.lines] if bar.popup.isVisible() else []


W = TypeVar("W", Popover, NamePopup)


def opened(of: type[W]) -> W:
    (widget,) = (widget for widget in QApplication.topLevelWidgets() if isinstance(widget, of) and widget.isVisible())
    return widget


def test_what_is_typed_is_the_query_and_return_remembers_it(
    qtbot: QtBot, bar: SearchBar, search: SearchController
) -> None:
    with qtbot.waitSignal(search.found, timeout=PATIENCE_MS) as found:
        qtbot.keyClicks(bar.edit, "glass")
    assert found.args[0].ask.text == search.text == "glass"
    assert search.recent == []
    qtbot.keyClick(bar.edit, Qt.Key.Key_Return)
    assert search.recent == ["glass"]
    assert bar.clear_button.isVisible()
    qtbot.mouseClick(bar.clear_button, LEFT)
    assert (search.text, bar.edit.text(), bar.clear_button.isVisible()) == ("", "", False)


def test_the_box_shows_a_query_that_came_from_elsewhere(bar: SearchBar, search: SearchController) -> None:
    search.load("glass dur:<3 image:/pictures/window.png")
    assert bar.edit.text() == "glass dur:<3"
    assert [chip.chip for chip in bar.chips.widgets] == [PICTURE]
    assert bar.chips.isVisible()


@pytest.mark.parametrize("key", [Qt.Key.Key_Tab, Qt.Key.Key_Return])
def test_a_field_and_its_value_are_completed(
    qtbot: QtBot, bar: SearchBar, search: SearchController, key: Qt.Key
) -> None:
    qtbot.keyClicks(bar.edit, "glass ki")
    assert offered(bar) == ["kind:"]
    qtbot.keyClick(bar.edit, Qt.Key.Key_Down)
    qtbot.keyClick(bar.edit, key)
    assert bar.edit.text() == "glass kind:"
    assert offered(bar) == ["audio", "image", "text"]
    for step in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up):
        qtbot.keyClick(bar.edit, step)
    qtbot.keyClick(bar.edit, key)
    assert bar.edit.text() == search.text == "glass kind:audio "
    assert bar.edit.hasFocus()
    assert offered(bar) == []


def test_a_suggestion_is_clicked(qtbot: QtBot, bar: SearchBar) -> None:
    qtbot.keyClicks(bar.edit, "rat")
    second = offered(bar)[1]
    lines = bar.popup.findChild(QListView)
    assert isinstance(lines, QListView)
    qtbot.mouseClick(lines.viewport(), LEFT, pos=lines.visualRect(lines.model().index(1, 0)).center())
    assert bar.edit.text() == second
    assert bar.edit.hasFocus()


def test_escape_closes_the_suggestions_then_the_keys_go_to_the_results(qtbot: QtBot, bar: SearchBar) -> None:
    left: list[str] = []
    bar.left_downwards.connect(lambda: left.append(bar.edit.text()))
    qtbot.keyClicks(bar.edit, "dur")
    assert offered(bar) == ["dur:"]
    qtbot.keyClick(bar.edit, Qt.Key.Key_Escape)
    assert (offered(bar), left) == ([], [])
    qtbot.keyClick(bar.edit, Qt.Key.Key_Escape)
    qtbot.keyClick(bar.edit, Qt.Key.Key_Down)
    assert left == ["dur", "dur"]


def test_earlier_searches_are_offered_when_nothing_is_written(
    qtbot: QtBot, bar: SearchBar, search: SearchController
) -> None:
    for text in ("rain on a tent", "glass dur:<3"):
        search.load(text)
        search.commit()
    search.save("Short glass")
    search.clear()
    qtbot.keyClick(bar.edit, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert offered(bar) == ["Short glass", "rain on a tent"]
    qtbot.keyClick(bar.edit, Qt.Key.Key_Down)
    qtbot.keyClick(bar.edit, Qt.Key.Key_Return)
    assert search.text == bar.edit.text() == "glass dur:<3"
    search.clear()
    qtbot.mouseClick(bar.edit, LEFT)
    qtbot.waitUntil(lambda: offered(bar) == ["Short glass", "rain on a tent"])
    bar.popup.hide()


def test_a_mistake_is_marked_and_explained_until_the_query_changes(
    qtbot: QtBot, bar: SearchBar, search: SearchController
) -> None:
    with qtbot.waitSignal(search.found, timeout=PATIENCE_MS):  # there is no library that could have read it
        qtbot.keyClicks(bar.edit, "glass dur:<x")
    with pytest.raises(QueryError) as mistake:
        Query.parse(bar.edit.text())
    search.trouble.emit(trouble_of(mistake.value))
    assert not bar.message.isVisible()  # not at once: somebody may be about to write more
    qtbot.waitUntil(bar.message.isVisible, timeout=PATIENCE_MS)
    assert bar.edit.wrong == len("glass dur:<")
    assert bar.message.text().startswith("'x' is not a number")
    assert bar.box.property("wrong") is True
    qtbot.keyClick(bar.edit, Qt.Key.Key_Backspace)
    assert not bar.message.isVisible()
    assert bar.edit.wrong is None
    assert bar.box.property("wrong") is False


def test_chips_are_removed_with_the_keys_and_the_mouse(qtbot: QtBot, bar: SearchBar, search: SearchController) -> None:
    for chip in (PICTURE, SOUND, Chip(ChipKind.LIKE, "/sounds/other.wav")):
        search.add_chip(chip)
    qtbot.keyClicks(bar.edit, "a")
    qtbot.keyClick(bar.edit, Qt.Key.Key_Backspace)  # the letter
    qtbot.keyClick(bar.edit, Qt.Key.Key_Backspace)  # the last chip
    assert search.chips == (PICTURE, SOUND)
    qtbot.keyClick(bar.edit, Qt.Key.Key_Left)
    last = bar.chips.widgets[-1]
    assert last.hasFocus()
    qtbot.keyClick(last, Qt.Key.Key_Left)
    qtbot.keyClick(bar.chips.widgets[0], Qt.Key.Key_Delete)
    assert search.chips == (SOUND,)
    remove = bar.chips.widgets[0].findChild(QToolButton)
    assert isinstance(remove, QToolButton)
    qtbot.mouseClick(remove, LEFT)
    assert search.chips == ()
    assert not bar.chips.isVisible()


def test_a_chip_says_what_it_is_and_how_much_it_counts(bar: SearchBar, search: SearchController) -> None:
    search.add_chip(PICTURE)
    search.add_chip(SOUND)
    picture, sound = bar.chips.widgets
    assert picture.accessibleName() == "Picture window.png, more like this, 1"
    assert sound.accessibleName() == f"Sound {SOUND.label}, less like this, -0.5"
    assert (picture.property("less"), sound.property("less")) == (False, True)
    assert bar.chips.width() < bar.width() / 2  # a long name is shortened


def test_many_chips_leave_room_for_words(bar: SearchBar, search: SearchController) -> None:
    for number in range(12):
        search.add_chip(Chip(ChipKind.AUDIO, f"/sounds/a rather long name {number}.wav"))
    bar.grab()
    assert bar.edit.width() >= 150
    assert bar.chips.horizontalScrollBar().maximum() > 0


def test_how_much_a_chip_counts_is_set_but_never_to_nothing(
    qtbot: QtBot, bar: SearchBar, search: SearchController
) -> None:
    search.add_chip(PICTURE)
    chip = bar.chips.widgets[0]
    qtbot.mouseClick(chip, LEFT)
    slider = opened(Popover).findChild(QSlider)
    assert isinstance(slider, QSlider)
    slider.setValue(slider.maximum())
    assert search.chips[0].weight == 2
    slider.setValue(slider.minimum())
    assert search.chips[0].weight == -1
    assert isinstance(bar.chips.widgets[0], TermChip)
    assert bar.chips.widgets[0].property("less") is True
    weights = []
    for place in range(slider.minimum(), slider.maximum() + 1, 5):
        slider.setValue(place)
        weights.append(search.chips[0].weight)
    assert 0 not in weights
    assert weights == sorted(weights)
    opened(Popover).close()


def test_the_query_is_saved_under_a_name(qtbot: QtBot, bar: SearchBar, search: SearchController) -> None:
    bar.ask_name()  # of nothing
    assert not [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, NamePopup)]
    search.load("glass dur:<3")
    qtbot.mouseClick(bar.save_button, LEFT)
    popup = opened(NamePopup)
    assert popup.edit.text() == "glass dur:<3"
    qtbot.keyClicks(popup.edit, "Short glass")
    qtbot.keyClick(popup.edit, Qt.Key.Key_Return)
    assert search.saved == [("Short glass", "glass dur:<3")]
    assert bar.save_button.toolTip() == "Saved as “Short glass”"
    search.load("glass")
    assert bar.save_button.toolTip() == "Save this search"


@pytest.fixture
def copied(qtbot: QtBot) -> Iterator[Callable[[QMimeData], None]]:
    clipboard = QGuiApplication.clipboard()
    yield clipboard.setMimeData
    clipboard.clear()


def test_files_and_pictures_are_pasted_as_chips_and_text_as_text(
    qtbot: QtBot, bar: SearchBar, search: SearchController, copied: Callable[[QMimeData], None], tmp_path: Path
) -> None:
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.wav"))])
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    picture = QMimeData()
    picture.setImageData(image)
    text = QMimeData()
    text.setText("glass")
    for mime in (files, picture, text):
        copied(mime)
        qtbot.keyClick(bar.edit, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert [chip.kind for chip in search.chips] == [ChipKind.AUDIO, ChipKind.IMAGE]
    assert Path(search.chips[1].path).parent == places.data_dir() / "pasted"
    assert search.text == "glass"


def test_what_is_dropped_is_searched_with_added_or_refused(
    bar: SearchBar, search: SearchController, tmp_path: Path
) -> None:
    folders: list[list[str]] = []
    bar.folders_dropped.connect(folders.append)
    search.load("loud")
    (tmp_path / "more").mkdir()
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile(str(tmp_path / name)) for name in ("more", "a.png", "notes.txt")])
    bar.take(files)
    assert folders == [[str(tmp_path / "more")]]
    assert search.chips == (Chip(ChipKind.IMAGE, str(tmp_path / "a.png")),)
    assert bar.message.text().startswith("notes.txt is neither")
    assert bar.box.property("wrong") is not True  # the query itself is all right
    text = QMimeData()
    text.setText("glass")
    bar.take(text)
    assert search.text == bar.edit.text() == "loud glass"
    assert not bar.message.isVisible()


def test_buttons_have_names_and_ask_for_what_they_say(qtbot: QtBot, bar: SearchBar, tmp_path: Path) -> None:
    buttons = (bar.clear_button, bar.save_button, bar.picture_button, bar.record_button)
    assert all(button.accessibleName() and button.toolTip() for button in buttons)
    with qtbot.waitSignal(bar.record_requested):
        qtbot.mouseClick(bar.record_button, LEFT)
    dialog = bar.choose_picture()
    dialog.fileSelected.emit(str(tmp_path / "a.png"))
    dialog.close()
    assert [chip.chip.label for chip in bar.chips.widgets] == ["a.png"]


def test_the_list_of_suggestions_is_a_proper_model(bar: SearchBar) -> None:
    popup: SuggestionPopup = bar.popup
    QAbstractItemModelTester(popup.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    bar.edit.insert("ra")
    assert popup.model.rowCount() > 0
    bar.edit.clear()
