"""What the engine works on, and what a call is given to work with."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from audioclip_search import CancelToken, StorageError

if TYPE_CHECKING:
    from audioclip_search import Library, LibraryFile  # loads LanceDB, which the window does not need

T = TypeVar("T")


class Task:
    """One call under way: how it tells the window things, and whether it is still wanted.

    Attributes:
        cancel: Set when the window does not want it any more.
    """

    def __init__(self, report: Callable[[Any], None]) -> None:
        self.cancel = CancelToken()
        self._report = report

    def report(self, value: Any) -> None:
        """Send something to the request's `on_report`, from any thread. It must be small: large results go in parts."""
        self._report(value)


@dataclass(slots=True)
class Desk:
    """The open library and what is remembered of it. Calls run on threads of their own and share it."""

    _library: Library | None = None
    _files: dict[str, LibraryFile] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _made: dict[str, Any] = field(default_factory=dict)
    shelf: dict[str, Any] = field(default_factory=dict)
    """What calls keep for later ones, by a name of their own."""

    reading_s: float = 0.0
    """How long it took to read all files, the last time."""

    @property
    def library(self) -> Library:
        """The open library.

        Raises:
            StorageError: None is open.
        """
        library = self._library
        if library is None:
            raise StorageError("no library is open", remedy="Choose a folder first")
        return library

    @property
    def is_open(self) -> bool:
        """Whether a library is."""
        return self._library is not None

    def put(self, library: Library | None) -> None:
        """Replace the open library by another one, or by none; the old one is closed."""
        with self._lock:
            old, self._library = self._library, library
            self._files = None
            self._made = {}
            self.shelf.clear()
        if old is not None:
            old.close()

    def files(self) -> dict[str, LibraryFile]:
        """Every file that the library knows, by absolute path; read again only after `forget_files`."""
        files = self._files
        if files is None:
            library, started_s, before = self.library, time.monotonic(), self._made
            files = {str(file.path): file for file in library.files()} if library.indexed else {}
            with self._lock:
                if self._made is before:  # else the index has changed meanwhile
                    self._files = files
            self.reading_s = time.monotonic() - started_s
        return files

    @property
    def files_read(self) -> dict[str, LibraryFile] | None:
        """`files`, if they have been read since the index changed; reading many takes seconds."""
        return self._files

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gives, made anew only after the index has changed."""
        made = self._made  # a change while it is made puts another one here
        if name not in made:
            made[name] = make()
        value: T = made[name]
        return value

    def forget_files(self) -> None:
        """The index has changed: `files`, and what was made `once`, must be read again."""
        with self._lock:
            self._files = None
            self._made = {}
