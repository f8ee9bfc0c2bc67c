"""The files that could not be read, and why."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui import wording
from gui.backend.library_state import FailedFile
from gui.theme import icon

_MOST = 5_000


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
        self._tree = QTreeWidget()
        self._tree.setObjectName("framed")
        self._tree.setRootIsDecorated(False)
        self._tree.setUniformRowHeights(True)
        self._tree.setSelectionMode(QTreeWidget.SelectionMode.ExtendedSelection)
        self._tree.setHeaderLabels([self.tr("File"), self.tr("Why"), self.tr("Folder")])
        self._tree.setAccessibleName(self.windowTitle())
        self._tree.itemActivated.connect(lambda item: self.reveal_asked.emit(item.data(0, Qt.ItemDataRole.UserRole)))
        self._tree.itemSelectionChanged.connect(self._update_buttons)
        self._reveal = QPushButton(icon("reveal"), self.tr("Show in folder"))
        self._copy = QPushButton(self.tr("Copy list"))
        close = QPushButton(self.tr("Close"))
        self._reveal.setIconSize(QSize(16, 16))
        self._reveal.clicked.connect(self._on_reveal)
        self._copy.clicked.connect(self.copy)
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
        for widget in (self._title, self._note, self._tree):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        self.show_files([])

    @property
    def tree(self) -> QTreeWidget:
        """The list."""
        return self._tree

    @property
    def reveal_button(self) -> QPushButton:
        """Shows the chosen file in its folder."""
        return self._reveal

    def show_files(self, failed: Sequence[FailedFile]) -> None:
        """List these, up to some thousands."""
        words = self.tr("All files could be read") if not failed else self.tr("{files} could not be read")
        self._title.setText(words.format(files=wording.files(len(failed))))
        self._note.setVisible(bool(failed))
        self._tree.clear()
        items = []
        for file in failed[:_MOST]:
            folder, _, name = file.path.replace("\\", "/").rpartition("/")
            item = QTreeWidgetItem([name, file.reason, folder])
            item.setData(0, Qt.ItemDataRole.UserRole, file.path)
            item.setToolTip(0, file.path)
            item.setToolTip(1, file.reason)
            items.append(item)
        self._tree.addTopLevelItems(items)
        for column, width in enumerate((200, 260)):
            self._tree.setColumnWidth(column, width)
        self._copy.setEnabled(bool(failed))
        self._update_buttons()

    def copy(self) -> None:
        """Put the chosen files, or all, with their reasons onto the clipboard."""
        every = (self._tree.topLevelItem(row) for row in range(self._tree.topLevelItemCount()))
        items = self._tree.selectedItems() or [item for item in every if item is not None]
        lines = [f"{item.data(0, Qt.ItemDataRole.UserRole)}\t{item.text(1)}" for item in items]
        QApplication.clipboard().setText("\n".join(lines))

    def _on_reveal(self) -> None:
        self.reveal_asked.emit(self._tree.selectedItems()[0].data(0, Qt.ItemDataRole.UserRole))

    def _update_buttons(self) -> None:
        self._reveal.setEnabled(len(self._tree.selectedItems()) == 1)
