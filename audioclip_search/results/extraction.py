"""A part of a hit as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from audioclip_search.errors import ExportError, MediaError
from audioclip_search.media import extract_audio
from audioclip_search.types import Modality

if TYPE_CHECKING:
    from audioclip_search.results.records import Hit


def extract(hit: Hit, target: Path, *, start_s: float, end_s: float, fade_s: float, overwrite: bool) -> None:
    """See `Hit.extract`."""
    if hit.modality is not Modality.AUDIO:
        kind = "picture" if hit.modality is Modality.IMAGE else "text"
        raise ExportError(f"a {kind} has no part to extract", path=hit.path, remedy="Only sounds have")
    try:
        extract_audio(
            hit.path,
            target,
            start_s=start_s,
            end_s=end_s,
            fade_s=fade_s,
            metadata=hit.metadata,
            overwrite=overwrite,
        )
    except MediaError as error:
        if not hit.path.exists():
            moved = "It has moved or is gone: run `audioclip-search index`"
            error.remedy = "Connect the drive that it is on" if hit.offline else moved
        raise
