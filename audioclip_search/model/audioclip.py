"""AudioCLIP: sounds, pictures and words in one embedding space (Guzhov, Raue, Hees, Dengel, 2021)."""

from __future__ import annotations

import dataclasses
import functools
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F
from open_clip.model import CLIP, CLIPTextCfg, CLIPVisionCfg
from open_clip.tokenizer import SimpleTokenizer
from torch import Tensor, nn

from audioclip_search.errors import ModelError
from audioclip_search.model.esresnext import ESResNeXt


@dataclass(frozen=True, slots=True)
class AudioCLIPConfig:
    """Every size of the network; the defaults are the released shape.

    Attributes:
        embed_dim: Length of an embedding.
        image_size: Side of the square pictures the image tower takes, pixels, a multiple of 32.
        vision_layers: Blocks in each stage of the image tower (CLIP's modified ResNet).
        vision_width: Channels after its stem; its features have 32 times as many.
        vision_head_width: Channels of one head of its attention pooling.
        context_length: Most tokens of a text, start and end included; longer texts are cut.
        vocab_size: CLIP's byte-pair vocabulary has 49,408 entries.
        text_width: Channels of the text transformer.
        text_heads: Its attention heads.
        text_layers: Its blocks.
        rate_hz: Rate of the sounds it takes.
        channels: The most audio channels worth giving it: 1, or 2 as in the paper.
        window_s: Length of sound it was trained on, seconds.
        n_fft: Length of the filters of the audio tower, samples.
        win_length: Length of the analysis window, samples, at most `n_fft`.
        hop_length: Samples from one frame to the next.
        n_filters: Filters in the bank; the released shape has one a bin, `n_fft // 2 + 1`.
        filter_spacing: How the filters' centres start out: "linear" (Fourier) or "mel".
        floor_db: Least level of the log-power spectrogram, dB; None leaves it as it is.
        audio_layers: Blocks in each stage of the audio trunk (ResNeXt).
        audio_width: Channels after its stem; its features have 32 times as many.
        audio_groups: Groups of its convolutions.
        audio_width_per_group: Base width of a group.
    """

    embed_dim: int = 1024
    image_size: int = 224
    vision_layers: tuple[int, int, int, int] = (3, 4, 6, 3)
    vision_width: int = 64
    vision_head_width: int = 64
    context_length: int = 77
    vocab_size: int = 49_408
    text_width: int = 512
    text_heads: int = 8
    text_layers: int = 12
    rate_hz: int = 44_100
    channels: int = 2
    window_s: float = 5.0
    n_fft: int = 2048
    win_length: int = 1654
    hop_length: int = 561
    n_filters: int = 1025
    filter_spacing: Literal["linear", "mel"] = "linear"
    floor_db: float | None = None
    audio_layers: tuple[int, int, int, int] = (3, 4, 6, 3)
    audio_width: int = 64
    audio_groups: int = 32
    audio_width_per_group: int = 4

    def to_json(self) -> str:
        """The configuration as a JSON object, one key a field."""
        return json.dumps(dataclasses.asdict(self), indent=2)

    @classmethod
    def from_json(cls, text: str) -> AudioCLIPConfig:
        """What `to_json` wrote, as a configuration; absent fields keep their defaults.

        Raises:
            ModelError: `text` is no JSON object or has a field this version does not know.
        """
        try:
            fields = json.loads(text)
            lists = {key: tuple(value) for key, value in fields.items() if isinstance(value, list)}
            return cls(**{**fields, **lists})
        except (ValueError, TypeError, AttributeError) as error:
            raise ModelError(f"not a model configuration: {error}") from error


class LogitScales(NamedTuple):
    """The three factors on cosine similarities, scalars in [1, 100] (section 2.3: trainable, clamped temperatures)."""

    audio_image: Tensor
    audio_text: Tensor
    image_text: Tensor


@functools.cache
def _tokenizer() -> SimpleTokenizer:
    return SimpleTokenizer()


def tokenize(texts: Sequence[str], context_length: int = 77) -> Tensor:
    """CLIP's byte-pair tokens, int64 `(len(texts), context_length)`, zero-padded; a text too long is cut."""
    tokens: Tensor = _tokenizer()(list(texts), context_length=context_length)
    return tokens


def _finish(features: Tensor, normalize: bool) -> Tensor:
    return F.normalize(features, dim=-1) if normalize else features


class AudioCLIP(CLIP):  # type: ignore[misc]  # open_clip is not typed
    """Three towers; state-dict names and shapes are those of the reference code for the default configuration.

    A new model is in eval mode. The embeddings do not depend on the batch; only a trainer calls `train()`.
    """

    def __init__(self, config: AudioCLIPConfig = AudioCLIPConfig()) -> None:
        super().__init__(
            config.embed_dim,
            CLIPVisionCfg(
                layers=list(config.vision_layers),
                width=config.vision_width,
                head_width=config.vision_head_width,
                image_size=config.image_size,
            ),
            CLIPTextCfg(
                context_length=config.context_length,
                vocab_size=config.vocab_size,
                width=config.text_width,
                heads=config.text_heads,
                layers=config.text_layers,
            ),
            quick_gelu=True,
            init_logit_scale=1.0,
        )
        self.config = config
        self.logit_scale_ai = nn.Parameter(torch.tensor(math.log(100.0)))
        self.logit_scale_at = nn.Parameter(torch.tensor(math.log(100.0)))
        self.audio = ESResNeXt(config)
        self.eval()

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.logit_scale_at.device

    @property
    def logit_scales(self) -> LogitScales:
        """The clamped exponentials of `logit_scale_ai`, `logit_scale_at` and `logit_scale`."""
        logs = (self.logit_scale_ai, self.logit_scale_at, self.logit_scale)
        return LogitScales(*(log.exp().clamp(1.0, 100.0) for log in logs))

    def encode_audio(self, waveforms: Tensor, normalize: bool = False, *, kernel: Tensor | None = None) -> Tensor:
        """Embed sounds.

        Args:
            waveforms: float32 `(batch, channels, samples)` in [-1, 1] at `config.rate_hz`.
            normalize: Give unit norm.
            kernel: `audio.fbsp.kernel()`, for callers that need it too or reuse it while the weights stay.

        Returns:
            float32 `(batch, embed_dim)`.
        """
        return _finish(self.audio(waveforms.to(self.device), kernel), normalize)

    def encode_image(self, pixels: Tensor, normalize: bool = False) -> Tensor:
        """Embed pictures: float32 `(batch, 3, image_size, image_size)` as `preprocess_image` gives them ->
        `(batch, embed_dim)`."""
        features: Tensor = super().encode_image(pixels.to(self.device))
        return _finish(features, normalize)

    def encode_text(self, texts: Sequence[str] | Tensor, normalize: bool = False) -> Tensor:
        """Embed texts (or what `tokenize` made of them) -> float32 `(len(texts), embed_dim)`."""
        tokens = texts if isinstance(texts, Tensor) else tokenize(texts, self.config.context_length)
        features: Tensor = super().encode_text(tokens.to(self.device))
        return _finish(features, normalize)
