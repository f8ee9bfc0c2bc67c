"""Facts of files in words."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QCoreApplication

from audioclip_search import Explanation, Modality
from gui.models.results import clock, size_text
from gui.organisation import SelectionSummary
from gui.records import Row
from gui.views.facts import Bar

_LEAST_PART = 0.005


def facts_of(row: Row) -> list[tuple[str, str]]:
    """What kind of file it is: names and values, empty where there is none."""
    channels = {0: "", 1: _tr("Mono"), 2: _tr("Stereo")}.get(row.channels, f"{row.channels}")
    changed = datetime.fromtimestamp(row.mtime_ns / 1e9).strftime("%Y-%m-%d %H:%M") if row.mtime_ns else ""
    return [
        (_tr("Format"), row.format),
        (_tr("Length"), clock(row.duration_s) if row.duration_s else ""),
        (_tr("Sample rate"), f"{row.rate_hz / 1000:g} kHz" if row.rate_hz else ""),
        (_tr("Channels"), channels),
        (_tr("Depth"), _tr("{0} bits").format(row.bits) if row.bits else ""),
        (_tr("Pixels"), f"{row.width} × {row.height}" if row.width else ""),
        (_tr("Size"), size_text(row.size) if row.size else ""),
        (_tr("Modified"), changed),
    ]


def facts_of_many(summary: SelectionSummary) -> list[tuple[str, str]]:
    """What files are together."""
    given = [(stars, count) for stars, count in enumerate(summary.ratings) if stars and count]
    return [
        (_tr("Length"), clock(summary.duration_s) if summary.duration_s else ""),
        (_tr("Size"), size_text(summary.size)),
        (_tr("Folders"), f"{summary.folders:,}"),
        (_tr("Favourites"), f"{summary.favourites:,}"),
        (_tr("Ratings"), ", ".join(f"{'★' * stars} {count:,}" for stars, count in reversed(given))),
    ]


def kinds_of(summary: SelectionSummary) -> list[str]:
    """How many of each kind."""
    names = {
        Modality.AUDIO: (_tr("one sound"), _tr("{0} sounds")),
        Modality.IMAGE: (_tr("one picture"), _tr("{0} pictures")),
        Modality.TEXT: (_tr("one text"), _tr("{0} texts")),
    }
    return [
        names[Modality(kind)][0] if count == 1 else names[Modality(kind)][1].format(f"{count:,}")
        for kind, count in summary.kinds
    ]


def bars_of(row: Row, why: Explanation) -> list[Bar]:
    """What a score is made of; at least what the file is like."""
    heard = _tr("Sounds like it") if row.modality is Modality.AUDIO else _tr("Shows it")
    parts = [
        Bar(heard, why.semantic),
        Bar(_tr("Name"), why.name),
        Bar(_tr("Folder"), why.folder),
        Bar(_tr("Metadata"), why.metadata),
        Bar(_tr("Excluded"), why.excluded, negative=True),
    ]
    return [part for part in parts if part.share >= _LEAST_PART] or parts[:1]


def notes_of(row: Row, why: Explanation) -> list[str]:
    """What else there is to say about why it was found."""
    notes = []
    if row.modality is Modality.AUDIO and row.end_s > row.start_s:
        notes.append(_tr("Best from {0} to {1}").format(clock(row.start_s), clock(row.end_s)))
    if why.words:
        notes.append(_tr("Words found: {0}").format(", ".join(why.words)))
    return notes


def _tr(text: str) -> str:
    return QCoreApplication.translate("Describing", text)
