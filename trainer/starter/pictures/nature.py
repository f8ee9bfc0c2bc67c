"""Drawings of animals, weather, water and fire."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from types import MappingProxyType

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
    SKY,
    TAN,
    WHITE,
    YELLOW,
    Drawing,
    Pen,
)  # fmt: skip


def _eye(pen: Pen, x: float, y: float, radius: float) -> None:
    pen.circle(x, y, radius, WHITE)
    pen.dot(x, y, radius * 0.55)


def _dog_face(pen: Pen) -> None:
    ear, droop = pen.between(0.07, 0.11), pen.between(0.5, 0.68)
    coat = (BROWN, TAN, GREY, CREAM)[pen.count(0, 3)]
    pen.ellipse(0.5, 0.5, 0.28, 0.33, coat)
    for side in (-1, 1):
        x = 0.5 + side * 0.27
        pen.blob([(x - side * 0.08, 0.2), (x + side * ear, 0.28), (x + side * ear, droop),
                  (x - side * 0.02, droop + 0.06), (x - side * 0.05, 0.42)],
                 BROWN if coat != BROWN else DARK)  # fmt: skip
        pen.dot(0.5 + side * 0.11, 0.42, 0.04, BLACK)
    pen.ellipse(0.5, 0.62, 0.16, 0.13, CREAM)
    pen.blob([(0.51, 0.7), (0.56, 0.72), (0.545, 0.86), (0.5, 0.89), (0.455, 0.86), (0.44, 0.72)], RED)
    pen.spot([(0.43, 0.53), (0.57, 0.53), (0.5, 0.62)], BLACK)
    pen.curve([(0.39, 0.68), (0.45, 0.72), (0.5, 0.66), (0.55, 0.72), (0.61, 0.68)])


def _dog_side(pen: Pen) -> None:
    coat, leg = (BROWN, TAN, GREY, WHITE)[pen.count(0, 3)], pen.between(0.05, 0.075)
    tail = pen.between(0.2, 0.36)
    pen.curve([(0.2, 0.52), (0.1, 0.42), (0.08, tail)], width=3.5, colour=coat)
    for x in (0.22, 0.33, 0.57, 0.67):
        pen.box(x, 0.58, x + leg, 0.88, coat, corner=0.02)
    pen.blob([(0.18, 0.47), (0.4, 0.46), (0.66, 0.42), (0.76, 0.52), (0.7, 0.66), (0.45, 0.65), (0.22, 0.68)], coat)
    pen.blob(
        [(0.64, 0.5), (0.66, 0.27), (0.76, 0.2), (0.84, 0.27), (0.96, 0.32), (0.95, 0.41), (0.82, 0.43), (0.78, 0.54)],
        coat,
    )
    pen.blob([(0.66, 0.22), (0.73, 0.23), (0.72, 0.38), (0.65, 0.43), (0.62, 0.34)], BROWN if coat != BROWN else DARK)
    pen.dot(0.8, 0.29, 0.018, BLACK)
    pen.dot(0.955, 0.33, 0.025, BLACK)
    pen.stroke([(0.68, 0.5), (0.79, 0.48)], width=2, colour=RED)


def _paws(pen: Pen) -> None:
    for x, y, scale in ((0.32, 0.66, 0.55), (0.68, 0.34, 0.55)):
        paw = pen.at(x, y, scale, pen.between(-25, 35))
        paw.blob([(0.5, 0.5), (0.7, 0.65), (0.75, 0.82), (0.5, 0.8), (0.25, 0.82), (0.3, 0.65)], BROWN)
        for px, py in ((0.18, 0.5), (0.37, 0.28), (0.63, 0.28), (0.82, 0.5)):
            paw.ellipse(px, py, 0.09, 0.13, BROWN)


def _rooster_side(pen: Pen) -> None:
    body = (BROWN, RED, ORANGE, WHITE)[pen.count(0, 3)]
    for i, tip in enumerate((0.12, 0.24, 0.38)):
        pen.blob([(0.36, 0.52), (0.22, tip + 0.06), (0.08 + 0.02 * i, tip + 0.03), (0.06, tip + 0.16),
                  (0.2, tip + 0.24), (0.3, 0.62)], (GREEN, DARK, BLUE)[i])  # fmt: skip
    for x in (0.45, 0.55):
        pen.stroke([(x, 0.75), (x, 0.92), (x + 0.08, 0.94)], width=1.6, colour=ORANGE)
        pen.stroke([(x, 0.92), (x - 0.06, 0.94)], width=1.6, colour=ORANGE)
    pen.blob([(0.7, 0.12), (0.63, 0.3), (0.5, 0.45), (0.3, 0.5), (0.3, 0.68), (0.5, 0.8), (0.7, 0.68), (0.78, 0.45),
              (0.81, 0.2)], body)  # fmt: skip
    comb = pen.between(0.04, 0.09)
    pen.blob([(0.66, 0.16), (0.66, 0.12 - comb), (0.71, 0.08), (0.74, 0.1 - comb), (0.77, 0.09), (0.82, 0.12 - comb),
              (0.81, 0.18)], RED)  # fmt: skip
    pen.polygon([(0.8, 0.18), (0.94, 0.23), (0.8, 0.27)], YELLOW)
    pen.ellipse(0.81, 0.34, 0.035, 0.07, RED)
    pen.dot(0.75, 0.2, 0.02, BLACK)
    pen.blob([(0.38, 0.55), (0.6, 0.52), (0.55, 0.66), (0.42, 0.68)], DARK)


def _rooster_head(pen: Pen) -> None:
    body = (WHITE, BROWN, ORANGE)[pen.count(0, 2)]
    for x, r in ((0.36, 0.09), (0.47, 0.11), (0.59, 0.1)):
        pen.circle(x, 0.2, r + pen.between(-0.01, 0.02), RED)
    pen.blob([(0.28, 0.95), (0.26, 0.5), (0.34, 0.24), (0.5, 0.2), (0.66, 0.28), (0.68, 0.5), (0.78, 0.95)], body)
    pen.polygon([(0.64, 0.38), (0.92, 0.48), (0.64, 0.54)], YELLOW)
    pen.stroke([(0.64, 0.46), (0.88, 0.48)])
    pen.ellipse(0.64, 0.67, 0.06, 0.13, RED)
    _eye(pen, 0.52, 0.38, 0.05)


def _bird_side(pen: Pen) -> None:
    body = (BLUE, YELLOW, RED, BROWN, GREEN)[pen.count(0, 4)]
    if pen.chance(0.6):
        pen.stroke([(0.05, 0.85), (0.95, 0.83)], width=2.5, colour=BROWN)
    pen.polygon([(0.3, 0.55), (0.04, 0.62), (0.07, 0.76), (0.34, 0.68)], body)
    for x in (0.47, 0.54):
        pen.stroke([(x, 0.72), (x, 0.84)], width=1.4, colour=ORANGE)
    pen.polygon([(0.76, 0.33), (0.92, 0.31), (0.78, 0.39)], ORANGE)
    pen.polygon([(0.76, 0.39), (0.9, 0.44), (0.75, 0.44)], ORANGE)
    pen.blob(
        [(0.66, 0.22), (0.78, 0.32), (0.75, 0.52), (0.6, 0.73), (0.4, 0.74), (0.22, 0.6), (0.42, 0.5), (0.54, 0.3)],
        body,
    )
    pen.blob([(0.32, 0.58), (0.5, 0.5), (0.58, 0.55), (0.46, 0.66)], DARK)
    pen.dot(0.68, 0.34, 0.025, BLACK)
    _notes(pen, 0.86, 0.16)


def _notes(pen: Pen, x: float, y: float) -> None:
    """A quaver, for what sings."""
    pen.dot(x, y + 0.08, 0.03)
    pen.stroke([(x + 0.028, y + 0.08), (x + 0.028, y - 0.08), (x + 0.08, y - 0.04)])


def _birds_flying(pen: Pen) -> None:
    for x, y in ((0.3, 0.3), (0.7, 0.5), (0.32, 0.76))[: pen.count(2, 3)]:
        bird = pen.at(x, y, pen.between(0.36, 0.52), pen.between(-20, 20))
        lift = pen.between(0.1, 0.26)
        bird.blob([(-0.04, 0.48), (0.22, 0.45 - lift), (0.42, 0.46), (0.5, 0.42), (0.58, 0.46), (0.78, 0.45 - lift),
                   (1.04, 0.48), (0.76, 0.56 - lift / 2), (0.5, 0.78), (0.24, 0.56 - lift / 2)], DARK)  # fmt: skip


def _cricket(pen: Pen) -> None:
    body = (GREEN, BROWN, TAN)[pen.count(0, 2)]
    pen.curve([(0.82, 0.5), (0.88, 0.3), (0.97, 0.14)])
    pen.curve([(0.8, 0.48), (0.8, 0.28), (0.87, 0.1)])
    for x in (0.5, 0.66):
        pen.stroke([(x, 0.6), (x + 0.05, 0.72), (x + 0.02, 0.86)], width=1.3)
    pen.ellipse(0.44, 0.57, 0.33, 0.1, body)
    pen.circle(0.78, 0.53, 0.09, body)
    pen.blob([(0.12, 0.5), (0.4, 0.42), (0.66, 0.5), (0.4, 0.58)], TAN if body is not TAN else BROWN)
    knee = pen.between(0.12, 0.26)
    pen.polygon([(0.46, 0.6), (0.26, knee), (0.21, knee + 0.03), (0.36, 0.62)], body)
    pen.stroke([(0.24, knee), (0.1, 0.86), (0.02, 0.88)], width=1.6)
    pen.dot(0.81, 0.51, 0.022, BLACK)


def _night_meadow(pen: Pen) -> None:
    pen.box(0.03, 0.03, 0.97, 0.97, (35, 45, 90), corner=0.06)
    pen.blob([(0.7, 0.1), (0.55, 0.22), (0.6, 0.4), (0.76, 0.42), (0.66, 0.32), (0.64, 0.2)], YELLOW)
    for _ in range(pen.count(5, 10)):
        pen.dot(pen.between(0.1, 0.9), pen.between(0.1, 0.5), 0.012, WHITE)
    for _ in range(22):
        x, lean = pen.between(0.05, 0.92), pen.between(-0.06, 0.06)
        pen.spot([(x, 0.95), (x + 0.03, 0.95), (x + lean, pen.between(0.58, 0.78))], GREEN)
    _cricket(pen.at(0.4, 0.74, 0.42))


def cloud(pen: Pen, y: float, fill: RGB) -> None:
    """A cloud over most of the width, centred on height `y`."""
    pen.blob([(0.12, y + 0.1), (0.1, y - 0.03), (0.24, y - 0.09), (0.34, y - 0.2), (0.52, y - 0.22), (0.64, y - 0.12),
              (0.8, y - 0.12), (0.9, y), (0.86, y + 0.1), (0.5, y + 0.12)], fill)  # fmt: skip


def _drop(pen: Pen, x: float, y: float, size: float, fill: RGB = BLUE) -> None:
    pen.blob([(x, y - size), (x + 0.22 * size, y - 0.3 * size), (x + 0.5 * size, y + 0.3 * size), (x, y + 0.8 * size),
              (x - 0.5 * size, y + 0.3 * size), (x - 0.22 * size, y - 0.3 * size)], fill)  # fmt: skip


def _rain_cloud(pen: Pen) -> None:
    cloud(pen, 0.33, (GREY, DARK, WHITE)[pen.count(0, 2)])
    slant, as_drops = pen.between(-0.08, 0.08), pen.chance(0.5)
    for row, y in enumerate((0.56, 0.72, 0.88)):
        for x in (0.22, 0.4, 0.58, 0.76):
            x0 = x + 0.09 * (row % 2) - 0.04 + slant * row
            if as_drops:
                _drop(pen, x0, y, 0.06)
            else:
                pen.stroke([(x0, y - 0.07), (x0 + slant, y + 0.05)], width=1.8, colour=BLUE)


def _umbrella(pen: Pen) -> None:
    colour = (RED, BLUE, YELLOW, DARK)[pen.count(0, 3)]
    for _ in range(14):
        x, y = pen.between(0.05, 0.95), pen.between(0.04, 0.3)
        pen.stroke([(x, y), (x - 0.02, y + 0.1)], width=1.4, colour=BLUE)
    pen.curve([(0.5, 0.25), (0.5, 0.85), (0.55, 0.93), (0.62, 0.9), (0.63, 0.84)], width=1.8)
    arch = [(0.5 - 0.4 * c, 0.58 - 0.34 * s) for c, s in ((1, 0), (0.92, 0.4), (0.7, 0.72), (0.36, 0.94), (0, 1))]
    arch += [(1 - x, y) for x, y in reversed(arch[:-1])]
    scallops = [(0.77, 0.53), (0.63, 0.58), (0.5, 0.53), (0.37, 0.58), (0.23, 0.53)]
    pen.polygon(arch + scallops, colour)
    for x in (0.37, 0.63):
        pen.stroke([(0.5, 0.24), (x, 0.57)])


def _rain_streaks(pen: Pen) -> None:
    slant = pen.between(-0.12, 0.12)
    for _ in range(pen.count(28, 48)):
        x, y, length = pen.between(0.02, 0.98), pen.between(0.0, 0.85), pen.between(0.07, 0.16)
        pen.stroke([(x, y), (x + slant * length * 6, y + length)], colour=BLUE)
    for _ in range(4):
        pen.ellipse(pen.between(0.15, 0.85), 0.95, 0.09, 0.02, SKY)


def _waves(pen: Pen) -> None:
    rows, depth = pen.count(3, 5), pen.between(0.03, 0.07)
    if pen.chance(0.5):
        pen.circle(0.7, 0.24, 0.12, YELLOW)
    for row in range(rows):
        y, phase = 0.42 + 0.5 * row / rows, pen.between(0, 0.2)
        crest = [(0.02 + 0.12 * i, y + depth * (-1 if (i % 2) else 1) + phase * 0.1) for i in range(9)]
        pen.polygon([*_smooth_points(crest), (0.98, 0.97), (0.02, 0.97)], (BLUE, SKY)[row % 2])


def _smooth_points(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Points between the points, on cosine-eased steps, so that a crest is round."""
    eased = (0.0, 0.1, 0.35, 0.65, 0.9)
    return [
        (x0 + (x1 - x0) * i / 5, y0 + (y1 - y0) * ease)
        for (x0, y0), (x1, y1) in pairwise(points)
        for i, ease in enumerate(eased)
    ] + [points[-1]]


