"""Amounts in words, as the user's language and country write them."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLocale

from audioclip_search import SyncStage


def _locale() -> QLocale:
    """The user's; American English where there is none."""
    locale = QLocale()
    return QLocale(QLocale.Language.English) if locale.language() is QLocale.Language.C else locale


def count(number: int) -> str:
    """A number with separators."""
    return _locale().toString(number)


def files(number: int) -> str:
    """A number of files."""
    if number == 1:
        return QCoreApplication.translate("Wording", "1 file")
    return QCoreApplication.translate("Wording", "{count} files").format(count=count(number))


def size(number_bytes: float) -> str:
    """A size in decimal units."""
    megabytes = number_bytes / 1e6
    if megabytes < 1:
        return QCoreApplication.translate("Wording", "{size} KB").format(
            size=_locale().toString(number_bytes / 1e3, "f", 0)
        )
    if megabytes < 1_000:
        return QCoreApplication.translate("Wording", "{size} MB").format(size=_locale().toString(megabytes, "f", 0))
    return QCoreApplication.translate("Wording", "{size} GB").format(size=_locale().toString(megabytes / 1e3, "f", 1))


def rate(per_s: float) -> str:
    """Files a second."""
    number = _locale().toString(per_s, "f", 0 if per_s >= 10 else 1)
    return QCoreApplication.translate("Wording", "{number} files/s").format(number=number)


def left(seconds: float) -> str:
    """How long it will take, roughly."""
    if seconds < 10:
        return QCoreApplication.translate("Wording", "a few seconds left")
    if seconds < 60:
        words = QCoreApplication.translate("Wording", "{number} s left")
        return words.format(number=10 * round(seconds / 10))
    if seconds < 5_400:
        return QCoreApplication.translate("Wording", "{number} min left").format(number=round(seconds / 60))
    return QCoreApplication.translate("Wording", "{number} h left").format(
        number=_locale().toString(seconds / 3_600, "f", 1 if seconds < 36_000 else 0)
    )


def stage(of: SyncStage) -> str:
    """What a sync is doing."""
    return {
        SyncStage.WAIT: QCoreApplication.translate("Wording", "Waiting for another program"),
        SyncStage.SCAN: QCoreApplication.translate("Wording", "Looking for files"),
        SyncStage.EMBED: QCoreApplication.translate("Wording", "Listening"),
        SyncStage.REMOVE: QCoreApplication.translate("Wording", "Forgetting what is gone"),
        SyncStage.DESCRIBE: QCoreApplication.translate("Wording", "Reading descriptions"),
        SyncStage.OPTIMIZE: QCoreApplication.translate("Wording", "Building the search index"),
        SyncStage.EXAMINE: QCoreApplication.translate("Wording", "Taking fingerprints"),
        SyncStage.COMPARE: QCoreApplication.translate("Wording", "Comparing"),
        SyncStage.DONE: QCoreApplication.translate("Wording", "Up to date"),
    }[of]
