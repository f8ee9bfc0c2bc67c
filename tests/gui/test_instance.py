from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QLockFile
from PySide6.QtNetwork import QLocalServer, QLocalSocket
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui import instance, places
from gui.instance import SingleInstance

SECOND = """
import sys
from PySide6.QtCore import QCoreApplication
from gui.instance import SingleInstance
app = QCoreApplication([])
sys.exit(10 if SingleInstance().claim(sys.argv[1:]) else 20)
"""


def second(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", SECOND, *arguments])


def test_a_second_start_hands_over_and_ends(qtbot: QtBot, qapp: QApplication) -> None:
    first = SingleInstance()
    assert first.claim([])
    with qtbot.waitSignal(first.asked, timeout=20_000) as asked:
        other = second("/home/ann/Samples", "näch ste")
    assert asked.args == [["/home/ann/Samples", "näch ste"]]
    qtbot.waitUntil(lambda: other.poll() is not None, timeout=20_000)
    assert other.returncode == 20
    first.close()
    assert second().wait(20) == 10


def test_an_app_with_other_places_is_another(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = SingleInstance()
    assert first.claim([])
    name = instance._name()
    monkeypatch.setenv(places.APP_VARIABLE, str(tmp_path / "portable"))
    assert instance._name() != name
    other = SingleInstance()
    assert other.claim([])
    other.close()
    first.close()


def test_what_a_killed_app_left_behind_is_in_nobodys_way(qtbot: QtBot) -> None:
    places.data_dir().mkdir(parents=True)
    left = QLocalServer()
    left.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
    assert left.listen(instance._name())
    path = left.fullServerName()
    left.close()
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(path)
    stale.close()
    ended = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True
    )
    (places.data_dir() / "running.lock").write_text(f"{ended.stdout.strip()}\npython\n{socket.gethostname()}\n")
    first = SingleInstance()
    assert first.claim([])
    assert first._server is not None
    assert first._server.isListening()
    first.close()


def test_one_that_holds_the_lock_but_does_not_answer_keeps_nobody_out(qtbot: QtBot) -> None:
    places.data_dir().mkdir(parents=True)
    lock = QLockFile(str(places.data_dir() / "running.lock"))
    assert lock.tryLock(0)
    first = SingleInstance()
    assert first.claim([])
    first.close()
    lock.unlock()


def test_nonsense_is_not_heard(qtbot: QtBot) -> None:
    first = SingleInstance()
    first.claim([])
    told: list[object] = []
    first.asked.connect(told.append)
    for words in (b"no json\n", b'"text"\n'):
        client = QLocalSocket()
        client.connectToServer(instance._name())
        assert client.waitForConnected(2_000)
        client.write(words)
        client.flush()
        qtbot.wait(50)
        client.abort()
    qtbot.wait(50)
    assert told in ([], [[]])
    first.close()
