"""Pictures of files: made once, kept on disk and in memory."""

from __future__ import annotations

import io
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from made_sounds import tone
from PIL import Image
from pytestqt.qtbot import QtBot

from audioclip_search import CancelledError
from gui import places, theme
from gui.backend.calls.pictures import Kind, Outline, Pixels, Unavailable, Want, clear_pictures, draw
from gui.backend.desk import Desk, Task
from gui.backend.picture_cache import PictureCache
from gui.controllers.pictures import PictureController
from gui.engine import Engine
from gui.settings import Settings

LIMIT = 1_000_000


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(os, "nice", lambda step: 0, raising=False)  # the tests' own process stays as it is
    desk = Desk()
    yield desk
    for _, cache in desk.shelf.values():
        cache.close()


@pytest.fixture
def task() -> Task:
    return Task(lambda value: None)


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "tone.wav"
    soundfile.write(
        path, np.concatenate((tone(440, duration_s=1.0, rate_hz=44_100), np.zeros(22_050, np.float32))), 44_100
    )
    return path


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    image = Image.new("RGB", (400, 200), (200, 30, 30))
    exif = image.getexif()
    exif[0x0112] = 6  # turned by a quarter
    image.save(path, exif=exif)
    return path


@pytest.fixture
def pictures(engine: Engine, tmp_path: Path, dark: theme.Tokens) -> Iterator[PictureController]:
    pictures = PictureController(engine, Settings(tmp_path / "settings.ini"))
    yield pictures
    pictures.close()


def test_a_waveform_is_the_sounds_outline(desk: Desk, task: Task, sound: Path, tmp_path: Path) -> None:
    drawn = draw(desk, task, Want(str(sound), Kind.WAVEFORM), str(tmp_path / "cache"), LIMIT)
    assert isinstance(drawn, Outline)
    assert drawn.duration_s == pytest.approx(1.5)
    assert drawn.high[:150].min() > 30
    assert drawn.low[:150].max() < -30
    assert not drawn.high[165:].any()


@pytest.mark.parametrize("kind", list(Kind))
def test_what_was_made_is_kept_until_the_file_changes(
    desk: Desk, sound: Path, photo: Path, tmp_path: Path, kind: Kind
) -> None:
    path, task = photo if kind is Kind.IMAGE else sound, Task(lambda value: None)
    want = Want(str(path), kind, 64 if kind is Kind.IMAGE else 0)
    cache = str(tmp_path / "cache")
    made = draw(desk, task, want, cache, LIMIT)
    stat = path.stat()
    path.write_bytes(b"x" * stat.st_size)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    kept = draw(desk, task, want, cache, LIMIT)
    assert type(kept) is type(made), "it was not looked into again"
    if isinstance(made, Outline) and isinstance(kept, Outline):
        assert np.array_equal(made.low, kept.low)
        assert np.array_equal(made.high, kept.high)
        assert made.duration_s == kept.duration_s
    if isinstance(made, Pixels) and isinstance(kept, Pixels):
        assert made.content.shape == kept.content.shape
        assert np.abs(made.content.astype(int) - kept.content).max() <= 8
    os.utime(path, ns=(1, 1))
    assert isinstance(draw(desk, task, want, cache, LIMIT), Unavailable)


def test_pictures_are_upright(desk: Desk, task: Task, photo: Path, tmp_path: Path) -> None:
    drawn = draw(desk, task, Want(str(photo), Kind.IMAGE, 64), str(tmp_path / "cache"), LIMIT)
    assert isinstance(drawn, Pixels)
    assert drawn.content.shape == (64, 32, 3)


def test_a_file_on_a_missing_drive_looks_as_it_did(desk: Desk, task: Task, sound: Path, tmp_path: Path) -> None:
    cache, want = str(tmp_path / "cache"), Want(str(sound), Kind.WAVEFORM)
    draw(desk, task, want, cache, LIMIT)
    sound.rename(tmp_path / "away")
    assert isinstance(draw(desk, task, want, cache, LIMIT), Outline)
    clear_pictures(desk, task, cache, LIMIT)
    assert isinstance(draw(desk, task, want, cache, LIMIT), Unavailable)


def test_nobody_waits_for_what_nobody_wants(desk: Desk, task: Task, sound: Path, tmp_path: Path) -> None:
    task.cancel.cancel()
    with pytest.raises(CancelledError):
        draw(desk, task, Want(str(sound), Kind.WAVEFORM), str(tmp_path / "cache"), LIMIT)


