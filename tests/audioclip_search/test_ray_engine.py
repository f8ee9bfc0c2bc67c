"""A sync on a Ray cluster of two workers gives the index that a sync without one gives, also if a worker is killed."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from audioclip_search.encoder import Encoder
from audioclip_search.errors import MediaError, ModelError
from audioclip_search.indexer import Plan, execute, plan, survey
from audioclip_search.indexer.ray_engine import execute_on_ray
from audioclip_search.storage import IndexStore
from audioclip_search.types import CancelToken, FileStamp, Modality, SyncProgress, SyncReport, SyncStage

MakeFile = Callable[..., Path]
SOUNDS, PICTURES, TEXTS = 40, 12, 8

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


def assert_same(found: IndexStore, expected: IndexStore) -> None:
    """The same files with the same stamps, hashes, failures and vectors, and no other."""
    files, expected_files = found.stored(), expected.stored()
    assert files.keys() == expected_files.keys()
    for path, file in expected_files.items():
        assert (files[path].stamp, files[path].content_hash) == (file.stamp, file.content_hash)
        assert files[path].failure == file.failure
        if not file.failure:
            windows, expected_windows = found.vectors(path), expected.vectors(path)
            assert [(w.start_s, w.end_s) for w in windows] == [(w.start_s, w.end_s) for w in expected_windows]
            for window, other in zip(windows, expected_windows, strict=True):
                np.testing.assert_allclose(window.vector, other.vector, atol=1e-6, rtol=0)
    assert found.info().windows == expected.info().windows


def work(root: Path, store: IndexStore) -> Plan:
    found = survey(root)
    return plan(found.stamps, store.stored(), unseen=found.unseen)


@pytest.fixture
def stores(tmp_path: Path, tiny_encoder: Encoder) -> Iterator[tuple[IndexStore, IndexStore]]:
    """Empty indexes: for the cluster, and for the comparison."""
    identity, dim = tiny_encoder.identity, tiny_encoder.dim
    with (
        IndexStore.create(tmp_path / "of the cluster", identity=identity, dim=dim) as ours,
        IndexStore.create(tmp_path / "of one process", identity=identity, dim=dim) as expected,
    ):
        yield ours, expected


@pytest.mark.parametrize("killed", [False, True], ids=["undisturbed", "a worker is killed"])
def test_a_cluster_writes_the_index_that_one_process_writes(
    *,
    library: Path,
    stores: tuple[IndexStore, IndexStore],
    cluster: RayCluster,
    tiny_model: Path,
    tiny_encoder: Encoder,
    killed: bool,
) -> None:
    ours, expected = stores
    alone = execute(work(library, expected), root=library, store=expected, open_encoder=lambda: tiny_encoder)
    reports: list[SyncProgress] = []
    victims: list[int] = []

    def on_progress(progress: SyncProgress) -> None:
        reports.append(progress)
        if killed and progress.stage is SyncStage.EMBED and 0 < progress.done < 40:
            victims.append(cluster.kill_a_worker())

    before = ours.info().windows
    report = execute_on_ray(
        work(library, ours),
        root=library,
        store=ours,
        model=tiny_model,
        device="cpu",
        address=cluster.address,
        on_progress=on_progress,
    )
    assert before == 0
    assert report == alone
    assert [failure.path for failure in report.failures] == ["broken.wav"]
    assert_same(ours, expected)
    assert any(victims) == killed
    assert reports[0] == SyncProgress(SyncStage.EMBED, 0, 61)
    assert reports[-1] == SyncProgress(SyncStage.DONE, 61, 61, failed=1)
    assert len(reports) > 4  # not all at the end
    # Nothing that nobody sees is in the table, whatever the dead left on the disk.
    assert ours._current().windows.count_rows() == ours.info().windows


def test_cancelled_it_keeps_whole_blocks_and_the_next_sync_does_what_is_left(
    *,
    library: Path,
    stores: tuple[IndexStore, IndexStore],
    cluster: RayCluster,
    tiny_model: Path,
    tiny_encoder: Encoder,
    make_sound: MakeFile,
) -> None:
    ours, expected = stores
    cancel = CancelToken()

    def on_progress(progress: SyncProgress) -> None:
        if progress.done:
            cancel.cancel()

    options = {"root": library, "store": ours, "model": tiny_model, "device": "cpu", "address": cluster.address}
    report = execute_on_ray(work(library, ours), **options, on_progress=on_progress, cancel=cancel)
    kept = ours.stored()
    assert report.cancelled
    assert 0 < len(kept) == report.added + len(report.failures) < 61
    changed, gone = [path for path in kept if path != "broken.wav"][:2]
    os.utime(library / changed, (1, 1))
    (library / gone).unlink()
    make_sound(library / "new.wav", seed=100)
    report = execute_on_ray(work(library, ours), **options)
    assert (report.updated, report.removed, report.unchanged) == (1, 1, len(kept) - 2)
    execute(work(library, expected), root=library, store=expected, open_encoder=lambda: tiny_encoder)
    assert_same(ours, expected)


def test_a_worker_that_does_not_see_the_folder_says_so(
    library: Path, stores: tuple[IndexStore, IndexStore], cluster: RayCluster, tiny_model: Path, tmp_path: Path
) -> None:
    store, _ = stores
    elsewhere = tmp_path / "elsewhere"
    with pytest.raises(MediaError, match=r"worker .*shared drive"):
        execute_on_ray(
            work(library, store), root=elsewhere, store=store, model=tiny_model, device="cpu", address=cluster.address
        )
    assert store.empty


@pytest.mark.parametrize("address", ["ray://localhost:10001", "nonsense", "closed"])
def test_an_address_where_nobody_is(
    stores: tuple[IndexStore, IndexStore], tiny_model: Path, tmp_path: Path, address: str
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        given = f"127.0.0.1:{unused.getsockname()[1]}" if address == "closed" else address
        nobody = Plan(new=(FileStamp("a.wav", Modality.AUDIO, 1, 1),))
        with pytest.raises(ModelError, match="no Ray cluster can be reached"):
            execute_on_ray(nobody, root=tmp_path, store=stores[0], model=tiny_model, address=given)
    assert stores[0].empty


def test_without_work_no_cluster_is_asked(
    stores: tuple[IndexStore, IndexStore], tiny_model: Path, tmp_path: Path
) -> None:
    report = execute_on_ray(Plan(unchanged=3), root=tmp_path, store=stores[0], model=tiny_model, address="nonsense")
    assert report == SyncReport(unchanged=3)
