from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication, QSlider, QWidget
from pytestqt.qtbot import QtBot
from silent_output import RATE_HZ, SilentOutput

from audioclip_search import Modality, Moment
from gui import theme
from gui.backend.calls.sound_view import Outline
from gui.controllers.listening import ListeningController
from gui.engine import Engine
from gui.player.player import PlayerState
from gui.records import Row
from gui.settings import Settings
from gui.views.player_bar import PlayerBar, pitch_words, speed_words
from gui.views.timing import clock, matches_of
from gui.views.waveform_strip import WaveformStrip, columns_of

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def listening(engine: Engine, tmp_path: Path) -> Iterator[ListeningController]:
    settings = Settings(tmp_path / "settings.ini")
    settings.put("listening/autoplay", False)
    listening = ListeningController(engine, settings, output=SilentOutput("Speakers", "Headphones"))
    yield listening
    listening.close()


@pytest.fixture
def bar(qtbot: QtBot, listening: ListeningController, dark: theme.Tokens) -> PlayerBar:
    bar = PlayerBar(listening)
    qtbot.addWidget(bar)
    bar.resize(1280, bar.height())
    bar.show()
    qtbot.waitExposed(bar)
    return bar


@pytest.fixture
def row(tmp_path: Path) -> Row:
    path = tmp_path / "rain on a tin roof.wav"
    soundfile.write(path, np.full(2 * RATE_HZ, 0.2), RATE_HZ)
    return Row(str(path), Modality.AUDIO, duration_s=2.0, mtime_ns=1)


def control(bar: QWidget, name: str) -> QAbstractButton:
    (found,) = (button for button in bar.findChildren(QAbstractButton) if button.accessibleName() == name)
    return found


