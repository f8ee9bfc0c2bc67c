"""Which process of a training this is, as torchrun tells in the environment. Loads no torch."""

from __future__ import annotations

import os


def rank() -> int:
    """This process's number among all of a training, as torchrun counts them; 0 for the only one."""
    return int(os.environ.get("RANK", "0"))


def world_size() -> int:
    """How many processes torchrun started, on all machines; 1 without it."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_main_process() -> bool:
    """Whether this one writes results."""
    return rank() == 0
