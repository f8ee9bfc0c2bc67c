"""The library as a map: files that are alike lie close together."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from audioclip_search import Modality
from gui.backend.map_records import Colouring, Legend, MapPart, MapProgress, MapState
from gui.controllers.mapping import MapController
from gui.theme import categories, icon, tokens
from gui.views.map_canvas import MapCanvas

_KIND_TOKENS = {Modality.AUDIO.value: "audio", Modality.IMAGE.value: "image", Modality.TEXT.value: "document"}


class MapView(QWidget):
    """The map with its legend, made when it is first seen.

    Args:
        controller: Who has the map.
        parent: Its owner.
    """

    hovered = Signal(str)
    """A file to be heard, since it has been pointed at for a moment; empty: none any more."""

    selected = Signal(list)
    """Paths that were chosen by a click, the lasso, or the keyboard."""

    activated = Signal(str)
    """A file to be played, or opened."""

    def __init__(self, controller: MapController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self._asked = False
        self._parts: list[MapPart] = []
        self._numbers: dict[str, int] = {}
        self._legends: dict[Colouring, Legend] = {}
        self._codes: dict[Colouring, NDArray[np.uint8]] = {}
        self._lit: list[str] | None = None
        self._build()
        self.canvas.hovered.connect(self._on_hovered)
        self.canvas.selected.connect(self.selected)
        self.canvas.activated.connect(self.activated)
        controller.began.connect(self._on_began)
        controller.legend_arrived.connect(self._on_legend)
        controller.part_arrived.connect(self._on_part)
        controller.progressed.connect(self._on_progress)
        controller.finished.connect(self._on_finished)
        controller.stopped.connect(self._on_stopped)

    @property
    def colouring(self) -> Colouring:
        """What the colours mean."""
        return Colouring(self.colours.currentData())

    def reset(self) -> None:
        """Another library is open: its map is shown when this is seen next."""
        self._asked = False
        self.canvas.clear()
        if self.isVisible():
            self._ask()

    def highlight(self, paths: Iterable[str] | None) -> None:
        """Show where these files are, and dim all others; None dims none."""
        self._lit = None if paths is None else list(paths)
        self.canvas.highlight(self._lit)

    def choose(self, paths: Iterable[str]) -> None:
        """Mark files as chosen, without telling `selected`."""
        self.canvas.choose(paths)

    def showEvent(self, event: QShowEvent) -> None:
        """Seen for the first time: ask for the map."""
        super().showEvent(event)
        if not self._asked:
            self._ask()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() is QEvent.Type.PaletteChange:
            self._recolour()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what floats in its place."""
        super().resizeEvent(event)
        self._float()

    def _ask(self, *, again: bool = False) -> None:
        self._asked = True
        self._controller.show(again=again)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 8)
        column.setSpacing(8)
        column.addLayout(self._toolbar())
        self.canvas = MapCanvas()
        column.addWidget(self.canvas, 1)
        self.legend = LegendCard(self.canvas)
        self.legend.hide()
        self.card = self._state_card()
        self.card.hide()

    def _toolbar(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        label = QLabel(self.tr("Colour by"))
        label.setObjectName("muted")
        self.colours = QComboBox()
        self.colours.setAccessibleName(self.tr("What the colours mean"))
        for colouring, name in (
            (Colouring.KIND, self.tr("Kind")),
            (Colouring.TAG, self.tr("Tag")),
            (Colouring.FOLDER, self.tr("Folder")),
        ):
            self.colours.addItem(name, colouring.value)
        self.colours.setCurrentIndex(self.colours.findData(Colouring.FOLDER.value))
        self.colours.currentIndexChanged.connect(self._recolour)
        self.missing = QLabel()
        self.missing.setObjectName("muted")
        self.update_button = QPushButton(self.tr("Update"))
        self.update_button.setObjectName("link")
        self.update_button.clicked.connect(lambda: self._ask(again=True))
        self.audition = self._tool("volume", self.tr("Play what the pointer rests on"))
        self.audition.setChecked(self._controller.audition)
        self.audition.toggled.connect(self._set_audition)
        self.lasso = self._tool("edit", self.tr("Lasso: draw around files to choose them (or hold Shift)"))
        self.lasso.toggled.connect(self._set_lasso)
        nearer = self._tool("plus", self.tr("Zoom in (Ctrl++)"), checkable=False)
        nearer.clicked.connect(lambda: self.canvas.zoom(1.4))
        farther = self._tool("minus", self.tr("Zoom out (Ctrl+-)"), checkable=False)
        farther.clicked.connect(lambda: self.canvas.zoom(1 / 1.4))
        whole = self._tool("map", self.tr("Show all (Ctrl+0)"), checkable=False)
        whole.clicked.connect(self._fit)
        row.addWidget(label)
        row.addSpacing(4)
        row.addWidget(self.colours)
        row.addSpacing(12)
        row.addWidget(self.missing)
        row.addWidget(self.update_button)
        row.addStretch(1)
        for button in (self.audition, self.lasso, farther, nearer, whole):
            row.addWidget(button)
        self.update_button.hide()
        return row

    def _fit(self) -> None:
        self.canvas.fit()

    def _tool(self, symbol: str, name: str, *, checkable: bool = True) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(symbol, "muted"))
        button.setIconSize(QSize(18, 18))
        button.setCheckable(checkable)
        button.setToolTip(name)
        button.setAccessibleName(name)
        return button

    def _state_card(self) -> QFrame:
        card = QFrame(self.canvas)
        card.setObjectName("card")
        card.setFixedWidth(360)
        column = QVBoxLayout(card)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        self.headline = QLabel()
        self.headline.setObjectName("heading")
        self.headline.setWordWrap(True)
        self.text = QLabel()
        self.text.setObjectName("muted")
        self.text.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of the map"))
        self.button = QPushButton()
        self.button.clicked.connect(self._on_button)
        for widget in (self.headline, self.text, self.bar):
            column.addWidget(widget)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignRight)
        return card

    def _say(self, headline: str, text: str, button: str, *, working: bool) -> None:
        self.headline.setText(headline)
        self.text.setText(text)
        self.bar.setVisible(working)
        self.button.setText(button)
        self.button.setVisible(bool(button))
        self.card.adjustSize()
        self.card.show()
        self._float()

    def _on_began(self) -> None:
        self._parts.clear()
        self._numbers = {}
        self._legends.clear()
        self.missing.clear()
        self.update_button.hide()
        self.bar.setRange(0, 0)
        self._say(self.tr("Drawing the map"), self.tr("Reading the library"), self.tr("Stop"), working=True)

    def _on_progress(self, progress: MapProgress) -> None:
        self.bar.setRange(0, progress.total)
        self.bar.setValue(progress.done)
        self.text.setText(self.tr("Files that are alike are put close together. It is kept for the next time."))
        self.card.adjustSize()
        self._float()

    def _on_legend(self, legend: Legend) -> None:
        self._legends[legend.colouring] = legend

    def _on_part(self, part: MapPart) -> None:
        self._parts.append(part)
        first = len(self._numbers)
        self._numbers.update({path: first + at for at, path in enumerate(part.paths)})

    def _on_finished(self, state: MapState) -> None:
        parts = list(self._parts)
        self._parts.clear()
        points = np.concatenate([part.points for part in parts]) if parts else np.empty((0, 2), np.float32)
        self._codes = {
            colouring: np.concatenate([part.codes[colouring] for part in parts]) for colouring in self._legends if parts
        }
        self.canvas.show_points(self._numbers, points, self._dot_colours(len(points)))
        self.canvas.highlight(self._lit)
        self._show_legend()
        self.card.hide()
        if not state.made:
            text = self.tr("Files appear here when they are indexed.")
            self._say(self.tr("Nothing to show yet"), text, self.tr("Try again"), working=False)
        if state.missing:
            self.missing.setText(self.tr("{0} files are not on it yet").format(f"{state.missing:,}"))
            self.update_button.show()

    def _on_stopped(self) -> None:
        if self.canvas.count:
            self.card.hide()
            self.missing.setText(self.tr("The map is as it was"))
            self.update_button.show()
            return
        text = self.tr("It takes about a minute for a large library, and is kept.")
        self._say(self.tr("There is no map yet"), text, self.tr("Draw the map"), working=False)

    def _on_button(self) -> None:
        if self._controller.busy:
            self._controller.cancel()
        else:
            self._ask()

    def _on_hovered(self, path: str) -> None:
        if self._controller.audition:
            self.hovered.emit(path)

    def _set_audition(self, wanted: bool) -> None:
        self._controller.audition = wanted
        if not wanted:
            self.hovered.emit("")

    def _set_lasso(self, wanted: bool) -> None:
        self.canvas.lasso_mode = wanted
        self.canvas.setCursor(Qt.CursorShape.CrossCursor if wanted else Qt.CursorShape.ArrowCursor)

    def _recolour(self) -> None:
        if self.canvas.count:
            self.canvas.recolour(self._dot_colours(self.canvas.count))
        self._show_legend()

    def _palette(self, legend: Legend) -> list[str]:
        if legend.colouring is Colouring.KIND:
            return [getattr(tokens(), _KIND_TOKENS[name]) for name in legend.names]
        return list(categories()[: len(legend.names)])

    def _dot_colours(self, count: int) -> NDArray[np.uint32]:
        others = QColor(tokens().strong_line).rgb()
        legend, codes = self._legends.get(self.colouring), self._codes.get(self.colouring)
        if legend is None or codes is None or len(codes) != count:
            return np.full(count, others, np.uint32)
        table = np.full(256, others, np.uint32)
        for code, colour in enumerate(self._palette(legend)):
            table[code] = QColor(colour).rgb()
        colours: NDArray[np.uint32] = table[codes]
        return colours

    def _show_legend(self) -> None:
        legend = self._legends.get(self.colouring)
        self.legend.setVisible(legend is not None and self.canvas.count > 0)
        if legend is None:
            return
        kinds = {
            Modality.AUDIO.value: self.tr("Sounds"),
            Modality.IMAGE.value: self.tr("Pictures"),
            Modality.TEXT.value: self.tr("Texts"),
        }
        names = [kinds.get(name, name) if legend.colouring is Colouring.KIND else name for name in legend.names]
        lines = list(zip(self._palette(legend), names, legend.counts, strict=True))
        if legend.others:
            other = self.tr("No tag, or another") if legend.colouring is Colouring.TAG else self.tr("Others")
            lines.append((tokens().strong_line, other, legend.others))
        self.legend.show_lines(lines)
        self._float()

    def _float(self) -> None:
        area = self.canvas.rect()
        self.legend.adjustSize()
        self.legend.move(12, area.height() - self.legend.height() - 12)
        self.card.move((area.width() - self.card.width()) // 2, (area.height() - self.card.height()) // 2)


class LegendCard(QFrame):
    """What the colours mean."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.lines: list[tuple[str, str, int]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(12, 8, 12, 8)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)

    def show_lines(self, lines: list[tuple[str, str, int]]) -> None:
        """Replace the lines: colour, name and count of each."""
        self.lines = lines
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for line, (colour, name, count) in enumerate(lines):
            label = QLabel()
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setText(label.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, 160))
            number = QLabel(f"{count:,}")
            number.setObjectName("muted")
            for column, widget in enumerate((_Dot(colour), label, number)):
                self._grid.addWidget(widget, line, column)
                widget.show()  # or its size would not count yet
            self._grid.setAlignment(number, Qt.AlignmentFlag.AlignRight)
        self.setAccessibleName("; ".join(f"{name} {count:,}" for _, name, count in lines))
        self._grid.activate()
        self.adjustSize()


class _Dot(QWidget):
    def __init__(self, colour: str) -> None:
        super().__init__()
        self._colour = QColor(colour)
        self.setFixedSize(10, 10)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A dot."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colour)
        painter.drawEllipse(self.rect())
