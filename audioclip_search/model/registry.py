"""Models by name: what is known, what is on this machine, and how it gets there. Nothing is downloaded unasked."""

from __future__ import annotations

import importlib.resources
import os
from dataclasses import dataclass
from pathlib import Path

from audioclip_search import config
from audioclip_search.errors import ModelError
from audioclip_search.model import weights
from audioclip_search.model.audioclip import AudioCLIPConfig
from audioclip_search.model.download import OnDownloadProgress, download, exclusive, has_bytes
from audioclip_search.model.weights import ModelCard
from audioclip_search.types import CancelToken

RELEASE_URL = "https://github.com/AndreyGuzhov/AudioCLIP/releases/download/v0.1"
STARTER = "starter"


@dataclass(frozen=True, slots=True)
class Release:
    """A published weights file: its name below the release's address, its size and SHA-256 (hexadecimal), and the
    sizes of the network it is for."""

    file: str
    size_bytes: int
    sha256: str
    network: AudioCLIPConfig = AudioCLIPConfig()  # noqa: RUF009  # frozen

    def is_whole(self, file: Path) -> bool:
        """Whether `file` has these bytes."""
        return has_bytes(file, size_bytes=self.size_bytes, sha256=self.sha256)


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """A model by name.

    Attributes:
        name: What to ask for.
        description: One line for people.
        installed: Whether it is on this machine.
        location: Its folder, there or to be.
        size_bytes: Of the weights on disk, or of the download if it is not installed.
        url: Where it comes from; empty for models that are not downloaded.
        problem: Why it can't be used although it is installed; empty if nothing is known.
    """

    name: str
    description: str
    installed: bool
    location: Path
    size_bytes: int
    url: str
    problem: str = ""


# Sizes and hashes are those of the Git LFS pointers of release v0.1 (MIT licence).
FULL_TRAINING = Release(
    "AudioCLIP-Full-Training.pt", 537_302_068, "2441d35b353352c8b1bbfb8f7c687f46314c3d2909e940eaf763b8c17f632c44"
)
PARTIAL_TRAINING = Release(
    "AudioCLIP-Partial-Training.pt", 537_302_068, "1921885b6c3b5de0619f2ef4a9700ecbade758a398b34eb064230c30baef0c75"
)
# The two halves a training can start from.
CLIP_HALF = Release("CLIP.pt", 408_415_159, "124e6d59d54c0837c456c953b3147adf438a21570d5c5b01ad83f6ad3e78d15e")
AUDIO_HALF = Release("ESRNXFBSP.pt", 124_795_647, "acfcc6b0a0f07025cc660ed6dcf9b5a05fbd7c8ebf65edaa0a81d88a92ff6834")

# Best first.
_RELEASED = {
    "audioclip": (FULL_TRAINING, "AudioCLIP, all three towers trained on AudioSet; any words"),
    "audioclip-partial": (
        PARTIAL_TRAINING,
        "AudioCLIP, audio tower trained to match the unchanged CLIP RN50; any words",
    ),
}


def known_models(*, models_dir: Path | None = None) -> list[ModelStatus]:
    """Every model that has a name: the released ones (best first), the starter, then those imported, by name.

    Args:
        models_dir: Where models are kept; None asks `config.models_dir()`. Likewise in the functions below.
    """
    folder = _models_dir(models_dir)
    imported = sorted(
        path.name for path in folder.glob("*") if weights.is_saved_model(path) and not _is_reserved(path.name)
    )
    return [_status(name, folder) for name in (*_RELEASED, STARTER, *imported)]


