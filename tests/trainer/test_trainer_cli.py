"""`python -m trainer`: what its help says, and how errors end it."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from typer.testing import CliRunner, Result

from audioclip_search.errors import CancelledError
from trainer.cli import _Bars, _Program, app
from trainer.settings import HELP, TrainSettings


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def help_of(command: str) -> str:
    """On one line, without frames."""
    result = CliRunner(env={"COLUMNS": "200", "TERM": "dumb"}).invoke(app, [command, "--help"])
    assert result.exit_code == 0
    return " ".join(result.output.replace("│", " ").split())


def test_help_needs_no_torch() -> None:
    code = "import sys, trainer.cli; print([name for name in ('torch', 'lightning') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(("command", "without"), [("pretrain", {"test_folds", "held_out"}), ("finetune", set())])
def test_every_setting_is_an_option_with_help(command: str, without: set[str]) -> None:
    text = help_of(command)
    for field in dataclasses.fields(TrainSettings):
        if field.name in without:
            assert f"--{field.name.replace('_', '-')} " not in text
            continue
        assert f"--{field.name.replace('_', '-')} " in text
        assert field.metadata[HELP].partition(" [")[0] in text
    assert all(option in text for option in ("--config", "--set", "--resume"))


def test_help_gives_the_defaults_that_hold_and_the_section() -> None:
    tuning, training = help_of("finetune"), help_of("pretrain")
    assert "(section 3.3) [default: 5e-05; us8k: 1e-05; esc10: 0.002]" in tuning
    assert "(section 3.3) [default: 0.0001]" in training
    assert "full, audio, adapter (section 3.3) [default: audio; esc10: full; folder: adapter]" in tuning
    assert "[default: all but the tested one; esc10: 1,2,3]" in tuning
    assert "[default: no-stretch; us8k: stretch]" in tuning
    assert "power from [-1, 1]; 1 leaves them (section 3.2) [default: 1.5]" in tuning
    assert "[default: no-decode-once]" in training


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("finetune", "--epochs", "0"), "--epochs 0: should be greater than or equal to 1"),
        (("finetune", "--set", "epoch=3"), "--set epoch=3: no setting is called epoch. Did you mean epochs?"),
        (("pretrain", "--config", "absent.yaml"), "absent.yaml: can't be read"),
        (("pretrain", "--seed", "1"), "--steps and --seed belong to --recipe starter"),
        (("pretrain", "--recipe", "starter", "--out", "x"), "needs --esc10 and --out"),
        (("pretrain", "--esc10", "x", "--out", "x", "--batch-size", "2"), "--batch-size: the recipe settles this"),
        (("finetune", "--dataset", "esc10"), "--dataset esc10:PATH"),
        (("evaluate", "--run", "absent"), "settings.yaml: can't be read"),
        (("evaluate", "--dataset", "esc50:/absent", "--folds", "4,x"), "--folds x: no whole number"),
        (("evaluate", "--dataset", "esc50:/absent", "--folds", "4,"), "--folds : no whole number"),
        (("evaluate", "--dataset", "esc50:/absent", "--folds", "4,5", "--folds", "1"), "esc50.csv: can't be read"),
        (("evaluate", "--dataset", "us8k:/a", "--root", "/b"), "there is a root besides"),
        (("export", "x.ckpt", "--name", "x"), "nowhere to put the model"),
        (("export", "absent.ckpt", "--name", "x", "--out", "x"), "absent.ckpt: no such file"),
    ],
)
def test_what_people_can_mend_is_one_line_on_stderr(arguments: tuple[str, ...], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_unknown_option_is_a_usage_error() -> None:
    assert run("finetune", "--learning-rte", "1").exit_code == 2


@pytest.fixture
def interrupted() -> Iterator[typer.Typer]:
    """A program like the trainer's, whose commands are stopped."""
    program = typer.Typer(cls=_Program)

    @program.command()
    def finetune() -> None:
        raise KeyboardInterrupt

    @program.command()
    def export() -> None:
        raise KeyboardInterrupt

    @program.command()
    def pretrain() -> None:
        raise CancelledError("stopped after step 3 of 9", remedy="The same command with --resume goes on from there")

    yield program


def test_an_interruption_says_how_to_go_on(interrupted: typer.Typer) -> None:
    for command, goes_on in (("finetune", True), ("pretrain", True), ("export", False)):
        result = CliRunner().invoke(interrupted, [command])
        assert result.exit_code == 130
        assert ("--resume" in result.stderr) is goes_on
        assert result.stderr.count("\n") == 1


def test_data_sets_are_listed_and_checked(tmp_path: Path) -> None:
    listed = run("datasets", "list")
    assert listed.exit_code == 0
    assert all(name in listed.stdout for name in ("esc50", "us8k", "audioset", "meta/esc50.csv"))
    checked = run("datasets", "check", "us8k", "--root", tmp_path)
    assert checked.exit_code == 1
    assert checked.stdout.strip()
    assert all(str(tmp_path) in line for line in checked.stdout.splitlines())


def test_bars_come_and_go_with_their_stages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("TERM", "xterm")
    with _Bars() as bars:
        live = SimpleNamespace(now=lambda: bars._progress.live.is_started)
        assert not live.now()
        bars("decoding", 1, 3)
        bars("decoding", 2, 3)
        assert live.now()
        assert [(task.description, task.completed, task.total) for task in bars._progress.tasks] == [("decoding", 2, 3)]
        bars("decoding", 3, 3)
        assert not live.now()
        bars("training", 1, 2)  # stopped on the way
        assert live.now()
    assert not live.now()
