"""Drawings of weapons, meters and electronics."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from trainer.starter.pictures.pen import (
    BLACK,
    BLUE,
    BROWN,
    CREAM,
    DARK,
    GREEN,
    GREY,
    ORANGE,
    RED,
    RGB,
    SILVER,
    TAN,
    WHITE,
    YELLOW,
    Drawing,
    Pen,
    Style,
)  # fmt: skip


def _burst(pen: Pen, radius: float, fill: RGB, spikes: int) -> None:
    turn = np.arange(2 * spikes) * np.pi / spikes
    reach = (
        radius
        * np.where(np.arange(2 * spikes) % 2, pen.between(0.5, 0.65), 1.0)
        * pen.rng.uniform(0.85, 1.1, 2 * spikes)
    )
    pen.polygon(np.stack([0.5 + reach * np.cos(turn), 0.5 + reach * np.sin(turn)], axis=1), fill)


def _explosion(pen: Pen) -> None:
    spikes = pen.count(9, 14)
    for radius, fill in ((0.46, RED), (0.33, ORANGE), (0.2, YELLOW)):
        _burst(pen, radius, fill, spikes)
    for _ in range(pen.count(0, 6)):
        pen.dot(pen.between(0.05, 0.95), pen.between(0.05, 0.95), 0.018)


def _bomb(pen: Pen) -> None:
    pen.circle(0.42, 0.6, 0.33, BLACK)
    pen.at(0.62, 0.36, 0.2, 45).box(0.2, 0.2, 0.8, 0.7, DARK)
    pen.curve([(0.66, 0.32), (0.72, 0.2), (0.82, 0.2)], width=1.8, colour=TAN)
    _burst(pen.at(0.86, 0.18, 0.28), 0.5, YELLOW, 7)
    pen.arc(0.42, 0.6, 0.22, 190, 250, width=2, colour=WHITE)


def _mushroom_cloud(pen: Pen) -> None:
    pen.blob([(0.4, 0.9), (0.45, 0.6), (0.42, 0.45), (0.58, 0.45), (0.55, 0.6), (0.62, 0.9)], ORANGE)
    pen.blob(
        [
            (0.14, 0.4),
            (0.2, 0.2),
            (0.36, 0.08),
            (0.62, 0.07),
            (0.8, 0.19),
            (0.88, 0.4),
            (0.7, 0.5),
            (0.5, 0.47),
            (0.3, 0.5),
        ],
        RED,
    )
    pen.blob([(0.28, 0.36), (0.4, 0.18), (0.62, 0.18), (0.72, 0.35), (0.5, 0.4)], YELLOW)
    pen.blob([(0.08, 0.95), (0.2, 0.84), (0.36, 0.87), (0.5, 0.82), (0.66, 0.87), (0.82, 0.83), (0.93, 0.95)], GREY)


def _ray_gun(pen: Pen) -> None:
    colour, beam = (RED, BLUE, GREEN, ORANGE)[pen.count(0, 3)], (RED, GREEN, BLUE)[pen.count(0, 2)]
    pen.polygon([(0.2, 0.5), (0.36, 0.5), (0.28, 0.84), (0.12, 0.84)], DARK)
    pen.blob([(0.06, 0.42), (0.14, 0.27), (0.36, 0.26), (0.5, 0.36), (0.48, 0.52), (0.2, 0.56)], colour)
    for x in (0.5, 0.57):
        pen.box(x - 0.012, 0.29, x + 0.018, 0.54, SILVER)
    pen.box(0.46, 0.38, 0.66, 0.46, SILVER)
    pen.circle(0.68, 0.42, 0.045, beam)
    for y in (0.3, 0.42, 0.54)[:: 1 if pen.chance(0.5) else 2] if pen.chance(0.4) else (0.42,):
        pen.stroke([(0.74, 0.42 + (y - 0.42) * 0.3), (0.99, y)], width=2.6, colour=beam)


def _laser_bolts(pen: Pen) -> None:
    if pen.chance(0.6):
        pen.box(0.03, 0.03, 0.97, 0.97, (22, 22, 45))
        for _ in range(14):
            pen.dot(pen.between(0.06, 0.94), pen.between(0.06, 0.94), 0.008, WHITE)
    pen.polygon([(0.5, 0.68), (0.6, 0.92), (0.5, 0.86), (0.4, 0.92)], SILVER)
    beam = (RED, GREEN)[pen.count(0, 1)]
    for side in (-1, 1):
        for i in range(3):
            y, x = 0.62 - 0.2 * i, 0.5 + side * (0.08 + 0.01 * i)
            pen.stroke([(x, y), (x, y - 0.12)], width=2.6, colour=beam)


def _laser_beam(pen: Pen) -> None:
    beam = (RED, GREEN, BLUE)[pen.count(0, 2)]
    pen.stroke([(0.28, 0.72), (0.9, 0.12)], width=2.4, colour=beam)
    _burst(pen.at(0.88, 0.14, 0.3), 0.5, beam, 8)
    emitter = pen.at(0.22, 0.78, 0.5, -44)
    emitter.box(0.0, 0.34, 0.74, 0.66, DARK, corner=0.06)
    emitter.box(0.74, 0.42, 0.88, 0.58, SILVER)
    emitter.box(0.2, 0.4, 0.4, 0.6, YELLOW)


def _trefoil(pen: Pen, x: float, y: float, radius: float, colour: RGB | None) -> None:
    for start in (-30, 90, 210):
        turn = np.deg2rad(np.linspace(start, start + 60, 9))
        rim = np.stack([np.cos(turn), np.sin(turn)], axis=1)
        wedge = np.concatenate([rim * radius, rim[::-1] * radius * 0.32]) + np.array([x, y])
        pen.spot(wedge, colour)
    pen.dot(x, y, radius * 0.2, colour)


def _radiation_sign(pen: Pen) -> None:
    if pen.chance(0.5):
        pen.circle(0.5, 0.5, 0.46, YELLOW)
        _trefoil(pen, 0.5, 0.5, 0.38, BLACK)
    else:
        pen.polygon([(0.5, 0.04), (0.97, 0.88), (0.03, 0.88)], YELLOW)
        _trefoil(pen, 0.5, 0.6, 0.23, BLACK)


def _geiger_counter(pen: Pen) -> None:
    pen.curve([(0.32, 0.3), (0.32, 0.12), (0.52, 0.08), (0.7, 0.12), (0.7, 0.3)], width=2.6)
    pen.curve([(0.8, 0.72), (0.95, 0.74), (0.93, 0.5), (0.92, 0.42)], width=1.6)
    pen.box(0.88, 0.1, 0.97, 0.44, SILVER, corner=0.03)
    pen.box(0.1, 0.28, 0.8, 0.92, (YELLOW, GREY, GREEN)[pen.count(0, 2)], corner=0.04)
    pen.box(0.18, 0.34, 0.72, 0.62, WHITE)
    pen.arc(0.45, 0.66, 0.24, 215, 325, width=1.2)
    pen.rays(0.45, 0.64, 0, 0.25, start=(needle := pen.between(215, 325)), end=needle, count=1, width=1.5, colour=RED)
    _trefoil(pen, 0.3, 0.77, 0.1, BLACK)
    pen.circle(0.6, 0.77, 0.06, DARK)


def _snow(pen: Pen, left: float, top: float, right: float, bottom: float) -> None:
    """A screen full of random dots."""
    pen.box(left, top, right, bottom, GREY)
    rows = pen.count(11, 17)
    dx, dy = (right - left) / rows, (bottom - top) / rows
    for row, column in np.argwhere(pen.rng.random((rows, rows)) < 0.5).tolist():
        x, y = left + column * dx, top + row * dy
        shade = BLACK if pen.look.style is Style.LINE or pen.chance(0.5) else WHITE
        pen.spot([(x, y), (x + dx, y), (x + dx, y + dy), (x, y + dy)], shade)


def _television(pen: Pen) -> None:
    pen.stroke([(0.5, 0.24), (0.32, 0.04)], width=1.8)
    pen.stroke([(0.5, 0.24), (0.68, 0.04)], width=1.8)
    pen.box(0.05, 0.22, 0.95, 0.88, (BROWN, DARK, GREY, RED)[pen.count(0, 3)], corner=0.06)
    _snow(pen, 0.12, 0.3, 0.72, 0.8)
    for y in (0.4, 0.55):
        pen.circle(0.83, y, 0.05, SILVER)
    for x in (0.22, 0.78):
        pen.stroke([(x, 0.88), (x, 0.96)], width=2.4)


def _snow_screen(pen: Pen) -> None:
    _snow(pen, 0.04, 0.04, 0.96, 0.96)


def _radio(pen: Pen) -> None:
    pen.stroke([(0.2, 0.34), (0.5, 0.04)], width=1.6)
    pen.box(0.05, 0.32, 0.95, 0.9, (RED, BROWN, BLUE, CREAM)[pen.count(0, 3)], corner=0.06)
    pen.circle(0.3, 0.62, 0.19, DARK)
    for radius in (0.13, 0.07):
        pen.circle(0.3, 0.62, radius, GREY)
    pen.box(0.55, 0.42, 0.88, 0.56, WHITE)
    needle = pen.between(0.6, 0.84)
    pen.stroke([(needle, 0.42), (needle, 0.56)], width=1.6, colour=RED)
    for x in (0.62, 0.8):
        pen.circle(x, 0.72, 0.06, SILVER)
    zigzag = [(0.6 + 0.05 * i, 0.16 + 0.06 * (-1) ** i + pen.between(-0.03, 0.03)) for i in range(8)]
    pen.stroke(zigzag, width=1.5)


def _sine(pen: Pen, cycles: int, height: float, colour: RGB | None) -> None:
    x = np.linspace(0.1, 0.9, 61)
    y = 0.47 + height * np.sin(2 * np.pi * cycles * (x - 0.1) / 0.8)
    pen.stroke(np.stack([x, y], axis=1), width=2.2, colour=colour)


def _oscilloscope(pen: Pen) -> None:
    pen.box(0.04, 0.14, 0.96, 0.8, DARK, corner=0.06)
    pen.box(0.09, 0.2, 0.91, 0.74, (25, 70, 50))
    pen.stroke([(0.09, 0.47), (0.91, 0.47)], width=0.4, colour=GREY)
    _sine(pen, pen.count(3, 6), pen.between(0.12, 0.2), (GREEN, YELLOW)[pen.count(0, 1)])


def _pulses(pen: Pen) -> None:
    """Two or three bursts of a tone, as an editor shows them."""
    bursts = pen.count(2, 3)
    for i in range(bursts):
        left = 0.06 + 0.9 * i / bursts
        x = np.linspace(left, left + 0.52 / bursts, 41)
        y = 0.5 + 0.26 * np.sin(np.linspace(0, 2 * np.pi * 5, 41))
        pen.stroke(np.stack([x, y], axis=1), width=1.5, colour=BLUE)
    pen.stroke([(0.03, 0.5), (0.97, 0.5)], width=0.8)


def _button(pen: Pen) -> None:
    colour = (RED, GREEN, BLUE)[pen.count(0, 2)]
    pen.box(0.2, 0.5, 0.8, 0.86, GREY, corner=0.05)
    pen.ellipse(0.5, 0.5, 0.24, 0.1, DARK)
    pen.box(0.32, 0.36, 0.68, 0.5, colour)
    pen.ellipse(0.5, 0.36, 0.18, 0.07, colour)
    for radius in (0.14, 0.22):
        pen.arc(0.5, 0.28, radius, 225, 315, width=1.8)


DRAWINGS: Mapping[str, tuple[Drawing, ...]] = MappingProxyType({
    "beep": (_oscilloscope, _pulses, _button),
    "explosion": (_explosion, _bomb, _mushroom_cloud),
    "geiger_counter": (_radiation_sign, _geiger_counter),
    "laser": (_ray_gun, _laser_bolts, _laser_beam),
    "static": (_television, _snow_screen, _radio),
})  # fmt: skip
