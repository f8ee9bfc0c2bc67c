"""Tags that a model suggests and a person decides on: kept in the index by content, apart from the user's own tags."""

from audioclip_search.labelling.book import TagBook
from audioclip_search.labelling.decide import SUGGESTIONS, annotate, decide, rename, undo
from audioclip_search.labelling.journal import Change, Journal
from audioclip_search.labelling.records import (
    Action,
    OnTagProgress,
    Operation,
    TaggedFile,
    TagProgress,
    TagReport,
    TagStage,
    UndoReport,
    WriteReport,
    WrittenFile,
)
from audioclip_search.labelling.suggest import Found, Run, keep, undecided_tags
from audioclip_search.labelling.tables import AutoTags, TagTables
from audioclip_search.labelling.writing import WriteBack

__all__ = [
    "SUGGESTIONS",
    "Action",
    "AutoTags",
    "Change",
    "Found",
    "Journal",
    "OnTagProgress",
    "Operation",
    "Run",
    "TagBook",
    "TagProgress",
    "TagReport",
    "TagStage",
    "TagTables",
    "TaggedFile",
    "UndoReport",
    "WriteBack",
    "WriteReport",
    "WrittenFile",
    "annotate",
    "decide",
    "keep",
    "rename",
    "undecided_tags",
    "undo",
]
