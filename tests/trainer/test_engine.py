"""The engine: stopping and going on, whole checkpoints, early stopping, what moves and how fast."""

from __future__ import annotations

import csv
import dataclasses
import os
import signal
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import TINY
from torch import Tensor

from audioclip_search.errors import CancelledError
from audioclip_search.model import AudioCLIP, AudioCLIPConfig
from audioclip_search.types import FloatArray
from trainer.alignment import Alignment
from trainer.checkpoints import CHECKPOINT, WholeCheckpoints, read_checkpoint
from trainer.datasets.examples import Example, Examples, Place
from trainer.engine import Optimisation
from trainer.errors import SettingsError
from trainer.settings import Objective, Optimizer, Schedule, Trained, TrainSettings
from trainer.training import Data, train_network

CLASSES = ("hum", "hiss", "click")
SETTINGS = TrainSettings(
    train=Trained.FULL,
    objective=Objective.CONTRASTIVE,
    batch_size=4,
    epochs=4,
    learning_rate=0.01,
    duration_s=0.5,
    workers=0,
    accelerator="cpu",
)


@dataclasses.dataclass(frozen=True)
class MadeClips:
    """Half a second of noise at 8 kHz for each row, another one each."""

    count: int
    samples: int = 4_000

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, row: int) -> FloatArray:
        return np.random.default_rng(row).uniform(-0.5, 0.5, (1, self.samples)).astype(np.float32)


def made_data(count: int = 12) -> Data:
    examples = Examples.of(
        Example(Place(f"{row}.wav"), None, (CLASSES[row % 3],), f"{CLASSES[row % 3]} {row}") for row in range(count)
    )
    clips = MadeClips(count)
    return Data(examples, clips, CLASSES, examples, clips)


def made_network(config: AudioCLIPConfig = TINY) -> AudioCLIP:
    torch.manual_seed(5)
    return AudioCLIP(config)


def trained(
    out: Path, settings: TrainSettings, *, stop_at: int = -1, resume: bool = False, seen: list[int] | None = None
) -> dict[str, Tensor]:
    """Final weights; interrupted by a real SIGINT during the step `stop_at`."""
    model = made_network()

    def on_progress(_: str, done: int, total: int) -> None:
        assert total == 12
        if seen is not None:
            seen.append(done)
        if done == stop_at:
            os.kill(os.getpid(), signal.SIGINT)

    train_network(model, made_data(), settings, seed=3, out=out, label="test", resume=resume, on_progress=on_progress)
    return model.state_dict()


def logged(out: Path) -> list[tuple[str, ...]]:
    with (out / "logs" / "metrics.csv").open() as table:
        return [(row["step"], row["loss"], row["monitored"]) for row in csv.DictReader(table)]


