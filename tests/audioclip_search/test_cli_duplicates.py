"""The command `duplicates`, as a person uses it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from made_sounds import knocks, rounded, written
from typer.testing import CliRunner, Result

from audioclip_search.cli import app

runner = CliRunner()


def run(*arguments: object) -> Result:
    return runner.invoke(app, [str(argument) for argument in arguments])


def done(*arguments: object) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    return result.stdout


@pytest.fixture
def library(tmp_path: Path, tiny_model: Path, own_models_dir: Path) -> Path:
    shutil.copytree(tiny_model, own_models_dir / "tiny")
    root = tmp_path / "library"
    root.mkdir()
    sound = rounded(knocks(1))
    (root / "a.wav").write_bytes(written(sound))
    (root / "b.flac").write_bytes(written(sound, "FLAC"))
    (root / "soft\n.wav").write_bytes(written(0.1 * sound))
    (root / "other.wav").write_bytes(written(knocks(2)))
    done("index", root, "--model", "tiny")
    return root


def test_a_table_of_groups_the_best_one_first(library: Path) -> None:
    result = run("duplicates", library, "--tier", "identical", "--tier", "same")
    assert result.exit_code == 0
    lines = [line.split(maxsplit=1) for line in result.stdout.splitlines()]
    assert lines[0][:1] == ["kind"]
    assert lines[1][0] == "identical"
    assert lines[1][1].startswith("a.wav  ")
    assert (lines[2][0], lines[2][1].strip()) == ("b.flac", "the same samples, as flac")
    assert lines[3][0] == "same"
    assert (lines[4][0], lines[4][1].strip()) == ("soft\\n.wav", "20.0 dB quieter")
    assert "2 groups, 2 files beside the best ones" in result.stderr


def test_json(library: Path) -> None:
    identical, same = json.loads(done("duplicates", library, "--tier", "same", "--tier", "identical", "--json"))
    assert (identical["tier"], identical["modality"], identical["best"]) == (
        "identical",
        "audio",
        str(library / "a.wav"),
    )
    assert [file["path"] for file in same["files"]] == [str(library / "a.wav"), str(library / "soft\n.wav")]
    assert same["files"][1]["gain_db"] == pytest.approx(-20, abs=0.1)


def test_paths_of_the_worse_ones(library: Path) -> None:
    assert done("duplicates", library, "--paths") == f"{library / 'b.flac'}\n"
    worse = done("duplicates", library, "-0", "--tier", "identical", "--tier", "same")
    assert worse == f"{library / 'b.flac'}\0{library / 'soft'}\n.wav\0"
    assert run("duplicates", library, "--paths", "--json").exit_code == 2
    assert sorted(path.name for path in library.glob("*.*")) == sorted(
        [".audioclip-search", "a.wav", "b.flac", "other.wav", "soft\n.wav"]
    )


def test_a_rejection_and_its_undoing(library: Path) -> None:
    before = done("duplicates", library, "--json")
    old = Path.cwd()
    os.chdir(library)
    try:
        done("duplicates", library, "--reject", "a.wav", "b.flac")
    finally:
        os.chdir(old)
    assert "identical" not in {group["tier"] for group in json.loads(done("duplicates", library, "--json"))}
    done("duplicates", library, "--unreject", library / "b.flac", "a.wav")
    assert done("duplicates", library, "--json") == before
    assert run("duplicates", library, "--reject", "a.wav", "nothing.wav").exit_code == 2


def test_without_an_index(tmp_path: Path) -> None:
    result = run("duplicates", tmp_path)
    assert result.exit_code == 1
    assert "not indexed yet" in result.stderr
