"""Recording a sound to search with, in its dialog."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from gui import places, theme
from gui.player.devices import DeviceError
from gui.player.recorder import Recorder
from gui.views.record_dialog import Meter, RecordDialog

RATE_HZ = 8_000


class Microphone:
    """Hears a hum, or there is none."""

    there = True

    def open(self, device: str) -> int:
        if not self.there:
            raise DeviceError("there is no microphone", remedy="Connect one and try again")
        return RATE_HZ

    def read(self, count: int) -> NDArray[np.float32]:
        time.sleep(count / RATE_HZ)
        return np.full(count, 0.5, np.float32)

    def close(self) -> None:
        pass


@pytest.fixture
def microphone() -> Microphone:
    return Microphone()


@pytest.fixture
def recorder(qtbot: QtBot, microphone: Microphone) -> Iterator[Recorder]:
    recorder = Recorder(microphone)
    yield recorder
    recorder.close()
    assert not [thread.name for thread in threading.enumerate() if "recorder" in thread.name]


@pytest.fixture
def dialog(qtbot: QtBot, recorder: Recorder, dark: theme.Tokens) -> RecordDialog:
    dialog = RecordDialog(recorder)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def recordings() -> list[Path]:
    return sorted((places.data_dir() / "recordings").glob("*"))


def colours(meter: Meter) -> set[str]:
    image = meter.grab().toImage()
    return {image.pixelColor(x, image.height() // 2).name() for x in range(image.width())}


def record_for_a_moment(qtbot: QtBot, recorder: Recorder, start: Callable[[], object]) -> None:
    heard: list[float] = []
    recorder.elapsed_changed.connect(heard.append)
    start()
    qtbot.waitUntil(lambda: bool(heard) and heard[-1] >= 0.15)


def test_what_is_recorded_is_searched_with(qtbot: QtBot, dialog: RecordDialog, recorder: Recorder) -> None:
    found: list[str] = []
    dialog.recorded.connect(found.append)
    assert dialog.button.text() == "Record"
    record_for_a_moment(qtbot, recorder, lambda: qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton))
    assert dialog.button.text() == "Search with it"
    with qtbot.waitSignal(dialog.accepted):
        qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert [Path(path) for path in found] == recordings()
    samples, rate_hz = soundfile.read(found[0])
    assert rate_hz == RATE_HZ
    assert len(samples) >= 0.15 * RATE_HZ
    assert samples == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize("leave", [RecordDialog.reject, RecordDialog.close])
def test_left_while_it_records_it_keeps_nothing(
    qtbot: QtBot, dialog: RecordDialog, recorder: Recorder, leave: Callable[[RecordDialog], object]
) -> None:
    found: list[str] = []
    dialog.recorded.connect(found.append)
    record_for_a_moment(qtbot, recorder, dialog.button.click)
    leave(dialog)
    qtbot.waitUntil(lambda: not recorder.recording)
    assert dialog.isHidden()
    assert (found, recordings()) == ([], [])


def test_the_meter_shows_how_loud_it_is(qtbot: QtBot, dialog: RecordDialog, dark: theme.Tokens) -> None:
    meter = dialog.findChild(Meter)
    assert isinstance(meter, Meter)
    assert colours(meter) == {dark.panel}
    meter.add(0.5)
    assert dark.wave_played in colours(meter)
    assert dark.bad not in colours(meter)
    meter.add(1.0)
    assert dark.bad in colours(meter)
    meter.clear()
    assert colours(meter) == {dark.panel}


def test_without_a_microphone_it_says_what_to_do_and_can_be_tried_again(
    qtbot: QtBot, dialog: RecordDialog, recorder: Recorder, microphone: Microphone
) -> None:
    microphone.there = False
    with qtbot.waitSignal(recorder.trouble):
        dialog.button.click()
    assert dialog.text == "There is no microphone. Connect one and try again."
    assert dialog.isVisible()
    assert dialog.button.text() == "Record"
    microphone.there = True
    record_for_a_moment(qtbot, recorder, dialog.button.click)
    assert "There is no microphone" not in dialog.text
