from __future__ import annotations

import threading

import engine_calls
import pytest
from pytestqt.qtbot import QtBot

from gui.engine import Engine, EngineState, Request
from gui.records import Problem, Trouble


def answer(qtbot: QtBot, request: Request[object]) -> object:
    """What a request ends with: its result, or its trouble."""
    got: list[object] = []
    request.then(got.append, got.append)
    qtbot.waitUntil(lambda: bool(got), timeout=30_000)
    return got[0]


def test_a_call_is_answered_in_the_windows_thread(qtbot: QtBot, engine: Engine) -> None:
    threads: list[int] = []
    request = engine.call(engine_calls.twice, 21)
    request.then(lambda _: threads.append(threading.get_ident()))
    qtbot.waitUntil(lambda: bool(threads), timeout=30_000)
    assert threads == [threading.get_ident()]
    assert request.over
    assert answer(qtbot, engine.call(engine_calls.twice, number=4)) == 8


def test_reports_come_in_order_and_before_the_result(qtbot: QtBot, engine: Engine) -> None:
    told: list[object] = []
    engine.call(engine_calls.count, 5).then(told.append, told.append, told.append)
    qtbot.waitUntil(lambda: len(told) == 6, timeout=30_000)
    assert told == [0, 1, 2, 3, 4, "counted"]


def test_calls_run_side_by_side_and_can_be_cancelled(qtbot: QtBot, engine: Engine) -> None:
    waiting = engine.call(engine_calls.wait)
    assert answer(qtbot, engine.call(engine_calls.twice, 1)) == 2
    assert not waiting.over
    waiting.cancel()
    assert answer(qtbot, waiting) == "cancelled"


def test_a_dropped_request_is_not_heard_of_again(qtbot: QtBot, engine: Engine) -> None:
    told: list[object] = []
    request = engine.call(engine_calls.wait).then(told.append, told.append)
    request.drop()
    assert answer(qtbot, engine.call(engine_calls.twice, 1)) == 2
    qtbot.waitUntil(lambda: request.over, timeout=30_000)
    assert not told


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("media", (Problem.EXPECTED, "/x/y.wav: no sound in it. Choose another one.", None)),
        ("query", (Problem.EXPECTED, "What is that.", 3)),
        ("bug", (Problem.BUG, "Something unexpected happened (ZeroDivisionError).", None)),
    ],
)
def test_errors_become_sentences(
    qtbot: QtBot, engine: Engine, how: str, expected: tuple[Problem, str, int | None]
) -> None:
    trouble = answer(qtbot, engine.call(engine_calls.fail, how))
    assert isinstance(trouble, Trouble)
    assert (trouble.kind, str(trouble), trouble.position) == expected
    assert ("ZeroDivisionError: ours" in trouble.details) == (trouble.kind is Problem.BUG)


def test_without_a_library_there_is_a_remedy(qtbot: QtBot, engine: Engine) -> None:
    trouble = answer(qtbot, engine.call(engine_calls.place))
    assert str(trouble) == "No library is open. Choose a folder first."


def test_an_engine_that_dies_is_started_again_and_its_requests_are_told(qtbot: QtBot, engine: Engine) -> None:
    before = engine.process_id
    waiting = engine.call(engine_calls.wait)
    with qtbot.waitSignal(engine.restarted, timeout=30_000):
        engine.call(engine_calls.die)
    trouble = answer(qtbot, waiting) if not waiting.over else None
    assert trouble is None or (isinstance(trouble, Trouble) and trouble.kind is Problem.LOST)
    assert engine.process_id != before
    assert answer(qtbot, engine.call(engine_calls.twice, 3)) == 6


def test_an_engine_that_always_dies_is_given_up(qtbot: QtBot, engine: Engine) -> None:
    engine.restarted.connect(lambda: engine.call(engine_calls.die))
    with qtbot.waitSignal(engine.state_changed, timeout=120_000):
        engine.call(engine_calls.die)
    assert engine.state is EngineState.STOPPED
    trouble = answer(qtbot, engine.call(engine_calls.twice, 3))
    assert isinstance(trouble, Trouble)
    assert trouble.kind is Problem.LOST


def test_closing_ends_the_process_and_what_is_under_way(qtbot: QtBot) -> None:
    engine = Engine("closing")
    engine.call(engine_calls.wait)
    process = engine.process_id
    assert process is not None
    engine.close()
    engine.close()
    assert engine.state is EngineState.STOPPED
    assert not [thread for thread in threading.enumerate() if "closing" in thread.name]
