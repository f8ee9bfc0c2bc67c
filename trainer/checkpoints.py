"""Checkpoints: whole or absent, and read without running what they may hold."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch.plugins.io import TorchCheckpointIO
from torch import Tensor

from audioclip_search.model import AudioCLIPConfig
from trainer.errors import SettingsError

CHECKPOINT = Path("checkpoints") / "last.ckpt"
"""Where a training keeps its checkpoint, within its folder."""

CONFIG_KEY = "audioclip_config"
"""Entry of a checkpoint: the network's sizes, as `AudioCLIPConfig.to_json` writes them."""


class WholeCheckpoints(TorchCheckpointIO):
    """Checkpoints written beside their place, forced to the disk and renamed: there is always a whole one."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any = None) -> None:
        """Write `path`; an older checkpoint stays until the new one is whole.

        Raises:
            SettingsError: It can't be written.
        """
        target = Path(path)
        new = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with new.open("wb") as file:
                torch.save(checkpoint, file)
                file.flush()
                os.fsync(file.fileno())
            new.replace(target)
        except OSError as error:
            remedy = "Make room and give --resume, or choose another --out"
            raise SettingsError(f"can't be written: {error.strerror or error}", path=target, remedy=remedy) from error
        finally:
            new.unlink(missing_ok=True)


def require_fitting(checkpoint: Path, network: AudioCLIPConfig, state: Mapping[str, Tensor]) -> int:
    """Refuse a checkpoint of another network or stage before anything is loaded from it.

    Returns:
        How many steps were done.

    Raises:
        SettingsError: It is one, or damaged.
    """
    saved = read_checkpoint(checkpoint)
    remedy = "Give the settings that it was made with, or start anew in another --out"
    if saved.get(CONFIG_KEY) != network.to_json():
        raise SettingsError("the checkpoint is of a network of another size", path=checkpoint, remedy=remedy)
    own = {name: p.shape for name, p in state.items()}
    if {name: p.shape for name, p in saved["state_dict"].items()} != own:
        raise SettingsError("the checkpoint is of another kind of training", path=checkpoint, remedy=remedy)
    done: int = saved["global_step"]
    return done


def read_checkpoint(path: Path) -> Mapping[str, Any]:
    """A checkpoint that `fit` wrote, on the CPU, without running any code it may hold.

    Raises:
        SettingsError: It can't be read, or is none of this trainer's.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file stops torch's reader anywhere, with any error
        reason = f"not a whole checkpoint of this trainer ({type(error).__name__})"
        raise SettingsError(reason, path=path, remedy="It is cut short, damaged or something else") from error
    if not isinstance(content, dict) or CONFIG_KEY not in content or "state_dict" not in content:
        raise SettingsError("not a checkpoint of this trainer", path=path)
    return content
