"""Playing one sound at a time: what the window's thread sees of it."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from gui.player.devices import Device
from gui.player.feeding import Feeder, Wish
from gui.player.mixing import Mixer
from gui.player.output import Output, OutputFormat
from gui.records import Trouble

SHORTEST_REGION_S = 0.01
"""Regions are at least so long."""

_TICK_MS = 33


class PlayerState(StrEnum):
    """What a player is doing."""

    STOPPED = "stopped"
    PLAYING = "playing"
    PAUSED = "paused"


class Player(QObject):
    """Plays a sound, or a region of it, once or in a loop. All methods return at once.

    Args:
        output: Where to; the player's thread uses it.
        parent: Its owner.
    """

    state_changed = Signal(PlayerState)
    position_changed = Signal(float)
    duration_changed = Signal(float)
    """The sound's length is known, or known better."""

    output_changed = Signal(object)
    """An output was opened: its `OutputFormat`."""

    devices_found = Signal(object)
    """The answer to `look_for_devices`: a tuple of `Device`."""

    trouble = Signal(object)
    """A `Trouble`. What was playing pauses where it is."""

    # From the player's thread:
    _opened = Signal(object)
    _loaded = Signal(str, float)
    _found = Signal(object)
    _failed = Signal(object, object)

    def __init__(self, output: Output, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = PlayerState.STOPPED
        self._duration_s = 0.0
        self._position_s = 0.0
        self._stale = True  # whether playing on needs a new start
        self._wish = Wish()
        self._mixer = Mixer()
        self._opened.connect(self.output_changed, Qt.ConnectionType.QueuedConnection)
        self._found.connect(self.devices_found, Qt.ConnectionType.QueuedConnection)
        self._loaded.connect(self._on_loaded, Qt.ConnectionType.QueuedConnection)
        self._failed.connect(self._on_failed, Qt.ConnectionType.QueuedConnection)
        self._clock = QTimer(self, interval=_TICK_MS)
        self._clock.timeout.connect(self._tick)
        self._feeder = Feeder(output, self._mixer, _Signals(self))

    @property
    def path(self) -> str:
        """The sound; empty if there is none."""
        return self._wish.path

    @property
    def state(self) -> PlayerState:
        """What it is doing."""
        return self._state

    @property
    def duration_s(self) -> float:
        """The sound's length; 0 if it is not known."""
        return self._duration_s

    @property
    def position_s(self) -> float:
        """What part of the sound is heard, or will be next."""
        heard_s = None if self._stale else self._mixer.position_s(self._wish.number)
        return self._position_s if heard_s is None else heard_s

    @property
    def region(self) -> tuple[float, float] | None:
        """The part that is played, seconds; None for all."""
        return self._wish.region

    @property
    def looping(self) -> bool:
        """Whether it starts again at its end."""
        return self._wish.looping

    @property
    def speed(self) -> float:
        """2 for twice as fast, at the same pitch."""
        return self._wish.speed

    @property
    def semitones(self) -> float:
        """How much higher it is, at the same speed."""
        return self._wish.semitones

    @property
    def device(self) -> str:
        """The output's name; empty for the system's choice."""
        return self._wish.device

    def load(self, path: str, duration_s: float = 0.0, start_s: float = 0.0) -> None:
        """Stop, and get another sound ready; an empty path for none.

        Args:
            path: The file.
            duration_s: How long it is, as far as is known.
            start_s: Where it is to start.
        """
        self._mixer.stop()
        self._set_state(PlayerState.STOPPED)
        self._duration_s = duration_s
        self._ask(path=path, loaded=self._wish.loaded + 1, playing=False, region=None)
        self._go_to(start_s)

    def play(self) -> None:
        """Go on, or start; from the beginning again if it is at the end."""
        if not self.path or self._state is PlayerState.PLAYING:
            return
        if self._stale:
            self._start()
        else:
            self._mixer.resume()
            self._ask(playing=True)
        self._set_state(PlayerState.PLAYING)

    def pause(self) -> None:
        """Stay where it is."""
        if self._state is PlayerState.PLAYING:
            self._mixer.pause()
            self._ask(playing=False)
            self._set_state(PlayerState.PAUSED)
            self.position_changed.emit(self.position_s)

    def stop(self) -> None:
        """Go back to the start of what is played."""
        self._mixer.stop()
        self._ask(playing=False)
        self._set_state(PlayerState.STOPPED)
        self._go_to(self._begin_s)

    def seek(self, position_s: float) -> None:
        """Go to a place; playing goes on from there."""
        latest_s = self._duration_s or position_s
        self._go_to(min(max(0.0, position_s), latest_s))
        if self._state is PlayerState.PLAYING:
            self._start()

    def set_region(self, region: tuple[float, float] | None) -> None:
        """Play only a part, seconds, or all again. Playing goes on if it is inside, and else starts there."""
        if region is not None:
            start_s = max(0.0, min(region))
            region = start_s, max(*region, start_s + SHORTEST_REGION_S)
        self._ask(region=region)
        if region is not None and not region[0] <= self.position_s < region[1]:
            self.seek(region[0])

    def set_looping(self, looping: bool) -> None:
        """Start again at the end, or not."""
        self._ask(looping=looping)

    def set_speed(self, speed: float) -> None:
        """2 for twice as fast, at the same pitch; 0.25 to 4."""
        self._reshape(speed=min(max(0.25, speed), 4.0))

    def set_semitones(self, semitones: float) -> None:
        """How much higher, at the same speed; -12 to 12."""
        self._reshape(semitones=min(max(-12.0, semitones), 12.0))

    def set_gain(self, gain: float) -> None:
        """The level: 0 for silence, 1 for that of the file."""
        self._mixer.set_gain(min(max(0.0, gain), 1.0))

    def set_device(self, device: str) -> None:
        """Choose the output; an empty name for the system's choice."""
        self._ask(device=device)

    def look_for_devices(self) -> None:
        """Answered by `devices_found`."""
        self._ask(look=self._wish.look + 1)

    def close(self) -> None:
        """End the thread and give the device back; again does nothing."""
        self._clock.stop()
        self._feeder.close()

    @property
    def _begin_s(self) -> float:
        return self.region[0] if self.region is not None else 0.0

    def _ask(self, **changes: object) -> None:
        self._wish = replace(self._wish, **changes)  # type: ignore[arg-type]
        self._feeder.fulfil(self._wish)

    def _start(self) -> None:
        number = self._wish.number + 1
        self._stale = False
        self._mixer.expect(number)
        self._ask(playing=True, number=number, start_s=self._position_s)

    def _reshape(self, **changes: float) -> None:
        self._go_to(self.position_s)
        self._ask(**changes)
        if self._state is PlayerState.PLAYING:
            self._start()

    def _go_to(self, position_s: float) -> None:
        self._position_s, self._stale = position_s, True
        self.position_changed.emit(position_s)

    def _set_state(self, state: PlayerState) -> None:
        if state is self._state:
            return
        self._state = state
        if state is PlayerState.PLAYING:
            self._clock.start()
        else:
            self._clock.stop()
        self.state_changed.emit(state)

    def _tick(self) -> None:
        if self._mixer.over(self._wish.number):
            self.stop()
        else:
            self.position_changed.emit(self.position_s)

    def _on_loaded(self, path: str, duration_s: float) -> None:
        if path == self.path and duration_s:
            self._duration_s = duration_s
            self.duration_changed.emit(duration_s)

    def _on_failed(self, wish: Wish, trouble: Trouble) -> None:
        if (wish.path, wish.number) != (self.path, self._wish.number):
            return
        self._go_to(self.position_s)
        self._mixer.stop()
        self._ask(playing=False)
        self._set_state(PlayerState.PAUSED)
        self.trouble.emit(trouble)


class _Signals:
    """Hands what the player's thread has to say over to the window's one."""

    def __init__(self, player: Player) -> None:
        self._player = player

    def opened(self, output: OutputFormat) -> None:
        self._player._opened.emit(output)

    def loaded(self, path: str, duration_s: float) -> None:
        self._player._loaded.emit(path, duration_s)

    def found(self, devices: tuple[Device, ...]) -> None:
        self._player._found.emit(devices)

    def failed(self, wish: Wish, trouble: Trouble) -> None:
        self._player._failed.emit(wish, trouble)
