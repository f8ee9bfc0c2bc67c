"""The main window: lays out the views and says which of them is seen."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QItemSelectionModel, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.models.results import ResultsModel
from gui.records import Trouble
from gui.theme import icon
from gui.views.banner import Banner, Tone
from gui.views.duplicates_view import DuplicatesView
from gui.views.filters import FilterPanel
from gui.views.indexing_card import IndexingCard
from gui.views.inspector import Inspector
from gui.views.map_view import MapView
from gui.views.player_bar import PlayerBar
from gui.views.result_grid import ResultGrid
from gui.views.result_list import ResultList
from gui.views.row_actions import RowActions
from gui.views.search_bar import SearchBar
from gui.views.sidebar import Sidebar
from gui.views.sound_view import SoundView
from gui.views.welcome import Welcome
from gui.windows.controllers import Controllers

NAME = "AudioCLIP Search"


class Page(StrEnum):
    """What the middle of the window shows."""

    WELCOME = "welcome"
    LIST = "list"
    GRID = "grid"
    MAP = "map"
    DUPLICATES = "duplicates"
