"""Where the main window's views are."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QSplitter, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from gui.views.banner import Banner
from gui.views.summary import Page, Summary

PANEL_WIDTH = 304


@dataclass(slots=True)
class Frame:
    """The window's parts that come and go.

    Attributes:
        central: All of it.
        middle: All that is between the sides.
        pages: What takes turns there.
        panel: The right side.
        across: Sidebar, middle and right side.
        down: The middle above the larger view of a sound.
    """

    central: QWidget
    middle: QWidget
    pages: QStackedWidget
    panel: QTabWidget
    across: QSplitter
    down: QSplitter
    page_of: dict[Page, QWidget]


def lay_out(  # noqa: PLR0917
    sidebar: QWidget,
    search_bar: QWidget,
    banner: Banner,
    summary: Summary,
    pages: dict[Page, QWidget],
    panels: dict[str, QWidget],
    player_bar: QWidget,
) -> Frame:
    """Put the views together; the larger view of a sound is added to `down` when it is first asked for."""
    stack = QStackedWidget()
    for page in pages.values():
        stack.addWidget(page)
    middle = QWidget()
    middle.setObjectName("ground")
    column = QVBoxLayout(middle)
    column.setContentsMargins(16, 12, 16, 0)
    column.setSpacing(8)
    column.addWidget(search_bar)
    column.addWidget(banner)
    column.addWidget(summary)
    down = QSplitter(Qt.Orientation.Vertical)
    down.setChildrenCollapsible(False)
    down.addWidget(stack)
    column.addWidget(down, 1)
    panel = QTabWidget()
    panel.setObjectName("panel")
    panel.setDocumentMode(True)
    panel.tabBar().setDrawBase(False)
    panel.setMinimumWidth(PANEL_WIDTH)
    panel.setMaximumWidth(PANEL_WIDTH + 120)
    for title, widget in panels.items():
        panel.addTab(widget, title)
    across = QSplitter(Qt.Orientation.Horizontal)
    across.setChildrenCollapsible(False)
    across.addWidget(sidebar)
    across.addWidget(middle)
    across.addWidget(panel)
    across.setStretchFactor(1, 1)
    central = QWidget()
    whole = QVBoxLayout(central)
    whole.setContentsMargins(0, 0, 0, 0)
    whole.setSpacing(0)
    whole.addWidget(across, 1)
    line = QFrame()
    line.setObjectName("separator")
    whole.addWidget(line)
    whole.addWidget(player_bar)
    return Frame(central, middle, stack, panel, across, down, pages)
