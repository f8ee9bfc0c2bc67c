"""What an evaluation can be told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from trainer.errors import SettingsError

TASKS = ("zero-shot", "probe", "retrieval")
STATISTICS = ("eval", "batch")

DEFAULT_PROMPTS = (
    "{}",
    "the sound of {}",
    "a sound of {}",
    "a recording of {}",
    "this is a sound of {}",
    "i can hear {}",
)
"""Templates of the zero-shot sweep; the first, the bare name, is the paper's (section 4.1) and gives the headline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateSettings:
    """What to measure, on what, and how.

    Attributes:
        model: Name or path as `registry.resolve` takes it; empty measures the folds of `run` alone.
        run: Folder of a finished fine-tuning, whose models are measured each on its own test fold.
        dataset: Name of the data set, as `open_dataset` takes it.
        root: Its folder or file; None only where the data set needs none.
        out: Folder for the report; created.
        tasks: Of `TASKS`.
        prompts: Templates with `{}` for the class name; the first gives the headline number.
        input_scale: Factor on the samples before the network, which itself expects [-1, 1]. The authors' loaders
            multiply by 32768 and their network divides again; 32768 here shows what a model makes of doing that twice,
            1/32768 what it makes of leaving it out.
        statistics: "eval" normalises by the running statistics, "batch" by those of the batch (audio tower only). Then
            every result depends on the batch: on `batch_size`, and on the order, which is shuffled by `seed`.
        folds: Official folds whose clips alone are measured, such as those that the model was not trained on; the probe
            learns from the others. Empty takes all.
        limit: The most clips measured, drawn by `seed`; 0 takes all.
        batch_size: Clips in one pass.
        workers: Processes that decode; 0 decodes in this one.
        device: `auto` or a device as torch names it.
        seed: Of everything random here.

    Raises:
        SettingsError: A value is unknown, out of range, or there is nothing to measure.
    """

    model: str
    run: Path | None = None
    dataset: str
    root: Path | None
    out: Path
    tasks: tuple[str, ...] = TASKS
    prompts: tuple[str, ...] = DEFAULT_PROMPTS
    input_scale: float = 1.0
    statistics: str = "eval"
    folds: tuple[int, ...] = ()
    limit: int = 0
    batch_size: int = 64
    workers: int = 2
    device: str = "auto"
    seed: int = 2021

    def __post_init__(self) -> None:
        if unknown := [task for task in self.tasks if task not in TASKS]:
            raise SettingsError(f"tasks: there is no {unknown[0]!r}", remedy=f"Choose from {', '.join(TASKS)}")
        if self.statistics not in STATISTICS:
            raise SettingsError(f"statistics: {self.statistics!r}", remedy=f"Choose from {', '.join(STATISTICS)}")
        if not self.prompts or not all(prompt.count("{}") == 1 for prompt in self.prompts):
            raise SettingsError("prompts: each needs {} once, for the class name", remedy='As in "the sound of {}"')
        if not (0 < self.input_scale < float("inf")):
            raise SettingsError(f"input_scale: {self.input_scale} is not a positive number")
        smallest = 2 if self.statistics == "batch" else 1
        for name, low in (("limit", 0), ("batch_size", smallest), ("workers", 0), ("seed", 0)):
            if getattr(self, name) < low:
                raise SettingsError(f"{name}: {getattr(self, name)} is less than {low}")
        if self.run is None and not (self.model and self.tasks):
            raise SettingsError("nothing to measure", remedy="Give a model and a task, or a finished run")
