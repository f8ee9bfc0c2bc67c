"""The windows that the main one opens, each made when it is first needed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDialog, QWidget

from gui import places
from gui.backend.library_state import FailedFile
from gui.controllers.desktop import reveal
from gui.records import Row
from gui.searching import Chip, ChipKind
from gui.views.record_dialog import RecordDialog
from gui.views.tag_dialogs import AutoTagDialog, NameDialog, WriteTagsDialog
from gui.windows.about import AboutDialog
from gui.windows.controllers import Controllers
from gui.windows.crash_dialog import CrashDialog
from gui.windows.failures import FailuresDialog
from gui.windows.log_viewer import LogViewer
from gui.windows.menus import MenuBar
from gui.windows.preferences import PreferencesDialog
from gui.windows.shortcuts import ShortcutsSheet


class Dialogs:
    """Opens the other windows. None of them stops the main one from being used.

    Args:
        parent: Above which they open.
        controllers: What they work with.
    """

    def __init__(self, parent: QWidget, controllers: Controllers) -> None:
        self._parent, self._controllers = parent, controllers
        self._log: LogViewer | None = None
        self._failures: FailuresDialog | None = None

    def show_preferences(self) -> PreferencesDialog:
        """The preferences."""
        listening = self._controllers.listening
        names = [device.name for device in listening.devices]
        dialog = PreferencesDialog(
            self._controllers.library, self._controllers.models, self._controllers.settings, names, self._parent
        )
        dialog.log_asked.connect(self.show_log)
        dialog.cache_clear_asked.connect(self._controllers.pictures.clear)
        self._open(dialog)
        return dialog

    def show_shortcuts(self, menu_bar: MenuBar) -> ShortcutsSheet:
        """All keys."""
        sheet = ShortcutsSheet(menu_bar.menus, self._parent)
        self._open(sheet)
        return sheet

    def show_log(self) -> LogViewer:
        """What the app has noted."""
        if self._log is None:
            self._log = LogViewer(places.log_dir(), self._parent)
        self._log.show()
        self._log.raise_()
        return self._log

    def show_failures(self, failed: Sequence[FailedFile]) -> FailuresDialog:
        """Files that could not be read, and why."""
        if self._failures is None:
            self._failures = FailuresDialog(self._parent)
            self._failures.reveal_asked.connect(lambda path: reveal([path]))
        self._failures.show_files(failed)
        self._failures.show()
        self._failures.raise_()
        return self._failures

    def ask_tags(self, rows: Sequence[Row]) -> NameDialog:
        """Ask for tags to give files."""
        organising, paths = self._controllers.organising, [row.path for row in rows]
        known = [each.name for each in (*organising.known.tags, *organising.known.suggested)]
        dialog = NameDialog(
            QCoreApplication.translate("Window", "Add tags"),
            QCoreApplication.translate("Window", "Tags, with commas between"),
            known,
            len(rows),
            self._parent,
        )
        dialog.chosen.connect(lambda names: organising.add_tags(paths, names))
        self._open(dialog)
        return dialog

    def ask_collection(self, rows: Sequence[Row]) -> NameDialog:
        """Ask for a collection to put files into."""
        organising, paths = self._controllers.organising, [row.path for row in rows]
        dialog = NameDialog(
            QCoreApplication.translate("Window", "Add to a collection"),
            QCoreApplication.translate("Window", "The collection's name"),
            organising.collections,
            len(rows),
            self._parent,
        )

        def put(names: list[str]) -> None:
            for name in names:
                organising.add_to_collection(paths, name)

        dialog.chosen.connect(put)
        self._open(dialog)
        return dialog

    def tag_automatically(self, rows: Sequence[Row]) -> AutoTagDialog:
        """Have a model suggest tags: for these files, or for all if there are none."""
        dialog = AutoTagDialog(self._controllers.organising, [row.path for row in rows], self._parent)
        self._open(dialog)
        return dialog

    def write_tags(self, rows: Sequence[Row]) -> WriteTagsDialog:
        """Write tags into files: these, or all that have some if there are none."""
        paths = [row.path for row in rows] or None
        dialog = WriteTagsDialog(self._controllers.organising, paths, self._parent)
        self._open(dialog)
        return dialog

    def show_about(self) -> None:
        """What this is."""
        self._open(AboutDialog(self._parent))

    def show_crash(self, report: Path) -> None:
        """Something of ours failed."""
        self._open(CrashDialog(report, self._parent))

    def record(self) -> RecordDialog:
        """Record a sound and search for what is like it."""
        dialog = RecordDialog(self._controllers.listening.recorder, self._parent)
        search = self._controllers.search
        dialog.recorded.connect(lambda path: search.add_chip(Chip(ChipKind.AUDIO, str(path))))
        self._open(dialog)
        return dialog

    def _open(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()
