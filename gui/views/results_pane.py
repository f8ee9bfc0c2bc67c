"""The results in whichever form, and what there is to say instead of them when there are none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gui import theme
from gui.controllers.pictures import PictureController
from gui.models.results import ResultsModel
from gui.models.selection import ResultsSelection
from gui.settings import Settings
from gui.views.result_grid import LEAST_SIDE, MOST_SIDE, ResultGrid
from gui.views.result_list import ResultList

_WIDEST_TEXT = 420
_ICON = 40


class State(StrEnum):
    """What there is to say of the results."""

    FOUND = "found"
    """There are some, or will be in a moment: nothing."""

    NOTHING = "nothing"
    """Nothing matches. If rows are shown they are the closest."""

    FILTERED = "filtered"
    """Something would match without the filters."""

    INDEXING = "indexing"
    """Nothing yet, but files are still being read."""

    EMPTY = "empty"
    """The library has no files."""

    ERROR = "error"
    """The search failed."""

    CLOSED = "closed"
    """The library could not be opened."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What there is to say, and about what.

    Attributes:
        state: Which kind.
        query: What was asked for.
        text: What went wrong and what to do, if something did.
    """

    state: State = State.FOUND
    query: str = ""
    text: str = ""


class ResultsPane(QWidget):
    """List and grid over one model and one selection, and a page for when they are empty.

    Args:
        model: The results.
        selection: Which of them are selected.
        pictures: For what they look like.
        settings: Remembers columns and sizes.
        parent: The owner.

    Attributes:
        list: The results as a list.
        grid: The results as a grid.
        tools: How many are selected, and the size of the grid's cards; to be put above the results.
    """

    clear_query_requested = Signal()
    clear_filters_requested = Signal()
    add_folder_requested = Signal()
    retry_requested = Signal()
    reopen_requested = Signal()

    def __init__(
        self,
        model: ResultsModel,
        selection: ResultsSelection,
        pictures: PictureController,
        settings: Settings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._model, self._selection = model, selection
        self._situation = Situation()
        self.list = ResultList(model, selection, pictures, settings)
        self.grid = ResultGrid(model, selection, pictures, settings)
        self._views = QStackedWidget()
        self._views.addWidget(self.list)
        self._views.addWidget(self.grid)
        self._empty = _EmptyPage()
        self._pages = QStackedWidget()
        self._pages.addWidget(self._views)
        self._pages.addWidget(self._empty)
        self._note = _Note()
        self.tools = self._tools()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._note)
        layout.addWidget(self._pages, 1)
        self._empty.button.clicked.connect(self._act)
        self._note.button.clicked.connect(self._act)
        for changed in (model.replaced, model.rowsInserted):
            changed.connect(self._refresh)
        selection.rows_changed.connect(self._count_selected)
        self._refresh()

    def show_list(self) -> None:
        """Show the list."""
        self._show(self.list)

    def show_grid(self) -> None:
        """Show the grid."""
        self._show(self.grid)

    @property
    def view(self) -> ResultList | ResultGrid:
        """The one that is shown."""
        return self.grid if self._views.currentWidget() is self.grid else self.list

    def set_situation(self, situation: Situation) -> None:
        """Say why there are no results, or none that match."""
        self._situation = situation
        self._refresh()

    def set_playing(self, path: str, *, sounding: bool, played: float = 0.0) -> None:
        """Say what is in the player, to both views."""
        self.list.set_playing(path, sounding=sounding, played=played)
        self.grid.set_playing(path, sounding=sounding, played=played)

    def _show(self, view: QWidget) -> None:
        had_focus = self.view.hasFocus()
        self._views.setCurrentWidget(view)
        self._slider.setVisible(view is self.grid)
        current = self._selection.currentIndex()
        if current.isValid():
            self.view.scrollTo(current)
        if had_focus:
            view.setFocus()

    def _tools(self) -> QWidget:
        tools = QWidget()
        self._selected = QLabel(tools)
        self._selected.setObjectName("muted")
        self._slider = QSlider(Qt.Orientation.Horizontal, tools)
        self._slider.setAccessibleName(self.tr("Size of the cards"))
        self._slider.setToolTip(self.tr("Size of the cards (Ctrl and the wheel)"))
        self._slider.setRange(LEAST_SIDE, MOST_SIDE)
        self._slider.setSingleStep(16)
        self._slider.setFixedWidth(120)
        self._slider.setValue(self.grid.side)
        self._slider.valueChanged.connect(self.grid.set_side)
        self.grid.side_changed.connect(self._slider.setValue)
        self._slider.hide()
        layout = QHBoxLayout(tools)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.setSpacing(16)
        layout.addWidget(self._selected)
        layout.addWidget(self._slider)
        return tools

    def _count_selected(self) -> None:
        count = self._selection.count()
        self._selected.setText(self.tr("{0} selected").format(f"{count:,}") if count > 1 else "")

    def _refresh(self) -> None:
        situation, some = self._situation, self._model.rowCount() > 0
        said = situation.state is not State.FOUND
        self._pages.setCurrentWidget(self._empty if said and not some else self._views)
        self._note.setVisible(said and some and situation.state is not State.INDEXING)
        if said:
            icon, role, title, text, button = self._words(situation)
            self._empty.say(icon, role, title, text, button)
            closest = self.tr("{0}. These come closest.").format(title)
            self._note.say(closest if situation.state is State.NOTHING else f"{title}. {text}", button)

    def _words(self, situation: Situation) -> tuple[str, str, str, str, str]:
        """Icon, its role, title, text and button."""
        query = situation.query if len(situation.query) < 60 else f"{situation.query[:57]}…"
        if situation.state is State.NOTHING:
            title = self.tr("Nothing in this library matches “{0}”").format(query)
            text = self.tr(
                "Try other or fewer words, describe the sound itself, or drop a sound or a picture that is like it."
            )
            return "search", "muted", title, text, self.tr("Clear the search")
        if situation.state is State.FILTERED:
            title = self.tr("The filters leave nothing")
            text = self.tr("There are results, but none that the filters at the side let through.")
            return "filter", "muted", title, text, self.tr("Clear the filters")
        if situation.state is State.INDEXING:
            text = self.tr("Sounds and pictures appear here as they are read. You can search right away.")
            return "refresh", "accent_text", self.tr("Still reading your folders"), text, ""
        if situation.state is State.EMPTY:
            text = self.tr("Choose folders with sounds and pictures, or drop them on this window.")
            return "folder-add", "accent_text", self.tr("No files yet"), text, self.tr("Add a folder…")
        title = self.tr("The search did not work")
        if situation.state is State.CLOSED:
            title = self.tr("The library could not be opened")
        return "error", "bad", title, situation.text, self.tr("Try again")

    def _act(self) -> None:
        signals = {
            State.NOTHING: self.clear_query_requested,
            State.FILTERED: self.clear_filters_requested,
            State.EMPTY: self.add_folder_requested,
            State.ERROR: self.retry_requested,
            State.CLOSED: self.reopen_requested,
        }
        if self._situation.state in signals:
            signals[self._situation.state].emit()


class _EmptyPage(QWidget):
    """An icon, a title, a sentence and a button in the middle."""

    def __init__(self) -> None:
        super().__init__()
        self._icon, self._title, self._text = QLabel(), QLabel(), QLabel()
        self._title.setObjectName("heading")
        self._text.setObjectName("muted")
        for label in (self._title, self._text):
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setFixedWidth(_WIDEST_TEXT)
        self.button = QPushButton()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 72)
        layout.setSpacing(8)
        layout.addStretch(1)
        for widget, gap in ((self._icon, 8), (self._title, 0), (self._text, 16), (self.button, 0)):
            layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
            layout.addSpacing(gap)
        layout.addStretch(1)

    def say(self, icon: str, role: str, title: str, text: str, button: str) -> None:
        """Show something else; no button if it is empty."""
        self._icon.setPixmap(theme.icon(icon, role).pixmap(QSize(_ICON, _ICON)))
        self._title.setText(title)
        self._text.setText(text)
        for label in (self._title, self._text):
            label.setFixedHeight(label.heightForWidth(_WIDEST_TEXT))
        self.button.setText(button)
        self.button.setVisible(bool(button))


class _Note(QFrame):
    """A line with a button above the results."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("note")
        self._text = QLabel()
        self._text.setWordWrap(True)
        self.button = QPushButton()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 4, 16, 12)
        layout.setSpacing(16)
        layout.addWidget(self._text, 1)
        layout.addWidget(self.button)
        self.hide()

    def say(self, text: str, button: str) -> None:
        """Show something else."""
        self._text.setText(text)
        self.button.setText(button)
        self.button.setVisible(bool(button))
