"""What an evaluation found: records, their JSON, and the table for the terminal."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioclip_search.types import ModelIdentity
from trainer.clips import InputForm
from trainer.evaluate.measures import Classification, Retrieval, classification
from trainer.evaluate.settings import EvaluateSettings

ACCURACY, MEAN_AVERAGE_PRECISION = "accuracy", "mean average precision"

PAPER: Mapping[str, Mapping[str, float]] = {
    "esc50": {"zero-shot": 0.6940, "fine-tuned": 0.9715},
    "us8k": {"zero-shot": 0.6878, "fine-tuned": 0.9007},
}
"""Accuracies the paper gives (section 4.1): zero-shot of the full training, best of the fine-tuned ones."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A measure over folds.

    Attributes:
        mean: Over the folds; over all examples where there are no folds.
        sd: Sample standard deviation over the folds; None if there are not two.
        folds: The measure by fold; empty where there are none.
    """

    mean: float
    sd: float | None
    folds: Mapping[int, float]

    @classmethod
    def of(cls, folds: Mapping[int, float]) -> Spread:
        """The spread over at least one fold."""
        values = list(folds.values())
        sd = float(np.std(values, ddof=1)) if len(values) > 1 else None
        return cls(float(np.mean(values)), sd, dict(folds))

    def __str__(self) -> str:
        sd = "" if self.sd is None else f" ± {100 * self.sd:.2f}"
        return f"{100 * self.mean:.2f}{sd} %"


def headline(detail: Classification) -> tuple[str, float]:
    """Name and value of the one number for single-label or multi-label data."""
    if detail.accuracy is None:
        return MEAN_AVERAGE_PRECISION, detail.mean_average_precision
    return ACCURACY, detail.accuracy


def over_folds(
    scores: NDArray[np.floating], targets: NDArray[np.floating], folds: NDArray[np.int64], official: Sequence[int]
) -> Spread:
    """The headline of each fold's rows, or of all rows where there are no official folds. It is one measure for all:
    accuracy only where every row of every fold has one label."""
    if not official:
        return Spread(headline(classification(scores, targets))[1], None, {})
    rows = {fold: folds == fold for fold in official}
    found = {fold: classification(scores[own], targets[own]) for fold, own in rows.items()}
    if any(measured.accuracy is None for measured in found.values()):
        return Spread.of({fold: measured.mean_average_precision for fold, measured in found.items()})
    return Spread.of({fold: headline(measured)[1] for fold, measured in found.items()})


@dataclass(frozen=True, slots=True)
class PromptScore:
    """What one template, or the ensemble of all, gives."""

    prompt: str
    score: Spread


@dataclass(frozen=True, slots=True)
class ZeroShot:
    """Classification by the nearest class name (section 4.1).

    Attributes:
        measure: Accuracy, or for multi-label data mean average precision.
        headline: That of the first prompt.
        sweep: Every prompt's and the ensemble's.
        best_of_sweep: Which prompt came out best. It was chosen on the very examples it is measured on, so its score is
            no estimate for others.
        detail: Of the headline, over all examples.
    """

    measure: str
    headline: PromptScore
    sweep: tuple[PromptScore, ...]
    best_of_sweep: str
    detail: Classification

    @property
    def score(self) -> Spread:
        """The headline's."""
        return self.headline.score


@dataclass(frozen=True, slots=True)
class Probe:
    """Logistic regression on frozen embeddings, each fold tested by one trained on the others.

    Attributes:
        measure: As `ZeroShot.measure`.
        score: Over the folds.
        strengths: Inverse regularisation chosen for each fold.
        official_folds: Whether these are the data set's own folds or split; else random ones that keep groups together.
        detail: Over all tested examples, the folds' scores side by side.
    """

    measure: str
    score: Spread
    strengths: Mapping[int, float]
    official_folds: bool
    detail: Classification


@dataclass(frozen=True, slots=True)
class FoldModel:
    """A fine-tuned model and what it reaches on the fold it was not trained on."""

    seed: int
    fold: int
    weights_hash: str
    value: float


