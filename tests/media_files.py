"""Small whole files of every container and encoding that the installed decoders can also write, made in memory;
and sounds whose headers or samples are odd."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import Any

import av
import numpy as np
import soundfile
from PIL import Image

# What libsndfile writes: suffix, format, encoding.
_SOUNDFILE = (
    ("wav", "WAV", "PCM_U8"),
    ("wav", "WAV", "PCM_16"),
    ("wave", "WAV", "PCM_24"),
    ("bwf", "WAV", "PCM_32"),
    ("wav", "WAV", "FLOAT"),
    ("wav", "WAV", "DOUBLE"),
    ("wav", "WAV", "ULAW"),
    ("wav", "WAV", "ALAW"),
    ("wav", "WAV", "MS_ADPCM"),
    ("wav", "WAV", "IMA_ADPCM"),
    ("wav", "WAV", "GSM610"),
    ("wav", "WAVEX", "PCM_24"),
    ("rf64", "RF64", "PCM_16"),
    ("w64", "W64", "PCM_16"),
    ("aiff", "AIFF", "PCM_16"),
    ("aif", "AIFF", "PCM_24"),
    ("aifc", "AIFF", "FLOAT"),
    ("caf", "CAF", "PCM_16"),
    ("caf", "CAF", "ALAC_16"),
    ("au", "AU", "PCM_16"),
    ("snd", "AU", "G721_32"),
    ("voc", "VOC", "PCM_16"),
    ("flac", "FLAC", "PCM_16"),
    ("ogg", "OGG", "VORBIS"),
    ("opus", "OGG", "OPUS"),
    ("mp3", "MP3", "MPEG_LAYER_III"),
)
# What FFmpeg writes: suffix, container, sound's encoding, picture's encoding.
_FFMPEG = (
    ("m4a", "ipod", "aac", ""),
    ("m4b", "ipod", "alac", ""),
    ("wma", "asf", "wmav2", ""),
    ("mka", "matroska", "pcm_s24le", ""),
    ("weba", "webm", "libopus", ""),
    ("aac", "adts", "aac", ""),
    ("ac3", "ac3", "ac3", ""),
    ("eac3", "eac3", "eac3", ""),
    ("mp2", "mp2", "mp2", ""),
    ("amr", "amr", "libopencore_amrnb", ""),
    ("tta", "tta", "tta", ""),
    ("wv", "wv", "wavpack", ""),
    ("mp4", "mp4", "aac", "mpeg4"),
    ("mov", "mov", "pcm_s16le", "mpeg4"),
    ("m4v", "mp4", "ac3", "mpeg4"),
    ("mkv", "matroska", "libmp3lame", "mpeg4"),
    ("webm", "webm", "libopus", "libvpx"),
    ("avi", "avi", "libmp3lame", "mpeg4"),
    ("flv", "flv", "nellymoser", "flv"),
    ("mpg", "mpeg", "mp2", "mpeg1video"),
    ("mts", "mpegts", "aac", "mpeg2video"),
    ("wmv", "asf", "wmav2", "wmv2"),
    ("3gp", "3gp", "libopencore_amrnb", "mpeg4"),
)
_RATES_HZ = {"ac3": 48_000, "eac3": 48_000, "mp2": 22_050, "aac": 44_100, "libmp3lame": 44_100, "wmav2": 44_100}
# Pillow's: suffix, mode, options.
_PILLOW: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("png", "RGB", {}),
    ("png", "P", {}),
    ("png", "RGBA", {}),
    ("png", "I;16", {}),
    ("apng", "RGBA", {"animated": True}),
    ("jpg", "RGB", {}),
    ("jpeg", "RGB", {"progressive": True, "exif": True}),
    ("jpe", "CMYK", {}),
    ("webp", "RGB", {}),
    ("webp", "RGBA", {"lossless": True}),
    ("webp", "RGB", {"animated": True}),
    ("avif", "RGB", {}),
    ("avif", "RGBA", {"animated": True}),
    ("gif", "P", {"animated": True}),
    ("tif", "RGB", {}),
    ("tif", "RGB", {"compression": "tiff_lzw"}),
    ("tif", "RGB", {"compression": "tiff_deflate", "big_tiff": True}),
    ("tiff", "RGB", {"compression": "jpeg", "exif": True}),
    ("tiff", "1", {"compression": "group4"}),
    ("tiff", "F", {"compression": "packbits"}),
    ("bmp", "RGB", {}),
    ("bmp", "P", {}),
    ("dib", "L", {}),
    ("ppm", "RGB", {}),
    ("pgm", "L", {}),
    ("pbm", "1", {}),
)

_PILLOW_NAMES = {"apng": "PNG", "jpg": "JPEG", "jpe": "JPEG", "tif": "TIFF", "pgm": "PPM", "pbm": "PPM"}


def sound(
    file_format: str = "WAV", subtype: str = "PCM_16", *, rate_hz: int = 8_000, channels: int = 1, n: int = 24_000
) -> bytes:
    """Three seconds of a tone and some noise at 8 kHz, encoded."""
    noise = np.random.default_rng(1).uniform(-0.05, 0.05, (n, channels))
    file = io.BytesIO()
    tone = np.sin(np.arange(n) * 0.3)[:, None] * 0.5
    soundfile.write(file, tone + noise, rate_hz, format=file_format, subtype=subtype)
    return file.getvalue()


def film(container_format: str, audio: str = "", video: str = "", *, rate_hz: int = 8_000, n: int = 8_000) -> bytes:
    """A tone, five pictures or both, encoded by FFmpeg."""
    file = io.BytesIO()
    with av.open(file, "w", format=container_format) as container:
        pictures = container.add_stream(video, rate=25) if video else None
        if pictures is not None:
            pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuv420p"
        track = container.add_stream(audio, rate=rate_hz, layout="mono", bit_rate=48_000) if audio else None
        if pictures is not None:
            for number in range(5):
                image = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 40 * number, np.uint8))
                container.mux(pictures.encode(image.reformat(format="yuv420p")))
            container.mux(pictures.encode(None))
        if track is not None:
            tone = 0.3 * np.sin(np.arange(n, dtype=np.float32) * 0.3)[None]  # (1, n)
            frame = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
            frame.sample_rate = rate_hz
            container.mux(track.encode(frame))
            container.mux(track.encode(None))
    return file.getvalue()


def picture(
    file_format: str, mode: str = "RGB", *, animated: bool = False, exif: bool = False, **options: Any
) -> bytes:
    """A picture of coloured blocks and some noise, encoded by Pillow; `animated` gives it a second frame."""
    random = np.random.default_rng(2)
    blocks = random.integers(0, 256, (5, 6, 3), np.uint8).repeat(12, 0).repeat(12, 1)  # (60, 72, 3)
    noisy = Image.fromarray(blocks ^ random.integers(0, 8, blocks.shape, np.uint8))
    frames = [noisy.convert("L").convert(mode) if mode in ("I;16", "F") else noisy.convert(mode)]
    if animated:
        options |= {"save_all": True, "append_images": [frames[0].transpose(Image.Transpose.ROTATE_180)]}
    if exif:
        tags = Image.Exif()
        tags[0x0112], tags[0x010E] = 6, "turned"
        options["exif"] = tags
    file = io.BytesIO()
    frames[0].save(file, file_format, **options)
    return file.getvalue()


def wav_header(
    *,
    codec: int = 1,
    channels: int = 1,
    rate_hz: int = 8_000,
    size: int = 0,
    content: bytes = b"",
    bits: int = 16,
    align: int | None = None,
) -> bytes:
    """A WAV of 16 bits, of which any number may lie; `size` is what it claims of its content."""
    align = min(channels * 2, 0xFFFF) if align is None else align
    fmt = struct.pack("<HHIIHH", codec, channels, rate_hz, min(rate_hz * channels * 2, 0xFFFFFFFF), align, bits)
    return riff((b"fmt ", len(fmt), fmt), (b"data", size, content))


def riff(*chunks: tuple[bytes, int, bytes]) -> bytes:
    """A WAV of chunks: name, claimed size, content."""
    body = b"WAVE" + b"".join(name + struct.pack("<I", size) + content for name, size, content in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def picture_only_video() -> bytes:
    return film("mp4", video="mpeg4")


def flac_claiming_to_be_endless() -> bytes:
    data = bytearray(sound("FLAC"))
    # STREAMINFO's total number of samples: 36 bits from the middle of byte 21.
    data[21] |= 0x0F
    data[22:26] = b"\xff\xff\xff\xff"
    return bytes(data)


def odd_samples(*values: float, subtype: str = "FLOAT", every: int = 1) -> bytes:
    """A second of a tone, of which every so many samples are these values in turn."""
    samples = 0.3 * np.sin(np.arange(8_000) * 0.3)
    samples[::every] = np.resize(np.array(values), len(samples[::every]))
    file = io.BytesIO()
    soundfile.write(file, samples, 8_000, format="WAV", subtype=subtype)
    return file.getvalue()


def whole_files() -> Iterator[tuple[str, bytes]]:
    """Suffix without a dot, and content, of a file of every kind; sounds last half a second and more."""
    for suffix, file_format, subtype in _SOUNDFILE:
        rate_hz = {"mp3": 44_100, "opus": 48_000}.get(suffix, 8_000)
        yield suffix, sound(file_format, subtype, rate_hz=rate_hz, n=rate_hz // 2)
    for suffix, container_format, audio, video in _FFMPEG:
        rate_hz = _RATES_HZ.get(audio, 8_000)
        yield suffix, film(container_format, audio, video, rate_hz=rate_hz, n=rate_hz)
    for suffix, mode, options in _PILLOW:
        yield suffix, picture(_PILLOW_NAMES.get(suffix, suffix.upper()), mode, **options)
    yield "txt", "Ein Hammer schlägt auf dünnes Blech.\n".encode() * 20
    yield "md", "# Rain on a tent\n\n雨がテントに降る\n".encode("utf-16") * 20
