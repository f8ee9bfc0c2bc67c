"""The stages of the starter's training: all three towers from scratch, then the image tower alone."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize

from audioclip_search.model import AudioCLIP, AudioCLIPConfig, LogitScales
from trainer.engine import Optimisation, Stage
from trainer.objective import contrastive_loss
from trainer.starter.batches import Batch, PictureBatch
from trainer.starter.exam import Exam

_TEMPERATURE = 0.07  # what cosines are divided by at first
_ANCHOR_SCALE = 16.0
_SMOOTHING = 0.05


class Examined(Stage):
    """A stage that sits the exam after every part of the way."""

    def __init__(self, model: AudioCLIP, optimisation: Optimisation, exam: Exam) -> None:
        super().__init__(model, optimisation)
        self._exam = exam
        self._answers: list[Tensor] = []

    def validation_step(self, spectrograms: Tensor, _: int) -> None:
        """Embed a part of the exam's sounds."""
        self._answers.append(normalize(self.model.audio.embed(spectrograms).float(), dim=-1).cpu())

    def on_validation_epoch_end(self) -> None:
        """Log what the exam measures."""
        scores = self._exam.scores(self.model, torch.cat(self._answers).numpy())
        self._answers.clear()
        self.log_dict(dataclasses.asdict(scores))


class Pretraining(Examined):
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

    def on_train_start(self) -> None:
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
        self.log_dict({"loss": loss, "contrast": contrast, "scale_at": scales.audio_text})
        return loss


class PictureTuning(Examined):
    """The image tower alone, pulled towards what the finished text tower says of each label's name.

    Pictures are cheap to make and to embed: here they get the steps that they lack beside the sounds.
    """

    targets: Tensor

    def __init__(self, model: AudioCLIP, optimisation: Optimisation, exam: Exam, *, names: Sequence[str]) -> None:
        super().__init__(model.requires_grad_(False), optimisation, exam)
        model.visual.requires_grad_(True)
        self.register_buffer("targets", model.encode_text(names, True), persistent=False)

    def on_train_start(self) -> None:
        """Only the image tower's statistics move."""
        self.model.visual.train()

    def training_step(self, batch: PictureBatch, _: int) -> Tensor:
        """Loss of one batch: every picture among all names, by cosine."""
        logits = _ANCHOR_SCALE * self.model.encode_image(batch.pixels, True).float() @ self.targets.T
        loss = cross_entropy(logits, batch.labels, label_smoothing=_SMOOTHING)
        self.log("loss", loss)
        return loss
