from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot
from silent_output import RATE_HZ, SilentOutput

from audioclip_search import Modality
from gui import theme
from gui.backend.calls.sound_view import Spectrum
from gui.controllers.listening import ListeningController
from gui.engine import Engine
from gui.records import Row
from gui.settings import Settings
from gui.views.sound_plots import SoundPlots, hertz
from gui.views.sound_view import SoundView

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def listening(engine: Engine, tmp_path: Path) -> Iterator[ListeningController]:
    settings = Settings(tmp_path / "settings.ini")
    settings.put("listening/autoplay", False)
    listening = ListeningController(engine, settings, output=SilentOutput("Speakers"))
    yield listening
    listening.close()


@pytest.fixture
def view(qtbot: QtBot, listening: ListeningController, dark: theme.Tokens) -> SoundView:
    view = SoundView(listening)
    qtbot.addWidget(view)
    view.resize(1_000, 400)
    view.show()
    qtbot.waitUntil(lambda: view.plots is not None, timeout=20_000)
    return view


def plots_of(view: SoundView) -> SoundPlots:
    assert view.plots is not None
    return view.plots


def tone(folder: Path, hz: float = 1_000, duration_s: float = 2.0) -> Row:
    path = folder / f"{hz:.0f}.wav"
    at = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    soundfile.write(path, 0.5 * np.sin(2 * np.pi * hz * at), RATE_HZ)
    return Row(str(path), Modality.AUDIO, duration_s=duration_s, mtime_ns=1)


def test_a_sound_is_seen_as_it_sounds(
    qtbot: QtBot, view: SoundView, listening: ListeningController, tmp_path: Path
) -> None:
    plots = plots_of(view)
    spectra: list[Spectrum] = []
    listening.looking.analysed.connect(spectra.append)
    listening.select(tone(tmp_path))
    qtbot.waitUntil(lambda: bool(spectra) and plots._curve.getData()[0] is not None, timeout=20_000)
    assert plots.range_s == pytest.approx((0.0, 2.0))
    levels = plots._whole.image
    bands = levels.shape[0]
    strongest = np.log2(40) + (levels.sum(axis=1).argmax() + 0.5) / bands * np.log2(24_000 / 40)
    assert 2**strongest == pytest.approx(1_000, rel=0.05)
    assert plots._whole.sceneBoundingRect().width() > 800
    qtbot.waitUntil(lambda: np.max(plots._curve.getData()[1]) == pytest.approx(0.5, abs=0.01), timeout=20_000)
    ticks = plots._spectrum.getAxis("left").tickValues(np.log2(40), np.log2(24_000), 200)
    labels = plots._spectrum.getAxis("left").tickStrings(ticks[0][1], 1, 1)
    assert (
        labels == ["50 Hz", "100 Hz", "200 Hz", "500 Hz", "1 kHz", "2 kHz", "5 kHz", "10 kHz", "20 kHz"][: len(labels)]
    )
    assert len(labels) >= 8
    ticks = plots._spectrum.getAxis("left").tickValues(np.log2(40), np.log2(24_000), 60)
    labels = plots._spectrum.getAxis("left").tickStrings(ticks[0][1], 1, 1)
    assert labels == ["100 Hz", "1 kHz", "10 kHz"]  # there is no room for more


def test_it_zooms_moves_and_asks_for_what_is_seen(
    qtbot: QtBot, view: SoundView, listening: ListeningController, tmp_path: Path
) -> None:
    plots = plots_of(view)
    spectra: list[Spectrum] = []
    listening.looking.analysed.connect(spectra.append)
    listening.select(tone(tmp_path))
    qtbot.waitUntil(lambda: len(spectra) == 1, timeout=20_000)
    middle = plots._wave_view.mapViewToScene(QPointF(0.5, 0)).toPoint()
    scroll(plots, middle, QPoint(0, 480))
    start_s, end_s = plots.range_s
    assert end_s - start_s == pytest.approx(2.0 / 1.25**4, rel=0.01)
    assert start_s < 0.5 < end_s
    qtbot.waitUntil(lambda: len(spectra) == 2, timeout=20_000)
    assert (spectra[-1].start_s, spectra[-1].end_s) == (start_s, end_s)
    assert plots._whole.image is not None  # it is seen behind, at once, whatever is seen next
    scroll(plots, middle, QPoint(0, -120), Qt.KeyboardModifier.ShiftModifier)
    assert plots.range_s == pytest.approx((start_s + (end_s - start_s) / 8, end_s + (end_s - start_s) / 8))
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert plots.range_s == pytest.approx((0, 2))
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert plots.range_s[1] - plots.range_s[0] == pytest.approx(1.6)
    before = plots.range_s
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert plots.range_s > before
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert plots.range_s == pytest.approx(before)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert plots.range_s == pytest.approx((0, 2))
    with qtbot.waitSignal(view.close_requested):
        qtbot.keyClick(view, Qt.Key.Key_Escape)


