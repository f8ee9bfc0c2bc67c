"""What pictures say of themselves."""

from __future__ import annotations

import io
import struct
from typing import Any

import pytest
from malformed import png
from media_files import picture
from PIL import ExifTags, Image, PngImagePlugin

from audioclip_search.media import load_metadata
from audioclip_search.types import Metadata, Modality

Base = ExifTags.Base

PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 photoshop:City="Köln" photoshop:Headline="Flood">
<dc:subject><rdf:Bag><rdf:li>river</rdf:li><rdf:li>water</rdf:li></rdf:Bag></dc:subject>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">The Rhine rises</rdf:li></rdf:Alt></dc:description>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>""".encode()
IN_PACKET = {"city": ["Köln"], "title": ["Flood"], "keywords": ["river", "water"], "description": ["The Rhine rises"]}


def read(data: bytes) -> Metadata:
    return load_metadata(data, Modality.IMAGE)


def fields(data: bytes) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, text in read(data).fields:
        found.setdefault(name, []).append(text)
    return found


def exif(**tags: Any) -> Image.Exif:
    data = Image.Exif()
    for name, value in tags.items():
        group = data.get_ifd(ExifTags.IFD.Exif) if name in ("DateTimeOriginal", "UserComment") else data
        group[getattr(Base, name)] = value
    return data


def iptc(*records: tuple[int, bytes]) -> bytes:
    """A JPEG with IPTC data: number of the record, text."""
    block = b"".join(b"\x1c\x02" + bytes([number]) + struct.pack(">H", len(text)) + text for number, text in records)
    resource = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(block)) + block + bytes(len(block) % 2)
    segment = b"Photoshop 3.0\0" + resource
    data = picture("JPEG")
    return data[:2] + b"\xff\xed" + struct.pack(">H", len(segment) + 2) + segment + data[2:]


@pytest.mark.parametrize("file_format", ["JPEG", "TIFF", "WEBP", "PNG", "AVIF"])
def test_exif(file_format: str) -> None:
    tags = exif(
        ImageDescription="A flood",
        Artist="Anna",
        Copyright="us",
        Make="Maker",
        Model="M1",
        XPTitle="Höhe\0".encode("utf-16-le"),
        XPKeywords="river;water\0".encode("utf-16-le"),
        DateTimeOriginal="2024:05:17 12:00:00",
        UserComment=b"ASCII\0\0\0wet",
    )
    assert fields(_saved(file_format, exif=tags.tobytes())) == {
        "description": ["A flood"],
        "artist": ["Anna"],
        "copyright": ["us"],
        "make": ["Maker"],
        "model": ["M1"],
        "title": ["Höhe"],
        "keywords": ["river;water"],
        "date": ["2024:05:17 12:00:00"],
        "comment": ["wet"],
    }


def _saved(file_format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.open(io.BytesIO(picture("PNG"))).convert("RGB").save(file, file_format, **options)
    return file.getvalue()


@pytest.mark.parametrize("order", ["utf-16-le", "utf-16-be"])
def test_comments_in_utf_16(order: str) -> None:
    data = Image.Exif()
    data.endian = "<" if order == "utf-16-le" else ">"
    data.get_ifd(ExifTags.IFD.Exif)[Base.UserComment] = b"UNICODE\0" + "naß".encode(order)
    assert fields(_saved("JPEG", exif=data.tobytes())) == {"comment": ["naß"]}


@pytest.mark.parametrize("file_format", ["JPEG", "TIFF", "WEBP", "AVIF"])
def test_xmp(file_format: str) -> None:
    options: dict[str, Any] = {"xmp": PACKET}
    if file_format == "TIFF":
        options = {"tiffinfo": {700: PACKET}}
    assert fields(_saved(file_format, **options)) == IN_PACKET


def test_xmp_and_texts_of_a_png() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", PACKET.decode())
    info.add_text("Title", "Flood")
    info.add_itxt("Author", "Änne", zip=True)
    found = fields(_saved("PNG", pnginfo=info))
    assert found == {**IN_PACKET, "artist": ["Änne"]}


def test_iptc() -> None:
    data = iptc(
        (5, b"Flood"),
        (25, b"river"),
        (25, b"water"),
        (80, b"Anna"),
        (90, b"K\xf6ln"),
        (105, b"Head"),
        (120, b"It"),
    )
    assert fields(data) == {
        "title": ["Flood", "Head"],
        "keywords": ["river", "water"],
        "artist": ["Anna"],
        "city": ["Köln"],
        "description": ["It"],
    }


def test_comments_of_jpeg_and_gif() -> None:
    assert fields(_saved("JPEG", comment="naß".encode())) == {"comment": ["naß"]}
    assert fields(_saved("GIF", comment=b"wet")) == {"comment": ["wet"]}


def test_size_is_that_of_the_picture_the_right_way_up() -> None:
    assert (read(picture("JPEG")).width, read(picture("JPEG")).height) == (72, 60)
    turned = read(_saved("JPEG", exif=exif(Orientation=6)))
    assert (turned.width, turned.height) == (60, 72)


HOSTILE = {
    "many entities": b'<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;&a;">]><x><title>&c;</title></x>',
    "the same in UTF-16": '<!DOCTYPE x [<!ENTITY a "b">]><x><title>&a;</title></x>'.encode("utf-16"),
    "deep": b"<x>" * 100_000,
    "wide": b"<x>" + b"<y/>" * 200_000 + b"</x>",
    "nothing": b"\0\0\0",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_xmp(name: str) -> None:
    found = read(_saved("WEBP", xmp=HOSTILE[name]))
    assert (found.width, found.fields) == (72, ())


def test_what_is_no_picture_has_no_metadata() -> None:
    assert read(b"") == read(b"rain") == Metadata()
    assert read(png(100_000, 100_000)) == Metadata()
