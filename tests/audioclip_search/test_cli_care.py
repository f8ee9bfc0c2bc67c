"""The commands that look after a library, in process, one after another as a person would use them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from audioclip_search import Library
from audioclip_search.cli import app
from audioclip_search.upkeep import INDEX_FOLDER

MakeFile = Callable[..., Path]
FILES = 11

runner = CliRunner()


def run(*arguments: object) -> Result:
    return runner.invoke(app, [str(argument) for argument in arguments])


def done(*arguments: object) -> str:
    """What a command that succeeds prints."""
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    return result.stdout


@pytest.fixture
def library(small_library: Path, tiny_model: Path, own_models_dir: Path) -> Path:
    shutil.copytree(tiny_model, own_models_dir / "tiny")
    done("index", small_library, "--model", "tiny")
    return small_library


def rows(text: str) -> dict[str, str]:
    return {name: value.strip() for name, value in (line.split(maxsplit=1) for line in text.splitlines())}


def test_a_renamed_folder_is_told_as_moved(library: Path) -> None:
    (library / "drums").rename(library / "percussion")
    found = rows(done("index", library))
    assert (found["moved"], found["added"], found["vectors"]) == ("4", "0", "0")


def test_tags_are_shown_with_the_hits_and_follow_a_rename(library: Path) -> None:
    changed = run(
        "annotate", library, library / "drums" / "hit 1.wav", "pads/long.flac", "--add", "loud", "--rating", 3
    )
    assert "2 of 2 files" in changed.stderr
    (library / "drums" / "hit 1.wav").rename(library / "boom.wav")
    done("index", library)
    hits = {
        Path(hit["path"]).name: hit
        for hit in json.loads(done("query", library, "rain", "--min-score", "0", "--json", "-k", 20))
    }
    assert (hits["boom.wav"]["tags"], hits["boom.wav"]["rating"]) == (["loud"], 3)
    assert (hits["hit 0.wav"]["tags"], hits["hit 0.wav"]["rating"], hits["hit 0.wav"]["offline"]) == ([], 0, False)
    table = done("query", library, "rain", "--min-score", "0", "-k", 20)
    assert sum("★★★  loud" in line for line in table.splitlines()) == 2
    done("annotate", library, "boom.wav", "--remove", "LOUD", "--rating", 0)
    assert "★" not in next(
        line for line in done("query", library, "rain", "--min-score", "0").splitlines() if "boom" in line
    )


def test_annotating_strangers_fails(library: Path, tmp_path: Path) -> None:
    assert run("annotate", library, "no such file.wav", "--add", "x").exit_code == 1
    outside = run("annotate", library, tmp_path / "outside.wav", "--add", "x")
    assert (outside.exit_code, "not in this library" in outside.stderr) == (2, True)


def test_folders_come_go_and_move(library: Path, tmp_path: Path, make_sound: MakeFile) -> None:
    other = tmp_path / "other"
    make_sound(other / "a.wav", seed=90)
    assert done("folders", library, "--add", other).splitlines() == [str(library), str(other)]
    assert rows(done("index", library))["added"] == "1"
    other.rename(tmp_path / "moved")
    assert f"{other}  (can't be reached)" in done("folders", library)
    found = rows(done("index", library))
    assert (found["offline"], found["removed"]) == ("1", "0")
    assert "1 files are now in" in run("relocate", library, other, tmp_path / "moved").stderr
    assert rows(done("index", library))["unchanged"] == str(FILES + 1)
    assert done("folders", library, "--remove", tmp_path / "moved") == f"{library}\n"
    assert json.loads(done("info", library, "--json"))["audio"] == 6
    inside = run("folders", library, "--add", library / "drums")
    assert (inside.exit_code, "belongs to the library already" in inside.stderr) == (1, True)


def test_rules_are_shown_changed_and_applied(library: Path) -> None:
    assert rows(done("rules", library))["ignored"] == "nothing"
    changed = run("rules", library, "--ignore", "*.png", "--ignore", "pads/", "--max-size", "1.5G", "--hidden")
    found = rows(changed.stdout)
    assert (found["ignored"], "`audioclip-search index`" in changed.stderr) == ("*.png  pads/", True)
    assert "1,500.0 MB" in changed.stdout
    assert rows(done("index", library))["removed"] == "3"
    done("rules", library, "--clear", "--max-size", 0)
    assert rows(done("index", library))["added"] == "3"
    for wrong in (["--max-size", "huge"], ["--ignore", "Music\\"]):
        assert run("rules", library, *wrong).exit_code == 2


def test_forgetting_and_optimizing(library: Path) -> None:
    assert "4 files forgotten" in run("forget", library, "drums").stderr
    assert "MB before" in run("optimize", library, "--vectors", "float16").stderr
    assert "(float16)" in done("info", library)
    assert rows(done("index", library))["added"] == "4"


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_an_export_makes_another_index(library: Path, tmp_path: Path, form: str) -> None:
    done("annotate", library, "notes.txt", "--add", "kept")
    exported = Path(done("export", library, tmp_path / "export", "--format", form).strip())
    assert {path.name for path in exported.iterdir()} == {f"files.{form}", f"vectors.{form}"}
    if form == "parquet":
        assert pq.read_table(exported / "files.parquet").num_rows == FILES
    shutil.copytree(library, tmp_path / "copy", ignore=shutil.ignore_patterns(INDEX_FOLDER))
    assert rows(done("import", tmp_path / "copy", exported))["added"] == str(FILES)
    assert rows(done("index", tmp_path / "copy"))["unchanged"] == str(FILES)
    hits = json.loads(done("query", tmp_path / "copy", "rain", "--min-score", "0", "--json", "-k", 20))
    assert [hit["tags"] for hit in hits if hit["path"].endswith("notes.txt")] == [["kept"]]


def test_an_import_into_a_new_index_knows_the_other_folders(
    library: Path, tmp_path: Path, make_sound: MakeFile
) -> None:
    make_sound(tmp_path / "other" / "a.wav", seed=95)
    done("folders", library, "--add", tmp_path / "other")
    done("index", library)
    done("export", library, tmp_path / "export")
    shutil.copytree(library, tmp_path / "copy", ignore=shutil.ignore_patterns(INDEX_FOLDER))
    done("import", tmp_path / "copy", tmp_path / "export")
    found = rows(done("index", tmp_path / "copy"))
    assert (found["unchanged"], found["removed"]) == (str(FILES + 1), "0")


def test_doctor_compares_the_index_with_the_disk_and_mends(library: Path, make_sound: MakeFile) -> None:
    assert "✓  up to date" in done("doctor", library)
    make_sound(library / "new.wav", seed=91)
    (library / "logo.gif").unlink()
    found = run("doctor", library)
    assert found.exit_code == 1
    assert "1 new files, 0 changed, 1 gone, 0 offline" in found.stdout
    assert f"audioclip-search index {library}" in found.stdout
    assert "synced" in done("doctor", library, "--mend")
    assert "0 new files, 0 changed, 0 gone" in done("doctor", library)


def test_watch_follows_until_ctrl_c(library: Path, make_sound: MakeFile) -> None:
    def use() -> None:
        make_sound(library / "while watching.wav", seed=92)
        deadline = time.monotonic() + 60
        with Library(library) as reader:
            while time.monotonic() < deadline and reader.info().audio == 6:
                time.sleep(0.1)
        time.sleep(0.5)  # until it has been told
        os.kill(os.getpid(), signal.SIGINT)

    user = threading.Timer(1.0, use)
    user.start()
    watched = run("watch", library, "--quiet", 0.3)
    user.join()
    assert watched.exit_code == 0
    assert "Watching. Ctrl-C ends it." in watched.stderr
    assert "1 added in" in watched.stderr
