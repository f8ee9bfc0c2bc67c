"""Find sounds and pictures in your own folders by words, by a picture or by another sound, offline, with AudioCLIP.

Importing this is cheap: each name is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from audioclip_search.bulk import (
        Action,
        Operation,
        TaggedFile,
        TagProgress,
        TagReport,
        TagStage,
        UndoReport,
        WriteReport,
        WrittenFile,
    )
    from audioclip_search.duplicates import DuplicateFile, DuplicateGroup, DuplicateTier
    from audioclip_search.errors import (
        AudioCLIPSearchError,
        CancelledError,
        DownloadError,
        ExportError,
        IndexLockedError,
        MediaError,
        ModelError,
        ModelMismatchError,
        QueryError,
        SchemaVersionError,
        StorageError,
        WeightsError,
    )
    from audioclip_search.labels import LabelSet
    from audioclip_search.library import Library
    from audioclip_search.query import Example, Picture, Query, Ranking, Sound, Term, Text
    from audioclip_search.results import Explanation, Hit, Hits, Moment, TermPart
    from audioclip_search.types import (
        AutoTag,
        CancelToken,
        ExportFormat,
        Failure,
        ImportReport,
        IndexHealth,
        IndexInfo,
        LibraryFile,
        Marker,
        Metadata,
        Modality,
        ModelIdentity,
        RayEngine,
        ScanRules,
        SyncProgress,
        SyncReport,
        SyncStage,
        TagState,
        VectorType,
    )
    from audioclip_search.watching import Watch

__version__ = "0.1.0"

__all__ = [
    "Action",
    "AudioCLIPSearchError",
    "AutoTag",
    "CancelToken",
    "CancelledError",
    "DownloadError",
    "DuplicateFile",
    "DuplicateGroup",
    "DuplicateTier",
    "Example",
    "Explanation",
    "ExportError",
    "ExportFormat",
    "Failure",
    "Hit",
    "Hits",
    "ImportReport",
    "IndexHealth",
    "IndexInfo",
    "IndexLockedError",
    "LabelSet",
    "Library",
    "LibraryFile",
    "Marker",
    "MediaError",
    "Metadata",
    "Modality",
    "ModelError",
    "ModelIdentity",
    "ModelMismatchError",
    "Moment",
    "Operation",
    "Picture",
    "Query",
    "QueryError",
    "Ranking",
    "RayEngine",
    "ScanRules",
    "SchemaVersionError",
    "Sound",
    "StorageError",
    "SyncProgress",
    "SyncReport",
    "SyncStage",
    "TagProgress",
    "TagReport",
    "TagStage",
    "TagState",
    "TaggedFile",
    "Term",
    "TermPart",
    "Text",
    "UndoReport",
    "VectorType",
    "Watch",
    "WeightsError",
    "WriteReport",
    "WrittenFile",
]

_BULK = ("Action", "Operation", "TagProgress", "TagReport", "TagStage", "TaggedFile", "UndoReport")
_WRITING = ("WriteReport", "WrittenFile")
_DUPLICATES = ("DuplicateFile", "DuplicateGroup", "DuplicateTier")
_QUERIES = ("Example", "Picture", "Query", "Ranking", "Sound", "Term", "Text")
_RESULTS = ("Explanation", "Hit", "Hits", "Moment", "TermPart")


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    elsewhere = {"LabelSet": "labels", "Library": "library", "Watch": "watching"}
    elsewhere |= dict.fromkeys(_QUERIES, "query") | dict.fromkeys(_RESULTS, "results")
    elsewhere |= dict.fromkeys((*_BULK, *_WRITING), "bulk") | dict.fromkeys(_DUPLICATES, "duplicates")
    module = elsewhere.get(name, "errors" if name.endswith("Error") else "types")
    return getattr(importlib.import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
