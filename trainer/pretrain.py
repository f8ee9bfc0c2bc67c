"""Pre-training: the three towers aligned on large data (sections 2.3 and 3.3)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from audioclip_search.model.registry import own_folder
from audioclip_search.model.weights import save_model
from trainer import runs
from trainer.clips import Clips, InputForm, LiveClips, decode_clips
from trainer.datasets import open_dataset
from trainer.datasets.examples import Dataset, Examples
from trainer.engine import OnProgress
from trainer.errors import DataError, SettingsError
from trainer.evaluate.measures import Classification
from trainer.networks import covered, starting_network
from trainer.processes import is_main_process
from trainer.settings import Objective, Trained, TrainSettings
from trainer.training import Data, input_form, measure_network, train_network


@dataclass(frozen=True, slots=True)
class Results:
    """What a pre-training gave.

    Attributes:
        out: Folder of the run; the model is in `out/model`.
        examples: How many it learned from.
        seconds: What training took in this session.
        evaluation: How well the official evaluation split's classes are told apart; None if there is no such split.
    """

    out: Path
    examples: int
    seconds: float
    evaluation: Classification | None

    def table(self) -> list[tuple[str, str]]:
        """Rows of measure and value, for people."""
        rows = [("examples", f"{self.examples:,}"), ("time", f"{self.seconds:,.0f} s")]
        if self.evaluation is not None:
            rows.append(("mean average precision, evaluation split", f"{self.evaluation.mean_average_precision:.2%}"))
        return [*rows, ("model", str(self.out / runs.MODEL))]


def pretrain(settings: TrainSettings, *, resume: bool, on_progress: OnProgress) -> Results:
    """Train on all examples of a data set, save the model, and measure it on the official evaluation split.

    Official folds are left alone: use `finetune` to test on them. One seed, one run.

    Args:
        settings: What to train, on what and how.
        resume: Go on with the run that is there.
        on_progress: See `trainer.engine.OnProgress`.

    Raises:
        DataError: The data set is incomplete or damaged.
        SettingsError: The settings contradict each other, the data or the run's.
        ModelError: There is no such model to start from, or the result can't be saved.
        CancelledError: It was interrupted, and can be resumed.
    """
    if settings.train is Trained.ADAPTER:
        raise SettingsError(
            "train=adapter is for finetune --dataset folder", remedy="Use --train full or --train audio"
        )
    if len(settings.seeds) > 1:
        raise SettingsError("pretrain has one seed", remedy="Start one run a seed, each with its own --out")
    if settings.name:
        own_folder(settings.name)  # refuses a name that can't be used
    out = runs.folder(settings, "pretrain")
    dataset = open_dataset(settings.dataset, runs.require_root(settings))
    examples = _training_examples(dataset, settings)
    model = starting_network(settings, seed=settings.seeds[0])
    runs.begin(settings, out, resume=resume)
    form = input_form(settings, model.config)
    data = Data(
        examples,
        _clips(examples, form, settings, out, on_progress),
        dataset.classes,
        dataset.evaluation,
        None if dataset.evaluation is None else _clips(dataset.evaluation, form, settings, out, on_progress),
    )
    started = time.monotonic()
    train_network(
        model, data, settings, seed=settings.seeds[0], out=out, label="training", resume=resume, on_progress=on_progress
    )
    seconds = time.monotonic() - started
    evaluation = None
    if is_main_process():
        name = settings.name or f"{dataset.name}-{settings.train}"
        for folder in (out / runs.MODEL, *([own_folder(settings.name)] if settings.name else ())):
            save_model(folder, model, name=name, covers=covered(settings, dataset.classes))
        if data.validation is not None and data.validation_clips is not None:
            evaluation = measure_network(model, data.validation, data.validation_clips, data.classes, settings)
        found = None if evaluation is None else evaluation.mean_average_precision
        runs.write_json(
            out / runs.RESULTS,
            {"examples": len(examples), "seconds": round(seconds, 1), "evaluation_mean_average_precision": found},
        )
    return Results(out, len(examples), seconds, evaluation)


def _training_examples(dataset: Dataset, settings: TrainSettings) -> Examples:
    examples = dataset.examples
    if settings.train_folds:
        examples = examples.take(np.flatnonzero(np.isin(examples.folds, settings.train_folds)))
    if not len(examples):
        raise DataError("has nothing to train on", path=settings.root, remedy="Check it with `datasets check`")
    if settings.objective is Objective.CLASSES and not examples.has_audio:
        raise DataError("has no sounds to classify", path=settings.root, remedy="Use --objective contrastive")
    return examples


def _clips(
    examples: Examples, form: InputForm, settings: TrainSettings, out: Path, on_progress: OnProgress
) -> Clips | None:
    if not examples.has_audio:
        return None
    if not settings.decode_once:
        return LiveClips(examples, form)
    return decode_clips(
        examples,
        form,
        settings.cache or out / "cache",
        workers=settings.workers,
        on_progress=lambda done, total: on_progress("decoding", done, total),
    )
