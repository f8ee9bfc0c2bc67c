"""Models: which there are, and the download of one of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from gui.backend.calls import models
from gui.backend.calls.models import Arrived, Model
from gui.engine import Engine, Request
from gui.records import Problem, Trouble
from gui.settings import Settings

FULL = "audioclip"
"""The full AudioCLIP."""

STARTER = "starter"
"""The small model that comes with the app."""


class Step(StrEnum):
    """Where a download is."""

    NONE = "none"
    RUNNING = "running"
    CHECKING = "checking"
    PAUSED = "paused"
    FAILED = "failed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Download:
    """A download.

    Attributes:
        name: Of the model; empty if none was asked for.
        step: Where it is.
        arrived: How far; None before anything is known.
        trouble: Why it failed.
    """

    name: str = ""
    step: Step = Step.NONE
    arrived: Arrived | None = None
    trouble: Trouble | None = None


class ModelController(QObject):
    """Knows the models and downloads one at a time. What has arrived is kept, whatever happens.

    Args:
        engine: Does it.
        settings: The user's choices.
        parent: Its owner.
    """

    models_changed = Signal(object)
    """A list of `Model`."""

    progressed = Signal(object)
    """A `Download`."""

    installed = Signal(str)
    """The model of this name is here now."""

    trouble = Signal(object)
    """A `Trouble`: models can't be listed."""

    def __init__(self, engine: Engine, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine, self._settings = engine, settings
        self._models: list[Model] = []
        self._download = Download()
        self._request: Request[list[Model]] | None = None
        self._stopping = self._again = False

    @property
    def models(self) -> list[Model]:
        """Those known, best first; empty before `refresh` was answered."""
        return self._models

    @property
    def state(self) -> Download:
        """The download under way, or the last one."""
        return self._download

    def model(self, name: str) -> Model | None:
        """A known model."""
        return next((model for model in self._models if model.name == name), None)

    @property
    def best(self) -> Model | None:
        """The one that a new library gets: the best of this project's own that is here."""
        own = [model for model in self._models if model.installed and (model.downloadable or model.name == STARTER)]
        return own[0] if own else None

    def refresh(self) -> None:
        """Look again which there are."""
        self._engine.call(models.known).then(self._take, self.trouble.emit)

    def download(self, name: str = FULL) -> None:
        """Download a model, or go on with it; while one is being downloaded, nothing."""
        if self._request is not None:
            if self._stopping and name == self._download.name:
                self._again = True
                self._tell(replace(self._download, step=Step.RUNNING))
            return
        arrived = self._download.arrived if self._download.name == name else None
        self._tell(Download(name, Step.RUNNING, arrived))
        self._request = self._engine.call(models.download, name)
        self._request.then(self._on_done, self._on_trouble, self._on_arrived)

    def cancel(self) -> None:
        """Stop the download; `download` goes on where it was."""
        if self._request is not None:
            self._request.cancel()
            self._stopping, self._again = True, False
            self._tell(replace(self._download, step=Step.PAUSED))  # a server that is silent is left only later

    def _on_arrived(self, arrived: Arrived) -> None:
        if self._stopping:
            return
        whole = arrived.done_bytes >= arrived.total_bytes
        self._tell(replace(self._download, step=Step.CHECKING if whole else Step.RUNNING, arrived=arrived))

    def _on_done(self, found: list[Model]) -> None:
        self._request, self._stopping, self._again = None, False, False
        name = self._download.name
        self._tell(replace(self._download, step=Step.DONE))
        self._take(found)
        self.installed.emit(name)

    def _on_trouble(self, trouble: Trouble) -> None:
        again, self._request = self._again, None
        self._stopping = self._again = False
        if again:
            self.download(self._download.name)
        elif trouble.kind is Problem.CANCELLED:
            self._tell(replace(self._download, step=Step.PAUSED))
        else:
            self._tell(replace(self._download, step=Step.FAILED, trouble=trouble))

    def _take(self, found: list[Model]) -> None:
        self._models = found
        self.models_changed.emit(found)

    def _tell(self, download: Download) -> None:
        self._download = download
        self.progressed.emit(download)
