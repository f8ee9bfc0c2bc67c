"""Pictures of any kind as plain RGB, the right way up."""

from __future__ import annotations

import ctypes
import functools
import logging
import struct
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil, sqrt
from typing import BinaryIO

import numpy as np
from PIL import ExifTags, Image, TiffTags, UnidentifiedImageError, _imaging

from audioclip_search.errors import MediaError
from audioclip_search.media.source import Source, open_source

logger = logging.getLogger(__name__)

MAX_PIXELS = 178_000_000
"""The largest picture that is decoded. Pillow's own limit, at its default, is a little above."""

_MAX_ASPECT = 500
# Above this a picture is brought to a fraction of its size, still many times what any model looks at: a JPEG while it
# is decoded, others before anything is done with them that needs copies.
_DRAFT_PIXELS = 1 << 25
_DRAFT_SIDE = 2_048
# Above this, pictures are decoded one at a time: each can take a gigabyte, whatever the size of its file.
_LONE_PIXELS = 1 << 26

# Pillow's other formats are for documents, scripts or research data, or start external programs.
_FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "BMP", "DIB", "GIF", "TIFF", "PPM")

_EXACT = ("png", "bmp", "dib", "gif", "tiff", "ppm")

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_warnings_lock = threading.RLock()


def load_image(source: Source) -> Image.Image:
    """Decode a picture: RGB, 8 bits, of an animation the first frame, upright as its EXIF orientation says.

    Transparent parts become white (dropping the alpha channel would show whatever colour hides below). Grey of 16 bits
    is scaled, not clipped. Colour profiles are not applied. Pictures beyond 33 megapixels come at a fraction of their
    size.

    Raises:
        MediaError: It can't be read, is no picture of a known format, is truncated or damaged, larger than
            `MAX_PIXELS`, or a strip more than 500 times as long as wide.
    """
    with _opened(source) as image, _in_turn(image):
        if image.width * image.height > _DRAFT_PIXELS:
            image.draft(None, (_DRAFT_SIDE, _DRAFT_SIDE))
        return _plain(image)


def thumbnail(source: Source, *, side: int) -> Image.Image:
    """A picture in small, quickly: of a JPEG only a fraction is decoded.

    Args:
        source: The file.
        side: The most pixels of its longer side; a smaller picture stays as small as it is.

    Returns:
        RGB, upright, as `load_image` gives it.

    Raises:
        MediaError: As for `load_image`.
    """
    with _opened(source) as image:
        with _in_turn(image):
            image.draft(None, (2 * side, 2 * side))
            small = _plain(image)
        small.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
        return small


def picture_encoding(source: Source) -> tuple[str, bool]:
    """How a picture is encoded (`png`, `jpeg`, …), and whether nothing is lost by that, which of WebP and AVIF nobody
    can tell.

    Raises:
        MediaError: It is no picture of a known format.
    """
    with open_source(source) as file, _translated(), open_picture(file) as image:
        name = (image.format or "").lower()
        return name, name in _EXACT


def convert_image(image: Image.Image) -> Image.Image:
    """A picture that is already open in Pillow, which may read it only now, as `load_image` gives one. The original is
    not changed.

    Raises:
        MediaError: As for `load_image`.
    """
    with _translated():
        _require_sane_size(image)
        with _in_turn(image):
            return _plain(image)


@contextmanager
def _opened(source: Source) -> Iterator[Image.Image]:
    with open_source(source) as file:
        if not file.read(1):
            raise MediaError("the file is empty")
        with _translated(), open_picture(file) as image:
            _require_sane_size(image)
            yield image


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except MediaError:
        raise
    except Image.DecompressionBombError as error:
        raise MediaError(_too_large()) from error
    except UnidentifiedImageError as error:
        raise MediaError("not a picture, or in a format that can't be read") from error
    # Pillow's parsers meet bytes they don't expect with nearly every built-in exception.
    except Exception as error:
        raise MediaError(f"broken picture ({error or type(error).__name__})") from error


def _plain(image: Image.Image) -> Image.Image:
    if image.format == "TIFF":
        _hush_tiff(image)
    image.load()
    method = _UPRIGHT.get(_orientation(image))
    smaller = _reduced(image)
    upright = smaller if method is None else smaller.transpose(method)
    return _flattened(upright)


