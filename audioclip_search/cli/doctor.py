"""`audioclip-search doctor`: is everything here that is needed, and if not, what to do about it."""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from audioclip_search import config
from audioclip_search.cli.output import megabytes, plain_table, results
from audioclip_search.errors import AudioCLIPSearchError
from audioclip_search.results.wording import printable

_FAMILY = ("torch", "torchvision", "torchaudio")
_SOUNDFILE_FORMATS = ("WAV", "AIFF", "FLAC", "OGG", "MP3")
_PYAV_CODECS = ("aac", "alac", "opus", "vorbis", "mp3", "wmav2", "ac3")
_PILLOW_FEATURES = ("jpg", "webp", "avif", "zlib")
_REINSTALL = (
    "Install this package and its libraries again, as its README says, adding --force-reinstall to `pip install`"
)
_UPGRADE = "Use Python 3.11 or newer"
_LEAST_FREE_BYTES = 1_500_000_000  # a released model, downloaded and converted


@dataclass(frozen=True, slots=True)
class Check:
    """One line: what was looked at, whether it is right, what was found, and what to do if it is wrong."""

    name: str
    ok: bool
    found: str
    remedy: str = ""


def doctor(
    root: Annotated[Path | None, typer.Argument(metavar="[ROOT]", help="Also check the index of this folder.")] = None,
    *,
    index: Annotated[
        str | None, typer.Option("--index", metavar="PLACE", help="Where that index is, if not in ROOT.")
    ] = None,
    mend: Annotated[bool, typer.Option("--mend", help="Put right what is wrong with the index, and sync it.")] = False,
) -> None:
    """Check the libraries, the device, the models and, with ROOT, its index against itself and the disk.

    Exit code 1 if anything is wrong.
    """
    table = plain_table("", "what", "found")
    table.show_header = False
    wrong = 0
    for check in _checks(root, index, mend=mend):
        wrong += not check.ok
        mark = Text("✓", style="green") if check.ok else Text("✗", style="red")
        found = Text(printable(check.found))
        if check.remedy and not check.ok:
            found.append(f"\n→ {check.remedy}", style="yellow")
        table.add_row(mark, check.name, found)
    results().print(table)
    if wrong:
        raise typer.Exit(1)


def _checks(root: Path | None, index: str | None, *, mend: bool) -> Iterator[Check]:
    yield Check("python", sys.version_info >= (3, 11), f"{platform.python_version()}, {platform.platform()}", _UPGRADE)
    yield _importing("torch", _torch)
    yield _importing("device", _device)
    yield _importing("sounds", _soundfile)
    yield _importing("more sounds", _pyav)
    yield _importing("pictures", _pillow)
    yield _models_dir()
    yield from _models()
    if root is not None:
        yield from _index(root, index, mend=mend)


def _importing(name: str, check: Callable[[], Check]) -> Check:
    """What `check` says; a library that is missing or broken is what a doctor looks for."""
    try:
        return check()
    except (ImportError, OSError) as error:
        return Check(name, False, str(error), _REINSTALL)


def _torch() -> Check:
    for package in _FAMILY:
        importlib.import_module(package)
    return Check("torch", True, ", ".join(f"{package} {importlib.metadata.version(package)}" for package in _FAMILY))


def _device() -> Check:
    import torch

    if torch.cuda.is_available():
        return Check("device", True, f"cuda: {torch.cuda.get_device_name()}")
    if torch.backends.mps.is_available():
        return Check("device", True, "mps: this computer's Apple GPU")
    if shutil.which("nvidia-smi"):
        return Check(
            "device",
            False,
            "cpu, although there is an NVIDIA driver",
            "This build of torch can't use it: update the driver, or install a CUDA build of torch (pytorch.org)",
        )
    return Check("device", True, f"cpu: {os.cpu_count()} cores, no GPU that torch can use")


def _soundfile() -> Check:
    import soundfile

    missing = [name for name in _SOUNDFILE_FORMATS if name not in soundfile.available_formats()]
    return _complete("sounds", f"soundfile, {soundfile.__libsndfile_version__}", _SOUNDFILE_FORMATS, missing)


def _pyav() -> Check:
    import av

    missing = [name for name in _PYAV_CODECS if name not in av.codecs_available]
    return _complete("more sounds", f"PyAV {av.__version__}", _PYAV_CODECS, missing)


def _pillow() -> Check:
    import PIL
    from PIL import features

    missing = [name for name in _PILLOW_FEATURES if not features.check(name)]
    return _complete("pictures", f"Pillow {PIL.__version__}", _PILLOW_FEATURES, missing)


def _complete(name: str, library: str, wanted: tuple[str, ...], missing: list[str]) -> Check:
    if missing:
        return Check(name, False, f"{library} can't read {', '.join(missing)}", _REINSTALL)
    return Check(name, True, f"{library}: {', '.join(wanted)}")


def _models_dir() -> Check:
    folder = config.models_dir()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free_bytes = shutil.disk_usage(there).free
    found = f"{folder} ({megabytes(free_bytes)} free)"
    remedy = f"Set {config.MODELS_VARIABLE} to a folder that can be written"
    if not (there.is_dir() and os.access(there, os.W_OK)):
        return Check("models folder", False, f"{folder} can't be written", remedy)
    return Check("models folder", free_bytes >= _LEAST_FREE_BYTES, found, f"{remedy} and has 1.5 GB free, or make room")


def _models() -> Iterator[Check]:
    from audioclip_search.model import registry

    best = ""
    try:
        best = registry.best_installed()
    except AudioCLIPSearchError as error:
        yield _failed("models", error)
    for status in registry.known_models():
        if not status.installed:
            continue
        try:
            card = registry.verify(status.name)
        except AudioCLIPSearchError as error:
            yield _failed(f"model {status.name}", error)
            continue
        chosen = ", used for new indexes" if status.name == best else ""
        yield Check(f"model {status.name}", True, f"whole, {megabytes(status.size_bytes)}{chosen}: {card.description}")


def _index(root: Path, index: str | None, *, mend: bool) -> Iterator[Check]:
    from audioclip_search.library import Library

    try:
        with Library(root, index=index) as library:
            info = library.info()
            name = info.model.name if info.model else "none yet"
            files = info.audio + info.image + info.text
            found = f"{info.location}: {files:,} files, {info.windows:,} vectors of {name}, {info.failed:,} failed"
            yield Check("index", True, found)
            health = library.check(mend=mend)
    except AudioCLIPSearchError as error:
        yield _failed("index", error)
        return
    where = f"{root}" + (f" --index {index}" if index else "")
    wrong = f"{len(health.damaged):,} files with missing or bad vectors, {health.strays:,} vectors of no file"
    ok = health.whole or health.mended
    yield Check("vectors", ok, f"{wrong}{', mended' if mend else ''}", f"audioclip-search doctor {where} --mend")
    state = f"{health.new:,} new files, {health.changed:,} changed, {health.gone:,} gone, {health.offline:,} offline"
    ok = health.up_to_date or health.mended
    yield Check("up to date", ok, f"{state}{', synced' if mend else ''}", f"audioclip-search index {where}")


def _failed(name: str, error: AudioCLIPSearchError) -> Check:
    where = f"{error.where}: " if error.where else ""
    return Check(name, False, f"{where}{error.reason}", error.remedy)
