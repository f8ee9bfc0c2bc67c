"""XML in sound files (iXML) and in pictures and sounds (XMP). No document type, no entities: those are how a small file
fills the memory, and neither format has them."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from audioclip_search.errors import MediaError
from audioclip_search.media.metadata.fields import Findings, decode_text

MAX_XML_BYTES = 1 << 20
"""How much of an XML chunk is read."""

_MAX_ELEMENTS = 20_000
_MAX_DEPTH = 50
_PIECE = 1 << 14

# Parts of iXML that are for programs.
_UNREAD = {
    "IXML_VERSION",
    "SPEED",
    "SYNC_POINT_LIST",
    "FILE_UID",
    "UBITS",
    "FILE_SET",
    "TRACK_COUNT",
    "CHANNEL_INDEX",
    "INTERLEAVE_INDEX",
    "BWF_TIME_REFERENCE_LOW",
    "BWF_TIME_REFERENCE_HIGH",
    "BWF_VERSION",
    "BWF_UMID",
    "BWF_RESERVED",
    "FILE_SAMPLE_RATE",
    "EMBEDDER",
}
_IXML_NAMES: dict[tuple[str, ...], str] = {("TRACK", "NAME"): "track_name", ("TRACK", "FUNCTION"): "track_function"}

# What XMP has for people to read, by the last part of an element's or attribute's name.
_XMP_NAMES = {
    "title": "title",
    "description": "description",
    "subject": "keywords",
    "creator": "creator",
    "rights": "copyright",
    "Headline": "headline",
    "Credit": "credit",
    "Source": "source",
    "City": "city",
    "State": "state",
    "Country": "country",
    "Location": "location",
    "Category": "category",
    "SupplementalCategories": "category",
    "Instructions": "note",
    "DateCreated": "date",
    "UserComment": "comment",
    "hierarchicalSubject": "keywords",
    # xmpDM, which audio editors write
    "artist": "artist",
    "album": "album",
    "genre": "genre",
    "composer": "composer",
    "engineer": "engineer",
    "scene": "scene",
    "tapeName": "tape",
    "shotName": "take",
    "logComment": "comment",
    "comment": "comment",
    "releaseDate": "date",
    "instrument": "instrument",
    "key": "key",
    "tempo": "tempo",
    "copyright": "copyright",
}


def read_ixml(data: bytes, found: Findings) -> None:
    """The fields of an iXML chunk: its own, those of ASWG and those that programs put into USER.

    Raises:
        MediaError: It is broken or has a document type; what is before stays.
    """
    for path, text, _ in _elements(data):
        if _UNREAD.isdisjoint(path):
            name = path[-1]
            if path[-2:] in (("ATTR", "NAME"), ("ATTR", "TYPE"), ("ATTR", "VALUE")):
                continue  # an editor's attributes, pairs of its own
            found.add(_IXML_NAMES.get(path[-2:], name), text)


def read_xmp(data: bytes, found: Findings) -> None:
    """The fields of an XMP packet, whether written as elements or as attributes.

    Raises:
        MediaError: As for `read_ixml`.
    """
    for path, text, attributes in _elements(data):
        for name, value in attributes:
            if name in _XMP_NAMES:
                found.add(_XMP_NAMES[name], value)
        # <dc:subject><rdf:Bag><rdf:li>…, or the text right in the element
        property_name = next((name for name in reversed(path) if name not in ("li", "Bag", "Seq", "Alt")), "")
        if text and property_name in _XMP_NAMES:
            found.add(_XMP_NAMES[property_name], text)


Element = tuple[tuple[str, ...], str, list[tuple[str, str]]]


def _elements(data: bytes) -> Iterator[Element]:
    """Path of names, text and attributes of each element when it ends, up to where the XML is broken."""
    text = _decoded(data)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise MediaError("XML with a document type")
    path: list[str] = []
    count = 0
    try:
        for event, element in _events(text):
            if event == "start":
                path.append(_local(element.tag))
                count += 1
                if len(path) > _MAX_DEPTH or count > _MAX_ELEMENTS:
                    raise MediaError("XML too large")
                continue
            attributes = [(_local(name), value) for name, value in element.attrib.items()]
            yield tuple(path), (element.text or "").strip(), attributes
            path.pop()
    except ElementTree.ParseError as error:
        raise MediaError(f"broken XML ({error})") from error


def _events(text: str) -> Iterator[tuple[str, ElementTree.Element]]:
    """Piece by piece, so that the caller can stop before all of it is in memory as elements."""
    parser: Any = ElementTree.XMLPullParser(events=("start", "end"))
    for at in range(0, len(text), _PIECE):
        parser.feed(text[at : at + _PIECE])
        yield from parser.read_events()


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16", errors="replace").partition("\0")[0]
    else:
        text = decode_text(data)
    # What it says of its encoding is done with, and often wrong.
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text).strip()
