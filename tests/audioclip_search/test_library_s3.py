"""A library whose index is in an object store, of a real server on this machine."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from changing_tree import ChangingTree
from library_process import LibraryProcess
from plain_encoder import PlainEncoder

from audioclip_search import Library, ModelMismatchError, StorageError
from audioclip_search.storage import IndexStore

FILES = 24


@pytest.fixture
def tree(tmp_path: Path) -> ChangingTree:
    (tmp_path / "library").mkdir()
    tree = ChangingTree((tmp_path / "library",), seed=6)
    tree.grow(FILES)
    return tree


def open_library(tree: ChangingTree, index: str | Path, model: str = "plain") -> Library:
    return Library(tree.folders[0], model=PlainEncoder(model), index=index)


def vectors_of(index: str | Path) -> dict[str, list[tuple[float, bytes]]]:
    with IndexStore.open(index) as store:
        files = {path: store.vectors(path) for path, file in store.stored().items() if not file.failure}
    return {path: [(w.start_s, w.vector.tobytes()) for w in windows] for path, windows in files.items()}


@pytest.mark.slow
def test_all_that_a_library_does_works_there(tree: ChangingTree, s3_index: str, tmp_path: Path) -> None:
    with open_library(tree, s3_index) as library:
        assert not library.indexed
        with pytest.raises(StorageError, match=r"not indexed yet"):
            library.info()
        library.sync()
        assert library.sync().unchanged == FILES
        hits = library.query(text="rain", k=100, min_score=0)
        tagged = hits[0].path
        assert library.annotate([tagged], add=["kept"], rating=4) == 1
        assert library.query(text="rain", k=1, min_score=0)[0].tags == ("kept",)
    tree.precious.update(file.content_hash for file in library_files(tree, s3_index) if file.tags)
    tree.change(9)
    with open_library(tree, s3_index) as library:
        library.sync()
        assert library.sync().unchanged == len(tree.files)
        assert {file.rating for file in library.files() if file.tags} == {4}
        info = library.info()
        assert (info.location, info.bytes > 0, info.windows > 0) == (s3_index, True, True)
        library.optimize()
        assert library.check().whole
        library.export_to(tmp_path / "export")
        assert pq.read_table(tmp_path / "export" / "files.parquet").num_rows == len(tree.files)
        assert pq.read_table(tmp_path / "export" / "vectors.parquet").num_rows == info.windows
        open_library(tree, tmp_path / "clean").sync()
        assert vectors_of(s3_index) == vectors_of(tmp_path / "clean")
        (tree.folders[0] / "gone.txt").write_text("Thunder")
        library.sync()
        (tree.folders[0] / "gone.txt").unlink()
        assert library.forget(["gone.txt"]) == 1
        assert library.check().up_to_date
    assert not (tree.folders[0] / ".audioclip-search").exists()


def library_files(tree: ChangingTree, index: str) -> list:
    with open_library(tree, index) as library:
        return [*library.files()]


@pytest.mark.slow
def test_another_model_takes_over_there(tree: ChangingTree, s3_index: str) -> None:
    with open_library(tree, s3_index) as library, open_library(tree, s3_index, "other") as other:
        library.sync()
        hits = library.query(text="rain", k=100, min_score=0)
        library.annotate([hits[0].path], add=["kept"])
        with pytest.raises(ModelMismatchError, match="--reembed"):
            other.query(text="rain")
        other.sync(reembed=True)
        with pytest.raises(ModelMismatchError, match="--reembed"):
            library.query(text="rain")
        found = other.query(text="rain", k=100, min_score=0)
        assert {hit.path for hit in found} == {hit.path for hit in hits}
        assert {hit.path for hit in found if hit.tags} == {hits[0].path}
        assert other.sync().unchanged == FILES
        library.sync(reembed=True)  # where another model's vectors gathered before
        assert {hit.path for hit in library.query(text="rain", k=100, min_score=0)} == {hit.path for hit in hits}


@pytest.mark.slow
def test_two_processes_sync_new_files_into_one_index_at_once(tree: ChangingTree, s3_index: str, tmp_path: Path) -> None:
    root, log = tree.folders[0], tmp_path / "log"
    settings = {"index": s3_index, "log": log, "delay_s": 0.002, "small_commits": True}
    with (
        LibraryProcess(tmp_path / "a.jsonl", root, **settings) as a,
        LibraryProcess(tmp_path / "b.jsonl", root, **settings) as b,
    ):
        folders = sorted({path.parent for path in tree.files})
        for process in (a, b):
            process.wait_for(lambda event: event["event"] == "ready")
        for process, own in ((a, folders[::2]), (b, folders[1::2])):
            process.send("sync", paths=[str(folder) for folder in own])
            process.send("sync", paths=[str(folder) for folder in own])  # changes nothing, while the other may write
        reports = [[event for event in process.finish() if event["event"] == "report"] for process in (a, b)]
    assert all(first["added"] > 0 for first, _ in reports)
    assert all(second["added"] == 0 for _, second in reports)
    with open_library(tree, s3_index) as library:
        report = library.sync()
        assert (report.unchanged, report.did_something) == (len(tree.files), False)
        assert library.check().whole
        assert sorted(file.path for file in library.files()) == sorted(tree.files)
        expected = {file.path for file in library.files() if not file.failure}
        assert sorted(hit.path for hit in library.query(text="rain", k=1_000, min_score=0)) == sorted(expected)
    assert max(Counter(log.read_text().split()).values()) == 1


@pytest.mark.slow
def test_one_process_syncs_while_another_one_annotates_and_forgets(
    tree: ChangingTree, s3_index: str, tmp_path: Path
) -> None:
    root, stop = tree.folders[0], tmp_path / "stop"
    tags: dict[Path, str] = {}
    with (
        open_library(tree, s3_index) as library,
        LibraryProcess(tmp_path / "a.jsonl", root, index=s3_index, small_commits=True) as process,
    ):
        library.sync()
        process.send("sync", until=stop)
        process.wait_for(lambda event: event["event"] == "report")
        for number, path in enumerate(tree.files[:6]):
            new = tree.grow(2)
            assert library.annotate([path], add=[f"tag {number}"]) == 1
            tags[path] = f"tag {number}"
            new[0].unlink()
            library.forget([new[0]])
        stop.touch()
        process.finish()
        library.sync()
        files = {file.path: file for file in library.files()}
        assert files.keys() == {*tree.files}
        assert all(files[path].tags == (tag,) for path, tag in tags.items())


@pytest.mark.slow
def test_an_object_store_that_refuses_is_told(
    tree: ChangingTree, s3_index: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_library(tree, "s3://no-such-bucket/index") as library:
        for use in (library.sync, lambda: library.query(text="rain"), library.info):
            with pytest.raises(StorageError, match=r"(?s)s3://no-such-bucket/index: .*bucket.*credentials") as caught:
                use()
            assert "AWS_ACCESS_KEY_ID" in caught.value.remedy
            assert len(caught.value.reason) < 200, caught.value.reason
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with open_library(tree, s3_index) as library, pytest.raises(StorageError, match="does not answer"):
        library.sync()
