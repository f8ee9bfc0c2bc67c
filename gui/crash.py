"""What happens when something of ours fails: nothing is silent, a report is written, and the app goes on if it can."""

from __future__ import annotations

import faulthandler
import logging
import platform
import sys
import threading
import time
import traceback
from collections import deque
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QLibraryInfo, QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from audioclip_search import __version__

logger = logging.getLogger(__name__)

_LAST_LINES = 100
_MOST_REPORTS = 20
_AGAIN_AFTER_S = 10.0
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class Reporter(QObject):
    """Writes a report of every exception that nobody caught, in this process's threads and in Qt's slots.

    Args:
        log_dir: Where reports go, and where the log is that they quote.
        parent: Its owner.
    """

    crashed = Signal(str)
    """Where the report is; emitted in this object's thread, from whichever the exception came. The same exception again
    within some seconds is logged only."""

    def __init__(self, log_dir: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._log_dir = log_dir
        self._recent: dict[str, float] = {}
        self._before = sys.excepthook, threading.excepthook

    def report(
        self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None, *, where: str = ""
    ) -> None:
        """Log an exception, write a report of it, and tell of that."""
        text = "".join(traceback.format_exception(kind, error, trace))
        logger.critical("nobody caught this%s:\n%s", where, text.rstrip())
        place = repr(traceback.extract_tb(trace)[-1:]) + kind.__name__
        now = time.monotonic()
        if now - self._recent.get(place, -_AGAIN_AFTER_S) < _AGAIN_AFTER_S:
            return
        self._recent[place] = now
        try:
            file = write_report(self._log_dir, text)
        except OSError:
            logger.exception("the report can't be written")
            return
        self.crashed.emit(str(file))

    def install(self) -> None:
        """From now on be told of exceptions and of what Qt has to say."""
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        qInstallMessageHandler(_on_qt_message)
        if not faulthandler.is_enabled() and sys.stderr is not None:
            faulthandler.enable()

    def uninstall(self) -> None:
        """Leave that to those who were told before."""
        sys.excepthook, threading.excepthook = self._before
        qInstallMessageHandler(None)

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._before[0](kind, error, trace)
            return
        self.report(kind, error, trace)

    def _on_thread_exception(self, raised: threading.ExceptHookArgs) -> None:
        if issubclass(raised.exc_type, SystemExit):
            return
        name = "" if raised.thread is None else f" in the thread {raised.thread.name}"
        self.report(raised.exc_type, raised.exc_value, raised.exc_traceback, where=name)


def install(log_dir: Path) -> Reporter:
    """Have crashes reported to a folder."""
    reporter = Reporter(log_dir)
    reporter.install()
    return reporter


def uninstall(reporter: Reporter) -> None:
    """Take that back."""
    reporter.uninstall()


def write_report(log_dir: Path, trace: str) -> Path:
    """Write a crash report: what failed, where it ran, and the last lines of the logs. Old ones are deleted.

    Returns:
        The file.

    Raises:
        OSError: It can't be written.
    """
    log_dir.mkdir(parents=True, exist_ok=True)
    parts = [_machine(), trace.rstrip()]
    for name in ("window.log", "engine.log", "painter.log"):
        parts.append(f"--- {name}\n{last_lines(log_dir / name)}")
    now_ns = time.time_ns()  # names are in the order of time
    stamp = time.strftime("%Y-%m-%d_%H-%M-%S", time.localtime(now_ns // 1_000_000_000))
    file = log_dir / f"crash_{stamp}_{now_ns % 1_000_000_000:09d}.txt"
    file.write_text("\n\n".join(parts) + "\n", encoding="utf-8", errors="backslashreplace")
    for old in sorted(log_dir.glob("crash_*.txt"))[:-_MOST_REPORTS]:
        old.unlink(missing_ok=True)
    return file


def last_lines(log: Path, count: int = _LAST_LINES) -> str:
    """The end of a log; empty if there is none."""
    try:
        with log.open(encoding="utf-8", errors="replace") as lines:
            return "".join(deque(lines, count)).rstrip()
    except OSError:
        return ""


def _machine() -> str:
    return (
        f"AudioCLIP Search {__version__}, {time.strftime('%Y-%m-%d %H:%M:%S %z')}\n"
        f"{platform.platform()}, Python {platform.python_version()}, Qt {QLibraryInfo.version().toString()}"
    )


def _on_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    category = context.category or "default"
    logging.getLogger(f"qt.{category}").log(_LEVELS.get(kind, logging.WARNING), "%s", message)
