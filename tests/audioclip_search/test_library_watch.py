"""A library that follows its folders, from the file on the disk to the hit. What is awaited is awaited for a minute."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from known_files import KnownLibrary

from audioclip_search import AudioCLIPSearchError, ModelError, SyncProgress, SyncReport, SyncStage
from audioclip_search.encoder import Encoder
from audioclip_search.storage import IndexStore
from audioclip_search.watching import Watch

WAIT_S = 60.0
QUIET_S = 0.3


class Watching:
    """A watched library, and what its watch told."""

    def __init__(self, known: KnownLibrary, **options: object) -> None:
        self.known = known
        self.reports: list[SyncReport] = []
        self.errors: list[AudioCLIPSearchError] = []
        self.watch: Watch = known.library.watch(
            on_sync=self.reports.append, on_error=self.errors.append, quiet_s=QUIET_S, **options
        )

    def __enter__(self) -> Watching:
        return self

    def __exit__(self, *_: object) -> None:
        self.watch.close()

    def until_knows(self, *paths: str) -> None:
        wait_for(lambda: IndexStore.exists(self.known.index) and self.known.stored().keys() == set(paths))

    def finds(self, text: str) -> str:
        hits = self.known.library.query(text=text, k=1, min_score=0, ranking="vector")
        return hits[0].path.relative_to(self.known.root).as_posix() if hits and hits[0].cosine > 0.999 else ""


def wait_for(condition: Callable[[], object]) -> None:
    end_s = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end_s, "waited in vain"
        time.sleep(0.01)


@pytest.fixture
def known(tmp_path: Path, tiny_encoder: Encoder) -> Iterator[KnownLibrary]:
    root = tmp_path / "library"
    root.mkdir()
    with KnownLibrary(root, tiny_encoder) as known:
        known.write("first.txt", "what was there before")
        yield known


@pytest.fixture
def watching(known: KnownLibrary) -> Iterator[Watching]:
    with Watching(known) as watching:
        watching.until_knows("first.txt")
        yield watching


def test_a_file_that_is_copied_in_is_found(watching: Watching, tmp_path: Path) -> None:
    assert watching.finds("what was there before") == "first.txt"
    (tmp_path / "copy me.txt").write_text("a dog barks at the moon")
    shutil.copy(tmp_path / "copy me.txt", watching.known.root / "second.txt")
    copied_s = time.monotonic()
    wait_for(lambda: watching.finds("a dog barks at the moon") == "second.txt")
    assert time.monotonic() - copied_s >= QUIET_S
    wait_for(lambda: [report.added for report in watching.reports] == [1, 1])
    assert watching.errors == []


def test_renamed_copied_and_deleted_files(watching: Watching) -> None:
    known = watching.known
    known.note("first.txt", "mine", rating=3)
    embedded = known.encoder.embedded
    (known.root / "sub").mkdir()
    (known.root / "first.txt").rename(known.root / "sub" / "renamed.txt")
    watching.until_knows("sub/renamed.txt")
    (known.root / "sub").rename(known.root / "folder")
    watching.until_knows("folder/renamed.txt")
    shutil.copy(known.root / "folder" / "renamed.txt", known.root / "copy.txt")
    watching.until_knows("folder/renamed.txt", "copy.txt")
    assert known.encoder.embedded == embedded
    assert known.notes() == dict.fromkeys(("folder/renamed.txt", "copy.txt"), (("mine",), 3))
    shutil.rmtree(known.root / "folder")
    watching.until_knows("copy.txt")
    (known.root / "copy.txt").unlink()
    watching.until_knows()
    known.assert_right()


def test_a_file_that_is_being_written_waits(watching: Watching) -> None:
    slow = watching.known.root / "slow.txt"
    with slow.open("w") as file:
        watching.known.write("quick.txt")
        while "quick.txt" not in watching.known.stored():
            file.write("words ")
            file.flush()
            time.sleep(QUIET_S / 10)
        assert "slow.txt" not in watching.known.stored()
        file.write("and the end")
    watching.until_knows("first.txt", "quick.txt", "slow.txt")
    wait_for(lambda: sum(report.added for report in watching.reports) == 3)
    assert all(report.updated == 0 for report in watching.reports)
    watching.known.assert_right()


def test_an_ignore_file_counts_when_it_changes(watching: Watching) -> None:
    known = watching.known
    for path in ("a/1.txt", "a/2.txt"):
        known.write(path)
    watching.until_knows("first.txt", "a/1.txt", "a/2.txt")
    (known.root / "a" / ".audioclipignore").write_text("1.*\n")
    watching.until_knows("first.txt", "a/2.txt")
    (known.root / "a" / ".audioclipignore").write_text("2.*\n")
    watching.until_knows("first.txt", "a/1.txt")
    (known.root / "a" / ".audioclipignore").unlink()
    watching.until_knows("first.txt", "a/1.txt", "a/2.txt")
    assert watching.errors == []


@pytest.mark.parametrize("leaves_a_folder", [False, True])
@pytest.mark.parametrize("polling", [False, True])
def test_a_folder_that_is_unplugged_and_back(
    known: KnownLibrary, tmp_path: Path, leaves_a_folder: bool, polling: bool
) -> None:
    drive = tmp_path / "drive"
    drive.mkdir()
    (drive / "a.txt").write_text("on the drive")
    known.library.add_folder(drive)
    with Watching(known, polling=polling) as watching:
        watching.until_knows("first.txt", f"{drive}/a.txt")
        known.note(str(drive / "a.txt"), "mine")
        drive.rename(tmp_path / "unplugged")
        if leaves_a_folder:
            drive.mkdir()
        known.write("meanwhile.txt")
        watching.until_knows("first.txt", f"{drive}/a.txt", "meanwhile.txt")
        (tmp_path / "unplugged" / "b.txt").write_text("written elsewhere")
        if leaves_a_folder:
            drive.rmdir()
        (tmp_path / "unplugged").rename(drive)
        watching.until_knows("first.txt", f"{drive}/a.txt", f"{drive}/b.txt", "meanwhile.txt")
        (drive / "c.txt").write_text("it is watched again")
        wait_for(lambda: f"{drive}/c.txt" in known.stored())
        assert watching.errors == []
    assert sum(report.removed for report in watching.reports) == 0
    assert known.tags() == {f"{drive}/a.txt": "mine"}
    known.assert_right()


def test_a_root_that_is_unplugged_with_its_index_elsewhere(tmp_path: Path, tiny_encoder: Encoder) -> None:
    root = tmp_path / "root"
    root.mkdir()
    with KnownLibrary(root, tiny_encoder, index=tmp_path / "index") as known:
        known.write("a.txt")
        with Watching(known) as watching:
            watching.until_knows("a.txt")
            root.rename(tmp_path / "unplugged")
            root.mkdir()
            wait_for(lambda: watching.errors)
            assert "is the drive mounted" in str(watching.errors[0])
            root.rmdir()
            (tmp_path / "unplugged" / "b.txt").write_text("b")
            (tmp_path / "unplugged").rename(root)
            watching.until_knows("a.txt", "b.txt")
        assert sum(report.removed for report in watching.reports) == 0
        known.assert_right()


@pytest.mark.parametrize("at_the_start", [True, False])
def test_what_failed_is_caught_up_with(known: KnownLibrary, at_the_start: bool) -> None:
    """Whether something changes later or not."""

    def fail(texts: list[str]) -> None:
        raise ModelError("out of order")

    encode = known.encoder.encode_texts
    if not at_the_start:
        known.sync()
    known.encoder.encode_texts = encode if not at_the_start else fail
    with Watching(known) as watching:
        if not at_the_start:
            known.encoder.encode_texts = fail
            known.write("second.txt")
        wait_for(lambda: watching.errors)
        assert isinstance(watching.errors[0], ModelError)
        known.encoder.encode_texts = encode
        if at_the_start:
            known.write("second.txt")
        watching.until_knows("first.txt", "second.txt")
    known.assert_right()


def test_a_first_sync_that_failed_is_tried_again_without_any_change(known: KnownLibrary) -> None:
    encode, calls = known.encoder.encode_texts, list[int]()

    def fail_twice(texts: list[str]) -> object:
        calls.append(len(texts))
        if len(calls) < 3:
            raise ModelError("out of order")
        return encode(texts)

    known.encoder.encode_texts = fail_twice
    with Watching(known) as watching:
        watching.until_knows("first.txt")
        assert len(watching.errors) == 2
    known.assert_right()


def test_closing_stops_a_sync_under_way(known: KnownLibrary) -> None:
    """After the batch in hand, not after the other two hundred files."""
    known.sync()
    for number in range(200):
        known.write(f"{number}.txt")
    reached, go_on = threading.Event(), threading.Event()

    def hold(progress: SyncProgress) -> None:
        if progress.stage is SyncStage.EMBED and progress.done >= 4:
            reached.set()
            assert go_on.wait(WAIT_S)

    with Watching(known, on_progress=hold) as watching:
        assert reached.wait(WAIT_S)
        closing = threading.Thread(target=watching.watch.close)
        closing.start()
        go_on.set()
        closing.join(WAIT_S)
        assert not closing.is_alive()
        watching.watch.close()  # does nothing
    assert len(known.stored()) < 201
    assert watching.errors == []
    assert known.sync().cancelled is False
    known.assert_right()


@pytest.mark.parametrize("callback", ["on_sync", "on_progress"])
@pytest.mark.parametrize("first", [True, False])
def test_closing_from_its_own_callbacks(known: KnownLibrary, callback: str, first: bool) -> None:
    closed, armed = threading.Event(), threading.Event()
    holder: list[Watch] = []

    def close(_: object) -> None:
        if armed.is_set():
            wait_for(lambda: holder)
            holder[0].close()
            closed.set()

    if first:
        armed.set()
    watch = known.library.watch(quiet_s=QUIET_S, **{callback: close})
    holder.append(watch)
    if not first:
        wait_for(lambda: IndexStore.exists(known.index) and known.stored())
        armed.set()
        known.write("second.txt")
    assert closed.wait(WAIT_S)
    watch.close()


def test_a_watch_that_is_closed_at_once(known: KnownLibrary) -> None:
    for _ in range(3):
        known.library.watch(quiet_s=QUIET_S).close()
    names = [thread.name for thread in threading.enumerate()]
    assert not any(name.startswith("audioclip-search") for name in names)
