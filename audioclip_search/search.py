"""From a query to hits: encode it, ask the index for its neighbours, say where they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from audioclip_search.folders import Folders
from audioclip_search.indexer import is_within
from audioclip_search.media import convert_image, load_audio, load_image, resample_audio, split_segments
from audioclip_search.query import Picture, Query, Sound, Term, Text
from audioclip_search.results import Hit
from audioclip_search.storage import IndexStore
from audioclip_search.types import FloatArray, Modality, Neighbour

if TYPE_CHECKING:
    from PIL import Image

    from audioclip_search.encoder import Encoder  # loads torch


def search(query: Query, *, encoder: Encoder, store: IndexStore, folders: Folders) -> list[Hit]:
    """The files that are nearest to a query, best first.

    Args:
        query: What to look for.
        encoder: Of the model that wrote the index.
        store: The index.
        folders: Where its files are.

    Raises:
        MediaError: The query's picture or sound can't be read.
        ModelError: It can't be encoded.
        StorageError: The index can't be read.
    """
    vector = embed(query.term, encoder)
    return _hits(store.search(vector, k=query.k, modality=query.modality), folders)


def search_similar(path: str, *, store: IndexStore, folders: Folders, k: int, modality: Modality | None) -> list[Hit]:
    """The files that are nearest to an indexed one, itself left out, best first. No model is needed: the file stands
    for the mean of its stored vectors.

    Args:
        path: As the index has it.
        store: The index.
        folders: Where its files are.
        k: The most hits.
        modality: Only files of this kind; None for all.

    Raises:
        QueryError: The file is not in the index or has no vectors, or `k` is below 1.
        StorageError: The index can't be read.
    """
    vector = _mean([window.vector for window in store.vectors(path)])
    return _hits(store.search(vector, k=k, modality=modality, exclude=[path]), folders)


def embed(term: Term, encoder: Encoder) -> FloatArray:
    """What is looked for as a float32 `(dim,)` vector of unit norm.

    A sound longer than a window stands for the mean of its windows' vectors, renormalised; of one longer than ten
    minutes the first ten count.

    Raises:
        MediaError: The picture or sound can't be read.
        ModelError: It can't be encoded.
    """
    match term:
        case Text(words):
            return _mean(encoder.encode_texts([words]))
        case Picture(source):
            return _mean(encoder.encode_images([encoder.prepare_image(_picture(source))]))
        case Sound(source):
            audio_format = encoder.audio_format
            if isinstance(source, tuple):
                samples = resample_audio(*source, audio_format)
            else:
                samples = load_audio(source, audio_format)
            return _mean(encoder.encode_audio([piece.samples for piece in split_segments(samples, audio_format)]))


def _picture(source: Path | bytes | Image.Image) -> Image.Image:
    return load_image(source) if isinstance(source, Path | bytes) else convert_image(source)


def _mean(vectors: Sequence[FloatArray] | FloatArray) -> FloatArray:
    """Unit-norm float32 `(n, dim)` -> the direction of their sum, float32 `(dim,)` of unit norm; zero if it has none,
    which the index refuses."""
    total = np.sum(np.asarray(vectors, np.float64), axis=0)  # (dim,)
    direction: FloatArray = (total / (np.linalg.norm(total) or 1.0)).astype(np.float32)
    return direction


def _hits(neighbours: Iterable[Neighbour], folders: Folders) -> list[Hit]:
    offline = folders.offline()
    return [
        Hit(
            path=folders.path_of(neighbour.path),
            modality=neighbour.modality,
            score=neighbour.score,
            cosine=neighbour.score,
            start_s=neighbour.start_s,
            end_s=neighbour.end_s,
            tags=neighbour.tags,
            rating=neighbour.rating,
            offline=is_within(neighbour.path, offline),
        )
        for neighbour in neighbours
    ]
