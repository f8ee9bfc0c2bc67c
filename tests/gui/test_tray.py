from __future__ import annotations

from pathlib import Path

import pytest
from library_states import Shown
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from audioclip_search import SyncStage
from gui import theme, tray
from gui.backend.library_state import IndexingState, Phase
from gui.settings import Settings
from gui.tray import Tray


@pytest.fixture
def shown(tmp_path: Path, dark: theme.Tokens, qtbot: QtBot) -> Shown:
    return Shown(Settings(tmp_path / "settings.ini"))


def test_it_says_how_indexing_goes_and_can_pause_it(qtbot: QtBot, shown: Shown) -> None:
    icon = Tray(shown.library)
    assert icon.text == "AudioCLIP Search"
    shown.open()
    assert icon.text == "AudioCLIP Search\n8,310 files"
    shown.library.start()
    shown.indexing(IndexingState(Phase.RUNNING, SyncStage.EMBED, 1_204, 8_310))
    assert icon.text == "AudioCLIP Search\nListening, 1,204 of 8,310"
    assert set(icon.actions) == {"show", "pause", "quit"}
    icon.actions["pause"].trigger()
    assert shown.library.indexing.phase is Phase.PAUSING
    shown.indexing(IndexingState(Phase.PAUSED))
    assert icon.text.endswith("Indexing is paused")
    assert set(icon.actions) == {"show", "resume", "quit"}
    for name, signal in (("show", icon.show_asked), ("quit", icon.quit_asked)):
        with qtbot.waitSignal(signal):
            icon.actions[name].trigger()
    icon.close()


def test_without_a_tray_nothing_breaks(qtbot: QtBot, shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tray.QSystemTrayIcon, "isSystemTrayAvailable", lambda: False)
    icon = Tray(shown.library)
    assert not icon.available
    shown.open()
    icon.close()


def coloured(image: QImage, colour: str) -> int:
    return sum(image.pixelColor(x, y).name() == colour for x in range(image.width()) for y in range(image.height()))


def test_the_ring_fills(dark: theme.Tokens) -> None:
    counts = [
        coloured(tray.ringed(share).pixmap(QSize(64, 64)).toImage(), dark.accent_text) for share in (0.1, 0.5, 0.9)
    ]
    assert counts == sorted(set(counts))
    assert counts[2] > 4 * counts[0]
