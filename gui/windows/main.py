"""The main window: puts the views together, says which of them is seen, and remembers how it was left."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QMainWindow

from gui.backend.curation import KnownTags
from gui.backend.library_state import LibraryState, Phase
from gui.models.results import ResultsModel
from gui.models.selection import ResultsSelection
from gui.player.player import PlayerState
from gui.records import Problem, Row, Trouble
from gui.searching import Found, joined
from gui.tray import Tray
from gui.views.banner import Banner, Tone
from gui.views.dropping import read_mime
from gui.views.duplicates_view import DuplicatesView
from gui.views.filters import FilterPanel
from gui.views.indexing_card import IndexingCard
from gui.views.inspector import Inspector
from gui.views.map_view import MapView
from gui.views.player_bar import PlayerBar
from gui.views.results_pane import ResultsPane, Situation, State
from gui.views.row_actions import RowActions
from gui.views.search_bar import SearchBar
from gui.views.sidebar import Entry, Place, Sidebar
from gui.views.sound_view import SoundView
from gui.views.summary import Page, Summary
from gui.views.toast import Toast
from gui.views.welcome import Welcome
from gui.windows.controllers import Controllers
from gui.windows.dialogs import Dialogs
from gui.windows.layout import Frame, lay_out
from gui.windows.main_menu import build_menus
from gui.windows.menus import MenuBar
from gui.windows.places import sections
from gui.windows.wiring import wire

NAME = "AudioCLIP Search"
_SOUND_VIEW_HEIGHT = 260


class MainWindow(QMainWindow):
    """The window. Its title says what is heard, what is looked for and how much was found.

    Args:
        controllers: All that it works with; they are closed by their owner.
    """

    def __init__(self, controllers: Controllers) -> None:
        super().__init__()
        self.controllers = controllers
        self._chosen: list[str] = []
        self._root = ""
        self._page = Page.LIST
        settings = controllers.settings
        self.results = ResultsModel(self)
        self.selection = ResultsSelection(self.results, self)
        self.search_bar = SearchBar(controllers.search, controllers.pictures)
        self.banner, self.summary = Banner(), Summary()
        self.welcome = Welcome(controllers.library, controllers.models)
        self.pane = ResultsPane(self.results, self.selection, controllers.pictures, settings)
        self.summary.add(self.pane.tools)
        self.map = MapView(controllers.map)
        self.duplicates = DuplicatesView(controllers.duplicates)
        self.card = IndexingCard(controllers.library)
        self.sidebar = Sidebar(self.card)
        self.filters = FilterPanel(controllers.search)
        self.inspector = Inspector(controllers.organising, controllers.pictures)
        self.player_bar = PlayerBar(controllers.listening)
        self.sound_view: SoundView | None = None
        self.row_actions = RowActions(self.selection, controllers.exporting, self)
        self.tray = Tray(controllers.library, self)
        self.dialogs = Dialogs(self, controllers)
        self.frame = self._lay_out()
        self.toast = Toast(self.frame.middle)
        self.menu_bar = MenuBar(self)
        self.setMenuBar(self.menu_bar)
        build_menus(self)
        wire(self)
        self.setAcceptDrops(True)
        self.setMinimumSize(960, 600)
        self.resize(QSize(1280, 800).boundedTo(self.screen().availableSize() - QSize(8, 40)))
        self._restore()
        self.show_page(Page.LIST)
        self.retitle()

    # Opening

    def open_library(self, root: str = "") -> None:
        """Open a library; an empty root is the one last open."""
        self.controllers.library.open(root)

    def come_forward(self, root: str = "") -> None:
        """Another start of the app: come to the front, and open what it was asked for."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        if root:
            self.open_library(root)

    # What is seen

    @property
    def page(self) -> Page:
        """What the middle shows."""
        return self._page

    def show_page(self, page: Page) -> None:
        """Show something else in the middle."""
        self._page = page
        self.frame.pages.setCurrentWidget(self.frame.page_of[page])
        if page is Page.GRID:
            self.pane.show_grid()
        elif page is Page.LIST:
            self.pane.show_list()
        self.summary.mark(page)
        first_run = page is Page.WELCOME
        for widget in (self.search_bar, self.summary, self.player_bar):
            widget.setVisible(not first_run)
        self.sidebar.setVisible(not first_run and self.sidebar_wanted)
        self.frame.panel.setVisible(not first_run and self.panel_wanted)
        if page in (Page.LIST, Page.GRID):
            self.controllers.settings.put("window/page", page)
        self.mark_place()
        self.mark_found()

    def show_results(self) -> None:
        """Turn to the results, as a list or a grid, whichever was seen last."""
        if self.page not in (Page.LIST, Page.GRID):
            grid = self.controllers.settings.text("window/page") == Page.GRID
            self.show_page(Page.GRID if grid else Page.LIST)

    def focus_results(self) -> None:
        """Give the keys to the results, on the first of them if none is current."""
        self.show_results()
        view = self.pane.view
        if self.results.rowCount() and not self.selection.hasSelection():
            self.selection.choose(max(0, view.currentIndex().row()))
        view.setFocus()

    def paste(self) -> None:
        """Search with what is in the clipboard: a picture, a sound, words."""
        self.show_results()
        self.search_bar.take(QApplication.clipboard().mimeData())

    def show_sound_view(self, shown: bool) -> None:
        """Open or close the larger view of a sound below the results."""
        if shown and self.sound_view is None:
            self.sound_view = SoundView(self.controllers.listening)
            self.sound_view.close_requested.connect(lambda: self.show_sound_view(False))
            self.frame.down.addWidget(self.sound_view)
            self.sound_view.setMinimumHeight(_SOUND_VIEW_HEIGHT)
            self.frame.down.setSizes([self.height() - _SOUND_VIEW_HEIGHT, _SOUND_VIEW_HEIGHT])
        if self.sound_view is not None:
            self.sound_view.setVisible(shown)
        self.player_bar.set_sound_view_shown(shown)
        self.menu_bar.commands["sound view"].setChecked(shown)

    def show_sidebar(self, shown: bool) -> None:
        """Show or hide the left side."""
        self.controllers.settings.put("window/sidebar", shown)
        self.sidebar.setVisible(shown and self.page is not Page.WELCOME)

    def show_panel(self, shown: bool) -> None:
        """Show or hide the right side."""
        self.controllers.settings.put("window/panel", shown)
        self.frame.panel.setVisible(shown and self.page is not Page.WELCOME)

    @property
    def sidebar_wanted(self) -> bool:
        """Whether the left side is to be seen."""
        return self.controllers.settings.flag("window/sidebar", True)

    @property
    def panel_wanted(self) -> bool:
        """Whether the right side is to be seen."""
        return self.controllers.settings.flag("window/panel", True)

    # Telling

    def tell_trouble(self, trouble: Trouble) -> None:
        """Show why something could not be done."""
        if trouble.kind is Problem.CANCELLED:
            return
        tone = Tone.WARNING if trouble.kind is Problem.LOCKED else Tone.BAD
        if trouble.kind is Problem.BUG:
            self.banner.tell(str(trouble), tone=tone, action=self.tr("Show the log"), on_action=self._show_log)
        else:
            self.banner.tell(str(trouble), tone=tone)

    def _show_log(self) -> None:
        self.dialogs.show_log()

    def tell_crash(self, report: str) -> None:
        """Something of ours failed; there is a report."""
        self.dialogs.show_crash(Path(report))

    def tell_found(self, found: Found) -> None:
        """Say how many answers there are."""
        self.summary.tell(self._counted(found))
        self.pane.set_situation(self._situation(found))
        self.retitle()
        chosen, self._chosen = self._chosen, []
        if chosen:
            self.selection.choose_paths(chosen)

    def _situation(self, found: Found) -> Situation:
        library, filters = self.controllers.library, self.controllers.search.filters
        if library.closed:
            return self._not_open()
        if found.total and not found.closest:
            return Situation()
        if not found.ask.empty and found.indexed:
            filtered = filters > 0 and not found.ranked
            return Situation(State.FILTERED if filtered else State.NOTHING, self.sought())
        busy = library.state is None or library.indexing.phase is Phase.RUNNING
        return Situation(State.INDEXING if busy else State.EMPTY)

    def _not_open(self) -> Situation:
        text = self.tr("Mend what is wrong, then try again. Nothing is changed meanwhile.")
        return Situation(State.CLOSED, text=text)

    def sought(self) -> str:
        """What the results are answers to, in a few words."""
        last = self.controllers.search.last
        if last is None:
            return ""
        return " + ".join(filter(None, [last.ask.text.strip(), *(chip.label for chip in last.ask.chips)]))

    def _counted(self, found: Found) -> str:
        library = self.controllers.library
        if library.closed or library.state is None:
            return "" if library.closed else self.tr("Opening the library…")
        if not found.indexed:
            return self.tr("Nothing is indexed yet")
        if found.closest:
            return self.tr("Nothing matches; these are the closest")
        if found.nothing or not found.total:
            return self.tr("Nothing matches")
        number = f"{found.total:,}+" if found.more else f"{found.total:,}"
        if found.ask.empty:
            return self.tr("{number} files").format(number=number)
        words = self.tr("1 result") if number == "1" else self.tr("{number} results").format(number=number)
        return f"{words} · {found.seconds:.2f} s"

    def retitle(self) -> None:
        """Say in the title what is heard, what is looked for and how much was found."""
        listening = self.controllers.listening
        parts = []
        if listening.row is not None and listening.state is PlayerState.PLAYING:
            parts.append(f"▶ {listening.row.name}")
        if self.sought():
            parts.append(self.sought())
        if self.summary.text:
            parts.append(self.summary.text.partition(" · ")[0])
        self.setWindowTitle(" — ".join([" · ".join(parts), NAME] if parts else [NAME]))

    def mark_place(self) -> None:
        """Show in the sidebar where one is."""
        place = {Page.MAP: Place.MAP, Page.DUPLICATES: Place.DUPLICATES}.get(self.page, Place.SEARCH)
        search = self.controllers.search
        self.sidebar.mark(place, joined(search.text, search.chips))

    def fill_sidebar(self) -> None:
        """List the places there are."""
        search, state = self.controllers.search, self.controllers.library.state
        files = None if state is None else state.files
        self.sidebar.show_sections(sections(self.controllers.organising.known, files, search.saved, search.recent))
        self.mark_place()

    def on_known_tags(self, known: KnownTags) -> None:
        """Files are called otherwise now."""
        self.controllers.search.know_tags([each.name for each in (*known.tags, *known.suggested)])
        self.fill_sidebar()

    def go_to(self, entry: Entry) -> None:
        """Go to a place of the sidebar."""
        if entry.place is Place.MAP:
            self.show_page(Page.MAP)
        elif entry.place is Place.DUPLICATES:
            self.show_page(Page.DUPLICATES)
        else:
            self.show_results()
            self.controllers.search.load(entry.query)

    # What the library does

    def on_opened(self, state: LibraryState) -> None:
        """Another library is open: show it, or ask for folders."""
        if self._root not in ("", state.root):
            self.controllers.search.clear()
            self.controllers.listening.select(None)
        else:
            self.controllers.search.search()  # what was typed while it was being opened
        self._root = state.root
        self.controllers.models.refresh()
        self.controllers.organising.refresh()
        self.map.reset()
        if not state.folders and not state.indexed:
            self.show_page(Page.WELCOME)
        elif self.page is Page.WELCOME:
            self.show_results()
            self.search_bar.take_focus()

    def on_state(self, state: LibraryState) -> None:
        """Folders or counts are others."""
        self.results.set_roots([state.root, *(folder.path for folder in state.folders)])
        self.fill_sidebar()

    def on_library_trouble(self, trouble: Trouble) -> None:
        """Something is wrong with the library; perhaps it could not be opened."""
        self.tell_trouble(trouble)
        if self.controllers.library.closed:
            self.summary.tell("")
            self.pane.set_situation(self._not_open())

    def on_indexed(self) -> None:
        """There are new files to show."""
        self.controllers.search.refresh()
        self.controllers.organising.refresh()

    def choose_folders(self) -> None:
        """Ask for a folder to add to the library."""
        folder = QFileDialog.getExistingDirectory(self, self.tr("Add a folder to the library"))
        if folder:
            self.add_folders([folder])

    def choose_library(self) -> None:
        """Ask for a folder that has an index, or is to have one, and open it as a library of its own."""
        folder = QFileDialog.getExistingDirectory(self, self.tr("Open a library"))
        if folder:
            self.open_library(folder)

    def add_folders(self, folders: Sequence[str]) -> None:
        """Make folders part of the library, and index them."""
        self.controllers.library.add_folders(folders)
        self.show_results()

    # Events

    def event(self, event: QEvent) -> bool:
        """The space bar presses the button that has the focus, though it is the shortcut for playing, too."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.key() == Qt.Key.Key_Space and not event.modifiers()
            if plain and isinstance(self.focusWidget(), QAbstractButton):
                event.accept()
                return True
        return super().event(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take pictures and sounds as a query, folders as a part of the library."""
        if event.source() is None and event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """See `dragEnterEvent`."""
        event.acceptProposedAction()
        dropped = read_mime(event.mimeData())
        if dropped.folders:
            self.add_folders(dropped.folders)
        for chip in dropped.chips:
            self.controllers.search.add_chip(chip)
        if dropped.chips:
            self.show_results()
        if dropped.refusal:
            self.banner.tell(dropped.refusal, tone=Tone.WARNING)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Into the tray if that is wanted, else for good."""
        self._remember()
        if self.controllers.settings.flag("window/close_to_tray", False) and self.tray.available and self.isVisible():
            event.ignore()
            self.hide()
            return
        super().closeEvent(event)

    def quit(self) -> None:
        """End the app."""
        self._remember()
        QApplication.quit()

    def on_selection(self) -> None:
        """Other rows are selected: show what is known of them."""
        self.inspector.show_rows(self.selection.selected_rows())

    def mark_found(self) -> None:
        """Show on the map, if that is seen, what was found, if something was looked for."""
        if self.page is not Page.MAP:
            return
        search = self.controllers.search
        self.map.highlight(None if search.ask.empty else [row.path for row in self.results.rows()])

    def audition(self, path: str) -> None:
        """Let a file be heard; an empty path is silence."""
        listening = self.controllers.listening
        if path:
            self.controllers.search.with_row(path, listening.hear)
        else:
            listening.pause()

    def show_paths(self, paths: Sequence[str]) -> None:
        """Files were chosen on the map: they are the results, and selected."""
        self._chosen = list(paths)
        self.controllers.search.show_files(paths)

    def many_selected(self) -> list[Row]:
        """The selected rows if they are several; one alone is just what is looked at."""
        return self.selection.selected_rows() if self.selection.count() > 1 else []

    def forget_search(self, entry: Entry) -> None:
        """Take a search out of the sidebar."""
        search = self.controllers.search
        if entry.icon == "recent":
            search.forget_recent(entry.query)
        else:
            search.forget_saved(entry.label)

    def _lay_out(self) -> Frame:
        pages = {
            Page.WELCOME: self.welcome,
            Page.LIST: self.pane,
            Page.GRID: self.pane,
            Page.MAP: self.map,
            Page.DUPLICATES: self.duplicates,
        }
        panels = {self.tr("Details"): self.inspector, self.tr("Filters"): self.filters}
        frame = lay_out(self.sidebar, self.search_bar, self.banner, self.summary, pages, panels, self.player_bar)
        self.setCentralWidget(frame.central)
        return frame

    def _restore(self) -> None:
        settings = self.controllers.settings
        self.restoreGeometry(settings.state("window/geometry"))
        if not self.frame.across.restoreState(settings.state("window/across")):
            self.frame.across.setSizes([232, 744, 304])

    def _remember(self) -> None:
        settings = self.controllers.settings
        settings.put("window/geometry", self.saveGeometry())
        settings.put("window/across", self.frame.across.saveState())
