"""The window's own small parts: sidebar, banner, summary."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from gui import theme
from gui.views.banner import Banner, Tone
from gui.views.sidebar import Entry, Place, Sidebar
from gui.views.summary import Page, Summary

ALL = Entry("All files", "library", count=8_310)
LOVED = Entry("Favourites", "heart", "tag:favourite", count=12)
MAP = Entry("Map", "map", place=Place.MAP)
SAVED = Entry("Short glass", "bookmark", "glass dur:<3", removable=True)


@pytest.fixture
def sidebar(qtbot: QtBot, dark: theme.Tokens) -> Sidebar:
    sidebar = Sidebar(QLabel())
    qtbot.addWidget(sidebar)
    sidebar.show_sections([("Library", [ALL, LOVED, MAP]), ("Collections", []), ("Saved", [SAVED])])
    sidebar.resize(sidebar.width(), 500)
    sidebar.show()
    qtbot.waitExposed(sidebar)
    return sidebar


def test_sections_without_entries_are_left_out(sidebar: Sidebar) -> None:
    QAbstractItemModelTester(sidebar.tree.model(), QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert sidebar.tree.model().rowCount() == 2
    assert sidebar.entries() == [ALL, LOVED, MAP, SAVED]


def test_a_click_or_enter_leads_there(qtbot: QtBot, sidebar: Sidebar) -> None:
    chosen: list[Entry] = []
    sidebar.chosen.connect(chosen.append)
    tree = sidebar.tree
    first = tree.model().index(0, 0)
    loved = tree.model().index(1, 0, first)
    qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=tree.visualRect(loved).center())
    tree.setFocus()
    qtbot.keyClick(tree, Qt.Key.Key_Down)
    qtbot.keyClick(tree, Qt.Key.Key_Return)
    assert chosen == [LOVED, MAP]
    qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=tree.visualRect(first).center())
    assert len(chosen) == 2  # a heading leads nowhere


def test_what_is_on_screen_is_marked(sidebar: Sidebar) -> None:
    sidebar.mark(Place.SEARCH, "glass dur:<3")
    assert sidebar.tree.currentIndex().data() == "Short glass"
    sidebar.mark(Place.MAP, "whatever")
    assert sidebar.tree.currentIndex().data() == "Map"
    sidebar.mark(Place.SEARCH, "something else")
    assert not sidebar.tree.selectionModel().hasSelection()


def test_a_banner_shows_the_newest_message_and_offers_what_to_do(qtbot: QtBot, dark: theme.Tokens) -> None:
    banner = Banner()
    qtbot.addWidget(banner)
    done: list[str] = []
    assert banner.text == ""
    banner.tell("The drive is full.")
    banner.tell("Twelve files tagged.", tone=Tone.GOOD, action="Undo", on_action=lambda: done.append("undone"))
    assert banner.text == "Twelve files tagged."
    button = banner.findChild(QPushButton)
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert done == ["undone"]
    assert banner.text == ""
    banner.tell("The drive is full.")
    qtbot.keyClick(banner, Qt.Key.Key_Escape)
    assert banner.text == ""


def test_the_summary_switches_pages(qtbot: QtBot, dark: theme.Tokens) -> None:
    summary = Summary()
    qtbot.addWidget(summary)
    summary.tell("12 results")
    assert summary.text == "12 results"
    with qtbot.waitSignal(summary.page_chosen) as chosen:
        summary.actions_of[Page.GRID].trigger()
    assert chosen.args == [Page.GRID]
    summary.mark(Page.MAP)
    assert [page for page, action in summary.actions_of.items() if action.isChecked()] == [Page.MAP]
    summary.mark(Page.WELCOME)
    assert not any(action.isChecked() for action in summary.actions_of.values())
