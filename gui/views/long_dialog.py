"""What dialogs about lengthy work have in common: progress, a message, and a way to stop and to undo."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from audioclip_search import TagProgress, TagStage
from gui.controllers.organising import OrganisingController
from gui.records import Trouble

_WIDTH = 520


class LongDialog(QDialog):
    """A dialog about something that takes a while and can be stopped, previewed and undone."""

    def __init__(self, organising: OrganisingController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(_WIDTH)
        self.organising = organising
        self.column = dialog_column(self)
        self.stage = QLabel()
        self.stage.setObjectName("muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress"))
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.close_button = QPushButton(self.tr("Close"))
        self.close_button.clicked.connect(self._close_or_stop)
        self.undo_button = QPushButton(self.tr("Undo"))
        self.undo_button.clicked.connect(self._undo)
        self.undo_button.hide()
        self.go_button = QPushButton()
        self.go_button.setObjectName("primary")
        self.busy = False
        organising.stopped.connect(self._on_stopped)
        organising.trouble.connect(self._on_trouble)

    def introduce(self, title: str, note: str) -> None:
        """Say what it is about."""
        self.setWindowTitle(title)
        for text, role in ((title, "heading"), (note, "muted")):
            label = QLabel(text)
            label.setObjectName(role)
            label.setWordWrap(True)
            self.column.addWidget(label)

    def done(self, result: int) -> None:
        """What is under way is stopped."""
        if self.busy:
            self.organising.cancel()
        super().done(result)

    def finish_layout(self, *others: QPushButton) -> None:
        """Put progress, message and buttons below what is there."""
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.stage)
        row.addWidget(self.bar, 1)
        self.progress = QWidget()
        self.progress.setLayout(row)
        row.setContentsMargins(0, 0, 0, 0)
        self.progress.hide()
        self.column.addWidget(self.message)
        self.column.addWidget(self.progress)
        self.column.addLayout(dialog_buttons(self.undo_button, self.close_button, *others, self.go_button))

    def begin(self) -> None:
        """It is under way now."""
        self.busy = True
        self.say("", "muted")
        self.undo_button.hide()
        self.stage.setText(self.tr("Preparing"))
        self.bar.setRange(0, 0)
        self.progress.show()
        self.close_button.setText(self.tr("Stop"))
        self.go_button.setEnabled(False)

    def end(self) -> None:
        """It is over."""
        self.busy = False
        self.progress.hide()
        self.close_button.setText(self.tr("Close"))
        self.go_button.setEnabled(True)

    def tell(self, progress: TagProgress) -> None:
        """How far it is."""
        words = {
            TagStage.LABELS: self.tr("Reading the labels"),
            TagStage.LEARN: self.tr("Learning what is usual"),
            TagStage.TAG: self.tr("Comparing"),
            TagStage.WRITE: self.tr("Writing"),
        }
        self.stage.setText(words.get(progress.stage, self.tr("Finishing")))
        self.bar.setRange(0, progress.total)
        self.bar.setValue(progress.done)

    def say(self, text: str, role: str) -> None:
        """Say what came of it; the role is that of the style sheet."""
        self.message.setText(text)
        self.message.setObjectName(role)
        self.message.style().unpolish(self.message)
        self.message.style().polish(self.message)

    def _close_or_stop(self) -> None:
        if self.busy:
            self.organising.cancel()
        else:
            self.reject()

    def _undo(self) -> None:
        self.organising.undo()
        self.undo_button.hide()
        self.say(self.tr("Undone"), "muted")

    def _on_stopped(self) -> None:
        if self.busy:
            self.end()

    def _on_trouble(self, trouble: Trouble) -> None:
        if self.busy:
            self.say(str(trouble), "bad")


def dialog_column(dialog: QDialog) -> QVBoxLayout:
    """A dialog's parts, from the top."""
    column = QVBoxLayout(dialog)
    column.setContentsMargins(24, 20, 24, 20)
    column.setSpacing(12)
    return column


def dialog_row(name: str, *widgets: QWidget) -> QHBoxLayout:
    """A line of a form."""
    row = QHBoxLayout()
    row.setSpacing(12)
    label = QLabel(name)
    label.setFixedWidth(72)
    row.addWidget(label)
    for widget in widgets:
        row.addWidget(widget, 1 if isinstance(widget, QComboBox | QSlider) else 0)
    return row


def dialog_buttons(*buttons: QPushButton) -> QHBoxLayout:
    """A dialog's last line."""
    row = QHBoxLayout()
    row.setContentsMargins(0, 8, 0, 0)
    row.setSpacing(8)
    row.addStretch(1)
    for button in buttons:
        row.addWidget(button)
    return row
