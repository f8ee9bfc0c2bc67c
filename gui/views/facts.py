"""Parts of the inspector that only tell: a picture, facts in two columns, and why a file was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from audioclip_search import Marker, Modality
from gui.backend.calls.pictures import Outline
from gui.models.results import clock
from gui.records import Row
from gui.theme import tokens
from gui.views.painting import KIND_ICONS, KIND_ROLES, cover, draw_icon, matching, wave_pixmap

_PICTURE_HEIGHT = 120
_PICTURE_SIDE = 512
_LONGEST_VALUE = 400
_BAR_HEIGHT, _LINE = 6, 24
_MOST_MARKERS = 40


class Pictures(Protocol):
    """Who has pictures of files; see `gui.controllers.pictures`."""

    @property
    def arrived(self) -> SignalInstance:
        """Says of which file there is another picture."""
        ...

    def waveform(self, path: str, mtime_ns: int = 0) -> Outline | None:
        """The outline of a sound."""
        ...

    def picture(self, path: str, side: int, mtime_ns: int = 0) -> QPixmap | None:
        """A picture."""
        ...


class Preview(QWidget):
    """A file in small: the picture, or the sound's waveform; the kind's icon until there is one."""

    def __init__(self, pictures: Pictures | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._row: Row | None = None
        self.setFixedHeight(_PICTURE_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        if pictures is not None:
            pictures.arrived.connect(self._on_arrived)

    def show_row(self, row: Row) -> None:
        """Show a file."""
        self._row = row
        self.setAccessibleName(row.name)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A card with the picture in it."""
        row = self._row
        if row is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = QPainterPath()
        card.addRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.fillPath(card, tokens().colour("ground"))
        painter.setClipPath(card)
        if not self._draw(painter, row):
            square = QRect(0, 0, 40, 40)
            square.moveCenter(self.rect().center())
            draw_icon(painter, square, KIND_ICONS[row.modality], KIND_ROLES[row.modality])
        painter.setClipping(False)
        painter.setPen(tokens().colour("line"))
        painter.drawPath(card)

    def _draw(self, painter: QPainter, row: Row) -> bool:
        if self._pictures is None:
            return False
        if row.modality is Modality.IMAGE:
            picture = self._pictures.picture(row.path, _PICTURE_SIDE, row.mtime_ns)
            if picture is not None:
                cover(painter, self.rect(), picture)
            return picture is not None
        if row.modality is not Modality.AUDIO:
            return False
        outline = self._pictures.waveform(row.path, row.mtime_ns)
        if outline is None:
            return False
        inner = self.rect().adjusted(12, 16, -12, -16)
        painter.drawPixmap(inner.topLeft(), wave_pixmap(outline, matching(row), inner.size(), self.devicePixelRatio()))
        return True

    def _on_arrived(self, path: str) -> None:
        if self._row is not None and self._row.path == path:
            self.update()


class Facts(QWidget):
    """Names on the left, what they are on the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts: tuple[tuple[str, str], ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnMinimumWidth(0, 84)
        self._grid.setColumnStretch(1, 1)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """What is shown."""
        return self._facts

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Replace what is shown; empty ones are left out."""
        wanted = tuple((name, value) for name, value in facts if value)
        if wanted == self._facts:
            return
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._facts = wanted
        for line, (name, value) in enumerate(wanted):
            left = QLabel(name)
            left.setObjectName("muted")
            left.setTextFormat(Qt.TextFormat.PlainText)
            left.setWordWrap(True)
            short = value if len(value) <= _LONGEST_VALUE else f"{value[:_LONGEST_VALUE]}…"
            right = QLabel(_breakable(short))
            right.setTextFormat(Qt.TextFormat.PlainText)
            right.setWordWrap(True)
            right.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            right.setAccessibleName(f"{name}: {value}")
            if short != value:
                right.setToolTip(value[: 10 * _LONGEST_VALUE])
            self._grid.addWidget(left, line, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(right, line, 1, Qt.AlignmentFlag.AlignTop)


class Markers(QWidget):
    """Named places in a sound, to go to."""

    chosen = Signal(float)
    """Seconds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._markers: tuple[Marker, ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.buttons: list[QPushButton] = []

    @property
    def markers(self) -> tuple[Marker, ...]:
        """What is shown."""
        return self._markers

    def show_markers(self, markers: Sequence[Marker]) -> None:
        """Replace what is shown."""
        if tuple(markers) == self._markers:
            return
        for button in self.buttons:
            self._column.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._markers = tuple(markers)
        self.buttons = [self._button(marker) for marker in self._markers[:_MOST_MARKERS]]
        for button in self.buttons:
            self._column.addWidget(button)

    def _button(self, marker: Marker) -> QPushButton:
        ends = f" – {clock(marker.end_s)}" if marker.end_s > marker.start_s else ""
        button = QPushButton()
        button.setObjectName("link")
        text = f"{clock(marker.start_s)}{ends}   {marker.label}".rstrip()
        button.setText(button.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, 256).replace("&", "&&"))
        button.setToolTip(self.tr("Go to {0}").format(text))
        button.clicked.connect(lambda: self.chosen.emit(marker.start_s))
        return button


def _breakable(text: str) -> str:
    """Long words may be broken."""
    return "".join(part if len(part) < 24 else "\u200b".join(part) for part in _words(text))


def _words(text: str) -> list[str]:
    words: list[str] = []
    for word in text.split(" "):
        words += [word, " "]
    return words[:-1]


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of something: its name, how much, whether it was taken off, and what stands beside it if not that in per
    cent."""

    name: str
    share: float
    negative: bool = False
    figure: str = ""

    def __str__(self) -> str:
        return self.figure or f"{'−' if self.negative else ''}{self.share:.0%}"


class Bars(QFrame):
    """Parts as bars below each other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: tuple[Bar, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def bars(self) -> tuple[Bar, ...]:
        """What is shown."""
        return self._bars

    def show_bars(self, bars: Sequence[Bar]) -> None:
        """Replace what is shown."""
        self._bars = tuple(bars)
        self.setFixedHeight(_LINE * len(self._bars))
        self.setAccessibleName("; ".join(f"{bar.name} {bar}" for bar in self._bars))
        self.update()

    def sizeHint(self) -> QSize:
        """A line for each."""
        return QSize(200, _LINE * len(self._bars))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Name, bar, per cent."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours, metrics = tokens(), self.fontMetrics()
        names = min(
            max(120, self.width() // 3), max((metrics.horizontalAdvance(bar.name) for bar in self._bars), default=0)
        )
        figures = metrics.horizontalAdvance("−100 %")
        for number, bar in enumerate(self._bars):
            line = QRect(0, number * _LINE, self.width(), _LINE)
            painter.setPen(colours.colour("muted"))
            name = metrics.elidedText(bar.name, Qt.TextElideMode.ElideRight, names)
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
            painter.setPen(colours.colour("text"))
            painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(bar))
            track = QRectF(names + 12, line.center().y() - _BAR_HEIGHT / 2 + 1, 0, _BAR_HEIGHT)
            track.setRight(self.width() - figures - 8)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.colour("pressed"))
            painter.drawRoundedRect(track, 3, 3)
            if bar.share > 0:
                track.setWidth(max(_BAR_HEIGHT, track.width() * min(1.0, bar.share)))
                painter.setBrush(colours.colour("bad" if bar.negative else "accent"))
                painter.drawRoundedRect(track, 3, 3)
