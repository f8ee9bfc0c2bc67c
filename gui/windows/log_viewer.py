"""The logs, followed as they grow."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QColor, QHideEvent, QShowEvent, QSyntaxHighlighter, QTextCharFormat, QTextDocument
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.theme import tokens
from gui.windows.preference_pages.advanced import open_folder

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_LINE = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ (\w+)")
_EVERY_MS = 700
_MOST_LINES = 3_000
_AT_ONCE_BYTES = 128 * 1024


class LogViewer(QDialog):
    """Shows one of the logs, from a level on, and follows it.

    Args:
        folder: Where the logs are.
        parent: The window above which it opens.
    """

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._position = 0
        self._level_shown = True
        self.setWindowTitle(self.tr("Log"))
        self.setMinimumSize(640, 360)
        self.resize(860, 540)
        self._which, self._least = QComboBox(), QComboBox()
        for label, name in (
            (self.tr("Window"), "window.log"),
            (self.tr("Engine"), "engine.log"),
            (self.tr("Pictures"), "painter.log"),
        ):
            self._which.addItem(label, name)
        for label, level in (
            (self.tr("Everything"), "DEBUG"),
            (self.tr("Warnings and errors"), "WARNING"),
            (self.tr("Errors"), "ERROR"),
        ):
            self._least.addItem(label, level)
        self._which.setAccessibleName(self.tr("Which log"))
        self._least.setAccessibleName(self.tr("What is shown"))
        self._follow = QCheckBox(self.tr("Follow"))
        self._follow.setChecked(True)
        self._text = QPlainTextEdit()
        self._text.setObjectName("framed")
        self._text.setReadOnly(True)
        self._text.setMaximumBlockCount(_MOST_LINES)
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._text.setAccessibleName(self.windowTitle())
        self._text.setPlaceholderText(self.tr("Nothing has been written here."))
        self._text.setStyleSheet("QPlainTextEdit { font-family: monospace; font-size: 12px; }")
        self._colours = _Colours(self._text.document())
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.read)
        self._lay_out()
        self._which.activated.connect(self.read_anew)
        self._least.activated.connect(self.read_anew)

    @property
    def text(self) -> str:
        """What is shown."""
        return self._text.toPlainText()

    def choose(self, name: str, least: str = "DEBUG") -> None:
        """Show this log from this level on."""
        self._which.setCurrentIndex(self._which.findData(name))
        self._least.setCurrentIndex(self._least.findData(least))
        self.read_anew()

    def read_anew(self) -> None:
        """Show the chosen log's end."""
        self._text.clear()
        self._position = 0
        self._level_shown = True
        self.read()

    def read(self) -> None:
        """Show what has been written since."""
        file = self._folder / str(self._which.currentData())
        size = file.stat().st_size if file.exists() else 0
        if size < self._position:  # it was rolled over
            self._position = 0
        if size == self._position:
            return
        with file.open("rb") as log:
            log.seek(max(self._position, size - _AT_ONCE_BYTES))
            content = log.read(_AT_ONCE_BYTES)
        whole = content[: content.rfind(b"\n") + 1]
        self._position = size - len(content) + len(whole)
        lines = [line for line in whole.decode("utf-8", "replace").splitlines() if self._is_shown(line)]
        if lines:
            bar = self._text.verticalScrollBar()
            before = bar.value()
            self._text.appendPlainText("\n".join(lines))
            bar.setValue(bar.maximum() if self._follow.isChecked() else before)

    def showEvent(self, event: QShowEvent) -> None:
        """Follow from now on."""
        super().showEvent(event)
        self.read()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Follow no more."""
        self._timer.stop()
        super().hideEvent(event)

    def _is_shown(self, line: str) -> bool:
        """Whether a line's level is high enough; lines without one go with the line before."""
        found = _LINE.match(line)
        if found is not None:
            level = found[1] if found[1] in LEVELS else "INFO"
            self._level_shown = LEVELS.index(level) >= LEVELS.index(str(self._least.currentData()))
        return self._level_shown

    def _lay_out(self) -> None:
        copy, folder, close = (
            QPushButton(self.tr("Copy")),
            QPushButton(self.tr("Open folder")),
            QPushButton(self.tr("Close")),
        )
        copy.clicked.connect(lambda: QApplication.clipboard().setText(self.text))
        folder.clicked.connect(lambda: open_folder(self._folder))
        close.clicked.connect(self.accept)
        close.setDefault(True)
        top, last = QHBoxLayout(), QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._which)
        top.addWidget(self._least)
        top.addStretch()
        top.addWidget(self._follow)
        last.setSpacing(8)
        last.addWidget(copy)
        last.addWidget(folder)
        last.addStretch()
        last.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addLayout(top)
        layout.addWidget(self._text, 1)
        layout.addLayout(last)


class _Colours(QSyntaxHighlighter):
    """Shows warnings and errors in their colours."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)

    def highlightBlock(self, text: str) -> None:
        found = _LINE.match(text)
        role = {"WARNING": "warning", "ERROR": "bad", "CRITICAL": "bad", "DEBUG": "muted"}.get(
            found[1] if found else ""
        )
        if role is not None:
            form = QTextCharFormat()
            form.setForeground(QColor(getattr(tokens(), role)))
            self.setFormat(0, len(text), form)
