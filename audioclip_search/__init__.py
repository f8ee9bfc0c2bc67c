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
        Failure,
        Hit,
        IndexInfo,
        Modality,
        ModelIdentity,
        SyncProgress,
        SyncReport,
        SyncStage,
    )

__version__ = "0.1.0"

__all__ = [
    "AudioCLIPSearchError",
    "CancelToken",
    "CancelledError",
    "DownloadError",
    "Failure",
    "Hit",
    "IndexInfo",
    "IndexLockedError",
    "Library",
    "MediaError",
    "Modality",
    "ModelError",
    "ModelIdentity",
    "ModelMismatchError",
    "QueryError",
    "SchemaVersionError",
    "StorageError",
    "SyncProgress",
    "SyncReport",
    "SyncStage",
    "WeightsError",
]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "library" if name == "Library" else "errors" if name.endswith("Error") else "types"
    return getattr(importlib.import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
