"""Fine-tuning on a data set with official folds, and how well it went (sections 3.3 and 4.1)."""

from __future__ import annotations

import dataclasses
import itertools
import json
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from audioclip_search.model.weights import save_model
from trainer import runs
from trainer.checkpoints import CHECKPOINT
from trainer.clips import DecodedClips, decode_clips
from trainer.datasets import open_dataset, split_folds
from trainer.datasets.examples import Dataset, Examples
from trainer.engine import OnProgress
from trainer.errors import DataError, SettingsError
from trainer.evaluate.plots import plot_classes, plot_confusion
from trainer.evaluate.report import PAPER
from trainer.networks import covered, starting_network
from trainer.processes import is_main_process
from trainer.settings import Trained, TrainSettings
from trainer.training import Data, input_form, measure_network, train_network


@dataclass(frozen=True, slots=True)
class FoldResult:
    """One training, tested on a fold it has not seen.

    Attributes:
        seed: Of the training.
        test_fold: The fold.
        train_folds: What it was trained on.
        clips: How many it was tested on.
        accuracy: Share of them whose nearest class name is their own (section 4.1); None for multi-label data.
        mean_average_precision: Of the ranking of all clips by each class's name, mean over the classes.
        seconds: What training took in this session.
        confusion: Clips by true (outer) and predicted (inner) class; None for multi-label data.
    """

    seed: int
    test_fold: int
    train_folds: tuple[int, ...]
    clips: int
    accuracy: float | None
    mean_average_precision: float
    seconds: float
    confusion: tuple[tuple[int, ...], ...] | None

    @property
    def score(self) -> float:
        """Accuracy, or mean average precision of multi-label data."""
        return self.mean_average_precision if self.accuracy is None else self.accuracy


@dataclass(frozen=True, slots=True)
class Results:
    """What a fine-tuning gave: one result a seed and tested fold."""

    dataset: str
    out: Path
    folds: tuple[FoldResult, ...]

    def table(self) -> list[tuple[str, str]]:
        """Rows of measure and value, for people."""
        rows = [
            (f"seed {fold.seed}, tested on fold {fold.test_fold} ({fold.clips} clips)", f"{fold.score:.2%}")
            for fold in self.folds
        ]
        published = PAPER.get(self.dataset, {}).get("fine-tuned")
        mean = f"{self.score:.2%} ± {self.deviation:.2%}" if len(rows) > 1 else f"{self.score:.2%}"
        compared = f" (the paper, over all folds: {published:.2%})" if published else ""
        return [*rows, (self.measure, mean + compared), ("written to", str(self.out))]

    @property
    def measure(self) -> str:
        """What `score` is."""
        return "accuracy" if all(fold.accuracy is not None for fold in self.folds) else "mean average precision"

    @property
    def score(self) -> float:
        """Mean over all seeds and folds."""
        return statistics.fmean(fold.score for fold in self.folds)

    @property
    def deviation(self) -> float:
        """Standard deviation of the sample; 0 for one."""
        return statistics.stdev(fold.score for fold in self.folds) if len(self.folds) > 1 else 0.0


def finetune(settings: TrainSettings, *, resume: bool, on_progress: OnProgress) -> Results:
    """Train once for each seed and tested fold, and write everything to the run's folder.

    There: `settings.yaml`; for each seed and fold `seed-S/fold-F/` with logs, the saved model and `result.json`; plots
    and `results.json` of all of them. What is finished is not trained again on resumption.

    Args:
        settings: What to train, on what and how; its data set has official folds.
        resume: Go on with the run that is there.
        on_progress: See `trainer.engine.OnProgress`.

    Raises:
        DataError: The data set is incomplete, damaged or has no such fold; all of it is checked before training.
        SettingsError: The settings contradict each other, the data or the run's.
        ModelError: There is no such model to start from, or the result can't be saved.
        CancelledError: It was interrupted, and can be resumed.
    """
    if settings.train is Trained.ADAPTER:
        raise SettingsError("train=adapter is for --dataset folder", remedy="Use --train audio or --train full")
    if not settings.decode_once:
        raise SettingsError("finetune decodes and checks every clip first", remedy="Leave --no-decode-once out")
    if settings.name:
        reason = f"name={settings.name} installs what --dataset folder gave; this gives a model for each fold"
        raise SettingsError(reason, remedy="Install one afterwards: export RUN/seed-…/fold-… --name NAME --install")
    out = runs.folder(settings, "finetune")
    dataset = open_dataset(settings.dataset, runs.require_root(settings))
    if not dataset.folds:
        remedy = "Give a table a column `fold`, or use --dataset folder, or pretrain"
        raise DataError("has no folds to test on", path=settings.root, remedy=remedy)
    if not dataset.classes:
        raise DataError("has texts, but no classes to tell apart", path=settings.root, remedy="Use pretrain")
    splits = {fold: _split(dataset, settings, fold) for fold in settings.test_folds or dataset.folds}
    form = input_form(settings, starting_network(settings, seed=0).config)  # fails now if there is no such model
    runs.begin(settings, out, resume=resume)
    clips = decode_clips(
        dataset.examples,
        form,
        settings.cache or out / "cache",
        workers=settings.workers,
        on_progress=lambda done, total: on_progress("decoding", done, total),
    )
    results = []
    for seed, (fold, split) in itertools.product(settings.seeds, splits.items()):
        place = out / f"seed-{seed}" / f"fold-{fold}"
        if not _result_of(place).is_file():  # the processes of a training share this folder, and decide alike
            _train_fold(settings, dataset, split, clips, seed=seed, out=place, resume=resume, on_progress=on_progress)
        if is_main_process():
            results.append(_read(_result_of(place)))
    found = Results(dataset.name, out, tuple(results))
    if is_main_process():
        _report(found, dataset.classes)
    return found


