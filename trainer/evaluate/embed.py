"""Embeddings of a data set, measured as it is: no augmentation, nothing left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from audioclip_search.errors import ModelError
from audioclip_search.model import AudioCLIP
from audioclip_search.types import FloatArray
from trainer.batches import EvalBatches, loader
from trainer.clips import InputForm, LiveClips
from trainer.datasets.examples import Examples
from trainer.errors import SettingsError
from trainer.evaluate.settings import EvaluateSettings

_TEXTS = 256  # in one pass


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    """Examples' vectors, float32 `(n, dim)`, unit norm, in their order; None for what the data has not."""

    audio: FloatArray | None
    image: FloatArray | None


def embed(
    model: AudioCLIP,
    examples: Examples,
    form: InputForm,
    *,
    settings: EvaluateSettings,
    on_progress: Callable[[int, int], None],
) -> Embedded:
    """Embed sounds and pictures.

    Args:
        model: In eval mode, on its device.
        examples: All with a sound, or none; likewise with a picture.
        form: How sounds are decoded.
        settings: Its batch size, workers, input scale and statistics. With those of the batch (`batch_statistics`) the
            examples are shuffled by the seed and dealt to batches of nearly one size.
        on_progress: Told how many examples are done, and of how many.

    Raises:
        MediaError: A file can't be read.
        ModelError: The model gave a vector that is zero or not finite.
    """
    count, batch_size = len(examples), settings.batch_size
    order = np.arange(count)
    by_batch = settings.statistics == "batch"
    if by_batch:
        order = np.random.default_rng(settings.seed).permutation(count)
        batch_size = -(-count // -(-count // batch_size))
    examples = examples.take(order)
    batches = EvalBatches(
        LiveClips(examples, form) if examples.has_audio else None,
        examples,
        classes=(),
        length=form.length,
        image_size=model.config.image_size,
        batch_size=batch_size,
    )
    audio: list[FloatArray] = []
    image: list[FloatArray] = []
    with _exact(), batch_statistics(model, by_batch):
        kernel = model.audio.fbsp.kernel()
        for number, batch in enumerate(loader(batches, workers=settings.workers), start=1):
            if batch.audio is not None:
                audio.append(_unit(model.encode_audio(batch.audio * settings.input_scale, kernel=kernel)))
            if batch.pixels is not None:
                image.append(_unit(model.encode_image(batch.pixels)))
            on_progress(min(number * batch_size, count), count)
    back = np.argsort(order)
    return Embedded(
        np.concatenate(audio)[back] if audio else None,
        np.concatenate(image)[back] if image else None,
    )


def embed_texts(model: AudioCLIP, texts: Sequence[str]) -> FloatArray:
    """Texts, at least one -> float32 `(len(texts), dim)`, unit norm.

    Raises:
        ModelError: The model gave a vector that is zero or not finite.
    """
    with _exact():
        parts = [_unit(model.encode_text(texts[start : start + _TEXTS])) for start in range(0, len(texts), _TEXTS)]
    return np.concatenate(parts)


@contextmanager
def batch_statistics(model: AudioCLIP, wanted: bool = True) -> Iterator[None]:
    """Let the audio tower normalise by the statistics of each batch, as in training; its own stay what they were.

    A clip's vector then depends on what else is in its batch.
    """
    if not wanted:
        yield
        return
    kept = {name: buffer.clone() for name, buffer in model.audio.named_buffers()}
    model.audio.train()
    try:
        yield
    finally:
        model.audio.eval()
        with torch.no_grad():
            for name, buffer in model.audio.named_buffers():
                buffer.copy_(kept[name])


def choose_device(name: str) -> torch.device:
    """The device of this name; `auto` is a GPU if there is one.

    Raises:
        SettingsError: It can't be used.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        return torch.zeros(1, device=name).device
    except (RuntimeError, AssertionError) as error:  # torch has both for what it can't use
        reason = str(error).partition("\n")[0]
        raise SettingsError(f"device {name}: {reason}", remedy="Use auto, cpu or cuda") from error


@contextmanager
def _exact() -> Iterator[None]:
    """Inference in full float32, so that numbers from different machines agree."""
    exact = torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False)
    with exact, torch.no_grad():
        yield


def _unit(features: Tensor) -> FloatArray:
    vectors: FloatArray = features.float().cpu().numpy()
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)  # (n, 1)
    if not (np.isfinite(norms) & (norms > 0)).all():
        raise ModelError("the model gave a vector that is zero or not finite", remedy="Its weights may be damaged")
    unit: FloatArray = vectors / norms
    return unit
