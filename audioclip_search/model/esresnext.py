"""ESResNeXt-fbsp, the audio tower: trainable spectrum, ResNeXt trunk with attention (AudioCLIP, section 2.2)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torchvision.models.resnet import Bottleneck

from audioclip_search.model.fbsp import FrequencyBSpline, blackman_harris, mel_spaced

if TYPE_CHECKING:
    from audioclip_search.model.audioclip import AudioCLIPConfig

BANDS = 3  # the spectrum is cut into three bands, the channels of the "picture" that the trunk sees
_POWER_OF_NOTHING = 1e-18


class Attention2d(nn.Module):
    """Gate in [0, 1] for a stage's output, computed from its input: depthwise, pointwise convolution, norm, sigmoid."""

    def __init__(self, in_channels: int, out_channels: int, kernel: tuple[int, int]) -> None:
        super().__init__()
        padding = (kernel[0] // 2, kernel[1] // 2)
        self.conv_depth = nn.Conv2d(in_channels, in_channels, kernel, padding=padding, groups=in_channels)
        self.conv_point = nn.Conv2d(in_channels, out_channels, 1)
        self.bn = nn.BatchNorm2d(out_channels)

    def forward(self, x: Tensor, size: tuple[int, int]) -> Tensor:
        """`(batch, in, h, w)` -> gate `(batch, out, *size)`."""
        x = F.adaptive_max_pool2d(x, size)
        gate: Tensor = self.bn(self.conv_point(self.conv_depth(x))).sigmoid()
        return gate


def _stage(
    in_channels: int, planes: int, *, blocks: int, stride: int, groups: int, width_per_group: int
) -> nn.Sequential:
    """One ResNeXt stage; torchvision's bottleneck, whose parameter names are the reference's."""
    out_channels = planes * Bottleneck.expansion
    downsample = nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False), nn.BatchNorm2d(out_channels)
    )
    first = Bottleneck(in_channels, planes, stride, downsample, groups, width_per_group)
    rest = (Bottleneck(out_channels, planes, 1, None, groups, width_per_group) for _ in range(blocks - 1))
    return nn.Sequential(first, *rest)


class ESResNeXt(nn.Module):
    """Waveforms to embeddings; state-dict names are those of the reference's `audio.*`."""

    window: Tensor

    def __init__(self, config: AudioCLIPConfig) -> None:
        super().__init__()
        self.hop_length = config.hop_length
        self.floor_db = config.floor_db
        width = config.audio_width
        groups = {"groups": config.audio_groups, "width_per_group": config.audio_width_per_group}
        self.conv1 = nn.Conv2d(BANDS, width, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        out = [width * 2**stage * Bottleneck.expansion for stage in range(4)]  # channels after each stage
        depths = config.audio_layers
        self.layer1 = _stage(width, width, blocks=depths[0], stride=1, **groups)
        self.att1 = Attention2d(width, out[0], (3, 1))
        self.layer2 = _stage(out[0], width * 2, blocks=depths[1], stride=2, **groups)
        self.att2 = Attention2d(out[0], out[1], (1, 5))
        self.layer3 = _stage(out[1], width * 4, blocks=depths[2], stride=2, **groups)
        self.att3 = Attention2d(out[1], out[2], (3, 1))
        self.layer4 = _stage(out[2], width * 8, blocks=depths[3], stride=2, **groups)
        self.att4 = Attention2d(out[2], out[3], (1, 5))
        self.att5 = Attention2d(out[3], out[3], (3, 5))
        self.fc = nn.Linear(out[3], config.embed_dim)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        bins = config.n_fft // 2 + 1
        centres = mel_spaced(config.n_filters, bins, config.rate_hz) if config.filter_spacing == "mel" else None
        self.fbsp = FrequencyBSpline(config.n_filters, config.n_fft, centres=centres)
        self.register_buffer("window", blackman_harris(config.win_length))

    def frames(self, waveforms: Tensor) -> Tensor:
        """Windowed frames: float32 `(…, samples)` in [-1, 1] -> `(…, time, win_length)`.

        The authors' loaders scale to ±32768 and their network maps [-32768, 32767] back to [-1, 1]; that order of
        float32 operations, the tiny offset it leaves in silence included, is part of what the released weights know.
        """
        x = (waveforms * 32768.0 + 32768.0) * 2.0 / 65535.0 - 1.0  # adds 1.5e-5 to silence
        length = self.window.shape[0]
        count = 1 + max(0, math.ceil((x.shape[-1] - length) / self.hop_length))
        missing = (count - 1) * self.hop_length + length - x.shape[-1]
        x = F.pad(x, (missing // 2, missing - missing // 2))
        return x.unfold(-1, length, self.hop_length) * self.window

    def spectrogram_db(self, waveforms: Tensor, kernel: Tensor | None = None) -> Tensor:
        """Log-power spectrogram, the input of the trunk; in float32 under autocast too.

        Args:
            waveforms: float32 `(batch, channels, samples)` in [-1, 1].
            kernel: The filter bank's kernel, if the caller has it already.

        Returns:
            float32 `(batch, channels, 3, filters // 3, time)`, dB; digital zero gives -180 or the configured floor.
        """
        with torch.autocast(waveforms.device.type, enabled=False):  # decibels need all digits of the power
            return self._spectrogram_db(waveforms, self.fbsp.kernel() if kernel is None else kernel)

    def _spectrogram_db(self, waveforms: Tensor, kernel: Tensor) -> Tensor:
        batch, channels, _ = waveforms.shape
        with torch.no_grad():
            frames = self.frames(waveforms)  # (batch, channels, time, win_length)
        if self.training:
            power = self.fbsp(frames.flatten(0, 1), kernel).unflatten(0, (batch, channels))
        else:
            # One clip at a time: in digital silence the logarithm magnifies rounding, and the rounding of a matrix
            # product depends on its shape. So a clip gives the same bits whatever else is in the batch.
            power = torch.stack([self.fbsp(clip, kernel) for clip in frames])  # (batch, channels, filters, time)
        height = power.shape[2] // BANDS
        power = power[:, :, : height * BANDS].reshape(batch, channels, BANDS, height, -1)
        power = torch.where(power > 0, power, _POWER_OF_NOTHING)
        decibels = torch.log10(power).mul(10.0)
        return decibels if self.floor_db is None else decibels.clamp(min=self.floor_db)

    def trunk(self, x: Tensor) -> Tensor:
        """One channel's spectrogram `(batch, 3, height, time)` -> reduced features `(batch, 32 * width)`."""
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, stride=2, padding=1)
        stages = (
            (self.layer1, self.att1),
            (self.layer2, self.att2),
            (self.layer3, self.att3),
            (self.layer4, self.att4),
        )
        for layer, attention in stages:
            y = layer(x)
            x = y * attention(x, y.shape[-2:])
        pooled: Tensor = F.adaptive_avg_pool2d(x, 1) * self.att5(x, (1, 1))
        return pooled.flatten(1)

    def embed(self, spectrogram_db: Tensor) -> Tensor:
        """What `spectrogram_db` gave -> `(batch, embed_dim)`. Every channel goes through the trunk; their
        features are summed."""
        channels = [self.trunk(spectrogram_db[:, channel]) for channel in range(spectrogram_db.shape[1])]
        embedding: Tensor = self.fc(torch.stack(channels, dim=-1).sum(dim=-1))
        return embedding

    def forward(self, waveforms: Tensor, kernel: Tensor | None = None) -> Tensor:
        """float32 `(batch, channels, samples)` in [-1, 1] -> `(batch, embed_dim)`, not normalised."""
        return self.embed(self.spectrogram_db(waveforms, kernel))
