"""The command line, in process: what goes where, exit codes, and that nothing a person can do gives a traceback."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from audioclip_search import __version__, config
from audioclip_search.cli import app
from audioclip_search.cli.models import _download_progress
from audioclip_search.cli.output import _PathCell, shortened
from audioclip_search.cli.progress import stopped_by_ctrl_c
from audioclip_search.errors import ModelError
from audioclip_search.model.download import DownloadProgress
from audioclip_search.model.weights import CARD_FILE, WEIGHTS_FILE
from audioclip_search.results.wording import clock, printable
from audioclip_search.upkeep import INDEX_FOLDER

MakeFile = Callable[..., Path]

runner = CliRunner()


@pytest.fixture
def installed(tiny_model: Path, own_models_dir: Path) -> str:
    """The name of a model that is there."""
    shutil.copytree(tiny_model, own_models_dir / "tiny")
    return "tiny"


@pytest.fixture
def indexed(small_library: Path, installed: str) -> str:
    """A library that was indexed, as an argument."""
    assert runner.invoke(app, ["index", str(small_library), "--model", installed]).exit_code == 0
    return str(small_library)


def _table(text: str) -> dict[str, str]:
    """Rows of a table of two columns."""
    return {name: value.strip() for name, value in (line.split(maxsplit=1) for line in text.splitlines())}


# index


def test_index_tells_what_it_did(small_library: Path, installed: str) -> None:
    first = runner.invoke(app, ["index", str(small_library), "--model", installed])
    again = runner.invoke(app, ["index", str(small_library)])
    assert (first.exit_code, again.exit_code) == (0, 0)
    assert _table(first.stdout)["added"] == "11"
    assert _table(again.stdout) | {"time": ""} == {
        "added": "0", "updated": "0", "removed": "0", "unchanged": "11", "failed": "0", "vectors": "0", "time": "",
    }  # fmt: skip
    assert first.stderr.strip() == "Model tiny: any words"


def test_failed_files_are_listed_up_to_ten(small_library: Path, installed: str, tmp_path: Path) -> None:
    for number in range(12):
        (small_library / f"broken {number:02d}.wav").write_bytes(b"RIFF, but no more")
    elsewhere = str(tmp_path / "index")
    result = runner.invoke(app, ["index", str(small_library), "--model", installed, "--index", elsewhere])
    assert result.exit_code == 0
    assert _table(result.stdout)["failed"] == "12"
    assert "broken 09.wav: " in result.stderr
    assert "broken 10.wav" not in result.stderr
    assert f"audioclip-search info {small_library} --index {elsewhere} --failures" in result.stderr

    listed = runner.invoke(app, ["info", str(small_library), "--index", elsewhere, "--failures", "--json"])
    failures = json.loads(listed.stdout)
    assert [failure["path"] for failure in failures] == [f"broken {number:02d}.wav" for number in range(12)]
    assert all(failure["reason"] for failure in failures)
    table = runner.invoke(app, ["info", str(small_library), "--index", elsewhere, "--failures"]).stdout
    assert "broken 11.wav" in table.splitlines()[-1]


def test_progress_shows_rate_and_time_left_on_a_terminal(small_library: Path, installed: str) -> None:
    terminal = {"FORCE_COLOR": "1", "COLUMNS": "140"}
    result = runner.invoke(app, ["index", str(small_library), "--model", installed], env=terminal)
    assert "files/s" in result.stderr
    assert "11/11" in result.stderr
    assert "files/s" not in result.stdout.split("time")[0]


def test_ctrl_c_keeps_what_is_done(tmp_path: Path, make_sound: MakeFile, installed: str) -> None:
    root = tmp_path / "many"
    for seed in range(250):
        make_sound(root / f"{seed}.wav", seed=seed)

    def interrupt_once_begun() -> None:
        while not (root / INDEX_FOLDER).exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    user = threading.Thread(target=interrupt_once_begun, daemon=True)
    user.start()
    stopped = runner.invoke(app, ["index", str(root), "--model", installed])
    user.join()
    assert stopped.exit_code == 130
    assert "What was done is kept" in stopped.stderr
    kept = int(_table(stopped.stdout)["added"])
    assert kept < 250

    after = runner.invoke(app, ["index", str(root)])
    assert (_table(after.stdout)["unchanged"], _table(after.stdout)["added"]) == (str(kept), str(250 - kept))


def test_second_ctrl_c_interrupts_at_once() -> None:
    before = signal.getsignal(signal.SIGINT)
    with stopped_by_ctrl_c() as cancel:
        signal.raise_signal(signal.SIGINT)
        assert cancel.cancelled
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


# query


def test_query_prints_json(indexed: str) -> None:
    sound = Path(indexed) / "pads" / "long.flac"
    result = runner.invoke(app, ["query", indexed, "--audio", str(sound), "-k", "3", "--json", "--min-score", "0"])
    hits = json.loads(result.stdout)
    assert len(hits) == 3
    assert hits[0]["path"] == str(sound)
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)
    assert 0 <= hits[0]["start_s"] < hits[0]["end_s"] <= 6.5
    assert hits[0]["modality"] == "audio"


def test_query_prints_paths_for_other_programs(indexed: str) -> None:
    arguments = ["query", indexed, "--image", f"{indexed}/covers/front.png", "--modality", "image", "--min-score", "0"]
    lines = runner.invoke(app, [*arguments, "--paths"]).stdout
    nulls = runner.invoke(app, [*arguments, "-0"]).stdout
    assert lines.splitlines()[0] == f"{indexed}/covers/front.png"
    assert sorted(Path(line).name for line in lines.splitlines()) == ["back.jpg", "front.png", "logo.gif"]
    assert nulls == lines.replace("\n", "\0")


def test_query_prints_a_table_of_relative_paths(indexed: str) -> None:
    result = runner.invoke(app, ["query", indexed, "rain", "on", "a", "tent", "-k", "20", "--min-score", "0"])
    same = runner.invoke(app, ["query", indexed, "rain on a tent", "--min-score", "0"])
    assert result.exit_code == 0
    assert result.stdout == same.stdout
    header, *rows = result.stdout.splitlines()
    assert header.split() == ["#", "score", "time", "file"]
    assert [row.split()[0] for row in rows] == [str(rank) for rank in range(1, 12)]
    assert any(row.rstrip().endswith("picture  covers/front.png") for row in rows)
    assert any(row.rstrip().endswith("0:00.0–0:00.2  drums/hit 0.wav") for row in rows)


def test_query_indexes_first_what_never_was(small_library: Path, installed: str) -> None:
    (small_library / "broken.wav").write_bytes(b"")
    result = runner.invoke(
        app, ["query", str(small_library), "rain", "--model", installed, "--json", "--min-score", "0"]
    )
    assert len(json.loads(result.stdout)) == 11
    assert "never indexed" in result.stderr
    assert "broken.wav" in result.stderr
    assert "never indexed" not in runner.invoke(app, ["query", str(small_library), "rain"]).stderr


def test_what_a_small_model_covers_is_said(small_library: Path, installed: str, own_models_dir: Path) -> None:
    card = own_models_dir / installed / CARD_FILE
    content = json.loads(card.read_text(encoding="utf-8"))
    labels = [f"door_knock_{number}" for number in range(10)]
    card.write_text(json.dumps({**content, "covers": labels}), encoding="utf-8")
    result = runner.invoke(app, ["query", str(small_library), "rain", "--model", installed])
    assert result.stderr.startswith("Model tiny: knows door knock 0, door knock 1,")
    assert "door knock 7 and 2 more kinds\n" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["dur:<"],
        ["rain", "--min-score", "2"],
        ["rain", "--like", "{root}/nowhere.wav"],
        ["   "],
        ["rain", "-k", "0"],
        ["rain", "--modality", "smell"],
        ["rain", "--json", "-0"],
        ["--image", "{root}/no such file.png"],
    ],
)
def test_a_query_that_makes_no_sense_is_a_usage_error(indexed: str, arguments: list[str]) -> None:
    result = runner.invoke(app, ["query", indexed, *(argument.format(root=indexed) for argument in arguments)])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "error" in result.stderr.lower()


def test_a_closed_pipe_ends_quietly(indexed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as out:
        monkeypatch.setattr(sys, "stdout", out)
        with pytest.raises(SystemExit) as left:
            app(["query", indexed, "rain", "--paths", "--min-score", "0"])
        monkeypatch.undo()
        with contextlib.suppress(BrokenPipeError):
            out.close()
    assert left.value.code == 1


# similar, info


def test_similar_takes_paths_as_the_shell_completes_them(indexed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(indexed) / "drums")
    from_here = runner.invoke(app, ["similar", indexed, "hit 1.wav", "--paths", "-k", "4"])
    from_root = runner.invoke(app, ["similar", indexed, "drums/hit 1.wav", "--paths", "-k", "4"])
    assert from_here.exit_code == 0
    assert from_here.stdout == from_root.stdout
    assert len(from_here.stdout.splitlines()) == 4
    assert "hit 1.wav" not in from_here.stdout


def test_similar_to_a_stranger_is_an_error(indexed: str) -> None:
    result = runner.invoke(app, ["similar", indexed, "nothing.wav"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")


def test_info_tells_what_there_is(indexed: str) -> None:
    table = _table(runner.invoke(app, ["info", indexed]).stdout)
    assert (table["sounds"], table["pictures"], table["texts"]) == ("6", "3", "2")
    assert table["model"].startswith("tiny ")
    found = json.loads(runner.invoke(app, ["info", indexed, "--json"]).stdout)
    assert (found["audio"], found["model"]["name"], found["dim"]) == (6, "tiny", 32)


# errors


def test_errors_are_one_line_and_what_to_do(small_library: Path) -> None:
    result = runner.invoke(app, ["info", str(small_library)])
    assert (result.exit_code, result.stdout) == (1, "")
    first, second = result.stderr.splitlines()
    assert first == f"error: {small_library / INDEX_FOLDER}: not indexed yet"
    assert second.strip() == "Run `audioclip-search index` first"


def test_debug_shows_errors_in_full(small_library: Path) -> None:
    result = runner.invoke(app, ["--debug", "query", str(small_library), "rain", "--model", "no such model"])
    assert isinstance(result.exception, ModelError)


@pytest.mark.parametrize("arguments", [["query", "x", "--device", "abacus"], ["index", "--model", "no such model"]])
def test_what_is_not_there_is_an_error(small_library: Path, installed: str, arguments: list[str]) -> None:
    command, *rest = arguments
    result = runner.invoke(app, [command, str(small_library), *["--model", installed], *rest])
    assert (result.exit_code, result.stdout) == (1, "")
    assert "error: " in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("command", ["index", "query", "info"])
def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path, command: str) -> None:
    words = ["rain"] if command == "query" else []
    result = runner.invoke(app, [command, str(tmp_path / "nowhere"), *words])
    assert (result.exit_code, result.stdout) == (1, "")
    assert str(tmp_path / "nowhere") in result.stderr
    assert not (tmp_path / "nowhere").exists()


# models


def test_models_are_listed_found_and_verified(installed: str, own_models_dir: Path) -> None:
    listed = runner.invoke(app, ["models", "list"])
    assert listed.exit_code == 0
    rows = listed.stdout.splitlines()
    assert any(row.startswith("✓  tiny ") for row in rows)
    assert any(row.startswith("·  audioclip ") and "models download audioclip" in row for row in rows)
    assert runner.invoke(app, ["models", "path", installed]).stdout == f"{own_models_dir / 'tiny'}\n"
    assert runner.invoke(app, ["models", "verify", installed]).stdout.startswith("✓ tiny: ")


def test_damaged_models_are_told(installed: str, own_models_dir: Path) -> None:
    with (own_models_dir / installed / WEIGHTS_FILE).open("ab") as weights:
        weights.write(b"\0")
    verified = runner.invoke(app, ["models", "verify", installed])
    assert (verified.exit_code, verified.stdout) == (1, "")
    (own_models_dir / installed / CARD_FILE).write_text("{}", encoding="utf-8")
    rows = runner.invoke(app, ["models", "list"]).stdout.splitlines()
    assert any(row.startswith("✗  tiny ") and "can't be used" in row for row in rows)


def test_models_are_imported_from_files(tiny_model: Path, own_models_dir: Path) -> None:
    result = runner.invoke(app, ["models", "import", str(tiny_model / WEIGHTS_FILE), "--name", "mine"])
    assert result.stdout == f"{own_models_dir / 'mine'}\n"
    assert runner.invoke(app, ["models", "verify", "mine"]).exit_code == 0


@pytest.mark.parametrize(("name", "reason"), [("audioclip", "offline"), ("starter", "comes with"), ("x", "not there")])
def test_downloads_that_can_not_be_are_refused(name: str, reason: str) -> None:
    result = runner.invoke(app, ["models", "download", name], env={config.OFFLINE_VARIABLE: "1"})
    assert (result.exit_code, result.stdout) == (1, "")
    assert reason in result.stderr


def test_a_download_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "140")
    with _download_progress("audioclip") as show:
        show(DownloadProgress(100_000_000, 537_302_068))
        show(DownloadProgress(537_302_068, 537_302_068))
    written = capsys.readouterr()
    assert "537.3/537.3 MB" in written.err
    assert "Checking and converting" in written.err
    assert written.out == ""


# doctor, the program itself


def test_doctor_checks_models_and_index(indexed: str, own_models_dir: Path) -> None:
    shutil.copytree(own_models_dir / "tiny", own_models_dir / "audioclip")
    result = runner.invoke(app, ["doctor", indexed])
    lines = result.stdout.splitlines()
    assert [line.split()[1] for line in lines if line[0] in "✓✗"][:6] == [
        "python", "torch", "device", "sounds", "more", "pictures",
    ]  # fmt: skip
    assert any(line.startswith("✓  model tiny ") for line in lines)
    assert any(line.startswith("✓  model audioclip ") and "used for new indexes" in line for line in lines)
    assert any(line.startswith("✓  index ") and "11 files" in line for line in lines)
    assert result.exit_code == int(any(line.startswith("✗") for line in lines))


def test_doctor_finds_what_is_wrong(small_library: Path, installed: str, own_models_dir: Path) -> None:
    (own_models_dir / installed / CARD_FILE).write_text("{}", encoding="utf-8")
    result = runner.invoke(app, ["doctor", str(small_library)])
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert any(line.startswith("✗  model tiny ") for line in lines)
    assert any(line.startswith("✗  index ") and "not indexed yet" in line for line in lines)
    assert any(line.strip().startswith("→ Run `audioclip-search index`") for line in lines)


def test_version() -> None:
    result = runner.invoke(app, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"audioclip-search {__version__}\n")


def test_help_loads_nothing_heavy() -> None:
    program = """
