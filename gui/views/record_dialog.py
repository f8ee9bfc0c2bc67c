"""Recording a sound to search with."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui.player.recorder import Recorder
from gui.records import Trouble
from gui.theme import icon, tokens

_HISTORY = 96


class RecordDialog(QDialog):
    """Records from the microphone and says how loud that is. Closed while it records, it keeps nothing.

    Args:
        recorder: Does it.
        parent: The window above which it opens.
    """

    recorded = Signal(str)
    """The path of what was recorded, to be searched with."""

    def __init__(self, recorder: Recorder, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Record a sound"))
        self.setMinimumWidth(420)
        self._recorder = recorder
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._invite()
        self._meter = Meter()
        self._time = QLabel("0.0 s")
        self._time.setObjectName("heading")
        self._time.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.button = QPushButton()
        self.button.setObjectName("primary")
        self.button.setIconSize(QSize(16, 16))
        self.button.setDefault(True)
        self.button.clicked.connect(self._on_button)
        cancel = QPushButton(self.tr("Cancel"))
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        for widget in (self._words, self._meter, self._time):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        recorder.recording_changed.connect(self._show_state)
        recorder.level_changed.connect(self._meter.add)
        recorder.elapsed_changed.connect(lambda seconds: self._time.setText(f"{seconds:.1f} s"))
        recorder.recorded.connect(self._on_recorded)
        recorder.trouble.connect(self._on_trouble)
        self._show_state(recorder.recording)

    @property
    def text(self) -> str:
        """What it says above the meter."""
        return self._words.text()

    def reject(self) -> None:
        """Close it; what is being recorded is thrown away."""
        self._recorder.cancel()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        """See `reject`."""
        self._recorder.cancel()
        super().closeEvent(event)

    def _on_button(self) -> None:
        if self._recorder.recording:
            self._recorder.stop()
        else:
            self._invite()
            self._meter.clear()
            self._recorder.start()

    def _show_state(self, recording: bool) -> None:
        self.button.setText(self.tr("Search with it") if recording else self.tr("Record"))
        self.button.setIcon(icon("search" if recording else "record", "on_accent"))

    def _on_recorded(self, path: str) -> None:
        self.recorded.emit(path)
        self.accept()

    def _on_trouble(self, trouble: Trouble) -> None:
        self._say(str(trouble), "bad")

    def _invite(self) -> None:
        words = self.tr("Hum it, knock on it, or play it from another device: what is like it will be found.")
        self._say(words, "muted")

    def _say(self, words: str, role: str) -> None:
        self._words.setText(words)
        self._words.setObjectName(role)
        self._words.style().polish(self._words)
        self._words.setAccessibleName(words)


class Meter(QWidget):
    """How loud it was lately, as bars that run to the left."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(72)
        self.setAccessibleName(self.tr("Level of the microphone"))
        self._levels: list[float] = []

    def add(self, level: float) -> None:
        """Another level, 0 to 1."""
        self._levels = [*self._levels[1 - _HISTORY :], level]
        self.update()

    def clear(self) -> None:
        """Forget what was."""
        self._levels = []
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tokens().colour("panel"))
        painter.drawRoundedRect(self.rect(), 8, 8)
        step = (self.width() - 16) / _HISTORY
        for place, level in enumerate(reversed(self._levels)):
            painter.setBrush(tokens().colour("bad" if level > 0.98 else "wave_played"))
            height = max(2.0, level * (self.height() - 16))
            left = self.width() - 8 - (place + 1) * step
            painter.drawRoundedRect(QRectF(left, (self.height() - height) / 2, max(1.0, step - 2), height), 1, 1)
        painter.end()
