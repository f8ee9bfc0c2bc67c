"""Settings of a training from files, `key=value` and options: who wins, what is refused, and in which words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from trainer.configure import resolve, save
from trainer.errors import SettingsError
from trainer.settings import FINETUNE_PROTOCOLS, PRETRAIN, Objective, Precision, Trained, TrainSettings


def finetune(config: Path | None = None, sets: tuple[str, ...] = (), **options: Any) -> TrainSettings:
    return resolve({}, FINETUNE_PROTOCOLS, config=config, sets=sets, options=options)


def written(folder: Path, text: str) -> Path:
    path = folder / "given.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_later_sources_win(tmp_path: Path) -> None:
    assert finetune() == TrainSettings()
    assert resolve(PRETRAIN, {}, config=None, sets=(), options={}).epochs == 30
    assert finetune(dataset="us8k").learning_rate == 1e-5  # the data set's protocol
    config = written(tmp_path, "dataset: us8k\nlearning_rate: 1e-3\nepochs: 7\nbatch-size: 32\n")
    assert finetune(config).channels == 2
    assert finetune(config).learning_rate == 1e-3
    found = finetune(config, ("epochs=8", "batch_size=16"), batch_size="8", momentum=None)
    assert (found.learning_rate, found.epochs, found.batch_size, found.momentum) == (1e-3, 8, 8, 0.9)


def test_the_protocol_is_that_of_the_data_set_that_wins(tmp_path: Path) -> None:
    config = written(tmp_path, "dataset: us8k:/old\n")
    found = finetune(config, dataset="esc10:/new:colon")
    assert (found.dataset, found.root, found.channels) == ("esc10", Path("/new:colon"), 1)
    assert finetune(config, root="/other").root == Path("/other")


def test_texts_are_read_as_the_type_of_their_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    found = finetune(
        None,
        ("seeds=1,2, 3", "test_folds=[4]", "train_folds=", "name=12", "stretch=yes", "cache=~/decoded #1", "out=null"),
        dataset="folder:~/sfx",
        precision="bf16-mixed",
        learning_rate="5e-4",
        filters=False,
    )
    assert (found.seeds, found.test_folds, found.train_folds) == ((1, 2, 3), (4,), ())
    assert (found.name, found.stretch, found.filters, found.out) == ("12", True, False, None)
    assert (found.root, found.cache) == (tmp_path / "sfx", tmp_path / "decoded #1")
    assert (found.precision, found.learning_rate) == (Precision.BFLOAT16, 5e-4)
    assert (found.train, found.objective) == (Trained.ADAPTER, Objective.CLASSES)


def test_saved_settings_resolve_to_the_same(tmp_path: Path) -> None:
    settings = finetune(
        None,
        ("seeds=1,2,3", "name=null", "model=1e5"),
        dataset=f"us8k:{tmp_path / 'Ünïcode: #1'}",
        out=tmp_path / "out",
        objective=Objective.CLASSES,
        snr_min_db=-3,
    )
    path = tmp_path / "settings.yaml"
    save(settings, path)
    assert resolve(PRETRAIN, {}, config=path, sets=(), options={}) == settings
    assert type(finetune(path).objective) is Objective


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"epochs": "0"}, "--epochs 0: should be greater than or equal to 1"),
        ({"batch_size": "many"}, "--batch-size many: should be a valid integer"),
        ({"batch_size": "10", "accumulate": "3"}, "batch_size 10 can't be divided by accumulate 3"),
        ({"flip": "1.5"}, "--flip 1.5: should be less than or equal to 1"),
        ({"noise": "nan"}, "--noise nan: should be a finite number"),
        ({"decay": "0"}, "--decay 0: should be greater than 0"),
        ({"scale": "0.5"}, "--scale 0.5: should be greater than or equal to 1"),
        ({"channels": "3"}, "--channels 3: should be less than or equal to 2"),
        ({"held_out": "1"}, "--held-out 1: should be less than 1"),
        ({"seeds": ""}, "--seeds : "),
        ({"seeds": "1,1"}, "seeds has 1 twice"),
        ({"train_folds": "1,2", "test_folds": "2"}, "fold 2 is in train_folds and in test_folds"),
        ({"snr_min_db": "50", "snr_max_db": "40"}, "snr_min_db 50.0 is above snr_max_db 40.0"),
        ({"optimizer": "adam"}, "--optimizer adam: should be 'sgd' or 'adamw'"),
        ({"accelerator": "tpu"}, "--accelerator tpu: should be 'auto', 'cpu' or 'gpu'"),
        ({"mixing": "0.2"}, "mixing 0.2 needs objective classes"),
        ({"class_weights": "true", "objective": "classes"}, "class_weights need objective contrastive"),
        ({"precision": "16-mixed"}, "filters can't be trained in 16-mixed"),
        ({"cache": "~nobody-of-this-name/x"}, "there is no such home folder"),
        ({"dataset": "us8k:/a", "root": "/b"}, "there is a root besides (--root /b)"),
    ],
)
def test_a_bad_value_is_one_line_that_names_it(options: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        finetune(None, (), **options)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("epochs: true", "epochs: True: should be a valid integer"),
        ("seeds: [1, x]", "seeds: [1, 'x']: should be a valid integer"),
        ("duration_s: 1 second", "duration_s: 1 second: should be a valid number"),
        ("learning_rte: 1", "no setting is called learning_rte. Did you mean learning_rate?"),
        ("qqq: 1", "no setting is called qqq. --help lists all settings"),
        ("- epochs", "not a mapping of settings"),
        ("epochs: [1", "not a YAML file: "),
        ("dataset: us8k:/a\nroot: /b", "there is a root besides (root: /b)"),
        ("name: {a: 1}", "name: {'a': 1}: should be a valid string"),
    ],
)
def test_a_bad_file_is_one_line_that_names_file_and_key(tmp_path: Path, text: str, words: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        finetune(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.remedy


def test_a_file_that_cannot_be_read_or_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"absent\.yaml: can't be read: No such file"):
        finetune(tmp_path / "absent.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"name: \xe9")
    with pytest.raises(SettingsError, match=r"latin\.yaml: not a YAML file: .*utf-8"):
        finetune(tmp_path / "latin.yaml")
    with pytest.raises(SettingsError, match=r"absent.settings\.yaml: can't be written: No such file"):
        save(TrainSettings(), tmp_path / "absent" / "settings.yaml")


def test_an_empty_file_sets_nothing(tmp_path: Path) -> None:
    assert finetune(written(tmp_path, "# nothing\n")) == TrainSettings()


def test_a_set_needs_a_key_and_a_value() -> None:
    with pytest.raises(SettingsError, match="--set epochs: not of the form key=value"):
        finetune(None, ("epochs",))
    with pytest.raises(SettingsError, match=r"--set epoch=3: no setting is called epoch\. Did you mean epochs\?"):
        finetune(None, ("epoch=3",))
    with pytest.raises(SettingsError, match="--set epochs=-3: should be greater"):
        finetune(None, ("epochs=-3",))
