"""Drawings of people: bodies, hands, feet and what they do."""

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
    PINK,
    RED,
    RGB,
    SKIN,
    SKY,
    TAN,
    WHITE,
    YELLOW,
    Drawing,
    Pen,
    polar,
)  # fmt: skip


def _hand(pen: Pen, skin: RGB) -> None:
    """An open hand, fingers up."""
    for x, top in ((0.32, 0.16), (0.44, 0.08), (0.56, 0.1), (0.68, 0.2)):
        pen.box(x - 0.055, top, x + 0.055, 0.6, skin, corner=0.05)
    pen.blob([(0.74, 0.62), (0.92, 0.42), (0.98, 0.48), (0.84, 0.76), (0.68, 0.84)], skin)
    pen.box(0.25, 0.46, 0.76, 0.86, skin, corner=0.1)
    pen.box(0.3, 0.84, 0.7, 1.0, (BLUE, RED, GREEN)[pen.count(0, 2)])


def _clapping(pen: Pen) -> None:
    skin = (SKIN, TAN, BROWN, YELLOW)[pen.count(0, 3)]
    _hand(pen.at(0.62, 0.58, 0.7, pen.between(10, 25)), skin)
    _hand(pen.at(0.4, 0.58, 0.7, pen.between(-30, -15)), skin)
    pen.rays(0.5, 0.45, 0.4, 0.52, start=235, end=305, count=pen.count(3, 6), width=1.8, colour=ORANGE)


def _crowd(pen: Pen) -> None:
    for row, y in enumerate((0.36, 0.56, 0.76)):
        for column in range(4):
            x = 0.14 + 0.24 * column + 0.1 * (row % 2)
            shirt = (RED, BLUE, GREEN, ORANGE, DARK)[pen.count(0, 4)]
            for side in (-1, 1):
                pen.stroke(
                    [(x + side * 0.07, y + 0.14), (x + side * 0.1, y), (x + side * 0.03, y - 0.12)],
                    width=2,
                    colour=SKIN,
                )
            pen.box(x - 0.09, y + 0.09, x + 0.09, y + 0.26, shirt, corner=0.05)
            pen.circle(x, y + 0.03, 0.065, (SKIN, TAN, BROWN)[pen.count(0, 2)])


def _crying_face(pen: Pen) -> None:
    pen.circle(0.5, 0.52, 0.4, (SKIN, TAN, YELLOW, PINK)[pen.count(0, 3)])
    pen.curve([(0.44, 0.14), (0.5, 0.06), (0.58, 0.1), (0.54, 0.18), (0.48, 0.15)], width=1.6, colour=BROWN)
    for side in (-1, 1):
        x = 0.5 + side * 0.17
        pen.circle(0.5 + side * 0.41, 0.54, 0.06, SKIN)
        pen.curve([(x - 0.08, 0.44), (x, 0.49), (x + 0.08, 0.44)], width=1.6)
        pen.stroke([(x - 0.08 * side, 0.34), (x + 0.06 * side, 0.38)], width=1.3)
        pen.blob([(x, 0.5), (x + 0.035, 0.62), (x + side * 0.03, 0.78), (x - 0.035, 0.62)], BLUE)
    mouth = pen.between(0.09, 0.14)
    pen.ellipse(0.5, 0.71, 0.13, mouth, (120, 30, 40))
    pen.ellipse(0.5, 0.71 + mouth * 0.55, 0.07, mouth * 0.35, RED)


def _baby_bottle(pen: Pen) -> None:
    pen.blob([(0.5, 0.03), (0.55, 0.08), (0.56, 0.16), (0.63, 0.24), (0.37, 0.24), (0.44, 0.16), (0.45, 0.08)], TAN)
    pen.box(0.32, 0.22, 0.68, 0.32, (BLUE, PINK, GREEN)[pen.count(0, 2)], corner=0.02)
    pen.box(0.33, 0.32, 0.67, 0.95, WHITE, corner=0.08)
    pen.box(0.36, pen.between(0.42, 0.6), 0.64, 0.92, CREAM, corner=0.05)
    for y in (0.45, 0.55, 0.65, 0.75):
        pen.stroke([(0.5, y), (0.63, y)])


def _pram(pen: Pen) -> None:
    colour = (BLUE, PINK, RED, GREEN)[pen.count(0, 3)]
    turn = np.deg2rad(np.linspace(0, 180, 15))
    bowl = np.stack([0.46 + 0.34 * np.cos(turn), 0.45 + 0.27 * np.sin(turn)], axis=1)
    pen.stroke([(0.8, 0.45), (0.96, 0.28)], width=2.2)
    turn = np.deg2rad(np.linspace(180, 275, 12))
    pen.polygon(
        [(0.46, 0.45), *(np.stack([0.46 + 0.34 * np.cos(turn), 0.45 + 0.36 * np.sin(turn)], axis=1)).tolist()], colour
    )
    pen.polygon(bowl, colour)
    for x in (0.28, 0.64):
        pen.circle(x, 0.82, 0.1, GREY)
        pen.dot(x, 0.82, 0.03)


