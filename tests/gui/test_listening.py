from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from pytestqt.qtbot import QtBot
from silent_output import RATE_HZ, SilentOutput

from audioclip_search import Modality
from gui.backend.calls.sound_view import Outline, Spectrum
from gui.controllers.listening import OUTLINE_COLUMNS, ListeningController
from gui.engine import Engine
from gui.player.player import PlayerState
from gui.records import Row
from gui.settings import Settings


@pytest.fixture
def output() -> SilentOutput:
    return SilentOutput("Speakers", "Headphones")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(tmp_path / "settings.ini")
    settings.put("listening/autoplay", False)
    return settings


@pytest.fixture
def listening(qtbot: QtBot, engine: Engine, settings: Settings, output: SilentOutput) -> Iterator[ListeningController]:
    listening = ListeningController(engine, settings, output=output)
    yield listening
    listening.close()


def sound(folder: Path, name: str = "a.wav", duration_s: float = 1.0) -> Row:
    path = folder / name
    count = round(duration_s * RATE_HZ)
    soundfile.write(path, np.linspace(0.1, 0.6, count), RATE_HZ, subtype="FLOAT")
    return Row(str(path), Modality.AUDIO, duration_s=duration_s, mtime_ns=1)


def test_what_is_selected_is_heard_at_once_if_that_is_wanted(
    qtbot: QtBot, listening: ListeningController, output: SilentOutput, tmp_path: Path
) -> None:
    row = sound(tmp_path)
    listening.select(row)
    assert (listening.row, listening.playable, listening.state) == (row, True, PlayerState.STOPPED)
    listening.set_autoplay(True)
    listening.select(sound(tmp_path, "b.wav"))
    assert listening.state is PlayerState.PLAYING
    qtbot.waitUntil(lambda: len(output.heard()) > 4_800, timeout=60_000)
    listening.toggle()
    assert listening.state is PlayerState.PAUSED
    listening.toggle()
    assert listening.state is PlayerState.PLAYING
    listening.stop()
    assert (listening.state, listening.position_s) == (PlayerState.STOPPED, 0)


def test_a_fresh_row_of_the_same_file_plays_on(qtbot: QtBot, listening: ListeningController, tmp_path: Path) -> None:
    row = sound(tmp_path)
    listening.select(row)
    listening.set_region(0.2, 0.8)
    listening.play()
    qtbot.waitUntil(lambda: listening.position_s > 0.25, timeout=60_000)
    tagged = replace(row, tags=("rain",))
    with qtbot.waitSignal(listening.row_changed):
        listening.select(tagged)
    assert (listening.row, listening.state, listening.region) == (tagged, PlayerState.PLAYING, (0.2, 0.8))
    listening.select(replace(row, mtime_ns=2))  # it was written anew
    assert (listening.state, listening.region) == (PlayerState.STOPPED, None)


def test_pictures_and_unreachable_sounds_are_not_played(listening: ListeningController, tmp_path: Path) -> None:
    listening.set_autoplay(True)
    for row in (Row("/x/a.png", Modality.IMAGE), replace(sound(tmp_path), offline=True), None):
        listening.select(row)
        listening.play()
        assert (listening.row, listening.playable, listening.state) == (row, False, PlayerState.STOPPED)


def test_a_long_sound_starts_where_it_matches(
    listening: ListeningController, settings: Settings, tmp_path: Path
) -> None:
    row = replace(sound(tmp_path), score=0.9, start_s=0.5, end_s=0.75)
    listening.select(row)
    assert listening.position_s == 0.5
    settings.put("listening/from_match", False)
    listening.select(None)
    listening.select(row)
    assert listening.position_s == 0
    listening.select(replace(row, score=None, mtime_ns=2))
    assert listening.position_s == 0


def test_regions_start_and_end_where_it_is(listening: ListeningController, qtbot: QtBot, tmp_path: Path) -> None:
    listening.select(sound(tmp_path))
    listening.seek(0.25)
    with qtbot.waitSignal(listening.region_changed) as told:
        listening.start_region()
    assert told.args == [(0.25, 1.0)]
    listening.seek(0.5)
    listening.end_region()
    assert listening.region == (0.25, 0.5)
    listening.choose_region((0.1, 0.3))
    assert (listening.region, listening.looping) == ((0.1, 0.3), True)
    listening.choose_region(None)
    assert listening.region is None


