"""Networks that several test files share."""

from __future__ import annotations

from audioclip_search.model import AudioCLIPConfig

# As small as it gets: for tests of files of weights, which never run it.
TINY = AudioCLIPConfig(
    embed_dim=8,
    image_size=32,
    vision_layers=(1, 1, 1, 1),
    vision_width=8,
    vision_head_width=8,
    context_length=8,
    vocab_size=64,
    text_width=8,
    text_heads=2,
    text_layers=1,
    n_fft=64,
    win_length=48,
    hop_length=16,
    n_filters=33,
    audio_layers=(1, 1, 1, 1),
    audio_width=8,
    audio_groups=2,
    audio_width_per_group=32,
)