import contextlib, sys
from audioclip_search.cli import main
sys.argv = ["audioclip-search", "query", "--help"]
with contextlib.suppress(SystemExit):
    main()
print(*sorted({"torch", "lancedb", "PIL", "av", "soundfile"} & set(sys.modules)), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "--modality" in done.stdout
    assert done.stderr.strip() == ""


# what is printed


@pytest.mark.parametrize(
    ("path", "width", "shown"),
    [
        ("drums/kick.wav", 14, "drums/kick.wav"),
        ("packs/drums/kick.wav", 16, "…/drums/kick.wav"),
        ("packs/drums/kick.wav", 15, "…/kick.wav"),
        ("packs/a very long name 0001.wav", 15, "a very …001.wav"),
        ("kick.wav", 1, "…"),
    ],
)
def test_paths_are_shortened_from_the_left(path: str, width: int, shown: str) -> None:
    assert shortened(path, width) == shown
    assert len(shown) <= width


@pytest.mark.parametrize(
    ("time_s", "shown"), [(0, "0:00.0"), (7.25, "0:07.2"), (59.96, "1:00.0"), (754.4, "12:34.4"), (7_384.6, "2:03:04")]
)
def test_clock(time_s: float, shown: str) -> None:
    assert clock(time_s) == shown


def test_control_characters_do_not_reach_the_terminal() -> None:
    assert printable("läs\x1b[31m\nmig") == "läs\\x1b[31m\\nmig"


def test_paths_fit_a_narrow_terminal() -> None:
    out = io.StringIO()
    path = Path("/sfx/packs/drums/kick 0001.wav")
    Console(file=out, width=22, force_terminal=True, color_system=None).print(
        _PathCell("packs/drums/kick 0001.wav", path)
    )
    assert "…/drums/kick 0001.wav" in out.getvalue()
    assert len(max(out.getvalue().split("\x1b"), key=len)) < 120


def test_without_the_app_the_shell_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    result = runner.invoke(app, ["gui"])
    assert result.exit_code == 1
    assert 'pip install "audioclip-search[gui]"' in " ".join(result.stderr.split())


def test_the_command_for_the_app_is_there() -> None:
    result = runner.invoke(app, ["gui", "--help"])
    assert result.exit_code == 0
    assert "Open the desktop app." in result.stdout
