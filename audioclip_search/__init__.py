"""Find sounds and pictures in your own folders by words, by a picture or by another sound, offline, with AudioCLIP.

Importing this is cheap: each name is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from audioclip_search.errors import (
        AudioCLIPSearchError,
        CancelledError,
        DownloadError,
        IndexLockedError,
        MediaError,
        ModelError,
        ModelMismatchError,
        QueryError,
        SchemaVersionError,
        StorageError,
        WeightsError,
    )
    from audioclip_search.library import Library
    from audioclip_search.types import (
        CancelToken,
        ExportFormat,
        Failure,
        Hit,
        ImportReport,
        IndexHealth,
        IndexInfo,
        LibraryFile,
        Modality,
        ModelIdentity,
        RayEngine,
        ScanRules,
        SyncProgress,
        SyncReport,
        SyncStage,
        VectorType,
    )
    from audioclip_search.watching import Watch

__version__ = "0.1.0"

__all__ = [
    "AudioCLIPSearchError",
    "CancelToken",
    "CancelledError",
    "DownloadError",
    "ExportFormat",
    "Failure",
    "Hit",
    "ImportReport",
    "IndexHealth",
    "IndexInfo",
    "IndexLockedError",
    "Library",
    "LibraryFile",
    "MediaError",
    "Modality",
    "ModelError",
    "ModelIdentity",
    "ModelMismatchError",
    "QueryError",
    "RayEngine",
    "ScanRules",
    "SchemaVersionError",
    "StorageError",
    "SyncProgress",
    "SyncReport",
    "SyncStage",
    "VectorType",
    "Watch",
    "WeightsError",
]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    elsewhere = {"Library": "library", "Watch": "watching"}
    module = elsewhere.get(name, "errors" if name.endswith("Error") else "types")
    return getattr(importlib.import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