def same(a: dict[str, Tensor], b: dict[str, Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


VARIANTS: Sequence[dict[str, object]] = (
    {},
    {"ema": 0.9, "accumulate": 2},
    {"objective": Objective.CLASSES, "optimizer": Optimizer.ADAMW, "schedule": Schedule.COSINE, "filters": False,
     "spectrogram": True, "mixing": 0.3},
)  # fmt: skip


@pytest.mark.parametrize("variant", VARIANTS, ids=["published", "averaged", "varied"])
@pytest.mark.parametrize("stop_at", [3, 5])  # a validation is due after every third step
def test_stopped_and_resumed_is_the_same_bit_for_bit(tmp_path: Path, variant: dict[str, object], stop_at: int) -> None:
    settings = dataclasses.replace(SETTINGS, **variant)
    whole = trained(tmp_path / "whole", settings)
    with pytest.raises(CancelledError, match=f"stopped after step {stop_at} of 12.*--resume"):
        trained(tmp_path / "broken", settings, stop_at=stop_at)
    seen: list[int] = []
    resumed = trained(tmp_path / "broken", settings, resume=True, seen=seen)
    assert set(seen) == set(range(stop_at + (settings.accumulate == 1), 13))
    assert not same(whole, made_network().state_dict())
    assert same(whole, resumed)
    assert logged(tmp_path / "whole") == logged(tmp_path / "broken") != []


@pytest.mark.parametrize("variant", [{"ema": 0.9}, {"ema": 0.9, "validate_epochs": 3}], ids=["validated", "not"])
def test_stopped_in_the_last_step_it_still_ends_as_the_average(tmp_path: Path, variant: dict[str, object]) -> None:
    settings = dataclasses.replace(SETTINGS, **variant)
    whole = trained(tmp_path / "whole", settings)
    with pytest.raises(CancelledError, match="stopped after step 12 of 12"):
        trained(tmp_path / "broken", settings, stop_at=12)
    for _ in range(2):
        assert same(whole, trained(tmp_path / "broken", settings, resume=True))
    assert logged(tmp_path / "whole") == logged(tmp_path / "broken")


def test_stopped_where_a_row_is_logged_the_row_is_there(tmp_path: Path) -> None:
    settings = dataclasses.replace(SETTINGS, validate_epochs=4)
    trained(tmp_path / "whole", settings)
    with pytest.raises(CancelledError):
        trained(tmp_path / "broken", settings, stop_at=6)
    trained(tmp_path / "broken", settings, resume=True)
    assert logged(tmp_path / "whole") == logged(tmp_path / "broken")


def test_a_second_signal_stops_at_once_and_the_checkpoint_stays_whole(tmp_path: Path) -> None:
    model = made_network()

    def on_progress(_: str, done: int, __: int) -> None:
        for _signal in range(2 if done == 4 else 0):
            os.kill(os.getpid(), signal.SIGINT)

    settings = dataclasses.replace(SETTINGS, checkpoint_minutes=1e-9)  # after every step
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):  # of which the command line makes a line
        train_network(
            model, made_data(), settings, seed=3, out=tmp_path, label="", resume=False, on_progress=on_progress
        )
    assert signal.getsignal(signal.SIGINT) == before
    assert read_checkpoint(tmp_path / CHECKPOINT)["global_step"] == 3  # the last that was finished and kept
    assert same(trained(tmp_path, settings, resume=True), trained(tmp_path / "whole", settings))


def test_a_checkpoint_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "last.ckpt"
    WholeCheckpoints().save_checkpoint({"step": 1}, path)
    with pytest.raises(Exception, match="pickle"):
        WholeCheckpoints().save_checkpoint({"step": lambda: 2}, path)  # stops in the middle of writing
    assert torch.load(path, weights_only=True) == {"step": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["last.ckpt"]


def test_a_checkpoint_that_does_not_fit_is_named_before_a_step_is_made(tmp_path: Path) -> None:
    trained(tmp_path, SETTINGS)
    other = dataclasses.replace(TINY, embed_dim=16)
    with pytest.raises(SettingsError, match=r"last\.ckpt: the checkpoint is of a network of another size"):
        train_network(
            made_network(other),
            made_data(),
            SETTINGS,
            seed=3,
            out=tmp_path,
            label="",
            resume=True,
            on_progress=lambda *_: pytest.fail("trained"),
        )
    checkpoint = tmp_path / CHECKPOINT
    checkpoint.write_bytes(checkpoint.read_bytes()[:10_000])
    with pytest.raises(SettingsError, match=r"last\.ckpt: not a whole checkpoint of this trainer"):
        trained(tmp_path, SETTINGS, resume=True)


def test_it_stops_early_when_nothing_is_gained(tmp_path: Path) -> None:
    settings = dataclasses.replace(SETTINGS, learning_rate=1e-12, patience=1, epochs=4)
    seen: list[int] = []
    trained(tmp_path, settings, seen=seen)
    assert max(seen) == 6  # the first validation sets the mark, the second gains nothing
    with pytest.raises(CancelledError, match="stopped after step 6"):
        trained(tmp_path / "broken", settings, stop_at=6)
    seen.clear()
    trained(tmp_path / "broken", settings, resume=True, seen=seen)
    assert not seen


def test_before_its_first_step_the_average_is_the_weights(tmp_path: Path) -> None:
    """And not those that training began with: validations would gain nothing for a tenth of the training."""
    settings = dataclasses.replace(SETTINGS, ema=0.9, epochs=12, checkpoint_minutes=1e-9)  # averages from step 3 on
    states = []

    def on_progress(*_: object) -> None:
        if (tmp_path / CHECKPOINT).is_file() and len(states) < 2:
            content = read_checkpoint(tmp_path / CHECKPOINT)
            states.append((content["state_dict"], content["current_model_state"]))

    train_network(
        made_network(), made_data(), settings, seed=3, out=tmp_path, label="", resume=False, on_progress=on_progress
    )
    assert all(same(average, current) for average, current in states)
    assert len(states) == 2
    assert not same(made_network().state_dict(), {n.removeprefix("model."): p for n, p in states[0][0].items()})


def test_without_validation_it_can_be_stopped_and_has_no_patience(tmp_path: Path) -> None:
    data = dataclasses.replace(made_data(4), validation=None, validation_clips=None)  # one step an epoch

    def start(settings: TrainSettings) -> None:
        def on_progress(_: str, done: int, __: int) -> None:
            if done == 2:
                os.kill(os.getpid(), signal.SIGINT)

        train_network(
            made_network(), data, settings, seed=3, out=tmp_path, label="", resume=False, on_progress=on_progress
        )

    with pytest.raises(CancelledError, match="stopped after step 2 of 4"):
        start(SETTINGS)
    with pytest.raises(SettingsError, match="no labelled sounds to validate on"):
        start(dataclasses.replace(SETTINGS, patience=2))


@pytest.mark.parametrize("setting", [{"accumulate": 4}, {"chunk": 3}])
def test_a_part_of_one_row_is_refused_before_a_step(tmp_path: Path, setting: dict[str, int]) -> None:
    with pytest.raises(SettingsError, match="leave a part of one row"):
        trained(tmp_path, dataclasses.replace(SETTINGS, **setting), seen=[])


def test_accumulated_filters_move_at_the_pace_of_one_batch(tmp_path: Path) -> None:
    """Gradients of the filters have one size in each part; their mean has no larger one."""
    settings = dataclasses.replace(SETTINGS, epochs=3, accumulate=2, momentum=0.0, learning_rate=1e-3, batch_size=12)
    data, model = made_data(), made_network()
    before = model.audio.fbsp.fc.detach().clone()
    seen: list[float] = []
    train_network(
        model,
        data,
        settings,
        seed=3,
        out=tmp_path,
        label="",
        resume=False,
        on_progress=lambda *_: seen.append(float((model.audio.fbsp.fc.detach() - before).abs().max())),
    )
    assert 0 < seen[1] <= 1.001e-3  # after both parts of the first step


@pytest.mark.parametrize(
    ("optimisation", "factors"),
    [
        (Optimisation(steps=6, steps_per_epoch=2, learning_rate=1.0, decay=0.5), [1, 1, 0.5, 0.5, 0.25, 0.25]),
        (
            Optimisation(steps=6, steps_per_epoch=2, learning_rate=1.0, warmup_steps=2, schedule=Schedule.COSINE),
            [0.5, 1.0, 1.0, 0.853553, 0.5, 0.146447],
        ),
    ],
    ids=["exponential", "cosine"],
)
def test_learning_rates(optimisation: Optimisation, factors: list[float]) -> None:
    assert [optimisation.rate_factor(step) for step in range(6)] == pytest.approx(factors, abs=1e-5)


def test_published_weight_decay_spares_filters_and_temperatures(tmp_path: Path) -> None:
    model = made_network()
    stage = Alignment(
        model,
        Optimisation(steps=1, steps_per_epoch=1, learning_rate=5e-5),
        dataclasses.replace(SETTINGS, train=Trained.AUDIO),
        seed=0,
        classes=CLASSES,
        has_image=False,
    )
    optimizer = stage.configure_optimizers()["optimizer"]
    names = {id(p): name for name, p in model.named_parameters()}
    decayed, spared = ({names[id(p)] for p in group["params"]} for group in optimizer.param_groups)
    assert spared == {"audio.fbsp.m", "audio.fbsp.fb", "audio.fbsp.fc", "logit_scale_at"}
    assert decayed == {name for name in names.values() if name.startswith("audio.") and ".fbsp." not in name}
    assert [group["weight_decay"] for group in optimizer.param_groups] == [5e-4, 0.0]
    assert optimizer.param_groups[0]["nesterov"]
    assert optimizer.param_groups[0]["momentum"] == 0.9
