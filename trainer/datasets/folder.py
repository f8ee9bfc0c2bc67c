"""Anybody's sounds, in a folder for each class."""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from audioclip_search.errors import MediaError
from audioclip_search.media import load_tags, scan
from audioclip_search.types import Modality
from trainer.datasets.checks import Problems
from trainer.datasets.examples import Dataset, Example, Examples, Place, joined
from trainer.errors import DataError

logger = logging.getLogger(__name__)

LAYOUT = """\
ROOT/CLASS/…   sounds, in folders of any depth; the first folder's name is the class
Deeper folders' names, and genres and keywords embedded in the files, are further labels. Files whose names differ only
in a take's number or letter (hit 1.wav, hit 2.wav) count as one source. Sounds directly in ROOT are left out."""

_REMEDY = "Put the sounds into a folder for each class"
_TAKE = re.compile(r"[\s_.-]*\(\d+\)$|[\s_.-]+(take|tk|alt|var|version|v)[\s_.-]*\d*$|[\s_-]+[a-z]$", re.IGNORECASE)
_NUMBER = re.compile(r"[\s_.-]*\d+$")


def read_folder(root: Path, problems: Problems) -> Dataset:
    """Open a folder of `CLASS/…`: `Problems` says how errors are told."""
    try:
        stamps = list(scan(root, on_error=lambda path, error: _unreadable(path, error, problems)))
    except MediaError as error:
        raise DataError(error.reason, path=root, remedy=_REMEDY) from error
    sounds = [PurePosixPath(stamp.path) for stamp in stamps if stamp.modality is Modality.AUDIO]
    loose = sum(len(sound.parts) == 1 for sound in sounds)
    if loose:
        problems.note(f"{loose} sounds are in no folder and left out", path=root, remedy=_REMEDY)
    files: dict[str, list[PurePosixPath]] = defaultdict(list)
    for sound in sounds:
        if len(sound.parts) > 1:
            files[_name(sound.parts[0])].append(sound)
    if not files:
        raise DataError("holds no sounds in folders", path=root, remedy=_REMEDY)
    classes = tuple(sorted(files))
    others = frozenset(name.casefold() for name in classes)
    examples = [
        _example(root, sound, name, group, others)
        for name in classes
        for sound, group in zip(files[name], _groups(files[name]), strict=True)
    ]
    return Dataset("folder", Examples.of(examples), classes, multi_label=False)


def _example(root: Path, sound: PurePosixPath, name: str, group: str, classes: frozenset[str]) -> Example:
    path = root / sound
    try:
        tags = load_tags(path)
    except MediaError as error:
        raise DataError(error.reason, path=path, remedy="Make it readable, or take it out of the folder") from error
    labels = {name.casefold(): name}
    for label in map(_name, (*sound.parts[1:-1], *tags)):
        # A sound is of one class: a label that names another one would make it two.
        if label and label.casefold() not in classes:
            labels.setdefault(label.casefold(), label)
    return Example(Place(str(path)), None, tuple(labels.values()), joined(labels.values()), group=group)


def _name(text: str) -> str:
    return text.replace("_", " ").strip()


def _groups(sounds: Sequence[PurePosixPath]) -> list[str]:
    """Each sound's source: its path without marks of a take, and without a number at the end, unless numbers are all
    that tells the sounds of a class apart."""
    unnumbered = [_source(sound, numbers=True) for sound in sounds]
    if len(set(unnumbered)) > 1:
        return unnumbered
    return [_source(sound, numbers=False) for sound in sounds]


def _source(sound: PurePosixPath, *, numbers: bool) -> str:
    stem = _TAKE.sub("", sound.stem)
    if numbers and stem == sound.stem:
        stem = _NUMBER.sub("", stem)
    # A name of nothing but numbers is no take of anything.
    return str(sound.parent / (stem if any(map(str.isalpha, stem)) else sound.stem))


def _unreadable(path: Path, error: OSError, problems: Problems) -> None:
    problems.note(f"left out: {error.strerror or error}", path=path, remedy="Make it readable, or take it away")
