"""The results as a table."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractTableModel,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    QUrl,
    Signal,
)

from audioclip_search import AutoTag, Modality, TagState
from gui.organisation import is_favourite, plain_tags
from gui.records import Row

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_SLICE = 1_000
_FEW = 64
_FLAGS = (
    Qt.ItemFlag.ItemIsEnabled
    | Qt.ItemFlag.ItemIsSelectable
    | Qt.ItemFlag.ItemIsDragEnabled
    | Qt.ItemFlag.ItemNeverHasChildren
)


class Column(StrEnum):
    """The columns, in the order of the model's sections. The values are what `sort_requested` says."""

    NAME = "name"
    WAVEFORM = "waveform"
    SCORE = "score"
    DURATION = "duration"
    FORMAT = "format"
    TAGS = "tags"
    FOLDER = "folder"
    RATING = "rating"
    RATE = "rate"
    CHANNELS = "channels"
    BITS = "bits"
    KIND = "kind"
    SIZE = "size"
    MODIFIED = "modified"

    @property
    def section(self) -> int:
        """Its number in the model."""
        return COLUMNS.index(self)


COLUMNS = tuple(Column)
NUMBERS = {Column.DURATION, Column.RATE, Column.BITS, Column.SIZE}
"""Columns that read better from their right ends."""

_BEST_FIRST = {Column.SCORE, Column.RATING, Column.SIZE, Column.MODIFIED, Column.RATE, Column.BITS, Column.CHANNELS}