def test_how_it_is_heard_is_remembered(
    qtbot: QtBot, engine: Engine, listening: ListeningController, settings: Settings
) -> None:
    with qtbot.waitSignals([listening.changed] * 6):
        listening.set_volume(0.5)
        listening.set_speed(1.5)
        listening.set_semitones(-3)
        listening.set_looping(True)
        listening.set_device("Headphones")
        listening.set_autoplay(True)
    listening.louder()
    assert listening.volume == pytest.approx(0.55)
    listening.set_muted(True)
    assert listening.muted
    listening.quieter()
    assert (listening.muted, listening.volume) == (False, pytest.approx(0.5))
    again = ListeningController(engine, settings, output=SilentOutput("Speakers"))
    assert (again.volume, again.speed, again.semitones, again.looping) == (pytest.approx(0.5), 1.5, -3, True)
    assert (again.device, again.autoplay) == ("Headphones", True)
    again.close()


def test_the_volume_is_what_is_heard(
    qtbot: QtBot, listening: ListeningController, output: SilentOutput, tmp_path: Path
) -> None:
    row = sound(tmp_path, duration_s=0.2)
    listening.select(row)
    listening.set_volume(0.5)
    listening.play()
    qtbot.waitUntil(lambda: listening.state is PlayerState.STOPPED, timeout=60_000)
    assert output.heard() == pytest.approx(np.linspace(0.1, 0.6, 9_600) * 0.25, abs=1e-5)


def test_the_waveform_comes_later_and_is_kept(qtbot: QtBot, listening: ListeningController, tmp_path: Path) -> None:
    row, other = sound(tmp_path), sound(tmp_path, "b.wav", 0.5)
    listening.select(row)
    assert listening.outline is None
    listening.select(other)  # the first one is not wanted any more
    with qtbot.waitSignal(listening.outline_changed, timeout=20_000):
        pass
    outline = listening.outline
    assert outline is not None
    assert (len(outline.low), outline.end_s) == (OUTLINE_COLUMNS, pytest.approx(0.5))
    assert outline.high == pytest.approx(np.linspace(0.1, 0.6, OUTLINE_COLUMNS), abs=1e-3)
    listening.select(None)
    assert listening.outline is None
    listening.select(other)
    assert listening.outline is outline


def test_devices_are_found(qtbot: QtBot, listening: ListeningController, tmp_path: Path) -> None:
    with qtbot.waitSignal(listening.devices_changed):
        listening.look_for_devices()
    assert [(device.name, device.is_default) for device in listening.devices] == [
        ("Speakers", True),
        ("Headphones", False),
    ]
    with qtbot.waitSignal(listening.output_changed):
        listening.select(sound(tmp_path))
    assert listening.output is not None
    assert listening.output.device == "Speakers"


def test_the_part_that_is_seen_is_drawn(qtbot: QtBot, listening: ListeningController, tmp_path: Path) -> None:
    looking = listening.looking
    outlines: list[Outline] = []
    spectra: list[Spectrum] = []
    looking.outlined.connect(outlines.append)
    looking.analysed.connect(spectra.append)
    listening.select(sound(tmp_path))
    looking.see(0.0, 1.0, 400, 64)
    looking.see(0.5, 0.75, 300, 32)
    qtbot.waitUntil(lambda: bool(outlines and spectra), timeout=20_000)
    assert len(outlines) == len(spectra) == 1  # only the newest is answered
    assert spectra[0].levels.shape == (32, 300)
    assert (outlines[0].start_s, outlines[0].end_s) == (0.5, 0.75)
    assert outlines[0].low[0] == pytest.approx(0.35, abs=1e-3)
    assert outlines[0].high[-1] == pytest.approx(0.475, abs=1e-3)
    looking.see(0.0, 1.0, 400, 64)
    looking.forget()
    qtbot.wait(150)
    assert len(spectra) == 1


def test_a_sound_that_cant_be_drawn_is_a_message(qtbot: QtBot, listening: ListeningController, tmp_path: Path) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    listening.select(Row(str(broken), Modality.AUDIO, duration_s=1.0))
    with qtbot.waitSignal(listening.looking.trouble, timeout=20_000) as told:
        listening.looking.see(0, 1, 10, 10)
    assert str(broken) in str(told.args[0])
    with qtbot.waitSignal(listening.trouble, timeout=60_000) as told:
        listening.play()
    assert str(broken) in str(told.args[0])
    assert listening.state is PlayerState.PAUSED
