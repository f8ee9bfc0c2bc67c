"""How many files there are of each kind, format, length and so on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from audioclip_search import CancelToken, Field, OneOf, Query, Range, format_amount
from gui.organisation import plain_tags
from gui.records import Row
from gui.searching import Facet, FacetValue

DURATIONS: tuple[tuple[float | None, float | None], ...] = (
    (None, 1.0),
    (1.0, 3.0),
    (3.0, 10.0),
    (10.0, 60.0),
    (60.0, None),
)
"""Bands of durations, seconds: from the first up to, but not with, the second."""

FACETS = (Field.KIND, Field.DURATION, Field.EXTENSION, Field.RATE, Field.FOLDER, Field.TAG, Field.RATING)
_MOST_VALUES = 200


def without(query: Query, field: Field) -> Query:
    """A query without its filters by one field; those that exclude stay."""
    kept = tuple(one for one in query.filters if not _is_about(one, field))
    return replace(query, filters=kept)


def facets_of(
    query: Query,
    *,
    counted: Callable[[Query, Field], Counter[str]],
    found: Sequence[Row],
    cancel: CancelToken,
) -> tuple[Facet, ...]:
    """What a search finds, by each field. The values of a field that it filters by are counted as if it did not, so
    that others can be added.

    Args:
        query: What was asked.
        counted: Counts what a query finds by a field.
        found: What it found.
        cancel: Stops it; then some fields are missing.
    """
    facets = []
    for field in FACETS:
        if cancel.cancelled:
            break
        numbers = counted(without(query, field), field)
        filters = [one for one in query.filters if _is_about(one, field)]
        said = {_said(field, value) for one in filters if isinstance(one, OneOf) for value in one.values}
        said |= {_band_of(one) for one in filters if isinstance(one, Range) and field is Field.DURATION}
        names = _ordered(field, numbers)
        shown = [*names[:_MOST_VALUES], *(name for name in names[_MOST_VALUES:] if name in said)]
        values = [
            FacetValue(_label(field, value), _filter(field, value), numbers[value], value in said) for value in shown
        ]
        values += _others(field, filters, set(shown), found)
        if values:
            facets.append(Facet(field, tuple(values)))
    return tuple(facets)


def count_by(field: Field, rows: Iterable[Row], folders: Sequence[str]) -> Counter[str]:
    """How many rows there are of each value of a field, as `facets_of` takes it.

    Args:
        field: The field.
        rows: What to count.
        folders: The library's folders, absolute: what is below them tells files apart.
    """
    if field is Field.FOLDER:
        return _folders(rows, folders)
    if field is Field.TAG:
        return _tags(rows)
    value_of = _VALUES[field]
    return Counter(value for row in rows if (value := value_of(row)))


def _is_about(one: object, field: Field) -> bool:
    return isinstance(one, OneOf | Range) and one.field is field and not one.negated


def _said(field: Field, value: str) -> str:
    """A value of a filter as `count_by` has it."""
    match field:
        case Field.EXTENSION:
            return value.lower().removeprefix(".")
        case Field.TAG | Field.KIND:
            return value.casefold()
        case Field.RATE:
            number = value.lower().removesuffix("hz")
            return str(round(float(number.removesuffix("k")) * (1_000 if number.endswith("k") else 1)))
    return value


def _others(field: Field, filters: Iterable[object], shown: set[str], found: Sequence[Row]) -> list[FacetValue]:
    """What the query asks for that is none of the values shown: other ranges, deeper folders, what there is none of."""
    wanted: list[OneOf | Range] = []
    for one in filters:
        if isinstance(one, OneOf):
            wanted += [OneOf(field, (value,)) for value in one.values if _said(field, value) not in shown]
        elif isinstance(one, Range) and (field is not Field.DURATION or _band_of(one) not in shown):
            wanted.append(one)
    alone = len(wanted) == 1 and not any(isinstance(one, OneOf) and len(one.values) > 1 for one in filters)
    values = []
    for one in wanted:
        text = str(Query(filters=(one,)))
        if isinstance(one, OneOf):
            label = _label(field, _said(field, one.values[0])) or one.values[0]
        else:
            band = _band_of(one) if field is Field.DURATION else ""
            label = _label(field, band) if band else text.partition(":")[2]
        values.append(FacetValue(label, text, len(found) if alone else 0, active=True))
    return values


def _band_of(one: Range) -> str:
    """A range of durations as `count_by` has it; empty if it is none of these."""
    usual = not one.low_open and (one.high is None or one.high_open)
    return f"{_bound(one.low)}..{_bound(one.high)}" if usual else ""


def _bound(seconds: float | None) -> str:
    return "" if seconds is None else format_amount(Field.DURATION, seconds)


def _band(seconds: float) -> str:
    low, high = next(band for band in DURATIONS if band[1] is None or seconds < band[1])
    return f"{_bound(low)}..{_bound(high)}"


def _folders(rows: Iterable[Row], folders: Sequence[str]) -> Counter[str]:
    """By the first folder below the library's; if files are in several of those, by their own names."""
    tops = sorted((folder.replace("\\", "/").rstrip("/") + "/" for folder in folders), key=len, reverse=True)
    numbers = Counter(row.folder + "/" for row in rows)
    top_of = {folder: next((top for top in tops if folder.startswith(top)), "") for folder in numbers}
    several = len(set(top_of.values())) > 1
    counted: Counter[str] = Counter()
    for folder, number in numbers.items():
        top = top_of[folder]
        own = top.rstrip("/").rpartition("/")[2]
        name = own if several and own else folder.removeprefix(top).strip("/").partition("/")[0]
        if name:
            counted[name] += number
    return counted


def _tags(rows: Iterable[Row]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for row in rows:
        own = {tag.casefold() for tag in plain_tags(row.tags)} if row.tags else set()
        counted.update(own | {tag.label.casefold() for tag in row.auto_tags})
    return counted


def _ordered(field: Field, counted: Counter[str]) -> list[str]:
    match field:
        case Field.DURATION:
            bands = [f"{_bound(low)}..{_bound(high)}" for low, high in DURATIONS]
            return [band for band in bands if counted.get(band)]
        case Field.RATE | Field.RATING:
            return sorted(counted, key=int, reverse=True)
        case _:
            return sorted(counted, key=lambda value: (-counted[value], value))


def _label(field: Field, value: str) -> str:
    match field:
        case Field.DURATION:
            low, _, high = value.partition("..")
            return f"< {high} s" if not low else f"≥ {low} s" if not high else f"{low} – {high} s"
        case Field.RATE:
            return f"{int(value) / 1_000:g} kHz"
        case Field.RATING:
            return "★" * int(value) if value.isdecimal() else value
        case Field.EXTENSION:
            return value.upper()
        case Field.KIND:
            return value.capitalize()
        case _:
            return value


def _filter(field: Field, value: str) -> str:
    """As the query language writes it."""
    if field is not Field.DURATION:
        return str(Query(filters=(OneOf(field, (value,)),)))
    low, _, high = value.partition("..")
    band = Range(field, float(low) if low else None, float(high) if high else None, high_open=bool(high))
    return str(Query(filters=(band,)))


_VALUES: dict[Field, Callable[[Row], str]] = {
    Field.KIND: lambda row: row.modality.value,
    Field.DURATION: lambda row: _band(row.duration_s) if row.duration_s > 0 else "",
    Field.EXTENSION: lambda row: row.format.lower(),
    Field.RATE: lambda row: str(row.rate_hz or ""),
    Field.RATING: lambda row: str(row.rating or ""),
}
