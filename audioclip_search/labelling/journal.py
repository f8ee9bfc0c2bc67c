"""What was done in bulk, newest last, with what was before: so that it can be undone."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from audioclip_search.bulk import Action, Operation
from audioclip_search.storage import IndexStore, SideTable
from audioclip_search.types import Failure

MOST_OPERATIONS = 50
_MOST_BYTES = 64 * 1024**2

_CHANGE = pa.struct([("table", pa.string()), ("before", pa.binary()), ("after", pa.binary())])
_SCHEMA = pa.schema(
    [
        pa.field("time_ns", pa.int64(), nullable=False),
        pa.field("action", pa.string(), nullable=False),
        pa.field("description", pa.string(), nullable=False),
        pa.field("count", pa.int64(), nullable=False),
        pa.field(
            "changes", pa.list_(pa.struct([("table", pa.string()), ("before", pa.binary()), ("after", pa.binary())]))
        ),
    ]
)
_KEYS = ("time_ns",)


@dataclass(frozen=True, slots=True)
class Change:
    """What an operation did to one table.

    Attributes:
        table: Its name.
        before: Rows there were, whole.
        after: Rows that are in their place, whole; one that has no row before with its keys is new, and one before
            that has none after is gone.
    """

    table: str
    before: pa.Table
    after: pa.Table


@dataclass(frozen=True, slots=True)
class Undone:
    """How undoing a change went: how many of its rows were restored, how many can't be any more, and which can't be
    now."""

    restored: int
    skipped: int
    failures: tuple[Failure, ...] = ()


class Journal:
    """The operations of an index, a bounded number of them: the oldest are forgotten."""

    def __init__(self, store: IndexStore) -> None:
        self._table: SideTable = store.beside("operations", _SCHEMA, _KEYS)

    def note(
        self, action: Action, description: str, changes: list[Change], *, count: int | None = None
    ) -> Operation | None:
        """Remember what has just been done, or is about to be; None if it is nothing.

        Args:
            action: What.
            description: In words.
            changes: What undoes it.
            count: How many facts that changes; None counts rows.
        """
        if count is None:
            count = sum(max(len(change.before), len(change.after)) for change in changes)
        if not count:
            return None
        known = self._table.rows().sort_by("time_ns")
        newest = known["time_ns"][-1].as_py() if len(known) else 0
        operation = Operation(action, max(time.time_ns(), newest + 1), description, count)
        packed = [
            {"table": change.table, "before": _packed(change.before), "after": _packed(change.after)}
            for change in changes
        ]
        row = {
            "time_ns": operation.time_ns,
            "action": action.value,
            "description": description,
            "count": count,
            "changes": packed,
        }
        self._table.put(pa.Table.from_pylist([row], _SCHEMA))
        # Where files were written into, nothing else gives them back: other operations don't push such ones out.
        files = pc.equal(known["action"], Action.WRITE.value)
        self._table.drop(
            _superfluous(known.filter(files if action is Action.WRITE else pc.invert(files)), _size(packed))
        )
        return operation

    def recount(self, operation: Operation, count: int) -> None:
        """Say how much an operation has changed in the end; nothing forgets it."""
        if not count:
            self.forget(operation)
        elif count != operation.changes:
            (row,) = self._table.rows({"time_ns": [operation.time_ns]}).to_pylist()
            self._table.put(pa.Table.from_pylist([row | {"count": count}], _SCHEMA))

    def groups(self, table: str) -> list[int]:
        """The `group` of every remembered change of that table."""
        changes = (change for changes in self._table.rows()["changes"].to_pylist() for change in changes)
        found: list[int] = []
        for change in changes:
            if change["table"] == table:
                found += _unpacked(change["after"])["group"].to_pylist()
        return found

    def operations(self) -> list[Operation]:
        """All that can be undone, newest first."""
        rows = self._table.rows().drop_columns("changes").sort_by([("time_ns", "descending")]).to_pylist()
        return [_operation(row) for row in rows]

    def last(self) -> tuple[Operation, list[Change]] | None:
        """The newest operation, and what it changed; None if there is none."""
        rows = self._table.rows().sort_by([("time_ns", "descending")]).slice(0, 1).to_pylist()
        if not rows:
            return None
        changes = [
            Change(change["table"], _unpacked(change["before"]), _unpacked(change["after"]))
            for change in rows[0]["changes"]
        ]
        return _operation(rows[0]), changes

    def forget(self, operation: Operation) -> None:
        """Take an operation out."""
        self._table.drop(pa.table({"time_ns": [operation.time_ns]}))


def _operation(row: dict[str, object]) -> Operation:
    time_ns, count = row["time_ns"], row["count"]
    assert isinstance(time_ns, int)
    assert isinstance(count, int)
    return Operation(Action(str(row["action"])), time_ns, str(row["description"]), count)


def _superfluous(known: pa.Table, added: int) -> pa.Table:
    """The oldest of the known operations (in order of time) that are too many or too much beside a new one."""
    sizes = [_size(changes) for changes in known["changes"].to_pylist()]
    kept, total = 0, added
    for size in reversed(sizes):
        total += size
        if kept + 1 >= MOST_OPERATIONS or total > _MOST_BYTES:
            break
        kept += 1
    return known.slice(0, len(known) - kept)


def _size(changes: Sequence[Mapping[str, object]]) -> int:
    return sum(len(part) for change in changes for part in change.values() if isinstance(part, bytes))


def _packed(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(rows)
    packed: bytes = sink.getvalue().to_pybytes()
    return packed


def _unpacked(packed: bytes) -> pa.Table:
    with pa.ipc.open_stream(packed) as reader:
        return reader.read_all()
