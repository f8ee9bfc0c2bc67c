"""Tags that a model suggests and a person decides on: kept in the index by content, apart from the user's own tags."""

from audioclip_search.labelling.book import TagBook
from audioclip_search.labelling.decide import SUGGESTIONS, annotate, decide, rename, undo
from audioclip_search.labelling.journal import Change, Journal
from audioclip_search.labelling.suggest import Found, Run, keep, undecided_tags
from audioclip_search.labelling.tables import AutoTags, TagTables
from audioclip_search.labelling.writing import WriteBack

__all__ = [
    "SUGGESTIONS",
    "AutoTags",
    "Change",
    "Found",
    "Journal",
    "Run",
    "TagBook",
    "TagTables",
    "WriteBack",
    "annotate",
    "decide",
    "keep",
    "rename",
    "undecided_tags",
    "undo",
]
