"""A sync on a Ray cluster of two workers gives the index that a sync without one gives, also if a worker is killed."""

from __future__ import annotations

import os
import shutil
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from audioclip_search.cli.app import app
from audioclip_search.encoder import Encoder
from audioclip_search.errors import MediaError, ModelError
from audioclip_search.indexer import Plan, execute, plan, survey
from audioclip_search.indexer.blocks import EmbeddedBlock
from audioclip_search.indexer.contents import Contents
from audioclip_search.indexer.harvest import Harvest
from audioclip_search.indexer.ray_engine import execute_on_ray
from audioclip_search.indexer.tally import Tally
from audioclip_search.library import Library
from audioclip_search.storage import IndexStore
from audioclip_search.storage.fragments import target_of, write_fragments
from audioclip_search.types import (
    CancelToken,
    FileStamp,
    Modality,
    RayEngine,
    SyncProgress,
    SyncReport,
    SyncStage,
)

MakeFile = Callable[..., Path]
Execute = Callable[..., SyncReport]
SOUNDS, PICTURES, TEXTS = 40, 12, 8
FILES = SOUNDS + PICTURES + TEXTS + 1  # and a broken one

pytestmark = [
    pytest.mark.slow,
    # Ray's own: it leaves the files of its processes to the garbage collector.
    pytest.mark.filterwarnings("ignore:subprocess .* is still running:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:unclosed file .*:ResourceWarning"),
]
_MARK = "AUDIOCLIP_SEARCH_TEST_CLUSTER"


