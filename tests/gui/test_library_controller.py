"""The open library in a real engine, with a tiny model."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import engine_calls
import lock_holder
import made_sounds
import pytest
import soundfile
from networks import TINY
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from audioclip_search import ScanRules, SyncProgress, SyncStage, config
from audioclip_search.model import AudioCLIP
from audioclip_search.model.weights import save_model
from audioclip_search.storage.lance import connect
from audioclip_search.storage.schema import MIGRATIONS
from audioclip_search.storage.write import upgrade
from gui import places
from gui.backend.calls import keeping
from gui.backend.desk import Desk, Task
from gui.backend.library_state import FailedFile, IndexingState, LibraryState, Phase
from gui.controllers.library import LibraryController
from gui.engine import Engine
from gui.records import Trouble
from gui.settings import Settings

PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two tiny models."""
    folder = tmp_path_factory.mktemp("models")
    for name in ("audioclip", "audioclip-partial"):
        save_model(folder / name, AudioCLIP(TINY), name=name)
    return folder


@pytest.fixture(scope="module")
def tiny_engine(qapp: QApplication, tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine that has a tiny model; one for all, because starting costs seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(config.MODELS_VARIABLE, str(tiny_models))
        patch.setenv(places.APP_VARIABLE, str(tmp_path_factory.mktemp("app")))
        engine = Engine("tiny")
        yield engine
        engine.close()


@pytest.fixture(autouse=True)
def own_models_dir(tiny_engine: Engine) -> None:
    """That of the engine, also when it is started again."""


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """The engine that all tests share has two threads."""
    yield
    names = [thread.name for thread in threading.enumerate()]
    assert [name for name in names if name.startswith("audioclip-search")] == [
        "audioclip-search-tiny",
        "audioclip-search-tiny-writer",
    ]


@pytest.fixture
def library(tiny_engine: Engine, tmp_path: Path, qtbot: QtBot) -> Iterator[LibraryController]:
    controller = LibraryController(tiny_engine, Settings(tmp_path / "settings.ini"))
    yield controller
    controller.stop()
    qtbot.waitUntil(lambda: controller.indexing.phase is Phase.STOPPED, timeout=PATIENCE_MS)
    controller.close()


@pytest.fixture
def sounds(tmp_path: Path) -> Path:
    """A folder with three sounds and one file that is none."""
    return folder_of(tmp_path / "Sounds", 3, broken=True)


def folder_of(folder: Path, count: int, *, broken: bool = False) -> Path:
    folder.mkdir(parents=True)
    for number in range(count):
        samples = made_sounds.knocks(hash(folder.name) % 1_000 + number, duration_s=0.3, rate_hz=8_000)
        soundfile.write(folder / f"knock {number}.wav", samples, 8_000)
    if broken:
        (folder / "broken.wav").write_bytes(b"RIFF, but not really")
    return folder


class Heard:
    """All that a controller says."""

    def __init__(self, library: LibraryController) -> None:
        self.states: list[LibraryState] = []
        self.progress: list[IndexingState] = []
        self.troubles: list[Trouble] = []
        self.fresh = 0
        library.opened.connect(self.states.append)
        library.state_changed.connect(self.states.append)
        library.progressed.connect(self.progress.append)
        library.trouble.connect(self.troubles.append)
        library.indexed_changed.connect(self._count)

    def _count(self) -> None:
        self.fresh += 1


def wait(qtbot: QtBot, met: Callable[[], bool]) -> None:
    qtbot.waitUntil(met, timeout=PATIENCE_MS)


def has(library: LibraryController, files: int) -> Callable[[], bool]:
    def met() -> bool:
        state = library.state
        return state is not None and state.files == files and library.indexing.phase is Phase.IDLE

    return met


def test_folders_are_indexed_at_once_and_watched(
    qtbot: QtBot, library: LibraryController, sounds: Path, tmp_path: Path
) -> None:
    heard = Heard(library)
    library.open(str(sounds))
    wait(qtbot, has(library, 3))
    state = library.state
    assert state is not None
    assert (state.audio, state.failed, state.model) == (3, 1, "audioclip")
    assert [(folder.name, folder.files, folder.removable) for folder in state.folders] == [("Sounds", 4, False)]
    assert heard.fresh
    assert Phase.RUNNING in {progress.phase for progress in heard.progress}
    assert heard.progress[-1].failed == 1
    assert not heard.troubles

    shutil.copy(sounds / "knock 0.wav", sounds / "another.wav")  # the watch sees it
    wait(qtbot, has(library, 4))

    other = folder_of(tmp_path / "More", 2)  # added while the watch runs: it goes on with both
    library.add_folders([str(other), str(other), str(sounds)])
    wait(qtbot, has(library, 6))
    shutil.copy(other / "knock 0.wav", other / "third.wav")
    wait(qtbot, has(library, 7))

    library.remove_folder(str(other))
    wait(qtbot, has(library, 4))
    assert not heard.troubles


def test_what_could_not_be_read_is_listed_with_reasons(qtbot: QtBot, library: LibraryController, sounds: Path) -> None:
    library.open(str(sounds))
    wait(qtbot, has(library, 3))
    found: list[list[FailedFile]] = []
    library.failures_found.connect(found.append)
    library.find_failures()
    wait(qtbot, lambda: bool(found))
    assert [failed.path for failed in found[0]] == [str(sounds / "broken.wav")]
    assert found[0][0].reason


def test_the_apps_own_library_takes_folders_and_rules(
    qtbot: QtBot, library: LibraryController, tiny_engine: Engine, sounds: Path, tmp_path: Path
) -> None:
    heard = Heard(library)
    library.set_watching(False)
    library.open()
    wait(qtbot, lambda: library.state is not None)
    assert library.state is not None
    assert not library.state.folders
    library.add_folders([str(sounds)])
    wait(qtbot, has(library, 3))
    assert [folder.removable for folder in library.state.folders] == [True]
    library.set_rules(ScanRules(ignore=("knock 1.wav",)))
    wait(qtbot, lambda: library.state is not None and bool(library.state.rules.ignore))
    library.rescan()
    wait(qtbot, has(library, 2))

    library.add_folders([str(tmp_path)])
    wait(qtbot, lambda: bool(heard.troubles))
    assert "“Sounds” in this folder belongs to the library already" in str(heard.troubles[0])

    moved = sounds.rename(tmp_path / "Moved")
    library.look_for_drives()
    wait(qtbot, lambda: library.state is not None and bool(library.state.missing))
    assert library.state.missing[0].name == "Sounds"
    assert library.state.missing[0].files == 3
    library.relocate_folder(str(sounds), str(moved))
    wait(qtbot, lambda: library.state is not None and not library.state.missing)
    library.remove_folder(str(moved))
    wait(qtbot, lambda: library.state is not None and not library.state.folders)


def test_pause_keeps_what_is_finished_and_resume_goes_on(
    qtbot: QtBot, library: LibraryController, tmp_path: Path
) -> None:
    many = folder_of(tmp_path / "Many", 150)
    library.open(str(many))
    wait(qtbot, lambda: library.indexing.done >= 5)
    library.pause()
    assert library.indexing.phase is Phase.PAUSING
    wait(qtbot, lambda: library.indexing.phase is Phase.PAUSED)
    wait(qtbot, lambda: library.state is not None and library.state.files > 0)
    library.resume()
    assert library.indexing.phase is Phase.RUNNING
    wait(qtbot, has(library, 150))


def test_after_the_engine_died_the_library_is_open_again(
    qtbot: QtBot, library: LibraryController, tiny_engine: Engine, sounds: Path
) -> None:
    library.open(str(sounds))
    wait(qtbot, has(library, 3))
    with qtbot.waitSignal(library.opened, timeout=PATIENCE_MS):
        tiny_engine.call(engine_calls.die)
    shutil.copy(sounds / "knock 0.wav", sounds / "another.wav")
    wait(qtbot, has(library, 4))


def test_another_model_embeds_everything_again_and_is_done_with_then(
    qtbot: QtBot, library: LibraryController, sounds: Path
) -> None:
    library.open(str(sounds))
    wait(qtbot, has(library, 3))
    with qtbot.waitSignal(library.reembedded, timeout=PATIENCE_MS) as told:
        library.reembed("audioclip-partial")
    assert told.args == ["audioclip-partial"]
    wait(qtbot, lambda: library.state is not None and library.state.model == "audioclip-partial")
    assert not library.reembedding


def damaged(sounds: Path) -> None:
    index = sounds / ".audioclip-search"
    for file in index.rglob("*"):
        if file.is_file() and file.stat().st_size:
            file.write_bytes(b"\0" * 40)


def newer(sounds: Path) -> None:
    index = sounds / ".audioclip-search"
    upgrade(connect(index), index, lock_timeout_s=1, migrations=(*MIGRATIONS, lambda files: files))


@pytest.mark.parametrize(("how", "words"), [(damaged, ""), (newer, "version 4"), (shutil.rmtree, "not there")])
def test_an_index_that_cannot_be_used_is_told_with_a_remedy(
    qtbot: QtBot, library: LibraryController, sounds: Path, how: Callable[[Path], None], words: str
) -> None:
    heard = Heard(library)
    library.set_watching(False)
    library.open(str(sounds))
    wait(qtbot, has(library, 3))
    how(sounds)
    library.open(str(sounds))
    wait(qtbot, lambda: bool(heard.troubles))
    trouble = heard.troubles[0]
    assert words in str(trouble)
    assert trouble.remedy
    assert str(sounds) in str(trouble)
    assert "audioclip-search " not in trouble.remedy


def test_another_program_that_indexes_is_waited_for_and_told(
    qtbot: QtBot, library: LibraryController, sounds: Path
) -> None:
    library.set_watching(False)
    library.open(str(sounds))
    wait(qtbot, has(library, 3))
    holding = [sys.executable, Path(lock_holder.__file__), "hold", str(sounds / ".audioclip-search"), "sync"]
    with subprocess.Popen(holding, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        library.rescan()
        wait(qtbot, lambda: library.indexing.stage is SyncStage.WAIT)
        library.pause()  # waiting can be stopped as well
        wait(qtbot, lambda: library.indexing.phase is Phase.PAUSED)
        library.resume()
        wait(qtbot, lambda: library.indexing.stage is SyncStage.WAIT and library.indexing.phase is Phase.RUNNING)
        holder.kill()
    wait(qtbot, has(library, 3))


def test_a_library_whose_drive_comes_back_is_opened(
    qtbot: QtBot, library: LibraryController, sounds: Path, tmp_path: Path
) -> None:
    heard = Heard(library)
    away = sounds.rename(tmp_path / "Unplugged")
    library.open(str(sounds))
    wait(qtbot, lambda: bool(heard.troubles))
    assert "Connect the drive" in str(heard.troubles[0])
    library.look_for_drives()
    wait(qtbot, lambda: library._asking is None)
    away.rename(sounds)
    library.look_for_drives()
    wait(qtbot, has(library, 3))


def test_a_model_that_is_not_here_is_told_with_a_remedy_in_the_window(
    qtbot: QtBot, library: LibraryController, sounds: Path, tiny_models: Path
) -> None:
    heard = Heard(library)
    library.set_watching(False)
    library.open(str(sounds))
    wait(qtbot, has(library, 3))
    library.open()  # another one, so that the model is let go
    wait(qtbot, lambda: len(heard.states) > 2)
    shutil.copy(sounds / "knock 0.wav", sounds / "another.wav")
    with (sounds / "another.wav").open("ab") as file:
        file.write(bytes(2_000))
    elsewhere = (tiny_models / "audioclip").rename(tiny_models / "elsewhere")
    library.open(str(sounds))
    wait(qtbot, lambda: bool(heard.troubles))
    elsewhere.rename(tiny_models / "audioclip")
    assert "audioclip" in str(heard.troubles[0])
    assert heard.troubles[0].remedy == "Download it in Preferences, Model"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """An empty disk of two megabytes."""
    folder = tmp_path / "Disk"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=2048k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mounting, check=False, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_told_with_a_remedy(qtbot: QtBot, library: LibraryController, small_disk: Path) -> None:
    heard = Heard(library)
    library.set_watching(False)
    samples = folder_of(small_disk / "Samples", 2)
    status = os.statvfs(small_disk)
    (small_disk / "ballast").write_bytes(bytes(status.f_bavail * status.f_frsize - 8 * 1024))
    library.open(str(samples))
    wait(qtbot, lambda: bool(heard.troubles))
    assert "full" in str(heard.troubles[0]) or "space" in str(heard.troubles[0])
    assert heard.troubles[0].remedy
    wait(qtbot, lambda: library.indexing.phase is Phase.FAILED)
    (small_disk / "ballast").unlink()
    library.rescan()
    wait(qtbot, has(library, 2))


def test_a_folder_that_cannot_be_written_is_a_sentence(qtbot: QtBot, library: LibraryController, sounds: Path) -> None:
    if os.geteuid() == 0:
        (sounds / ".audioclip-search").write_text("in the way")
    else:
        sounds.chmod(0o500)
    heard = Heard(library)
    library.open(str(sounds))
    wait(qtbot, lambda: bool(heard.troubles))
    wait(qtbot, lambda: library.indexing.phase is not Phase.RUNNING)
    sounds.chmod(0o700)
    assert str(heard.troubles[0]).endswith(".")


def test_many_small_changes_are_shown_in_few_goes_and_the_last_one_is() -> None:
    desk, told = Desk(), []
    now_s = [0.0]
    telling = keeping._Telling(desk, Task(told.append), clock=lambda: now_s[0])
    for tenth in range(100):
        now_s[0] = tenth / 10
        if tenth < 62:
            telling.changed()
        telling.fresh_if_due()
    assert 3 <= len(told) <= 4
    assert not telling._due


def test_a_large_library_is_read_again_more_seldom() -> None:
    desk, told = Desk(), []
    desk.reading_s = 2.0
    now_s = [0.0]
    telling = keeping._Telling(desk, Task(told.append), clock=lambda: now_s[0])
    generations = set()
    for second in range(60):
        now_s[0] = float(second)
        telling.progress(SyncProgress(SyncStage.EMBED, second, 1_000, "a.wav"))
        generations.add(told[-1].generation)
    assert generations == {0, 1, 2}


def test_files_in_folders_are_counted_once_all_have_been_read(
    qtbot: QtBot, library: LibraryController, tiny_engine: Engine, sounds: Path, tmp_path: Path
) -> None:
    library.set_watching(False)
    library.open(str(sounds), [str(folder_of(tmp_path / "Two", 2))])
    wait(qtbot, has(library, 5))
    assert library.state is not None
    assert [folder.files for folder in library.state.folders] == [None, None]  # nobody has needed them
    read: list[int] = []
    tiny_engine.call(engine_calls.read_files).then(read.append)
    wait(qtbot, lambda: bool(read))
    library.look_for_drives()
    wait(qtbot, lambda: library.state is not None and library.state.folders[0].files is not None)
    assert [folder.files for folder in library.state.folders] == [4, 2]
