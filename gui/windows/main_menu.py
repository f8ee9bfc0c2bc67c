"""What the main window's menus offer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAction

from gui.controllers.appearance import MODE
from gui.theme import Mode
from gui.windows.menus import Command, Line

if TYPE_CHECKING:
    from gui.windows.main import MainWindow


def build_menus(window: MainWindow) -> None:
    """Fill the menu bar."""
    bar, tr = window.menu_bar, window.tr
    bar.add(tr("&File"), _file(window))
    bar.add(tr("&Edit"), _edit(window))
    bar.add(tr("&View"), _view(window))
    bar.add(tr("&Library"), _library(window))
    bar.add(tr("&Sound"), _sound(window))
    bar.add(tr("&Results"), list(window.row_actions.all()))
    bar.add(tr("&Help"), _help(window))
    organising = window.controllers.organising
    undo = bar.commands["undo"]
    undo.setEnabled(False)

    def on_history(possible: bool, what: str) -> None:
        undo.setEnabled(possible)
        undo.setText(tr("&Undo {what}").format(what=what) if possible and what else tr("&Undo"))

    organising.history_changed.connect(on_history)


def _file(window: MainWindow) -> list[Line]:
    tr, search = window.tr, window.controllers.search
    return [
        Command("folders", tr("&Add a folder…"), window.choose_folders, "Ctrl+O", "folder-add"),
        Command("library", tr("Open another &library…"), window.choose_library, "Ctrl+Shift+O", "library"),
        Command("own", tr("Open my &own library"), window.controllers.library.open_own),
        None,
        Command("save", tr("&Save this search…"), window.search_bar.ask_name, "Ctrl+S", "bookmark"),
        Command("clear", tr("&Clear the search"), search.clear),
        None,
        Command("preferences", tr("&Preferences…"), window.dialogs.show_preferences, "Ctrl+,", "settings"),
        Command("quit", tr("&Quit"), window.quit, "Ctrl+Q"),
    ]


def _edit(window: MainWindow) -> list[Line]:
    tr = window.tr
    return [
        Command("undo", tr("&Undo"), window.controllers.organising.undo, "Ctrl+Z", "undo"),
        None,
        Command("find", tr("&Find"), window.search_bar.take_focus, "Ctrl+F", "search"),
        Command("results", tr("Go to the &results"), window.focus_results, "Ctrl+R"),
    ]


def _view(window: MainWindow) -> list[Line]:
    tr, settings = window.tr, window.controllers.settings
    looks = [
        Command(f"look {mode}", label, lambda mode=mode: settings.put(MODE, mode))
        for mode, label in (
            (Mode.SYSTEM, tr("Look like the &system")),
            (Mode.LIGHT, tr("L&ight")),
            (Mode.DARK, tr("&Dark")),
        )
    ]
    pages: list[QAction] = list(window.summary.actions_of.values())
    return [
        *pages,
        None,
        Command("sound view", tr("Sound &view"), window.show_sound_view, "Ctrl+L", "spectrum", checked=False),
        Command("sidebar", tr("Side&bar"), window.show_sidebar, "Ctrl+B", "sidebar", checked=True),
        Command(
            "panel", tr("Details and &filters"), window.show_panel, "Ctrl+I", "panel-right", checked=window.panel_wanted
        ),
        None,
        *looks,
    ]


def _library(window: MainWindow) -> list[Line]:
    tr, library = window.tr, window.controllers.library
    return [
        Command("rescan", tr("Look for &changes"), library.rescan, "F5", "refresh"),
        Command("pause", tr("&Pause indexing"), library.pause, symbol="pause"),
        Command("resume", tr("&Resume indexing"), library.resume, symbol="play"),
        Command("failures", tr("Files that could not be rea&d…"), library.find_failures, symbol="warning"),
        None,
        Command(
            "tag",
            tr("&Tag automatically…"),
            lambda: window.dialogs.tag_automatically(window.many_selected()),
            symbol="tag",
        ),
        Command(
            "write",
            tr("&Write tags into files…"),
            lambda: window.dialogs.write_tags(window.many_selected()),
            symbol="edit",
        ),
    ]


def _sound(window: MainWindow) -> list[Line]:
    tr, listening = window.tr, window.controllers.listening
    return [
        Command("play", tr("&Play or pause"), listening.toggle, "Space", "play"),
        Command("stop", tr("&Stop"), listening.stop, "Shift+Space", "stop"),
        Command("loop", tr("&Loop"), lambda: listening.set_looping(not listening.looping), "L", "loop"),
        Command("region start", tr("Part &begins here"), listening.start_region, "["),
        Command("region end", tr("Part &ends here"), listening.end_region, "]"),
        Command("region", tr("&Whole sound"), lambda: listening.set_region(None), "\\"),
        None,
        Command("louder", tr("L&ouder"), listening.louder, "+", "volume"),
        Command("quieter", tr("&Quieter"), listening.quieter, "-"),
        Command("mute", tr("&Mute"), lambda: listening.set_muted(not listening.muted), "Ctrl+M", "mute"),
    ]


def _help(window: MainWindow) -> list[Line]:
    tr, dialogs = window.tr, window.dialogs
    return [
        Command("keys", tr("&Keys"), lambda: dialogs.show_shortcuts(window.menu_bar), "F1", "keyboard"),
        Command("log", tr("&Log"), dialogs.show_log, symbol="document"),
        Command("about", tr("&About"), dialogs.show_about, symbol="info"),
    ]
