"""Disks that fail, drives that are not there, syncs that end before they began: nothing is lost, nothing crashes."""

from __future__ import annotations

import errno
import io
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pytest
from typer.testing import CliRunner

from audioclip_search import CancelToken, Library, MediaError, StorageError, SyncProgress
from audioclip_search.cli import app
from audioclip_search.indexer import decoding
from audioclip_search.media import open_source
from audioclip_search.storage import IndexStore

FILES = 11

runner = CliRunner()


class FailingDisk(io.BytesIO):
    """A file whose second half can't be read."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self._size = len(content)

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        if self.tell() > self._size // 2:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return data


@contextmanager
def opened_on_a_failing_disk(path: Path) -> Iterator[BinaryIO]:
    with open_source(FailingDisk(path.read_bytes())) as file:
        yield file


@pytest.fixture
def library(small_library: Path, tiny_model: Path) -> Iterator[Library]:
    with Library(small_library, model=tiny_model, device="cpu") as library:
        yield library


@pytest.fixture
def library_beside(tmp_path: Path, small_library: Path, tiny_model: Path) -> Iterator[Library]:
    """A synced library whose index is not in its folder."""
    with Library(small_library, model=tiny_model, index=tmp_path / "index", device="cpu") as library:
        library.sync()
        yield library


def empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def test_files_that_a_disk_failed_to_give_are_tried_again(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(decoding, "open_source", opened_on_a_failing_disk)
        report = library.sync()
    assert {failure.reason for failure in report.failures} == {os.strerror(errno.EIO)}
    suffixes = {Path(failure.path).suffix for failure in report.failures}
    assert suffixes == {".wav", ".flac", ".ogg", ".png", ".jpg", ".gif", ".txt", ".md"}
    again = library.sync()
    assert (again.updated, again.unchanged, again.failures) == (FILES, 0, ())


def test_files_that_are_broken_themselves_are_not(tmp_path: Path, library: Library, small_library: Path) -> None:
    for path in list(small_library.rglob("*.*")):
        if path.suffix != ".wav":
            continue
        for suffix in (".flac", ".mp3", ".m4a", ".png", ".tif", ".webp"):
            path.with_suffix(suffix).write_bytes(path.read_bytes()[:20] + bytes(99))
    picture = small_library / "covers" / "front.png"
    picture.write_bytes(picture.read_bytes()[:-40])  # of which Pillow makes an `OSError`
    (small_library / "list.mp3").write_text("#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://localhost/a.ts\n")
    report = library.sync()
    assert {"covers/front.png", "list.mp3"} < {failure.path for failure in report.failures}
    again = library.sync()
    assert (again.updated, again.failures, again.unchanged) == (0, (), report.added + len(report.failures))


def test_a_first_sync_that_ended_before_it_kept_anything_counts_as_none(
    library: Library, small_library: Path, tiny_model: Path
) -> None:
    cancel = CancelToken()
    assert library.sync(cancel=cancel, on_progress=lambda _: cancel.cancel()).added == 0
    open_model_only(small_library, tiny_model)
    assert IndexStore.exists(small_library / ".audioclip-search")
    assert not library.indexed
    assert len(library.query(text="rain", min_score=0)) == FILES
    assert library.indexed


def test_the_program_indexes_first_what_was_never_finished_once(small_library: Path, tiny_model: Path) -> None:
    open_model_only(small_library, tiny_model)
    arguments = ["query", str(small_library), "rain", "--model", str(tiny_model), "--paths", "--min-score", "0"]
    first, again = runner.invoke(app, arguments), runner.invoke(app, arguments)
    assert "never indexed" in first.stderr
    assert len(first.stdout.splitlines()) == FILES
    assert (again.stdout, "never indexed" in again.stderr) == (first.stdout, False)


def open_model_only(root: Path, model: Path) -> None:
    """Leave what a sync leaves that is killed before its first commit."""
    from audioclip_search.encoder import open_encoder

    encoder = open_encoder(model, device="cpu")
    IndexStore.create(root / ".audioclip-search", identity=encoder.identity, dim=encoder.dim).close()


@pytest.mark.parametrize("reembed", [False, True])
def test_an_empty_mount_point_is_no_reason_to_forget(
    library_beside: Library, small_library: Path, reembed: bool
) -> None:
    empty(small_library)
    with pytest.raises(MediaError, match="is the drive mounted") as caught:
        library_beside.sync(reembed=reembed)
    assert (caught.value.path, "delete" in caught.value.remedy) == (small_library, True)
    assert len(library_beside.query(text="rain", min_score=0)) == FILES
    (small_library / "new.txt").write_text("thunder")
    assert library_beside.sync().removed == FILES


def test_files_that_are_gone_beside_their_index_are_forgotten(library: Library, small_library: Path) -> None:
    library.sync()
    for place in small_library.iterdir():
        if place.name != ".audioclip-search":
            shutil.rmtree(place) if place.is_dir() else place.unlink()
    assert library.sync().removed == FILES
    assert library.query(text="rain", min_score=0) == []


def test_a_folder_that_never_had_a_file_can_be_synced(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "bare").mkdir()
    with Library(tmp_path / "bare", model=tiny_model, index=tmp_path / "index", device="cpu") as library:
        assert library.query(text="rain", min_score=0) == []
        assert library.sync().added == 0


def test_a_root_whose_name_is_no_text_is_refused(tmp_path: Path, tiny_model: Path) -> None:
    root = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    try:
        root.mkdir()
    except OSError:
        pytest.skip("this file system has no such names")
    (root / "broken link").symlink_to(root / "nowhere")
    (root / "a.txt").write_text("rain")
    for index in (None, tmp_path / "index"):
        with Library(root, model=tiny_model, index=index) as library:
            for use in (library.sync, lambda library=library: library.query(text="rain")):
                with pytest.raises(MediaError, match="not valid Unicode"):
                    use()
    result = runner.invoke(app, ["index", str(root), "--model", str(tiny_model)])
    assert result.exit_code == 1
    assert "its path is not valid Unicode" in result.stderr


@pytest.mark.parametrize("done", [0, 3, FILES])
def test_closing_a_library_ends_its_sync(library: Library, done: int) -> None:
    def close(progress: SyncProgress) -> None:
        if progress.total == FILES and progress.done == done:
            library.close()

    with pytest.raises(StorageError, match="closed"):
        library.sync(on_progress=close)
