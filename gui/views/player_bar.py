"""The bar at the window's bottom: the selected sound, and how it is heard."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QActionGroup, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.controllers.listening import ListeningController
from gui.player.player import PlayerState
from gui.records import Row
from gui.theme import icon
from gui.views.popover import Popover
from gui.views.timing import clock, matches_of, tabular
from gui.views.waveform_strip import WaveformStrip

HEIGHT = 80
_SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0)
_PITCHES = (-12.0, -7.0, 0.0, 7.0, 12.0)
_VOLUME_STEPS = 100


class PlayerBar(QWidget):
    """What is selected, its waveform, and all that can be done to hear it.

    Args:
        listening: Does it.
        parent: Its owner.
    """

    drag_started = Signal(object, float, float)
    """The selected `Row` is dragged out: the part between these seconds, or all of it if both are 0."""

    export_requested = Signal(object, float, float)
    """The same part is to be saved as a file."""

    sound_view_requested = Signal(bool)
    """The larger view is to be shown, or hidden."""

    def __init__(self, listening: ListeningController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._listening = listening
        self.setObjectName("bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName(self.tr("Player"))
        self._make_transport()
        self._make_sound()
        self._make_shape()
        self._make_output()
        self._lay_out()
        listening.row_changed.connect(self._on_row)
        listening.state_changed.connect(self._on_state)
        listening.position_changed.connect(self._on_position)
        listening.duration_changed.connect(self._on_duration)
        listening.region_changed.connect(self._on_region)
        listening.outline_changed.connect(self.waveform.set_outline)
        listening.changed.connect(self._on_changed)
        listening.devices_changed.connect(self._on_devices)
        for button in self.findChildren(QAbstractButton):
            button.installEventFilter(self)
        self._on_row(listening.row)
        self._on_changed()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Space presses the button that has the focus, though it is the window's shortcut for playing, too."""
        override = event.type() is QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Space and not event.modifiers():
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def set_sound_view_shown(self, shown: bool) -> None:
        """The larger view has come or gone."""
        self._expand.setChecked(shown)

    def _make_transport(self) -> None:
        self._play = _button("play", self.tr("Play"), self.tr("Space"), role="on_accent")
        self._play.setObjectName("play")
        self._play.setIconSize(QSize(20, 20))
        self._play.setFixedSize(40, 40)
        self._play.clicked.connect(self._listening.toggle)
        self._stop = _button("stop", self.tr("Stop"), self.tr("Shift+Space"))
        self._stop.clicked.connect(self._listening.stop)
        self._loop = _button("loop", self.tr("Loop"), "L", checkable=True)
        self._loop.toggled.connect(self._listening.set_looping)

    def _make_sound(self) -> None:
        self._name = _Elided()
        self._name.setObjectName("strong")
        self._folder = _Elided(Qt.TextElideMode.ElideMiddle)
        self._folder.setObjectName("small")
        self.waveform = WaveformStrip()
        self.waveform.seek_requested.connect(self._listening.seek)
        self.waveform.region_requested.connect(self._listening.choose_region)
        self.waveform.drag_out_requested.connect(lambda: self._tell_part(self.drag_started))
        self._time = QLabel()
        self._length = QLabel()
        self._length.setObjectName("small")
        for label in (self._time, self._length):
            label.setFont(tabular(label.font()))
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            label.setMinimumWidth(60)
        self._time.setAccessibleName(self.tr("Position"))
        self._length.setAccessibleName(self.tr("Duration"))
        self._grip = _Grip(self.tr("Drag the sound, or its selected part, to another program; click to save it"))
        self._grip.dragged.connect(lambda: self._tell_part(self.drag_started))
        self._grip.clicked.connect(lambda: self._tell_part(self.export_requested))

    def _make_shape(self) -> None:
        self._speed = _button("", self.tr("Speed"))
        self._pitch = _button("", self.tr("Pitch"))
        self._speeds = Popover(self.tr("Speed, at the same pitch"), _SPEEDS, speed_words, 1.0, self)
        self._pitches = Popover(self.tr("Pitch, at the same speed"), _PITCHES, pitch_words, 0.0, self)
        for button, popover in ((self._speed, self._speeds), (self._pitch, self._pitches)):
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            button.setFixedSize(60, 32)
            button.clicked.connect(lambda _=False, button=button, popover=popover: popover.open_above(button))
        self._speeds.chosen.connect(self._listening.set_speed)
        self._pitches.chosen.connect(self._listening.set_semitones)

    def _make_output(self) -> None:
        self._mute = _button("volume", self.tr("Mute"), "Ctrl+M", checkable=True)
        self._mute.toggled.connect(self._listening.set_muted)
        self._volume = QSlider(Qt.Orientation.Horizontal)
        self._volume.setRange(0, _VOLUME_STEPS)
        self._volume.setFixedWidth(80)
        self._volume.setAccessibleName(self.tr("Volume"))
        self._volume.setToolTip(self.tr("Volume (+ and −)"))
        self._volume.valueChanged.connect(lambda value: self._listening.set_volume(value / _VOLUME_STEPS))
        self._device = _button("headphones", self.tr("Output device"))
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._listening.look_for_devices)
        self._device.clicked.connect(self._open_menu)
        self._autoplay = _button("autoplay", self.tr("Play what is selected at once"), checkable=True)
        self._autoplay.toggled.connect(self._listening.set_autoplay)
        self._expand = _button("spectrum", self.tr("Waveform and spectrogram"), "Ctrl+L", checkable=True)
        self._expand.clicked.connect(self.sound_view_requested)

    def _lay_out(self) -> None:
        names = QVBoxLayout()
        names.setSpacing(2)
        names.addStretch(1)
        names.addWidget(self._name)
        names.addWidget(self._folder)
        names.addStretch(1)
        who = QWidget()
        who.setLayout(names)
        names.setContentsMargins(0, 0, 0, 0)
        who.setFixedWidth(184)
        times = QVBoxLayout()
        times.setSpacing(2)
        times.addStretch(1)
        times.addWidget(self._time)
        times.addWidget(self._length)
        times.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(4)
        for part in (self._play, self._stop, self._loop):
            row.addWidget(part)
        row.addSpacing(8)
        row.addWidget(who)
        row.addSpacing(8)
        row.addWidget(self.waveform, 1)
        row.addSpacing(4)
        row.addLayout(times)
        row.addWidget(self._grip)
        row.addSpacing(8)
        for part in (self._speed, self._pitch, self._mute):
            row.addWidget(part)
        row.addWidget(self._volume)
        row.addSpacing(4)
        for part in (self._device, self._autoplay, self._expand):
            row.addWidget(part)

    def _on_row(self, row: Row | None) -> None:
        self._name.show_text(row.name if row is not None else self.tr("Nothing selected"))
        self._folder.show_text(row.folder if row is not None else "")
        self._folder.setVisible(row is not None)
        playable = self._listening.playable
        duration_s = self._listening.duration_s if playable else 0.0
        self.waveform.show_sound(duration_s, matches_of(row) if row is not None else ())
        self.waveform.set_outline(self._listening.outline if playable else None)
        self.waveform.set_region(self._listening.region)
        for widget in (self._play, self._stop, self.waveform, self._grip, self._expand):
            widget.setEnabled(playable)
        self._on_duration(duration_s)
        self._on_position(self._listening.position_s if playable else 0.0)
        self._on_state(self._listening.state)

    def _on_state(self, state: PlayerState) -> None:
        playing = state is PlayerState.PLAYING
        label = self.tr("Pause") if playing else self.tr("Play")
        self._play.setIcon(icon("pause" if playing else "play", "on_accent"))
        self._play.setToolTip(f"{label} ({self.tr('Space')})")
        self._play.setAccessibleName(label)

    def _on_position(self, position_s: float) -> None:
        self._time.setText(clock(position_s))
        self.waveform.set_position(position_s)

    def _on_duration(self, duration_s: float) -> None:
        self._length.setText(clock(duration_s) if duration_s else "–:––")
        self.waveform.set_duration(duration_s)

    def _on_region(self, region: tuple[float, float] | None) -> None:
        self.waveform.set_region(region)

    def _on_changed(self) -> None:
        listening = self._listening
        for button, checked in (
            (self._loop, listening.looping),
            (self._mute, listening.muted),
            (self._autoplay, listening.autoplay),
        ):
            button.blockSignals(True)
            button.setChecked(checked)
            button.blockSignals(False)
        silent = listening.muted or not listening.volume
        self._mute.setIcon(icon("mute" if silent else "volume", "muted"))
        self._volume.blockSignals(True)
        self._volume.setValue(round(listening.volume * _VOLUME_STEPS))
        self._volume.blockSignals(False)
        self._speed.setText(speed_words(listening.speed))
        self._pitch.setText(pitch_words(listening.semitones))
        self._speeds.set_value(listening.speed)
        self._pitches.set_value(listening.semitones)
        for button, usual in ((self._speed, listening.speed == 1), (self._pitch, not listening.semitones)):
            button.setObjectName("value" if usual else "value-set")
            button.style().unpolish(button)
            button.style().polish(button)

    def _open_menu(self) -> None:
        self._on_devices(self._listening.devices)
        self._menu.popup(self._device.mapToGlobal(QPoint(0, -self._menu.sizeHint().height() - 4)))

    def _on_devices(self, devices: object) -> None:
        """Fill the menu; while it is open, again, with those that have just been found."""
        listening = self._listening
        shown = self._menu.actions()
        names = ["", *(device.name for device in listening.devices)]
        if [action.data() for action in shown] != names:
            self._menu.clear()
            now = next((f" ({device.name})" for device in listening.devices if device.is_default), "")
            group = QActionGroup(self._menu)
            for name in names:
                action = self._menu.addAction(name or self.tr("The system's choice{now}").format(now=now))
                action.setData(name)
                action.setCheckable(True)
                action.triggered.connect(lambda _=False, name=name: listening.set_device(name))
                group.addAction(action)
            if self._menu.isVisible():
                self._menu.move(self._device.mapToGlobal(QPoint(0, -self._menu.sizeHint().height() - 4)))
        for action in self._menu.actions():
            action.setChecked(action.data() == listening.device)

    def _tell_part(self, signal: SignalInstance) -> None:
        row, region = self._listening.row, self._listening.region
        if row is not None and self._listening.playable:
            signal.emit(row, *(region or (0.0, 0.0)))


