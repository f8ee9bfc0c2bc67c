"""The training of AudioCLIP itself: towers aligned by contrast, or sounds by the names of their classes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import normalize
from torch.utils.checkpoint import checkpoint

from audioclip_search.model import AudioCLIP, LogitScales, tokenize
from audioclip_search.types import FloatArray
from trainer.augment import vary_spectrograms
from trainer.batches import EvalBatch, TrainBatch
from trainer.distributed import gather, sum_gradients
from trainer.engine import MONITORED, Optimisation, Stage
from trainer.errors import SettingsError
from trainer.evaluate.measures import classification
from trainer.objective import class_loss, contrastive_loss
from trainer.settings import Objective, Trained, TrainSettings

Encode = Callable[[Tensor], Tensor]


class Alignment(Stage):
    """Moves the towers that `settings.train` names, by the objective that it names (sections 2.3 and 3.3).

    Args:
        model: Trained in place.
        optimisation: How it moves.
        settings: Objective, what moves, gradient caching and augmentation of spectrograms.
        seed: Of the augmentation of spectrograms.
        classes: Names that sounds are told apart by in validation, and in training with `Objective.CLASSES`.
        has_image: Whether batches bring pictures.
        has_audio: Whether they bring sounds.

    Raises:
        SettingsError: The settings contradict each other or the data.
    """

    class_tokens: Tensor

    def __init__(
        self,
        model: AudioCLIP,
        optimisation: Optimisation,
        settings: TrainSettings,
        *,
        seed: int,
        classes: Sequence[str],
        has_image: bool,
        has_audio: bool = True,
    ) -> None:
        super().__init__(model, optimisation)
        if settings.objective is Objective.CLASSES and not classes:
            raise SettingsError("objective=classes, but the data has no classes", remedy="Use objective=contrastive")
        self.settings = settings
        self._seed = seed
        self._moving = choose_weights(model, settings, has_image=has_image, has_audio=has_audio)
        if not any(weight.requires_grad for weight in model.parameters()):
            raise SettingsError(f"train={settings.train}, but the data has no sounds", remedy="Use train=full")
        self.register_buffer("class_tokens", tokenize(classes or [""], model.config.context_length), persistent=False)
        self._answers: list[tuple[Tensor, Tensor]] = []

    def on_train_start(self) -> None:
        """Frozen towers keep their statistics."""
        self.model.eval()
        for tower in self._moving:
            tower.train()

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:
        """The filters' gradients, each brought to one size by itself, are averaged over accumulated parts like all
        others."""
        for filters in self.model.audio.fbsp.parameters():
            if filters.grad is not None:
                filters.grad /= self.trainer.accumulate_grad_batches

    def training_step(self, batch: TrainBatch, _: int) -> Tensor:
        """Loss of a batch. Every process's rows are contrasted with all others'."""
        model, targets = self.model, batch.targets
        kernel = sum_gradients(model.audio.fbsp.kernel()) if batch.audio is not None else None
        audio = None
        if batch.audio is not None and (self.settings.spectrogram or self.settings.mixing):
            spectrograms, targets = self._varied(batch, kernel)
            audio = self._embed(model.audio.embed, spectrograms)
        elif batch.audio is not None:
            audio = self._embed(lambda waves: model.audio(waves, kernel), batch.audio)
        scales = LogitScales(*(scale.float() for scale in model.logit_scales))
        if self.settings.objective is Objective.CLASSES:
            assert audio is not None
            loss = class_loss(scales.audio_text, audio, self._names(), targets)
        else:
            image = None if batch.pixels is None else self._embed(model.encode_image, batch.pixels)
            text = self._embed(model.encode_text, batch.tokens)
            loss = contrastive_loss(
                scales,
                audio=None if audio is None else gather(audio),
                image=None if image is None else gather(image),
                text=gather(text),
                sample_weights=None if batch.weights is None else gather(batch.weights),
            )
        if kernel is not None and kernel.requires_grad:
            loss = loss + model.audio.fbsp.norm_loss(kernel)
        self.log_dict({"loss": loss, "scale_at": scales.audio_text})
        return loss

    def validation_step(self, batch: EvalBatch, _: int) -> None:
        """Embed sounds."""
        assert batch.audio is not None
        self._answers.append((self.model.encode_audio(batch.audio, True).float(), batch.targets))

    def on_validation_epoch_end(self) -> None:
        """Compare them with the names of all classes (section 4.1): log mean average precision, and accuracy of data
        with one label a sound."""
        audio, targets = (torch.cat(parts) for parts in zip(*self._answers, strict=True))
        self._answers.clear()
        found = classification((audio @ self._names().T).cpu().numpy(), targets.cpu().numpy())
        measures = {"mean_average_precision": found.mean_average_precision}
        if found.accuracy is not None:
            measures["accuracy"] = found.accuracy
        self.log_dict({**measures, MONITORED: measures.get("accuracy", found.mean_average_precision)})

    def _names(self) -> Tensor:
        return normalize(self.model.encode_text(self.class_tokens).float(), dim=-1)

    def _embed(self, encode: Encode, rows: Tensor) -> Tensor:
        """Unit-norm float32 `(rows, dim)`, `settings.chunk` rows at a time if that is set."""
        chunk = self.settings.chunk
        embedded = embed_in_chunks(self.model, encode, rows, chunk) if 0 < chunk < len(rows) else encode(rows)
        return normalize(embedded.float(), dim=-1)

    @torch.no_grad()
    def _varied(self, batch: TrainBatch, kernel: Tensor | None) -> tuple[Tensor, Tensor]:
        """Spectrograms `(rows, 1, 3, height, time)` and targets, varied and mixed as the settings say."""
        assert batch.audio is not None
        spectrograms = self.model.audio.spectrogram_db(batch.audio, kernel)
        rng = np.random.default_rng((self._seed, batch.step, self.global_rank))
        if self.settings.spectrogram:
            bands = spectrograms.shape[1:4]
            spectrograms = vary_spectrograms(spectrograms.flatten(1, 3), rng).unflatten(1, bands)
        if not self.settings.mixing:
            return spectrograms, batch.targets
        share = float(rng.beta(self.settings.mixing, self.settings.mixing))
        other = torch.from_numpy(rng.permutation(len(spectrograms))).to(spectrograms.device)
        mixed = spectrograms.lerp(spectrograms[other], share)
        return mixed, batch.targets.lerp(batch.targets[other], share)


def class_scores(
    model: AudioCLIP, batches: Iterable[EvalBatch], classes: Sequence[str]
) -> tuple[FloatArray, FloatArray]:
    """How near sounds are to the names of classes (section 4.1).

    Args:
        model: In eval mode.
        batches: With sounds.
        classes: The names.

    Returns:
        Cosines and targets, both float32 `(n, classes)`.
    """
    answers = []
    with torch.inference_mode():
        names = model.encode_text(classes, True).float()
        for batch in batches:
            assert batch.audio is not None
            answers.append(((model.encode_audio(batch.audio, True).float() @ names.T).cpu(), batch.targets))
    scores, targets = (torch.cat(parts).numpy() for parts in zip(*answers, strict=True))
    return scores, targets


def embed_in_chunks(model: nn.Module, encode: Encode, rows: Tensor, chunk: int) -> Tensor:
    """Gradient caching: embed `chunk` rows at a time, and again one chunk after the other on the way back.

    The memory for activations is that of one chunk, the loss that of all rows. Batch norms see a chunk; they take its
    statistics once, not again on the way back.

    Returns:
        `(len(rows), dim)`, with gradients equal to those of embedding the chunks in one go.
    """

    def contexts() -> tuple[contextlib.AbstractContextManager[None], contextlib.AbstractContextManager[None]]:
        return contextlib.nullcontext(), _untracked(model)

    parts: list[Any] = [
        checkpoint(encode, part, use_reentrant=False, preserve_rng_state=False, context_fn=contexts)
        for part in rows.split(chunk)
    ]
    return torch.cat(parts)


@contextlib.contextmanager
def _untracked(model: nn.Module) -> Iterator[None]:
    """Batch norms use the statistics of the batch and remember nothing of it."""
    norms = [part for part in model.modules() if isinstance(part, nn.BatchNorm2d) and part.training]
    kept = [(norm, norm.momentum, norm.num_batches_tracked) for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
        norm.num_batches_tracked = None if norm.num_batches_tracked is None else norm.num_batches_tracked.clone()
    try:
        yield
    finally:
        for norm, momentum, count in kept:
            norm.momentum, norm.num_batches_tracked = momentum, count


def choose_weights(
    model: AudioCLIP, settings: TrainSettings, *, has_image: bool, has_audio: bool = True
) -> list[nn.Module]:
    """Mark the weights that move and freeze all others (full and partial training, section 3.3).

    Returns:
        The towers that move, whose batch norms shall learn.
    """
    model.requires_grad_(False)
    audio: list[nn.Parameter] = []
    scales: list[nn.Parameter] = []
    towers: list[nn.Module] = []
    if has_audio:
        audio = [p for name, p in model.audio.named_parameters() if settings.filters or not name.startswith("fbsp.")]
        scales.append(model.logit_scale_at)
        towers.append(model.audio)
    if has_audio and has_image and settings.objective is Objective.CONTRASTIVE:
        scales.append(model.logit_scale_ai)
    text: list[nn.Parameter] = []
    if settings.train is Trained.FULL:
        text = [*model.transformer.parameters(), *model.ln_final.parameters(), *model.token_embedding.parameters()]
        text += [model.positional_embedding, model.text_projection]
        if has_image and settings.objective is Objective.CONTRASTIVE:
            scales.append(model.logit_scale)
            towers.append(model.visual)
    moving = [*audio, *scales, *text, *(model.visual.parameters() if model.visual in towers else ())]
    for parameter in moving:
        parameter.requires_grad_(parameter.numel() > 0)  # the filter bank has an empty one
    return towers