def scroll(
    plots: SoundPlots, place: QPoint, by: QPoint, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    at = QPointF(place)
    everywhere = QPointF(plots.viewport().mapToGlobal(place))
    event = QWheelEvent(
        at, everywhere, QPoint(), by, Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(plots.viewport(), event)


def test_the_part_and_the_place_are_shared_with_the_player(
    qtbot: QtBot, view: SoundView, listening: ListeningController, tmp_path: Path
) -> None:
    plots = plots_of(view)
    listening.select(tone(tmp_path))
    listening.seek(1.25)
    assert [head.value() for head in plots._heads] == [1.25, 1.25]
    listening.set_region(0.5, 1.0)
    assert plots.region == (0.5, 1.0)
    assert [item.getRegion() for item in plots._regions] == [(0.5, 1.0)] * 2
    plots._regions[1].setRegion((0.25, 1.0))  # as its edge does when it is dragged
    plots._regions[1].sigRegionChangeFinished.emit(plots._regions[1])
    assert listening.region == (0.25, 1.0)
    assert plots._regions[0].getRegion() == (0.25, 1.0)
    listening.choose_region(None)
    assert not plots._regions[0].isVisible()


def test_the_mouse_seeks_and_selects(
    qtbot: QtBot, view: SoundView, listening: ListeningController, tmp_path: Path
) -> None:
    plots = plots_of(view)
    listening.select(tone(tmp_path))
    qtbot.wait(50)

    def at(seconds: float) -> QPointF:
        return QPointF(plots.mapFromScene(plots._wave_view.mapViewToScene(QPointF(seconds, 0.5))))

    def mouse(kind: QEvent.Type, seconds: float, *, down: bool = True) -> None:
        button = LEFT if kind is not QEvent.Type.MouseMove else Qt.MouseButton.NoButton
        held = LEFT if down else Qt.MouseButton.NoButton
        where = plots.viewport().mapToGlobal(at(seconds))
        event = QMouseEvent(kind, at(seconds), where, button, held, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(plots.viewport(), event)

    mouse(QEvent.Type.MouseButtonPress, 1.5)
    mouse(QEvent.Type.MouseButtonRelease, 1.5, down=False)
    assert listening.position_s == pytest.approx(1.5, abs=0.01)
    assert listening.region is None
    mouse(QEvent.Type.MouseButtonPress, 1.0)
    for seconds in (0.9, 0.7, 0.5):
        qtbot.wait(30)  # moves that follow too fast are left out
        mouse(QEvent.Type.MouseMove, seconds)
    mouse(QEvent.Type.MouseButtonRelease, 0.5, down=False)
    assert listening.region == pytest.approx((0.5, 1.0), abs=0.01)
    assert listening.looping


def test_without_a_sound_or_with_a_broken_one_it_says_so(
    qtbot: QtBot, view: SoundView, listening: ListeningController, tmp_path: Path
) -> None:
    def says(text: str) -> bool:
        return any(text in label.text() and label.isVisible() for label in view.findChildren(QLabel))

    assert says("Select a sound")
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF")
    listening.select(Row(str(broken), Modality.AUDIO, duration_s=1.0))
    qtbot.waitUntil(lambda: says(str(broken)), timeout=20_000)
    listening.select(tone(tmp_path))
    assert not says(str(broken))


def test_it_draws_nothing_while_it_is_hidden(
    qtbot: QtBot, view: SoundView, listening: ListeningController, tmp_path: Path
) -> None:
    view.hide()
    spectra: list[Spectrum] = []
    listening.looking.analysed.connect(spectra.append)
    listening.select(tone(tmp_path))
    qtbot.wait(200)
    assert not spectra
    view.show()
    qtbot.waitUntil(lambda: bool(spectra), timeout=20_000)


def test_it_follows_the_theme(qapp: QApplication, view: SoundView) -> None:
    plots = plots_of(view)
    for mode in (theme.Mode.LIGHT, theme.Mode.DARK):
        chosen = theme.apply(qapp, mode)
        assert plots.backgroundBrush().color().name() == chosen.ground
        assert plots._curve.opts["pen"].color().name() == chosen.wave


@pytest.mark.parametrize(("hz", "words"), [(50, "50 Hz"), (999.6, "1 kHz"), (1_234, "1.2 kHz"), (20_000, "20 kHz")])
def test_frequencies_in_words(hz: float, words: str) -> None:
    assert hertz(hz) == words
