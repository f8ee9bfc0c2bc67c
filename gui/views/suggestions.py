"""Tags that a model suggests, with a yes and a no for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from gui.theme import icon, tokens

_AT_FIRST = 6


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggested tag: how much of the bar is full, and what stands beside it."""

    label: str
    share: float
    figure: str


class Suggestions(QWidget):
    """The likeliest suggestions; the others on demand."""

    confirmed = Signal(list)
    rejected = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._suggestions: tuple[Suggestion, ...] = ()
        self._all = False
        self.lines: list[_Line] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self.more = QPushButton()
        self.more.setObjectName("link")
        self.more.clicked.connect(self._show_all)
        self.confirm_all = QPushButton(self.tr("Confirm all"))
        self.confirm_all.setObjectName("link")
        self.confirm_all.clicked.connect(self._confirm_all)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.more)
        row.addStretch(1)
        row.addWidget(self.confirm_all)
        self._column.addLayout(row)

    @property
    def suggestions(self) -> tuple[Suggestion, ...]:
        """What is suggested."""
        return self._suggestions

    def show_suggestions(self, suggestions: Sequence[Suggestion]) -> None:
        """Replace them."""
        if tuple(suggestions) != self._suggestions:
            self._suggestions, self._all = tuple(suggestions), False
            self._fill()

    def _confirm_all(self) -> None:
        self.confirmed.emit([suggestion.label for suggestion in self._suggestions])

    def _show_all(self) -> None:
        self._all = True
        self._fill()

    def _fill(self) -> None:
        focused = next((at for at, line in enumerate(self.lines) if line.has_focus), None)
        for line in self.lines:
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        shown = self._suggestions if self._all else self._suggestions[:_AT_FIRST]
        self.lines = [_Line(one, self) for one in shown]
        for at, line in enumerate(self.lines):
            line.confirmed.connect(lambda label: self.confirmed.emit([label]))
            line.rejected.connect(lambda label: self.rejected.emit([label]))
            self._column.insertWidget(at, line)
        hidden = len(self._suggestions) - len(shown)
        self.more.setVisible(hidden > 0)
        self.more.setText(self.tr("{0} more").format(hidden))
        self.confirm_all.setVisible(len(self._suggestions) > 1)
        if focused is not None and self.lines:
            self.lines[min(focused, len(self.lines) - 1)].yes.setFocus()


class _Line(QWidget):
    confirmed = Signal(str)
    rejected = Signal(str)

    def __init__(self, suggestion: Suggestion, parent: QWidget) -> None:
        super().__init__(parent)
        self._share = suggestion.share
        label = QLabel()
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setText(label.fontMetrics().elidedText(suggestion.label, Qt.TextElideMode.ElideRight, 130))
        label.setToolTip(suggestion.label)
        label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        figure = QLabel(suggestion.figure)
        figure.setObjectName("muted")
        figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.yes = self._button("check", "good", self.tr("Confirm {0}").format(suggestion.label))
        self.no = self._button("close", "bad", self.tr("Reject {0}").format(suggestion.label))
        self.yes.clicked.connect(lambda: self.confirmed.emit(suggestion.label))
        self.no.clicked.connect(lambda: self.rejected.emit(suggestion.label))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 2)
        row.setSpacing(4)
        row.addWidget(label, 1)
        row.addWidget(figure)
        row.addSpacing(4)
        row.addWidget(self.yes)
        row.addWidget(self.no)

    @property
    def has_focus(self) -> bool:
        return self.yes.hasFocus() or self.no.hasFocus()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A thin bar below: how sure."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        track = QRectF(0, self.height() - 2, self.width() - 60, 2)
        painter.setBrush(tokens().colour("pressed"))
        painter.drawRoundedRect(track, 1, 1)
        track.setWidth(track.width() * max(0.0, min(1.0, self._share)))
        painter.setBrush(tokens().colour("accent"))
        painter.drawRoundedRect(track, 1, 1)

    def _button(self, symbol: str, role: str, name: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName("small")
        button.setIcon(icon(symbol, role))
        button.setIconSize(QSize(16, 16))
        button.setFixedSize(26, 26)
        button.setAccessibleName(name)
        button.setToolTip(name)
        return button
