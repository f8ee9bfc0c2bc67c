"""Ignore files: gitignore's syntax, nested, taken back, unusable."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from audioclip_search.errors import MediaError
from audioclip_search.media import scan
from audioclip_search.types import ScanRules

TREE = [
    "a.wav",
    "b.wav",
    "b.txt",
    "drafts/a.wav",
    "drafts/keep.wav",
    "drafts/old/a.wav",
    "sub/a.wav",
    "sub/b.txt",
    "sub/drafts/a.wav",
    "sub/drafts/deep/c.wav",
    "sub/x [1]/a.wav",
    "sub/x [1]/drafts/b.wav",
]


@dataclass(frozen=True, slots=True)
class Case:
    """Ignore files by folder, and which of `TREE` they leave out."""

    files: dict[str, str]
    left_out: tuple[str, ...]


CASES = {
    "nothing": Case({"": "\n# a comment\n\n   \n/\n!\n"}, ()),
    "a suffix, everywhere": Case({"": "*.txt\n"}, ("b.txt", "sub/b.txt")),
    "at the top only": Case({"": "/*.txt"}, ("b.txt",)),
    "a folder everywhere": Case(
        {"": "drafts/"},
        (
            *("drafts/a.wav", "drafts/keep.wav", "drafts/old/a.wav"),
            *("sub/drafts/a.wav", "sub/drafts/deep/c.wav", "sub/x [1]/drafts/b.wav"),
        ),
    ),
    "a folder at the top": Case({"": "/drafts"}, ("drafts/a.wav", "drafts/keep.wav", "drafts/old/a.wav")),
    "a file is not a folder": Case({"": "a.wav/"}, ()),
    "with a slash, from here": Case({"": "sub/drafts"}, ("sub/drafts/a.wav", "sub/drafts/deep/c.wav")),
    "at any depth": Case({"": "sub/**/b.wav"}, ("sub/x [1]/drafts/b.wav",)),
    "what is in a folder, but for": Case({"": "/drafts/**\n!/drafts/keep.wav"}, ("drafts/a.wav", "drafts/old/a.wav")),
    "its folders only": Case({"": "/drafts/**/"}, ("drafts/old/a.wav",)),
    "nothing in an ignored folder is taken back": Case(
        {"": "/drafts/\n!/drafts/keep.wav"}, ("drafts/a.wav", "drafts/keep.wav", "drafts/old/a.wav")
    ),
    "all but a suffix": Case({"": "*\n!*/\n!*.wav"}, ("b.txt", "sub/b.txt")),
    "all but a folder": Case(
        {"": "/*\n!/drafts"}, ("a.wav", "b.txt", "b.wav", *(path for path in TREE if path.startswith("sub/")))
    ),
    "the last one counts": Case({"": "a.wav\n!a.wav\n/a.wav"}, ("a.wav",)),
    "relative to its folder": Case(
        {"sub": "/drafts\n/b.txt"}, ("sub/b.txt", "sub/drafts/a.wav", "sub/drafts/deep/c.wav")
    ),
    "not above its folder": Case({"sub": "*.txt"}, ("sub/b.txt",)),
    "the deeper one wins": Case({"": "*.txt", "sub": "!b.txt"}, ("b.txt",)),
    "the deeper one wins with a folder": Case(
        {"": "drafts", "sub": "!/drafts"},
        ("drafts/a.wav", "drafts/keep.wav", "drafts/old/a.wav", "sub/x [1]/drafts/b.wav"),
    ),
    "a folder taken back, not the files in it": Case(
        {"": "c.wav", "sub": "!deep"},
        ("sub/drafts/deep/c.wav",),
    ),
    "in a folder with special characters": Case({"sub/x [1]": "/a.wav"}, ("sub/x [1]/a.wav",)),
    "classes and question marks": Case({"": "/[!b].wav\n/b.tx?"}, ("a.wav", "b.txt")),
    "escaped": Case({"": "sub/x \\[1\\]\n\\!a.wav\n\\#a.wav"}, ("sub/x [1]/a.wav", "sub/x [1]/drafts/b.wav")),
    "ends of lines": Case({"": "\N{ZERO WIDTH NO-BREAK SPACE}/a.wav \r\n/b.txt\r\n"}, ("a.wav", "b.txt")),
    "case counts": Case({"": "A.WAV"}, ()),
}


def touch(path: Path, content: bytes = b"x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def plant(root: Path, files: dict[str, str]) -> None:
    for name in TREE:
        touch(root / name)
    for folder, text in files.items():
        (root / folder / ".audioclipignore").write_text(text, encoding="utf-8", newline="")


def paths(root: Path, **options: object) -> list[str]:
    return [stamp.path for stamp in scan(root, on_error=fail, **options)]  # type: ignore[arg-type]


def fail(path: Path, error: OSError) -> None:
    raise AssertionError(f"{path}: {error}")


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_ignore_files_leave_out(tmp_path: Path, case: Case) -> None:
    plant(tmp_path, case.files)
    assert sorted(paths(tmp_path)) == sorted(set(TREE) - set(case.left_out))


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_git_agrees(tmp_path: Path, case: Case) -> None:
    plant(tmp_path, case.files)
    subprocess.run(["git", "init", "--quiet", "."], cwd=tmp_path, check=True, capture_output=True)
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--others", "--exclude-per-directory=.audioclipignore"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    kept = {name for name in listed.stdout.decode().split("\0") if name and ".audioclipignore" not in name}
    assert kept == set(TREE) - set(case.left_out)


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
@pytest.mark.parametrize(
    "within", [(), ("sub",), ("sub/drafts/deep/c.wav", "drafts/keep.wav"), ("drafts", "sub/drafts", "a.wav"), ("",)]
)
def test_a_part_of_a_scan_is_that_part_of_the_whole(tmp_path: Path, case: Case, within: tuple[str, ...]) -> None:
    plant(tmp_path, case.files)
    assert paths(tmp_path, within=within) == [
        path for path in paths(tmp_path) if any(not place or f"{path}/".startswith(f"{place}/") for place in within)
    ]


def test_rules_count_as_if_above_the_ignore_files(tmp_path: Path) -> None:
    plant(tmp_path, {"sub": "!b.txt"})
    assert paths(tmp_path, rules=ScanRules(ignore=("*.txt", "drafts/", "x*"))) == [
        "a.wav",
        "b.wav",
        "sub/a.wav",
        "sub/b.txt",
    ]


def test_names_with_line_breaks_are_matched(tmp_path: Path) -> None:
    for name in ["one\ntwo/a.wav", "one\ntwo/sub\n/b.wav", "c\n.wav", "\N{BELL}.wav"]:
        touch(tmp_path / name)
    assert paths(tmp_path, rules=ScanRules(ignore=("b.wav", "/c?.wav", "\N{BELL}*"))) == ["one\ntwo/a.wav"]
    (tmp_path / "one\ntwo" / ".audioclipignore").write_text("*.wav")
    assert paths(tmp_path, within=["one\ntwo"]) == []


def test_a_link_to_a_folder_counts_as_a_folder(tmp_path: Path) -> None:
    touch(tmp_path / "drive" / "x.wav")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "link").symlink_to(tmp_path / "drive", target_is_directory=True)
    assert paths(tmp_path / "root") == ["link/x.wav"]
    assert paths(tmp_path / "root", rules=ScanRules(ignore=("link/",))) == []


def test_an_ignored_folder_is_not_entered(tmp_path: Path) -> None:
    touch(tmp_path / "drafts" / "a.wav")
    (tmp_path / "drafts" / ".audioclipignore").write_bytes(b"\xff")  # would be reported
    (tmp_path / ".audioclipignore").write_text("drafts/")
    assert paths(tmp_path) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"*.txt\nMusic\\\n", r"its .audioclipignore can't be used: line 2 is malformed: 'Music\\\\'"),
        (b"[z-a].wav", "line 1 is malformed"),
        (b"caf\xe9", "it is not UTF-8"),
    ],
)
@pytest.mark.parametrize("within", ["", "sub/deep/b.wav"])
def test_a_folder_with_an_unusable_ignore_file_is_unknown(
    tmp_path: Path, content: bytes, reason: str, within: str
) -> None:
    for name in ["a.wav", "sub/a.wav", "sub/deep/b.wav", "z/c.wav"]:
        touch(tmp_path / name)
    touch(tmp_path / "sub" / ".audioclipignore", content)
    errors: list[tuple[Path, OSError]] = []
    found = [stamp.path for stamp in scan(tmp_path, within=[within], on_error=lambda *args: errors.append(args))]
    assert found == ([] if within else ["a.wav", "z/c.wav"])
    [(path, error)] = errors
    assert path == tmp_path / "sub"
    assert error.filename == str(tmp_path / "sub" / ".audioclipignore")
    with pytest.raises(OSError, match=reason):
        raise error


@pytest.mark.parametrize("kind", ["pipe", "broken link"])
def test_an_ignore_file_that_is_none_is_reported(tmp_path: Path, kind: str) -> None:
    touch(tmp_path / "a.wav")
    if kind == "pipe":
        os.mkfifo(tmp_path / ".audioclipignore")
    else:
        (tmp_path / ".audioclipignore").symlink_to(tmp_path / "nowhere")
    errors: list[Path] = []
    assert list(scan(tmp_path, on_error=lambda path, _: errors.append(path))) == []
    assert errors == [tmp_path]


def test_a_folder_of_that_name_says_nothing(tmp_path: Path) -> None:
    touch(tmp_path / "a.wav")
    touch(tmp_path / ".audioclipignore" / "b.wav")
    assert paths(tmp_path, rules=ScanRules(hidden=True)) == ["a.wav"]


def test_malformed_rules_are_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"the ignore patterns can't be used: line 2 is malformed"):
        scan(tmp_path, rules=ScanRules(ignore=("*.txt", "Music\\")))
