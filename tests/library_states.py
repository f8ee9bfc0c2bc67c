"""Libraries in states of which a test wants to see how they look. Nothing is opened."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from gui.backend.calls.models import Model
from gui.backend.library_state import FolderState, IndexingState, LibraryState
from gui.controllers.library import LibraryController
from gui.controllers.models import ModelController
from gui.settings import Settings

MODELS = [
    Model("audioclip", "The full one", False, True, 537_302_068, "", "/models/audioclip"),
    Model("starter", "The small one", True, False, 21_000_000, "", "/package/starter"),
]

STATE = LibraryState(
    "/app/library",
    (
        FolderState("/home/ann/Samples", 5_106),
        FolderState("/media/ann/Archive", 1_204, connected=False),
        FolderState("/home/ann/Stems", 2_000),
    ),
    indexed=True,
    audio=8_000,
    image=300,
    text=10,
    failed=12,
    model="starter",
)


class Answer:
    """A request that is never answered."""

    over = False

    def then(self, *callbacks: object) -> Answer:
        return self

    def cancel(self) -> None:
        pass

    def drop(self) -> None:
        pass


class SilentEngine(QObject):
    """Notes what is asked of it, and does not answer."""

    restarted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, tuple[Any, ...]]] = []

    def call(self, function: Any, *args: Any) -> Answer:
        self.asked.append((function.__name__, args))
        return Answer()

    def arguments(self, name: str) -> list[tuple[Any, ...]]:
        """Those of all calls of this name."""
        return [args for asked, args in self.asked if asked == name]


class Shown:
    """Controllers whose states a test sets."""

    def __init__(self, settings: Settings) -> None:
        self.engine = SilentEngine()
        self.settings = settings
        self.library = LibraryController(self.engine, settings)  # type: ignore[arg-type]
        self.models = ModelController(self.engine, settings)  # type: ignore[arg-type]
        self.models._take(list(MODELS))

    def open(self, state: LibraryState = STATE, **changes: Any) -> None:
        self.library._take(replace(state, **changes), opened=True)

    def indexing(self, state: IndexingState) -> None:
        self.library._tell(state)
