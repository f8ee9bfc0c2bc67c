"""The light adapter: a low-rank update of the audio tower's last layer, learnt on features of the frozen trunk.

The trunk hears every file once, as search hears it, and a few augmented takes of it (section 3.2). What is trained
after that is small enough for a laptop, however large the network, and ends up inside the last layer.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from audioclip_search.errors import MediaError
from audioclip_search.media import iter_segments
from audioclip_search.model import AudioCLIP
from audioclip_search.types import AudioFormat, FloatArray
from trainer.datasets.examples import Examples
from trainer.errors import DataError
from trainer.waves import Augmentation, augment_clip

_NAMED_AT_MOST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterSettings:
    """How the adapter learns.

    Attributes:
        rank: Of the update.
        passes: The most passes over the training features.
        blind_passes: Passes where there is too little to validate on.
        patience: Passes without a better validation before it stops; many, because the pull works slower than the
            labels do.
        batch_size: Takes of an optimiser step.
        learning_rate: Of AdamW.
        weight_decay: Of AdamW.
        pull: Weight of the pull towards the original embeddings (one minus the cosine), so that what the model knew
            stays. A training pair's cross-entropy weighs one.
        seed: Of the first weights and the order of the takes.
    """

    rank: int = 8
    passes: int = 300
    blind_passes: int = 20
    patience: int = 60
    batch_size: int = 256
    learning_rate: float = 3e-3
    weight_decay: float = 1e-2
    pull: float = 2.0
    seed: int = 2021


class Listener:
    """Gives the pooled features of files, and keeps them in a folder: what an earlier run of the same model heard of
    the same files is not heard again.

    Args:
        model: Its trunk listens; in eval mode, on the device to use.
        weights_hash: Of the model, as on its card.
        folder: Where features are kept.
        takes: Augmented takes of a file besides the clean one.
        augmentation: What varies between them.
        seed: Of that.
    """

    def __init__(
        self,
        model: AudioCLIP,
        weights_hash: str,
        folder: Path,
        *,
        takes: int,
        augmentation: Augmentation,
        seed: int,
    ) -> None:
        self._model, self._folder = model, folder
        self._takes, self._augmentation, self._seed = takes, augmentation, seed
        self._key = [weights_hash, takes, asdict(augmentation), seed]

    def listen(self, examples: Examples, *, on_progress: Callable[[int, int], None]) -> FloatArray:
        """Hear the first window of every file.

        Args:
            examples: Each with a sound in a file of its own.
            on_progress: Files done and in all.

        Returns:
            float32 `(len(examples), 1 + takes, features)`, the clean take first.

        Raises:
            DataError: Files can't be decoded; all others are done by then.
        """
        try:
            store = self._store(examples)
        except OSError as error:
            reason = f"features can't be kept here: {error.strerror or error}"
            raise DataError(reason, path=self._folder, remedy="Give a --cache folder with enough room") from error
        broken: list[MediaError] = []
        for row, example in enumerate(examples):
            if np.isnan(store[row]).any():
                assert example.audio is not None
                try:
                    store[row] = self._hear(Path(example.audio.path), row)
                except MediaError as error:
                    broken.append(error)
            on_progress(row + 1, len(examples))
        if broken:
            paths = ", ".join(str(error.path) for error in broken[:_NAMED_AT_MOST])
            more = f" and {len(broken) - _NAMED_AT_MOST} more" if len(broken) > _NAMED_AT_MOST else ""
            raise DataError(
                f"can't be read ({broken[0].reason}): {paths}{more}", remedy="Repair or remove them, then run it again"
            )
        return np.array(store)

    def _store(self, examples: Examples) -> np.memmap[tuple[int, ...], np.dtype[np.float32]]:
        """The features' file; NaN is what has still to be heard."""
        files = [Path(example.audio.path) for example in examples if example.audio is not None]
        stamps = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
        key = hashlib.sha256(json.dumps([self._key, stamps]).encode()).hexdigest()
        path = self._folder / f"features-{key[:16]}.npy"
        shape = (len(examples), 1 + self._takes, self._model.audio.fc.in_features)
        if path.is_file():
            return np.lib.format.open_memmap(path, mode="r+")
        self._folder.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        store = np.lib.format.open_memmap(new, mode="w+", dtype=np.float32, shape=shape)
        store[:] = np.nan
        store.flush()
        new.replace(path)
        return np.lib.format.open_memmap(path, mode="r+")

    def _hear(self, path: Path, row: int) -> FloatArray:
        config = self._model.config
        audio_format = AudioFormat(config.rate_hz, config.channels, config.window_s, config.window_s)
        clip = next(iter_segments(path, audio_format)).samples  # (channels, n)
        length = _searched_length(clip.shape[1], audio_format)
        missing = length - clip.shape[1]
        takes = [np.pad(clip, ((0, 0), (missing // 2, missing - missing // 2)))]
        rng = np.random.default_rng([self._seed, row])
        takes += [augment_clip(clip, length, self._augmentation, rng).clip(-1, 1) for _ in range(self._takes)]
        return pooled_features(self._model, torch.from_numpy(np.stack(takes))).cpu().numpy()


def _searched_length(samples: int, audio_format: AudioFormat) -> int:
    """Samples to which search pads a window: the next half second, a second at least, a window at most."""
    step = round(audio_format.rate_hz / 2)
    longer = max(2, math.ceil(samples / step)) * step
    return max(samples, min(longer, round(audio_format.window_s * audio_format.rate_hz)))


@torch.inference_mode()
def pooled_features(model: AudioCLIP, waveforms: Tensor) -> Tensor:
    """What the audio tower's last layer sees of float32 `(batch, channels, samples)`: `(batch, features)`."""
    spectrograms = model.audio.spectrogram_db(waveforms.to(model.device))
    channels = [model.audio.trunk(spectrograms[:, channel]) for channel in range(waveforms.shape[1])]
    return torch.stack(channels).sum(dim=0)


@torch.inference_mode()
def embed_features(model: AudioCLIP, features: FloatArray) -> FloatArray:
    """Pooled features `(…, features)` -> float32 `(…, embed_dim)`, unit norm."""
    vectors: FloatArray = F.normalize(model.audio.fc(torch.from_numpy(features).to(model.device)), dim=-1).cpu().numpy()
    return vectors


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the adapter learns from: features float32 `(n, takes, features)`, and of each file its labels, float32
    `(n, labels)` of 0 and 1, at least one a file."""

    features: FloatArray
    targets: NDArray[np.float32]

    def take(self, rows: NDArray[np.intp]) -> Lesson:
        """A part of the files."""
        return Lesson(self.features[rows], self.targets[rows])


class _LowRank(nn.Module):
    """`x -> fc(x) + B A x`. `B` starts at 0, so that nothing changes at first; the product is scaled by the size of
    embeddings over that of features, so that one learning rate suits all models."""

    ratio: Tensor

    def __init__(self, fc: nn.Linear, features: Tensor, *, rank: int) -> None:
        super().__init__()
        self.fc = fc
        with torch.no_grad():
            ratio = fc(features).square().mean().sqrt() / features.square().mean().sqrt().clamp(min=1e-12)
        self.register_buffer("ratio", ratio)
        self.a = nn.Parameter(torch.randn(rank, fc.in_features) / math.sqrt(fc.in_features))
        self.b = nn.Parameter(torch.zeros(fc.out_features, rank))

    def forward(self, x: Tensor) -> Tensor:
        update: Tensor = self.fc(x) + F.linear(F.linear(x, self.a), self.b) * self.ratio
        return update

    @torch.no_grad()
    def merged(self) -> Tensor:
        """The weight of a plain layer that does the same."""
        return self.fc.weight + self.ratio * self.b @ self.a


def train_adapter(
    model: AudioCLIP,
    train: Lesson,
    validation: Lesson,
    texts: FloatArray,
    settings: AdapterSettings,
    *,
    on_progress: Callable[[int, int], None],
) -> int:
    """Fit an adapter and merge it into `model.audio.fc`; nothing else of the model changes.

    Minimised is the cross-entropy between a file's labels (their shares equal, one in sum) and the softmax over all
    labels of cosine times the model's temperature, plus the pull of `AdapterSettings`. What is kept is the pass with
    the least of that on the clean takes of `validation`, the unchanged model included.

    Args:
        model: In eval mode.
        train: At least one file.
        validation: Of other files; where there are none, it learns for `blind_passes`.
        texts: float32 `(labels, embed_dim)`, unit norm.
        settings: See there.
        on_progress: Passes done and in all.

    Returns:
        The pass that was kept; 0 if none was better than the model as it was.
    """
    with torch.random.fork_rng():
        torch.manual_seed(settings.seed)
        fc = model.audio.fc.cpu().requires_grad_(False)
        x = torch.from_numpy(train.features).flatten(0, 1)  # (rows, features)
        y = torch.from_numpy(train.targets).repeat_interleave(train.features.shape[1], dim=0)
        check = torch.from_numpy(validation.features[:, 0]), torch.from_numpy(validation.targets)
        adapter = _LowRank(fc, x, rank=settings.rank)
        scale, words = model.logit_scales.audio_text.detach().cpu(), torch.from_numpy(texts)

        def loss(x: Tensor, y: Tensor) -> Tensor:
            vectors = F.normalize(adapter(x), dim=-1)
            pull = 1 - F.cosine_similarity(vectors, fc(x), dim=-1).mean()
            return F.cross_entropy(scale * vectors @ words.T, F.normalize(y, p=1, dim=-1)) + settings.pull * pull

        passes = settings.passes if len(validation.targets) else settings.blind_passes
        kept, weight, least = 0, fc.weight.clone(), math.inf
        optimizer = torch.optim.AdamW(
            [adapter.a, adapter.b], lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        for done in range(passes + 1):
            if done:
                for rows in torch.randperm(len(x)).split(settings.batch_size):
                    optimizer.zero_grad()
                    loss(x[rows], y[rows]).backward()
                    optimizer.step()
                on_progress(done, passes)
            with torch.no_grad():
                measured = float(loss(*check)) if len(check[0]) else -done
            if measured < least:
                kept, weight, least = done, adapter.merged(), measured
            elif done - kept >= settings.patience:
                break
    fc.weight.copy_(weight)
    fc.requires_grad_(True).to(model.device)
    return kept
