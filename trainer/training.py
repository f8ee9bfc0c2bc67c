"""One training of a network on examples, as the settings say: what `finetune` and `pretrain` share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import lightning as lt
import torch
from torch.utils.data import DataLoader

from audioclip_search.model import AudioCLIP, AudioCLIPConfig
from trainer.alignment import Alignment, class_scores
from trainer.batches import EvalBatch, EvalBatches, TrainBatches, loader
from trainer.clips import Clips, DecodedClips, InputForm
from trainer.datasets.examples import Examples
from trainer.engine import Engine, OnProgress, Optimisation, fit
from trainer.errors import SettingsError
from trainer.evaluate.measures import Classification, classification
from trainer.processes import rank, world_size
from trainer.settings import TrainSettings
from trainer.waves import Augmentation

_EVALUATION_ROWS = 64


@dataclass(frozen=True, slots=True)
class Data:
    """What a training learns from and is validated on.

    Attributes:
        train: Examples to learn from.
        clips: Their sounds; None if the data has none.
        classes: Names of the classes; empty if the texts are free.
        validation: Examples for the curves and for early stopping; None for none.
        validation_clips: Their sounds.
    """

    train: Examples
    clips: Clips | None
    classes: tuple[str, ...]
    validation: Examples | None = None
    validation_clips: Clips | None = None


def input_form(settings: TrainSettings, network: AudioCLIPConfig) -> InputForm:
    """How sounds are loaded for a network (section 3.1)."""
    return InputForm(network.rate_hz, settings.channels, settings.duration_s, settings.stretch)


def augmentation(settings: TrainSettings) -> Augmentation:
    """How sounds vary (section 3.2)."""
    return Augmentation(
        flip=settings.flip,
        scale=settings.scale,
        noise=settings.noise,
        snr_min_db=settings.snr_min_db,
        snr_max_db=settings.snr_max_db,
    )


def train_network(
    model: AudioCLIP,
    data: Data,
    settings: TrainSettings,
    *,
    seed: int,
    out: Path,
    label: str,
    resume: bool,
    on_progress: OnProgress,
) -> None:
    """Train a network in place; it ends in eval mode.

    Args:
        model: The network.
        data: See `Data`.
        settings: How to train. The batch is that of all processes and accumulated parts together.
        seed: Of the order of the examples and of their augmentation.
        out: Folder for checkpoints and logs.
        label: What progress is reported as.
        resume: Go on from the checkpoint that is there, if there is one.
        on_progress: See `trainer.engine.OnProgress`.

    Raises:
        SettingsError: The settings contradict each other, the data or the checkpoint.
        CancelledError: It was interrupted, and can be resumed.
    """
    lt.seed_everything(seed, verbose=False)
    parts = settings.accumulate * world_size()
    if settings.batch_size % parts:
        reason = f"batch_size {settings.batch_size} can't be divided among {parts} parts (accumulate x processes)"
        raise SettingsError(reason, remedy="Change one of them")
    rows = settings.batch_size // parts
    smallest = rows % settings.chunk or settings.chunk if 0 < settings.chunk < rows else rows
    if smallest * world_size() < 2:
        reason = f"batch_size {settings.batch_size}, accumulate {settings.accumulate} and chunk {settings.chunk} leave"
        raise SettingsError(f"{reason} a part of one row, and batch norms nothing to go by", remedy="Change one")
    if settings.patience and (data.validation is None or data.validation_clips is None or not data.classes):
        reason = f"patience {settings.patience}, but there are no labelled sounds to validate on"
        raise SettingsError(reason, remedy="Use patience=0")
    steps_per_epoch = len(data.train) / settings.batch_size
    steps = max(1, math.ceil(len(data.train) * settings.epochs / settings.batch_size))
    optimisation = Optimisation(
        steps=steps,
        steps_per_epoch=steps_per_epoch,
        learning_rate=settings.learning_rate,
        warmup_steps=min(round(settings.warmup_epochs * steps_per_epoch), steps // 2),
        optimizer=settings.optimizer,
        momentum=settings.momentum,
        weight_decay=settings.weight_decay,
        schedule=settings.schedule,
        decay=settings.decay,
    )
    stage = Alignment(
        model,
        optimisation,
        settings,
        seed=seed,
        classes=data.classes,
        has_image=data.train.has_image,
        has_audio=data.clips is not None,
    )
    engine = Engine(
        label=label,
        validate_every=min(steps, max(1, round(steps_per_epoch * settings.validate_epochs))),
        precision=settings.precision,
        accelerator=settings.accelerator,
        accumulate=settings.accumulate,
        clip_norm=settings.clip_norm,
        ema=settings.ema,
        ema_start=steps // 10,
        patience=settings.patience,
        checkpoint_minutes=settings.checkpoint_minutes,
    )
    batches = _train_batches(model.config, data, settings, seed=seed, steps=steps * settings.accumulate)
    validation = _evaluation_loader(data.validation, data.validation_clips, data.classes, settings, model.config)
    fit(
        stage,
        lambda start: loader(batches, start=start, workers=settings.workers),
        validation,
        out=out,
        engine=engine,
        resume=resume,
        on_progress=on_progress,
    )


def _evaluation_loader(
    examples: Examples | None,
    clips: Clips | None,
    classes: tuple[str, ...],
    settings: TrainSettings,
    network: AudioCLIPConfig,
) -> DataLoader[EvalBatch] | None:
    """Examples in order, as they are tested; None if there is nothing to compare with the names of classes."""
    if examples is None or clips is None or not classes:
        return None
    batches = EvalBatches(
        clips,
        examples,
        classes=classes,
        length=input_form(settings, network).length,
        image_size=network.image_size,
        batch_size=_EVALUATION_ROWS,
    )
    return loader(batches, workers=0 if isinstance(clips, DecodedClips) else settings.workers)


def measure_network(
    model: AudioCLIP, examples: Examples, clips: Clips, classes: tuple[str, ...], settings: TrainSettings
) -> Classification | None:
    """How well a network tells sounds apart by the names of classes (section 4.1), in float32 whatever the training's
    precision; None if there are no classes.

    Args:
        model: In eval mode, on the CPU, where it ends too; a GPU is used if there is one.
        examples: Those to test on.
        clips: Their sounds.
        classes: The names.
        settings: Where the network runs, and the form of the sounds.
    """
    batches = _evaluation_loader(examples, clips, classes, settings, model.config)
    if batches is None:
        return None
    model.to("cuda" if torch.cuda.is_available() and settings.accelerator != "cpu" else "cpu")
    found = classification(*class_scores(model, batches, classes))
    model.cpu()
    return found


def _train_batches(
    network: AudioCLIPConfig, data: Data, settings: TrainSettings, *, seed: int, steps: int
) -> TrainBatches:
    return TrainBatches(
        data.clips,
        data.train,
        classes=data.classes,
        length=input_form(settings, network).length,
        augmentation=augmentation(settings),
        image_size=network.image_size,
        context_length=network.context_length,
        batch_size=settings.batch_size // settings.accumulate,
        steps=steps,
        seed=seed,
        rank=rank(),
        world=world_size(),
        class_weights=settings.class_weights,
    )
