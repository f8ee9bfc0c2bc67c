from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from audioclip_search import SyncStage
from gui import i18n, wording
from gui.settings import Settings

SOURCES = sorted(i18n.translations().glob("*.ts"))


@pytest.fixture
def german(qapp: QApplication, tmp_path: Path) -> Iterator[list[QTranslator]]:
    settings = Settings(tmp_path / "settings.ini")
    settings.put(i18n.LANGUAGE, "de")
    installed = i18n.install(qapp, settings)
    yield installed
    for translator in installed:
        qapp.removeTranslator(translator)
    QLocale.setDefault(QLocale.system())


def test_there_is_german() -> None:
    assert [(language.code, language.name) for language in i18n.languages()][1:] == [("de", "Deutsch")]


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.name)
def test_translations_fill_in_what_the_original_does(file: Path) -> None:
    finished = 0
    for message in ElementTree.parse(file).iter("message"):
        source, translation = message.findtext("source") or "", message.find("translation")
        if translation is None or translation.get("type") is not None:
            continue
        finished += 1
        text = translation.text or ""
        assert text
        assert sorted(re.findall(r"{\w*}", text)) == sorted(re.findall(r"{\w*}", source)), source
        assert source.endswith("…") == text.endswith("…"), source
    assert finished > 150


def test_what_is_compiled_is_what_was_translated(tmp_path: Path) -> None:
    release = Path(sys.executable).with_name("pyside6-lrelease")
    for file in SOURCES:
        compiled = tmp_path / file.with_suffix(".qm").name
        subprocess.run([release, "-silent", file, "-qm", compiled], check=True)
        assert compiled.read_bytes() == file.with_suffix(".qm").read_bytes(), "run `make translations`"


def test_the_window_speaks_german(german: list[QTranslator]) -> None:
    assert len(german) == 2
    assert QCoreApplication.translate("Welcome", "Find the sound you mean") == "Finden Sie den Klang, den Sie meinen"
    assert wording.files(8_310) == "8.310 Dateien"
    assert wording.stage(SyncStage.EMBED) == "Hört an"
    assert wording.left(200) == "noch 3 min"
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Abbrechen"  # Qt's own


def test_an_unknown_language_is_english(qapp: QApplication, tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.ini")
    settings.put(i18n.LANGUAGE, "tlh")
    for translator in i18n.install(qapp, settings):
        qapp.removeTranslator(translator)
    QLocale.setDefault(QLocale.system())
    assert QCoreApplication.translate("Welcome", "Find the sound you mean") == "Find the sound you mean"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(3, "a few seconds left"), (42, "40 s left"), (186, "3 min left"), (7_200, "2.0 h left"), (90_000, "25 h left")],
)
def test_time_left_is_told_roughly(seconds: float, words: str) -> None:
    assert wording.left(seconds) == words


def test_sizes_have_units() -> None:
    sizes = [wording.size(number) for number in (12_300, 537_302_068, 2_345_000_000)]
    assert sizes == ["12 KB", "537 MB", "2.3 GB"]


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.name)
def test_every_text_has_a_context_that_it_is_looked_up_in(file: Path) -> None:
    """`window.tr(…)` and `tr = window.tr` would give none, or a wrong one: only `self.tr` and `translate` are found."""
    contexts = {context.findtext("name") or "" for context in ElementTree.parse(file).iter("context")}
    assert len(contexts) > 10
    assert not [name for name in contexts if not re.fullmatch(r"_?[A-Z]\w+", name)]
