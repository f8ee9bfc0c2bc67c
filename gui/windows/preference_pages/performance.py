"""What the app may use of the machine."""

from __future__ import annotations

import os

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSpinBox, QWidget

from gui.controllers.library import LibraryController
from gui.settings import Settings
from gui.windows.preference_pages.page import Page

DEVICE, PRECISION, THREADS = "performance/device", "performance/precision", "performance/threads"
MEMORY_MB, CACHE_MB = "performance/memory_mb", "cache/limit_mb"
_OPENING = frozenset({DEVICE, PRECISION, THREADS, MEMORY_MB})
"""Settings that count when the library is opened."""


class PerformancePage(Page):
    """Device, precision, threads, memory, and the cache of pictures."""

    cache_clear_asked = Signal()
    """The cache is to be emptied."""

    def __init__(self, library: LibraryController, settings: Settings) -> None:
        super().__init__(self.tr("Performance"), settings)
        self._library = library
        self.device = self.choice(
            DEVICE,
            [
                ("auto", self.tr("Automatic")),
                ("cpu", self.tr("Processor (CPU)")),
                ("cuda", self.tr("NVIDIA graphics card (CUDA)")),
                ("mps", self.tr("Apple graphics (MPS)")),
            ],
            "auto",
        )
        self.precision = self.choice(
            PRECISION,
            [
                ("auto", self.tr("Automatic")),
                ("float32", self.tr("Exact (float32)")),
                ("bfloat16", self.tr("Fast (bfloat16)")),
            ],
            "auto",
        )
        self.threads = self._number(THREADS, 0, 4 * (os.cpu_count() or 1), 0, 1)
        self.threads.setSpecialValueText(self.tr("Automatic"))
        self.memory = self._number(MEMORY_MB, 128, 65_536, 2_048, 256, " MB")
        self.cache = self._number(CACHE_MB, 0, 16_000, 500, 100, " MB")
        self._clear = QPushButton(self.tr("Clear"))
        self._clear.clicked.connect(self.cache_clear_asked)
        self.add_field(self.tr("Listen with"), self.device, self.tr("What the model runs on."))
        self.add_field(self.tr("Precision"), self.precision)
        self.add_field(self.tr("Threads"), self.threads, self.tr("Of the processor, for the model."))
        self.add_field(
            self.tr("Memory for searching"),
            self.memory,
            self.tr("A library that needs more is searched on the disk: nearly as exact, and slower at first."),
        )
        both = QWidget()
        beside = QHBoxLayout(both)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(8)
        beside.addWidget(self.cache)
        beside.addWidget(self._clear)
        self.cache.setAccessibleName(self.tr("Size of the cache"))
        self.add_field(
            self.tr("Cache"),
            both,
            self.tr("Waveforms and small pictures, kept on the disk so that they appear at once."),
        )
        self.column.addStretch()
        self._reopen = QPushButton(self.tr("Apply now"))
        self._reopen.clicked.connect(self._on_reopen)
        self._note = self.hint(self.tr("What you changed counts when the library is opened again."))
        last = QHBoxLayout()
        last.addWidget(self._note, 1)
        last.addWidget(self._reopen)
        self.column.addLayout(last)
        self._set_due(False)
        settings.changed.connect(self._on_setting)

    @property
    def clear_button(self) -> QPushButton:
        """Empties the cache."""
        return self._clear

    @property
    def apply_button(self) -> QPushButton:
        """Opens the library again, as it is set now."""
        return self._reopen

    def _number(self, key: str, least: int, most: int, default: int, step: int, unit: str = "") -> QSpinBox:  # noqa: PLR0917
        box = QSpinBox()
        box.setRange(least, most)
        box.setSingleStep(step)
        box.setSuffix(unit)
        box.setMinimumWidth(120)
        box.lineEdit().setTextMargins(6, 0, 0, 0)
        box.setValue(int(self.settings.number(key, default)))
        box.setKeyboardTracking(False)
        box.valueChanged.connect(lambda value: self.settings.put(key, value))
        return box

    def _on_setting(self, key: str) -> None:
        if key in _OPENING:
            self._set_due(True)

    def _set_due(self, due: bool) -> None:
        self._note.setVisible(due)
        self._reopen.setVisible(due)

    def _on_reopen(self) -> None:
        self._set_due(False)
        self._library.reopen()
