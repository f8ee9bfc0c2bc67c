"""Which process of a training this is, as torchrun tells in the environment, and its children. Loads no torch."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def rank() -> int:
    """This process's number among all of a training, as torchrun counts them; 0 for the only one."""
    return int(os.environ.get("RANK", "0"))


def world_size() -> int:
    """How many processes torchrun started, on all machines; 1 without it."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_main_process() -> bool:
    """Whether this one writes results."""
    return rank() == 0


@contextlib.contextmanager
def deaf_children() -> Iterator[None]:
    """Processes started meanwhile ignore SIGINT from their first moment on. Ctrl-C reaches every process of a terminal,
    and it is the parent that has to act on it."""
    try:
        previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    except ValueError:  # signals belong to the main thread
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


def map_in_processes(work: Callable[[_Item], _Result], items: Sequence[_Item], workers: int) -> Iterator[_Result]:
    """Results in order, made in `workers` spawned processes of one thread each; in this one if there are none."""
    if not workers:
        yield from map(work, items)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_use_one_thread) as pool:
        with deaf_children():
            results = pool.map(work, items, chunksize=8)
        yield from results


def _use_one_thread() -> None:
    import torch

    torch.set_num_threads(1)
