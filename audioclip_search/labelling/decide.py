"""What a person says of tags, of many files at once, and how it is undone."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from audioclip_search.bulk import Action, UndoReport
from audioclip_search.errors import QueryError
from audioclip_search.labelling.journal import Change, Journal, Undone
from audioclip_search.labelling.tables import DECISIONS_SCHEMA, SUGGESTIONS_SCHEMA, TagTables, joined_keys
from audioclip_search.storage import IndexStore, SideTable
from audioclip_search.types import Failure, TagState

SUGGESTIONS = "suggestions"
DECISIONS = "decisions"
NOTES = "notes"


def decide(store: IndexStore, contents: Collection[str], labels: Collection[str] | None, state: TagState) -> int:
    """Confirm or reject tags that these contents have.

    Args:
        store: The index.
        contents: Content hashes.
        labels: Which tags, in any case; None for all that are undecided.
        state: Confirmed or rejected.

    Returns:
        How many tags are so now and were not before.
    """
    tables = TagTables.of(store)
    tags = tables.rows(contents)
    if labels is None:
        chosen = tags.filter(pc.equal(tags["state"], TagState.SUGGESTED.value))
    else:
        chosen = tags.filter(pc.is_in(tags["label_key"], pa.array(_keys(labels), pa.string())))
        chosen = chosen.filter(pc.not_equal(chosen["state"], state.value))
    if not len(chosen):
        return 0
    decided = _with(chosen, state=state.value, time_ns=time.time_ns())
    before = _same_keys(tables.decisions.rows({"content_hash": contents}), chosen)
    tables.decisions.put(decided)
    action = Action.CONFIRM if state is TagState.CONFIRMED else Action.REJECT
    what = "all suggested tags" if labels is None else ", ".join(sorted(labels))
    Journal(store).note(action, what, [Change(DECISIONS, before, decided)])
    return len(chosen)


def rename(store: IndexStore, contents: Collection[str] | None, old: str, new: str) -> int:
    """Give another label to what has one, suggested or confirmed, and reject the old one, so that it does not come
    back. A content that has the new label already keeps it as it is.

    Args:
        store: The index.
        contents: Content hashes; None for all.
        old: The label there is, in any case.
        new: What it is to be.

    Returns:
        How many contents had the old label.
    """
    tables = TagTables.of(store)
    if not new.strip():
        raise QueryError("a label is empty")
    new_key = new.strip().casefold()
    tags = tables.rows(contents)
    tags = tags.filter(pc.not_equal(tags["state"], TagState.REJECTED.value))
    had = tags.filter(pc.equal(tags["label_key"], old.strip().casefold()))
    if not len(had):
        return 0
    renamed = _with(had, label=new.strip(), label_key=new_key, time_ns=time.time_ns())
    there = tags.filter(pc.equal(tags["label_key"], new_key))
    if new_key == old.strip().casefold():  # in another case only: it takes its own place
        moved, rejected = renamed, had.slice(0, 0)
    else:
        moved = renamed.filter(pc.invert(pc.is_in(renamed["content_hash"], there["content_hash"])))
        rejected = _with(had, state=TagState.REJECTED.value, time_ns=time.time_ns())
    confirmed = moved.filter(pc.not_equal(moved["state"], TagState.SUGGESTED.value))
    suggested = moved.filter(pc.equal(moved["state"], TagState.SUGGESTED.value)).select(SUGGESTIONS_SCHEMA.names)
    decisions = pa.concat_tables([confirmed, rejected])
    undone = _same_keys(tables.decisions.rows({"content_hash": moved["content_hash"].to_pylist()}), moved)
    changes = [
        _put(tables.suggestions, SUGGESTIONS, suggested.cast(SUGGESTIONS_SCHEMA)),
        _put(tables.decisions, DECISIONS, decisions, gone=_without_keys(undone, decisions)),
    ]
    Journal(store).note(Action.RENAME, f"{old.strip()} → {new.strip()}", changes)
    return len(had)


def annotate(
    store: IndexStore, paths: Collection[str], *, add: Sequence[str], remove: Sequence[str], rating: int | None
) -> int:
    """See `Library.annotate`; this remembers what was before."""
    before, after = store.change_notes(paths, add=add, remove=remove, rating=rating)
    said = [*(f"+{tag}" for tag in add), *(f"-{tag}" for tag in remove)]
    said += [] if rating is None else [f"rating {rating}"]
    changed = [old != new for old, new in zip(before.to_pylist(), after.to_pylist(), strict=True)]
    mask = pa.array(changed, pa.bool_())
    Journal(store).note(Action.ANNOTATE, ", ".join(said), [Change(NOTES, before.filter(mask), after.filter(mask))])
    return len(after)


def undo(store: IndexStore, *, others: Callable[[Change], Undone] | None = None) -> UndoReport:
    """Undo the newest operation, as far as what it changed is still as it left it, and forget it, unless something of
    it can only be undone another time.

    Args:
        store: The index.
        others: Undoes changes of tables that are not the index's.

    Raises:
        QueryError: There is nothing to undo.
    """
    journal = Journal(store)
    last = journal.last()
    if last is None:
        raise QueryError("there is nothing to undo")
    operation, changes = last
    tables = TagTables.of(store)
    restored = skipped = 0
    failures: tuple[Failure, ...] = ()
    for change in reversed(changes):
        match change.table:
            case "suggestions":
                done, left = _restore(tables.suggestions, change)
            case "decisions":
                done, left = _restore(tables.decisions, change)
            case "notes":
                done, left = store.restore_notes(change.before, change.after)
            case _:
                assert others is not None, change.table
                undone = others(change)
                done, left, failures = undone.restored, undone.skipped, (*failures, *undone.failures)
        restored, skipped = restored + done, skipped + left
    journal.recount(operation, len(failures))
    return UndoReport(operation, restored, skipped, failures)


def _put(table: SideTable, name: str, rows: pa.Table, *, gone: pa.Table | None = None) -> Change:
    """Put rows into a table and drop others; what that changed."""
    before = _same_keys(table.rows({"content_hash": rows["content_hash"].to_pylist()}), rows)
    table.put(rows)
    if gone is None or not len(gone):
        return Change(name, before, rows)
    table.drop(gone)
    return Change(name, pa.concat_tables([before, gone]), rows)


def _restore(table: SideTable, change: Change) -> tuple[int, int]:
    """Put back what was before, of those rows that are as the change left them; how many, and how many are not."""
    before, after = _by_key(change.before), _by_key(change.after)
    contents = {key[0] for key in (*before, *after)}
    now = _by_key(table.rows({"content_hash": contents}))
    same = [key for key in dict.fromkeys((*before, *after)) if now.get(key) == after.get(key)]
    back = [before[key] for key in same if key in before]
    gone = [after[key] for key in same if key not in before]
    table.put(pa.Table.from_pylist(back, change.before.schema))
    table.drop(pa.Table.from_pylist(gone, change.after.schema))
    return len(same), len({*before, *after}) - len(same)


def _by_key(rows: pa.Table) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["content_hash"], row["label_key"]): row for row in rows.to_pylist()}


def _keys(labels: Collection[str]) -> list[str]:
    return [label.strip().casefold() for label in labels]


def _same_keys(rows: pa.Table, others: pa.Table) -> pa.Table:
    return rows.filter(pc.is_in(joined_keys(rows), joined_keys(others).combine_chunks()))


def _without_keys(rows: pa.Table, others: pa.Table) -> pa.Table:
    return rows.filter(pc.invert(pc.is_in(joined_keys(rows), joined_keys(others).combine_chunks())))


def _with(rows: pa.Table, **values: object) -> pa.Table:
    """Rows of decisions with the same value in a column, for each given."""
    for name, value in values.items():
        field = DECISIONS_SCHEMA.field(name)
        column = pa.array([value] * len(rows), field.type)
        rows = rows.set_column(DECISIONS_SCHEMA.get_field_index(name), field, column)
    return rows
