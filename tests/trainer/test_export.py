"""From checkpoints and runs to models that search loads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from audioclip_search import config
from audioclip_search.encoder import open_encoder
from audioclip_search.errors import AudioCLIPSearchError, ModelError, WeightsError
from audioclip_search.model import AudioCLIPConfig
from audioclip_search.model.registry import resolve
from audioclip_search.model.weights import load_model, read_card, save_model
from trainer.errors import SettingsError
from trainer.export import export


def content(folder: Path) -> dict[str, Any]:
    """What a checkpoint of a saved model's weights holds."""
    model = load_model(folder)
    state = {f"model.{name}": tensor for name, tensor in model.state_dict().items()}
    return {"state_dict": {**state, "prompts": torch.zeros(3)}, "audioclip_config": model.config.to_json(), "epoch": 1}


@pytest.fixture
def run(tmp_path: Path, tiny_model: Path) -> Path:
    """A run of one seed and two folds, one finished and one that was stopped."""
    stopped = tmp_path / "run" / "seed-2021" / "fold-2" / "checkpoints" / "last.ckpt"
    stopped.parent.mkdir(parents=True)
    torch.save(content(tiny_model), stopped)
    finished = tmp_path / "run" / "seed-2021" / "fold-1" / "model"
    save_model(finished, load_model(tiny_model), name="fold", description="Fold 1", covers=("rain",))
    (tmp_path / "run" / "empty").mkdir()
    return tmp_path / "run"


def same_vectors(one: Path, other: Path) -> bool:
    a, b = open_encoder(one, device="cpu"), open_encoder(other, device="cpu")
    clip = np.random.default_rng(1).uniform(-0.5, 0.5, (1, 9_000)).astype(np.float32)
    texts = np.array_equal(a.encode_texts(["rain"]), b.encode_texts(["rain"]))
    return texts and np.array_equal(a.encode_audio([clip]), b.encode_audio([clip]))


def test_a_checkpoint_becomes_a_model(run: Path, tiny_model: Path, tmp_path: Path) -> None:
    folder = export(run / "seed-2021/fold-2/checkpoints/last.ckpt", tmp_path / "out", name="mine")
    assert folder == tmp_path / "out" == resolve(folder)
    assert same_vectors(folder, tiny_model)
    card = read_card(folder)
    assert (card.name, card.description) == ("mine", "Exported from last.ckpt of fold-2")


@pytest.mark.parametrize(
    "place", ["seed-2021/fold-1", "seed-2021/fold-1/model", "", "seed-2021/fold-1/model/model.safetensors"]
)
def test_a_run_or_saved_model_keeps_what_its_card_says(run: Path, tmp_path: Path, place: str) -> None:
    card = read_card(export(run / place, tmp_path / "out", name="mine"))
    assert (card.name, card.description, card.covers) == ("mine", "Fold 1", ("rain",))


def test_a_fold_that_was_stopped_gives_its_checkpoint(run: Path, tmp_path: Path, tiny_model: Path) -> None:
    assert same_vectors(export(run / "seed-2021/fold-2", tmp_path / "out", name="mine"), tiny_model)


def test_an_installed_model_is_known_by_name(run: Path, tmp_path: Path) -> None:
    folder = export(run / "seed-2021/fold-2", tmp_path / "out", name="mine", description="My own", install=True)
    assert folder == resolve("mine") == config.models_dir() / "mine"
    assert read_card(folder).weights_hash == read_card(tmp_path / "out").weights_hash
    assert read_card(folder).description == "My own"


def test_half_precision_is_half_the_size(run: Path, tmp_path: Path) -> None:
    whole = export(run / "seed-2021/fold-2", tmp_path / "whole", name="mine")
    half = export(run / "seed-2021/fold-2", tmp_path / "half", name="mine", half=True)
    sizes = [(folder / "model.safetensors").stat().st_size for folder in (half, whole)]
    assert sizes[0] < 0.6 * sizes[1]
    assert open_encoder(half, device="cpu").dim == 32


def test_several_models_are_listed(run: Path, tmp_path: Path, tiny_model: Path) -> None:
    save_model(run / "seed-2022" / "fold-1" / "model", load_model(tiny_model), name="fold")
    with pytest.raises(
        SettingsError, match=r"run: holds 2 models: seed-2021/fold-1/model, seed-2022/fold-1/model\. Give one"
    ):
        export(run, tmp_path / "out", name="mine")


@pytest.mark.parametrize("name", ["starter", "audioclip", "a/b", ""])
def test_names_that_are_taken_are_refused(run: Path, name: str) -> None:
    with pytest.raises(ModelError, match="can't be called"):
        export(run, None, name=name, install=True)


def test_nowhere_to_write_and_nothing_to_read(run: Path, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="--install"):
        export(run, None, name="mine")
    with pytest.raises(SettingsError, match=r"gone\.ckpt: no such file or folder"):
        export(tmp_path / "gone.ckpt", tmp_path / "out", name="mine")
    with pytest.raises(SettingsError, match="empty: holds no model and no checkpoint"):
        export(run / "empty", tmp_path / "out", name="mine")


def of_another_size(saved: dict[str, Any]) -> None:
    saved["audioclip_config"] = AudioCLIPConfig.from_json(
        saved["audioclip_config"].replace('"embed_dim": 32', '"embed_dim": 64')
    ).to_json()


def without_a_weight(saved: dict[str, Any]) -> None:
    del saved["state_dict"]["model.audio.fc.weight"]


def with_broken_sizes(saved: dict[str, Any]) -> None:
    saved["audioclip_config"] = '{"embed_dim": "wide"}'


def of_another_program(saved: dict[str, Any]) -> None:
    del saved["audioclip_config"]


@pytest.mark.parametrize(
    ("spoil", "error", "message"),
    [
        (of_another_size, WeightsError, "misshapen: .*audio.fc.weight"),
        (without_a_weight, WeightsError, "1 missing: audio.fc.weight"),
        (with_broken_sizes, ModelError, "configuration"),
        (of_another_program, SettingsError, "not a checkpoint of this trainer"),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_named(
    tiny_model: Path, tmp_path: Path, spoil: Any, error: type[AudioCLIPSearchError], message: str
) -> None:
    saved = content(tiny_model)
    spoil(saved)
    torch.save(saved, tmp_path / "last.ckpt")
    with pytest.raises(error, match=rf"last\.ckpt: .*{message}"):
        export(tmp_path / "last.ckpt", tmp_path / "out", name="mine")
    assert not (tmp_path / "out").exists()


def test_a_checkpoint_cut_short_is_named(run: Path, tmp_path: Path) -> None:
    file = run / "seed-2021/fold-2/checkpoints/last.ckpt"
    file.write_bytes(file.read_bytes()[:10_000])
    with pytest.raises(SettingsError, match=r"last\.ckpt: not a whole checkpoint .* cut short"):
        export(file, tmp_path / "out", name="mine")
