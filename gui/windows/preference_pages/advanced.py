"""Where things are, and how to start over."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMessageBox, QPushButton, QSizePolicy, QWidget

from gui import places
from gui.controllers.library import LibraryController
from gui.settings import Settings
from gui.theme import icon
from gui.views.elided import ElidedLabel
from gui.windows.preference_pages.page import Page


class AdvancedPage(Page):
    """Folders of the app's own, the log, another library, and the settings as they were at first."""

    log_asked = Signal()
    """The log is to be shown."""

    was_reset = Signal()
    """All settings are as at first; what the pages show is not."""

    def __init__(self, library: LibraryController, settings: Settings) -> None:
        super().__init__(self.tr("Advanced"), settings)
        self._library = library
        for words, folder in (
            (self.tr("Data"), places.data_dir()),
            (self.tr("Cache"), places.cache_dir()),
            (self.tr("Logs and crash reports"), places.log_dir()),
        ):
            self.add_field(words, self._folder(words, folder))
        self.log = QPushButton(icon("document"), self.tr("Show the log"))
        self.log.clicked.connect(self.log_asked)
        self.add_field(self.tr("What happened"), self.log)
        self.other = QPushButton(icon("library"), self.tr("Open another library…"))
        self.other.setToolTip(self.tr("A folder with an index of its own, as the command line program makes it."))
        self.other.clicked.connect(self._on_other)
        self.own = QPushButton(self.tr("Back to my library"))
        self.own.clicked.connect(library.open_own)
        both = QWidget()
        beside = QHBoxLayout(both)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(8)
        beside.addWidget(self.other)
        beside.addWidget(self.own)
        self.add_field(self.tr("Library"), both)
        self.reset = QPushButton(self.tr("Reset all settings…"))
        self.reset.setObjectName("danger")
        self.reset.clicked.connect(self._ask_reset)
        self.add_field(
            self.tr("Start over"), self.reset, self.tr("Files, tags, ratings and the index stay as they are.")
        )
        self.column.addStretch()
        library.opened.connect(self._show)
        self._show()

    def reset_settings(self) -> None:
        """Forget all settings, without asking."""
        self.settings.clear()
        self.was_reset.emit()

    def _show(self) -> None:
        self.own.setVisible(bool(self.settings.text("library/root")))

    def _folder(self, words: str, folder: Path) -> QWidget:
        row, path, button = QWidget(), ElidedLabel(Qt.TextElideMode.ElideMiddle), QPushButton(self.tr("Open"))
        path.setText(str(folder))
        path.setObjectName("muted")
        path.setFixedWidth(280)
        path.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        button.setAccessibleName(self.tr("Open the folder: {what}").format(what=words))
        button.clicked.connect(lambda: open_folder(folder))
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(path)
        layout.addWidget(button)
        return row

    def _on_other(self) -> None:
        dialog = QFileDialog(self, self.tr("Open a library"), str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda chosen: self._library.open(chosen[0]))
        dialog.open()

    def _ask_reset(self) -> None:
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(self.tr("Reset all settings"))
        box.setText(self.tr("Set everything back to how it was at first?"))
        box.setInformativeText(self.tr("Files, tags, ratings and the index stay as they are."))
        reset = box.addButton(self.tr("Reset"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        reset.clicked.connect(self.reset_settings)
        box.open()


def open_folder(folder: Path) -> None:
    """Show a folder of the app's own in the file manager; it is made if it is not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
