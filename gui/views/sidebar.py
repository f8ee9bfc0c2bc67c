"""The left side: places to go to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from gui.theme import icon, tokens

WIDTH = 232
_LINE_HEIGHT = 32
_LEFT = Qt.AlignmentFlag.AlignLeft
_ENTRY = Qt.ItemDataRole.UserRole + 1


class Place(StrEnum):
    """What an entry of the sidebar leads to."""

    SEARCH = "search"
    MAP = "map"
    DUPLICATES = "duplicates"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the sidebar.

    Attributes:
        label: What it says.
        icon: Its icon's name.
        query: What it searches for, in the query language; empty for everything.
        place: Where it leads.
        count: How many files; None if that is not told.
        removable: Whether it can be taken away, as a saved search can.
    """

    label: str
    icon: str
    query: str = ""
    place: Place = Place.SEARCH
    count: int | None = None
    removable: bool = False


class Sidebar(QWidget):
    """The library, collections, saved and recent searches. The bottom takes another widget."""

    chosen = Signal(Entry)
    removed = Signal(Entry)

    def __init__(self, bottom: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(WIDTH)
        self._model = QStandardItemModel(self)
        self._tree = QTreeView()
        self._tree.setModel(self._model)
        self._tree.setObjectName("sidebar")
        self._tree.setHeaderHidden(True)
        self._tree.setRootIsDecorated(False)
        self._tree.setIndentation(0)
        self._tree.setItemDelegate(_Line(self._tree))
        self._tree.setMouseTracking(True)
        self._tree.setUniformRowHeights(True)
        self._tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._tree.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._tree.setExpandsOnDoubleClick(False)
        self._tree.setAccessibleName(self.tr("Places"))
        self._tree.clicked.connect(lambda index: self._choose(index.data(_ENTRY)))
        self._tree.activated.connect(lambda index: self._choose(index.data(_ENTRY)))
        self._tree.customContextMenuRequested.connect(self._menu)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        layout.addWidget(self._tree, 1)
        layout.addWidget(bottom)

    @property
    def tree(self) -> QTreeView:
        """The list itself."""
        return self._tree

    def entries(self) -> list[Entry]:
        """All lines that lead somewhere, from the top."""
        sections = [self._model.item(row) for row in range(self._model.rowCount())]
        items = [section.child(row) for section in sections for row in range(section.rowCount())]
        return [item.data(_ENTRY) for item in items]

    def show_sections(self, sections: Sequence[tuple[str, Sequence[Entry]]]) -> None:
        """Replace what is listed; sections without entries are left out."""
        scrolled = self._tree.verticalScrollBar().value()
        self._model.clear()
        for title, entries in sections:
            if entries:
                self._model.appendRow(self._section(title, entries))
        self._tree.expandAll()
        self._tree.verticalScrollBar().setValue(scrolled)

    def mark(self, place: Place, query: str) -> None:
        """Show which entry is on screen: the one with this place and query, or none."""
        self._tree.clearSelection()
        for row in range(self._model.rowCount()):
            section = self._model.item(row)
            for child in range(section.rowCount()):
                entry: Entry = section.child(child).data(_ENTRY)
                if entry.place is place and (place is not Place.SEARCH or entry.query == query):
                    self._tree.setCurrentIndex(section.child(child).index())
                    return

    def _section(self, title: str, entries: Sequence[Entry]) -> QStandardItem:
        heading = QStandardItem(title)
        heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
        for entry in entries:
            item = QStandardItem(entry.label)
            item.setData(entry, _ENTRY)
            item.setToolTip(entry.query or entry.label)
            if entry.count is not None:
                item.setData(f"{entry.label}, {entry.count:,}", Qt.ItemDataRole.AccessibleTextRole)
            heading.appendRow(item)
        return heading

    def _choose(self, entry: Entry | None) -> None:
        if entry is not None:
            self.chosen.emit(entry)

    def _menu(self, at: QPoint) -> None:
        entry = self._tree.indexAt(at).data(_ENTRY)
        if entry is None or not entry.removable:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(icon("trash"), self.tr("Remove"), lambda: self.removed.emit(entry))
        menu.popup(self._tree.viewport().mapToGlobal(at))


class _Line(QStyledItemDelegate):
    """Headings in small letters; entries with an icon, and their count at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(WIDTH - 32, _LINE_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        entry: Entry | None = index.data(_ENTRY)
        colours, rect, state = tokens(), option.rect, option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = painter.font()
        if entry is None:
            font.setPixelSize(11)
            font.setBold(True)
            painter.setFont(font)
            painter.setPen(colours.colour("muted"))
            painter.drawText(rect.adjusted(8, 0, -8, -6), _LEFT | Qt.AlignmentFlag.AlignBottom, str(index.data()))
            painter.restore()
            return
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.colour("selection" if chosen else "hover"))
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), 6, 6)
        if chosen and state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(colours.colour("accent_text"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(0, 1, -1, -2), 6, 6)
        square = QRect(rect.left() + 8, rect.center().y() - 8, 18, 18)
        icon(entry.icon, "accent_text" if chosen else "muted").paint(painter, square)
        right = rect.right() - 8
        if entry.count is not None:
            count = f"{entry.count:,}"
            font.setPixelSize(12)
            painter.setFont(font)
            painter.setPen(colours.colour("muted"))
            painter.drawText(
                rect.adjusted(8, 0, -8, 0), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, count
            )
            right -= painter.fontMetrics().horizontalAdvance(count) + 8
        font.setPixelSize(13)
        painter.setFont(font)
        painter.setPen(colours.colour("text"))
        space = QRect(square.right() + 10, rect.top(), right - square.right() - 10, rect.height())
        label = painter.fontMetrics().elidedText(entry.label, Qt.TextElideMode.ElideRight, space.width())
        painter.drawText(space, _LEFT | Qt.AlignmentFlag.AlignVCenter, label)
        painter.restore()
