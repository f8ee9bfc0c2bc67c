"""The language of the window."""

from __future__ import annotations

import importlib.resources
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from gui.settings import Settings

LANGUAGE = "appearance/language"
"""The setting: a language's code, or empty for the system's."""

SOURCE = "en"
_PREFIX = "audioclip_search_"


@dataclass(frozen=True, slots=True)
class Language:
    """A language that the window speaks: its code, and its own name for itself."""

    code: str
    name: str


def translations() -> Path:
    """The folder with the compiled translations."""
    return Path(str(importlib.resources.files("gui") / "translations"))


def languages() -> list[Language]:
    """Those there are, English first."""
    codes = sorted(file.stem.removeprefix(_PREFIX) for file in translations().glob(f"{_PREFIX}*.qm"))
    return [Language(code, QLocale(code).nativeLanguageName().capitalize()) for code in (SOURCE, *codes)]


def install(app: QCoreApplication, settings: Settings) -> list[QTranslator]:
    """Have the application speak the user's language, or else the system's; English if it is neither's. It counts for
    what is made after that.

    Returns:
        What translates; the application keeps it.
    """
    wanted = settings.text(LANGUAGE)
    locale = QLocale(wanted) if wanted else QLocale.system()
    if wanted:
        QLocale.setDefault(locale)
    installed = []
    for name, folder in (
        ("qtbase_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)),
        (_PREFIX, str(translations())),
    ):
        translator = QTranslator(app)
        if locale.language() != QLocale.Language.English and translator.load(locale, name, "", folder):
            app.installTranslator(translator)
            installed.append(translator)
    return installed