def _breaker(pen: Pen) -> None:
    pen.blob([(0.02, 0.9), (0.08, 0.6), (0.26, 0.3), (0.52, 0.14), (0.78, 0.2), (0.9, 0.4), (0.84, 0.52), (0.76, 0.42),
              (0.62, 0.4), (0.54, 0.55), (0.62, 0.74), (0.98, 0.84), (0.96, 0.95)], BLUE)  # fmt: skip
    for shift in (0.0, 0.1):
        pen.curve([(0.14 + shift, 0.82), (0.22 + shift, 0.54), (0.44 + shift / 2, 0.3 + shift / 2),
                   (0.68, 0.28 + shift / 2)], width=1.3, colour=WHITE)  # fmt: skip
    for _ in range(pen.count(4, 8)):
        pen.circle(pen.between(0.7, 0.95), pen.between(0.46, 0.62), pen.between(0.02, 0.045), WHITE)


def _beach(pen: Pen) -> None:
    pen.box(0.02, 0.05, 0.98, 0.5, SKY)
    pen.circle(pen.between(0.2, 0.8), 0.22, 0.1, YELLOW)
    pen.box(0.02, 0.42, 0.98, 0.72, BLUE)
    for y in (0.5, 0.6):
        pen.curve([(0.08 + 0.1 * i, y + 0.02 * (-1) ** i) for i in range(9)], colour=WHITE)
    shore = [(0.02 + 0.12 * i, 0.72 + 0.03 * (-1) ** i) for i in range(9)]
    pen.polygon([*_smooth_points(shore), (0.98, 0.96), (0.02, 0.96)], TAN)


