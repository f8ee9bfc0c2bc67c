"""The map of the library: laid out once, kept, and told in parts."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np
from numpy.typing import NDArray

from gui import places
from gui.backend.desk import Desk, Task
from gui.backend.map_records import Colouring, Legend, MapPart, MapProgress, MapState
from gui.backend.rows import auto_tags_of
from gui.organisation import plain_tags

logger = logging.getLogger(__name__)

_PART = 2_000
_MOST_COLOURS = 8
_OTHERS = 255

Points = NDArray[np.float32]


def show(desk: Desk, task: Task, *, again: bool = False) -> MapState:
    """The map: the one that was kept, or a new one. Reports `MapProgress` while it is laid out, then a `Legend` for
    each colouring, then every `MapPart`.

    Args:
        desk: Has the library.
        task: Is told.
        again: Whether to lay it out anew.
    """
    files = {path for path, file in desk.files().items() if not file.failure}
    if not files:
        return MapState(0, 0, made=False)
    kept = None if again else _kept(desk)
    paths, points = _laid_out(desk, task) if kept is None else kept
    there = np.array([path in files for path in paths], bool)
    shown = [path for path, is_there in zip(paths, there.tolist(), strict=True) if is_there]
    _tell(desk, task, shown, points[there])
    return MapState(len(shown), len(files) - len(shown), made=True)


def _laid_out(desk: Desk, task: Task) -> tuple[list[str], Points]:
    made = desk.library.map(on_progress=lambda done, total: task.report(MapProgress(done, total)), cancel=task.cancel)
    paths = [str(path) for path in made.paths]
    _keep(desk, paths, made.points)
    return paths, made.points


def _tell(desk: Desk, task: Task, paths: Sequence[str], points: Points) -> None:
    codes: dict[Colouring, NDArray[np.uint8]] = {}
    for colouring, names in (
        (Colouring.KIND, _kinds(desk, paths)),
        (Colouring.TAG, _tags(desk, paths)),
        (Colouring.FOLDER, _folders(desk, paths)),
    ):
        legend, codes[colouring] = _coded(colouring, names)
        task.report(legend)
    for start in range(0, len(paths), _PART):
        part = slice(start, start + _PART)
        task.report(
            MapPart(tuple(paths[part]), points[part].copy(), {of: values[part].copy() for of, values in codes.items()})
        )


def _coded(colouring: Colouring, names: Sequence[str]) -> tuple[Legend, NDArray[np.uint8]]:
    """A name for each file, empty for none, as codes of the most frequent ones."""
    counts = Counter(name for name in names if name)
    most = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:_MOST_COLOURS]
    code_of = {name: code for code, (name, _) in enumerate(most)}
    codes = np.array([code_of.get(name, _OTHERS) for name in names], np.uint8)
    shown = tuple(name for name, _ in most), tuple(count for _, count in most)
    return Legend(colouring, *shown, others=len(names) - sum(shown[1])), codes


def _kinds(desk: Desk, paths: Sequence[str]) -> list[str]:
    files = desk.files()
    return [files[path].modality.value for path in paths]


def _tags(desk: Desk, paths: Sequence[str]) -> list[str]:
    """Of each file the one of its tags that most files have."""
    files, auto_tags = desk.files(), auto_tags_of(desk)
    tags = [[*plain_tags(files[path].tags), *(tag.label for tag in auto_tags.get(path, ()))] for path in paths]
    counts = Counter(tag for own in tags for tag in own)
    return [max(own, key=counts.__getitem__, default="") for own in tags]


def _folders(desk: Desk, paths: Sequence[str]) -> list[str]:
    """Of each file the folder right below the library's; that one itself for what is in no other."""
    bases = sorted((os.path.join(folder, "") for folder in desk.library.folders), key=len, reverse=True)  # noqa: PTH118
    names: list[str] = []
    for path in paths:
        base = next((base for base in bases if path.startswith(base)), "")
        first, separator, _ = path[len(base) :].partition(os.sep)
        names.append(first if separator else Path(base).name)
    return names


def _file(desk: Desk) -> Path:
    info = desk.library.info()
    key = f"{info.location}\n{'' if info.model is None else info.model.weights_hash}"
    return places.cache_dir() / "maps" / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.npz"


def _kept(desk: Desk) -> tuple[list[str], Points] | None:
    file = _file(desk)
    try:
        with np.load(file, allow_pickle=False) as kept:
            return json.loads(kept["paths"].tobytes()), kept["points"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError) as error:
        logger.warning("the map %s can't be read and is made again: %s", file, error)
        return None


def _keep(desk: Desk, paths: Sequence[str], points: Points) -> None:
    """For the next time; a disk that is full only means that it is made again then."""
    file = _file(desk)
    names = np.frombuffer(json.dumps(list(paths)).encode(), np.uint8)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=file.parent, suffix=".tmp", delete=False) as whole:
            np.savez(whole, paths=names, points=points)
        Path(whole.name).replace(file)
    except OSError as error:
        logger.warning("the map is not kept: %s", error)
