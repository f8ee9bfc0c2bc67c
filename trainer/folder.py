"""Fine-tuning on a user's own folder: measured on sounds of it that were held out, and never installed if worse."""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from audioclip_search.errors import ModelError
from audioclip_search.model import AudioCLIP
from audioclip_search.model.registry import STARTER, own_folder, resolve
from audioclip_search.model.weights import ModelCard, load_model, read_card, save_model
from audioclip_search.types import FloatArray
from trainer import runs
from trainer.adapter import AdapterSettings, Lesson, Listener, train_adapter
from trainer.clips import decode_clips
from trainer.datasets import open_dataset
from trainer.datasets.examples import Examples, targets
from trainer.engine import OnProgress
from trainer.errors import DataError, SettingsError
from trainer.folder_report import FolderResults, Held, compare, view, write
from trainer.networks import SCRATCH
from trainer.processes import world_size
from trainer.settings import Trained, TrainSettings
from trainer.training import Data, augmentation, input_form, train_network

_TAKES = 3
_FEW = 30  # held-out sounds, below which figures are rough
_SAME = 0.99  # cosine of texts that a model takes for one
_VALIDATED_FROM = 4  # recordings of a label that is left, from which one is spared for validation


@dataclass(frozen=True, slots=True)
class Split:
    """Row numbers of two parts, and the columns of the labels whose only recording is in both."""

    rest: NDArray[np.intp]
    held: NDArray[np.intp]
    torn: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Sounds:
    """Examples, and for each the labels it has: float32 `(n, labels)` of 0 and 1, the classes before all others."""

    examples: Examples
    labels: tuple[str, ...]
    classes: tuple[str, ...]
    targets: NDArray[np.float32]

    def take(self, rows: NDArray[np.intp]) -> _Sounds:
        return dataclasses.replace(self, examples=self.examples.take(rows), targets=self.targets[rows])

    def split(self, share: float, *, least: int, seed: int) -> Split:
        return hold_out(self.targets > 0, self.examples.groups, share, least=least, seed=seed)


def finetune_folder(settings: TrainSettings, *, resume: bool, on_progress: OnProgress) -> FolderResults:
    """Adapt a model to the labels of a folder, and measure before and after on sounds that it did not learn from.

    Held out is `settings.held_out` of each label's recordings, one at least; takes of one recording stay together
    unless the label has no other. `settings.out` then holds `model`, `results.json` and `report.md`. With
    `settings.name` the model is installed, unless `FolderResults.worse`.

    Args:
        settings: `train` says what learns: the adapter (`AdapterSettings` has how), the audio tower or everything.
        resume: Go on with the run that is there.
        on_progress: What is done, how much of it, and how much there is.

    Raises:
        DataError: There is no folder, or it has too little to learn from, or files that can't be read.
        SettingsError: The settings are not for a folder, or contradict the run to resume.
        ModelError: There is no such model, the name can't be used, or the result got worse and so is not installed.
    """
    if settings.name:
        own_folder(settings.name)
    device = _device(settings)
    model, card = _start(settings)
    sounds = _open(runs.require_root(settings))
    run = _Run(settings, runs.folder(settings, "finetune"), device, resume, on_progress)
    runs.begin(settings, run.out, resume=resume)
    split = sounds.split(settings.held_out, least=2, seed=run.seed)
    train, held = sounds.take(split.rest), sounds.take(split.held)

    heard = run.hear(model, card, held, takes=0, what="held-out sounds")
    before = view(model, heard, sounds.labels, card.covers)
    if settings.train is Trained.ADAPTER:
        run.adapt(model, card, train, before.labels)
        saved = _save(model, card, settings, run.out, train)
    else:
        run.train(model, train)
        saved = _save(model, card, settings, run.out, train)
        heard = run.hear(model, saved, held, takes=0, what="held-out sounds again")
    after = view(model, heard, sounds.labels, card.covers)

    results = compare(
        before,
        after,
        Held(held.labels, len(held.classes), held.targets),
        start=card.name,
        learnt_from=len(train.examples),
        model=run.out / runs.MODEL,
        notes=_notes(split, sounds.labels, after.labels),
    )
    write(results, run.out)
    if settings.name:
        _install(results, model, saved, settings.name)
        results = results.installed(settings.name)
        write(results, run.out)
    return results


