"""What a picture says of itself: EXIF, IPTC, XMP, and PNG's texts."""

from __future__ import annotations

from typing import Any, BinaryIO

from PIL import ExifTags, Image, IptcImagePlugin

from audioclip_search.media.images import open_picture, quiet
from audioclip_search.media.metadata.fields import Findings, flaws_left_out
from audioclip_search.media.metadata.markup import MAX_XML_BYTES, read_xmp

_TURNED = 5  # from this EXIF orientation on, width and height are exchanged
_MAX_TEXTS = 200

_EXIF = {
    ExifTags.Base.ImageDescription: "description",
    ExifTags.Base.Artist: "artist",
    ExifTags.Base.Copyright: "copyright",
    ExifTags.Base.Make: "make",
    ExifTags.Base.Model: "model",
    ExifTags.Base.Software: "software",
    ExifTags.Base.DateTime: "modified",
}
_EXIF_WINDOWS = {
    ExifTags.Base.XPTitle: "title",
    ExifTags.Base.XPComment: "comment",
    ExifTags.Base.XPAuthor: "artist",
    ExifTags.Base.XPKeywords: "keywords",
    ExifTags.Base.XPSubject: "subject",
}
_EXIF_PHOTO = {ExifTags.Base.DateTimeOriginal: "date", ExifTags.Base.LensModel: "lens"}
# The first eight bytes of a comment say how it is written.
_COMMENT_CODES = {b"ASCII\0\0\0": "utf-8", b"UNICODE\0": "utf-16", b"JIS\0\0\0\0\0": "iso2022_jp"}

_IPTC = {
    (2, 5): "title",
    (2, 15): "category",
    (2, 20): "category",
    (2, 25): "keywords",
    (2, 40): "note",
    (2, 55): "date",
    (2, 80): "artist",
    (2, 90): "city",
    (2, 92): "location",
    (2, 95): "state",
    (2, 101): "country",
    (2, 105): "headline",
    (2, 110): "credit",
    (2, 115): "source",
    (2, 116): "copyright",
    (2, 120): "description",
}


def read_picture(file: BinaryIO, found: Findings) -> None:
    """Read a picture's header and metadata; its pixels are not decoded."""
    with flaws_left_out("pictures"), quiet(), open_picture(file) as image:
        found.picture(image.width, image.height)
        with flaws_left_out("EXIF data"):
            _read_exif(image, found)
        with flaws_left_out("IPTC data"):
            _read_iptc(image, found)
        with flaws_left_out("XMP data"):
            packet = image.info.get("xmp", b"")
            read_xmp(packet.encode() if isinstance(packet, str) else packet[:MAX_XML_BYTES], found)
        with flaws_left_out("texts"):
            _read_texts(image, found)


def _read_exif(image: Image.Image, found: Findings) -> None:
    exif = image.getexif()
    if exif.get(ExifTags.Base.Orientation, 1) in range(_TURNED, _TURNED + 4):
        found.picture(image.height, image.width)
    for tag, name in _EXIF.items():
        _add(found, name, exif.get(tag))
    for tag, name in _EXIF_WINDOWS.items():
        text = exif.get(tag)
        if isinstance(text, bytes):
            found.add(name, text.decode("utf-16-le", errors="replace").partition("\0")[0])
    photo = exif.get_ifd(ExifTags.IFD.Exif)
    for tag, name in _EXIF_PHOTO.items():
        _add(found, name, photo.get(tag))
    comment = photo.get(ExifTags.Base.UserComment)
    if isinstance(comment, bytes):
        code = _COMMENT_CODES.get(comment[:8])
        found.add("comment", comment[8:].decode(_utf_16(image, code), errors="replace") if code else comment)
    else:
        _add(found, "comment", comment)


def _utf_16(image: Image.Image, code: str) -> str:
    """UTF-16 in the order of the EXIF data, unless the comment has a mark of its own."""
    if code != "utf-16":
        return code
    return "utf-16-be" if image.info.get("exif", b"")[6:8] == b"MM" else "utf-16-le"


def _read_iptc(image: Image.Image, found: Findings) -> None:
    # It asks for the kind of picture itself.
    records: dict[Any, Any] = IptcImagePlugin.getiptcinfo(image) or {}  # type: ignore[arg-type]
    for tag, name in _IPTC.items():
        values = records.get(tag, [])
        for value in values if isinstance(values, list) else [values]:
            _add(found, name, value)


def _read_texts(image: Image.Image, found: Findings) -> None:
    """PNG's texts, which have names, and the comments of JPEG and GIF. Those behind a PNG's pixels are not read: Pillow
    would decode these first."""
    texts = [(str(name), text) for name, text in image.info.items() if isinstance(text, str)]
    for name, text in texts[:_MAX_TEXTS] if image.format == "PNG" else ():
        if not name.startswith(("XML:", "Raw profile")):
            found.add(name, text)
    _add(found, "comment", image.info.get("comment"))


def _add(found: Findings, name: str, value: object) -> None:
    if isinstance(value, str | bytes):
        found.add(name, value)
