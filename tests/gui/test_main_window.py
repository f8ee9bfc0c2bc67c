"""The main window over real controllers, engines and a small library: that its parts know of each other."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from networks import TINY
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QWidget

from audioclip_search import Field, Library, config
from audioclip_search.model import AudioCLIP
from audioclip_search.model.weights import save_model
from gui import places, theme
from gui.models.results import Column
from gui.searching import ChipKind
from gui.settings import Settings
from gui.views.summary import Page
from gui.windows.controllers import Controllers
from gui.windows.main import MainWindow
from gui.windows.preferences import PreferencesDialog
from gui.windows.shortcuts import ShortcutsSheet

PATIENCE_S = 20.0
SOUNDS = 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, make_sound: Callable[..., Path]) -> Path:
    folder = tmp_path_factory.mktemp("sounds")
    for number in range(SOUNDS):
        kind = ("glass", "door", "rain")[number % 3]
        make_sound(folder / kind / f"{kind} {number:02}.wav", seed=number, duration_s=0.3 + 0.05 * number)
    return folder


@pytest.fixture(scope="module")
def window(
    qapp: QApplication, tmp_path_factory: pytest.TempPathFactory, folder: Path, make_picture: Callable[..., Path]
) -> Iterator[MainWindow]:
    """One window for all, because engines take seconds to start. It is left as it was found: without a query, in the
    list, nothing selected."""
    make_picture(folder / "window.png", seed=99)
    own = tmp_path_factory.mktemp("app")
    save_model(own / "models" / "audioclip", AudioCLIP(TINY), name="audioclip")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(config.MODELS_VARIABLE, str(own / "models"))
        patch.setenv(places.APP_VARIABLE, str(own))
        with Library(folder, model="audioclip") as library:
            library.sync()
        theme.apply(qapp, theme.Mode.DARK)
        settings = Settings(own / "settings.ini")
        settings.put("listening/autoplay", False)
        controllers = Controllers.start(settings)
        window = MainWindow(controllers)
        try:
            window.resize(1280, 720)
            window.show()
            window.open_library(str(folder))
            until(lambda: window.results.rowCount() == SOUNDS + 1)
            yield window
        finally:
            window.close()
            controllers.close()
            window.deleteLater()
        assert not multiprocessing.active_children()
    ours = [thread.name for thread in threading.enumerate() if thread.name.startswith(("audioclip-search", "engine"))]
    assert not ours


@pytest.fixture(autouse=True)
def own_models_dir() -> None:
    """That of the shared window."""


@pytest.fixture(autouse=True)
def no_leaked_threads() -> None:
    """The shared window's engines have threads; that they end is looked at when it is closed."""


@pytest.fixture(autouse=True)
def as_it_was(window: MainWindow) -> Iterator[None]:
    come_to_front(window)
    yield
    for other in QApplication.topLevelWidgets():
        if other is not window and other.isVisible():
            other.close()
    window.banner.hide()
    window.toast.hide()
    window.show_page(Page.LIST)
    window.show_sound_view(False)
    window.selection.clear()
    window.pane.list.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
    window.controllers.search.clear()
    until(lambda: window.results.rowCount() == SOUNDS + 1)
    window.frame.panel.setCurrentWidget(window.inspector)


def come_to_front(window: MainWindow) -> None:
    """Shortcuts are those of the window in front."""
    window.activateWindow()
    until(window.isActiveWindow)


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "it never was so"
        QTest.qWait(5)


def names(window: MainWindow) -> list[str]:
    return [row.name for row in window.results.rows()]


def search_for(window: MainWindow, text: str, count: int) -> None:
    window.search_bar.take_focus()
    QTest.keyClicks(window.search_bar.edit, text)
    found = window.controllers.search
    until(lambda: found.last is not None and found.last.ask.text == text and found.last.total == count)


def choose(window: MainWindow, line: int) -> str:
    window.selection.choose(line)
    path = window.results.row_at(line).path
    until(lambda: window.inspector.paths == [path])
    return path


