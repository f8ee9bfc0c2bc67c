"""Writers that die half way, and several processes on one index."""

from __future__ import annotations

import errno
import inspect
import subprocess
import sys
import time
from collections.abc import Set as AbstractSet
from pathlib import Path

import numpy as np
import pytest

from audioclip_search.errors import StorageError
from audioclip_search.storage import IndexStore
from audioclip_search.storage.lance import connect
from audioclip_search.storage.schema import window_rows
from audioclip_search.storage.write import Writer
from audioclip_search.types import FileRecord, FileStamp, FloatArray, Modality, ModelIdentity, WindowVector

DIM = 16
MODEL = ModelIdentity(name="tiny", weights_hash="a" * 64, preprocessing_version=1)


def vectors(path: str, version: int) -> FloatArray:
    rng = np.random.default_rng([version, *path.encode()])
    values = rng.standard_normal((1 + len(path) % 3, DIM), dtype=np.float32)
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    return values


def record(path: str, version: int) -> FileRecord:
    windows = tuple(WindowVector(vector, float(i), i + 5.0) for i, vector in enumerate(vectors(path, version)))
    return FileRecord(FileStamp(path, Modality.AUDIO, size=version, mtime_ns=1), windows=windows)


# What a child process runs first.
CHILD = f"""
from __future__ import annotations
import os, sys
from pathlib import Path
import numpy as np
from audioclip_search.storage import IndexStore
from audioclip_search.storage.write import Writer
from audioclip_search.types import FileRecord, FileStamp, Modality, WindowVector

DIM = {DIM}
location = Path(sys.argv[1])

{inspect.getsource(vectors)}
{inspect.getsource(record)}
"""


