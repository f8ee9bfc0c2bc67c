"""The search box: words, pictures and sounds to search with, in one line."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QMimeData, QObject, QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from audioclip_search import Completion
from gui.controllers.pictures import PictureController
from gui.controllers.search import SearchController
from gui.records import Trouble
from gui.searching import Found, joined
from gui.theme import icon
from gui.views.busy_sign import BusySign
from gui.views.dropping import PICTURES, may_be_read, read_mime
from gui.views.naming import NamePopup
from gui.views.query_edit import QueryEdit
from gui.views.query_words import suggestions
from gui.views.search_popup import Suggestion, SuggestionPopup
from gui.views.term_chips import ChipRow

HEIGHT = 44
_LEAST_CHIPS, _ROOM_FOR_WORDS = 160, 376
_ERROR_AFTER_MS = 400
_ACCEPT = {Qt.Key.Key_Return, Qt.Key.Key_Enter}
_PROPOSE = {
    (Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier),
    (Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier),
}


class SearchBar(QWidget):
    """What is searched for. It can be typed, dropped, pasted, chosen, recorded.

    Args:
        search: What it edits.
        pictures: Gives small pictures for the chips; None for icons only.
        parent: Its owner.
    """

    left_downwards = Signal()
    """The keys are to go to the results."""

    record_requested = Signal()
    """A sound is to be recorded."""

    folders_dropped = Signal(list)
    """Paths of folders that were dropped: they belong into the library."""

    def __init__(
        self, search: SearchController, pictures: PictureController | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._search = search
        self._saver: NamePopup | None = None
        self.box = QFrame()
        self.box.setObjectName("search")
        self.box.setFixedHeight(HEIGHT)
        self.sign = BusySign()
        self.chips = ChipRow(pictures)
        self.edit = QueryEdit()
        self.edit.setPlaceholderText(self.tr("Search by words, drop a picture or a sound…"))
        self.edit.setAccessibleName(self.tr("Search"))
        self.edit.installEventFilter(self)
        self.message = QLabel()
        self.message.setObjectName("bad")
        self.message.setWordWrap(True)
        self.message.setIndent(12)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.hide()
        self.popup = SuggestionPopup(self)
        self._error_timer = QTimer(self, singleShot=True, interval=_ERROR_AFTER_MS)
        self._error_timer.timeout.connect(self._show_error)
        self._trouble: Trouble | None = None
        self._make_buttons()
        self._lay_out()
        self.setAcceptDrops(True)
        self._connect()
        self._sync()

    def take_focus(self) -> None:
        """Give the keys to the box, all text selected."""
        self.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.edit.selectAll()

    def tell(self, text: str, *, role: str = "warning") -> None:
        """Say something below the box until the query changes; an empty text says nothing."""
        self.message.setObjectName(role)
        self.message.style().polish(self.message)
        self.message.setText(text)
        self.message.setVisible(bool(text))
        self._mark("wrong", bool(text) and role == "bad")

    def take(self, mime: QMimeData) -> None:
        """Search with what was dropped or pasted, or say why not."""
        dropped = read_mime(mime)
        for chip in dropped.chips:
            self._search.add_chip(chip)
        if dropped.text:
            words = f"{self.edit.text().rstrip()} {dropped.text}".strip()
            self.edit.put(words)
            self._search.commit()
        if dropped.folders:
            self.folders_dropped.emit(list(dropped.folders))
        self.tell(dropped.refusal)

    def ask_name(self) -> None:
        """Ask for a name under which the query is kept."""
        text = joined(self._search.text, self._search.chips)
        if not text:
            return
        self._saver = NamePopup(self.tr("Save this search"), self.tr("Save"), self._saved_as() or text, self)
        self._saver.named.connect(self._search.save)
        self._saver.open_below(self.save_button)

    def choose_picture(self) -> QFileDialog:
        """Ask for a picture to search with."""
        dialog = QFileDialog(self, self.tr("Search with a picture"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([self.tr("Pictures ({patterns})").format(patterns=PICTURES), self.tr("All files (*)")])
        dialog.fileSelected.connect(self._take_file)
        dialog.open()
        return dialog

    # Events

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the line edit that are the box's, and where its focus goes."""
        if watched is not self.edit:
            return False
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            return self._on_key(event)
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            focused = event.type() is QEvent.Type.FocusIn
            self._mark_focus(focused)
            if not focused:
                self.popup.hide()
        elif isinstance(event, QMouseEvent) and event.type() is QEvent.Type.MouseButtonPress and not self.edit.text():
            QTimer.singleShot(0, self.edit, partial(self._propose, asked=True))
        return False

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Show that it can be dropped here."""
        if may_be_read(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._mark("drop", True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """See `dragEnterEvent`."""
        self._mark("drop", False)

    def dropEvent(self, event: QDropEvent) -> None:
        """See `take`."""
        self._mark("drop", False)
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.take(event.mimeData())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Words keep room beside the chips."""
        super().resizeEvent(event)
        self.chips.set_most(max(_LEAST_CHIPS, self.width() - _ROOM_FOR_WORDS))
        self.popup.hide()

    # The rest

    def _make_buttons(self) -> None:
        self.clear_button = self._button("close", self.tr("Clear the search"))
        self.save_button = self._button("bookmark", self.tr("Save this search"))
        self.picture_button = self._button("image", self.tr("Search with a picture"))
        self.record_button = self._button("microphone", self.tr("Record a sound and search with it"))
        self.clear_button.clicked.connect(self._clear)
        self.save_button.clicked.connect(self.ask_name)
        self.picture_button.clicked.connect(self.choose_picture)
        self.record_button.clicked.connect(self.record_requested)

    def _button(self, name: str, words: str) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(name, "muted"))
        button.setIconSize(QSize(18, 18))
        button.setToolTip(words)
        button.setAccessibleName(words)
        return button

    def _lay_out(self) -> None:
        inside = QHBoxLayout(self.box)
        inside.setContentsMargins(12, 0, 8, 0)
        inside.setSpacing(8)
        inside.addWidget(self.sign)
        inside.addWidget(self.chips)
        inside.addWidget(self.edit, 1)
        separator = QFrame()
        separator.setObjectName("upright")
        separator.setFixedSize(1, 20)
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        for widget in (self.clear_button, self.save_button, separator, self.picture_button, self.record_button):
            buttons.addWidget(widget)
        buttons.insertSpacing(3, 4)
        buttons.insertSpacing(2, 4)
        inside.addLayout(buttons)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(4)
        whole.addWidget(self.box)
        whole.addWidget(self.message)
        self.setFocusProxy(self.edit)

    def _connect(self) -> None:
        search = self._search
        self.edit.textEdited.connect(self._on_edited)
        self.edit.pasted.connect(self.take)
        self.chips.weighed.connect(search.set_weight)
        self.chips.removed.connect(search.remove_chip)
        self.chips.left.connect(self.edit.setFocus)
        self.popup.chosen.connect(self._accept)
        search.query_changed.connect(self._sync)
        search.searches_changed.connect(self._mark_saved)
        search.busy_changed.connect(self.sign.set_busy)
        search.trouble.connect(self._on_trouble)
        search.found.connect(self._on_found)

    def _sync(self) -> None:
        """Show the query as it is."""
        if self.edit.text() != self._search.text:
            self.edit.blockSignals(True)
            self.edit.put(self._search.text)
            self.edit.blockSignals(False)
            self.edit.mark(None)
            self.popup.hide()
        self.chips.show_chips(self._search.chips)
        self._error_timer.stop()
        self.tell("")
        self.clear_button.setVisible(not self._search.ask.empty)
        self.save_button.setVisible(not self._search.ask.empty)
        self._mark_saved()

    def _saved_as(self) -> str:
        text = joined(self._search.text, self._search.chips)
        return next((name for name, kept in self._search.saved if kept == text), "")

    def _mark_saved(self) -> None:
        name = self._saved_as()
        self.save_button.setIcon(icon("bookmark-filled", "accent_text") if name else icon("bookmark", "muted"))
        words = self.tr("Saved as “{name}”").format(name=name) if name else self.tr("Save this search")
        self.save_button.setToolTip(words)
        self.save_button.setAccessibleName(words)

    def _on_edited(self, text: str) -> None:
        self._search.set_text(text)
        self._propose()

    def _propose(self, *, asked: bool = False) -> None:
        """Show how the query may go on.

        Args:
            asked: Whether a person asked for it; otherwise one letter is too little.
        """
        lines = suggestions(self._search, self.edit.text(), self.edit.cursorPosition(), asked=asked)
        self.popup.show_lines(lines if self.edit.hasFocus() else ())

    def _on_key(self, event: QKeyEvent) -> bool:
        """Whether a key of the line edit was the box's."""
        key, modifiers = event.key(), event.modifiers()
        if (key, modifiers) in _PROPOSE:
            self._propose(asked=True)
            return True
        if self.popup.isVisible() and self._on_key_of_popup(key):
            return True
        plain = modifiers in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if plain and key in (Qt.Key.Key_Backspace, Qt.Key.Key_Left) and self._search.chips and self._at_start():
            if key == Qt.Key.Key_Left:
                self.chips.focus(-1)
            else:
                self._search.remove_chip(len(self._search.chips) - 1)
        elif plain and key in (Qt.Key.Key_Down, Qt.Key.Key_Escape):
            self.left_downwards.emit()
        elif key in _ACCEPT:
            self.popup.hide()
            self._search.commit()
        else:
            return False
        return True

    def _on_key_of_popup(self, key: int) -> bool:
        current = self.popup.current
        if key == Qt.Key.Key_Tab:
            current = current or self._first_completion()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.popup.move_by(1 if key == Qt.Key.Key_Down else -1)
        elif key == Qt.Key.Key_Escape:
            self.popup.hide()
        elif (key == Qt.Key.Key_Tab or key in _ACCEPT) and current is not None:
            self._accept(current)
        else:
            return False
        return True

    def _at_start(self) -> bool:
        return self.edit.cursorPosition() == 0 and not self.edit.hasSelectedText()

    def _first_completion(self) -> Suggestion | None:
        return next((line for line in self.popup.model.lines if line.completion is not None), None)

    def _accept(self, line: Suggestion) -> None:
        self.popup.hide()
        if line.completion is None:
            self._search.load(line.query)
            self._search.remember()
            self.edit.setFocus()
            self.edit.end(False)
            return
        self._complete(line.completion)
        self.edit.setFocus()
        self._propose()

    def _complete(self, completion: Completion) -> None:
        open_end = completion.text.endswith(":") or completion.end < len(self.edit.text())
        self.edit.setSelection(completion.start, completion.end - completion.start)
        self.edit.insert(completion.text if open_end else f"{completion.text} ")

    def _take_file(self, path: str) -> None:
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(path)])
        self.take(mime)

    def _clear(self) -> None:
        self._search.clear()
        self.edit.setFocus()

    def _on_trouble(self, trouble: Trouble) -> None:
        if trouble.position is not None:
            self._trouble = trouble
            self._error_timer.start()

    def _on_found(self, _: Found) -> None:
        self._error_timer.stop()
        if self.edit.wrong is not None:
            self.edit.mark(None)
            self.tell("")

    def _show_error(self) -> None:
        if self.popup.isVisible():  # it says how to go on; what is half written need not be called wrong
            self._error_timer.start()
        elif self._trouble is not None:
            self.edit.mark(self._trouble.position)
            self.tell(str(self._trouble), role="bad")

    def _mark_focus(self, focused: bool) -> None:
        self._mark("active", focused)

    def _mark(self, name: str, value: bool) -> None:
        if bool(self.box.property(name)) == value:
            return
        self.box.setProperty(name, value)
        self.box.style().unpolish(self.box)
        self.box.style().polish(self.box)
