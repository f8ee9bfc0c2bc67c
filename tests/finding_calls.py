"""Calls for the tests of searching, which the engine's process imports."""

from __future__ import annotations

import time

from concept_encoder import ConceptEncoder

from gui.backend.desk import Desk, Task
from gui.searching import Ask, Found


def open_concepts(desk: Desk, task: Task, root: str) -> None:
    """Open a library whose model understands a few words, and index it."""
    from audioclip_search import Library

    library = Library(root, model=ConceptEncoder())
    library.sync()
    desk.put(library)


def find_slowly(desk: Desk, task: Task, ask: Ask) -> Found:
    """Answers only when it is cancelled, or after a second."""
    ends = time.monotonic() + 1.0
    while not task.cancel.cancelled and time.monotonic() < ends:
        time.sleep(0.005)
    return Found(ask)
