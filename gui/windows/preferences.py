"""The preferences."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gui.controllers.library import LibraryController
from gui.controllers.models import ModelController
from gui.settings import Settings
from gui.theme import icon
from gui.windows.preference_pages.advanced import AdvancedPage
from gui.windows.preference_pages.appearance import AppearancePage
from gui.windows.preference_pages.folders import FoldersPage
from gui.windows.preference_pages.listening import ListeningPage
from gui.windows.preference_pages.model import ModelPage
from gui.windows.preference_pages.performance import PerformancePage


class Topic(StrEnum):
    """The pages, in their order; the values are icons."""

    FOLDERS = "folder"
    MODEL = "model"
    PERFORMANCE = "speed"
    LISTENING = "volume"
    APPEARANCE = "sun"
    ADVANCED = "settings"


class PreferencesDialog(QDialog):
    """All settings; they count at once.

    Args:
        library: Has the folders.
        models: Has the models.
        settings: What is set.
        devices: Names of the output devices there are.
        parent: The window above which it opens.
    """

    log_asked = Signal()
    """The log is to be shown."""

    cache_clear_asked = Signal()
    """The cache of pictures is to be emptied."""

    def __init__(
        self,
        library: LibraryController,
        models: ModelController,
        settings: Settings,
        devices: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Preferences"))
        self.setMinimumSize(760, 560)
        self.folders = FoldersPage(library, settings)
        self.model = ModelPage(library, models, settings)
        self.performance = PerformancePage(library, settings)
        self.listening = ListeningPage(settings, devices)
        self.appearance = AppearancePage(settings)
        self.advanced = AdvancedPage(library, settings)
        self.advanced.log_asked.connect(self.log_asked)
        self.advanced.was_reset.connect(self.accept)
        self.performance.cache_clear_asked.connect(self.cache_clear_asked)
        self._topics, self._pages = QListWidget(), QStackedWidget()
        self._topics.setObjectName("pages")
        self._topics.setFixedWidth(184)
        self._topics.setIconSize(QSize(18, 18))
        self._topics.setAccessibleName(self.tr("Topics"))
        pages = (self.folders, self.model, self.performance, self.listening, self.appearance, self.advanced)
        for topic, page in zip(Topic, pages, strict=True):
            self._topics.addItem(QListWidgetItem(icon(topic), page.title))
            self._pages.addWidget(_scrolled(page))
        self._topics.currentRowChanged.connect(self._pages.setCurrentIndex)
        self._topics.setCurrentRow(0)
        self._lay_out()

    def show_topic(self, topic: Topic) -> None:
        """Turn to a page."""
        self._topics.setCurrentRow(list(Topic).index(topic))

    @property
    def topic(self) -> Topic:
        """The page that is seen."""
        return list(Topic)[self._topics.currentRow()]

    def _lay_out(self) -> None:
        close = QPushButton(self.tr("Close"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        line = QFrame()
        line.setObjectName("separator")
        last = QHBoxLayout()
        last.setContentsMargins(24, 12, 24, 16)
        last.addStretch()
        last.addWidget(close)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self._pages, 1)
        right.addWidget(line)
        right.addLayout(last)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._topics)
        layout.addLayout(right, 1)


def _scrolled(page: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidget(page)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area
