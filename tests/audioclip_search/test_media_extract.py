"""Parts of sounds as files: every sample is that of the whole sound decoded, whatever the encoding."""

from __future__ import annotations

import io
import subprocess
import sys
import tracemalloc
from pathlib import Path

import media_files
import numpy as np
import pytest
import soundfile
from mutagen.flac import FLAC

from audioclip_search.errors import ExportError, MediaError
from audioclip_search.media import AUDIO_SUFFIXES, extract_audio
from audioclip_search.media.decode import decode
from audioclip_search.media.extract import region_metadata
from audioclip_search.types import Marker, Metadata

SOUNDS = [(suffix, data) for suffix, data in media_files.whole_files() if f".{suffix}" in AUDIO_SUFFIXES]
START_S, END_S = 0.1234, 0.4321


def decoded(data: bytes) -> tuple[np.ndarray, int]:
    """The whole of a sound as everything else in this package sees it: float32 `(n, channels)`, and its rate."""
    blocks = list(decode(io.BytesIO(data)))
    return np.concatenate([block.samples for block in blocks], axis=1).T, blocks[0].rate_hz


@pytest.mark.parametrize(("suffix", "data"), SOUNDS, ids=[f"{n}-{suffix}" for n, (suffix, _) in enumerate(SOUNDS)])
def test_a_part_is_a_slice_of_the_whole(tmp_path: Path, suffix: str, data: bytes) -> None:
    source = tmp_path / f"source.{suffix}"
    source.write_bytes(data)
    whole, rate_hz = decoded(data)
    expected = whole[round(START_S * rate_hz) : round(END_S * rate_hz)]
    for target, tolerance in ((tmp_path / "part.wav", 0.0), (tmp_path / "part.flac", 2.0**-24)):
        extract_audio(source, target, start_s=START_S, end_s=END_S)
        samples, found_hz = soundfile.read(target, dtype="float32", always_2d=True)
        assert (found_hz, samples.shape) == (rate_hz, expected.shape)
        # `decode` clips what lossy encodings have beyond full scale.
        np.testing.assert_allclose(np.clip(samples, -1, 1), expected, rtol=0, atol=tolerance)
    assert {path.name for path in tmp_path.iterdir()} >= {"part.wav", "part.flac", source.name}
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    ("form", "subtype", "wav", "flac"),
    [
        ("WAV", "PCM_U8", "PCM_U8", "PCM_S8"),
        ("AIFF", "PCM_S8", "PCM_U8", "PCM_S8"),
        ("WAV", "PCM_16", "PCM_16", "PCM_16"),
        ("WAV", "PCM_24", "PCM_24", "PCM_24"),
        ("WAV", "PCM_32", "PCM_32", "PCM_24"),
        ("WAV", "FLOAT", "FLOAT", "PCM_24"),
        ("WAV", "DOUBLE", "DOUBLE", "PCM_24"),
        ("AIFF", "PCM_24", "PCM_24", "PCM_24"),
        ("CAF", "ALAC_24", "PCM_24", "PCM_24"),
        ("WAV", "ULAW", "PCM_16", "PCM_16"),
        ("FLAC", "PCM_S8", "PCM_U8", "PCM_S8"),
        ("FLAC", "PCM_16", "PCM_16", "PCM_16"),
        ("FLAC", "PCM_24", "PCM_24", "PCM_24"),
        ("OGG", "VORBIS", "FLOAT", "PCM_24"),
        ("MP3", "MPEG_LAYER_III", "FLOAT", "PCM_24"),
    ],
)
def test_rate_channels_and_depth_stay(tmp_path: Path, form: str, subtype: str, wav: str, flac: str) -> None:
    source = tmp_path / f"source.{form.lower()}"
    samples = np.random.default_rng(3).uniform(-1, 1, (9_000, 2))
    soundfile.write(source, samples, 44_100, format=form, subtype=subtype)
    for suffix, expected in ((".wav", wav), (".flac", flac)):
        part = tmp_path / f"part{suffix}"
        extract_audio(source, part, start_s=0.05, end_s=0.15)
        info = soundfile.info(part)
        assert (info.samplerate, info.channels, info.subtype, info.frames) == (44_100, 2, expected, 4_410)
        if "PCM" in subtype and expected.removeprefix("PCM_")[-1] == subtype[-1]:
            whole, _ = soundfile.read(source, dtype="int32")
            found, _ = soundfile.read(part, dtype="int32")
            np.testing.assert_array_equal(found, whole[2_205:6_615])


