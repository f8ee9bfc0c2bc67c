"""Tags embedded in sound files, of every container that mutagen writes, and files without."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import mutagen.id3
import mutagen.mp4
import numpy as np
import pytest
import soundfile

from audioclip_search.errors import MediaError
from audioclip_search.media import load_tags

SAMPLES = (0.1 * np.random.default_rng(1).standard_normal(8_000)).astype(np.float32)


def write_mp4(path: Path) -> None:
    with av.open(path, "w", format="mp4") as container:
        track = container.add_stream("aac", rate=8_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(SAMPLES[None], format="fltp", layout="mono")
        frame.sample_rate = 8_000
        container.mux(track.encode(frame))
        container.mux(track.encode())


@pytest.mark.parametrize("suffix", [".flac", ".ogg"])
def test_comments(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    soundfile.write(path, SAMPLES, 8_000)
    file = mutagen.File(path)
    file["genre"] = ["Foley", "Glass"]
    file["KEYWORDS"] = "break; shatter , glass"
    file["title"] = "not a tag"
    file.save()
    assert load_tags(path) == ("Foley", "Glass", "break", "shatter")


@pytest.mark.parametrize("suffix", [".mp3", ".wav", ".aiff"])
def test_id3(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    soundfile.write(path, SAMPLES, 8_000)
    file = mutagen.File(path)
    file.add_tags()
    file.tags.add(mutagen.id3.TCON(encoding=3, text=["(17)"]))
    file.tags.add(mutagen.id3.TXXX(encoding=3, desc="Keywords", text=["door|wööd"]))
    file.tags.add(mutagen.id3.TIT2(encoding=3, text=["not a tag"]))
    file.save()
    assert sorted(load_tags(path)) == ["Rock", "door", "wööd"]


def test_mp4(tmp_path: Path) -> None:
    path = tmp_path / "a.m4a"
    write_mp4(path)
    file = mutagen.mp4.MP4(path)
    file["\xa9gen"] = ["Ambience"]
    file["----:com.apple.iTunes:KEYWORDS"] = [b"rain, tent"]
    file.save()
    assert load_tags(path) == ("Ambience", "rain", "tent")


def test_genre_of_a_wav_info_list(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with soundfile.SoundFile(path, "w", 8_000, 1) as file:
        file.genre = "Foley"
        file.write(SAMPLES)
    assert load_tags(path) == ("Foley",)


def test_a_sentence_is_no_tag(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    soundfile.write(path, SAMPLES, 8_000)
    file = mutagen.File(path)
    file["genre"] = "rain, " + "very " * 20
    file.save()
    assert load_tags(path) == ("rain",)


def plain(path: Path) -> None:
    soundfile.write(path, SAMPLES, 8_000, format="WAV")


def cut_mp4(path: Path) -> None:
    write_mp4(path)
    path.write_bytes(path.read_bytes()[:300])


@pytest.mark.parametrize(
    "write",
    [
        plain,
        cut_mp4,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"RIFF\xff\xff\xff\xffWAVEfmt "),
        lambda path: path.write_bytes(b"ID3\x04\x00\x00\x00\x00\x00\x7fTCON"),
        lambda path: path.write_bytes(b"OggS\x00\x02" + bytes(40)),
        lambda path: path.write_bytes(b"fLaC\x00\x00\x00\x22" + bytes(10)),
    ],
)
def test_files_without_tags_and_broken_ones_have_none(tmp_path: Path, write: Callable[[Path], object]) -> None:
    path = tmp_path / "a.bin"
    write(path)
    assert load_tags(path) == ()


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"none\.wav"):
        load_tags(tmp_path / "none.wav")
