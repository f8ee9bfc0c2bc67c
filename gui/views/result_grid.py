"""The results as cards."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QModelIndex, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCursor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QListView, QToolTip, QWidget

from audioclip_search import Modality
from gui.controllers.pictures import PictureController
from gui.models.results import COLUMNS, Index, ResultsModel
from gui.models.selection import ResultsSelection
from gui.settings import Settings
from gui.views import painting
from gui.views.card_layout import GAP, CardLayout
from gui.views.cards import CardPainter, CardState
from gui.views.dragging import drag_files
from gui.views.results_view import set_up
from gui.views.why import why_html

SIDE_KEY = "results/card"
"""The setting for the least width of a card."""

LEAST_SIDE, MOST_SIDE = 128, 320

_SIDE = 160
_ZOOM = 16
_Cursor = QAbstractItemView.CursorAction
_Hint = QAbstractItemView.ScrollHint


class ResultGrid(QListView):
    """One card a file: a picture, or a sound's spectrogram, with the name and the score. Where the cards are follows
    from their size alone, so that a hundred thousand need no more time than ten.

    Args:
        model: The results.
        selection: Which of them are selected; shared with the list.
        pictures: For the pictures.
        settings: Remembers the size.
        parent: The owner.
    """

    opened = Signal(object)
    """A row, by Enter or a double click."""

    play_requested = Signal(object)
    """A row whose play button was clicked."""

    pause_requested = Signal()
    """The same of the row that is heard."""

    side_changed = Signal(int)
    """How wide a card is at least, pixels."""

    near_end = Signal()
    """Few rows are left below: time to ask for more."""

    def __init__(
        self,
        model: ResultsModel,
        selection: ResultsSelection,
        pictures: PictureController,
        settings: Settings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._results, self._selection, self._pictures, self._settings = model, selection, pictures, settings
        self._painter = CardPainter(model, pictures)
        self._side = min(MOST_SIDE, max(LEAST_SIDE, round(settings.number(SIDE_KEY, _SIDE))))
        self._layout = CardLayout(0, 1, self._side)
        self._seen: dict[str, int] = {}
        self._hovered = -1
        self._playing, self._sounding, self._played = "", False, 0.0
        self._pressed, self._was_sounding = -1, ""
        self._place = 0
        self._looking = QTimer(self, interval=0, singleShot=True)
        self._looking.timeout.connect(self._look)
        self.setModel(model)
        self.setSelectionModel(selection)
        self._set_up()
        pictures.arrived.connect(self._on_arrived)
        model.modelAboutToBeReset.connect(self._note_place)
        model.replaced.connect(self._on_replaced)
        model.rowsInserted.connect(self._stay)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    @property
    def side(self) -> int:
        """How wide a card is at least, pixels."""
        return self._side

    def set_side(self, side: int) -> None:
        """Make cards larger or smaller; what is in the middle stays there."""
        side = min(MOST_SIDE, max(LEAST_SIDE, side))
        if side == self._side:
            return
        middle = self._layout.nearest(QPoint(0, self.verticalOffset() + self.viewport().height() // 2))
        self._side = side
        self._settings.put(SIDE_KEY, side)
        self.updateGeometries()
        if middle >= 0:
            self.scrollTo(self._results.index(middle, 0), _Hint.PositionAtCenter)
        self.viewport().update()
        self.side_changed.emit(side)

    def set_playing(self, path: str, *, sounding: bool, played: float = 0.0) -> None:
        """Say what is in the player: its card shows it.

        Args:
            path: The sound; empty for none.
            sounding: Whether it is heard now.
            played: How much of it has been, in [0, 1].
        """
        old = self._playing
        self._playing, self._sounding, self._played = path, sounding, played
        for each in {old, path}:
            self._update(self._results.position_of(each))

    def visualRect(self, index: Index) -> QRect:
        """Where a card is."""
        if not index.isValid():
            return QRect()
        return self._layout.rect(index.row()).translated(0, -self.verticalOffset())

    def indexAt(self, point: QPoint) -> QModelIndex:
        """The card that is there."""
        number = self._layout.at(point + QPoint(0, self.verticalOffset()))
        return self._results.index(number, 0) if number >= 0 else QModelIndex()

    def scrollTo(self, index: Index, hint: QAbstractItemView.ScrollHint = _Hint.EnsureVisible) -> None:
        """Bring a card into sight."""
        if not index.isValid():
            return
        card, bar, height = self._layout.rect(index.row()), self.verticalScrollBar(), self.viewport().height()
        top, bottom = card.top() - GAP, card.bottom() + GAP
        if hint is _Hint.PositionAtCenter:
            bar.setValue(card.center().y() - height // 2)
        elif hint is _Hint.PositionAtTop or top < bar.value():
            bar.setValue(top)
        elif hint is _Hint.PositionAtBottom or bottom > bar.value() + height:
            bar.setValue(bottom - height)

    def horizontalOffset(self) -> int:
        """Cards fill the width; nothing is beside them."""
        return 0

    def verticalOffset(self) -> int:
        """How far it is scrolled."""
        return self.verticalScrollBar().value()

    def isIndexHidden(self, index: Index) -> bool:
        """No card is; the other columns have none."""
        return index.column() != 0

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """The card that a key leads to."""
        last = self._results.rowCount() - 1
        if last < 0:
            return QModelIndex()
        if not self.currentIndex().isValid():  # getting the keyboard is no reason to go anywhere, and to be heard
            return QModelIndex() if action is _Cursor.MoveNext else self._results.index(0, 0)
        current, columns = self.currentIndex().row(), self._layout.columns
        page = columns * max(1, self.viewport().height() // self._layout.step)
        steps = {
            _Cursor.MoveLeft: -1,
            _Cursor.MovePrevious: -1,
            _Cursor.MoveRight: 1,
            _Cursor.MoveNext: 1,
            _Cursor.MoveUp: -columns,
            _Cursor.MoveDown: columns,
            _Cursor.MovePageUp: -page,
            _Cursor.MovePageDown: page,
            _Cursor.MoveHome: -current,
            _Cursor.MoveEnd: last - current,
        }
        wanted = current + steps[action]
        no_line_above = action is _Cursor.MoveUp and wanted < 0
        no_line_below = action is _Cursor.MoveDown and current // columns == last // columns
        if no_line_above or no_line_below:
            wanted = current
        return self._results.index(min(last, max(0, wanted)), 0)

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        """Select from one corner to the other in reading order, or what a rubber band touches."""
        offset = QPoint(0, self.verticalOffset())
        if self.state() is QAbstractItemView.State.DragSelectingState:
            parts = self._layout.within(rect.normalized().translated(offset))
        else:
            ends = [self._layout.nearest(corner + offset) for corner in (rect.topLeft(), rect.bottomRight())]
            parts = [(min(ends), max(ends))] if self._results.rowCount() else []
        selection = QItemSelection()
        for first, last in parts:
            selection.select(self._results.index(first, 0), self._results.index(last, len(COLUMNS) - 1))
        self._selection.select(selection, command)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        """What to paint when a selection changes: all of it, since that is not much."""
        return QRegion(self.viewport().rect())

    def doItemsLayout(self) -> None:
        """Nothing has to be placed."""
        self.updateGeometries()
        self.viewport().update()

    def updateGeometries(self) -> None:
        """Fit the scroll bar to the cards."""
        self._show_bar()
        view = self.viewport().size()
        self._layout = CardLayout(self._results.rowCount(), view.width(), self._side)
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, self._layout.height - view.height()))
        bar.setPageStep(view.height())
        bar.setSingleStep(max(1, self._layout.step // 3))
        self._looking.start()

    def _show_bar(self) -> None:
        """Show the scroll bar where it is needed. Whether it is does not depend on whether it is shown."""
        bar = self.verticalScrollBar()
        width = self.viewport().width() + (bar.sizeHint().width() if bar.isVisible() else 0)
        needed = CardLayout(self._results.rowCount(), width, self._side).height > self.viewport().height()
        policy = Qt.ScrollBarPolicy.ScrollBarAlwaysOn if needed else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if policy is not self.verticalScrollBarPolicy():
            self.setVerticalScrollBarPolicy(policy)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Move what is painted, and paint the rest."""
        self.viewport().scroll(0, dy)

    def selectAll(self) -> None:
        """All cards, whatever columns the list has."""
        last = self._results.rowCount() - 1
        if last >= 0:
            selection = QItemSelection(self._results.index(0, 0), self._results.index(last, len(COLUMNS) - 1))
            self._selection.select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def rowsInserted(self, parent: Index, start: int, end: int) -> None:
        """More cards are there."""
        self.updateGeometries()
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens. Qt's `activated` would also come from a single click, where the desktop wants that."""
        row = self._selection.current_row()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() and row is not None:
            self.opened.emit(row)
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are shortcuts here; and to look through many rows would take long."""

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Drag the selected files out."""
        drag_files(self, self._selection.selected_rows(), self._pictures)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The cards in sight."""
        painting.fill_ground(self.viewport(), event.rect())
        painter = QPainter(self.viewport())
        offset, current = self.verticalOffset(), self.currentIndex().row() if self.hasFocus() else -1
        height = self._layout.picture_height
        for first, last in self._layout.within(event.rect().translated(0, offset)):
            for number in range(first, last + 1):
                row = self._results.row_at(number)
                playing = row.path == self._playing
                state = CardState(
                    self._selection.isSelected(self._results.index(number, 0)),
                    number == current,
                    number == self._hovered,
                    playing,
                    playing and self._sounding,
                    self._played,
                )
                self._painter.paint(painter, self._layout.rect(number).translated(0, -offset), height, row, state)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many cards beside each other as there is room for; the current one stays in sight."""
        QAbstractItemView.resizeEvent(self, event)
        self.updateGeometries()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """With Ctrl, larger and smaller."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_side(self._side + (_ZOOM if event.angleDelta().y() > 0 else -_ZOOM))
            event.accept()
        else:
            super().wheelEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Buttons on cards work on release, so that a drag can start from them."""
        left = event.button() is Qt.MouseButton.LeftButton and not event.modifiers()
        self._pressed = self.indexAt(event.position().toPoint()).row() if left else -1
        self._was_sounding = self._playing if self._sounding else ""
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Play where a click did so."""
        point, pressed = event.position().toPoint(), self._pressed
        self._pressed = -1
        dragged = self.state() is QAbstractItemView.State.DraggingState
        super().mouseReleaseEvent(event)
        index = self.indexAt(point)
        if pressed < 0 or dragged or index.row() != pressed:
            return
        row, button = (
            self._results.row_at(index),
            CardPainter.play_rect(self.visualRect(index), self._layout.picture_height),
        )
        if row.modality is Modality.AUDIO and button.contains(point):
            if row.path == self._was_sounding:
                self.pause_requested.emit()
            else:
                self.play_requested.emit(row)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open."""
        super().mouseDoubleClickEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and event.button() is Qt.MouseButton.LeftButton:
            self.opened.emit(self._results.row_at(index))

    def viewportEvent(self, event: QEvent) -> bool:
        """Light the card under the pointer, and say why it was found."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            index = self.indexAt(event.pos())
            if index.isValid():
                text = why_html(self._results.row_at(index))
                QToolTip.showText(event.globalPos(), text, self.viewport(), self.visualRect(index))
            return True
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseMove:
            self._hover(self.indexAt(event.position().toPoint()).row())
        elif event.type() in (QEvent.Type.Leave, QEvent.Type.HoverLeave):
            self._hover(-1)
        return super().viewportEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The current card shows that it has the keyboard."""
        super().focusInEvent(event)
        self._update(self.currentIndex().row())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """And that it has it no more."""
        super().focusOutEvent(event)
        self._update(self.currentIndex().row())

    def changeEvent(self, event: QEvent) -> None:
        """Fonts come with the style."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange, QEvent.Type.PaletteChange):
            self._painter.set_font(self.font())
            self.viewport().update()

    def _set_up(self) -> None:
        set_up(self)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._painter.set_font(self.font())

    def _hover(self, number: int) -> None:
        if number != self._hovered:
            old, self._hovered = self._hovered, number
            self._update(old)
            self._update(number)

    def _update(self, number: int | None) -> None:
        if number is not None and number >= 0:
            self.viewport().update(self.visualRect(self._results.index(number, 0)))

    def _on_arrived(self, path: str) -> None:
        if self.isVisible():
            self._update(self._seen.get(path))

    def _note_place(self) -> None:
        self._place = self.verticalScrollBar().value()

    def _stay(self) -> None:
        """Be where one was, as soon as there are rows enough."""
        bar = self.verticalScrollBar()
        if self._results.again and self._place and self._results.rowCount():
            self.updateGeometries()
            bar.setValue(self._place)
            if bar.value() == self._place:
                self._place = 0

    def _on_replaced(self) -> None:
        self._hovered = -1
        self.updateGeometries()
        current = self.currentIndex()
        if self._results.again:
            self._stay()
        elif current.isValid():
            self.scrollTo(current)
        else:
            self.verticalScrollBar().setValue(0)
        self.viewport().update()

    def _on_scrolled(self, value: int) -> None:
        self._looking.start()
        if self._hovered >= 0:
            self._hover(self.indexAt(self.viewport().mapFromGlobal(QCursor.pos())).row())
        if value > self.verticalScrollBar().maximum() - 2 * self.viewport().height():
            self.near_end.emit()

    def _look(self) -> None:
        """Note which files are in sight, and let the pictures of others be."""
        seen: dict[str, int] = {}
        if self.isVisible():
            shown = self.viewport().rect().translated(0, self.verticalOffset())
            for first, last in self._layout.within(shown):
                seen.update({self._results.row_at(number).path: number for number in range(first, last + 1)})
        if gone := self._seen.keys() - seen.keys():
            self._pictures.leave(gone)
        self._seen = seen
