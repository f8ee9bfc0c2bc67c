"""Which results are selected, and which one is current, for all views of them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

import numpy as np
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QObject, QTimer, Signal

from gui.models.results import COLUMNS, ResultsModel
from gui.records import Row

_MOST_KEPT = 5_000
_Flag = QItemSelectionModel.SelectionFlag


class ResultsSelection(QItemSelectionModel):
    """The selection of a `ResultsModel`. It belongs to files, not to lines: other results or another order keep those
    selected that are still there, up to some thousands, or all if all were.

    Args:
        model: The results.
        parent: Its owner.
    """

    row_changed = Signal(object)
    """The current row, or None."""

    chosen = Signal(object)
    """The current row, when the user made it that: to be heard."""

    rows_changed = Signal()
    """Others are selected; soon after, once for many changes."""

    def __init__(self, model: ResultsModel, parent: QObject | None = None) -> None:
        super().__init__(model)
        self.setParent(parent)
        self._results = model
        self._ours = False
        self._told: str | None = None
        self._wanted: set[str] = set()
        self._wanted_current: str | None = None
        self._all = False
        self._telling = QTimer(self, interval=0, singleShot=True)
        self._telling.timeout.connect(self.rows_changed)
        self.currentChanged.connect(self._on_current)
        self.selectionChanged.connect(self._on_selection)
        model.modelAboutToBeReset.connect(self._remember)
        model.replaced.connect(self._restore)
        model.rowsInserted.connect(self._on_inserted)
        model.dataChanged.connect(self._on_data)

    def count(self) -> int:
        """How many rows are selected."""
        return sum(last - first + 1 for first, last in self.stretches())

    def stretches(self) -> list[tuple[int, int]]:
        """The first and last lines of what is selected, from top to bottom."""
        selection = self.selection()
        parts = (selection.at(number) for number in range(selection.count()))
        return sorted((part.top(), part.bottom()) for part in parts)

    def selected_rows(self) -> list[Row]:
        """The selected rows, from top to bottom."""
        parts = (self._results.rows_between(first, last) for first, last in self.stretches())
        return list(chain.from_iterable(parts))

    def current_row(self) -> Row | None:
        """The row that the keyboard is at."""
        index = self.currentIndex()
        return self._results.row_at(index) if index.isValid() else None

    def choose(self, line: int) -> None:
        """Select one line only and go there, as if the user had."""
        self.setCurrentIndex(self._results.index(line, 0), _Flag.ClearAndSelect | _Flag.Rows)

    def choose_paths(self, paths: Iterable[str]) -> None:
        """Select those files that are shown, and go to the first of them."""
        lines = [line for path in paths if (line := self._results.position_of(path)) is not None]
        self._select(lines, _Flag.ClearAndSelect)
        if lines:
            self.setCurrentIndex(self._results.index(min(lines), 0), _Flag.NoUpdate)

    def _remember(self) -> None:
        count, total = self.count(), self._results.rowCount()
        self._all = 0 < count == total
        if 0 < count <= _MOST_KEPT:
            self._wanted.update(row.path for row in self.selected_rows())
        if (current := self.current_row()) is not None:
            self._wanted_current = current.path

    def _restore(self) -> None:
        if self._all and self._results.rowCount():
            self._ours = True
            last = self._results.index(self._results.rowCount() - 1, len(COLUMNS) - 1)
            self.select(QItemSelection(self._results.index(0, 0), last), _Flag.Select)
            self._ours = False
        else:
            self._take_up([line for path in self._wanted if (line := self._results.position_of(path)) is not None])
        if self._wanted_current is not None:
            self._go_on(self._results.position_of(self._wanted_current))
        self._tell()
        self._telling.start()

    def _on_inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        if not self._wanted and self._wanted_current is None:
            return
        paths = {self._results.row_at(line).path: line for line in range(first, last + 1)}
        self._take_up([line for path, line in paths.items() if path in self._wanted])
        if self._wanted_current in paths:
            self._go_on(paths[self._wanted_current])
            self._tell()

    def _take_up(self, lines: Iterable[int]) -> None:
        self._ours = True
        self._select(lines, _Flag.Select)
        self._ours = False

    def _go_on(self, line: int | None) -> None:
        if line is not None:
            self._ours = True
            self.setCurrentIndex(self._results.index(line, 0), _Flag.NoUpdate)
            self._ours = False

    def _select(self, lines: Iterable[int], flag: QItemSelectionModel.SelectionFlag) -> None:
        ordered = np.unique(np.fromiter(lines, np.int64))
        selection = QItemSelection()
        if len(ordered):
            breaks = np.flatnonzero(np.diff(ordered) > 1)
            firsts, lasts = ordered[np.r_[0, breaks + 1]], ordered[np.r_[breaks, len(ordered) - 1]]
            for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
                selection.select(self._results.index(first, 0), self._results.index(last, len(COLUMNS) - 1))
        self.select(selection, flag)

    def _on_current(self, _current: QModelIndex, _previous: QModelIndex) -> None:
        if self._ours:
            return
        self._forget()
        self._tell()
        self.chosen.emit(self.current_row())

    def _on_selection(self) -> None:
        if not self._ours:
            self._forget()
        self._telling.start()

    def _on_data(self, first: QModelIndex, last: QModelIndex) -> None:
        index = self.currentIndex()
        if index.isValid() and first.row() <= index.row() <= last.row():
            self.row_changed.emit(self.current_row())

    def _forget(self) -> None:
        self._wanted, self._wanted_current = set(), None

    def _tell(self) -> None:
        row = self.current_row()
        path = None if row is None else row.path
        if path != self._told:
            self._told = path
            self.row_changed.emit(row)
