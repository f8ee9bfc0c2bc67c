"""Drawings of instruments and of studio sounds."""

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
    SILVER,
    SKY,
    TAN,
    WHITE,
    YELLOW,
    Drawing,
    Pen,
)  # fmt: skip

_SHELLS: tuple[RGB, ...] = (RED, BLUE, ORANGE, DARK, GREEN, GOLD)


def _shell(pen: Pen) -> RGB:
    return _SHELLS[pen.count(0, len(_SHELLS) - 1)]


def _kick_front(pen: Pen) -> None:
    """A bass drum seen from the front: a large hoop with lugs, on spurs."""
    for side in (-1, 1):
        pen.stroke([(0.5 + side * 0.34, 0.7), (0.5 + side * 0.46, 0.97)], width=2.4)
    pen.circle(0.5, 0.5, 0.44, _shell(pen))
    pen.circle(0.5, 0.5, 0.37, (WHITE, CREAM, BLACK)[pen.count(0, 2)])
    pen.rays(0.5, 0.5, 0.39, 0.47, count=8, width=2.2)
    if pen.chance(0.6):
        pen.circle(0.62, 0.62, 0.09, BLACK)


def _kick_pedal(pen: Pen) -> None:
    """A bass drum from the side, its beater and pedal."""
    shell = _shell(pen)
    pen.box(0.5, 0.12, 0.9, 0.88, shell)
    pen.box(0.45, 0.08, 0.53, 0.92, TAN)
    pen.box(0.87, 0.08, 0.95, 0.92, TAN)
    for y in (0.3, 0.5, 0.7):
        pen.stroke([(0.53, y), (0.87, y)], width=1.1, colour=SILVER)
    pen.polygon([(0.04, 0.84), (0.36, 0.88), (0.4, 0.94), (0.04, 0.92)], GREY)
    tip = pen.between(0.24, 0.4)
    pen.stroke([(0.34, 0.86), (tip, 0.46)], width=2)
    pen.circle(tip, 0.44, 0.06, WHITE)


def _snare(pen: Pen) -> None:
    """A shallow drum from the side with two sticks."""
    shell = _shell(pen)
    pen.ellipse(0.5, 0.78, 0.4, 0.12, WHITE)
    pen.polygon([(0.1, 0.48), (0.9, 0.48), (0.9, 0.78), (0.1, 0.78)], shell)
    pen.ellipse(0.5, 0.48, 0.4, 0.12, WHITE)
    pen.stroke([(0.1, 0.53), (0.3, 0.6), (0.5, 0.62), (0.7, 0.6), (0.9, 0.53)], width=1.4)
    for x in (0.18, 0.34, 0.5, 0.66, 0.82):
        pen.stroke([(x, 0.6), (x, 0.84)], width=1.8, colour=SILVER)
    for side in (-1, 1):
        pen.stroke([(0.5 + side * 0.42, 0.06), (0.5 + side * 0.06, 0.44)], width=2.6, colour=TAN)
        pen.dot(0.5 + side * 0.06, 0.44, 0.03, TAN)


def _snare_stand(pen: Pen) -> None:
    """A snare on its tripod, zigzag cords on the shell."""
    pen.stroke([(0.5, 0.5), (0.5, 0.8)], width=2)
    for x in (0.26, 0.5, 0.74):
        pen.stroke([(0.5, 0.72), (x, 0.96)], width=1.8)
    pen.box(0.1, 0.26, 0.9, 0.54, _shell(pen))
    pen.stroke([(0.1 + 0.1 * i, 0.3 if i % 2 else 0.5) for i in range(9)], width=1.3, colour=WHITE)
    for y in (0.24, 0.52):
        pen.box(0.07, y, 0.93, y + 0.06, SILVER, corner=0.02)
    pen.stroke([(0.3, 0.24), (0.74, 0.04)], width=2.2, colour=TAN)
    pen.stroke([(0.7, 0.24), (0.26, 0.04)], width=2.2, colour=TAN)


def _cymbal(pen: Pen, x: float, y: float, width: float, bow: float) -> None:
    pen.blob([(x - width, y), (x - 0.3 * width, y - bow), (x, y - 1.9 * bow), (x + 0.3 * width, y - bow),
              (x + width, y), (x, y + 0.25 * abs(bow))], GOLD)  # fmt: skip


