"""What tests of the app need. They run without a screen."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from gui import places, theme
from gui.engine import Engine

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(scope="session")
def frozen() -> None:
    """What is there before the first test of the app is not looked at again: garbage is found in no time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def garbage_goes_in_the_windows_thread(frozen: None) -> Iterator[None]:
    """As in the app, see `gui.garbage`: Python's own collector would delete widgets in other threads."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for all that the app keeps, so that no test touches the user's."""
    folder = tmp_path / "app"
    monkeypatch.setenv(places.APP_VARIABLE, str(folder))
    return folder


@pytest.fixture
def dark(qapp: QApplication) -> theme.Tokens:
    """The app's look, in the dark."""
    return theme.apply(qapp, theme.Mode.DARK)


@pytest.fixture
def engine(qapp: QApplication) -> Iterator[Engine]:
    """A running engine without a library."""
    engine = Engine("test")
    yield engine
    engine.close()
