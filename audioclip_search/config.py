"""Where things live and what the environment asks for. Read when called, never at import."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

MIRROR_VARIABLE = "AUDIOCLIP_SEARCH_MIRROR"
MODELS_VARIABLE = "AUDIOCLIP_SEARCH_MODELS"
OFFLINE_VARIABLE = "AUDIOCLIP_SEARCH_OFFLINE"


def models_dir() -> Path:
    """Folder of the downloaded and imported models; it need not exist yet.

    `AUDIOCLIP_SEARCH_MODELS` if set, else `models` in the user's data folder for this program.
    """
    override = os.environ.get(MODELS_VARIABLE)
    if override:
        return Path(override).expanduser()
    return platformdirs.user_data_path("audioclip-search", appauthor=False) / "models"


def offline() -> bool:
    """Whether the network is off limits: `AUDIOCLIP_SEARCH_OFFLINE` is set to anything but 0, false, no or nothing."""
    return os.environ.get(OFFLINE_VARIABLE, "").strip().lower() not in {"", "0", "false", "no"}


def mirror() -> str:
    """Address of a folder with the released models' files under their names, `AUDIOCLIP_SEARCH_MIRROR`; empty if they
    come from where they were released."""
    return os.environ.get(MIRROR_VARIABLE, "").strip().rstrip("/")
