"""What the app remembers between two starts."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QSettings, QTimer, Signal

from gui.records import Problem, Trouble
from gui.theme import Mode

_WRITE_AFTER_MS = 500


class Settings(QObject):
    """The user's choices, in a file. Each is an attribute; setting one writes it and tells `changed` its name.

    Args:
        file: The INI file; made when something is set.
        parent: Its owner.
    """

    changed = Signal(str)

    trouble = Signal(object)
    """A `Trouble`: what was put can't be written. Told once until writing works again."""

    def __init__(self, file: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._file = file
        self._told = False
        self._store = QSettings(str(file), QSettings.Format.IniFormat, self)
        self._writing = QTimer(self)
        self._writing.setSingleShot(True)
        self._writing.setInterval(_WRITE_AFTER_MS)
        self._writing.timeout.connect(self._write)

    def text(self, key: str, default: str = "") -> str:
        """A text."""
        value = self._store.value(key, default)
        return value if isinstance(value, str) else default

    def number(self, key: str, default: float) -> float:
        """A number; the default if what is stored is none."""
        try:
            return float(str(self._store.value(key, default)))
        except ValueError:
            return default

    def flag(self, key: str, default: bool) -> bool:
        """Yes or no."""
        return str(self._store.value(key, default)).lower() in {"true", "1", "yes"}

    def texts(self, key: str) -> list[str]:
        """A list of texts."""
        value = self._store.value(key, [])
        if isinstance(value, str):
            return [value] if value else []
        return [str(item) for item in value] if isinstance(value, list) else []

    def state(self, key: str) -> QByteArray:
        """What a widget saved of itself."""
        value = self._store.value(key, QByteArray())
        return value if isinstance(value, QByteArray) else QByteArray()

    def put(self, key: str, value: str | float | bool | list[str] | QByteArray) -> None:
        """Remember something."""
        self._store.setValue(key, value)
        self._writing.start()
        self.changed.emit(key)

    def clear(self) -> None:
        """Forget everything; `changed` tells each name."""
        keys = self._store.allKeys()
        self._store.clear()
        for key in keys:
            self.changed.emit(key)

    def _write(self) -> None:
        self._store.sync()
        failed = self._store.status() is QSettings.Status.AccessError
        if failed and not self._told:
            reason = self.tr("your settings can’t be written")
            remedy = self.tr("Free some space on that disk, and see that you may write there; until then they count "
                             "only while the app runs")  # fmt: skip
            self.trouble.emit(Trouble(Problem.EXPECTED, reason, str(self._file), remedy))
        self._told = failed

    @property
    def mode(self) -> Mode:
        """Which look is wanted."""
        name = self.text("appearance/mode", Mode.SYSTEM)
        return Mode(name) if name in set(Mode) else Mode.SYSTEM
