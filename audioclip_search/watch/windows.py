"""ReadDirectoryChanges, told apart from a healthy one: watchdog ignores that its buffer overflowed."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from ctypes.wintypes import DWORD, HANDLE
from typing import Any

from watchdog.observers.api import BaseObserver
from watchdog.observers.read_directory_changes import WindowsApiEmitter
from watchdog.observers.winapi import DirectoryChangeReader

assert sys.platform == "win32"


class _Reader(DirectoryChangeReader):
    def __init__(self, path: str, *, recursive: bool, on_lost: Callable[[], None]) -> None:
        super().__init__(path, recursive=recursive)
        self._on_lost = on_lost

    def _run_inner(self, handle: HANDLE, event_buffer: ctypes.Array[ctypes.c_char], nbytes: DWORD) -> None:
        nbytes.value = 1
        super()._run_inner(handle, event_buffer, nbytes)
        if nbytes.value == 0:  # how the system says that there was more than the buffer holds
            self._on_lost()

    def _run(self) -> None:
        try:
            super()._run()
        finally:
            self._on_lost()  # nobody reads any more; after `stop` nobody listens


class _Emitter(WindowsApiEmitter):
    def __init__(self, *args: Any, on_lost: Callable[[], None], **options: Any) -> None:
        super().__init__(*args, **options)
        self._on_lost = on_lost

    def on_thread_start(self) -> None:
        reader = _Reader(self.watch.path, recursive=self.watch.is_recursive, on_lost=self._on_lost)
        with self._lock:
            self._reader = reader
        reader.start()


class NativeObserver(BaseObserver):
    """An observer of ReadDirectoryChanges.

    Args:
        timeout_s: Events are handed on when there was none for so long.
        thread_name: Unused.
        on_lost: Called from some thread when events were lost.
        on_limit: Unused: there is none.
    """

    healthy = True

    def __init__(
        self, timeout_s: float, *, thread_name: str, on_lost: Callable[[], None], on_limit: Callable[[], None]
    ) -> None:
        super().__init__(_Emitter, timeout=timeout_s, on_lost=on_lost)
