"""`query` in the shell: minus signs, places in a query, parts of what can't all be read, options that clash."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from chosen_library import CONCEPTS, file_of, open_chosen, write_index
from typer.testing import CliRunner

from audioclip_search.cli import app

runner = CliRunner()


@pytest.fixture
def library(small_library: Path, tiny_model: Path, own_models_dir: Path) -> str:
    shutil.copytree(tiny_model, own_models_dir / "tiny")
    assert runner.invoke(app, ["index", str(small_library), "--model", "tiny"]).exit_code == 0
    return str(small_library)


def test_a_query_may_begin_with_a_minus(library: str) -> None:
    asked = ["-0", "-k100", "--min-score", "0"]
    everything = runner.invoke(app, ["query", library, "kind:audio", *asked]).stdout.split("\0")
    for words in (["-kind:image -kind:text"], ["-kind:image", "-kind:text"], ["--", "-kind:image", "-kind:text"]):
        result = runner.invoke(app, ["query", library, *asked, *words])
        assert result.exit_code == 0, result.stderr
        assert sorted(result.stdout.split("\0")) == sorted(everything)
    assert runner.invoke(app, ["query", library, "-hiss", "-bath", "-k", "2", "--exclude", "-0x"]).exit_code == 0
    assert "Usage" in runner.invoke(app, ["query", "-h"]).stdout


def test_the_place_of_a_mistake_is_below_it(library: str) -> None:
    for words in ("glass (x", "硝子 (x"):
        lines = runner.invoke(app, ["query", library, words]).stderr.splitlines()
        shown, pointer = lines[-4:-2]
        width = 2 + sum(2 if char > "\u3000" else 1 for char in words[:-2])
        assert (shown.strip(), pointer) == (words, " " * width + "^")


def test_parts_that_can_be_written_are_written(library: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["query", library, "kind:audio", "-k", "100", "--extract"]
    first = runner.invoke(app, [*words, str(out)])
    assert first.exit_code == 0, first.stderr
    written = sorted(out.iterdir())
    assert len(written) > 2
    written[0].unlink()
    again = runner.invoke(app, [*words, str(out)])
    assert again.exit_code == 1
    assert again.stderr.count("exists already") == len(written) - 1
    assert sorted(out.iterdir()) == written
    (tmp_path / "file").touch()
    refused = runner.invoke(app, [*words, str(tmp_path / "file" / "below")])
    assert refused.exit_code == 1
    assert "could not make the folder" in refused.stderr


def test_parts_of_what_is_found_by_words_alone_are_whole_sounds(tmp_path: Path) -> None:
    library, _ = open_chosen(write_index(tmp_path / "index", [file_of(f"{one}.wav", one) for one in CONCEPTS]))
    with library:
        (hit,) = library.query(text="glass", ranking="text")
        assert (hit.start_s, hit.end_s) == (0, 2)


@pytest.mark.parametrize("option", [["--save", "x.csv"], ["--extract", "x"], ["--paths"], ["-0"]])
def test_a_batch_prints_json_and_nothing_else(library: str, tmp_path: Path, option: list[str]) -> None:
    batch = tmp_path / "queries"
    batch.write_text("dog\n")
    result = runner.invoke(app, ["query", library, "--batch", str(batch), *option])
    assert result.exit_code == 2
    assert "--batch prints JSON" in result.stderr


def test_an_example_may_be_on_a_drive_that_is_not_connected(library: str) -> None:
    known = next(path for path in Path(library).rglob("[!.]*.wav")).relative_to(library)
    (Path(library) / known).rename(Path(library) / "gone.away")
    result = runner.invoke(app, ["query", library, "--like", str(known), "--min-score", "0"])
    assert result.exit_code == 0, result.stderr
