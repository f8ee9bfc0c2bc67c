"""How indexing goes, at the bottom of the sidebar."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from audioclip_search import SyncStage
from gui import wording
from gui.backend.library_state import FolderState, IndexingState, LibraryState, Phase
from gui.controllers.library import LibraryController
from gui.theme import icon
from gui.views.elided import ElidedLabel

_STEPS = 1_000
_ACTIVE = frozenset({Phase.RUNNING, Phase.PAUSING})
_COUNTED = frozenset({SyncStage.EMBED, SyncStage.REMOVE, SyncStage.DESCRIBE})


class IndexingCard(QFrame):
    """Progress with pause and stop while indexing runs; how many files there are when it does not."""

    failures_asked = Signal()
    """The files that could not be read are to be shown."""

    def __init__(self, library: LibraryController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.setAccessibleName(self.tr("Indexing"))
        self._library = library
        self._title, self._detail = ElidedLabel(), ElidedLabel()
        self._title.setObjectName("subject")
        self._amount, self._left = QLabel(), QLabel()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Progress of indexing"))
        for label in (self._detail, self._amount, self._left):
            label.setObjectName("small")
        self._pause = self._button("pause", self.tr("Pause"), library.pause)
        self._resume = self._button("play", self.tr("Resume"), library.resume)
        self._stop = self._button("stop", self.tr("Stop"), library.stop)
        self._rescan = self._button("refresh", self.tr("Look for changes now"), library.rescan)
        self._failures = QPushButton()
        self._failures.setObjectName("link")
        self._failures.setCursor(Qt.CursorShape.PointingHandCursor)
        self._failures.clicked.connect(self.failures_asked)
        self._missing_icon, self._missing = QLabel(), QLabel()
        self._missing.setObjectName("small")
        self._missing.setWordWrap(True)
        self._missing_row = QWidget()
        self._lay_out()
        library.progressed.connect(self._show)
        library.state_changed.connect(self._show)
        library.opened.connect(self._show)
        self._show()

    @property
    def text(self) -> str:
        """All that it says."""
        labels = (self._title, self._amount, self._left, self._detail, self._failures, self._missing)
        return "\n".join(label.text() for label in labels if label.isVisibleTo(self) and label.text())

    @property
    def buttons(self) -> dict[str, QToolButton]:
        """Those that can be seen, by what they do."""
        every = {"pause": self._pause, "resume": self._resume, "stop": self._stop, "rescan": self._rescan}
        return {name: button for name, button in every.items() if button.isVisibleTo(self)}

    @property
    def failures_button(self) -> QPushButton:
        """Leads to the files that could not be read."""
        return self._failures

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() is QEvent.Type.PaletteChange:
            self._draw_icons()
        super().changeEvent(event)

    def _lay_out(self) -> None:
        top, middle, missing = QHBoxLayout(), QHBoxLayout(), QHBoxLayout(self._missing_row)
        top.setSpacing(2)
        top.addWidget(self._title, 1)
        for button in (self._pause, self._resume, self._stop, self._rescan):
            top.addWidget(button)
        middle.addWidget(self._amount)
        middle.addStretch()
        middle.addWidget(self._left)
        missing.setContentsMargins(0, 4, 0, 0)
        missing.setSpacing(8)
        missing.addWidget(self._missing_icon, 0, Qt.AlignmentFlag.AlignTop)
        missing.addWidget(self._missing, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 10)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self._bar)
        layout.addLayout(middle)
        layout.addWidget(self._detail)
        layout.addWidget(self._failures, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._missing_row)
        self._draw_icons()

    def _button(self, name: str, words: str, slot: Callable[[], None]) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon(name, "muted"))
        button.setIconSize(QSize(16, 16))
        button.setToolTip(words)
        button.setAccessibleName(words)
        button.clicked.connect(slot)
        return button

    def _draw_icons(self) -> None:
        self._missing_icon.setPixmap(icon("drive", "warning").pixmap(QSize(16, 16)))

    def _show(self) -> None:
        state, indexing = self._library.state, self._library.indexing
        active, paused = indexing.phase in _ACTIVE, indexing.phase is Phase.PAUSED
        resting = active and indexing.stage is SyncStage.DONE  # it has been asked to start, or only watches
        if state is None or not state.folders:
            self.hide()
            return
        if self.parent() is not None:  # alone it would be a window
            self.show()
        self._title.setText(self._heading(state, indexing))
        counted = (active or paused) and not resting and indexing.stage in _COUNTED and indexing.total > 0
        self._bar.setVisible(active or (paused and counted))
        self._bar.setRange(0, _STEPS if counted else 0)
        if counted:
            self._bar.setValue(_STEPS * indexing.done // indexing.total)
        self._amount.setVisible(counted)
        self._amount.setText(
            self.tr("{done} of {total}").format(done=wording.count(indexing.done), total=wording.count(indexing.total))
        )
        self._left.setVisible(counted and active and indexing.left_s is not None)
        self._left.setText("" if indexing.left_s is None else wording.left(indexing.left_s))
        self._detail.setText(self._about(state, indexing, counted=counted))
        self._detail.setVisible(bool(self._detail.text()))
        self._show_failures(indexing.failed if counted else state.failed)
        self._show_missing(state.missing)
        self._pause.setVisible(active)
        self._stop.setVisible(active or paused)
        self._resume.setVisible(paused)
        self._rescan.setVisible(not active and not paused)
        for button in (self._pause, self._stop):
            button.setEnabled(indexing.phase is not Phase.PAUSING)

    def _heading(self, state: LibraryState, indexing: IndexingState) -> str:
        if indexing.phase is Phase.PAUSING:
            return self.tr("Stopping…")
        if indexing.phase is Phase.PAUSED:
            return self.tr("Paused")
        if indexing.phase is Phase.RUNNING:
            return self.tr("Starting…") if indexing.stage is SyncStage.DONE else wording.stage(indexing.stage)
        return wording.files(state.files)

    def _about(self, state: LibraryState, indexing: IndexingState, *, counted: bool) -> str:
        if indexing.phase is Phase.RUNNING:
            return self._about_running(indexing, counted=counted)
        if indexing.phase is Phase.IDLE:
            return self.tr("Up to date, watching") if self._library.watching else self.tr("Up to date")
        if indexing.phase is Phase.STOPPED:
            return self.tr("Stopped before the end") if indexing.done < indexing.total else self.tr("Not watching")
        if indexing.phase is Phase.FAILED:
            return self.tr("Could not be brought up to date")
        return ""

    def _about_running(self, indexing: IndexingState, *, counted: bool) -> str:
        if counted:
            name = indexing.path.replace("\\", "/").rpartition("/")[2]
            parts = [wording.rate(indexing.rate_per_s) if indexing.rate_per_s else "", name]
            return " · ".join(part for part in parts if part)
        if indexing.stage is SyncStage.WAIT:
            return self.tr("Goes on after it; or close it")
        if indexing.stage is SyncStage.SCAN and indexing.done:
            return self.tr("{files} so far").format(files=wording.files(indexing.done))
        return ""

    def _show_failures(self, failed: int) -> None:
        self._failures.setVisible(failed > 0)
        self._failures.setText(self.tr("{files} could not be read").format(files=wording.files(failed)))

    def _show_missing(self, missing: tuple[FolderState, ...]) -> None:
        self._missing_row.setVisible(bool(missing))
        self._missing.setText("\n".join(missing_words(folder) for folder in missing))


def missing_words(folder: FolderState) -> str:
    """That a folder can't be reached, and that this loses nothing."""
    if folder.files is None:
        words = QCoreApplication.translate(
            "IndexingCard", "“{folder}” is not connected. Its files stay in the library; connect it to hear them."
        )
        return words.format(folder=folder.name)
    words = QCoreApplication.translate(
        "IndexingCard", "“{folder}” is not connected. Its {files} stay in the library; connect it to hear them."
    )
    return words.format(folder=folder.name, files=wording.files(folder.files))
