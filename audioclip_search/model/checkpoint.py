"""State dicts from files, and strictly into the network: whatever does not fit is named, never ignored."""

from __future__ import annotations

import pickle
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor

from audioclip_search.errors import WeightsError
from audioclip_search.model.audioclip import AudioCLIP

EXTRA_ENTRIES = ("input_resolution", "context_length", "vocab_size")  # CLIP's own checkpoints carry these sizes along

_AUDIO = "audio."
_AUDIO_SCALES = frozenset({"logit_scale_ai", "logit_scale_at"})
_AUDIOSET_CLASSES = 527
_CLASSIFIER = ("fc.weight", "fc.bias")
_NAMED_AT_MOST = 10


class Part(StrEnum):
    """What a state dict holds of the network."""

    FULL = "full"
    CLIP = "clip"
    AUDIO = "audio"


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What `load_weights` did with every entry.

    Attributes:
        part: What was loaded.
        loaded: How many entries are in the network now.
        extra: Those that are no weights, of `EXTRA_ENTRIES`.
        skipped: Weights that have no place in the network: the AudioSet classifier.
    """

    part: Part
    loaded: int
    extra: tuple[str, ...]
    skipped: tuple[str, ...]


def read_state_dict(path: Path) -> dict[str, Tensor]:
    """Read a flat state dict, onto the CPU, without running any code the file may hold.

    Args:
        path: A `.safetensors` file, or else a PyTorch pickle, zipped or legacy.

    Raises:
        WeightsError: The file can't be read, is cut short, is a TorchScript archive, a pickle of anything but tensors,
            or a checkpoint with the weights inside one of its entries.
    """
    try:
        state = safetensors.torch.load_file(path) if path.suffix == ".safetensors" else _read_pickle(path)
    except (OSError, safetensors.SafetensorError) as error:
        raise WeightsError(f"the weights can't be read: {error}", path=path) from error
    if not isinstance(state, Mapping):
        raise WeightsError(f"holds a {type(state).__name__}, not a state dict", path=path)
    strangers = [str(key) for key, value in state.items() if not (isinstance(key, str) and isinstance(value, Tensor))]
    if strangers:
        raise WeightsError(
            f"not a plain state dict: {_listed(strangers)} are no tensors",
            path=path,
            remedy="If it is a training checkpoint, save the state dict inside it to a file of its own",
        )
    return dict(state)


def part_of(state: Mapping[str, Tensor]) -> Part:
    """What a state dict is for, judged by its names.

    Raises:
        WeightsError: It is none of AudioCLIP's.
    """
    for start, part in ((_AUDIO, Part.FULL), ("visual.", Part.CLIP), ("fbsp.", Part.AUDIO)):
        if any(name.startswith(start) for name in state):
            return part
    raise WeightsError(f"no AudioCLIP weights: {len(state)} entries ({_listed(state)})")


def load_weights(model: AudioCLIP, state: Mapping[str, Tensor], *, part: Part) -> LoadReport:
    """Put a state dict into a network: every entry of `part` must be there and fit, and nothing else may be.

    Half-precision weights are widened to the network's type. `Part.CLIP` leaves the audio tower and its two logit
    scales as they are; `Part.AUDIO` takes names without the `audio.` prefix and leaves everything else, and also the
    last layer if the file's one is the 527-class AudioSet classifier.

    Raises:
        WeightsError: Names the missing, unexpected and misshapen entries; the network is untouched.
    """
    own = model.state_dict()
    prefix = _AUDIO if part is Part.AUDIO else ""
    extra = tuple(name for name in EXTRA_ENTRIES if name in state)
    skipped = tuple(name for name in _CLASSIFIER if part is Part.AUDIO and _is_audioset(state.get(name), model))
    given = {prefix + name: tensor for name, tensor in state.items() if name not in {*extra, *skipped}}
    left = {prefix + name for name in skipped}
    expected = {name: tensor for name, tensor in own.items() if _belongs(name, part) and name not in left}

    problems = {
        "missing": [name for name in expected if name not in given],
        "unexpected": [name for name in given if name not in expected],
        "misshapen": [
            f"{name} {_form(given[name])} instead of {_form(tensor)}"
            for name, tensor in expected.items()
            if name in given and not _fits(given[name], tensor)
        ],
    }
    if any(problems.values()):
        found = "; ".join(f"{len(names)} {kind}: {_listed(names)}" for kind, names in problems.items() if names)
        raise WeightsError(f"the weights don't fit the network ({part} part). {found}")
    model.load_state_dict({**own, **given}, strict=True)
    return LoadReport(part, loaded=len(given), extra=extra, skipped=skipped)


def _read_pickle(path: Path) -> Any:
    try:
        if not _is_torchscript(path):
            return torch.load(path, map_location="cpu", weights_only=True)
    except OSError:
        raise
    except pickle.UnpicklingError as error:
        raise WeightsError(
            "not a plain PyTorch state dict: it holds more than tensors, or is no PyTorch file at all",
            path=path,
            remedy="Loading it could run code, so it is refused; save a plain state dict of it where you trust it",
        ) from error
    except Exception as error:  # a damaged pickle stops its reader anywhere, with any error
        raise WeightsError(
            f"not a whole PyTorch file: cut short or damaged ({type(error).__name__})", path=path
        ) from error
    raise WeightsError(
        "a TorchScript archive, which is a program",
        path=path,
        remedy="Save its state dict with `torch.save(module.state_dict(), FILE)` where you trust it",
    )


def _is_torchscript(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(PurePosixPath(name).name == "constants.pkl" for name in archive.namelist())


def _belongs(name: str, part: Part) -> bool:
    audio = name.startswith(_AUDIO)
    match part:
        case Part.FULL:
            return True
        case Part.CLIP:
            return not audio and name not in _AUDIO_SCALES
        case Part.AUDIO:
            return audio


def _is_audioset(tensor: Tensor | None, model: AudioCLIP) -> bool:
    classes = (_AUDIOSET_CLASSES,)
    return tensor is not None and tensor.shape[:1] == classes and model.config.embed_dim != _AUDIOSET_CLASSES


def _fits(given: Tensor, own: Tensor) -> bool:
    same_kind = given.is_floating_point() == own.is_floating_point() and given.layout == own.layout
    return same_kind and given.shape == own.shape


def _form(tensor: Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')} {tuple(tensor.shape)}"


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    rest = len(names) - _NAMED_AT_MOST
    return ", ".join(names[:_NAMED_AT_MOST]) + (f" and {rest} more" if rest > 0 else "")
