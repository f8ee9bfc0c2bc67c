"""An index of made-up sounds, as large as asked for: rows as the app and its searches meet them, without the files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from audioclip_search.encoder import open_encoder
from audioclip_search.storage import IndexStore
from audioclip_search.types import FileRecord, FileStamp, FloatArray, Metadata, Modality, ModelIdentity, WindowVector
from audioclip_search.upkeep import INDEX_FOLDER

_FILES_PER_COMMIT = 5_000
_FOLDERS = ("foley", "ambience", "impacts", "music", "voices", "nature", "machines", "interface")
_WORDS = ("glass", "door", "rain", "wood", "metal", "step", "wind", "crowd", "bell", "engine", "water", "whoosh")


def starter() -> tuple[ModelIdentity, int]:
    """Whose vectors the starter's are, and their length."""
    encoder = open_encoder("starter")
    return encoder.identity, encoder.dim


def build(root: Path, files: int, *, seed: int = 0) -> None:
    """Make a library of `files` sounds with one vector each in `root`."""
    identity, dim = starter()
    random = np.random.default_rng(seed)
    with IndexStore.create(root / INDEX_FOLDER, identity=identity, dim=dim) as store:
        for start in range(0, files, _FILES_PER_COMMIT):
            numbers = range(start, min(start + _FILES_PER_COMMIT, files))
            vectors = random.standard_normal((len(numbers), dim), dtype=np.float32)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            store.write([_record(number, vector) for number, vector in zip(numbers, vectors, strict=True)])
        store.optimize()


def _record(number: int, vector: FloatArray) -> FileRecord:
    folder, first, second = _FOLDERS[number % 8], _WORDS[number % 12], _WORDS[number // 12 % 12]
    path = f"{folder}/{first} {number // 1_000}/{first}_{second}_{number:06d}.wav"
    duration_s = 0.3 + number % 97 / 10
    return FileRecord(
        FileStamp(path, Modality.AUDIO, 1_000 + number, 1_700_000_000_000_000_000 + number),
        content_hash=f"{number:032x}",
        duration_s=duration_s,
        windows=(WindowVector(vector, 0.0, duration_s),),
        metadata=Metadata(rate_hz=(44_100, 48_000, 96_000)[number % 3], channels=1 + number % 2, bits=24),
    )
