"""A library without files, whose vectors and words a test chooses, so that it knows what belongs where."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from audioclip_search import Library
from audioclip_search.media import modality_of
from audioclip_search.storage import IndexStore
from audioclip_search.types import (
    AudioFormat,
    FileRecord,
    FileStamp,
    FloatArray,
    Metadata,
    Modality,
    ModelIdentity,
    WindowVector,
)

CONCEPTS = ("glass", "dog", "rain", "door", "engine", "music", "wind", "bell")
DIM = 64
NOISE = 0.4
IN_MEMORY, BY_LANCEDB = 2**30, 0
BUDGETS = {"in memory": IN_MEMORY, "by LanceDB": BY_LANCEDB}


def vector_of(text: str, *, seed: str = "", noise: float = NOISE) -> FloatArray:
    """The direction of the concepts named in a text, and some noise at right angles to all of them, of its own for each
    seed; of a text that names none, noise alone. Float32 `(DIM,)`, unit norm."""
    digest = hashlib.sha256(f"{seed}\0{text}".encode("utf-8", "surrogatepass")).digest()
    vector = np.zeros(DIM)
    random = np.random.default_rng([*digest]).standard_normal(DIM - len(CONCEPTS))
    vector[len(CONCEPTS) :] = random / np.linalg.norm(random)
    named = np.array([concept in text.casefold() for concept in CONCEPTS], np.float64)
    if named.any():
        vector = noise * vector
        vector[: len(CONCEPTS)] = named / np.linalg.norm(named)
    unit: FloatArray = (vector / np.linalg.norm(vector)).astype(np.float32)
    return unit


class ChosenEncoder:
    """Texts have the vectors of the concepts they name. A picture of one colour, and a sound of one level, have that of
    the concept whose `colour` or `level` they are.

    Attributes:
        calls: What was encoded, a list for each call.
    """

    identity = ModelIdentity("chosen", "c" * 64, 1)
    dim = DIM
    batch_size = 16
    audio_format = AudioFormat(rate_hz=8_000, channels=1, window_s=2.0, hop_s=1.0)

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def prepare_image(self, image: Image.Image) -> FloatArray:
        return np.asarray(image.convert("RGB").resize((2, 2)), np.float32).transpose(2, 0, 1)

    def encode_audio(self, clips: Sequence[FloatArray]) -> FloatArray:
        return self._encode([CONCEPTS[round(float(np.median(clip)) * 10) - 1] for clip in clips])

    def encode_images(self, pixels: Sequence[FloatArray]) -> FloatArray:
        return self._encode([CONCEPTS[round(float(picture.mean()) / 20) - 1] for picture in pixels])

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        return self._encode(texts)

    def _encode(self, meant: Sequence[str]) -> FloatArray:
        self.calls.append(list(meant))
        return np.stack([vector_of(text, noise=0.1) for text in meant])


def sound_of(concept: str) -> tuple[FloatArray, int]:
    """A sound that the encoder takes for a concept: a second, as an array and its rate."""
    return np.full((1, 8_000), (CONCEPTS.index(concept) + 1) / 10, np.float32), 8_000


def picture_of(concept: str) -> Image.Image:
    """A picture that the encoder takes for a concept."""
    level = 20 * (CONCEPTS.index(concept) + 1)
    return Image.new("RGB", (4, 4), (level, level, level))


def file_of(
    path: str,
    *windows: str,
    metadata: Metadata | None = None,
    size: int = 1_000,
    noise: float = NOISE,
) -> FileRecord:
    """A file whose windows, two seconds long and a second apart, are of these concepts; without any, a failed one."""
    modality = modality_of(path)
    assert modality is not None
    is_sound = modality is Modality.AUDIO
    return FileRecord(
        stamp=FileStamp(path, modality, size=size, mtime_ns=1),
        content_hash=hashlib.md5(path.encode(), usedforsecurity=False).hexdigest(),
        duration_s=float(len(windows) + 1) if is_sound and windows else 0.0,
        windows=tuple(
            WindowVector(
                vector_of(concept, seed=f"{path} {number}", noise=noise),
                float(number) if is_sound else 0.0,
                number + 2.0 if is_sound else 0.0,
            )
            for number, concept in enumerate(windows)
        ),
        failure="" if windows else "truncated",
        metadata=metadata,
    )


def write_index(index: Path, records: Iterable[FileRecord]) -> Path:
    """An index of these files."""
    with IndexStore.create(index, identity=ChosenEncoder.identity, dim=DIM) as store:
        store.write(list(records))
    return index


def open_chosen(index: Path, *, memory_budget_bytes: int = IN_MEMORY) -> tuple[Library, ChosenEncoder]:
    """The library of such an index, and its encoder. Its root is a folder beside the index."""
    root = index.parent / "root"
    root.mkdir(exist_ok=True)
    encoder = ChosenEncoder()
    return Library(root, model=encoder, index=index, memory_budget_bytes=memory_budget_bytes), encoder
