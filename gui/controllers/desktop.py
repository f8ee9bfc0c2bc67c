"""Files in the desktop's own programs."""

from __future__ import annotations

import logging
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices

logger = logging.getLogger(__name__)

_MOST_AT_ONCE = 50


def reveal(paths: Sequence[str]) -> bool:
    """Show files in the file manager, selected where it can do that; otherwise their folder.

    Returns:
        Whether there is something that shows them.
    """
    shown = [path for path in paths if Path(path).exists()][:_MOST_AT_ONCE]
    if not shown:
        folder = next((parent for path in paths for parent in Path(path).parents if parent.is_dir()), None)
        return folder is not None and _open(str(folder))
    if sys.platform == "darwin":
        return _start("open", ["-R", *shown])
    if sys.platform == "win32":
        return _start("explorer", [f"/select,{Path(shown[0])}"])
    return _reveal_by_bus(shown) or _open(str(Path(shown[0]).parent))


def open_files(paths: Sequence[str]) -> bool:
    """Open files in the programs that are meant for them. Returns whether all could be."""
    return sum(map(_open, paths[:_MOST_AT_ONCE])) == min(len(paths), _MOST_AT_ONCE)


def open_with(program: str, paths: Sequence[str]) -> bool:
    """Open files in a program of the user's choice. Returns whether it started."""
    if sys.platform == "darwin":
        return _start("open", ["-a", program, *paths])
    return _start(program, list(paths))


def _open(path: str) -> bool:
    return QDesktopServices.openUrl(QUrl.fromLocalFile(path))


def _start(program: str, arguments: list[str]) -> bool:
    if shutil.which(program) is None:
        logger.warning("there is no program %s", program)
        return False
    started = QProcess.startDetached(program, arguments)
    return bool(started[0]) if isinstance(started, tuple) else bool(started)


def _reveal_by_bus(paths: list[str]) -> bool:
    """Ask the file manager over D-Bus, as freedesktop.org has it; without waiting for its answer."""
    from PySide6.QtDBus import QDBusConnection, QDBusMessage

    name = "org.freedesktop.FileManager1"
    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        return False
    interface = bus.interface()
    known = interface.isServiceRegistered(name).value() or name in _activatable(interface)
    if not known:
        return False
    message = QDBusMessage.createMethodCall(name, "/org/freedesktop/FileManager1", name, "ShowItems")
    message.setArguments([[QUrl.fromLocalFile(path).toString() for path in paths], ""])
    return bus.send(message)


def _activatable(interface: object) -> list[str]:
    """Names of services that the bus can start."""
    from PySide6.QtDBus import QDBusConnectionInterface

    if not isinstance(interface, QDBusConnectionInterface):
        return []
    names = interface.activatableServiceNames().value()
    return [str(name) for name in names] if isinstance(names, list) else []
