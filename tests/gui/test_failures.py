"""What goes wrong around the app, in the whole window: each is a sentence with a remedy, and nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import lock_holder
import made_sounds
import pytest
import soundfile
from networks import TINY
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot
from silent_output import SilentOutput

from audioclip_search import config
from audioclip_search.model import AudioCLIP
from audioclip_search.model.weights import save_model
from gui import crash, places
from gui.backend.library_state import Phase
from gui.controllers.listening import ListeningController
from gui.records import Row
from gui.settings import Settings
from gui.windows.controllers import Controllers
from gui.windows.main import MainWindow

PATIENCE_MS = 30_000


@dataclass
class Scene:
    """The window, on a library of its own with one folder of sounds."""

    window: MainWindow
    controllers: Controllers
    output: SilentOutput
    sounds: Path
    reports: list[str]

    def row(self, name: str) -> Row:
        (found,) = [row for row in self.window.results.rows() if row.name == name]
        return found

    def play(self, name: str) -> None:
        self.controllers.listening.select(self.row(name))
        self.controllers.listening.play()

    def said(self, *parts: str) -> Callable[[], bool]:
        """Whether the banner says all of that."""
        return lambda: all(part in self.window.banner.text for part in parts)


@pytest.fixture(scope="module")
def scene(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("failures")
    save_model(folder / "models" / "audioclip", AudioCLIP(TINY), name="audioclip")
    sounds = folder / "Sounds"
    sounds.mkdir()
    for number in range(4):
        samples = made_sounds.knocks(number, duration_s=0.3, rate_hz=8_000)
        soundfile.write(sounds / f"knock {number}.wav", samples, 8_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(config.MODELS_VARIABLE, str(folder / "models"))
        patch.setenv(places.APP_VARIABLE, str(folder / "app"))
        settings = Settings(folder / "settings.ini")
        started = Controllers.start(settings)
        started.listening.close()
        output = SilentOutput("Speakers")
        listening = ListeningController(started.painter, settings, output=output)
        controllers = replace(started, listening=listening)
        window = MainWindow(controllers)
        reporter = crash.install(folder / "logs")
        reports: list[str] = []
        reporter.crashed.connect(reports.append)
        window.show()
        window.open_library("")
        window.add_folders([str(sounds)])
        yield Scene(window, controllers, output, sounds, reports)
        crash.uninstall(reporter)
        window.close()
        controllers.close()
        started.listening.deleteLater()


@pytest.fixture(autouse=True)
def own_places(scene: Scene) -> Path:
    """The window that all tests share keeps its things in one place, also when its engine is started again."""
    return places.data_dir().parent


@pytest.fixture(autouse=True)
def no_leaked_threads(scene: Scene) -> Iterator[None]:
    """The window that all tests share has some."""
    before = _threads()
    yield
    assert _threads() <= before


@pytest.fixture(autouse=True)
def settled(qtbot: QtBot, scene: Scene) -> Iterator[None]:
    """Before each test all sounds are there and no message is; after it there is no crash report."""
    scene.output.names = scene.output.names or ["Speakers"]
    scene.controllers.library.rescan()
    qtbot.waitUntil(lambda: _is_settled(scene), timeout=PATIENCE_MS)
    scene.window.banner.hide()
    yield
    scene.window.banner.hide()
    assert not scene.reports


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk with hardly any space left."""
    folder = tmp_path / "Disk"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=1024k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mounting, check=False, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    status = os.statvfs(folder)
    (folder / "ballast").write_bytes(bytes(status.f_bavail * status.f_frsize - 4 * 1024))
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_an_unplugged_folder(qtbot: QtBot, scene: Scene, tmp_path: Path) -> None:
    window, library = scene.window, scene.controllers.library
    away = scene.sounds.rename(tmp_path / "Unplugged")
    try:
        library.look_for_drives()
        qtbot.waitUntil(lambda: "“Sounds” is not connected" in window.card.text, timeout=PATIENCE_MS)
        assert "Its 4 files stay in the library; connect it to hear them." in window.card.text
        qtbot.waitUntil(lambda: scene.row("knock 0.wav").offline, timeout=PATIENCE_MS)
        scene.play("knock 0.wav")
        assert scene.said("knock 0.wav: its drive is not connected. Connect it to hear the file.")()
        scene.controllers.organising.add_tags([scene.row("knock 0.wav").path], ["far away"])
        qtbot.waitUntil(lambda: scene.row("knock 0.wav").tags == ("far away",), timeout=PATIENCE_MS)
    finally:
        away.rename(scene.sounds)
    library.look_for_drives()
    qtbot.waitUntil(lambda: not scene.row("knock 0.wav").offline, timeout=PATIENCE_MS)
    assert scene.row("knock 0.wav").tags == ("far away",)
    scene.play("knock 0.wav")
    assert scene.controllers.listening.playable


