"""Saved models: a folder of `model.safetensors`, a state dict under the reference's names, and `config.json`, its card.

A released checkpoint is a bare `.pt` file without a card; `load_model` and `read_card` take both.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from audioclip_search.errors import ModelError, WeightsError
from audioclip_search.model.audioclip import AudioCLIP, AudioCLIPConfig
from audioclip_search.model.checkpoint import (
    EXTRA_ENTRIES,
    LoadReport,
    Part,
    load_weights,
    part_of,
    read_state_dict,
)
from audioclip_search.model.download import file_sha256
from audioclip_search.types import ModelIdentity

__all__ = [
    "CARD_FILE",
    "EXTRA_ENTRIES",
    "PREPROCESSING_VERSION",
    "WEIGHTS_FILE",
    "LoadReport",
    "ModelCard",
    "Part",
    "build_model",
    "check_hash",
    "file_network",
    "is_saved_model",
    "load_model",
    "load_weights",
    "part_of",
    "read_card",
    "read_state_dict",
    "save_model",
]

WEIGHTS_FILE = "model.safetensors"
CARD_FILE = "config.json"
PREPROCESSING_VERSION = 1  # raised whenever what happens to media before the network changes

_CARD_VERSION = 1
_SAVE_AGAIN = "Download or import the model again"


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a saved model says of itself.

    Attributes:
        name: As the registry or the person who saved it calls it.
        description: One line for people.
        covers: What it knows, if that can be listed; empty for an open vocabulary.
        weights_hash: SHA-256 of the weights file, hexadecimal.
        network: The sizes of the network.
    """

    name: str
    description: str
    covers: tuple[str, ...]
    weights_hash: str
    network: AudioCLIPConfig

    @property
    def identity(self) -> ModelIdentity:
        """Whose vectors these weights give in this version of the package."""
        return ModelIdentity(self.name, self.weights_hash, PREPROCESSING_VERSION)


def save_model(
    folder: Path, model: AudioCLIP, *, name: str, description: str = "", covers: Iterable[str] = (), half: bool = False
) -> ModelCard:
    """Write a model's folder: the weights, then the card with their hash; a reader sees whole files only.

    Args:
        folder: Created if need be; a model in it is replaced.
        model: On any device.
        name: See `ModelCard`, as for `description` and `covers`.
        description: One line for people.
        covers: What it knows, empty for an open vocabulary.
        half: Store matrices and kernels as float16. Vectors (statistics of the norms, the filter bank, biases) stay
            float32: they are small, and the filters' centres need the digits.

    Raises:
        ModelError: The folder can't be written.
        WeightsError: A weight is too large for float16.
    """
    state = {key: _stored(key, tensor, half) for key, tensor in model.state_dict().items()}
    covers = tuple(covers)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _replacing(folder / WEIGHTS_FILE) as new:
            mode = new.stat().st_mode
            safetensors.torch.save_file(state, new)
            new.chmod(mode)  # safetensors leaves its files to the owner alone; models may be shared
            weights_hash = file_sha256(new)
        content = {
            "version": _CARD_VERSION,
            "name": name,
            "description": description,
            "covers": covers,
            "preprocessing_version": PREPROCESSING_VERSION,
            "weights_hash": weights_hash,
            "network": json.loads(model.config.to_json()),
        }
        with _replacing(folder / CARD_FILE) as new:
            new.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except (OSError, safetensors.SafetensorError) as error:
        raise ModelError(f"the model can't be saved: {error}", path=folder) from error
    return ModelCard(name, description, covers, weights_hash, model.config)


def is_saved_model(folder: Path) -> bool:
    """Whether `folder` holds both files of a saved model."""
    return (folder / WEIGHTS_FILE).is_file() and (folder / CARD_FILE).is_file()


def read_card(path: Path) -> ModelCard:
    """The card of a saved model's folder, or one made up for a bare weights file: its name, hash and `file_network`.

    Raises:
        ModelError: The card is missing, broken, or written by a newer version of this package.
    """
    if path.is_file():
        return ModelCard(path.stem, f"Weights file {path.name}", (), _hash(path), file_network(path))
    content = _read_json(path / CARD_FILE)
    try:
        newer = content["version"] > _CARD_VERSION or content["preprocessing_version"] > PREPROCESSING_VERSION
        name, description, weights_hash = (str(content[key]) for key in ("name", "description", "weights_hash"))
        covers = tuple(str(label) for label in content["covers"])
    except (KeyError, TypeError) as error:
        raise ModelError(f"not a model's card: {error!r}", path=path / CARD_FILE, remedy=_SAVE_AGAIN) from error
    if newer:
        raise ModelError("the model was saved by a newer version of audioclip-search", path=path, remedy="Upgrade it")
    return ModelCard(name, description, covers, weights_hash, _network(content, path / CARD_FILE))


