"""Dialogs about tags: adding some, letting the model suggest some, writing them into files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QSlider,
    QWidget,
)

from audioclip_search import LabelSet
from gui.backend.curation import TaggingResult, WritingResult
from gui.controllers.organising import OrganisingController
from gui.views.facts import Bar, Bars, Facts
from gui.views.long_dialog import LongDialog, dialog_buttons, dialog_column, dialog_row
from gui.views.tag_chips import TagField

_MOST_LINES = 100


class NameDialog(QDialog):
    """Asks for one name or several, with commas between them; known ones are offered.

    Args:
        title: What it is about.
        prompt: What the field says while it is empty.
        known: Names to offer.
        files: How many files it is about.
        parent: The window.
    """

    chosen = Signal(list)

    def __init__(
        self, title: str, prompt: str, known: Iterable[str], files: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setFixedWidth(380)
        heading = QLabel(title)
        heading.setObjectName("heading")
        count = self.tr("For the chosen file") if files == 1 else self.tr("For {0} chosen files").format(f"{files:,}")
        note = QLabel(count)
        note.setObjectName("muted")
        self.field = TagField(prompt)
        self.field.offer(known)
        self.field.added.connect(self._choose)
        cancel, add = QPushButton(self.tr("Cancel")), QPushButton(self.tr("Add"))
        add.setObjectName("primary")
        add.setAutoDefault(False)
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        add.clicked.connect(self.field.returnPressed)
        column = dialog_column(self)
        for widget in (heading, note, self.field):
            column.addWidget(widget)
        column.addLayout(dialog_buttons(cancel, add))

    def _choose(self, names: list[str]) -> None:
        self.chosen.emit(names)
        self.accept()


class AutoTagDialog(LongDialog):
    """Lets the model suggest tags. It is shown first how many files would get which.

    Args:
        organising: Who does it.
        paths: The chosen files; none if it can only be about the whole library.
        parent: The window.
    """

    def __init__(
        self, organising: OrganisingController, paths: Sequence[str] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(organising, parent)
        self._paths = list(paths)
        self.introduce(
            self.tr("Tag automatically"),
            self.tr(
                "The model compares every file with each label. What it suggests stays a suggestion until you"
                " confirm it; your own tags are not touched."
            ),
        )
        self.column.addLayout(self._label_part())
        self.column.addWidget(self.own)
        self.column.addLayout(self._threshold_part())
        self.column.addLayout(self._scope_part())
        self.counts = Bars()
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFixedHeight(168)
        self.area.setWidget(self.counts)
        self.area.hide()
        self.column.addWidget(self.area)
        self.preview_button = QPushButton(self.tr("Preview"))
        self.preview_button.clicked.connect(lambda: self._start(dry_run=True))
        self.go_button.setText(self.tr("Tag"))
        self.go_button.clicked.connect(lambda: self._start(dry_run=False))
        self.finish_layout(self.preview_button)
        organising.tagging_progressed.connect(self.tell)
        organising.tagging_done.connect(self._on_done)
        self._choose_set()

    @property
    def labels(self) -> str | list[str]:
        """A set's name, or the user's labels."""
        chosen = self.sets.currentData()
        if chosen:
            return str(chosen)
        return [line.strip() for line in self.own.toPlainText().replace(",", "\n").splitlines() if line.strip()]

    def _label_part(self) -> QHBoxLayout:
        self.sets = QComboBox()
        self.sets.setAccessibleName(self.tr("Labels"))
        for name, value in (
            (self.tr("ESC-50 · 50 everyday sounds"), LabelSet.ESC50.value),
            (self.tr("UrbanSound8K · 10 sounds of a city"), LabelSet.US8K.value),
            (self.tr("AudioSet · 527 labels"), LabelSet.AUDIOSET.value),
            (self.tr("My own labels"), ""),
        ):
            self.sets.addItem(name, value)
        self.sets.currentIndexChanged.connect(self._choose_set)
        self.own = QPlainTextEdit()
        self.own.setPlaceholderText(self.tr("One label a line, for example:\nglass breaking\nrain on a tent"))
        self.own.setAccessibleName(self.tr("My own labels, one a line"))
        self.own.setFixedHeight(96)
        self.own.setTabChangesFocus(True)
        self.own.textChanged.connect(self._choose_set)
        return dialog_row(self.tr("Labels"), self.sets)

    def _threshold_part(self) -> QHBoxLayout:
        self.threshold = QSlider(Qt.Orientation.Horizontal)
        self.threshold.setRange(10, 95)
        self.threshold.setValue(50)
        self.threshold.setSingleStep(5)
        self.threshold.setAccessibleName(self.tr("How sure the model must be, per cent"))
        value = QLabel("50%")
        value.setMinimumWidth(40)
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.threshold.valueChanged.connect(lambda percent: value.setText(f"{percent}%"))
        return dialog_row(self.tr("At least"), self.threshold, value)

    def _scope_part(self) -> QHBoxLayout:
        self.whole = QRadioButton(self.tr("The whole library"))
        count = len(self._paths)
        name = self.tr("The chosen file") if count == 1 else self.tr("The {0} chosen files").format(f"{count:,}")
        self.only = QRadioButton(name)
        group = QButtonGroup(self)
        group.addButton(self.whole)
        group.addButton(self.only)
        self.only.setVisible(bool(self._paths))
        (self.only if len(self._paths) > 1 else self.whole).setChecked(True)
        row = dialog_row(self.tr("Files"), self.whole, self.only)
        row.addStretch(1)
        return row

    def _choose_set(self) -> None:
        self.own.setVisible(not self.sets.currentData())
        ready = bool(self.labels) and not self.busy
        self.preview_button.setEnabled(ready)
        self.go_button.setEnabled(ready)

    def _start(self, *, dry_run: bool) -> None:
        self.begin()
        self.preview_button.setEnabled(False)
        paths = self._paths if self.only.isChecked() else None
        self.organising.tag_automatically(self.labels, self.threshold.value() / 100, paths, dry_run=dry_run)

    def end(self) -> None:
        """It is over."""
        super().end()
        self._choose_set()

    def _on_done(self, result: TaggingResult) -> None:
        if not self.busy:
            return
        self.end()
        if result.cancelled:
            self.say(self.tr("Stopped; nothing was changed"), "muted")
            return
        most = max((count.count for count in result.counts), default=1)
        self.counts.show_bars(
            [Bar(entry.name, entry.count / most, figure=f"{entry.count:,}") for entry in result.counts[:_MOST_LINES]]
        )
        self.area.setVisible(bool(result.counts))
        text = (
            self.tr("{0} of {1} files would get tags")
            if result.dry_run
            else self.tr("{0} of {1} files have suggestions now, to be confirmed or rejected")
        )
        text = text.format(f"{result.tagged:,}", f"{result.files:,}")
        if result.alike:
            pairs = "; ".join(", ".join(group) for group in result.alike[:3])
            text += "\n" + self.tr("The model can’t tell apart: {0}").format(pairs)
        self.say(text, "muted" if result.dry_run else "good")
        self.undo_button.setVisible(not result.dry_run and bool(result.tagged))
        self.adjustSize()


class WriteTagsDialog(LongDialog):
    """Writes confirmed tags into the files themselves. It is shown first what would change.

    Args:
        organising: Who does it.
        paths: Only these files; None for the whole library.
        parent: The window.
    """

    def __init__(
        self, organising: OrganisingController, paths: Sequence[str] | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(organising, parent)
        self._paths = None if paths is None else list(paths)
        self.introduce(
            self.tr("Write tags into files"),
            self.tr(
                "Confirmed tags become keywords in the files’ own metadata, where other programs find them."
                " Nothing else in a file changes, and undo gives back the original."
            ),
        )
        self.suggested = QCheckBox(self.tr("Also suggestions on which nobody has decided"))
        self.suggested.toggled.connect(self._preview)
        self.files = Facts()
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setFixedHeight(220)
        self.area.setWidget(self.files)
        self.column.addWidget(self.suggested)
        self.column.addWidget(self.area)
        self.finish_layout()
        self.go_button.setText(self.tr("Write"))
        self.go_button.clicked.connect(self._write)
        organising.writing_progressed.connect(self.tell)
        organising.writing_done.connect(self._on_done)
        self._preview()

    def _preview(self) -> None:
        self._start(dry_run=True)

    def _write(self) -> None:
        self._start(dry_run=False)

    def _start(self, *, dry_run: bool) -> None:
        self.begin()
        self.suggested.setEnabled(False)
        self.organising.write_into_files(self._paths, suggested=self.suggested.isChecked(), dry_run=dry_run)

    def end(self) -> None:
        """It is over."""
        super().end()
        self.suggested.setEnabled(True)

    def _changed(self, result: WritingResult) -> str:
        if result.written == 1:
            return self.tr("One file would change") if result.dry_run else self.tr("One file has new keywords")
        text = self.tr("{0} files would change") if result.dry_run else self.tr("{0} files have new keywords")
        return text.format(f"{result.written:,}")

    def _on_done(self, result: WritingResult) -> None:
        if not self.busy:
            return
        self.end()
        lines = [(file.path.name, ", ".join(file.keywords)) for file in result.examples[:_MOST_LINES]]
        lines += [(failure.path.rpartition("/")[2], failure.reason) for failure in result.failures[:_MOST_LINES]]
        self.files.show_facts(lines)
        self.area.setVisible(bool(lines))
        parts = [self._changed(result)]
        if result.failed:
            parts.append(self.tr("{0} can’t be written").format(f"{result.failed:,}"))
        if result.unchanged:
            parts.append(self.tr("{0} have them already").format(f"{result.unchanged:,}"))
        if result.cancelled:
            parts.append(self.tr("stopped before the end"))
        good = not result.dry_run and result.written and not result.failed
        self.say(" · ".join(parts), "good" if good else "warning" if result.failed else "muted")
        self.go_button.setEnabled(result.dry_run and bool(result.written))
        self.undo_button.setVisible(not result.dry_run and bool(result.written))
