"""Hits as JSON, CSV, Arrow, data frames and playlists: what is read back is what was there, whatever files are
called."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from audioclip_search.errors import ExportError
from audioclip_search.results import Explanation, Hit, Hits, Moment, TermPart
from audioclip_search.results.objects import hit_object
from audioclip_search.results.tables import CSV_COLUMNS, HITS_SCHEMA
from audioclip_search.types import AutoTag, Marker, Metadata, Modality, TagState

ROOT = Path("/sfx").absolute()
SOUND = Hit(
    ROOT / "glass" / "GLASBrk_Window.wav",
    Modality.AUDIO,
    0.91,
    2.5,
    7.5,
    tags=("glass", "my tag"),
    rating=4,
    cosine=0.3,
    duration_s=12.25,
    metadata=Metadata(
        rate_hz=96_000,
        channels=2,
        bits=24,
        fields=(("title", "Window"), ("title", "Fenster"), ("description", "=1+1")),
        markers=(Marker(1.0, 2.0, "hit"),),
    ),
    auto_tags=(AutoTag("shatter", 0.75, TagState.CONFIRMED, "starter", 5),),
    moments=(Moment(2.5, 7.5, 0.91), Moment(0.0, 1.25, 0.6)),
    why=Explanation(0.8, 0.1, words=("glass",), terms=(TermPart("glass", 1.0, 0.3, 2.5, 7.5),)),
)
PICTURE = Hit(ROOT / "window.png", Modality.IMAGE, 0.5, metadata=Metadata(width=640, height=480), offline=True)
LONG = Hit(ROOT / "rain.flac", Modality.AUDIO, 0.4, 0, 5, duration_s=3_600.0)
HITS = Hits((SOUND, PICTURE, LONG), query="glass -music")

# Names as a file system can have them: anything but the separator and zero, halves of characters from bytes that are no
# UTF-8 among it.
LETTERS = st.characters(exclude_characters="/\0", exclude_categories=("Cs",)) | st.characters(
    min_codepoint=0xDC80, max_codepoint=0xDCFF
)
NAMES = st.text(LETTERS, min_size=1, max_size=20).filter(lambda name: name not in (".", ".."))


def test_json_has_everything() -> None:
    first, second, _ = json.loads(HITS.to_json())
    assert first == {
        "path": str(SOUND.path),
        "modality": "audio",
        "score": 0.91,
        "start_s": 2.5,
        "end_s": 7.5,
        "tags": ["glass", "my tag"],
        "rating": 4,
        "offline": False,
        "cosine": 0.3,
        "duration_s": 12.25,
        "metadata": {
            "rate_hz": 96_000,
            "channels": 2,
            "bits": 24,
            "width": 0,
            "height": 0,
            "fields": {"title": ["Window", "Fenster"], "description": ["=1+1"]},
            "markers": [{"start_s": 1.0, "end_s": 2.0, "label": "hit"}],
        },
        "auto_tags": [{"label": "shatter", "probability": 0.75, "state": "confirmed", "model": "starter"}],
        "moments": [
            {"start_s": 2.5, "end_s": 7.5, "score": 0.91},
            {"start_s": 0.0, "end_s": 1.25, "score": 0.6},
        ],
        "why": {
            "semantic": 0.8,
            "name": 0.1,
            "folder": 0.0,
            "metadata": 0.0,
            "excluded": 0.0,
            "terms": [{"term": "glass", "weight": 1.0, "cosine": 0.3, "start_s": 2.5, "end_s": 7.5}],
            "words": ["glass"],
        },
    }
    assert second.keys() == first.keys()
    assert (second["offline"], second["why"]) == (True, None)
    assert json.loads(Hits().to_json()) == []


def test_arrow_has_everything() -> None:
    table = HITS.to_arrow()
    assert table.schema == HITS_SCHEMA
    first, second, _ = table.to_pylist()
    assert (first["path"], first["score"], first["tags"], first["rate_hz"]) == (
        str(SOUND.path),
        0.91,
        ["glass", "my tag"],
        96_000,
    )
    assert first["fields"][1] == {"name": "title", "text": "Fenster"}
    assert first["moments"] == [
        {"start_s": 2.5, "end_s": 7.5, "score": 0.91},
        {"start_s": 0, "end_s": 1.25, "score": 0.6},
    ]
    assert first["why"]["terms"][0]["term"] == "glass"
    assert (second["why"], second["width"], second["offline"]) == (None, 640, True)
    assert Hits().to_arrow().schema == HITS_SCHEMA


def test_a_data_frame_has_a_row_a_hit() -> None:
    pandas = pytest.importorskip("pandas")
    frame = HITS.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame.columns) == HITS_SCHEMA.names
    assert frame["path"].tolist() == [str(hit.path) for hit in HITS]
    assert frame[frame["score"] > 0.45]["modality"].tolist() == ["audio", "image"]


def test_without_pandas_the_error_says_what_to_install() -> None:
    code = """
