"""Tags as chips that can be taken away, and a field that adds some."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSize, QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QCompleter, QFrame, QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QToolButton, QWidget

from gui.theme import icon
from gui.views.flow import FlowLayout

_LONGEST = 180


@dataclass(frozen=True, slots=True)
class Tag:
    """What a chip shows.

    Attributes:
        name: The tag.
        icon: An icon before it; empty for none.
        count: How many of the chosen files have it; None if all have.
        note: What its tooltip adds.
    """

    name: str
    icon: str = ""
    count: int | None = None
    note: str = ""


class Chip(QFrame):
    """A tag with a cross. One that only some files have is dashed, and clicking it gives it to all."""

    removed = Signal(str)
    completed = Signal(str)

    def __init__(self, tag: Tag, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tag = tag
        self.setObjectName("tag")
        self.setProperty("part", tag.count is not None)
        self.setFixedHeight(24)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 0, 3, 0)
        layout.setSpacing(4)
        if tag.icon:
            symbol = QLabel()
            symbol.setPixmap(icon(tag.icon, "accent_text").pixmap(QSize(14, 14)))
            layout.addWidget(symbol)
        label = QLabel()
        label.setTextFormat(Qt.TextFormat.PlainText)
        text = tag.name if tag.count is None else f"{tag.name}  {tag.count:,}"
        label.setText(label.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, _LONGEST))
        layout.addWidget(label)
        cross = QToolButton()
        cross.setIcon(icon("close", "muted"))
        cross.setIconSize(QSize(12, 12))
        cross.setFixedSize(18, 18)
        cross.setAccessibleName(self.tr("Remove {0}").format(tag.name))
        cross.setToolTip(self.tr("Remove (Delete)"))
        cross.clicked.connect(lambda: self.removed.emit(tag.name))
        layout.addWidget(cross)
        self.setFocusProxy(cross)
        self.cross = cross
        cross.installEventFilter(self)
        if tag.count is not None:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setToolTip(
                self.tr("{0} of the chosen files have “{1}”: click to give it to all").format(tag.count, tag.name)
            )
        else:
            self.setToolTip(f"{tag.name}\n{tag.note}" if tag.note else tag.name)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the press, so that the release comes here, too."""
        if self.tag.count is None:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A tag that only some have: give it to all."""
        if self.tag.count is not None and self.rect().contains(event.position().toPoint()):
            self.completed.emit(self.tag.name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Delete takes the tag away, wherever its cross has the focus; Enter gives it to all."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}:
                self.removed.emit(self.tag.name)
                return True
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self.tag.count is not None:
                self.completed.emit(self.tag.name)
                return True
        return super().eventFilter(watched, event)


class TagField(QLineEdit):
    """Adds tags: Enter or a comma ends each; known ones are offered."""

    added = Signal(list)

    def __init__(self, placeholder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self._known = QStringListModel(self)
        completer = QCompleter(self._known, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setMaxVisibleItems(8)
        self.setCompleter(completer)
        self.returnPressed.connect(self._add)
        self.textEdited.connect(self._on_edited)
        completer.activated.connect(self._add, Qt.ConnectionType.QueuedConnection)

    def offer(self, names: Iterable[str]) -> None:
        """Say which tags are known."""
        self._known.setStringList(list(names))

    def _on_edited(self, text: str) -> None:
        if text.endswith(","):
            self._add()

    def _add(self) -> None:
        tags = [tag for tag in (part.strip() for part in self.text().split(",")) if tag]
        self.clear()
        if tags:
            self.added.emit(tags)


class TagChips(QWidget):
    """Chips in lines. The focus stays here when one is taken away."""

    removed = Signal(str)
    completed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tags: tuple[Tag, ...] = ()
        self._chips: list[Chip] = []
        self._flow = FlowLayout(self)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.hide()

    @property
    def tags(self) -> tuple[Tag, ...]:
        """What is shown."""
        return self._tags

    @property
    def chips(self) -> Sequence[Chip]:
        """The chips themselves."""
        return self._chips

    def show_tags(self, tags: Iterable[Tag]) -> None:
        """Replace what is shown; the same tags change nothing."""
        wanted = tuple(tags)
        if wanted == self._tags:
            return
        focused = next((at for at, chip in enumerate(self._chips) if chip.cross.hasFocus()), None)
        for chip in self._chips:
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._tags = wanted
        self._chips = [Chip(tag, self) for tag in wanted]
        for chip in self._chips:
            chip.removed.connect(self.removed)
            chip.completed.connect(self.completed)
            self._flow.addWidget(chip)
            chip.show()
        self.setVisible(bool(wanted))
        self.updateGeometry()
        if focused is not None and self._chips:
            self._chips[min(focused, len(self._chips) - 1)].cross.setFocus()
