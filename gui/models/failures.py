"""The files that could not be read, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from gui.backend.library_state import FailedFile

Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class Column(IntEnum):
    """What is told of a file."""

    NAME = 0
    REASON = 1
    FOLDER = 2


class FailuresModel(QAbstractTableModel):
    """Files with reasons, a row each."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._files: Sequence[FailedFile] = ()

    @property
    def files(self) -> Sequence[FailedFile]:
        """Those listed."""
        return self._files

    def show_files(self, files: Sequence[FailedFile]) -> None:
        """List these instead."""
        self.beginResetModel()
        self._files = files
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:
        """One a file."""
        return 0 if parent.isValid() else len(self._files)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """See `Column`."""
        return 0 if parent.isValid() else len(Column)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        """Name, reason and folder; the whole path or reason as a tool tip."""
        if not index.isValid():
            return None
        file, column = self._files[index.row()], Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            folder, _, name = file.path.replace("\\", "/").rpartition("/")
            return {Column.NAME: name, Column.REASON: file.reason, Column.FOLDER: folder}[column]
        if role == Qt.ItemDataRole.ToolTipRole:
            return file.reason if column is Column.REASON else file.path
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        """What the columns are."""
        if role != Qt.ItemDataRole.DisplayRole or orientation is not Qt.Orientation.Horizontal:
            return None
        titles = {Column.NAME: self.tr("File"), Column.REASON: self.tr("Why"), Column.FOLDER: self.tr("Folder")}
        return titles.get(Column(section)) if section in set(Column) else None