def _hi_hat(pen: Pen) -> None:
    """Two cymbals facing each other on a stand with a pedal."""
    gap = pen.between(0.02, 0.09)
    pen.stroke([(0.5, 0.08), (0.5, 0.9)], width=1.8)
    for x in (0.28, 0.72):
        pen.stroke([(0.5, 0.74), (x, 0.95)], width=1.8)
    pen.polygon([(0.4, 0.9), (0.6, 0.9), (0.64, 0.96), (0.36, 0.96)], DARK)
    _cymbal(pen, 0.5, 0.36 + gap, 0.42, -0.045)
    _cymbal(pen, 0.5, 0.33, 0.42, 0.045)
    pen.box(0.47, 0.14, 0.53, 0.22, GREY)
    if pen.chance(0.5):
        pen.stroke([(0.62, 0.3), (0.96, 0.06)], width=2.2, colour=TAN)


def _crash_cymbal(pen: Pen) -> None:
    pen.stroke([(0.5, 0.4), (0.5, 0.86)], width=2)
    for x in (0.26, 0.74):
        pen.stroke([(0.5, 0.76), (x, 0.97)], width=2)
    disc = pen.at(0.5, 0.34, 0.92, pen.between(-24, 24))
    disc.ellipse(0.5, 0.5, 0.48, 0.17, GOLD)
    for scale in (0.75, 0.5):
        disc.ellipse(0.5, 0.5, 0.48 * scale, 0.17 * scale, YELLOW)
    disc.ellipse(0.5, 0.46, 0.11, 0.06, GOLD)


def _guitar(pen: Pen) -> None:
    body = (TAN, ORANGE, BROWN, RED)[pen.count(0, 3)]
    guitar = pen.at(0.5, 0.5, 1.0, pen.between(-20, 45))
    guitar.box(0.46, 0.08, 0.54, 0.5, BROWN)
    guitar.box(0.43, 0.0, 0.57, 0.11, DARK)
    guitar.blob([(0.5, 0.42), (0.64, 0.45), (0.66, 0.56), (0.62, 0.63), (0.74, 0.76), (0.68, 0.94), (0.5, 0.98),
                 (0.32, 0.94), (0.26, 0.76), (0.38, 0.63), (0.34, 0.56), (0.36, 0.45)], body)  # fmt: skip
    guitar.dot(0.5, 0.62, 0.075, BLACK)
    guitar.box(0.41, 0.81, 0.59, 0.85, DARK)
    for x in (0.48, 0.5, 0.52):
        guitar.stroke([(x, 0.06), (x, 0.83)], width=0.5)
    for y in (0.16, 0.23, 0.3, 0.37):
        guitar.stroke([(0.46, y), (0.54, y)], width=0.7)


def _harp(pen: Pen) -> None:
    gold = (GOLD, BROWN, TAN)[pen.count(0, 2)]
    neck = [(0.2, 0.1), (0.36, 0.2), (0.54, 0.16), (0.74, 0.26), (0.84, 0.2)]
    for i in range(pen.count(7, 10)):
        x = 0.27 + 0.06 * i
        pen.stroke([(x, 0.2), (x, 0.88 - 0.95 * (x - 0.2))], width=0.8)
    pen.stroke([(0.2, 0.1), (0.22, 0.9)], width=3.6, colour=gold)
    pen.stroke([(0.22, 0.9), (0.84, 0.22)], width=4.6, colour=gold)
    pen.curve(neck, width=3.6, colour=gold)
    pen.box(0.12, 0.88, 0.4, 0.96, gold, corner=0.02)


def _vibrating_string(pen: Pen) -> None:
    height = pen.between(0.08, 0.16)
    x = np.linspace(0.12, 0.88, 41)
    for scale in (1.0, 0.5, -0.5, -1.0):
        y = 0.5 + scale * height * np.sin(np.pi * (x - 0.12) / 0.76)
        pen.stroke(np.stack([x, y], axis=1), width=0.9)
    for left in (0.06, 0.86):
        pen.box(left, 0.3, left + 0.08, 0.7, BROWN)
    pen.blob([(0.5, 0.32), (0.6, 0.12), (0.52, 0.06), (0.42, 0.12)], (RED, ORANGE, BLUE)[pen.count(0, 2)])


