from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from gui.player.devices import DeviceError, Devices, Direction
from gui.player.output import DeviceOutput, FloatArray
from gui.player.recorder import DeviceInput


def test_without_portaudio_there_is_a_sentence_and_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')\n")  # as the real one does
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    devices = Devices()
    for act in (
        lambda: devices.named(Direction.OUTPUT),
        lambda: DeviceOutput(devices).open("", lambda out: None),
        lambda: DeviceInput(devices).open(""),
    ):
        with pytest.raises(DeviceError, match="PortAudio is missing") as caught:
            act()
        assert "libportaudio2" in caught.value.remedy


def test_this_machines_output_plays_or_says_why_not() -> None:
    asked = threading.Event()

    def fill(out: FloatArray) -> None:
        assert out.shape[1] == 2
        out[:] = 0.0
        asked.set()

    output = DeviceOutput(Devices())
    try:
        found = output.open("no such device", fill)
    except DeviceError as error:
        assert error.remedy
        assert not output.alive
    else:
        assert found.rate_hz > 0
        assert found.device in {device.name for device in output.devices()}
        assert asked.wait(10)
        assert output.alive
    output.close()
    output.close()
    assert not output.alive


def test_this_machines_microphone_records_or_says_why_not() -> None:
    source = DeviceInput(Devices())
    try:
        rate_hz = source.open("")
        samples = [source.read(count) for count in (100, 1_000)]
    except DeviceError as error:
        assert error.remedy
    else:
        assert rate_hz > 0
        assert [len(block) for block in samples] == [100, 1_000]
    source.close()
    source.close()
