"""The map: its drawing, the canvas, the view, and where its points come from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import organising_calls
import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from audioclip_search import CancelledError
from gui import theme
from gui.backend.calls import mapping as calls
from gui.backend.desk import Desk, Task
from gui.backend.map_records import Colouring, Legend, MapPart, MapProgress, MapState
from gui.controllers.mapping import MapController
from gui.engine import Engine
from gui.settings import Settings
from gui.views.map_canvas import MapCanvas
from gui.views.map_drawing import Camera, DotImage, Layer, premultiplied
from gui.views.map_view import MapView

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
RED, BLUE = 0xFFFF0000, 0xFF0000FF
FOUR = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], np.float32)
NUMBERS = {"/s/nw.wav": 0, "/s/ne.wav": 1, "/s/sw.wav": 2, "/s/se.wav": 3}


class Told(Task):
    """A task whose reports are kept."""

    def __init__(self) -> None:
        self.reports: list[object] = []
        super().__init__(self.reports.append)

    @property
    def parts(self) -> list[MapPart]:
        return [report for report in self.reports if isinstance(report, MapPart)]

    @property
    def legends(self) -> dict[Colouring, Legend]:
        return {report.colouring: report for report in self.reports if isinstance(report, Legend)}


def test_a_camera_keeps_what_it_zooms_at(qapp: QApplication) -> None:
    camera = Camera.fitting(QSize(400, 300), 50)
    assert camera.placed(FOUR).tolist() == [[100, 50], [300, 50], [100, 250], [300, 250]]
    nearer = camera.zoomed(3, QPointF(300, 250))
    assert nearer.placed(FOUR)[3].tolist() == [300, 250]
    assert nearer.moved(QPointF(-10, 5)).placed(FOUR)[3].tolist() == [290, 255]


def test_dots_have_colours_and_soft_rims_and_stay_inside(qapp: QApplication) -> None:
    drawn = DotImage(QSize(40, 30))
    places = np.array([[10, 10], [30, 20], [-5, 3], [39, 29], [4000, 1]], np.float32)
    drawn.dots(places, np.array([RED, BLUE, RED, RED, RED], np.uint32), 3.0)
    image = drawn.image(1.0)
    assert image.pixelColor(10, 10) == QColor("#ff0000")
    assert image.pixelColor(30, 20) == QColor("#0000ff")
    assert 0 < image.pixelColor(13, 10).alpha() < 255
    assert image.pixelColor(20, 10).alpha() == 0
    assert image.pixelColor(39, 29).alpha() == 0


def test_middles_hide_rims(qapp: QApplication) -> None:
    drawn = DotImage(QSize(40, 30))
    drawn.dots(np.array([[10, 10], [14, 10]], np.float32), np.array([RED, BLUE], np.uint32), 3.0)
    image = drawn.image(1.0)
    assert image.pixelColor(10, 10) == QColor("#ff0000")
    assert image.pixelColor(14, 10) == QColor("#0000ff")


def test_faded_colours_are_premultiplied() -> None:
    assert premultiplied(QColor("#ff8000"), 0.5) == (128 << 24) | (128 << 16) | (64 << 8)


def test_many_dots_take_several_steps(qapp: QApplication) -> None:
    layer = Layer()
    points = np.random.default_rng(1).random((30_000, 2)).astype(np.float32)
    colours = np.full(30_000, RED, np.uint32)
    layer.begin(points, colours, None, camera=Camera(300, 0, 0), size=QSize(300, 300), ratio=1.0)
    steps = 1
    while not layer.step(QColor("#888888")):
        steps += 1
    assert steps == 3
    assert layer.image is not None
    assert not layer.busy


@pytest.fixture
def canvas(qtbot: QtBot, dark: theme.Tokens) -> MapCanvas:
    canvas = MapCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(400, 300)
    canvas.show()
    qtbot.waitExposed(canvas)
    canvas.show_points(NUMBERS, FOUR, np.array([RED, BLUE, RED, BLUE], np.uint32))
    return canvas


def at(canvas: MapCanvas, path: str) -> QPoint:
    place = canvas.place_of(path)
    assert place is not None
    return place.toPoint()


def wheel(canvas: MapCanvas, place: QPoint, turn: int) -> None:
    event = QWheelEvent(
        QPointF(place),
        canvas.mapToGlobal(QPointF(place)),
        QPoint(),
        QPoint(0, turn),
        Qt.MouseButton.NoButton,
        NONE,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def test_the_wheel_zooms_where_the_pointer_is_and_ctrl_0_shows_all(qtbot: QtBot, canvas: MapCanvas) -> None:
    place, before = at(canvas, "/s/se.wav"), canvas.camera
    wheel(canvas, place, 480)
    assert canvas.camera.scale > 1.5 * before.scale
    assert (at(canvas, "/s/se.wav") - place).manhattanLength() <= 1
    qtbot.keyClick(canvas, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert canvas.camera == before
    for _ in range(80):
        wheel(canvas, place, 480)
    assert canvas.camera.scale < 500 * before.scale


def test_a_click_chooses_and_a_drag_moves(qtbot: QtBot, canvas: MapCanvas) -> None:
    chosen: list[list[str]] = []
    used: list[str] = []
    canvas.selected.connect(chosen.append)
    canvas.activated.connect(used.append)
    qtbot.mouseClick(canvas, LEFT, pos=at(canvas, "/s/ne.wav") + QPoint(4, 3))
    qtbot.mouseClick(canvas, LEFT, pos=canvas.rect().center())
    assert chosen == [["/s/ne.wav"], []]
    before = at(canvas, "/s/nw.wav")
    qtbot.mousePress(canvas, LEFT, pos=QPoint(200, 150))
    qtbot.mouseMove(canvas, QPoint(220, 160))
    qtbot.mouseMove(canvas, QPoint(240, 140))
    qtbot.mouseRelease(canvas, LEFT, pos=QPoint(240, 140))
    assert at(canvas, "/s/nw.wav") - before == QPoint(40, -10)
    assert len(chosen) == 2
    qtbot.mouseDClick(canvas, LEFT, pos=at(canvas, "/s/ne.wav"))
    assert used == ["/s/ne.wav"]


@pytest.mark.parametrize("with_shift", [True, False])
def test_a_lasso_chooses_what_is_inside(qtbot: QtBot, canvas: MapCanvas, with_shift: bool) -> None:
    chosen: list[list[str]] = []
    canvas.selected.connect(chosen.append)
    canvas.lasso_mode = not with_shift
    left, right = at(canvas, "/s/nw.wav"), at(canvas, "/s/ne.wav")
    corners = [left + QPoint(-15, -15), right + QPoint(15, -15), right + QPoint(15, 15), left + QPoint(-15, 15)]
    shift = Qt.KeyboardModifier.ShiftModifier if with_shift else NONE
    qtbot.mousePress(canvas, LEFT, shift, corners[0])
    for corner in corners[1:]:
        qtbot.mouseMove(canvas, corner)
    canvas.grab()
    qtbot.mouseRelease(canvas, LEFT, shift, corners[-1])
    assert [sorted(paths) for paths in chosen] == [["/s/ne.wav", "/s/nw.wav"]]
    assert canvas.accessibleName() == "Map of 4 files, 2 chosen"
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert chosen[-1] == []


def test_pointing_is_told_after_a_moment(qtbot: QtBot, canvas: MapCanvas) -> None:
    told: list[str] = []
    canvas.hovered.connect(told.append)
    qtbot.mouseMove(canvas, at(canvas, "/s/nw.wav"))
    qtbot.mouseMove(canvas, at(canvas, "/s/se.wav"))
    assert not told
    qtbot.waitUntil(lambda: told == ["/s/se.wav"], timeout=2_000)
    canvas.grab()
    qtbot.mouseMove(canvas, canvas.rect().center())
    assert told == ["/s/se.wav", ""]


def test_arrows_go_from_file_to_file(qtbot: QtBot, canvas: MapCanvas) -> None:
    chosen: list[list[str]] = []
    used: list[str] = []
    canvas.selected.connect(chosen.append)
    canvas.activated.connect(used.append)
    canvas.choose(["/s/nw.wav"])
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Up):
        qtbot.keyClick(canvas, key)
    qtbot.keyClick(canvas, Qt.Key.Key_Return)
    assert [paths[0] for paths in chosen] == ["/s/ne.wav", "/s/se.wav", "/s/sw.wav", "/s/nw.wav"]
    assert used == ["/s/nw.wav"]
    canvas.zoom(8, QPointF(at(canvas, "/s/nw.wav")))
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.rect().contains(at(canvas, "/s/ne.wav"))


def test_hits_are_bright_and_others_dim(qtbot: QtBot, canvas: MapCanvas) -> None:
    def colour(path: str) -> QColor:
        return canvas.grab().toImage().pixelColor(at(canvas, path))

    qtbot.waitUntil(lambda: colour("/s/nw.wav") == QColor("#ff0000"), timeout=2_000)
    canvas.highlight(["/s/ne.wav", "/elsewhere.wav"])
    qtbot.waitUntil(lambda: colour("/s/nw.wav") != QColor("#ff0000"), timeout=2_000)
    assert colour("/s/ne.wav") == QColor("#0000ff")
    canvas.highlight(None)
    qtbot.waitUntil(lambda: colour("/s/nw.wav") == QColor("#ff0000"), timeout=2_000)
    canvas.clear()
    assert canvas.count == 0
    qtbot.keyClick(canvas, Qt.Key.Key_Right)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk()
    organising_calls.open_made(desk, Told(), str(organising_calls.make_index(tmp_path)))
    yield desk
    desk.put(None)


def test_the_map_is_laid_out_once_and_kept(desk: Desk) -> None:
    first = Told()
    assert calls.show(desk, first) == MapState(11, 0, made=True)
    assert any(isinstance(report, MapProgress) for report in first.reports)
    points = np.concatenate([part.points for part in first.parts])
    assert points.dtype == np.float32
    assert ((points >= 0) & (points <= 1)).all()
    folders = first.legends[Colouring.FOLDER]
    assert dict(zip(folders.names, folders.counts, strict=True)) == {"glass": 4, "dog": 3, "rain": 3, "root": 1}
    assert first.legends[Colouring.KIND].names == ("audio", "image")
    assert first.legends[Colouring.TAG].others == 11
    again = Told()
    desk.library.annotate([path for path in desk.files() if "dog" in path], add=["pet"])
    desk.library.forget(["loose.wav"])
    desk.forget_files()
    assert calls.show(desk, again) == MapState(10, 0, made=True)
    assert not any(isinstance(report, MapProgress) for report in again.reports)
    assert again.legends[Colouring.TAG].names == ("pet",)
    kept = {path: point.tolist() for part in again.parts for path, point in zip(part.paths, part.points, strict=True)}
    made = {path: point.tolist() for part in first.parts for path, point in zip(part.paths, part.points, strict=True)}
    assert kept.items() < made.items()


def test_files_that_are_not_on_the_map_are_counted(desk: Desk, tmp_path: Path) -> None:
    desk.library.forget(["dog"])
    desk.forget_files()
    assert calls.show(desk, Told()).files == 8
    export = tmp_path / "export"
    other = Desk()
    organising_calls.open_made(other, Told(), str(organising_calls.make_index(tmp_path / "other")))
    other.library.export_to(export)
    other.put(None)
    desk.library.import_from(export)
    desk.forget_files()
    assert calls.show(desk, Told()) == MapState(8, 3, made=True)
    assert calls.show(desk, Told(), again=True) == MapState(11, 0, made=True)


def test_a_map_that_is_damaged_or_cancelled(desk: Desk, own_places: Path) -> None:
    calls.show(desk, Told())
    (kept,) = (own_places / "cache" / "maps").glob("*.npz")
    kept.write_bytes(b"no map")
    assert calls.show(desk, Told()).files == 11
    task = Told()
    task.cancel.cancel()
    with pytest.raises(CancelledError):
        calls.show(desk, task, again=True)


def test_a_library_without_files_has_no_map(tmp_path: Path) -> None:
    desk = Desk()
    organising_calls.open_made(desk, Told(), str(organising_calls.make_index(tmp_path)))
    desk.library.forget([desk.library.root])
    desk.forget_files()
    assert calls.show(desk, Told()) == MapState(0, 0, made=False)
    desk.put(None)


def test_the_view_shows_a_real_librarys_map(qtbot: QtBot, engine: Engine, tmp_path: Path, dark: theme.Tokens) -> None:
    settings = Settings(tmp_path / "settings.ini")
    controller = MapController(engine, settings)
    view = MapView(controller)
    qtbot.addWidget(view)
    view.resize(720, 500)
    with qtbot.waitSignals([controller.stopped, controller.trouble], timeout=30_000):
        view.show()
    assert view.card.isVisible()
    assert view.button.text() == "Draw the map"
    opened: list[str] = []
    index = organising_calls.make_index(tmp_path)
    engine.call(organising_calls.open_made, str(index)).then(opened.append)
    qtbot.waitUntil(lambda: bool(opened), timeout=30_000)
    with qtbot.waitSignal(controller.finished, timeout=60_000):
        view.button.click()
    assert view.canvas.count == 11
    assert not view.card.isVisible()
    assert [name for _, name, _ in view.legend.lines] == ["glass", "dog", "rain", "root"]
    view.colours.setCurrentIndex(view.colours.findData(Colouring.KIND.value))
    assert [(name, count) for _, name, count in view.legend.lines] == [("Sounds", 10), ("Pictures", 1)]
    theme.apply(QApplication.instance(), theme.Mode.LIGHT)  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: view.legend.lines[0][0] == theme.LIGHT.audio, timeout=2_000)
    heard: list[str] = []
    view.hovered.connect(heard.append)
    view.canvas.hovered.emit("/x.wav")
    view.audition.click()
    view.canvas.hovered.emit("/y.wav")
    assert heard == ["/x.wav", ""]
    assert not MapController(engine, settings).audition
    view.highlight([f"{opened[0]}/loose.wav"])
    view.choose([f"{opened[0]}/loose.wav"])
    assert view.canvas.chosen == [f"{opened[0]}/loose.wav"]
    assert not view.grab().isNull()
    with qtbot.waitSignal(controller.finished, timeout=30_000):
        view.reset()
    assert view.canvas.count == 11
