"""From what a person gives (a file, `key=value`, options) to `TrainSettings`, with one line for whatever is wrong."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import Enum
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import yaml
from pydantic import ConfigDict, TypeAdapter, ValidationError

from trainer.errors import SettingsError
from trainer.settings import HELP, Objective, Precision, TrainSettings

FIELDS = {field.name: field for field in fields(TrainSettings)}
TYPES: Mapping[str, Any] = get_type_hints(TrainSettings)
_RANGED_TYPES = get_type_hints(TrainSettings, include_extras=True)


@dataclass(frozen=True, slots=True)
class _Given:
    """A value as a person gave it, and how to name it in an error."""

    value: Any
    label: str
    path: Path | None = None


def resolve(
    command_defaults: Mapping[str, Any],
    protocols: Mapping[str, Mapping[str, Any]],
    *,
    config: Path | None,
    sets: Sequence[str],
    options: Mapping[str, Any],
) -> TrainSettings:
    """The settings of a run; of two sources, the later one in this list wins.

    Args:
        command_defaults: What the command does otherwise than `TrainSettings`.
        protocols: What it does otherwise for a data set, by its name.
        config: YAML file of a mapping, such as `save` writes.
        sets: Texts `key=value`.
        options: Values by key, texts or typed; None is not given.

    Values that are texts are read as their setting's type: `1,2,3` is a tuple, `null` no path. `~` is the home folder.
    A data set `NAME:PATH` is a data set and its `root`.

    Raises:
        SettingsError: The file can't be read, or a setting is unknown, of another type, out of range, or contradicts
            another one.
    """
    given = _from_file(config) if config is not None else {}
    given |= _split_root(_known({key: _Given(value, f"--set {key}={value}") for key, value in map(_key_value, sets)}))
    labels = {key: f"--{key.replace('_', '-')}" for key in options}
    given |= _split_root(
        _known({key: _Given(value, f"{labels[key]} {value}") for key, value in options.items() if value is not None})
    )
    typed = {key: _typed(key, value) for key, value in given.items()}
    dataset = typed.get("dataset", command_defaults.get("dataset", FIELDS["dataset"].default))
    settings = TrainSettings(**{**command_defaults, **protocols.get(dataset, {}), **typed})
    for contradiction in _contradictions(settings):
        raise SettingsError(contradiction, remedy="Change one of them")
    return settings


def save(settings: TrainSettings, path: Path) -> None:
    """Write all settings to a YAML file; given back as `config`, it resolves to the same settings.

    Raises:
        SettingsError: The file can't be written.
    """
    values = {key: _plain(getattr(settings, key)) for key in FIELDS}
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        new.write_text(yaml.safe_dump(values, sort_keys=False, allow_unicode=True), encoding="utf-8")
        new.replace(path)  # whole or not at all: a run is resumed by it
    except OSError as error:
        raise SettingsError(f"can't be written: {error.strerror}", path=path, remedy="Choose another --out") from error


def _from_file(path: Path) -> dict[str, _Given]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"can't be read: {error.strerror}", path=path, remedy="Name an existing YAML file of settings"
        ) from error
    except (yaml.YAMLError, ValueError) as error:  # ValueError: not UTF-8, or a date that does not exist
        reason = " ".join(str(error).split())
        raise SettingsError(f"not a YAML file: {reason}", path=path, remedy="Write one `key: value` a line") from error
    if not isinstance(values, dict | None):
        raise SettingsError("not a mapping of settings", path=path, remedy="Write one `key: value` a line")
    return _split_root(
        _known({str(key): _Given(value, f"{key}: {value}", path) for key, value in (values or {}).items()})
    )


def _key_value(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise SettingsError(f"--set {text}: not of the form key=value", remedy="Write, say, --set epochs=10")
    return key.strip(), value.strip()


def _known(given: Mapping[str, _Given]) -> dict[str, _Given]:
    """With underscores in the keys, all of which are names of settings."""
    known = {key.replace("-", "_"): value for key, value in given.items()}
    for key, value in known.items():
        if key not in FIELDS:
            nearest = difflib.get_close_matches(key, FIELDS, n=1, cutoff=0.5)
            remedy = f"Did you mean {nearest[0]}?" if nearest else "--help lists all settings"
            raise SettingsError(f"{value.label}: no setting is called {key}", path=value.path, remedy=remedy)
    return known


def _split_root(given: dict[str, _Given]) -> dict[str, _Given]:
    """With `NAME:PATH` of `dataset` made two settings."""
    whole = given.get("dataset")
    name, colon, root = str(whole.value).partition(":") if whole is not None else ("", "", "")
    if whole is None or not colon:
        return given
    if "root" in given:
        raise SettingsError(
            f"{whole.label}: there is a root besides ({given['root'].label})",
            path=whole.path,
            remedy="Give the data set's path once",
        )
    return given | {
        "dataset": _Given(name, whole.label, whole.path),
        "root": _Given(root, whole.label, whole.path),
    }


def _typed(key: str, given: _Given) -> Any:
    """The value as its setting's type, in its range."""
    value = given.value
    if isinstance(value, bool):
        value = str(value).lower()  # so that it is no number
    if get_origin(TYPES[key]) is tuple and not isinstance(value, list | tuple):
        value = [part for part in str(value).strip("[]() ").split(",") if part.strip()]
    elif NoneType in get_args(TYPES[key]) and str(value).lower() in ("", "null", "none"):
        value = None
    try:
        value = _adapter(key).validate_python(value)
        return value.expanduser() if isinstance(value, Path) else value
    except ValidationError as error:
        reason = error.errors(include_url=False, include_context=False)[0]["msg"].removeprefix("Input ")
    except RuntimeError:  # of expanduser
        reason = "there is no such home folder"
    default = _plain(FIELDS[key].default)
    remedy = f"{key}: {FIELDS[key].metadata[HELP]}" + ("" if default in (None, "", []) else f"; such as {default}")
    raise SettingsError(f"{given.label}: {reason}", path=given.path, remedy=remedy)


