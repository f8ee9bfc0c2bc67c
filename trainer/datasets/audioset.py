"""AudioSet (section 3.1): segments of videos on YouTube, whose media everyone collects for themselves."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

from audioclip_search.media import AUDIO_SUFFIXES, IMAGE_SUFFIXES, VIDEO_SUFFIXES
from trainer.datasets.checks import AS_PUBLISHED, Problems, read_rows, reading
from trainer.datasets.examples import Dataset, Example, Examples, Place, joined
from trainer.errors import DataError

LAYOUT = """\
ROOT/balanced_train_segments.csv, unbalanced_train_segments.csv   training: one of them or both
ROOT/eval_segments.csv            the evaluation split
ROOT/class_labels_indices.csv     names of the labels; or ontology.json
ROOT/media/ (or audio/, video/)   sounds or videos, in folders of any depth, named
  YTID_START.ext, YTID_START_END.ext   the segment alone; times in seconds or milliseconds (ID_30.mp4, ID_30000.mp4)
  YTID.ext                             the whole video: the segment is taken out of it
ROOT/frames/                      pictures, if there are no videos, whose names begin with YTID; of several the middle
An extra Y before the YTID does no harm. Segments without medium are left out. Frames of a video are its picture.
Tables from https://research.google.com/audioset/download.html (CC BY 4.0, the ontology CC BY-SA 4.0); the media belong
to their authors."""

_TRAINING = ("balanced_train_segments.csv", "unbalanced_train_segments.csv")
_EVALUATION = "eval_segments.csv"
_MEDIA = ("media", "audio", "video")
_FRAMES = "frames"
_REMEDY = "Give the folder that holds AudioSet's segment tables, class_labels_indices.csv and media/"
_LABEL_REMEDY = "Take class_labels_indices.csv or ontology.json of the same release"
_STEM = re.compile(r"([\w-]{11})(?:_(\d+(?:\.\d+)?)(?:_.*)?)?")
_FRAME_STEM = re.compile(r"Y?([\w-]{11})(?:[_.-].*)?")


def read_audioset(root: Path, problems: Problems) -> Dataset:
    """Open AudioSet: `Problems` says how errors are told."""
    training = [root / name for name in _TRAINING if (root / name).is_file()]
    evaluation = [root / _EVALUATION] if (root / _EVALUATION).is_file() else []
    if not training and not evaluation:
        raise DataError("holds no segment table of AudioSet", path=root, remedy=_REMEDY)
    names = _label_names(root)
    media = _Media(root)
    train = Examples.of(chain.from_iterable(_segments(table, names, media, problems) for table in training))
    test = Examples.of(chain.from_iterable(_segments(table, names, media, problems) for table in evaluation))
    if not len(train) and not len(test):
        raise DataError("none of the segments' media are there", path=root, remedy="See `datasets` for their names")
    return Dataset("audioset", train, tuple(names.values()), multi_label=True, evaluation=test if evaluation else None)


def _segments(table: Path, names: Mapping[str, str], media: _Media, problems: Problems) -> Iterator[Example]:
    """The segments of a table whose media are there."""
    total, missing, first = 0, 0, ""
    with reading(table, remedy=_REMEDY), table.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.reader(file, skipinitialspace=True)
        for row in rows:
            if not row or row[0].startswith("#"):
                continue
            total += 1
            with problems.kept():
                example = _segment(row, names, media, table=table, line=rows.line_num)
                if example is None:
                    missing += 1
                    first = first or row[0]
                    continue
                yield example
    if missing:
        problems.note(
            f"{missing} of {total} segments have no medium and are left out, the first is {first}",
            path=table,
            remedy="Add their files to media/, or go without them",
        )


def _segment(row: list[str], names: Mapping[str, str], media: _Media, *, table: Path, line: int) -> Example | None:
    try:
        ytid, start, end, mids = row
        start_s, end_s = float(start), float(end)
        if not 0 <= start_s < end_s:
            raise ValueError(f"from {start} to {end} s is no segment")
        labels = tuple(names[mid] for mid in mids.split(","))
    except KeyError as error:
        raise DataError(f"line {line}: label {error} has no name", path=table, remedy=_LABEL_REMEDY) from error
    except ValueError as error:
        raise DataError(f"line {line}: no segment ({error})", path=table, remedy=AS_PUBLISHED) from error
    found = media.find(ytid, start_s)
    if found is None:
        return None
    audio, image, whole = found
    return Example(
        audio=audio,
        image=image,
        labels=labels,
        text=joined(labels),
        start_s=start_s if whole else 0.0,
        duration_s=end_s - start_s if whole else None,
        group=ytid,
    )


def _label_names(root: Path) -> dict[str, str]:
    """Names of the labels by their identifiers, in the official order."""
    table, ontology = root / "class_labels_indices.csv", root / "ontology.json"
    if table.is_file() or not ontology.is_file():
        rows = read_rows(table, ("index", "mid", "display_name"), remedy=_REMEDY)
        return {row["mid"]: row["display_name"] for _, row in rows}
    try:
        with reading(ontology, remedy=_REMEDY):
            return {entry["id"]: entry["name"] for entry in json.loads(ontology.read_text(encoding="utf-8"))}
    except (ValueError, LookupError, TypeError) as error:
        raise DataError(f"not AudioSet's ontology: {error}", path=ontology, remedy=_LABEL_REMEDY) from error


class _Media:
    """The media that are there, listed once.

    Args:
        root: The data set's folder.
    """

    def __init__(self, root: Path) -> None:
        folders = [root / name for name in _MEDIA if (root / name).is_dir()]
        if not folders:
            raise DataError("there is no media/, audio/ or video/", path=root, remedy=_REMEDY)
        self._whole: dict[str, str] = {}
        self._cut: dict[tuple[str, float], str] = {}
        for path, stem, suffix in chain.from_iterable(map(_walk, folders)):
            parts = _STEM.fullmatch(stem) or (_STEM.fullmatch(stem[1:]) if stem.startswith("Y") else None)
            if parts is None or suffix not in AUDIO_SUFFIXES:
                continue
            ytid, start = parts.groups()
            # Of a sound and a video of one segment the video counts, which has both.
            if start is None:
                if suffix in VIDEO_SUFFIXES or ytid not in self._whole:
                    self._whole[ytid] = path
            elif suffix in VIDEO_SUFFIXES or (ytid, float(start)) not in self._cut:
                self._cut[ytid, float(start)] = path
        self._frames = _frames(root / _FRAMES)

    def find(self, ytid: str, start_s: float) -> tuple[Place, Place | None, bool] | None:
        """A segment's sound and picture, and whether they are those of the whole video; None without a sound."""
        path = self._cut.get((ytid, start_s)) or self._cut.get((ytid, round(start_s * 1_000)))
        whole = path is None
        path = path or self._whole.get(ytid)
        if path is None:
            return None
        place, frame = Place(path), self._frames.get(ytid)
        image = Place(frame) if frame is not None else place if place.is_video else None
        return place, image, whole


def _frames(folder: Path) -> dict[str, str]:
    """Of each video's pictures the middle one."""
    found: dict[str, list[str]] = {}
    for path, stem, suffix in _walk(folder):
        parts = _FRAME_STEM.fullmatch(stem)
        if parts is not None and suffix in IMAGE_SUFFIXES:
            found.setdefault(parts[1], []).append(path)
    return {ytid: sorted(paths)[len(paths) // 2] for ytid, paths in found.items()}


def _walk(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Path, stem and lower-case suffix of every file, in an order that depends on the names alone."""
    for parent, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            stem, suffix = os.path.splitext(name)  # noqa: PTH122 (a Path for each of millions takes its time)
            yield f"{parent}{os.sep}{name}", stem, suffix.lower()
