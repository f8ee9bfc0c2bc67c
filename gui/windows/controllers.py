"""All that the main window works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from gui import places
from gui.backend.calls import keeping
from gui.controllers.duplicates import DuplicatesController
from gui.controllers.exporting import ExportController
from gui.controllers.library import LibraryController
from gui.controllers.listening import ListeningController
from gui.controllers.mapping import MapController
from gui.controllers.models import ModelController
from gui.controllers.organising import OrganisingController
from gui.controllers.pictures import PictureController
from gui.controllers.search import SearchController
from gui.engine import Engine
from gui.settings import Settings


@dataclass(frozen=True, slots=True)
class Controllers:
    """The engines and the controllers on top of them.

    Attributes:
        engine: Has the library.
        painter: Draws waveforms and small pictures, apart, so that neither waits for the other.
    """

    engine: Engine
    painter: Engine
    settings: Settings
    library: LibraryController
    models: ModelController
    search: SearchController
    pictures: PictureController
    listening: ListeningController
    organising: OrganisingController
    duplicates: DuplicatesController
    map: MapController
    exporting: ExportController

    @classmethod
    def start(cls, settings: Settings) -> Self:
        """Start the engine; the painter starts when it is needed, not in the way of the first paint. `close` ends
        them."""
        engine = Engine("engine", log_dir=places.log_dir())
        engine.call(keeping.get_ready)
        painter = Engine("painter", log_dir=places.log_dir(), at_once=False)
        return cls(
            engine=engine,
            painter=painter,
            settings=settings,
            library=LibraryController(engine, settings),
            models=ModelController(engine, settings),
            search=SearchController(engine, settings),
            pictures=PictureController(painter, settings),
            listening=ListeningController(painter, settings),
            organising=OrganisingController(engine, settings),
            duplicates=DuplicatesController(engine, settings),
            map=MapController(engine, settings),
            exporting=ExportController(painter),
        )

    def close(self) -> None:
        """End all that runs. What is under way keeps what is finished."""
        self.library.close()
        self.listening.close()
        self.exporting.close()
        self.pictures.close()
        self.engine.close()
        self.painter.close()