@dataclass(frozen=True, slots=True)
class RayCluster:
    """Two nodes on this machine, of one processor each."""

    address: str
    mark: str

    def kill_a_worker(self) -> int:
        """End one of the processes that embed; its number, or 0 if there is none."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                title, environment = (folder / "cmdline").read_bytes(), (folder / "environ").read_bytes()
            except OSError:  # ended, or another user's
                continue
            if b"ray::MapWorker" in title and f"{_MARK}={self.mark}".encode() in environment:
                os.kill(int(folder.name), signal.SIGKILL)
                return int(folder.name)
        return 0


@pytest.fixture(scope="module")
def cluster() -> Iterator[RayCluster]:
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv(_MARK, str(os.getpid()))
        node = {"num_cpus": 1, "object_store_memory": 100 * 1024**2, "include_dashboard": False}
        nodes = Cluster(initialize_head=True, head_node_args=node)
        try:
            nodes.add_node(num_cpus=1, object_store_memory=100 * 1024**2)
            yield RayCluster(nodes.address, str(os.getpid()))
        finally:
            nodes.shutdown()


@pytest.fixture
def library(tmp_path: Path, make_sound: MakeFile, make_picture: MakeFile) -> Path:
    root = tmp_path / "library"
    for seed in range(SOUNDS):
        make_sound(root / f"{seed % 5}" / f"sound {seed}.wav", seed=seed, duration_s=0.5 + seed % 4)
    for seed in range(PICTURES):
        make_picture(root / "pictures" / f"{seed}.png", seed=seed)
    for number in range(TEXTS):
        (root / f"text {number}.txt").write_text(f"A bell rings {number} times", encoding="utf-8")
    (root / "broken.wav").write_bytes(b"RIFF, but no sound")
    return root


def assert_same(found: IndexStore, expected: IndexStore, *, atol: float = 1e-5) -> None:
    """The same files with the same stamps, hashes, failures, tags and vectors, and no other."""
    files, expected_files = found.stored(), expected.stored()
    assert files.keys() == expected_files.keys()
    for path, file in expected_files.items():
        assert replace(files[path], file_id=0) == replace(file, file_id=0)
        if not file.failure:
            windows, expected_windows = found.vectors(path), expected.vectors(path)
            assert [(w.start_s, w.end_s) for w in windows] == [(w.start_s, w.end_s) for w in expected_windows]
            for window, other in zip(windows, expected_windows, strict=True):
                np.testing.assert_allclose(window.vector, other.vector, atol=atol, rtol=0)
    assert found.info().windows == expected.info().windows


def work(root: Path, store: IndexStore) -> Plan:
    return plan(survey(root), store.stored())


@pytest.fixture
def stores(tmp_path: Path, tiny_encoder: Encoder) -> Iterator[tuple[IndexStore, IndexStore]]:
    """Empty indexes: for the cluster, and for the comparison."""
    identity, dim = tiny_encoder.identity, tiny_encoder.dim
    with (
        IndexStore.create(tmp_path / "of the cluster", identity=identity, dim=dim) as ours,
        IndexStore.create(tmp_path / "of one process", identity=identity, dim=dim) as expected,
    ):
        yield ours, expected


@pytest.fixture
def alone(library: Path, tiny_encoder: Encoder) -> Callable[[IndexStore], SyncReport]:
    """Syncs in this process."""

    def execute_here(store: IndexStore) -> SyncReport:
        stored = store.stored()
        return execute(work(library, store), stored, root=library, store=store, open_encoder=lambda: tiny_encoder)

    return execute_here


@pytest.fixture
def together(library: Path, tiny_model: Path, cluster: RayCluster) -> Callable[..., SyncReport]:
    """Syncs on the cluster."""

    def execute_there(store: IndexStore, *, model: Path = tiny_model, **options: Any) -> SyncReport:
        stored, engine = store.stored(), RayEngine(cluster.address)
        return execute_on_ray(
            work(library, store),
            stored,
            root=library,
            store=store,
            engine=engine,
            model=str(model),
            device="cpu",
            **options,
        )

    return execute_there


def test_a_cluster_that_loses_a_worker_writes_the_index_that_one_process_writes(
    stores: tuple[IndexStore, IndexStore], alone: Execute, together: Execute, cluster: RayCluster
) -> None:
    ours, expected = stores
    reports: list[SyncProgress] = []
    victims: list[int] = []

    def on_progress(progress: SyncProgress) -> None:
        reports.append(progress)
        if not any(victims) and progress.stage is SyncStage.EMBED and 0 < progress.done < 40:
            victims.append(cluster.kill_a_worker())

    report = together(ours, on_progress=on_progress)
    assert report == alone(expected)
    assert [failure.path for failure in report.failures] == ["broken.wav"]
    assert_same(ours, expected)
    assert any(victims)
    assert reports[0] == SyncProgress(SyncStage.EMBED, 0, FILES)
    assert reports[-1] == SyncProgress(SyncStage.DONE, FILES, FILES, failed=1)
    # Nothing that nobody sees is in the table, whatever the dead left on the disk.
    assert ours._current().windows.count_rows() == ours.info().windows


def test_cancelled_it_keeps_whole_blocks_and_the_next_sync_does_what_is_left(
    library: Path, stores: tuple[IndexStore, IndexStore], alone: Execute, together: Execute, make_sound: MakeFile
) -> None:
    ours, expected = stores
    cancel = CancelToken()
    sounds: list[str] = []

    def on_progress(progress: SyncProgress) -> None:
        if progress.path.endswith(".wav") and progress.path != "broken.wav":
            sounds.append(progress.path)
        if len(sounds) >= 2:
            cancel.cancel()

    report = together(ours, on_progress=on_progress, cancel=cancel)
    kept = ours.stored()
    assert report.cancelled
    assert 0 < len(kept) == report.added + len(report.failures) < FILES
    changed, gone = sounds[:2]
    make_sound(library / changed, seed=100, duration_s=7.5)
    ours.annotate([changed], add=["mine"], remove=(), rating=4)
    (library / gone).unlink()
    report = together(ours)
    assert (report.updated, report.removed, report.unchanged) == (1, 1, len(kept) - 2)
    assert (ours.stored()[changed].tags, ours.stored()[changed].rating) == (("mine",), 4)
    alone(expected)
    expected.annotate([changed], add=["mine"], remove=(), rating=4)
    assert_same(ours, expected)


def test_known_content_is_not_embedded_again(
    tmp_path: Path, library: Path, stores: tuple[IndexStore, IndexStore], alone: Execute, together: Execute
) -> None:
    ours, expected = stores
    same = ["sound 0.wav", "deep/sound 0.wav", "deep/other.wav"]
    (library / "0" / "deep").mkdir()
    for path in same[1:]:
        shutil.copy(library / "0" / same[0], library / "0" / path)
    for store in stores:
        alone(store)
        for path in same:
            store.annotate([f"0/{path}"], add=[path], remove=(), rating=0)
    (library / "0").rename(library / "moved")
    # Whichever of them is hashed first, the new copy is none of those that have moved.
    shutil.copy(library / "moved" / same[0], library / "moved" / "a copy.wav")
    shutil.copy(library / "pictures" / "0.png", library / "copy.png")
    shutil.copy(library / "broken.wav", library / "also broken.wav")
    os.utime(library / "text 0.txt", (1, 1))
    exchange(library / "1" / "sound 1.wav", library / "1" / "sound 6.wav")
    # No worker needs the model, so it does not matter that there is none.
    report = together(ours, model=tmp_path / "no model")
    assert report == alone(expected)
    assert (report.moved, report.copied, report.touched, report.updated, report.windows) == (10, 2, 1, 2, 0)
    for store in stores:  # a copy starts with the tags of any one of them
        store.annotate(["moved/a copy.wav"], add=(), remove=same, rating=0)
    assert_same(ours, expected)
    stored = ours.stored()
    assert [stored[f"moved/{path}"].tags for path in same] == [(path,) for path in same]
    # A file that takes the place of one that is at another place now.
    shutil.copy(library / "2" / "sound 2.wav", library / "it was there.wav")
    shutil.copy(library / "2" / "sound 7.wav", library / "2" / "sound 2.wav")
    (library / "2" / "sound 7.wav").write_bytes((library / "3" / "sound 3.wav").read_bytes()[:-2_000])
    report = together(ours)
    assert report == alone(expected)
    assert (report.copied, report.updated) == (1, 2)
    assert report.windows > 0
    assert_same(ours, expected)


def exchange(one: Path, other: Path) -> None:
    between = one.with_suffix(".tmp")
    one.rename(between)
    other.rename(one)
    between.rename(other)


def test_a_library_in_an_object_store_by_a_cluster_of_this_machine_alone(
    tmp_path: Path, library: Path, s3_index: str, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.chdir(tiny_model.parent)  # the workers are elsewhere
    options = {"device": "cpu", "vectors": "float16"}
    with (
        Library(library, model=tiny_model.name, index=s3_index, **options) as ours,
        Library(library, model=tiny_model, index=tmp_path / "expected", **options) as expected,
    ):
        report = ours.sync(engine=RayEngine(workers=2))
        assert replace(report, duration_s=0.0) == replace(expected.sync(), duration_s=0.0)
        assert ours.sync().unchanged == FILES
        with IndexStore.open(s3_index) as found, IndexStore.open(tmp_path / "expected") as store:
            assert_same(found, store, atol=1e-3)  # one of them may have rounded up, the other down


def test_a_worker_that_does_not_see_a_file_says_so(library: Path, stores: tuple[IndexStore, IndexStore]) -> None:
    store, _ = stores
    there, gone = "0/sound 0.wav", "0/gone.wav"
    todo = Plan(new=tuple(FileStamp(path, Modality.AUDIO, 1, 1) for path in (there, gone)))
    tally, target = Tally(todo, None), target_of(store)
    with Harvest(library, store, target, Contents(todo, store.stored()), tally) as harvest:
        harvest.add_new(EmbeddedBlock("drum", write_fragments(target, ()), vanished=(gone,)))
        with pytest.raises(MediaError, match=r"worker drum.*shared drive"):
            harvest.add_new(EmbeddedBlock("drum", write_fragments(target, ()), vanished=(there,)))
    assert store.empty


@pytest.mark.parametrize("address", ["ray://localhost:10001", "nonsense", "closed"])
def test_an_address_where_nobody_is(library: Path, tiny_model: Path, address: str) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        given = f"127.0.0.1:{unused.getsockname()[1]}" if address == "closed" else address
        options = ["--model", str(tiny_model), "--device", "cpu", "--engine", "ray", "--address", given]
        result = CliRunner().invoke(app, ["index", str(library), *options])
    assert result.exit_code == 1
    assert "no Ray cluster can be reached" in " ".join(result.stderr.split())


def test_an_address_is_for_an_engine(library: Path) -> None:
    assert CliRunner().invoke(app, ["index", str(library), "--workers", "2"]).exit_code == 2


def test_without_work_no_cluster_is_asked(stores: tuple[IndexStore, IndexStore], tmp_path: Path) -> None:
    store, _ = stores
    report = execute_on_ray(
        Plan(unchanged=3), store.stored(), root=tmp_path, store=store, engine=RayEngine("nonsense"), model="none"
    )
    assert report == SyncReport(unchanged=3)


def test_an_encoder_can_not_be_sent(library: Path, tiny_encoder: Encoder) -> None:
    with Library(library, model=tiny_encoder) as ours:
        with pytest.raises(ModelError, match=r"object of this process.*by its name"):
            ours.sync(engine=RayEngine())
        assert not ours.indexed
