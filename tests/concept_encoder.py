"""An encoder that understands: tones of certain pitches, and the words for them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from audioclip_search.types import AudioFormat, FloatArray, ModelIdentity

CONCEPTS = ("dog", "glass", "rain", "bell", "door", "wind")
SAME = {"hound": "dog"}
RATE_HZ = 8_000
_LOWEST_HZ, _STEP_HZ = 300, 400


def write_tone(path: Path, *concepts: str, seed: int = 0, duration_s: float = 0.5) -> Path:
    """A sound of these concepts, one after the other, `duration_s` each."""
    random = np.random.default_rng(seed)
    time_s = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    parts = [
        np.sin(2 * np.pi * (_LOWEST_HZ + _STEP_HZ * CONCEPTS.index(concept)) * time_s)
        if concept in CONCEPTS
        else np.zeros_like(time_s)
        for concept in concepts
    ]
    samples = np.concatenate(parts) * 0.5
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples + 0.001 * random.standard_normal(len(samples)), RATE_HZ)
    return path


class ConceptEncoder:
    """Tones and words of one concept are near each other; everything else has a direction of its own.

    Args:
        name: Of the model.
    """

    dim = 64
    batch_size = 4
    audio_format = AudioFormat(rate_hz=RATE_HZ, channels=1, window_s=0.5, hop_s=0.5)

    def __init__(self, name: str = "concepts") -> None:
        self.identity = ModelIdentity(name, name.encode().hex().ljust(64, "0"), 1)

    def prepare_image(self, image: Image.Image) -> FloatArray:
        return np.asarray(image.convert("RGB").resize((8, 8)), np.float32).transpose(2, 0, 1) / 255

    def encode_audio(self, clips: Sequence[FloatArray]) -> FloatArray:
        return np.stack([self._of_clip(clip[0]) for clip in clips])

    def encode_images(self, pixels: Sequence[FloatArray]) -> FloatArray:
        return np.stack([_direction(picture.tobytes()) for picture in pixels])

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        return np.stack([_mixed(self._concept_in(text), text.encode(), 0.3) for text in texts])

    def _of_clip(self, samples: FloatArray) -> FloatArray:
        spectrum = np.abs(np.fft.rfft(samples))
        pitch_hz = float(np.fft.rfftfreq(len(samples), 1 / RATE_HZ)[spectrum.argmax()])
        place = round((pitch_hz - _LOWEST_HZ) / _STEP_HZ)
        loud = spectrum.max() > 10 * spectrum.mean() and 0 <= place < len(CONCEPTS)
        return _mixed(CONCEPTS[place] if loud else None, samples.tobytes(), 0.4)

    def _concept_in(self, text: str) -> str | None:
        words = [SAME.get(word, word) for word in text.lower().split()]
        return next((word for word in words if word in CONCEPTS), None)


def _mixed(concept: str | None, own: bytes, share: float) -> FloatArray:
    if concept is None:
        return _direction(own)
    mixed = _direction(concept.encode()) + share * _direction(own)
    unit: FloatArray = (mixed / np.linalg.norm(mixed)).astype(np.float32)
    return unit


def _direction(content: bytes) -> FloatArray:
    vector = np.random.default_rng(np.frombuffer(content[:4096].ljust(4, b"\0"), np.uint8)).standard_normal(64)
    unit: FloatArray = (vector / np.linalg.norm(vector)).astype(np.float32)
    return unit
