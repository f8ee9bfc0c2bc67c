"""An encoder without torch, so that a process that uses it starts in a second."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from audioclip_search.media import iter_segments, load_image, load_text, modality_of
from audioclip_search.types import AudioFormat, FloatArray, Modality, ModelIdentity, WindowVector


class PlainEncoder:
    """Every input has a random direction of its own, which depends on the name and the input alone.

    Args:
        name: Of the model; another one gives other vectors.
        log: A file to note every input in that was embedded, a line each; several processes may share one.
        delay_s: How long a batch takes.
        gate: Nothing is embedded until this file is there.
    """

    dim = 32
    batch_size = 4
    audio_format = AudioFormat(rate_hz=8_000, channels=1, window_s=0.5, hop_s=0.25)

    def __init__(
        self, name: str = "plain", *, log: Path | None = None, delay_s: float = 0.0, gate: Path | None = None
    ) -> None:
        self.identity = ModelIdentity(name, hashlib.sha256(name.encode()).hexdigest(), 1)
        self._log = log
        self._delay_s = delay_s
        self._gate = gate

    def prepare_image(self, image: Image.Image) -> FloatArray:
        """Float32 `(3, 8, 8)` in [0, 1]."""
        return np.asarray(image.convert("RGB").resize((8, 8)), np.float32).transpose(2, 0, 1) / 255

    def encode_audio(self, clips: Sequence[FloatArray]) -> FloatArray:
        return self._encode([np.ascontiguousarray(clip).tobytes() for clip in clips])

    def encode_images(self, pixels: Sequence[FloatArray]) -> FloatArray:
        return self._encode([np.ascontiguousarray(picture).tobytes() for picture in pixels])

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        return self._encode([text.encode() for text in texts])

    def _encode(self, inputs: Sequence[bytes]) -> FloatArray:
        while self._gate is not None and not self._gate.exists():
            time.sleep(0.01)
        time.sleep(self._delay_s)
        digests = [hashlib.sha256(self.identity.name.encode() + content).digest() for content in inputs]
        if self._log is not None:
            with self._log.open("a") as file:  # one short write, so that lines of several processes don't mix
                file.write("".join(f"{digest.hex()}\n" for digest in digests))
        vectors = np.stack([np.random.default_rng([*digest]).standard_normal(self.dim) for digest in digests])
        return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def vectors_by_itself(path: Path, encoder: PlainEncoder) -> list[WindowVector]:
    """A file's vectors without any pipeline."""
    match modality_of(path.name):
        case Modality.IMAGE:
            with path.open("rb") as file:
                return [WindowVector(encoder.encode_images([encoder.prepare_image(load_image(file))])[0])]
        case Modality.TEXT:
            return [WindowVector(encoder.encode_texts([load_text(path)])[0])]
        case _:
            parts = list(iter_segments(path, encoder.audio_format))
            return [WindowVector(encoder.encode_audio([part.samples])[0], part.start_s, part.end_s) for part in parts]