def _keys(pen: Pen, left: float, top: float, right: float, bottom: float, *, count: int) -> None:
    step = (right - left) / count
    for i in range(count):
        pen.box(left + i * step, top, left + (i + 1) * step, bottom, WHITE)
    for i in range(1, count):
        if i % 7 not in (0, 3):
            x = left + i * step
            pen.spot([(x - 0.3 * step, top), (x + 0.3 * step, top), (x + 0.3 * step, top + 0.6 * (bottom - top)),
                      (x - 0.3 * step, top + 0.6 * (bottom - top))], BLACK)  # fmt: skip


def _pipe_organ(pen: Pen) -> None:
    pipes = pen.count(7, 11)
    for i in range(pipes):
        offset = abs(i - (pipes - 1) / 2) / (pipes / 2)
        x, w, top = 0.1 + 0.8 * i / (pipes - 1), 0.32 / pipes, 0.04 + 0.22 * offset
        pen.box(x - w, top, x + w, 0.58, (GOLD, SILVER)[i % 2] if pen.chance(0.2) else GOLD)
        pen.spot([(x - 0.5 * w, 0.46), (x + 0.5 * w, 0.46), (x, 0.52)], BLACK)
    pen.box(0.03, 0.58, 0.97, 0.97, BROWN)
    _keys(pen, 0.2, 0.66, 0.8, 0.8, count=10)


def _organ_console(pen: Pen) -> None:
    pen.box(0.03, 0.12, 0.97, 0.76, BROWN, corner=0.03)
    for x in (0.12, 0.2, 0.28, 0.72, 0.8, 0.88):
        pen.circle(x, 0.22, 0.026, CREAM)
    for y in (0.32, 0.46, 0.6):
        _keys(pen, 0.1, y, 0.9, y + 0.11, count=14)
    for x in (0.12, 0.82):
        pen.box(x, 0.76, x + 0.06, 0.97, BROWN)
    for x in np.linspace(0.26, 0.68, 6):
        pen.box(float(x), 0.84, float(x) + 0.05, 0.93, DARK)


def _synthesizer(pen: Pen) -> None:
    pen.box(0.02, 0.24, 0.98, 0.8, (DARK, BLUE, CREAM, RED)[pen.count(0, 3)], corner=0.03)
    for i in range(pen.count(4, 7)):
        x = 0.12 + 0.12 * i
        pen.circle(x, 0.36, 0.042, SILVER)
        angle = pen.between(120, 420)
        pen.rays(x, 0.36, 0, 0.04, start=angle, end=angle, count=1, width=1.1, colour=BLACK)
    _keys(pen, 0.06, 0.47, 0.94, 0.76, count=12)


def _faders(pen: Pen) -> None:
    pen.box(0.06, 0.06, 0.94, 0.94, (DARK, GREY, BLUE)[pen.count(0, 2)], corner=0.05)
    for i in range(4):
        x, y = 0.2 + 0.2 * i, pen.between(0.42, 0.8)
        pen.circle(x, 0.2, 0.06, (ORANGE, SILVER, PINK)[pen.count(0, 2)])
        pen.stroke([(x, 0.36), (x, 0.86)], width=1.6, colour=BLACK)
        pen.box(x - 0.06, y - 0.03, x + 0.06, y + 0.03, WHITE)


def _soft_waves(pen: Pen) -> None:
    """Broad waves laid over each other: a slow, rich sound."""
    colours = (PINK, SKY, (190, 160, 225), (130, 200, 195))
    x = np.linspace(0.02, 0.98, 33)
    for i in range(4):
        phase, height = pen.between(0, 6), pen.between(0.06, 0.13)
        y = 0.24 + 0.15 * i + height * np.sin(2 * np.pi * x * pen.between(0.7, 1.3) + phase)
        top = np.stack([x, y], axis=1)
        pen.polygon(np.concatenate([top, [(0.98, 0.95), (0.02, 0.95)]]), colours[i])


def _pea_whistle(pen: Pen) -> None:
    colour = (RED, SILVER, ORANGE, DARK, BLUE)[pen.count(0, 4)]
    pen.circle(0.62, 0.6, 0.27, colour)
    pen.polygon([(0.04, 0.34), (0.62, 0.33), (0.62, 0.6), (0.04, 0.52)], colour)
    pen.spot([(0.36, 0.33), (0.48, 0.33), (0.48, 0.44), (0.4, 0.44)], BLACK)
    pen.circle(0.62, 0.6, 0.12, GREY)
    pen.curve([(0.85, 0.46), (0.94, 0.34), (0.88, 0.2), (0.97, 0.06)], width=1.6)
    pen.rays(0.42, 0.3, 0.07, 0.19, start=235, end=305, count=3, width=1.6)


