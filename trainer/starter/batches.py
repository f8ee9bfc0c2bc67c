"""Training batches out of banks: groups with every label once, so that every other row is a true negative."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from audioclip_search.model.audioclip import AudioCLIPConfig, tokenize
from audioclip_search.model.preprocess import normalize_pixels
from trainer.augment import vary_spectrograms
from trainer.starter.bank import Bank
from trainer.starter.captions import caption


class Batch(NamedTuple):
    """One training step: groups of one row a label; row i of all tensors shares its label.

    Attributes:
        spectrograms: float32 `(rows, 1, 3, filters // 3, time)`, dB.
        pixels: float32 `(rows, 3, side, side)`, preprocessed.
        tokens: int64 `(rows, context_length)`.
        labels: int64 `(rows,)`, indices of the labels in their sorted order.
    """

    spectrograms: Tensor
    pixels: Tensor
    tokens: Tensor
    labels: Tensor


class PictureBatch(NamedTuple):
    """Pictures and what they show.

    Attributes:
        pixels: float32 `(rows, 3, side, side)`, preprocessed.
        labels: int64 `(rows,)`, indices of the labels in their sorted order.
    """

    pixels: Tensor
    labels: Tensor


class GroupedBatches(Dataset[Batch]):
    """Batch `step` is a pure function of the seed and `step`, whatever the worker.

    Args:
        sounds: Training sounds of every label.
        pictures: Training pictures of every label.
        config: The model's sizes.
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
        groups: int,
        steps: int,
        seed: int,
    ) -> None:
        self._sounds, self._pictures, self._config = sounds, pictures, config
        self.labels: tuple[str, ...] = tuple(np.unique(sounds.labels).tolist())
        self._sound_rows: Mapping[str, np.ndarray] = {name: sounds.rows(name) for name in self.labels}
        self._picture_rows: Mapping[str, np.ndarray] = {name: pictures.rows(name) for name in self._sound_rows}
        self._groups, self._steps, self._seed = groups, steps, seed

    def __len__(self) -> int:
        return self._steps

    def __getitem__(self, step: int) -> Batch:
        rng = np.random.default_rng((self._seed, step))
        labels = self.labels * self._groups
        sound_bank, picture_bank = self._sounds.examples, self._pictures.examples
        sounds = np.stack([sound_bank[rng.choice(self._sound_rows[label])] for label in labels])
        pictures = np.stack([picture_bank[rng.choice(self._picture_rows[label])] for label in labels])
        spectrograms = vary_spectrograms(torch.from_numpy(sounds).float(), rng)
        texts = [caption(label, rng) for label in labels]
        return Batch(
            as_trunk_input(spectrograms),
            normalize_pixels(torch.from_numpy(pictures)),
            tokenize(texts, self._config.context_length),
            torch.from_numpy(np.searchsorted(self.labels, labels)),
        )


def as_trunk_input(spectrograms: Tensor) -> Tensor:
    """`(batch, filters, time)` -> `(batch, 1, 3, filters // 3, time)`: one channel, three bands."""
    bands: Tensor = spectrograms.unflatten(1, (1, 3, -1))
    return bands


class PictureBatches(Dataset[PictureBatch]):
    """Batches of `rows` pictures, half of them mirrored; batch `step` is a pure function of the seed and `step`."""

    def __init__(self, pictures: Bank, *, rows: int, steps: int, seed: int) -> None:
        self._pictures = pictures
        self._labels = np.unique(pictures.labels, return_inverse=True)[1]
        self._rows, self._steps, self._seed = rows, steps, seed

    def __len__(self) -> int:
        return self._steps

    def __getitem__(self, step: int) -> PictureBatch:
        rng = np.random.default_rng((self._seed, step))
        rows = np.sort(rng.choice(len(self._labels), self._rows, replace=False))
        pictures = self._pictures.examples[rows]
        mirrored = rng.random(self._rows) < 0.5
        pictures[mirrored] = pictures[mirrored, :, ::-1]
        return PictureBatch(normalize_pixels(torch.from_numpy(pictures)), torch.from_numpy(self._labels[rows]))
