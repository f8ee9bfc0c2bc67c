"""Groups of duplicates as a tree: groups, and the files of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from audioclip_search import DuplicateTier
from gui.backend.duplicate_records import Copy, CopyGroup
from gui.records import Row

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()

COPY_ROLE = Qt.ItemDataRole.UserRole + 1
"""The `Copy` of a file's line; None for a group's."""

GROUP_ROLE = Qt.ItemDataRole.UserRole + 2
"""The `CopyGroup` of a line."""

BEST_ROLE = Qt.ItemDataRole.UserRole + 3
"""Whether a file is its group's best."""

_CHECKED, _UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked


class DuplicatesModel(QAbstractItemModel):
    """Files can be ticked, to be moved away, but never all of a group; a file that is in several is ticked in all."""

    ticked_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._groups: list[CopyGroup] = []
        self._keys: list[int] = []
        self._numbers: dict[int, int] = {}
        self._next_key = 1
        self._ticked: dict[str, Row] = {}
        self._keys_of: dict[str, set[int]] = defaultdict(set)

    @property
    def groups(self) -> Sequence[CopyGroup]:
        """What is shown."""
        return self._groups

    @property
    def ticked(self) -> list[str]:
        """The files that are ticked, each once."""
        return list(self._ticked)

    @property
    def ticked_bytes(self) -> int:
        """The size of the files that are ticked."""
        return sum(row.size for row in self._ticked.values())

    def clear(self) -> None:
        """Show nothing."""
        self.beginResetModel()
        self._groups, self._keys, self._numbers = [], [], {}
        self._ticked.clear()
        self._keys_of.clear()
        self.endResetModel()
        self.ticked_changed.emit()

    def append(self, groups: Iterable[CopyGroup]) -> None:
        """Show more groups below; those of a single file are none."""
        more = [group for group in groups if len(group.copies) > 1]
        if not more:
            return
        first = len(self._groups)
        self.beginInsertRows(_NOWHERE, first, first + len(more) - 1)
        for group in more:
            self._numbers[self._next_key] = len(self._groups)
            self._insert(len(self._groups), group)
        self.endInsertRows()

    def tick_worse(self, tiers: Collection[DuplicateTier]) -> None:
        """Tick all but the best file of every group of some tiers."""
        self._ticked.clear()
        for group in self._groups:
            for copy in group.copies[1:] if group.tier in tiers else ():
                if self._may_tick(copy):
                    self._ticked[copy.row.path] = copy.row
        self._tell_ticks()

    def untick_all(self) -> None:
        """Tick nothing."""
        self._ticked.clear()
        self._tell_ticks()

    def drop_group(self, number: int) -> CopyGroup:
        """Show a group no more."""
        group = self._groups[number]
        self.beginRemoveRows(_NOWHERE, number, number)
        key = self._keys.pop(number)
        del self._groups[number], self._numbers[key]
        self._renumber()
        for copy in group.copies:
            keys = self._keys_of[copy.row.path]
            keys.discard(key)
            if not keys:
                self._ticked.pop(copy.row.path, None)
        self.endRemoveRows()
        self.ticked_changed.emit()
        return group

    def put_back(self, number: int, group: CopyGroup) -> None:
        """Show a group again that was dropped."""
        number = min(number, len(self._groups))
        self.beginInsertRows(_NOWHERE, number, number)
        self._insert(number, group)
        self._renumber()
        self.endInsertRows()

    def drop_files(self, paths: Collection[str]) -> None:
        """Files are gone; groups of which one file is left are none."""
        gone = set(paths)
        for number in reversed(range(len(self._groups))):
            group = self._groups[number]
            if any(copy.row.path in gone for copy in group.copies):
                left = tuple(copy for copy in group.copies if copy.row.path not in gone)
                self.drop_group(number)
                if len(left) > 1:
                    self.put_back(number, CopyGroup(group.tier, group.modality, left))

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Groups, or the files of one."""
        if not parent.isValid():
            return len(self._groups)
        group = self._group_of(parent)
        return 0 if group is None or parent.internalId() else len(group.copies)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """One: lines are painted as a whole."""
        return 1

    def index(self, row: int, column: int, parent: Index = _NOWHERE) -> QModelIndex:
        """A group's line, or a file's, which knows its group by a key."""
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, self._keys[parent.row()] if parent.isValid() else 0)

    def parent(self, child: Index = _NOWHERE) -> QModelIndex:  # type: ignore[override]
        """The group of a file."""
        key = child.internalId() if child.isValid() else 0
        number = self._numbers.get(key)
        return QModelIndex() if number is None else self.createIndex(number, 0, 0)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Files can be ticked, if they can be reached."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        copy: Copy | None = index.data(COPY_ROLE)
        if copy is None:
            return flags
        flags |= Qt.ItemFlag.ItemNeverHasChildren
        return flags if copy.row.offline else flags | Qt.ItemFlag.ItemIsUserCheckable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words for those who listen, records for those who paint."""
        group = self._group_of(index)
        if group is None:
            return None
        if role == GROUP_ROLE:
            return group
        if not index.internalId():
            return self._words_of(group) if role == Qt.ItemDataRole.DisplayRole else None
        copy = group.copies[index.row()]
        if role == Qt.ItemDataRole.CheckStateRole:
            return _CHECKED if copy.row.path in self._ticked else _UNCHECKED
        return {
            Qt.ItemDataRole.DisplayRole: copy.row.name,
            Qt.ItemDataRole.AccessibleTextRole: f"{copy.row.name}, {copy.relation}",
            Qt.ItemDataRole.ToolTipRole: copy.row.path,
            COPY_ROLE: copy,
            BEST_ROLE: index.row() == 0,
        }.get(role)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Tick or untick a file; the last one of a group can't be ticked."""
        group = self._group_of(index)
        if role != Qt.ItemDataRole.CheckStateRole or group is None or not index.internalId():
            return False
        copy = group.copies[index.row()]
        if Qt.CheckState(value) is not _CHECKED:
            self._ticked.pop(copy.row.path, None)
        elif not self._may_tick(copy):
            return False
        else:
            self._ticked[copy.row.path] = copy.row
        for key in self._keys_of[copy.row.path]:
            self._tell_group(self._numbers[key])
        self.ticked_changed.emit()
        return True

    def _may_tick(self, copy: Copy) -> bool:
        """Whether every group that the file is in keeps another one that can be reached."""
        groups = [self._groups[self._numbers[key]] for key in self._keys_of[copy.row.path]]
        return not copy.row.offline and all(
            any(
                other.row.path not in self._ticked and other.row.path != copy.row.path and not other.row.offline
                for other in group.copies
            )
            for group in groups
        )

    def _insert(self, number: int, group: CopyGroup) -> None:
        self._groups.insert(number, group)
        self._keys.insert(number, self._next_key)
        for copy in group.copies:
            self._keys_of[copy.row.path].add(self._next_key)
        self._next_key += 1

    def _group_of(self, index: Index) -> CopyGroup | None:
        if not index.isValid():
            return None
        key = index.internalId()
        number = self._numbers.get(key) if key else index.row()
        return None if number is None or number >= len(self._groups) else self._groups[number]

    def _words_of(self, group: CopyGroup) -> str:
        kinds = {
            DuplicateTier.IDENTICAL: self.tr("{0} identical files"),
            DuplicateTier.SAME: self.tr("{0} versions of the same"),
            DuplicateTier.ALIKE: self.tr("{0} files alike"),
        }
        return kinds[group.tier].format(len(group.copies))

    def _renumber(self) -> None:
        self._numbers = {key: number for number, key in enumerate(self._keys)}

    def _tell_ticks(self) -> None:
        for number in range(len(self._groups)):
            self._tell_group(number)
        self.ticked_changed.emit()

    def _tell_group(self, number: int) -> None:
        parent = self.index(number, 0)
        first, last = self.index(0, 0, parent), self.index(self.rowCount(parent) - 1, 0, parent)
        self.dataChanged.emit(first, last, [Qt.ItemDataRole.CheckStateRole])