def test_doubles_and_what_is_beyond_full_scale_stay_in_a_wav(tmp_path: Path) -> None:
    source = tmp_path / "loud.wav"
    samples = np.random.default_rng(3).uniform(-4, 4, 1_000)
    soundfile.write(source, samples, 8_000, subtype="DOUBLE")
    extract_audio(source, tmp_path / "part.wav", start_s=0, end_s=0.1)
    np.testing.assert_array_equal(soundfile.read(tmp_path / "part.wav")[0], samples[:800])
    extract_audio(source, tmp_path / "part.flac", start_s=0, end_s=0.1)
    found = soundfile.read(tmp_path / "part.flac")[0]
    np.testing.assert_allclose(found, np.clip(samples[:800], -1, 1), atol=2.0**-23)


def test_many_channels_stay_in_their_places(tmp_path: Path) -> None:
    source = tmp_path / "surround.wav"
    samples = np.random.default_rng(3).integers(-(1 << 15), 1 << 15, (8_000, 6)).astype(np.int16)
    soundfile.write(source, samples, 8_000, subtype="PCM_16", format="WAVEX")
    for name in ("part.wav", "part.flac"):
        extract_audio(source, tmp_path / name, start_s=0.25, end_s=0.5)
        np.testing.assert_array_equal(soundfile.read(tmp_path / name, dtype="int16")[0], samples[2_000:4_000])
    soundfile.write(source, np.repeat(samples, 2, axis=1), 8_000)
    extract_audio(source, tmp_path / "twelve.wav", start_s=0, end_s=1)
    assert soundfile.info(tmp_path / "twelve.wav").channels == 12
    with pytest.raises(ExportError, match=r"FLAC can't hold 12 channels.*\.wav"):
        extract_audio(source, tmp_path / "twelve.flac", start_s=0, end_s=1)


def test_a_part_that_goes_beyond_the_end_ends_there(tmp_path: Path) -> None:
    for suffix, form in (("wav", "WAV"), ("flac", "FLAC"), ("ogg", "OGG")):
        source = tmp_path / f"source.{suffix}"
        source.write_bytes(media_files.sound(form, "VORBIS" if form == "OGG" else "PCM_16"))
        extract_audio(source, tmp_path / f"{form}.wav", start_s=2.5, end_s=9)
        assert soundfile.info(tmp_path / f"{form}.wav").frames == 4_000
        with pytest.raises(MediaError, match="ends before 3 s") as raised:
            extract_audio(source, tmp_path / "nothing.wav", start_s=3, end_s=4)
        assert raised.value.path == source
    assert not (tmp_path / "nothing.wav").exists()