@dataclass(frozen=True, slots=True)
class FineTuned:
    """A fine-tuning's models, each on its own test fold, by the bare class names.

    Attributes:
        measure: As `ZeroShot.measure`.
        score: Over the folds, each the mean of its seeds.
        models: One by one.
        detail: Over all their tests, the models' scores side by side.
        form: How sounds were decoded, as in training.
    """

    measure: str
    score: Spread
    form: InputForm
    models: tuple[FoldModel, ...]
    detail: Classification


@dataclass(frozen=True, slots=True)
class Report:
    """Everything an evaluation measured.

    Attributes:
        settings: As given.
        versions: Of the software, by name.
        examples: How many there are to measure on.
        classes: In the order of every per-class list; empty for free texts.
        model: Whose weights were measured; None if only a run's.
        form: How sounds were decoded for it.
        zero_shot: See there; None if it was not asked for or left out, like the following.
        probe: See there.
        retrieval: By direction, as in `text-audio`: texts ask for sounds.
        fine_tuned: See there.
        left_out: Tasks that this data does not allow, and why.
    """

    settings: EvaluateSettings
    versions: Mapping[str, str]
    examples: int
    classes: tuple[str, ...]
    model: ModelIdentity | None = None
    form: InputForm | None = None
    zero_shot: ZeroShot | None = None
    probe: Probe | None = None
    retrieval: Mapping[str, Retrieval] = dataclasses.field(default_factory=dict)
    fine_tuned: FineTuned | None = None
    left_out: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Everything, as JSON's own types; null for what could not be measured."""
        content: dict[str, Any] = _plain(self)
        return content | {"paper": dict(PAPER.get(self.settings.dataset, {}))}

    def table(self) -> list[tuple[str, str]]:
        """Name and value of each line, for people; beside them what the paper has."""
        return list(self._lines())

    def _lines(self) -> Iterator[tuple[str, str]]:
        if self.fine_tuned is not None:
            yield f"fine-tuned {self.fine_tuned.measure}", self._beside("fine-tuned", self.fine_tuned.score)
        if self.zero_shot is not None:
            prompt, measure = self.zero_shot.headline.prompt, self.zero_shot.measure
            yield f"zero-shot {measure}, “{prompt}”", self._beside("zero-shot", self.zero_shot.score)
            for other in self.zero_shot.sweep:
                if other is not self.zero_shot.headline:
                    best = other.prompt == self.zero_shot.best_of_sweep
                    yield f"zero-shot, “{other.prompt}”", f"{other.score}{' (best, chosen here)' if best else ''}"
        if self.probe is not None:
            folds = "" if self.probe.official_folds else " (random folds)"
            yield f"linear probe {self.probe.measure}{folds}", str(self.probe.score)
        for direction, found in self.retrieval.items():
            recalls = " / ".join(f"{100 * recall:.1f}" for recall in (found.recall_1, found.recall_5, found.recall_10))
            others = f"{100 * found.precision_1:.1f} / {100 * found.mean_average_precision:.1f} %"
            yield f"{direction.replace('-', ' → ')}: R@1/5/10, P@1, mAP", f"{recalls} / {others}"
        for task, reason in self.left_out.items():
            yield task, f"left out: {reason}"

    def _beside(self, task: str, score: Spread) -> str:
        paper = PAPER.get(self.settings.dataset, {}).get(task)
        return str(score) if paper is None else f"{score} (paper: {100 * paper:.2f} %)"


def _plain(value: Any) -> Any:
    plain = value
    match value:
        case _ if dataclasses.is_dataclass(value):
            plain = {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        case Mapping():
            plain = {str(key): _plain(item) for key, item in value.items()}
        case np.ndarray():
            plain = _plain(value.tolist())
        case tuple() | list():
            plain = [_plain(item) for item in value]
        case float() if not math.isfinite(value):
            plain = None
        case Path():
            plain = str(value)
    return plain
