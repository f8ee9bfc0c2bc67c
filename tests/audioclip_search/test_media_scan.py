"""Walking folders: order, parts, links, loops, devices, hidden things, sizes, names that are no text."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from audioclip_search.errors import MediaError
from audioclip_search.media import scan
from audioclip_search.types import FileStamp, Modality, ScanRules


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


def test_hidden_things_can_be_let_in(tmp_path: Path) -> None:
    for name in [
        *(".hidden.wav", ".git/a.wav", "kept.wav", ".wav", "sub/.b/.c/d.wav"),
        *("._kept.wav", "._folder/a.wav", ".audioclip-search/a.wav", "sub/.audioclip-search/a.wav", "__MACOSX/a.wav"),
    ]:
        touch(tmp_path / name)
    expected = [".hidden.wav", "kept.wav", ".git/a.wav", "sub/.b/.c/d.wav"]
    assert paths(tmp_path, rules=ScanRules(hidden=True), on_error=fail) == expected


def test_larger_files_are_left_out_and_told(tmp_path: Path) -> None:
    for name, size in [("a.wav", 10), ("b.wav", 11), ("c.wav", 0), ("d.exe", 99)]:
        touch(tmp_path / name, b"x" * size)
    told: list[tuple[str, int]] = []
    found = paths(
        tmp_path, rules=ScanRules(max_bytes=10), on_too_large=lambda stamp: told.append((stamp.path, stamp.size))
    )
    assert found == ["a.wav", "c.wav"]
    assert told == [("b.wav", 11)]


def test_names_with_line_breaks_and_emoji(tmp_path: Path) -> None:
    names = ["a\nb.wav", "tab\t.wav", "\N{FIRE}.wav", "\N{BELL}\n/\N{FIRE} [1] *.wav"]
    for name in names:
        touch(tmp_path / name)
    assert paths(tmp_path, on_error=fail) == sorted(names, key=lambda name: ("/" in name, name))
    assert paths(tmp_path, within=["\N{BELL}\n", "a\nb.wav"], on_error=fail) == [names[0], names[3]]


@pytest.mark.parametrize(
    ("within", "expected"),
    [
        ([], []),
        ([""], ["a.wav", "b/c.wav", "b/d/e.wav", "bb/f.wav"]),
        (["b"], ["b/c.wav", "b/d/e.wav"]),
        (["b/"], ["b/c.wav", "b/d/e.wav"]),
        (["b/d", "b", "b/d/e.wav"], ["b/c.wav", "b/d/e.wav"]),
        (["b/d/e.wav", "a.wav"], ["a.wav", "b/d/e.wav"]),
        (["missing", "missing/too", "b/missing.wav", "a.wav/below", "b/c.wav"], ["b/c.wav"]),
        (["", "b"], ["a.wav", "b/c.wav", "b/d/e.wav", "bb/f.wav"]),
        ([".hidden", ".hidden/a.wav", "b/.audioclip-search/a.wav", "b/notes.exe"], []),
        (["..", ".", "b/.."], []),
    ],
)
def test_only_some_places_are_looked_at(tmp_path: Path, within: list[str], expected: list[str]) -> None:
    for name in ["a.wav", "b/c.wav", "b/d/e.wav", "bb/f.wav", ".hidden/a.wav", "b/.audioclip-search/a.wav", "b/n.exe"]:
        touch(tmp_path / name)
    assert paths(tmp_path, within=within, on_error=fail) == expected


def test_what_is_broken_elsewhere_is_not_looked_at(tmp_path: Path) -> None:
    touch(tmp_path / "b" / "c.wav")
    for name in ["gone.wav", "b/gone.wav", "d/gone.wav"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).symlink_to(tmp_path / "nowhere.wav")
    errors: list[Path] = []
    assert paths(tmp_path, within=["b"], on_error=lambda path, _: errors.append(path)) == ["b/c.wav"]
    assert errors == [tmp_path / "b" / "gone.wav"]


@pytest.mark.parametrize("within", ["real", "links", "links/1", "links/2", "links/3", "links/2/sub", "links/2/y.wav"])
def test_places_with_links_are_that_part_of_the_whole(tmp_path: Path, within: str) -> None:
    root = tmp_path / "root"
    for name in ["drive/x.wav", "drive/sub/z.wav", "root/real/y.wav", "root/.hidden/h.wav", "root/links/l.wav"]:
        touch(tmp_path / name)
    targets = {"1": root / "real", "2": tmp_path / "drive", "3": tmp_path / "drive", "4": root / ".hidden", "5": root}
    for name, target in targets.items():
        (root / "links" / name).symlink_to(target, target_is_directory=True)
    (root / "links" / "2" / "gone.wav").symlink_to(tmp_path / "nowhere")
    told: list[Path] = []
    whole = paths(root, on_error=lambda path, _: told.append(path))
    assert whole == ["links/l.wav", "real/y.wav", "links/4/h.wav", "links/3/x.wav", "links/3/sub/z.wav"]
    assert told == [root / "links" / "3" / "gone.wav"]

    def below(path: str) -> bool:
        return f"{path}/".startswith(f"{within}/")

    errors: list[Path] = []
    found = paths(root, within=[within], on_error=lambda path, _: errors.append(path))
    assert found == [path for path in whole if below(path)]
    assert errors == [path for path in told if below(path.relative_to(root).as_posix())]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A folder on another device than `tmp_path`'s."""
    shared = Path("/dev/shm")
    if not shared.is_dir() or shared.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system")
    with tempfile.TemporaryDirectory(dir=shared) as folder:
        yield Path(folder)


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own in the folder `root/sub/drive`."""
    point = tmp_path / "root" / "sub" / "drive"
    point.mkdir(parents=True)
    mount = shutil.which("mount")
    if (
        mount is None
        or subprocess.run([mount, "-t", "tmpfs", "none", point], check=False, capture_output=True).returncode
    ):
        pytest.skip("file systems can't be mounted here")
    try:
        yield point
    finally:
        subprocess.run(["umount", point], check=True)


def test_a_linked_folder_on_another_device_is_told(tmp_path: Path, elsewhere: Path) -> None:
    touch(elsewhere / "sub" / "x.wav")
    touch(tmp_path / "a" / "y.wav")
    (tmp_path / "a" / "drive").symlink_to(elsewhere, target_is_directory=True)
    mounts: list[str] = []
    assert paths(tmp_path, on_mount=mounts.append, on_error=fail) == ["a/y.wav", "a/drive/sub/x.wav"]
    assert paths(tmp_path, within=["a/drive/sub"], on_mount=mounts.append) == ["a/drive/sub/x.wav"]
    stay = ScanRules(one_file_system=True)
    assert paths(tmp_path, rules=stay, on_mount=mounts.append, on_error=fail) == ["a/y.wav"]
    assert mounts == ["a/drive"] * 3


def test_a_mounted_device_is_told(mounted: Path) -> None:
    root = mounted.parents[1]
    touch(mounted / "deep" / "x.wav")
    touch(root / "y.wav")
    mounts: list[str] = []
    assert paths(root, on_mount=mounts.append, on_error=fail) == ["y.wav", "sub/drive/deep/x.wav"]
    assert paths(root, within=["sub/drive/deep"], on_mount=mounts.append) == ["sub/drive/deep/x.wav"]
    assert paths(root, rules=ScanRules(one_file_system=True), on_mount=mounts.append, on_error=fail) == ["y.wav"]
    assert mounts == ["sub/drive"] * 3
    assert paths(mounted, on_mount=mounts.append) == ["deep/x.wav"]
    assert paths(root, rules=ScanRules(ignore=("drive",)), on_mount=mounts.append) == ["y.wav"]
    assert len(mounts) == 3
