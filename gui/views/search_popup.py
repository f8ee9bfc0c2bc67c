"""What the search box proposes: ways to go on with the query, and searches made before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QVBoxLayout, QWidget

from audioclip_search import Completion
from gui.theme import tokens
from gui.views import painting

_LINE = 32
_MOST_LINES = 9
SUGGESTION = Qt.ItemDataRole.UserRole + 1
_NOWHERE = QModelIndex()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line.

    Attributes:
        label: What it is.
        detail: What that means.
        icon: An icon's name.
        completion: What it does to the text; None if it is a whole search.
        query: The search, as one text.
    """

    label: str
    detail: str = ""
    icon: str = "search"
    completion: Completion | None = None
    query: str = ""


class SuggestionModel(QAbstractListModel):
    """A list of suggestions."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[Suggestion, ...] = ()

    def show_lines(self, lines: Sequence[Suggestion]) -> None:
        """Show others."""
        self.beginResetModel()
        self._lines = tuple(lines)
        self.endResetModel()

    @property
    def lines(self) -> tuple[Suggestion, ...]:
        """What there is."""
        return self._lines

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _NOWHERE) -> int:
        """How many."""
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The label, for screen readers also what it means, and the suggestion itself."""
        if not index.isValid():
            return None
        line = self._lines[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return line.label
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{line.label}, {line.detail}" if line.detail else line.label
            case Qt.ItemDataRole.ToolTipRole:
                return line.query or None
            case _ if role == SUGGESTION:
                return line
        return None


class SuggestionPopup(QFrame):
    """A list below the search box. It is part of the window and never takes the keys; the box tells it what to do."""

    chosen = Signal(Suggestion)

    def __init__(self, anchor: QWidget) -> None:
        super().__init__(anchor.window())
        self.setObjectName("popup")
        self.hide()
        self._anchor = anchor
        self.model = SuggestionModel(self)
        self._list = QListView()
        self._list.setObjectName("suggestions")
        self._list.setModel(self.model)
        self._list.setItemDelegate(_Line(self._list))
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setMouseTracking(True)
        self._list.setUniformItemSizes(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setAccessibleName(self.tr("Suggestions"))
        self._list.clicked.connect(lambda index: self.chosen.emit(index.data(SUGGESTION)))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 4, 4, 4)
        layout.addWidget(self._list)

    @property
    def current(self) -> Suggestion | None:
        """The line that the keys went to; None if to none."""
        found: Suggestion | None = self._list.currentIndex().data(SUGGESTION)
        return found

    def show_lines(self, lines: Sequence[Suggestion]) -> None:
        """Show these, or nothing if there are none."""
        self.model.show_lines(lines)
        if not lines:
            self.hide()
            return
        if self.parentWidget() is not self._anchor.window():
            self.setParent(self._anchor.window())
        corner = self._anchor.mapTo(self._anchor.window(), QPoint(0, self._anchor.height() + 4))
        height = _LINE * min(len(lines), _MOST_LINES) + 10
        self.setGeometry(QRect(corner, QSize(self._anchor.width(), height)))
        self.show()
        self.raise_()

    def move_by(self, step: int) -> None:
        """Go up or down; above the first and below the last line is none."""
        count = self.model.rowCount()
        row = self._list.currentIndex().row() + step
        row = count - 1 if row < -1 else row if row < count else -1
        self._list.setCurrentIndex(self.model.index(row, 0))


class _Line(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(120, _LINE)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        line: Suggestion = index.data(SUGGESTION)
        rect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tokens().colour("selection" if selected else "hover"))
            painter.drawRoundedRect(rect, 6, 6)
        icon = QRect(rect.left() + 8, rect.center().y() - 7, 16, 16)
        painting.draw_icon(painter, icon, line.icon, "muted")
        words = rect.adjusted(34, 0, -12, 0)
        small = painting.small_font(option.font)
        metrics = option.fontMetrics
        label = min(metrics.horizontalAdvance(line.label) + 4, words.width())
        painting.draw_text(painter, QRect(words.topLeft(), QSize(label, words.height())), line.label, "text",
                           font=option.font, align=painting.LEFT)  # fmt: skip
        rest = words.adjusted(label + 16, 0, 0, 0)
        if line.detail and rest.width() > 40:
            painting.draw_text(painter, rest, line.detail, "muted", font=small, align=painting.RIGHT)
        painter.restore()
