from __future__ import annotations

from pathlib import Path

import pytest
from library_states import Shown
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QWidget
from pytestqt.qtbot import QtBot

from audioclip_search import ScanRules
from gui import theme
from gui.controllers.pictures import LIMIT_KEY
from gui.settings import Settings
from gui.theme import Mode
from gui.windows.preferences import PreferencesDialog, Topic


@pytest.fixture
def shown(qtbot: QtBot, tmp_path: Path, dark: theme.Tokens) -> Shown:
    shown = Shown(Settings(tmp_path / "settings.ini"))
    shown.open()
    return shown


@pytest.fixture
def dialog(qtbot: QtBot, shown: Shown) -> PreferencesDialog:
    dialog = PreferencesDialog(shown.library, shown.models, shown.settings, ["Built-in", "Scarlett 2i2"])
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_every_page_fits_and_every_field_has_a_name(dialog: PreferencesDialog) -> None:
    for topic in Topic:
        dialog.show_topic(topic)
        assert dialog.topic is topic
    fields = [child for child in dialog.findChildren(QWidget) if child.focusPolicy() & Qt.FocusPolicy.TabFocus]
    named = [field for field in fields if not isinstance(field.window(), QFrame)]  # the lists of boxes are
    silent = [field for field in named if not (field.accessibleName() or getattr(field, "text", str)())]
    assert len(named) > 20
    assert not silent


def test_folders_are_listed_removed_and_what_is_left_out_is_said(
    dialog: PreferencesDialog, shown: Shown, qtbot: QtBot
) -> None:
    page = dialog.folders
    lines = [page.folders.item(row).text() for row in range(page.folders.count())]
    assert lines[0] == "/home/ann/Samples   ·   5,106 files"
    assert lines[1] == "/media/ann/Archive   ·   1,204 files   ·   not connected"
    page.remove("/home/ann/Stems")
    assert shown.engine.arguments("remove_folder") == [("/home/ann/Stems",)]


def test_patterns_count_when_they_are_applied(dialog: PreferencesDialog, shown: Shown) -> None:
    page = dialog.folders
    assert not page.apply_button.isEnabled()
    page.patterns.setPlainText("*.tmp\n\n renders/ ")
    assert page.apply_button.isEnabled()
    page.apply_button.click()
    assert shown.engine.arguments("set_rules") == [(ScanRules(ignore=("*.tmp", "renders/")),)]


def test_models_are_listed_downloaded_and_used(dialog: PreferencesDialog, shown: Shown) -> None:
    page = dialog.model
    first = page.tree.topLevelItem(0)
    last = page.tree.topLevelItem(1)
    assert first is not None
    assert last is not None
    assert [first.text(0), first.text(2), last.text(2)] == ["audioclip", "Not here", "In use"]
    page.tree.setCurrentItem(first)
    assert page.download_button.isEnabled()
    assert not page.use_button.isEnabled()
    page.download_button.click()
    assert shown.engine.arguments("download") == [("audioclip",)]
    page.use("audioclip")
    assert shown.library.reembedding == "audioclip"
    assert shown.engine.arguments("reembed") == [("audioclip",)]


def test_what_counts_at_opening_says_so_and_can_be_applied(dialog: PreferencesDialog, shown: Shown) -> None:
    page = dialog.performance
    assert page.apply_button.isHidden()
    page.memory.setValue(4_096)
    page.device.setCurrentIndex(1)
    page.device.activated.emit(1)
    assert not page.apply_button.isHidden()
    page.apply_button.click()
    root, options = shown.engine.arguments("open_library")[-1]
    assert root == ""
    assert (options.device, options.memory_budget_bytes) == ("cpu", 4_096 << 20)
    assert page.apply_button.isHidden()


def test_choices_are_remembered(dialog: PreferencesDialog, shown: Shown) -> None:
    listening = dialog.listening
    listening.autoplay.setChecked(False)
    listening.device.setCurrentIndex(2)
    listening.device.activated.emit(2)
    dialog.appearance.tray.setChecked(True)
    dialog.appearance.modes[Mode.LIGHT].click()
    settings = shown.settings
    assert not settings.flag("listening/autoplay", True)
    assert settings.text("listening/device") == "Scarlett 2i2"
    assert settings.flag("tray/close", False)
    assert settings.mode is Mode.LIGHT


def test_a_device_that_is_unplugged_stays_chosen(dialog: PreferencesDialog, shown: Shown) -> None:
    shown.settings.put("listening/device", "Scarlett 2i2")
    dialog.listening.set_devices(["Built-in"])
    assert dialog.listening.device.currentText() == "Scarlett 2i2 (not connected)"


def test_another_language_says_that_it_counts_later(dialog: PreferencesDialog, shown: Shown) -> None:
    dialog.show_topic(Topic.APPEARANCE)
    box = dialog.appearance.language
    german = box.findData("de")
    assert box.itemText(german) == "Deutsch"
    box.setCurrentIndex(german)
    box.activated.emit(german)
    assert shown.settings.text("appearance/language") == "de"
    words = [label.text() for label in dialog.appearance.findChildren(QLabel) if label.isVisible()]
    assert any("next start" in text for text in words)


def test_settings_can_be_reset(dialog: PreferencesDialog, shown: Shown) -> None:
    shown.settings.put("tray/close", True)
    told: list[str] = []
    shown.settings.changed.connect(told.append)
    dialog.advanced.reset_settings()
    assert not shown.settings.flag("tray/close", False)
    assert "tray/close" in told
    assert dialog.isHidden()


def test_the_cache_can_be_emptied_and_limited(qtbot: QtBot, dialog: PreferencesDialog, shown: Shown) -> None:
    with qtbot.waitSignal(dialog.cache_clear_asked):
        dialog.performance.clear_button.click()
    dialog.performance.cache.setValue(800)
    assert shown.settings.number(LIMIT_KEY, 0) == 800
