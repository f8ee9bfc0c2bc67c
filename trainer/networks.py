"""Networks that trainings start from."""

from __future__ import annotations

import math

import torch
from torch import nn

from audioclip_search.model import AudioCLIP, AudioCLIPConfig
from audioclip_search.model.checkpoint import load_weights, part_of, read_state_dict
from audioclip_search.model.registry import resolve
from audioclip_search.model.weights import load_model
from trainer.settings import Network, TrainSettings

SCRATCH = "scratch"
SMALL = AudioCLIPConfig(
    embed_dim=256,
    image_size=96,
    vision_layers=(1, 1, 1, 1),
    vision_width=16,
    context_length=32,
    text_width=128,
    text_heads=4,
    text_layers=2,
    channels=1,
    hop_length=882,
    n_filters=384,
    filter_spacing="mel",
    floor_db=-100.0,
    audio_layers=(1, 1, 1, 1),
    audio_width=24,
    audio_groups=8,
    audio_width_per_group=16,
)
"""A network that two processor cores train in minutes; the `starter` model's."""

_SCALE = 1 / 0.07  # of cosines, in a network from scratch (CLIP, section 2.5)


def covered(settings: TrainSettings, classes: tuple[str, ...]) -> tuple[str, ...]:
    """What the trained model's card lists: the classes if it has heard of nothing else, else nothing."""
    return classes if settings.model == SCRATCH and settings.clip_weights is None else ()


def starting_network(settings: TrainSettings, *, seed: int) -> AudioCLIP:
    """The network that a training begins with: `settings.model`, and then the halves given as files.

    Raises:
        ModelError: There is no such model, or its weights do not fit.
    """
    if settings.model == SCRATCH:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            model = AudioCLIP(SMALL if settings.network is Network.SMALL else AudioCLIPConfig())
        for scale in (model.logit_scale, model.logit_scale_ai, model.logit_scale_at):
            nn.init.constant_(scale, math.log(_SCALE))
    else:
        model = load_model(resolve(settings.model))
    for file in (settings.clip_weights, settings.audio_weights):
        if file is not None:
            state = read_state_dict(file)
            load_weights(model, state, part=part_of(state))
    return model
