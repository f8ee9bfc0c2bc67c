"""A sync understands what happened to files: what moved keeps its vectors, tags and rating, and is not embedded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from known_files import KnownLibrary

from audioclip_search import SyncReport
from audioclip_search.encoder import Encoder

MakeFile = Callable[..., Path]
BROKEN = b"RIFF" + bytes(40)


@pytest.fixture
def known(tmp_path: Path, tiny_encoder: Encoder) -> Iterator[KnownLibrary]:
    root = tmp_path / "library"
    root.mkdir()
    with KnownLibrary(root, tiny_encoder) as known:
        yield known


def touch(file: Path) -> None:
    """Give it another time."""
    stamp = file.stat()
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns + 10**9))


def test_new_changed_touched_and_deleted_files(known: KnownLibrary, make_sound: MakeFile) -> None:
    for seed, name in enumerate(("same", "changed", "touched", "deleted")):
        known.write(f"{name}.txt")
        make_sound(known.root / f"{name}.wav", seed=seed, duration_s=4.5)
    assert known.sync() == SyncReport(added=8, windows=4 + 4 * 4)
    for name in ("changed.txt", "touched.wav", "deleted.txt"):
        known.note(name, name, rating=4)
    known.write("changed.txt", "something else")
    make_sound(known.root / "changed.wav", seed=99, duration_s=1.0)
    for suffix in ("txt", "wav"):
        touch(known.root / f"touched.{suffix}")
        (known.root / f"deleted.{suffix}").unlink()
    known.write("new.txt")
    assert known.sync() == SyncReport(added=1, updated=2, touched=2, removed=2, unchanged=2, windows=3)
    assert known.encoder.embedded == 3
    assert known.notes() == {"changed.txt": (("changed.txt",), 4), "touched.wav": (("touched.wav",), 4)}
    known.assert_right()


def test_what_was_only_touched_needs_no_model(known: KnownLibrary) -> None:
    touch_me = known.write("a.txt")
    known.sync()
    touch(touch_me)
    assert known.sync() == SyncReport(touched=1)
    assert known.encoder.needed == 0
    known.assert_right()


def test_moved_and_renamed_files_keep_everything(known: KnownLibrary, make_sound: MakeFile) -> None:
    make_sound(known.root / "long.wav", seed=1, duration_s=6.5)
    known.write("a.txt")
    known.write("b.txt")
    known.sync()
    ids = {path: file.file_id for path, file in known.stored().items()}
    known.note("long.wav", "long", "sound", rating=5)
    known.note("b.txt", "bee")
    (known.root / "deep" / "er").mkdir(parents=True)
    (known.root / "long.wav").rename(known.root / "deep" / "er" / "long.wav")
    (known.root / "b.txt").rename(known.root / "B with another name.txt")
    assert known.sync() == SyncReport(moved=2, unchanged=1)
    assert known.encoder.needed == 0
    assert known.notes() == {"deep/er/long.wav": (("long", "sound"), 5), "B with another name.txt": (("bee",), 0)}
    assert known.stored()["deep/er/long.wav"].file_id == ids["long.wav"]
    known.assert_right()


def test_a_file_that_moved_and_changed_in_time_too(known: KnownLibrary) -> None:
    file = known.write("a.txt")
    known.sync()
    known.note("a.txt", "mine")
    touch(file)
    file.rename(known.root / "b.md")  # another suffix, the same modality
    assert known.sync() == SyncReport(moved=1)
    assert known.tags() == {"b.md": "mine"}
    known.assert_right()


def test_a_renamed_folder_with_duplicates_in_it(known: KnownLibrary) -> None:
    copies = ["kick.txt", "soft/kick.txt", "soft/snare.txt", "hard/kick.txt", "hard/deep/kick.txt"]
    for path in copies:
        known.write(f"old/{path}", "one and the same")
    known.write("old/other.txt")
    assert known.sync() == SyncReport(added=2, copied=4, windows=2)
    assert known.encoder.embedded == 2
    for path in (*copies, "other.txt"):
        known.note(f"old/{path}", path)
    (known.root / "old").rename(known.root / "new")
    assert known.sync() == SyncReport(moved=6)
    assert known.encoder.needed == 0
    assert known.tags() == {f"new/{path}": path for path in (*copies, "other.txt")}
    known.assert_right()


def test_files_that_move_across_the_librarys_folders(known: KnownLibrary, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for folder in (known.root, other):
        (folder / "same name.txt").write_text(f"in {folder.name}")
    (other / "stays.txt").write_text("stays")
    known.library.add_folder(other)
    assert known.sync() == SyncReport(added=3, windows=3)
    known.note("same name.txt", "library")
    known.note(str(other / "same name.txt"), "other")
    (known.root / "same name.txt").rename(tmp_path / "aside.txt")
    (other / "same name.txt").rename(known.root / "same name.txt")
    (tmp_path / "aside.txt").rename(other / "same name.txt")
    assert known.sync() == SyncReport(updated=2, unchanged=1)
    assert known.encoder.needed == 0
    assert known.tags() == {"same name.txt": "other", f"{other}/same name.txt": "library"}
    known.assert_right()
    (other / "same name.txt").rename(known.root / "both here.txt")
    assert known.sync() == SyncReport(moved=1, unchanged=2)
    assert known.tags() == {"same name.txt": "other", "both here.txt": "library"}
    known.assert_right()


def test_a_copy_is_a_file_of_its_own_that_starts_with_the_same(known: KnownLibrary, make_sound: MakeFile) -> None:
    sound = make_sound(known.root / "a.wav", seed=1, duration_s=4.5)
    known.sync()
    known.note("a.wav", "first", rating=3)
    shutil.copy(sound, known.root / "b.wav")
    shutil.copy(sound, known.root / "c.wav")
    assert known.sync() == SyncReport(copied=2, unchanged=1)
    assert known.encoder.needed == 0
    assert known.notes() == {f"{name}.wav": (("first",), 3) for name in "abc"}
    known.note("b.wav", "second")
    assert known.tags() == {"a.wav": "first", "b.wav": "first second", "c.wav": "first"}
    sound.unlink()
    assert known.sync() == SyncReport(removed=1, unchanged=2)
    known.assert_right()


def test_a_file_replaced_by_a_folder_and_a_folder_by_a_file(known: KnownLibrary) -> None:
    known.write("a.txt", "alpha")
    known.write("b.txt/inner.txt", "beta")
    known.sync()
    known.note("a.txt", "a")
    known.note("b.txt/inner.txt", "b")
    (known.root / "a.txt").unlink()
    known.write("a.txt/inner.txt", "alpha")
    shutil.rmtree(known.root / "b.txt")
    known.write("b.txt", "beta")
    assert known.sync() == SyncReport(moved=2)
    assert known.encoder.needed == 0
    assert known.tags() == {"a.txt/inner.txt": "a", "b.txt": "b"}
    known.assert_right()


def test_files_replaced_by_links(known: KnownLibrary, tmp_path: Path) -> None:
    known.write("a.txt", "alpha").rename(tmp_path / "outside.txt")
    (tmp_path / "outside.txt").rename(known.write("a.txt"))
    known.write("b.txt", "beta")
    known.sync()
    known.note("a.txt", "a")
    known.note("b.txt", "b")
    (known.root / "a.txt").rename(tmp_path / "outside.txt")
    (known.root / "a.txt").symlink_to(tmp_path / "outside.txt")  # the same file as far as anybody can tell
    (known.root / "b.txt").unlink()
    (known.root / "b.txt").symlink_to(tmp_path / "outside.txt")
    assert known.sync() == SyncReport(updated=1, unchanged=1)
    assert known.encoder.needed == 0
    assert set(known.tags()) == {"a.txt", "b.txt"}
    known.assert_right()
    (tmp_path / "outside.txt").unlink()  # broken links may have led to a drive
    assert known.sync() == SyncReport(offline=2)
    assert set(known.tags()) == {"a.txt", "b.txt"}


def test_two_files_that_swapped_names(known: KnownLibrary, make_sound: MakeFile) -> None:
    make_sound(known.root / "long.wav", seed=1, duration_s=6.5)
    make_sound(known.root / "short.wav", seed=2)
    known.sync()
    known.note("long.wav", "is long", rating=1)
    known.note("short.wav", "is short", rating=2)
    (known.root / "long.wav").rename(known.root / "aside")
    (known.root / "short.wav").rename(known.root / "long.wav")
    (known.root / "aside").rename(known.root / "short.wav")
    assert known.sync() == SyncReport(updated=2)
    assert known.encoder.needed == 0
    assert known.notes() == {"long.wav": (("is short",), 2), "short.wav": (("is long",), 1)}
    known.assert_right()


@pytest.mark.parametrize("with_new_first", [False, True])
def test_numbered_takes_that_all_moved_up_by_one(known: KnownLibrary, with_new_first: bool) -> None:
    for number in (1, 2, 3):
        known.write(f"take {number}.txt", f"content {number}")
    known.sync()
    for number in (1, 2, 3):
        known.note(f"take {number}.txt", f"tag {number}")
    for number in (3, 2, 1):
        (known.root / f"take {number}.txt").rename(known.root / f"take {number + 1}.txt")
    if with_new_first:
        known.write("take 1.txt", "an altogether new one")
    report = known.sync()
    assert (report.failures, report.windows, known.encoder.embedded) == ((), with_new_first, with_new_first)
    assert report.unchanged == 0
    moved = {f"take {number + 1}.txt": f"tag {number}" for number in (1, 2, 3)}
    tags = known.tags()
    assert {path: tags[path] for path in moved} == moved
    known.assert_right()


def test_duplicates_among_new_files_are_embedded_once(known: KnownLibrary, make_sound: MakeFile) -> None:
    sound = make_sound(known.root / "0.wav", seed=1, duration_s=4.5)
    for number in range(1, 20):
        shutil.copy(sound, known.root / f"{number}.wav")
    assert known.sync() == SyncReport(added=1, copied=19, windows=4)
    assert known.encoder.embedded == 4
    assert len({file.file_id for file in known.stored().values()}) == 20
    known.assert_right()


def test_a_changed_file_that_now_is_what_another_was(known: KnownLibrary) -> None:
    known.write("a.txt", "alpha")
    known.write("b.txt", "beta")
    known.sync()
    known.note("b.txt", "b")
    known.write("a.txt", "beta")  # b's old content, and b has a new one
    known.write("b.txt", "gamma")
    assert known.sync() == SyncReport(updated=2, windows=1)
    assert known.encoder.embedded == 1
    known.assert_right()


def test_broken_files_that_are_copied_or_moved_fail_without_the_model(known: KnownLibrary) -> None:
    for name in ("a", "b"):
        (known.root / f"{name}.wav").write_bytes(BROKEN + name.encode())
    first = known.sync()
    assert [failure.path for failure in first.failures] == ["a.wav", "b.wav"]
    known.note("a.wav", "broken")
    (known.root / "a.wav").rename(known.root / "moved.wav")
    shutil.copy(known.root / "b.wav", known.root / "copied.wav")
    report = known.sync()
    assert (report.moved, report.unchanged, len(report.failures)) == (1, 1, 1)
    assert report.failures[0].path == "copied.wav"
    assert report.failures[0].reason == first.failures[1].reason
    assert known.encoder.needed == 0
    assert known.tags() == {"moved.wav": "broken"}
    known.assert_right(failed=["b.wav", "moved.wav", "copied.wav"])


def test_broken_duplicates_among_new_files_all_fail(known: KnownLibrary) -> None:
    for number in range(5):
        (known.root / f"{number}.wav").write_bytes(BROKEN)
    report = known.sync()
    assert (len(report.failures), report.copied) == (5, 0)
    assert len({failure.reason for failure in report.failures}) == 1
    known.assert_right(failed=[f"{number}.wav" for number in range(5)])


def test_a_mended_file_and_one_that_broke(known: KnownLibrary, make_sound: MakeFile) -> None:
    good = make_sound(known.root / "good.wav", seed=1)
    (known.root / "bad.wav").write_bytes(BROKEN)
    known.sync()
    known.note("good.wav", "good")
    known.note("bad.wav", "bad")
    content = good.read_bytes()
    good.write_bytes(BROKEN)
    (known.root / "bad.wav").write_bytes(content)
    report = known.sync()
    assert (report.updated, [failure.path for failure in report.failures]) == (1, ["good.wav"])
    assert known.encoder.needed == 0
    known.assert_right(failed=["good.wav"])
    assert set(known.tags()) == {"good.wav", "bad.wav"}


def test_a_new_duplicate_does_not_take_what_belongs_to_a_renamed_one(known: KnownLibrary) -> None:
    for name in ("x", "y"):
        known.write(f"old/{name}.txt", "one and the same")
    known.sync()
    for name in ("x", "y"):
        known.note(f"old/{name}.txt", name)
    (known.root / "old").rename(known.root / "new")
    known.write("new/a copy.txt", "one and the same")  # comes first in the order of names
    assert known.sync() == SyncReport(moved=2, copied=1)
    tags = known.tags()
    assert (tags["new/x.txt"], tags["new/y.txt"]) == ("x", "y")
    known.assert_right()