def resolve(name_or_path: str | Path, *, models_dir: Path | None = None) -> Path:
    """Where a model is: a saved model's folder, or a bare weights file, as `weights.load_model` takes them.

    A name goes before a path; write `./name` for a folder that is called like a model.

    Raises:
        ModelError: There is no such model, or it is not installed; says how to get it.
    """
    name, folder = str(name_or_path), _models_dir(models_dir)
    if _is_reserved(name) or (_is_plain(name) and weights.is_saved_model(folder / name)):
        return _installed(name, folder)
    path = Path(name_or_path).expanduser()
    if path.name == weights.WEIGHTS_FILE and weights.is_saved_model(path.parent):
        return path.parent
    if path.is_file() or weights.is_saved_model(path):
        return path
    if path.is_dir():
        raise ModelError(
            f"no model in this folder: {weights.WEIGHTS_FILE} or {weights.CARD_FILE} is missing", path=path
        )
    names = ", ".join(status.name for status in known_models(models_dir=models_dir))
    raise ModelError(f"there is no model {name!r}", remedy=f"Known are {names}, and any path to a model")


def best_installed(*, models_dir: Path | None = None) -> str:
    """The name of the best model of this project's own that is on this machine; imported ones are only used when named.

    Raises:
        ModelError: Not even the starter is there.
    """
    folder = _models_dir(models_dir)
    for name in (*_RELEASED, STARTER):
        if weights.is_saved_model(_location(name, folder)):
            return name
    raise ModelError("no model is installed", remedy=_remedy(STARTER))


def download_model(
    name: str,
    *,
    models_dir: Path | None = None,
    on_progress: OnDownloadProgress | None = None,
    cancel: CancelToken | None = None,
    base_url: str | None = None,
) -> Path:
    """Download a released model, check it, convert it to a saved model and remove what was downloaded.

    Does nothing if it is installed and whole.

    Args:
        name: One of the released models.
        models_dir: See `known_models`.
        on_progress: As for `download.download`.
        cancel: Stops the download, which resumes when asked again.
        base_url: Folder of a mirror that has the released files under their names; None for `config.mirror()`, or
            else where they were released.

    Returns:
        The model's folder.

    Raises:
        DownloadError: See `download.download`.
        CancelledError: `cancel` was called.
        ModelError: There is no such model to download, or it can't be saved.
    """
    if name not in _RELEASED:
        there = "comes with this package" if name == STARTER else "is not there to download"
        raise ModelError(f"the model {name!r} {there}", remedy=f"To download there are {', '.join(_RELEASED)}")
    release, description = _RELEASED[name]
    folder = _models_dir(models_dir) / name
    return install_release(
        release, folder, description=description, on_progress=on_progress, cancel=cancel, base_url=base_url
    )


def install_release(
    release: Release,
    folder: Path,
    *,
    description: str,
    on_progress: OnDownloadProgress | None = None,
    cancel: CancelToken | None = None,
    base_url: str | None = None,
) -> Path:
    """What `download_model` does, for any release and folder; the folder's name becomes the model's."""
    with exclusive(folder):
        if _is_whole(folder):
            return folder
        file = download_release(
            release, folder.parent / "downloads", on_progress=on_progress, cancel=cancel, base_url=base_url
        )
        model = weights.load_model(file, network=release.network)
        weights.save_model(folder, model, name=folder.name, description=description)
        file.unlink()
    return folder


def download_release(
    release: Release,
    folder: Path,
    *,
    on_progress: OnDownloadProgress | None = None,
    cancel: CancelToken | None = None,
    base_url: str | None = None,
) -> Path:
    """Download a release's file, as it is, into `folder`; nothing if it is there. Raises as `download.download`."""
    return download(
        f"{base_url or _base_url()}/{release.file}",
        folder / release.file,
        size_bytes=release.size_bytes,
        sha256=release.sha256,
        on_progress=on_progress,
        cancel=cancel,
    )


