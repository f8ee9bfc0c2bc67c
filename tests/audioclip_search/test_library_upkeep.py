"""Export, import, mending, and what happens to a library whose index changes under it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from known_files import CountingEncoder, KnownLibrary
from pyarrow import feather

from audioclip_search import ExportFormat, Library, ModelMismatchError, StorageError, SyncReport, VectorType
from audioclip_search.encoder import Encoder
from audioclip_search.storage import IndexStore
from audioclip_search.storage.write import Writer
from audioclip_search.types import ImportReport, ModelIdentity

MakeFile = Callable[..., Path]
FILES = 11
WINDOWS = 16


@pytest.fixture
def known(small_library: Path, tiny_encoder: Encoder) -> Iterator[KnownLibrary]:
    with KnownLibrary(small_library, tiny_encoder) as known:
        (known.root / "broken.wav").write_bytes(b"RIFF")
        known.sync()
        known.note("logo.gif", "b", "a", rating=4)
        known.note("pads/long.flac", "long")
        yield known


def read(folder: Path, name: str, form: ExportFormat) -> pa.Table:
    path = folder / f"{name}.{form}"
    return pq.read_table(path) if form is ExportFormat.PARQUET else feather.read_table(path)


@pytest.mark.parametrize("form", ExportFormat)
@pytest.mark.parametrize("vectors", VectorType)
def test_an_export_can_be_read_by_others(
    known: KnownLibrary, tmp_path: Path, form: ExportFormat, vectors: VectorType
) -> None:
    known.library.optimize(vectors=vectors)
    out = tmp_path / "deep" / "export"
    known.library.export_to(out, form=form.value)
    files, windows = read(out, "files", form), read(out, "vectors", form)
    assert sorted(path.name for path in out.iterdir()) == [f"files.{form}", f"vectors.{form}"]
    assert files.column_names == [
        *("path", "modality", "size", "mtime_ns", "content_hash", "duration_s"),
        *("failure", "file_id", "windows", "tags", "rating", "rate_hz", "channels", "bits", "metadata"),
    ]
    assert windows.column_names == ["file_id", "path", "modality", "start_s", "end_s", "vector"]
    by_path = {row["path"]: row for row in files.to_pylist()}
    assert (by_path["logo.gif"]["tags"], by_path["logo.gif"]["rating"]) == (["b", "a"], 4)
    assert by_path["broken.wav"]["failure"]
    assert by_path["pads/long.flac"]["duration_s"] == pytest.approx(6.5, abs=0.1)
    assert len(windows) == WINDOWS
    with IndexStore.open(known.index) as store:
        for path, row in by_path.items():
            rows = [each for each in windows.to_pylist() if each["path"] == path]
            assert len(rows) == row["windows"]
            if row["failure"]:
                continue
            for found, expected in zip(sorted(rows, key=lambda r: r["start_s"]), store.vectors(path), strict=True):
                assert (found["start_s"], found["end_s"]) == (expected.start_s, expected.end_s)
                assert np.array(found["vector"], np.float32) @ expected.vector >= 0.999


def test_an_export_replaces_an_earlier_one_whole(known: KnownLibrary, tmp_path: Path) -> None:
    out = tmp_path / "export"
    known.library.export_to(out)
    known.library.export_to(out, form="arrow", vectors=False)
    assert [path.name for path in out.iterdir()] == ["files.arrow"]
    with pytest.raises(ValueError, match="csv"):
        known.library.export_to(out, form="csv")
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="could not export"):
        known.library.export_to(tmp_path / "file")


@pytest.mark.parametrize("form", ExportFormat)
def test_a_round_trip_through_an_export_is_the_same_index(
    known: KnownLibrary, tmp_path: Path, form: ExportFormat
) -> None:
    known.library.export_to(tmp_path / "export", form=form)
    with KnownLibrary(known.root, known.encoder.encoder, index=tmp_path / "new index") as new:
        assert new.library.import_from(tmp_path / "export") == ImportReport(added=FILES + 1, annotated=0, known=0)
        assert new.encoder.needed == 0
        old_rows, new_rows = known.stored(), new.stored()
        for path, file in old_rows.items():
            assert file.file_id != new_rows[path].file_id
        assert {
            p: (f.stamp, f.content_hash, f.failure, f.duration_s, f.tags, f.rating) for p, f in old_rows.items()
        } == {p: (f.stamp, f.content_hash, f.failure, f.duration_s, f.tags, f.rating) for p, f in new_rows.items()}
        new.assert_right(failed=["broken.wav"])
        assert new.library.import_from(tmp_path / "export") == ImportReport(0, 0, FILES + 1)


def test_importing_into_an_index_that_knows_some(known: KnownLibrary, tmp_path: Path) -> None:
    known.library.export_to(tmp_path / "export")
    known.library.forget(["covers", "logo.gif"])
    known.library.annotate(["pads/long.flac"], remove=["long"])
    known.note("notes.txt", "own")
    (known.root / "drums" / "hit 0.wav").unlink()
    known.sync(paths=["drums"])
    assert known.library.import_from(tmp_path / "export") == ImportReport(added=4, annotated=1, known=FILES - 3)
    assert known.tags() == {"logo.gif": "b a", "pads/long.flac": "long", "notes.txt": "own"}
    assert known.sync() == SyncReport(removed=1, unchanged=FILES)  # what is not there is not kept
    known.assert_right(failed=["broken.wav"])


def test_notes_can_be_imported_without_vectors(known: KnownLibrary, tmp_path: Path) -> None:
    known.library.export_to(tmp_path / "export", vectors=False)
    known.library.forget(["covers"])
    known.library.annotate(["logo.gif", "pads"], remove=["a", "b"], rating=0)
    assert known.library.import_from(tmp_path / "export") == ImportReport(added=0, annotated=1, known=FILES - 1)
    assert known.notes() == {"logo.gif": (("b", "a"), 4), "pads/long.flac": (("long",), 0)}


def test_imports_that_are_refused(known: KnownLibrary, tmp_path: Path, tiny_encoder: Encoder) -> None:
    out = tmp_path / "export"
    out.mkdir()
    with pytest.raises(StorageError, match=r"no files\.parquet or files\.arrow"):
        known.library.import_from(out)
    pq.write_table(pa.table({"path": ["a"]}), out / "files.parquet")
    with pytest.raises(StorageError):
        known.library.import_from(out)
    (out / "files.parquet").write_bytes(b"PAR1 no table")
    with pytest.raises(StorageError, match="could not read the export"):
        known.library.import_from(out)
    known.library.export_to(out)
    other = CountingEncoder(tiny_encoder)
    other.identity = ModelIdentity("another", "0" * 64, 1)
    with Library(known.root, model=other, index=tmp_path / "other") as library:
        library.sync()
        with pytest.raises(ModelMismatchError, match="another"):
            library.import_from(out)
        assert library.info().windows == WINDOWS
    shutil.copy(out / "vectors.parquet", tmp_path / "whole")
    windows = pq.read_table(out / "vectors.parquet")
    pq.write_table(windows.filter(pa.compute.not_equal(windows["path"], "logo.gif")), out / "vectors.parquet")
    with KnownLibrary(known.root, tiny_encoder, index=tmp_path / "new") as new:  # what is incomplete is left out
        assert new.library.import_from(out).added == FILES
        assert new.library.check().whole


def test_checking_a_whole_index(known: KnownLibrary, tmp_path: Path) -> None:
    health = known.library.check()
    assert (health.whole, health.up_to_date, health.failed, health.mended) == (True, True, 1, False)
    known.write("new.txt")
    known.write("notes.txt", "changed")
    (known.root / "logo.gif").unlink()
    health = known.library.check()
    assert (health.new, health.changed, health.gone, health.whole, health.up_to_date) == (1, 1, 1, True, False)
    assert known.stored().keys() >= {"logo.gif"}
    assert known.library.check(mend=True).mended
    assert known.library.check().up_to_date
    known.assert_right(failed=["broken.wav"])


def test_mending_damage_keeps_tags(known: KnownLibrary) -> None:
    ids = {path: file.file_id for path, file in known.stored().items()}
    with IndexStore.open(known.index) as store:
        writer = Writer.open(store._database, location=store.location)
        stray = writer.windows.to_arrow().slice(0, 3)
        writer.append(stray.set_column(0, stray.schema.field(0), pa.array([7, 7, 8], pa.int64())))
        writer.discard(np.array([ids["logo.gif"], ids["drums/hit 1.wav"]]))
    health = known.library.check()
    damaged = (known.root / "drums" / "hit 1.wav", known.root / "logo.gif")
    assert (health.damaged, health.strays, health.whole, health.new, health.changed) == (damaged, 3, False, 0, 0)
    health = known.library.check(mend=True)
    assert (health.damaged, health.strays, health.mended) == (damaged, 3, True)
    assert known.library.check().whole
    assert known.notes() == {"logo.gif": (("b", "a"), 4), "pads/long.flac": (("long",), 0)}
    known.assert_right(failed=["broken.wav"])


def test_mending_needs_no_folder_that_is_offline(known: KnownLibrary, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "far.txt").write_text("far away")
    known.library.add_folder(other)
    known.sync()
    known.note(str(other / "far.txt"), "far")
    file_id = known.stored()[f"{other}/far.txt"].file_id
    with IndexStore.open(known.index) as store:
        Writer.open(store._database, location=store.location).discard(np.array([file_id]))
    other.rename(tmp_path / "unplugged")
    assert known.library.check(mend=True).offline == 1
    assert known.library.check().whole
    (tmp_path / "unplugged").rename(other)
    assert known.sync().updated == 1
    assert known.tags()[f"{other}/far.txt"] == "far"
    known.assert_right(failed=["broken.wav"])


def test_smaller_vectors_while_others_ask(known: KnownLibrary) -> None:
    library = known.library
    before = {hit.path: hit.score for hit in library.query(text="rain", k=99, min_score=0)}
    errors: list[BaseException] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            try:
                assert len(library.query(text="rain", k=99, min_score=0)) == FILES
                assert len(library.similar("logo.gif", k=99)) == FILES - 1
            except BaseException as error:  # noqa: BLE001  # told by the assertion below
                errors.append(error)
                return

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for vectors in ("float16", "float32", "float16"):
            library.optimize(vectors=vectors)
            assert library.info().vectors == vectors
            after = {hit.path: hit.score for hit in library.query(text="rain", k=99, min_score=0)}
            assert after == pytest.approx(before, abs=1e-3)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert errors == []
    assert known.notes() == {"logo.gif": (("b", "a"), 4), "pads/long.flac": (("long",), 0)}
    assert known.sync() == SyncReport(unchanged=FILES + 1)
    assert library.check().whole


def test_an_index_that_is_deleted_or_replaced_under_an_open_library(known: KnownLibrary) -> None:
    library = known.library
    assert len(library.query(text="rain", min_score=0)) == FILES
    shutil.rmtree(known.index)
    assert not library.indexed
    with pytest.raises(StorageError, match="not indexed yet"):
        library.info()
    assert library.sync().added == FILES
    assert len(library.query(text="rain", min_score=0)) == FILES
    with Library(known.root, model=known.encoder) as another:
        another.sync(reembed=True)
    assert len(library.query(text="rain", min_score=0)) == FILES
    assert known.sync() == SyncReport(unchanged=FILES + 1)
    shutil.rmtree(known.index)
    with Library(known.root, model=known.encoder) as another:
        another.sync()
    assert len(library.query(text="rain", min_score=0)) == FILES
    known.assert_right(failed=["broken.wav"])