def file_network(path: Path) -> AudioCLIPConfig:
    """The sizes a bare weights file is read with: `network` of a `config.json` beside it, else the released ones.

    Raises:
        ModelError: The `config.json` can't be read.
    """
    card = path.with_name(CARD_FILE)
    content = _read_json(card) if card.is_file() else {}
    return _network(content, card) if "network" in content else AudioCLIPConfig()


def check_hash(path: Path) -> ModelCard:
    """Compare a saved model's weights with the hash in its card, and return the card.

    Raises:
        WeightsError: They differ: the file is damaged or was exchanged.
        ModelError: As `read_card`.
    """
    card = read_card(path)
    if path.is_dir() and _hash(path / WEIGHTS_FILE) != card.weights_hash:
        reason = f"the weights are not those that {CARD_FILE} describes: damaged or exchanged"
        raise WeightsError(reason, path=path / WEIGHTS_FILE, remedy=_SAVE_AGAIN)
    return card


def load_model(path: Path, *, network: AudioCLIPConfig | None = None) -> AudioCLIP:
    """A network with its weights, in float32 on the CPU, in eval mode.

    The weights' hash is checked: half a second for the released size, and no index is ever written under a wrong name.

    Args:
        path: A saved model's folder or a bare weights file with the whole network.
        network: Sizes for a bare file; None takes `file_network`.

    Raises:
        ModelError: The card is missing, broken or newer than this package.
        WeightsError: The weights are unreadable, incomplete or of another size, or hold only a part of the network.
    """
    if path.is_dir():
        config, weights, remedy = check_hash(path).network, path / WEIGHTS_FILE, _SAVE_AGAIN
    else:
        config, weights = network or file_network(path), path
        remedy = f"A network of another size than the released one needs its {CARD_FILE} beside the file"
    state = read_state_dict(weights)
    try:
        part = part_of(state)
        if part is not Part.FULL:
            reason = f"holds only the {part} part of the network, which can start a training but not search"
            raise WeightsError(reason, remedy="Use a file with all three towers, such as AudioCLIP-Full-Training.pt")
        model = build_model(config)
        load_weights(model, state, part=part)
    except WeightsError as error:
        raise WeightsError(error.reason, path=weights, remedy=error.remedy or remedy) from error
    return model


class _NoInitialisation(TorchFunctionMode):
    """Leaves new parameters as they are: random numbers for the released size take two seconds, and strict loading
    replaces every one."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        if getattr(func, "__module__", None) == "torch.nn.init":
            return args[0] if args else (kwargs or {})["tensor"]
        return func(*args, **(kwargs or {}))


def build_model(config: AudioCLIPConfig) -> AudioCLIP:
    """A network of these sizes without values, for weights that are loaded next.

    Raises:
        ModelError: There is no network of these sizes.
    """
    try:
        with _NoInitialisation():
            return AudioCLIP(config)
    except (ArithmeticError, AssertionError, RuntimeError, TypeError, ValueError) as error:
        raise ModelError(f"the configuration describes no network: {error}") from error


def _stored(name: str, tensor: Tensor, half: bool) -> Tensor:
    tensor = tensor.detach().cpu().contiguous()
    if not (half and tensor.is_floating_point() and tensor.ndim >= 2):
        return tensor
    narrow = tensor.half()
    if not torch.equal(narrow.isfinite(), tensor.isfinite()):
        raise WeightsError(f"{name} is too large for float16")
    return narrow


def _hash(path: Path) -> str:
    try:
        return file_sha256(path)
    except OSError as error:
        raise WeightsError(f"the weights can't be read: {error.strerror}", path=path) from error


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ModelError(f"the model's card can't be read: {reason}", path=path, remedy=_SAVE_AGAIN) from error
    if not isinstance(content, dict):
        raise ModelError("not a model's card: no JSON object", path=path, remedy=_SAVE_AGAIN)
    return content


def _network(content: dict[str, Any], card: Path) -> AudioCLIPConfig:
    try:
        return AudioCLIPConfig.from_json(json.dumps(content.get("network")))
    except ModelError as error:
        raise ModelError(error.reason, path=card, remedy=_SAVE_AGAIN) from error


@contextlib.contextmanager
def _replacing(target: Path) -> Iterator[Path]:
    """A new, empty file beside `target` to write, put in its place at the end, removed after an error."""
    new = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        new.touch()
        yield new
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)
