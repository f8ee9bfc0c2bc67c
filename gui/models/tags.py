"""Favourites, collections and tags as a list, with how many files have each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from gui.backend.curation import KnownTags
from gui.organisation import FAVOURITE, collection_tag

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()

ENTRY_ROLE = Qt.ItemDataRole.UserRole + 1
"""The `TagEntry` of a line."""


class TagKind(StrEnum):
    """What an entry is."""

    FAVOURITES = "favourites"
    COLLECTION = "collection"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class TagEntry:
    """A line of the list.

    Attributes:
        kind: What it is.
        name: What it is called.
        count: How many files.
    """

    kind: TagKind
    name: str
    count: int

    @property
    def query(self) -> str:
        """What finds its files, in the query language."""
        tags = {TagKind.FAVOURITES: FAVOURITE, TagKind.COLLECTION: collection_tag(self.name), TagKind.TAG: self.name}
        tag = tags[self.kind].replace("\\", r"\\").replace('"', r"\"")
        return f"tag:{tag}" if tag.isalnum() else f'tag:"{tag}"'


class CollectionsModel(QAbstractListModel):
    """Favourites, if there are any, then collections by name, then the most frequent tags."""

    def __init__(self, parent: QObject | None = None, *, most_tags: int = 12) -> None:
        super().__init__(parent)
        self._most_tags = most_tags
        self._entries: list[TagEntry] = []

    @property
    def entries(self) -> list[TagEntry]:
        """All lines."""
        return list(self._entries)

    def show_known(self, known: KnownTags) -> None:
        """Replace what is listed."""
        favourites = [TagEntry(TagKind.FAVOURITES, self.tr("Favourites"), known.favourites)]
        collections = [TagEntry(TagKind.COLLECTION, entry.name, entry.count) for entry in known.collections]
        tags = [TagEntry(TagKind.TAG, entry.name, entry.count) for entry in known.tags[: self._most_tags]]
        wanted = [
            *(favourites if known.favourites else ()),
            *sorted(collections, key=lambda entry: entry.name.casefold()),
            *tags,
        ]
        if wanted != self._entries:
            self.beginResetModel()
            self._entries = wanted
            self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """How many lines."""
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Names, and records for those who paint."""
        if not index.isValid() or not 0 <= index.row() < len(self._entries):
            return None
        entry = self._entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{entry.name}, {entry.count:,}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return entry.query
        return entry if role == ENTRY_ROLE else None
