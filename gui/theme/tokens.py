"""Colours and sizes by what they are for. Pairs of text and ground have a contrast of at least 4.5 (WCAG AA)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

PROPERTY = "audioclip_theme"
"""The application's property that says which tokens are in use."""

GRID = 4
"""Pixels; all distances are multiples of it."""

RADIUS = 8
"""Of corners, pixels."""


class Mode(StrEnum):
    """Which look is wanted."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Tokens:
    """Colours as `#rrggbb`.

    Attributes:
        name: "light" or "dark".
        ground: Behind everything.
        panel: Of side panels and bars.
        raised: Of cards, fields, menus.
        hover: Under the pointer.
        pressed: Of what is pressed.
        line: Between things.
        strong_line: Around fields; 3:1 to its grounds.
        text: What is read.
        muted: What is read second.
        faint: Decoration only, never text.
        accent: What matters, as a ground.
        on_accent: Text on it.
        accent_text: What matters, as text.
        selection: Ground of selected rows.
        wave: Waveforms.
        wave_played: Their part that was played, or matches.
        moment: Ground of the matching stretch in a waveform.
        good: As text.
        warning: As text.
        bad: As text.
        bad_ground: Behind messages of trouble.
        warning_ground: Behind warnings.
        good_ground: Behind good news.
        audio: Of sounds.
        image: Of pictures.
        document: Of texts.
    """

    name: str
    ground: str
    panel: str
    raised: str
    hover: str
    pressed: str
    line: str
    strong_line: str
    text: str
    muted: str
    faint: str
    accent: str
    on_accent: str
    accent_text: str
    selection: str
    wave: str
    wave_played: str
    moment: str
    good: str
    warning: str
    bad: str
    bad_ground: str
    warning_ground: str
    good_ground: str
    audio: str
    image: str
    document: str

    def colour(self, name: str) -> QColor:
        """A token by its name as Qt has it."""
        return QColor(getattr(self, name))


DARK = Tokens(
    name="dark",
    ground="#121417",
    panel="#181b1f",
    raised="#22262b",
    hover="#2a2f36",
    pressed="#333a42",
    line="#2a2f35",
    strong_line="#6f7a87",
    text="#eceff3",
    muted="#a3adb8",
    faint="#4b535d",
    accent="#1f9d86",
    on_accent="#04110e",
    accent_text="#4fd1b7",
    selection="#1d3b38",
    wave="#7d8895",
    wave_played="#4fd1b7",
    moment="#17403a",
    good="#5fd38d",
    warning="#f0b452",
    bad="#ff8e86",
    bad_ground="#3a1f1f",
    warning_ground="#37290f",
    good_ground="#16331f",
    audio="#4fd1b7",
    image="#b79cff",
    document="#f0b452",
)

LIGHT = Tokens(
    name="light",
    ground="#ffffff",
    panel="#f5f6f8",
    raised="#ffffff",
    hover="#eceff2",
    pressed="#dfe4e9",
    line="#e1e5ea",
    strong_line="#858f9a",
    text="#14181d",
    muted="#57616c",
    faint="#c3cad2",
    accent="#0b7a67",
    on_accent="#ffffff",
    accent_text="#0a6b5b",
    selection="#d9efea",
    wave="#7f8a96",
    wave_played="#0b7a67",
    moment="#cdebe4",
    good="#17713f",
    warning="#8a5700",
    bad="#b3261e",
    bad_ground="#fdecea",
    warning_ground="#fdf3dc",
    good_ground="#e3f5ea",
    audio="#0a6b5b",
    image="#6a3fd0",
    document="#8a5700",
)


def tokens() -> Tokens:
    """Those in use; the dark ones before there is an application."""
    app = QApplication.instance()
    return LIGHT if app is not None and app.property(PROPERTY) == LIGHT.name else DARK
