"""What can be done with the selected results: actions with shortcuts, and the context menu."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QStandardPaths, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from audioclip_search import Modality
from gui import theme
from gui.controllers.desktop import open_files, open_with, reveal
from gui.controllers.exporting import ExportController
from gui.models.results import mime_of
from gui.models.selection import ResultsSelection
from gui.organisation import is_favourite
from gui.records import Row


class RowActions(QObject):
    """Actions on the selected rows, for the views that they are attached to. What others have to do is asked for by
    signals; files are opened, copied and exported here.

    Args:
        selection: Which rows they are about.
        exports: Writes files.
        parent: The widget that dialogs belong to.
    """

    play_requested = Signal(object)
    more_like = Signal(object)
    less_like = Signal(object)
    favour_requested = Signal(list, bool)
    """Rows, and whether they shall be favourites."""

    rate_requested = Signal(list, int)
    """Rows, and how many stars they shall have."""

    tag_requested = Signal(list)
    """Rows that want a tag, which the user is to be asked for."""

    collect_requested = Signal(list)
    """Rows that want to be in a collection, which the user is to be asked for."""

    failed = Signal(str)
    """A sentence about something that could not be done."""

    def __init__(self, selection: ResultsSelection, exports: ExportController, parent: QWidget) -> None:
        super().__init__(parent)
        self._selection, self._exports, self._window = selection, exports, parent
        self._last_folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MusicLocation)
        new = self._new
        self.play = new(self.tr("Play"), "play", "", lambda rows: self.play_requested.emit(self._lead(rows)))
        self.more = new(self.tr("More like this"), "similar", "M", lambda rows: self.more_like.emit(self._lead(rows)))
        self.less = new(
            self.tr("Less like this"), "dissimilar", "Shift+M", lambda rows: self.less_like.emit(self._lead(rows))
        )
        self.favourite = new(self.tr("Favourite"), "heart", "F", self._toggle_favourite)
        self.tag = new(self.tr("Add tag…"), "tag", "T", self.tag_requested.emit)
        self.collect = new(self.tr("Add to collection…"), "bookmark", "Ctrl+D", self.collect_requested.emit)
        self.reveal = new(self._reveal_title(), "reveal", "Ctrl+Shift+C", self._reveal)
        self.copy = new(self.tr("Copy path"), "copies", QKeySequence.StandardKey.Copy, self._copy)
        self.open = new(self.tr("Open in default app"), "export", "Ctrl+Return", self._open)
        self.open_with = new(self.tr("Open with…"), "more", "", self._open_with)
        self.export_region = new(self.tr("Export region…"), "export", "Ctrl+E", self._export_region)
        self.export_files = new(self.tr("Copy to folder…"), "folder-add", "Ctrl+Shift+E", self._export_files)
        self.playlist = new(self.tr("Save as playlist…"), "list", "", self._save_playlist)
        self.ratings = [self._rating(stars) for stars in range(6)]
        selection.rows_changed.connect(self.refresh)
        exports.region_ready.connect(self.refresh)
        self.refresh()

    def all(self) -> list[QAction]:
        """Every action."""
        return [
            *(self.play, self.more, self.less, self.favourite, self.tag, self.collect, self.reveal, self.copy),
            *(self.open, self.open_with, self.export_region, self.export_files, self.playlist, *self.ratings),
        ]

    def attach(self, view: QWidget) -> None:
        """Let a view have the shortcuts while it has the keyboard, and the context menu."""
        view.addActions(self.all())
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(lambda point: self._show(view, point))

    def menu(self, parent: QWidget) -> QMenu:
        """The context menu; its owner deletes it."""
        menu = QMenu(parent)
        menu.addActions([self.play, self.more, self.less])
        menu.addSeparator()
        menu.addAction(self.favourite)
        rate = menu.addMenu(theme.icon("star"), self.tr("Rate"))
        rate.addActions(self.ratings[:0:-1])
        rate.addSeparator()
        rate.addAction(self.ratings[0])
        menu.addActions([self.tag, self.collect])
        menu.addSeparator()
        menu.addActions([self.reveal, self.copy, self.open, self.open_with])
        menu.addSeparator()
        menu.addActions([self.export_region, self.export_files, self.playlist])
        return menu

    def refresh(self) -> None:
        """Enable what can be done now, and say what it would do."""
        row, count = self._selection.current_row(), self._selection.count()
        some = count > 0
        for action in self.all():
            action.setEnabled(some)
        sound = row is not None and row.modality is Modality.AUDIO
        self.play.setEnabled(some and sound)
        found = row is not None and not row.failure
        self.more.setEnabled(some and found)
        self.less.setEnabled(some and found)
        self.export_region.setEnabled(self._exports.region is not None)
        favoured = some and row is not None and is_favourite(row.tags)
        self.favourite.setText(self.tr("Remove from favourites") if favoured else self.tr("Favourite"))
        self.favourite.setIcon(theme.icon("heart-filled" if favoured else "heart", "bad" if favoured else "text"))

    def _new(
        self,
        text: str,
        icon: str,
        shortcut: str | QKeySequence.StandardKey,
        act: Callable[[list[Row]], object],
    ) -> QAction:
        action = QAction(theme.icon(icon), text, self)
        if shortcut:
            action.setShortcut(QKeySequence(shortcut))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(lambda: self._act(act))
        return action

    def _act(self, act: Callable[[list[Row]], object]) -> None:
        if rows := self._selection.selected_rows():
            act(rows)

    def _lead(self, rows: list[Row]) -> Row:
        """The one that something about one row is about."""
        current = self._selection.current_row()
        selected = self._selection.isSelected(self._selection.currentIndex())
        return current if current is not None and selected else rows[0]

    def _rating(self, stars: int) -> QAction:
        text = "★" * stars if stars else self.tr("No rating")
        return self._new(text, "star", str(stars), lambda rows: self.rate_requested.emit(rows, stars))

    def _toggle_favourite(self, rows: list[Row]) -> None:
        """All become favourites, unless all are."""
        self.favour_requested.emit(rows, not all(is_favourite(row.tags) for row in rows))

    def _reveal_title(self) -> str:
        titles = {"darwin": self.tr("Reveal in Finder"), "win32": self.tr("Show in Explorer")}
        return titles.get(sys.platform, self.tr("Show in file manager"))

    def _reveal(self, rows: list[Row]) -> None:
        if not reveal([row.path for row in rows]):
            self.failed.emit(self.tr("There is no file manager that shows it. Its path can be copied instead."))

    def _copy(self, rows: list[Row]) -> None:
        paths = [row.path for row in rows]
        mime = mime_of(paths)
        mime.setText("\n".join(paths))
        QGuiApplication.clipboard().setMimeData(mime)

    def _open(self, rows: list[Row]) -> None:
        if not open_files([row.path for row in rows]):
            self.failed.emit(self.tr("No program opens it. Choose one with “Open with…”."))

    def _open_with(self, rows: list[Row]) -> None:
        places = {"darwin": "/Applications", "win32": "C:/Program Files"}
        start = places.get(sys.platform, "/usr/bin")
        program, _ = QFileDialog.getOpenFileName(self._window, self.tr("Open with"), start)
        if program and not open_with(program, [row.path for row in rows]):
            self.failed.emit(self.tr("{0} could not be started. Choose another program.").format(Path(program).name))

    def _export_region(self, rows: list[Row]) -> None:
        if folder := self._folder(self.tr("Export region to")):
            self._exports.export_region(folder)

    def _export_files(self, rows: list[Row]) -> None:
        if folder := self._folder(self.tr("Copy files to")):
            self._exports.export_files(rows, folder)

    def _save_playlist(self, rows: Sequence[Row]) -> None:
        target, _ = QFileDialog.getSaveFileName(
            self._window,
            self.tr("Save as playlist"),
            f"{self._last_folder}/{self.tr('Playlist')}.m3u8",
            self.tr("Playlists (*.m3u8)"),
        )
        if target:
            self._exports.save_playlist(
                rows, target if target.lower().endswith((".m3u8", ".m3u")) else f"{target}.m3u8"
            )

    def _folder(self, title: str) -> str:
        folder = QFileDialog.getExistingDirectory(self._window, title, self._last_folder)
        self._last_folder = folder or self._last_folder
        return folder

    def _show(self, view: QWidget, point: QPoint) -> None:
        if self._selection.count():
            menu = self.menu(view)
            menu.exec(view.mapToGlobal(point))
            menu.deleteLater()