@dataclass(frozen=True, slots=True)
class _Split:
    test_fold: int
    train: Examples
    validation: Examples
    test: Examples


def _split(dataset: Dataset, settings: TrainSettings, fold: int) -> _Split:
    """Official folds only. Early stopping looks at the last of the training folds, never at the tested one."""
    train, test = split_folds(dataset, test_fold=fold, train_folds=settings.train_folds)
    if not settings.patience:
        return _Split(fold, train, test, test)
    folds = sorted(set(train.folds.tolist()))
    if len(folds) < 2:
        raise DataError("early stopping needs a second fold to train on", path=settings.root, remedy="Use patience=0")
    train, validation = split_folds(dataset, test_fold=folds[-1], train_folds=tuple(folds[:-1]))
    return _Split(fold, train, validation, test)


def _train_fold(
    settings: TrainSettings,
    dataset: Dataset,
    split: _Split,
    clips: DecodedClips,
    *,
    seed: int,
    out: Path,
    resume: bool,
    on_progress: OnProgress,
) -> None:
    """Train, test, and write the model and the result."""
    started = time.monotonic()
    model = starting_network(settings, seed=seed)
    data = Data(
        split.train, clips.select(split.train), dataset.classes, split.validation, clips.select(split.validation)
    )
    label = f"seed {seed}, fold {split.test_fold}"
    train_network(model, data, settings, seed=seed, out=out, label=label, resume=resume, on_progress=on_progress)
    seconds = time.monotonic() - started
    if not is_main_process():
        return
    name = f"{dataset.name}-fold-{split.test_fold}"
    save_model(out / runs.MODEL, model, name=name, covers=covered(settings, dataset.classes))
    found = measure_network(model, split.test, clips.select(split.test), dataset.classes, settings)
    assert found is not None  # `finetune` has seen to it that there are classes
    result = FoldResult(
        seed=seed,
        test_fold=split.test_fold,
        train_folds=tuple(sorted(set(split.train.folds.tolist()))),
        clips=len(split.test),
        accuracy=found.accuracy,
        mean_average_precision=found.mean_average_precision,
        seconds=round(seconds, 1),
        confusion=None if found.confusion is None else tuple(map(tuple, found.confusion.tolist())),
    )
    runs.write_json(_result_of(out), dataclasses.asdict(result))
    (out / CHECKPOINT).unlink(missing_ok=True)  # the model is saved; the optimiser's state is of no more use


def _result_of(place: Path) -> Path:
    return place / "result.json"


def _read(path: Path) -> FoldResult:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        content["train_folds"] = tuple(content["train_folds"])
        content["confusion"] = content["confusion"] and tuple(map(tuple, content["confusion"]))
        return FoldResult(**content)
    except (OSError, ValueError, TypeError, KeyError) as error:
        remedy = "Remove it, and --resume trains that fold again"
        raise SettingsError(f"not the result of a fold: {error}", path=path, remedy=remedy) from error


def _report(results: Results, classes: Sequence[str]) -> None:
    """Write `results.json`, and plots of all folds together if clips have one label each."""
    content = {
        "dataset": results.dataset,
        "measure": results.measure,
        "score": results.score,
        "standard_deviation": results.deviation,
        "published_accuracy": PAPER.get(results.dataset, {}).get("fine-tuned"),
        "classes": classes,
        "folds": [dataclasses.asdict(fold) for fold in results.folds],
    }
    runs.write_json(results.out / runs.RESULTS, content)
    matrices = [fold.confusion for fold in results.folds if fold.confusion is not None]
    if len(matrices) < len(results.folds):
        return
    confusion = np.sum(matrices, axis=0)
    title = f"{results.dataset}, fine-tuned: {results.score:.1%}"
    plot_confusion(results.out / "confusion.png", confusion, classes, title=title)
    counts = confusion.sum(axis=1)
    shares = np.divide(confusion.diagonal(), counts, out=np.full(len(counts), np.nan), where=counts > 0)
    plot_classes(results.out / "classes.png", shares, classes, title=title, measure="accuracy")
