"""Sizes, material and stages of the `starter` model."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import lightning as lt
import torch
from torch.nn.functional import normalize
from torch.utils.data import DataLoader

from audioclip_search.model import AudioCLIP
from audioclip_search.model.weights import load_model, save_model
from trainer.batches import Batches, loader
from trainer.datasets import Example, open_dataset
from trainer.engine import Engine, OnProgress, Optimisation, Stage, fit
from trainer.errors import DataError
from trainer.networks import SMALL
from trainer.settings import Optimizer, Precision, Schedule
from trainer.starter.bank import Bank, PictureJob, SoundJob, picture_bank, sound_bank
from trainer.starter.batches import GroupedBatches, PictureBatches, as_trunk_input
from trainer.starter.captions import HELD_OUT_QUERIES, LABELS
from trainer.starter.exam import Exam, Scores
from trainer.starter.pictures import held_out_pictures
from trainer.starter.sounds import SOUND_NAMES
from trainer.starter.stages import PictureTuning, Pretraining

CONFIG = SMALL
DESCRIPTION = (
    "Small tri-modal model for a first try: the sounds it covers and little else, made by this project's trainer"
)
TRAIN_FOLDS = (1, 2, 3)
VALIDATION_FOLD = 4
_NAMES = tuple(label.replace("_", " ") for label in LABELS)
_EXAM_SEED = 2021  # the same exam whatever the run's seed


@dataclass(frozen=True, slots=True)
class Recipe:
    """Sizes of a run; the defaults made the shipped model.

    Attributes:
        seed: Seed of the whole run.
        takes: Augmented takes of each recording.
        draws: Renders of each procedural sound.
        pictures: Pictures of each label.
        exam_draws: Fresh renders of each procedural sound in the exam.
        groups: Groups of a batch; each has every label once.
        steps: Optimiser steps of the first stage.
        picture_rows: Pictures in a batch of the second stage.
        picture_steps: Its optimiser steps.
        learning_rate: Its peak.
        weight_decay: Of AdamW.
    """

    seed: int = 2021
    takes: int = 24
    draws: int = 240
    pictures: int = 500
    exam_draws: int = 8
    groups: int = 2
    steps: int = 2400
    picture_rows: int = 128
    picture_steps: int = 2000
    learning_rate: float = 2e-3
    weight_decay: float = 0.05


@dataclass(frozen=True, slots=True)
class Material:
    """What a run learns from and is examined on; see `prepare`."""

    sounds: Bank
    pictures: Bank
    exam_sounds: Bank
    exam: Exam


def prepare(recipe: Recipe, *, esc10: Path, cache: Path, on_progress: OnProgress) -> Material:
    """Render, decode and draw everything the run needs.

    Args:
        recipe: Its sizes.
        esc10: A data set in ESC-50's layout with at least ESC-10's classes in folds 1 to 4.
        cache: Folder for the banks, reused by later runs of the same sizes.
        on_progress: See `trainer.engine.OnProgress`.

    Raises:
        DataError: The data set is incomplete.
        MediaError: A recording can't be read.
    """
    examples = open_dataset("esc10", esc10).examples
    training = [recording for recording in map(_recording, examples) if recording.fold in TRAIN_FOLDS]
    held_out = [recording for recording in map(_recording, examples) if recording.fold == VALIDATION_FOLD]
    if not training or not held_out:
        raise DataError("has no recordings of ESC-10 in folds 1 to 4", path=esc10)
    jobs = [
        SoundJob(recording.label, _seed(recipe.seed, 0, i, take), recording.path, augmented=take > 0)
        for i, recording in enumerate(training)
        for take in range(recipe.takes)
    ]
    jobs += [
        SoundJob(name, _seed(recipe.seed, 1, i, n)) for i, name in enumerate(SOUND_NAMES) for n in range(recipe.draws)
    ]
    drawn = [
        PictureJob(label, _seed(recipe.seed, 2, i, n)) for i, label in enumerate(LABELS) for n in range(recipe.pictures)
    ]
    exam_jobs = [SoundJob(recording.label, 0, recording.path, augmented=False) for recording in held_out]
    exam_jobs += [
        SoundJob(name, _seed(_EXAM_SEED, 3, i, n))
        for i, name in enumerate(SOUND_NAMES)
        for n in range(recipe.exam_draws)
    ]
    exam = Exam(
        labels=tuple(job.label for job in exam_jobs),
        recorded=tuple(job.recording is not None for job in exam_jobs),
        queries=HELD_OUT_QUERIES,
        pictures=tuple((picture, label) for label in LABELS for picture in held_out_pictures(label)),
    )
    return Material(
        sounds=sound_bank(jobs, CONFIG, cache, partial(on_progress, "sounds")),
        pictures=picture_bank(drawn, CONFIG, cache, partial(on_progress, "pictures")),
        exam_sounds=sound_bank(exam_jobs, CONFIG, cache, partial(on_progress, "exam sounds")),
        exam=exam,
    )


def train(recipe: Recipe, material: Material, *, out: Path, resume: bool, on_progress: OnProgress) -> Scores:
    """Train in two stages, save to `out/model` (float16), and examine what was saved; see `save`.

    Args:
        recipe: Its sizes.
        material: What `prepare` gave for it.
        out: Folder of the run.
        resume: Go on from the checkpoints that are there.
        on_progress: See `trainer.engine.OnProgress`.

    Raises:
        ModelError: The model can't be saved.
        CancelledError: It was interrupted, and can be resumed.
    """
    lt.seed_everything(recipe.seed, verbose=False)
    batches = GroupedBatches(
        material.sounds, material.pictures, CONFIG, groups=recipe.groups, steps=recipe.steps, seed=recipe.seed
    )
    moves = _optimisation(recipe, recipe.steps, warmup_steps=200)
    towers = Pretraining(CONFIG, moves, material.exam, labels=len(batches.labels))
    _fit(towers, batches, material, out / "towers", resume=resume, on_progress=on_progress)
    drawn = PictureBatches(material.pictures, rows=recipe.picture_rows, steps=recipe.picture_steps, seed=recipe.seed)
    moves = _optimisation(recipe, recipe.picture_steps, warmup_steps=100)
    pictures = PictureTuning(towers.model, moves, material.exam, names=_NAMES)
    _fit(pictures, drawn, material, out / "pictures", resume=resume, on_progress=on_progress)
    return save(pictures.model, recipe, material, out=out)


def save(model: AudioCLIP, recipe: Recipe, material: Material, *, out: Path) -> Scores:
    """Write `out/model` in float16, and `out/results.json` with the recipe and the scores of what was written.

    Raises:
        ModelError: The model can't be saved.
    """
    save_model(out / "model", model, name="starter", description=DESCRIPTION, covers=_NAMES, half=True)
    saved = load_model(out / "model")
    with torch.no_grad():
        answers = torch.cat([normalize(saved.audio.embed(part), dim=-1) for part in _exam_input(material).split(32)])
    scores = material.exam.scores(saved, answers.numpy())
    result = {"recipe": dataclasses.asdict(recipe), "scores": dataclasses.asdict(scores)}
    (out / "results.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return scores


class _Recording(NamedTuple):
    path: Path
    label: str
    fold: int


def _recording(example: Example) -> _Recording:
    assert example.audio is not None and example.fold is not None  # as the data set's reader makes sure
    return _Recording(Path(example.audio.path), example.labels[0].replace(" ", "_"), example.fold)


def _optimisation(recipe: Recipe, steps: int, *, warmup_steps: int) -> Optimisation:
    return Optimisation(
        steps=steps,
        steps_per_epoch=steps,
        learning_rate=recipe.learning_rate,
        warmup_steps=min(warmup_steps, steps // 10),
        optimizer=Optimizer.ADAMW,
        weight_decay=recipe.weight_decay,
        schedule=Schedule.COSINE,
    )


def _fit(
    stage: Stage, batches: Batches, material: Material, out: Path, *, resume: bool, on_progress: OnProgress
) -> None:
    """Train a stage; its model ends as the moving average of its weights."""
    steps = stage.optimisation.steps
    fit(
        stage,
        lambda start: loader(batches, start=start, workers=1),
        DataLoader(_exam_input(material).split(32), batch_size=None),
        out=out,
        engine=Engine(
            label=out.name,
            validate_every=max(1, steps // 10),
            precision=Precision.BFLOAT16,
            clip_norm=1.0,
            ema=0.998,
            ema_start=steps // 10,
        ),
        resume=resume,
        on_progress=on_progress,
    )


def _exam_input(material: Material) -> torch.Tensor:
    return as_trunk_input(torch.from_numpy(material.exam_sounds.examples.astype("float32")))


def _seed(seed: int, kind: int, index: int, number: int) -> int:
    """Distinct for every example of a run."""
    return ((seed * 10 + kind) * 10_000 + index) * 10_000 + number
