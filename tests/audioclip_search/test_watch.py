"""Watching real folders. Whatever is awaited is awaited for a minute, and never by a fixed sleep."""

from __future__ import annotations

import ctypes
import errno
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from audioclip_search.watch import Changes, Watcher, disk
from audioclip_search.watch.disk import on_network
from audioclip_search.watch.source import THREAD_NAME

WAIT_S = 60.0
QUIET_S = 0.4

linux = pytest.mark.skipif(not Path("/proc/sys/fs/inotify").exists(), reason="needs inotify")


class Log:
    """What a watcher called back with, and when."""

    def __init__(self) -> None:
        self.calls: list[tuple[float, Changes]] = []

    def __call__(self, changes: Changes) -> None:
        assert changes.paths or changes.rescan
        self.calls.append((time.monotonic(), changes))

    @property
    def paths(self) -> set[Path]:
        return {path for _, changes in self.calls for path in changes.paths}

    @property
    def rescans(self) -> int:
        return sum(changes.rescan for _, changes in self.calls)

    def call_with(self, path: Path) -> frozenset[Path]:
        """The paths of the first call that names `path`."""
        return next(changes.paths for _, changes in self.calls if path in changes.paths)


def wait_for(condition: Callable[[], object]) -> None:
    end_s = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end_s, "waited in vain"
        time.sleep(0.01)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    return folder


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture(params=[False, True], ids=["events", "polling"])
def watcher(request: pytest.FixtureRequest, root: Path, log: Log) -> Iterator[Watcher]:
    for folder in ("sub", "other"):
        (root / folder).mkdir()
    for index in range(30):
        (root / "sub" / f"{index}.wav").write_bytes(bytes(index))
    with Watcher([root], log, quiet_s=QUIET_S, polling=request.param) as watching:
        yield watching