def test_the_cache_keeps_to_its_limit_and_drops_what_was_not_used_for_longest(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path, 1_000)
    for number in range(12):
        cache.put(f"/{number}", "waveform", "1", bytes([number]) * 100)
        time.sleep(0.002)
    assert cache.size_bytes <= 1_000
    assert cache.get("/0", "waveform", "1") is None
    assert cache.get("/11", "waveform", "1") == bytes([11]) * 100
    cache.put("/big", "waveform", "1", b"x" * 2_000)
    assert cache.get("/big", "waveform", "1") is None
    cache.close()
    smaller = PictureCache(tmp_path, 300)
    assert smaller.size_bytes <= 300
    assert smaller.get("/11", "waveform", "1") is not None
    smaller.close()


def test_damage_is_noticed_and_mended(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path, LIMIT)
    cache.put("/a", "waveform", "1", b"good")
    cache.close()
    file = next(tmp_path.iterdir())
    database = sqlite3.connect(file)
    database.execute("UPDATE pictures SET content = 'evil'")
    database.commit()
    database.close()
    cache = PictureCache(tmp_path, LIMIT)
    assert cache.get("/a", "waveform", "1") is None
    cache.close()
    file.write_bytes(b"this is no database" * 300)
    cache = PictureCache(tmp_path, LIMIT)
    cache.put("/a", "waveform", "1", b"new")
    assert cache.get("/a", "waveform", "1") == b"new"
    cache.close()


def test_without_a_place_to_keep_them_pictures_are_still_made(
    desk: Desk, task: Task, sound: Path, tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("a file is in the way")
    for _ in range(2):
        drawn = draw(desk, task, Want(str(sound), Kind.WAVEFORM), str(tmp_path / "cache"), LIMIT)
        assert isinstance(drawn, Outline)


def test_pictures_arrive_and_are_then_there_at_once(
    pictures: PictureController, sound: Path, photo: Path, qtbot: QtBot
) -> None:
    assert pictures.waveform(str(sound), 5) is None
    assert pictures.picture(str(photo), 64, 5) is None
    assert pictures.spectrogram(str(sound), 5) is None
    qtbot.waitUntil(lambda: pictures.waveform(str(sound), 5) is not None, timeout=60_000)
    qtbot.waitUntil(lambda: pictures.picture(str(photo), 64, 5) is not None, timeout=60_000)
    qtbot.waitUntil(lambda: pictures.spectrogram(str(sound), 5) is not None, timeout=60_000)
    pixmap = pictures.picture(str(photo), 64, 5)
    assert pixmap is not None
    assert (pixmap.width(), pixmap.height()) == (32, 64)


def test_a_file_that_can_not_be_drawn_is_asked_for_once_until_it_changes(
    pictures: PictureController, tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "bad.wav"
    path.write_bytes(b"nonsense")
    with qtbot.waitSignal(pictures.arrived, timeout=60_000):
        assert pictures.waveform(str(path), 1) is None
    assert pictures.unavailable(str(path), Kind.WAVEFORM)
    arrived: list[str] = []
    pictures.arrived.connect(arrived.append)
    assert pictures.waveform(str(path), 1) is None
    qtbot.wait(100)
    assert arrived == []
    buffer = io.BytesIO()
    soundfile.write(buffer, tone(440), 44_100, format="WAV")
    path.write_bytes(buffer.getvalue())
    pictures.waveform(str(path), 2)
    qtbot.waitUntil(lambda: pictures.waveform(str(path), 2) is not None, timeout=60_000)
    assert pictures.unavailable(str(path), Kind.WAVEFORM) is None


def test_what_was_asked_for_last_comes_first_and_what_left_does_not_come(
    pictures: PictureController, sound: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    early = [f"{tmp_path}/./{number}.wav" for number in range(20)]
    late = [f"{tmp_path}/late{number}.wav" for number in range(3)]
    arrived: list[str] = []
    pictures.arrived.connect(arrived.append)
    for path in early:
        pictures.waveform(path)
    qtbot.wait(1)  # a turn of painting is over
    for path in late:
        pictures.waveform(path)
    pictures.leave(early[10:])
    qtbot.waitUntil(lambda: len(arrived) >= 13, timeout=60_000)
    qtbot.wait(100)
    assert set(arrived[:5]) >= set(late), "two of the first may have been under way"
    assert not set(arrived) & set(early[10:])
    assert len(arrived) == 13


def test_all_can_be_forgotten(pictures: PictureController, sound: Path, qtbot: QtBot, own_places: Path) -> None:
    with qtbot.waitSignal(pictures.arrived, timeout=60_000):
        pictures.waveform(str(sound))
    assert list(places.cache_dir().iterdir())
    done: list[None] = []
    pictures.clear().then(done.append)
    qtbot.waitUntil(lambda: bool(done), timeout=60_000)
    assert pictures.waveform(str(sound)) is None
