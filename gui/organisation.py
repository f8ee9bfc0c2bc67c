"""Favourites and collections: tags of the user's own with a meaning, so that the shell and other programs see them too,
and they move with files, come with exports and can be undone."""

from __future__ import annotations

from collections.abc import Iterable

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
    """The tag of files in a collection; blanks at its ends and quotes are dropped."""
    return _COLLECTION + " ".join(name.replace('"', "").split())


def plain_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Those tags that are only tags, in their order."""
    return tuple(tag for tag in tags if tag.casefold() != FAVOURITE and not is_collection(tag))


def is_favourite(tags: Iterable[str]) -> bool:
    """Whether a file with these tags is a favourite."""
    return any(tag.casefold() == FAVOURITE for tag in tags)
