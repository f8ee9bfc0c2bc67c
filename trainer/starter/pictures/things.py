"""Drawings of things around the house."""

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
    GOLD,
    GREEN,
    GREY,
    ORANGE,
    RED,
    SILVER,
    SKY,
    TAN,
    WHITE,
    YELLOW,
    Drawing,
    Pen,
    polar,
)  # fmt: skip


def _clock_face(pen: Pen, x: float, y: float, radius: float) -> None:
    pen.circle(x, y, radius, WHITE)
    pen.rays(x, y, radius * 0.8, radius * 0.92, count=12 if pen.chance(0.7) else 4, width=0.9)
    for length, width in ((0.5, 2.2), (0.75, 1.4)):
        tip = polar(pen.between(0, 360), radius * length, x, y)
        pen.stroke([(x, y), tip], width=width)
    pen.dot(x, y, radius * 0.07)


def _wall_clock(pen: Pen) -> None:
    rim = (BROWN, RED, BLUE, DARK)[pen.count(0, 3)]
    pen.circle(0.5, 0.5, 0.44, rim)
    _clock_face(pen, 0.5, 0.5, pen.between(0.34, 0.4))


def _pendulum_clock(pen: Pen) -> None:
    pen.polygon([(0.5, 0.02), (0.76, 0.14), (0.24, 0.14)], BROWN)
    pen.box(0.26, 0.14, 0.74, 0.94, BROWN)
    pen.box(0.2, 0.9, 0.8, 0.98, BROWN)
    pen.box(0.34, 0.48, 0.66, 0.88, CREAM)
    _clock_face(pen, 0.5, 0.3, 0.16)
    angle = 90 + pen.between(-22, 22)
    x, y = polar(angle, 0.27, 0.5, 0.5)
    pen.stroke([(0.5, 0.48), (x, y)], width=1.4)
    pen.circle(x, y, 0.05, GOLD)


def _wristwatch(pen: Pen) -> None:
    strap = (BROWN, DARK, BLUE)[pen.count(0, 2)]
    pen.polygon([(0.38, 0.02), (0.62, 0.02), (0.66, 0.28), (0.34, 0.28)], strap)
    pen.polygon([(0.34, 0.72), (0.66, 0.72), (0.62, 0.98), (0.38, 0.98)], strap)
    pen.box(0.77, 0.46, 0.84, 0.54, GREY)
    pen.circle(0.5, 0.5, 0.29, GOLD)
    _clock_face(pen, 0.5, 0.5, 0.24)


def _alarm_clock(pen: Pen) -> None:
    body = (RED, BLUE, GREEN, DARK)[pen.count(0, 3)]
    for side in (-1, 1):
        pen.stroke([(0.5 + side * 0.2, 0.8), (0.5 + side * 0.3, 0.95)], width=3)
        bell = pen.at(0.5 + side * 0.24, 0.2, 0.34, side * 38)
        bell.polygon([(0.1, 0.6), (0.16, 0.36), (0.34, 0.2), (0.66, 0.2), (0.84, 0.36), (0.9, 0.6)], body)
        pen.arc(0.5, 0.5, 0.49, 0 - 35 if side > 0 else 180, 0 if side > 0 else 215, width=1.2)
    pen.stroke([(0.5, 0.16), (0.5, 0.07)], width=2)
    pen.box(0.44, 0.03, 0.56, 0.08, GREY)
    pen.circle(0.5, 0.56, 0.34, body)
    _clock_face(pen, 0.5, 0.56, 0.27)


_SEGMENTS = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcdfg")
_SEGMENT_LINES = {"a": ((0, 0), (1, 0)), "b": ((1, 0), (1, 1)), "c": ((1, 1), (1, 2)), "d": ((0, 2), (1, 2)),
                  "e": ((0, 1), (0, 2)), "f": ((0, 0), (0, 1)), "g": ((0, 1), (1, 1))}  # fmt: skip


def _digital_alarm(pen: Pen) -> None:
    pen.box(0.04, 0.3, 0.96, 0.8, (DARK, WHITE, RED)[pen.count(0, 2)], corner=0.07)
    pen.box(0.12, 0.38, 0.88, 0.7, BLACK)
    glow = (RED, GREEN, YELLOW)[pen.count(0, 2)]
    for x, digit in ((0.2, 0), (0.34, pen.count(5, 9)), (0.55, pen.count(0, 5)), (0.69, pen.count(0, 9))):
        for name in _SEGMENTS[digit]:
            (x0, y0), (x1, y1) = _SEGMENT_LINES[name]
            pen.stroke([(x + 0.09 * x0, 0.43 + 0.11 * y0), (x + 0.09 * x1, 0.43 + 0.11 * y1)], width=1.6, colour=glow)
    for y in (0.49, 0.59):
        pen.dot(0.49, y, 0.014, glow)
    pen.box(0.34, 0.22, 0.66, 0.3, GREY, corner=0.03)
    for side in (-1, 1):
        for radius in (0.22, 0.3):
            pen.arc(0.5, 0.26, radius, 270 + side * 35 - 20, 270 + side * 35 + 20, width=1.3)


