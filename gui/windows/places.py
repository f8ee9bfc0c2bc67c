"""What the sidebar lists."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from audioclip_search import Field, OneOf, Query
from gui.backend.curation import KnownTags
from gui.organisation import FAVOURITE, collection_tag
from gui.views.sidebar import Entry, Place

_RECENT = 8


def sections(
    known: KnownTags, files: int | None, saved: Sequence[tuple[str, str]], recent: Sequence[str]
) -> list[tuple[str, list[Entry]]]:
    """The sidebar's sections.

    Args:
        known: The library's favourites and collections.
        files: How many files it has; None while that is unknown.
        saved: Saved searches, names and texts.
        recent: Recent searches, the newest first.
    """
    translate = QCoreApplication.translate
    library = [
        Entry(translate("Sidebar", "All files"), "library", count=files),
        Entry(translate("Sidebar", "Favourites"), "heart", tagged(FAVOURITE), count=known.favourites),
        Entry(translate("Sidebar", "Map"), "map", place=Place.MAP),
        Entry(translate("Sidebar", "Duplicates"), "copies", place=Place.DUPLICATES),
    ]
    collections = [
        Entry(each.name, "folder", tagged(collection_tag(each.name)), count=each.count) for each in known.collections
    ]
    return [
        (translate("Sidebar", "Library"), library),
        (translate("Sidebar", "Collections"), collections),
        (
            translate("Sidebar", "Saved searches"),
            [Entry(name, "bookmark", text, removable=True) for name, text in saved],
        ),
        (translate("Sidebar", "Recent"), [Entry(text, "recent", text, removable=True) for text in recent[:_RECENT]]),
    ]


def tagged(tag: str) -> str:
    """The query for files with a tag."""
    return str(Query(filters=(OneOf(Field.TAG, (tag,)),)))
