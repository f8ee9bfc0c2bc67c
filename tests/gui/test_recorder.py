from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from gui.player import recorder as recording
from gui.player.devices import DeviceError
from gui.player.recorder import Recorder

RATE_HZ = 8_000


class Microphone:
    """A tone of 440 Hz, as fast as a clock says."""

    def __init__(self, *, there: bool = True) -> None:
        self.there = there
        self.is_open = False
        self._given = 0

    def open(self, device: str) -> int:
        if not self.there:
            raise DeviceError("there is no microphone", remedy="Connect one")
        self.is_open, self._given = True, 0
        return RATE_HZ

    def read(self, count: int) -> NDArray[np.float32]:
        if not self.there:
            raise DeviceError("it can't be heard any more", remedy="Connect it again")
        time.sleep(count / RATE_HZ)
        at = np.arange(self._given, self._given + count) / RATE_HZ
        self._given += count
        return (0.5 * np.sin(2 * np.pi * 440 * at)).astype(np.float32)

    def close(self) -> None:
        self.is_open = False


@pytest.fixture
def microphone() -> Microphone:
    return Microphone()


@pytest.fixture
def recorder(qtbot: QtBot, microphone: Microphone) -> Iterator[Recorder]:
    recorder = Recorder(microphone)
    yield recorder
    recorder.close()
    assert not microphone.is_open
    assert not [thread.name for thread in threading.enumerate() if "recorder" in thread.name]


def test_what_is_heard_becomes_a_file(qtbot: QtBot, recorder: Recorder, own_places: Path) -> None:
    levels: list[float] = []
    elapsed: list[float] = []
    recorder.level_changed.connect(levels.append)
    recorder.elapsed_changed.connect(elapsed.append)
    with qtbot.waitSignal(recorder.recording_changed) as told:
        recorder.start()
    assert (told.args, recorder.recording) == ([True], True)
    recorder.start()  # once is enough
    qtbot.waitUntil(lambda: len(elapsed) >= 6, timeout=60_000)
    with qtbot.waitSignal(recorder.recorded) as told:
        recorder.stop()
    path = Path(told.args[0])
    assert path.parent == own_places / "data" / "recordings"
    assert not recorder.recording
    samples, rate_hz = soundfile.read(path)
    assert rate_hz == RATE_HZ
    assert len(samples) / RATE_HZ == pytest.approx(elapsed[-1])
    assert elapsed == pytest.approx(0.05 * np.arange(1, len(elapsed) + 1))
    assert samples[:100] == pytest.approx(0.5 * np.sin(2 * np.pi * 440 * np.arange(100) / RATE_HZ), abs=1e-4)
    assert max(levels) == pytest.approx(0.5, abs=0.01)
    assert levels[-1] == 0


def test_it_ends_by_itself(qtbot: QtBot, recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "LONGEST_S", 0.2)
    with qtbot.waitSignal(recorder.recorded) as told:
        recorder.start()
    assert soundfile.info(told.args[0]).duration == pytest.approx(0.2)


def test_cancelling_keeps_nothing(qtbot: QtBot, recorder: Recorder, own_places: Path) -> None:
    recorder.start()
    with qtbot.waitSignal(recorder.recording_changed), qtbot.assertNotEmitted(recorder.recorded):
        recorder.cancel()
    assert not (own_places / "data" / "recordings").exists()


def test_a_recording_that_is_too_short_is_a_message(qtbot: QtBot, recorder: Recorder) -> None:
    recorder.start()
    with qtbot.waitSignal(recorder.trouble) as told:
        recorder.stop()
    assert str(told.args[0]) == "The recording is too short. Record for a second or longer."


def test_without_a_microphone_there_is_a_message(qtbot: QtBot) -> None:
    recorder = Recorder(Microphone(there=False))
    with qtbot.waitSignals([recorder.trouble, recorder.recording_changed]):
        recorder.start()
    assert not recorder.recording
    recorder.close()


def test_unplugging_it_is_a_message(qtbot: QtBot, recorder: Recorder, microphone: Microphone) -> None:
    recorder.start()
    with qtbot.waitSignal(recorder.level_changed):
        pass
    with qtbot.waitSignal(recorder.trouble) as told:
        microphone.there = False
    assert str(told.args[0]) == "It can't be heard any more. Connect it again."
    assert not recorder.recording
