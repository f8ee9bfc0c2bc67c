"""A short training, to be started by torchrun: `two_processes.py OUT` writes the weights at its start and end.

`test_alignment.py` compares one process with two.
"""

from __future__ import annotations

import dataclasses
import math
import sys
from pathlib import Path

import numpy as np
import torch
from conftest import TINY

from audioclip_search.model import AudioCLIP
from audioclip_search.types import FloatArray
from trainer.datasets.examples import Example, Examples, Place
from trainer.processes import is_main_process
from trainer.settings import Trained, TrainSettings
from trainer.training import Data, train_network

SETTINGS = TrainSettings(
    train=Trained.FULL, batch_size=8, epochs=1, learning_rate=1e-3, duration_s=0.5, workers=0, accelerator="cpu"
)
ROWS = 8


class Tones:
    """Half a second of a loud tone in noise at 8 kHz for each row: white noise alone would leave the network nothing to
    tell rows apart by but its own rounding."""

    def __len__(self) -> int:
        return ROWS

    def __getitem__(self, row: int) -> FloatArray:
        tone = 0.5 * np.sin(np.arange(4_000) * (row + 1) * 0.3)
        return (tone + np.random.default_rng(row).uniform(-0.2, 0.2, (1, 4_000))).astype(np.float32)


def main(out: Path) -> None:
    """Train one step: later ones are chaotic, a rounding in the input moves them as far as this test could see."""
    examples = Examples.of(Example(Place(f"{row}.wav"), None, (f"word {row}",), f"word {row}") for row in range(ROWS))
    torch.manual_seed(5)
    model = AudioCLIP(dataclasses.replace(TINY, floor_db=-60.0))  # as it is, it magnifies rounding a thousandfold
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
    for scale in (model.logit_scale, model.logit_scale_ai, model.logit_scale_at):
        torch.nn.init.constant_(scale, math.log(10))
    start = {name: value.clone() for name, value in model.state_dict().items()}
    data = Data(examples, Tones(), (), None, None)
    train_network(
        model,
        data,
        SETTINGS,
        seed=3,
        out=out.with_suffix(""),
        label="",
        resume=False,
        on_progress=lambda *_: None,
    )
    if is_main_process():
        torch.save({**model.state_dict(), "start": start}, out)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    main(Path(sys.argv[1]))
