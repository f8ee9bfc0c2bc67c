"""Queries to a generated library, and what each of its files is worth to them: 3 what was asked for, 2 a picture of it,
1 a part of it. All by construction; no ranking is looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from _library import VOCABULARY, Item, Naming, hidden_kinds

from trainer.starter.captions import HELD_OUT_QUERIES, PHRASES


class Group(StrEnum):
    """What kind of query it is."""

    NAME = "exact file name"
    NUMBER = "catalogue number"
    WORDS = "words of the name"
    METADATA = "words of the metadata"
    CONTENT = "description"
    UNNAMED = "description, no such names"
    MIXED = "description and metadata"
    MISLEADING = "other files are named so"


EXACT = frozenset((Group.NAME, Group.NUMBER))


@dataclass(frozen=True, slots=True)
class Question:
    """A query and the grades of the files that are worth something, by their path below the root."""

    group: Group
    text: str
    grades: Mapping[str, int]


def questions(items: Sequence[Item], *, each: int, seed: int) -> list[Question]:
    """At most `each` queries of every group that the library has any for; none twice."""
    rng = np.random.default_rng(seed)
    asked: list[Question] = []
    for group, ask in _GROUPS.items():
        found: dict[str, Question] = {}
        for text, grades in ask(items, rng):
            if max(grades.values(), default=0) == 3:
                found.setdefault(text, Question(group, text, grades))
        picked = rng.permutation(len(found))[:each]
        asked += [list(found.values())[index] for index in picked]
    return asked


_Found = list[tuple[str, dict[str, int]]]
_Ask = Callable[[Sequence[Item], np.random.Generator], _Found]
_MOST_LOOKED_AT = 400  # files or pairs of words that a group's queries are made for, before some are picked


def _names(items: Sequence[Item], rng: np.random.Generator) -> _Found:
    asked = []
    for item in _some([item for item in items if item.naming is not Naming.NUMBER], rng):
        text = (item.stem, Path(item.path).name, item.stem.replace("_", " "))[int(rng.choice(3, p=(0.5, 0.3, 0.2)))]
        asked.append((text, {other.path: 1 for other in items if other.related == item.stem} | {item.path: 3}))
    return asked


def _numbers(items: Sequence[Item], rng: np.random.Generator) -> _Found:
    asked = []
    for item in _some([item for item in items if item.number], rng):
        form = rng.choice(("SFX-{}", "SFX_{}", "sfx {}", "sfx{}", "{}"), p=(0.5, 0.1, 0.2, 0.1, 0.1))
        text = form.format(item.number.removeprefix("SFX-"))
        asked.append((text, {other.path: 1 for other in items if other.related == item.stem} | {item.path: 3}))
    return asked


def _name_words(items: Sequence[Item], rng: np.random.Generator) -> _Found:
    asked: _Found = []
    for kind, entry in VOCABULARY["kinds"].items():
        for special in entry["specials"]:
            named = {item.path: 3 for item in items if item.special == special}
            about = {item.path: 1 for item in items if item.kind == kind}
            asked.append((special.lower(), named))
            for phrase in (PHRASES[kind][0], str(rng.choice(PHRASES[kind]))):
                if named:
                    asked.append((f"{special} {phrase}".lower(), about | named))
    return asked


def _told(item: Item) -> tuple[str, ...]:
    """What the metadata or the folder of a file say, apart from its content."""
    return tuple(text for text in (item.place, item.microphone, item.project, item.person) if text)


def _metadata_words(items: Sequence[Item], rng: np.random.Generator) -> _Found:
    asked: _Found = []
    words = [word for field in ("places", "microphones", "projects", "people") for word in VOCABULARY[field]]
    holders = {word: {item.path for item in items if word in _told(item)} for word in words}
    for word in words:
        asked.append((word, dict.fromkeys(holders[word], 3)))
        other = str(rng.choice(words))
        both = holders[word] & holders[other]
        if both and other != word:
            asked.append((f"{word} {other}", dict.fromkeys(holders[word] | holders[other], 1) | dict.fromkeys(both, 3)))
    return asked


def _contents(items: Sequence[Item], kinds: Sequence[str], rng: np.random.Generator, *, phrases: int) -> _Found:
    texts = [(text, kind) for text, kind in HELD_OUT_QUERIES if kind in kinds]
    texts += [(str(text), kind) for kind in kinds for text in rng.permutation(PHRASES[kind])[:phrases]]
    return [(text, _of_kind(items, kind)) for text, kind in texts]


def _of_kind(items: Sequence[Item], kind: str) -> dict[str, int]:
    return {item.path: 2 if item.is_picture else 3 for item in items if item.kind == kind}


def _described(items: Sequence[Item], rng: np.random.Generator) -> _Found:
    hidden = hidden_kinds(items)
    return _contents(items, sorted({item.kind for item in items} - set(hidden)), rng, phrases=1)


def _unnamed(items: Sequence[Item], rng: np.random.Generator) -> _Found:
    return _contents(items, hidden_kinds(items), rng, phrases=9)


def _mixed(items: Sequence[Item], rng: np.random.Generator) -> _Found:
    asked: _Found = []
    for item in _some([item for item in items if _told(item)], rng):
        word = str(rng.choice(_told(item)))
        phrase = PHRASES[item.kind][0] if rng.random() < 0.5 else str(rng.choice(PHRASES[item.kind]))
        text = f"{phrase} {word}" if rng.random() < 0.7 else f"{word} {phrase}"
        of_kind = {other.path for other in items if other.kind == item.kind}
        holders = {other.path for other in items if word in _told(other)}
        asked.append((text, dict.fromkeys(of_kind | holders, 1) | dict.fromkeys(of_kind & holders, 3)))
    return asked


def _misleading(items: Sequence[Item], rng: np.random.Generator) -> _Found:
    claims = {item.phrase for item in items if item.naming is Naming.WRONG}
    kinds = sorted({item.kind for item in items if PHRASES[item.kind][0] in claims})
    return [(PHRASES[kind][0], _of_kind(items, kind)) for kind in kinds]


def _some(items: Sequence[Item], rng: np.random.Generator) -> list[Item]:
    return [items[index] for index in rng.permutation(len(items))[:_MOST_LOOKED_AT]]


_GROUPS: dict[Group, _Ask] = {
    Group.NAME: _names,
    Group.NUMBER: _numbers,
    Group.WORDS: _name_words,
    Group.METADATA: _metadata_words,
    Group.CONTENT: _described,
    Group.UNNAMED: _unnamed,
    Group.MIXED: _mixed,
    Group.MISLEADING: _misleading,
}
