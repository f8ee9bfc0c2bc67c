"""Where sound goes: an output that is kept open, so that a sound starts at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gui.player.devices import Device, Devices, Direction

FloatArray: TypeAlias = NDArray[np.float32]

Fill: TypeAlias = Callable[[FloatArray], None]
"""Writes the next samples into a float32 `(n, 2)`, quickly: it runs on the device's own thread."""

CHANNELS = 2


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """What an open output wants.

    Attributes:
        rate_hz: Samples a second.
        latency_s: From being asked for a sample to its being heard, as the device says.
        device: Its name.
    """

    rate_hz: int
    latency_s: float
    device: str


class Output(Protocol):
    """Something that plays. It is used by one thread at a time."""

    def devices(self) -> tuple[Device, ...]:
        """Those to choose from.

        Raises:
            DeviceError: There can't be any.
        """

    def open(self, device: str, fill: Fill) -> OutputFormat:
        """Start asking `fill` for samples. An empty name, or one that is not there, means the system's choice.

        Raises:
            DeviceError: There is none, or it can't be used.
        """

    def close(self) -> None:
        """Stop asking; again does nothing."""

    @property
    def alive(self) -> bool:
        """Whether it is open and asks."""


class DeviceOutput:
    """An output device of this machine."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices
        self._stream: Any = None

    def devices(self) -> tuple[Device, ...]:
        """Those to choose from.

        Raises:
            DeviceError: PortAudio is missing.
        """
        return self._devices.named(Direction.OUTPUT)

    def open(self, device: str, fill: Fill) -> OutputFormat:
        """Start asking `fill` for samples. An empty name, or one that is not there, means the system's choice.

        Raises:
            DeviceError: There is none, or it can't be used.
        """
        self.close()

        def ask(out: FloatArray, frames: int, time: object, status: object) -> None:
            if out.shape[1] == CHANNELS:
                fill(out)
            else:
                both = np.empty((frames, CHANNELS), np.float32)
                fill(both)
                out[:, 0] = both.mean(axis=1)

        self._stream, name = self._devices.open(Direction.OUTPUT, device, channels=CHANNELS, callback=ask)
        return OutputFormat(int(self._stream.samplerate), float(self._stream.latency), name)

    def close(self) -> None:
        """Stop asking; again does nothing."""
        stream, self._stream = self._stream, None
        if stream is not None:
            self._devices.close(stream)

    @property
    def alive(self) -> bool:
        """Whether it is open and asks."""
        return self._stream is not None and bool(self._stream.active)
