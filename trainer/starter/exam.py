"""The exam of a recipe: sounds it was not trained on, and what is asked about them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import nn

from audioclip_search.model import AudioCLIP, preprocess_image
from audioclip_search.types import FloatArray
from trainer.evaluate.measures import precision_at_k, same_label, zero_shot_accuracy

_K = 8


@dataclass(frozen=True, slots=True)
class Scores:
    """What an exam measures; shares in [0, 1]. Precisions are at 8.

    Attributes:
        recordings_accuracy: Zero-shot, recordings among the names of their own classes.
        recordings_precision: Words to recordings, the classes' names as queries, in a library of the recordings alone.
        recordings_other_words_precision: The same with queries worded differently from any caption.
        procedural_accuracy: Zero-shot, procedural sounds among all names.
        names_precision: Words to sounds, all names as queries, in a library of all sounds.
        other_words_precision: The same with queries worded differently from any caption.
        image_precision: Pictures never drawn in training to sounds, in the same library; NaN where no emoji font is
            installed to draw them with.
    """

    recordings_accuracy: float
    recordings_precision: float
    recordings_other_words_precision: float
    procedural_accuracy: float
    names_precision: float
    other_words_precision: float
    image_precision: float


@dataclass(frozen=True, slots=True)
class Exam:
    """What is asked.

    Attributes:
        labels: Label of each sound, in the order of the sounds.
        recorded: Whether each is a recording.
        queries: (query, label) pairs worded differently from any caption.
        pictures: (picture, label) pairs never drawn in training.
    """

    labels: tuple[str, ...]
    recorded: tuple[bool, ...]
    queries: tuple[tuple[str, str], ...]
    pictures: tuple[tuple[Image.Image, str], ...]

    def scores(self, model: AudioCLIP, sounds: FloatArray) -> Scores:
        """Mark a model.

        Args:
            model: In eval mode.
            sounds: float32 `(len(labels), dim)`, unit norm: its embeddings of the exam's sounds.
        """
        labels, recorded = np.array(self.labels), np.array(self.recorded)
        names = sorted(set(self.labels))
        recorded_names = sorted(set(labels[recorded]))
        name_vectors = _texts(model, [name.replace("_", " ") for name in names])
        own = np.array([name in recorded_names for name in names])
        queries, asked = zip(*self.queries, strict=True)
        query_vectors = _texts(model, queries)
        of_recordings = np.isin(asked, recorded_names)
        return Scores(
            recordings_accuracy=zero_shot_accuracy(
                sounds[recorded], name_vectors[own], np.searchsorted(recorded_names, labels[recorded])
            ),
            recordings_precision=precision_at_k(
                name_vectors[own], sounds[recorded], same_label(recorded_names, labels[recorded].tolist()), _K
            ),
            recordings_other_words_precision=precision_at_k(
                query_vectors[of_recordings],
                sounds[recorded],
                same_label(np.array(asked)[of_recordings].tolist(), labels[recorded].tolist()),
                _K,
            ),
            procedural_accuracy=zero_shot_accuracy(
                sounds[~recorded], name_vectors, np.searchsorted(names, labels[~recorded])
            ),
            names_precision=precision_at_k(name_vectors, sounds, same_label(names, self.labels), _K),
            other_words_precision=precision_at_k(query_vectors, sounds, same_label(asked, self.labels), _K),
            image_precision=self._image_precision(model, sounds),
        )

    def _image_precision(self, model: AudioCLIP, sounds: FloatArray) -> float:
        if not self.pictures:
            return math.nan
        pictures, shown = zip(*self.pictures, strict=True)
        return precision_at_k(_images(model, pictures), sounds, same_label(shown, self.labels), _K)


def _texts(model: AudioCLIP, texts: Sequence[str]) -> FloatArray:
    with torch.no_grad():
        vectors: FloatArray = nn.functional.normalize(model.encode_text(texts).float(), dim=-1).cpu().numpy()
    return vectors


def _images(model: AudioCLIP, pictures: Sequence[Image.Image]) -> FloatArray:
    pixels = torch.stack([preprocess_image(picture, model.config.image_size) for picture in pictures])
    with torch.no_grad():
        vectors: FloatArray = nn.functional.normalize(model.encode_image(pixels).float(), dim=-1).cpu().numpy()
    return vectors