def _bell(pen: Pen) -> None:
    metal = (GOLD, YELLOW, ORANGE, GREY)[pen.count(0, 3)]
    pen.circle(0.5, 0.13, 0.06, metal)
    pen.circle(0.5 + pen.between(-0.08, 0.08), 0.84, 0.08, DARK)
    pen.blob([(0.42, 0.18), (0.58, 0.18), (0.7, 0.32), (0.74, 0.58), (0.88, 0.78), (0.5, 0.81), (0.12, 0.78),
              (0.26, 0.58), (0.3, 0.32)], metal)  # fmt: skip
    pen.curve([(0.2, 0.68), (0.5, 0.72), (0.8, 0.68)])
    if pen.chance(0.5):
        pen.arc(0.5, 0.45, 0.45, -35, 5, width=1.4)
        pen.arc(0.5, 0.45, 0.45, 175, 215, width=1.4)


def _bell_tower(pen: Pen) -> None:
    pen.polygon([(0.5, 0.12), (0.8, 0.36), (0.2, 0.36)], RED)
    pen.stroke([(0.5, 0.12), (0.5, 0.02)], width=1.5)
    pen.stroke([(0.45, 0.05), (0.55, 0.05)], width=1.5)
    pen.box(0.25, 0.36, 0.75, 0.97, TAN)
    pen.polygon([(0.33, 0.8), (0.33, 0.52), (0.4, 0.43), (0.5, 0.4), (0.6, 0.43), (0.67, 0.52), (0.67, 0.8)], DARK)
    _bell(pen.at(0.5, 0.6, 0.34, pen.between(-25, 25)))


def _desk_bell(pen: Pen) -> None:
    pen.box(0.46, 0.22, 0.54, 0.34, GREY)
    pen.circle(0.5, 0.2, 0.05, RED)
    turn = np.deg2rad(np.linspace(180, 360, 17))
    pen.polygon(
        np.stack([0.5 + 0.36 * np.cos(turn), 0.72 + 0.4 * np.sin(turn)], axis=1), (GOLD, SILVER)[pen.count(0, 1)]
    )
    pen.box(0.1, 0.72, 0.9, 0.82, DARK, corner=0.04)
    pen.rays(0.5, 0.6, 0.46, 0.56, start=215, end=325, count=5, width=1.4)


def _coin(pen: Pen, x: float, y: float, radius: float) -> None:
    pen.circle(x, y, radius, GOLD)
    pen.circle(x, y, radius * 0.78, YELLOW)
    if pen.chance(0.6):  # a dollar sign
        r = radius * 0.4
        pen.curve([(x + r, y - r * 0.7), (x, y - r), (x - r, y - r * 0.5), (x, y), (x + r, y + r * 0.5), (x, y + r),
                   (x - r, y + r * 0.7)], width=1.6)  # fmt: skip
        pen.stroke([(x, y - r * 1.35), (x, y + r * 1.35)], width=1.4)
    else:
        pen.stroke([(x - radius * 0.2, y - radius * 0.25), (x, y - radius * 0.42), (x, y + radius * 0.42)], width=2.4)


def _one_coin(pen: Pen) -> None:
    _coin(pen, 0.5, 0.5, pen.between(0.36, 0.44))


def _coin_stacks(pen: Pen) -> None:
    for x in (0.22, 0.5, 0.78):
        for level in range(pen.count(2, 7)):
            y = 0.86 - 0.09 * level
            pen.box(x - 0.13, y - 0.02, x + 0.13, y + 0.045, GOLD)
            pen.ellipse(x, y - 0.02, 0.13, 0.045, YELLOW)


def _cracked_window(pen: Pen) -> None:
    pen.box(0.05, 0.05, 0.95, 0.95, (BROWN, WHITE, DARK)[pen.count(0, 2)])
    pen.box(0.12, 0.12, 0.88, 0.88, SKY)
    if pen.chance(0.6):
        pen.stroke([(0.5, 0.12), (0.5, 0.88)], width=2.5)
        pen.stroke([(0.12, 0.5), (0.88, 0.5)], width=2.5)
    x, y, count = pen.between(0.35, 0.65), pen.between(0.35, 0.65), pen.count(7, 11)
    hole = []
    for i in range(count):
        angle = 360 * i / count + pen.between(-12, 12)
        near, far = polar(angle, pen.between(0.06, 0.14), x, y), polar(angle + 8, pen.between(0.22, 0.34), x, y)
        pen.stroke([near, polar(angle - 9, 0.17, x, y), far], width=1.1)
        hole += [near, polar(angle + 180 / count, 0.05, x, y)]
    pen.polygon(hole, BLACK)


def _shards(pen: Pen) -> None:
    for _ in range(pen.count(7, 13)):
        x, y, size = pen.between(0.15, 0.85), pen.between(0.15, 0.85), pen.between(0.07, 0.2)
        angles = sorted(pen.between(0, 360) for _ in range(pen.count(3, 4)))
        pen.polygon([polar(angle, size, x, y) for angle in angles], (SKY, WHITE, (185, 225, 215))[pen.count(0, 2)])


