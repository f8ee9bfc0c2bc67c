"""What the main window's menus offer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction

from gui.controllers.appearance import MODE
from gui.theme import Mode
from gui.windows.menus import Command, Line

if TYPE_CHECKING:
    from gui.windows.main import MainWindow

translate = QCoreApplication.translate


def build_menus(window: MainWindow) -> None:
    """Fill the menu bar."""
    bar = window.menu_bar
    bar.add(translate("MainMenu", "&File"), _file(window))
    bar.add(translate("MainMenu", "&Edit"), _edit(window))
    bar.add(translate("MainMenu", "&View"), _view(window))
    bar.add(translate("MainMenu", "&Library"), _library(window))
    bar.add(translate("MainMenu", "&Sound"), _sound(window))
    bar.add(translate("MainMenu", "&Results"), list(window.row_actions.all()))
    bar.add(translate("MainMenu", "&Help"), _help(window))
    organising = window.controllers.organising
    undo = bar.commands["undo"]
    undo.setEnabled(False)

    def on_history(possible: bool, what: str) -> None:
        undo.setEnabled(possible)
        undo.setText(
            translate("MainMenu", "&Undo {what}").format(what=what)
            if possible and what
            else translate("MainMenu", "&Undo")
        )

    organising.history_changed.connect(on_history)


def _file(window: MainWindow) -> list[Line]:
    search = window.controllers.search
    return [
        Command("folders", translate("MainMenu", "&Add a folder…"), window.choose_folders, "Ctrl+O", "folder-add"),
        Command(
            "library", translate("MainMenu", "Open another &library…"), window.choose_library, "Ctrl+Shift+O", "library"
        ),
        Command("own", translate("MainMenu", "Open my &own library"), window.controllers.library.open_own),
        None,
        Command("save", translate("MainMenu", "&Save this search…"), window.search_bar.ask_name, "Ctrl+S", "bookmark"),
        Command("clear", translate("MainMenu", "&Clear the search"), search.clear),
        None,
        Command(
            "preferences", translate("MainMenu", "&Preferences…"), window.dialogs.show_preferences, "Ctrl+,", "settings"
        ),
        Command("quit", translate("MainMenu", "&Quit"), window.quit, "Ctrl+Q"),
    ]


def _edit(window: MainWindow) -> list[Line]:
    return [
        Command("undo", translate("MainMenu", "&Undo"), window.controllers.organising.undo, "Ctrl+Z", "undo"),
        None,
        Command("find", translate("MainMenu", "&Find"), window.search_bar.take_focus, "Ctrl+F /", "search"),
        Command("paste", translate("MainMenu", "Search with what was &copied"), window.paste, "Ctrl+V", "image"),
        Command("results", translate("MainMenu", "Go to the &results"), window.focus_results, "Ctrl+R"),
    ]


def _view(window: MainWindow) -> list[Line]:
    settings = window.controllers.settings
    looks = [
        Command(f"look {mode}", label, lambda mode=mode: settings.put(MODE, mode))
        for mode, label in (
            (Mode.SYSTEM, translate("MainMenu", "Look like the &system")),
            (Mode.LIGHT, translate("MainMenu", "L&ight")),
            (Mode.DARK, translate("MainMenu", "&Dark")),
        )
    ]
    pages: list[QAction] = list(window.summary.actions_of.values())
    return [
        *pages,
        None,
        Command(
            "sound view",
            translate("MainMenu", "Sound &view"),
            window.show_sound_view,
            "Ctrl+L",
            "spectrum",
            checked=False,
        ),
        Command(
            "sidebar",
            translate("MainMenu", "Side&bar"),
            window.show_sidebar,
            "Ctrl+B",
            "sidebar",
            checked=window.sidebar_wanted,
        ),
        Command(
            "panel",
            translate("MainMenu", "Details and &filters"),
            window.show_panel,
            "Ctrl+I",
            "panel-right",
            checked=window.panel_wanted,
        ),
        None,
        *looks,
    ]


def _library(window: MainWindow) -> list[Line]:
    library = window.controllers.library
    return [
        Command("rescan", translate("MainMenu", "Look for &changes"), library.rescan, "F5", "refresh"),
        Command("pause", translate("MainMenu", "&Pause indexing"), library.pause, symbol="pause"),
        Command("resume", translate("MainMenu", "&Resume indexing"), library.resume, symbol="play"),
        Command(
            "failures", translate("MainMenu", "Files that could not be rea&d…"), library.find_failures, symbol="warning"
        ),
        None,
        Command(
            "tag",
            translate("MainMenu", "&Tag automatically…"),
            lambda: window.dialogs.tag_automatically(window.many_selected()),
            symbol="tag",
        ),
        Command(
            "write",
            translate("MainMenu", "&Write tags into files…"),
            lambda: window.dialogs.write_tags(window.many_selected()),
            symbol="edit",
        ),
    ]


def _sound(window: MainWindow) -> list[Line]:
    listening = window.controllers.listening
    return [
        Command("play", translate("MainMenu", "&Play or pause"), listening.toggle, "Space", "play"),
        Command("stop", translate("MainMenu", "&Stop"), listening.stop, "Shift+Space", "stop"),
        Command(
            "loop", translate("MainMenu", "&Loop"), lambda: listening.set_looping(not listening.looping), "L", "loop"
        ),
        Command("region start", translate("MainMenu", "Part &begins here"), listening.start_region, "["),
        Command("region end", translate("MainMenu", "Part &ends here"), listening.end_region, "]"),
        Command("region", translate("MainMenu", "&Whole sound"), lambda: listening.set_region(None), "\\"),
        None,
        Command("louder", translate("MainMenu", "L&ouder"), listening.louder, "+", "volume"),
        Command("quieter", translate("MainMenu", "&Quieter"), listening.quieter, "-"),
        Command(
            "mute", translate("MainMenu", "&Mute"), lambda: listening.set_muted(not listening.muted), "Ctrl+M", "mute"
        ),
    ]


def _help(window: MainWindow) -> list[Line]:
    dialogs = window.dialogs
    return [
        Command(
            "keys", translate("MainMenu", "&Keys"), lambda: dialogs.show_shortcuts(window.menu_bar), "F1", "keyboard"
        ),
        Command("log", translate("MainMenu", "&Log"), dialogs.show_log, symbol="document"),
        Command("about", translate("MainMenu", "&About"), dialogs.show_about, symbol="info"),
    ]
