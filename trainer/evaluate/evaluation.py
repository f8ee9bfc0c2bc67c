"""Measure a model on a data set and write the report (sections 3.4, 4.1 and 4.2)."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioclip_search.model import AudioCLIP
from audioclip_search.model.registry import resolve
from audioclip_search.model.weights import load_model, read_card
from audioclip_search.types import FloatArray
from trainer.clips import InputForm
from trainer.datasets import open_dataset
from trainer.datasets.examples import Dataset, Examples, targets
from trainer.errors import DataError, SettingsError
from trainer.evaluate.embed import Embedded, choose_device, embed, embed_texts
from trainer.evaluate.finetuned import measure_run
from trainer.evaluate.measures import (
    Relevance,
    Retrieval,
    SameKey,
    SharedLabels,
    classification,
    retrieval,
)
from trainer.evaluate.plots import plot_classes, plot_confusion
from trainer.evaluate.probe import cross_validate, random_folds
from trainer.evaluate.report import Probe, PromptScore, Report, ZeroShot, headline, over_folds
from trainer.evaluate.settings import EvaluateSettings
from trainer.runs import write_json
from trainer.settings import FINETUNE_PROTOCOLS, TrainSettings
from trainer.training import input_form

OnProgress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""

ENSEMBLE = "ensemble of all"
REPORT, CONFUSION, CLASSES = "evaluation.json", "confusion.png", "classes.png"

_PACKAGES = ("audioclip-search", "torch", "torchaudio", "numpy", "scikit-learn")


def run(settings: EvaluateSettings, *, on_progress: OnProgress) -> Report:
    """Measure what is asked for, and write `evaluation.json`, `confusion.png` and `classes.png` to `settings.out`.

    The plots show the fine-tuned models, else zero-shot, else the probe; multi-label data has no confusion matrix.

    Raises:
        DataError: The data set is incomplete or does not fit what is asked.
        SettingsError: The run or the device can't be used, or `out` can't be written.
        ModelError: There is no such model, or its weights are damaged.
        MediaError: A file can't be read.
    """
    if settings.root is None:
        raise DataError(f"where is the data set {settings.dataset}?", remedy="Give --root")
    dataset = _limited(_of_folds(open_dataset(settings.dataset, settings.root), settings.folds), settings)
    measured = dataset.examples if dataset.evaluation is None else dataset.evaluation
    if not len(measured):
        raise DataError("has no examples to measure on", path=settings.root)
    try:
        settings.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"can't be made: {error.strerror}", path=settings.out) from error
    versions = {name: importlib.metadata.version(name) for name in _PACKAGES} | {"python": platform.python_version()}
    report = Report(settings, versions, len(measured), dataset.classes)
    if settings.run is not None:
        tested = replace(dataset, examples=measured)
        fine_tuned = measure_run(settings.run, tested, settings, on_progress=on_progress)
        report = replace(report, fine_tuned=fine_tuned)
    if settings.model and settings.tasks:
        report = _measure_model(report, dataset, measured, on_progress)
    _write(report)
    return report


def _of_folds(dataset: Dataset, folds: Sequence[int]) -> Dataset:
    """With these official folds as the evaluation split, and all others to learn from; unchanged if there are none."""
    if not folds:
        return dataset
    present = ", ".join(map(str, dataset.folds))
    for fold in folds:
        if fold not in dataset.folds:
            raise DataError(
                f"{dataset.name} has no fold {fold}",
                remedy=f"The folds present are {present}" if present else "It has no folds: leave --folds out",
            )
    chosen = np.isin(dataset.examples.folds, folds)
    return replace(
        dataset,
        examples=dataset.examples.take(np.flatnonzero(~chosen)),
        evaluation=dataset.examples.take(np.flatnonzero(chosen)),
        folds=tuple(fold for fold in dataset.folds if fold in folds),
    )


def _limited(dataset: Dataset, settings: EvaluateSettings) -> Dataset:
    """With at most `settings.limit` examples, drawn by the seed, in their order."""

    def drawn(examples: Examples) -> Examples:
        if not settings.limit or len(examples) <= settings.limit:
            return examples
        rng = np.random.default_rng(settings.seed)
        return examples.take(np.sort(rng.choice(len(examples), settings.limit, replace=False)))

    limited = replace(
        dataset,
        examples=drawn(dataset.examples),
        evaluation=None if dataset.evaluation is None else drawn(dataset.evaluation),
    )
    measured = limited.examples if limited.evaluation is None else limited.evaluation
    return replace(limited, folds=tuple(fold for fold in dataset.folds if fold in measured.folds))


@dataclass(frozen=True, slots=True)
class _Subject:
    """A model and what it makes of the examples it is measured on."""

    settings: EvaluateSettings
    model: AudioCLIP
    form: InputForm
    dataset: Dataset
    examples: Examples
    embedded: Embedded
    on_progress: OnProgress

    @property
    def targets(self) -> NDArray[np.float32]:
        """`(n, classes)`."""
        return targets(self.examples, self.dataset.classes)


def _measure_model(report: Report, dataset: Dataset, measured: Examples, on_progress: OnProgress) -> Report:
    settings = report.settings
    path = resolve(settings.model)
    model = load_model(path).to(choose_device(settings.device))
    form = input_form(TrainSettings(**FINETUNE_PROTOCOLS.get(settings.dataset, {})), model.config)
    form = replace(form, channels=min(form.channels, model.config.channels))
    embedded = embed(model, measured, form, settings=settings, on_progress=partial(on_progress, "embedding"))
    subject = _Subject(settings, model, form, dataset, measured, embedded, on_progress)
    obstacles = {task: _obstacle(task, subject) for task in settings.tasks}
    possible = [task for task in settings.tasks if not obstacles[task]]
    zero_shot = _zero_shot(subject) if "zero-shot" in possible else None
    probe = None
    if "probe" in possible:
        try:
            probe = _probe(subject)
        except DataError as error:  # too little to learn from: no reason to lose the rest
            obstacles["probe"] = error.reason
    return replace(
        report,
        model=read_card(path).identity,
        form=form,
        zero_shot=zero_shot,
        probe=probe,
        retrieval=_retrieval(subject) if "retrieval" in possible else {},
        left_out={task: reason for task, reason in obstacles.items() if reason},
    )


def _obstacle(task: str, subject: _Subject) -> str:
    """Why this data does not allow a task; empty if it does."""
    if task == "retrieval":
        return ""
    if not subject.dataset.classes:
        return "the texts are free, there are no classes"
    if subject.embedded.audio is None:
        return "there are no sounds"
    if task == "probe" and subject.dataset.evaluation is None:
        return "there is only one fold" if len(subject.dataset.folds) == 1 else ""
    if task == "probe" and not len(subject.dataset.examples):
        return "there are no examples to learn from besides those measured"
    return ""


def _zero_shot(subject: _Subject) -> ZeroShot:
    """Section 4.1."""
    sounds, truth, dataset = subject.embedded.audio, subject.targets, subject.dataset
    assert sounds is not None
    names = {
        prompt: embed_texts(subject.model, [prompt.replace("{}", name) for name in dataset.classes])
        for prompt in subject.settings.prompts
    }
    if len(names) > 1:
        mean = np.mean(list(names.values()), axis=0)
        names[ENSEMBLE] = mean / np.linalg.norm(mean, axis=1, keepdims=True)
    sweep = tuple(
        PromptScore(prompt, over_folds(sounds @ vectors.T, truth, subject.examples.folds, dataset.folds))
        for prompt, vectors in names.items()
    )
    first = subject.settings.prompts[0]
    detail = classification(sounds @ names[first].T, truth)
    best = max(sweep, key=lambda found: found.score.mean)
    return ZeroShot(headline(detail)[0], sweep[0], sweep, best.prompt, detail)


def _probe(subject: _Subject) -> Probe:
    sounds, truth, examples, dataset = subject.embedded.audio, subject.targets, subject.examples, subject.dataset
    assert sounds is not None
    tested: Sequence[int] = dataset.folds
    folds = shown = examples.folds
    if dataset.evaluation is not None:  # fold 1, after the training examples in fold 0
        progress = partial(subject.on_progress, "embedding what the probe learns from")
        learned = embed(
            subject.model, dataset.examples, subject.form, settings=subject.settings, on_progress=progress
        ).audio
        assert learned is not None
        sounds = np.concatenate([learned, sounds])
        truth = np.concatenate([targets(dataset.examples, dataset.classes), truth])
        folds = np.repeat([0, 1], [len(dataset.examples), len(examples)])
        shown = np.concatenate([np.full(len(dataset.examples), -1), examples.folds]) if dataset.folds else folds
        groups, tested = _group_numbers([*dataset.examples.groups, *examples.groups]), (1,)
    else:
        groups = _group_numbers(examples.groups)
        if not tested:
            folds = shown = random_folds(groups, seed=subject.settings.seed)
            tested = tuple(np.unique(folds).tolist())
    scores, strengths = cross_validate(
        sounds,
        truth,
        groups=groups,
        folds=folds,
        tested=tested,
        seed=subject.settings.seed,
        on_progress=partial(subject.on_progress, "probing"),
    )
    rows = np.isin(folds, tested)
    detail = classification(scores[rows], truth[rows])
    official = bool(dataset.folds) or dataset.evaluation is not None
    if dataset.evaluation is not None and dataset.folds:  # one probe for all of them
        tested, strengths = dataset.folds, dict.fromkeys(dataset.folds, strengths[1])
    return Probe(headline(detail)[0], over_folds(scores, truth, shown, tested), strengths, official, detail)


def _group_numbers(groups: Sequence[str]) -> NDArray[np.intp]:
    """A number for each group; a row without one is its own."""
    names = [group or f"\0{row}" for row, group in enumerate(groups)]
    return np.unique(names, return_inverse=True)[1]


def _retrieval(subject: _Subject) -> dict[str, Retrieval]:
    """Section 4.2, in all directions among the modalities there are. Texts are the class names, or the distinct free
    texts; relevant is what shares a label, or has the same free text."""
    texts: list[str]
    of_texts: NDArray[Any]  # what relevance is told by, of texts and of the examples
    own: NDArray[Any]
    shared: Callable[[NDArray[Any], NDArray[Any]], Relevance]
    if subject.dataset.classes:
        texts = list(subject.dataset.classes)
        of_texts, own, shared = np.eye(len(texts), dtype=np.float32), subject.targets, SharedLabels
    else:
        distinct, own = np.unique([example.text for example in subject.examples], return_inverse=True)
        texts = distinct.tolist()
        of_texts, shared = np.arange(len(texts)), SameKey
    labels: dict[str, NDArray[Any]] = {"text": of_texts, "audio": own, "image": own}
    vectors: dict[str, FloatArray | None] = {
        "text": embed_texts(subject.model, texts),
        "audio": subject.embedded.audio,
        "image": subject.embedded.image,
    }
    there = {name: found for name, found in vectors.items() if found is not None}
    measured = {}
    directions = list(permutations(there, 2))
    for done, (asking, asked) in enumerate(directions, start=1):
        relevant = shared(labels[asking], labels[asked])
        measured[f"{asking}-{asked}"] = retrieval(there[asking], there[asked], relevant)
        subject.on_progress("retrieving", done, len(directions))
    return measured


def _write(report: Report) -> None:
    out, name = report.settings.out, report.settings.dataset
    write_json(out / REPORT, report.to_json())
    plotted = {"fine-tuned": report.fine_tuned, "zero-shot": report.zero_shot, "linear probe": report.probe}
    task, found = next(((task, found) for task, found in plotted.items() if found is not None), ("", None))
    if found is None:
        return
    title = f"{name}, {task}: {found.measure} {found.score}"
    detail = found.detail
    values = detail.class_average_precision if detail.class_accuracy is None else detail.class_accuracy
    if detail.confusion is not None:
        plot_confusion(out / CONFUSION, detail.confusion, report.classes, title=title)
    plot_classes(out / CLASSES, values, report.classes, title=title, measure=found.measure)
