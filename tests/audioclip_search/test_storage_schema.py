"""What an index says about itself, and how an older one is brought up to date."""

from __future__ import annotations

import json
import zipfile
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
from audioclip_search.types import (
    FileRecord,
    FileStamp,
    Modality,
    ModelIdentity,
    Places,
    ScanRules,
    VectorType,
    WindowVector,
)

MODEL = ModelIdentity(name="tiny", weights_hash="a" * 64, preprocessing_version=1)


def add_mood(files: pa.Table) -> pa.Table:
    return files.append_column("mood", pa.array([3] * len(files), pa.int8()))


def rename_mood(files: pa.Table) -> pa.Table:
    return files.rename_columns(["feeling" if name == "mood" else name for name in files.column_names])


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
    assert SCHEMA_VERSION == len(MIGRATIONS) + 1 == 3


def test_a_header_survives_the_table_and_every_write_to_it(location: Path) -> None:
    header = header_of(location)
    assert (header.identity, header.dim, header.schema_version) == (MODEL, 4, SCHEMA_VERSION)
    with IndexStore.open(location) as store:
        store.remove(["a.wav"])
    assert header_of(location) == header


def test_an_older_index_goes_through_every_step_it_lacks_once(location: Path) -> None:
    before = header_of(location)
    upgrade(connect(location), location, lock_timeout_s=1, migrations=(*MIGRATIONS, add_mood))
    files = connect(location).open_table(FILES)
    assert header_of(location) == replace(before, schema_version=SCHEMA_VERSION + 1)
    assert files.to_arrow().select(["path", "mood"]).to_pylist() == [{"path": "a.wav", "mood": 3}]
    assert files.schema.names == [*FILES_SCHEMA.names, "mood"]


def test_steps_run_in_order(location: Path) -> None:
    upgrade(connect(location), location, lock_timeout_s=1, migrations=(*MIGRATIONS, add_mood, rename_mood))
    assert header_of(location).schema_version == SCHEMA_VERSION + 2
    assert connect(location).open_table(FILES).schema.names == [*FILES_SCHEMA.names, "feeling"]


@pytest.mark.parametrize("memory_budget_bytes", [2**30, 0])
def test_an_index_that_version_1_wrote_is_brought_up_to_date(tmp_path: Path, memory_budget_bytes: int) -> None:
    with zipfile.ZipFile(Path(__file__).parent / "fixtures" / "index_v1.zip") as archive:
        archive.extractall(tmp_path)
    with IndexStore.open(tmp_path, memory_budget_bytes=memory_budget_bytes) as store:
        assert (store.schema_version, store.identity, store.dim) == (SCHEMA_VERSION, MODEL, 16)
        assert (store.places, store.info().vectors) == (Places(), VectorType.FLOAT32)
        stored = store.stored()
        assert set(stored) == {"doors/slam 1.wav", "läs mig.md", "covers/front.png", "broken.flac", "locked.wav"}
        slam = stored["doors/slam 1.wav"]
        assert slam.stamp == FileStamp("doors/slam 1.wav", Modality.AUDIO, 1_001, 112)
        assert (slam.content_hash, slam.duration_s, slam.tags, slam.rating) == ("0" * 31 + "3", 5.0, (), 0)
        assert [failure.path for failure in store.failures()] == ["broken.flac", "locked.wav"]
        vector = np.random.default_rng(4).standard_normal(16).astype(np.float32)
        assert store.search(vector, k=1)[0].path == "doors/slam 1.wav"
        assert store.search(vector, k=1)[0].score == pytest.approx(1, abs=1e-5)
        assert store.annotate(["läs mig.md"], add=["read"], remove=[], rating=2) == 1
        assert (store.stored()["läs mig.md"].tags, store.info().windows) == (("read",), 3)


def test_an_index_that_version_2_wrote_can_be_searched_by_words(tmp_path: Path) -> None:
    with zipfile.ZipFile(Path(__file__).parent / "fixtures" / "index_v2.zip") as archive:
        archive.extractall(tmp_path)
    with IndexStore.open(tmp_path) as store:
        assert (store.schema_version, store.identity, store.dim) == (SCHEMA_VERSION, MODEL, 4)
        assert store.places == Places("..", ("/mnt/archive",), (), ScanRules(ignore=("*.bak",)))
        kick = store.stored()["drums/Big_Kick02.wav"]
        assert (kick.tags, kick.rating, kick.content_hash) == (("Heavy", "take two"), 4, "11" * 16)
        rows = {row["path"]: row for row in connect(tmp_path).open_table(FILES).to_arrow().to_pylist()}
    words = {path: (row["name_words"], row["folder_words"], row["metadata_words"]) for path, row in rows.items()}
    assert words == {
        "drums/Big_Kick02.wav": ("big kick 02 2", "drum", "heavi take two"),
        "cover.png": ("cover", "", ""),
        "broken.wav": ("broken", "", ""),
    }
    assert {row["metadata"] for row in rows.values()} == {""}  # nobody has read it yet


def test_an_index_up_to_date_is_not_written(location: Path) -> None:
    before = sorted(location.rglob("*"))
    upgrade(connect(location), location, lock_timeout_s=1)
    assert sorted(location.rglob("*")) == before


def test_an_index_of_a_newer_program_is_refused_by_all_who_use_it(location: Path) -> None:
    with IndexStore.open(location) as store:
        upgrade(connect(location), location, lock_timeout_s=1, migrations=(*MIGRATIONS, add_mood))
        for use in (
            lambda: IndexStore.open(location),
            lambda: IndexStore.create(location, identity=MODEL, dim=4),
            store.stored,
            lambda: store.remove(["a.wav"]),
        ):
            with pytest.raises(SchemaVersionError, match=r"version 4; this program knows versions up to 3.*Upgrade"):
                use()
    assert len(connect(location).open_table(FILES).to_arrow()) == 1


@pytest.mark.parametrize("path", ["plain.wav", "emoji 🥁.wav", "\udc80bytes\udcff.wav", "\ud83e\udd41 halves", ""])
def test_every_path_becomes_valid_unicode_and_comes_back(path: str) -> None:
    text = path_to_text(path)
    text.encode("utf-8")
    assert text_to_path(text) == path
