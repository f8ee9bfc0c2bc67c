"""What the readers of metadata find, under the same names for every format, within limits that no file can break."""

from __future__ import annotations

import logging
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite

from mutagen import MutagenError
from PIL.Image import DecompressionBombError

from audioclip_search.errors import MediaError
from audioclip_search.types import Marker, Metadata

logger = logging.getLogger(__name__)

MAX_CHARACTERS = 10_000
"""How much of one field is kept."""

MAX_FIELDS = 500
"""How many fields of a file are kept."""

MAX_MARKERS = 2_000
"""How many markers of a file are kept."""

# All fields and markers of a file together.
_MAX_ALL_CHARACTERS = 200_000
_MAX_NAME = 40
_MAX_RATE_HZ = 100_000_000  # DSD's are a few millions
_MAX_COUNT = 1 << 20
_MAX_TIME_S = 1e9

# What the parsers of the libraries, and of this package, meet bytes with that they don't expect. `OSError` is among
# them because Pillow and mutagen have errors of that kind; the disk's own are told by whoever opened the file.
_FLAWS = (
    MutagenError,
    DecompressionBombError,
    MediaError,
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    SyntaxError,
    ArithmeticError,
    AssertionError,
    EOFError,
    NotImplementedError,
    RecursionError,
    MemoryError,
    struct.error,
    zlib.error,
)

# Other formats' names, in lower case and without anything between the letters, -> ours.
_NAMES = {
    alias: name
    for name, aliases in {
        "title": "inam nam tit2 tt2 name tracktitle songtitle xptitle objectname headline",
        "artist": "iart art auth author tpe1 tp1 xpauthor byline wmauthor",
        "album_artist": "aart albumartist tpe2 tp2 wmalbumartist",
        "album": "iprd alb talb tal cdtitle wmalbumtitle",
        "description": "desc ldes bwfdescription imagedescription caption captionabstract synopsis wmdescription",
        "comment": "icmt cmt comm com comments anno comt usercomment xpcomment",
        "keywords": "ikey keyw keyword tag tags xpkeywords",
        "subject": "isbj xpsubject",
        "genre": "ignr gen tcon tco wmgenre",
        "subgenre": "wmsubgenre",
        "mood": "tmoo wmmood",
        "grouping": "grp grp1 tit1 tt1 contentgroup wmcontentgroupdescription",
        "category": "catg wmcategory",
        "user_category": "usercategory",
        "vendor_category": "vendorcategory",
        "creator": "creatorid",
        "source": "sourceid",
        "microphone": "mictype",
        "mic_perspective": "micperspective",
        "note": "notes",
        "originator_reference": "bwforiginatorreference originatorref",
        "originator": "bwforiginator",
        "coding_history": "bwfcodinghistory",
        "date": "icrd day tdrc tyer tye tda tdor tdrl year datetimeoriginal datecreated wmyear tdat",
        "copyright": "icop c cprt tcop tcr rights copyrightnotice xmprights",
        "software": "isft too creatortool",
        "composer": "imus wrt tcom tcm wmcomposer",
        "engineer": "ieng recengineer",
        "language": "ilng tlan",
        "track": "iprt itrk trck trk wmtracknumber tracknumber",
        "tempo": "tbpm tbp bpm tmpo wmbeatsperminute",
        "key": "tkey tke initialkey wminitialkey inkey",
        "lyrics": "lyr",
        "isrc": "tsrc wmisrc",
        "track_year": "trackyear",
        "rec_type": "rectype",
        "rec_medium": "recmedium imed",
        "fxname": "fxname",
        "catid": "catid",
        "subcategory": "subcategory",
    }.items()
    for alias in aliases.split()
}

# What programs note for themselves: numbers, switches, pictures, fingerprints.
_MACHINE = re.compile(
    r"replaygain|r128|musicbrainz|acoustid|accuraterip|itun|metadatablock|coverart|waveformatext|encod|tsse|tlen|tflt"
    r"|cddb|mcdi|cuesheet|majorbrand|minorversion|compatiblebrands|handler|vendorid|wmencod|isvbr|deviceconformance"
    r"|wmfsdk|mediafoundation|mp3gain|aspectratio|duration$|bps|numberof|statistics|discid|unknown\d"
)
_WORD_ENDS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_BETWEEN = re.compile(r"[\W_]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]+")


