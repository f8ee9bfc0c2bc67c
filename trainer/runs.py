"""The folder of a run: its settings, and results that are whole or absent."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from trainer import configure
from trainer.errors import DataError, SettingsError
from trainer.processes import is_main_process
from trainer.settings import TrainSettings

SETTINGS = "settings.yaml"
RESULTS = "results.json"
MODEL = "model"
# Between a stop and a resumption.
_MAY_CHANGE = ("workers", "cache", "checkpoint_minutes", "accelerator", "name", "out")


def begin(settings: TrainSettings, out: Path, *, resume: bool) -> None:
    """Make the folder of a run and save its settings there, or check that it is the same run's.

    Raises:
        SettingsError: There is a run already and it is not to be resumed, or it had other settings.
    """
    if not is_main_process():
        return
    saved = out / SETTINGS
    if saved.is_file():
        if not resume:
            raise SettingsError(
                "there is a run already", path=out, remedy="Go on with it: --resume; or choose an --out"
            )
        _require_same(settings, saved)
    elif resume and not out.is_dir():
        raise SettingsError("there is no run to resume", path=out, remedy="Leave --resume out, or give its --out")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"can't be made: {error.strerror}", path=out, remedy="Choose another --out") from error
    configure.save(settings, saved)


def folder(settings: TrainSettings, command: str) -> Path:
    """Where a run goes: `settings.out`, or `runs/COMMAND-DATASET`."""
    return settings.out or Path("runs") / f"{command}-{settings.dataset}"


def require_root(settings: TrainSettings) -> Path:
    """Where the data is.

    Raises:
        DataError: It is not given.
    """
    if settings.root is None:
        raise DataError(
            f"where is the data set {settings.dataset}?",
            remedy=f"Give --root, or --dataset {settings.dataset}:PATH; `datasets list` tells what each needs",
        )
    return settings.root


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON file, whole or not at all.

    Raises:
        SettingsError: It can't be written.
    """
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        new.replace(path)
    except OSError as error:
        remedy = "Make room and give --resume, or choose another --out"
        raise SettingsError(f"can't be written: {error.strerror}", path=path, remedy=remedy) from error


def _require_same(settings: TrainSettings, saved: Path) -> None:
    before = configure.resolve({}, {}, config=saved, sets=(), options={})
    unchanged = {key: getattr(settings, key) for key in _MAY_CHANGE}
    before = replace(before, **unchanged)
    changed = [f.name for f in fields(settings) if getattr(before, f.name) != getattr(settings, f.name)]
    if changed:
        key = changed[0]
        raise SettingsError(
            f"the run to resume has {key} {getattr(before, key)}, not {getattr(settings, key)}",
            path=saved,
            remedy=f"Give what it had (--config {saved}), or choose another --out",
        )
