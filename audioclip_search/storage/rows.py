"""Rows of `files` to other rows of `files`: pure steps that commits are made of."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from audioclip_search.storage.schema import FILES_SCHEMA
from audioclip_search.types import new_file_id

NOT_YET = "not embedded with this model yet: it could not be reached"
"""Why a file has no vectors that was out of reach when all files were embedded again."""
DAMAGED = "not embedded again yet: its vectors were damaged"
"""Why a file has no vectors whose vectors had to be thrown away."""

_NOTES = ("tags", "rating")


def with_notes_of(rows: pa.Table, before: pa.Table) -> pa.Table:
    """`rows` with the tags and ratings that `before` has at the same paths or, failing that, with the same content;
    others stay as they are."""
    if not len(before):
        return rows
    names = ["path", "content_hash", *_NOTES]
    noted = before.select(names).to_pylist()
    by_path = {row["path"]: row for row in noted}
    by_content = {row["content_hash"]: row for row in noted if row["content_hash"]}
    found = [
        by_path.get(row["path"]) or by_content.get(row["content_hash"]) or row for row in rows.select(names).to_pylist()
    ]
    for name in _NOTES:
        rows = with_column(rows, name, [row[name] for row in found])
    return rows


def taking_over(rows: pa.Table, before: pa.Table, *, pending: Collection[str]) -> pa.Table:
    """All rows of an index embedded anew, `rows`, in the place of what there was `before`: with its notes, and those of
    its files that are `pending` (their paths) as failed for now."""
    missing = set(pending).difference(rows["path"].to_pylist())
    left = before.filter(pc.is_in(before["path"], pa.array(missing, pa.string())))
    left = to_embed(left, NOT_YET)
    return pa.concat_tables([with_notes_of(rows, before).cast(FILES_SCHEMA), left.cast(FILES_SCHEMA)])


def to_embed(rows: pa.Table, reason: str) -> pa.Table:
    """Rows of files that the next sync embeds, whatever there was of them; their tags and ratings stay."""
    count = len(rows)
    rows = with_column(rows, "failure", [reason] * count)
    rows = with_column(rows, "content_hash", [""] * count)
    rows = with_column(rows, "windows", [0] * count)
    return with_column(rows, "file_id", [new_file_id() for _ in range(count)])


def first_of_each_path(rows: pa.Table) -> pa.Table:
    """Rows without those whose path has come before."""
    first: dict[str, int] = {}
    for row, path in enumerate(rows["path"].to_pylist()):
        first.setdefault(path, row)
    return rows.take(pa.array(first.values(), pa.int64()))


def with_prefix(rows: pa.Table, old: str, new: str) -> pa.Table:
    """Rows whose paths begin with `new` where they began with `old`."""
    paths = [new + path[len(old) :] if path.startswith(old) else path for path in rows["path"].to_pylist()]
    return with_column(rows, "path", paths)


def with_notes(
    rows: pa.Table, *, add: Collection[str] = (), remove: Collection[str] = (), rating: int | None = None
) -> pa.Table:
    """Rows with some tags more or less, and another rating if one is given. Tags that differ in case alone are one."""
    gone = {tag.casefold() for tag in (*remove, *add)}
    tags = [[*(tag for tag in own if tag.casefold() not in gone), *add] for own in rows["tags"].to_pylist()]
    rows = with_column(rows, "tags", tags)
    if rating is None:
        return rows
    return with_column(rows, "rating", [rating] * len(rows))


def notes_of(rows: pa.Table) -> pa.Table:
    """What a person said of files: `file_id`, path, tags and rating."""
    return rows.select(["file_id", "path", *_NOTES])


def with_notes_again(rows: pa.Table, before: pa.Table, after: pa.Table) -> pa.Table:
    """Those of the rows whose notes are still the ones of `after`, with those of `before`; see `notes_of`. A file is
    the one with the same id or, if that is gone, at the same path."""
    as_was, as_left = before.to_pylist(), after.to_pylist()
    by_id = {row["file_id"]: place for place, row in enumerate(as_left)}
    gone = by_id.keys() - set(rows["file_id"].to_pylist())
    by_path = {row["path"]: place for place, row in enumerate(as_left) if row["file_id"] in gone}
    places = [
        by_id.get(row["file_id"], by_path.get(row["path"])) for row in rows.select(["file_id", "path"]).to_pylist()
    ]
    now = rows.select(list(_NOTES)).to_pylist()
    same = [
        place is not None and all(as_left[place][name] == row[name] for name in _NOTES)
        for place, row in zip(places, now, strict=True)
    ]
    kept = rows.filter(pa.array(same, pa.bool_()))
    chosen = [as_was[place] for place, is_same in zip(places, same, strict=True) if is_same and place is not None]
    for name in _NOTES:
        kept = with_column(kept, name, [row[name] for row in chosen])
    return kept


def with_column(rows: pa.Table, name: str, values: Iterable[Any]) -> pa.Table:
    """`rows` with other values in a column."""
    field = FILES_SCHEMA.field(name)
    return rows.set_column(FILES_SCHEMA.get_field_index(name), field, pa.array(values, field.type))
