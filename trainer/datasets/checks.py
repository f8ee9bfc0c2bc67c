"""What readers share: where they tell what is wrong, tables read with line numbers, and folders listed once."""

from __future__ import annotations

import csv
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from trainer.datasets.examples import Example, Examples
from trainer.errors import DataError

logger = logging.getLogger(__name__)

AS_PUBLISHED = "Take the table as it was published"
"""What to do about a table with a wrong value."""


class Problems:
    """Where a reader tells what is wrong with a data set: raised at once, or kept, and the reader goes on.

    Args:
        keep: Keep them in `found`.
    """

    def __init__(self, *, keep: bool = False) -> None:
        self._keep = keep
        self.found: list[DataError] = []

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keep the `DataError` of this block, if errors are kept."""
        try:
            yield
        except DataError as error:
            if not self._keep:
                raise
            self.found.append(error)

    def add_missing(self, missing: Sequence[tuple[Path, int]], *, table: Path, remedy: str) -> None:
        """Tell of files that a table names and that are not there, with their line numbers: when raised, of the first
        and of how many more; when kept, of each, but of a folder that is missing once."""
        if not missing:
            return
        path, line = missing[0]
        others = len(missing) - 1
        if not self._keep:
            more = f", with {others} more" if others else ""
            raise DataError(f"missing, named in line {line} of {table.name}{more}", path=path, remedy=remedy)
        gone = {folder for folder in {path.parent for path, _ in missing} if not folder.is_dir()}
        self.found += [DataError("no such folder", path=folder, remedy=remedy) for folder in sorted(gone)]
        self.found += [
            DataError(f"missing, named in line {line} of {table.name}", path=path, remedy=remedy)
            for path, line in missing
            if path.parent not in gone
        ]

    def note(self, reason: str, *, path: Path, remedy: str) -> None:
        """Tell of something that a training can do without: logged, or kept."""
        if self._keep:
            self.found.append(DataError(reason, path=path, remedy=remedy))
        else:
            logger.warning("%s: %s", path, reason)


class Listings:
    """Which files there are, every folder listed once: data sets name millions."""

    def __init__(self) -> None:
        self._files: dict[str, frozenset[str]] = {}

    def files(self, folder: str) -> frozenset[str]:
        """Names of what is in a folder and no folder itself; none if it can't be listed."""
        names = self._files.get(folder)
        if names is None:
            try:
                with os.scandir(folder) as entries:
                    names = frozenset(entry.name for entry in entries if not entry.is_dir())
            except OSError as error:
                logger.debug("%s: %s", folder, error)
                names = frozenset()
            self._files[folder] = names
        return names

    def __contains__(self, path: str) -> bool:
        folder, name = os.path.split(path)
        return name in self.files(folder)


@contextmanager
def reading(table: Path, *, remedy: str) -> Iterator[None]:
    """Translate what can go wrong while a table is read into a `DataError` that names it."""
    try:
        yield
    except OSError as error:
        raise DataError(f"can't be read: {error.strerror or error}", path=table, remedy=remedy) from error
    except UnicodeDecodeError as error:
        raise DataError("is not a text in UTF-8", path=table, remedy="Save it as UTF-8") from error
    except csv.Error as error:
        raise DataError(f"not a CSV table: {error}", path=table, remedy=remedy) from error


def read_rows(table: Path, columns: Sequence[str], *, remedy: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV table with a header, each with its line number; cells that a row lacks are empty.

    Raises:
        DataError: It can't be read, or lacks a column.
    """
    with reading(table, remedy=remedy), table.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file, restkey="", restval="")
        require_columns(table, rows.fieldnames or (), columns, remedy=remedy)
        for row in rows:
            if "" in row and "" not in (rows.fieldnames or ()):
                raise DataError(f"line {rows.line_num}: more cells than the header has", path=table, remedy=remedy)
            yield rows.line_num, row


def require_columns(table: Path, present: Sequence[str], columns: Sequence[str], *, remedy: str) -> None:
    """Raise `DataError` unless a table has these columns."""
    for column in columns:
        if column not in present:
            there = f"it has {', '.join(present)}" if present else "it is empty"
            raise DataError(f"has no column {column!r}; {there}", path=table, remedy=remedy)


def whole_number(row: Mapping[str, str], column: str, allowed: range, *, table: Path, line: int) -> int:
    """A cell's whole number.

    Raises:
        DataError: It is none, or not among those allowed.
    """
    text = row[column].strip()
    if not text.isdecimal() or int(text) not in allowed:
        raise DataError(
            f"line {line}: {column} {text!r} is no whole number from {allowed.start} to {allowed.stop - 1}",
            path=table,
            remedy=AS_PUBLISHED,
        )
    return int(text)


class ClassNumbers:
    """The classes of a table that gives each a number and a name, which must agree in every line."""

    def __init__(self, table: Path) -> None:
        self._table = table
        self._names: dict[int, str] = {}
        self._numbers: dict[str, int] = {}

    def add(self, number: int, name: str, *, line: int) -> None:
        """Take one line's class.

        Raises:
            DataError: An earlier line has another name for the number, or another number for the name.
        """
        known_name, known_number = self._names.get(number, name), self._numbers.get(name, number)
        if known_name != name or known_number != number:
            raise DataError(
                f"line {line}: class {number} {name!r} is {known_number} {known_name!r} in earlier lines",
                path=self._table,
                remedy=AS_PUBLISHED,
            )
        self._names[number], self._numbers[name] = name, number

    @property
    def names(self) -> tuple[str, ...]:
        """The names, by number."""
        return tuple(name for _, name in sorted(self._names.items()))


def folds_of(examples: Sequence[Example]) -> tuple[int, ...]:
    """The folds that occur."""
    return tuple(sorted({example.fold for example in examples if example.fold is not None}))


def all_labelled(labelled: Sequence[bool], *, path: Path) -> bool:
    """Whether all examples have labels, so that there are classes. If only some have, that is logged."""
    if any(labelled) and not all(labelled):
        without = len(labelled) - sum(labelled)
        told = "%s: %d of %d examples have no labels: there are no classes, only texts"
        logger.warning(told, path, without, len(labelled))
    return all(labelled)


def require_whole(examples: Examples, *, root: Path) -> None:
    """Refuse examples of which only some have a sound, or only some a picture, since batches need all or none.

    Raises:
        DataError: Naming the first without.
    """
    for column, name in (("audio", "sound"), ("image", "picture")):
        present = examples.present(column)
        if present.any() and not present.all():
            first = int(present.argmin())
            place = examples[first].audio or examples[first].image
            raise DataError(
                f"has no {name}, which {present.sum()} of {len(present)} examples have",
                path=root if place is None else place.path,
                remedy=f"Give every example a {name}, or none",
            )
