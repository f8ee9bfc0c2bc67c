"""The line in which a query is written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, Signal
from PySide6.QtGui import QColor, QGuiApplication, QInputMethodEvent, QKeyEvent, QKeySequence, QTextCharFormat
from PySide6.QtWidgets import QLineEdit, QWidget

from gui.theme import tokens

_PARTS = re.compile(
    r"""(?<!\S)(?P<minus>-(?=[^\s-]))?            # what is excluded
    (?: (?P<field>[^\W\d_]+:)(?P<value>(?:"(?:\\.|[^"\\])*"?|[^\s"])*)   # a filter
      | (?P<phrase>"(?:\\.|[^"\\])*"?)            # an exact phrase
      | (?P<word>[^\s^]+) )
    (?P<weight>\^\S*)?""",
    re.VERBOSE,
)
_ROLES = {"field": "muted", "value": "accent_text", "phrase": "accent_text", "weight": "muted"}


class QueryEdit(QLineEdit):
    """A line edit that colours the query language and marks where it is wrong."""

    pasted = Signal(QMimeData)
    """Something else than text is to be pasted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("query")
        self.setFrame(False)
        self.setAcceptDrops(False)  # the bar takes what is dropped
        self._wrong: int | None = None
        self.textChanged.connect(lambda _: self.mark(None))

    @property
    def wrong(self) -> int | None:
        """Where the query is marked as wrong."""
        return self._wrong

    def mark(self, position: int | None) -> None:
        """Underline the part of the query that starts at a character, or nothing."""
        self._wrong = position
        self._colour()

    def put(self, text: str) -> None:
        """Replace all; it can be undone."""
        self.selectAll()
        self.insert(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pasting may be of pictures and files."""
        if event.matches(QKeySequence.StandardKey.Paste):
            mime = QGuiApplication.clipboard().mimeData()
            if mime.hasUrls() or (mime.hasImage() and not mime.hasText()):
                self.pasted.emit(mime)
                return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Colours come from the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._colour()

    def _colour(self) -> None:
        """The line edit has no colours of its own; those of an input method without any text serve."""
        cursor = self.cursorPosition()
        kind = QInputMethodEvent.AttributeType.TextFormat
        formats = [
            QInputMethodEvent.Attribute(kind, start - cursor, end - start, how) for start, end, how in self._formats()
        ]
        QCoreApplication.sendEvent(self, QInputMethodEvent("", formats))

    def _formats(self) -> Iterator[tuple[int, int, QTextCharFormat]]:
        text = self.text()
        for part in _PARTS.finditer(text):
            spans = [(part.span(), "bad")] if part["minus"] else []
            spans += [(part.span(name), role) for name, role in _ROLES.items() if part[name]]
            for span, role in spans:
                how = QTextCharFormat()
                how.setForeground(tokens().colour(role))
                yield *span, how
        if self._wrong is not None and text:
            start = min(self._wrong, len(text) - 1)
            end = next((at for at in range(start + 1, len(text)) if text[at].isspace()), len(text))
            how = QTextCharFormat()
            bad: QColor = tokens().colour("bad")
            how.setForeground(bad)
            how.setUnderlineColor(bad)
            how.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            yield start, end, how
