"""Syncs that are killed at any moment: no file is lost, none is there twice or by half, and the next sync goes on."""

from __future__ import annotations

import logging
import shutil
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from changing_tree import ChangingTree
from library_process import Event, LibraryProcess
from plain_encoder import PlainEncoder, vectors_by_itself

from audioclip_search import Library, MediaError, ModelMismatchError
from audioclip_search.media import content_hash, modality_of
from audioclip_search.storage import IndexStore
from audioclip_search.storage.lance import connect
from audioclip_search.storage.write import Writer
from audioclip_search.types import WindowVector

logger = logging.getLogger(__name__)

FILES = 120
KILLS = 20

Contents = dict[tuple[str, str], list[WindowVector]]
"""What the vectors of every content are that was ever there, by kind of file and content hash; none if it is broken."""


@dataclass
class Scene:
    """A library in two folders, and what is known of it."""

    tree: ChangingTree
    index: Path
    encoder: PlainEncoder = field(default_factory=PlainEncoder)
    contents: Contents = field(default_factory=dict)

    @property
    def root(self) -> Path:
        return self.tree.folders[0]

    def library(self, index: Path | None = None) -> Library:
        return Library(self.root, model=self.encoder, index=index or self.index)

    def learn(self) -> None:
        """Note what the vectors of all files are."""
        for path in self.tree.files:
            content = modality_of(path.name).value, content_hash(path)
            if content not in self.contents:
                try:
                    self.contents[content] = vectors_by_itself(path, self.encoder)
                except MediaError:
                    self.contents[content] = []

    def path_of(self, key: str) -> Path:
        return self.root / key


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    folders = tmp_path / "library", tmp_path / "more"
    for folder in folders:
        folder.mkdir()
    scene = Scene(ChangingTree(folders, seed=4), tmp_path / "index")
    scene.tree.grow(FILES)
    with scene.library() as library:
        library.add_folder(folders[1])
    return scene


def rows_of(index: Path) -> tuple[list[dict[str, Any]], dict[int, list[WindowVector]]]:
    """All that is in an index: the rows of its files, and its vectors in order of time, of what file ever."""
    writer = Writer.open(connect(index), location=index)
    windows: dict[int, list[WindowVector]] = defaultdict(list)
    for row in writer.windows.to_arrow().sort_by("start_s").to_pylist():
        windows[row["file_id"]].append(WindowVector(np.float32(row["vector"]), row["start_s"], row["end_s"]))
    return writer.files.to_arrow().to_pylist(), windows


def assert_whole(scene: Scene) -> set[str]:
    """Every file of the index is there once, with all the vectors of its content, and a query finds it."""
    rows, windows = rows_of(scene.index)
    paths = Counter(row["path"] for row in rows)
    assert max(paths.values(), default=1) == 1
    for row in rows:
        expected = scene.contents[row["modality"], row["content_hash"]]
        found = windows[row["file_id"]]
        assert (len(found), bool(row["failure"])) == (len(expected), not expected), row["path"]
        assert [(w.start_s, w.end_s) for w in found] == [(w.start_s, w.end_s) for w in expected]
        assert all(np.array_equal(a.vector, b.vector) for a, b in zip(found, expected, strict=True)), row["path"]
    with scene.library() as library:
        hits = library.query(text="rain", k=10_000, min_score=0) if rows else []
    assert Counter(hit.path for hit in hits) == Counter(scene.path_of(row["path"]) for row in rows if row["windows"])
    return set(paths)


def tags_of(scene: Scene) -> dict[str, set[tuple[str, ...]]]:
    """The tags of each content, on any file."""
    tags: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for row in rows_of(scene.index)[0]:
        tags[row["content_hash"]].add(tuple(row["tags"]))
    return tags


def moment(random: np.random.Generator) -> Callable[[Event], bool]:
    """When to kill a sync: at its start, somewhere on its way, as a commit begins, or at its end."""
    match random.integers(5):
        case 0:
            return lambda event: event["event"] == "progress"
        case 1:
            share = random.uniform()
            return lambda event: event.get("stage") == "embed" and event["done"] >= share * event["total"]
        case 2 | 3:
            first = [int(random.integers(1, 5))]

            def nth_commit(event: Event) -> bool:
                first[0] -= event["event"] == "commit"
                return first[0] <= 0

            return nth_commit
        case _:
            return lambda event: event.get("stage") in ("remove", "done")


