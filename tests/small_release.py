"""A model that is small enough to be downloaded in a test, and what the engine is told of it."""

from __future__ import annotations

from networks import TINY

from audioclip_search.model import registry
from gui.backend.desk import Desk, Task


def announce(desk: Desk, task: Task, size_bytes: int, sha256: str) -> None:
    """In the engine: the full model is this small one."""
    release = registry.Release("AudioCLIP-Full-Training.pt", size_bytes, sha256, network=TINY)
    registry._RELEASED["audioclip"] = (release, "Small")
