"""Which signal of the main window's parts goes to which."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from gui.controllers.desktop import reveal
from gui.organisation import is_favourite
from gui.player.player import PlayerState
from gui.records import Row
from gui.views.dragging import drag_files, drag_region

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
    library.state_changed.connect(window.on_state)
    library.indexed_changed.connect(window.on_indexed)
    library.trouble.connect(window.on_library_trouble)
    window.controllers.settings.trouble.connect(window.tell_trouble)
    library.failures_found.connect(window.dialogs.show_failures)
    models.trouble.connect(window.tell_trouble)
    window.card.failures_asked.connect(library.find_failures)
    window.welcome.started.connect(window.show_results)
    window.tray.show_asked.connect(window.come_forward)
    window.tray.quit_asked.connect(window.quit)


def _search(window: MainWindow) -> None:
    search, results = window.controllers.search, window.results
    search.rows_reset.connect(lambda rows: results.reset(rows, again=search.quiet))
    search.rows_added.connect(results.append)
    search.order_changed.connect(lambda order: results.set_order(order, again=search.quiet))
    search.found.connect(window.tell_found)
    search.query_changed.connect(window.mark_place)
    search.searches_changed.connect(window.fill_sidebar)
    search.trouble.connect(lambda trouble: None if trouble.position is not None else window.tell_trouble(trouble))
    results.sort_requested.connect(search.sort)
    window.search_bar.left_downwards.connect(window.focus_results)
    window.search_bar.record_requested.connect(window.dialogs.record)


def _results(window: MainWindow) -> None:
    search, listening = window.controllers.search, window.controllers.listening
    organising, actions, pane = window.controllers.organising, window.row_actions, window.pane

    def choose(row: Row | None) -> None:
        if row is not None:  # other results do not end what is heard
            listening.select(row)

    def know_more(row: Row | None) -> None:
        if row is not None and listening.row is not None and row.path == listening.row.path:
            listening.select(row)

    for view in (pane.list, pane.grid):
        view.near_end.connect(search.load_more)
        view.opened.connect(lambda _: window.show_sound_view(True))
        view.play_requested.connect(listening.hear)
        view.pause_requested.connect(listening.pause)
        actions.attach(view)

    def seek(row: Row, position_s: float) -> None:
        listening.select(row)
        listening.seek(position_s)

    pane.list.seek_requested.connect(seek)
    pane.list.favourite_requested.connect(lambda row: organising.set_favourite([row.path], not is_favourite(row.tags)))
    pane.list.rating_requested.connect(lambda row, stars: organising.rate([row.path], stars))
    window.selection.chosen.connect(choose)
    window.selection.row_changed.connect(know_more)
    pane.clear_query_requested.connect(search.clear)
    pane.clear_filters_requested.connect(search.clear_filters)
    pane.add_folder_requested.connect(window.choose_folders)
    pane.retry_requested.connect(search.search)
    pane.reopen_requested.connect(window.controllers.library.rescan)
    actions.play_requested.connect(listening.hear)
    actions.more_like.connect(search.more_like)
    actions.less_like.connect(search.less_like)
    actions.favour_requested.connect(lambda rows, wanted: organising.set_favourite(_paths(rows), wanted))
    actions.rate_requested.connect(lambda rows, stars: organising.rate(_paths(rows), stars))
    actions.tag_requested.connect(window.dialogs.ask_tags)
    actions.collect_requested.connect(window.dialogs.ask_collection)
    actions.failed.connect(window.banner.tell)
    window.selection.rows_changed.connect(window.on_selection)


def _listening(window: MainWindow) -> None:
    listening, exporting = window.controllers.listening, window.controllers.exporting

    def show_playing() -> None:
        row = listening.row
        path, sounding = ("", False) if row is None else (row.path, listening.state is PlayerState.PLAYING)
        played = listening.position_s / listening.duration_s if listening.duration_s else 0.0
        window.pane.set_playing(path, sounding=sounding, played=played)

    listening.state_changed.connect(lambda _: show_playing())
    listening.state_changed.connect(lambda _: window.retitle())
    listening.row_changed.connect(lambda _: show_playing())
    listening.position_changed.connect(lambda _: show_playing())
    listening.trouble.connect(window.tell_trouble)
    window.player_bar.sound_view_requested.connect(window.show_sound_view)
    window.player_bar.export_requested.connect(lambda *_: window.row_actions.export_region.trigger())

    def on_region(region: tuple[float, float] | None) -> None:
        if region is None or listening.row is None:
            exporting.clear_region()
        else:
            exporting.set_region(listening.row.path, *region)

    def drag(row: Row, start_s: float, end_s: float) -> None:
        pictures = window.controllers.pictures
        if not end_s > start_s:
            drag_files(window.player_bar, [row], pictures)
        elif exporting.region_file and drag_region(window.player_bar, row, exporting.region_file, pictures):
            exporting.region_taken()

    def on_exported(files: list[str]) -> None:
        where = files[0] if len(files) == 1 else str(Path(files[0]).parent)
        window.toast.tell(QCoreApplication.translate("Window", "Saved: {where}").format(where=where))

    listening.region_changed.connect(on_region)
    window.player_bar.drag_started.connect(drag)
    exporting.exported.connect(on_exported)
    exporting.trouble.connect(window.tell_trouble)


def _organising(window: MainWindow) -> None:
    organising, inspector = window.controllers.organising, window.inspector

    def on_told(sentence: str, undoable: bool) -> None:
        undo = QCoreApplication.translate("MainWindow", "Undo") if undoable else ""
        window.toast.tell(sentence, action=undo, on_action=organising.undo)

    organising.changed.connect(window.results.update_rows)
    organising.known_changed.connect(window.on_known_tags)
    organising.told.connect(on_told)
    organising.resolved.connect(lambda trouble: window.banner.hide() if window.banner.text == str(trouble) else None)
    organising.trouble.connect(window.tell_trouble)
    inspector.reveal_requested.connect(lambda path: reveal([path]))
    inspector.seek_requested.connect(lambda _, position_s: window.controllers.listening.seek(position_s))


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
    window.controllers.duplicates.trashed.connect(lambda _: window.on_indexed())
    window.duplicates.current_changed.connect(window.controllers.listening.select)
    window.duplicates.play_requested.connect(lambda _: window.controllers.listening.play())
    window.duplicates.reveal_requested.connect(lambda path: reveal([path]))
    window.search_bar.folders_dropped.connect(window.add_folders)


def _paths(rows: list[Row]) -> list[str]:
    return [row.path for row in rows]