def test_from_words_to_a_tag_and_back(window: MainWindow) -> None:
    search_for(window, "folder:glass", 20)
    assert "folder:glass" in window.windowTitle()
    QTest.keyClick(window.search_bar.edit, Qt.Key.Key_Escape)
    assert window.pane.list.hasFocus()
    path = choose(window, 3)
    dialog = window.dialogs.ask_tags(window.selection.selected_rows())
    field = dialog.findChild(QLineEdit)
    assert field is not None
    QTest.keyClicks(field, "shiny")
    QTest.keyClick(field, Qt.Key.Key_Return)
    until(lambda: "shiny" in window.results.row_at(3).tags)
    come_to_front(window)
    until(lambda: any(chip.tag.name == "shiny" for chip in window.inspector.tags.chips))
    until(window.menu_bar.commands["undo"].isEnabled)
    assert window.selection.selected_rows()[0].path == path
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    until(lambda: "shiny" not in window.results.row_at(3).tags)
    until(lambda: not window.inspector.tags.chips)


def test_keys_of_results_rate_and_favour_and_do_not_in_the_box(window: MainWindow) -> None:
    choose(window, 5)
    window.pane.list.setFocus()
    QTest.keyClick(window.pane.list, Qt.Key.Key_4)
    QTest.keyClick(window.pane.list, Qt.Key.Key_F)
    until(lambda: window.results.row_at(5).rating == 4 and "favourite" in window.results.row_at(5).tags)
    until(lambda: [entry.count for entry in window.sidebar.entries()][1] == 1)
    window.search_bar.take_focus()
    QTest.keyClicks(window.search_bar.edit, "0 flm[]+-/ ")
    assert window.search_bar.edit.text() == "0 flm[]+-/ "


def test_what_was_done_to_many_is_told_without_moving_anything(window: MainWindow) -> None:
    paths = [window.results.row_at(line).path for line in range(3)]
    place = window.pane.list.mapTo(window, QPoint())
    window.controllers.organising.add_tags(paths, ["loud"])
    until(window.toast.isVisible)
    assert window.pane.list.mapTo(window, QPoint()) == place
    assert window.frame.middle.rect().contains(window.toast.geometry())
    undo = next(each for each in window.toast.findChildren(QPushButton) if each.text() == "Undo")
    QTest.mouseClick(undo, Qt.MouseButton.LeftButton)
    until(lambda: not window.results.row_at(0).tags)


def test_a_filter_at_the_side_narrows_the_search(window: MainWindow) -> None:
    window.frame.panel.setCurrentWidget(window.filters)
    section = window.filters.sections[Field.FOLDER]
    until(lambda: any(row.value.label == "rain" for row in section.rows))
    row = next(row for row in section.rows if row.value.label == "rain")
    row.setFocus()
    state = window.controllers.listening.state
    QTest.keyClick(row, Qt.Key.Key_Space)  # ticks, though it plays elsewhere
    until(lambda: window.results.rowCount() == 20)
    assert window.controllers.listening.state is state
    assert window.search_bar.edit.text() == "folder:rain"
    until(lambda: window.filters.state.text() == "1 filter")


def test_the_space_bar_presses_the_button_that_has_the_focus(window: MainWindow) -> None:
    pressed: list[str] = []
    window.banner.tell("Something happened.", action="Undo it", on_action=lambda: pressed.append("undo"))
    button = next(each for each in window.banner.findChildren(QPushButton) if each.text() == "Undo it")
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert pressed == ["undo"]


def test_pages_by_keys(window: MainWindow) -> None:
    shown = {Page.LIST: window.pane, Page.GRID: window.pane, Page.MAP: window.map, Page.DUPLICATES: window.duplicates}
    for key, page in ((Qt.Key.Key_2, Page.GRID), (Qt.Key.Key_3, Page.MAP), (Qt.Key.Key_4, Page.DUPLICATES)):
        QTest.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
        assert window.page is page
        assert window.frame.pages.currentWidget() is shown[page]
    QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert window.page is Page.LIST
    assert window.pane.view is window.pane.list


