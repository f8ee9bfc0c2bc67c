"""The app in a real window on a virtual screen, driven by a real mouse and keyboard."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

NEEDED = ("Xvfb", "xdotool", "openbox")
NAME = "AudioCLIP Search"
SIZE = (1280, 720)
_PATIENCE_S = 90.0


def missing_programs() -> list[str]:
    """Programs that are needed and not there."""
    return [program for program in NEEDED if shutil.which(program) is None]


@contextmanager
def virtual_screen(folder: Path) -> Iterator[dict[str, str]]:
    """A screen with a window manager; gives the environment for programs that are to appear on it."""
    ours, theirs = os.pipe()
    log = (folder / "screen.log").open("wb")
    size = f"{SIZE[0]}x{SIZE[1]}x24"
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(theirs), "-screen", "0", size, "-nolisten", "tcp"],
        pass_fds=[theirs], stdout=log, stderr=log,
    )  # fmt: skip
    os.close(theirs)
    with os.fdopen(ours) as told:
        display = told.readline().strip()
    environment = {**os.environ, "DISPLAY": f":{display}", "QT_QPA_PLATFORM": "xcb", "LC_ALL": "C.UTF-8"}
    environment.pop("WAYLAND_DISPLAY", None)
    manager = subprocess.Popen(["openbox", "--sm-disable"], env=environment, stdout=log, stderr=log)
    try:
        yield environment
    finally:
        for process in (manager, server):
            process.terminate()
            process.wait(10)
        log.close()


class App:
    """The running app. Everything is done, and seen, from outside: by keys, mouse and the window's title."""

    def __init__(self, environment: dict[str, str], log: Path, *arguments: str) -> None:
        self._environment = environment
        self._log = log.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "gui", *arguments], env=environment, stdout=self._log, stderr=self._log
        )
        self.window = wait_until(self._search, "no window appeared", self.still_runs)
        self._xdotool("windowactivate", "--sync", self.window)

    def title(self) -> str:
        """The main window's title."""
        return self._xdotool("getwindowname", self.window)

    def wait_for(self, pattern: str) -> str:
        """Wait until the title matches."""
        wait_until(
            lambda: re.search(pattern, self.title()),
            f"the title never matched {pattern!r}",
            self.still_runs,
            self.title,
        )
        return self.title()

    def dialog(self, name: str) -> None:
        """Wait until another window of the app is there, and has the keyboard."""
        window = wait_until(lambda: self._search(name), f"no window {name!r} appeared", self.still_runs)
        self._xdotool("windowactivate", "--sync", window)

    def accept(self, name: str) -> None:
        """Press Enter until a window is gone: the first may only close a list of completions."""

        def gone() -> bool:
            self.keys("Return")
            time.sleep(0.5)
            return not self._search(name)

        wait_until(gone, f"the window {name!r} stayed", self.still_runs)

    @classmethod
    def second(cls, environment: dict[str, str], log: Path, *arguments: str) -> int:
        """Start the app while another one runs; returns the exit code."""
        with log.open("ab") as output:
            return subprocess.call(
                [sys.executable, "-m", "gui", *arguments], env=environment, stdout=output, stderr=output, timeout=60
            )

    def still_runs(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    def keys(self, *keys: str) -> None:
        """Press keys, as xdotool names them, one after the other."""
        self._xdotool("key", "--delay", "40", *keys)

    def write(self, text: str) -> None:
        """Type."""
        self._xdotool("type", "--delay", "25", text)

    def click(self, x: int, y: int) -> None:
        """Click with the left button, at a place of the screen."""
        self._xdotool("mousemove", str(x), str(y), "click", "1")

    def drop(self, file: Path, x: int, y: int) -> None:
        """Drag a file out of another window, and let it go over a place of the screen."""
        source = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("drag_source.py"), file, "4", "4"], env=self._environment,
            stdout=self._log, stderr=self._log,
        )  # fmt: skip
        wait_until(lambda: self._search("drag source"), "nothing to drag from")
        self._xdotool("mousemove", "30", "20", "mousedown", "1")
        for step in range(1, 11):
            time.sleep(0.1)
            self._xdotool("mousemove", str(30 + (x - 30) * step // 10), str(20 + (y - 20) * step // 10))
        time.sleep(0.5)
        self._xdotool("mouseup", "1")
        source.wait(30)

    def quit(self) -> int:
        """Press Ctrl+Q and wait for the end."""
        self._xdotool("windowactivate", "--sync", self.window)
        self.keys("ctrl+q")
        return self._process.wait(60)

    def end(self) -> None:
        """End it whatever it does."""
        if self.still_runs():
            self._process.kill()
            self._process.wait()
        self._log.close()

    def _search(self, name: str = f"{NAME}$") -> str:
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--name", name],
            env=self._environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return found.stdout.split("\n", maxsplit=1)[0]

    def _xdotool(self, *arguments: str) -> str:
        done = subprocess.run(
            ["xdotool", *arguments], env=self._environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()


def wait_until(
    met: Callable[[], object],
    otherwise: str,
    alive: Callable[[], bool] = lambda: True,
    last: Callable[[], str] = lambda: "",
) -> str:
    """Wait until something is true, and return it as text."""
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        if not alive():
            raise AssertionError(f"{otherwise}; the app has ended")
        found = met()
        if found:
            return str(found)
        time.sleep(0.1)
    raise AssertionError(f"{otherwise}; last: {last()}")
