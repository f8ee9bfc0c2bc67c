"""Hits as notebooks show them: a table with something to hear and to see. Names of files are hostile here: whatever
they hold, it is text."""

from __future__ import annotations

import base64
import io
import logging
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import soundfile
from PIL import Image

from audioclip_search.errors import AudioCLIPSearchError
from audioclip_search.media import load_excerpt, load_image, load_text
from audioclip_search.results.spectrogram import png, spectrogram
from audioclip_search.results.wording import clock, percent, printable
from audioclip_search.types import FloatArray, Modality

if TYPE_CHECKING:
    from audioclip_search.results.records import Explanation, Hit, Hits

logger = logging.getLogger(__name__)

MAX_ROWS = 20
"""How many hits are shown."""

MAX_EXCERPT_S = 10.0
"""How much of a sound is embedded."""

_RATE_HZ = 22_050
_THUMBNAIL = (240, 96)
_MAX_CHARACTERS = 200
_CELL = "text-align:left;vertical-align:middle;padding:4px 10px"
_FAINT = "opacity:0.65;font-size:smaller"


def hits_html(hits: Hits) -> str:
    """A table of the first hits; of the closest, if nothing matches."""
    shown = hits.items or hits.closest
    parts = [f'<div style="{_CELL}">{_summary(hits)}</div>', _table(shown[:MAX_ROWS])]
    if len(shown) > MAX_ROWS:
        parts.append(f'<div style="{_CELL}">… and {len(shown) - MAX_ROWS} more</div>')
    return "".join(parts)


def hit_html(hit: Hit) -> str:
    """One hit."""
    return _table([hit])


def _summary(hits: Hits) -> str:
    asked = f" for <b>{_text(hits.query)}</b>" if hits.query else ""
    if hits.nothing:
        return f"Nothing matches{asked}" + (". The closest are:" if hits.closest else ".")
    more = ", and more on the next page" if hits.more else ""
    return f"{len(hits)} {'hit' if len(hits) == 1 else 'hits'}{asked}{more}"


def _table(hits: Sequence[Hit]) -> str:
    rows = "".join(f"<tr>{''.join(_cells(hit))}</tr>" for hit in hits)
    return f'<table style="border-collapse:collapse">{rows}</table>' if rows else ""


def _cells(hit: Hit) -> list[str]:
    faint = [f"{_text(str(hit.path.parent))}"]
    if hit.why is not None:
        faint.append(_why(hit.why))
    tags = " ".join(
        f'<span style="border:1px solid;border-radius:8px;padding:0 6px">{_text(tag)}</span>' for tag in hit.tags
    )
    about = [
        f'<b title="{_text(str(hit.path))}">{_text(hit.path.name)}</b>',
        *(f'<span style="{_FAINT}">{line}</span>' for line in faint),
        " ".join(part for part in ("★" * hit.rating, tags) if part),
    ]
    return [
        f'<td style="{_CELL};font-size:larger">{percent(hit.score)}</td>',
        f'<td style="{_CELL}">{_medium(hit)}</td>',
        f'<td style="{_CELL}">{_spans(hit)}</td>',
        f'<td style="{_CELL}">{"<br>".join(line for line in about if line)}</td>',
    ]


def _spans(hit: Hit) -> str:
    if hit.modality is not Modality.AUDIO:
        return "picture" if hit.modality is Modality.IMAGE else "text"
    spans = [(one.start_s, one.end_s) for one in hit.moments] or [(hit.start_s, hit.end_s)]
    return "<br>".join(f"{clock(start_s)}–{clock(end_s)}" for start_s, end_s in spans[:5])


def _why(why: Explanation) -> str:
    parts = {name: getattr(why, name) for name in ("semantic", "name", "folder", "metadata", "excluded")}
    told = [f"{name} {value:.2f}" for name, value in parts.items() if value]
    if why.words:
        told.append(f"words: {_text(' '.join(why.words))}")
    return ", ".join(told)


def _medium(hit: Hit) -> str:
    """Something to hear or see, or why there is nothing."""
    if hit.offline:  # which is not looked at: a network that is down can make one wait
        return _note("offline")
    try:
        match hit.modality:
            case Modality.AUDIO:
                return _sound(hit)
            case Modality.IMAGE:
                image = load_image(hit.path)
                image.thumbnail(_THUMBNAIL)
                return _image(image)
            case Modality.TEXT:
                text = " ".join(load_text(hit.path).split())
                return _note(text if len(text) <= _MAX_CHARACTERS else f"{text[:_MAX_CHARACTERS]}…")
    except AudioCLIPSearchError as error:
        logger.debug("not shown: %s", error)
        return _note(error.reason)


def _sound(hit: Hit) -> str:
    best = hit.moments[0] if hit.moments else hit
    end_s = min(best.end_s, best.start_s + MAX_EXCERPT_S)
    samples = load_excerpt(hit.path, start_s=best.start_s, end_s=end_s, rate_hz=_RATE_HZ)
    kind, data = _encoded(samples)
    source = f"data:audio/{kind};base64,{base64.b64encode(data).decode()}"
    player = f'<audio controls preload="none" style="width:240px;height:32px;display:block" src="{source}"></audio>'
    return _image(spectrogram(samples, _RATE_HZ)) + player


def _encoded(samples: FloatArray) -> tuple[str, bytes]:
    """What every browser plays: MP3, of a sixth of a WAV's size; a WAV where libsndfile was built without MP3."""
    file = io.BytesIO()
    if "MP3" in soundfile.available_formats():
        soundfile.write(file, samples, _RATE_HZ, format="MP3")
        return "mpeg", file.getvalue()
    soundfile.write(file, samples, _RATE_HZ, format="WAV", subtype="PCM_16")
    return "wav", file.getvalue()


def _image(image: Image.Image) -> str:
    if image.mode == "P":
        kind, data = "png", png(image)
    else:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=80)
        kind, data = "jpeg", file.getvalue()
    size = f'width="{image.width}" height="{image.height}"'
    return f'<img alt="" style="display:block" {size} src="data:image/{kind};base64,{base64.b64encode(data).decode()}">'


def _note(text: str) -> str:
    return f'<span style="{_FAINT}">{_text(text)}</span>'


def _text(text: str) -> str:
    return escape(printable(text))
