"""What the parts of the query language are called, and what the search box proposes while a query is written."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from audioclip_search import Field
from gui.controllers.search import SearchController
from gui.views.search_popup import Suggestion

_MOST_RECENT, _MOST_SAVED, _MOST_MATCHING, _MOST_VALUES = 8, 4, 3, 50
_LEAST_LETTERS = 2

translate = QCoreApplication.translate


def suggestions(search: SearchController, text: str, cursor: int, *, asked: bool = False) -> list[Suggestion]:
    """How a query may go on, and searches made before that start like it; all of these if nothing is written yet.

    Args:
        search: Knows the library's values, and the searches.
        text: The query so far.
        cursor: Where it is being written.
        asked: Whether a person asked for them: then the first letter, or none, is enough.
    """
    if not text.strip():
        return _earlier(search) if asked and not search.chips else []
    lines = []
    for completion in search.completions(text, cursor)[:_MOST_VALUES]:
        is_field = completion.text.endswith(":")
        if is_field and not asked and cursor - completion.start < _LEAST_LETTERS:
            continue
        detail = meaning(completion.text.rstrip(":")) if is_field else ""
        lines.append(Suggestion(completion.text, detail, "filter" if is_field else "tag", completion))
    if search.chips or len(text.strip()) < _LEAST_LETTERS:
        return lines
    start = text.strip().casefold()
    before = [one for one in search.recent if one.casefold().startswith(start) and one.casefold() != start]
    return lines + [Suggestion(one, "", "recent", query=one) for one in before[:_MOST_MATCHING]]


def meaning(field: str) -> str:
    """What a field of the query language is about."""
    return {
        "kind": translate("Fields", "audio, image or text"),
        "dur": translate("Fields", "length: <3, 1..3.5, >2m"),
        "ext": translate("Fields", "the file's suffix"),
        "folder": translate("Fields", "a folder it is in"),
        "name": translate("Fields", "part of its name"),
        "tag": translate("Fields", "a tag, yours or automatic"),
        "rating": translate("Fields", "stars: 4, >=3, 0 for none"),
        "rate": translate("Fields", "sample rate: 48k, >=96k"),
        "ch": translate("Fields", "channels"),
        "bits": translate("Fields", "bits of a sample"),
        "size": translate("Fields", "file size: <10M"),
        "image": translate("Fields", "what belongs to a picture"),
        "audio": translate("Fields", "what sounds like a file"),
        "like": translate("Fields", "what is like a file of the library"),
    }.get(field, "")


def facet_title(field: Field) -> str:
    """What a section of the filters is called."""
    return {
        Field.KIND: translate("Facets", "Kind"),
        Field.DURATION: translate("Facets", "Length"),
        Field.EXTENSION: translate("Facets", "Format"),
        Field.RATE: translate("Facets", "Sample rate"),
        Field.FOLDER: translate("Facets", "Folder"),
        Field.TAG: translate("Facets", "Tags"),
        Field.RATING: translate("Facets", "Rating"),
    }.get(field, str(field))


def value_label(field: Field, label: str) -> str:
    """What a value is called in the filters."""
    if field is not Field.KIND:
        return label
    return {
        "audio": translate("Facets", "Sounds"),
        "image": translate("Facets", "Pictures"),
        "text": translate("Facets", "Texts"),
    }.get(label.casefold(), label)


def _earlier(search: SearchController) -> list[Suggestion]:
    saved = search.saved[:_MOST_SAVED]
    kept = {text for _, text in saved}
    lines = [Suggestion(name, text if text != name else "", "bookmark", query=text) for name, text in saved]
    recent = [text for text in search.recent if text not in kept][:_MOST_RECENT]
    return lines + [Suggestion(text, "", "recent", query=text) for text in recent]
