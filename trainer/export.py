"""From a checkpoint of a training to a model that search uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from audioclip_search.errors import ModelError, WeightsError
from audioclip_search.model import AudioCLIP, AudioCLIPConfig
from audioclip_search.model.checkpoint import Part, load_weights
from audioclip_search.model.registry import own_folder
from audioclip_search.model.weights import WEIGHTS_FILE, build_model, is_saved_model, load_model, read_card, save_model
from trainer.checkpoints import CHECKPOINT, CONFIG_KEY, read_checkpoint
from trainer.errors import SettingsError

_PREFIX = "model."
_NAMED_AT_MOST = 8


@dataclass(frozen=True, slots=True)
class _Exported:
    """A network and what its card says, as far as the source knows."""

    model: AudioCLIP
    description: str
    covers: tuple[str, ...] = ()


def export(
    source: Path, out: Path | None, *, name: str, description: str = "", half: bool = False, install: bool = False
) -> Path:
    """Write a model that `Library(model=…)` and the registry load.

    Args:
        source: A checkpoint of this trainer, a saved model's folder, or a folder of a run with exactly one of either; a
            saved model goes before the checkpoint it was made from.
        out: Folder for the model; None needs `install`.
        name: What the model is called.
        description: One line for people; empty keeps what a saved model has, or names the source.
        half: Store matrices and kernels as float16.
        install: Put it among the installed models too.

    Returns:
        The model's folder, the installed one with `install`.

    Raises:
        SettingsError: There is nowhere to write, no single model in `source`, or the checkpoint is damaged or not ours.
        WeightsError: The weights do not fit the network that the checkpoint describes.
        ModelError: The name can't be used, a saved model is damaged, or the model can't be written.
    """
    if out is None and not install:
        raise SettingsError("nowhere to write the model", remedy="Give --out FOLDER, --install, or both")
    folders = [folder for folder in (out, own_folder(name) if install else None) if folder is not None]
    found = _find(source.expanduser())
    exported = _saved(found) if found.is_dir() else _from_checkpoint(found)
    for folder in folders:
        save_model(
            folder,
            exported.model,
            name=name,
            description=description or exported.description,
            covers=exported.covers,
            half=half,
        )
    return folders[-1]


def _find(source: Path) -> Path:
    """The saved model's folder or the checkpoint that is meant."""
    if source.is_file() and source.name == WEIGHTS_FILE:
        source = source.parent
    if source.is_file() or is_saved_model(source):
        return source
    if not source.is_dir():
        raise SettingsError("no such file or folder", path=source, remedy="Give a checkpoint or the folder of a run")
    models = sorted(file.parent for file in source.rglob(WEIGHTS_FILE) if is_saved_model(file.parent))
    checkpoints = sorted(file for file in source.rglob(f"*{CHECKPOINT.suffix}") if not file.name.startswith("."))
    found = models or checkpoints
    if len(found) != 1:
        raise SettingsError(
            f"holds {len(found)} models: {_listed(found, source)}" if found else "holds no model and no checkpoint",
            path=source,
            remedy="Give one of them" if found else "Give the folder of a run that got as far as a checkpoint",
        )
    return found[0]


def _listed(found: Sequence[Path], folder: Path) -> str:
    names = ", ".join(str(path.relative_to(folder)) for path in found[:_NAMED_AT_MOST])
    return names + (f" and {len(found) - _NAMED_AT_MOST} more" if len(found) > _NAMED_AT_MOST else "")


def _saved(folder: Path) -> _Exported:
    card = read_card(folder)
    return _Exported(load_model(folder), card.description, card.covers)


def _from_checkpoint(path: Path) -> _Exported:
    content = read_checkpoint(path)
    state = {
        key.removeprefix(_PREFIX): tensor for key, tensor in content["state_dict"].items() if key.startswith(_PREFIX)
    }
    remedy = "Export the checkpoint of a finished step of this trainer, as it wrote it"
    try:
        model = build_model(AudioCLIPConfig.from_json(content[CONFIG_KEY]))
        load_weights(model, state, part=Part.FULL)
    except WeightsError as error:
        raise WeightsError(error.reason, path=path, remedy=remedy) from error
    except ModelError as error:
        raise ModelError(error.reason, path=path, remedy=remedy) from error
    return _Exported(model, f"Exported from {path.name} of {_run_name(path)}")


def _run_name(checkpoint: Path) -> str:
    folder = checkpoint.resolve().parent
    return (folder.parent if folder.name == CHECKPOINT.parent.name else folder).name
