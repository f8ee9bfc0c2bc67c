"""Favourites and collections: tags of the user's own with a meaning, so that the shell and other programs see them too,
and they move with files, come with exports and can be undone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from audioclip_search import TagState
from gui.records import Row

FAVOURITE = "favourite"
"""The tag of favourites."""

_COLLECTION = "@"


def is_collection(tag: str) -> bool:
    """Whether a tag puts a file into a collection."""
    return tag.startswith(_COLLECTION) and len(tag) > len(_COLLECTION)


def collection_name(tag: str) -> str:
    """What a collection's tag calls it."""
    return tag.removeprefix(_COLLECTION)


def collection_tag(name: str) -> str:
    """The tag of files in a collection; needless blanks and quotes are dropped, and an `@` before it."""
    return _COLLECTION + " ".join(name.replace('"', "").split()).lstrip(_COLLECTION)


def plain_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Those tags that are only tags, in their order."""
    return tuple(tag for tag in tags if tag.casefold() != FAVOURITE and not is_collection(tag))


def is_favourite(tags: Iterable[str]) -> bool:
    """Whether a file with these tags is a favourite."""
    return any(tag.casefold() == FAVOURITE for tag in tags)


def collections_of(tags: Iterable[str]) -> tuple[str, ...]:
    """The names of the collections that a file with these tags is in."""
    return tuple(collection_name(tag) for tag in tags if is_collection(tag))


@dataclass(frozen=True, slots=True)
class SelectionSummary:
    """What files have in common. Tags come with how many of the files have them, the most frequent first.

    Attributes:
        files: How many they are.
        kinds: How many of each kind of file, by the kind's value.
        duration_s: Of all sounds together.
        size: Of all, bytes.
        folders: How many folders they are in.
        favourites: How many are.
        ratings: How many have 0, 1, … 5 stars.
        tags: The user's own.
        collections: By name.
        suggested: A model's, on which nobody has decided.
        confirmed: A model's that a person confirmed.
    """

    files: int = 0
    kinds: tuple[tuple[str, int], ...] = ()
    duration_s: float = 0.0
    size: int = 0
    folders: int = 0
    favourites: int = 0
    ratings: tuple[int, ...] = (0, 0, 0, 0, 0, 0)
    tags: tuple[tuple[str, int], ...] = ()
    collections: tuple[tuple[str, int], ...] = ()
    suggested: tuple[tuple[str, int], ...] = ()
    confirmed: tuple[tuple[str, int], ...] = ()

    @property
    def rating(self) -> int | None:
        """The stars that all of them have; None if they differ."""
        return next((stars for stars, count in enumerate(self.ratings) if count == self.files), None)


def summary_of(rows: Iterable[Row]) -> SelectionSummary:
    """What these files have in common."""
    kinds, tags, collections, suggested, confirmed = (Counter[str]() for _ in range(5))
    ratings, folders = [0] * 6, set[str]()
    files = favourites = size = 0
    duration_s = 0.0
    for row in rows:
        files += 1
        kinds[row.modality.value] += 1
        ratings[row.rating] += 1
        folders.add(row.folder)
        duration_s, size = duration_s + row.duration_s, size + row.size
        favourites += is_favourite(row.tags)
        tags.update(plain_tags(row.tags))
        collections.update(collections_of(row.tags))
        for tag in row.auto_tags:
            (confirmed if tag.state is TagState.CONFIRMED else suggested)[tag.label] += 1
    return SelectionSummary(
        files=files,
        kinds=tuple(kinds.most_common()),
        duration_s=duration_s,
        size=size,
        folders=len(folders),
        favourites=favourites,
        ratings=tuple(ratings),
        tags=tuple(tags.most_common()),
        collections=tuple(collections.most_common()),
        suggested=tuple(suggested.most_common()),
        confirmed=tuple(confirmed.most_common()),
    )
