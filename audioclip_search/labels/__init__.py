"""Label sets: names that sounds can be tagged with, and what to ask the model for each.

A set is a text file, one label a line; `label = prompt | prompt` says what to ask where the name itself won't do, and
lines that begin with `#` are remarks. The built-in sets are such files beside this one, and say whose names they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from pathlib import Path

from audioclip_search.errors import MediaError, QueryError

__all__ = ["Label", "LabelSet", "prompts_for", "read_labels"]

_MOST_LABELS = 10_000
_LONGEST_LABEL = 200
_QUALIFIED = re.compile(r"^(.*?)\s*\(([^()]*)\)$")
_CAMEL_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])")


class LabelSet(StrEnum):
    """The sets that are built in."""

    ESC50 = "esc50"
    US8K = "us8k"
    AUDIOSET = "audioset"


@dataclass(frozen=True, slots=True)
class Label:
    """A name that files can get, and what to ask the model for it: one prompt or several that mean the same."""

    name: str
    prompts: tuple[str, ...]


def read_labels(source: str | Path | Sequence[str]) -> tuple[Label, ...]:
    """The labels that somebody asks for, each once; labels that differ in case alone are one.

    Args:
        source: The name of a built-in set; a text file; text with commas between the labels; or lines like those of a
            file.

    Raises:
        QueryError: There are none or far too many, one is no label, or there is no such file.
        MediaError: The file can't be read.
    """
    lines = _lines(source) if isinstance(source, str | Path) else list(source)
    labels: dict[str, Label] = {}
    for line in lines:
        label = _parsed(line)
        if label is not None:
            labels.setdefault(label.name.casefold(), label)
    if not labels:
        raise QueryError("there are no labels", remedy=f"Name some, or a set: {', '.join(LabelSet)}")
    if len(labels) > _MOST_LABELS:
        raise QueryError(f"{len(labels):,} labels are too many", remedy=f"Give at most {_MOST_LABELS:,}")
    return tuple(labels.values())


def prompts_for(name: str) -> tuple[str, ...]:
    """What to ask the model for a label that says nothing else.

    `dog_bark` is asked as "dog bark", `GlassBreak` as "glass break"; names that list several words for one thing, as
    AudioSet's do, are asked as each of them, and what is in brackets goes first: "Whimper (dog)" is a "dog whimper".
    """
    plain = _CAMEL_CASE.sub(" ", name.replace("_", " "))
    if match := _QUALIFIED.match(plain):
        plain = f"{match[2]} {match[1]}"
    parts = (part.strip().removeprefix("and ").strip() for part in plain.split(","))
    prompts = dict.fromkeys(_spoken(part) for part in parts if part and part.rstrip(".") != "etc")
    return tuple(prompts) or (name,)


def _spoken(words: str) -> str:
    """Lower case, as captions are, but for abbreviations."""
    return " ".join(word if len(word) > 1 and word.isupper() else word.lower() for word in words.split())


def _parsed(line: str) -> Label | None:
    """What a line says; None for an empty one and a remark."""
    text = line.strip()
    if not text or text.startswith("#"):
        return None
    name, _, after = (part.strip() for part in text.partition("="))
    if not name or len(name) > _LONGEST_LABEL or not name.isprintable():
        raise QueryError(f"no label: {text[:_LONGEST_LABEL]!r}", remedy="Write `label` or `label = prompt | prompt`")
    prompts = tuple(prompt for prompt in map(str.strip, after.split("|")) if prompt)
    return Label(name, prompts or prompts_for(name))


def _lines(source: str | Path) -> Iterable[str]:
    key = str(source).strip().casefold().replace("-", "").replace("_", "")
    if isinstance(source, str) and key in frozenset(LabelSet):
        return (resources.files(__name__) / f"{key}.txt").read_text(encoding="utf-8").splitlines()
    if isinstance(source, str) and ("," in source or "\n" in source):
        return re.split(r"[,\n]", source)
    try:
        path = Path(source).expanduser()
        is_file = path.is_file()
    except (OSError, RuntimeError):  # too long for a name, or a person's folder that there isn't
        return [str(source)]
    if is_file:
        try:
            return path.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, ValueError) as error:
            raise MediaError(f"can't be read as a list of labels: {error}", path=path) from error
    if isinstance(source, Path) or path.suffix or len(path.parts) > 1:
        raise QueryError("no such file of labels", path=path, remedy=f"Or name a set: {', '.join(LabelSet)}")
    return [source]