def _flame(pen: Pen, x: float, base: float, height: float, fill: RGB) -> None:
    w, sway = 0.34 * height, pen.between(-0.08, 0.08) * height
    pen.blob([(x + sway, base - height), (x + 0.12 * height, base - 0.68 * height), (x + 0.8 * w, base - 0.42 * height),
              (x + 0.85 * w, base - 0.12 * height), (x, base), (x - 0.85 * w, base - 0.12 * height),
              (x - 0.85 * w, base - 0.45 * height), (x - 0.35 * w, base - 0.55 * height)], fill)  # fmt: skip


def _campfire(pen: Pen) -> None:
    for x0, y0, x1, y1 in ((0.14, 0.94, 0.84, 0.78), (0.16, 0.78, 0.86, 0.94)):
        pen.stroke([(x0, y0), (x1, y1)], width=4.5, colour=BROWN)
    _flame(pen, 0.5, 0.82, pen.between(0.62, 0.76), RED)
    _flame(pen, 0.48 + pen.between(-0.03, 0.05), 0.82, 0.48, ORANGE)
    _flame(pen, 0.5, 0.82, 0.28, YELLOW)
    for _ in range(pen.count(3, 9)):
        pen.dot(pen.between(0.2, 0.8), pen.between(0.05, 0.45), 0.012, ORANGE)


