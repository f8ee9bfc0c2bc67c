"""The window's end of the engine: calls with numbers, cancellation, and answers in the window's thread."""

from __future__ import annotations

import itertools
import logging
import multiprocessing
import pickle
import threading
import time
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from gui.backend.desk import Desk, Task
from gui.backend.messages import Call, Cancel, Close, Done, Failed, Message, Report
from gui.backend.process import serve
from gui.records import Problem, Trouble

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

_PATIENCE_S = 8.0
_SLICE_S = 0.004
_MOST_RESTARTS, _RESTARTS_WITHIN_S = 3, 60.0


class EngineState(StrEnum):
    """Whether there is an engine."""

    RUNNING = "running"
    STOPPED = "stopped"


class Request(Generic[R]):
    """A call that was made. Its callbacks run in the window's thread, the last of them once, and none after `drop`."""

    def __init__(self, number: int, send: Callable[[Message], None]) -> None:
        self.number = number
        self._send = send
        self._on_result: Callable[[R], None] | None = None
        self._on_trouble: Callable[[Trouble], None] | None = None
        self._on_report: Callable[[Any], None] | None = None
        self.over = False

    def then(
        self,
        on_result: Callable[[R], None] | None = None,
        on_trouble: Callable[[Trouble], None] | None = None,
        on_report: Callable[[Any], None] | None = None,
    ) -> Request[R]:
        """Say what to do with the answer, before control goes back to the event loop."""
        self._on_result, self._on_trouble, self._on_report = on_result, on_trouble, on_report
        return self

    def cancel(self) -> None:
        """Ask the engine to stop; the request still ends with a result or a trouble."""
        if not self.over:
            self._send(Cancel(self.number))

    def drop(self) -> None:
        """Ask the engine to stop, and hear no more of it."""
        self.cancel()
        self._on_result = self._on_trouble = self._on_report = None

    def _deliver(self, message: Report | Done | Failed) -> None:
        if isinstance(message, Report):
            if self._on_report is not None:
                self._on_report(message.value)
            return
        self.over = True
        if isinstance(message, Done):
            if self._on_result is not None:
                self._on_result(message.value)
        elif self._on_trouble is not None:
            self._on_trouble(message.trouble)


