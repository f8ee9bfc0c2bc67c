"""Why a file was found, in words, for those who rest the pointer on it."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QCoreApplication

from audioclip_search import Explanation, Modality
from gui import theme
from gui.models.results import clock, size_text
from gui.records import Row

_MOST_TERMS = 4
_LEAST_PART = 0.005


def why_html(row: Row) -> str:
    """A tooltip in rich text."""
    colours = theme.tokens()
    lines = [f"<b>{escape(row.name)}</b>", f"<span style='color:{colours.muted}'>{escape(row.folder)}</span>"]
    if facts := " · ".join(_facts(row)):
        lines.append(f"<span style='color:{colours.muted}'>{facts}</span>")
    if row.failure:
        reason = _tr("It can't be found by its content: {0}").format(escape(row.failure))
        lines.append(f"<span style='color:{colours.bad}'>{reason}</span>")
    if row.offline:
        lines.append(f"<span style='color:{colours.warning}'>{_tr('Its drive is not connected')}</span>")
    text = "<br>".join(lines)
    if row.score is not None and row.why is not None:
        text += _parts(row, row.why)
    return f"<div style='max-width:420px'>{text}</div>"


def _facts(row: Row) -> list[str]:
    facts = []
    if row.duration_s:
        facts.append(clock(row.duration_s))
    if row.width:
        facts.append(f"{row.width} × {row.height}")
    if row.rate_hz:
        facts.append(f"{row.rate_hz / 1000:g} kHz")
    if row.bits:
        facts.append(_tr("{0} bits").format(row.bits))
    if row.size:
        facts.append(size_text(row.size))
    return facts


def _parts(row: Row, why: Explanation) -> str:
    colours = theme.tokens()
    heard = _tr("What it sounds like") if row.modality is Modality.AUDIO else _tr("What it shows")
    parts = [
        (heard, why.semantic),
        (_tr("Its name"), why.name),
        (_tr("Its folder"), why.folder),
        (_tr("Metadata and tags"), why.metadata),
        (_tr("Taken off for what is excluded"), -why.excluded),
    ]
    cells = "".join(
        f"<tr><td style='padding-right:16px'>{escape(name)}</td><td align='right'>{value:.0%}</td></tr>"
        for name, value in parts
        if abs(value) >= _LEAST_PART
    )
    score = _tr("{0} match").format(f"{row.score or 0:.0%}")
    text = f"<p style='margin:8px 0 2px 0;color:{colours.accent_text}'><b>{score}</b></p><table>{cells}</table>"
    notes = []
    if row.end_s > row.start_s and row.modality is Modality.AUDIO:
        notes.append(_tr("Best from {0} to {1}").format(clock(row.start_s), clock(row.end_s)))
    if why.words:
        notes.append(_tr("Words found: {0}").format(", ".join(escape(word) for word in why.words)))
    if len(why.terms) > 1:
        notes.extend(
            f"{escape(part.term)}: {part.cosine:.2f}" + (f" × {part.weight:g}" if part.weight != 1 else "")
            for part in why.terms[:_MOST_TERMS]
        )
    return text + "".join(f"<div style='color:{colours.muted}'>{note}</div>" for note in notes)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Why", text)
