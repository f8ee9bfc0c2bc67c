"""Fine-tuning and pre-training from the command line to the model that is used, on made-up data sets."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from trees import US8K_CLASSES, make_audioset, make_esc50, make_tone, make_us8k, write_csv
from typer.testing import CliRunner, Result

from audioclip_search.encoder import open_encoder
from audioclip_search.model.weights import load_model, read_card
from trainer.cli import app
from trainer.settings import TrainSettings

QUICK = ("--workers", "0", "--accelerator", "cpu", "--batch-size", "8", "--epochs", "2")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def passed(*arguments: object) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.output


def refused(*arguments: object) -> str:
    """The one line on what is wrong."""
    result = run(*arguments)
    assert result.exit_code == 1, result.output
    line = result.stderr.splitlines()[-1]
    assert line.startswith("error: ")
    return line


@pytest.fixture(scope="module")
def esc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_esc50(tmp_path_factory.mktemp("esc"), folds=(1, 2, 3), per_class=4)


def test_the_published_protocol_over_all_folds(esc: Path, tmp_path: Path, tiny_model: Path) -> None:
    out = tmp_path / "run"
    printed = passed("finetune", "--dataset", f"esc50:{esc}", "--model", tiny_model, "--out", out, *QUICK)
    assert "97.15%" in printed  # the paper's figure
    results = json.loads((out / "results.json").read_text())
    assert [fold["test_fold"] for fold in results["folds"]] == [1, 2, 3]
    assert [fold["train_folds"] for fold in results["folds"]] == [[2, 3], [1, 3], [1, 2]]
    assert results["score"] == pytest.approx(np.mean([fold["accuracy"] for fold in results["folds"]]))
    assert np.sum([fold["confusion"] for fold in results["folds"]]) == 36
    settings = yaml.safe_load((out / "settings.yaml").read_text())
    assert (settings["optimizer"], settings["learning_rate"], settings["momentum"]) == ("sgd", 5e-5, 0.9)
    assert (settings["decay"], settings["weight_decay"], settings["channels"]) == (0.96, 5e-4, 1)
    assert (settings["flip"], settings["scale"], settings["noise"]) == (0.5, 1.5, 0.25)
    assert {path.name for path in out.glob("*.png")} == {"confusion.png", "classes.png"}
    place = out / "seed-2021" / "fold-1"
    assert (place / "logs" / "metrics.csv").is_file()
    assert list(place.glob("logs/events.*"))
    before, after = load_model(tiny_model).state_dict(), load_model(place / "model").state_dict()
    moved = {name.split(".")[0] for name, weight in after.items() if not weight.equal(before[name])}
    assert moved == {"audio"}  # the temperature is at its limit, where it has no gradient
    assert open_encoder(place / "model", device="cpu").dim == 32

    assert "there is a run already" in refused(
        "finetune", "--dataset", f"esc50:{esc}", "--model", tiny_model, "--out", out, *QUICK
    )
    again = ("finetune", "--dataset", f"esc50:{esc}", "--model", tiny_model, "--out", out, *QUICK, "--resume")
    assert "the run to resume has epochs 2, not 3" in refused(*again, "--epochs", "3")
    (out / "seed-2021" / "fold-2" / "result.json").unlink()
    stamps = {fold: (out / f"seed-2021/fold-{fold}/result.json").stat().st_mtime_ns for fold in (1, 3)}
    passed(*again)
    assert json.loads((out / "results.json").read_text())["folds"][1]["confusion"] == results["folds"][1]["confusion"]
    assert all((out / f"seed-2021/fold-{fold}/result.json").stat().st_mtime_ns == at for fold, at in stamps.items())


def test_a_small_network_learns_from_scratch_and_two_seeds_differ(esc: Path, tmp_path: Path, tiny_model: Path) -> None:
    """Tones of three pitches, told apart by the names of their classes; far above the third that chance gives."""
    arguments = (
        "finetune", "--dataset", "esc10", "--root", esc, "--model", tiny_model, "--out", tmp_path / "run",
        "--seeds", "1,2", "--train-folds", "1,2", "--test-folds", "3", "--duration-s", "0.5", "--epochs", "40",
        "--workers", "0", "--precision", "32-true", "--batch-size", "8", "--cache", tmp_path / "cache",
    )  # fmt: skip
    printed = passed(*arguments)
    assert "±" in printed
    results = json.loads((tmp_path / "run" / "results.json").read_text())
    assert results["classes"] == ["dog", "rain"]  # those of ESC-10 that are there
    assert [fold["seed"] for fold in results["folds"]] == [1, 2]
    assert results["score"] >= 0.8
    first, second = (load_model(tmp_path / "run" / f"seed-{seed}" / "fold-3" / "model") for seed in (1, 2))
    assert not first.audio.conv1.weight.equal(second.audio.conv1.weight)
    assert list((tmp_path / "cache").glob("clips-*.f32"))


def test_urbansound_is_read_as_its_authors_do(tmp_path: Path, tiny_model: Path) -> None:
    root = make_us8k(tmp_path / "us8k", folds=(1, 2), classes=US8K_CLASSES, per_class=1)
    out = tmp_path / "run"
    passed("finetune", "--dataset", f"us8k:{root}", "--model", tiny_model, "--out", out, "--test-folds", "1", *QUICK)
    settings = yaml.safe_load((out / "settings.yaml").read_text())
    assert (settings["learning_rate"], settings["channels"], settings["duration_s"]) == (1e-5, 2, 4.0)
    assert settings["stretch"] is True
    assert json.loads((out / "results.json").read_text())["folds"][0]["clips"] == 10


def test_early_stopping_spares_the_tested_fold(esc: Path, tmp_path: Path, tiny_model: Path) -> None:
    out = tmp_path / "run"
    arguments = ("finetune", "--dataset", f"esc50:{esc}", "--model", tiny_model, "--test-folds", "1", "--out", out)
    passed(*arguments, *QUICK, "--patience", "1")
    assert json.loads((out / "results.json").read_text())["folds"][0]["train_folds"] == [2]
    one_fold = (*arguments[:-1], tmp_path / "other", *QUICK, "--patience", "1", "--train-folds", "2")
    assert "early stopping needs a second fold" in refused(*one_fold)


def test_pretraining_in_three_modalities_on_audioset(tmp_path: Path, tiny_model: Path) -> None:
    root = make_audioset(tmp_path / "audioset", video=True)
    out = tmp_path / "run"
    arguments = ("pretrain", "--dataset", f"audioset:{root}", "--model", tiny_model, "--out", out, "--class-weights")
    printed = passed(*arguments, "--workers", "0", "--epochs", "1", "--batch-size", "4", "--chunk", "2")
    assert "mean average precision" in printed
    assert 0 < json.loads((out / "results.json").read_text())["evaluation_mean_average_precision"] <= 1
    settings = yaml.safe_load((out / "settings.yaml").read_text())
    assert (settings["train"], settings["learning_rate"], settings["decay"]) == ("full", 1e-4, 0.95)
    before, after = load_model(tiny_model).state_dict(), load_model(out / "model").state_dict()
    moved = {name.split(".")[0] for name, weight in after.items() if not weight.equal(before[name])}
    assert {"audio", "visual", "transformer", "token_embedding"} <= moved
    assert read_card(out / "model").name == "audioset-full"


def test_pretraining_on_sounds_and_texts_from_a_table(tmp_path: Path, tiny_model: Path) -> None:
    rows = [(make_tone(tmp_path / f"{n}.wav", number=n).name, f"a tone of pitch {n}") for n in range(8)]
    table = write_csv(tmp_path / "sounds.csv", ("audio", "text"), rows)
    out = tmp_path / "run"
    arguments = ("pretrain", "--dataset", f"table:{table}", "--model", tiny_model, "--train", "audio", "--out", out)
    passed(*arguments, "--workers", "0", "--epochs", "3", "--batch-size", "4", "--duration-s", "0.5")
    with (out / "logs" / "metrics.csv").open() as log:
        losses = [float(row["loss"]) for row in csv.DictReader(log) if row["loss"]]
    assert len(losses) >= 4
    assert all(np.isfinite(losses))


def test_the_starting_weights_may_come_in_halves(esc: Path, tmp_path: Path, tiny_model: Path) -> None:
    other = tmp_path / "no weights.pt"
    other.write_bytes(b"none")
    line = refused("finetune", "--dataset", f"esc50:{esc}", "--model", tiny_model, "--audio-weights", other, *QUICK)
    assert "no weights.pt: " in line


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--dataset", "esc50"), "where is the data set esc50?"),
        (("--dataset", "esc50:{missing}"), "esc50.csv"),
        (("--dataset", "esc50:{esc}", "--test-folds", "7"), "7"),
        (("--dataset", "esc50:{esc}", "--model", "{missing}"), "missing"),
        (("--dataset", "esc50:{esc}", "--model", "audioclip"), "audioclip-search models download audioclip"),
        (("--dataset", "esc50:{esc}", "--train", "adapter"), "train=adapter is for --dataset folder"),
        (("--dataset", "esc50:{esc}", "--name", "mine"), "gives a model for each fold"),
        (("--dataset", "esc50:{esc}", "--no-decode-once"), "decodes and checks every clip first"),
        (("--dataset", "esc50:{esc}", "--spectrogram"), "while filters are trained"),
        (("--dataset", "folder:{esc}/audio"), "Put the sounds into a folder for each class"),
    ],
)
def test_what_can_be_known_before_is_told_before(
    esc: Path, tmp_path: Path, tiny_model: Path, arguments: tuple[str, ...], expected: str
) -> None:
    filled = [part.format(esc=esc, missing=tmp_path / "missing") for part in arguments]
    model = () if "--model" in arguments else ("--model", tiny_model)
    line = refused("finetune", *filled, *model, "--out", tmp_path / "run", *QUICK)
    assert expected in line
    assert not list(tmp_path.glob("run/seed-*"))


def test_a_truncated_clip_is_told_before_the_first_epoch(tmp_path: Path, tiny_model: Path) -> None:
    root = make_esc50(tmp_path / "esc", folds=(1, 2))
    clip = sorted((root / "audio").iterdir())[3]
    clip.write_bytes(clip.read_bytes()[:3_000])
    line = refused("finetune", "--dataset", f"esc50:{root}", "--model", tiny_model, "--out", tmp_path / "run", *QUICK)
    assert clip.name in line
    assert "truncated" in line


def test_defaults_are_those_of_esc50() -> None:
    assert TrainSettings().epochs == 50
    assert TrainSettings().batch_size == 64
