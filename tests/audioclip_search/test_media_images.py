"""Pictures of every mode and format to upright RGB, and what is refused."""

from __future__ import annotations

import io
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from audioclip_search.errors import MediaError
from audioclip_search.media import convert_image, load_image
from audioclip_search.media.images import thumbnail

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
NOISE = Image.fromarray(np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8))


def encoded(image: Image.Image, file_format: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def gradient(width: int = 64, height: int = 48) -> Image.Image:
    """Red grows to the right, green downwards."""
    red, green = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return Image.fromarray(np.stack((red, green, np.full_like(red, 99)), axis=2).astype(np.uint8))


def png_header(width: int, height: int) -> bytes:
    """A grey PNG that claims this size and holds next to nothing."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(1_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("file_format", "options", "tolerance"),
    [
        ("PNG", {}, 0),
        ("BMP", {}, 0),
        ("PPM", {}, 0),
        ("TIFF", {}, 0),
        ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("TIFF", {"compression": "tiff_adobe_deflate"}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("WEBP", {"quality": 95}, 12),
        ("JPEG", {"quality": 95}, 12),
        ("JPEG", {"quality": 95, "progressive": True}, 12),
        ("AVIF", {"quality": 95}, 12),
        ("GIF", {}, 40),
    ],
)
def test_formats(tmp_path: Path, file_format: str, options: dict[str, object], tolerance: int) -> None:
    path = tmp_path / "picture"
    path.write_bytes(encoded(gradient(), file_format, **options))
    image = load_image(path)
    assert (image.mode, image.size) == ("RGB", (64, 48))
    difference = np.abs(np.asarray(image, int) - np.asarray(gradient(), int))
    assert difference.max() <= tolerance


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16", "I", "F"])
@pytest.mark.parametrize("white", [True, False])
def test_modes_of_grey(mode: str, white: bool) -> None:
    if mode in {"I;16", "I", "F"}:
        value = {"I;16": 65_535, "I": 65_535, "F": 1.0}[mode] if white else 0
        image = Image.fromarray(np.full((4, 4), value, {"I;16": np.uint16, "I": np.int32, "F": np.float32}[mode]))
    else:
        image = Image.new("L", (4, 4), 255 if white else 0).convert(mode)
    assert image.mode == mode
    level = 255 if white else 0
    assert load_image(encoded(image, "TIFF")).getpixel((1, 1)) == (level, level, level)


@pytest.mark.parametrize(("file_format", "dtype"), [("PNG", "<u2"), ("TIFF", "<u2"), ("TIFF", ">u2"), ("PPM", "<u2")])
def test_sixteen_bits_are_scaled_not_clipped(file_format: str, dtype: str) -> None:
    ramp = np.linspace(0, 65_535, 256).round().astype(dtype).reshape(16, 16)
    image = load_image(encoded(Image.fromarray(ramp), file_format))
    np.testing.assert_array_equal(np.asarray(image)[..., 0], np.arange(256).reshape(16, 16))


def test_floats_beyond_white_and_holes() -> None:
    values = np.array([[0.0, 2.0, 4.0, np.nan, -1.0, np.inf]], np.float32)
    image = load_image(encoded(Image.fromarray(values), "TIFF"))
    assert np.asarray(image)[0, :, 0].tolist() == [0, 128, 255, 0, 0, 0]


def test_transparency_shows_white() -> None:
    rgba = Image.new("RGBA", (4, 1))
    for x, pixel in enumerate([(*RED, 255), (*RED, 0), (0, 0, 0, 0), (*BLUE, 128)]):
        rgba.putpixel((x, 0), pixel)
    image = load_image(encoded(rgba))
    assert [image.getpixel((x, 0)) for x in range(3)] == [RED, WHITE, WHITE]
    assert image.getpixel((3, 0)) == pytest.approx((127, 127, 255), abs=1)


def test_palettes_and_colour_keys_with_transparency() -> None:
    palette = Image.new("P", (3, 1))
    palette.putpalette([*RED, *GREEN, *BLUE])
    for x in range(3):
        palette.putpixel((x, 0), x)
    for data in [
        encoded(palette, transparency=1),
        encoded(palette, transparency=bytes([255, 0, 255])),
        encoded(palette, "GIF", transparency=1),
        encoded(palette.convert("RGB"), transparency=GREEN),
    ]:
        image = load_image(data)
        assert [image.getpixel((x, 0)) for x in range(3)] == [RED, WHITE, BLUE]


def test_cmyk() -> None:
    image = load_image(encoded(Image.new("RGB", (16, 16), RED).convert("CMYK"), "JPEG", quality=100))
    assert image.getpixel((8, 8)) == pytest.approx(RED, abs=6)


# After the EXIF specification: the sides on which the stored picture's first row and first column are to be seen.
ORIENTATIONS = {
    1: ("top", "left"),
    2: ("top", "right"),
    3: ("bottom", "right"),
    4: ("bottom", "left"),
    5: ("left", "top"),
    6: ("right", "top"),
    7: ("right", "bottom"),
    8: ("left", "bottom"),
}


@pytest.mark.parametrize("file_format", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_exif_orientation(orientation: int, file_format: str) -> None:
    stored = np.zeros((3, 5, 3), np.uint8)
    stored[0, :] = RED  # its first row
    stored[1:, 0] = GREEN  # its first column, below the corner
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    options = {"lossless": True} if file_format == "WEBP" else {}
    pixels = np.asarray(load_image(encoded(Image.fromarray(stored), file_format, exif=exif, **options)))
    assert pixels.shape == ((5, 3, 3) if orientation > 4 else (3, 5, 3))
    edges = {"top": pixels[0], "bottom": pixels[-1], "left": pixels[:, 0], "right": pixels[:, -1]}
    row_side, column_side = ORIENTATIONS[orientation]
    assert (edges[row_side] == RED).all()
    assert (edges[column_side] == GREEN).all(axis=1).sum() == 2


def test_broken_exif_does_no_harm() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    whole = encoded(gradient(), "JPEG", exif=exif)
    start = whole.index(b"Exif\0\0") + 6
    for broken in [b"garbage!", b"MM\0*\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff"]:
        data = whole[:start] + broken + whole[start + len(broken) :]
        assert load_image(data).size == (64, 48)


def test_first_frame_of_an_animation() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in (RED, GREEN)]
    for file_format in ("GIF", "PNG", "WEBP", "TIFF"):
        data = encoded(frames[0], file_format, save_all=True, append_images=frames[1:])
        assert load_image(data).getpixel((4, 4)) == pytest.approx(RED, abs=3)


def test_large_jpegs_come_smaller_and_without_a_warning() -> None:
    # More than the size at which Pillow warns, and warnings are errors here.
    large = Image.new("L", (9_600, 9_600), 200)
    image = load_image(encoded(large, "JPEG"))
    assert image.size == (2_400, 2_400)
    assert image.getpixel((5, 5)) == (200, 200, 200)


@pytest.mark.parametrize(("mode", "size"), [("1", (9_600, 9_600)), ("LA", (9_000, 4_000))])
def test_other_large_pictures_come_smaller_too(mode: str, size: tuple[int, int]) -> None:
    grey = Image.new("L", size, 255)
    grey.paste(0, (0, 0, size[0] // 2, size[1]))
    large = grey.convert(mode)
    for image in (load_image(encoded(large, "TIFF")), convert_image(large)):
        assert image.width * image.height < 1 << 25
        assert image.width / image.height == pytest.approx(size[0] / size[1], rel=1e-3)
        assert [image.getpixel((image.width * third // 3, 0)) for third in (1, 2)] == [(0, 0, 0), (255, 255, 255)]


def test_large_pictures_in_many_threads() -> None:
    large = encoded(Image.new("1", (9_600, 9_600), 1), "TIFF", compression="group4")
    with ThreadPoolExecutor(4) as executor:
        images = list(executor.map(load_image, [large, encoded(gradient(), "TIFF")] * 4))
    assert [image.size for image in images] == [(4_800, 4_800), (64, 48)] * 4


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_deflate", "packbits", "jpeg", "group4"])
def test_broken_tiffs_write_nothing_to_standard_error(compression: str, capfd: pytest.CaptureFixture[str]) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = "long enough to lie somewhere else"
    source = NOISE.convert("1") if compression == "group4" else NOISE
    whole = encoded(source, "TIFF", compression=compression, exif=exif)
    random = np.random.default_rng(6)
    outcomes = set()
    for _ in range(50):
        data = bytearray(whole[: random.integers(len(whole) // 2, len(whole) + 1)])
        for position in random.integers(8, len(data), 5):
            data[position] = random.integers(256)
        try:
            outcomes.add(load_image(bytes(data)).mode)
        except MediaError as error:
            assert not isinstance(error.__cause__, Warning)
            outcomes.add("refused")
    assert "refused" in outcomes
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"not a picture at all", "not a picture"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "not a picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture"),
        *((encoded(NOISE, name)[:1_500], "broken picture") for name in ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")),
        (png_header(100, 100), "broken picture"),
        (png_header(30_000, 30_000), "larger than 178 megapixels"),
        (png_header(2**31 - 1, 2**31 - 1), "larger than 178 megapixels"),
        (png_header(13_375, 13_375), "larger than 178 megapixels"),
        (png_header(1, 501), "a strip of 1 x 501"),
        (png_header(60_000, 100), "a strip of 60000 x 100"),
        (png_header(0, 10), "picture"),
    ],
)
def test_what_is_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(data)
    with pytest.raises(MediaError, match=reason) as caught:
        load_image(path)
    assert caught.value.path == path


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="No such file"):
        load_image(tmp_path / "missing.png")


def test_convert_image_gives_what_load_image_does() -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 8
    rgba = gradient().convert("RGBA")
    rgba.putalpha(100)
    data = encoded(rgba, exif=exif)
    opened = Image.open(io.BytesIO(data))
    converted = convert_image(opened)
    assert converted.tobytes() == load_image(data).tobytes()
    assert (opened.mode, opened.size) == ("RGBA", (64, 48))


@pytest.mark.parametrize("size", [(0, 0), (0, 5), (1, 1_000)])
def test_convert_image_refuses_what_is_no_picture(size: tuple[int, int]) -> None:
    with pytest.raises(MediaError, match="is no picture"):
        convert_image(Image.new("RGB", size))


@pytest.mark.parametrize(("file_format", "tolerance"), [("PNG", 3), ("JPEG", 12)])
def test_a_thumbnail_is_the_picture_in_small_and_upright(file_format: str, tolerance: int) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # to be turned clockwise
    small = thumbnail(encoded(gradient(1_200, 900), file_format, exif=exif), side=120)
    assert (small.mode, small.size) == ("RGB", (90, 120))
    expected = gradient(120, 90).transpose(Image.Transpose.ROTATE_270)
    assert np.abs(np.asarray(small, int) - np.asarray(expected, int)).max() <= tolerance
    assert thumbnail(encoded(gradient(64, 48), file_format), side=120).size == (64, 48)
    with pytest.raises(MediaError):
        thumbnail(b"no picture", side=120)
