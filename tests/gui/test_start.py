"""What the app's processes load, and when they start."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from gui import theme
from gui.backend.calls import finding
from gui.engine import Engine, EngineState
from gui.garbage import Collector

_HEAVY = ("torch", "lancedb", "pyarrow", "pandas", "av", "sklearn", "scipy", "pyqtgraph", "sounddevice", "watchdog")


@pytest.mark.parametrize(
    ("code", "unwanted"),
    [("import gui.app", _HEAVY), ("import gui.__main__, gui.backend.process", ("PySide6", "shiboken6", *_HEAVY))],
    ids=["the window", "the engine, which imports the program's main module"],
)
def test_a_process_loads_only_what_it_needs_to_start(code: str, unwanted: tuple[str, ...]) -> None:
    told = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    assert not set(unwanted) & set(told.stdout.split())


def test_an_engine_that_need_not_start_at_once_starts_with_the_first_call(qtbot: QtBot) -> None:
    engine = Engine("painter", at_once=False)
    try:
        assert engine.state is EngineState.STOPPED
        assert engine.process_id is None
        answers: list[object] = []
        engine.call(finding.count, finding.Ask()).then(answers.append)
        qtbot.waitUntil(lambda: answers == [()], timeout=20_000)
        number = engine.process_id
        engine.start()
        assert engine.process_id == number
    finally:
        engine.close()


def test_a_closed_engine_that_never_started_stays_so() -> None:
    engine = Engine("painter", at_once=False)
    engine.close()
    engine.start()
    assert engine.state is EngineState.STOPPED


def test_what_is_styled_together_looks_as_usual(qapp: QApplication, qtbot: QtBot) -> None:
    theme.apply(qapp, theme.Mode.DARK)
    sheet = qapp.styleSheet()
    with theme.styled_together(qapp):
        label = QLabel("text")
        qtbot.addWidget(label)
        assert not qapp.styleSheet()
    assert sheet
    assert qapp.styleSheet() == sheet


def test_garbage_goes_in_the_windows_thread_even_if_another_one_makes_it(qtbot: QtBot) -> None:
    deleted_in: list[int] = []

    class Knot:
        def __init__(self) -> None:
            self.itself = self

        def __del__(self) -> None:
            deleted_in.append(threading.get_ident())

    collector = Collector()
    try:
        thread = threading.Thread(target=lambda: [Knot() for _ in range(20_000)])
        thread.start()
        thread.join()
        assert not deleted_in
        qtbot.waitUntil(lambda: len(deleted_in) == 20_000, timeout=30_000)
        assert set(deleted_in) == {threading.get_ident()}
    finally:
        collector.close()
