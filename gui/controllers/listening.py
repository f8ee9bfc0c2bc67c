"""Listening: the sound that is selected, and how it is played."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QObject, QTimer, Signal

from audioclip_search import Modality
from gui.backend.calls import sound_view
from gui.backend.calls.sound_view import Outline
from gui.controllers.looking import LookingController
from gui.engine import Engine, Request
from gui.player.devices import Device, Devices
from gui.player.output import DeviceOutput, Output, OutputFormat
from gui.player.player import Player, PlayerState
from gui.player.recorder import DeviceInput, Input, Recorder
from gui.records import Problem, Row, Trouble
from gui.settings import Settings

OUTLINE_COLUMNS = 1_600
"""Of the waveform of a selected sound."""

_KEPT_OUTLINES = 64
_NUDGE = 0.05
_WARM_UP_MS = 3_000  # after the start, so that the first sound does not wait for the audio system to come up


class ListeningController(QObject):
    """Plays the selected sound as the user likes it, and remembers how.

    Args:
        painter: Draws waveforms and spectrograms.
        settings: The user's choices.
        output: Where sounds go; this machine's devices by default.
        source: Where recordings come from; this machine's microphone by default.
        parent: Its owner.

    Attributes:
        recorder: The microphone.
        looking: What the larger view shows.
    """

    row_changed = Signal(object)
    """Another `Row`, or None."""

    state_changed = Signal(PlayerState)
    position_changed = Signal(float)
    duration_changed = Signal(float)

    region_changed = Signal(object)
    """The part that is played, a tuple of seconds, or None."""

    outline_changed = Signal(object)
    """The selected sound's `Outline`, or None."""

    changed = Signal()
    """How it is played: volume, speed, pitch, loop, device or auto-play."""

    devices_changed = Signal(object)
    """A tuple of `Device`."""

    output_changed = Signal(object)
    """The `OutputFormat` in use."""

    trouble = Signal(object)
    """A `Trouble`."""

    def __init__(
        self,
        painter: Engine,
        settings: Settings,
        *,
        output: Output | None = None,
        source: Input | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        devices = Devices()
        self._painter, self._settings = painter, settings
        self._row: Row | None = None
        self._outline: Outline | None = None
        self._outlines: OrderedDict[tuple[str, int, bool], Outline] = OrderedDict()
        self._request: Request[Outline] | None = None
        self._devices: tuple[Device, ...] = ()
        self._output: OutputFormat | None = None
        self._player = Player(output or DeviceOutput(devices), self)
        self.recorder = Recorder(source or DeviceInput(devices), self)
        self.looking = LookingController(painter, self)
        self._player.state_changed.connect(self.state_changed)
        self._player.position_changed.connect(self.position_changed)
        self._player.duration_changed.connect(self._on_duration)
        self._player.output_changed.connect(self._on_output)
        self._player.devices_found.connect(self._on_devices)
        self._player.trouble.connect(self.trouble)
        settings.changed.connect(self._on_setting)
        self._warming = QTimer(self, interval=_WARM_UP_MS, singleShot=True)
        self._warming.timeout.connect(self._player.look_for_devices)
        self._warming.start()
        self._apply()

    @property
    def row(self) -> Row | None:
        """What is selected."""
        return self._row

    @property
    def playable(self) -> bool:
        """Whether that is a sound."""
        return bool(self._player.path)

    @property
    def state(self) -> PlayerState:
        """Whether it is heard."""
        return self._player.state

    @property
    def position_s(self) -> float:
        """What part of it is heard, or will be next."""
        return self._player.position_s

    @property
    def duration_s(self) -> float:
        """Its length; 0 if that is not known."""
        return self._player.duration_s

    @property
    def region(self) -> tuple[float, float] | None:
        """The part that is played; None for all."""
        return self._player.region

    @property
    def outline(self) -> Outline | None:
        """Its waveform; None if that has not arrived."""
        return self._outline

    @property
    def devices(self) -> tuple[Device, ...]:
        """Outputs, as they were when `look_for_devices` asked."""
        return self._devices

    @property
    def output(self) -> OutputFormat | None:
        """The one in use; None before the first."""
        return self._output

    @property
    def volume(self) -> float:
        """0 to 1, as loud as it seems."""
        return min(max(0.0, self._settings.number("listening/volume", 0.8)), 1.0)

    @property
    def muted(self) -> bool:
        """Whether nothing is heard, whatever the volume."""
        return self._settings.flag("listening/muted", False)

    @property
    def speed(self) -> float:
        """2 for twice as fast."""
        return self._player.speed

    @property
    def semitones(self) -> float:
        """How much higher."""
        return self._player.semitones

    @property
    def looping(self) -> bool:
        """Whether it starts again at its end."""
        return self._player.looping

    @property
    def device(self) -> str:
        """The output that was chosen; empty for the system's choice."""
        return self._player.device

    @property
    def autoplay(self) -> bool:
        """Whether what is selected is heard at once."""
        return self._settings.flag("listening/autoplay", True)

    def select(self, row: Row | None) -> None:
        """Get another file ready, and play it if that is wanted; the same one, unchanged, plays on."""
        before, self._row = self._row, row
        if before is not None and row is not None and _file(before) == _file(row):
            self.row_changed.emit(row)
            return
        sound = row if row is not None and row.modality is Modality.AUDIO and not row.offline else None
        region = self.region
        if sound is None:
            self._player.load("")
        else:
            self._player.load(sound.path, sound.duration_s, self._match_s(sound))
        self.row_changed.emit(row)
        if region is not None:
            self.region_changed.emit(None)
        self._look_at(sound)
        if sound is not None and self.autoplay:
            self.play()

    def hear(self, row: Row) -> None:
        """Get a file ready, and play it."""
        self.select(row)
        self.play()

    def play(self) -> None:
        """Go on, or start."""
        row = self._row
        if row is not None and row.offline and row.modality is Modality.AUDIO:
            reason, remedy = self.tr("its drive is not connected"), self.tr("Connect it to hear the file")
            self.trouble.emit(Trouble(Problem.EXPECTED, reason, row.path, remedy))
        self._player.play()

    def pause(self) -> None:
        """Stay where it is."""
        self._player.pause()

    def toggle(self) -> None:
        """Pause if it plays, else play."""
        if self.state is PlayerState.PLAYING:
            self.pause()
        else:
            self.play()

    def stop(self) -> None:
        """Go back to the start."""
        self._player.stop()

    def seek(self, position_s: float) -> None:
        """Go to a place."""
        self._player.seek(position_s)

    def set_region(self, start_s: float | None, end_s: float | None = None) -> None:
        """Play only a part; None for all again."""
        self._player.set_region(None if start_s is None or end_s is None else (start_s, end_s))
        self.region_changed.emit(self.region)

    def choose_region(self, region: tuple[float, float] | None) -> None:
        """As `set_region`, in a loop: what selecting a part with the mouse does."""
        if region is None:
            self.set_region(None)
        else:
            self.set_looping(True)
            self.set_region(*region)

    def start_region(self) -> None:
        """The part that is played starts where it is now."""
        end_s = self.region[1] if self.region is not None else self.duration_s
        if self.playable and self.position_s < end_s:
            self.set_region(self.position_s, end_s)

    def end_region(self) -> None:
        """The part that is played ends where it is now."""
        start_s = self.region[0] if self.region is not None else 0.0
        if self.playable and self.position_s > start_s:
            self.set_region(start_s, self.position_s)

    def set_volume(self, volume: float) -> None:
        """0 to 1; it is heard again if it was muted."""
        self._settings.put("listening/muted", False)
        self._settings.put("listening/volume", round(min(max(0.0, volume), 1.0), 3))

    def set_muted(self, muted: bool) -> None:
        """Let nothing be heard, or let it be heard again."""
        self._settings.put("listening/muted", muted)

    def louder(self) -> None:
        """A bit."""
        self.set_volume(self.volume + _NUDGE)

    def quieter(self) -> None:
        """A bit."""
        self.set_volume(self.volume - _NUDGE)

    def set_speed(self, speed: float) -> None:
        """0.25 to 4; the pitch stays."""
        self._settings.put("listening/speed", speed)

    def set_semitones(self, semitones: float) -> None:
        """-12 to 12; the speed stays."""
        self._settings.put("listening/semitones", semitones)

    def set_looping(self, looping: bool) -> None:
        """Start again at the end, or not."""
        self._settings.put("listening/loop", looping)

    def set_device(self, device: str) -> None:
        """Choose the output; an empty name for the system's choice."""
        self._settings.put("listening/device", device)

    def set_autoplay(self, autoplay: bool) -> None:
        """Whether what is selected is heard at once."""
        self._settings.put("listening/autoplay", autoplay)

    def look_for_devices(self) -> None:
        """Answered by `devices_changed`."""
        self._player.look_for_devices()

    def close(self) -> None:
        """End the threads and give the devices back; again does nothing."""
        self._warming.stop()
        self.looking.forget()
        self.recorder.close()
        self._player.close()

    def _match_s(self, row: Row) -> float:
        """Where a sound is to start: at what was looked for, if it is long and that is a part of it."""
        wanted = row.score is not None and self._settings.flag("listening/from_match", True)
        return row.start_s if wanted and 0 < row.start_s < row.duration_s else 0.0

    def _look_at(self, row: Row | None) -> None:
        if self._request is not None:
            self._request.drop()
            self._request = None
        self.looking.look_at(row.path if row is not None else "")
        key = _file(row) if row is not None else None
        self._set_outline(self._outlines.get(key) if key is not None else None)
        if key is None or self._outline is not None:
            return
        self._request = self._painter.call(sound_view.outline, key[0], OUTLINE_COLUMNS)
        # That a sound can't be drawn is told when it is to be played.
        self._request.then(lambda outline: self._keep(key, outline))

    def _keep(self, key: tuple[str, int, bool], outline: Outline) -> None:
        self._request = None
        self._outlines[key] = outline
        while len(self._outlines) > _KEPT_OUTLINES:
            self._outlines.popitem(last=False)
        self._set_outline(outline)

    def _set_outline(self, outline: Outline | None) -> None:
        self._outline = outline
        self.outline_changed.emit(outline)

    def _on_duration(self, duration_s: float) -> None:
        self.duration_changed.emit(duration_s)

    def _on_output(self, output: OutputFormat) -> None:
        self._output = output
        self.output_changed.emit(output)

    def _on_devices(self, devices: tuple[Device, ...]) -> None:
        self._devices = devices
        self.devices_changed.emit(devices)

    def _on_setting(self, key: str) -> None:
        if key.startswith("listening/"):
            self._apply()
            self.changed.emit()

    def _apply(self) -> None:
        """Play as the settings say."""
        settings, player = self._settings, self._player
        player.set_gain(0.0 if self.muted else self.volume**2)
        if (speed := settings.number("listening/speed", 1.0)) != player.speed:
            player.set_speed(speed)
        if (semitones := settings.number("listening/semitones", 0.0)) != player.semitones:
            player.set_semitones(semitones)
        if (looping := settings.flag("listening/loop", False)) != player.looping:
            player.set_looping(looping)
        if (device := settings.text("listening/device")) != player.device:
            player.set_device(device)
        self.recorder.device = settings.text("listening/microphone")


def _file(row: Row) -> tuple[str, int, bool]:
    return row.path, row.mtime_ns, row.offline