@dataclass(frozen=True, slots=True)
class _Run:
    """A training in progress: what it was asked for, and where it happens."""

    settings: TrainSettings
    out: Path
    device: str
    resume: bool
    on_progress: OnProgress

    @property
    def seed(self) -> int:
        return self.settings.seeds[0]

    @property
    def cache(self) -> Path:
        return self.settings.cache or self.out / "cache"

    def hear(self, model: AudioCLIP, card: ModelCard, part: _Sounds, *, takes: int, what: str) -> FloatArray:
        """Pooled features, float32 `(n, 1 + takes, features)`."""
        listener = Listener(
            model.to(self.device),
            card.weights_hash,
            self.cache,
            takes=takes,
            augmentation=augmentation(self.settings),
            seed=self.seed,
        )
        return listener.listen(part.examples, on_progress=partial(self.on_progress, what))

    def adapt(self, model: AudioCLIP, card: ModelCard, train: _Sounds, labels: FloatArray) -> None:
        """Merge an adapter into the model."""
        features = self.hear(model, card, train, takes=_TAKES, what="sounds to learn from")
        lesson, parts = Lesson(features, train.targets), self._parts(train)
        train_adapter(
            model,
            lesson.take(parts.rest),
            lesson.take(parts.held),
            labels,
            AdapterSettings(seed=self.seed),
            on_progress=partial(self.on_progress, "adapter"),
        )

    def train(self, model: AudioCLIP, train: _Sounds) -> None:
        """Train in place, as any other fine-tuning does."""
        clips = decode_clips(
            train.examples,
            input_form(self.settings, model.config),
            self.cache,
            workers=self.settings.workers,
            on_progress=partial(self.on_progress, "decoding"),
        )
        parts = self._parts(train)
        rest, held = train.examples.take(parts.rest), train.examples.take(parts.held)
        train_network(
            model.cpu(),
            Data(rest, clips.select(rest), train.classes, held, clips.select(held)),
            self.settings,
            seed=self.seed,
            out=self.out,
            label="training",
            resume=self.resume,
            on_progress=self.on_progress,
        )

    def _parts(self, train: _Sounds) -> Split:
        """What it learns from, and what it is validated on meanwhile."""
        return train.split(self.settings.held_out, least=_VALIDATED_FROM, seed=self.seed)


def hold_out(labels: NDArray[np.bool_], groups: Sequence[str], share: float, *, least: int, seed: int) -> Split:
    """Choose a share of each label's recordings: never all, and one at least, unless another label would lose its last.

    Args:
        labels: bool `(n, labels)`.
        groups: Of each row its recording, whose rows stay together; empty where a row is a recording of its own.
        share: In (0, 1).
        least: A label of fewer recordings than this, at least 2, gives none up.
        seed: Of the choice.
    """
    recordings = np.array([group or f"\0{row}" for row, group in enumerate(groups)], dtype=object)
    torn = []
    for column in range(labels.shape[1]):
        rows = np.flatnonzero(labels[:, column])
        if len(rows) >= least and len(set(recordings[rows])) == 1:
            torn.append(column)
            recordings[rows] = [f"\0{row}" for row in rows]
    of_label = [sorted(set(recordings[labels[:, column]])) for column in range(labels.shape[1])]
    columns: dict[str, list[int]] = defaultdict(list)
    for column, names in enumerate(of_label):
        for name in names:
            columns[name].append(column)
    left = list(map(len, of_label))  # of each label, recordings that are not held
    rng = np.random.default_rng(seed)
    held: set[str] = set()
    seen: set[str] = set()

    def take(names: Sequence[str], wanted: int) -> None:
        for name in map(str, rng.permutation(names)):
            if wanted > 0 and all(left[column] > 1 for column in columns[name]):
                held.add(name)
                wanted -= 1
                for column in columns[name]:
                    left[column] -= 1

    for names in sorted(of_label, key=len):  # the rarest label chooses first
        if len(names) < least:
            continue
        wanted = min(len(names) - 1, max(1, round(share * len(names)))) - len(held.intersection(names))
        take([name for name in names if name not in seen], wanted)
        if held.isdisjoint(names):  # the rarer ones passed over all of them
            take([name for name in names if name in seen], 1)
        seen.update(names)
    is_held = np.array([name in held for name in recordings], dtype=bool)
    return Split(np.flatnonzero(~is_held), np.flatnonzero(is_held), tuple(torn))


