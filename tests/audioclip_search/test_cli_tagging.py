"""`audioclip-search tag`, in process, as a person would use it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from audioclip_search import Library
from audioclip_search.cli import app
from audioclip_search.media import load_metadata
from audioclip_search.types import Modality

MakeFile = Callable[..., Path]
LABELS = ",".join(f"sound {number}" for number in range(30))
EVERYTHING = ("--threshold", "0.000001")  # the tiny model's judgement is random

runner = CliRunner()


def run(*arguments: object) -> Result:
    return runner.invoke(app, [str(argument) for argument in arguments])


def done(*arguments: object) -> Result:
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    return result


@pytest.fixture
def library(small_library: Path, tiny_model: Path, own_models_dir: Path) -> Path:
    shutil.copytree(tiny_model, own_models_dir / "tiny")
    done("index", small_library, "--model", "tiny")
    return small_library


def test_suggested_confirmed_rejected_renamed_and_undone(library: Path) -> None:
    dry = done("tag", library, "--labels", LABELS, *EVERYTHING, "--dry-run")
    assert "%?" in dry.stdout
    assert "would be tagged" in dry.stderr
    assert json.loads(done("tag", library, "--list", "--json").stdout) == []
    summary = done("tag", library, "--labels", LABELS, *EVERYTHING)
    assert "sound" in summary.stdout
    assert "9 files tagged" in summary.stderr
    tagged = json.loads(done("tag", library, "--list", "--json").stdout)
    assert len(tagged) == 9
    assert {tag["state"] for file in tagged for tag in file["tags"]} == {"suggested"}
    first, label = tagged[0]["path"], tagged[0]["tags"][0]["label"]
    assert "1 tags confirmed" in done("tag", library, first, "--confirm", label.upper()).stderr
    assert "tags rejected" in done("tag", library, "--reject", "*").stderr
    (left,) = json.loads(done("tag", library, "--list", "--json").stdout)
    assert [(tag["label"], tag["state"]) for tag in left["tags"]] == [(label, "confirmed")]
    done("tag", library, "--rename", f"{label}=hammer")
    assert "hammer" in done("tag", library, "--list").stdout
    history = json.loads(done("tag", library, "--history", "--json").stdout)
    assert [operation["action"] for operation in history] == ["rename", "reject", "confirm", "tag"]
    assert "rename" in done("tag", library, "--history").stdout
    for action in ("rename", "reject", "confirm", "tag"):
        assert action in done("tag", library, "--undo").stderr
    assert json.loads(done("tag", library, "--list", "--json").stdout) == []
    nothing = run("tag", library, "--undo")
    assert nothing.exit_code == 2
    assert "nothing to undo" in nothing.stderr


def test_written_after_a_look_and_taken_out_again(library: Path) -> None:
    file = library / "drums" / "hit 0.wav"
    before = file.read_bytes()
    done("tag", library, file, "--labels", LABELS, *EVERYTHING)
    done("tag", library, "--confirm", "*")
    look = done("tag", library, "--write")
    assert "hit 0.wav" in look.stdout
    assert "--yes" in look.stderr
    assert file.read_bytes() == before
    done("tag", library, "--write", "--yes")
    assert any(name == "keywords" for name, _ in load_metadata(file, Modality.AUDIO).fields)
    with Library(library) as opened:
        assert not opened.sync().did_something
    done("tag", library, "--undo")
    assert file.read_bytes() == before


def test_what_cannot_be_written_is_told(library: Path) -> None:
    done("tag", library, library / "covers", "--labels", LABELS, *EVERYTHING)
    result = run("tag", library, "--write", "--suggested", "--yes")
    assert result.exit_code == 1
    assert "front.png" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [(), ("--list", "--undo"), ("--labels", "a", "--confirm", "b"), ("--list", "--yes"), ("--rename", "no sign")],
)
def test_what_makes_no_sense_is_not_understood(library: Path, arguments: tuple[str, ...]) -> None:
    assert run("tag", library, *arguments).exit_code == 2


def test_help_loads_neither_torch_nor_the_index() -> None:
    code = """
import sys
from typer.testing import CliRunner
from audioclip_search.cli import app
result = CliRunner().invoke(app, ["tag", "--help"])
assert result.exit_code == 0 and "--labels" in result.stdout
assert not {"torch", "lancedb"} & set(sys.modules), sorted(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--confirm", "*", "--dry-run"),
        ("--undo", "--dry-run"),
        ("--rename", "a=b", "--dry-run"),
        ("drums", "--undo"),
        ("--list", "--threshold", "0.9"),
        ("--write", "--template", "the sound of {label}"),
    ],
)
def test_options_that_would_not_count_are_refused(library: Path, arguments: tuple[str, ...]) -> None:
    refused = run("tag", library, *arguments)
    assert refused.exit_code == 2
    assert "go" in refused.stderr or "whole library" in refused.stderr
