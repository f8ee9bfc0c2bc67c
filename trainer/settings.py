"""What a training can be told: one flat record for `pretrain` and `finetune`, and the published protocols."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

HELP, SECTION, PANEL = "help", "section", "panel"

# Ranges, which `trainer.configure` enforces on whatever a person gives.
_Count = Annotated[int, Field(ge=1)]
_CountOrNone = Annotated[int, Field(ge=0)]
_Seed = Annotated[int, Field(ge=0, lt=2**32)]
_Amount = Annotated[float, Field(ge=0)]
_Positive = Annotated[float, Field(gt=0)]
_Chance = Annotated[float, Field(ge=0, le=1)]
_BelowOne = Annotated[float, Field(ge=0, lt=1)]


class Trained(StrEnum):
    """Which weights move."""

    FULL = "full"
    AUDIO = "audio"
    ADAPTER = "adapter"


class Objective(StrEnum):
    """What is minimised."""

    CONTRASTIVE = "contrastive"
    CLASSES = "classes"


class Optimizer(StrEnum):
    """How the weights move."""

    SGD = "sgd"
    ADAMW = "adamw"


class Schedule(StrEnum):
    """How the learning rate falls."""

    EXPONENTIAL = "exponential"
    COSINE = "cosine"


class Network(StrEnum):
    """Sizes of a network that starts from scratch."""

    RELEASED = "released"
    SMALL = "small"


class Precision(StrEnum):
    """Arithmetic of the network, in Lightning's names."""

    FLOAT32 = "32-true"
    BFLOAT16 = "bf16-mixed"
    FLOAT16 = "16-mixed"


def _about(panel: str, text: str, section: str = "") -> dict[str, str]:
    return {HELP: text, SECTION: section, PANEL: panel}


