"""The larger view of the selected sound: waveform and log-frequency spectrogram."""

from __future__ import annotations

import importlib
import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedLayout, QToolButton, QVBoxLayout, QWidget

from gui.backend.calls.sound_view import Outline, Spectrum
from gui.controllers.listening import ListeningController
from gui.records import Trouble
from gui.theme import icon
from gui.views.timing import matches_of, tabular

if TYPE_CHECKING:
    from gui.views.sound_plots import SoundPlots  # imports pyqtgraph, which takes most of a second

_BANDS = 256
_COLUMNS = 1_600
_PAN = 0.2
_KEYS = {Qt.Key.Key_Escape, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home}


class SoundView(QWidget):
    """Shows the selected sound while it is visible. Arrow keys zoom and move, Home shows all, Escape closes.

    Args:
        listening: Knows the sound, plays it and has it drawn.
        parent: Its owner.
    """

    close_requested = Signal()

    _imported = Signal()

    def __init__(self, listening: ListeningController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._listening = listening
        self._plots: SoundPlots | None = None
        self._importing: threading.Thread | None = None
        self._pending = True  # whether another sound was selected while nothing was seen
        self.setObjectName("ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Waveform and spectrogram"))
        self.setMinimumHeight(200)
        self._imported.connect(self._make_plots)
        self._make_header()
        self._message = QLabel()
        self._message.setObjectName("muted")
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._message.setWordWrap(True)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._message)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 8)
        column.setSpacing(4)
        column.addLayout(self._header)
        column.addLayout(self._stack, 1)
        looking = listening.looking
        looking.sound_changed.connect(self._on_sound)
        looking.outlined.connect(self._on_outline)
        looking.analysed.connect(self._on_spectrum)
        looking.trouble.connect(self._on_trouble)
        listening.outline_changed.connect(self._on_whole_outline)
        listening.position_changed.connect(self._on_position)
        listening.duration_changed.connect(self._on_duration)
        listening.region_changed.connect(self._on_region)

    @property
    def plots(self) -> SoundPlots | None:
        """What is drawn; None before it was first shown."""
        return self._plots

    def sizeHint(self) -> QSize:
        """Half a small window."""
        return QSize(900, 320)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what is selected now."""
        super().showEvent(event)
        if self._plots is not None:
            self._begin()
        elif self._importing is None:
            self._say(self.tr("Opening…"))
            self._importing = threading.Thread(target=self._import, name="audioclip-search-plots", daemon=True)
            self._importing.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing is to be drawn."""
        super().hideEvent(event)
        self._listening.looking.forget()
        self._pending = True

    def event(self, event: QEvent) -> bool:
        """Escape and the arrow keys are for this view first, though they are the window's shortcuts, too."""
        override = event.type() is QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and event.key() in _KEYS and not event.modifiers():
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom, move, close."""
        plots = self._plots
        if event.key() == Qt.Key.Key_Escape:
            self.close_requested.emit()
        elif plots is None:
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Up:
            plots.zoom(1)
        elif event.key() == Qt.Key.Key_Down:
            plots.zoom(-1)
        elif event.key() == Qt.Key.Key_Left:
            plots.pan(-_PAN)
        elif event.key() == Qt.Key.Key_Right:
            plots.pan(_PAN)
        elif event.key() == Qt.Key.Key_Home:
            plots.see_all()
        else:
            super().keyPressEvent(event)

    def _make_header(self) -> None:
        title = QLabel(self.tr("Waveform and spectrogram"))
        title.setObjectName("section")
        self._pointer = QLabel()
        self._pointer.setObjectName("small")
        self._pointer.setFont(tabular(self._pointer.font()))
        self._header = QHBoxLayout()
        self._header.setContentsMargins(8, 0, 4, 0)
        self._header.setSpacing(4)
        self._header.addWidget(title)
        self._header.addStretch(1)
        self._header.addWidget(self._pointer)
        self._header.addSpacing(8)
        for symbol, label, act in (
            ("minus", self.tr("Zoom out (Down)"), lambda: self._zoom(-2)),
            ("plus", self.tr("Zoom in (Up)"), lambda: self._zoom(2)),
            ("fit", self.tr("Show all (Home)"), self._see_all),
            ("close", self.tr("Close (Esc)"), self.close_requested.emit),
        ):
            button = QToolButton()
            button.setIcon(icon(symbol, "muted"))
            button.setIconSize(QSize(16, 16))
            button.setToolTip(label)
            button.setAccessibleName(label)
            button.clicked.connect(act)
            self._header.addWidget(button)

    def _zoom(self, steps: float) -> None:
        if self._plots is not None:
            self._plots.zoom(steps)

    def _see_all(self) -> None:
        if self._plots is not None:
            self._plots.see_all()

    def _import(self) -> None:
        """On a thread, because it would hold up the window."""
        importlib.import_module("gui.views.sound_plots")
        self._imported.emit()

    def _make_plots(self) -> None:
        from gui.views.sound_plots import SoundPlots

        assert self._importing is not None
        self._importing.join()
        self._plots = plots = SoundPlots()
        plots.setFocusProxy(self)
        plots.seen.connect(self._on_seen)
        plots.seek_requested.connect(self._listening.seek)
        plots.region_requested.connect(self._listening.choose_region)
        plots.pointed.connect(self._pointer.setText)
        self._stack.addWidget(plots)
        if self.isVisible():
            self._begin()

    def _begin(self) -> None:
        """Show the sound that is selected now, if it is not shown."""
        if self._pending:
            self._on_sound(self._listening.looking.path)

    def _on_sound(self, path: str) -> None:
        plots = self._plots
        if plots is None or not self.isVisible():
            self._pending = True
            return
        self._pending = False
        if not path:
            self._say(self.tr("Select a sound to see it here"))
            return
        self._stack.setCurrentWidget(plots)
        row = self._listening.row
        plots.show_sound(self._listening.duration_s, matches_of(row) if row is not None else ())
        self._on_whole_outline(self._listening.outline)
        self._on_region(self._listening.region)
        self._on_position(self._listening.position_s)
        self._on_seen(*plots.range_s)

    def _on_seen(self, start_s: float, end_s: float) -> None:
        if self._plots is not None and self.isVisible():
            columns = min(_COLUMNS, max(200, self._plots.width()))
            self._listening.looking.see(start_s, end_s, columns, _BANDS)

    def _on_whole_outline(self, outline: Outline | None) -> None:
        plots = self._plots
        if plots is None or outline is None or self._pending:
            return
        if not plots.duration_s:
            self._on_duration(outline.end_s)
        plots.set_outline(outline)

    def _on_outline(self, outline: Outline) -> None:
        if self._plots is not None:
            self._plots.set_outline(outline)

    def _on_spectrum(self, spectrum: Spectrum) -> None:
        if self._plots is not None:
            self._stack.setCurrentWidget(self._plots)
            self._plots.set_spectrum(spectrum)

    def _on_duration(self, duration_s: float) -> None:
        plots = self._plots
        if plots is not None and not self._pending:
            all_of_it = plots.range_s[1] >= plots.duration_s - 0.01 and plots.range_s[0] <= 0.01
            plots.set_duration(duration_s)
            if all_of_it:
                plots.see_all()

    def _on_position(self, position_s: float) -> None:
        if self._plots is not None and self.isVisible():
            self._plots.set_position(position_s)

    def _on_region(self, region: tuple[float, float] | None) -> None:
        if self._plots is not None:
            self._plots.set_region(region)

    def _on_trouble(self, trouble: Trouble) -> None:
        self._say(str(trouble))

    def _say(self, text: str) -> None:
        self._message.setText(text)
        self._stack.setCurrentWidget(self._message)
