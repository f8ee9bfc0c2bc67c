"""The programs that `app.py` measures: each runs in a process of its own and writes what it saw as JSON.

They are the app's real window with keys sent to it, and windows of Qt's own with nothing in them.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
from PySide6.QtCore import QEvent, QEventLoop, QObject, QSocketNotifier, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

BEAT_MS = 4
_WORDS = ("rain", "metal door", "glass")
_PATIENCE_S = 120.0


class Heart(QObject):
    """A timer that notes how long it was kept from ticking, and how long the process itself computed meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self._beats: list[tuple[float, float, float]] = []
        self._last, self._cpu = time.monotonic(), time.process_time()
        timer = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(self._beat)
        timer.start()

    def save(self, file: Path) -> None:
        """Write all beats: when, the time since the one before, and the process's CPU time in between, seconds."""
        np.save(file, np.array(self._beats))

    def _beat(self) -> None:
        now, cpu = time.monotonic(), time.process_time()
        self._beats.append((now, now - self._last, cpu - self._cpu))
        self._last, self._cpu = now, cpu


class Painted(QObject):
    """Notes when a widget was painted the last time, and the first."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.first = self.last = 0.0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        """Paint events only are of interest; the rest of the window is painted with the widget."""
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self._note)
        return False

    def _note(self) -> None:
        self.last = time.time()
        self.first = self.first or self.last


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Let the events run until something is so."""
    end = time.monotonic() + _PATIENCE_S
    alarm = QTimer(interval=50)
    alarm.start()
    while not condition():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        if time.monotonic() > end:
            raise TimeoutError(what)


def rest(seconds: float) -> None:
    """Let the events run for a while."""
    end = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() > end, "a rest")


def empty_start() -> None:
    """A window with nothing in it: when it was painted."""
    app = QApplication([])
    widget = QWidget()
    widget.resize(1280, 720)
    painted = Painted(widget)
    widget.show()
    wait_until(lambda: painted.first > 0, "the first paint")
    print(json.dumps({"painted": painted.first}))
    app.quit()


def app_start(root: str) -> None:
    """The app on a library that has been indexed: when it was painted, and when its rows were."""
    from gui import app

    seen: dict[str, float] = {}

    class Watched(app.MainWindow):
        def __init__(self, *arguments: object) -> None:
            seen["imported"] = time.time()
            super().__init__(*arguments)
            window, rows = Painted(self), Painted(self.pane.list.viewport())

            def look() -> None:
                shown = self.results.rowCount() > 0
                if window.first and "painted" not in seen:
                    seen["painted"] = window.first
                if shown and "counted" not in seen:
                    seen["counted"] = time.time()
                if shown and rows.last > seen["counted"]:
                    seen["rows"] = rows.last
                    timer.stop()
                    self.quit()

            timer = QTimer(self, interval=5)
            timer.timeout.connect(look)
            timer.start()

    app.MainWindow = Watched
    app.main([root])
    print(json.dumps(seen))


def beside(file: str) -> None:
    """A window with nothing in it that notes its beats until its input ends."""
    app = QApplication([])
    widget = QWidget()
    widget.resize(1280, 720)
    widget.show()
    heart = Heart()
    notifier = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(app.quit)
    app.exec()
    heart.save(Path(file))


class Session:
    """The main window on a library, with keys sent to it and everything noted."""

    def __init__(self) -> None:
        from gui import places, theme
        from gui.controllers.appearance import AppearanceController
        from gui.garbage import Collector
        from gui.settings import Settings
        from gui.windows.controllers import Controllers
        from gui.windows.main import MainWindow

        self.app = QApplication([])
        self.app.setWindowIcon(theme.icon("app"))
        settings = Settings(places.config_dir() / "settings.ini")
        self._appearance = AppearanceController(self.app, settings)
        self.controllers = Controllers.start(settings)
        with theme.styled_together(self.app):
            self.window = MainWindow(self.controllers)
        self._collector = Collector(self.app)
        self.painted = Painted(self.window.pane.list.viewport())
        self.search, self.heart = self.controllers.search, Heart()
        self.found = self.reset = 0.0
        self.result: dict[str, dict[str, object]] = {"phases": {}, "seconds": {}, "memory": {}}
        self.search.found.connect(lambda _: setattr(self, "found", time.time()))
        self.search.rows_reset.connect(lambda _: setattr(self, "reset", time.time()))
        self.window.show()
        self.window.search_bar.take_focus()

    def close(self, file: Path) -> None:
        """End, and write what was noted."""
        self.heart.save(file)
        self.window.close()
        self.controllers.close()
        print(json.dumps(self.result))

    def phase(self, name: str, do: Callable[[], None]) -> None:
        """Do something, and note when."""
        started = time.monotonic()
        do()
        self.result["phases"].setdefault(name, []).append((started, time.monotonic()))

    def answered(self, act: Callable[[], None], name: str = "") -> None:
        """Ask for something, and wait for the answer; note when its first rows were painted and when the last was
        there."""
        started, painted = time.time(), 0.0
        act()

        def over() -> bool:
            nonlocal painted
            if not painted and self.reset > started and self.painted.last > self.reset:
                painted = self.painted.last
            return painted > 0 and self.found > started

        wait_until(over, "an answer")
        if name:
            self._note(f"{name}: first rows painted", painted - started)
            self._note(f"{name}: all rows there", self.found - started)
            self._note(f"{name}: all rows there, from the search on", self.search.last.seconds)

    def sorted(self, column: str | None, name: str) -> None:
        """Sort, and wait until it has been painted."""
        arrived = []
        connection = self.search.order_changed.connect(lambda _: arrived.append(time.time()))
        started = time.time()
        self.search.sort(column)
        wait_until(lambda: bool(arrived) and self.painted.last > arrived[0], "an order")
        self.search.order_changed.disconnect(connection)
        self._note(name, self.painted.last - started)

    def type_words(self, name: str, pause_s: float = 0.05) -> None:
        """Type, letter by letter, each when the answer to the last one is there."""
        for words in _WORDS:
            for letter in words:
                if letter == " ":
                    QTest.keyClick(self.window.search_bar.edit, letter)
                else:
                    self.answered(lambda key=letter: QTest.keyClick(self.window.search_bar.edit, key), name)
                rest(pause_s)
            self.window.search_bar.edit.clear()
            self.answered(self.search.search)

    def memory(self, name: str) -> None:
        """Note what the processes take, in MiB: resident, and with what they share divided among them."""
        rest(1.0)
        processes = {
            "window": None,
            "engine": self.controllers.engine.process_id,
            "painter": self.controllers.painter.process_id,
        }
        full = {who: psutil.Process(number).memory_full_info() for who, number in processes.items()}
        self.result["memory"][name] = {
            who: (round(one.rss / 2**20), round(one.pss / 2**20)) for who, one in full.items()
        }

    def _note(self, name: str, seconds: float) -> None:
        self.result["seconds"].setdefault(name, []).append(seconds)