def _start(settings: TrainSettings) -> tuple[AudioCLIP, ModelCard]:
    if settings.model == SCRATCH or settings.clip_weights or settings.audio_weights:
        raise SettingsError(
            "a folder is learnt by a whole model that can be compared with itself before",
            remedy="Leave clip_weights and audio_weights out and give --model NAME, such as starter",
        )
    try:
        path = resolve(settings.model)
    except ModelError as error:
        raise ModelError(
            error.reason, path=error.path, remedy=f"{error.remedy}, or give --model {STARTER}, which is here"
        ) from error
    return load_model(path), read_card(path)


def _open(root: Path) -> _Sounds:
    dataset = open_dataset("folder", root)
    counts = Counter(label for labels in dataset.examples.labels for label in labels)
    if sum(counts[name] >= 2 for name in dataset.classes) < 2:
        found = ", ".join(f"{name} ({counts[name]})" for name in dataset.classes[:5])
        raise DataError(
            f"to learn and to measure takes two classes of two sounds each; here are {found}",
            path=root,
            remedy="Put the sounds of a class into a folder of its name: CLASS/FILE",
        )
    tags = sorted(label for label, count in counts.items() if count >= 2 and label not in dataset.classes)
    labels = (*dataset.classes, *tags)
    return _Sounds(dataset.examples, labels, dataset.classes, targets(dataset.examples, labels))


def _notes(split: Split, labels: Sequence[str], texts: FloatArray) -> tuple[str, ...]:
    notes = []
    if split.torn:
        names = ", ".join(labels[column] for column in split.torn)
        notes.append(f"All sounds of {names} are takes of one recording, which was split: their figures flatter.")
    if len(split.held) < _FEW:
        notes.append(f"Only {len(split.held)} sounds were held out: the figures are rough.")
    same = np.unique(np.nonzero(np.triu(texts @ texts.T, k=1) > _SAME))
    if len(same):
        names = ", ".join(labels[column] for column in same)
        notes.append(f"To the model, words of these mean the same, so it can't tell them apart: {names}.")
    return tuple(notes)


def _device(settings: TrainSettings) -> str:
    if world_size() > 1:
        raise SettingsError("a folder is learnt by one process", remedy="Start it without torchrun")
    if settings.accelerator == "gpu" and not torch.cuda.is_available():
        raise SettingsError("accelerator=gpu, but torch sees no GPU", remedy="Use --accelerator cpu")
    return "cuda" if settings.accelerator != "cpu" and torch.cuda.is_available() else "cpu"


def _save(model: AudioCLIP, card: ModelCard, settings: TrainSettings, out: Path, train: _Sounds) -> ModelCard:
    what = "audio tower" if settings.train is Trained.AUDIO else settings.train.value
    return save_model(
        out / runs.MODEL,
        model,
        name=settings.name or out.resolve().name,
        description=f"Adapted from {card.name} ({what}) on {len(train.examples)} sounds of {len(train.labels)} labels",
        covers=dict.fromkeys((*card.covers, *train.labels)) if card.covers else (),
    )


def _install(results: FolderResults, model: AudioCLIP, saved: ModelCard, name: str) -> None:
    if results.worse:
        raise ModelError(
            f"not installed as {name!r}, because it got worse on the held-out sounds: {results.worse}",
            path=results.model,
            remedy="report.md beside it has the details; more sounds for each label help most",
        )
    save_model(own_folder(name), model, name=name, description=saved.description, covers=saved.covers)
