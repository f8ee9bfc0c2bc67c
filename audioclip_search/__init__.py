"""Find sounds and pictures in your own folders by words, by a picture or by another sound, offline, with AudioCLIP.

Importing this is cheap: each name is loaded when it is first used.
"""

from __future__ import annotations

import importlib
import threading
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
    from audioclip_search.filters import Field, OneOf, Phrase, Range, format_amount
    from audioclip_search.labels import LabelSet
    from audioclip_search.language import Completion, complete
    from audioclip_search.library import Library
    from audioclip_search.mapping import FileVectors, LibraryMap
    from audioclip_search.media.drawing import Spectrogram, Waveform, spectrogram_levels, waveform
    from audioclip_search.media.images import thumbnail
    from audioclip_search.media.listening import SoundBlocks, SoundClip, extract_sound, read_sound, sound_blocks
    from audioclip_search.model.download import DownloadProgress
    from audioclip_search.model.registry import ModelStatus, best_installed, download_model, known_models
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
        Precision,
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
    "Completion",
    "DownloadError",
    "DownloadProgress",
    "DuplicateFile",
    "DuplicateGroup",
    "DuplicateTier",
    "Example",
    "Explanation",
    "ExportError",
    "ExportFormat",
    "Failure",
    "Field",
    "FileVectors",
    "Hit",
    "Hits",
    "ImportReport",
    "IndexHealth",
    "IndexInfo",
    "IndexLockedError",
    "LabelSet",
    "Library",
    "LibraryFile",
    "LibraryMap",
    "Marker",
    "MediaError",
    "Metadata",
    "Modality",
    "ModelError",
    "ModelIdentity",
    "ModelMismatchError",
    "ModelStatus",
    "Moment",
    "OneOf",
    "Operation",
    "Phrase",
    "Picture",
    "Precision",
    "Query",
    "QueryError",
    "Range",
    "Ranking",
    "RayEngine",
    "ScanRules",
    "SchemaVersionError",
    "Sound",
    "SoundBlocks",
    "SoundClip",
    "Spectrogram",
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
    "Waveform",
    "WeightsError",
    "WriteReport",
    "WrittenFile",
    "best_installed",
    "complete",
    "download_model",
    "extract_sound",
    "format_amount",
    "known_models",
    "read_sound",
    "sound_blocks",
    "spectrogram_levels",
    "thumbnail",
    "waveform",
]

_MODULES = {
    "bulk": (
        "Action",
        "Operation",
        "TagProgress",
        "TagReport",
        "TagStage",
        "TaggedFile",
        "UndoReport",
        "WriteReport",
        "WrittenFile",
    ),
    "duplicates": ("DuplicateFile", "DuplicateGroup", "DuplicateTier"),
    "filters": ("Field", "OneOf", "Phrase", "Range", "format_amount"),
    "labels": ("LabelSet",),
    "language": ("Completion", "complete"),
    "library": ("Library",),
    "mapping": ("FileVectors", "LibraryMap"),
    "media.drawing": ("Spectrogram", "Waveform", "spectrogram_levels", "waveform"),
    "media.images": ("thumbnail",),
    "media.listening": ("SoundBlocks", "SoundClip", "extract_sound", "read_sound", "sound_blocks"),
    "model.download": ("DownloadProgress",),
    "model.registry": ("ModelStatus", "best_installed", "download_model", "known_models"),
    "query": ("Example", "Picture", "Query", "Ranking", "Sound", "Term", "Text"),
    "results": ("Explanation", "Hit", "Hits", "Moment", "TermPart"),
    "watching": ("Watch",),
}
"""Where public names are that are neither errors nor in `types`."""


# Modules that import each other may be seen half made by a thread that imports another one of them at the same time.
_loading = threading.RLock()


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    elsewhere = {each: module for module, names in _MODULES.items() for each in names}
    module = elsewhere.get(name, "errors" if name.endswith("Error") else "types")
    with _loading:
        return getattr(importlib.import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
