"""How fast a network trains, and what bfloat16 costs: contrastive steps on random sounds and texts.

    python benchmarks/training_speed.py --network small --batch 32 --device auto

For each precision: clips a second through forward pass, backward pass and optimiser step; the most memory (of the GPU,
or of the process, which only grows); and how far the trained network's embeddings of the same sounds are from those
that float32 gives with the same weights, as one minus cosine.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from audioclip_search.model import AudioCLIP, AudioCLIPConfig, tokenize
from trainer.alignment import choose_weights
from trainer.networks import SMALL
from trainer.objective import contrastive_loss
from trainer.settings import Trained, TrainSettings

NETWORKS = {"small": SMALL, "released": AudioCLIPConfig()}


@dataclass(frozen=True, slots=True)
class Speed:
    """One line of the table."""

    precision: str
    clips_per_s: float
    memory_gib: float
    distance: float


def main() -> None:
    """Train a few steps in each precision and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=sorted(NETWORKS), default="small")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "training_speed.json")
    options = parser.parse_args()

    device = torch.device(
        options.device if options.device != "auto" else "cuda" if torch.cuda.is_available() else "cpu"
    )
    config = NETWORKS[options.network]
    speeds = [measure(config, precision, device, options.batch, options.steps) for precision in ("float32", "bfloat16")]
    print(f"{options.network} network, batches of {options.batch} sounds of {config.window_s:g} s, {device.type}")
    print(f"{'':10}{'clips/s':>10}{'memory':>12}{'1 - cosine':>14}")
    for speed in speeds:
        print(f"{speed.precision:10}{speed.clips_per_s:10.1f}{speed.memory_gib:8.2f} GiB{speed.distance:14.1e}")
    report = {
        "network": options.network,
        "batch": options.batch,
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else f"cpu, {os.cpu_count()} cores",
        "speeds": [asdict(speed) for speed in speeds],
        "torch": torch.__version__,
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(report, indent=2) + "\n")
    print(f"written to {options.output}")


def measure(config: AudioCLIPConfig, precision: str, device: torch.device, batch: int, steps: int) -> Speed:
    """Time steps after one that is not counted."""
    torch.manual_seed(0)
    model = AudioCLIP(config).to(device, memory_format=torch.channels_last)
    choose_weights(model, TrainSettings(train=Trained.FULL), has_image=False)
    model.audio.train()
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], 1e-5, momentum=0.9, nesterov=True)
    waves = torch.rand(batch, 1, round(config.window_s * config.rate_hz), device=device) * 2 - 1
    tokens = tokenize([f"sound number {row}" for row in range(batch)], config.context_length).to(device)
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    started = 0.0
    for step in range(steps + 1):
        if step == 1:
            synchronize(device)
            started = time.perf_counter()
        with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16"):
            audio, text = model.encode_audio(waves, True), model.encode_text(tokens, True)
        loss = contrastive_loss(model.logit_scales, audio=audio, text=text)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    synchronize(device)
    seconds = time.perf_counter() - started
    return Speed(precision, batch * steps / seconds, memory_gib(device), distance(model, waves[:8], precision))


def distance(model: AudioCLIP, waves: torch.Tensor, precision: str) -> float:
    """One minus the least cosine between what a precision and float32 make of the same sounds."""
    model.eval()
    with torch.inference_mode():
        exact = model.encode_audio(waves, True).double()
        with torch.autocast(waves.device.type, torch.bfloat16, enabled=precision == "bfloat16"):
            cast = model.encode_audio(waves, True).double()
    cosine = (exact * cast).sum(-1) / (exact.norm(dim=-1) * cast.norm(dim=-1))
    return max(0.0, 1.0 - float(cosine.min()))


def memory_gib(device: torch.device) -> float:
    """The most there was so far."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**30
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def synchronize(device: torch.device) -> None:
    """Wait for what a GPU still has to do."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


if __name__ == "__main__":
    main()
