"""The folders of a library: added, taken out, unplugged, moved; and what belongs to them."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from known_files import CountingEncoder, KnownLibrary

from audioclip_search import Field, Library, MediaError, OneOf, QueryError, StorageError, SyncReport
from audioclip_search.encoder import Encoder
from audioclip_search.types import ModelIdentity, ScanRules

NAMES = ("a.txt", "sub/b.txt")


@pytest.fixture
def known(tmp_path: Path, tiny_encoder: Encoder) -> Iterator[KnownLibrary]:
    root = tmp_path / "library"
    root.mkdir()
    with KnownLibrary(root, tiny_encoder) as known:
        yield known


@pytest.fixture
def beside(tmp_path: Path, tiny_encoder: Encoder) -> Iterator[KnownLibrary]:
    """One whose index is not in its folder."""
    root = tmp_path / "beside"
    root.mkdir()
    with KnownLibrary(root, tiny_encoder, index=tmp_path / "index") as known:
        fill(root)
        yield known


@pytest.fixture
def other(tmp_path: Path) -> Path:
    return fill(tmp_path / "other")


def fill(folder: Path) -> Path:
    for name in NAMES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{folder.name} {name}")
    return folder


def empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def test_folders_with_the_same_names_in_them(known: KnownLibrary, other: Path) -> None:
    fill(known.root)
    known.library.add_folder(other)
    assert known.library.folders == (known.root, other)
    assert known.sync() == SyncReport(added=4, windows=4)
    assert known.stored().keys() == {*NAMES, *(f"{other}/{name}" for name in NAMES)}
    hit = known.library.query(text="other a.txt", k=1, min_score=0)[0]
    assert (hit.path, hit.offline) == (other / "a.txt", False)
    assert known.library.similar(other / "a.txt", k=9) != known.library.similar("a.txt", k=9)
    assert known.library.info().folders == (known.root, other)
    assert {file.path for file in known.library.files()} == {base / n for base in (known.root, other) for n in NAMES}
    known.assert_right()
    with KnownLibrary(known.root, known.encoder.encoder) as again:  # the index remembers
        assert again.library.folders == (known.root, other)


def test_what_meets_filters_is_told_by_absolute_paths(known: KnownLibrary, other: Path) -> None:
    fill(known.root)
    known.library.add_folder(other)
    known.sync()
    assert known.library.matching() == sorted(str(base / name) for base in (known.root, other) for name in NAMES)
    named = [str(base / "a.txt") for base in (known.root, other)]
    assert sorted(known.library.matching("name:a.txt kind:text")) == sorted(named)
    assert known.library.matching([OneOf(Field.EXTENSION, ("wav",))]) == []
    with pytest.raises(QueryError, match="something else"):
        known.library.matching("door ext:wav")


def test_removing_a_folder_forgets_its_files(known: KnownLibrary, other: Path) -> None:
    fill(known.root)
    known.library.add_folder(other)
    known.sync()
    known.library.remove_folder(other)
    assert known.library.folders == (known.root,)
    assert known.stored().keys() == set(NAMES)
    known.assert_right()


def test_folders_that_are_refused(known: KnownLibrary, other: Path, tmp_path: Path) -> None:
    fill(known.root)
    library = known.library
    library.add_folder(other)
    for folder in (known.root, known.root / "sub", other, other / "sub"):
        with pytest.raises(StorageError, match="belongs to the library already, by its folder"):
            library.add_folder(folder)
    with pytest.raises(StorageError, match="is in it"):
        library.add_folder(tmp_path)
    (tmp_path / "link").symlink_to(other / "sub")
    with pytest.raises(StorageError, match="belongs to the library already"):
        library.add_folder(tmp_path / "link")
    for nothing in (tmp_path / "nothing", other / "a.txt"):
        with pytest.raises(MediaError, match="no such folder"):
            library.add_folder(nothing)
    for stranger in (known.root, tmp_path, other / "sub"):
        with pytest.raises(StorageError, match=r"none of the library's other folders.*They are"):
            library.remove_folder(stranger)
    assert library.folders == (known.root, other)


def test_a_root_that_is_missing_is_not_made_for_a_setting(tmp_path: Path, other: Path, tiny_encoder: Encoder) -> None:
    with Library(tmp_path / "missing", model=tiny_encoder) as library:
        with pytest.raises(MediaError):
            library.add_folder(other)
        with pytest.raises(MediaError):
            library.set_rules(ScanRules(hidden=True))
    assert not (tmp_path / "missing").exists()


def test_an_unplugged_folder_keeps_its_files(known: KnownLibrary, other: Path, tmp_path: Path) -> None:
    fill(known.root)
    known.library.add_folder(other)
    known.sync()
    known.note(str(other / "a.txt"), "mine", rating=2)
    other.rename(tmp_path / "unplugged")
    known.write("new.txt")
    assert known.sync() == SyncReport(added=1, unchanged=2, offline=2, windows=1)
    assert known.library.info().offline == 2
    hits = {hit.path: hit for hit in known.library.query(text="other a.txt", min_score=0)}
    assert (hits[other / "a.txt"].offline, hits[known.root / "a.txt"].offline) == (True, False)
    assert {file.path for file in known.library.files() if file.offline} == {other / name for name in NAMES}
    known.assert_right(offline=[f"{other}/{name}" for name in NAMES])
    (tmp_path / "unplugged").rename(other)
    assert known.sync() == SyncReport(unchanged=5)
    assert known.notes() == {f"{other}/a.txt": (("mine",), 2)}
    known.assert_right()


def test_an_unplugged_root_keeps_its_files_while_others_are_synced(
    beside: KnownLibrary, other: Path, tmp_path: Path
) -> None:
    beside.library.add_folder(other)
    assert beside.sync().added == 4
    beside.root.rename(tmp_path / "unplugged")
    (other / "a.txt").write_text("changed")
    assert beside.sync() == SyncReport(updated=1, unchanged=1, offline=2, windows=1)
    other.rename(tmp_path / "also unplugged")
    with pytest.raises(MediaError):
        beside.sync()
    assert len(beside.stored()) == 4
    (tmp_path / "unplugged").rename(beside.root)
    (tmp_path / "also unplugged").rename(other)
    beside.assert_right()


@pytest.mark.parametrize("partly", [False, True])
def test_an_empty_folder_is_one_whose_drive_is_unplugged(beside: KnownLibrary, other: Path, partly: bool) -> None:
    """Whether all is looked at, or, as a watch does, that folder."""
    beside.library.add_folder(other)
    beside.sync()
    for folder in (other, beside.root):
        content = folder.rename(folder.with_name("aside"))
        folder.mkdir()
        assert beside.sync(paths=[folder] if partly else None) == SyncReport(unchanged=0 if partly else 2, offline=2)
        folder.rmdir()
        content.rename(folder)
        beside.assert_right()


def test_a_root_that_is_empty_is_not_forgotten_place_by_place(beside: KnownLibrary) -> None:
    beside.sync()
    empty(beside.root)
    with pytest.raises(MediaError, match="is the drive mounted"):
        beside.sync(paths=[beside.root])
    with pytest.raises(MediaError, match="is the drive mounted"):
        beside.sync(paths=["a.txt"])
    assert len(beside.stored()) == 2


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount")
@pytest.mark.parametrize("partly", [False, True])
def test_a_mount_point_inside_a_folder(known: KnownLibrary, partly: bool) -> None:
    fill(known.root)
    mount = known.root / "drive"
    mount.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "none", mount], check=False, capture_output=True).returncode:
        pytest.skip("no tmpfs can be mounted here")
    try:
        fill(mount)
        assert known.sync().added == 4
        known.note("drive/a.txt", "mine")
    finally:
        subprocess.run(["umount", mount], check=True)
    assert list(mount.iterdir()) == []
    assert known.sync(paths=["drive"] if partly else None) == SyncReport(unchanged=0 if partly else 2, offline=2)
    assert known.tags() == {"drive/a.txt": "mine"}
    fill(mount)  # the drive's files are on this one now
    assert known.sync() == SyncReport(unchanged=2, touched=2)


def test_a_library_that_moves_together_with_its_index(known: KnownLibrary, tmp_path: Path) -> None:
    fill(known.root)
    known.sync()
    known.note("a.txt", "mine")
    known.library.close()
    known.root.rename(tmp_path / "elsewhere")
    with KnownLibrary(tmp_path / "elsewhere", known.encoder.encoder) as moved:
        assert moved.sync() == SyncReport(unchanged=2)
        assert moved.encoder.needed == 0
        assert moved.tags() == {"a.txt": "mine"}


def test_a_library_that_moves_away_from_its_index(beside: KnownLibrary, tmp_path: Path) -> None:
    beside.sync()
    beside.library.close()
    beside.root.rename(tmp_path / "elsewhere")
    with KnownLibrary(tmp_path / "elsewhere", beside.encoder.encoder, index=beside.index) as moved:
        assert moved.sync() == SyncReport(unchanged=2)
        moved.assert_right()
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "c.txt").write_text("c")
    with KnownLibrary(tmp_path / "wrong", beside.encoder.encoder, index=beside.index) as wrong:
        for options in ({}, {"paths": ["c.txt"]}, {"paths": [""]}, {"reembed": True}):
            with pytest.raises(
                MediaError, match=r"hardly any, of the files that its index knows; they were in .*elsewhere"
            ):
                wrong.sync(**options)
        assert wrong.stored().keys() == set(NAMES)


def test_relocating_a_folder(known: KnownLibrary, other: Path, tmp_path: Path) -> None:
    fill(known.root)
    library = known.library
    library.add_folder(other)
    known.sync()
    known.note(str(other / "sub/b.txt"), "mine")
    new = tmp_path / "new place"
    with pytest.raises(MediaError, match="no such folder"):
        library.relocate(other, new)
    new.mkdir()
    with pytest.raises(MediaError, match="has none of the files that were in"):
        library.relocate(other, new)
    with pytest.raises(StorageError, match="belongs to the library already"):
        library.relocate(other, known.root / "sub")
    with pytest.raises(StorageError, match="none of the library's other folders"):
        library.relocate(known.root, new)
    new.rmdir()
    other.rename(new)
    assert library.relocate(other, new) == 2
    assert library.folders == (known.root, new)
    assert known.tags() == {f"{new}/sub/b.txt": "mine"}
    assert known.sync() == SyncReport(unchanged=4)
    known.assert_right()


def test_forgetting_and_annotating(known: KnownLibrary, other: Path, tmp_path: Path) -> None:
    fill(known.root)
    library = known.library
    for unindexed in (lambda: library.forget(["a.txt"]), lambda: library.annotate(["a.txt"], add=["x"])):
        with pytest.raises(StorageError, match="not indexed yet"):
            unindexed()
    library.add_folder(other)
    known.sync()
    assert library.annotate(["a.txt", known.root / "sub" / "b.txt", "unknown.txt"], add=[" x ", "x", "Y"]) == 2
    assert library.annotate(["a.txt"], add=["X"], remove=["y", "never"], rating=5) == 1
    assert known.notes() == {"a.txt": (("X",), 5), "sub/b.txt": (("x", "Y"), 0)}
    for wrong in ({"add": [" "]}, {"rating": 6}, {"rating": -1}):
        with pytest.raises(QueryError):
            library.annotate(["a.txt"], **wrong)
    for stranger in (library.forget, library.annotate):
        with pytest.raises(QueryError, match="not in this library"):
            stranger([tmp_path / "elsewhere.txt"])
    assert library.forget(["sub", other / "a.txt", "unknown"]) == 2
    assert known.stored().keys() == {"a.txt", f"{other}/sub/b.txt"}
    assert known.sync() == SyncReport(added=2, unchanged=2, windows=2)
    assert library.forget([known.root]) == 2
    assert known.stored().keys() == {f"{other}/{name}" for name in NAMES}


def test_embedding_again_while_a_folder_is_offline(known: KnownLibrary, other: Path, tmp_path: Path) -> None:
    fill(known.root)
    known.library.add_folder(other)
    known.sync()
    for path in ("a.txt", str(other / "a.txt")):
        known.note(path, "mine", rating=1)
    other.rename(tmp_path / "unplugged")
    new_model = CountingEncoder(known.encoder.encoder)
    new_model.identity = ModelIdentity("another", "0" * 64, 1)
    with Library(known.root, model=new_model) as library:
        assert library.sync(reembed=True).added == 2
        assert library.folders == (known.root, other)
        assert known.stored().keys() == {*NAMES, *(f"{other}/{name}" for name in NAMES)}
        assert library.info().model == new_model.identity
        assert len(library.query(text="a", min_score=0)) == 2
        (tmp_path / "unplugged").rename(other)
        report = library.sync()
        assert (report.updated, report.unchanged, report.failures) == (2, 2, ())
        assert len(library.query(text="a", min_score=0)) == 4
    assert known.tags() == {"a.txt": "mine", f"{other}/a.txt": "mine"}


def test_embedding_again_is_for_all_files_or_none(known: KnownLibrary) -> None:
    fill(known.root)
    known.sync()
    with pytest.raises(ValueError, match="reembed"):
        known.library.sync(reembed=True, paths=["a.txt"])
    known.assert_right()


def test_rules_and_ignore_files(known: KnownLibrary) -> None:
    fill(known.root)
    known.write("big.txt", "x" * 500)
    known.write(".hidden/c.txt")
    assert known.sync().added == 3
    (known.root / ".audioclipignore").write_text("sub/\n")
    assert known.sync() == SyncReport(removed=1, unchanged=2)
    (known.root / ".audioclipignore").unlink()
    assert known.sync() == SyncReport(added=1, unchanged=2, windows=1)
    rules = ScanRules(ignore=("a.*",), hidden=True, max_bytes=100)
    known.library.set_rules(rules)
    assert known.library.rules == rules
    assert known.sync() == SyncReport(added=1, removed=2, unchanged=1, windows=1)
    assert known.stored().keys() == {".hidden/c.txt", "sub/b.txt"}
    known.assert_right()
    with pytest.raises(QueryError, match="the patterns can't be used"):
        known.library.set_rules(ScanRules(ignore=("a/\\",)))
    known.library.set_rules(ScanRules())
    assert known.sync() == SyncReport(added=2, removed=1, unchanged=1, windows=2)


def test_a_sync_of_some_places_leaves_the_others_alone(known: KnownLibrary, other: Path, tmp_path: Path) -> None:
    fill(known.root)
    known.library.add_folder(other)
    known.sync()
    known.note("a.txt", "mine")
    for folder in (known.root, other):
        (folder / "sub" / "b.txt").write_text(f"changed in {folder.name}")
        (folder / "new.txt").write_text(f"new in {folder.name}")
    (known.root / "a.txt").rename(known.root / "sub" / "moved.txt")
    assert known.sync(paths=["sub", "a.txt"]) == SyncReport(moved=1, updated=1, windows=1)
    assert known.tags() == {"sub/moved.txt": "mine"}
    assert known.sync(paths=["nothing here", other / "sub" / "b.txt"]) == SyncReport(updated=1, windows=1)
    assert known.sync(paths=[]) == SyncReport()
    with pytest.raises(QueryError, match="not in this library"):
        known.sync(paths=[tmp_path])
    assert known.sync() == SyncReport(added=2, unchanged=4, windows=2)
    known.assert_right()


def test_folders_that_are_added_at_once_are_all_there(known: KnownLibrary, tmp_path: Path) -> None:
    known.sync()
    others = [tmp_path / f"other {number}" for number in range(6)]

    def add(folder: Path) -> None:
        with Library(known.root) as library:
            library.add_folder(folder)

    for folder in others:
        folder.mkdir()
    threads = [threading.Thread(target=add, args=(folder,)) for folder in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert known.library.folders == (known.root, *others)
