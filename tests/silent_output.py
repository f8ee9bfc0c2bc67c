"""An output without a device: it asks for samples at the pace of a clock, and remembers them."""

from __future__ import annotations

import threading

import numpy as np

from gui.player.devices import Device, DeviceError
from gui.player.output import CHANNELS, Fill, FloatArray, OutputFormat

RATE_HZ = 48_000
BLOCK = 480


class SilentOutput:
    """Plays into memory, ten milliseconds at a time.

    Args:
        names: Of devices; without any, opening it fails.
    """

    def __init__(self, *names: str) -> None:
        self.names = list(names)
        self.opened: list[str] = []
        self.rate_hz = RATE_HZ
        self._played: list[FloatArray] = []
        self._thread: threading.Thread | None = None
        self._end = threading.Event()

    def devices(self) -> tuple[Device, ...]:
        return tuple(Device(name, index == 0) for index, name in enumerate(self.names))

    def open(self, device: str, fill: Fill) -> OutputFormat:
        self.close()
        if not self.names:
            raise DeviceError("there is no output device", remedy="Connect headphones or choose another output device")
        name = device if device in self.names else self.names[0]
        self.opened.append(name)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(fill, self._end), name="silent output")
        self._thread.start()
        return OutputFormat(self.rate_hz, 0.02, name)

    def close(self) -> None:
        self._end.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    @property
    def alive(self) -> bool:
        return self._thread is not None and not self._end.is_set()

    def unplug(self) -> None:
        """The device is pulled out while it plays; only the others are left."""
        self.names.pop(0)
        self._end.set()

    def played(self) -> FloatArray:
        """All samples so far, float32 `(n, 2)`."""
        return np.concatenate([np.zeros((0, CHANNELS), np.float32), *self._played])

    def heard(self) -> FloatArray:
        """The left channel from its first to its last sample that is not silent."""
        left = self.played()[:, 0]
        loud = np.flatnonzero(left)
        return left[loud[0] : loud[-1] + 1] if len(loud) else left[:0]

    def _run(self, fill: Fill, end: threading.Event) -> None:
        while not end.wait(BLOCK / self.rate_hz):
            out = np.full((BLOCK, CHANNELS), np.nan, np.float32)
            fill(out)
            self._played.append(out)
