"""How sounds are played."""

from __future__ import annotations

from collections.abc import Sequence

from gui.settings import Settings
from gui.windows.preference_pages.page import Page

DEVICE, AUTOPLAY = "listening/device", "listening/autoplay"
FROM_MATCH, HOVER = "listening/from_match", "listening/hover"


class ListeningPage(Page):
    """The output device, and what plays by itself.

    Args:
        settings: What is set.
        devices: Names of the output devices there are.
    """

    def __init__(self, settings: Settings, devices: Sequence[str] = ()) -> None:
        super().__init__(self.tr("Listening"), settings)
        self.device = self.choice(DEVICE, [])
        self.add_field(self.tr("Play on"), self.device)
        self.set_devices(devices)
        self.autoplay = self.tick(AUTOPLAY, self.tr("Play a sound as soon as it is selected"), True)
        self.from_match = self.tick(FROM_MATCH, self.tr("Start where a result matches best"), True)
        self.hover = self.tick(HOVER, self.tr("Play sounds of the map under the pointer"), True)
        self.column.addWidget(self.autoplay)
        self.column.addWidget(self.from_match)
        self.column.addWidget(self.hover)
        self.column.addStretch()

    def set_devices(self, devices: Sequence[str]) -> None:
        """Say which output devices there are; one that is chosen but absent stays chosen."""
        chosen = self.settings.text(DEVICE)
        self.device.clear()
        self.device.addItem(self.tr("The system's choice"), "")
        for name in dict.fromkeys([*devices, *([chosen] if chosen else [])]):
            label = name if name in devices else self.tr("{device} (not connected)").format(device=name)
            self.device.addItem(label, name)
        self.device.setCurrentIndex(max(0, self.device.findData(chosen)))
