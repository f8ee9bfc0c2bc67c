"""One app at a time: a second start hands over what it was asked to do, and ends."""

from __future__ import annotations

import getpass
import hashlib
import json
import logging

from PySide6.QtCore import QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from gui import places

logger = logging.getLogger(__name__)

_PATIENCE_MS = 2_000
_MOST_BYTES = 64 * 1024


class SingleInstance(QObject):
    """Finds out whether this user's app runs already; apps with another place for their files are others.

    Args:
        parent: Its owner.
    """

    asked = Signal(list)
    """Another start: its arguments, texts. The app should come to the front."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server: QLocalServer | None = None
        self._lock: QLockFile | None = None

    def claim(self, arguments: list[str]) -> bool:
        """Become the one that runs, or hand the arguments over to it.

        Returns:
            Whether this is the one.
        """
        try:
            places.data_dir().mkdir(parents=True, exist_ok=True)
        except OSError as error:
            logger.warning("two of the app may run at once: %s", error)  # opening the library tells what is wrong
        lock = QLockFile(str(places.data_dir() / "running.lock"))
        lock.setStaleLockTime(0)  # it is held for as long as the app runs; that of a dead process is free
        if not lock.tryLock(0):
            if lock.error() is QLockFile.LockError.LockFailedError and self._hand_over(arguments):
                return False
            logger.warning("another app seems to run but does not answer; starting anyway")
        self._lock = lock
        self._listen()
        return True

    def close(self) -> None:
        """Let another start be the one."""
        if self._server is not None:
            self._server.close()
            self._server = None
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None

    def _listen(self) -> None:
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        server.newConnection.connect(self._on_connection)
        if not server.listen(_name()):
            QLocalServer.removeServer(_name())  # left behind by one that was killed
            if not server.listen(_name()):
                logger.warning("other starts can't be heard: %s", server.errorString())
        self._server = server

    def _hand_over(self, arguments: list[str]) -> bool:
        socket = QLocalSocket()
        socket.connectToServer(_name())
        if not socket.waitForConnected(_PATIENCE_MS):
            return False
        socket.write(json.dumps(arguments).encode() + b"\n")
        heard = socket.waitForBytesWritten(_PATIENCE_MS) and socket.waitForReadyRead(_PATIENCE_MS)
        socket.disconnectFromServer()
        return bool(heard)

    def _on_connection(self) -> None:
        while self._server is not None and (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            socket.readyRead.connect(lambda socket=socket: self._read(socket))
            if socket.canReadLine():
                self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() > _MOST_BYTES:
                socket.abort()
            return
        try:
            arguments = json.loads(bytes(socket.readLine().data()))
        except ValueError:
            logger.warning("another start said something that can't be read")
            socket.abort()
            return
        socket.write(b"ok\n")
        socket.flush()
        self.asked.emit([str(argument) for argument in arguments] if isinstance(arguments, list) else [])


def _name() -> str:
    """Of the socket: one for each user and place of files, and short, as sockets' names must be."""
    whose = f"{getpass.getuser()}\0{places.data_dir()}"
    return f"audioclip-search-{hashlib.sha256(whose.encode()).hexdigest()[:16]}"
