"""Contrastive pre-training of all three towers from scratch (AudioCLIP, section 3), with Lightning."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import lightning as lt
import torch
from lightning.pytorch.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize
from torch.optim.lr_scheduler import LambdaLR

from audioclip_search.model import AudioCLIP, AudioCLIPConfig, LogitScales
from trainer.data import Batch, PictureBatch
from trainer.exam import Exam
from trainer.objective import contrastive_loss

_TEMPERATURE = 0.07  # what cosines are divided by at first
_ANCHOR_SCALE = 16.0
_SMOOTHING = 0.05


@dataclass(frozen=True, slots=True)
class Optimisation:
    """How a stage moves.

    Attributes:
        steps: Optimiser steps.
        warmup_steps: Steps of linear warm-up; a cosine to zero follows.
        learning_rate: Peak of AdamW's learning rate.
        weight_decay: On matrices and kernels only.
    """

    steps: int
    warmup_steps: int
    learning_rate: float
    weight_decay: float


class Stage(lt.LightningModule):
    """What the stages of a training share: the model, its optimiser, and the exam after every part of the way."""

    def __init__(self, model: AudioCLIP, optimisation: Optimisation, exam: Exam) -> None:
        super().__init__()
        self.model = model
        self.optimisation = optimisation
        self._exam = exam
        self._answers: list[Tensor] = []

    def on_fit_start(self) -> None:
        """Lay kernels out for the processor's fast convolutions."""
        self.model.to(memory_format=torch.channels_last)

    def validation_step(self, spectrograms: Tensor, _: int) -> None:
        """Embed a part of the exam's sounds."""
        self._answers.append(normalize(self.model.audio.embed(spectrograms).float(), dim=-1).cpu())

    def on_validation_epoch_end(self) -> None:
        """Log what the exam measures."""
        scores = self._exam.scores(self.model, torch.cat(self._answers).numpy())
        self._answers.clear()
        self.log_dict(dataclasses.asdict(scores), prog_bar=True)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        """AdamW without decay on vectors, linear warm-up, cosine decay."""
        trained = [p for p in self.parameters() if p.requires_grad]
        groups = (
            {"params": [p for p in trained if p.ndim >= 2], "weight_decay": self.optimisation.weight_decay},
            {"params": [p for p in trained if p.ndim < 2], "weight_decay": 0.0},
        )
        optimizer = torch.optim.AdamW(groups, lr=self.optimisation.learning_rate, betas=(0.9, 0.98))
        schedule = LambdaLR(optimizer, self._rate_factor)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def _rate_factor(self, step: int) -> float:
        o = self.optimisation
        if step < o.warmup_steps:
            return (step + 1) / o.warmup_steps
        return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - o.warmup_steps) / max(1, o.steps - o.warmup_steps))))


class Pretraining(Stage):
    """Three symmetric contrastive terms over groups of rows with distinct labels, and a classification term.

    Three towers that all start from noise have nothing to hold on to. So each tower also classifies its rows by their
    cosine to one trained anchor a label, the same for all three; the anchors are not part of the model.

    The filter bank keeps its initial values: batches come as spectrograms, computed once.
    """

    def __init__(self, config: AudioCLIPConfig, optimisation: Optimisation, exam: Exam, *, labels: int) -> None:
        super().__init__(AudioCLIP(config), optimisation, exam)
        self.anchors = nn.Parameter(normalize(torch.randn(labels, config.embed_dim), dim=-1))
        self.model.audio.fbsp.requires_grad_(False)
        nn.init.zeros_(self.model.token_embedding.weight)  # a word that training never meets says nothing
        for scale in (self.model.logit_scale, self.model.logit_scale_ai, self.model.logit_scale_at):
            nn.init.constant_(scale, math.log(1 / _TEMPERATURE))

    def on_train_epoch_start(self) -> None:
        """The network itself starts out in eval mode."""
        self.model.train()

    def training_step(self, batch: Batch, _: int) -> Tensor:
        """Loss of one batch, the mean over its groups."""
        model = self.model
        audio = normalize(model.audio.embed(batch.spectrograms).float(), dim=-1)
        image = model.encode_image(batch.pixels, True).float()
        text = model.encode_text(batch.tokens, True).float()
        scales = LogitScales(*(scale.float() for scale in model.logit_scales))
        groups = zip(*(x.split(len(self.anchors)) for x in (audio, image, text)), strict=True)
        contrast = torch.stack([contrastive_loss(scales, audio=a, image=i, text=t) for a, i, t in groups]).mean()
        anchors = normalize(self.anchors, dim=-1)
        logits = torch.cat([_ANCHOR_SCALE * x @ anchors.T for x in (audio, image, text)])  # (3 * rows, labels)
        loss = contrast + cross_entropy(logits, batch.labels.repeat(3), label_smoothing=_SMOOTHING)
        self.log_dict({"loss": loss, "contrast": contrast, "scale_at": scales.audio_text}, prog_bar=True)
        return loss


class PictureTuning(Stage):
    """The image tower alone, pulled towards what the finished text tower says of each label's name.

    Pictures are cheap to make and to embed: here they get the steps that they lack beside the sounds.
    """

    targets: Tensor

    def __init__(self, model: AudioCLIP, optimisation: Optimisation, exam: Exam, *, names: Sequence[str]) -> None:
        super().__init__(model.requires_grad_(False), optimisation, exam)
        model.visual.requires_grad_(True)
        self.register_buffer("targets", model.encode_text(names, True), persistent=False)

    def on_train_epoch_start(self) -> None:
        """Only the image tower's statistics move."""
        self.model.visual.train()

    def training_step(self, batch: PictureBatch, _: int) -> Tensor:
        """Loss of one batch: every picture among all names, by cosine."""
        logits = _ANCHOR_SCALE * self.model.encode_image(batch.pixels, True).float() @ self.targets.T
        loss = cross_entropy(logits, batch.labels, label_smoothing=_SMOOTHING)
        self.log("loss", loss, prog_bar=True)
        return loss
