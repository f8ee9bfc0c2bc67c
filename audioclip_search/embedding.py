"""From what a query asks for to vectors."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from audioclip_search.errors import ModelError
from audioclip_search.media import convert_image, load_audio, load_image, resample_audio, split_segments
from audioclip_search.terms import Picture, Sound, Text
from audioclip_search.types import FloatArray, ModelIdentity

if TYPE_CHECKING:
    from PIL import Image

    from audioclip_search.encoder import Encoder  # loads torch

_KEPT_TEXTS = 512


class Embedder:
    """Embeds what queries ask for. It remembers the last few hundred texts. Any thread may use it.

    Args:
        encoder: Gives the model; called only when something is to be embedded.
    """

    def __init__(self, encoder: Callable[[], Encoder]) -> None:
        self._encoder = encoder
        self._texts: OrderedDict[tuple[ModelIdentity, str], FloatArray] = OrderedDict()
        self._remembering = threading.Lock()

    def vector(self, content: Text | Picture | Sound) -> FloatArray:
        """What is looked for as a float32 `(dim,)` vector of unit norm.

        A sound longer than a window stands for the mean of its windows' vectors, renormalised; of one longer than ten
        minutes the first ten count.

        Raises:
            MediaError: The picture or sound can't be read.
            ModelError: The model can't be loaded, or the content not be encoded.
        """
        match content:
            case Text(words):
                vector: FloatArray = self.texts([words])[0]
                return vector
            case Picture(source):
                encoder = self._encoder()
                return direction(encoder.encode_images([encoder.prepare_image(_picture(source))]))
            case Sound(source):
                encoder = self._encoder()
                audio_format = encoder.audio_format
                if isinstance(source, tuple):
                    samples = resample_audio(*source, audio_format)
                else:
                    samples = load_audio(source, audio_format)
                return direction(
                    encoder.encode_audio([piece.samples for piece in split_segments(samples, audio_format)])
                )

    def texts(self, texts: Sequence[str]) -> FloatArray:
        """Float32 `(len(texts), dim)`, unit norm; those not remembered are encoded in one go.

        Raises:
            ModelError: The model can't be loaded, or fails.
        """
        encoder = self._encoder()
        keys = [(encoder.identity, text) for text in texts]
        with self._remembering:
            known = {key: self._texts[key] for key in keys if key in self._texts}
        missing = list(dict.fromkeys(key for key in keys if key not in known))
        if missing:
            try:
                vectors = encoder.encode_texts([text for _, text in missing])
            except (OSError, RuntimeError, ValueError) as error:
                raise ModelError(f"the model {encoder.identity.name!r} failed on a text: {error}") from error
            known |= dict(zip(missing, vectors, strict=True))
        self._remember(known.items())
        return np.stack([known[key] for key in keys])

    def _remember(self, vectors: Iterable[tuple[tuple[ModelIdentity, str], FloatArray]]) -> None:
        with self._remembering:
            for key, vector in vectors:
                self._texts[key] = vector
                self._texts.move_to_end(key)
            while len(self._texts) > _KEPT_TEXTS:
                self._texts.popitem(last=False)


def direction(vectors: Sequence[FloatArray] | NDArray[np.floating[Any]]) -> FloatArray:
    """Float32 `(n, dim)` -> the direction of their sum, float32 `(dim,)` of unit norm; zero if it has none."""
    total = np.sum(np.asarray(vectors, np.float64), axis=0)  # (dim,)
    unit: FloatArray = (total / (np.linalg.norm(total) or 1.0)).astype(np.float32)
    return unit


def _picture(source: Path | bytes | Image.Image) -> Image.Image:
    return load_image(source) if isinstance(source, Path | bytes) else convert_image(source)