import sys

class NoPandas:
    def find_spec(self, name, path=None, target=None):
        if name == "pandas":
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, NoPandas())
from audioclip_search import ExportError, Hits
assert "torch" not in sys.modules and "lancedb" not in sys.modules
try:
    Hits().to_pandas()
except ExportError as error:
    assert "audioclip-search[pandas]" in error.remedy
else:
    raise AssertionError
assert Hits().to_arrow().num_rows == 0
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def parsed_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_has_a_line_a_hit() -> None:
    first, second, _ = parsed_csv(HITS.to_csv())
    assert tuple(first) == CSV_COLUMNS
    assert first["path"] == str(SOUND.path)
    assert (float(first["score"]), float(first["start_s"]), int(first["rating"])) == (0.91, 2.5, 4)
    assert first["tags"] == "glass; my tag"
    assert first["auto_tags"] == "shatter 0.75 confirmed"
    assert first["moments"] == "2.500-7.500 0.9100; 0.000-1.250 0.6000"
    assert (first["title"], first["description"]) == ("Window", "'=1+1")
    assert (second["tags"], second["offline"]) == ("", "True")


@given(st.text(max_size=8))
@example('=cmd|"/c calc"!A1')
@example("@SUM(1)")
@example("'quoted")
@example("-1\r\n+2")
def test_no_cell_of_a_csv_is_a_formula(text: str) -> None:
    hit = replace(PICTURE, tags=(text,), metadata=Metadata(fields=(("title", text),)))
    (row,) = parsed_csv(Hits((hit,)).to_csv())
    for name in ("tags", "title"):
        assert not row[name].startswith(tuple("=+-@\t\r\n"))
        marked = row[name].startswith("'")
        assert row[name][marked:] == text.encode(errors="backslashreplace").decode()


@given(NAMES)
@example("a\nb.wav")
@example("\udcff\udc80.wav")
@example('say "hi", you.wav')
def test_odd_names_come_back_from_json_csv_and_arrow(name: str) -> None:
    hits = Hits((replace(SOUND, path=ROOT / name),))
    path = str(ROOT / name)
    assert json.loads(hits.to_json().encode().decode())[0]["path"] == path
    valid = path.encode(errors="backslashreplace").decode()
    assert parsed_csv(hits.to_csv().encode().decode())[0]["path"] == valid
    assert hits.to_arrow()["path"].to_pylist() == [valid]


def entries(text: str) -> list[tuple[str, dict[str, str], str]]:
    """What a player makes of a playlist: duration and title, options, place of each entry."""
    lines = text.split("\n")
    assert lines[0] == "#EXTM3U"
    assert lines[-1] == ""
    found, title, options = [], "", {}
    for line in lines[1:-1]:
        if line.startswith("#EXTINF:"):
            title = line.removeprefix("#EXTINF:")
        elif line.startswith("#EXTVLCOPT:"):
            name, _, value = line.removeprefix("#EXTVLCOPT:").partition("=")
            options[name] = value
        elif not line.startswith("#"):
            found.append((title, options, line))
            title, options = "", {}
    return found


