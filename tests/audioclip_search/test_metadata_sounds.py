"""What sound files say of themselves, in every format."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import mutagen
import mutagen.apev2
import mutagen.asf
import mutagen.flac
import mutagen.id3
import mutagen.mp4
import numpy as np
import pytest
from media_files import film, sound
from metadata_files import IXML, adtl, aiff, bext, chunk, cues, fmt, id3, info, riff_file, tone, wav

from audioclip_search.errors import MediaError
from audioclip_search.media import load_metadata, load_tags
from audioclip_search.types import Marker, Metadata, Modality

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:p="urn:p" p:City="Bonn">'
    b"<dc:subject><rdf:Bag><rdf:li>storm</rdf:li><rdf:li>sea</rdf:li></rdf:Bag></dc:subject>"
    b'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Surf</rdf:li></rdf:Alt></dc:title>'
    b"</rdf:Description></rdf:RDF></x:xmpmeta>"
)
TEXT = {"title": "Smash", "keywords": "glass; break"}


def read(data: bytes | Path) -> Metadata:
    return load_metadata(data, Modality.AUDIO)


def fields(data: bytes | Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, text in read(data).fields:
        found.setdefault(name, []).append(text)
    return found


# --- WAV ---

WAVS: dict[str, tuple[bytes, dict[str, list[str]]]] = {
    "bext": (
        bext(b"Glass breaks", history=b"A=PCM,F=8000\r\n"),
        {
            "description": ["Glass breaks"],
            "originator": ["Recorder 7"],
            "originator_reference": ["REF0042"],
            "date": ["2024-05-17"],
            "time": ["13:45:02"],
            "coding_history": ["A=PCM,F=8000"],
        },
    ),
    "bext cut short": (
        chunk(b"bext", b"Glass".ljust(256, b"\0") + b"Rec"),
        {"description": ["Glass"], "originator": ["Rec"]},
    ),
    "bext, not UTF-8": (chunk(b"bext", b"T\xfcr".ljust(256, b"\0")), {"description": ["Tür"]}),
    "INFO": (
        info(
            (b"INAM", b"Smash\0"),
            (b"IART", b"Anna"),
            (b"ICMT", "grün\0".encode()),
            (b"IGNR", b"Foley"),
            (b"IKEY", b"glass; break"),
            (b"ICRD", b"2020"),
            (b"ICOP", b"(c) us"),
            (b"ISFT", b"Editor"),
            (b"ISBJ", b"windows"),
            (b"ISRC", b"attic"),
            (b"IENG", b"Ben"),
        ),
        {
            "title": ["Smash"],
            "artist": ["Anna"],
            "comment": ["grün"],
            "genre": ["Foley"],
            "keywords": ["glass; break"],
            "date": ["2020"],
            "copyright": ["(c) us"],
            "software": ["Editor"],
            "subject": ["windows"],
            "source": ["attic"],
            "engineer": ["Ben"],
        },
    ),
    "iXML": (
        chunk(b"iXML", IXML + bytes(100)),
        {
            "project": ["Night Train"],
            "scene": ["12A"],
            "take": ["3"],
            "tape": ["R07"],
            "note": ["plane at the end", "grün"],
            "track_name": ["Boom", "Lav Anna"],
            "catid": ["GLASBrk"],
            "category": ["GLASS"],
            "subcategory": ["BREAK"],
            "fxname": ["Window Smash"],
            "keywords": ["shatter, pane"],
            "library": ["Shards"],
            "microphone": ["MKH 8040", "omni"],
            "mic_perspective": ["CU"],
            "creator": ["AX"],
            "source": ["SHRD"],
            "rec_studio": ["Barn"],
        },
    ),
    "iXML in UTF-16": (
        chunk(b"iXML", '<?xml version="1.0" encoding="UTF-16"?><BWFXML><SCENE>é</SCENE></BWFXML>'.encode("utf-16")),
        {"scene": ["é"]},
    ),
    "broken iXML, up to the break": (
        chunk(b"iXML", b"<BWFXML><SCENE>1</SCENE>" + b" " * 20_000 + b"<TAKE>2</TAPE></BWFXML>"),
        {"scene": ["1"]},
    ),
    "entities in iXML": (
        chunk(b"iXML", b'<!DOCTYPE x [<!ENTITY a "boo">]><BWFXML><SCENE>&a;</SCENE></BWFXML>'),
        {},
    ),
    "ID3": (
        chunk(b"id3 ", id3((b"TIT2", b"\0Smash"), (b"TXXX", b"\0CatID\0GLASBrk"))),
        {"title": ["Smash"], "catid": ["GLASBrk"]},
    ),
    "XMP": (chunk(b"_PMX", XMP), {"keywords": ["storm", "sea"], "title": ["Surf"], "city": ["Bonn"]}),
    "the same twice": (
        info((b"ICMT", b"a"), (b"ICMT", b"a"), (b"ICMT", b"b")),
        {"comment": ["a", "b"]},
    ),
    "a chunk without its padding": (
        b"iXML" + struct.pack("<I", 41) + b"<BWFXML><SCENE>7</SCENE></BWFXML>       " + b" " + info((b"INAM", b"x")),
        {"scene": ["7"], "title": ["x"]},
    ),
}


@pytest.mark.parametrize("name", WAVS)
@pytest.mark.parametrize("before", [False, True])
def test_wav(name: str, before: bool) -> None:
    chunks, expected = WAVS[name]
    data = wav(chunks, before=before)
    assert fields(data) == expected
    assert read(data).rate_hz == 8_000


def test_time_reference_counts_samples_from_midnight() -> None:
    found = fields(wav(bext(time_reference=(13 * 3_600 + 45 * 60 + 2) * 8_000 + 4_000)))
    assert found["time_reference"] == ["396020000"]
    assert found["time_of_day"] == ["13:45:02.500"]
    assert fields(wav(bext(time_reference=2**40)))["time_reference"] == [str(2**40)]


def test_cue_points() -> None:
    chunks = (
        cues((1, 0), (7, 400), (3, 200), (9, 100)),
        adtl(
            (b"labl", 1, b"first\0"),
            (b"note", 1, b"loud\0"),
            (b"labl", 7, b"T\xfcr"),
            (b"ltxt", 3, struct.pack("<I4s4H", 80, b"rgn ", 0, 0, 0, 0) + b"region"),
            (b"labl", 99, b"of nothing"),
        ),
    )
    expected = (
        Marker(0.0, 0.0, "first: loud"),
        Marker(0.0125, 0.0125, ""),
        Marker(0.025, 0.035, "region"),
        Marker(0.05, 0.05, "Tür"),
    )
    assert read(wav(*chunks)).markers == read(wav(*reversed(chunks), before=True)).markers == expected


def test_sizes_beyond_32_bits_are_those_of_ds64() -> None:
    samples = bytes(800)
    ds64 = chunk(b"ds64", struct.pack("<QQQI", 2_000, len(samples), 400, 1) + struct.pack("<4sQ", b"bext", 602))
    large = b"bext\xff\xff\xff\xff" + bext(b"Glass")[8:]
    for magic in (b"RF64", b"BW64"):
        data = riff_file(ds64, fmt(), b"data\xff\xff\xff\xff" + samples, large, info((b"INAM", b"x")), magic=magic)
        assert fields(data)["description"] == ["Glass"]
        assert fields(data)["title"] == ["x"]


def test_big_endian_wav() -> None:
    content = chunk(b"LIST", b"INFO" + chunk(b"INAM", b"Smash", ">"), ">")
    data = riff_file(fmt(order=">"), chunk(b"data", bytes(80), ">"), content, magic=b"RIFX", order=">")
    assert read(data) == Metadata(8_000, 1, 16, fields=(("title", "Smash"),))


# --- Other formats ---

MARKS = chunk(b"MARK", struct.pack(">HHIB", 2, 1, 80, 4) + b"door\0" + struct.pack(">HIB", 5, 160, 3) + b"end", ">")
COMMENTS = chunk(b"COMT", struct.pack(">HIHH", 2, 0, 0, 3) + b"all\0" + struct.pack(">IHH", 0, 1, 4) + b"loud", ">")


def test_aiff() -> None:
    texts = ((b"NAME", b"Smash"), (b"AUTH", b"Anna"), (b"ANNO", b"one"), (b"ANNO", b"two"), (b"(c) ", b"us"))
    tag = chunk(b"ID3 ", id3((b"TPE1", b"\0Ben")), ">")
    data = aiff(*(chunk(name, text, ">") for name, text in texts), MARKS, COMMENTS, tag)
    assert read(data) == Metadata(
        8_000,
        1,
        16,
        fields=(
            ("title", "Smash"),
            ("artist", "Anna"),
            ("comment", "one"),
            ("comment", "two"),
            ("copyright", "us"),
            ("comment", "all"),
            ("artist", "Ben"),
        ),
        markers=(Marker(0.01, 0.01, "door: loud"), Marker(0.02, 0.02, "end")),
    )


def with_comments(data: bytes) -> bytes:
    file = io.BytesIO(data)
    tagged = mutagen.File(file)
    tagged["title"] = "Smash"
    tagged["KEYWORDS"] = ["glass", "break"]
    tagged["encoder"] = "some program"
    tagged["SubCategory"] = "Break"
    tagged["CHAPTER001"] = "00:00:00.500"
    tagged["CHAPTER001NAME"] = "door"
    tagged["CHAPTER002"] = "nonsense"
    file.seek(0)
    tagged.save(file)
    return file.getvalue()


@pytest.mark.parametrize("data", [tone("FLAC"), tone("OGG", "VORBIS"), tone("OGG", "OPUS")])
def test_vorbis_comments(data: bytes) -> None:
    tagged = with_comments(data)
    found = read(tagged)
    assert ("title", "Smash") in found.fields
    assert fields(tagged)["keywords"] == ["glass", "break"]
    assert fields(tagged)["subcategory"] == ["Break"]
    assert not [text for _, text in found.fields if text == "some program"]
    assert found.markers == (Marker(0.5, 0.5, "door"),)


def test_flac_with_pictures_and_the_chunks_of_its_wav() -> None:
    file = io.BytesIO(tone("FLAC"))
    flac = mutagen.flac.FLAC(file)
    picture = mutagen.flac.Picture()
    picture.data = bytes(5_000_000)
    flac.add_picture(picture)
    for content in (
        b"RIFF\0\0\0\0WAVE",
        fmt(),
        bext(b"Glass"),
        cues((1, 800)),
        adtl((b"labl", 1, b"hit")),
        b"data\0\0",
    ):
        block = mutagen.flac.MetadataBlock(b"riff" + content)
        block.code = 2
        flac.metadata_blocks.append(block)
    flac["title"] = "Smash"
    file.seek(0)
    flac.save(file)
    found = read(file.getvalue())
    assert {("title", "Smash"), ("description", "Glass")} <= set(found.fields)
    assert found.markers == (Marker(0.1, 0.1, "hit"),)
    assert read(id3((b"TPE1", b"\0Ben")) + file.getvalue()).rate_hz == 8_000


def test_ogg_with_a_picture_beyond_what_mutagen_may_read() -> None:
    file = io.BytesIO(tone("OGG", "VORBIS"))
    ogg = mutagen.File(file)
    ogg["title"] = "Smash"
    ogg["metadata_block_picture"] = "A" * 3_000_000
    file.seek(0)
    ogg.save(file)
    found = read(file.getvalue())
    assert (found.rate_hz, found.fields) == (8_000, (("title", "Smash"),))


@pytest.mark.parametrize("data", [sound("MP3", "MPEG_LAYER_III", rate_hz=44_100), sound(), sound("AIFF")])
@pytest.mark.parametrize("version", [3, 4])
def test_id3(data: bytes, version: int) -> None:
    frames = mutagen.id3
    file = io.BytesIO(data)
    tagged = mutagen.File(file)
    tagged.add_tags()
    chapter = frames.CHAP(
        element_id="c1", start_time=250, end_time=750, sub_frames=[frames.TIT2(text=["Dø"]), frames.APIC(data=b"x")]
    )
    for frame in (
        frames.TIT2(text=["Smash"]),
        frames.TPE1(text=["Anna", "Ben"]),
        frames.TALB(text=["Shards"]),
        frames.TCON(text=["(17)"]),
        frames.COMM(lang="eng", text=["gr\xfcn"]),
        frames.COMM(lang="eng", desc="iTunNORM", text=["0000"]),
        frames.TXXX(desc="CATID", text=["GLASBrk"]),
        frames.TXXX(desc="replaygain_track_gain", text=["-3 dB"]),
        frames.TDRC(text=["2020-01-02"]),
        frames.APIC(mime="image/png", data=bytes(3_000_000)),
        chapter,
    ):
        tagged.tags.add(frame)
    if version == 3:
        tagged.tags.update_to_v23()
    file.seek(0)
    tagged.save(file, v2_version=version)
    found = fields(file.getvalue())
    artists = found.pop("artist")
    assert artists in (["Anna", "Ben"], ["Anna/Ben"])
    assert found == {
        "title": ["Smash"],
        "album": ["Shards"],
        "genre": ["Rock"],
        "comment": ["grün"],
        "catid": ["GLASBrk"],
        "date": ["2020-01-02"],
    }
    assert read(file.getvalue()).markers == (Marker(0.25, 0.75, "Dø"),)


ODD_TAGS: dict[str, tuple[bytes, str]] = {
    "of version 2.2": (b"ID3\2\0\0\0\0\0\x0cTT2\0\0\x06\0Smash", "Smash"),
    "unsynchronised": (id3((b"TIT2", b"\1\xff\x00\xfeS\0m\0"), flags=0x80), "Sm"),
    "with an extended header": (
        b"ID3\3\0\x40\0\0\0\x1a" + b"\0\0\0\6" + bytes(6) + b"TIT2\0\0\0\6\0\0\0Smash",
        "Smash",
    ),
    "said to be extended": (id3((b"TIT2", b"\0Smash"), flags=0x40), "Smash"),
    "with plain sizes in version 2.4": (
        b"ID3\4\0\0\0\0\2\x1e"
        + b"TIT2"
        + struct.pack(">I", 260)
        + b"\0\0\0"
        + b"Smash".ljust(259)
        + b"TPE1\0\0\0\2\0\0\0x",
        "Smash",
    ),
    "of version 1": (b"", "Smash"),
}


@pytest.mark.parametrize("name", ODD_TAGS)
def test_odd_id3(name: str) -> None:
    tag, title = ODD_TAGS[name]
    data = tag + sound("MP3", "MPEG_LAYER_III")
    if not tag:
        data += b"TAG" + b"Smash".ljust(30, b"\0") + bytes(95)
    found = read(data)
    assert ("title", title) in found.fields
    assert (found.rate_hz, found.channels, found.bits) == (8_000, 1, 0)


def test_mp4() -> None:
    file = io.BytesIO(film("ipod", "aac"))
    tagged = mutagen.mp4.MP4(file)
    tagged["\xa9nam"] = "Smash"
    tagged["\xa9gen"] = "Foley"
    tagged["keyw"] = ["glass"]
    tagged["desc"] = "Glass breaks"
    tagged["trkn"] = [(1, 2)]
    tagged["----:com.apple.iTunes:CatID"] = [b"GLASBrk"]
    tagged["----:com.apple.iTunes:iTunNORM"] = [b"0000"]
    file.seek(0)
    tagged.save(file)
    assert {name: texts for name, texts in fields(file.getvalue()).items() if name != "software"} == {
        "title": ["Smash"],
        "genre": ["Foley"],
        "keywords": ["glass"],
        "description": ["Glass breaks"],
        "catid": ["GLASBrk"],
    }


def _asf(tagged: Any) -> None:
    tagged["Title"], tagged["WM/Genre"], tagged["WM/AlbumTitle"] = "Smash", "Foley", "Shards"
    tagged["WM/Year"] = "2020"


def _ape(tagged: Any) -> None:
    tagged.tags["Title"], tagged.tags["Genre"], tagged.tags["Album"], tagged.tags["Year"] = (
        "Smash",
        "Foley",
        "Shards",
        "2020",
    )
    tagged.tags["Cover"] = mutagen.apev2.APEValue(b"\1\2", mutagen.apev2.BINARY)


@pytest.mark.parametrize(("container", "codec", "tag"), [("asf", "wmav2", _asf), ("wv", "wavpack", _ape)])
def test_asf_and_ape(container: str, codec: str, tag: Callable[[Any], None], tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(film(container, codec))
    tagged = mutagen.File(path)
    tag(tagged)
    tagged.save()
    found = fields(path)
    assert {name: found.get(name) for name in ("title", "genre", "album", "date")} == {
        "title": ["Smash"],
        "genre": ["Foley"],
        "album": ["Shards"],
        "date": ["2020"],
    }
    assert "cover" not in found


def test_what_only_ffmpeg_reads() -> None:
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as container:
        container.metadata.update({"title": "Smash", "keywords": "glass"})
        stream = container.add_stream("pcm_s16le", rate=8_000, layout="mono")
        chapter = {"id": 1, "start": 0, "end": 500, "time_base": Fraction(1, 1_000), "metadata": {"title": "door"}}
        container.set_chapters([chapter])
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8_000), np.int16), layout="mono")
        frame.sample_rate = 8_000
        container.mux(stream.encode(frame))
    found = read(file.getvalue())
    assert {("title", "Smash"), ("keywords", "glass")} <= set(found.fields)
    assert found.markers == (Marker(0.0, 0.5, "door"),)


FACTS = {
    "wav 8": (sound(subtype="PCM_U8"), 8_000, 1, 8),
    "wav 24": (sound(subtype="PCM_24", channels=2), 8_000, 2, 24),
    "wav float": (sound(subtype="FLOAT"), 8_000, 1, 32),
    "wavex 24": (sound("WAVEX", "PCM_24"), 8_000, 1, 24),
    "wav ulaw": (sound(subtype="ULAW"), 8_000, 1, 0),
    "wav adpcm": (sound(subtype="MS_ADPCM"), 8_000, 1, 0),
    "rf64": (sound("RF64"), 8_000, 1, 16),
    "w64": (sound("W64"), 8_000, 1, 16),
    "aiff": (sound("AIFF", "PCM_24"), 8_000, 1, 24),
    "aifc float": (sound("AIFF", "FLOAT"), 8_000, 1, 32),
    "aifc ulaw": (sound("AIFF", "ULAW"), 8_000, 1, 0),
    "caf": (sound("CAF"), 8_000, 1, 16),
    "caf alac": (sound("CAF", "ALAC_16"), 8_000, 1, 16),
    "au": (sound("AU"), 8_000, 1, 16),
    "flac": (sound("FLAC", "PCM_24", channels=2), 8_000, 2, 24),
    "vorbis": (sound("OGG", "VORBIS", channels=2), 8_000, 2, 0),
    "opus": (sound("OGG", "OPUS", rate_hz=48_000), 48_000, 1, 0),
    "mp3": (sound("MP3", "MPEG_LAYER_III", rate_hz=44_100, channels=2), 44_100, 2, 0),
    "m4a": (film("ipod", "aac"), 8_000, 1, 0),
    "alac": (film("ipod", "alac"), 8_000, 1, 24),
    "wavpack": (film("wv", "wavpack"), 8_000, 1, 8),
    "aac": (film("adts", "aac"), 8_000, 1, 0),
    "ac3": (film("ac3", "ac3", rate_hz=48_000, n=48_000), 48_000, 1, 0),
    "wma": (film("asf", "wmav2"), 8_000, 1, 0),
    "mka": (film("matroska", "pcm_s24le"), 8_000, 1, 24),
    "mov": (film("mov", "pcm_s16le", "mpeg4"), 8_000, 1, 16),
    "tta": (film("tta", "tta"), 8_000, 1, 8),
}


@pytest.mark.parametrize("name", FACTS)
def test_technical_facts(name: str) -> None:
    data, *expected = FACTS[name]
    found = read(data)
    assert [found.rate_hz, found.channels, found.bits] == expected


# --- Whatever the format ---


def test_texts_are_cleaned_and_cut() -> None:
    found = fields(
        wav(
            info((b"INAM", b"a\x01b\r\nc\0rubbish"), (b"ICMT", b"x" * 30_000), (b"ISBJ", b" \0")),
            *(info((b"IXXX", b"%d" % number)) for number in range(2_000)),
            cues(*((number, number) for number in range(20_000))),
        )
    )
    assert found["title"] == ["a b\nc"]
    assert found["comment"] == ["x" * 10_000]
    assert "subject" not in found
    assert sum(map(len, found.values())) == 500
    assert len(read(wav(cues(*((number, number) for number in range(20_000))))).markers) == 2_000


def test_texts_can_always_be_stored() -> None:
    tag = id3((b"TIT2", b"\1\xff\xfea\0\0\xd8b\0"))  # a lone surrogate
    for _, text in read(tag + sound("MP3", "MPEG_LAYER_III")).fields:
        text.encode()


def test_load_tags_takes_lists_apart() -> None:
    data = wav(info((b"IGNR", b"Foley"), (b"IKEY", b"glass; break, Foley"), (b"ICMT", b"no tag")))
    assert load_tags(data) == ("Foley", "glass", "break")


def test_texts_have_no_metadata(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("rain")
    assert load_metadata(path, Modality.TEXT) == Metadata()


@pytest.mark.parametrize("modality", list(Modality))
def test_what_cannot_be_opened(modality: Modality, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"none\.wav"):
        load_metadata(tmp_path / "none.wav", modality)
    with pytest.raises(MediaError, match="is a folder"):
        load_metadata(tmp_path, modality)