def _broken_glass(pen: Pen) -> None:
    jag = [(0.3 + 0.08 * i, 0.32 + pen.between(-0.09, 0.09)) for i in range(6)]
    pen.polygon([*jag, (0.66, 0.5), (0.5, 0.58), (0.34, 0.5)], SKY)
    pen.stroke([(0.5, 0.58), (0.5, 0.86)], width=2.4)
    pen.box(0.32, 0.85, 0.68, 0.91, SKY, corner=0.02)
    for _ in range(pen.count(4, 7)):
        x, y, size = pen.between(0.12, 0.88), pen.between(0.05, 0.25), pen.between(0.04, 0.08)
        pen.polygon([polar(pen.between(0, 120) + turn, size, x, y) for turn in (0, 120, 240)], SKY)
    for x in (0.42, 0.56):
        pen.stroke([(x, 0.36), (x + pen.between(-0.05, 0.05), 0.44), (x + 0.01, 0.5)])


def _handset(pen: Pen) -> None:
    colour = (RED, BLACK, GREEN, BLUE)[pen.count(0, 3)]
    phone = pen.at(0.45, 0.55, 0.85, pen.between(-60, -30))
    phone.blob([(0.04, 0.34), (0.3, 0.34), (0.3, 0.5), (0.5, 0.46), (0.7, 0.5), (0.7, 0.34), (0.96, 0.34), (0.98, 0.56),
                (0.76, 0.66), (0.5, 0.66), (0.24, 0.66), (0.02, 0.56)], colour)  # fmt: skip
    for radius in (0.14, 0.22, 0.3):
        pen.arc(0.62, 0.4, radius, -75, -5, width=1.8)


def _rotary_phone(pen: Pen) -> None:
    colour = (RED, DARK, GREEN, CREAM)[pen.count(0, 3)]
    pen.polygon([(0.32, 0.36), (0.68, 0.36), (0.9, 0.86), (0.1, 0.86)], colour)
    pen.blob([(0.04, 0.36), (0.06, 0.2), (0.3, 0.14), (0.7, 0.14), (0.94, 0.2), (0.96, 0.36), (0.78, 0.38),
              (0.72, 0.27), (0.28, 0.27), (0.22, 0.38)], colour)  # fmt: skip
    pen.circle(0.5, 0.62, 0.18, WHITE)
    for angle in range(120, 420, 30):
        pen.dot(*polar(angle, 0.13, 0.5, 0.62), 0.024)
    pen.circle(0.5, 0.62, 0.06, colour)


def _smartphone(pen: Pen) -> None:
    pen.box(0.3, 0.06, 0.7, 0.94, BLACK, corner=0.05)
    pen.box(0.34, 0.14, 0.66, 0.84, SKY)
    pen.circle(0.42, 0.72, 0.055, GREEN)
    pen.circle(0.58, 0.72, 0.055, RED)
    pen.circle(0.5, 0.32, 0.08, WHITE)
    for side in (0, 180):
        for radius in (0.3, 0.4):
            pen.arc(0.5, 0.5, radius, side - 28, side + 28, width=1.8)


def _keyboard(pen: Pen) -> None:
    body, cap = ((GREY, WHITE), (DARK, GREY), (WHITE, SILVER))[pen.count(0, 2)]
    pen.box(0.02, 0.28, 0.98, 0.76, body, corner=0.04)
    columns = pen.count(8, 11)
    step = 0.9 / columns
    for row, y in enumerate((0.33, 0.44, 0.55)):
        for column in range(columns - row % 2):
            x = 0.05 + step * (column + 0.5 * (row % 2))
            pen.box(x + 0.008, y, x + step - 0.008, y + 0.085, cap)
    pen.box(0.25, 0.65, 0.72, 0.725, cap)


def _typewriter(pen: Pen) -> None:
    pen.box(0.26, 0.04, 0.74, 0.36, WHITE)
    for y in (0.1, 0.16, 0.22):
        pen.stroke([(0.32, y), (pen.between(0.5, 0.68), y)], width=0.8)
    pen.box(0.08, 0.32, 0.92, 0.44, DARK, corner=0.04)
    pen.polygon([(0.16, 0.44), (0.84, 0.44), (0.97, 0.93), (0.03, 0.93)], (DARK, RED, GREEN, BLUE)[pen.count(0, 3)])
    for row, y in enumerate((0.58, 0.69, 0.8)):
        for column in range(7 - row % 2):
            pen.circle(0.2 + 0.1 * column + 0.05 * (row % 2), y, 0.035, WHITE)


DRAWINGS: Mapping[str, tuple[Drawing, ...]] = MappingProxyType({
    "alarm_clock": (_alarm_clock, _digital_alarm),
    "bell": (_bell, _bell_tower, _desk_bell),
    "clock_tick": (_wall_clock, _pendulum_clock, _wristwatch),
    "coin": (_one_coin, _coin_stacks),
    "glass_breaking": (_cracked_window, _shards, _broken_glass),
    "phone_ring": (_handset, _rotary_phone, _smartphone),
    "typing": (_keyboard, _typewriter),
})  # fmt: skip
