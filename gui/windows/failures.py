"""The files that could not be read, and why."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QSize, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from gui import wording
from gui.backend.library_state import FailedFile
from gui.models.failures import FailuresModel
from gui.theme import icon


class FailuresDialog(QDialog):
    """Lists files with reasons; shows one in its folder.

    Args:
        parent: The window above which it opens.
    """

    reveal_asked = Signal(str)
    """This file is to be shown in its folder."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Files that could not be read"))
        self.setMinimumSize(720, 440)
        self._title, self._note = QLabel(), QLabel()
        self._title.setObjectName("title")
        self._note.setObjectName("muted")
        self._note.setWordWrap(True)
        self._note.setText(
            self.tr("They can't be found by how they sound or look. Each is tried again when it changes, "
                    "or, if it could not be reached, at the next rescan.")
        )  # fmt: skip
        self.model = FailuresModel(self)
        self._view = QTreeView()
        self._view.setObjectName("framed")
        self._view.setModel(self.model)
        self._view.setRootIsDecorated(False)
        self._view.setUniformRowHeights(True)
        self._view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._view.setAccessibleName(self.windowTitle())
        self._view.activated.connect(self._on_activated)
        self._view.selectionModel().selectionChanged.connect(self._update_buttons)
        for column, width in enumerate((200, 260)):
            self._view.setColumnWidth(column, width)
        self._reveal = QPushButton(icon("reveal"), self.tr("Show in folder"))
        self._copy = QPushButton(self.tr("Copy list"))
        self._reveal.setIconSize(QSize(16, 16))
        self._reveal.clicked.connect(lambda: self._on_activated(self._view.selectionModel().selectedRows()[0]))
        self._copy.clicked.connect(self.copy)
        self._lay_out()
        self.show_files([])

    @property
    def view(self) -> QTreeView:
        """The list."""
        return self._view

    @property
    def reveal_button(self) -> QPushButton:
        """Shows the chosen file in its folder."""
        return self._reveal

    def show_files(self, failed: Sequence[FailedFile]) -> None:
        """List these."""
        words = self.tr("All files could be read") if not failed else self.tr("{files} could not be read")
        self._title.setText(words.format(files=wording.files(len(failed))))
        self._note.setVisible(bool(failed))
        self.model.show_files(failed)
        self._copy.setEnabled(bool(failed))
        self._update_buttons()

    def copy(self) -> None:
        """Put the chosen files, or all, with their reasons onto the clipboard."""
        rows = [index.row() for index in self._view.selectionModel().selectedRows()]
        files = [self.model.files[row] for row in rows] or self.model.files
        QApplication.clipboard().setText("\n".join(f"{file.path}\t{file.reason}" for file in files))

    def _lay_out(self) -> None:
        close = QPushButton(self.tr("Close"))
        close.clicked.connect(self.accept)
        close.setDefault(True)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._reveal)
        buttons.addWidget(self._copy)
        buttons.addStretch()
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        for widget in (self._title, self._note, self._view):
            layout.addWidget(widget)
        layout.addLayout(buttons)

    def _on_activated(self, index: QModelIndex) -> None:
        self.reveal_asked.emit(self.model.files[index.row()].path)

    def _update_buttons(self) -> None:
        self._reveal.setEnabled(len(self._view.selectionModel().selectedRows()) == 1)
