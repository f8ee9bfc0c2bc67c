"""The engine's main loop."""

from __future__ import annotations

import faulthandler
import gc
import logging
import os
import signal
import threading
import traceback
from logging.handlers import RotatingFileHandler
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from audioclip_search import AudioCLIPSearchError, CancelledError, IndexLockedError, MediaError, QueryError
from gui.backend.desk import Desk, Task
from gui.backend.messages import Call, Cancel, Close, Done, Failed, Message, Report
from gui.backend.remedies import in_the_window, remedy_for
from gui.records import Problem, Trouble

logger = logging.getLogger(__name__)

_LOG_BYTES = 1 << 20
_LAST_WORDS_S = 5.0


def trouble_of(error: BaseException) -> Trouble:
    """An exception in words for people."""
    if isinstance(error, CancelledError):
        return Trouble(Problem.CANCELLED, error.reason)
    if isinstance(error, AudioCLIPSearchError):
        kind = Problem.LOCKED if isinstance(error, IndexLockedError) else Problem.EXPECTED
        position = error.position if isinstance(error, QueryError) else None
        return Trouble(kind, error.reason, error.where, in_the_window(error.remedy or _usual_remedy(error)), position)
    if isinstance(error, MemoryError):
        return Trouble(Problem.EXPECTED, "the machine is out of memory", remedy="Close other programs and try again")
    if isinstance(error, OSError) and error.strerror:
        return Trouble(Problem.EXPECTED, error.strerror.lower(), str(error.filename or ""), remedy_for(error))
    details = "".join(traceback.format_exception(error))
    return Trouble(Problem.BUG, f"something unexpected happened ({type(error).__name__})", details=details)


def _usual_remedy(error: AudioCLIPSearchError) -> str:
    return "Put a good copy in its place, or convert it with another program" if isinstance(error, MediaError) else ""


def log_to(file: Path, *, level: int = logging.INFO) -> None:
    """Write this process's log to a file that does not grow without end, and crashes of the interpreter beside it.

    Where that can't be written, warnings go to standard error: the app is of use without a log.
    """
    logging.raiseExceptions = False  # a disk that is full has no room for every line; that is no reason to tell of each
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        crashes = file.with_suffix(".crash").open("w", encoding="utf-8")
    except OSError as error:
        logging.basicConfig(level=logging.WARNING)
        logger.warning("there is no log: %s", error)
        return
    handler = RotatingFileHandler(file, maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler])
    faulthandler.enable(crashes)


def serve(connection: Connection, log: Path | None = None) -> None:
    """Answer calls until told to close, or until the window is gone."""
    gc.set_threshold(50_000, 20, 100)  # usual ones look through all that is known of 100,000 files again and again
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the window decides what Ctrl-C means
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # waiting threads of torch must not burn the window's time
    if log is not None:
        log_to(log)
    _Engine(connection).run()


class _Engine:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sending = threading.Lock()
        self._desk = Desk()
        self._tasks: dict[int, tuple[Task, threading.Thread]] = {}

    def run(self) -> None:
        while True:
            try:
                message = self._connection.recv()
            except (EOFError, OSError):
                logger.info("the window is gone")
                break
            if isinstance(message, Close):
                break
            self._handle(message)
        self._end()

    def _handle(self, message: Message) -> None:
        if isinstance(message, Call):
            task = Task(lambda value: self._send(Report(message.number, value)))
            thread = threading.Thread(target=self._work, args=(message, task), name=message.function.__name__)
            thread.daemon = True
            self._tasks[message.number] = task, thread
            thread.start()
        elif isinstance(message, Cancel) and message.number in self._tasks:
            self._tasks[message.number][0].cancel.cancel()

    def _work(self, call: Call, task: Task) -> None:
        answer: Done | Failed
        try:
            answer = Done(call.number, call.function(self._desk, task, *call.args, **call.options))
        except BaseException as error:  # noqa: BLE001  # whatever it is, the window must be told
            trouble = trouble_of(error)
            level = logging.ERROR if trouble.kind is Problem.BUG else logging.INFO
            logger.log(level, "%s: %s%s", call.function.__name__, trouble, f"\n{trouble.details}".rstrip())
            answer = Failed(call.number, trouble)
        self._tasks.pop(call.number, None)
        self._send(answer)

    def _send(self, message: Any) -> None:
        with self._sending:
            try:
                self._connection.send(message)
            except (BrokenPipeError, ConnectionError, OSError):
                logger.info("nobody listens any more")

    def _end(self) -> None:
        under_way = list(self._tasks.values())
        for task, _ in under_way:
            task.cancel.cancel()
        for _, thread in under_way:
            thread.join(_LAST_WORDS_S)
        self._desk.put(None)
        self._connection.close()
        logger.info("closed")