class _Elided(QLabel):
    """A line that is cut where there is no room; a tooltip has all of it."""

    def __init__(self, mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> None:
        super().__init__()
        self._mode, self._whole = mode, ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str) -> None:
        self._whole = text
        self.setToolTip(text)
        self.setAccessibleName(text)
        self._cut()

    def resizeEvent(self, event: object) -> None:
        self._cut()

    def _cut(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._whole, self._mode, self.width()))


class _Grip(QToolButton):
    """A handle to drag something out of the window by."""

    dragged = Signal()

    def __init__(self, tip: str) -> None:
        super().__init__()
        self._pressed: QPoint | None = None
        self.setIcon(icon("grip", "muted"))
        self.setIconSize(QSize(18, 18))
        self.setFixedSize(32, 32)
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        if (event.position().toPoint() - self._pressed).manhattanLength() >= QApplication.startDragDistance():
            self._pressed = None
            self.setDown(False)
            self.dragged.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed = None
        super().mouseReleaseEvent(event)


def speed_words(speed: float) -> str:
    """A speed: `1.5×`."""
    return f"{speed:.2f}".rstrip("0").rstrip(".") + "×"


def pitch_words(semitones: float) -> str:
    """A pitch in semitones: `+7 st`."""
    if not semitones:
        return "0 st"
    return f"{semitones:+.1f}".removesuffix(".0").replace("-", "−") + " st"


def _button(symbol: str, label: str, keys: str = "", *, role: str = "muted", checkable: bool = False) -> QToolButton:
    button = QToolButton()
    if symbol:
        button.setIcon(icon(symbol, role))
    button.setIconSize(QSize(18, 18))
    button.setFixedSize(32, 32)
    button.setCheckable(checkable)
    button.setToolTip(f"{label} ({keys})" if keys else label)
    button.setAccessibleName(label)
    return button
