"""A section of the filters: its heading, and a row for each value with the number of files that have it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFont, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from audioclip_search import Field
from gui import wording
from gui.searching import FacetValue
from gui.theme import icon, tokens
from gui.views import painting
from gui.views.query_words import facet_title, value_label

_ROW_HEIGHT, _HEADING_HEIGHT = 28, 32
_FEW = 6
_BOX = 14


class FacetRow(QAbstractButton):
    """One value: a box that can be ticked, what it is, and how many files have it."""

    went = Signal(int)
    """The keys go up, -1, or down, 1."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setFixedHeight(_ROW_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.value = FacetValue("", "", 0)
        self._count = ""

    def show_value(self, field: Field, value: FacetValue) -> None:
        """Show a value as it is now."""
        label, self.value, self._count = value_label(field, value.label), value, wording.count(value.count)
        self.setText(label.replace("&", "&&"))
        self.setChecked(value.active)
        self.setAccessibleName(f"{facet_title(field)}: {label}, {wording.files(value.count)}")
        self.setToolTip(f"{label}\n{value.filter}")
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(200, _ROW_HEIGHT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down go to other rows, Return ticks like the space bar does."""
        match event.key():
            case Qt.Key.Key_Up:
                self.went.emit(-1)
            case Qt.Key.Key_Down:
                self.went.emit(1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.click()
            case _:
                super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that it can be ticked."""
        super().enterEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours, rect = tokens(), self.rect()
        if self.isDown() or self.underMouse():
            painting.draw_plate(painter, rect, "pressed" if self.isDown() else "hover")
        if self.hasFocus():
            painter.setPen(QPen(colours.colour("accent_text"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), 6, 6)
        box = QRect(rect.left() + 8, rect.center().y() - _BOX // 2 + 1, _BOX, _BOX)
        checked = self.isChecked()
        painter.setPen(QPen(colours.colour("accent" if checked else "strong_line"), 1))
        painter.setBrush(colours.colour("accent" if checked else "raised"))
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        if checked:
            painting.draw_icon(painter, box.adjusted(1, 1, -1, -1), "check", "on_accent")
        font = QFont(self.font())
        small = painting.small_font(font)
        painter.setFont(small)
        count = painter.fontMetrics().horizontalAdvance(self._count)
        words = rect.adjusted(30, 0, -8 - count - 12, 0)
        empty = not self.value.count and not checked
        if set(self.value.label) == {"★"}:
            painting.draw_stars(painter, words.left(), rect.center().y() + 1, len(self.value.label), all_five=False)
        else:
            label = self.text().replace("&&", "&")
            painting.draw_text(painter, words, label, "muted" if empty else "text", font=font, align=painting.LEFT)
        painting.draw_text(painter, rect.adjusted(0, 0, -8, 0), self._count, "muted", font=small, align=painting.RIGHT)


class Heading(QAbstractButton):
    """A section's title, which opens and closes it."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setText(title)
        self.setCheckable(True)
        self.setChecked(True)
        self.setFixedHeight(_HEADING_HEIGHT)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._chosen = 0
        self.set_chosen(0)

    def set_chosen(self, number: int) -> None:
        """Say how many values are ticked."""
        self._chosen = number
        self.setAccessibleName(self.tr("{title}, {number} chosen").format(title=self.text(), number=number))
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(200, _HEADING_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = self.rect()
        if self.hasFocus():
            painter.setPen(QPen(tokens().colour("accent_text"), 2))
            painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), 6, 6)
        font = painting.small_font(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        colour = "text" if self.underMouse() else "muted"
        painting.draw_text(painter, rect.adjusted(8, 0, -32, 0), self.text(), colour, font=font, align=painting.LEFT)
        arrow = QRect(rect.right() - 8 - 14, rect.center().y() - 6, 14, 14)
        icon("chevron-down" if self.isChecked() else "chevron-right", "muted").paint(painter, arrow)
        if self._chosen:
            painter.setFont(font)
            width = painter.fontMetrics().horizontalAdvance(str(self._chosen)) + 12
            badge = QRect(arrow.left() - width - 6, rect.center().y() - 8, width, 17)
            painting.draw_plate(painter, badge, "accent", 8.5)
            painter.setPen(tokens().colour("on_accent"))
            painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, str(self._chosen))


class FacetSection(QWidget):
    """A heading and its rows; the first few, or all. One row is in the order of focus, arrows go to the others."""

    toggled = Signal(object)
    """A `FacetValue` was ticked or unticked."""

    gone_to = Signal(QWidget)
    """A row that the arrows went to."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self.heading = Heading(facet_title(field))
        self.heading.toggled.connect(self._lay)
        self.more = QPushButton()
        self.more.setObjectName("link")
        self.more.clicked.connect(self._show_more)
        self._rows: list[FacetRow] = []
        self._values: tuple[FacetValue, ...] = ()
        self._all = False
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 8)
        self._layout.setSpacing(0)
        self._layout.addWidget(self.heading)
        below = QHBoxLayout()
        below.setContentsMargins(28, 2, 0, 0)
        below.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self._layout.addLayout(below)

    @property
    def rows(self) -> tuple[FacetRow, ...]:
        """Those on screen, from the top."""
        return tuple(row for row in self._rows if not row.isHidden())

    def show_values(self, values: Sequence[FacetValue]) -> None:
        """Show others, or other counts."""
        self._values = tuple(values)
        self.heading.set_chosen(sum(value.active for value in values))
        self._lay()

    def _lay(self) -> None:
        """Rows for the values that are to be seen: none if it is closed; few, but all that are ticked; or all."""
        shown = list(self._values if self._all else self._values[:_FEW])
        shown += [value for value in self._values[len(shown) :] if value.active]
        if not self.heading.isChecked():
            shown = []
        while len(self._rows) < len(shown):
            self._add()
        for row, value in zip(self._rows, shown, strict=False):
            row.show_value(self.field, value)
            row.show()
        for row in self._rows[len(shown) :]:
            row.hide()
        hidden = len(self._values) - _FEW
        self.more.setVisible(self.heading.isChecked() and hidden > 0)
        whole = self.tr("Show all {number}").format(number=wording.count(len(self._values)))
        self.more.setText(self.tr("Show fewer") if self._all else whole)
        self._set_stop(next((row for row in self.rows if row.hasFocus()), self._rows[0] if shown else None))

    def _add(self) -> None:
        row = FacetRow(self)
        row.clicked.connect(lambda: self.toggled.emit(row.value))
        row.went.connect(lambda step: self._go(row, step))
        self._layout.insertWidget(1 + len(self._rows), row)
        QWidget.setTabOrder(self._rows[-1] if self._rows else self.heading, row)
        self._rows.append(row)

    def _go(self, row: FacetRow, step: int) -> None:
        at = self._rows.index(row) + step
        if 0 <= at < len(self.rows):
            self._set_stop(self._rows[at])
            self._rows[at].setFocus(Qt.FocusReason.TabFocusReason)
            self.gone_to.emit(self._rows[at])
        else:
            self.focusNextPrevChild(step > 0)

    def _set_stop(self, stop: FacetRow | None) -> None:
        for row in self._rows:
            row.setFocusPolicy(Qt.FocusPolicy.StrongFocus if row is stop else Qt.FocusPolicy.ClickFocus)

    def _show_more(self) -> None:
        self._all = not self._all
        self._lay()
