"""The `Encoder` protocol: batches of decoded media in, unit-norm vectors out; and AudioCLIP as one. Nothing above this
names AudioCLIP."""

from __future__ import annotations

import math
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from audioclip_search.errors import ModelError
from audioclip_search.model.audioclip import AudioCLIP, AudioCLIPConfig
from audioclip_search.model.preprocess import preprocess_image
from audioclip_search.model.registry import resolve
from audioclip_search.model.weights import load_model, read_card
from audioclip_search.types import AudioFormat, FloatArray, ModelIdentity, Precision

AUTO = "auto"
"""The device to ask for when any will do."""

_Input = TypeVar("_Input")

# A processor gains little from larger batches, and a smaller one is sooner done when the work is cancelled.
_BATCH_SIZES = {"cpu": 4, "mps": 16}
_BATCH_SIZE = 32

_PADDING_STEP_S = 0.5
_SHORTEST_S = 1.0

# One lock for all encoders, because what it guards besides the network belongs to the process: cuDNN's switches.
_inferring = threading.Lock()


class Encoder(Protocol):
    """Turns decoded media into vectors of one space. Deterministic and batch-invariant: a vector depends on its own
    input alone, whatever else is in the batch. Safe to call from one thread at a time (an implementation locks)."""

    @property
    def identity(self) -> ModelIdentity:
        """Who the vectors belong to."""

    @property
    def dim(self) -> int:
        """Length of a vector."""

    @property
    def audio_format(self) -> AudioFormat:
        """What `encode_audio` wants."""

    @property
    def batch_size(self) -> int:
        """How many inputs make a good batch on the device in use."""

    def prepare_image(self, image: Image.Image) -> FloatArray:
        """RGB picture of any size -> float32 `(3, side, side)`, normalised as the network wants it. Needs no lock, so
        that decoder threads can call it."""

    def encode_audio(self, clips: Sequence[FloatArray]) -> FloatArray:
        """Float32 `(channels, samples)` clips in [-1, 1] at `audio_format.rate_hz`, of any lengths and channel counts
        up to `audio_format.channels` -> float32 `(n, dim)`, unit norm."""

    def encode_images(self, pixels: Sequence[FloatArray]) -> FloatArray:
        """What `prepare_image` gave -> float32 `(n, dim)`, unit norm."""

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        """Texts (longer than the context are cut) -> float32 `(n, dim)`, unit norm."""


def open_encoder(
    name_or_path: str | Path, *, device: str = AUTO, threads: int | None = None, precision: Precision = Precision.AUTO
) -> Encoder:
    """Load a model that is on this machine.

    Args:
        name_or_path: A registered name, a saved model's folder or a weights file.
        device: `auto` (CUDA if there is one, else Apple's MPS, else the CPU) or a device as torch names it.
        threads: See `AudioCLIPEncoder`; so is the next.
        precision: Of the network.

    Raises:
        ModelError: There is no such model, it can't be loaded, or the device can't be used.
    """
    chosen = _usable_device(device)
    path = resolve(name_or_path)
    return AudioCLIPEncoder(
        load_model(path), read_card(path).identity, device=chosen, threads=threads, precision=precision
    )


