"""How soon after a key a sound is handed to the output device, beside what the device itself takes.

    python benchmarks/playback_latency.py --times 50

The key is pressed on the player bar's button, in a window whose event loop runs; a sound is handed over when the
device's own thread is given its first sample that is not silent. For comparison, a bare stream of the same device is
opened, and one that is open already is told to play. Prints a table and writes the same figures as JSON. Needs an
output device (a null sink of PulseAudio or PipeWire does).
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import sounddevice
import soundfile
from PySide6.QtCore import QEvent, QEventLoop, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from audioclip_search import Modality
from gui import theme
from gui.controllers.listening import ListeningController
from gui.engine import Engine
from gui.player.devices import LATENCY_S, Devices
from gui.player.output import DeviceOutput, Fill, FloatArray, OutputFormat
from gui.player.player import PlayerState
from gui.records import Row
from gui.settings import Settings
from gui.views.player_bar import PlayerBar

MOST_MS = 50.0
RATE_HZ = 48_000
PATIENCE_S = 10.0
STALLED_S = 0.2  # a device that does not ask for so long has stalled; a virtual one does after an underrun


class TimedOutput(DeviceOutput):
    """The device, and when it was given a sample that is not silent."""

    heard_s: float | None = None
    longest_gap_s = 0.0
    _asked_s = 0.0

    def open(self, device: str, fill: Fill) -> OutputFormat:
        """As a device does."""

        def timed(out: FloatArray) -> None:
            fill(out)
            now_s = time.perf_counter()
            if self.heard_s is None:
                self.longest_gap_s = max(self.longest_gap_s, now_s - self._asked_s if self._asked_s else 0.0)
                self.heard_s = now_s if out.any() else None
            self._asked_s = now_s

        return super().open(device, timed)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "playback_latency.json")
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication([])
    theme.apply(app, theme.Mode.DARK)
    painter = Engine("painter")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), painter, options.times)
        ways = {
            "decoded, from its start": bench.decoded(options.times),
            "decoded, after a pause": bench.paused(options.times),
            "decoded, another place by a click": bench.sought(options.times),
            "decoded, at 1.5 times the speed": bench.stretched(options.times),
            "selected before, WAV of 10 s": bench.selected("wav", options.times),
            "selected before, Ogg of 10 s": bench.selected("ogg", options.times),
            "selected and played at once, WAV": bench.at_once("wav", options.times),
            "selected and played at once, Ogg": bench.at_once("ogg", options.times),
        }
        device = bench.device
        bench.close()
    painter.close()
    bare = {"opened for it": bare_opened(options.times), "open already": bare_open(options.times)}
    report = {
        "device": device.device,
        "device_latency_ms": device.latency_s * 1e3,
        "bare_ms": {name: figures(times) for name, times in bare.items()},
        "key_to_device_ms": {name: figures(times) for name, times in ways.items()},
        "cpus": os.cpu_count(),
    }
    print(f"{device.device} at {device.rate_hz} Hz, {options.times} times each; milliseconds until the device has it")
    print(f"{'':36}{'median':>8}{'95 %':>8}{'most':>8}{'stalls':>8}")
    for title, times in (*((f"bare stream, {name}", times) for name, times in bare.items()), *ways.items()):
        print(f"{title:36}" + "".join(f"{value:8.4g}" for value in figures(times).values()))
    print(f"the device's own latency after that: {report['device_latency_ms']:.1f} ms")
    print(f"stalls: the device asked for nothing for {STALLED_S} s; those times are left out")
    print(f"asked: at most {MOST_MS:.0f} ms for a decoded file")
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(report, indent=2) + "\n")
    print(f"written to {options.output}")


class Bench:
    """A player bar with sounds to select."""

    def __init__(self, folder: Path, painter: Engine, times: int) -> None:
        self._folder = folder
        self._made = 0
        # Made before, because making them would keep the device's thread from being served in time.
        self._sounds = {suffix: [self._sound(suffix) for _ in range(2 * times + 3)] for suffix in ("wav", "ogg")}
        self._gapped = self._sound("wav", gap=True)
        self._output = TimedOutput(Devices())
        self._settings = Settings(folder / "settings.ini")
        self._settings.put("listening/autoplay", False)
        self._listening = ListeningController(painter, self._settings, output=self._output)
        self._bar = PlayerBar(self._listening)
        self._bar.resize(1280, self._bar.height())
        self._bar.show()
        self._listening.look_for_devices()  # as it does itself some seconds after the start
        wait_ms(3_000)

    def close(self) -> None:
        """End it."""
        self._listening.close()

    @property
    def device(self) -> OutputFormat:
        """What it plays on."""
        output = self._listening.output
        assert output is not None
        return output

    def decoded(self, times: int) -> list[float]:
        """Of one sound, played again and again."""
        self._select(self._sounds["wav"].pop())
        return [self._press_and_stop() for _ in range(times)]

    def paused(self, times: int) -> list[float]:
        """Of going on after a pause."""
        self._select(self._sounds["wav"].pop())
        found = []
        for _ in range(times):
            found.append(self._press())
            self._listening.pause()
            wait_ms(80)
        return found

    def sought(self, times: int) -> list[float]:
        """Of another place while it plays: its own sound is told from the other one by a gap of silence."""
        self._select(self._gapped)
        found = []
        for _ in range(times):
            self._listening.seek(5.5)
            self._listening.play()
            wait_ms(80)
            found.append(self._timed(lambda: self._listening.seek(8.0)))
            self._listening.stop()
            wait_ms(30)
        return found

    def stretched(self, times: int) -> list[float]:
        """Of a sound that is played faster."""
        self._settings.put("listening/speed", 1.5)
        self._select(self._sounds["wav"].pop())
        found = [self._press_and_stop() for _ in range(times)]
        self._settings.put("listening/speed", 1.0)
        return found

    def selected(self, suffix: str, times: int) -> list[float]:
        """Of sounds that were selected a fifth of a second before."""
        found = []
        for _ in range(times):
            self._select(self._sounds[suffix].pop())
            found.append(self._press_and_stop())
        return found

    def at_once(self, suffix: str, times: int) -> list[float]:
        """Of sounds that have never been read, played when they are selected."""
        found = []
        for _ in range(times):
            row = self._sounds[suffix].pop()

            def act(row: Row = row) -> None:
                self._listening.select(row)
                self._listening.play()

            found.append(self._timed(act))
            self._listening.stop()
            wait_ms(30)
        return found

    def _sound(self, suffix: str, *, gap: bool = False) -> Row:
        self._made += 1
        samples = np.random.default_rng(self._made).uniform(0.1, 0.3, (10 * RATE_HZ, 2))
        if gap:
            samples[5 * RATE_HZ : 7 * RATE_HZ] = 0.0
        path = self._folder / f"{self._made}.{suffix}"
        soundfile.write(path, samples, RATE_HZ)
        return Row(str(path), Modality.AUDIO, duration_s=10.0, mtime_ns=self._made)

    def _select(self, row: Row) -> None:
        self._listening.select(row)
        wait_ms(200)

    def _press_and_stop(self) -> float:
        found_ms = self._press()
        self._listening.stop()
        wait_ms(50)
        return found_ms

    def _press(self) -> float:
        assert self._listening.state is not PlayerState.PLAYING
        return self._timed(lambda: press_space(self._bar._play))

    def _timed(self, act: Callable[[], None]) -> float:
        """From an event to the first sound that is handed over, milliseconds."""
        self._output.heard_s, self._output.longest_gap_s = None, 0.0
        started_s = time.perf_counter()
        QTimer.singleShot(0, act)
        while self._output.heard_s is None:
            assert time.perf_counter() - started_s < PATIENCE_S, "nothing was heard"
            wait_ms(1)
        stalled = self._output.longest_gap_s > STALLED_S
        return float("nan") if stalled else (self._output.heard_s - started_s) * 1e3


def press_space(button) -> None:
    """As a keyboard does."""
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        event = QKeyEvent(kind, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, " ")
        QApplication.sendEvent(button, event)


def bare_opened(times: int) -> list[float]:
    """Of a stream that is opened to play: until it asks for its first samples."""
    found = []
    for _ in range(times):
        asked: list[float] = []

        def ask(out, frames, when, status, asked=asked) -> None:
            out[:] = 0.1
            asked.append(time.perf_counter())

        started_s = time.perf_counter()
        with sounddevice.OutputStream(channels=2, latency=LATENCY_S, callback=ask):
            while not asked:
                time.sleep(0.0005)
        found.append((asked[0] - started_s) * 1e3)
    return found


def bare_open(times: int) -> list[float]:
    """Of a stream that is open and told to play: until it asks the next time."""
    found: list[float] = []
    told_s, asked_s = [0.0], [time.perf_counter()]

    def ask(out, frames, when, status) -> None:
        playing, now_s = told_s[0], time.perf_counter()
        out[:] = 0.1 if playing else 0.0
        if playing:
            found.append(float("nan") if now_s - asked_s[0] > STALLED_S else (now_s - playing) * 1e3)
            told_s[0] = 0.0
        asked_s[0] = now_s

    with sounddevice.OutputStream(channels=2, latency=LATENCY_S, callback=ask):
        while len(found) < times:
            time.sleep(0.05 + np.random.default_rng(len(found)).uniform(0, 0.02))
            if not told_s[0]:
                told_s[0] = time.perf_counter()
    return found[:times]


def figures(times_ms: list[float]) -> dict[str, float]:
    """What to tell of them."""
    return {
        "median": float(np.nanmedian(times_ms)),
        "p95": float(np.nanpercentile(times_ms, 95)),
        "most": float(np.nanmax(times_ms)),
        "stalls": int(np.isnan(times_ms).sum()),
    }


def wait_ms(duration: int) -> None:
    """With the event loop running."""
    loop = QEventLoop()
    QTimer.singleShot(duration, loop.quit)
    loop.exec()


if __name__ == "__main__":
    main()
