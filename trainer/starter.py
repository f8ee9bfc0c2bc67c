"""The recipe of the `starter` model: small, from scratch, out of open recordings and procedural sounds and pictures."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning as lt
import torch
from lightning.pytorch.callbacks import EMAWeightAveraging, RichProgressBar
from lightning.pytorch.loggers import CSVLogger
from torch.nn.functional import normalize
from torch.utils.data import DataLoader, Dataset

from audioclip_search.model import AudioCLIP, AudioCLIPConfig
from audioclip_search.model.weights import load_model, save_model
from trainer.bank import Bank, OnProgress, PictureJob, SoundJob, picture_bank, sound_bank
from trainer.captions import HELD_OUT_QUERIES, LABELS
from trainer.data import DataError, GroupedBatches, PictureBatches, as_trunk_input, esc_recordings
from trainer.exam import Exam, Scores
from trainer.pictures import held_out_pictures
from trainer.pretrain import Optimisation, PictureTuning, Pretraining, Stage
from trainer.sounds import SOUND_NAMES

CONFIG = AudioCLIPConfig(
    embed_dim=256,
    image_size=96,
    vision_layers=(1, 1, 1, 1),
    vision_width=16,
    context_length=32,
    text_width=128,
    text_heads=4,
    text_layers=2,
    channels=1,
    hop_length=882,
    n_filters=384,
    filter_spacing="mel",
    floor_db=-100.0,
    audio_layers=(1, 1, 1, 1),
    audio_width=24,
    audio_groups=8,
    audio_width_per_group=16,
)
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
        on_progress: Told of a bank's examples done and wanted.

    Raises:
        DataError: The data set is incomplete.
        MediaError: A recording can't be read.
    """
    recordings = [recording for recording in esc_recordings(esc10) if recording.label in LABELS]
    training = [recording for recording in recordings if recording.fold in TRAIN_FOLDS]
    held_out = [recording for recording in recordings if recording.fold == VALIDATION_FOLD]
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
        sounds=sound_bank(jobs, CONFIG, cache, on_progress),
        pictures=picture_bank(drawn, CONFIG, cache, on_progress),
        exam_sounds=sound_bank(exam_jobs, CONFIG, cache, on_progress),
        exam=exam,
    )


def train(recipe: Recipe, material: Material, *, out: Path) -> Scores:
    """Train in two stages, save to `out/model` (float16), and examine what was saved; see `save`.

    Raises:
        ModelError: The model can't be saved.
    """
    lt.seed_everything(recipe.seed, verbose=False)
    batches = GroupedBatches(
        material.sounds, material.pictures, CONFIG, groups=recipe.groups, steps=recipe.steps, seed=recipe.seed
    )
    moves = Optimisation(recipe.steps, min(200, recipe.steps // 10), recipe.learning_rate, recipe.weight_decay)
    stage = Pretraining(CONFIG, moves, material.exam, labels=len(batches.labels))
    _fit(stage, batches, material, out / "logs")
    tune_pictures(stage.model, recipe, material, out=out)
    return save(stage.model, recipe, material, out=out)


def tune_pictures(model: AudioCLIP, recipe: Recipe, material: Material, *, out: Path) -> None:
    """The second stage: train the image tower of a model whose other towers are finished, in place."""
    batches = PictureBatches(material.pictures, rows=recipe.picture_rows, steps=recipe.picture_steps, seed=recipe.seed)
    steps = recipe.picture_steps
    moves = Optimisation(steps, min(100, steps // 10), recipe.learning_rate, recipe.weight_decay)
    stage = PictureTuning(model.float().eval(), moves, material.exam, names=_NAMES)
    _fit(stage, batches, material, out / "picture-logs")


def save(model: AudioCLIP, recipe: Recipe, material: Material, *, out: Path) -> Scores:
    """Write `out/model` in float16, and `out/results.json` with the recipe and the scores of what was written.

    Raises:
        ModelError: The model can't be saved.
    """
    network = model.to(memory_format=torch.contiguous_format).float().cpu().eval()
    save_model(out / "model", network, name="starter", description=DESCRIPTION, covers=_NAMES, half=True)
    saved = load_model(out / "model")
    with torch.no_grad():
        answers = torch.cat([normalize(saved.audio.embed(part), dim=-1) for part in _exam_input(material).split(32)])
    scores = material.exam.scores(saved, answers.numpy())
    result = {"recipe": dataclasses.asdict(recipe), "scores": dataclasses.asdict(scores)}
    (out / "results.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return scores


def _fit(stage: Stage, batches: Dataset[Any], material: Material, logs: Path) -> None:
    """Train a stage; its model ends as the moving average of its weights."""
    steps = stage.optimisation.steps
    trainer = lt.Trainer(
        accelerator="auto",
        precision="bf16-mixed",
        max_steps=steps,
        val_check_interval=max(1, steps // 10),
        num_sanity_val_steps=0,
        gradient_clip_val=1.0,
        logger=CSVLogger(logs.parent, name=logs.name),
        callbacks=[EMAWeightAveraging(decay=0.998, update_starting_at_step=steps // 10), RichProgressBar()],
        enable_checkpointing=False,
        log_every_n_steps=20,
        enable_model_summary=False,
    )
    trainer.fit(
        stage,
        DataLoader(batches, batch_size=None, num_workers=1, multiprocessing_context="spawn", persistent_workers=True),
        DataLoader(_exam_input(material).split(32), batch_size=None),
    )


def _exam_input(material: Material) -> torch.Tensor:
    return as_trunk_input(torch.from_numpy(material.exam_sounds.examples.astype("float32")))


def _seed(seed: int, kind: int, index: int, number: int) -> int:
    """Distinct for every example of a run."""
    return ((seed * 10 + kind) * 10_000 + index) * 10_000 + number
