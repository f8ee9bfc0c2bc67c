"""inotify, told apart from a healthy one: watchdog keeps lost events and missing watches to itself."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable

from watchdog.observers.api import BaseObserver
from watchdog.observers.inotify import InotifyEmitter
from watchdog.observers.inotify_c import (
    CallbackId,
    InotifyConstants,
    InotifyEvent,
    InotifyFD,
    Mask,
    WatchCallback,
    WatchDescriptor,
)

assert sys.platform == "linux"


class _Inotify(InotifyFD):
    def __init__(self, on_lost: Callable[[], None], on_limit: Callable[[], None]) -> None:
        super().__init__()
        self._on_lost = on_lost
        self._on_limit = on_limit

    def handle_event(self, event: InotifyEvent) -> None:
        # After an unmount the kernel has forgotten the watches, whatever is mounted there next.
        if event.is_queue_overflow or event.mask & InotifyConstants.IN_UNMOUNT:
            self._on_lost()
        super().handle_event(event)

    def add_callback(self, path: bytes, mask: Mask, callback: WatchCallback, id_: CallbackId) -> WatchDescriptor:
        try:
            return super().add_callback(path, mask, callback, id_)
        except OSError as error:
            # Of folders in the watched one, watchdog goes on without them.
            if error.errno == errno.ENOSPC:
                self._on_limit()
            raise

    def _add_callback(self, path: bytes, mask: Mask, callback: WatchCallback, id_: CallbackId) -> WatchDescriptor:
        # A folder made while the one above is being listed is found twice. watchdog warns of that.
        self._get_or_create_watch(path, mask).callbacks.pop(id_, None)
        return super()._add_callback(path, mask, callback, id_)


class NativeObserver(BaseObserver):
    """An observer with an inotify instance of its own.

    Args:
        timeout_s: Unused.
        thread_name: Of the thread that reads the events.
        on_lost: Called from some thread when events were lost.
        on_limit: Called when a folder could not be watched because the user has no watches left.

    Raises:
        OSError: No inotify instances are left.
    """

    def __init__(
        self, timeout_s: float, *, thread_name: str, on_lost: Callable[[], None], on_limit: Callable[[], None]
    ) -> None:
        self.inotify = _Inotify(on_lost, on_limit)
        super().__init__(InotifyEmitter, timeout=timeout_s, inotify_fd=self.inotify)
        self.inotify.name = f"{thread_name}-inotify"
        self.inotify.start()

    @property
    def healthy(self) -> bool:
        """Whether what reads the events, beside the emitters, is alive."""
        return self.inotify.is_alive()

    def on_thread_stop(self) -> None:
        """Called by `stop`."""
        super().on_thread_stop()
        self.inotify.stop()
        self.inotify.join()
