"""Hits as plain objects and as JSON: one place for the shell's output and for `Hits.to_json`."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from audioclip_search.results.records import Explanation, Hit
    from audioclip_search.types import Metadata

_SURROGATES = re.compile("[\ud800-\udfff]")


def hit_object(hit: Hit) -> dict[str, Any]:
    """A hit as JSON has it: texts, numbers, lists and mappings. Every key is always there; `why` is None unless the
    query asked for it."""
    return {
        "path": str(hit.path),
        "modality": hit.modality.value,
        "score": round(hit.score, 6),
        "start_s": round(hit.start_s, 3),
        "end_s": round(hit.end_s, 3),
        "tags": list(hit.tags),
        "rating": hit.rating,
        "offline": hit.offline,
        "cosine": round(hit.cosine, 6),
        "duration_s": round(hit.duration_s, 3),
        "metadata": _metadata(hit.metadata),
        "auto_tags": [
            {"label": tag.label, "probability": round(tag.probability, 6), "state": tag.state.value, "model": tag.model}
            for tag in hit.auto_tags
        ],
        "moments": [
            {"start_s": round(moment.start_s, 3), "end_s": round(moment.end_s, 3), "score": round(moment.score, 6)}
            for moment in hit.moments
        ],
        "why": None if hit.why is None else _explanation(hit.why),
    }


def as_json(value: Any) -> str:
    """JSON, two blanks of indentation, Unicode as it is; halves of characters in odd file names are escaped, so that
    the text can be written as UTF-8 and gives the same name when it is read."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return _SURROGATES.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


def hits_json(hits: Sequence[Hit]) -> str:
    """A list of `hit_object`s as JSON."""
    return as_json([hit_object(hit) for hit in hits])


def _metadata(metadata: Metadata) -> dict[str, Any]:
    fields: dict[str, list[str]] = {}
    for name, text in metadata.fields:
        fields.setdefault(name, []).append(text)
    return {
        "rate_hz": metadata.rate_hz,
        "channels": metadata.channels,
        "bits": metadata.bits,
        "width": metadata.width,
        "height": metadata.height,
        "fields": fields,
        "markers": [
            {"start_s": round(marker.start_s, 3), "end_s": round(marker.end_s, 3), "label": marker.label}
            for marker in metadata.markers
        ],
    }


def _explanation(why: Explanation) -> dict[str, Any]:
    return {
        "semantic": round(why.semantic, 6),
        "name": round(why.name, 6),
        "folder": round(why.folder, 6),
        "metadata": round(why.metadata, 6),
        "excluded": round(why.excluded, 6),
        "terms": [
            {
                "term": part.term,
                "weight": part.weight,
                "cosine": round(part.cosine, 6),
                "start_s": round(part.start_s, 3),
                "end_s": round(part.end_s, 3),
            }
            for part in why.terms
        ],
        "words": list(why.words),
    }
