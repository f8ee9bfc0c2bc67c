"""Where the app keeps things. Asked when needed, never at import."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

APP_VARIABLE = "AUDIOCLIP_SEARCH_APP"
"""Names one folder for all that the app keeps, for a portable installation or a test."""

_NAME = "audioclip-search"


def data_dir() -> Path:
    """What must last: the app's own library, recordings, pasted pictures, saved searches."""
    return _own("data") or platformdirs.user_data_path(_NAME, appauthor=False) / "app"


def config_dir() -> Path:
    """Settings."""
    return _own("config") or platformdirs.user_config_path(_NAME, appauthor=False)


def cache_dir() -> Path:
    """What can be made again: waveforms and small pictures."""
    return _own("cache") or platformdirs.user_cache_path(_NAME, appauthor=False)


def log_dir() -> Path:
    """Logs and crash reports."""
    return _own("logs") or platformdirs.user_log_path(_NAME, appauthor=False)


def own_library() -> Path:
    """The root of the library that the app opens unless told otherwise: an empty folder beside whose index the user's
    folders are named."""
    return data_dir() / "library"


def _own(part: str) -> Path | None:
    folder = os.environ.get(APP_VARIABLE)
    return Path(folder).expanduser() / part if folder else None