@cache
def _adapter(key: str) -> TypeAdapter[Any]:
    return TypeAdapter(_RANGED_TYPES[key], config=ConfigDict(coerce_numbers_to_str=True, allow_inf_nan=False))


def _contradictions(settings: TrainSettings) -> Iterator[str]:
    if settings.snr_min_db > settings.snr_max_db:
        yield f"snr_min_db {settings.snr_min_db} is above snr_max_db {settings.snr_max_db}"
    if settings.batch_size % settings.accumulate:
        yield f"batch_size {settings.batch_size} can't be divided by accumulate {settings.accumulate}"
    if settings.mixing and settings.objective is not Objective.CLASSES:
        yield f"mixing {settings.mixing} needs objective classes, not {settings.objective}"
    if settings.filters and (settings.spectrogram or settings.mixing):
        yield "spectrograms can't be varied or mixed (spectrogram, mixing) while filters are trained (filters)"
    if settings.class_weights and settings.objective is not Objective.CONTRASTIVE:
        yield f"class_weights need objective contrastive, not {settings.objective}"
    if settings.filters and settings.precision is Precision.FLOAT16:
        yield "filters can't be trained in 16-mixed (precision): its scaling of the loss takes all pace from them"
    both = sorted(set(settings.train_folds) & set(settings.test_folds))
    if both:
        yield f"fold {both[0]} is in train_folds and in test_folds"
    for key in ("train_folds", "test_folds", "seeds"):
        values = getattr(settings, key)
        repeated = [value for value in values if values.count(value) > 1]
        if repeated:
            yield f"{key} has {repeated[0]} twice"


def _plain(value: Any) -> Any:
    """As YAML's own types."""
    match value:
        case Enum():
            return str(value)
        case Path():
            return str(value)
        case tuple():
            return list(value)
        case _:
            return value
