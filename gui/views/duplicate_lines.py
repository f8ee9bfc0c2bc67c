"""How groups of duplicates and their files are painted."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from audioclip_search import DuplicateTier
from gui.backend.duplicate_records import Copy, CopyGroup
from gui.models.duplicates import BEST_ROLE, COPY_ROLE, GROUP_ROLE
from gui.models.results import clock, size_text
from gui.theme import tokens
from gui.views.painting import KIND_ICONS, KIND_ROLES, LEFT, RIGHT, draw_icon, draw_plate, draw_text, small_font

Index = QModelIndex | QPersistentModelIndex
_GROUP_HEIGHT, _FILE_HEIGHT = 40, 52
_BOX = 18
_TIER_ROLES = {DuplicateTier.IDENTICAL: "good", DuplicateTier.SAME: "accent_text", DuplicateTier.ALIKE: "warning"}
_COLUMNS = (64, 104, 64, 56)
_NARROW = 560


class DuplicateLine(QStyledItemDelegate):
    """A group as a heading; a file in two lines, with a box to tick it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """All of a kind are equally high."""
        return QSize(0, _FILE_HEIGHT if index.data(COPY_ROLE) is not None else _GROUP_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a line."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        copy: Copy | None = index.data(COPY_ROLE)
        rect = option.rect
        if copy is None:
            self._paint_group(painter, rect, option, index.data(GROUP_ROLE), str(index.data()))
        else:
            self._paint_file(painter, rect, option, copy, index)
        painter.restore()

    def editorEvent(self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index) -> bool:
        """A click on the box ticks the file."""
        if (
            event.type() is QEvent.Type.MouseButtonRelease
            and isinstance(event, QMouseEvent)
            and index.flags() & Qt.ItemFlag.ItemIsUserCheckable
            and event.position().x() < option.rect.left() + 40
        ):
            ticked = index.data(Qt.ItemDataRole.CheckStateRole) is Qt.CheckState.Checked
            state = Qt.CheckState.Unchecked if ticked else Qt.CheckState.Checked
            return model.setData(index, state, Qt.ItemDataRole.CheckStateRole)
        return False

    def _paint_group(
        self, painter: QPainter, rect: QRect, option: QStyleOptionViewItem, group: CopyGroup, words: str
    ) -> None:
        self._paint_ground(painter, rect.adjusted(0, 4, 0, 0), option)
        open_ = bool(option.state & QStyle.StateFlag.State_Open)
        middle = rect.center().y() + 2
        draw_icon(
            painter, QRect(rect.left() + 8, middle - 8, 16, 16), "chevron-down" if open_ else "chevron-right", "muted"
        )
        draw_plate(painter, QRect(rect.left() + 32, middle - 4, 8, 8), _TIER_ROLES[group.tier], 4)
        font = QFont(option.font)
        font.setWeight(QFont.Weight.DemiBold)
        line = rect.adjusted(50, 4, -12, 0)
        draw_text(painter, line, words, "text", font=font, align=LEFT)
        spare = sum(copy.row.size for copy in group.copies[1:])
        draw_text(
            painter, line, self.tr("{0} to spare").format(size_text(spare)), "muted", font=option.font, align=RIGHT
        )

    def _paint_file(
        self, painter: QPainter, rect: QRect, option: QStyleOptionViewItem, copy: Copy, index: Index
    ) -> None:
        self._paint_ground(painter, rect, option)
        best = bool(index.data(BEST_ROLE))
        ticked = index.data(Qt.ItemDataRole.CheckStateRole) is Qt.CheckState.Checked
        can_tick = bool(index.flags() & Qt.ItemFlag.ItemIsUserCheckable)
        self._paint_box(painter, QRect(rect.left() + 12, rect.center().y() - _BOX // 2, _BOX, _BOX), ticked, can_tick)
        row = copy.row
        square = QRect(rect.left() + 44, rect.center().y() - 10, 20, 20)
        draw_icon(painter, square, KIND_ICONS[row.modality], KIND_ROLES[row.modality])
        right = self._paint_columns(painter, rect, option, copy, best=best)
        upper = QRect(rect.left() + 76, rect.top() + 6, right - rect.left() - 76 - 12, 20)
        lower = upper.translated(0, 20)
        name_font = QFont(option.font)
        name_font.setStrikeOut(ticked)
        if best:
            upper = self._paint_badge(painter, upper, row.name, option.font)
        draw_text(painter, upper, row.name, "muted" if ticked else "text", font=name_font, align=LEFT)
        said = self.tr("Its drive is not connected") if row.offline else copy.relation
        small = small_font(option.font)
        draw_text(painter, lower, f"{said}  ·  {row.folder}" if said else row.folder, "muted", font=small, align=LEFT)

    def _paint_columns(
        self, painter: QPainter, rect: QRect, option: QStyleOptionViewItem, copy: Copy, *, best: bool
    ) -> int:
        """What is compared at a glance, from the right; where it begins."""
        row = copy.row
        form = f"{row.format} {row.rate_hz / 1000:g} kHz" if row.rate_hz else row.format
        shape = clock(row.duration_s) if row.duration_s else (f"{row.width} × {row.height}" if row.width else "")
        texts = (shape, form, size_text(row.size), "" if best else f"{copy.similarity:.0%}")
        widths = _COLUMNS if rect.width() >= _NARROW else (0, 0, *_COLUMNS[2:])
        right = rect.right() - 12
        for text, width in zip(reversed(texts), reversed(widths), strict=True):
            if width:
                cell = QRect(right - width, rect.top(), width - 8, rect.height())
                draw_text(painter, cell, text, "muted", font=option.font, align=RIGHT)
                right -= width
        return right

    def _paint_badge(self, painter: QPainter, line: QRect, name: str, font: QFont) -> QRect:
        """Mark the best file after its name; what is left for the name."""
        text = self.tr("Best")
        small = small_font(font)
        painter.setFont(font)
        name_width = painter.fontMetrics().horizontalAdvance(name)
        painter.setFont(small)
        width = painter.fontMetrics().horizontalAdvance(text) + 16
        left = min(line.left() + name_width + 8, line.right() - width)
        badge = QRect(left, line.center().y() - 8, width, 18)
        draw_plate(painter, badge, "good_ground", 9)
        draw_text(painter, badge.adjusted(8, 0, -8, 0), text, "good", font=small, align=LEFT)
        return QRect(line.left(), line.top(), left - line.left() - 8, line.height())

    def _paint_box(self, painter: QPainter, box: QRect, ticked: bool, can_tick: bool) -> None:
        colours = tokens()
        frame = QRectF(box).adjusted(0.75, 0.75, -0.75, -0.75)
        if ticked:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.colour("bad"))
            painter.drawRoundedRect(frame, 4, 4)
            draw_icon(painter, box.adjusted(2, 2, -2, -2), "trash", "ground")
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colours.colour("strong_line" if can_tick else "faint"), 1.5))
        painter.drawRoundedRect(frame, 4, 4)

    def _paint_ground(self, painter: QPainter, rect: QRect, option: QStyleOptionViewItem) -> None:
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        inner = rect.adjusted(2, 1, -2, -1)
        if selected or hovered:
            draw_plate(painter, inner, "selection" if selected else "hover")
        if selected and option.state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(tokens().colour("accent_text"), 1))
            painter.drawRoundedRect(QRectF(inner).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
