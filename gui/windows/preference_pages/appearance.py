"""How the window looks and speaks."""

from __future__ import annotations

from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QWidget

from gui import i18n
from gui.controllers.appearance import MODE
from gui.settings import Settings
from gui.theme import Mode
from gui.windows.preference_pages.page import Page

CLOSE_TO_TRAY = "tray/close"


class AppearancePage(Page):
    """Light or dark, the language, and the tray."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(self.tr("Appearance"), settings)
        names = {Mode.SYSTEM: self.tr("As the system"), Mode.LIGHT: self.tr("Light"), Mode.DARK: self.tr("Dark")}
        self._group = QButtonGroup(self)
        self.modes: dict[Mode, QRadioButton] = {}
        row = QWidget()
        beside = QHBoxLayout(row)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(16)
        for mode, name in names.items():
            button = QRadioButton(name)
            button.setChecked(settings.mode is mode)
            button.toggled.connect(lambda on, mode=mode: settings.put(MODE, mode) if on else None)
            self._group.addButton(button)
            beside.addWidget(button)
            self.modes[mode] = button
        self.add_field(self.tr("Colours"), row)
        offers = [("", self.tr("As the system")), *((each.code, each.name) for each in i18n.languages())]
        self.language = self.choice(i18n.LANGUAGE, offers)
        self.add_field(self.tr("Language"), self.language)
        note = self.hint(self.tr("Another language counts from the next start of the app on."))
        note.setObjectName("warning")
        note.hide()
        self.language.activated.connect(lambda _: note.show())
        self.column.addWidget(note)
        self.tray = self.tick(CLOSE_TO_TRAY, self.tr("Keep running in the tray when the window is closed"), False)
        self.column.addWidget(self.tray)
        self.column.addStretch()