class Findings:
    """Collects what readers find in one file."""

    def __init__(self) -> None:
        self.rate_hz = 0
        self.channels = 0
        self.bits = 0
        self.width = 0
        self.height = 0
        self._fields: dict[tuple[str, str], None] = {}
        self._markers: dict[Marker, None] = {}
        self._left = _MAX_ALL_CHARACTERS

    @property
    def any_fields(self) -> bool:
        """Whether there is a field already."""
        return bool(self._fields)

    def add(self, name: str, text: str | bytes) -> None:
        """Keep a field, unless it is empty, there already, nothing to a person, or beyond the limits.

        Args:
            name: As its format has it.
            text: Bytes are UTF-8, or else Windows-1252, and end at the first zero.
        """
        known = field_name(name)
        value = clean_text(text, min(MAX_CHARACTERS, self._left))
        if known and value and len(self._fields) < MAX_FIELDS and (known, value) not in self._fields:
            self._fields[known, value] = None
            self._left -= len(value)

    def mark(self, start_s: float, end_s: float, label: str | bytes) -> None:
        """Keep a marker, unless its time is none or it is beyond the limits. An end before the start is the start."""
        text = clean_text(label, min(MAX_CHARACTERS, self._left))
        if isfinite(start_s) and 0 <= start_s <= _MAX_TIME_S and len(self._markers) < MAX_MARKERS:
            end_s = max(start_s, end_s) if isfinite(end_s) and end_s <= _MAX_TIME_S else start_s
            self._markers[Marker(float(start_s), float(end_s), text)] = None
            self._left -= len(text)

    def sound(self, rate_hz: float, channels: int, bits: int | None = 0) -> None:
        """Keep what a sound's header says; numbers that are absurd count as none."""
        self.rate_hz = round(rate_hz) if 0 < rate_hz <= _MAX_RATE_HZ else 0
        self.channels = channels if 0 < channels <= _MAX_COUNT else 0
        self.bits = bits if bits and 0 < bits <= 64 else 0

    def picture(self, width: int, height: int) -> None:
        """Keep a picture's size, pixels."""
        self.width, self.height = width, height

    def metadata(self) -> Metadata:
        """What has been found."""
        return Metadata(
            rate_hz=self.rate_hz,
            channels=self.channels,
            bits=self.bits,
            width=self.width,
            height=self.height,
            fields=tuple(self._fields),
            markers=tuple(sorted(self._markers, key=lambda marker: marker.start_s)),
        )


@contextmanager
def flaws_left_out(what: str) -> Iterator[None]:
    """Log what is wrong with a part of a file instead of raising it; what was found before it stays."""
    try:
        yield
    except _FLAWS as error:
        logger.debug("unreadable %s are left out: %s", what, error or type(error).__name__)


def field_name(name: str) -> str:
    """Our name for another format's; a name unknown to us in lower case with underscores. Empty if no person wants to
    read such a field."""
    words = _BETWEEN.sub("_", _WORD_ENDS.sub("_", name[:200])).strip("_").lower()
    squeezed = words.replace("_", "")
    ours = _NAMES.get(squeezed)
    if ours is not None:
        return ours
    return "" if _MACHINE.match(squeezed) else words[:_MAX_NAME]


def clean_text(text: str | bytes, limit: int = MAX_CHARACTERS) -> str:
    """A text without control characters and surrounding blanks, no longer than `limit`, that can be written as
    UTF-8."""
    if isinstance(text, bytes):
        text = decode_text(text)
    text = text[: 2 * limit].encode(errors="replace").decode()
    return _CONTROLS.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n")).strip()[:limit].rstrip()


def decode_text(data: bytes) -> str:
    """Bytes up to the first zero as text: UTF-8, or else Windows-1252, in which any bytes can be read."""
    data = data.partition(b"\0")[0]
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
