"""Which model listens."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QMessageBox, QPushButton, QTreeWidget, QTreeWidgetItem

from gui import wording
from gui.controllers.library import LibraryController
from gui.controllers.models import ModelController, Step
from gui.settings import Settings
from gui.theme import icon
from gui.views.model_card import ModelCard
from gui.windows.preference_pages.page import Page


class ModelPage(Page):
    """The model in use; all that are known, to download and to use."""

    def __init__(self, library: LibraryController, models: ModelController, settings: Settings) -> None:
        super().__init__(self.tr("Model"), settings)
        self._library, self._models = library, models
        self._card = ModelCard(library, models)
        self._tree = QTreeWidget()
        self._tree.setObjectName("framed")
        self._tree.setRootIsDecorated(False)
        self._tree.setAccessibleName(self.tr("Known models"))
        self._tree.setHeaderLabels([self.tr("Model"), self.tr("Size"), self.tr("State")])
        self._tree.currentItemChanged.connect(self._update_buttons)
        self._download = QPushButton(icon("download"), self.tr("Download"))
        self._use = QPushButton(self.tr("Use for all files…"))
        self._download.clicked.connect(self._on_download)
        self._use.clicked.connect(self._ask_use)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._download)
        buttons.addWidget(self._use)
        buttons.addStretch()
        self.column.addWidget(self._card)
        self.column.addWidget(self._tree, 1)
        self.column.addLayout(buttons)
        self.column.addWidget(
            self.hint(
                self.tr(
                    "Another model listens to every file again. What is there can be searched until it is done. "
                    "Tags and ratings stay."
                )
            )
        )
        models.models_changed.connect(self._show)
        models.progressed.connect(self._update_buttons)
        library.state_changed.connect(self._show)
        library.opened.connect(self._show)
        self._show()

    @property
    def tree(self) -> QTreeWidget:
        """The known models."""
        return self._tree

    @property
    def download_button(self) -> QPushButton:
        """Downloads the chosen model."""
        return self._download

    @property
    def use_button(self) -> QPushButton:
        """Has all files embedded by the chosen model, after asking."""
        return self._use

    def use(self, name: str) -> None:
        """Have all files embedded by a model, without asking."""
        self._library.reembed(name)

    def _show(self) -> None:
        chosen = self._chosen()
        self._tree.clear()
        for model in self._models.models:
            item = QTreeWidgetItem([model.name, wording.size(model.size_bytes), self._state_of(model.name)])
            item.setData(0, Qt.ItemDataRole.UserRole, model.name)
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setToolTip(0, model.description)
            self._tree.addTopLevelItem(item)
            if model.name == chosen:
                self._tree.setCurrentItem(item)
        for column, width in enumerate((220, 90)):
            self._tree.setColumnWidth(column, width)
        self._update_buttons()

    def _state_of(self, name: str) -> str:
        model, state = self._models.model(name), self._library.state
        if model is None or not model.installed:
            return self.tr("Not here")
        if model.problem:
            return self.tr("Can't be used: {problem}").format(problem=model.problem)
        if self._library.reembedding == name:
            return self.tr("Listening to all files again")
        return self.tr("In use") if state is not None and state.model == name else self.tr("Here")

    def _chosen(self) -> str:
        item = self._tree.currentItem()
        return "" if item is None else str(item.data(0, Qt.ItemDataRole.UserRole))

    def _update_buttons(self) -> None:
        model, state = self._models.model(self._chosen()), self._library.state
        busy = self._models.state.step in {Step.RUNNING, Step.CHECKING}
        self._download.setEnabled(model is not None and not model.installed and model.downloadable and not busy)
        usable = model is not None and model.installed and not model.problem
        self._use.setEnabled(bool(usable and state is not None and state.indexed and state.model != self._chosen()))

    def _on_download(self) -> None:
        self._models.download(self._chosen())

    def _ask_use(self) -> None:
        name = self._chosen()
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(self.tr("Use another model"))
        box.setText(self.tr("Have all files listened to again by “{model}”?").format(model=name))
        box.setInformativeText(self.tr("That takes as long as the first time. It can be paused, and goes on later."))
        use = box.addButton(self.tr("Listen again"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        use.clicked.connect(lambda: self.use(name))
        box.open()
