"""Duplicates: looking for them, hearing them, keeping the best."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QMessageBox,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from audioclip_search import DuplicateTier, SyncProgress, SyncStage
from gui.backend.duplicate_records import Copy, CopyGroup
from gui.controllers.duplicates import DuplicatesController
from gui.models.duplicates import COPY_ROLE, GROUP_ROLE, DuplicatesModel
from gui.models.results import size_text
from gui.records import Row
from gui.theme import icon
from gui.views.duplicate_lines import DuplicateLine
from gui.views.notice import Nothing, Notice


class DuplicatesView(QWidget):
    """Groups of duplicates, and what to do about them. Nothing goes to the trash without a question.

    Args:
        duplicates: Who finds them.
        parent: Its owner.
    """

    current_changed = Signal(Row)
    """Another file is looked at."""

    play_requested = Signal(Row)
    reveal_requested = Signal(str)

    def __init__(self, duplicates: DuplicatesController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._duplicates = duplicates
        self.model = DuplicatesModel(self)
        self._dropped: list[tuple[int, CopyGroup]] = []
        self._build()
        self.model.ticked_changed.connect(self._show_ticked)
        duplicates.began.connect(self._on_began)
        duplicates.groups_arrived.connect(self._on_groups)
        duplicates.progressed.connect(self._on_progress)
        duplicates.finished.connect(self._on_finished)
        duplicates.stopped.connect(self._on_stopped)
        duplicates.rejected.connect(self._on_rejected)
        duplicates.trashed.connect(self._on_trashed)
        self._show_ticked()
        self._show_page()

    @property
    def tiers(self) -> list[DuplicateTier]:
        """Which kinds are wanted."""
        return [tier for tier, button in self.tier_buttons.items() if button.isChecked()]

    def search(self) -> None:
        """Look for the kinds that are wanted."""
        self._duplicates.find(self.tiers or list(DuplicateTier))

    def reject_current(self) -> None:
        """Say that the files of the group that is looked at are no duplicates; or, of a file, that it is none of the
        best one."""
        index = self.tree.currentIndex()
        group: CopyGroup | None = index.data(GROUP_ROLE) if index.isValid() else None
        if group is None:
            return
        copy: Copy | None = index.data(COPY_ROLE)
        best = group.copies[0].row.path
        one = copy is not None and copy.row.path != best and len(group.copies) > 2
        paths = [best, copy.row.path] if one and copy is not None else [copy.row.path for copy in group.copies]
        number = index.parent().row() if index.parent().isValid() else index.row()
        self._dropped.append((number, self.model.drop_group(number)))
        if one and copy is not None:
            left = tuple(other for other in group.copies if other is not copy)
            self.model.put_back(number, CopyGroup(group.tier, group.modality, left))
            self.tree.expand(self.model.index(number, 0))
        self._duplicates.reject(paths)

    def ask_to_trash(self) -> None:
        """Ask whether the ticked files are to go, and have them moved to the trash."""
        paths = self.model.ticked
        if not paths:
            return
        self._question = self.question(paths)
        self._question.open()

    def question(self, paths: Sequence[str]) -> QMessageBox:
        """What is asked before files go to the trash."""
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIconPixmap(icon("trash", "bad").pixmap(QSize(32, 32)))
        box.setWindowTitle(self.tr("Move to the trash"))
        count = self.tr("one file") if len(paths) == 1 else self.tr("{0} files").format(f"{len(paths):,}")
        size = size_text(self.model.ticked_bytes)
        box.setText(self.tr("Move {0} ({1}) to the trash?").format(count, size))
        box.setInformativeText(self.tr("At least one file of every group stays. The trash can give them back."))
        box.setDetailedText("\n".join(paths[:1000]))
        move = box.addButton(self.tr("Move to the trash"), QMessageBox.ButtonRole.AcceptRole)
        move.setObjectName("danger")
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(QMessageBox.StandardButton.Cancel)
        move.clicked.connect(lambda: self._duplicates.trash(paths))
        return box

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 8)
        column.setSpacing(8)
        column.addLayout(self._top())
        column.addWidget(self._progress())
        self.pages = QStackedWidget()
        self.nothing = Nothing(
            "copies",
            self.tr("Find files that are one and the same"),
            self.tr(
                "Every file is listened to once, and remembered. Copies are found whatever their name, format or"
                " level. Nothing is deleted: you choose what to move to the trash."
            ),
        )
        self.pages.addWidget(self.nothing)
        self.pages.addWidget(self._list())
        column.addWidget(self.pages, 1)
        self.notice = Notice()
        self.notice.undone.connect(self._undo_reject)
        column.addWidget(self.notice)
        column.addLayout(self._bottom())
        self._add_actions()

    def _top(self) -> QHBoxLayout:
        names = {
            DuplicateTier.IDENTICAL: (self.tr("Identical"), self.tr("The same samples or pixels, in any container")),
            DuplicateTier.SAME: (
                self.tr("Same recording"),
                self.tr("One recording or picture at another level, cut, resampled or compressed"),
            ),
            DuplicateTier.ALIKE: (self.tr("Alike"), self.tr("Others that the model can hardly tell apart")),
        }
        row = QHBoxLayout()
        row.setSpacing(8)
        self.tier_buttons: dict[DuplicateTier, QPushButton] = {}
        for tier, (name, help_) in names.items():
            button = QPushButton(name)
            button.setObjectName("toggle")
            button.setCheckable(True)
            button.setChecked(tier in self._duplicates.tiers)
            button.setToolTip(help_)
            self.tier_buttons[tier] = button
            row.addWidget(button)
        row.addStretch(1)
        self.found = QLabel()
        self.found.setObjectName("muted")
        row.addWidget(self.found)
        self.find_button = QPushButton(self.tr("Find duplicates"))
        self.find_button.setObjectName("primary")
        self.find_button.clicked.connect(self.search)
        row.addWidget(self.find_button)
        return row

    def _progress(self) -> QWidget:
        self.progress = QFrame()
        self.progress.setObjectName("card")
        row = QHBoxLayout(self.progress)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(12)
        self.stage = QLabel()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress of finding duplicates"))
        stop = QPushButton(self.tr("Stop"))
        stop.clicked.connect(self._duplicates.cancel)
        row.addWidget(self.stage)
        row.addWidget(self.bar, 1)
        row.addWidget(stop)
        self.progress.hide()
        return self.progress

    def _list(self) -> QWidget:
        self.tree = QTreeView()
        self.tree.setModel(self.model)
        self.tree.setItemDelegate(DuplicateLine(self.tree))
        self.tree.setHeaderHidden(True)
        self.tree.setRootIsDecorated(False)
        self.tree.setIndentation(0)
        self.tree.setMouseTracking(True)
        self.tree.setExpandsOnDoubleClick(False)
        self.tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.tree.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.setAccessibleName(self.tr("Groups of duplicates"))
        self.tree.customContextMenuRequested.connect(self._menu)
        self.tree.clicked.connect(self._on_clicked)
        self.tree.doubleClicked.connect(self._play)
        self.tree.activated.connect(self._play)
        self.tree.selectionModel().currentChanged.connect(self._on_current)
        return self.tree

    def _bottom(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.tick_button = QPushButton(self.tr("Tick all but the best"))
        self.tick_button.clicked.connect(self._tick_or_untick)
        self.reject_button = QPushButton(self.tr("Not duplicates"))
        self.reject_button.setToolTip(self.tr("These files are different: never show them as duplicates again (N)"))
        self.reject_button.clicked.connect(self.reject_current)
        self.ticked = QLabel()
        self.ticked.setObjectName("muted")
        self.trash_button = QPushButton(self.tr("Move to the trash…"))
        self.trash_button.setObjectName("danger")
        self.trash_button.clicked.connect(self.ask_to_trash)
        row.addWidget(self.tick_button)
        row.addWidget(self.reject_button)
        row.addStretch(1)
        row.addWidget(self.ticked)
        row.addWidget(self.trash_button)
        self.bottom = (self.tick_button, self.reject_button, self.ticked, self.trash_button)
        return row

    def _add_actions(self) -> None:
        offers = (
            ("play", self.tr("Play"), "Return", lambda: self._play(self.tree.currentIndex())),
            ("trash", self.tr("Tick for the trash"), "Delete", self._tick_current),
            ("reveal", self.tr("Show in folder"), "Ctrl+Shift+C", self._reveal),
            ("dissimilar", self.tr("Not duplicates"), "N", self.reject_current),
        )
        for symbol, name, keys, act in offers:
            action = QAction(icon(symbol, "muted"), name, self.tree)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(act)
            self.tree.addAction(action)

    def _menu(self, at: QPoint) -> None:
        if self.tree.indexAt(at).isValid():
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.addActions(self.tree.actions())
            menu.popup(self.tree.viewport().mapToGlobal(at))

    def _on_began(self) -> None:
        self.model.clear()
        self._dropped.clear()
        self.notice.hide()
        self.found.clear()
        self.stage.setText(self.tr("Looking at the library"))
        self.bar.setRange(0, 0)
        self.progress.show()
        self.find_button.setEnabled(False)
        self._show_page()

    def _on_progress(self, progress: SyncProgress) -> None:
        words = {
            SyncStage.EXAMINE: self.tr("Listening to files"),
            SyncStage.COMPARE: self.tr("Comparing pairs"),
        }
        text = words.get(progress.stage, self.tr("Looking at the library"))
        if progress.total:
            text = f"{text} · {progress.done:,} / {progress.total:,}"
        self.stage.setText(text)
        self.bar.setRange(0, progress.total)
        self.bar.setValue(progress.done)

    def _on_groups(self, groups: list[CopyGroup]) -> None:
        first = self.model.rowCount()
        self.model.append(groups)
        for number in range(first, self.model.rowCount()):
            self.tree.expand(self.model.index(number, 0))
        self._show_page()

    def _on_finished(self, count: int) -> None:
        self._on_stopped()
        if not count:
            self.nothing.say(
                self.tr("No duplicates"),
                self.tr("No two files of the library are one and the same in the ways chosen above."),
            )
        self._tell_found()

    def _on_stopped(self) -> None:
        self.progress.hide()
        self.find_button.setEnabled(True)
        self.find_button.setText(self.tr("Find again"))

    def _on_rejected(self, paths: list[str], undone: bool) -> None:
        if undone:
            self.notice.hide()
            return
        text = self.tr("These {0} files are not duplicates, and will not be shown again")
        self.notice.tell(text.format(len(paths)))
        self._rejected = paths
        self._tell_found()
        self._show_page()

    def _undo_reject(self) -> None:
        self._duplicates.reject(self._rejected, undo=True)
        if self._dropped:
            number, group = self._dropped.pop()
            shown = self.model.index(number, 0).data(GROUP_ROLE)
            if isinstance(shown, CopyGroup) and {*shown.copies} < {*group.copies}:
                self.model.drop_group(number)
            self.model.put_back(number, group)
            self.tree.expand(self.model.index(min(number, self.model.rowCount() - 1), 0))
        self._tell_found()
        self._show_page()

    def _on_trashed(self, paths: list[str]) -> None:
        self.model.drop_files(paths)
        self.tree.expandAll()
        self._tell_found()
        self._show_page()

    def _on_current(self, current: QModelIndex) -> None:
        copy: Copy | None = current.data(COPY_ROLE) if current.isValid() else None
        self.reject_button.setEnabled(current.isValid())
        if copy is not None:
            self.current_changed.emit(copy.row)

    def _on_clicked(self, index: QModelIndex) -> None:
        if index.data(COPY_ROLE) is None:
            self.tree.setExpanded(index, not self.tree.isExpanded(index))

    def _play(self, index: QModelIndex) -> None:
        copy: Copy | None = index.data(COPY_ROLE) if index.isValid() else None
        if copy is not None:
            self.play_requested.emit(copy.row)

    def _reveal(self) -> None:
        copy: Copy | None = self.tree.currentIndex().data(COPY_ROLE)
        if copy is not None:
            self.reveal_requested.emit(copy.row.path)

    def _tick_current(self) -> None:
        index = self.tree.currentIndex()
        ticked = index.data(Qt.ItemDataRole.CheckStateRole) is Qt.CheckState.Checked
        state = Qt.CheckState.Unchecked if ticked else Qt.CheckState.Checked
        self.model.setData(index, state, Qt.ItemDataRole.CheckStateRole)

    def _tick_or_untick(self) -> None:
        if self.model.ticked:
            self.model.untick_all()
        else:
            self.model.tick_worse([DuplicateTier.IDENTICAL, DuplicateTier.SAME])

    def _show_ticked(self) -> None:
        count = len(self.model.ticked)
        self.tick_button.setText(self.tr("Untick all") if count else self.tr("Tick all but the best"))
        self.trash_button.setEnabled(bool(count))
        text = self.tr("{0} ticked · {1}").format(f"{count:,}", size_text(self.model.ticked_bytes)) if count else ""
        self.ticked.setText(text)

    def _show_page(self) -> None:
        some = self.model.rowCount() > 0
        self.pages.setCurrentIndex(1 if some else 0)
        for widget in self.bottom:
            widget.setVisible(some)

    def _tell_found(self) -> None:
        groups = self.model.groups
        spare = sum(copy.row.size for group in groups for copy in group.copies[1:])
        if groups:
            number = self.tr("1 group") if len(groups) == 1 else self.tr("{0} groups").format(f"{len(groups):,}")
            self.found.setText(self.tr("{0} · {1} to spare").format(number, size_text(spare)))
        else:
            self.found.clear()
