"""Sound files that mutagen reads, and, through the decoders' own libraries, those it doesn't."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import mutagen
import mutagen.asf
import mutagen.flac
import mutagen.monkeysaudio
import mutagen.mp3
import mutagen.mp4
import mutagen.musepack
import mutagen.oggflac
import mutagen.oggopus
import mutagen.oggspeex
import mutagen.oggtheora
import mutagen.oggvorbis
import mutagen.optimfrog
import mutagen.tak
import mutagen.wavpack
import soundfile

from audioclip_search.media.guarded import GuardedFile, open_container
from audioclip_search.media.metadata.access import MeteredFile
from audioclip_search.media.metadata.fields import Findings, flaws_left_out
from audioclip_search.media.metadata.id3 import read_id3, read_id3v1
from audioclip_search.media.metadata.wav import read_foreign_chunks

# Those with ID3 are not among them: mutagen's reader of it has no limits.
_KINDS = (
    mutagen.oggflac.OggFLAC,
    mutagen.oggopus.OggOpus,
    mutagen.oggspeex.OggSpeex,
    mutagen.oggtheora.OggTheora,
    mutagen.oggvorbis.OggVorbis,
    mutagen.mp4.MP4,
    mutagen.asf.ASF,
    mutagen.wavpack.WavPack,
    mutagen.monkeysaudio.MonkeysAudio,
    mutagen.musepack.Musepack,
    mutagen.optimfrog.OptimFROG,
    mutagen.tak.TAK,
)
_LOSSLESS = (
    mutagen.oggflac.OggFLAC,
    mutagen.wavpack.WavPack,
    mutagen.monkeysaudio.MonkeysAudio,
    mutagen.optimfrog.OptimFROG,
    mutagen.tak.TAK,
)
_MP4_LOSSLESS = {"alac", "sowt", "twos", "in24", "in32", "fl32", "fl64", "raw ", "lpcm"}
_OPUS_RATE_HZ = 48_000
# What mutagen may read of a file. It takes all that belongs to the tags, pictures included, and a million empty fields
# in it become a million objects; beyond, FFmpeg does.
_MAX_BYTES = 2 << 20
_MAX_BLOCK_BYTES = 1 << 20
_MAX_BLOCKS = 1_000
_MAX_VALUES = 200

# Encodings of soundfile that lose nothing, and their bits.
_SUBTYPES = {
    "PCM_S8": 8,
    "PCM_U8": 8,
    "PCM_16": 16,
    "PCM_24": 24,
    "PCM_32": 32,
    "FLOAT": 32,
    "DOUBLE": 64,
    "ALAC_16": 16,
    "ALAC_20": 20,
    "ALAC_24": 24,
    "ALAC_32": 32,
}
_SOUNDFILE_MAGIC = (b"riff", b"caff", b".snd")
_SOUNDFILE_FIELDS = ("title", "artist", "album", "comment", "copyright", "date", "genre", "software", "license")
_FFMPEG_LOSSLESS = {"alac", "tta", "wavpack", "ape", "tak", "truehd", "mlp"}
_FFMPEG_PCM = re.compile(r"pcm_[suf](\d+)")


def read_flac(file: BinaryIO, start: int, found: Findings) -> None:
    """Read a FLAC that begins at `start`, without its pictures."""
    chunks: list[bytes] = []
    for code, content in _flac_blocks(file, start + 4):
        with flaws_left_out("FLAC data"):
            if code == mutagen.flac.StreamInfo.code:
                info = mutagen.flac.StreamInfo(content)
                found.sound(info.sample_rate, info.channels, info.bits_per_sample)
            elif code == mutagen.flac.VCFLACDict.code:
                _add_pairs(mutagen.flac.VCFLACDict(content), found)
            elif content.startswith(b"riff"):
                chunks.append(content[4:])
    read_foreign_chunks(iter(chunks), found)


def _flac_blocks(file: BinaryIO, at: int) -> Iterator[tuple[int, bytes]]:
    """Kind and content of those metadata blocks that are of use here."""
    for _ in range(_MAX_BLOCKS):
        file.seek(at)
        header = file.read(4)
        if len(header) < 4:
            return
        code, size = header[0] & 0x7F, int.from_bytes(header[1:], "big")
        if code in (0, 2, 4) and size <= _MAX_BLOCK_BYTES:  # STREAMINFO, APPLICATION, VORBIS_COMMENT
            yield code, file.read(size)
        at += 4 + size
        if header[0] & 0x80:
            return


def read_mpeg(file: BinaryIO, head: bytes, found: Findings) -> bytes:
    """Read a file that begins with an ID3 tag or MPEG sound, as MP3 does. Returns the four bytes that begin what is
    behind the tag."""
    start = 0
    with flaws_left_out("ID3 tags"):
        file.seek(0)
        start = read_id3(file, found)
    with flaws_left_out("ID3v1 tags"):
        read_id3v1(file, found)
    file.seek(start)
    magic = file.read(4) if start else head[:4]
    if magic == b"fLaC":
        read_flac(file, start, found)
    elif magic:
        with flaws_left_out("MPEG headers"):
            file.seek(start)
            info = mutagen.mp3.MPEGInfo(MeteredFile(file, _MAX_BYTES), start)
            if not info.sketchy:
                found.sound(info.sample_rate, info.channels)
    return magic


def read_with_mutagen(file: BinaryIO, found: Findings) -> None:
    """Read whatever else mutagen reads."""
    with flaws_left_out("tags"):
        file.seek(0)
        tagged = mutagen.File(MeteredFile(file, _MAX_BYTES), options=_KINDS)
        if tagged is None:
            return
        info = tagged.info
        rate_hz = _OPUS_RATE_HZ if isinstance(tagged, mutagen.oggopus.OggOpus) else getattr(info, "sample_rate", 0)
        lossless = isinstance(tagged, _LOSSLESS) or getattr(info, "codec", "") in _MP4_LOSSLESS
        bits = getattr(info, "bits_per_sample", 0) if lossless else 0
        found.sound(rate_hz, int(getattr(info, "channels", 0)), bits)
        for chapter in getattr(tagged, "chapters", None) or ():
            found.mark(chapter.start, chapter.start, chapter.title)
        if tagged.tags:
            _add_pairs(tagged.tags, found)


def _add_pairs(tags: Any, found: Findings) -> None:
    # Vorbis comments and ASF keep a list of pairs, whose `items` come in the order of a set; the others are mappings.
    pairs = tags if isinstance(tags, list) else tags.items()
    chapters: dict[str, list[str]] = {}
    for name, value in pairs:
        short = str(name).rpartition(":")[2].rpartition("/")[2]  # WM/Genre, ----:com.apple.iTunes:KEYWORDS
        if short[:7].upper() == "CHAPTER" and short[7:10].isdigit():
            chapters.setdefault(short[7:10], ["", ""])[len(short) > 10] = str(value)
            continue
        for text in _as_texts(value):
            found.add("wm" + short if str(name).startswith("WM/") else short, text)
    for start, title in chapters.values():
        with flaws_left_out("chapters"):
            hours, minutes, seconds = start.split(":")
            start_s = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
            found.mark(start_s, start_s, title)


def _as_texts(value: Any) -> Iterator[str | bytes]:
    if isinstance(value, str | bytes):  # bytes: MP4's free form
        yield value
    elif isinstance(value, bool | int | tuple):  # switches and numbers, of which no one searches
        return
    elif isinstance(value, list):
        for part in value[:_MAX_VALUES]:
            yield from _as_texts(part)
    elif isinstance(value, mutagen.apev2.APETextValue):
        yield from list(value)[:_MAX_VALUES]
    elif isinstance(value, mutagen.asf.ASFUnicodeAttribute):
        yield str(value)


def read_header(file: BinaryIO, magic: bytes, found: Findings) -> None:
    """Read what soundfile or FFmpeg can tell of a file that nobody else reads."""
    with flaws_left_out("headers"):
        file.seek(0)
        if magic in _SOUNDFILE_MAGIC:
            _read_with_soundfile(file, found)
        if not found.rate_hz:
            file.seek(0)
            _read_with_ffmpeg(file, found)


def _read_with_soundfile(file: BinaryIO, found: Findings) -> None:
    try:
        sound = soundfile.SoundFile(GuardedFile(file))
    except soundfile.LibsndfileError as error:
        raise ValueError(error.error_string) from error
    with sound:
        found.sound(sound.samplerate, sound.channels, _SUBTYPES.get(sound.subtype, 0))
        for name in _SOUNDFILE_FIELDS:
            with flaws_left_out(name):
                found.add(name, getattr(sound, name))


def _read_with_ffmpeg(file: BinaryIO, found: Findings) -> None:
    known = found.any_fields
    with open_container(file) as container:
        if container.streams.audio:
            stream = container.streams.audio[0]
            context: Any = stream.codec_context
            if context is not None:
                found.sound(stream.rate or 0, stream.channels, _ffmpeg_bits(context))
        if not known:
            texts = container.metadata or (container.streams[0].metadata if container.streams else {})
            for name, text in list(texts.items())[:_MAX_VALUES]:
                found.add(name, text)
        for chapter in container.chapters():
            base = float(chapter["time_base"] or 0)
            found.mark(chapter["start"] * base, chapter["end"] * base, chapter["metadata"].get("title", ""))


def _ffmpeg_bits(context: Any) -> int:
    if pcm := _FFMPEG_PCM.match(context.name):
        return int(pcm[1])
    if context.name == "flac" and context.extradata:
        return int(mutagen.flac.StreamInfo(context.extradata).bits_per_sample)
    bits = context.format.bits if context.name in _FFMPEG_LOSSLESS and context.format else 0
    return 0 if bits == 32 else bits  # which stands for 24 as well
