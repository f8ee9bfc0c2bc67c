"""Walking folders: order, links, loops, hidden things, names that are no text."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from audioclip_search.errors import MediaError
from audioclip_search.media import scan
from audioclip_search.types import FileStamp, Modality


def touch(path: Path, content: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def paths(root: Path, **options: object) -> list[str]:
    return [stamp.path for stamp in scan(root, **options)]  # type: ignore[arg-type]


def fail(path: Path, error: OSError) -> None:
    raise AssertionError(f"{path}: {error}")


def test_stamp_tells_path_kind_size_and_time(tmp_path: Path) -> None:
    file = touch(tmp_path / "drums" / "kick 1.wav", b"12345")
    os.utime(file, ns=(1, 1_700_000_000_123_456_700))
    mtime_ns = file.stat().st_mtime_ns
    assert list(scan(tmp_path)) == [FileStamp("drums/kick 1.wav", Modality.AUDIO, 5, mtime_ns)]


def test_order_depends_on_names_alone(tmp_path: Path) -> None:
    names = ["b.wav", "a.png", "z/1.txt", "c/2.wav", "c/1.wav", "c/d/0.wav", "ä.wav", "B.wav"]
    for name in names:
        touch(tmp_path / name)
    expected = ["B.wav", "a.png", "b.wav", "ä.wav", "c/1.wav", "c/2.wav", "c/d/0.wav", "z/1.txt"]
    assert paths(tmp_path, on_error=fail) == expected


def test_leaves_out_what_is_hidden_or_no_medium(tmp_path: Path) -> None:
    for name in [
        "kept.wav",
        "program.exe",
        "._kept.wav",
        ".hidden.wav",
        ".git/a.wav",
        ".audioclip-search/thumbnails/a.png",
        "sub/.audioclip-search/a.wav",
        "__MACOSX/a.wav",
    ]:
        touch(tmp_path / name)
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "folder.wav").mkdir()
    assert paths(tmp_path, on_error=fail) == ["kept.wav"]


def test_a_hidden_root_is_walked(tmp_path: Path) -> None:
    touch(tmp_path / ".sounds" / "a.wav")
    assert paths(tmp_path / ".sounds") == ["a.wav"]


def test_skips_what_it_is_told_to(tmp_path: Path) -> None:
    for name in ["a.wav", "b.wav", "index/c.png", "sub/index/d.wav"]:
        touch(tmp_path / name)
    skip = [tmp_path / "index", tmp_path / "b.wav", tmp_path / "missing"]
    assert paths(tmp_path, skip=skip) == ["a.wav", "sub/index/d.wav"]


def test_skip_knows_a_folder_by_another_path(tmp_path: Path) -> None:
    touch(tmp_path / "root" / "index" / "c.png")
    (tmp_path / "alias").symlink_to(tmp_path / "root", target_is_directory=True)
    assert paths(tmp_path / "root", skip=[tmp_path / "alias" / "index"]) == []


def test_follows_links_and_prefers_real_places(tmp_path: Path) -> None:
    outside = touch(tmp_path / "drive" / "x.wav").parent
    root = tmp_path / "root"
    touch(root / "real" / "y.wav")
    (root / "1 file.wav").symlink_to(outside / "x.wav")
    (root / "2 drive").symlink_to(outside, target_is_directory=True)
    (root / "3 again").symlink_to(root / "real", target_is_directory=True)
    assert paths(root, on_error=fail) == ["1 file.wav", "real/y.wav", "2 drive/x.wav"]


def test_loops_end(tmp_path: Path) -> None:
    touch(tmp_path / "a" / "b" / "x.wav")
    (tmp_path / "a" / "b" / "up").symlink_to(tmp_path / "a", target_is_directory=True)
    (tmp_path / "a" / "self").symlink_to(tmp_path / "a" / "self")
    errors: list[Path] = []
    assert paths(tmp_path, on_error=lambda path, _: errors.append(path)) == ["a/b/x.wav"]
    assert errors == [tmp_path / "a" / "self"]


def test_reports_broken_links_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "gone.wav").symlink_to(tmp_path / "nowhere.wav")
    touch(tmp_path / "z.wav")
    errors: list[tuple[Path, type[OSError]]] = []
    assert paths(tmp_path, on_error=lambda path, error: errors.append((path, type(error)))) == ["z.wav"]
    assert errors == [(tmp_path / "gone.wav", FileNotFoundError)]


def test_reports_a_folder_that_vanishes_meanwhile(tmp_path: Path) -> None:
    touch(tmp_path / "a.wav")
    touch(tmp_path / "sub" / "b.wav")
    errors: list[Path] = []
    stamps = scan(tmp_path, on_error=lambda path, _: errors.append(path))
    assert next(stamps).path == "a.wav"
    (tmp_path / "sub" / "b.wav").unlink()
    (tmp_path / "sub").rmdir()
    assert list(stamps) == []
    assert errors == [tmp_path / "sub"]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_reports_a_forbidden_folder(tmp_path: Path) -> None:
    folder = touch(tmp_path / "locked" / "a.wav").parent
    folder.chmod(0)
    errors: list[type[OSError]] = []
    try:
        assert paths(tmp_path, on_error=lambda _, error: errors.append(type(error))) == []
    finally:
        folder.chmod(0o700)
    assert errors == [PermissionError]


def test_names_that_are_no_text_are_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    try:
        (Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.wav"))).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system has no such names")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.exe")).write_bytes(b"x")
    touch(Path(os.fsdecode(os.fsencode(tmp_path) + b"/stra\xdfe/")) / "a.wav")
    touch(tmp_path / "z.wav")
    errors: list[Path] = []
    assert paths(tmp_path, on_error=lambda path, _: errors.append(path)) == ["z.wav"]
    assert errors == [tmp_path / "caf\N{REPLACEMENT CHARACTER}.wav", tmp_path / "stra\N{REPLACEMENT CHARACTER}e"]
    assert paths(tmp_path) == ["z.wav"]
    assert "not valid Unicode" in caplog.text


@pytest.mark.parametrize(("name", "reason"), [("missing", "No such file"), ("file.wav", "Not a directory")])
def test_a_root_that_is_none_is_refused_at_once(tmp_path: Path, name: str, reason: str) -> None:
    touch(tmp_path / "file.wav")
    with pytest.raises(MediaError, match=reason) as caught:
        scan(tmp_path / name)
    assert caught.value.path == tmp_path / name
