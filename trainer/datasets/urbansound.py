"""UrbanSound8K (section 3.1)."""

from __future__ import annotations

from pathlib import Path

from trainer.datasets.checks import ClassNumbers, Listings, Problems, folds_of, read_rows, whole_number
from trainer.datasets.examples import Dataset, Example, Examples, Place

LAYOUT = """\
ROOT/metadata/UrbanSound8K.csv   slice_file_name,fsID,start,end,salience,fold,classID,class
ROOT/audio/fold1 … fold10/       the slices that it names
8,732 slices of up to 4 s in 10 classes and 10 official folds.
From https://urbansounddataset.weebly.com (Zenodo 1203745), under CC BY-NC 3.0."""

_COLUMNS = ("slice_file_name", "fsID", "fold", "classID", "class")
_REMEDY = "Give the folder that holds metadata/UrbanSound8K.csv and audio/ of UrbanSound8K"


def read_us8k(root: Path, problems: Problems) -> Dataset:
    """Open UrbanSound8K: `Problems` says how errors are told."""
    table = root / "metadata" / "UrbanSound8K.csv"
    classes, listings = ClassNumbers(table), Listings()
    examples: list[Example] = []
    missing: list[tuple[Path, int]] = []
    for line, row in read_rows(table, _COLUMNS, remedy=_REMEDY):
        with problems.kept():
            fold = whole_number(row, "fold", range(1, 11), table=table, line=line)
            number = whole_number(row, "classID", range(10), table=table, line=line)
            label = row["class"].replace("_", " ")
            classes.add(number, label, line=line)
            audio = root / "audio" / f"fold{fold}" / row["slice_file_name"]
            if str(audio) not in listings:
                missing.append((audio, line))
            # The columns start and end are places in the recording that the slice was cut from.
            examples.append(Example(Place(str(audio)), None, (label,), label, fold=fold, group=row["fsID"]))
    problems.add_missing(missing, table=table, remedy="Complete the data set, or take these lines out of the table")
    return Dataset("us8k", Examples.of(examples), classes.names, multi_label=False, folds=folds_of(examples))
