"""Calls for the tests of searching, which the engine's process imports."""

from __future__ import annotations

import time

from concept_encoder import ConceptEncoder

from audioclip_search import Modality
from gui.backend.desk import Desk, Task
from gui.records import Row
from gui.searching import Ask, Found


def open_concepts(desk: Desk, task: Task, root: str) -> None:
    """Open a library whose model understands a few words, and index it."""
    from audioclip_search import Library

    library = Library(root, model=ConceptEncoder())
    library.sync()
    desk.put(library)


def find_late(desk: Desk, task: Task, ask: Ask) -> Found:
    """One row that says what was asked for. `slow` comes only after it was cancelled, and all the same."""
    ends = time.monotonic() + 10.0
    while ask.text == "slow" and not task.cancel.cancelled and time.monotonic() < ends:
        time.sleep(0.005)
    task.report([Row(f"/{ask.text}.wav", Modality.AUDIO)])
    return Found(ask, 1)