def place(strip: WaveformStrip, seconds: float) -> QPoint:
    """Of a sound of two seconds."""
    return QPoint(round(6 + (strip.width() - 12) * seconds / 2), strip.height() // 2)


def drag(qtbot: QtBot, strip: WaveformStrip, start_s: float, end_s: float) -> None:
    qtbot.mousePress(strip, LEFT, pos=place(strip, start_s))
    for share in (0.5, 1.0):
        qtbot.mouseMove(strip, place(strip, start_s + share * (end_s - start_s)))
    qtbot.mouseRelease(strip, LEFT, pos=place(strip, end_s))


def test_nothing_is_offered_while_nothing_is_selected(bar: PlayerBar) -> None:
    for name in ("Play", "Stop", "Waveform and spectrogram"):
        assert not control(bar, name).isEnabled()
    assert not bar.waveform.isEnabled()


def test_a_sound_is_named_and_played_by_its_button(
    qtbot: QtBot, bar: PlayerBar, listening: ListeningController, row: Row
) -> None:
    listening.select(row)
    names = {label.accessibleName() for label in bar.findChildren(QWidget)}
    assert {row.name, row.folder, "Position", "Duration", "Volume", "Waveform"} <= names
    qtbot.mouseClick(control(bar, "Play"), LEFT)
    assert listening.state is PlayerState.PLAYING
    qtbot.waitUntil(lambda: listening.position_s > 0.1, timeout=60_000)
    qtbot.keyClick(control(bar, "Pause"), Qt.Key.Key_Space)
    assert listening.state is PlayerState.PAUSED
    qtbot.mouseClick(control(bar, "Stop"), LEFT)
    assert (listening.state, listening.position_s) == (PlayerState.STOPPED, 0)


def test_space_presses_the_button_with_the_focus_although_it_is_a_shortcut(
    qtbot: QtBot, bar: PlayerBar, listening: ListeningController, row: Row
) -> None:
    pressed: list[bool] = []
    QShortcut(QKeySequence("Space"), bar).activated.connect(lambda: pressed.append(True))
    listening.select(row)
    loop = control(bar, "Loop")
    loop.setFocus()
    qtbot.keyClick(loop, Qt.Key.Key_Space)
    assert (listening.looping, pressed) == (True, [])
    qtbot.keyClick(bar.waveform, Qt.Key.Key_Space)
    assert pressed == [True]


def test_all_controls_have_a_name_a_tip_and_the_focus(qtbot: QtBot, bar: PlayerBar, row: Row) -> None:
    bar._listening.select(row)
    bar.activateWindow()
    controls = [*bar.findChildren(QAbstractButton), *bar.findChildren(QSlider), bar.waveform]
    controls = [each for each in controls if each.isVisible()]
    for each in controls:
        assert each.accessibleName(), each
        assert each.toolTip(), each
        assert each.focusPolicy() & Qt.FocusPolicy.TabFocus, each.accessibleName()
    reached = []
    start = bar.nextInFocusChain()
    each = start
    while each is not None:
        if each in controls and each not in reached:
            reached.append(each)
        each = each.nextInFocusChain()
        if each is start:
            break
    assert set(reached) == set(controls)
    from_left = sorted(controls, key=lambda each: each.mapTo(bar, QPoint(0, 0)).x())
    assert reached == from_left


def test_clicking_the_waveform_seeks(qtbot: QtBot, bar: PlayerBar, listening: ListeningController, row: Row) -> None:
    listening.select(row)
    qtbot.mouseClick(bar.waveform, LEFT, pos=place(bar.waveform, 1.0))
    assert listening.position_s == pytest.approx(1.0, abs=0.01)
    assert listening.region is None
    for key, expected in ((Qt.Key.Key_Left, 0.0), (Qt.Key.Key_End, 2.0), (Qt.Key.Key_Home, 0.0)):
        qtbot.keyClick(bar.waveform, key)
        assert listening.position_s == pytest.approx(expected, abs=0.01)
    qtbot.keyClick(bar.waveform, Qt.Key.Key_Right)
    assert listening.position_s == pytest.approx(1.0, abs=0.01)


def test_dragging_selects_and_loops(qtbot: QtBot, bar: PlayerBar, listening: ListeningController, row: Row) -> None:
    listening.select(row)
    drag(qtbot, bar.waveform, 1.5, 0.5)
    assert listening.region == pytest.approx((0.5, 1.5), abs=0.01)
    assert listening.looping
    assert listening.position_s == pytest.approx(0.5, abs=0.01)
    assert "0:00.5" in bar.waveform.accessibleDescription()
    drag(qtbot, bar.waveform, 1.5, 1.75)  # its edge
    assert listening.region == pytest.approx((0.5, 1.75), abs=0.01)
    qtbot.mouseClick(bar.waveform, LEFT, pos=place(bar.waveform, 1.0))
    assert listening.position_s == pytest.approx(1.0, abs=0.01)
    assert listening.region == pytest.approx((0.5, 1.75), abs=0.01)
    qtbot.keyClick(bar.waveform, Qt.Key.Key_Escape)
    assert listening.region is None


def test_the_selected_part_can_be_dragged_out_and_saved(
    qtbot: QtBot, bar: PlayerBar, listening: ListeningController, row: Row
) -> None:
    listening.select(row)
    grip = control(bar, "Drag the sound, or its selected part, to another program; click to save it")
    with qtbot.waitSignal(bar.export_requested) as told:
        qtbot.mouseClick(grip, LEFT)
    assert told.args == [row, 0.0, 0.0]
    listening.set_region(0.5, 1.5)
    with qtbot.waitSignal(bar.drag_started) as told:
        drag(qtbot, bar.waveform, 1.0, 1.2)  # inside it
    assert told.args == [row, 0.5, 1.5]
    with qtbot.waitSignal(bar.drag_started) as told:
        qtbot.mousePress(grip, LEFT, pos=QPoint(4, 4))
        qtbot.mouseMove(grip, QPoint(30, 30))
    assert told.args == [row, 0.5, 1.5]
    assert listening.region == (0.5, 1.5)


def test_how_it_is_heard_is_shown_and_set(
    qtbot: QtBot, bar: PlayerBar, listening: ListeningController, row: Row
) -> None:
    listening.select(row)
    for name, value in (("Loop", "looping"), ("Mute", "muted"), ("Play what is selected at once", "autoplay")):
        for expected in (True, False):
            qtbot.mouseClick(control(bar, name), LEFT)
            assert getattr(listening, value) is expected
            assert control(bar, name).isChecked() is expected
    (volume,) = (slider for slider in bar.findChildren(QSlider) if slider.accessibleName() == "Volume")
    volume.setValue(30)
    assert listening.volume == pytest.approx(0.3)
    listening.louder()
    assert volume.value() == 35
    listening.set_looping(True)
    assert control(bar, "Loop").isChecked()


def test_speed_and_pitch_are_set_in_a_popover(
    qtbot: QtBot, bar: PlayerBar, listening: ListeningController, row: Row
) -> None:
    listening.select(row)
    for name, title, value, expected in (
        ("Speed", "Speed, at the same pitch", "speed", 4.0),
        ("Pitch", "Pitch, at the same speed", "semitones", 12.0),
    ):
        usual = getattr(listening, value)
        qtbot.mouseClick(control(bar, name), LEFT)
        (slider,) = (each for each in bar.findChildren(QSlider) if each.accessibleName() == title)
        popover = slider.window()
        assert popover is not bar.window()
        assert popover.isVisible()
        qtbot.keyClick(slider, Qt.Key.Key_End)
        assert getattr(listening, value) == expected
        words = speed_words(expected) if value == "speed" else pitch_words(expected)
        assert control(bar, name).text() == words  # type: ignore[attr-defined]
        reset = next(each for each in popover.findChildren(QAbstractButton) if "Back" in each.accessibleName())
        qtbot.mouseClick(reset, LEFT)
        assert getattr(listening, value) == usual
        qtbot.keyClick(popover, Qt.Key.Key_Escape)
        assert not popover.isVisible()


def test_an_output_is_chosen_from_a_menu(qtbot: QtBot, bar: PlayerBar, listening: ListeningController) -> None:
    with qtbot.waitSignal(listening.devices_changed):
        qtbot.mouseClick(control(bar, "Output device"), LEFT)
    actions = {action.text(): action for action in bar._menu.actions()}
    assert list(actions) == ["The system's choice (Speakers)", "Speakers", "Headphones"]
    assert actions["The system's choice (Speakers)"].isChecked()
    actions["Headphones"].trigger()
    assert listening.device == "Headphones"
    bar._menu.close()
    qtbot.mouseClick(control(bar, "Output device"), LEFT)
    assert next(action for action in bar._menu.actions() if action.text() == "Headphones").isChecked()
    bar._menu.close()


@pytest.mark.parametrize("mode", [theme.Mode.DARK, theme.Mode.LIGHT])
def test_the_waveform_shows_what_was_played_and_what_matches(
    qtbot: QtBot, qapp: QApplication, mode: theme.Mode
) -> None:
    chosen = theme.apply(qapp, mode)
    strip = WaveformStrip()
    qtbot.addWidget(strip)
    strip.resize(412, 56)
    strip.show_sound(2.0, [(1.0, 1.25)])
    strip.set_outline(Outline(np.full(800, -0.5, np.float32), np.full(800, 0.5, np.float32), 0.0, 2.0))
    strip.set_position(0.5)
    image = strip.grab().toImage()

    def colours(x: int) -> set[str]:
        return {QImage.pixelColor(image, x, y).name() for y in range(4, 52)}

    assert chosen.wave_played in colours(50)
    assert chosen.wave not in colours(50)
    assert chosen.wave in colours(150)
    assert chosen.moment in colours(6 + 225)
    assert chosen.moment not in colours(6 + 350)
    strip.set_region((1.5, 2.0))
    assert chosen.wave not in {QImage.pixelColor(strip.grab().toImage(), 150, y).name() for y in range(4, 52)}


def test_columns_keep_the_extremes() -> None:
    low, high = np.zeros(1_000, np.float32), np.zeros(1_000, np.float32)
    low[500], high[501] = -1, 1
    fewer = columns_of(Outline(low, high, 0, 1), 100)
    assert (fewer[0].argmin(), fewer[1].argmax()) == (50, 50)
    more = columns_of(Outline(low, high, 0, 1), 3_000)
    assert (more[0] == -1).sum() == 3


def test_what_matches_is_told_only_if_it_is_a_part(row: Row) -> None:
    assert matches_of(row) == ()
    assert matches_of(replace(row, score=0.5, end_s=2.0)) == ()
    assert matches_of(replace(row, score=0.5, start_s=0.5, end_s=1.0)) == ((0.5, 1.0),)
    moments = (Moment(start_s=1.0, end_s=1.5, score=0.9), Moment(start_s=0.0, end_s=0.5, score=0.5))
    assert matches_of(replace(row, score=0.5, end_s=2.0, moments=moments)) == ((1.0, 1.5), (0.0, 0.5))


@pytest.mark.parametrize(
    ("seconds", "decimals", "expected"),
    [(0, 1, "0:00.0"), (3.29, 1, "0:03.2"), (59.999, 0, "0:59"), (3_725.5, 2, "1:02:05.50"), (-1, 0, "0:00")],
)
def test_clocks(seconds: float, decimals: int, expected: str) -> None:
    assert clock(seconds, decimals) == expected


def test_words_for_speed_and_pitch() -> None:
    assert [speed_words(value) for value in (0.25, 1.0, 1.5)] == ["0.25×", "1×", "1.5×"]
    assert [pitch_words(value) for value in (-3, 0, 7.5)] == ["−3 st", "0 st", "+7.5 st"]
