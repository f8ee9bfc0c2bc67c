"""A library of made-up files for tests of organising, which the engine's process opens, too."""

from __future__ import annotations

from pathlib import Path

from chosen_library import file_of, open_chosen, write_index
from concept_encoder import ConceptEncoder

from audioclip_search import Library, Marker, Metadata
from gui.backend.desk import Desk, Task

ABOUT = Metadata(rate_hz=48_000, channels=2, bits=24, fields=(("title", "Crash"),), markers=(Marker(0.5, 0.5, "peak"),))


def make_index(folder: Path) -> Path:
    """Ten sounds of four kinds, a picture, and a file that could not be read."""
    records = [
        file_of(f"{concept}/{concept} {number}.wav", concept, metadata=ABOUT, noise=0.1)
        for concept in ("glass", "dog", "rain")
        for number in range(3)
    ]
    records += [file_of("loose.wav", "wind", noise=0.1), file_of("glass/pane.png", "glass", noise=0.1)]
    return write_index(folder / "index", [*records, file_of("broken.wav")])


def open_made(desk: Desk, task: Task, index: str) -> str:
    """Open it; its root."""
    library, _ = open_chosen(Path(index))
    desk.put(library)
    return str(library.root)


def open_tones(desk: Desk, task: Task, root: str) -> int:
    """Open a folder of tones and index it; how many files it has."""
    library = Library(root, model=ConceptEncoder())
    library.sync()
    desk.put(library)
    return len(desk.files())