def _fireplace(pen: Pen) -> None:
    pen.box(0.06, 0.12, 0.94, 0.95, (170, 85, 65))
    pen.box(0.02, 0.06, 0.98, 0.17, BROWN)
    for y in (0.3, 0.45, 0.6, 0.75):
        pen.stroke([(0.06, y), (0.94, y)], width=0.7)
    pen.polygon([(0.22, 0.95), (0.22, 0.45), (0.35, 0.32), (0.65, 0.32), (0.78, 0.45), (0.78, 0.95)], BLACK)
    for x, height, fill in ((0.38, 0.3, ORANGE), (0.6, 0.34, ORANGE), (0.5, 0.44, RED), (0.5, 0.24, YELLOW)):
        _flame(pen, x, 0.88, height, fill)
    pen.box(0.28, 0.86, 0.72, 0.93, BROWN, corner=0.03)


def _drops(pen: Pen) -> None:
    for _ in range(pen.count(1, 3)):
        x, y, size = pen.between(0.3, 0.7), pen.between(0.3, 0.5), pen.between(0.14, 0.3)
        _drop(pen, x, y, size)
        pen.curve(
            [(x - 0.25 * size, y + 0.1 * size), (x - 0.25 * size, y + 0.35 * size), (x, y + 0.5 * size)], colour=WHITE
        )
    for radius in (0.12, 0.24, 0.36)[: pen.count(1, 3)]:
        pen.curve([(0.5 + radius * c, 0.88 + 0.25 * radius * s) for c, s in
                   ((1, 0), (0.7, 0.7), (0, 1), (-0.7, 0.7), (-1, 0), (-0.7, -0.7), (0, -1), (0.7, -0.7), (1, 0))],
                  colour=BLUE)  # fmt: skip