def _sneezing_face(pen: Pen) -> None:
    skin = (SKIN, TAN, YELLOW)[pen.count(0, 2)]
    pen.blob([(0.08, 0.5), (0.12, 0.24), (0.3, 0.1), (0.5, 0.16), (0.58, 0.34), (0.7, 0.48), (0.59, 0.53), (0.6, 0.62),
              (0.54, 0.66), (0.58, 0.74), (0.44, 0.84), (0.4, 0.95), (0.14, 0.95), (0.16, 0.7)], skin)  # fmt: skip
    pen.blob(
        [(0.06, 0.5), (0.08, 0.2), (0.3, 0.05), (0.54, 0.12), (0.54, 0.2), (0.3, 0.24), (0.22, 0.5), (0.12, 0.6)], BROWN
    )
    pen.stroke([(0.4, 0.35), (0.5, 0.39), (0.41, 0.43)], width=1.6)
    for _ in range(pen.count(10, 20)):
        reach = pen.between(0.14, 0.42)
        x, y = polar(pen.between(-18, 28), reach, 0.58, 0.6)
        pen.dot(x, y, pen.between(0.008, 0.024), BLUE)
    pen.rays(0.56, 0.62, 0.16, pen.between(0.3, 0.42), start=-15, end=28, count=4, width=1.2, colour=BLUE)


def _nose_and_tissue(pen: Pen) -> None:
    pen.circle(0.5, 0.44, 0.4, (YELLOW, SKIN, TAN)[pen.count(0, 2)])
    for side in (-1, 1):
        x = 0.5 + side * 0.17
        pen.stroke([(x - side * 0.08, 0.3), (x + side * 0.03, 0.36), (x - side * 0.08, 0.42)], width=1.8)
        pen.blob([(0.5 + side * 0.38, 0.86), (0.5 + side * 0.2, 0.72), (0.5 + side * 0.25, 0.95)], SKIN)
    pen.polygon(
        [(0.5, 0.5), (0.64, 0.54), (0.76, 0.7), (0.68, 0.94), (0.5, 0.88), (0.32, 0.94), (0.24, 0.7), (0.36, 0.54)],
        WHITE,
    )
    for x in (0.4, 0.5, 0.6):
        pen.curve([(0.5, 0.56), ((x + 0.5) / 2, 0.68), (x, 0.84)], width=0.8)


def _tissue_box(pen: Pen) -> None:
    pen.blob([(0.36, 0.5), (0.3, 0.22), (0.42, 0.26), (0.5, 0.08), (0.58, 0.24), (0.72, 0.2), (0.64, 0.5)], WHITE)
    pen.polygon([(0.2, 0.44), (0.8, 0.44), (0.95, 0.56), (0.05, 0.56)], SKY)
    pen.ellipse(0.5, 0.5, 0.18, 0.035, DARK)
    pen.box(0.05, 0.56, 0.95, 0.92, (BLUE, PINK, GREEN)[pen.count(0, 2)])
    pen.blob([(0.42, 0.5), (0.38, 0.3), (0.5, 0.2), (0.62, 0.3), (0.58, 0.5)], WHITE)


def _door(pen: Pen) -> None:
    pen.box(0.2, 0.02, 0.8, 0.98, TAN)
    pen.box(0.26, 0.07, 0.74, 0.98, (BROWN, RED, BLUE, GREEN)[pen.count(0, 3)])
    for top, bottom in ((0.14, 0.46), (0.6, 0.9)):
        for left, right in ((0.32, 0.47), (0.53, 0.68)):
            pen.box(left, top, right, bottom, BROWN)
    pen.circle(0.69, 0.53, 0.028, GOLD)
    if pen.chance(0.5):
        pen.rays(0.14, 0.4, 0.04, 0.12, count=7, width=1.5, colour=ORANGE)


def _knocking_fist(pen: Pen) -> None:
    pen.box(0.66, 0.02, 0.97, 0.98, BROWN)
    pen.circle(0.75, 0.62, 0.03, GOLD)
    skin = (SKIN, TAN, BROWN)[pen.count(0, 2)]
    pen.box(0.02, 0.44, 0.3, 0.64, (BLUE, RED, DARK)[pen.count(0, 2)])
    pen.box(0.26, 0.36, 0.54, 0.7, skin, corner=0.08)
    for y in (0.37, 0.46, 0.55, 0.64):
        pen.circle(0.54, y + 0.01, 0.045, skin)
    pen.box(0.3, 0.42, 0.48, 0.52, skin, corner=0.05)
    for y in (0.22, 0.3, 0.78, 0.86):
        pen.stroke([(0.6, y), (0.5, y + (0.5 - y) * -0.18)], width=1.8, colour=ORANGE)