@contextmanager
def session(file: str) -> Iterator[Session]:
    """A session that ends whatever happens in it."""
    one = Session()
    try:
        yield one
    finally:
        one.close(Path(file))


def small(root: str, file: str) -> None:
    """Typing in a small library."""
    from gui.backend.library_state import Phase

    with session(file) as one:
        library = one.controllers.library
        one.memory("idle, no library")
        one.window.open_library(root)
        wait_until(lambda: library.state is not None and library.indexing.phase is Phase.IDLE, "the end of the sync")
        wait_until(lambda: one.window.results.rowCount() > 0, "rows")
        rest(3.0)
        one.memory("small library, idle")
        one.phase("idle", lambda: rest(5.0))
        one.phase("typing, small library", lambda: one.type_words("keystroke, small library"))
        one.memory("small library, searched")


def large(root: str, file: str) -> None:
    """Typing, browsing, sorting and selecting in a large index without files, so it is opened without a sync."""
    from gui.backend.calls import keeping
    from gui.backend.library_state import Options

    with session(file) as one:
        opened: list[object] = []
        one.controllers.engine.call(keeping.open_library, root, Options()).then(opened.append)
        wait_until(lambda: bool(opened), "the library")
        one.phase("first look at all", lambda: one.answered(one.search.search, "first look at all"))
        rest(4.0)
        one.memory("100,000 rows")
        for _ in range(3):
            one.phase("all files again", lambda: one.answered(one.search.search, "all files again"))
            rest(1.0)
        for column in ("name", "duration", None):
            one.phase("sort", lambda by=column: one.sorted(by, "sort" if by else "unsort"))
            rest(0.5)
        for _ in range(3):
            one.phase("select all", lambda: (one.window.pane.list.selectAll(), rest(0.5)))
            one.window.selection.clearSelection()
            rest(0.5)
        for text in ("duration:>5", "folder:foley", "duration:<1"):
            one.phase("filters only", lambda by=text: one.answered(lambda: one.search.load(by), "filters only"))
            rest(1.0)
        one.answered(one.search.clear)
        rest(1.0)
        one.phase("typing, large index", lambda: one.type_words("keystroke, large index"))
        one.memory("100,000 rows, searched")


def indexing(root: str, file: str) -> None:
    """Typing while a library is being indexed."""
    from gui.backend.library_state import Phase

    with session(file) as one:
        library = one.controllers.library
        rows: list[int] = []

        def work() -> None:
            library.open(root)
            wait_until(lambda: library.state is not None, "the library")
            library.add_folders([root]) if not library.state.folders else None
            wait_until(lambda: library.indexing.phase is Phase.RUNNING, "the start")
            number = 0
            while library.indexing.phase is Phase.RUNNING:
                word = _WORDS[number // 2 % len(_WORDS)]
                if number % 2:
                    one.window.search_bar.edit.clear()
                    rest(1.5)
                else:
                    for letter in word:
                        QTest.keyClick(one.window.search_bar.edit, letter)
                        rest(0.15)
                    rest(1.0)
                rows.append(one.window.results.rowCount())
                number += 1

        one.phase("indexing", work)
        one.result["rows"] = {"while indexing": rows}


def run() -> None:
    """Be one of the programs. Not run as a file: the app's own processes would import it, and Qt with it."""
    {one.__name__: one for one in (empty_start, app_start, beside, small, large, indexing)}[sys.argv[1]](*sys.argv[2:])
