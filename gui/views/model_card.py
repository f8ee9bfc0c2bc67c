"""The model in use, and the full one a click away."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from gui import wording
from gui.controllers.library import LibraryController
from gui.controllers.models import FULL, STARTER, Download, ModelController, Step
from gui.theme import icon

_STEPS = 1_000


class ModelCard(QFrame):
    """Names the model in use; downloads the full AudioCLIP, and has everything embedded again with it."""

    def __init__(self, library: LibraryController, models: ModelController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._library, self._models = library, models
        self._icon = QLabel()
        self._name, self._about = QLabel(), QLabel()
        self._name.setObjectName("heading")
        self._about.setObjectName("muted")
        self._about.setWordWrap(True)
        self._bar = QProgressBar()
        self._bar.setRange(0, _STEPS)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Download"))
        self._progress = QLabel()
        self._progress.setObjectName("small")
        self._progress.setWordWrap(True)
        self._download, self._pause, self._reembed = QPushButton(), QPushButton(self.tr("Pause")), QPushButton()
        self._download.clicked.connect(lambda: models.download(FULL))
        self._pause.clicked.connect(models.cancel)
        self._reembed.setText(self.tr("Use it for all files"))
        self._reembed.setToolTip(self.tr("Listens to every file again. What is there can be searched meanwhile."))
        self._reembed.clicked.connect(lambda: library.reembed(FULL))
        self._lay_out()
        models.models_changed.connect(self._show)
        models.progressed.connect(self._show)
        library.state_changed.connect(self._show)
        library.opened.connect(self._show)
        library.progressed.connect(self._show_reembedding)
        self._show()

    @property
    def text(self) -> str:
        """All that it says."""
        labels = (self._name, self._about, self._progress)
        return "\n".join(label.text() for label in labels if not label.isHidden())

    @property
    def download_button(self) -> QPushButton:
        """Starts the download, or goes on with it."""
        return self._download

    @property
    def pause_button(self) -> QPushButton:
        """Pauses the download."""
        return self._pause

    @property
    def reembed_button(self) -> QPushButton:
        """Has everything embedded again."""
        return self._reembed

    def showEvent(self, event: QShowEvent) -> None:
        """Look which models there are, which takes the engine a while at first."""
        super().showEvent(event)
        if not self._models.models:
            self._models.refresh()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() is QEvent.Type.PaletteChange:
            self._draw_icon()
        super().changeEvent(event)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._name)
        words.addWidget(self._about)
        buttons = QHBoxLayout()
        for button in (self._pause, self._download, self._reembed):
            buttons.addWidget(button)
        layout = QGridLayout(self)
        layout.setContentsMargins(16, 12, 12, 12)
        layout.setHorizontalSpacing(12)
        layout.setVerticalSpacing(8)
        layout.addWidget(self._icon, 0, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 0, 1)
        layout.addLayout(buttons, 0, 2, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self._bar, 1, 1, 1, 2)
        layout.addWidget(self._progress, 2, 1, 1, 2)
        layout.setColumnStretch(1, 1)
        self._draw_icon()

    def _draw_icon(self) -> None:
        self._icon.setPixmap(icon("model", "accent_text").pixmap(QSize(24, 24)))

    def _show(self) -> None:
        used = self._used()
        name = self._title(used)
        self._name.setText(self.tr("{model} is in use").format(model=name) if name else self.tr("Looking for models…"))
        if used == STARTER:
            self._about.setText(
                self.tr("Small, and good for common sounds. The full AudioCLIP understands more words.")
            )
        elif used == FULL:
            self._about.setText(self.tr("The full model: sounds, pictures and any words."))
        else:
            model = self._models.model(used)
            self._about.setText("" if model is None else model.description)
        self._about.setVisible(bool(self._about.text()))
        self._show_download(self._models.state)
        self._show_reembedding()

    def _show_download(self, state: Download) -> None:
        full = self._models.model(FULL)
        missing = full is not None and not full.installed
        running = state.step in {Step.RUNNING, Step.CHECKING}
        begun = state.step in {Step.PAUSED, Step.FAILED}
        size = "" if full is None else wording.size(full.size_bytes)
        self._download.setText(
            self.tr("Go on") if begun else self.tr("Download the full AudioCLIP ({size})").format(size=size)
        )
        self._download.setVisible(missing and not running)
        self._pause.setVisible(state.step is Step.RUNNING)
        self._bar.setVisible(running or (begun and state.arrived is not None))
        if state.arrived is not None and state.arrived.total_bytes:
            self._bar.setValue(_STEPS * state.arrived.done_bytes // state.arrived.total_bytes)
        else:
            self._bar.setValue(0)
        self._progress.setObjectName("bad" if state.step is Step.FAILED else "small")
        self._progress.style().polish(self._progress)
        self._progress.setText(self._progress_text(state))
        self._progress.setVisible(bool(self._progress.text()))

    def _progress_text(self, state: Download) -> str:
        arrived = state.arrived
        here = (
            ""
            if arrived is None
            else self.tr("{done} of {total}").format(
                done=wording.size(arrived.done_bytes), total=wording.size(arrived.total_bytes)
            )
        )
        if state.step is Step.RUNNING and arrived is None:
            return self.tr("Connecting…")
        if state.step is Step.RUNNING and arrived is not None:
            parts = [here]
            if arrived.rate_per_s:
                parts.append(self.tr("{size}/s").format(size=wording.size(arrived.rate_per_s)))
            if arrived.left_s is not None:
                parts.append(wording.left(arrived.left_s))
            return " · ".join(parts)
        if state.step is Step.CHECKING:
            return self.tr("Checking and unpacking…")
        if state.step is Step.PAUSED:
            return self.tr("Paused. {amount} is here already.").format(amount=here)
        if state.step is Step.FAILED and state.trouble is not None:
            return str(state.trouble)
        return ""

    def _show_reembedding(self) -> None:
        full = self._models.model(FULL)
        state = self._library.state
        other = state is not None and state.indexed and state.model not in {"", FULL}
        under_way = self._library.reembedding == FULL
        self._reembed.setVisible(bool(full is not None and full.installed and other and not under_way))
        if under_way:
            self._progress.setText(self.tr("All files are being listened to again, with the full AudioCLIP."))
            self._progress.show()

    def _used(self) -> str:
        """The open index's model; before there is one, that which it would get."""
        state = self._library.state
        if state is not None and state.model:
            return state.model
        return "" if self._models.best is None else self._models.best.name

    def _title(self, name: str) -> str:
        return {STARTER: self.tr("The starter model"), FULL: self.tr("The full AudioCLIP")}.get(name, name)
