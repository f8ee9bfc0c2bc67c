"""What an index says about itself, and how an older one is brought up to date."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from audioclip_search.errors import SchemaVersionError
from audioclip_search.storage import IndexStore
from audioclip_search.storage.lance import connect
from audioclip_search.storage.schema import (
    FILES,
    FILES_SCHEMA,
    MIGRATIONS,
    SCHEMA_VERSION,
    Header,
    path_to_text,
    text_to_path,
)
from audioclip_search.storage.write import upgrade
from audioclip_search.types import FileRecord, FileStamp, Modality, ModelIdentity, WindowVector

MODEL = ModelIdentity(name="tiny", weights_hash="a" * 64, preprocessing_version=1)


def add_rating(files: pa.Table) -> pa.Table:
    return files.append_column("rating", pa.array([3] * len(files), pa.int8()))


def rename_rating(files: pa.Table) -> pa.Table:
    return files.rename_columns(["stars" if name == "rating" else name for name in files.column_names])


@pytest.fixture
def location(tmp_path: Path) -> Path:
    vector = np.eye(4, dtype=np.float32)[0]
    with IndexStore.create(tmp_path, identity=MODEL, dim=4) as store:
        stamp = FileStamp("a.wav", Modality.AUDIO, size=1, mtime_ns=2)
        store.write([FileRecord(stamp, windows=(WindowVector(vector),))])
    return tmp_path


def header_of(location: Path) -> Header:
    metadata = connect(location).open_table(FILES).schema.metadata
    content = json.loads(metadata[b"audioclip_search"])
    return Header.from_content(content)


def test_the_schema_version_counts_the_migrations() -> None:
    assert SCHEMA_VERSION == len(MIGRATIONS) + 1 == 1


def test_a_header_survives_the_table_and_every_write_to_it(location: Path) -> None:
    header = header_of(location)
    assert (header.identity, header.dim, header.schema_version) == (MODEL, 4, 1)
    with IndexStore.open(location) as store:
        store.remove(["a.wav"])
    assert header_of(location) == header


def test_an_older_index_goes_through_every_step_it_lacks_once(location: Path) -> None:
    before = header_of(location)
    upgrade(connect(location), location, lock_timeout_s=1, migrations=(add_rating,))
    files = connect(location).open_table(FILES)
    assert header_of(location) == replace(before, schema_version=2)
    assert files.to_arrow().select(["path", "rating"]).to_pylist() == [{"path": "a.wav", "rating": 3}]
    assert files.schema.names == [*FILES_SCHEMA.names, "rating"]


def test_steps_run_in_order(location: Path) -> None:
    upgrade(connect(location), location, lock_timeout_s=1, migrations=(add_rating, rename_rating))
    assert header_of(location).schema_version == 3
    assert connect(location).open_table(FILES).schema.names == [*FILES_SCHEMA.names, "stars"]


def test_an_index_up_to_date_is_not_written(location: Path) -> None:
    before = sorted(location.rglob("*"))
    upgrade(connect(location), location, lock_timeout_s=1)
    assert sorted(location.rglob("*")) == before


def test_an_index_of_a_newer_program_is_refused_by_all_who_use_it(location: Path) -> None:
    with IndexStore.open(location) as store:
        upgrade(connect(location), location, lock_timeout_s=1, migrations=(add_rating,))
        for use in (
            lambda: IndexStore.open(location),
            lambda: IndexStore.create(location, identity=MODEL, dim=4),
            store.stored,
            lambda: store.remove(["a.wav"]),
        ):
            with pytest.raises(SchemaVersionError, match=r"version 2; this program knows versions up to 1.*Upgrade"):
                use()
    assert len(connect(location).open_table(FILES).to_arrow()) == 1


@pytest.mark.parametrize("path", ["plain.wav", "emoji 🥁.wav", "\udc80bytes\udcff.wav", "\ud83e\udd41 halves", ""])
def test_every_path_becomes_valid_unicode_and_comes_back(path: str) -> None:
    text = path_to_text(path)
    text.encode("utf-8")
    assert text_to_path(text) == path