def _whistling_face(pen: Pen) -> None:
    pen.circle(0.44, 0.52, 0.38, YELLOW)
    for x in (0.3, 0.52):
        pen.ellipse(x, 0.42, 0.04, 0.06, BLACK)
    pen.circle(0.42, 0.7, 0.07, RED)
    pen.dot(0.42, 0.7, 0.03, BLACK)
    for x, y in ((0.8, 0.3), (0.9, 0.14))[: pen.count(1, 2)]:
        pen.dot(x, y + 0.09, 0.035)
        pen.stroke([(x + 0.03, y + 0.09), (x + 0.03, y - 0.08), (x + 0.08, y - 0.03)], width=1.3)


def _kettle(pen: Pen) -> None:
    colour = _shell(pen)
    pen.curve([(0.32, 0.42), (0.34, 0.2), (0.56, 0.16), (0.68, 0.4)], width=3)
    pen.polygon([(0.62, 0.62), (0.9, 0.36), (0.96, 0.4), (0.78, 0.8)], colour)
    pen.blob([(0.34, 0.42), (0.64, 0.42), (0.78, 0.62), (0.78, 0.88), (0.5, 0.91), (0.2, 0.88), (0.2, 0.62)], colour)
    for shift in (0.0, 0.08):
        pen.curve(
            [(0.88 + shift * 0.6, 0.32), (0.84 + shift, 0.24), (0.92 + shift * 0.5, 0.16), (0.87 + shift, 0.06)],
            width=1.6,
        )


def _speed_lines(pen: Pen) -> None:
    """A ball and the long tapering lines behind it."""
    for i in range(pen.count(4, 7)):
        y, tail = 0.3 + 0.4 * i / 6 + pen.between(-0.03, 0.03), pen.between(0.03, 0.3)
        pen.spot([(tail, y), (0.66, y - 0.016), (0.66, y + 0.016)], SKY)
    pen.circle(0.78, 0.48, 0.16, _shell(pen))


def _sweep(pen: Pen) -> None:
    """Crescents, as a blade leaves behind."""
    colour = (SKY, GREY, BLUE)[pen.count(0, 2)]
    for radius, thick, start in ((0.72, 0.09, 195), (0.55, 0.06, 205), (0.4, 0.04, 215)):
        turn = np.deg2rad(np.linspace(start, start + pen.between(90, 110), 17))
        outer = np.stack([np.cos(turn), np.sin(turn)], axis=1)
        inner = outer[::-1] * (radius - thick * np.sin(np.linspace(0, np.pi, 17)))[:, None]
        pen.polygon(np.concatenate([outer * radius, inner]) + np.array([0.72, 0.86]), colour)
    if pen.chance(0.5):
        pen.stroke([(0.72, 0.9), (0.88, 0.24)], width=2.6, colour=SILVER)
        pen.stroke([(0.66, 0.74), (0.84, 0.78)], width=3, colour=BROWN)


def _arrow_in_flight(pen: Pen) -> None:
    pen.stroke([(0.28, 0.5), (0.86, 0.5)], width=2.2, colour=BROWN)
    pen.polygon([(0.84, 0.42), (0.98, 0.5), (0.84, 0.58)], GREY)
    for x in (0.28, 0.34, 0.4):
        pen.stroke([(x, 0.5), (x - 0.07, 0.42)], width=1.6, colour=RED)
        pen.stroke([(x, 0.5), (x - 0.07, 0.58)], width=1.6, colour=RED)
    for y in (0.34, 0.66, 0.44, 0.56):
        left = pen.between(0.02, 0.2)
        pen.stroke(
            [(left, y), (left + pen.between(0.14, 0.3) * (1.6 if y in (0.34, 0.66) else 0.4), y)], width=1.3, colour=SKY
        )


DRAWINGS: Mapping[str, tuple[Drawing, ...]] = MappingProxyType({
    "hi_hat": (_hi_hat, _crash_cymbal),
    "kick_drum": (_kick_front, _kick_pedal),
    "organ": (_pipe_organ, _organ_console),
    "plucked_string": (_guitar, _harp, _vibrating_string),
    "snare_drum": (_snare, _snare_stand),
    "synth_pad": (_synthesizer, _faders, _soft_waves),
    "whistle": (_pea_whistle, _whistling_face, _kettle),
    "whoosh": (_speed_lines, _sweep, _arrow_in_flight),
})  # fmt: skip
