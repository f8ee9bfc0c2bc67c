"""Locks of an index, in a folder and in an object store, among threads and processes."""

from __future__ import annotations

import errno
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock
import pytest

from audioclip_search.errors import CancelledError, IndexLockedError, StorageError
from audioclip_search.storage import lease as lease_module
from audioclip_search.storage.lance import connect
from audioclip_search.storage.lease import Lease
from audioclip_search.storage.locks import held

HOLDER = Path(__file__).parents[1] / "lock_holder.py"
SOON_S = 120.0  # a slow machine's soon


@pytest.fixture(params=["local", "s3"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "index") if request.param == "local" else request.getfixturevalue("s3_index")


@contextmanager
def another_process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([sys.executable, str(HOLDER), *arguments], stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + SOON_S
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.01)


def test_is_free_again_after_use_and_after_an_error(location: str) -> None:
    for _ in range(2):
        with held(location, "write", timeout_s=0) as check:
            check()
    with pytest.raises(ZeroDivisionError), held(location, "write", timeout_s=0):
        raise ZeroDivisionError
    with held(location, "write", timeout_s=0):
        pass


def test_keeps_out_everybody_else_but_not_from_the_other_lock(location: str) -> None:
    with held(location, "sync", timeout_s=0):
        with pytest.raises(IndexLockedError, match="another process has been syncing the index for more than 0 s"):
            held(location, "sync", timeout_s=0).__enter__()
        with held(location, "write", timeout_s=0):
            pass


def test_a_wait_is_told_once_and_ends_when_the_holder_is_done(location: str) -> None:
    waits: list[str] = []
    entered = threading.Event()

    def waiter() -> None:
        with held(location, "write", timeout_s=None, on_wait=lambda: waits.append("waits")):
            entered.set()

    with held(location, "write", timeout_s=0):
        thread = threading.Thread(target=waiter)
        thread.start()
        wait_until(lambda: bool(waits))
        time.sleep(0.3)
        assert not entered.is_set()
    thread.join(SOON_S)
    assert entered.is_set()
    assert waits == ["waits"]


def test_a_wait_can_be_cancelled(location: str) -> None:
    with held(location, "write", timeout_s=0), pytest.raises(CancelledError):
        held(location, "write", timeout_s=None, cancelled=lambda: True).__enter__()


def test_counts_of_several_processes_add_up(location: str, tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    counter.write_text("0")
    with (
        another_process("count", location, str(counter), "6") as a,
        another_process("count", location, str(counter), "6") as b,
        another_process("count", location, str(counter), "6") as c,
    ):
        assert [process.wait(3 * SOON_S) for process in (a, b, c)] == [0, 0, 0]
    assert counter.read_text() == "18"


def test_a_local_lock_of_a_killed_process_is_free_at_once(tmp_path: Path) -> None:
    with another_process("hold", str(tmp_path), "sync") as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(IndexLockedError):
            held(tmp_path, "sync", timeout_s=0).__enter__()
    with held(tmp_path, "sync", timeout_s=SOON_S):
        pass


@pytest.mark.slow
def test_a_lease_of_a_killed_process_is_taken_over(s3_index: str) -> None:
    with another_process("hold", s3_index, "sync") as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(IndexLockedError):
            held(s3_index, "sync", timeout_s=0).__enter__()
    with held(s3_index, "sync", timeout_s=3 * SOON_S) as check:
        check()


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.ENOLCK, "can't lock files"),
        (errno.EOPNOTSUPP, "can't lock files"),
        (errno.ENOSYS, "can't lock files"),
        (errno.EROFS, "read-only"),
        (errno.ENOSPC, "the disk is full"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_a_file_system_that_refuses_is_told(
    number: int, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_lock: filelock.FileLock) -> None:  # no file system here has all these faults
        raise OSError(number, "Input/output error")

    monkeypatch.setattr(filelock.FileLock, "_acquire", refuse)
    with pytest.raises(StorageError, match=reason) as caught:
        held(tmp_path, "write", timeout_s=0).__enter__()
    assert not isinstance(caught.value, IndexLockedError)
    assert ("--index" in caught.value.remedy) == (number != errno.EIO)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="can't be locked"):
        held(tmp_path / "file" / "index", "write", timeout_s=0).__enter__()


def test_a_missing_bucket_is_told(s3_index: str) -> None:
    with pytest.raises(StorageError, match="could not lock the index"):
        held("s3://no-such-bucket/index", "write", timeout_s=0).__enter__()


def test_a_lease_that_is_renewed_is_not_taken_over_and_one_that_is_not_is(s3_index: str) -> None:
    holder, other = Lease(s3_index, "sync"), Lease(s3_index, "sync", lease_s=0.0)
    assert holder.claim()
    patient = Lease(s3_index, "sync", lease_s=3_600)
    assert not patient.claim()
    holder.renew()
    assert not patient.claim()
    assert other.claim()  # to whom a lease is over at once
    for learns in (holder.renew, holder.check, holder.release):
        with pytest.raises(IndexLockedError, match="asleep or cut off"):
            learns()
    other.renew()
    other.release()
    assert patient.claim()


def test_a_holder_that_is_silent_for_a_lease_is_followed_by_another(s3_index: str) -> None:
    lease_s = 1.0
    assert Lease(s3_index, "write", lease_s=lease_s).claim()
    other = Lease(s3_index, "write", lease_s=lease_s)
    before_s = time.monotonic()
    wait_until(other.claim)
    assert time.monotonic() - before_s >= lease_s


def test_of_many_claims_at_once_one_succeeds(s3_index: str) -> None:
    for _ in range(3):
        leases = [Lease(s3_index, "write") for _ in range(4)]
        start = threading.Barrier(len(leases))
        won: list[Lease] = []

        def claim(lease: Lease, start: threading.Barrier = start, won: list[Lease] = won) -> None:
            start.wait()
            if lease.claim():
                won.append(lease)

        threads = [threading.Thread(target=claim, args=(lease,)) for lease in leases]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(won) == 1
        won[0].release()


def test_losing_the_lease_is_told_at_the_end(s3_index: str) -> None:
    def lose() -> None:
        assert Lease(s3_index, "write", lease_s=0.0).claim()

    with pytest.raises(IndexLockedError, match="taken over"), held(s3_index, "write", timeout_s=0):
        lose()
    with pytest.raises(ZeroDivisionError), held(s3_index, "sync", timeout_s=0):
        raise ZeroDivisionError


def test_the_table_does_not_grow_for_ever(s3_index: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease_module, "_CHANGES_BETWEEN_CLEANUPS", 1)
    monkeypatch.setattr(lease_module, "_VERSIONS_KEPT_FOR", lease_module.timedelta(milliseconds=1))
    lease = Lease(s3_index, "write")
    assert lease.claim()
    for _ in range(10):
        lease.renew()
    table = connect(s3_index).open_table("locks")
    assert len(table.list_versions()) < 6
    lease.release()
    assert Lease(s3_index, "write").claim()