@pytest.mark.slow
def test_killed_twenty_times_nothing_is_lost_doubled_or_half_there(scene: Scene, tmp_path: Path) -> None:
    random = np.random.default_rng(7)
    kills = in_commit = rounds = 0
    tags: dict[str, tuple[str, ...]] = {}
    known: set[str] = set()
    settings = {"index": scene.index, "delay_s": 0.003, "small_commits": True, "old_versions": False}
    following = LibraryProcess(tmp_path / "0.jsonl", scene.root, **settings)
    try:
        while kills < KILLS:
            rounds += 1
            assert rounds <= 3 * KILLS
            process, following = following, LibraryProcess(tmp_path / f"{rounds}.jsonl", scene.root, **settings)
            with process:
                if rounds > 1:
                    scene.tree.change(18)
                scene.learn()
                process.wait_for(lambda event: event["event"] == "ready")
                process.send("sync")
                event = process.wait_for(moment(random))
                if event["event"] != "report":
                    time.sleep(float(random.uniform(0, 0.04)))
                process.kill()
                assert process.errors == ""
            told = Counter(event["event"] for event in process.events())
            kills += not told["report"]
            in_commit += told["commit"] > told["committed"]
            there = {key for key in known if scene.path_of(key).exists()}
            known = assert_whole(scene)
            assert there <= known
            if rounds in (4, 9):
                tags |= annotate_some(scene, random, f"tag {rounds}")
            found = tags_of(scene)
            assert all(found[content] == {own} for content, own in tags.items())
    finally:
        following.kill()
    logger.info("%d syncs, %d killed, %d in a commit, %d files", rounds, kills, in_commit, len(scene.tree.files))
    assert in_commit > 0
    assert_equal_to_a_clean_run(scene, tmp_path / "clean", tags)


def annotate_some(scene: Scene, random: np.random.Generator, tag: str) -> dict[str, tuple[str, ...]]:
    """Give a few files a tag; tells the tags of their contents. From then on, those are neither changed nor deleted."""
    with scene.library() as library:
        files = list(library.files())
        times = Counter(file.content_hash for file in files)
        current = [
            file
            for file in files
            if times[file.content_hash] == 1
            and not file.tags
            and file.path.exists()
            and content_hash(file.path) == file.content_hash
            and sum(content_hash(path) == file.content_hash for path in scene.tree.files) == 1
        ]
        chosen = [current[index] for index in random.permutation(len(current))[:6]]
        assert library.annotate([file.path for file in chosen], add=[tag], rating=3) == len(chosen) > 0
    scene.tree.precious |= {file.content_hash for file in chosen}
    return {file.content_hash: (tag,) for file in chosen}


def assert_equal_to_a_clean_run(scene: Scene, clean: Path, tags: dict[str, tuple[str, ...]]) -> None:
    scene.learn()
    with scene.library() as library:
        report = library.sync()
        assert not report.cancelled
        again = library.sync()
        assert (again.unchanged, again.did_something) == (len(scene.tree.files), False)
        health = library.check(mend=True)  # what the last one left goes with the next write, and there was none
        assert (health.damaged, health.up_to_date) == ((), True)
        assert library.check().whole
    assert_whole(scene)
    with scene.library(clean) as library:
        library.add_folder(scene.tree.folders[1])
        library.sync()
    with IndexStore.open(scene.index) as store, IndexStore.open(clean) as other:
        found, expected = store.stored(), other.stored()
        assert {scene.path_of(key) for key in found} == set(scene.tree.files)
        assert {*found} == {*expected}
        for key in expected:
            a, b = found[key], expected[key]
            assert (a.stamp, a.content_hash, a.failure, a.duration_s) == (
                b.stamp,
                b.content_hash,
                b.failure,
                b.duration_s,
            )
            assert a.content_hash not in tags or (a.tags, a.rating) == (tags[a.content_hash], 3)
            if not a.failure:
                pairs = zip(store.vectors(key), other.vectors(key), strict=True)
                assert all(np.array_equal(one.vector, two.vector) for one, two in pairs)
        assert store.info().windows == other.info().windows


