"""`query` and `similar` in the shell: the query language, batches, pages, why and when, and what is written."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile
from typer.testing import CliRunner

from audioclip_search.cli import app

MakeFile = Callable[..., Path]
runner = CliRunner()


@pytest.fixture
def indexed(small_library: Path, tiny_model: Path, own_models_dir: Path) -> str:
    """A library that was indexed, as an argument."""
    shutil.copytree(tiny_model, own_models_dir / "tiny")
    assert runner.invoke(app, ["index", str(small_library), "--model", "tiny"]).exit_code == 0
    return str(small_library)


def paths(root: str, *arguments: str) -> list[str]:
    result = runner.invoke(app, ["query", root, *arguments, "--paths"])
    assert result.exit_code == 0, result.stderr
    return [Path(line).relative_to(root).as_posix() for line in result.stdout.splitlines()]


def objects(root: str, *arguments: str) -> list[dict[str, object]]:
    result = runner.invoke(app, ["query", root, *arguments, "--json"])
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_words_are_in_the_query_language(indexed: str) -> None:
    assert paths(indexed, "kind:image", "ext:png,gif") == ["covers/front.png", "logo.gif"]
    assert paths(indexed, "dur:<0.5 folder:drums") == ["drums/hit 0.wav"]
    assert paths(indexed, "hit 2 folder:drums")[0] == "drums/hit 2.wav"
    assert "drums/hit 2.wav" not in paths(indexed, "hit -2", "--min-score", "0")
    assert paths(indexed, '"other rate"') == ["pads/other rate.ogg"]


def test_a_name_is_found_though_the_model_knows_nothing(indexed: str) -> None:
    for ranking in ("hybrid", "text"):
        assert paths(indexed, "other rate", "--ranking", ranking)[0] == "pads/other rate.ogg"


def test_pages_join(indexed: str) -> None:
    whole = paths(indexed, "rain", "-k", "11", "--min-score", "0")
    assert len(whole) == 11
    joined = [p for at in (0, 4, 8) for p in paths(indexed, "rain", "-k", "4", "--offset", str(at), "--min-score", "0")]
    assert joined == whole
    page = runner.invoke(app, ["query", indexed, "rain", "-k", "4", "--min-score", "0"])
    assert "--offset" in page.stderr
    last = runner.invoke(app, ["query", indexed, "rain", "-k", "4", "--offset", "8", "--min-score", "0"])
    assert "--offset" not in last.stderr


def test_nothing_found_is_said_and_the_nearest_are_told(indexed: str) -> None:
    result = runner.invoke(app, ["query", indexed, "zyzzyva", "--min-score", "1"])
    assert (result.exit_code, result.stdout) == (0, "")
    assert "Nothing in this library matches" in result.stderr
    assert sum(" %" in line for line in result.stderr.splitlines()) == 5
    as_json = runner.invoke(app, ["query", indexed, "zyzzyva", "--min-score", "1", "--json"])
    assert json.loads(as_json.stdout) == []
    none = runner.invoke(app, ["query", indexed, "ext:xyz"])
    assert (none.exit_code, none.stdout) == (0, "")
    assert "no such file" in none.stderr


@pytest.mark.parametrize(("query", "column"), [("glass dur:<", 10), ('a "b', 2), ("(glass", 0)])
def test_the_character_that_is_wrong_is_pointed_at(indexed: str, query: str, column: int) -> None:
    result = runner.invoke(app, ["query", indexed, query])
    assert (result.exit_code, result.stdout) == (2, "")
    text, mark = result.stderr.splitlines()[:2]
    assert text.strip() == query
    assert mark.index("^") - text.index(query) in (column, column + 1)


def test_several_things_at_once(indexed: str) -> None:
    sound, picture = f"{indexed}/drums/hit 1.wav", f"{indexed}/covers/front.png"
    hits = objects(
        indexed, "drums", "--audio", sound, "--image", picture, "--like", "logo.gif", "--explain", "--min-score", "0"
    )
    assert "logo.gif" not in {Path(str(hit["path"])).name for hit in hits}
    why = hits[0]["why"]
    assert isinstance(why, dict)
    assert [part["term"].partition(":")[0] for part in why["terms"]] == ["drums", "image", "audio", "like"]
    excluded = paths(indexed, "--audio", sound, "--exclude", "hit", "--min-score", "0")
    assert len(excluded) == 7
    assert not any(path.startswith("drums/") for path in excluded)


def test_why_and_when_are_told(indexed: str) -> None:
    result = runner.invoke(app, ["query", indexed, "long", "--explain", "--moments", "--min-score", "0"])
    assert result.exit_code == 0
    first = result.stdout.splitlines()[1]
    assert "pads/long.flac" in first
    assert "name 100 %" in first
    (hit,) = objects(indexed, "long", "folder:pads ext:flac", "--moments", "--min-score", "0")
    moments = hit["moments"]
    assert isinstance(moments, list)
    assert all(0 <= moment["start_s"] < moment["end_s"] <= 6.5 for moment in moments)
    assert moments
    assert hit["why"] is None


def test_many_queries_of_a_file(indexed: str, tmp_path: Path) -> None:
    batch = tmp_path / "queries.txt"
    batch.write_text("kind:image\n\n  other rate  \nrain -hit\n", encoding="utf-8")
    result = runner.invoke(app, ["query", indexed, "--batch", str(batch), "-k", "3"])
    answers = json.loads(result.stdout)
    assert [answer["query"] for answer in answers] == ["kind:image", "other rate", "rain -hit"]
    for answer in answers:
        assert answer["nothing"] == (not answer["hits"])
        assert answer["hits"] == objects(indexed, answer["query"], "-k", "3")
    by_pipe = runner.invoke(app, ["query", indexed, "--batch", "-", "-k", "3"], input=batch.read_text(encoding="utf-8"))
    assert by_pipe.stdout == result.stdout
    both = runner.invoke(app, ["query", indexed, "rain", "--batch", str(batch)])
    assert (both.exit_code, both.stdout) == (2, "")


def test_hits_are_saved_and_their_parts_written(indexed: str, tmp_path: Path) -> None:
    playlist, parts = tmp_path / "found.m3u8", tmp_path / "new" / "parts"
    result = runner.invoke(
        app, ["query", indexed, "folder:drums", "--save", str(playlist), "--extract", str(parts), "--paths"]
    )
    assert result.exit_code == 0, result.stderr
    assert len(result.stdout.splitlines()) == 4
    assert "hit 3.wav" in playlist.read_text(encoding="utf-8")
    written = sorted(path.name for path in parts.iterdir())
    assert written == [f"00{number + 1} hit {number}.wav" for number in range(4)]
    assert soundfile.info(parts / written[3]).frames == soundfile.info(f"{indexed}/drums/hit 3.wav").frames
    similar = runner.invoke(
        app, ["similar", indexed, "drums/hit 0.wav", "-k", "2", "--save", str(tmp_path / "near.csv"), "--paths"]
    )
    assert similar.exit_code == 0, similar.stderr
    assert len((tmp_path / "near.csv").read_text(encoding="utf-8").splitlines()) == 3
    wrong = runner.invoke(app, ["query", indexed, "folder:drums", "--save", str(tmp_path / "found.doc")])
    assert wrong.exit_code != 0
    assert "error" in wrong.stderr.lower()