def test_a_playlist_has_an_entry_for_each_moment_or_sound() -> None:
    text = HITS.to_m3u()
    assert text.split("\n")[1] == "#PLAYLIST:glass -music"
    assert entries(text) == [
        ("5,Window 0:02.5–0:07.5", {"start-time": "2.5", "stop-time": "7.5"}, str(SOUND.path)),
        ("1.25,Window 0:00.0–0:01.2", {"start-time": "0", "stop-time": "1.25"}, str(SOUND.path)),
        ("3600,rain", {}, str(LONG.path)),
    ]
    assert entries(Hits((replace(LONG, duration_s=0.0),)).to_m3u())[0][0] == "-1,rain"
    assert Hits((PICTURE,)).to_m3u() == "#EXTM3U\n"


def test_a_playlist_may_have_relative_paths() -> None:
    places = [place for _, _, place in entries(HITS.to_m3u(relative_to=ROOT / "lists"))]
    assert places == ["../glass/GLASBrk_Window.wav", "../glass/GLASBrk_Window.wav", "../rain.flac"]
    odd = Hits((replace(LONG, path=ROOT / "#1.wav"), replace(LONG, path=ROOT / "http:" / "x.wav")))
    assert [place for _, _, place in entries(odd.to_m3u(relative_to=ROOT))] == ["./#1.wav", "./http:/x.wav"]


@given(NAMES, st.booleans())
@example("a\n#EXTINF:1,b.wav", False)
@example(" \u2028.wav", True)
@example("\udcff.wav", False)
@example("a\\b.wav", True)
@pytest.mark.skipif(os.sep != "/", reason="such names are those of other systems")
def test_odd_names_come_back_from_a_playlist(name: str, relative: bool) -> None:
    hits = Hits((replace(LONG, path=ROOT / name), LONG), query=name)
    found = entries(hits.to_m3u(relative_to=ROOT if relative else None).encode().decode())
    assert len(found) == 2
    place = found[0][2]
    if place.startswith("file://"):
        assert unquote_to_bytes(urlsplit(place).path) == os.fsencode(ROOT / name)
    else:
        assert os.path.normpath(ROOT / place) == str(ROOT / name)


def test_hits_are_saved_in_the_form_of_the_suffix(tmp_path: Path) -> None:
    for name in ("hits.json", "hits.CSV", "hits.m3u", "hits.m3u8", "hits.parquet", "hits.arrow"):
        (tmp_path / name).write_text("old")
        assert HITS.save(str(tmp_path / name)) == tmp_path / name
    assert json.loads((tmp_path / "hits.json").read_bytes())[0] == hit_object(SOUND)
    assert parsed_csv((tmp_path / "hits.CSV").read_bytes().decode()) == parsed_csv(HITS.to_csv())
    assert (tmp_path / "hits.m3u").read_bytes() == (tmp_path / "hits.m3u8").read_bytes() == HITS.to_m3u().encode()
    assert pq.read_table(tmp_path / "hits.parquet").equals(HITS.to_arrow())
    with pa.OSFile(str(tmp_path / "hits.arrow")) as file:
        assert pa.ipc.open_file(file).read_all().equals(HITS.to_arrow())
    near = HITS[2:].save(tmp_path / "near.m3u8", relative=True).read_text(encoding="utf-8")
    assert entries(near)[0][2] == Path(os.path.relpath(LONG.path, tmp_path)).as_posix()
    assert len(list(tmp_path.iterdir())) == 7


@pytest.mark.parametrize("name", ["hits.txt", "hits", ".json"])
def test_an_unknown_suffix_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ExportError, match=r"\.json, \.csv, \.m3u, \.m3u8, \.parquet, \.arrow") as raised:
        HITS.save(tmp_path / name)
    assert raised.value.path == tmp_path / name
    assert not any(tmp_path.iterdir())


def test_where_nothing_can_be_written_the_error_says_so(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="no such folder"):
        HITS.save(tmp_path / "gone" / "hits.json")
    (tmp_path / "hits.json").mkdir()
    with pytest.raises(ExportError, match="is a folder"):
        HITS.save(tmp_path / "hits.json")
    with pytest.raises(ExportError):
        HITS.save(tmp_path / f"{'x' * 300}.json")
    (tmp_path / "file").touch()
    with pytest.raises(ExportError, match="no such folder"):
        HITS.save(tmp_path / "file" / "hits.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "hits.json"]