@pytest.mark.slow
def test_embedding_anew_is_killed_and_goes_on_without_doing_anything_twice(scene: Scene, tmp_path: Path) -> None:
    with scene.library() as library:
        library.sync()
        some = [file.path for file in library.files() if not file.failure][:5]
        library.annotate(some, add=["kept"])
    scene.learn()
    log = tmp_path / "embedded"
    other = PlainEncoder("other", log=log)
    finished = 0
    for number in range(3):
        settings = {"model": "other", "log": log, "delay_s": 0.003, "small_commits": True, "index": scene.index}
        with LibraryProcess(tmp_path / f"{number}.jsonl", scene.root, **settings) as process:
            process.send("reembed")
            commits = Counter[str]()
            while commits["committed"] < 4:
                event = process.wait_for(lambda event: event["event"] in ("commit", "committed"))
                commits[event["event"]] += 1
            process.kill()
        assert len(assert_whole(scene)) == FILES  # by the old model
        with IndexStore.open(scene.index / "reembed") as staging:
            kept = staging.stored()
            vectors = {path: staging.vectors(path) for path, file in kept.items() if not file.failure}
        assert len(kept) > finished
        finished = len(kept)
    log.unlink()
    with Library(scene.root, model=other, index=scene.index) as library:
        with pytest.raises(ModelMismatchError, match="--reembed"):
            library.query(text="rain")
        report = library.sync(reembed=True)
        assert report.unchanged == finished
        assert len(log.read_text().splitlines()) == report.windows
        assert library.sync().unchanged == FILES
        assert {path for path, tags in ((f.path, f.tags) for f in library.files()) if tags == ("kept",)} == {*some}
    scene.encoder = PlainEncoder("other")
    scene.contents.clear()
    scene.learn()
    assert len(assert_whole(scene)) == FILES
    with IndexStore.open(scene.index) as store:
        for path, before in vectors.items():
            pairs = zip(before, store.vectors(path), strict=True)
            assert all(np.array_equal(one.vector, two.vector) for one, two in pairs)
    assert not (scene.index / "reembed").exists()


@pytest.mark.slow
def test_killed_while_it_switches_models_one_of_them_serves(scene: Scene, tmp_path: Path) -> None:
    with scene.library() as library:
        library.sync()
    scene.learn()
    random = np.random.default_rng(3)
    for number in range(4):
        model = f"model {number}"
        settings = {"model": model, "index": scene.index}
        with LibraryProcess(tmp_path / f"{number}.jsonl", scene.root, **settings) as process:
            process.send("reembed")
            process.wait_for(lambda event: event.get("stage") == "done")
            time.sleep(float(random.uniform(0, 0.04)))
            process.kill()
        with IndexStore.open(scene.index) as store:
            name = store.identity.name
        if name == model:
            scene.encoder, scene.contents = PlainEncoder(model), {}
            scene.learn()
        assert len(assert_whole(scene)) == FILES
        scene.encoder = PlainEncoder(model)
        with scene.library() as library:  # whatever was left of the switch
            library.sync(reembed=True)
            assert library.sync().unchanged == FILES
        scene.contents = {}
        scene.learn()
        assert len(assert_whole(scene)) == FILES


def test_leftovers_of_a_switch_are_in_nobodys_way(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def remove_some(folder: Path) -> None:
        for file in sorted(path for path in folder.rglob("*") if path.is_file())[::2]:
            file.unlink()
        raise KeyboardInterrupt  # killed

    with scene.library() as library:
        library.sync()
    for name in ("second", "third"):
        scene.encoder = PlainEncoder(name)
        with monkeypatch.context() as patch, scene.library() as library, pytest.raises(KeyboardInterrupt):
            patch.setattr(shutil, "rmtree", remove_some)
            library.sync(reembed=True)
    scene.encoder = PlainEncoder("third")
    scene.learn()
    assert len(assert_whole(scene)) == FILES
    with scene.library() as library:
        assert library.sync(reembed=True).unchanged == FILES
        assert library.sync().unchanged == FILES
    assert not [*scene.index.glob("reembed*")]
