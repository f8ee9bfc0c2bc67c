"""The search box with real keys, drops and pastes; the engine has no library, so that only the query matters."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QByteArray, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QSlider, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from audioclip_search import Field
from audioclip_search.media import AUDIO_SUFFIXES, IMAGE_SUFFIXES
from gui.controllers.pictures import PictureController
from gui.controllers.search import SearchController
from gui.engine import Engine
from gui.records import Problem, Row, Trouble
from gui.searching import Chip, ChipKind, Facet, FacetValue, Found
from gui.settings import Settings
from gui.views.dropping import chip_kind, read_mime
from gui.views.search_bar import HEIGHT, SearchBar

PATIENCE_MS = 30_000


@pytest.fixture(scope="module")
def idle(qapp: QApplication) -> Iterator[Engine]:
    """An engine without a library; one for all, because starting costs a second."""
    engine = Engine("idle")
    yield engine
    engine.close()


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """The engine that all tests share has a thread."""
    yield
    names = {thread.name for thread in threading.enumerate()}
    assert {name for name in names if name.startswith("audioclip-search")} <= {
        "audioclip-search-idle",
        "audioclip-search-idle-writer",
    }


@pytest.fixture
def search(idle: Engine, tmp_path: Path) -> SearchController:
    return SearchController(idle, Settings(tmp_path / "settings.ini"))


@pytest.fixture
def bar(qtbot: QtBot, search: SearchController, dark: object) -> Iterator[SearchBar]:
    window = QWidget()
    bar = SearchBar(search)
    layout = QVBoxLayout(window)
    layout.addWidget(bar)
    layout.addStretch(1)
    qtbot.addWidget(window)
    window.resize(760, 420)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    bar.take_focus()
    qtbot.waitUntil(bar.edit.hasFocus)
    yield bar
    window.close()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    Image.new("RGB", (40, 30), "red").save(tmp_path / "a window.png")
    return tmp_path / "a window.png"


def chips(*kinds: ChipKind) -> list[Chip]:
    return [Chip(kind, f"/files/{number} {kind}") for number, kind in enumerate(kinds)]


def of_urls(*urls: str) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl(url) for url in urls])
    return mime


def drop(bar: SearchBar, mime: QMimeData) -> bool:
    """Drag something over the box and let it go; returns whether the box wanted it."""
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(QPoint(50, 20), copy, mime, left, Qt.KeyboardModifier.NoModifier)
    enter.ignore()
    QApplication.sendEvent(bar, enter)
    if not enter.isAccepted():
        return False
    assert bar.box.property("drop")
    QApplication.sendEvent(bar, QDropEvent(QPointF(50, 20), copy, mime, left, Qt.KeyboardModifier.NoModifier))
    assert not bar.box.property("drop")
    return True


def test_it_says_what_it_is(bar: SearchBar) -> None:
    assert bar.box.height() == HEIGHT
    assert bar.edit.accessibleName() == "Search"
    for button in bar.findChildren(QToolButton):
        assert button.accessibleName()
        assert button.toolTip()


def test_what_is_typed_is_searched_for_and_return_remembers_it(
    qtbot: QtBot, bar: SearchBar, search: SearchController
) -> None:
    with qtbot.waitSignal(search.found, timeout=PATIENCE_MS) as found:
        qtbot.keyClicks(bar.edit, "glass")
    assert found.args[0].ask.text == "glass"
    assert search.recent == []
    qtbot.keyClick(bar.edit, Qt.Key.Key_Return)
    assert search.recent == ["glass"]
    assert bar.clear_button.isVisible()
    qtbot.mouseClick(bar.clear_button, Qt.MouseButton.LeftButton)
    assert (search.text, bar.edit.text()) == ("", "")
    assert not bar.clear_button.isVisible()


def test_text_that_comes_from_elsewhere_can_be_undone(bar: SearchBar, search: SearchController) -> None:
    bar.edit.insert("glass")
    search.set_text("glass dur:<3")
    assert bar.edit.text() == "glass dur:<3"
    bar.edit.undo()
    assert bar.edit.text() == "glass"
    assert search.text == "glass"


def test_chips_are_reached_weighed_and_removed_by_keys(qtbot: QtBot, bar: SearchBar, search: SearchController) -> None:
    for chip in chips(ChipKind.IMAGE, ChipKind.AUDIO, ChipKind.LIKE):
        search.add_chip(chip)
    assert [widget.chip for widget in bar.chips.widgets] == list(search.chips)
    qtbot.keyClick(bar.edit, Qt.Key.Key_Left)
    third = bar.chips.widgets[2]
    assert third.hasFocus()
    qtbot.keyClick(third, Qt.Key.Key_Left)
    second = bar.chips.widgets[1]
    assert second.hasFocus()
    popover = second.open_weight()
    popover.chosen.emit(0.0)
    assert search.chips[1].weight == 0.05  # nothing is no weight
    popover.chosen.emit(-0.5)
    popover.close()
    assert search.chips[1].weight == -0.5
    assert "less like this" in second.accessibleName()
    qtbot.keyClick(second, Qt.Key.Key_Delete)
    assert [chip.kind for chip in search.chips] == [ChipKind.IMAGE, ChipKind.LIKE]
    assert bar.chips.widgets[1].hasFocus()
    qtbot.keyClick(bar.chips.widgets[1], Qt.Key.Key_Right)
    assert bar.edit.hasFocus()
    qtbot.keyClick(bar.edit, Qt.Key.Key_Backspace)
    qtbot.keyClick(bar.edit, Qt.Key.Key_Backspace)
    qtbot.keyClick(bar.edit, Qt.Key.Key_Backspace)
    assert search.chips == ()
    assert bar.chips.isHidden()


def test_many_chips_leave_room_for_words(qtbot: QtBot, bar: SearchBar, search: SearchController) -> None:
    for number in range(12):
        search.add_chip(Chip(ChipKind.AUDIO, f"/files/a rather long name {number}.wav"))
    qtbot.waitUntil(lambda: bar.chips.horizontalScrollBar().maximum() > 0)
    assert bar.edit.width() >= 150


def test_the_slider_gives_each_weight_but_none(qtbot: QtBot, bar: SearchBar, search: SearchController) -> None:
    search.add_chip(Chip(ChipKind.IMAGE, "/files/a.png"))
    popover = bar.chips.widgets[0].open_weight()
    slider = popover.findChild(QSlider)
    assert isinstance(slider, QSlider)
    weights = []
    for place in range(slider.minimum(), slider.maximum() + 1, 10):
        slider.setValue(place)
        weights.append(search.chips[0].weight)
    popover.close()
    assert (weights[0], weights[-1]) == (-1, 2)
    assert 0 not in weights
    assert weights == sorted(weights)


def test_backspace_in_words_leaves_the_chips(qtbot: QtBot, bar: SearchBar, search: SearchController) -> None:
    search.add_chip(chips(ChipKind.IMAGE)[0])
    qtbot.keyClicks(bar.edit, "ab")
    qtbot.keyClick(bar.edit, Qt.Key.Key_Backspace)
    bar.edit.selectAll()
    qtbot.keyClick(bar.edit, Qt.Key.Key_Backspace)
    assert bar.edit.text() == ""
    assert len(search.chips) == 1


def test_a_chip_is_removed_by_its_button(qtbot: QtBot, bar: SearchBar, search: SearchController) -> None:
    search.add_chip(chips(ChipKind.AUDIO)[0])
    (button,) = bar.chips.widgets[0].findChildren(QToolButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert search.chips == ()


def test_more_and_less_like_a_result(bar: SearchBar, search: SearchController) -> None:
    row = Row("/sounds/door.wav", modality="audio")  # type: ignore[arg-type]
    search.more_like(row)
    assert [(widget.chip.kind, widget.chip.weight) for widget in bar.chips.widgets] == [(ChipKind.LIKE, 1.0)]
    search.less_like(row)
    assert [widget.chip.weight for widget in bar.chips.widgets] == [-0.5]


def test_chips_show_their_pictures(qtbot: QtBot, search: SearchController, idle: Engine, picture: Path) -> None:
    pictures = PictureController(idle, Settings(picture.parent / "pictures.ini"))
    bar = SearchBar(search, pictures)
    qtbot.addWidget(bar)
    search.add_chip(Chip(ChipKind.IMAGE, str(picture)))
    (chip,) = bar.chips.widgets
    corner = QPoint(2, 2)  # an icon has nothing there
    qtbot.waitUntil(lambda: chip._picture.pixmap().toImage().pixelColor(corner).red() > 240, timeout=PATIENCE_MS)
    pictures.close()


def test_pictures_sounds_and_text_are_dropped(
    bar: SearchBar, search: SearchController, picture: Path, tmp_path: Path
) -> None:
    sound = tmp_path / "a sound.flac"
    assert drop(bar, of_urls(QUrl.fromLocalFile(str(picture)).toString(), QUrl.fromLocalFile(str(sound)).toString()))
    assert search.chips == (Chip(ChipKind.IMAGE, str(picture)), Chip(ChipKind.AUDIO, str(sound)))
    text = QMimeData()
    text.setText("glass \n breaking")
    assert drop(bar, text)
    assert bar.edit.text() == "glass breaking"
    assert bar.message.isHidden()
    unknown = QMimeData()
    unknown.setData("application/x-something", QByteArray(b"x"))
    assert not drop(bar, unknown)


def test_folders_are_handed_on(qtbot: QtBot, bar: SearchBar, tmp_path: Path) -> None:
    with qtbot.waitSignal(bar.folders_dropped) as dropped:
        drop(bar, of_urls(QUrl.fromLocalFile(str(tmp_path)).toString()))
    assert dropped.args == [[str(tmp_path)]]


@pytest.mark.parametrize(
    ("urls", "said"),
    [
        (["https://example.com/door.png"], "Only files on this computer"),
        (["file:///sets/song.als"], "song.als is neither a picture nor a sound"),
        ([f"file:///sounds/{number}.wav" for number in range(20)], "takes 8 files"),
    ],
)
def test_what_can_not_be_searched_with_is_refused_in_words(
    bar: SearchBar, search: SearchController, urls: list[str], said: str
) -> None:
    drop(bar, of_urls(*urls))
    assert said in bar.message.text()
    assert bar.message.isVisible()
    assert len(search.chips) <= 8
    search.set_text("other")
    assert bar.message.isHidden()


def test_a_picture_is_pasted_and_kept_once(
    qtbot: QtBot, bar: SearchBar, search: SearchController, own_places: Path
) -> None:
    image = QImage(3_000, 20, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.blue)
    for _ in range(2):
        QGuiApplication.clipboard().setImage(image)
        qtbot.keyClick(bar.edit, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    (file,) = (own_places / "data" / "pasted").iterdir()
    assert [chip.path for chip in search.chips] == [str(file)]
    assert QImage(str(file)).width() == 1_024
    QGuiApplication.clipboard().setText("words")
    qtbot.keyClick(bar.edit, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert bar.edit.text() == "words"


def test_a_picture_that_can_not_be_kept_says_so(own_places: Path) -> None:
    own_places.write_text("in the way")
    image = QImage(4, 4, QImage.Format.Format_RGB32)
    mime = QMimeData()
    mime.setImageData(image)
    assert "can't be kept" in read_mime(mime).refusal


def test_all_that_the_library_reads_can_be_dropped() -> None:
    assert {suffix: chip_kind(f"/x/a{suffix}") for suffix in IMAGE_SUFFIXES} == dict.fromkeys(
        IMAGE_SUFFIXES, ChipKind.IMAGE
    )
    assert {suffix: chip_kind(f"/x/a{suffix}") for suffix in AUDIO_SUFFIXES} == dict.fromkeys(
        AUDIO_SUFFIXES, ChipKind.AUDIO
    )


def test_a_picture_is_chosen_in_a_dialog(bar: SearchBar, search: SearchController, picture: Path) -> None:
    dialog = bar.choose_picture()
    dialog.fileSelected.emit(str(picture))
    dialog.close()
    assert search.chips == (Chip(ChipKind.IMAGE, str(picture)),)


def test_recording_is_asked_for(qtbot: QtBot, bar: SearchBar) -> None:
    with qtbot.waitSignal(bar.record_requested):
        qtbot.mouseClick(bar.record_button, Qt.MouseButton.LeftButton)


def test_a_mistake_is_marked_where_it_is_and_goes_when_it_is_mended(
    qtbot: QtBot, bar: SearchBar, search: SearchController
) -> None:
    wrong = Trouble(Problem.EXPECTED, "there is no field 'ratin'", remedy="Did you mean rating", position=6)
    with qtbot.waitSignal(search.found, timeout=PATIENCE_MS):
        qtbot.keyClicks(bar.edit, "glass ratin:4")  # without a library nobody reads it
    search.trouble.emit(wrong)
    qtbot.waitUntil(bar.message.isVisible)
    assert bar.message.text() == "There is no field 'ratin'. Did you mean rating."
    assert bar.edit.wrong == 6
    assert bar.box.property("wrong")
    qtbot.keyClick(bar.edit, Qt.Key.Key_Backspace)
    assert bar.edit.wrong is None
    assert not bar.box.property("wrong")
    assert bar.message.isHidden()
    search.trouble.emit(wrong)
    search.found.emit(Found(search.ask))
    qtbot.wait(500)
    assert bar.message.isHidden()


class TestSuggestions:
    @pytest.fixture(autouse=True)
    def known(self, search: SearchController) -> None:
        search.know_tags(["wood", "wooden door", "metal"])
        extensions = tuple(FacetValue(one.upper(), f"ext:{one}", 3) for one in ("wav", "flac"))
        search._values = {Field.EXTENSION: Facet(Field.EXTENSION, extensions).said}

    @staticmethod
    def lines(bar: SearchBar) -> list[str]:
        return [line.label for line in bar.popup.model.lines] if bar.popup.isVisible() else []

    def test_fields_and_values_are_completed(self, qtbot: QtBot, bar: SearchBar) -> None:
        qtbot.keyClicks(bar.edit, "glass t")
        assert self.lines(bar) == []  # one letter is too little
        qtbot.keyClicks(bar.edit, "a")
        assert self.lines(bar) == ["tag:"]
        qtbot.keyClick(bar.edit, Qt.Key.Key_Tab)
        assert bar.edit.text() == "glass tag:"
        assert self.lines(bar) == ["wood", '"wooden door"', "metal"]
        qtbot.keyClicks(bar.edit, "wo")
        qtbot.keyClick(bar.edit, Qt.Key.Key_Down)
        qtbot.keyClick(bar.edit, Qt.Key.Key_Down)
        qtbot.keyClick(bar.edit, Qt.Key.Key_Return)
        assert bar.edit.text() == 'glass tag:"wooden door" '
        assert self.lines(bar) == []
        assert bar.edit.hasFocus()

    def test_return_searches_unless_a_line_is_chosen(
        self, qtbot: QtBot, bar: SearchBar, search: SearchController
    ) -> None:
        qtbot.keyClicks(bar.edit, "ext:w")
        assert self.lines(bar) == ["wav"]
        qtbot.keyClick(bar.edit, Qt.Key.Key_Return)
        assert self.lines(bar) == []
        assert search.recent == ["ext:w"]

    def test_what_is_half_written_is_not_called_wrong(
        self, qtbot: QtBot, bar: SearchBar, search: SearchController
    ) -> None:
        with qtbot.waitSignal(search.found, timeout=PATIENCE_MS):
            qtbot.keyClicks(bar.edit, "ext:")
        search.trouble.emit(Trouble(Problem.EXPECTED, "ext: has no value", position=4))
        qtbot.wait(500)
        assert bar.message.isHidden()
        qtbot.keyClick(bar.edit, Qt.Key.Key_Escape)
        qtbot.waitUntil(bar.message.isVisible)

    def test_escape_closes_and_then_leaves(self, qtbot: QtBot, bar: SearchBar) -> None:
        qtbot.keyClicks(bar.edit, "ext:")
        with qtbot.assertNotEmitted(bar.left_downwards):
            qtbot.keyClick(bar.edit, Qt.Key.Key_Escape)
        assert self.lines(bar) == []
        with qtbot.waitSignal(bar.left_downwards):
            qtbot.keyClick(bar.edit, Qt.Key.Key_Escape)
        with qtbot.waitSignal(bar.left_downwards):
            qtbot.keyClick(bar.edit, Qt.Key.Key_Down)

    def test_it_closes_when_the_keys_go_elsewhere(self, qtbot: QtBot, bar: SearchBar) -> None:
        qtbot.keyClicks(bar.edit, "ext:")
        bar.picture_button.setFocus()
        assert self.lines(bar) == []

    def test_earlier_searches_are_offered(self, qtbot: QtBot, bar: SearchBar, search: SearchController) -> None:
        for text in ("rain on a roof", "glass dur:<3"):
            search.load(text)
            search.remember()
        search.save("Short glass")
        search.clear()
        qtbot.keyClick(bar.edit, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
        assert self.lines(bar) == ["Short glass", "rain on a roof"]
        bar.popup.hide()
        qtbot.keyClicks(bar.edit, "ra")
        assert self.lines(bar) == ["rating:", "rate:", "rain on a roof"]
        bar.popup.move_by(-1)
        qtbot.keyClick(bar.edit, Qt.Key.Key_Return)
        assert search.text == bar.edit.text() == "rain on a roof"

    def test_a_click_chooses(self, qtbot: QtBot, bar: SearchBar) -> None:
        qtbot.keyClicks(bar.edit, "ext:")
        view = bar.popup._list
        second = view.visualRect(bar.popup.model.index(1, 0)).center()
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=second)
        assert bar.edit.text() == "ext:flac "

    def test_the_model_is_one(self, bar: SearchBar, search: SearchController, qtmodeltester: object) -> None:
        bar._on_edited("ext:")
        qtmodeltester.check(bar.popup.model)  # type: ignore[attr-defined]


def test_a_search_is_saved_under_a_name(qtbot: QtBot, bar: SearchBar, search: SearchController) -> None:
    assert not bar.save_button.isVisible()
    qtbot.keyClicks(bar.edit, "glass")
    qtbot.mouseClick(bar.save_button, Qt.MouseButton.LeftButton)
    saver = bar._saver
    assert saver is not None
    assert saver.edit.selectedText() == "glass"
    saver.edit.setText("  Broken  glass ")
    qtbot.keyClick(saver.edit, Qt.Key.Key_Return)
    assert search.saved == [("Broken glass", "glass")]
    assert "Broken glass" in bar.save_button.toolTip()
    search.forget_saved("Broken glass")
    assert bar.save_button.toolTip() == "Save this search"


def test_a_search_that_takes_long_is_seen(qtbot: QtBot, bar: SearchBar) -> None:
    bar.sign.set_busy(True)
    assert not bar.sign.turning
    qtbot.waitUntil(lambda: bar.sign.turning, timeout=2_000)
    bar.sign.set_busy(False)
    assert not bar.sign.turning


def test_the_language_has_colours(bar: SearchBar) -> None:
    bar.edit.setText('glass -music dur:<3 "exact phrase" (heavy door)^2')
    parts = {bar.edit.text()[start:end] for start, end, _ in bar.edit._formats()}
    assert {"-music", "dur:", "<3", '"exact phrase"', "^2"} <= parts
    assert "glass" not in parts