def test_the_sidebar_leads_to_searches_and_says_where_one_is(window: MainWindow) -> None:
    search = window.controllers.search
    search_for(window, "folder:door", 20)
    QTest.keyClick(window.search_bar.edit, Qt.Key.Key_Return)
    search.save("Doors")
    entries = window.sidebar.entries()
    assert [entry.label for entry in entries][:4] == ["All files", "Favourites", "Map", "Duplicates"]
    assert [entry.label for entry in entries if entry.removable] == ["Doors", "folder:door"]
    window.go_to(entries[0])
    until(lambda: window.results.rowCount() == SOUNDS + 1)
    window.go_to(entries[2])
    assert window.page is Page.MAP
    window.go_to(next(entry for entry in entries if entry.label == "Doors"))
    until(lambda: window.results.rowCount() == 20)
    assert window.page is Page.LIST
    assert window.sidebar.tree.currentIndex().data() == "Doors"
    search.more_like(window.results.row_at(0))
    assert window.sidebar.tree.selectionModel().selectedIndexes() == []  # neither “Doors” nor “All files” any more
    for entry in entries:
        if entry.removable:
            window.forget_search(entry)
    assert not any(entry.removable for entry in window.sidebar.entries())


def test_more_like_this_and_a_dropped_picture_are_parts_of_the_query(window: MainWindow, folder: Path) -> None:
    choose(window, 2)
    window.row_actions.more.trigger()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(folder / "window.png"))])
    action, button, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(500, 400), action, mime, button, keys))
    search = window.controllers.search
    assert [chip.kind for chip in search.chips] == [ChipKind.LIKE, ChipKind.IMAGE]
    until(lambda: search.last is not None and search.last.ask == search.ask)
    assert search.last is not None
    assert search.last.ranked


