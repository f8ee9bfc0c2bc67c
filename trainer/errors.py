"""What a training can be given wrongly; see `audioclip_search.errors` for the root of the tree."""

from __future__ import annotations

from audioclip_search.errors import AudioCLIPSearchError


class DataError(AudioCLIPSearchError):
    """A data set on disk is incomplete, damaged, or not in its official layout."""


class SettingsError(AudioCLIPSearchError):
    """A setting is unknown, out of range, or contradicts another one."""
