"""Training batches out of banks: groups of distinct labels, so that every other row is a true negative."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from audioclip_search.errors import AudioCLIPSearchError
from audioclip_search.model.audioclip import AudioCLIPConfig, tokenize
from audioclip_search.model.preprocess import normalize_pixels
from trainer.augment import augment_spectrograms
from trainer.bank import Bank
from trainer.captions import caption


class DataError(AudioCLIPSearchError):
    """A data set on disk is missing something."""


class Batch(NamedTuple):
    """One training step: `groups` groups of `labels_per_group` rows; row i of each tensor shares its label.

    Attributes:
        spectrograms: float32 `(rows, 1, 3, filters // 3, time)`, dB.
        pixels: float32 `(rows, 3, side, side)`, preprocessed.
        tokens: int64 `(rows, context_length)`.
    """

    spectrograms: Tensor
    pixels: Tensor
    tokens: Tensor


@dataclass(frozen=True, slots=True)
class Recording:
    """A labelled file of ESC-50 or ESC-10, with its official fold."""

    path: Path
    label: str
    fold: int


def esc_recordings(root: Path) -> list[Recording]:
    """The recordings of a data set in ESC-50's layout (`meta/esc50.csv`, `audio/`), as its table lists them.

    Raises:
        DataError: The table or a file it names is missing, or the table lacks a column.
    """
    table = root / "meta" / "esc50.csv"
    try:
        with table.open(newline="", encoding="utf-8") as lines:
            rows = list(csv.DictReader(lines))
            found = [Recording(root / "audio" / row["filename"], row["category"], int(row["fold"])) for row in rows]
    except OSError as error:
        remedy = "Give the folder that holds meta/esc50.csv and audio/"
        raise DataError(f"can't be read: {error.strerror}", path=table, remedy=remedy) from error
    except (KeyError, ValueError) as error:
        raise DataError(f"not a table of ESC-50: {error}", path=table) from error
    missing = [recording.path for recording in found if not recording.path.is_file()]
    if missing:
        raise DataError(f"missing, with {len(missing) - 1} others that the table names", path=missing[0])
    return found


class GroupedBatches(Dataset[Batch]):
    """Batch `step` is a pure function of the seed and `step`, whatever the worker.

    Args:
        sounds: Training sounds of every label.
        pictures: Training pictures of every label.
        config: The model's sizes.
        always: Labels in every group; the rest of a group is drawn from the other labels.
        labels_per_group: Rows of a group.
        groups: Groups of a batch.
        steps: Length of the training.
        seed: Seed of everything random here.
    """

    def __init__(
        self,
        sounds: Bank,
        pictures: Bank,
        config: AudioCLIPConfig,
        *,
        always: Sequence[str],
        labels_per_group: int,
        groups: int,
        steps: int,
        seed: int,
    ) -> None:
        self._sounds, self._pictures, self._config = sounds, pictures, config
        self._sound_rows: Mapping[str, np.ndarray] = {str(name): sounds.rows(name) for name in np.unique(sounds.labels)}
        self._picture_rows: Mapping[str, np.ndarray] = {name: pictures.rows(name) for name in self._sound_rows}
        self._always = tuple(always)
        self._others = tuple(sorted(set(self._sound_rows) - set(always)))
        self._drawn = min(labels_per_group - len(always), len(self._others))
        self._groups, self._steps, self._seed = groups, steps, seed

    def __len__(self) -> int:
        return self._steps

    def __getitem__(self, step: int) -> Batch:
        rng = np.random.default_rng((self._seed, step))
        labels = [
            label
            for _ in range(self._groups)
            for label in (*self._always, *rng.choice(self._others, self._drawn, replace=False).tolist())
        ]
        sounds = np.stack([self._sounds.examples[rng.choice(self._sound_rows[label])] for label in labels])
        pictures = np.stack([self._pictures.examples[rng.choice(self._picture_rows[label])] for label in labels])
        generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
        spectrograms = augment_spectrograms(torch.from_numpy(sounds).float(), generator)
        texts = [caption(label, rng) for label in labels]
        return Batch(
            as_trunk_input(spectrograms),
            normalize_pixels(torch.from_numpy(pictures)),
            tokenize(texts, self._config.context_length),
        )


def as_trunk_input(spectrograms: Tensor) -> Tensor:
    """`(batch, filters, time)` -> `(batch, 1, 3, filters // 3, time)`: one channel, three bands."""
    bands: Tensor = spectrograms.unflatten(1, (1, 3, -1))
    return bands
