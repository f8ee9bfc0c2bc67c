"""The audio devices of this machine. PortAudio is started when it is first needed, and used by one thread at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from types import ModuleType
from typing import Any

from audioclip_search import AudioCLIPSearchError

LATENCY_S = 0.035
"""Asked of a device: short, but long enough for Python to be late by a few milliseconds."""

_RATE_HZ = 48_000


class DeviceError(AudioCLIPSearchError):
    """There is no audio device, or it can't be used."""


class Direction(StrEnum):
    """Which way sound goes."""

    INPUT = "input"
    OUTPUT = "output"


_MISSING = {
    Direction.INPUT: ("there is no microphone", "Connect a microphone or choose another input device"),
    Direction.OUTPUT: ("there is no output device", "Connect headphones or choose another output device"),
}


@dataclass(frozen=True, slots=True)
class Device:
    """A device that can be chosen.

    Attributes:
        name: For people, and to choose it by; unique.
        is_default: Whether the system would choose it.
    """

    name: str
    is_default: bool


class Devices:
    """PortAudio, as the app uses it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open = 0

    def named(self, direction: Direction) -> tuple[Device, ...]:
        """Those there are; looks for ones plugged in since, unless a stream is open.

        Raises:
            DeviceError: PortAudio is missing.
        """
        with self._lock:
            audio = _portaudio()
            if not self._open:
                audio._terminate()  # PortAudio's only way to look again
                audio._initialize()
            default = int(audio.default.device[direction])
            names: dict[str, bool] = {}
            for index in _usable(audio, direction):
                name = str(audio.query_devices(index)["name"])
                names[name] = names.get(name, False) or index == default
            return tuple(Device(name, is_default) for name, is_default in names.items())

    def open(self, direction: Direction, name: str, *, channels: int, callback: Callable[..., None]) -> tuple[Any, str]:
        """Start a stream of float32 at the device's own rate.

        Args:
            direction: Which way.
            name: The device's; the system's choice if it is empty or not there.
            channels: At most so many; there can be fewer.
            callback: As PortAudio wants it.

        Returns:
            A stream of `sounddevice`, started, and its device's name.

        Raises:
            DeviceError: There is no device, it can't be used, or PortAudio is missing.
        """
        with self._lock:
            audio = _portaudio()
            about = _about(audio, direction, name)
            make = audio.InputStream if direction is Direction.INPUT else audio.OutputStream
            try:
                stream = make(
                    device=int(about["index"]),
                    samplerate=int(about["default_samplerate"]) or _RATE_HZ,
                    channels=min(channels, int(about[f"max_{direction}_channels"])),
                    dtype="float32",
                    latency=LATENCY_S,
                    callback=callback,
                )
                stream.start()
            except audio.PortAudioError as error:
                reason = f"{about['name']} can't be used ({error.args[0]})"
                raise DeviceError(reason, remedy=_MISSING[direction][1]) from error
            self._open += 1
            return stream, str(about["name"])

    def close(self, stream: Any) -> None:
        """Close a stream that `open` gave."""
        with self._lock:
            stream.close(ignore_errors=True)
            self._open -= 1


def _portaudio() -> ModuleType:
    try:
        import sounddevice  # starts the system's audio
    except OSError as error:
        raise DeviceError(
            "sound can't be played or recorded because PortAudio is missing",
            remedy="Install it (on Debian and Ubuntu: libportaudio2) and start the app again",
        ) from error
    module: ModuleType = sounddevice
    return module


def _about(audio: ModuleType, direction: Direction, name: str) -> dict[str, Any]:
    """What PortAudio knows of a device."""
    usable = _usable(audio, direction)
    if not usable:
        reason, remedy = _MISSING[direction]
        raise DeviceError(reason, remedy=remedy)
    chosen = [index for index in usable if audio.query_devices(index)["name"] == name]
    default = int(audio.default.device[direction])
    index = chosen[0] if chosen else default if default in usable else usable[0]
    return dict(audio.query_devices(index))


def _usable(audio: ModuleType, direction: Direction) -> list[int]:
    """The numbers of the devices behind the default one's interface, so that none is there several times."""
    devices = list(audio.query_devices())
    default = int(audio.default.device[direction])
    host = devices[default]["hostapi"] if 0 <= default < len(devices) else None
    return [
        index
        for index, about in enumerate(devices)
        if about[f"max_{direction}_channels"] > 0 and host in {None, about["hostapi"]}
    ]
