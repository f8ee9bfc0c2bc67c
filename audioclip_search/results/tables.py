"""Hits as tables: Arrow (and by it pandas and Parquet) and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from audioclip_search.errors import ExportError

if TYPE_CHECKING:
    import pandas

    from audioclip_search.results.records import Hit

_SPAN = [("start_s", pa.float64()), ("end_s", pa.float64())]
_TERM = [("term", pa.string()), ("weight", pa.float64()), ("cosine", pa.float64()), *_SPAN]
_PARTS = [(name, pa.float64()) for name in ("semantic", "name", "folder", "metadata", "excluded")]
_WHY = [*_PARTS, ("terms", pa.list_(pa.struct(_TERM))), ("words", pa.list_(pa.string()))]

HITS_SCHEMA = pa.schema(
    [
        ("path", pa.string()),
        ("modality", pa.string()),
        ("score", pa.float64()),
        ("cosine", pa.float64()),
        *_SPAN,
        ("duration_s", pa.float64()),
        ("tags", pa.list_(pa.string())),
        ("rating", pa.int64()),
        ("offline", pa.bool_()),
        (
            "auto_tags",
            pa.list_(
                pa.struct([("label", pa.string()), ("probability", pa.float64()), ("state", pa.string())]),
            ),
        ),
        ("moments", pa.list_(pa.struct([*_SPAN, ("score", pa.float64())]))),
        *((name, pa.int64()) for name in ("rate_hz", "channels", "bits", "width", "height")),
        ("fields", pa.list_(pa.struct([("name", pa.string()), ("text", pa.string())]))),
        ("markers", pa.list_(pa.struct([*_SPAN, ("label", pa.string())]))),
        ("why", pa.struct(_WHY)),
    ]
)
"""Columns of `as_arrow`: the attributes of `Hit`, those of its metadata (rate_hz to markers) side by side with them."""

CSV_COLUMNS = (
    *("path", "modality", "score", "cosine", "start_s", "end_s", "duration_s", "tags", "rating", "offline"),
    *("auto_tags", "moments", "rate_hz", "channels", "bits", "title", "description"),
)
"""The first line of `as_csv`."""

# What makes a spreadsheet take a cell for a formula, which may start programs; and the mark against it.
_FORMULA_SIGNS = tuple("=+-@\t\r\n＝＋－＠'")


def as_arrow(hits: Sequence[Hit]) -> pa.Table:
    r"""One row a hit, columns as in `HITS_SCHEMA`; `why` is null unless the query asked for it. In names that are not
    Unicode, halves of characters are given as `\udcff`."""
    return pa.Table.from_pylist([_valid(_row(hit)) for hit in hits], schema=HITS_SCHEMA)


def as_pandas(hits: Sequence[Hit]) -> pandas.DataFrame:
    """`as_arrow` as a data frame.

    Raises:
        ExportError: pandas is not installed.
    """
    try:
        import pandas  # noqa: F401
    except ImportError as error:
        raise ExportError(
            "pandas is not installed", remedy="Run `pip install 'audioclip-search[pandas]'`, or use `to_arrow`"
        ) from error
    return as_arrow(hits).to_pandas()


def as_csv(hits: Sequence[Hit]) -> str:
    r"""One line a hit below the names of the columns, RFC 4180. Several tags or moments in a cell are joined by `; `.

    A text that a spreadsheet would take for a formula (it begins with one of = + - @, a tabulator or a new line) has a
    ' before it, and so has one that begins with ': without its first ' a text is what it was. Names that are not
    Unicode are written as in `as_arrow`.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(CSV_COLUMNS)
    writer.writerows([_cell(value) for value in _cells(hit)] for hit in hits)
    return text.getvalue()


def _row(hit: Hit) -> dict[str, Any]:
    metadata = hit.metadata
    return {
        "path": str(hit.path),
        "modality": hit.modality.value,
        **{name: getattr(hit, name) for name in ("score", "cosine", "start_s", "end_s", "duration_s")},
        "tags": list(hit.tags),
        "rating": hit.rating,
        "offline": hit.offline,
        "auto_tags": [
            {"label": tag.label, "probability": tag.probability, "state": tag.state.value} for tag in hit.auto_tags
        ],
        "moments": [asdict(moment) for moment in hit.moments],
        **{name: getattr(metadata, name) for name in ("rate_hz", "channels", "bits", "width", "height")},
        "fields": [{"name": name, "text": text} for name, text in metadata.fields],
        "markers": [asdict(marker) for marker in metadata.markers],
        "why": None if hit.why is None else asdict(hit.why),
    }


def _cells(hit: Hit) -> list[object]:
    row = _row(hit)
    fields = dict(reversed(hit.metadata.fields))  # the first of a name counts
    row |= {
        "tags": "; ".join(hit.tags),
        "auto_tags": "; ".join(f"{tag.label} {tag.probability:.2f} {tag.state}" for tag in hit.auto_tags),
        "moments": "; ".join(f"{one.start_s:.3f}-{one.end_s:.3f} {one.score:.4f}" for one in hit.moments),
        "title": fields.get("title", ""),
        "description": fields.get("description", ""),
    }
    return [row[name] for name in CSV_COLUMNS]


def _cell(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = _unicode(value)
    return f"'{text}" if text.startswith(_FORMULA_SIGNS) else text


def _valid(value: Any) -> Any:
    """The same with every text valid Unicode."""
    match value:
        case str():
            return _unicode(value)
        case dict():
            return {name: _valid(one) for name, one in value.items()}
        case list() | tuple():
            return [_valid(one) for one in value]
    return value


def _unicode(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()
