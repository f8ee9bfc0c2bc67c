"""FSEvents, told apart from a healthy one: watchdog ignores the flags of dropped events."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from watchdog.observers.api import BaseObserver
from watchdog.observers.fsevents import FSEventsEmitter

assert sys.platform == "darwin"

_DROPPED = 0x1 | 0x2 | 0x4  # must scan subfolders, dropped by the user's side, dropped by the kernel


class _Emitter(FSEventsEmitter):
    def __init__(self, *args: Any, on_lost: Callable[[], None], **options: Any) -> None:
        super().__init__(*args, **options)
        self._on_lost = on_lost

    def events_callback(self, paths: list[bytes], inodes: list[int], flags: list[int], ids: list[int]) -> None:
        if any(flag & _DROPPED for flag in flags):
            self._on_lost()
        super().events_callback(paths, inodes, flags, ids)


class NativeObserver(BaseObserver):
    """An observer of FSEvents.

    Args:
        timeout_s: Unused.
        thread_name: Unused.
        on_lost: Called from some thread when events were lost.
        on_limit: Unused: there is none.
    """

    healthy = True

    def __init__(
        self, timeout_s: float, *, thread_name: str, on_lost: Callable[[], None], on_limit: Callable[[], None]
    ) -> None:
        super().__init__(_Emitter, timeout=timeout_s, on_lost=on_lost)
