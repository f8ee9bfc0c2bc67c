"""The whole app in a real window, with a real mouse and keyboard: what is done is there after the next start."""

from __future__ import annotations

import configparser
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from real_window import App, missing_programs, virtual_screen

from audioclip_search import Library
from gui import places
from gui.player.devices import DeviceError, Devices, Direction

MIDDLE = (560, 420)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(missing_programs()), reason=f"not installed: {', '.join(missing_programs())}"),
]


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[dict[str, str]]:
    with virtual_screen(tmp_path) as environment:
        yield environment


@pytest.fixture
def sounds(tmp_path: Path, make_sound: Callable[..., Path], make_picture: Callable[..., Path]) -> Path:
    folder = tmp_path / "my sounds"
    for number, name in enumerate(("glass break", "glass tap", "door slam", "wood step", "rain tent")):
        make_sound(folder / f"{name} {number}.wav", seed=number, duration_s=2.0, rate_hz=44_100)
    make_picture(folder / "window.png", seed=9)
    return folder


def can_play() -> bool:
    try:
        return bool(Devices().named(Direction.OUTPUT))
    except DeviceError:
        return False


def test_what_is_done_is_there_after_the_next_start(
    screen: dict[str, str], sounds: Path, tmp_path: Path, make_picture: Callable[..., Path]
) -> None:
    log = tmp_path / "app.log"
    app = App(screen, log)
    try:
        app.wait_for("^Nothing is indexed yet")
        _add_folder(app, sounds)
        app.wait_for("^6 files")
        _search(app, "glass")
        app.wait_for("^glass · 2 results")
        app.drop(make_picture(tmp_path / "dropped picture.png", seed=9), *MIDDLE)
        app.wait_for(r"glass \+ dropped picture.png · ")
        _search(app, "ext:wav step")
        app.keys("Home", "BackSpace")  # takes the picture away
        app.wait_for("^ext:wav step · 1 result")
        app.keys("Return", "Down")
        if can_play():
            app.wait_for("^▶ wood step 3.wav")  # what is selected is heard
            app.wait_for("^ext:wav step")
            app.keys("space")
            app.wait_for("^▶ wood step 3.wav")
        app.keys("t")
        app.dialog("Add tags")
        app.write("shiny")
        app.accept("Add tags")
        app.keys("4")
        app.keys("f")
        _search(app, "tag:shiny")
        app.wait_for("^tag:shiny · 1 result")
        assert app.quit() == 0
    finally:
        app.end()
    _check_what_is_kept(sounds)
    app = App(screen, log)
    try:
        app.wait_for("^6 files")
        _search(app, "tag:shiny rating:4")
        app.wait_for("^tag:shiny rating:4 · 1 result")
        assert app.quit() == 0
    finally:
        app.end()
    assert "Traceback" not in log.read_text("utf-8")
    assert not list(places.log_dir().glob("crash_*"))


def test_a_second_start_hands_over_to_the_first(screen: dict[str, str], sounds: Path, tmp_path: Path) -> None:
    first = App(screen, tmp_path / "first.log")
    try:
        first.wait_for("^Nothing is indexed yet")
        with Library(sounds) as library:
            library.sync()
        second = App.second(screen, tmp_path / "second.log", str(sounds))
        assert second == 0
        first.wait_for("^6 files")
        assert first.quit() == 0
    finally:
        first.end()


def _check_what_is_kept(sounds: Path) -> None:
    with Library(places.own_library()) as library:
        assert library.folders[1:] == (sounds,)
        (tagged,) = [file for file in library.files() if file.tags]
    assert tagged.path.name == "wood step 3.wav"
    assert set(tagged.tags) == {"shiny", "favourite"}
    assert tagged.rating == 4
    settings = configparser.ConfigParser()
    settings.read(places.config_dir() / "settings.ini")
    assert "ext:wav step" in settings["search"]["recent"]


def _add_folder(app: App, folder: Path) -> None:
    app.keys("ctrl+o")
    app.dialog("Add a folder")
    app.write(str(folder))
    app.accept("Add a folder")


def _search(app: App, text: str) -> None:
    app.keys("ctrl+f", "ctrl+a")
    app.write(text)
