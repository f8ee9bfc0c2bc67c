"""The results as a list."""

from __future__ import annotations

from PySide6.QtCore import (
    QByteArray,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QPointF,
    QRect,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QAction, QCursor, QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from audioclip_search import Modality
from gui.controllers.pictures import PictureController
from gui.models.results import COLUMNS, Column, Index, ResultsModel
from gui.models.selection import ResultsSelection
from gui.settings import Settings
from gui.views import painting
from gui.views.dragging import drag_files
from gui.views.result_cells import ROW_HEIGHT, ResultDelegate, update_cell
from gui.views.results_view import set_up

STATE_KEY = "results/columns"
"""The setting for the columns: which, where, and how wide."""

_WIDTHS = {
    Column.NAME: 208,
    Column.WAVEFORM: 144,
    Column.SCORE: 72,
    Column.DURATION: 68,
    Column.FORMAT: 60,
    Column.TAGS: 124,
    Column.FOLDER: 200,
    Column.RATING: 108,
    Column.RATE: 96,
    Column.CHANNELS: 84,
    Column.BITS: 56,
    Column.KIND: 80,
    Column.SIZE: 84,
    Column.MODIFIED: 132,
}
_SHOWN = (Column.NAME, Column.WAVEFORM, Column.SCORE, Column.DURATION, Column.FORMAT, Column.TAGS)
_LEAST_NAME, _LEAST_WAVE, _LEAST = 168, 96, 48
_WAVE_SHARE = 0.4
_SAVE_MS = 500


class ResultList(QTableView):
    """One line a file. Columns can be chosen, moved and made wider; the name, and then the waveform, take what is left.

    Args:
        model: The results.
        selection: Which of them are selected.
        pictures: For the waveforms.
        settings: Remembers the columns.
        parent: The owner.
    """

    opened = Signal(object)
    """A row, by Enter or a double click."""

    play_requested = Signal(object)
    """A row whose play button was clicked."""

    pause_requested = Signal()
    """The same of the row that is heard."""

    seek_requested = Signal(object, float)
    """A row and a place in it, seconds: its waveform was clicked."""

    favourite_requested = Signal(object)
    """A row whose heart was clicked."""

    rating_requested = Signal(object, int)
    """A row and how many stars it shall have."""

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
        self._seen: dict[str, int] = {}
        self._pressed: QModelIndex = QModelIndex()
        self._was_sounding = ""
        self._fitting = False
        self._saving = QTimer(self, interval=_SAVE_MS, singleShot=True)
        self._saving.timeout.connect(self._save)
        self._top = ("", 0)
        self._looking = QTimer(self, interval=0, singleShot=True)
        self._looking.timeout.connect(self._look)
        self._delegate = ResultDelegate(model, pictures, self)
        self.setModel(model)
        self.setSelectionModel(selection)
        self.setItemDelegate(self._delegate)
        self._set_up()
        self._set_up_header()
        pictures.arrived.connect(self._on_arrived)
        model.modelAboutToBeReset.connect(self._note_top)
        model.replaced.connect(self._on_replaced)
        model.rowsInserted.connect(self._looking.start)
        model.rowsInserted.connect(self._stay)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)

    def set_playing(self, path: str, *, sounding: bool, played: float = 0.0) -> None:
        """Say what is in the player: its row shows it.

        Args:
            path: The sound; empty for none.
            sounding: Whether it is heard now.
            played: How much of it has been, in [0, 1].
        """
        old, delegate = self._delegate.playing, self._delegate
        changed = old != path or delegate.sounding != sounding
        delegate.playing, delegate.sounding, delegate.played = path, sounding, played
        for each in {old, path} if changed else {path}:
            line = self._results.position_of(each)
            if line is not None:
                update_cell(self, self._results, line, Column.WAVEFORM)
                if changed:
                    update_cell(self, self._results, line, Column.NAME)

    def is_shown(self, column: Column) -> bool:
        """Whether a column is."""
        return not self.isColumnHidden(column.section)

    def show_column(self, column: Column, shown: bool) -> None:
        """Show or hide a column; the name always stays."""
        if column is not Column.NAME:
            self.setColumnHidden(column.section, not shown)
            self._columns_changed()

    def reset_columns(self) -> None:
        """Put the columns back to what they are when the app is new."""
        header = self.horizontalHeader()
        for place, column in enumerate(COLUMNS):
            header.moveSection(header.visualIndex(column.section), place)
            self.setColumnHidden(column.section, column not in _SHOWN)
            header.resizeSection(column.section, _WIDTHS[column])
        self._columns_changed()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens. Qt's `activated` would also come from a single click, where the desktop wants that."""
        row = self._selection.current_row()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() and row is not None:
            self.opened.emit(row)
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are shortcuts here; and to look through many rows would take long."""

    def moveCursor(self, action: QAbstractItemView.CursorAction, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Home and End go to the first and the last row; left and right nowhere."""
        last = self._results.rowCount() - 1
        if last < 0:
            return QModelIndex()
        Action = QAbstractItemView.CursorAction  # noqa: N806
        if action in (Action.MoveHome, Action.MoveEnd):
            return self._results.index(0 if action is Action.MoveHome else last, 0)
        if action in (Action.MoveLeft, Action.MoveRight):
            return self.currentIndex()
        if not self.currentIndex().isValid():  # getting the keyboard is no reason to go anywhere, and to be heard
            return QModelIndex() if action is Action.MoveNext else self._results.index(0, 0)
        return super().moveCursor(action, modifiers)

    def paintEvent(self, event: QPaintEvent) -> None:
        """All cells in sight."""
        self._delegate.focused = self.currentIndex().row() if self.hasFocus() else -1
        painting.fill_ground(self.viewport(), event.rect())
        super().paintEvent(event)

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Drag the selected files out."""
        drag_files(self, self._selection.selected_rows(), self._pictures)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fill the width."""
        super().resizeEvent(event)
        self._fit()
        self._looking.start()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Buttons in cells work on release, so that a drag can start from them."""
        index = self.indexAt(event.position().toPoint())
        left = event.button() is Qt.MouseButton.LeftButton and not event.modifiers()
        self._pressed = index if left else QModelIndex()
        self._was_sounding = self._delegate.playing if self._delegate.sounding else ""
        if left and index.isValid() and COLUMNS[index.column()] is Column.RATING:
            event.accept()  # to rate does not select
            return
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Play, seek, rate or favour where a click did so."""
        index, pressed = self.indexAt(event.position().toPoint()), self._pressed
        self._pressed = QModelIndex()
        dragged = self.state() is QAbstractItemView.State.DraggingState
        super().mouseReleaseEvent(event)
        if pressed.isValid() and index == pressed and not dragged:
            self._click(index, event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open, but not where single clicks do something."""
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and COLUMNS[index.column()] in (Column.RATING, Column.WAVEFORM):
            self.mousePressEvent(event)
            return
        super().mouseDoubleClickEvent(event)
        if index.isValid() and event.button() is Qt.MouseButton.LeftButton:
            self.opened.emit(self._results.row_at(index))

    def viewportEvent(self, event: QEvent) -> bool:
        """The whole row under the pointer is lit."""
        if event.type() in (QEvent.Type.MouseMove, QEvent.Type.HoverMove) and isinstance(event, QMouseEvent):
            self._hover(self.indexAt(event.position().toPoint()).row())
        elif event.type() in (QEvent.Type.Leave, QEvent.Type.HoverLeave):
            self._hover(-1)
        return super().viewportEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The current row shows that it has the keyboard."""
        super().focusInEvent(event)
        self._update_line(self.currentIndex().row())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """And that it has it no more."""
        super().focusOutEvent(event)
        self._update_line(self.currentIndex().row())

    def currentChanged(self, current: Index, previous: Index) -> None:
        """Both rows look different now."""
        super().currentChanged(current, previous)
        self._update_line(previous.row())
        self._update_line(current.row())

    def changeEvent(self, event: QEvent) -> None:
        """Fonts come with the style."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange, QEvent.Type.PaletteChange):
            self._delegate.set_font(self.font())
            self.viewport().update()

    def _set_up(self) -> None:
        set_up(self)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        rows = self.verticalHeader()
        rows.hide()
        rows.setMinimumSectionSize(ROW_HEIGHT)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalScrollBar().setSingleStep(ROW_HEIGHT)
        self._delegate.set_font(self.font())

    def _set_up_header(self) -> None:
        header = self.horizontalHeader()
        # One of its own, always empty: to see whether a column is selected it would ask for every row's flags.
        header.setSelectionModel(QItemSelectionModel(self._results, header))
        header.setSectionsMovable(True)
        header.setFirstSectionMovable(True)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(_LEAST)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setFixedHeight(32)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.reset_columns()
        stored = self._settings.state(STATE_KEY)
        if not stored.isEmpty():
            header.restoreState(stored)
            header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
            self._columns_changed()
        self._saving.stop()
        self.setSortingEnabled(True)
        header.customContextMenuRequested.connect(self._show_column_menu)
        header.sectionResized.connect(self._on_resized)
        header.sectionMoved.connect(self._columns_changed)

    def _show_column_menu(self, point: QPoint) -> None:
        menu = self.column_menu()
        menu.exec(self.horizontalHeader().viewport().mapToGlobal(point))
        menu.deleteLater()

    def column_menu(self) -> QMenu:
        """A menu to choose columns from."""
        menu = QMenu(self)
        for column in COLUMNS[1:]:
            title = str(self._results.headerData(column.section, Qt.Orientation.Horizontal))
            action = QAction(title, menu, checkable=True, checked=self.is_shown(column))
            action.toggled.connect(lambda shown, column=column: self.show_column(column, shown))
            menu.addAction(action)
        menu.addSeparator()
        menu.addAction(self.tr("Reset columns"), self.reset_columns)
        return menu

    def _columns_changed(self) -> None:
        header = self.horizontalHeader()
        shown = [column for column in COLUMNS if self.is_shown(column)]
        ordered = sorted(shown, key=lambda column: header.visualIndex(column.section))
        self._delegate.edges = ordered[0], ordered[-1]
        self._delegate.folder_beneath = Column.FOLDER not in shown
        self._fit()
        self.viewport().update()
        self._saving.start()

    def _on_resized(self, section: int, _old: int, _new: int) -> None:
        if not self._fitting:
            self._fit(COLUMNS[section])
            self._saving.start()

    def _fit(self, kept: Column | None = None) -> None:
        """Make the columns as wide as the view, if they can be: by the waveform and the name, but not by `kept`."""
        header = self.horizontalHeader()
        slack = self.viewport().width() - header.length()
        wave, name = (Column.WAVEFORM, _LEAST_WAVE), (Column.NAME, _LEAST_NAME)
        self._fitting = True
        for (column, least), share in ((wave, _WAVE_SHARE), (name, 1.0), (wave, 1.0)):
            if column is not kept and self.is_shown(column) and slack:
                width = header.sectionSize(column.section)
                wanted = max(min(least, width), width + round(slack * share))
                header.resizeSection(column.section, wanted)
                slack -= wanted - width
        self._fitting = False

    def _save(self) -> None:
        self._settings.put(STATE_KEY, QByteArray(self.horizontalHeader().saveState()))

    def _click(self, index: QModelIndex, place: QPointF) -> None:
        row, column, rect = self._results.row_at(index), COLUMNS[index.column()], self.visualRect(index)
        point = place.toPoint()
        if column is Column.NAME and self._delegate.play_rect(rect).contains(point):
            if row.path == self._was_sounding:
                self.pause_requested.emit()
            elif row.modality is Modality.AUDIO:
                self.play_requested.emit(row)
        elif column is Column.WAVEFORM and row.duration_s:
            wave = self._delegate.wave_rect(rect)
            share = (place.x() - wave.left()) / max(1, wave.width())
            self.seek_requested.emit(row, min(1.0, max(0.0, share)) * row.duration_s)
        elif column is Column.RATING:
            star = self._delegate.star_at(rect, point)
            if star == 0:
                self.favourite_requested.emit(row)
            elif star > 0:
                self.rating_requested.emit(row, 0 if star == row.rating else star)

    def _hover(self, line: int) -> None:
        if line != self._delegate.hovered:
            old, self._delegate.hovered = self._delegate.hovered, line
            self._update_line(old)
            self._update_line(line)

    def _update_line(self, line: int) -> None:
        if line >= 0:
            rect = self.visualRect(self._results.index(line, 0))
            self.viewport().update(QRect(0, rect.top() - 1, self.viewport().width(), rect.height() + 2))

    def _on_arrived(self, path: str) -> None:
        line = self._seen.get(path)
        if line is not None and self.isVisible():
            update_cell(self, self._results, line, Column.WAVEFORM)

    def _note_top(self) -> None:
        """What is at the top, and how far it is above it; nothing if that is the first row."""
        value, line = self.verticalScrollBar().value(), self.rowAt(0)
        self._top = (self._results.row_at(line).path, value - line * ROW_HEIGHT) if value and line >= 0 else ("", 0)

    def _stay(self) -> None:
        """Have at the top what was there, as soon as it is there again."""
        path, above = self._top
        line = self._results.position_of(path) if path else None
        if line is not None:
            self._top = ("", 0)
            self.executeDelayedItemsLayout()
            self.verticalScrollBar().setValue(line * ROW_HEIGHT + above)

    def _on_replaced(self) -> None:
        self._delegate.hovered = -1
        self._looking.start()
        current = self.currentIndex()
        if self._results.again:
            self._stay()
            return
        self._top = ("", 0)
        if current.isValid():
            self.scrollTo(current)
        else:
            self.scrollToTop()

    def _on_scrolled(self, value: int) -> None:
        self._looking.start()
        if self._delegate.hovered >= 0:
            self._hover(self.rowAt(self.viewport().mapFromGlobal(QCursor.pos()).y()))
        if value > self.verticalScrollBar().maximum() - 2 * self.viewport().height():
            self.near_end.emit()

    def _look(self) -> None:
        """Note which files are in sight, and let the pictures of others be."""
        first, last = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        last = last if last >= 0 else self._results.rowCount() - 1
        visible = self.isVisible() and 0 <= first <= last
        seen = {self._results.row_at(line).path: line for line in range(first, last + 1)} if visible else {}
        if gone := self._seen.keys() - seen.keys():
            self._pictures.leave(gone)
        self._seen = seen
