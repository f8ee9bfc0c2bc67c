"""Reading files for the search for duplicates, by a few threads: what is in them, and whether two are one recording."""

from __future__ import annotations

import logging
import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import groupby, islice
from pathlib import Path
from typing import TypeVar

import numpy as np

from audioclip_search.duplicates.ledger import Pair
from audioclip_search.errors import CancelledError, MediaError
from audioclip_search.media import (
    Agreement,
    ContentFacts,
    coherence,
    examine_picture,
    examine_sound,
    load_wave,
    open_source,
    read_and_hash,
)
from audioclip_search.storage import Content
from audioclip_search.types import CancelToken, FloatArray, Modality

logger = logging.getLogger(__name__)

_MOST_THREADS = 4
_QUEUED = 32
_POLL_S = 0.2
_KEPT_SAMPLES = 1 << 24  # of waves that may be needed again, for each thread: 64 MB

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


def examine(
    contents: Mapping[Content, Sequence[Path]], *, cancel: CancelToken
) -> Iterator[tuple[Content, ContentFacts | None]]:
    """What is in contents, in no particular order; None where no file that has it can be read now, so that it is tried
    again another time. A file that can be read, but not decoded, is known to be so.

    Args:
        contents: Where each can be found.
        cancel: Ends the work.

    Raises:
        CancelledError: `cancel` was called.
    """

    def look(task: tuple[Content, Sequence[Path]]) -> tuple[Content, ContentFacts | None]:
        content, paths = task
        found = (_examined(path, content) for path in paths)
        return content, next((facts for facts in found if facts is not None), None)

    yield from _in_threads(look, contents.items(), cancel=cancel)


def _examined(path: Path, content: Content) -> ContentFacts | None:
    modality, digest = content
    try:
        with open_source(path) as opened:
            found, file = read_and_hash(opened)
            if found != digest:  # it has changed since the last sync
                return None
            try:
                return examine_sound(file) if modality == Modality.AUDIO else examine_picture(file)
            except MediaError as error:
                if isinstance(error.__cause__, OSError):
                    return None
                return ContentFacts(failure=error.reason)
    except MediaError:
        return None
    except Exception:  # a bug of ours, or of a decoder: no reason to give up on all other files
        logger.exception("%s could not be examined", path)
        return None


def compare(
    pairs: Sequence[tuple[Pair, float]], paths: Mapping[str, Sequence[Path]], *, cancel: CancelToken
) -> Iterator[tuple[Pair, Agreement | None]]:
    """How sounds fit, in no particular order; None where one can't be read now.

    Args:
        pairs: Hashes of samples, and about where the second begins in the first, seconds.
        paths: Where each can be found.
        cancel: Ends the work.

    Raises:
        CancelledError: `cancel` was called.
    """
    ordered = sorted(pairs)
    runs = [list(run) for _, run in groupby(ordered, key=lambda item: item[0][0])]

    def look(run: list[tuple[Pair, float]]) -> list[tuple[Pair, Agreement | None]]:
        waves = _Waves(paths)
        found: list[tuple[Pair, Agreement | None]] = []
        for (first, second), near_s in run:
            if cancel.cancelled:
                break
            one, other = waves.get(first), waves.get(second)
            fit = coherence(one, other, near_s=near_s) if len(one) and len(other) else None
            found.append(((first, second), fit))
        return found

    for found in _in_threads(look, runs, cancel=cancel):
        yield from found


class _Waves:
    """Decoded sounds, the last ones used kept."""

    def __init__(self, paths: Mapping[str, Sequence[Path]]) -> None:
        self._paths = paths
        self._kept: OrderedDict[str, FloatArray] = OrderedDict()

    def get(self, samples: str) -> FloatArray:
        """The sound with these samples; empty if it can't be read."""
        if samples not in self._kept:
            self._kept[samples] = self._load(samples)
        self._kept.move_to_end(samples)
        while len(self._kept) > 2 and sum(map(len, self._kept.values())) > _KEPT_SAMPLES:
            self._kept.popitem(last=False)
        return self._kept[samples]

    def _load(self, samples: str) -> FloatArray:
        for path in self._paths[samples]:
            try:
                return load_wave(path)
            except MediaError as error:
                logger.debug("%s can't be compared: %s", path, error.reason)
        return np.zeros(0, np.float32)


def _in_threads(work: Callable[[_Task], _Result], tasks: Iterable[_Task], *, cancel: CancelToken) -> Iterator[_Result]:
    """What the work makes of each task, as it gets done; a few dozen are under way at a time."""
    waiting = iter(tasks)
    threads = min(_MOST_THREADS, os.cpu_count() or 1)
    executor = ThreadPoolExecutor(threads, thread_name_prefix="audioclip-search-examiner")
    try:
        running: set[Future[_Result]] = {executor.submit(work, task) for task in islice(waiting, _QUEUED)}
        while running:
            if cancel.cancelled:
                raise CancelledError("the search for duplicates was cancelled")
            done, running = wait(running, timeout=_POLL_S, return_when=FIRST_COMPLETED)
            running |= {executor.submit(work, task) for task in islice(waiting, len(done))}
            for future in done:
                yield future.result()
    finally:
        executor.shutdown(cancel_futures=True)