def child(script: str, location: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "error", "-c", CHILD + script, str(location), *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def assert_whole(store: IndexStore, paths: AbstractSet[str]) -> None:
    """Exactly these files are visible, each with all the vectors of the version its row tells."""
    stored = store.stored()
    assert stored.keys() == paths
    for path, file in stored.items():
        found = store.vectors(path)
        assert np.array_equal([window.vector for window in found], vectors(path, file.stamp.size))
    hits = store.search(vectors("probe", 1)[0], k=10_000)
    assert {hit.path for hit in hits} == paths
    assert len(hits) == len(paths)


def rows_on_disk(location: Path) -> int:
    return int(Writer.open(connect(location), location=location).windows.count_rows())


@pytest.fixture
def location(tmp_path: Path) -> Path:
    with IndexStore.create(tmp_path / "index", identity=MODEL, dim=DIM) as store:
        store.write([record("old.wav", 1), record("kept.wav", 1)])
    return tmp_path / "index"


@pytest.mark.parametrize("memory_budget_bytes", [2**30, 0])
def test_vectors_without_a_file_are_invisible_and_removed_by_the_next_write(
    location: Path, memory_budget_bytes: int
) -> None:
    half = [record("old.wav", 2), record("new.wav", 2)]
    before = rows_on_disk(location)
    writer = Writer.open(connect(location), location=location)
    writer.append(window_rows(half, writer.header))
    assert rows_on_disk(location) == before + sum(len(file.windows) for file in half)
    with IndexStore.open(location, memory_budget_bytes=memory_budget_bytes) as store:
        assert_whole(store, {"old.wav", "kept.wav"})
        assert store.stored()["old.wav"].stamp.size == 1
        assert store.search(vectors("new.wav", 2)[0], k=1)[0].score < 0.999
        store.remove(["not there.wav"])
        assert rows_on_disk(location) == before
        assert_whole(store, {"old.wav", "kept.wav"})


@pytest.mark.parametrize(
    ("work", "step", "expected"),
    [
        ("store.write(batch)", "publish", {"old.wav": 1, "kept.wav": 1}),
        ("store.write(batch)", "discard", {"old.wav": 2, "kept.wav": 1, "new.wav": 2}),
        ("store.remove(['old.wav'])", "discard", {"kept.wav": 1}),
    ],
)
def test_a_process_that_dies_before_a_step_leaves_each_file_old_or_new(
    location: Path, work: str, step: str, expected: dict[str, int]
) -> None:
    script = f"""
batch = [record("old.wav", 2), record("new.wav", 2)]
Writer.{step} = lambda *_: os._exit(9)  # the lock still held
with IndexStore.open(location) as store:
    {work}
"""
    process = child(script, location)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (9, "")
    with IndexStore.open(location, lock_timeout_s=5) as store:
        assert_whole(store, expected.keys())
        assert {path: file.stamp.size for path, file in store.stored().items()} == expected
        store.write([record("kept.wav", 3)])
        assert_whole(store, expected.keys())
        assert rows_on_disk(location) == store.info().windows


@pytest.mark.parametrize("step", ["append", "publish", "discard"])
def test_a_step_that_fails_is_reported_and_its_leftovers_go_with_the_next_write(
    location: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def disk_full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with IndexStore.open(location) as store:
        store.write([record("kept.wav", 2)])  # so that what others left is known to be gone
        with monkeypatch.context() as patch, pytest.raises(StorageError, match=r"the disk is full.*Free some space"):
            patch.setattr(Writer, step, disk_full)
            store.write([record("old.wav", 2), record("new.wav", 2)])
        assert_whole(store, store.stored().keys())
        store.write([record("kept.wav", 3)])
        assert_whole(store, store.stored().keys())
        assert rows_on_disk(location) == store.info().windows


def test_killed_at_random_moments_no_file_is_lost_doubled_or_half_there(location: Path) -> None:
    script = """
with IndexStore.open(location) as store:
    first = int(sys.argv[2])
    print("ready", flush=True)
    for batch in range(first, first + 10_000):
        store.write([record(f"{batch}-{i}.wav", 1) for i in range(5)] + [record("old.wav", batch)])
        print(batch, flush=True)
"""
    rng = np.random.default_rng(11)
    next_batch = 10
    for _ in range(3):
        process = child(script, location, str(next_batch))
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(float(rng.uniform(0, 0.4)))
        process.kill()
        output, errors = process.communicate(timeout=60)
        assert errors == ""
        acknowledged = [int(line) for line in output.split()]
        with IndexStore.open(location, lock_timeout_s=5) as store:
            batches = {int(path.split("-")[0]) for path in store.stored() if "-" in path}
            assert batches >= set(acknowledged)
            # One more may have been committed and not told any more.
            assert len(batches - set(range(10, max([next_batch - 1, *acknowledged]) + 1))) <= 1
            assert_whole(store, {"old.wav", "kept.wav"} | {f"{batch}-{i}.wav" for batch in batches for i in range(5)})
            if batches:
                assert store.stored()["old.wav"].stamp.size == max(batches)
            next_batch = max([9, *batches]) + 1
    with IndexStore.open(location, lock_timeout_s=5) as store:
        store.write([record("kept.wav", 2)])
        assert rows_on_disk(location) == store.info().windows


def test_two_processes_write_and_read_one_index(location: Path) -> None:
    script = """
with IndexStore.open(location) as store:
    print("ready", flush=True)
    sys.stdin.readline()
    for batch in range(12):
        store.write([record(f"child-{batch}-{i}.wav", 1) for i in range(3)] + [record("old.wav", 100 + batch)])
    store.remove(["kept.wav"])
    found = store.search(vectors("old.wav", 111)[0], k=1)
    print(found[0].path)
for overwrite in (False, True):
    IndexStore.create(location.parent / "another", identity=store.identity, dim=DIM, overwrite=overwrite).close()
"""
    with IndexStore.open(location) as store, child(script, location) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.stdin.write("go\n")
        process.stdin.flush()
        mine: set[str] = set()
        while process.poll() is None or len(mine) < 20:
            path = f"parent-{len(mine)}.wav"
            store.write([record(path, 1)])
            mine.add(path)
            assert mine <= {hit.path for hit in store.search(vectors("probe", 1)[0], k=10_000)}
        output, errors = process.communicate(timeout=60)
        assert (process.returncode, output, errors) == (0, "old.wav\n", "")
        theirs = {f"child-{batch}-{i}.wav" for batch in range(12) for i in range(3)}
        assert_whole(store, mine | theirs | {"old.wav"})
        assert store.search(vectors("old.wav", 111)[0], k=1)[0].score == pytest.approx(1, abs=1e-5)
        assert rows_on_disk(location) == store.info().windows
