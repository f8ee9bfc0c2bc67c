from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QSpinBox, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

import gui
from gui import places, theme
from gui.controllers.appearance import AppearanceController
from gui.settings import Settings
from gui.theme import DARK, LIGHT, Mode, Tokens, icon, tokens

PAIRS = (
    *itertools.product(("text", "muted", "accent_text"), ("ground", "panel", "raised", "hover", "selection")),
    *itertools.product(("text",), ("pressed", "moment", "bad_ground", "warning_ground", "good_ground")),
    *itertools.product(("good", "warning", "bad", "audio", "image", "document"), ("ground", "panel", "raised")),
    ("on_accent", "accent"),
    ("ground", "accent_text"),
    ("bad", "bad_ground"),
    ("warning", "warning_ground"),
    ("good", "good_ground"),
)
"""Text and what it is written on."""

SEEN = (
    *itertools.product(("strong_line", "wave", "wave_played"), ("ground", "panel", "raised")),
    ("accent", "ground"),
    ("accent", "pressed"),
)
"""Lines and drawings that mean something, and what they are on."""


def contrast(one: str, other: str) -> float:
    """As WCAG 2.2 defines it."""

    def luminance(colour: str) -> float:
        parts = [value / 255 for value in QColor(colour).getRgb()[:3]]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_measured_as_the_standard_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("chosen", [DARK, LIGHT], ids=lambda chosen: chosen.name)
def test_what_is_read_can_be_read(chosen: Tokens) -> None:
    measured = {pair: contrast(getattr(chosen, pair[0]), getattr(chosen, pair[1])) for pair in PAIRS}
    assert not {pair: round(value, 2) for pair, value in measured.items() if value < 4.5}


@pytest.mark.parametrize("chosen", [DARK, LIGHT], ids=lambda chosen: chosen.name)
def test_what_means_something_can_be_seen(chosen: Tokens) -> None:
    measured = {pair: contrast(getattr(chosen, pair[0]), getattr(chosen, pair[1])) for pair in SEEN}
    assert not {pair: round(value, 2) for pair, value in measured.items() if value < 3}


def test_every_icon_is_drawn_in_the_themes_colour(qapp: QApplication) -> None:
    names = [file.stem for file in (Path(gui.__file__).parent / "theme" / "icons").glob("*.svg")]
    assert len(names) > 40
    theme.apply(qapp, Mode.LIGHT)
    wanted = QColor(LIGHT.bad).getRgb()
    for name in names:
        picture = icon(name, "bad").pixmap(QSize(48, 48)).toImage()
        drawn = [picture.pixelColor(x, y).getRgb() for x in range(48) for y in range(48)]
        solid = {colour for colour in drawn if colour[3] > 250}
        assert solid, name
        if name != "app":
            assert all(max(abs(a - b) for a, b in zip(colour, wanted, strict=True)) < 6 for colour in solid), name


@pytest.mark.parametrize("side", [16, 256])
def test_the_apps_own_icon_has_its_colours_at_every_size(qapp: QApplication, side: int) -> None:
    picture = icon("app").pixmap(QSize(side, side)).toImage()
    centre = picture.pixelColor(side // 2, side // 20 + 2)
    assert centre.alpha() == 255
    assert centre.green() > centre.red()
    assert picture.pixelColor(0, 0).alpha() < 40


def test_the_style_sheet_finds_its_icons_and_qt_understands_it(
    qapp: QApplication, qtbot: QtBot, capfd: pytest.CaptureFixture[str]
) -> None:
    for mode in (Mode.DARK, Mode.LIGHT):
        theme.apply(qapp, mode)
        sheet = qapp.styleSheet()
        files = re.findall(r'url\("([^"]+)"\)', sheet)
        assert files
        assert not [file for file in files if not Path(file).is_file()]
        assert str(places.cache_dir()) in files[0]
        assert "$" not in sheet
    assert "parse" not in capfd.readouterr().err


def test_a_ticked_box_looks_ticked(qapp: QApplication, qtbot: QtBot) -> None:
    theme.apply(qapp, Mode.DARK)
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    box, combo, spin = QCheckBox("Watch"), QComboBox(), QSpinBox()
    combo.addItem("Automatic")
    for widget in (box, combo, spin):
        layout.addWidget(widget)
    window.resize(200, 140)
    window.show()
    before = box.grab().toImage()
    box.setChecked(True)
    after = box.grab().toImage()
    ticked = {after.pixelColor(x, y).name() for x in range(18) for y in range(after.height())}
    assert DARK.accent in ticked
    assert DARK.accent not in {before.pixelColor(x, y).name() for x in range(18) for y in range(before.height())}


def test_the_look_follows_the_choice_and_the_system(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(tmp_path / "settings.ini")
    appearance = AppearanceController(qapp, settings)
    told: list[Tokens] = []
    appearance.changed.connect(told.append)
    settings.put("appearance/mode", Mode.LIGHT)
    assert tokens() is LIGHT
    settings.put("appearance/mode", Mode.DARK)
    assert tokens() is DARK
    assert told[-2:] == [LIGHT, DARK]
    settings.put("appearance/mode", Mode.SYSTEM)
    qapp.styleHints().setColorScheme(Qt.ColorScheme.Light)
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    expected = LIGHT if qapp.styleHints().colorScheme() is Qt.ColorScheme.Light else DARK
    assert tokens() is expected
    qapp.styleHints().setColorScheme(Qt.ColorScheme.Unknown)
    appearance.deleteLater()


def test_an_unknown_icon_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        icon("no such icon")
    assert not QIcon().availableSizes()
