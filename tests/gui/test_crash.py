from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QTimer, Signal, qWarning
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui import crash
from gui.windows.crash_dialog import CrashDialog


@pytest.fixture
def reporter(qapp: QApplication, tmp_path: Path) -> Iterator[crash.Reporter]:
    reporter = crash.install(tmp_path / "logs")
    yield reporter
    crash.uninstall(reporter)


class Button(QObject):
    pressed = Signal()


def fail() -> None:
    raise ZeroDivisionError("in a slot")


def test_an_exception_in_a_slot_is_reported_and_the_app_goes_on(
    qtbot: QtBot, reporter: crash.Reporter, tmp_path: Path
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "engine.log").write_text("".join(f"line {number}\n" for number in range(300)))
    button = Button()
    button.pressed.connect(fail)
    with qtbot.captureExceptions() as caught, qtbot.waitSignal(reporter.crashed, timeout=60_000) as told:
        crash_hook = reporter._on_exception
        before, sys.excepthook = sys.excepthook, crash_hook
        button.pressed.emit()
        sys.excepthook = before
    assert not caught
    report = Path(told.args[0]).read_text()
    for words in ("AudioCLIP Search 0.1.0", "Python 3", "ZeroDivisionError: in a slot", "in fail", "line 299"):
        assert words in report
    assert "line 150\n" not in report
    done: list[int] = []
    QTimer.singleShot(0, lambda: done.append(1))
    qtbot.waitUntil(lambda: bool(done))


def test_an_exception_in_a_thread_is_reported_in_the_windows_thread(qtbot: QtBot, reporter: crash.Reporter) -> None:
    threads: list[int] = []
    reporter.crashed.connect(lambda _: threads.append(threading.get_ident()))
    hook, threading.excepthook = threading.excepthook, reporter._on_thread_exception
    thread = threading.Thread(target=fail, name="worker")
    thread.start()
    thread.join()
    threading.excepthook = hook
    qtbot.waitUntil(lambda: bool(threads))
    assert threads == [threading.get_ident()]


def test_the_same_again_and_again_is_reported_once(qtbot: QtBot, reporter: crash.Reporter) -> None:
    told: list[str] = []
    reporter.crashed.connect(told.append)
    for _ in range(5):
        try:
            fail()
        except ZeroDivisionError as error:
            reporter.report(type(error), error, error.__traceback__)
    assert len(told) == 1


def test_what_qt_says_goes_to_the_log(reporter: crash.Reporter, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        qWarning("a layout is already there")
    assert ("qt.default", logging.WARNING, "a layout is already there") in caplog.record_tuples


def test_only_the_last_reports_are_kept(tmp_path: Path) -> None:
    files = [crash.write_report(tmp_path, "trace") for _ in range(25)]
    assert len(list(tmp_path.glob("crash_*.txt"))) == 20
    assert files[-1].exists()


def test_a_report_that_cannot_be_written_is_logged(
    qtbot: QtBot, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    reporter = crash.Reporter(tmp_path / "file")
    try:
        fail()
    except ZeroDivisionError as error:
        reporter.report(type(error), error, error.__traceback__)
    assert "can't be written" in caplog.text


def test_in_a_whole_program_a_slot_that_fails_neither_ends_it_nor_is_silent(tmp_path: Path) -> None:
    program = f"""
import logging, sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QTimer
from gui import crash
logging.basicConfig()
app = QCoreApplication([])
reporter = crash.install(Path({str(tmp_path)!r}))
reporter.crashed.connect(lambda file: print("reported", file))
QTimer.singleShot(0, lambda: 1 / 0)
QTimer.singleShot(50, app.quit)
code = app.exec()
crash.uninstall(reporter)
sys.exit(code)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "reported" in done.stdout
    assert "ZeroDivisionError" in done.stderr


def test_the_dialog_says_where_the_report_is_and_copies_it(qtbot: QtBot, tmp_path: Path) -> None:
    report = crash.write_report(tmp_path, "Traceback: something")
    dialog = CrashDialog(report)
    qtbot.addWidget(dialog)
    dialog.copy()
    assert "Traceback: something" in QApplication.clipboard().text()