def test_what_was_copied_is_searched_with(window: MainWindow) -> None:
    path = choose(window, 7)
    window.pane.list.setFocus()
    QTest.keyClick(window.pane.list, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == path
    QTest.keyClick(window.pane.list, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert [(chip.kind, chip.path) for chip in window.controllers.search.chips] == [(ChipKind.AUDIO, path)]


def test_copying_in_a_field_copies_its_text(window: MainWindow) -> None:
    choose(window, 1)
    window.search_bar.take_focus()
    QTest.keyClicks(window.search_bar.edit, "words")
    QTest.keyClick(window.search_bar.edit, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(window.search_bar.edit, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == "words"


def test_arrows_select_what_is_heard_and_other_results_do_not_end_it(window: MainWindow) -> None:
    listening = window.controllers.listening
    choose(window, 0)
    window.pane.list.setFocus()
    QTest.keyClick(window.pane.list, Qt.Key.Key_Down)
    path = window.results.row_at(1).path
    assert listening.row is not None
    assert listening.row.path == path
    search_for(window, "folder:rain", 20)
    assert path not in {row.path for row in window.results.rows()}
    assert listening.row.path == path
    assert window.selection.selected_rows() == []


def test_the_same_search_again_leaves_the_list_where_it_is(window: MainWindow) -> None:
    view, search = window.pane.list, window.controllers.search
    view.sortByColumn(Column.DURATION.section, Qt.SortOrder.DescendingOrder)
    until(lambda: names(window)[0] == "rain 59.wav")
    path = choose(window, 0)
    view.verticalScrollBar().setValue(1_000)
    top = window.results.row_at(view.rowAt(0)).path
    orders: list[list[str]] = []
    connection = window.results.replaced.connect(lambda: orders.append(names(window)))
    before = names(window)
    search.refresh()
    until(lambda: len(orders) == 2)
    window.results.disconnect(connection)
    assert orders == [before, before]
    assert window.results.row_at(view.rowAt(0)).path == top
    assert view.verticalScrollBar().value() == 1_000
    assert [row.path for row in window.selection.selected_rows()] == [path]


def test_files_chosen_on_the_map_stay_chosen_when_the_index_changes(window: MainWindow) -> None:
    search = window.controllers.search
    paths = [window.results.row_at(line).path for line in (4, 9, 11)]
    search.search()  # one is under way
    window.show_paths(paths)
    until(lambda: window.results.rowCount() == 3)
    until(lambda: {row.path for row in window.selection.selected_rows()} == set(paths))
    resets: list[object] = []
    search.rows_reset.connect(resets.append)
    search.refresh()
    until(lambda: resets)
    search.rows_reset.disconnect(resets.append)
    assert [row.path for row in window.results.rows()] == paths
    assert {row.path for row in window.selection.selected_rows()} == set(paths)


def test_a_query_that_cannot_be_read_is_told_below_the_box(window: MainWindow) -> None:
    window.search_bar.take_focus()
    QTest.keyClicks(window.search_bar.edit, "rate:loud")
    until(lambda: not window.search_bar.message.isHidden())
    assert "ate" in window.search_bar.message.text()
    assert window.banner.text == ""
    assert window.results.rowCount() == SOUNDS + 1


def test_enter_opens_the_larger_view_and_its_button_closes_it(window: MainWindow) -> None:
    choose(window, 0)
    window.pane.list.setFocus()
    QTest.keyClick(window.pane.list, Qt.Key.Key_Return)
    assert window.sound_view is not None
    assert window.sound_view.isVisible()
    assert window.menu_bar.commands["sound view"].isChecked()
    window.show_sound_view(False)
    assert not window.menu_bar.commands["sound view"].isChecked()


def test_the_context_menu_has_all_actions_on_rows(window: MainWindow) -> None:
    choose(window, 0)
    menu = window.row_actions.menu(window)
    rate = next(action.menu() for action in menu.actions() if action.menu())
    offered = {*menu.actions(), *rate.actions()}
    assert offered >= set(window.row_actions.all())
    menu.deleteLater()


def test_preferences_and_the_sheet_of_keys_open(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    come_to_front(window)
    QTest.keyClick(window, Qt.Key.Key_F1)
    opened = [each for each in QApplication.topLevelWidgets() if each.isVisible()]
    assert any(isinstance(each, PreferencesDialog) for each in opened)
    sheet = next(each for each in opened if isinstance(each, ShortcutsSheet))
    keys = {key for entry in sheet.shown() for key in entry.keys}
    assert keys >= {"F1", "Space", "Ctrl+F", "Ctrl+Z", "Ctrl+1", "M", "F", "T", "Ctrl+C", "L", "["}
    with_keys = {action for action in window.findChildren(QAction) if not action.shortcut().isEmpty()}
    listed = {action for actions in window.menu_bar.menus.values() for action in actions}
    duplicates = set(window.duplicates.findChildren(QAction))
    assert with_keys - duplicates <= listed


def test_no_keys_are_those_of_two_things_at_once(window: MainWindow) -> None:
    def everywhere(action: QAction) -> bool:
        return action.shortcutContext() is Qt.ShortcutContext.WindowShortcut

    actions = [action for actions in window.menu_bar.menus.values() for action in actions]
    for view in (window.pane.list, window.pane.grid, window.duplicates, *window.duplicates.findChildren(QWidget)):
        here = {*view.actions(), *filter(everywhere, actions)}
        keys = Counter(key.toString() for action in here for key in action.shortcuts())
        assert [key for key, count in keys.items() if count > 1] == []


def test_a_line_that_holds_the_keys_gives_them_back(window: MainWindow) -> None:
    """From the results to the box and back by keys alone."""
    choose(window, 0)
    window.pane.list.setFocus()
    QTest.keyClick(window.pane.list, Qt.Key.Key_Slash)
    assert window.search_bar.edit.hasFocus()
    assert window.search_bar.edit.text() == ""
    QTest.keyClick(window.search_bar.edit, Qt.Key.Key_Down)
    assert window.pane.list.hasFocus()
