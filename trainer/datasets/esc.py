"""ESC-50 and its part ESC-10 (section 3.1)."""

from __future__ import annotations

from pathlib import Path

from trainer.datasets.checks import ClassNumbers, Listings, Problems, folds_of, read_rows, whole_number
from trainer.datasets.examples import Dataset, Example, Examples, Place

LAYOUT = """\
ROOT/meta/esc50.csv   filename,fold,target,category,esc10,src_file,take
ROOT/audio/           the files that it names
2,000 recordings of 5 s in 50 classes and 5 official folds; ESC-10 is the 400 of 10 classes that the column esc10 marks.
A table with some of the folds or classes will do.
From https://github.com/karolpiczak/ESC-50; ESC-50 is under CC BY-NC 3.0, ESC-10 under CC BY 3.0."""

_COLUMNS = ("filename", "fold", "target", "category", "esc10", "src_file")
_REMEDY = "Give the folder that holds meta/esc50.csv and audio/ of ESC-50"


def read_esc50(root: Path, problems: Problems) -> Dataset:
    """Open ESC-50: `Problems` says how errors are told."""
    return _read("esc50", root, problems, ten=False)


def read_esc10(root: Path, problems: Problems) -> Dataset:
    """Open ESC-10, out of ESC-50's table."""
    return _read("esc10", root, problems, ten=True)


def _read(name: str, root: Path, problems: Problems, *, ten: bool) -> Dataset:
    table, folder = root / "meta" / "esc50.csv", root / "audio"
    classes, listings = ClassNumbers(table), Listings()
    examples: list[Example] = []
    missing: list[tuple[Path, int]] = []
    for line, row in read_rows(table, _COLUMNS, remedy=_REMEDY):
        if ten and row["esc10"].strip().casefold() != "true":
            continue
        with problems.kept():
            fold = whole_number(row, "fold", range(1, 6), table=table, line=line)
            target = whole_number(row, "target", range(50), table=table, line=line)
            label = row["category"].replace("_", " ")
            classes.add(target, label, line=line)
            audio = folder / row["filename"]
            if str(audio) not in listings:
                missing.append((audio, line))
            examples.append(Example(Place(str(audio)), None, (label,), label, fold=fold, group=row["src_file"]))
    problems.add_missing(missing, table=table, remedy="Complete the data set, or take these lines out of the table")
    return Dataset(name, Examples.of(examples), classes.names, multi_label=False, folds=folds_of(examples))