class AudioCLIPEncoder:
    """AudioCLIP as an `Encoder`.

    Clips are padded with silence on both sides, to a length that depends on their own length alone: that of a window
    stays, a shorter one grows to the next half second and to no less than a second. Only clips that then have one shape
    share a batch.

    Every `encode_*` may be called from any thread; in a process one runs at a time, of all encoders. Each raises
    `ModelError` if the device runs out of memory or the network gives a vector that is not finite.

    Args:
        model: The network; moved to the device, and from now on this object's own.
        identity: Whose vectors these are.
        device: A device as torch names it.
        batch_size: The most inputs in one pass through the network; None takes what suits the device.
        threads: The most CPU threads in one pass; None leaves it to torch. For as long as a pass takes, this holds for
            whatever else of the process uses torch.
        precision: `bfloat16` takes the network's products, though not the spectrogram, at fewer digits; of the starter,
            the cosine with what `float32` gives is above 0.999. `auto` is `float32`.
    """

    def __init__(
        self,
        model: AudioCLIP,
        identity: ModelIdentity,
        *,
        device: str = "cpu",
        batch_size: int | None = None,
        threads: int | None = None,
        precision: Precision = Precision.AUTO,
    ) -> None:
        config: AudioCLIPConfig = model.config
        with _enough_memory():
            self._model = model.eval().to(device)
        self._config = config
        self._identity = identity
        self._audio_format = AudioFormat(config.rate_hz, config.channels, config.window_s, config.window_s / 2)
        self._device_type = torch.device(device).type
        self._batch_size = batch_size or _BATCH_SIZES.get(self._device_type, _BATCH_SIZE)
        self._threads = threads
        self._bfloat16 = precision is Precision.BFLOAT16
        with self._inference(), torch.autocast(self._device_type, enabled=False):
            self._kernel = self._model.audio.fbsp.kernel()

    @property
    def identity(self) -> ModelIdentity:
        """Who the vectors belong to."""
        return self._identity

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._config.embed_dim

    @property
    def audio_format(self) -> AudioFormat:
        """What `encode_audio` wants; windows overlap by half."""
        return self._audio_format

    @property
    def batch_size(self) -> int:
        """The most inputs that go through the network at once."""
        return self._batch_size

    def prepare_image(self, image: Image.Image) -> FloatArray:
        """Picture of any mode and size -> float32 `(3, side, side)`, normalised as CLIP wants it."""
        pixels: FloatArray = preprocess_image(image, self._config.image_size).numpy()
        return pixels

    def encode_audio(self, clips: Sequence[FloatArray]) -> FloatArray:
        """Float32 `(channels, samples)` clips in [-1, 1], of any lengths -> float32 `(len(clips), dim)`, unit norm.

        Raises:
            ValueError: A clip is empty or has more channels than the model takes.
        """
        for clip in clips:
            if clip.ndim != 2 or not clip.size or clip.shape[0] > self._audio_format.channels:
                raise ValueError(f"a clip of shape {clip.shape} for a model of {self._audio_format.channels} channels")
        groups: dict[tuple[int, int], list[int]] = defaultdict(list)  # positions of the clips that share a shape
        for position, clip in enumerate(clips):
            groups[clip.shape[0], padded_length(clip.shape[1], self._audio_format)].append(position)
        vectors = np.empty((len(clips), self.dim), np.float32)
        for (_, length), positions in groups.items():
            same_shape = [clips[position] for position in positions]
            vectors[positions] = self._encode(same_shape, partial(self._encode_padded, length=length))
        return vectors

    def encode_images(self, pixels: Sequence[FloatArray]) -> FloatArray:
        """What `prepare_image` gave -> float32 `(len(pixels), dim)`, unit norm."""
        return self._encode(pixels, lambda batch: self._model.encode_image(torch.from_numpy(np.stack(batch))))

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        """Texts (longer than the context are cut) -> float32 `(len(texts), dim)`, unit norm."""
        return self._encode(texts, lambda batch: self._model.encode_text(list(batch)))

    def _encode_padded(self, clips: Sequence[FloatArray], *, length: int) -> Tensor:
        waveforms = torch.from_numpy(np.stack([_centred(clip, length) for clip in clips]))  # (batch, channels, length)
        vectors: Tensor = self._model.encode_audio(waveforms, kernel=self._kernel)
        return vectors

    def _encode(self, inputs: Sequence[_Input], encode: Callable[[Sequence[_Input]], Tensor]) -> FloatArray:
        """Inputs of one shape, a batch at a time -> float32 `(len(inputs), dim)`, checked."""
        vectors = np.empty((len(inputs), self.dim), np.float32)
        for start in range(0, len(inputs), self._batch_size):
            batch = slice(start, start + self._batch_size)
            with self._inference():
                vectors[batch] = encode(inputs[batch]).float().cpu().numpy()
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)  # (n, 1)
        if not (np.isfinite(norms) & (norms > 0)).all():
            raise ModelError(
                f"the model {self._identity.name} gave a vector that is zero or not finite",
                remedy="Its weights are probably damaged: run `audioclip-search models verify`, and download it again",
            )
        # Not by the device, which may round: the index takes nothing but unit norms.
        unit: FloatArray = vectors / norms
        return unit

    @contextmanager
    def _inference(self) -> Iterator[None]:
        """One pass through the network. On NVIDIA's chips TensorFloat-32 is off, so that an index one machine wrote can
        be asked by another; that and the choice of algorithms are process-wide switches, set back afterwards."""
        exact = torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False)
        reduced = torch.autocast(self._device_type, torch.bfloat16, enabled=self._bfloat16)
        with _inferring, _enough_memory(), _threads(self._threads), exact, torch.inference_mode(), reduced:
            yield


@contextmanager
def _threads(most: int | None) -> Iterator[None]:
    before = torch.get_num_threads()
    if most is None or most == before:
        yield
        return
    torch.set_num_threads(most)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def _enough_memory() -> Iterator[None]:
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise ModelError("the device has not enough memory", remedy="Use the device `cpu`") from error


def padded_length(samples: int, audio_format: AudioFormat) -> int:
    """The length to which a clip is padded, in samples like its own: see `AudioCLIPEncoder`."""
    step = round(_PADDING_STEP_S * audio_format.rate_hz)
    shortest = round(_SHORTEST_S * audio_format.rate_hz)
    window = round(audio_format.window_s * audio_format.rate_hz)
    longer = max(shortest, math.ceil(samples / step) * step)
    return min(longer, window) if samples <= window else longer


def _centred(clip: FloatArray, length: int) -> FloatArray:
    missing = length - clip.shape[1]
    return np.pad(clip, ((0, 0), (missing // 2, missing - missing // 2)))


def _usable_device(device: str) -> str:
    if device == AUTO:
        return "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        torch.zeros(1, device=torch.device(device)).cpu()
    except (RuntimeError, AssertionError, ImportError) as error:  # torch has all of them for what it can't use
        reason = str(error).partition("\n")[0]
        raise ModelError(
            f"the device {device!r} can't be used: {reason}", remedy="Use `auto`, `cpu`, `cuda` or `mps`"
        ) from error
    return device
