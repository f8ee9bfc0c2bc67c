"""Which signal of the main window's parts goes to which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from gui.organisation import is_favourite
from gui.player.player import PlayerState
from gui.records import Row
from gui.views.banner import Tone
from gui.views.summary import Page

if TYPE_CHECKING:
    from gui.windows.main import MainWindow


def wire(window: MainWindow) -> None:
    """Connect everything."""
    _library(window)
    _search(window)
    _results(window)
    _listening(window)
    _organising(window)
    _places(window)


def _library(window: MainWindow) -> None:
    library, models = window.controllers.library, window.controllers.models
    library.opened.connect(window.on_opened)
    library.state_changed.connect(lambda _: window.fill_sidebar())
    library.indexed_changed.connect(window.on_indexed)
    library.trouble.connect(window.tell_trouble)
    library.failures_found.connect(window.dialogs.show_failures)
    models.trouble.connect(window.tell_trouble)
    window.card.failures_asked.connect(library.find_failures)
    window.welcome.started.connect(window.show_results)
    window.tray.show_asked.connect(window.come_forward)
    window.tray.quit_asked.connect(window.quit)


def _search(window: MainWindow) -> None:
    search, results = window.controllers.search, window.results
    search.rows_reset.connect(results.reset)
    search.rows_added.connect(results.append)
    search.order_changed.connect(results.set_order)
    search.found.connect(window.tell_found)
    search.query_changed.connect(window.mark_place)
    search.query_changed.connect(window.retitle)
    search.searches_changed.connect(window.fill_sidebar)
    search.trouble.connect(lambda trouble: None if trouble.position is not None else window.tell_trouble(trouble))
    results.sort_requested.connect(search.sort)
    window.search_bar.left_downwards.connect(window.focus_results)
    window.search_bar.record_requested.connect(window.dialogs.record)


def _results(window: MainWindow) -> None:
    search, listening = window.controllers.search, window.controllers.listening
    organising = window.controllers.organising

    def play(row: Row) -> None:
        listening.select(row)
        listening.play()

    for view in (window.list, window.grid):
        view.near_end.connect(search.load_more)
        view.opened.connect(lambda _: window.show_sound_view(True))
        view.play_requested.connect(play)
        view.pause_requested.connect(listening.pause)
        view.customContextMenuRequested.connect(window.row_actions.popup)

    def seek(row: Row, position_s: float) -> None:
        listening.select(row)
        listening.seek(position_s)

    window.list.seek_requested.connect(seek)
    window.list.favourite_requested.connect(
        lambda row: organising.set_favourite([row.path], not is_favourite(row.tags))
    )
    window.list.rating_requested.connect(lambda row, stars: organising.rate([row.path], stars))
    window.selection.row_changed.connect(listening.select)
    window.selection.rows_changed.connect(window.on_selection)


def _listening(window: MainWindow) -> None:
    listening, exporting = window.controllers.listening, window.controllers.exporting

    def show_playing() -> None:
        row = listening.row
        path, sounding = ("", False) if row is None else (row.path, listening.state is PlayerState.PLAYING)
        played = listening.position_s / listening.duration_s if listening.duration_s else 0.0
        for view in (window.list, window.grid):
            view.set_playing(path, sounding=sounding, played=played)

    listening.state_changed.connect(lambda _: show_playing())
    listening.state_changed.connect(lambda _: window.retitle())
    listening.row_changed.connect(lambda _: show_playing())
    listening.position_changed.connect(lambda _: show_playing())
    listening.trouble.connect(window.tell_trouble)
    listening.recorder.trouble.connect(window.tell_trouble)
    window.player_bar.sound_view_requested.connect(window.show_sound_view)
    window.player_bar.drag_started.connect(exporting.drag)
    window.player_bar.export_requested.connect(window.export_region)
    exporting.trouble.connect(window.tell_trouble)


def _organising(window: MainWindow) -> None:
    organising, inspector = window.controllers.organising, window.inspector

    def on_told(sentence: str, undoable: bool) -> None:
        undo = QCoreApplication.translate("MainWindow", "Undo") if undoable else ""
        window.banner.tell(sentence, tone=Tone.GOOD, action=undo, on_action=organising.undo)

    organising.changed.connect(window.results.update_rows)
    organising.known_changed.connect(window.on_known_tags)
    organising.told.connect(on_told)
    organising.trouble.connect(window.tell_trouble)
    inspector.reveal_requested.connect(window.row_actions.reveal)


def _places(window: MainWindow) -> None:
    search = window.controllers.search
    window.sidebar.chosen.connect(window.go_to)
    window.sidebar.removed.connect(window.forget_search)
    window.summary.page_chosen.connect(window.show_page)
    window.controllers.map.trouble.connect(window.tell_trouble)
    window.controllers.duplicates.trouble.connect(window.tell_trouble)
    search.found.connect(lambda _: window.mark_found())
    window.map.hovered.connect(window.audition)
    window.map.activated.connect(window.audition)
    window.map.selected.connect(window.show_paths)
    window.duplicates.current_changed.connect(window.controllers.listening.select)
    window.duplicates.play_requested.connect(lambda _: window.controllers.listening.play())
    window.duplicates.reveal_requested.connect(window.row_actions.reveal)
    window.search_bar.folders_dropped.connect(window.add_folders)
