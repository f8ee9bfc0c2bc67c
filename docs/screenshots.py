"""Makes the pictures of the app in the documentation: python docs/screenshots.py [--only NAME …]

A library of made-up sounds with names as libraries have them is made, indexed and opened in the app, once in the dark
and once in the light. No screen is needed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path[:0] = [str(Path(__file__).parents[1] / "benchmarks"), str(Path(__file__).parents[1])]

from _library import generated, write
from PySide6.QtWidgets import QApplication, QWidget

from audioclip_search import Library, Modality
from gui import places, theme
from gui.backend.library_state import Phase
from gui.controllers.appearance import AppearanceController
from gui.searching import Chip, ChipKind, joined
from gui.settings import Settings
from gui.views.summary import Page
from gui.windows.controllers import Controllers
from gui.windows.main import MainWindow
from gui.windows.preferences import Topic

IMAGES = Path(__file__).parent / "images"
SIZE = (1280, 720)
FILES = 420


class Studio:
    """The app, set up for a picture."""

    def __init__(self, app: QApplication, mode: theme.Mode, work: Path) -> None:
        self.app, self.mode = app, mode
        os.environ[places.APP_VARIABLE] = str(work / f"app-{mode}")
        settings = Settings(places.config_dir() / "settings.ini")
        settings.put("appearance/mode", mode)
        settings.put("listening/autoplay", False)
        self.appearance = AppearanceController(app, settings)
        self.controllers = Controllers.start(settings)
        self.window = MainWindow(self.controllers)
        self.window.resize(*SIZE)
        self.window.show()

    def wait(self, met: Callable[[], object] = lambda: False, *, at_most_s: float = 60.0) -> None:
        """Let the app run until something is so, or for a while."""
        until = time.monotonic() + at_most_s
        while time.monotonic() < until and not met():
            self.app.processEvents()
            time.sleep(0.005)

    def shoot(self, name: str, widget: QWidget | None = None) -> None:
        """Take the picture when all that is drawn later is there."""
        self.wait(at_most_s=2.5)
        (widget or self.window).grab().save(str(IMAGES / f"{name}-{self.mode}.png"))
        print(f"{name}-{self.mode}.png", flush=True)

    def search(self, text: str, *chips: Chip) -> None:
        """Search, and wait for the answer."""
        done: list[object] = []
        self.controllers.search.found.connect(done.append)
        self.controllers.search.load(joined(text, chips))
        self.wait(lambda: bool(done))
        self.controllers.search.found.disconnect(done.append)

    def close(self) -> None:
        """End the app."""
        self.window.close()
        self.controllers.close()
        self.appearance.deleteLater()


def first_run(studio: Studio, sounds: Path) -> None:
    """The page that asks for folders; the library must be new."""
    studio.window.open_library("")
    studio.wait(lambda: studio.window.page is Page.WELCOME)
    studio.shoot("first-run")


def indexing(studio: Studio, sounds: Path) -> None:
    """Results while files are still being read."""
    if studio.window.page is not Page.WELCOME:
        first_run(studio, sounds)
    studio.window.welcome.add([str(sounds)])
    studio.window.welcome.start_button.click()
    studio.wait(lambda: studio.window.results.rowCount() > 60)
    studio.shoot("indexing")


def results(studio: Studio, sounds: Path) -> None:
    """A search by words, and why the first of them matches."""
    studio.search("glass breaking")
    studio.window.focus_results()
    studio.shoot("results")


def chips(studio: Studio, sounds: Path) -> None:
    """Words, a picture, and less like a sound."""
    picture = next(path for path in sounds.rglob("*.png"))
    sound = next(path for path in sounds.rglob("*ell*.wav"))
    studio.search("metal", Chip(ChipKind.IMAGE, str(picture)), Chip(ChipKind.LIKE, str(sound), -0.5))
    studio.shoot("chips")


def filters(studio: Studio, sounds: Path) -> None:
    """Filters with counts."""
    studio.window.frame.panel.setCurrentIndex(1)
    studio.search("dur:<2 ext:wav,flac")
    studio.shoot("filters")
    studio.window.frame.panel.setCurrentIndex(0)


def grid(studio: Studio, sounds: Path) -> None:
    """Cards."""
    studio.search("bell")
    studio.window.show_page(Page.GRID)
    studio.shoot("grid")
    studio.window.show_page(Page.LIST)


def spectrogram(studio: Studio, sounds: Path) -> None:
    """The larger view, with a part selected."""
    studio.search("glass breaking")
    studio.window.focus_results()
    studio.window.show_sound_view(True)
    studio.wait(at_most_s=4.0)
    studio.controllers.listening.set_region(0.1, 0.5)
    studio.shoot("spectrogram")
    studio.window.show_sound_view(False)


def map_(studio: Studio, sounds: Path) -> None:
    """The map."""
    studio.search("")
    done: list[object] = []
    studio.controllers.map.finished.connect(done.append)
    studio.window.show_page(Page.MAP)
    studio.wait(lambda: bool(done), at_most_s=120)
    studio.shoot("map")
    studio.window.show_page(Page.LIST)


def duplicates(studio: Studio, sounds: Path) -> None:
    """Duplicates."""
    done: list[object] = []
    studio.controllers.duplicates.finished.connect(done.append)
    studio.window.show_page(Page.DUPLICATES)
    studio.window.duplicates.search()
    studio.wait(lambda: bool(done), at_most_s=300)
    studio.shoot("duplicates")
    studio.window.show_page(Page.LIST)


def preferences(studio: Studio, sounds: Path) -> None:
    """The preferences."""
    dialog = studio.window.dialogs.show_preferences()
    dialog.show_topic(Topic.FOLDERS)
    studio.shoot("preferences", dialog)
    dialog.close()


def shortcuts(studio: Studio, sounds: Path) -> None:
    """All keys."""
    sheet = studio.window.dialogs.show_shortcuts(studio.window.menu_bar)
    studio.shoot("shortcuts", sheet)
    sheet.close()


FIRST = ("first-run", "indexing")
SCENES: dict[str, Callable[[Studio, Path], None]] = {
    "first-run": first_run,
    "indexing": indexing,
    "results": results,
    "chips": chips,
    "filters": filters,
    "grid": grid,
    "spectrogram": spectrogram,
    "map": map_,
    "duplicates": duplicates,
    "preferences": preferences,
    "shortcuts": shortcuts,
}


def main() -> None:
    """Make the library, then every picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(SCENES), default=list(SCENES))
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "audioclip-search-screenshots")
    options = parser.parse_args()
    sounds = options.work / "Sounds"
    for mode in theme.Mode:
        shutil.rmtree(options.work / f"app-{mode}", ignore_errors=True)
    if not sounds.exists():
        sounds.mkdir(parents=True)
        write(generated(FILES, seed=5), sounds, on_progress=lambda _: None)
    IMAGES.mkdir(exist_ok=True)
    app = QApplication([])
    for mode in (theme.Mode.DARK, theme.Mode.LIGHT):
        run(app, mode, options.work, sounds, [name for name in options.only if name in FIRST])
        annotate(sounds)
        run(app, mode, options.work, sounds, [name for name in options.only if name not in FIRST])


