"""The data sets that can be trained on and measured, read from disk as their authors lay them out. Loads no torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from trainer.datasets import audioset, esc, folder, shards, table, urbansound
from trainer.datasets.checks import Problems, require_whole
from trainer.datasets.examples import Dataset, Example, Examples, Place, targets
from trainer.datasets.splits import random_split, split_folds
from trainer.errors import DataError

__all__ = [
    "NAMES",
    "Dataset",
    "Example",
    "Examples",
    "Place",
    "check",
    "layout",
    "open_dataset",
    "random_split",
    "split_folds",
    "targets",
]


@dataclass(frozen=True, slots=True)
class _Reader:
    read: Callable[[Path, Problems], Dataset]
    layout: str


_READERS: Mapping[str, _Reader] = {
    "esc10": _Reader(esc.read_esc10, esc.LAYOUT),
    "esc50": _Reader(esc.read_esc50, esc.LAYOUT),
    "us8k": _Reader(urbansound.read_us8k, urbansound.LAYOUT),
    "audioset": _Reader(audioset.read_audioset, audioset.LAYOUT),
    "folder": _Reader(folder.read_folder, folder.LAYOUT),
    "table": _Reader(table.read_table, table.LAYOUT),
    "shards": _Reader(shards.read_shards, shards.LAYOUT),
}

NAMES = tuple(_READERS)
"""Names of the data sets and kinds of data set that `open_dataset` takes."""


def open_dataset(name: str, root: Path) -> Dataset:
    """Read a data set's tables or folders, and see that every file they name is there. No sound is opened.

    Args:
        name: One of `NAMES`.
        root: Its folder; of `table` the file, of `shards` maybe a pattern.

    Raises:
        DataError: The name is unknown; or something is missing, wrong or contradictory: the first of it.
    """
    return _read(name, root, Problems())


def check(name: str, root: Path) -> list[str]:
    """Everything that is wrong with a data set on disk, each in one line that names the path and the remedy; empty if
    it is complete.

    Raises:
        DataError: The name is unknown.
    """
    _reader(name)
    problems = Problems(keep=True)
    with problems.kept():
        _read(name, root, problems)
    return [str(problem) for problem in problems.found]


def layout(name: str) -> str:
    """What a data set needs on disk, where it comes from and under which licence: lines for people.

    Raises:
        DataError: The name is unknown.
    """
    return _reader(name).layout


def _read(name: str, root: Path, problems: Problems) -> Dataset:
    reader = _reader(name)
    root = Path(root).expanduser()
    dataset = reader.read(root, problems)
    parts = [dataset.examples] if dataset.evaluation is None else [dataset.examples, dataset.evaluation]
    if not any(map(len, parts)) and not problems.found:
        raise DataError("holds no examples", path=root, remedy=f"`python -m trainer datasets` tells what {name} needs")
    for examples in parts:
        with problems.kept():
            require_whole(examples, root=root)
    return dataset


def _reader(name: str) -> _Reader:
    reader = _READERS.get(name)
    if reader is None:
        raise DataError(f"no data set is called {name!r}", remedy=f"There are {', '.join(NAMES)}")
    return reader