def _footprints(pen: Pen) -> None:
    colour, steps = (DARK, BROWN, BLUE)[pen.count(0, 2)], pen.count(2, 4)
    shod = pen.chance(0.6)
    for i in range(steps):
        side = -1 if i % 2 else 1
        foot = pen.at(0.5 + side * 0.17, 0.82 - 0.62 * i / (steps - 1), 0.42 if steps < 4 else 0.34, side * 8)
        foot.blob([(0.5, 0.06), (0.68, 0.16), (0.7, 0.38), (0.6, 0.6), (0.4, 0.6), (0.3, 0.38), (0.32, 0.16)], colour)
        foot.ellipse(0.5, 0.82, 0.14, 0.15, colour)
        if not shod:
            for j in range(5):
                foot.dot(0.3 + 0.1 * j, 0.05 - 0.03 * (j if side < 0 else 4 - j), 0.055, colour)


def _shoe(pen: Pen) -> None:
    colour = (BROWN, BLACK, RED, BLUE)[pen.count(0, 3)]
    pen.blob([(0.08, 0.4), (0.3, 0.34), (0.36, 0.46), (0.54, 0.56), (0.86, 0.62), (0.96, 0.74), (0.5, 0.8),
              (0.08, 0.78), (0.1, 0.6)], colour)  # fmt: skip
    pen.box(0.06, 0.76, 0.97, 0.83, DARK, corner=0.02)
    pen.box(0.06, 0.8, 0.28, 0.9, DARK)
    for i in range(4):
        pen.stroke([(0.36 + 0.07 * i, 0.5 + 0.03 * i), (0.44 + 0.06 * i, 0.44 + 0.035 * i)], width=1.3, colour=WHITE)


def _walker(pen: Pen) -> None:
    stride, swing = pen.between(0.14, 0.22), pen.between(0.1, 0.17)
    pen.circle(0.52, 0.14, 0.08, SKIN)
    for x, colour in ((-stride, BLUE), (stride, DARK)):
        pen.stroke(
            [(0.5, 0.56), (0.5 + x * 0.5 + 0.03, 0.74), (0.5 + x, 0.92), (0.58 + x, 0.92)], width=3, colour=colour
        )
    for x in (-swing, swing):
        pen.stroke([(0.51, 0.28), (0.5 + x * 0.8, 0.42), (0.54 + x * 1.4, 0.52)], width=2.2, colour=SKIN)
    pen.box(0.43, 0.24, 0.59, 0.58, (RED, GREEN, ORANGE)[pen.count(0, 2)], corner=0.06)


def _heart(pen: Pen) -> None:
    turn = np.linspace(0, 2 * np.pi, 41)
    x = 16 * np.sin(turn) ** 3
    y = 13 * np.cos(turn) - 5 * np.cos(2 * turn) - 2 * np.cos(3 * turn) - np.cos(4 * turn)
    pen.polygon(np.stack([0.5 + x / 38, 0.48 - y / 38], axis=1), (RED, PINK, (180, 40, 80))[pen.count(0, 2)])


def _pulse(pen: Pen, y: float, colour: RGB | None) -> None:
    high = pen.between(0.2, 0.3)
    pen.stroke([(0.02, y), (0.3, y), (0.36, y - 0.06), (0.41, y), (0.45, y + 0.06), (0.51, y - high), (0.57, y + 0.2),
                (0.62, y), (0.7, y - 0.05), (0.76, y), (0.98, y)], width=1.9, colour=colour)  # fmt: skip


def _heart_with_pulse(pen: Pen) -> None:
    _heart(pen)
    if pen.chance(0.7):
        _pulse(pen, 0.48, WHITE)


def _monitor(pen: Pen) -> None:
    pen.box(0.03, 0.12, 0.97, 0.8, (GREY, WHITE, DARK)[pen.count(0, 2)], corner=0.05)
    pen.box(0.08, 0.18, 0.92, 0.72, BLACK)
    for x in (0.22, 0.36, 0.5, 0.64, 0.78):
        pen.stroke([(x, 0.18), (x, 0.72)], width=0.4, colour=DARK)
    trace = pen.at(0.5, 0.46, 0.8)
    _pulse(trace, 0.5, (GREEN, RED)[pen.count(0, 1)])
    pen.box(0.3, 0.8, 0.7, 0.88, DARK)


DRAWINGS: Mapping[str, tuple[Drawing, ...]] = MappingProxyType({
    "applause": (_clapping, _crowd),
    "crying_baby": (_crying_face, _baby_bottle, _pram),
    "door_knock": (_door, _knocking_fist),
    "footsteps": (_footprints, _shoe, _walker),
    "heartbeat": (_heart_with_pulse, _monitor),
    "sneezing": (_sneezing_face, _nose_and_tissue, _tissue_box),
})  # fmt: skip