class Engine(QObject):
    """Starts the engine's process, talks to it, and starts it again if it dies.

    Args:
        name: What its log and its process are called.
        log_dir: Where the log goes; None for nowhere.
        at_once: Whether the process starts now; if not, with `start` or the first call.
        parent: Its owner.
    """

    restarted = Signal()
    """The process died and another one runs: what was open is to be opened again."""

    state_changed = Signal(EngineState)

    _arrived = Signal()

    def __init__(
        self,
        name: str = "engine",
        *,
        log_dir: Path | None = None,
        at_once: bool = True,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.name = name
        self._log = None if log_dir is None else log_dir / f"{name}.log"
        self._numbers = itertools.count(1)
        self._requests: dict[int, Request[Any]] = {}
        self._closing = self._started = False
        self._deaths: list[float] = []
        self._connection: Connection | None = None
        self._inbox: deque[bytes | Failed | Connection] = deque()
        self._woken = False
        self._arrived.connect(self._take_some, Qt.ConnectionType.QueuedConnection)
        self._rest = QTimer(self, interval=0, singleShot=True)
        self._rest.timeout.connect(self._take_some)
        if at_once:
            self.start()

    def start(self) -> None:
        """Start the process, if it never was."""
        if not self._started and not self._closing:
            self._started = True
            self._start()

    @property
    def state(self) -> EngineState:
        """Whether calls are answered."""
        return EngineState.STOPPED if self._connection is None else EngineState.RUNNING

    @property
    def process_id(self) -> int | None:
        """Of the engine's process; None if there is none."""
        return self._process.pid if self._connection is not None else None

    def call(self, function: Callable[Concatenate[Desk, Task, P], R], *args: P.args, **options: P.kwargs) -> Request[R]:
        """Have a function of `gui.backend.calls` run in the engine, on a thread of its own. Returns at once."""
        request: Request[R] = Request(next(self._numbers), self._send)
        self._requests[request.number] = request
        self.start()
        if self._connection is None:
            stopped = Trouble(Problem.LOST, "the engine has stopped", remedy="Start the app again")
            self._put(Failed(request.number, stopped))
        else:
            self._send(Call(request.number, function, args, options))
        return request

    def close(self) -> None:
        """End the process: what is under way keeps what is finished. Waits some seconds at most; again does nothing."""
        if self._closing:
            return
        self._closing = True
        self._requests.clear()
        self._rest.stop()
        if self._connection is None:
            return
        self._send(Close())
        self._process.join(_PATIENCE_S)
        if self._process.is_alive():
            logger.warning("%s does not end; killed", self.name)
            self._process.kill()
            self._process.join()
        self._reader.join()
        self._stop_writing()
        self._connection.close()
        self._connection = None
        self._process.close()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, self._log), name=self.name, daemon=True)
        self._process.start()
        theirs.close()
        self._connection = ours
        self._reader = threading.Thread(target=self._read, args=(ours,), name=f"audioclip-search-{self.name}")
        self._reader.start()
        self._outbox = SimpleQueue[bytes | None]()
        self._writer = threading.Thread(
            target=_write, args=(ours, self._outbox), name=f"audioclip-search-{self.name}-writer"
        )
        self._writer.start()

    def _stop_writing(self) -> None:
        self._outbox.put(None)
        self._writer.join()

    def _read(self, connection: Connection) -> None:
        """In a thread: hand what arrives over to the window's one, as it is. To unpickle it here would take the
        interpreter away from the window in the midst of a frame, again and again."""
        while True:
            try:
                message = connection.recv_bytes()
            except (EOFError, OSError):
                break
            self._put(message)
        if not self._closing:
            self._put(connection)

    def _put(self, message: bytes | Failed | Connection) -> None:
        self._inbox.append(message)
        if not self._woken:  # one event is enough: many would all be worked off before the next key
            self._woken = True
            self._arrived.emit()

    def _take_some(self) -> None:
        """Hand over what has arrived, for a part of a frame; keys and painting come before the rest of it."""
        until = time.perf_counter() + _SLICE_S
        while self._inbox and time.perf_counter() < until:
            message = self._inbox.popleft()
            if isinstance(message, Connection):
                self._on_lost(message)
            else:
                self._on_arrived(pickle.loads(message) if isinstance(message, bytes) else message)
        self._woken = False
        if self._inbox:
            self._woken = True
            self._rest.start()

    def _send(self, message: Message) -> None:
        if self._connection is not None:
            self._outbox.put(bytes(ForkingPickler.dumps(message)))

    def _on_arrived(self, message: Report | Done | Failed) -> None:
        request = self._requests.get(message.number)
        if request is None:
            return
        if not isinstance(message, Report):
            del self._requests[message.number]
        request._deliver(message)

    def _on_lost(self, connection: Connection) -> None:
        if self._closing or connection is not self._connection:
            return
        self._process.join()
        logger.error("%s died with exit code %s", self.name, self._process.exitcode)
        self._process.close()
        self._reader.join()
        self._stop_writing()
        connection.close()
        self._connection = None
        now = time.monotonic()
        self._deaths = [death for death in self._deaths if now - death < _RESTARTS_WITHIN_S] + [now]
        again = len(self._deaths) <= _MOST_RESTARTS
        if again:
            self._start()
        remedy = "It has been started again; try once more" if again else "Start the app again"
        trouble = Trouble(Problem.LOST, "the engine has stopped unexpectedly", remedy=remedy)
        requests, self._requests = self._requests, {}
        if again:
            self.restarted.emit()
        else:
            self.state_changed.emit(self.state)
        for request in requests.values():
            request._deliver(Failed(request.number, trouble))


def _write(connection: Connection, outbox: SimpleQueue[bytes | None]) -> None:
    """In a thread: send what is to be sent. A busy engine reads late, and the window must not wait for it."""
    while (message := outbox.get()) is not None:
        try:
            connection.send_bytes(message)
        except OSError:
            logger.warning("the engine does not listen")  # the reader notices, too, and another one is started
