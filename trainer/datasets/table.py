"""Any table of sounds, pictures and texts."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from trainer.datasets.checks import (
    Listings,
    Problems,
    all_labelled,
    folds_of,
    read_rows,
    reading,
    require_columns,
)
from trainer.datasets.examples import Dataset, Example, Examples, Place, joined
from trainer.errors import DataError

LAYOUT = """\
ROOT   a table: .csv with a header, or .jsonl (.ndjson) with an object a line. Columns:
  audio, image   files, relative to the table's folder; an image may be a video: frames of it are taken
  text           what describes them
  labels         names: a;b;c or ["a", "b", "c"]
  fold           a whole number
  start_s, duration_s   where the clip lies in the audio file, seconds
  group          what no split may separate [the audio file]
At least two of audio, image and text (or labels instead of a text); the rest is optional. Where some lines have no
labels there are no classes, only texts."""

_REMEDY = "Give a .csv with a header or a .jsonl with the columns audio, image, text (two of them) and maybe labels"


def read_table(root: Path, problems: Problems) -> Dataset:
    """Open a table: `Problems` says how errors are told."""
    examples: list[Example] = []
    missing: list[tuple[Path, int]] = []
    listings = Listings()
    for line, row in _rows(root):
        with problems.kept():
            example = _Row(root, line, row).example()
            examples.append(example)
            for place in (example.audio, example.image):
                if place is not None and place.path not in listings:
                    missing.append((Path(place.path), line))
            if (example.fold is None) != (examples[0].fold is None):
                raise DataError(
                    f"line {line}: {'no fold' if example.fold is None else 'a fold'}, unlike the lines before",
                    path=root,
                    remedy="Give every line a fold, or none",
                )
    problems.add_missing(missing, table=root, remedy="Put it there, or correct the table: paths start from its folder")
    names = tuple(sorted({label for example in examples for label in example.labels}))
    classes = names if all_labelled([bool(example.labels) for example in examples], path=root) else ()
    multi_label = any(len(example.labels) > 1 for example in examples)
    return Dataset("table", Examples.of(examples), classes, multi_label, folds_of(examples))


def _rows(table: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    suffix = table.suffix.lower()
    if suffix == ".csv":
        for number, (line, row) in enumerate(read_rows(table, (), remedy=_REMEDY)):
            if not number:
                _require_pair(table, list(row))
            yield line, row
    elif suffix in (".jsonl", ".ndjson"):
        yield from _json_rows(table)
    else:
        raise DataError("is no table", path=table, remedy=_REMEDY)


def _json_rows(table: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    with reading(table, remedy=_REMEDY), table.open(encoding="utf-8-sig") as file:
        for line, text in enumerate(file, start=1):
            if not text.strip():
                continue
            try:
                row = json.loads(text)
            except json.JSONDecodeError as error:
                raise DataError(f"line {line}: not JSON: {error.msg}", path=table, remedy=_REMEDY) from error
            if not isinstance(row, dict):
                raise DataError(f"line {line}: not an object", path=table, remedy=_REMEDY)
            yield line, row


def _require_pair(table: Path, columns: list[str]) -> None:
    """Two of audio, image and text (or labels) are needed."""
    if "audio" not in columns:
        require_columns(table, columns, ("image",), remedy=_REMEDY)
    if "audio" not in columns or "image" not in columns:
        described = ("labels",) if "labels" in columns else ("text",)
        require_columns(table, columns, described, remedy=_REMEDY)


class _Row:
    """One line of a table."""

    def __init__(self, table: Path, line: int, cells: Mapping[str, Any]) -> None:
        self._table, self._line, self._cells = table, line, cells

    def example(self) -> Example:
        audio, image = self._place("audio"), self._place("image")
        labels = self._labels()
        text = self._text("text") or joined(labels)
        if (audio is not None) + (image is not None) + bool(text) < 2:
            present = ", ".join(column for column, value in self._cells.items() if value)
            raise self._error(f"needs two of audio, image and text (or labels); it has {present or 'nothing'}")
        fold = self._number("fold", 0.0)
        if fold is not None and fold % 1:
            raise self._error(f"fold {fold} is no whole number")
        first = audio or image
        return Example(
            audio=audio,
            image=image,
            labels=labels,
            text=text,
            fold=None if fold is None else int(fold),
            start_s=self._number("start_s", 0.0) or 0.0,
            duration_s=self._number("duration_s", 0.001),
            group=self._text("group") or ("" if first is None else first.path),
        )

    def _text(self, column: str) -> str:
        value = self._cells.get(column)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str | None):
            raise self._error(f"{column} {json.dumps(value)} is no text")
        return (value or "").strip()

    def _place(self, column: str) -> Place | None:
        text = self._text(column)
        return Place(os.path.normpath(self._table.parent / text)) if text else None

    def _labels(self) -> tuple[str, ...]:
        value = self._cells.get("labels")
        if isinstance(value, str) and value.lstrip().startswith("["):
            try:
                value = json.loads(value)
            except json.JSONDecodeError as error:
                raise self._error(f"labels are no JSON list: {error.msg}") from error
        if isinstance(value, str | None):
            value = (value or "").split(";")
        if not isinstance(value, list) or not all(isinstance(label, str) for label in value):
            raise self._error(f"labels {json.dumps(value)} are no list of names")
        names = (label.replace("_", " ").strip() for label in value)
        return tuple(dict.fromkeys(name for name in names if name))

    def _number(self, column: str, least: float) -> float | None:
        value = self._cells.get(column)
        if value is None or value == "":
            return None
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not least <= number < math.inf:
            raise self._error(f"{column} {value!r} is no number from {least:g} on")
        return number

    def _error(self, reason: str) -> DataError:
        return DataError(f"line {self._line}: {reason}", path=self._table, remedy="Correct the line, or take it out")