def _reduced(image: Image.Image) -> Image.Image:
    """A picture beyond `_DRAFT_PIXELS` at a fraction of its size, of which every so many pixels are taken: what would
    average them copies the whole, or can't, depending on the mode."""
    factor = ceil(sqrt(image.width * image.height / _DRAFT_PIXELS))
    if factor == 1:
        return image
    return image.resize((ceil(image.width / factor), ceil(image.height / factor)), Image.Resampling.NEAREST)


def open_picture(file: BinaryIO) -> Image.Image:
    """Open a picture of a format that `load_image` takes; its pixels are still to be read."""
    with quiet():
        return Image.open(file, formats=_FORMATS)


def _require_sane_size(image: Image.Image) -> None:
    short, long = sorted(image.size)
    if short * long > MAX_PIXELS:
        raise MediaError(_too_large())
    if not short or long > _MAX_ASPECT * short:
        raise MediaError(f"a strip of {image.width} x {image.height} pixels is no picture")


def _too_large() -> str:
    return f"larger than {MAX_PIXELS // 1_000_000} megapixels"


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Pillow's warnings (of large pictures and flawed metadata) off standard error. `catch_warnings` changes what
    all threads share, hence the lock, and hence only around what takes no time."""
    with _warnings_lock, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _in_turn(image: Image.Image) -> Iterator[None]:
    """Let a picture beyond `_LONE_PIXELS` wait until no other such is in hand, and keep the warning of its size quiet,
    which some formats give only when they are decoded."""
    if image.width * image.height <= _LONE_PIXELS:
        yield
    else:
        with quiet():
            yield


def _hush_tiff(image: Image.Image) -> None:
    """Keep what Pillow and libtiff have to say of a flawed TIFF off standard error. Pillow reads the metadata once it
    has decoded the picture, and warns then; what was read before is not read again."""
    _hush_libtiff()
    try:
        with quiet():
            exif = image.getexif()
            for group in TiffTags.TAGS_V2_GROUPS:
                if group in exif:
                    exif.get_ifd(group)
    except (OSError, SyntaxError, ValueError, TypeError, LookupError, struct.error) as error:
        logger.debug("unreadable EXIF data are left out: %s", error)


@functools.cache
def _hush_libtiff() -> None:
    """Take from the libtiff that Pillow is linked with its default of writing every error to standard error; Pillow
    itself takes its warnings only. The errors are reported by what Pillow raises all the same."""
    try:
        set_handler = ctypes.CDLL(_imaging.__file__).TIFFSetErrorHandler
    except (OSError, AttributeError) as error:  # linked in a way that hides it
        logger.debug("libtiff can't be kept quiet: %s", error)
        return
    set_handler.argtypes, set_handler.restype = [ctypes.c_void_p], ctypes.c_void_p
    set_handler(None)


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 (upright) if there is none or it can't be read. Pillow's `exif_transpose` is no use here:
    it also rewrites the metadata, which fails where they are broken."""
    try:
        with quiet():
            return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    except (OSError, SyntaxError, ValueError, TypeError, LookupError, struct.error) as error:
        logger.debug("unreadable EXIF data are left out: %s", error)
        return 1


def _flattened(image: Image.Image) -> Image.Image:
    """Any mode -> RGB, transparent parts over white."""
    if image.mode.startswith("I") or image.mode == "F":
        image = _eight_bit(image)
    if not image.has_transparency_data:
        return image.convert("RGB")
    rgba = image.convert("RGBA")
    white = Image.new("RGBA", rgba.size, "white")
    return Image.alpha_composite(white, rgba).convert("RGB")


def _eight_bit(image: Image.Image) -> Image.Image:
    """Grey of 16 bits, 32 bits or floats -> 8 bits. White is 65,535 for integers and 1 for floats, unless the picture
    goes beyond; then it is the picture's maximum."""
    grey = np.nan_to_num(np.asarray(image).astype(np.float32), posinf=0.0, neginf=0.0)
    white = max(1.0 if image.mode == "F" else 65_535.0, float(grey.max()))
    return Image.fromarray(np.clip(np.rint(grey * (255.0 / white)), 0, 255).astype(np.uint8))
