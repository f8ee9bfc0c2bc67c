"""Tells of a crash that the app survived."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.theme import icon
from gui.windows.preference_pages.advanced import open_folder


class CrashDialog(QDialog):
    """Says where the report is, shows it, and copies it.

    Args:
        report: The report's file.
        parent: The window above which it opens.
    """

    def __init__(self, report: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Something went wrong"))
        self.setMinimumSize(640, 420)
        self._report = report
        sign, title, words, self._text = QLabel(), QLabel(self.windowTitle()), QLabel(), QPlainTextEdit()
        sign.setPixmap(icon("error", "bad").pixmap(QSize(28, 28)))
        title.setObjectName("title")
        words.setWordWrap(True)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words.setText(
            self.tr("This is a mistake in the app; your files are as they were. You can go on. "
                    "A report is in {file}. It has paths of files of yours in it; look at it before you send it.")
            .format(file=report)
        )  # fmt: skip
        self._text.setObjectName("framed")
        self._text.setReadOnly(True)
        self._text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._text.setStyleSheet("QPlainTextEdit { font-family: monospace; font-size: 12px; }")
        self._text.setAccessibleName(self.tr("The report"))
        self._text.setPlainText(report.read_text("utf-8") if report.exists() else "")
        copy, folder, close = (
            QPushButton(self.tr("Copy report")),
            QPushButton(self.tr("Open folder")),
            QPushButton(self.tr("Go on")),
        )
        copy.clicked.connect(self.copy)
        folder.clicked.connect(lambda: open_folder(report.parent))
        close.setObjectName("primary")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        top, last = QHBoxLayout(), QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(sign)
        top.addWidget(title, 1)
        last.setSpacing(8)
        last.addWidget(copy)
        last.addWidget(folder)
        last.addStretch()
        last.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addLayout(top)
        layout.addWidget(words)
        layout.addWidget(self._text, 1)
        layout.addLayout(last)

    def copy(self) -> None:
        """Put the report onto the clipboard."""
        QApplication.clipboard().setText(self._text.toPlainText())