def import_model(
    file: Path,
    name: str | None = None,
    *,
    models_dir: Path | None = None,
    network: AudioCLIPConfig | None = None,
    description: str = "",
) -> Path:
    """Convert a weights file with all three towers, such as a released `.pt`, to a saved model.

    Args:
        file: A `.safetensors` file or a PyTorch pickle; it stays.
        name: What to call it; the name of a released model is for the released file only. None takes that name for a
            file called like the released one, and the file's own name without its extension for others.
        models_dir: See `known_models`.
        network: Its sizes; None takes those in a `config.json` beside it, or the released ones.
        description: One line for people; empty makes one up.

    Returns:
        The model's folder; a model of that name is replaced.

    Raises:
        WeightsError: The file is unreadable, holds only a part of the network, or does not fit it.
        ModelError: The name can't be used, or the model can't be saved.
    """
    if not file.is_file():
        raise ModelError("no such file", path=file, remedy="A saved model's folder is used by its path as it is")
    if name is None:
        name = next((known for known, (release, _) in _RELEASED.items() if release.file == file.name), file.stem)
    if name in _RELEASED:
        folder = _models_dir(models_dir) / name
        release, released_description = _RELEASED[name]
        description = description or released_description
        if not release.is_whole(file):
            raise ModelError(
                f"this is not the released {release.file} (size or SHA-256 differs), so it can't be called {name!r}",
                path=file,
                remedy="If it was fetched from there, it is damaged: fetch it again; else import it under another name",
            )
    else:
        folder = own_folder(name, models_dir=models_dir)
    description = description or f"Imported from {file.name}"
    model = weights.load_model(file, network=network)
    weights.save_model(folder, model, name=name, description=description)
    return folder


def own_folder(name: str, *, models_dir: Path | None = None) -> Path:
    """Where a model of one's own goes, or is, to be known by `name`.

    Raises:
        ModelError: The name can't be used, or is that of the starter or a released model.
    """
    if not _is_plain(name) or _is_reserved(name):
        taken = ", ".join(f"`{known}`" for known in (STARTER, *_RELEASED))
        raise ModelError(f"a model can't be called {name!r}", remedy=f"Choose a name without slashes, none of {taken}")
    return _models_dir(models_dir) / name


def verify(name_or_path: str | Path, *, models_dir: Path | None = None) -> ModelCard:
    """Check that an installed model's weights are those its card describes.

    Raises:
        WeightsError: They are not.
        ModelError: There is no such model, or its card is broken.
    """
    return weights.check_hash(resolve(name_or_path, models_dir=models_dir))


def _models_dir(models_dir: Path | None) -> Path:
    return config.models_dir() if models_dir is None else models_dir


def _base_url() -> str:
    return config.mirror() or RELEASE_URL


def _is_reserved(name: str) -> bool:
    return name == STARTER or name in _RELEASED


def _is_plain(name: str) -> bool:
    return name not in {"", ".", ".."} and not {"/", "\\", os.sep} & set(name) and not name.startswith(".")


def _location(name: str, models_dir: Path) -> Path:
    if name == STARTER:
        return Path(str(importlib.resources.files("audioclip_search.model") / STARTER))
    return models_dir / name


def _installed(name: str, models_dir: Path) -> Path:
    folder = _location(name, models_dir)
    if not weights.is_saved_model(folder):
        raise ModelError(f"the model {name!r} is not on this machine", path=folder, remedy=_remedy(name))
    return folder


def _is_whole(folder: Path) -> bool:
    if not weights.is_saved_model(folder):
        return False
    try:
        weights.check_hash(folder)
    except ModelError:
        return False
    return True


def _remedy(name: str) -> str:
    if name == STARTER:
        return "It comes with the package: install audioclip-search again"
    return f"Run `audioclip-search models download {name}`"


def _status(name: str, models_dir: Path) -> ModelStatus:
    folder = _location(name, models_dir)
    size_bytes, url, description = 0, "", ""
    if name in _RELEASED:
        release, description = _RELEASED[name]
        size_bytes, url = release.size_bytes, f"{_base_url()}/{release.file}"
    if not weights.is_saved_model(folder):
        return ModelStatus(name, description, False, folder, size_bytes, url)
    problem = ""
    try:
        description = weights.read_card(folder).description
    except ModelError as error:
        problem = error.reason
    return ModelStatus(name, description, True, folder, (folder / weights.WEIGHTS_FILE).stat().st_size, url, problem)