def run(app: QApplication, mode: theme.Mode, work: Path, sounds: Path, names: list[str]) -> None:
    """Start the app, make pictures of these scenes, and end it with all sounds indexed."""
    studio = Studio(app, mode, work)
    try:
        if names[:1] != ["first-run"]:
            studio.window.open_library("")
        for name in names:
            SCENES[name](studio, sounds)
        if studio.window.page is Page.WELCOME or not studio.window.results.rowCount():
            studio.controllers.library.add_folders([str(sounds)])
        studio.wait(lambda: studio.window.results.rowCount() > 0 and studio.controllers.library.indexing.done == 0)
        studio.wait(lambda: studio.controllers.library.indexing.phase is Phase.IDLE)
    finally:
        studio.close()


def annotate(sounds: Path) -> None:
    """Tags, ratings, favourites and collections, as somebody has made them."""
    with Library(places.own_library()) as library:
        files = sorted(file.path for file in library.files() if file.modality is Modality.AUDIO)
        library.annotate(files[:40:4], add=["favourite"], rating=5)
        library.annotate(files[::9], add=["@Night scene"])
        library.annotate(files[::14], add=["@Opening titles", "clean"], rating=4)
        glass = [hit.path for hit in library.query("glass breaking", k=12)]
        library.annotate(glass[::2], add=["glass", "impact"], rating=4)
        library.tag(["glass", "metal", "bell", "footsteps", "thunder", "siren", "bird", "water"])


if __name__ == "__main__":
    main()
