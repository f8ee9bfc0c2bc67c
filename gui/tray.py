"""The icon in the system's tray, with a ring that shows how far indexing is."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from audioclip_search import SyncStage
from gui import wording
from gui.backend.library_state import IndexingState, LibraryState, Phase
from gui.controllers.library import LibraryController
from gui.theme import icon, tokens

_SIDE = 64
_STEPS = 24


class Tray(QObject):
    """Shows the app in the tray, if there is one.

    Args:
        library: Says how indexing goes.
        parent: Its owner.
    """

    show_asked = Signal()
    """The window is to come to the front."""

    quit_asked = Signal()
    """The app is to end."""

    def __init__(self, library: LibraryController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._menu = QMenu()
        self._show = self._menu.addAction(self.tr("Show the window"), self.show_asked.emit)
        self._pause = self._menu.addAction(self.tr("Pause indexing"), library.pause)
        self._resume = self._menu.addAction(self.tr("Resume indexing"), library.resume)
        self._menu.addSeparator()
        self._quit = self._menu.addAction(self.tr("Quit"), self.quit_asked.emit)
        self._drawn: int | None = None
        self._icon = QSystemTrayIcon(self)
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._on_activated)
        library.progressed.connect(self._update)
        library.state_changed.connect(self._update)
        self._update()
        if self.available:
            self._icon.show()

    @property
    def available(self) -> bool:
        """Whether there is a tray."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    @property
    def text(self) -> str:
        """What it says when pointed at."""
        return self._icon.toolTip()

    @property
    def actions(self) -> dict[str, QAction]:
        """Those of its menu that can be seen, by what they do."""
        every = {"show": self._show, "pause": self._pause, "resume": self._resume, "quit": self._quit}
        return {name: action for name, action in every.items() if action.isVisible()}

    def close(self) -> None:
        """Take it out of the tray."""
        self._icon.hide()
        self._menu.deleteLater()

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in {QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick}:
            self.show_asked.emit()

    def _update(self) -> None:
        indexing = self._library.indexing
        self._pause.setVisible(indexing.phase is Phase.RUNNING)
        self._resume.setVisible(indexing.phase in {Phase.PAUSED, Phase.STOPPED, Phase.FAILED})
        self._icon.setToolTip(_words(self._library.state, indexing))
        step = _step(indexing)
        if step != self._drawn:
            self._drawn = step
            self._icon.setIcon(ringed(None if step < 0 else step / _STEPS))


def _step(indexing: IndexingState) -> int:
    """How many of the ring's steps are full; -1 for no ring."""
    if indexing.phase is not Phase.RUNNING or not indexing.total or indexing.stage is SyncStage.DONE:
        return -1
    return _STEPS * indexing.done // indexing.total


def _words(state: LibraryState | None, indexing: IndexingState) -> str:
    name = "AudioCLIP Search"
    if state is None:
        return name
    if indexing.phase is Phase.RUNNING and indexing.total:
        text = QCoreApplication.translate("Tray", "{stage}, {done} of {total}").format(
            stage=wording.stage(indexing.stage), done=wording.count(indexing.done), total=wording.count(indexing.total)
        )
    elif indexing.phase is Phase.PAUSED:
        text = QCoreApplication.translate("Tray", "Indexing is paused")
    else:
        text = wording.files(state.files)
    return f"{name}\n{text}"


def ringed(share: float | None) -> QIcon:
    """The app's icon, with a ring that is full to this share; None for none."""
    pixmap = QPixmap(_SIDE, _SIDE)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    inset = 0 if share is None else 11
    icon("app").paint(painter, pixmap.rect().adjusted(inset, inset, -inset, -inset))
    if share is not None:
        circle = QRectF(4, 4, _SIDE - 8, _SIDE - 8)
        painter.setPen(QPen(tokens().colour("strong_line"), 6))
        painter.drawEllipse(circle)
        pen = QPen(tokens().colour("accent_text"), 7)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawArc(circle, 90 * 16, -round(share * 360 * 16))
    painter.end()
    return QIcon(pixmap)
