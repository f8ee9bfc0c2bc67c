"""Drawings of engines, vehicles and what they carry."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from trainer.starter.pictures.pen import (
    BLACK,
    BLUE,
    BROWN,
    DARK,
    GOLD,
    GREEN,
    GREY,
    ORANGE,
    RED,
    RGB,
    SILVER,
    SKY,
    TAN,
    WHITE,
    YELLOW,
    Drawing,
    Pen,
)  # fmt: skip

_PAINTS: tuple[RGB, ...] = (RED, BLUE, GREEN, ORANGE, GREY, YELLOW, DARK)


def _paint(pen: Pen) -> RGB:
    return _PAINTS[pen.count(0, len(_PAINTS) - 1)]


def _helicopter(pen: Pen) -> None:
    colour, tilt = _paint(pen), pen.between(-0.04, 0.04)
    pen.polygon([(0.5, 0.4), (0.1, 0.42), (0.1, 0.47), (0.5, 0.6)], colour)
    pen.polygon([(0.04, 0.26), (0.12, 0.3), (0.15, 0.46), (0.08, 0.46)], colour)
    pen.rays(0.08, 0.38, 0, 0.1, start=45, end=405, count=4)
    pen.stroke([(0.62, 0.32), (0.62, 0.2)], width=2.4)
    pen.blob(
        [(0.42, 0.42), (0.56, 0.31), (0.74, 0.32), (0.9, 0.44), (0.94, 0.58), (0.8, 0.68), (0.58, 0.69), (0.44, 0.58)],
        colour,
    )
    pen.polygon([(0.72, 0.37), (0.82, 0.41), (0.89, 0.54), (0.72, 0.54)], SKY)
    for x in (0.56, 0.8):
        pen.stroke([(x, 0.68), (x, 0.81)], width=1.5)
    pen.stroke([(0.42, 0.81), (0.88, 0.81), (0.93, 0.77)], width=2)
    pen.stroke([(0.25, 0.2 + tilt), (0.99, 0.2 - tilt)], width=2.2)


def _helicopter_front(pen: Pen) -> None:
    colour = _paint(pen)
    pen.stroke([(0.5, 0.36), (0.5, 0.2)], width=2.4)
    pen.stroke([(0.02, 0.22), (0.98, 0.2)], width=2)
    for side in (-1, 1):
        pen.stroke([(0.5 + side * 0.12, 0.66), (0.5 + side * 0.26, 0.86)], width=1.6)
        pen.stroke([(0.5 + side * 0.18, 0.88), (0.5 + side * 0.34, 0.88)], width=2.4)
    pen.ellipse(0.5, 0.53, 0.24, 0.22, colour)
    pen.blob([(0.32, 0.5), (0.4, 0.36), (0.5, 0.34), (0.6, 0.36), (0.68, 0.5), (0.5, 0.56)], SKY)
    pen.stroke([(0.5, 0.34), (0.5, 0.56)])


def _chainsaw(pen: Pen) -> None:
    colour, length = (ORANGE, RED, YELLOW, GREEN)[pen.count(0, 3)], pen.between(0.92, 0.98)
    for i in range(11):
        x = 0.46 + (length - 0.48) * i / 10
        pen.spot([(x - 0.02, 0.52), (x, 0.47), (x + 0.02, 0.52)])
        pen.spot([(x - 0.02, 0.66), (x, 0.71), (x + 0.02, 0.66)])
    pen.box(0.4, 0.515, length, 0.665, SILVER, corner=0.07)
    pen.stroke([(0.5, 0.59), (length - 0.1, 0.59)], width=0.8)
    pen.curve([(0.28, 0.46), (0.26, 0.26), (0.36, 0.2), (0.46, 0.26), (0.44, 0.46)], width=3)
    pen.blob([(0.16, 0.5), (0.02, 0.46), (0.02, 0.74), (0.18, 0.74), (0.12, 0.62)], DARK)
    pen.box(0.12, 0.42, 0.46, 0.76, colour, corner=0.05)
    pen.circle(0.27, 0.6, 0.075, DARK)
    pen.box(0.3, 0.36, 0.4, 0.43, BLACK)


def _saw_in_log(pen: Pen) -> None:
    pen.box(0.04, 0.62, 0.84, 0.92, BROWN)
    pen.ellipse(0.84, 0.77, 0.09, 0.15, TAN)
    pen.ellipse(0.84, 0.77, 0.045, 0.08, TAN)
    _chainsaw(pen.at(0.44, 0.42, 0.78, pen.between(38, 60)))
    for _ in range(pen.count(6, 12)):
        pen.dot(pen.between(0.45, 0.8), pen.between(0.45, 0.64), 0.012, TAN)


def _wheel(pen: Pen, x: float, y: float, radius: float) -> None:
    pen.circle(x, y, radius, BLACK)
    pen.circle(x, y, radius * 0.5, SILVER)


def _car_with_exhaust(pen: Pen) -> None:
    colour = _paint(pen)
    for x, y, r in ((0.12, 0.7, 0.055), (0.07, 0.6, 0.045), (0.14, 0.54, 0.035)):
        pen.circle(x, y, r, GREY)
    pen.blob(
        [(0.22, 0.5), (0.38, 0.46), (0.48, 0.3), (0.7, 0.3), (0.82, 0.47), (0.96, 0.52), (0.96, 0.7), (0.22, 0.71)],
        colour,
    )
    pen.polygon([(0.44, 0.47), (0.51, 0.35), (0.6, 0.35), (0.6, 0.47)], SKY)
    pen.polygon([(0.63, 0.47), (0.63, 0.35), (0.69, 0.35), (0.76, 0.47)], SKY)
    for x in (0.37, 0.8):
        _wheel(pen, x, 0.72, 0.1)
    pen.stroke([(0.21, 0.72), (0.15, 0.72)], width=2)


def _motor_block(pen: Pen) -> None:
    colour = (GREY, RED, BLUE)[pen.count(0, 2)]
    for x in (0.3, 0.44, 0.58, 0.72):
        pen.box(x - 0.045, 0.12, x + 0.045, 0.3, DARK)
    pen.box(0.2, 0.26, 0.82, 0.4, SILVER)
    pen.box(0.16, 0.4, 0.86, 0.72, colour, corner=0.03)
    pen.polygon([(0.24, 0.72), (0.78, 0.72), (0.7, 0.88), (0.32, 0.88)], DARK)
    for x, y, r in ((0.28, 0.6, 0.14), (0.56, 0.5, 0.07)):
        pen.circle(x, y, r, DARK)
        pen.circle(x, y, r * 0.55, SILVER)
    pen.polygon([(0.86, 0.5), (0.97, 0.46), (0.97, 0.66), (0.86, 0.62)], GREY)


def _piston(pen: Pen) -> None:
    angle = np.deg2rad(pen.between(0, 360))
    x, y = 0.5 + 0.11 * np.cos(angle), 0.76 + 0.11 * np.sin(angle)
    pen.box(0.24, 0.05, 0.31, 0.58, DARK)
    pen.box(0.69, 0.05, 0.76, 0.58, DARK)
    top = y - 0.48
    pen.circle(0.5, 0.76, 0.17, GREY)
    pen.box(0.33, top, 0.67, top + 0.2, SILVER)
    for line in (0.05, 0.09):
        pen.stroke([(0.33, top + line), (0.67, top + line)])
    pen.stroke([(0.5, top + 0.14), (x, y)], width=4.5, colour=(RED, BLUE, DARK)[pen.count(0, 2)])
    pen.dot(x, y, 0.05)
    pen.dot(0.5, top + 0.14, 0.035)


def _gear(pen: Pen) -> None:
    teeth, colour = pen.count(8, 12), (GREY, DARK, BLUE, ORANGE)[pen.count(0, 3)]
    turn = np.repeat(np.arange(teeth) * 2 * np.pi / teeth, 4) + np.tile((0.0, 0.14, 0.3, 0.44), teeth) * 8 / teeth
    radius = np.tile((0.33, 0.44, 0.44, 0.33), teeth)
    pen.polygon(np.stack([0.5 + radius * np.cos(turn), 0.5 + radius * np.sin(turn)], axis=1), colour)
    pen.circle(0.5, 0.5, 0.14, WHITE)


def _bulb_horn(pen: Pen) -> None:
    brass = (GOLD, YELLOW, SILVER)[pen.count(0, 2)]
    pen.curve([(0.3, 0.66), (0.42, 0.84), (0.56, 0.72), (0.5, 0.58), (0.44, 0.52)], width=3.4, colour=brass)
    pen.polygon([(0.34, 0.42), (0.62, 0.34), (0.84, 0.14), (0.9, 0.68), (0.64, 0.52), (0.36, 0.54)], brass)
    pen.ellipse(0.87, 0.41, 0.06, 0.28, DARK)
    pen.circle(0.2, 0.5, 0.16, (BLACK, RED)[pen.count(0, 1)])
    pen.rays(0.8, 0.41, 0.18, 0.26, start=-35, end=35, count=3, width=1.6)


def _car_front(pen: Pen) -> None:
    colour = _paint(pen)
    for x in (0.24, 0.68):
        pen.box(x, 0.72, x + 0.1, 0.9, BLACK)
    pen.polygon([(0.3, 0.24), (0.7, 0.24), (0.8, 0.46), (0.2, 0.46)], colour)
    pen.polygon([(0.34, 0.29), (0.66, 0.29), (0.73, 0.45), (0.27, 0.45)], SKY)
    pen.box(0.17, 0.45, 0.83, 0.78, colour, corner=0.07)
    for x in (0.27, 0.73):
        pen.circle(x, 0.57, 0.06, YELLOW)
    pen.box(0.38, 0.6, 0.62, 0.7, DARK)
    for side in (0, 180):
        for radius in (0.4, 0.48):
            pen.arc(0.5, 0.57, radius, side - 18, side + 18, width=1.7, colour=ORANGE)


def _steering_wheel(pen: Pen) -> None:
    pen.circle(0.5, 0.5, 0.44, DARK)
    pen.circle(0.5, 0.5, 0.35, SKY)
    for angle in (0, 180, 90):
        pen.rays(0.5, 0.5, 0.08, 0.37, start=angle, end=angle, count=1, width=5)
    pen.circle(0.5, 0.5, 0.16, GREY)
    horn = pen.at(0.5, 0.5, 0.2)
    horn.spot([(0.05, 0.4), (0.4, 0.4), (0.75, 0.15), (0.75, 0.85), (0.4, 0.6), (0.05, 0.6)])
    horn.arc(0.75, 0.5, 0.22, -60, 60)


def _beacon(pen: Pen) -> None:
    colour = (RED, BLUE, ORANGE)[pen.count(0, 2)]
    pen.rays(
        0.5, 0.56, 0.36, pen.between(0.44, 0.52), start=195, end=345, count=pen.count(5, 7), width=2, colour=colour
    )
    turn = np.deg2rad(np.linspace(180, 360, 15))
    dome = np.stack([0.5 + 0.24 * np.cos(turn), 0.5 + 0.24 * np.sin(turn)], axis=1)
    pen.polygon([(0.26, 0.74), *dome.tolist(), (0.74, 0.74)], colour)
    pen.polygon([(0.44, 0.74), (0.44, 0.5), (0.56, 0.5), (0.56, 0.74)], YELLOW)
    pen.box(0.16, 0.74, 0.84, 0.9, DARK, corner=0.03)


def _emergency_car(pen: Pen) -> None:
    body = (WHITE, BLUE, RED)[pen.count(0, 2)]
    van = pen.chance(0.5)
    for x, colour in ((0.45, RED), (0.55, BLUE)):
        pen.box(x - 0.05, 0.16, x + 0.05, 0.25, colour)
    pen.rays(0.5, 0.2, 0.12, 0.2, start=190, end=350, count=5, width=1.4, colour=ORANGE)
    if van:
        pen.polygon([(0.05, 0.25), (0.68, 0.25), (0.82, 0.44), (0.95, 0.5), (0.95, 0.74), (0.05, 0.74)], body)
        pen.polygon([(0.62, 0.3), (0.68, 0.3), (0.78, 0.45), (0.62, 0.45)], SKY)
        pen.box(0.27, 0.33, 0.33, 0.57, RED)
        pen.box(0.18, 0.42, 0.42, 0.48, RED)
    else:
        pen.polygon(
            [
                (0.3, 0.25),
                (0.66, 0.25),
                (0.79, 0.46),
                (0.96, 0.5),
                (0.96, 0.72),
                (0.04, 0.72),
                (0.04, 0.5),
                (0.19, 0.46),
            ],
            body,
        )
        pen.polygon([(0.25, 0.46), (0.33, 0.3), (0.47, 0.3), (0.47, 0.46)], SKY)
        pen.polygon([(0.51, 0.46), (0.51, 0.3), (0.63, 0.3), (0.73, 0.46)], SKY)
        pen.box(0.04, 0.55, 0.96, 0.62, DARK if body is not BLUE else WHITE)
    for x in (0.24, 0.76):
        _wheel(pen, x, 0.74, 0.1)


def _horn_siren(pen: Pen) -> None:
    pen.box(0.46, 0.52, 0.54, 0.98, GREY)
    colour = (GREY, RED, YELLOW)[pen.count(0, 2)]
    for side in (-1, 1):
        pen.polygon(
            [(0.5 + side * 0.06, 0.3), (0.5 + side * 0.36, 0.14), (0.5 + side * 0.36, 0.56), (0.5 + side * 0.06, 0.42)],
            colour,
        )
        pen.rays(
            0.5,
            0.35,
            0.4,
            0.5,
            start=(0 if side > 0 else 180) - 24,
            end=(0 if side > 0 else 180) + 24,
            count=3,
            width=1.6,
        )
    pen.box(0.4, 0.26, 0.6, 0.54, DARK, corner=0.04)


DRAWINGS: Mapping[str, tuple[Drawing, ...]] = MappingProxyType({
    "car_horn": (_bulb_horn, _car_front, _steering_wheel),
    "chainsaw": (_chainsaw, _saw_in_log),
    "engine": (_car_with_exhaust, _motor_block, _piston, _gear),
    "helicopter": (_helicopter, _helicopter_front),
    "siren": (_beacon, _emergency_car, _horn_siren),
})  # fmt: skip
