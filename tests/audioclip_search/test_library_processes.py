"""Several processes that use one library at once: all succeed, nothing is lost and nothing done twice."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from changing_tree import ChangingTree
from library_process import LibraryProcess
from plain_encoder import PlainEncoder

from audioclip_search import Library, ModelMismatchError, StorageError, SyncStage
from audioclip_search.media import content_hash
from audioclip_search.storage import IndexStore

FILES = 12


@pytest.fixture
def tree(tmp_path: Path) -> ChangingTree:
    (tmp_path / "library").mkdir()
    tree = ChangingTree((tmp_path / "library",), seed=8)
    tree.grow(FILES)
    return tree


def open_library(tree: ChangingTree, model: str = "plain") -> Library:
    return Library(tree.folders[0], model=PlainEncoder(model))


def inputs_of(log: Path) -> Counter[str]:
    """How often each input was embedded."""
    return Counter(log.read_text().split())


@pytest.mark.slow
def test_two_sync_at_once_and_a_third_queries(tree: ChangingTree, tmp_path: Path) -> None:
    root, log, gate, stop = tree.folders[0], *(tmp_path / name for name in ("log", "gate", "stop"))
    settings = {"log": log, "delay_s": 0.002, "gate": gate}
    with (
        LibraryProcess(tmp_path / "a.jsonl", root, **settings) as a,
        LibraryProcess(tmp_path / "b.jsonl", root, **settings) as b,
        LibraryProcess(tmp_path / "c.jsonl", root) as c,
    ):
        a.send("sync", until=stop)
        a.wait_for(lambda event: event.get("stage") == "embed")
        b.send("sync", until=stop)
        assert b.wait_for(lambda event: event.get("stage") == SyncStage.WAIT)["event"] == "progress"
        gate.touch()
        a.wait_for(lambda event: event["event"] == "report")
        c.send("query", until=stop)
        for _ in range(8):
            tree.grow(6)
            time.sleep(0.1)
        for process in (a, b):  # each has synced, whatever the other one did
            process.wait_for(lambda event: event["event"] == "report")
        stop.touch()
        events = [process.finish() for process in (a, b, c)]
    counts = [len(event["paths"]) for event in events[2] if event["event"] == "hits"]
    assert counts == sorted(counts)
    assert all(len(event["paths"]) == len({*event["paths"]}) for event in events[2] if event["event"] == "hits")
    assert max(inputs_of(log).values()) == 1
    with open_library(tree) as library:
        report = library.sync()
        assert (report.unchanged, report.did_something) == (len(tree.files), False)
        assert library.check().whole
        hits = library.query(text="rain", k=10_000, min_score=0)
        failed = {file.path for file in library.files() if file.failure}
        assert sorted(hit.path for hit in hits) == sorted({*tree.files} - failed)
    with IndexStore.open(root / ".audioclip-search") as store:
        found = {path: file for path, file in store.stored().items() if not file.failure}
        windows = {(f.stamp.modality, f.content_hash): len(store.vectors(path)) for path, f in found.items()}
    assert inputs_of(log).total() == sum(windows.values())


@pytest.mark.slow
def test_what_is_annotated_and_forgotten_during_syncs_stays_so(tree: ChangingTree, tmp_path: Path) -> None:
    root, stop = tree.folders[0], tmp_path / "stop"
    tags: dict[str, set[str]] = {}
    deleted: set[Path] = set()
    with (
        open_library(tree) as library,
        LibraryProcess(tmp_path / "a.jsonl", root, delay_s=0.002, small_commits=True) as process,
    ):
        tree.grow(40)
        library.sync()
        process.send("sync", until=stop)
        process.wait_for(lambda event: event["event"] == "report")
        for number in range(8):
            tree.change(9)
            known = [file for file in library.files() if file.path.exists() and file.content_hash]
            times = Counter(map(content_hash, tree.files))  # a copy that is there already gets no tag
            for file in known[:3]:
                content = content_hash(file.path)
                if content in tags or content != file.content_hash or times[content] > 1:
                    continue
                tree.precious.add(content)
                assert library.annotate([file.path], add=[f"tag {number}"]) == 1
                tags[content] = {f"tag {number}"}
            gone = next(file.path for file in known if file.content_hash not in tree.precious)
            gone.unlink(missing_ok=True)
            deleted.add(gone)
            library.forget([gone])
        stop.touch()
        process.finish()
        library.sync()
        files = {file.path: file for file in library.files()}
        assert files.keys() == {*tree.files}
        assert not deleted & files.keys()
        for path, file in files.items():
            if file.content_hash in tags:
                assert {*file.tags} >= tags[file.content_hash], path
        assert {file.content_hash for file in files.values()} >= tags.keys()
        assert library.check().whole


def test_folders_that_are_added_at_once_are_all_kept(tree: ChangingTree, tmp_path: Path) -> None:
    folders = [tmp_path / f"more {number:02d}" for number in range(16)]
    for folder in folders:
        folder.mkdir()
    with open_library(tree) as one, open_library(tree) as two:
        one.sync()

        def add(library: Library, own: list[Path]) -> None:
            for folder in own:
                library.add_folder(folder)

        with ThreadPoolExecutor() as executor:
            work = [executor.submit(add, *given) for given in ((one, folders[::2]), (two, folders[1::2]))]
        for each in work:
            each.result()
        one.remove_folder(folders.pop())
        assert one.folders == two.folders == (tree.folders[0], *folders)


def test_an_open_library_follows_an_index_that_another_process_embeds_anew(tree: ChangingTree, tmp_path: Path) -> None:
    with open_library(tree) as library, open_library(tree, "other") as other:
        library.sync()
        hits = library.query(text="rain", k=100, min_score=0)
        for use in (other.sync, lambda: other.query(text="rain")):
            with pytest.raises(ModelMismatchError, match=r"vectors of plain.*not of other.*--reembed"):
                use()
        with LibraryProcess(tmp_path / "a.jsonl", tree.folders[0], model="other") as process:
            process.send("reembed")
            process.finish()
        for use in (library.sync, lambda: library.query(text="rain")):
            with pytest.raises(ModelMismatchError, match=r"vectors of other.*not of plain.*--reembed"):
                use()
        assert len(library.similar(hits[0].path, k=100)) == len(hits) - 1  # needs no model
        assert library.info().model == PlainEncoder("other").identity
        assert {hit.path for hit in other.query(text="rain", k=100, min_score=0)} == {hit.path for hit in hits}
        assert other.sync().unchanged == len(tree.files)
        library.sync(reembed=True)
        assert library.query(text="rain", k=100, min_score=0) == hits


def test_an_open_library_starts_again_when_its_index_is_deleted(tree: ChangingTree) -> None:
    with open_library(tree) as library:
        library.sync()
        hits = library.query(text="rain", k=100, min_score=0)
        shutil.rmtree(tree.folders[0] / ".audioclip-search")
        with pytest.raises(StorageError, match="not indexed yet"):
            library.info()
        assert not library.indexed
        assert library.query(text="rain", k=100, min_score=0) == hits
        shutil.rmtree(tree.folders[0] / ".audioclip-search")
        assert library.sync().added + len(library.failures()) >= FILES - 2
        assert library.query(text="rain", k=100, min_score=0) == hits


@pytest.mark.slow
def test_an_index_deleted_under_a_sync_is_an_error_and_the_next_one_makes_it_anew(
    tree: ChangingTree, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    with LibraryProcess(tmp_path / "a.jsonl", tree.folders[0], gate=gate) as process:
        process.send("sync")
        process.wait_for(lambda event: event.get("stage") == "embed")
        shutil.rmtree(tree.folders[0] / ".audioclip-search")
        gate.touch()
        ended = process.wait_for(lambda event: event["event"] in ("report", "error"))
        assert (ended["event"], ended["kind"]) == ("error", "StorageError")
        process.send("sync")
        ended = process.wait_for(lambda event: event["event"] in ("report", "error"))
        assert ended["event"] == "report"
    with open_library(tree) as library:
        assert library.sync().unchanged == len(tree.files)