def test_a_deleted_file(qtbot: QtBot, scene: Scene, tmp_path: Path) -> None:
    scene.controllers.library.stop()  # so that it is not noticed before
    qtbot.waitUntil(lambda: scene.controllers.library.indexing.phase is Phase.STOPPED, timeout=PATIENCE_MS)
    away = (scene.sounds / "knock 1.wav").rename(tmp_path / "gone.wav")
    scene.play("knock 1.wav")
    qtbot.waitUntil(
        scene.said("knock 1.wav: No such file", "if it has moved or is gone, rescan the library (F5)"),
        timeout=PATIENCE_MS,
    )
    away.rename(scene.sounds / "knock 1.wav")


def test_a_corrupt_file(qtbot: QtBot, scene: Scene) -> None:
    window, corrupt = scene.window, scene.sounds / "broken.wav"
    corrupt.write_bytes(b"RIFF, but not really")
    try:
        scene.controllers.library.rescan()
        qtbot.waitUntil(lambda: "1 file could not be read" in window.card.text, timeout=PATIENCE_MS)
        with qtbot.waitSignal(scene.controllers.library.failures_found):
            qtbot.mouseClick(window.card.failures_button, Qt.MouseButton.LeftButton)
        dialog = window.dialogs.show_failures([])  # the same one
        assert "at the next rescan" in " ".join(label.text() for label in dialog.findChildren(QLabel))
        dialog.close()
        qtbot.waitUntil(lambda: scene.window.results.rowCount() == 5, timeout=PATIENCE_MS)
        scene.play("broken.wav")
        qtbot.waitUntil(scene.said("broken.wav: not a sound", "Put a good copy in its place"), timeout=PATIENCE_MS)
    finally:
        corrupt.unlink()


def test_no_audio_device(qtbot: QtBot, scene: Scene) -> None:
    scene.play("knock 2.wav")
    qtbot.waitUntil(lambda: scene.output.alive, timeout=PATIENCE_MS)
    scene.output.unplug()
    scene.controllers.listening.stop()
    scene.play("knock 3.wav")
    qtbot.waitUntil(
        scene.said("There is no output device. Connect headphones or choose another output device."),
        timeout=PATIENCE_MS,
    )


def test_an_index_locked_by_another_process(qtbot: QtBot, scene: Scene) -> None:
    assert scene.controllers.library.state is not None
    index = Path(scene.controllers.library.state.root) / ".audioclip-search"
    holding = [sys.executable, Path(lock_holder.__file__), "hold", str(index), "write"]
    with subprocess.Popen(holding, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        scene.controllers.organising.add_tags([scene.row("knock 2.wav").path], ["patient"])
        qtbot.waitUntil(
            scene.said("another program may be writing it", "It is saved as soon as that has finished"),
            timeout=PATIENCE_MS,
        )
        assert "patient" not in scene.row("knock 2.wav").tags
        holder.kill()
    qtbot.waitUntil(scene.said("Saved"), timeout=PATIENCE_MS)
    scene.controllers.search.set_text("tag:patient")
    qtbot.waitUntil(lambda: scene.window.results.rowCount() == 1, timeout=PATIENCE_MS)
    scene.controllers.search.clear()


def test_a_full_disk(qtbot: QtBot, scene: Scene, full_disk: Path) -> None:
    path = scene.row("knock 0.wav").path
    scene.controllers.exporting.export_files([scene.row("knock 0.wav")], str(full_disk))
    qtbot.waitUntil(
        scene.said(str(full_disk), "no space left", "Free some space, or choose a folder on another disk"),
        timeout=PATIENCE_MS,
    )
    assert [file.name for file in full_disk.iterdir()] == ["ballast"]
    assert Path(path).exists()


def test_the_engine_is_killed(qtbot: QtBot, scene: Scene) -> None:
    process_id = scene.controllers.engine.process_id
    assert process_id is not None
    with qtbot.waitSignal(scene.controllers.library.opened, timeout=PATIENCE_MS):
        os.kill(process_id, 9)
    qtbot.waitUntil(lambda: scene.window.results.rowCount() == 4, timeout=PATIENCE_MS)


def test_a_library_that_cannot_be_opened_can_be_tried_again(qtbot: QtBot, scene: Scene, tmp_path: Path) -> None:
    window, library = scene.window, scene.controllers.library
    assert library.state is not None
    root, elsewhere = library.state.root, tmp_path / "Not plugged in"
    window.open_library(str(elsewhere))
    qtbot.waitUntil(scene.said("Not plugged in", "Connect the drive"), timeout=PATIENCE_MS)
    assert library.closed
    elsewhere.mkdir()
    with qtbot.waitSignal(library.opened, timeout=PATIENCE_MS):
        window.pane.reopen_requested.emit()
    with qtbot.waitSignal(library.opened, timeout=PATIENCE_MS):
        window.open_library(root)


def _threads() -> set[str]:
    return {thread.name for thread in threading.enumerate() if thread.name.startswith("audioclip-search")}


def _is_settled(scene: Scene) -> bool:
    library = scene.controllers.library
    done = library.indexing.phase is Phase.IDLE and library.state is not None and library.state.files == 4
    return done and scene.window.results.rowCount() == 4
