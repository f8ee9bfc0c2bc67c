"""Which signal of the main window's parts goes to which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.models.results import ResultsModel
from gui.player.player import PlayerState
from gui.records import Row
from gui.searching import Found
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

    def on_found(found: Found) -> None:
        for view in (window.list, window.grid):
            view.tell(found)

    search.found.connect(on_found)
    for view in (window.list, window.grid):
        view.near_end.connect(search.load_more)
        view.opened.connect(lambda _: window.show_sound_view(True))
        view.play_requested.connect(play)
        view.pause_requested.connect(listening.pause)
        view.customContextMenuRequested.connect(window.row_actions.popup)
    window.list.seek_requested.connect(lambda row, position: _seek(window, row, position))
    window.list.favourite_requested.connect(
        lambda row: organising.set_favourite([row.path], not is_favourite(row.tags))
    )
    window.list.rating_requested.connect(lambda row, stars: organising.rate([row.path], stars))
    window.selection.row_changed.connect(window.select_row)
    window.selection.rows_changed.connect(window.on_selection)