@pytest.mark.usefixtures("watcher")
class TestEitherWay:
    def test_a_new_file(self, root: Path, log: Log) -> None:
        (root / "sub" / "a.wav").write_bytes(b"1")
        wait_for(lambda: log.calls)
        assert log.calls[0][1] == Changes(frozenset({root / "sub" / "a.wav"}))

    def test_a_changed_and_a_touched_file(self, root: Path, log: Log) -> None:
        (root / "sub" / "1.wav").write_bytes(b"other")
        os.utime(root / "sub" / "2.wav", (1, 1))
        wait_for(lambda: log.paths == {root / "sub" / "1.wav", root / "sub" / "2.wav"})

    def test_a_deleted_file_and_a_deleted_folder(self, root: Path, log: Log) -> None:
        (root / "sub" / "1.wav").unlink()
        wait_for(lambda: log.paths == {root / "sub" / "1.wav"})
        shutil.rmtree(root / "sub")
        wait_for(lambda: root / "sub" in log.paths)

    def test_a_renamed_file(self, root: Path, log: Log) -> None:
        old, new = root / "sub" / "1.wav", root / "other" / "one.wav"
        old.rename(new)
        wait_for(lambda: log.paths == {old, new})
        assert log.call_with(old) == {old, new}

    def test_a_renamed_folder_is_two_paths(self, root: Path, log: Log) -> None:
        (root / "sub").rename(root / "renamed")
        wait_for(lambda: log.calls)
        assert log.calls[0][1] == Changes(frozenset({root / "sub", root / "renamed"}))
        (root / "renamed" / "later.wav").write_bytes(b"1")
        wait_for(lambda: log.paths == {root / "sub", root / "renamed", root / "renamed" / "later.wav"})

    def test_a_folder_moved_in_and_out(self, root: Path, log: Log, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        (outside / "deep").mkdir(parents=True)
        (outside / "deep" / "a.wav").write_bytes(b"1")
        outside.rename(root / "inside")
        wait_for(lambda: root / "inside" in log.paths)
        (root / "inside").rename(outside)
        wait_for(lambda: sum(root / "inside" in changes.paths for _, changes in log.calls) > 1)
        assert log.paths == {root / "inside"}


@pytest.mark.parametrize("polling", [False, True])
def test_a_file_written_in_pieces_waits_and_others_do_not(root: Path, log: Log, polling: bool) -> None:
    slow = root / "slow.wav"
    with Watcher([root], log, quiet_s=QUIET_S, polling=polling):
        with slow.open("wb") as file:
            (root / "quick.wav").write_bytes(b"1")
            while root / "quick.wav" not in log.paths:
                file.write(bytes(100))
                file.flush()
                last_s = time.monotonic()
                time.sleep(0.02)
        reported = slow in log.paths  # this machine may have slept between two pieces
        wait_for(lambda: slow in log.paths)
    if not reported:
        assert log.calls[-1][0] - last_s >= QUIET_S


def test_a_move_between_two_watched_folders_is_one_call(tmp_path: Path, log: Log) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    (first / "a.wav").write_bytes(b"1")
    with Watcher([first, second], log, quiet_s=3.0, polling=False):  # inotify holds a half back for 0.5 s
        (first / "a.wav").rename(second / "b.wav")
        wait_for(lambda: log.paths == {first / "a.wav", second / "b.wav"})
    assert log.call_with(first / "a.wav") == {first / "a.wav", second / "b.wav"}


def test_ten_thousand_files_are_few_calls(root: Path, log: Log) -> None:
    started_s = time.monotonic()
    with Watcher([root], log, quiet_s=QUIET_S, polling=False):
        for index in range(10_000):
            folder = root / f"{index % 10}"
            folder.mkdir(exist_ok=True)
            (folder / f"{index}.wav").touch()
        last = folder / "9999.wav"
        wait_for(lambda: log.rescans or log.paths & {last, folder, root})
        wait_for(lambda: time.monotonic() - log.calls[-1][0] > 3 * QUIET_S)
    assert len(log.calls) <= 5 + (log.calls[-1][0] - started_s) / QUIET_S
    if not log.rescans:  # a slow machine may lose events, and then says so
        paths = log.paths
        for index in range(10_000):
            assert {root / f"{index % 10}", root / f"{index % 10}" / f"{index}.wav", root} & paths


def test_the_index_and_what_is_to_be_skipped_is_left_out(root: Path, log: Log) -> None:
    index, skipped = root / ".audioclip-search", root / "cache"
    for folder in (index, skipped):
        folder.mkdir()
    with Watcher([root], log, quiet_s=QUIET_S, polling=False, skip=[skipped, root / "one.wav"]):
        for path in (index / "x", skipped / "x", root / "one.wav", root / "two.wav", root / ".audioclipignore"):
            path.write_bytes(b"1")
        list(root.iterdir())
        (root / "two.wav").read_bytes()
        wait_for(lambda: log.paths >= {root / "two.wav", root / ".audioclipignore"})
    assert log.paths == {root / "two.wav", root / ".audioclipignore"}


def test_skipping_and_spelling_of_a_folder_reached_through_a_link(root: Path, log: Log, tmp_path: Path) -> None:
    (root / "cache").mkdir()
    (tmp_path / "link").symlink_to(root)
    with Watcher([tmp_path / "link"], log, quiet_s=QUIET_S, polling=False, skip=[tmp_path / "link" / "cache"]):
        (root / "cache" / "x").touch()
        (root / "a.wav").touch()
        wait_for(lambda: log.calls)
    assert log.paths == {tmp_path / "link" / "a.wav"}


def test_reading_is_no_change(root: Path, log: Log) -> None:
    (root / "a.wav").write_bytes(b"1")
    with Watcher([root], log, quiet_s=0.2, polling=False):
        for _ in range(20):
            (root / "a.wav").read_bytes()
            list(root.iterdir())
        (root / "b.wav").touch()
        wait_for(lambda: log.calls)
    assert log.paths == {root / "b.wav"}


@pytest.mark.parametrize("polling", [False, True])
def test_a_folder_that_vanishes_and_comes_back(root: Path, log: Log, tmp_path: Path, polling: bool) -> None:
    (root / "a.wav").touch()
    with Watcher([root], log, quiet_s=QUIET_S, polling=polling) as watcher:
        root.rename(tmp_path / "unplugged")
        wait_for(lambda: root in log.paths)
        log.calls.clear()
        (tmp_path / "unplugged").rename(root)
        wait_for(lambda: root in log.paths or log.rescans)  # the latter if it was away for less than a second
        log.calls.clear()
        (root / "b.wav").touch()
        wait_for(lambda: root / "b.wav" in log.paths)
        assert watcher.folders == {root}


def test_a_folder_may_be_missing_at_first_and_be_added_and_removed(root: Path, log: Log, tmp_path: Path) -> None:
    late, added = tmp_path / "late", tmp_path / "added"
    added.mkdir()
    with Watcher([late], log, quiet_s=QUIET_S, polling=False) as watcher:
        late.mkdir()
        wait_for(lambda: late in log.paths)
        (late / "a.wav").touch()
        watcher.add(added)
        (added / "b.wav").touch()
        wait_for(lambda: log.paths >= {late / "a.wav", added / "b.wav"})
        watcher.remove(added)
        assert watcher.folders == {late}
        (added / "c.wav").touch()
        (late / "c.wav").touch()
        wait_for(lambda: late / "c.wav" in log.paths)
    assert added / "c.wav" not in log.paths
    with pytest.raises(ValueError, match="closed"):
        watcher.add(added)


def sources(watcher: Watcher) -> list[SimpleNamespace]:
    """The observers, and what runs in them."""
    return [SimpleNamespace(observer=root.source._observer) for root in watcher._roots.values() if root.source]


@pytest.mark.parametrize("which", ["emitter", "observer", "reader"])
@linux
def test_a_thread_that_ends_is_replaced_and_everything_looked_at(root: Path, log: Log, which: str) -> None:
    with Watcher([root], log, quiet_s=QUIET_S, polling=False) as watcher:
        observer = sources(watcher)[0].observer
        thread = {"emitter": next(iter(observer.emitters)), "observer": observer, "reader": observer.inotify}[which]
        thread.stop()
        wait_for(lambda: log.rescans)
        (root / "a.wav").touch()
        wait_for(lambda: root / "a.wav" in log.paths)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("polling", [False, True])
def test_a_thread_that_crashes_is_replaced(
    root: Path, log: Log, polling: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with Watcher([root], log, quiet_s=QUIET_S, polling=polling) as watcher:
        emitter = next(iter(sources(watcher)[0].observer.emitters))
        monkeypatch.setattr(emitter, "queue_event", lambda event: 1 / 0)
        (root / "lost.wav").touch()
        wait_for(lambda: log.rescans)
        (root / "a.wav").touch()
        wait_for(lambda: root / "a.wav" in log.paths)
    assert "may have been missed" in caplog.text


@linux
def test_an_overflow_of_the_systems_queue_is_a_rescan(root: Path, log: Log) -> None:
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    if limit > 100_000:
        pytest.skip("the queue is too long to be filled")
    with Watcher([root], log, quiet_s=QUIET_S, polling=False) as watcher:
        with sources(watcher)[0].observer.inotify._lock:  # nobody reads
            for index in range(limit // 3 + 1_000):  # created, closed, attributes
                (root / f"{index}.wav").touch()
                os.utime(root / f"{index}.wav")
        wait_for(lambda: log.rescans)
        (root / "a.wav").touch()
        wait_for(lambda: root / "a.wav" in log.paths)
        assert not watcher.polling


@linux
@pytest.mark.parametrize("where", ["root", "sub", "instance"])
def test_without_watches_a_folder_is_polled(
    root: Path, log: Log, where: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from watchdog.observers import inotify_c

    (root / "sub").mkdir()
    add, init = inotify_c.inotify_add_watch, inotify_c.inotify_init

    def add_watch(descriptor: int, path: bytes, mask: int) -> int:
        if os.fsdecode(path).endswith(where):
            ctypes.set_errno(errno.ENOSPC)
            return -1
        return add(descriptor, path, mask)

    def new_instance() -> int:
        if where == "instance":
            ctypes.set_errno(errno.EMFILE)
            return -1
        return init()

    monkeypatch.setattr(inotify_c, "inotify_add_watch", add_watch)
    monkeypatch.setattr(inotify_c, "inotify_init", new_instance)
    with Watcher([root], log, quiet_s=QUIET_S) as watcher:
        assert watcher.polled == {root}
        assert "fs.inotify.max_user_watches" in caplog.text
        (root / "sub" / "a.wav").touch()
        wait_for(lambda: root / "sub" / "a.wav" in log.paths)


@linux
def test_watches_that_run_out_later(
    root: Path, log: Log, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from watchdog.observers import inotify_c

    with Watcher([root], log, quiet_s=QUIET_S, polling=False) as watcher:

        def add_watch(descriptor: int, path: bytes, mask: int) -> int:
            ctypes.set_errno(errno.ENOSPC)
            return -1

        monkeypatch.setattr(inotify_c, "inotify_add_watch", add_watch)
        (root / "new").mkdir()
        wait_for(lambda: watcher.polled == {root})
        wait_for(lambda: log.rescans)
        (root / "new" / "a.wav").touch()
        wait_for(lambda: root / "new" / "a.wav" in log.paths)
    assert "fs.inotify.max_user_watches" in caplog.text


@pytest.mark.parametrize(
    ("folder", "expected"),
    [("/mnt/nas/sfx", True), ("/mnt/nas", True), ("/mnt/nas2", False), ("/mnt/nas/usb", False), ("/mnt/ssh/x", True)],
)
def test_network_drives_are_told_by_their_file_system(
    folder: str, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = {"/": "ext4", "/mnt/nas": "cifs", "/mnt/nas/usb": "fuseblk", "/mnt/ssh": "fuse.sshfs"}
    mounts = [SimpleNamespace(mountpoint=point, fstype=kind, opts="rw") for point, kind in kinds.items()]
    monkeypatch.setattr(psutil, "disk_partitions", lambda **_: mounts)
    assert on_network(Path(folder)) is expected


def test_a_folder_on_the_network_is_polled(root: Path, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = next(mount.fstype for mount in psutil.disk_partitions(all=True) if mount.mountpoint == "/")
    assert not on_network(root) or kind in disk._NETWORK
    monkeypatch.setattr(
        psutil, "disk_partitions", lambda **_: [SimpleNamespace(mountpoint="/", fstype="nfs4", opts="rw")]
    )
    with Watcher([root], log, quiet_s=QUIET_S) as watcher:
        assert watcher.polling and watcher.polled == {root}
    with Watcher([root], log, quiet_s=QUIET_S, polling=False) as watcher:
        assert not watcher.polling


def test_calls_never_overlap_and_what_happens_meanwhile_is_in_a_later_one(root: Path) -> None:
    paths: list[Path] = []
    running = threading.Lock()
    first = threading.Event()

    def slow(changes: Changes) -> None:
        assert running.acquire(blocking=False)
        paths.extend(changes.paths)
        first.set()
        time.sleep(3 * QUIET_S)
        running.release()

    with Watcher([root], slow, quiet_s=QUIET_S, polling=False):
        (root / "a.wav").touch()
        assert first.wait(WAIT_S)
        (root / "b.wav").touch()
        wait_for(lambda: root / "b.wav" in paths)
    assert sorted(paths) == [root / "a.wav", root / "b.wav"]


def test_a_call_that_fails_is_logged_and_made_up_for(root: Path, log: Log, caplog: pytest.LogCaptureFixture) -> None:
    failures = 2

    def fails_twice(changes: Changes) -> None:
        log(changes)
        if len(log.calls) <= failures:
            raise OSError("disk full")

    with Watcher([root], fails_twice, quiet_s=QUIET_S, polling=False):
        (root / "a.wav").touch()
        wait_for(lambda: len(log.calls) == 3)  # nothing else happens
        (root / "b.wav").touch()
        wait_for(lambda: len(log.calls) == 4)
    assert [changes.rescan for _, changes in log.calls] == [False, True, True, False]
    assert sum(record.exc_info is not None and record.levelno == logging.ERROR for record in caplog.records) == 2


def test_close_waits_for_a_running_call_and_leaves_no_thread(root: Path) -> None:
    started, finish, done = threading.Event(), threading.Event(), threading.Event()

    def slow(changes: Changes) -> None:
        started.set()
        assert finish.wait(WAIT_S)
        done.set()

    before = set(threading.enumerate())
    watcher = Watcher([root], slow, quiet_s=QUIET_S, polling=False)
    names = {thread.name for thread in threading.enumerate() if thread not in before}
    assert len(names) > 1 and all(name.startswith(THREAD_NAME) for name in names)
    (root / "a.wav").touch()
    assert started.wait(WAIT_S)
    closer = threading.Thread(target=watcher.close)
    closer.start()
    closer.join(0.2)
    assert closer.is_alive()
    finish.set()
    closer.join(WAIT_S)
    assert done.is_set() and set(threading.enumerate()) == before
    watcher.close()


def test_close_from_the_callback(root: Path) -> None:
    called = threading.Event()

    def close(changes: Changes) -> None:
        watcher.close()
        called.set()

    watcher = Watcher([root], close, quiet_s=QUIET_S, polling=False)
    (root / "a.wav").touch()
    assert called.wait(WAIT_S)
    watcher.close()


@pytest.mark.parametrize("polling", [False, True])
def test_close_is_prompt(root: Path, log: Log, polling: bool) -> None:
    watcher = Watcher([root], log, quiet_s=WAIT_S, polling=polling)
    (root / "a.wav").touch()
    started_s = time.monotonic()
    watcher.close()
    assert time.monotonic() - started_s < WAIT_S / 2
    assert not log.calls


def test_a_quiet_period_is_needed(root: Path, log: Log) -> None:
    with pytest.raises(ValueError, match="positive"):
        Watcher([root], log, quiet_s=0)
