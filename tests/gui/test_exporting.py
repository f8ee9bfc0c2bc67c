"""Files for other programs."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from made_sounds import tone
from pytestqt.qtbot import QtBot
from result_rows import rows

from audioclip_search import ExportError
from gui.backend.calls.exporting import Region, _said, free_name, region_name
from gui.controllers.exporting import ExportController
from gui.engine import Engine
from gui.records import Row, Trouble


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "rain.wav"
    soundfile.write(path, tone(440, duration_s=2.0, rate_hz=8_000), 8_000)
    return path


@pytest.fixture
def exports(qtbot: QtBot, engine: Engine) -> Iterator[ExportController]:
    exports = ExportController(engine)
    yield exports
    exports.close()


def test_a_selected_region_is_a_file_before_anybody_drags_it(
    exports: ExportController, sound: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(exports.region_ready, timeout=60_000):
        exports.set_region(str(sound), 0.5, 1.25)
    file = Path(exports.region_file)
    assert file.name == "rain 0.50-1.25.wav"
    samples, rate_hz = soundfile.read(file)
    assert rate_hz == 8_000
    assert np.array_equal(samples, soundfile.read(sound)[0][4_000:10_000])


def test_only_the_last_region_is_written_while_somebody_still_drags_its_end(
    exports: ExportController, sound: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(exports.region_ready, timeout=60_000):
        for end_s in (0.6, 0.8, 1.0):
            exports.set_region(str(sound), 0.5, end_s)
    file = Path(exports.region_file)
    assert [each.name for each in file.parent.iterdir()] == ["rain 0.50-1.00.wav"]


def test_a_region_that_was_not_taken_goes_and_one_that_was_stays(
    exports: ExportController, sound: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(exports.region_ready, timeout=60_000):
        exports.set_region(str(sound), 0.5, 1.0)
    taken = Path(exports.region_file)
    exports.region_taken()
    exports.set_region(str(sound), 1.0, 1.5)
    qtbot.waitUntil(lambda: exports.region_file.endswith("1.00-1.50.wav"), timeout=60_000)
    left = Path(exports.region_file)
    exports.clear_region()
    assert exports.region_file == ""
    qtbot.waitUntil(lambda: not left.exists(), timeout=60_000)
    assert taken.exists()


def test_a_name_that_is_taken_gets_a_number(
    exports: ExportController, sound: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    exports.set_region(str(sound), 0.5, 1.0)
    made: list[str] = []
    exports.exported.connect(made.extend)
    for _ in range(2):
        with qtbot.waitSignal(exports.exported, timeout=60_000):
            exports.export_region(str(tmp_path))
    assert [Path(file).name for file in made] == ["rain 0.50-1.00.wav", "rain 0.50-1.00 (2).wav"]
    assert free_name(tmp_path / "other.wav") == tmp_path / "other.wav"


def test_files_are_copied_with_progress(exports: ExportController, sound: Path, tmp_path: Path, qtbot: QtBot) -> None:
    target = tmp_path / "out"
    target.mkdir()
    told: list[tuple[int, int]] = []
    exports.progressed.connect(lambda done, count: told.append((done, count)))
    row = replace(rows(1)[0], path=str(sound))
    with qtbot.waitSignal(exports.exported, timeout=60_000):
        exports.export_files([row, row], str(target))
    assert sorted(path.name for path in target.iterdir()) == ["rain (2).wav", "rain.wav"]
    assert (target / "rain.wav").read_bytes() == sound.read_bytes()
    assert told == [(1, 2), (2, 2)]


def test_a_playlist_names_sounds_as_seen_from_its_folder(
    exports: ExportController, sound: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    some = [replace(rows()[0], path=str(sound)), rows()[11]]
    with qtbot.waitSignal(exports.exported, timeout=60_000):
        exports.save_playlist(some, str(tmp_path / "storm.m3u8"))
    text = (tmp_path / "storm.m3u8").read_text("utf-8")
    assert "#PLAYLIST:storm" in text
    assert text.splitlines()[-1] == "rain.wav"
    assert "jpg" not in text


@pytest.mark.parametrize("what", ["sound", "folder"])
def test_what_goes_wrong_is_said_with_a_remedy(
    exports: ExportController, sound: Path, tmp_path: Path, qtbot: QtBot, what: str
) -> None:
    row = Row(str(tmp_path / "gone.wav"), rows()[0].modality) if what == "sound" else rows()[0]
    row = row if what == "sound" else replace(row, path=str(sound))
    folder = tmp_path if what == "sound" else tmp_path / "nowhere"
    with qtbot.waitSignal(exports.trouble, timeout=60_000) as caught:
        exports.export_files([row], str(folder))
    trouble: Trouble = caught.args[0]
    assert trouble.remedy
    assert not list(tmp_path.glob("gone*"))


def test_a_full_disk_is_said_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(ExportError) as caught, _said():
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "a.wav"))
    assert caught.value.reason == "no space left on device"
    assert "Free some space" in caught.value.remedy


def test_long_names_stay_names() -> None:
    assert len(region_name(Region("/a/" + "n" * 250 + ".wav", 1, 2)).encode()) < 255