def _tap(pen: Pen) -> None:
    pen.box(0.02, 0.3, 0.14, 0.56, GREY)
    pen.blob([(0.12, 0.36), (0.5, 0.36), (0.7, 0.38), (0.76, 0.5), (0.75, 0.62), (0.61, 0.62), (0.6, 0.53), (0.5, 0.5),
              (0.12, 0.5)], SILVER)  # fmt: skip
    pen.box(0.36, 0.22, 0.44, 0.37, GREY)
    pen.box(0.24, 0.14, 0.56, 0.22, (RED, BLUE, GREY)[pen.count(0, 2)], corner=0.04)
    _drop(pen, 0.68, pen.between(0.74, 0.86), pen.between(0.07, 0.11))


def _bubble(pen: Pen, x: float, y: float, radius: float) -> None:
    pen.circle(x, y, radius, (190, 225, 245))
    pen.arc(x, y, radius * 0.65, 190, 270, colour=WHITE)
    pen.dot(x + radius * 0.3, y + radius * 0.35, radius * 0.12, WHITE)


def _bubbles(pen: Pen) -> None:
    for _ in range(pen.count(6, 11)):
        _bubble(pen, pen.between(0.15, 0.85), pen.between(0.15, 0.85), pen.between(0.05, 0.16))


def _pot(pen: Pen) -> None:
    for _ in range(pen.count(5, 8)):
        _bubble(pen, pen.between(0.25, 0.75), pen.between(0.14, 0.46), pen.between(0.04, 0.09))
    pen.box(0.02, 0.52, 0.98, 0.58, DARK, corner=0.03)
    pen.polygon([(0.14, 0.46), (0.86, 0.46), (0.82, 0.92), (0.18, 0.92)], (GREY, RED, BLUE)[pen.count(0, 2)])
    pen.ellipse(0.5, 0.46, 0.36, 0.06, SKY)