class ResultsModel(QAbstractTableModel):
    """Shows a list of rows in the engine's order, or in another one that the engine sorted them into.

    Attributes:
        again: Whether what has come last answers the same search as what was there: then it is better to stay where one
            is.
    """

    sort_requested = Signal(object, bool)
    """A column's value, or None for the ranking; and whether the greatest comes first."""

    replaced = Signal()
    """After `reset` and `set_order`, when all views know of it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []
        self._numbers: dict[str, int] = {}
        self._order: NDArray[np.int32] | None = None
        self._inverse: NDArray[np.int32] | None = None
        self._roots: list[str] = []
        self._fresh: deque[Row] = deque()
        self.again = False
        self._refreshing = QTimer(self, interval=0, singleShot=True)
        self._refreshing.timeout.connect(self._refresh_some)
        self._titles = {
            Column.NAME: self.tr("Name"),
            Column.WAVEFORM: self.tr("Waveform"),
            Column.SCORE: self.tr("Match"),
            Column.DURATION: self.tr("Length"),
            Column.FORMAT: self.tr("Format"),
            Column.TAGS: self.tr("Tags"),
            Column.FOLDER: self.tr("Folder"),
            Column.RATING: self.tr("Rating"),
            Column.RATE: self.tr("Sample rate"),
            Column.CHANNELS: self.tr("Channels"),
            Column.BITS: self.tr("Bits"),
            Column.KIND: self.tr("Kind"),
            Column.SIZE: self.tr("Size"),
            Column.MODIFIED: self.tr("Modified"),
        }
        self._kinds = {
            Modality.AUDIO: self.tr("Sound"),
            Modality.IMAGE: self.tr("Picture"),
            Modality.TEXT: self.tr("Text"),
        }

        self._texts: dict[Column, Callable[[Row], str]] = {
            Column.NAME: lambda row: row.name,
            Column.WAVEFORM: lambda row: f"{row.width} × {row.height}" if row.width else "",
            Column.SCORE: lambda row: "" if row.score is None else f"{row.score:.0%}",
            Column.DURATION: lambda row: clock(row.duration_s) if row.duration_s else "",
            Column.FORMAT: lambda row: row.format,
            Column.TAGS: _tags,
            Column.FOLDER: self.folder_of,
            Column.RATING: lambda row: ("♥ " if is_favourite(row.tags) else "") + "★" * row.rating,
            Column.RATE: lambda row: f"{row.rate_hz / 1000:g} kHz" if row.rate_hz else "",
            Column.CHANNELS: self._channels,
            Column.BITS: lambda row: str(row.bits or ""),
            Column.KIND: lambda row: self._kinds[row.modality],
            Column.SIZE: lambda row: size_text(row.size),
            Column.MODIFIED: _modified,
        }

    def reset(self, rows: Sequence[Row], *, again: bool = False) -> None:
        """Show other rows, in the engine's order.

        Args:
            rows: All, or the first of them.
            again: They answer the same search. If those before were sorted, they keep that order until the next comes.
        """
        order = self._order_kept(rows) if again and self._inverse is not None else None
        self.again = again
        self.beginResetModel()
        self._rows, self._numbers, self._order, self._inverse = [], {}, None, None
        self._add(rows)
        if order is not None:
            self._put_order(order)
        self.endResetModel()
        self.replaced.emit()

    def append(self, rows: Sequence[Row]) -> None:
        """Show more rows below those that are there."""
        if not rows:
            return
        first = len(self._rows)
        self.beginInsertRows(_NOWHERE, first, first + len(rows) - 1)
        self._add(rows)
        if self._order is not None:
            self._put_order(np.concatenate((self._order, np.arange(first, len(self._rows), dtype=np.int32))))
        self.endInsertRows()

    def set_order(self, order: NDArray[np.int32] | None, *, again: bool = False) -> None:
        """Show the same rows in another order.

        Args:
            order: int32 `(n,)`: for each line the number of its row in the engine's order; rows that it does not name
                come after. None for the engine's order.
            again: It is the same order as before, of new answers to the same search.
        """
        self.again = again
        self.beginResetModel()  # moving every persistent index takes longer than finding those that matter again
        if order is None:
            self._order = self._inverse = None
        else:
            count = len(self._rows)
            named = np.asarray(order, np.int32)
            named = named[(named >= 0) & (named < count)]
            rest = np.setdiff1d(np.arange(count, dtype=np.int32), named) if len(named) < count else named[:0]
            self._put_order(np.concatenate((named, rest)))
        self.endResetModel()
        self.replaced.emit()

    def row_at(self, index: Index | int) -> Row:
        """The row of a line.

        Raises:
            IndexError: There is no such line.
        """
        line = index if isinstance(index, int) else index.row()
        if line < 0:
            raise IndexError("no such line")
        return self._rows[line if self._order is None else self._order[line]]

    def rows(self) -> Iterable[Row]:
        """All rows as they are shown, from top to bottom."""
        return iter(self._rows) if self._order is None else (self._rows[number] for number in self._order.tolist())

    def rows_between(self, first: int, last: int) -> list[Row]:
        """The rows of some lines, both ends included."""
        if self._order is None:
            return self._rows[first : last + 1]
        return [self._rows[number] for number in self._order[first : last + 1].tolist()]

    def position_of(self, path: str) -> int | None:
        """The line of a file; None if it is not shown."""
        number = self._numbers.get(path)
        if number is None or self._inverse is None:
            return number
        return int(self._inverse[number])

    def update_rows(self, rows: Iterable[Row]) -> None:
        """Show fresh rows in place of those of the same files; of many at once, some at a time."""
        self._fresh.extend(row for row in rows if row.path in self._numbers)
        self._refresh_some()

    def set_roots(self, roots: Iterable[str]) -> None:
        """Name folders as seen from those that the library consists of."""
        plain = {root.replace("\\", "/").rstrip("/") for root in roots}
        self._roots = sorted((root for root in plain if root), key=len, reverse=True)
        if self._rows:
            section = Column.FOLDER.section
            self.dataChanged.emit(self.index(0, section), self.index(len(self._rows) - 1, section))

    def folder_of(self, row: Row) -> str:
        """The folder that a file is in, from the library's on."""
        folder = row.folder
        for root in self._roots:
            if folder == root or folder.startswith(f"{root}/"):
                return root.rpartition("/")[2] + folder[len(root) :]
        return folder

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """How many rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """How many columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts of the cells, for those who read instead of look, too."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(self.row_at(index), COLUMNS[index.column()])
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(self.row_at(index), COLUMNS[index.column()])
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The columns' titles."""
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        column = COLUMNS[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._titles[column]
        if role == Qt.ItemDataRole.TextAlignmentRole and column in NUMBERS:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.InitialSortOrderRole:
            return Qt.SortOrder.DescendingOrder if column in _BEST_FIRST else Qt.SortOrder.AscendingOrder
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Rows can be selected and dragged out."""
        return _FLAGS if index.isValid() else Qt.ItemFlag.NoItemFlags

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Ask for another order; it comes through `set_order`."""
        sortable = 0 <= column < len(COLUMNS) and COLUMNS[column] is not Column.WAVEFORM
        name = COLUMNS[column].value if sortable else None
        self.sort_requested.emit(name, sortable and order is Qt.SortOrder.DescendingOrder)

    def mimeTypes(self) -> list[str]:
        """Files, as every program takes them."""
        return ["text/uri-list"]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The files of some rows."""
        return mime_of([self.row_at(line).path for line in sorted({index.row() for index in indexes})])

    def supportedDragActions(self) -> Qt.DropAction:
        """Files are copied, never moved away."""
        return Qt.DropAction.CopyAction

    def _add(self, rows: Sequence[Row]) -> None:
        first = len(self._rows)
        self._rows.extend(rows)
        self._numbers.update({row.path: first + number for number, row in enumerate(rows)})

    def _order_kept(self, rows: Sequence[Row]) -> NDArray[np.int32]:
        """New rows in the order that there is; those that were not there come after."""
        last = len(self._rows)
        lines = (last if (line := self.position_of(row.path)) is None else line for row in rows)
        return np.argsort(np.fromiter(lines, np.int32, len(rows)), kind="stable").astype(np.int32)

    def _put_order(self, order: NDArray[np.int32]) -> None:
        self._order = order
        self._inverse = np.empty_like(order)
        self._inverse[order] = np.arange(len(order), dtype=np.int32)

    def _refresh_some(self) -> None:
        lines: list[int] = []
        for _ in range(min(_SLICE, len(self._fresh))):
            row = self._fresh.popleft()
            number = self._numbers.get(row.path)
            if number is None:
                continue
            self._rows[number] = self._rows[number].refreshed(row)
            lines.append(number if self._inverse is None else int(self._inverse[number]))
        for first, last in _stretches(lines):
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(COLUMNS) - 1))
        if self._fresh:
            self._refreshing.start()

    def _text(self, row: Row, column: Column) -> str:
        return self._texts[column](row)

    def _channels(self, row: Row) -> str:
        names = {0: "", 1: self.tr("Mono"), 2: self.tr("Stereo")}
        return names.get(row.channels, str(row.channels))

    def _spoken(self, row: Row, column: Column) -> str:
        text = self._text(row, column)
        if column is not Column.NAME:
            return f"{self._titles[column]}: {text}" if text else ""
        marks = [self._kinds[row.modality]]
        if row.score is not None:
            marks.append(self.tr("matches {0}").format(f"{row.score:.0%}"))
        if row.offline:
            marks.append(self.tr("its drive is not connected"))
        if row.failure:
            marks.append(self.tr("could not be read"))
        return ", ".join((text, *marks))


def shown_auto_tags(row: Row) -> list[AutoTag]:
    """Those of a model's tags that are worth a place beside the user's own: not rejected, and not confirmed, which have
    become own ones."""
    own = {tag.casefold() for tag in row.tags}
    return [tag for tag in row.auto_tags if tag.state is not TagState.REJECTED and tag.label.casefold() not in own]


def _tags(row: Row) -> str:
    return ", ".join((*plain_tags(row.tags), *(f"~{tag.label}" for tag in shown_auto_tags(row))))


def _modified(row: Row) -> str:
    return datetime.fromtimestamp(row.mtime_ns / 1e9).strftime("%Y-%m-%d %H:%M") if row.mtime_ns else ""


def clock(seconds: float) -> str:
    """A length as people write it: 0:03.5, 1:02:03."""
    tenths = round(seconds * 10)
    minutes, rest = divmod(tenths, 600)
    if minutes < 60:
        return f"{minutes}:{rest // 10:02}.{rest % 10}"
    return f"{minutes // 60}:{minutes % 60:02}:{rest // 10:02}"


def size_text(size: int) -> str:
    """Bytes as people write them."""
    if size < 1000:
        return f"{size} B"
    for unit, scale in (("kB", 1e3), ("MB", 1e6), ("GB", 1e9)):
        if size < scale * 999.5:
            return f"{size / scale:.3g} {unit}"
    return f"{size / 1e12:.3g} TB"


def mime_of(paths: Iterable[str]) -> QMimeData:
    """Files to drag out or to copy."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(path) for path in paths])
    return mime


def _stretches(lines: list[int]) -> list[tuple[int, int]]:
    """Lines as a few stretches; one that holds them all if there would be many."""
    if not lines:
        return []
    ordered = np.unique(np.asarray(lines))
    breaks = np.flatnonzero(np.diff(ordered) > 1)
    if len(breaks) > _FEW:
        return [(int(ordered[0]), int(ordered[-1]))]
    firsts, lasts = ordered[np.r_[0, breaks + 1]], ordered[np.r_[breaks, len(ordered) - 1]]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))
