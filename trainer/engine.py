"""The engine of every training: Lightning, with exact resumption, whole checkpoints and a clean way to stop."""

from __future__ import annotations

import contextlib
import csv
import logging
import math
import os
import signal
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import lightning as lt
import torch
from lightning.pytorch.callbacks import Callback, Checkpoint, EarlyStopping, EMAWeightAveraging
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader

from audioclip_search.errors import CancelledError
from audioclip_search.model import AudioCLIP
from trainer.checkpoints import CHECKPOINT, CONFIG_KEY, WholeCheckpoints, require_fitting
from trainer.distributed import share_batch_norms
from trainer.errors import SettingsError
from trainer.processes import is_main_process, world_size
from trainer.settings import Optimizer, Precision, Schedule

OnProgress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""

MONITORED = "monitored"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimisation:
    """How the weights of a stage move (section 3.3).

    Attributes:
        steps: Optimiser steps.
        steps_per_epoch: After so many, an exponential schedule goes down a step; need not be whole.
        learning_rate: Its highest value.
        warmup_steps: Steps of linear rise first.
        optimizer: SGD with Nesterov momentum, or AdamW.
        momentum: Of SGD.
        weight_decay: With SGD of all weights but the filter bank and the temperatures, as published; with AdamW of
            matrices and kernels only.
        schedule: Exponential by epoch, or cosine to zero.
        decay: Factor of the exponential schedule.
    """

    steps: int
    steps_per_epoch: float
    learning_rate: float
    warmup_steps: int = 0
    optimizer: Optimizer = Optimizer.SGD
    momentum: float = 0.9
    weight_decay: float = 5e-4
    schedule: Schedule = Schedule.EXPONENTIAL
    decay: float = 0.96

    def rate_factor(self, step: int) -> float:
        """Share of the highest learning rate at a step."""
        if step < self.warmup_steps:
            return (step + 1) / self.warmup_steps
        if self.schedule is Schedule.EXPONENTIAL:
            return self.decay ** int(step / self.steps_per_epoch)
        done = (step - self.warmup_steps) / max(1, self.steps - self.warmup_steps)
        return 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Where and how a stage runs.

    Attributes:
        label: What progress is reported as.
        validate_every: Optimiser steps between validations.
        precision: Arithmetic of the network.
        accelerator: As Lightning's: cpu, gpu or auto.
        accumulate: Batches of an optimiser step.
        clip_norm: Largest gradient norm; 0 leaves it alone.
        ema: Decay of the moving average of the weights that the model ends as; 0 for none.
        ema_start: Step it begins at.
        patience: Validations without a gain of `MONITORED` before it stops; 0 never stops.
        checkpoint_minutes: Time between checkpoints.
    """

    label: str
    validate_every: int
    precision: Precision = Precision.FLOAT32
    accelerator: str = "auto"
    accumulate: int = 1
    clip_norm: float = 0.0
    ema: float = 0.0
    ema_start: int = 0
    patience: int = 0
    checkpoint_minutes: float = 10.0


class Stage(lt.LightningModule):
    """What every stage shares: the model, how it moves, and that its checkpoints say which network they are of."""

    def __init__(self, model: AudioCLIP, optimisation: Optimisation) -> None:
        super().__init__()
        self.model = model
        self.optimisation = optimisation

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """See `Optimisation`."""
        o = self.optimisation
        trained = {name: p for name, p in self.named_parameters() if p.requires_grad}
        if o.optimizer is Optimizer.SGD:
            spared = {name for name in trained if ".fbsp." in name or "logit_scale" in name}
        else:
            spared = {name for name, p in trained.items() if p.ndim < 2}
        groups = [
            {"params": [p for name, p in trained.items() if name not in spared], "weight_decay": o.weight_decay},
            {"params": [p for name, p in trained.items() if name in spared], "weight_decay": 0.0},
        ]
        groups = [group for group in groups if group["params"]]
        optimizer: torch.optim.Optimizer
        if o.optimizer is Optimizer.SGD:
            optimizer = torch.optim.SGD(groups, lr=o.learning_rate, momentum=o.momentum, nesterov=o.momentum > 0)
        else:
            optimizer = torch.optim.AdamW(groups, lr=o.learning_rate, betas=(0.9, 0.98))
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": LambdaLR(optimizer, o.rate_factor), "interval": "step"},
        }

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Say which network this is."""
        checkpoint[CONFIG_KEY] = self.model.config.to_json()


