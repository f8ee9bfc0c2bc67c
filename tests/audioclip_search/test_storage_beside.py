"""Tables of what is known of contents, beside the index."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from audioclip_search.errors import StorageError
from audioclip_search.storage import IndexStore, SideTable
from audioclip_search.types import FileRecord, FileStamp, Modality, ModelIdentity, WindowVector

MODEL = ModelIdentity(name="tiny", weights_hash="a" * 64, preprocessing_version=1)
SCHEMA = pa.schema([("content_hash", pa.string()), ("label", pa.string()), ("notes", pa.list_(pa.string()))])
ODD = "x' OR 1=1 --"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[IndexStore]:
    with IndexStore.create(tmp_path / "index", identity=MODEL, dim=4) as store:
        yield store


def table_of(store: IndexStore) -> SideTable:
    return store.beside("notes", SCHEMA, ("content_hash", "label"))


def rows(*values: tuple[str, str, list[str]]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(SCHEMA.names, value, strict=True)) for value in values], SCHEMA)


def content(table: SideTable) -> list[tuple[str, str, list[str]]]:
    return sorted(tuple(row.values()) for row in table.rows().to_pylist())  # type: ignore[misc]


def test_rows_are_put_replaced_found_and_dropped_by_their_keys(store: IndexStore) -> None:
    table = table_of(store)
    assert (content(table), table.version) == ([], 0)
    table.put(rows(("a", "x", ["1"]), ("a", "y", []), (ODD, ODD, [ODD])))
    version = table.version
    table.put(rows(("a", "x", ["2"]), ("b", "x", ["3"])))
    assert table.version > version
    assert content(table) == [("a", "x", ["2"]), ("a", "y", []), ("b", "x", ["3"]), (ODD, ODD, [ODD])]
    found = table.rows({"content_hash": ["a", ODD], "label": ["x", ODD]})
    assert sorted(found["notes"].to_pylist()) == [["2"], [ODD]]
    table.drop(rows(("a", "x", []), ("nobody", "x", [])))
    assert content(table) == [("a", "y", []), ("b", "x", ["3"]), (ODD, ODD, [ODD])]
    table.drop(rows())
    table.put(rows())
    assert len(table.rows()) == 3


def test_two_rows_with_one_key_are_refused(store: IndexStore) -> None:
    with pytest.raises(ValueError, match="two rows with the same content_hash, label"):
        table_of(store).put(rows(("a", "x", []), ("a", "x", ["other"])))
    assert content(table_of(store)) == []


def test_threads_and_other_objects_lose_nothing_of_each_other(store: IndexStore, tmp_path: Path) -> None:
    def put(number: int) -> None:
        with IndexStore.open(tmp_path / "index") as other:
            for turn in range(5):
                table_of(other).put(rows((f"{number}", f"{turn}", [])))

    threads = [threading.Thread(target=put, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(table_of(store).rows()) == 20


def test_it_outlives_the_files_and_an_index_that_takes_its_place(store: IndexStore, tmp_path: Path) -> None:
    table_of(store).put(rows(("a", "x", ["kept"])))
    vector = WindowVector(np.eye(4, dtype=np.float32)[0])
    record = FileRecord(FileStamp("a.wav", Modality.AUDIO, 1, 2), "a", windows=(vector,))
    store.write([record])
    store.remove(["a.wav"])
    with IndexStore.create(tmp_path / "other", identity=MODEL, dim=4) as other:
        other.write([record])
        other.take_place_of(tmp_path / "index")
    with IndexStore.open(tmp_path / "index") as fresh:
        assert content(table_of(fresh)) == [("a", "x", ["kept"])]


def test_vectors_can_be_beside_an_index(store: IndexStore) -> None:
    """LanceDB takes lists of numbers for vectors by the name of their column alone, and looks at the first of them."""
    schema = pa.schema([pa.field("name", pa.string(), nullable=False), pa.field("vector", pa.list_(pa.float32()))])
    table = store.beside("vectors", schema, ("name",))
    given = pa.table([["a", "b", "c"], [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]], schema=schema)
    table.put(given)
    assert table.rows().sort_by("name").to_pylist() == given.to_pylist()
    table.drop(given.slice(1))
    assert table.rows().to_pylist() == given.slice(0, 1).to_pylist()
    table.drop(given)
    assert table.rows().to_pylist() == []
    table.put(given)
    assert len(table.rows()) == 3


def test_a_closed_index_has_none(store: IndexStore) -> None:
    store.close()
    with pytest.raises(StorageError, match="closed"):
        table_of(store)
