"""The first page: choose folders, and start."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QRectF, QSize, QStandardPaths, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.controllers.library import LibraryController
from gui.controllers.models import ModelController
from gui.records import Trouble
from gui.theme import GRID, RADIUS, icon, tokens
from gui.views.elided import ElidedLabel
from gui.views.model_card import ModelCard

_WIDTH = 640
_MOST_OFFERED = 4
_USUAL = (
    "Samples",
    "Sounds",
    "Sound Effects",
    "SFX",
    "Splice",
    "Music/Samples",
    "Documents/Samples",
    "Documents/Splice",
)


def usual_places(home: Path | None = None) -> list[Path]:
    """Folders in which people often keep sounds, as far as they are there and have something in them.

    Args:
        home: Whose; None for the user's own, and what the system calls the folder for music.
    """
    candidates = []
    if home is None:
        home = Path.home()
        music = QStandardPaths.standardLocations(QStandardPaths.StandardLocation.MusicLocation)
        candidates = [Path(folder) for folder in music if Path(folder) != home]
    candidates += [home / "Music", *(home / name for name in _USUAL)]
    return [folder for folder in dict.fromkeys(candidates) if _has_something(folder)]


def _has_something(folder: Path) -> bool:
    try:
        return any(not entry.name.startswith(".") for entry in folder.iterdir())
    except OSError:
        return False


class Welcome(QScrollArea):
    """Asks for folders, by a dialog or dropped on it, and starts indexing them."""

    started = Signal()
    """Indexing was asked for."""

    def __init__(self, library: LibraryController, models: ModelController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._folders: list[Path] = []
        self._preparing = False
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAcceptDrops(True)
        self._logo = QLabel()
        self._drop = _DropZone(self.tr("Drop folders here"), self.tr("Choose folders…"))
        self._drop.button.clicked.connect(self._choose)
        self._list = QVBoxLayout()
        self._list.setSpacing(GRID)
        self._chosen = QWidget()
        self._chosen.setLayout(self._list)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._offers = QHBoxLayout()
        self._offers.setSpacing(8)
        self._offer_row = QWidget()
        self._offer_row.setLayout(self._offers)
        self._offers.setContentsMargins(0, 0, 0, 0)
        self._start = QPushButton(self.tr("Start listening"))
        self._start.setObjectName("primary")
        self._start.setMinimumHeight(40)
        self._start.setMinimumWidth(160)
        self._start.clicked.connect(self._on_start)
        self._card = ModelCard(library, models)
        self._lay_out()
        library.trouble.connect(self._on_trouble)
        library.opened.connect(lambda _: self._update())
        self._usual = usual_places()
        self._update()

    @property
    def folders(self) -> list[str]:
        """Those chosen so far."""
        return [str(folder) for folder in self._folders]

    @property
    def start_button(self) -> QPushButton:
        """Starts indexing the chosen folders."""
        return self._start

    @property
    def model_card(self) -> ModelCard:
        """Names the model, and downloads the full one."""
        return self._card

    def add(self, paths: Sequence[str]) -> None:
        """Choose folders; of a file, the one it is in."""
        self._preparing = False
        for path in map(Path, paths):
            folder = path if path.is_dir() else path.parent
            inside = any(folder == other or other in folder.parents for other in self._folders)
            if folder.is_dir() and not inside:
                self._folders = [other for other in self._folders if folder not in other.parents] + [folder]
        self._update()

    def remove(self, folder: str) -> None:
        """Choose one less."""
        self._preparing = False
        self._folders = [other for other in self._folders if str(other) != folder]
        self._update()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take folders and files from other programs."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._drop.set_hovered(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """They went elsewhere."""
        self._drop.set_hovered(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Choose what was dropped."""
        self._drop.set_hovered(False)
        event.acceptProposedAction()
        self.add([url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()])

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() is QEvent.Type.PaletteChange:
            self._logo.setPixmap(icon("app").pixmap(QSize(64, 64)))
        super().changeEvent(event)

    def _lay_out(self) -> None:
        self._logo.setPixmap(icon("app").pixmap(QSize(64, 64)))
        title, lead = QLabel(self.tr("Find the sound you mean")), QLabel()
        title.setObjectName("display")
        lead.setObjectName("lead")
        lead.setWordWrap(True)
        lead.setText(
            self.tr("Choose where your sounds are. Each is listened to once; then you find it by describing it, "
                    "by a picture, or by another sound.")
        )  # fmt: skip
        note = QHBoxLayout()
        shield, words = QLabel(), QLabel(self.tr("Everything stays on this computer. Nothing is uploaded or changed."))
        shield.setPixmap(icon("check", "good").pixmap(QSize(16, 16)))
        words.setObjectName("small")
        note.setSpacing(8)
        note.addWidget(shield)
        note.addWidget(words, 1)
        note.addWidget(self._start)
        page = QWidget()
        page.setObjectName("ground")
        page.setFixedWidth(_WIDTH)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 24, 0, 24)
        column.setSpacing(16)
        column.addWidget(self._logo)
        heading = QVBoxLayout()
        heading.setSpacing(8)
        heading.addWidget(title)
        heading.addWidget(lead)
        column.addLayout(heading)
        for widget in (self._drop, self._offer_row, self._chosen, self._card):
            column.addWidget(widget)
        column.addLayout(note)
        outer = QWidget()
        outer.setObjectName("ground")
        around = QHBoxLayout(outer)
        around.setContentsMargins(16, 0, 16, 0)
        around.addStretch()
        around.addWidget(page, 0, Qt.AlignmentFlag.AlignVCenter)
        around.addStretch()
        self.setWidget(outer)

    def _choose(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose a folder with sounds"), str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(self.add)
        dialog.open()

    def _on_start(self) -> None:
        self._preparing = True
        self._update()
        if self._library.state is None:
            self._library.open_own(self.folders)
        else:
            self._library.add_folders(self.folders)
        self.started.emit()

    def _on_trouble(self, _: Trouble) -> None:
        self._preparing = False  # the window tells it; here one can try again
        self._update()

    def _update(self) -> None:
        _clear(self._list)
        for folder in self._folders:
            self._list.addWidget(self._row(folder))
        self._chosen.setVisible(bool(self._folders))
        _clear(self._offers)
        offered = [folder for folder in self._usual if folder not in self._folders][:_MOST_OFFERED]
        if offered:
            words = QLabel(self.tr("Perhaps here:"))
            words.setObjectName("muted")
            self._offers.addWidget(words)
        for folder in offered:
            button = QPushButton(icon("plus", "accent_text"), folder.name)
            button.setToolTip(str(folder))
            button.setAccessibleName(self.tr("Add {folder}").format(folder=str(folder)))
            button.clicked.connect(lambda _=False, folder=folder: self.add([str(folder)]))
            self._offers.addWidget(button)
        self._offers.addStretch()
        self._offer_row.setVisible(bool(offered))
        self._start.setText(self.tr("Preparing…") if self._preparing else self.tr("Start listening"))
        self._start.setEnabled(bool(self._folders) and not self._preparing)

    def _row(self, folder: Path) -> QWidget:
        row = QFrame()
        row.setObjectName("card")
        sign, words, remove = QLabel(), ElidedLabel(Qt.TextElideMode.ElideMiddle), QToolButton()
        sign.setPixmap(icon("folder", "accent_text").pixmap(QSize(18, 18)))
        words.setText(str(folder))
        words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        remove.setIcon(icon("close", "muted"))
        remove.setAccessibleName(self.tr("Leave out {folder}").format(folder=str(folder)))
        remove.setToolTip(self.tr("Leave out"))
        remove.clicked.connect(lambda: self.remove(str(folder)))
        layout = QHBoxLayout(row)
        layout.setContentsMargins(12, 4, 4, 4)
        layout.setSpacing(8)
        layout.addWidget(sign)
        layout.addWidget(words, 1)
        layout.addWidget(remove)
        return row


class _DropZone(QWidget):
    """A dashed frame with a button in it."""

    def __init__(self, words: str, button: str) -> None:
        super().__init__()
        self._hovered = False
        sign, text, other = QLabel(), QLabel(words), QLabel(self.tr("or"))
        sign.setPixmap(icon("folder-add", "accent_text").pixmap(QSize(28, 28)))
        text.setObjectName("heading")
        other.setObjectName("muted")
        self.button = QPushButton(button)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(12)
        layout.addStretch()
        for widget in (sign, text, other, self.button):
            layout.addWidget(widget)
        layout.addStretch()

    def set_hovered(self, hovered: bool) -> None:
        """Show that a drop would be taken."""
        self._hovered = hovered
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame."""
        painter, colours = QPainter(self), tokens()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(colours.colour("accent_text" if self._hovered else "strong_line"), 1.5)
        pen.setDashPattern([4, 4])
        painter.setPen(pen)
        painter.setBrush(colours.colour("selection" if self._hovered else "panel"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS + 4, RADIUS + 4)


def _clear(layout: QVBoxLayout | QHBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.setParent(None)
            widget.deleteLater()