def fit(
    stage: Stage,
    train: Callable[[int], DataLoader[Any]],
    validation: DataLoader[Any] | None,
    *,
    out: Path,
    engine: Engine,
    resume: bool = False,
    on_progress: OnProgress,
) -> None:
    """Train a stage to its last step; its model ends in eval mode, in `torch.contiguous_format`, on the CPU.

    Args:
        stage: Trained in place.
        train: Gives the loader of batches from a given batch on; batch n must be the same whatever it starts at.
        validation: What `stage.validation_step` is given, if anything.
        out: Folder for `CHECKPOINT` and logs (CSV and TensorBoard).
        engine: See there.
        resume: Go on from the checkpoint in `out` if there is one: to the same weights, bit for bit on the CPU, as
            without the break.
        on_progress: See `OnProgress`.

    Raises:
        CancelledError: It was interrupted; the checkpoint is that of the last finished step.
        KeyboardInterrupt: It was interrupted twice; the checkpoint is an earlier one.
        SettingsError: The checkpoint is of another network, or damaged.
    """
    checkpoint = out / CHECKPOINT
    resumed = resume and checkpoint.is_file()
    done = None
    if resumed:
        done = require_fitting(checkpoint, stage.model.config, stage.state_dict())
    keeper = _Keeper(checkpoint, every_s=60 * engine.checkpoint_minutes)
    callbacks: list[Callback] = [_Progress(engine.label, on_progress), keeper]
    if engine.ema:
        callbacks.insert(0, _Average(engine.ema, start=engine.ema_start))
    if engine.patience:
        callbacks.append(EarlyStopping(MONITORED, mode="max", patience=engine.patience, check_on_train_epoch_end=False))
    devices = _devices(engine.accelerator)
    if world_size() > 1:
        share_batch_norms(stage)
    stage.model.to(memory_format=torch.channels_last)  # for the processor's fast convolutions
    with _quiet(), keeper.signals():
        trainer = lt.Trainer(
            accelerator=engine.accelerator,
            devices=devices,
            num_nodes=world_size() // devices,
            strategy="ddp" if world_size() > 1 else "auto",
            precision=engine.precision.value,
            max_epochs=1,  # the loader of one epoch holds all batches of the training
            max_steps=stage.optimisation.steps,
            accumulate_grad_batches=engine.accumulate,
            gradient_clip_val=engine.clip_norm or None,
            val_check_interval=engine.validate_every * engine.accumulate,
            check_val_every_n_epoch=None,
            num_sanity_val_steps=0,
            limit_val_batches=None if validation is not None else 0,
            logger=[_csv_log(out, done), TensorBoardLogger(out, name="logs", version="")],
            callbacks=callbacks,
            plugins=[WholeCheckpoints()],
            use_distributed_sampler=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            log_every_n_steps=min(10, max(1, stage.optimisation.steps // 4)),
        )
        data = _Data(train, validation, engine.accumulate)
        try:
            trainer.fit(stage, datamodule=data, ckpt_path=checkpoint if resumed else None, weights_only=True)
        except SystemExit as error:  # what Lightning makes of a KeyboardInterrupt
            raise KeyboardInterrupt from error
    stage.model.to(memory_format=torch.contiguous_format).cpu().eval()


class _Data(lt.LightningDataModule):
    """Training batches from where the checkpoint stopped."""

    def __init__(
        self, train: Callable[[int], DataLoader[Any]], validation: DataLoader[Any] | None, accumulate: int
    ) -> None:
        super().__init__()
        self._train, self._validation, self._accumulate = train, validation, accumulate

    def train_dataloader(self) -> DataLoader[Any]:
        """Called after a checkpoint is restored."""
        assert self.trainer is not None
        return self._train(self.trainer.global_step * self._accumulate)

    def val_dataloader(self) -> DataLoader[Any] | list[Any]:
        """Empty if nothing is validated."""
        return [] if self._validation is None else self._validation


class _Progress(Callback):
    def __init__(self, label: str, on_progress: OnProgress) -> None:
        self._label, self._on_progress = label, on_progress

    def on_train_batch_end(self, trainer: lt.Trainer, *_: Any) -> None:
        if trainer.is_global_zero:
            self._on_progress(self._label, trainer.global_step, trainer.max_steps)


class _Average(EMAWeightAveraging):
    """The moving average of the weights; before its first step, the weights as they are.

    Lightning's own is the untrained weights until then, in validations and checkpoints too.
    """

    def __init__(self, decay: float, *, start: int) -> None:
        super().__init__(decay=decay)
        self._start = start

    def on_train_batch_end(self, trainer: lt.Trainer, *args: Any, **kwargs: Any) -> None:
        super().on_train_batch_end(trainer, *args, **kwargs)
        if trainer.global_step <= self._start and self._average_model is not None:
            self._average_model.n_averaged.zero_()  # the next update copies


class _Keeper(Checkpoint):
    """Keeps the checkpoint: after a while, at the end, and when SIGINT or SIGTERM asks to stop.

    Only between two optimiser steps, and after the validation if one is due: a signal waits for that, so that what
    is resumed is exactly what was stopped. A second signal stops at once, at the loss of the steps since the last
    checkpoint.
    """

    def __init__(self, checkpoint: Path, *, every_s: float) -> None:
        self._checkpoint, self._every_s = checkpoint, every_s
        self._stop = False
        self._saved_at = time.monotonic()

    @contextlib.contextmanager
    def signals(self) -> Iterator[None]:
        """Around a training: at its end, whoever listened to signals before does so again."""
        previous = {number: signal.getsignal(number) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in previous.items():
                _listen(number, handler)

    def on_train_start(self, trainer: lt.Trainer, pl_module: lt.LightningModule) -> None:
        self._saved_at = time.monotonic()
        for number in _SIGNALS:  # not before: a process that waits for others in vain must die of them
            _listen(number, self._on_signal)

    def on_train_batch_end(self, trainer: lt.Trainer, *_: Any) -> None:
        loop = trainer.fit_loop.epoch_loop
        if not (loop._should_accumulate() or _is_validation_due(trainer)):
            self._between_steps(trainer, logged=False)

    def on_validation_end(self, trainer: lt.Trainer, pl_module: lt.LightningModule) -> None:
        self._between_steps(trainer, logged=True)

    def on_train_end(self, trainer: lt.Trainer, pl_module: lt.LightningModule) -> None:
        stop = self._is_asked_to_stop(trainer)
        trainer.save_checkpoint(self._checkpoint)
        if stop:
            raise self._stopped(trainer)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self._stop:
            raise KeyboardInterrupt
        self._stop = True

    def _between_steps(self, trainer: lt.Trainer, *, logged: bool) -> None:
        if trainer.should_stop or trainer.global_step >= trainer.max_steps:
            return  # that was the last step: `on_train_end` comes next, and what it leaves is what is to be kept
        stop = self._is_asked_to_stop(trainer)
        due = stop or time.monotonic() - self._saved_at > self._every_s
        if trainer.strategy.reduce_boolean_decision(due, all=False):
            trainer.save_checkpoint(self._checkpoint)
            self._saved_at = time.monotonic()
        if stop:
            if not logged:
                trainer._logger_connector.update_train_step_metrics()  # what Lightning would do next
            raise self._stopped(trainer)

    def _is_asked_to_stop(self, trainer: lt.Trainer) -> bool:
        return trainer.strategy.reduce_boolean_decision(self._stop, all=False)

    def _stopped(self, trainer: lt.Trainer) -> CancelledError:
        return CancelledError(
            f"stopped after step {trainer.global_step} of {trainer.max_steps}",
            path=self._checkpoint,
            remedy="The same command with --resume goes on from there",
        )


def _listen(number: signal.Signals, handler: Any) -> None:
    with contextlib.suppress(ValueError):  # signals belong to the main thread
        signal.signal(number, handler)


def _is_validation_due(trainer: lt.Trainer) -> bool:
    loop = trainer.fit_loop.epoch_loop
    every = trainer.val_check_batch
    return bool(trainer.enable_validation and every and (loop.total_batch_idx + 1) % every == 0)


def _csv_log(out: Path, done: int | None) -> CSVLogger:
    """The table `logs/metrics.csv`; on resumption it keeps its rows of the steps done, which Lightning's drops."""
    log = CSVLogger(out, name="logs", version="")
    table = out / "logs" / "metrics.csv"
    if not is_main_process():
        return log  # the main process is about to rewrite the table
    rows: list[dict[str, Any]] = []
    if done is not None and table.is_file():
        with table.open(newline="", encoding="utf-8") as lines:
            rows = [row for row in csv.DictReader(lines) if int(row["step"]) < done]
    log.experiment.metrics = rows
    return log


def _devices(accelerator: str) -> int:
    """Of this machine: those of torchrun's processes, or one."""
    if accelerator == "gpu" and not torch.cuda.is_available():
        raise SettingsError("accelerator=gpu, but torch sees no GPU", remedy="Use --accelerator cpu")
    return int(os.environ.get("LOCAL_WORLD_SIZE", "1"))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Lightning's advice on our deliberate choices, and its chatter, kept from the screen."""
    loggers = [logging.getLogger(name) for name in ("lightning.pytorch", "lightning.fabric")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"lightning\..*")
            warnings.filterwarnings("ignore", module=r"torch\.optim\.lr_scheduler")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
