"""Recording from the microphone into a file, to ask with."""

from __future__ import annotations

import logging
import threading
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Protocol

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal

from audioclip_search import AudioCLIPSearchError
from gui import places
from gui.backend.process import trouble_of
from gui.player.devices import DeviceError, Devices, Direction
from gui.player.output import FloatArray
from gui.records import Problem, Trouble

logger = logging.getLogger(__name__)

LONGEST_S = 30.0
"""Recordings end by themselves after so long."""

_BLOCK_S = 0.05
_SHORTEST_S = 0.1
_SILENT_S = 4.0  # a microphone that gives nothing for so long is gone
_PATIENCE_S = 5.0


class Input(Protocol):
    """Something that records. It is used by one thread at a time."""

    def open(self, device: str) -> int:
        """Start; an empty name, or one that is not there, means the system's choice.

        Returns:
            Samples a second.

        Raises:
            DeviceError: There is none, or it can't be used.
        """

    def read(self, count: int) -> FloatArray:
        """The next samples, float32 `(count,)`, when they are there.

        Raises:
            DeviceError: It is gone.
        """

    def close(self) -> None:
        """Stop; again does nothing."""


class DeviceInput:
    """A microphone of this machine."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices
        self._stream: Any = None
        self._name = ""
        self._heard: SimpleQueue[FloatArray] = SimpleQueue()
        self._rest: FloatArray = np.zeros(0, np.float32)

    def open(self, device: str) -> int:
        """Start; an empty name, or one that is not there, means the system's choice. Returns samples a second.

        Raises:
            DeviceError: There is none, or it can't be used.
        """
        self.close()
        heard: SimpleQueue[FloatArray] = SimpleQueue()
        self._heard, self._rest = heard, np.zeros(0, np.float32)

        def take(samples: FloatArray, frames: int, time: object, status: object) -> None:
            heard.put(samples[:, 0].copy())

        self._stream, self._name = self._devices.open(Direction.INPUT, device, channels=1, callback=take)
        return int(self._stream.samplerate)

    def read(self, count: int) -> FloatArray:
        """The next samples, float32 `(count,)`, when they are there.

        Raises:
            DeviceError: It is gone.
        """
        while len(self._rest) < count:
            try:
                block = self._heard.get(timeout=_SILENT_S)
            except Empty as error:
                remedy = "Connect it again or choose another input device"
                raise DeviceError(f"{self._name} can't be heard any more", remedy=remedy) from error
            self._rest = np.concatenate((self._rest, block))
        samples, self._rest = self._rest[:count], self._rest[count:]
        return samples

    def close(self) -> None:
        """Stop; again does nothing."""
        stream, self._stream = self._stream, None
        if stream is not None:
            self._devices.close(stream)


class Recorder(QObject):
    """Records one sound at a time into a new WAV file. All methods return at once.

    Args:
        source: Where the sound comes from; the recorder's thread uses it.
        parent: Its owner.
    """

    recording_changed = Signal(bool)
    level_changed = Signal(float)
    """The highest level of the last moment, 0 to 1, some 20 times a second."""

    elapsed_changed = Signal(float)
    """How long the recording is, seconds."""

    recorded = Signal(str)
    """The path of a finished recording."""

    trouble = Signal(object)
    """A `Trouble`; there is no recording."""

    _heard = Signal(float, float)
    _ended = Signal(object)

    def __init__(self, source: Input, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._wanted = True
        self.device = ""
        """The microphone's name; empty for the system's choice."""
        self._heard.connect(self._on_heard, Qt.ConnectionType.QueuedConnection)
        self._ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)

    @property
    def recording(self) -> bool:
        """Whether it records."""
        return self._thread is not None

    def start(self) -> None:
        """Record until `stop`, `cancel` or `LONGEST_S`."""
        if self._thread is not None:
            return
        self._stop, self._wanted = threading.Event(), True
        self._thread = threading.Thread(
            target=self._run, args=(self._stop, self.device), name="audioclip-search-recorder", daemon=True
        )
        self._thread.start()
        self.recording_changed.emit(True)

    def stop(self) -> None:
        """Finish: `recorded` follows."""
        self._stop.set()

    def cancel(self) -> None:
        """Stop, and keep nothing."""
        self._wanted = False
        self._stop.set()

    def close(self) -> None:
        """End the thread; again does nothing."""
        self.cancel()
        if self._thread is not None:
            self._thread.join(_PATIENCE_S)

    def _run(self, stop: threading.Event, device: str) -> None:
        """On the recorder's thread."""
        try:
            rate_hz = self._source.open(device)
            try:
                samples = self._record(rate_hz, stop)
            finally:
                self._source.close()
            if not self._wanted:
                self._ended.emit(None)
            elif len(samples) < _SHORTEST_S * rate_hz:
                self._ended.emit(
                    Trouble(Problem.EXPECTED, "the recording is too short", remedy="Record for a second or longer")
                )
            else:
                self._ended.emit(str(_save(samples, rate_hz)))
        except AudioCLIPSearchError as error:
            self._ended.emit(trouble_of(error))
        except Exception as error:
            logger.exception("recording")
            self._ended.emit(trouble_of(error))

    def _record(self, rate_hz: int, stop: threading.Event) -> FloatArray:
        blocks: list[FloatArray] = []
        count = round(_BLOCK_S * rate_hz)
        while not stop.is_set() and len(blocks) * _BLOCK_S < LONGEST_S:
            block = self._source.read(count)
            blocks.append(block.copy())
            self._heard.emit(float(np.abs(block).max(initial=0.0)), len(blocks) * _BLOCK_S)
        return np.concatenate([np.zeros(0, np.float32), *blocks])

    def _on_heard(self, level: float, elapsed_s: float) -> None:
        if self.recording:
            self.level_changed.emit(min(1.0, level))
            self.elapsed_changed.emit(elapsed_s)

    def _on_ended(self, outcome: str | Trouble | None) -> None:
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self.level_changed.emit(0.0)
        self.recording_changed.emit(False)
        if isinstance(outcome, str):
            self.recorded.emit(outcome)
        elif outcome is not None:
            self.trouble.emit(outcome)


def _save(samples: FloatArray, rate_hz: int) -> Path:
    import soundfile

    folder = places.data_dir() / "recordings"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"recording {datetime.now():%Y-%m-%d %H-%M-%S-%f}.wav"
    try:
        soundfile.write(path, samples, rate_hz, subtype="PCM_16")
    except soundfile.LibsndfileError as error:
        path.unlink(missing_ok=True)
        raise DeviceError(f"the recording can't be saved ({error.error_string})", path=path) from error
    return path
