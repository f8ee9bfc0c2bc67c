"""`Hit.extract`: which part is written, and what it says when none can be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import media_files
import pytest
import soundfile

from audioclip_search import ExportError, Hit, Marker, MediaError, Metadata, Modality, Moment


@pytest.fixture
def hit(tmp_path: Path) -> Hit:
    """A sound of three seconds, of which the second from 1.0 on was found."""
    path = tmp_path / "tone.wav"
    path.write_bytes(media_files.sound())
    return Hit(path, Modality.AUDIO, 0.9, 1.0, 2.0, metadata=Metadata(fields=(("title", "Tone"),)))


def assert_part(path: Path, hit: Hit, start: int, end: int) -> None:
    whole, _ = soundfile.read(hit.path, dtype="int16")
    part, rate_hz = soundfile.read(path, dtype="int16")
    assert rate_hz == 8_000
    assert part.tolist() == whole[start:end].tolist()


def test_the_window_the_best_moment_or_what_is_asked_for(tmp_path: Path, hit: Hit) -> None:
    assert hit.extract(str(tmp_path / "window.wav")) == tmp_path / "window.wav"
    assert_part(tmp_path / "window.wav", hit, 8_000, 16_000)
    long = replace(hit, moments=(Moment(0.5, 2.5, 0.9), Moment(0.0, 0.25, 0.5)))
    assert_part(long.extract(tmp_path / "moment.flac"), hit, 4_000, 20_000)
    assert_part(long.extract(tmp_path / "other.wav", moment=long.moments[1]), hit, 0, 2_000)
    assert_part(hit.extract(tmp_path / "times.wav", start_s=0.125, end_s=0.25), hit, 1_000, 2_000)
    assert_part(hit.extract(tmp_path / "end.wav", end_s=1.5), hit, 8_000, 12_000)
    with pytest.raises(ValueError, match="either a moment or times"):
        hit.extract(tmp_path / "x.wav", moment=long.moments[0], end_s=3)


def test_its_metadata_go_with_it(tmp_path: Path, hit: Hit) -> None:
    with soundfile.SoundFile(hit.extract(tmp_path / "part.wav")) as sound:
        assert sound.title == "Tone"
    marked = replace(hit, metadata=Metadata(markers=(Marker(1.5, 1.5, "there"),)))
    assert b"there" in marked.extract(tmp_path / "marked.wav", fade_s=0.1).read_bytes()


def test_only_sounds_have_parts(tmp_path: Path, hit: Hit) -> None:
    for modality, kind in ((Modality.IMAGE, "picture"), (Modality.TEXT, "text")):
        with pytest.raises(ExportError, match=f"a {kind} has no part") as raised:
            replace(hit, modality=modality).extract(tmp_path / "x.wav")
        assert raised.value.path == hit.path


def test_a_file_that_is_not_there_is_told_from_one_that_is_away(tmp_path: Path, hit: Hit) -> None:
    hit.path.unlink()
    with pytest.raises(MediaError, match="audioclip-search index") as raised:
        hit.extract(tmp_path / "x.wav")
    assert raised.value.path == hit.path
    with pytest.raises(MediaError, match="Connect the drive"):
        replace(hit, offline=True).extract(tmp_path / "x.wav")


def test_nothing_is_overwritten_unasked(tmp_path: Path, hit: Hit) -> None:
    target = tmp_path / "x.wav"
    target.write_bytes(b"precious")
    with pytest.raises(ExportError, match="exists already"):
        hit.extract(target)
    assert target.read_bytes() == b"precious"
    assert_part(hit.extract(target, overwrite=True), hit, 8_000, 16_000)
