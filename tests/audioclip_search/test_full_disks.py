"""An index on a disk that is full or read-only: clear errors, and the index stays whole."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from changing_tree import ChangingTree
from plain_encoder import PlainEncoder

from audioclip_search import Library, StorageError

SIZE_KIB = 2_048
FILES = 30

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or not hasattr(os, "geteuid") or os.geteuid() != 0,
    reason="needs to mount a small disk",
)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """An empty disk of two megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_KIB}k", "tmpfs", str(folder)]
    if subprocess.run(mounting, check=False, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def tree(tmp_path: Path) -> ChangingTree:
    (tmp_path / "library").mkdir()
    tree = ChangingTree((tmp_path / "library",), seed=5)
    tree.grow(FILES)
    return tree


def open_library(tree: ChangingTree, disk: Path, model: str = "plain") -> Library:
    return Library(tree.folders[0], model=PlainEncoder(model), index=disk / "index")


def fill(disk: Path, *, left_kib: int) -> Path:
    """Leave so much space and no more."""
    status = os.statvfs(disk)
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(status.f_bavail * status.f_frsize - left_kib * 1024))
    return ballast


def mount_again(disk: Path, *options: str) -> None:
    subprocess.run(["mount", "-o", ",".join(["remount", *options]), str(disk)], check=True)


def found(library: Library) -> set[Path]:
    hits = library.query(text="rain", k=1_000, min_score=0)
    assert len({hit.path for hit in hits}) == len(hits)
    return {hit.path for hit in hits}


@pytest.mark.slow
def test_a_full_disk_is_told_and_when_there_is_space_again_the_sync_completes(tree: ChangingTree, disk: Path) -> None:
    with open_library(tree, disk) as library:
        library.sync()
        failed = 0
        for left_kib in (0, 4, 8, 12, 16, 24, 32, 48, 64):
            before = found(library)
            tree.grow(10)
            ballast = fill(disk, left_kib=left_kib)
            try:
                library.sync()
            except StorageError as error:
                failed += 1
                assert "the disk is full" in error.reason, error.reason
                assert "space" in error.remedy, error.remedy
            with open_library(tree, disk) as fresh:
                assert before <= found(library) == found(fresh)
            assert not library.check().damaged
            ballast.unlink()
            library.sync()
            assert library.sync().unchanged == len(tree.files)
            health = library.check()
            assert (health.whole, health.up_to_date) == (True, True)
        assert failed >= 3


def test_a_full_disk_has_no_place_for_a_new_index_nor_for_another_models(tree: ChangingTree, disk: Path) -> None:
    with open_library(tree, disk) as library:
        ballast = fill(disk, left_kib=0)
        with pytest.raises(StorageError, match=r"disk is full.*space"):
            library.sync()
        ballast.unlink()
        library.sync()
        before = found(library)
        ballast = fill(disk, left_kib=16)
        with open_library(tree, disk, "other") as other:
            with pytest.raises(StorageError, match=r"disk is full.*space"):
                other.sync(reembed=True)
            assert found(library) == before
            assert library.sync().unchanged == len(tree.files)
            ballast.unlink()
            other.sync(reembed=True)
            assert found(other) == before


def test_a_read_only_index_can_be_asked_but_not_changed(tree: ChangingTree, disk: Path) -> None:
    with open_library(tree, disk) as library:
        library.sync()
        before = found(library)
        path = next(iter(before))
        new = tree.grow(1)[0]
        mount_again(disk, "ro")
        with open_library(tree, disk) as fresh:
            for reader in (library, fresh):
                assert found(reader) == before
                assert len(reader.similar(path, k=1_000)) == len(before) - 1
                assert reader.info().windows > 0
                assert reader.check().new == 1
                for change in (
                    reader.sync,
                    lambda reader=reader: reader.sync(reembed=True),
                    lambda reader=reader: reader.annotate([path], add=["tag"]),
                    lambda reader=reader: reader.forget([path]),
                    reader.optimize,
                ):
                    with pytest.raises(StorageError, match=r"read-only.*Keep the index elsewhere, with --index"):
                        change()
        mount_again(disk, "rw")
        library.sync()
        assert found(library) == before | {new}


def test_there_can_be_no_index_on_a_read_only_disk(tree: ChangingTree, disk: Path) -> None:
    mount_again(disk, "ro")
    with open_library(tree, disk) as library:
        assert not library.indexed
        for use in (library.sync, lambda: library.query(text="rain")):
            with pytest.raises(StorageError, match=r"read-only.*Keep the index elsewhere, with --index"):
                use()
