"""The app: starts what it is made of, and ends it."""

from __future__ import annotations

import argparse
import logging
import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QSocketNotifier, QTimer
from PySide6.QtWidgets import QApplication

from audioclip_search import __version__
from gui import crash, i18n, places, theme
from gui.backend.process import log_to
from gui.controllers.appearance import AppearanceController
from gui.garbage import Collector
from gui.instance import SingleInstance
from gui.settings import Settings
from gui.windows.controllers import Controllers
from gui.windows.main import NAME, MainWindow

logger = logging.getLogger(__name__)


def main(arguments: Sequence[str] = ()) -> int:
    """Run the app until it is quit.

    Args:
        arguments: Those of the command line, the program's name not among them.

    Returns:
        The exit code.
    """
    options = _options(arguments)
    app = QApplication([NAME])
    app.setApplicationName("audioclip-search")
    app.setApplicationDisplayName(NAME)
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("audioclip-search")
    app.setWindowIcon(theme.icon("app"))
    instance = SingleInstance()
    root = "" if options.root is None else str(options.root.expanduser().absolute())
    if not instance.claim([root]):
        return 0  # the one that runs has come to the front
    log_to(places.log_dir() / "window.log")
    reporter = crash.install(places.log_dir())
    settings = Settings(places.config_dir() / "settings.ini")
    i18n.install(app, settings)
    AppearanceController(app, settings, parent=app)
    controllers = Controllers.start(settings)
    with theme.styled_together(app):
        window = MainWindow(controllers)
    collector = Collector(app)
    reporter.crashed.connect(window.tell_crash)
    instance.asked.connect(lambda others: window.come_forward(next(iter(others), "")))
    window.show()
    # After the first paint: what is slow must not keep the window from appearing.
    QTimer.singleShot(0, lambda: window.open_library(root))
    QTimer.singleShot(0, controllers.painter.start)
    try:
        with _signals_quit(app):
            code = app.exec()
    finally:
        window.close()
        controllers.close()
        instance.close()
        collector.close()
        crash.uninstall(reporter)
    logger.info("quit")
    return code


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="audioclip-search gui", description="Find sounds and pictures by what they are."
    )
    parser.add_argument("root", nargs="?", type=Path, help="the library to open; without it, the one last open")
    parser.add_argument("--version", action="version", version=f"audioclip-search {__version__}")
    return parser.parse_args(list(arguments))


@contextmanager
def _signals_quit(app: QApplication) -> Iterator[None]:
    """Ctrl-C in the terminal, or a polite kill, quit the app as its menu does; Python's own handlers would wait for the
    next Python code to run."""
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setblocking(False)
    notifier = QSocketNotifier(ours.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(app.quit)
    names = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(name, lambda *_: None) for name in names]
    woken = signal.set_wakeup_fd(theirs.fileno())
    try:
        yield
    finally:
        signal.set_wakeup_fd(woken)
        for name, handler in zip(names, before, strict=True):
            signal.signal(name, handler)
        notifier.setEnabled(False)
        ours.close()
        theirs.close()