def _curls(pen: Pen) -> None:
    for y, reach in ((0.3, pen.between(0.55, 0.7)), (0.52, pen.between(0.72, 0.85)), (0.74, pen.between(0.45, 0.6))):
        up = -1 if y < 0.6 else 1
        pen.curve([(0.05, y), (0.3, y - 0.02), (reach - 0.1, y), (reach + 0.03, y + up * 0.04),
                   (reach + 0.06, y + up * 0.12), (reach - 0.02, y + up * 0.17), (reach - 0.09, y + up * 0.12)],
                  width=2.2, colour=SKY)  # fmt: skip


def _bent_tree(pen: Pen) -> None:
    lean = pen.between(0.12, 0.22)
    pen.curve([(0.3, 0.95), (0.34, 0.7), (0.36 + lean, 0.45)], width=4.5, colour=BROWN)
    pen.blob([(0.3 + lean, 0.5), (0.28 + lean, 0.24), (0.46 + lean, 0.12), (0.74, 0.18), (0.97, 0.38), (0.8, 0.42),
              (0.88, 0.54), (0.62, 0.52), (0.5, 0.58)], GREEN)  # fmt: skip
    for y in (0.2, 0.62, 0.78):
        pen.curve([(0.02, y), (0.14, y - 0.03), (0.24, y + 0.02), (0.34, y - 0.01)], width=1.5)
    for _ in range(pen.count(2, 5)):
        pen.ellipse(pen.between(0.65, 0.95), pen.between(0.6, 0.9), 0.035, 0.018, GREEN)
    pen.stroke([(0.05, 0.95), (0.95, 0.95)])


def _bolt(pen: Pen, x: float, y: float, size: float) -> None:
    points = ((0.1, -0.5), (-0.25, 0.08), (-0.02, 0.08), (-0.12, 0.5), (0.28, -0.12), (0.04, -0.12), (0.22, -0.5))
    pen.polygon([(x + size * dx, y + size * dy) for dx, dy in points], YELLOW)


def _thundercloud(pen: Pen) -> None:
    for x in (0.32, 0.68)[: pen.count(1, 2)] if pen.chance(0.5) else (0.5,):
        _bolt(pen, x, 0.66, pen.between(0.42, 0.6))
    cloud(pen, 0.32, (DARK, GREY)[pen.count(0, 1)])


def _lightning(pen: Pen) -> None:
    if pen.chance(0.6):
        pen.box(0.03, 0.03, 0.97, 0.97, (55, 50, 85))
    x, y, path = pen.between(0.35, 0.6), 0.05, []
    while y < 0.92:
        path.append((x, y))
        x, y = min(max(x + pen.between(-0.17, 0.17), 0.15), 0.85), y + pen.between(0.1, 0.18)
    pen.stroke(path, width=2.6, colour=YELLOW)
    for px, py in path[1:4]:
        side = pen.between(0.12, 0.25) * (1 if pen.chance(0.5) else -1)
        pen.stroke([(px, py), (px + side * 0.6, py + 0.12), (px + side, py + 0.25)], width=1.2, colour=YELLOW)


DRAWINGS: Mapping[str, tuple[Drawing, ...]] = MappingProxyType({
    "bird_chirps": (_bird_side, _birds_flying),
    "bubbles": (_bubbles, _pot),
    "crackling_fire": (_campfire, _fireplace),
    "crickets": (_cricket, _night_meadow),
    "dog": (_dog_face, _dog_side, _paws),
    "rain": (_rain_cloud, _umbrella, _rain_streaks),
    "rooster": (_rooster_side, _rooster_head),
    "sea_waves": (_waves, _breaker, _beach),
    "thunder": (_thundercloud, _lightning),
    "water_drops": (_drops, _tap),
    "wind": (_curls, _bent_tree),
})  # fmt: skip
