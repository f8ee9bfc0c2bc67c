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
    rows: Sequence[Row],
    folders: Sequence[str],
    *,
    rows_without: Callable[[Field], Sequence[Row]],
    cancel: CancelToken,
) -> tuple[Facet, ...]:
    """Count rows by each field.

    Args:
        query: What was asked.
        rows: What it found.
        folders: The library's folders, absolute: what is below them tells files apart.
        rows_without: What is found if the filters by a field are left out.
        cancel: Stops it; then some fields are missing.
    """
    facets = []
    for field in FACETS:
        if cancel.cancelled:
            break
        filters = [one for one in query.filters if _is_about(one, field)]
        counted = _counted(field, rows_without(field) if filters else rows, folders)
        active = _active(field, filters)
        gone = [value for value in active if value not in counted]
        values = [
            FacetValue(_label(field, value), _filter(field, value), counted.get(value, 0), value in active)
            for value in [*_ordered(field, counted)[:_MOST_VALUES], *gone]
        ]
        if values:
            facets.append(Facet(field, tuple(values)))
    return tuple(facets)


def _is_about(one: object, field: Field) -> bool:
    return isinstance(one, OneOf | Range) and one.field is field and not one.negated


def _active(field: Field, filters: Iterable[object]) -> list[str]:
    """The values that the query asks for, as `_counted` writes them."""
    values: list[str] = []
    for one in filters:
        if isinstance(one, OneOf):
            values += [_said(field, value) for value in one.values]
        elif isinstance(one, Range) and field is Field.DURATION:
            values.append(f"{_bound(one.low)}..{_bound(one.high)}")
    return list(dict.fromkeys(values))


def _said(field: Field, value: str) -> str:
    if field is Field.EXTENSION:
        return value.lower().removeprefix(".")
    if field in (Field.TAG, Field.KIND):
        return value.casefold()
    if field is Field.RATE:
        from_k = value.lower().removesuffix("hz").removesuffix("k")
        return str(round(float(from_k) * (1_000 if "k" in value.lower() else 1)))
    return value


def _bound(seconds: float | None) -> str:
    return "" if seconds is None else format_amount(Field.DURATION, seconds)


def _counted(field: Field, rows: Iterable[Row], folders: Sequence[str]) -> Counter[str]:
    if field is Field.FOLDER:
        return _folders(rows, folders)
    if field is Field.TAG:
        return _tags(rows)
    value_of = _VALUES[field]
    return Counter(value for row in rows if (value := value_of(row)))


def _band(seconds: float) -> str:
    low, high = next(band for band in DURATIONS if band[1] is None or seconds < band[1])
    return f"{_bound(low)}..{_bound(high)}"


def _folders(rows: Iterable[Row], folders: Sequence[str]) -> Counter[str]:
    """By the first folder below the library's; several of the library's folders count by their own name."""
    tops = sorted((folder.replace("\\", "/").rstrip("/") + "/" for folder in folders), key=len, reverse=True)
    counted: Counter[str] = Counter()
    for folder, number in Counter(row.folder for row in rows).items():
        top = next((top for top in tops if (folder + "/").startswith(top)), "")
        below = (folder + "/").removeprefix(top).strip("/").partition("/")[0]
        own = top.rstrip("/").rpartition("/")[2]
        name = below if len(tops) == 1 or not own else own
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
            return "★" * int(value)
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