def test_fades_shape_the_ends_and_nothing_else(tmp_path: Path) -> None:
    source = tmp_path / "flat.wav"
    soundfile.write(source, np.full((80_000, 2), 0.5), 8_000, subtype="FLOAT")
    for end_s, length in ((9.0, 64_000), (20.0, 72_000)):
        extract_audio(source, tmp_path / "part.wav", start_s=1, end_s=end_s, fade_s=0.5, overwrite=True)
        samples, _ = soundfile.read(tmp_path / "part.wav")
        assert samples.shape == (length, 2)
        assert (samples[4_000:-4_000] == 0.5).all()
        rising = samples[:4_000, 0]
        assert 0 < rising[0] < 1e-4
        assert 0.4999 < rising[-1] < 0.5
        assert (np.diff(rising) > 0).all()
        np.testing.assert_array_equal(samples[::-1], samples)
    extract_audio(source, tmp_path / "short.wav", start_s=1, end_s=1.1, fade_s=3)
    samples, _ = soundfile.read(tmp_path / "short.wav")
    assert (len(samples), samples.argmax() // 2 // 10) == (800, 39)


FIELDS = (
    ("title", "Fenster <zerbricht> & klirrt"),
    ("description", "A window breaks"),
    ("artist", "Ann Ö"),
    ("keywords", "glass"),
    ("keywords", "window; pane"),
    ("category", "GLASS"),
    ("scene", "12A"),
    ("my_field", "x\x01y\ud800"),
    ("date", "2024-05-06"),
    ("originator", "REC"),
)
METADATA = Metadata(
    fields=FIELDS,
    markers=(
        Marker(0.2, 0.2, "before"),
        Marker(0.4, 0.7, "across the start"),
        Marker(0.6, 0.6, "hit é"),
        Marker(0.9, 1.8, "across the end"),
        Marker(1.0, 1.0, "at the end"),
    ),
)


def test_fields_and_markers_of_a_part() -> None:
    found = region_metadata(METADATA, name="a.wav", start_s=0.5, end_s=1.0)
    assert dict(found.fields)["description"] == "A window breaks (from 0.500 to 1.000 s of a.wav)"
    assert [name for name, _ in found.fields] == [name for name, _ in FIELDS]
    assert [(round(m.start_s, 6), round(m.end_s, 6), m.label) for m in found.markers] == [
        (0.0, 0.2, "across the start"),
        (0.1, 0.1, "hit é"),
        (0.4, 0.5, "across the end"),
    ]
    bare = region_metadata(Metadata(), name="a.wav", start_s=0.5, end_s=1.0)
    assert bare == Metadata(fields=(("description", "from 0.500 to 1.000 s of a.wav"),))


def chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """The chunks of a WAV, whose sizes add up."""
    assert int.from_bytes(data[4:8], "little") == len(data) - 8
    found, at = [], 12
    while at < len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        found.append((data[at : at + 4], data[at + 8 : at + 8 + size]))
        at += 8 + size + size % 2
    assert at == len(data)
    return found


def test_a_wav_gets_the_metadata(tmp_path: Path) -> None:
    source = tmp_path / "a.wav"
    source.write_bytes(media_files.sound(subtype="PCM_U8"))
    extract_audio(source, tmp_path / "b.wav", start_s=0.5, end_s=1.000125, metadata=METADATA)  # an odd number of bytes
    samples, _ = soundfile.read(tmp_path / "b.wav")
    assert len(samples) == 4_001
    found = chunks((tmp_path / "b.wav").read_bytes())
    assert [name for name, _ in found if name not in (b"fact", b"PEAK")] == [
        *(b"fmt ", b"data", b"bext", b"LIST", b"iXML", b"cue ", b"LIST"),
    ]
    bext = dict(found)[b"bext"]
    assert len(bext) == 602
    assert bext[:256].rstrip(b"\0") == b"A window breaks (from 0.500 to 1.000 s of a.wav)"
    assert (bext[256:288].rstrip(b"\0"), bext[320:330]) == (b"REC", b"2024-05-06")
    info, labels = (data for name, data in found if name == b"LIST")
    assert "INAM\x1d\0\0\0Fenster <zerbricht> & klirrt\0" in info.decode()
    assert info.count(b"IKEY") == 2
    ixml = dict(found)[b"iXML"].decode()
    assert "<SCENE>12A</SCENE>" in ixml
    assert "<ASWG><category>GLASS</category></ASWG>" in ixml
    assert "<MY_FIELD>x y?</MY_FIELD>" in ixml
    cue = np.frombuffer(dict(found)[b"cue "][4:], "<u4").reshape(-1, 6)
    assert cue[:, 5].tolist() == [0, 800, 3_200, 4_000]
    assert "hit é\0".encode() in labels
    with soundfile.SoundFile(tmp_path / "b.wav") as sound:
        assert (sound.title, sound.artist) == ("Fenster <zerbricht> & klirrt", "Ann Ö")


def test_a_long_description_is_whole_elsewhere(tmp_path: Path) -> None:
    source = tmp_path / "a.wav"
    source.write_bytes(media_files.sound())
    metadata = Metadata(fields=(("description", "é" * 200),))
    extract_audio(source, tmp_path / "b.wav", start_s=0.5, end_s=1, metadata=metadata)
    found = dict(chunks((tmp_path / "b.wav").read_bytes()))
    assert found[b"bext"][:256] == b"\xc3\xa9" * 128
    assert f"<DESCRIPTION>{'é' * 200} (from 0.500" in found[b"iXML"].decode()


def test_a_flac_gets_the_metadata(tmp_path: Path) -> None:
    source = tmp_path / "a.wav"
    source.write_bytes(media_files.sound())
    extract_audio(source, tmp_path / "b.FLAC", start_s=0.5, end_s=1, metadata=METADATA)
    tags = FLAC(tmp_path / "b.FLAC")
    assert tags["title"] == ["Fenster <zerbricht> & klirrt"]
    assert tags["keywords"] == ["glass", "window; pane"]
    assert tags["my_field"] == ["x\x01y?"]
    assert tags["description"] == ["A window breaks (from 0.500 to 1.000 s of a.wav)"]
    assert (tags["chapter002"], tags["chapter002name"]) == (["00:00:00.100"], ["hit é"])
    assert tags.info.total_samples == 4_000


def test_what_is_there_stays(tmp_path: Path) -> None:
    source, target = tmp_path / "a.wav", tmp_path / "b.wav"
    source.write_bytes(media_files.sound())
    target.write_bytes(b"precious")
    with pytest.raises(ExportError, match="exists already") as raised:
        extract_audio(source, target, start_s=0, end_s=1)
    assert raised.value.path == target
    assert target.read_bytes() == b"precious"
    extract_audio(source, target, start_s=0, end_s=1, overwrite=True)
    assert soundfile.info(target).frames == 8_000
    before = source.read_bytes()
    (tmp_path / "link.wav").symlink_to(source)
    for itself in (source, tmp_path / "link.wav"):
        with pytest.raises(ExportError, match="is the sound itself"):
            extract_audio(source, itself, start_s=0, end_s=1, overwrite=True)
    assert source.read_bytes() == before


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    source = tmp_path / "a.wav"
    target = tmp_path / "b.wav"
    target.write_bytes(b"precious")
    with pytest.raises(MediaError) as raised:
        extract_audio(source, target, start_s=0, end_s=1, overwrite=True)
    assert raised.value.path == source
    source.write_bytes(b"RIFF no sound")
    with pytest.raises(MediaError) as raised:
        extract_audio(source, target, start_s=0, end_s=1, overwrite=True)
    assert raised.value.path == source
    source.write_bytes(media_files.sound())
    with pytest.raises(MediaError, match="there is no sample"):
        extract_audio(source, target, start_s=0.5, end_s=0.50001, overwrite=True)
    with pytest.raises(ExportError, match="no such folder"):
        extract_audio(source, tmp_path / "gone" / "b.wav", start_s=0, end_s=1)
    for name in ("b.mp3", "b"):
        with pytest.raises(ExportError, match=r"\.wav or \.flac"):
            extract_audio(source, tmp_path / name, start_s=0, end_s=1)
    for start_s, end_s in ((1, 1), (2, 1), (-1, 1), (0, float("nan"))):
        with pytest.raises(ValueError, match="is no region"):
            extract_audio(source, target, start_s=start_s, end_s=end_s, overwrite=True)
    with pytest.raises(ValueError, match="fade"):
        extract_audio(source, target, start_s=0, end_s=1, fade_s=-1, overwrite=True)
    assert target.read_bytes() == b"precious"
    assert {path.name for path in tmp_path.iterdir()} == {"a.wav", "b.wav"}


@pytest.mark.skipif(sys.platform == "win32", reason="has no such limit")
def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(media_files.sound(n=400_000))
    code = """
import resource, sys
from pathlib import Path
from audioclip_search import ExportError
from audioclip_search.media import extract_audio
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
folder = Path(sys.argv[1])
for name in ("b.wav", "b.flac"):
    try:
        extract_audio(folder / "a.wav", folder / name, start_s=0, end_s=40)
    except ExportError as error:
        assert error.path == folder / name
    else:
        raise AssertionError(name)
"""
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_a_sound_that_changes_its_rate_can_not_be_counted(tmp_path: Path) -> None:
    source = tmp_path / "a.mp3"
    source.write_bytes(
        b"".join(media_files.sound("MP3", "MPEG_LAYER_III", rate_hz=rate_hz, n=rate_hz) for rate_hz in (44_100, 48_000))
    )
    with pytest.raises(MediaError, match="changes its rate") as raised:
        extract_audio(source, tmp_path / "b.wav", start_s=0.2, end_s=1.8)
    assert raised.value.path == source
    assert not (tmp_path / "b.wav").exists()


@pytest.mark.parametrize("form", ["WAV", "FLAC"])
def test_memory_does_not_grow_with_the_sound(tmp_path: Path, form: str) -> None:
    source = tmp_path / f"long.{form.lower()}"
    with soundfile.SoundFile(source, "w", 8_000, 1, "PCM_16", format=form) as sound:
        for _ in range(20):
            sound.write(np.random.default_rng(1).uniform(-0.1, 0.1, 8_000 * 60))
    extract_audio(source, tmp_path / "warm.wav", start_s=1, end_s=2)
    tracemalloc.start()
    extract_audio(source, tmp_path / "part.wav", start_s=60, end_s=1_140, fade_s=1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert soundfile.info(tmp_path / "part.wav").frames == 8_000 * 1_080
    assert peak < 8_000_000