_data = partial(_about, "Data")
_run = partial(_about, "Run")
_weights = partial(_about, "Weights")
_optimisation = partial(_about, "Optimisation")
_augmentation = partial(_about, "Augmentation")
_engine = partial(_about, "Engine")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainSettings:
    """Every setting of a training. Sections are those of the AudioCLIP paper; help texts are what `--help` shows."""

    dataset: str = field(
        default="esc50",
        metadata=_data("Data set: esc10, esc50, us8k, audioset, folder, table or shards; NAME:PATH gives its root too"),
    )
    root: Path | None = field(default=None, metadata=_data("Folder or file of the data set"))
    train_folds: tuple[_Count, ...] = field(
        default=(), metadata=_data("Folds to train on [all but the tested one]", "3.1")
    )
    test_folds: tuple[_Count, ...] = field(
        default=(), metadata=_data("Folds to test on, one run each [every fold]", "3.1")
    )
    held_out: Annotated[float, Field(gt=0, lt=1)] = field(
        default=0.2, metadata=_data("Share of a folder kept for the before/after report")
    )
    channels: Annotated[int, Field(ge=1, le=2)] = field(
        default=1, metadata=_data("Channels: 1 mixes down, 2 takes both and doubles mono", "3.1")
    )
    duration_s: _Positive = field(default=5.0, metadata=_data("Seconds a clip is cut or padded to", "3.1"))
    stretch: bool = field(default=False, metadata=_data("Stretch each clip to the 16-bit range", "3.1"))

    out: Path | None = field(
        default=None, metadata=_run("Folder of the run: settings, logs, checkpoints, results [runs/COMMAND-DATASET]")
    )
    seeds: Annotated[tuple[_Seed, ...], Field(min_length=1)] = field(
        default=(2021,), metadata=_run("Random seeds, one run each")
    )
    name: str = field(default="", metadata=_run("Install the result under this name"))

    model: str = field(
        default="audioclip", metadata=_weights("Where the weights start: an installed model, a path, or scratch", "3.3")
    )
    clip_weights: Path | None = field(
        default=None, metadata=_weights("Weights file of CLIP's half, loaded on top of the model", "3.3")
    )
    audio_weights: Path | None = field(
        default=None, metadata=_weights("Weights file of the audio half, loaded on top of the model", "3.3")
    )
    network: Network = field(default=Network.RELEASED, metadata=_weights("Sizes of a network from scratch"))
    train: Trained = field(
        default=Trained.AUDIO, metadata=_weights("What moves: everything, the audio head, or a low-rank adapter", "3.3")
    )

    objective: Objective = field(
        default=Objective.CONTRASTIVE,
        metadata=_optimisation("Contrast pairs in a batch, as published, or with all class names", "2.3"),
    )
    class_weights: bool = field(
        default=False, metadata=_optimisation("Weigh rows by the rarity of their labels (multi-label data)", "3.3")
    )
    epochs: _Count = field(default=50, metadata=_optimisation("Passes over the training data", "3.3"))
    batch_size: _Count = field(
        default=64,
        metadata=_optimisation("Rows of an optimiser step, all processes and accumulated parts together", "3.3"),
    )
    optimizer: Optimizer = field(default=Optimizer.SGD, metadata=_optimisation("SGD is with Nesterov momentum", "3.3"))
    learning_rate: _Positive = field(default=5e-5, metadata=_optimisation("Learning rate at its highest", "3.3"))
    momentum: _BelowOne = field(default=0.9, metadata=_optimisation("Momentum of SGD", "3.3"))
    weight_decay: _Amount = field(
        default=5e-4,
        metadata=_optimisation("Pull of the weights to zero; filter bank and temperatures are exempt", "3.3"),
    )
    schedule: Schedule = field(
        default=Schedule.EXPONENTIAL,
        metadata=_optimisation("How the learning rate falls: exponential by epoch, or cosine to zero by step", "3.3"),
    )
    decay: Annotated[float, Field(gt=0, le=1)] = field(
        default=0.96, metadata=_optimisation("Factor on the learning rate after each epoch", "3.3")
    )
    warmup_epochs: _Amount = field(
        default=0.0, metadata=_optimisation("Linear rise of the learning rate first, over half the training at most")
    )
    clip_norm: _Amount = field(default=0.0, metadata=_optimisation("Largest gradient norm; 0 leaves it alone"))
    ema: _BelowOne = field(
        default=0.0,
        metadata=_optimisation("Decay of a moving average of the weights, which is what is kept; 0 keeps the last"),
    )
    filters: bool = field(
        default=True, metadata=_optimisation("Train the filter bank, with its norm term in the loss", "2.2")
    )
    chunk: _CountOrNone = field(
        default=0,
        metadata=_optimisation("Rows embedded at a time (gradient caching): large batches in little memory; 0 is off"),
    )
    accumulate: _Count = field(
        default=1, metadata=_optimisation("Parts of a batch that are contrasted apart, gradients averaged")
    )
    validate_epochs: _Count = field(default=1, metadata=_optimisation("Epochs from one validation to the next"))
    patience: _CountOrNone = field(
        default=0,
        metadata=_optimisation("Stop after so many validations without gain, on the last training fold; 0 never"),
    )

    flip: _Chance = field(default=0.5, metadata=_augmentation("Chance that a clip runs backwards", "3.2"))
    scale: Annotated[float, Field(ge=1)] = field(
        default=1.5,
        metadata=_augmentation("Time and pitch scaled by this to a power from [-1, 1]; 1 leaves them", "3.2"),
    )
    noise: _Chance = field(default=0.25, metadata=_augmentation("Chance of added noise", "3.2"))
    snr_min_db: float = field(default=10.0, metadata=_augmentation("Loudest noise, dB below the clip", "3.2"))
    snr_max_db: float = field(default=120.0, metadata=_augmentation("Faintest noise, dB below the clip", "3.2"))
    spectrogram: bool = field(
        default=False, metadata=_augmentation("Vary spectrograms too: pitch, tone, level, background, masks")
    )
    mixing: _Amount = field(
        default=0.0,
        metadata=_augmentation("Mix pairs of clips with weights from Beta(x, x) (objective classes); 0 does not"),
    )

    precision: Precision = field(default=Precision.FLOAT32, metadata=_engine("Arithmetic of the network"))
    accelerator: Literal["auto", "cpu", "gpu"] = field(default="auto", metadata=_engine("Where the network runs"))
    workers: _CountOrNone = field(default=2, metadata=_engine("Processes that decode, for each training process"))
    decode_once: bool = field(
        default=True, metadata=_engine("Decode and check every clip before the first step; else in every epoch")
    )
    cache: Path | None = field(
        default=None, metadata=_engine("Folder of decoded clips, reused by later runs [OUT/cache]")
    )
    checkpoint_minutes: _Positive = field(default=10.0, metadata=_engine("Time between checkpoints"))


FINETUNE_PROTOCOLS: Mapping[str, Mapping[str, Any]] = {
    "esc50": {},
    "us8k": {"learning_rate": 1e-5, "channels": 2, "duration_s": 4.0, "stretch": True},
    "esc10": {
        "model": "scratch",
        "network": Network.SMALL,
        "train": Trained.FULL,
        "objective": Objective.CLASSES,
        "train_folds": (1, 2, 3),
        "test_folds": (4,),
        "seeds": (1, 2, 3),
        "epochs": 150,
        "validate_epochs": 30,
        "batch_size": 48,
        "optimizer": Optimizer.ADAMW,
        "learning_rate": 2e-3,
        "weight_decay": 0.05,
        "schedule": Schedule.COSINE,
        "warmup_epochs": 15.0,
        "clip_norm": 1.0,
        "filters": False,
        "spectrogram": True,
        "precision": Precision.BFLOAT16,
    },
    "folder": {"train": Trained.ADAPTER, "objective": Objective.CLASSES, "stretch": False},
}
"""What `finetune` does otherwise than by default, for each data set (section 3.3)."""

PRETRAIN: Mapping[str, Any] = {
    "dataset": "audioset",
    "model": "scratch",
    "train": Trained.FULL,
    "epochs": 30,
    "learning_rate": 1e-4,
    "decay": 0.95,
    "decode_once": False,
}
"""What `pretrain` does otherwise than by default (section 3.3)."""
