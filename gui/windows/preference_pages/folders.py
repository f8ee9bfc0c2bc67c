"""Where the library's files are, and which of them belong to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
)

from gui import wording
from gui.backend.library_state import FolderState
from gui.controllers.library import LibraryController
from gui.settings import Settings
from gui.theme import icon
from gui.windows.preference_pages.page import Page


class FoldersPage(Page):
    """Lists the folders; adds, moves and removes them; says what is left out."""

    def __init__(self, library: LibraryController, settings: Settings) -> None:
        super().__init__(self.tr("Folders"), settings)
        self._library = library
        self._list = QListWidget()
        self._list.setObjectName("framed")
        self._list.setIconSize(QSize(18, 18))
        self._list.setAccessibleName(self.tr("Folders of the library"))
        self._list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.currentItemChanged.connect(self._update_buttons)
        self._add = QPushButton(icon("folder-add"), self.tr("Add…"))
        self._move = QPushButton(self.tr("It has moved…"))
        self._move.setToolTip(self.tr("Say where this folder is now. Tags and ratings are kept."))
        self._remove = QPushButton(self.tr("Remove…"))
        self._remove.setObjectName("danger")
        self._add.clicked.connect(self._choose_added)
        self._move.clicked.connect(self._choose_moved)
        self._remove.clicked.connect(self._ask_remove)
        self._watch = QCheckBox(self.tr("Watch the folders, and index what changes at once"))
        self._watch.setChecked(library.watching)
        self._watch.toggled.connect(library.set_watching)
        self._ignored = QPlainTextEdit()
        self._ignored.setPlaceholderText("*.tmp\nrenders/")
        self._ignored.setMaximumHeight(76)
        self._hidden = QCheckBox(self.tr("Include hidden files and folders"))
        self._apply = QPushButton(self.tr("Apply"))
        self._apply.clicked.connect(self._set_rules)
        self._ignored.textChanged.connect(self._update_buttons)
        self._hidden.toggled.connect(self._update_buttons)
        self._lay_out()
        library.state_changed.connect(self._show)
        library.opened.connect(self._show_all)
        self._show_all()

    @property
    def folders(self) -> QListWidget:
        """The list of folders."""
        return self._list

    @property
    def patterns(self) -> QPlainTextEdit:
        """What is left out, a pattern a line."""
        return self._ignored

    @property
    def apply_button(self) -> QPushButton:
        """Makes the patterns count."""
        return self._apply

    def remove(self, folder: str) -> None:
        """Take a folder out of the library, without asking."""
        self._library.remove_folder(folder)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self._add, self._move, self._remove):
            buttons.addWidget(button)
        buttons.addStretch()
        last = QHBoxLayout()
        last.addWidget(self._hidden)
        last.addStretch()
        last.addWidget(self._apply)
        self.column.addWidget(self._list, 1)
        self.column.addLayout(buttons)
        self.column.addWidget(self._watch)
        words = self.hint(
            self.tr("Leave out what matches these patterns, one a line, as in .gitignore. "
                    "An .audioclipignore file in a folder counts as well.")
        )  # fmt: skip
        self._ignored.setAccessibleName(self.tr("Patterns of files to leave out"))
        self.column.addWidget(words)
        self.column.addWidget(self._ignored)
        self.column.addLayout(last)

    def _show_all(self) -> None:
        state = self._library.state
        if state is not None:
            self._ignored.setPlainText("\n".join(state.rules.ignore))
            self._hidden.setChecked(state.rules.hidden)
        self._show()

    def _show(self) -> None:
        state = self._library.state
        chosen = self._chosen()
        self._list.clear()
        for folder in () if state is None else state.folders:
            item = QListWidgetItem(_words(folder))
            item.setIcon(
                icon("folder" if folder.connected else "drive", "accent_text" if folder.connected else "warning")
            )
            item.setData(Qt.ItemDataRole.UserRole, folder)
            item.setToolTip(folder.path)
            self._list.addItem(item)
            if chosen is not None and folder.path == chosen.path:
                self._list.setCurrentItem(item)
        self._update_buttons()

    def _chosen(self) -> FolderState | None:
        item = self._list.currentItem()
        folder = None if item is None else item.data(Qt.ItemDataRole.UserRole)
        return folder if isinstance(folder, FolderState) else None

    def _update_buttons(self) -> None:
        folder, state = self._chosen(), self._library.state
        for button in (self._move, self._remove):
            button.setEnabled(folder is not None and folder.removable)
        self._add.setEnabled(state is not None)
        changed = state is not None and (self._patterns(), self._hidden.isChecked()) != (
            state.rules.ignore,
            state.rules.hidden,
        )
        self._apply.setEnabled(changed)

    def _patterns(self) -> tuple[str, ...]:
        return tuple(line for line in map(str.strip, self._ignored.toPlainText().splitlines()) if line)

    def _set_rules(self) -> None:
        state = self._library.state
        if state is not None:
            self._library.set_rules(replace(state.rules, ignore=self._patterns(), hidden=self._hidden.isChecked()))
            self._apply.setEnabled(False)

    def _choose_added(self) -> None:
        self._folder_dialog(self.tr("Add a folder")).filesSelected.connect(self._library.add_folders)

    def _choose_moved(self) -> None:
        folder = self._chosen()
        if folder is None:
            return
        dialog = self._folder_dialog(self.tr("Where is “{folder}” now?").format(folder=folder.name))
        dialog.filesSelected.connect(lambda chosen: self._library.relocate_folder(folder.path, chosen[0]))

    def _folder_dialog(self, title: str) -> QFileDialog:
        dialog = QFileDialog(self, title, str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
        return dialog

    def _ask_remove(self) -> None:
        folder = self._chosen()
        if folder is None:
            return
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(self.tr("Remove a folder"))
        box.setText(self.tr("Remove “{folder}” from the library?").format(folder=folder.name))
        box.setInformativeText(
            self.tr("Its files are not deleted from the disk, but their tags and ratings are forgotten.")
        )
        remove = box.addButton(self.tr("Remove"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        remove.clicked.connect(lambda: self.remove(folder.path))
        box.open()


def _words(folder: FolderState) -> str:
    parts = [folder.path]
    if folder.files is not None:
        parts.append(wording.files(folder.files))
    if not folder.connected:
        parts.append(QCoreApplication.translate("FoldersPage", "not connected"))
    return "   ·   ".join(parts)
