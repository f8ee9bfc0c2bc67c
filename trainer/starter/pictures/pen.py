"""The pen that the drawings are made with: shapes in unit coordinates, each picture warped and coloured anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

RGB = tuple[int, int, int]
Points = Sequence[tuple[float, float]]
_Array = NDArray[np.float64]

CANVAS_PX = 256  # drawn large and reduced by two, which smooths the edges
_CIRCLE = np.linspace(0.0, 2 * np.pi, 33)
_CIRCLE_XY = np.stack([np.cos(_CIRCLE), np.sin(_CIRCLE)], axis=1)  # (33, 2), closed

BLACK: RGB = (30, 30, 34)
BLUE: RGB = (60, 120, 215)
BROWN: RGB = (140, 90, 50)
CREAM: RGB = (245, 230, 200)
DARK: RGB = (70, 72, 82)
GOLD: RGB = (235, 190, 60)
GREEN: RGB = (80, 160, 80)
GREY: RGB = (165, 170, 178)
ORANGE: RGB = (240, 140, 45)
PINK: RGB = (245, 170, 175)
RED: RGB = (210, 55, 50)
SILVER: RGB = (205, 210, 218)
SKIN: RGB = (240, 196, 160)
SKY: RGB = (150, 205, 240)
TAN: RGB = (205, 160, 105)
WHITE: RGB = (248, 248, 246)
YELLOW: RGB = (250, 215, 70)


class Style(Enum):
    """How shapes are put down."""

    FILLED = "filled"  # colour and outline
    FLAT = "flat"  # colour alone
    LINE = "line"  # outline alone; a shape hides what is behind it


@dataclass(frozen=True, slots=True)
class Look:
    """What stays the same all over one drawing.

    Attributes:
        style: How shapes are put down.
        ink: Colour of outlines and of strokes without one of their own.
        width: Of a stroke of width 1, as a part of the side.
        tint: `(3, 3)`, applied to every fill colour.
        bend: `(2, 2)`, amplitudes (x, y; part of the side) and phases of the wave that warps the drawing.
    """

    style: Style
    ink: RGB
    width: float
    tint: _Array
    bend: _Array


def plain_look(style: Style, ink: RGB) -> Look:
    """A look without any warp, with the colours as named."""
    return Look(style=style, ink=ink, width=0.018, tint=np.eye(3), bend=np.zeros((2, 2)))


def random_look(rng: np.random.Generator, ink: RGB) -> Look:
    """A look of any style, warp and line width; the colours are jittered, and swapped in one drawing of six."""
    tint = np.eye(3) * rng.uniform(0.75, 1.15) + rng.uniform(-0.12, 0.12, (3, 3))
    if rng.random() < 1 / 6:
        tint = tint[rng.permutation(3)]
    return Look(
        style=(Style.FILLED, Style.FLAT, Style.LINE)[int(rng.integers(3))],
        ink=ink,
        width=float(rng.uniform(0.010, 0.032)),
        tint=tint,
        bend=np.stack([rng.uniform(0.0, 0.03, 2), rng.uniform(0.0, 2 * np.pi, 2)]),
    )


@dataclass(frozen=True, slots=True)
class Pen:
    """Draws shapes on a transparent canvas. Coordinates run from (0, 0), top left, to (1, 1); angles are in degrees,
    clockwise from the right; `width` counts in the look's stroke width. Drawings take their randomness from `rng`."""

    draw: ImageDraw.ImageDraw
    look: Look
    rng: np.random.Generator
    matrix: _Array  # (2, 3): local to canvas coordinates

    @classmethod
    def on(cls, canvas: Image.Image, look: Look, rng: np.random.Generator) -> Pen:
        """A pen over the whole of an RGBA `canvas`."""
        return cls(ImageDraw.Draw(canvas), look, rng, np.eye(2, 3))

    def at(self, x: float, y: float, scale: float, angle: float = 0.0) -> Pen:
        """A pen whose unit square is centred on (x, y), `scale` wide and turned by `angle`."""
        turn = np.deg2rad(angle)
        inner = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        shift = np.array([x, y]) - inner @ (0.5, 0.5)
        linear = self.matrix[:, :2]
        return replace(self, matrix=np.column_stack([linear @ inner, linear @ shift + self.matrix[:, 2]]))

    def between(self, low: float, high: float) -> float:
        """A uniform draw."""
        return float(self.rng.uniform(low, high))

    def count(self, low: int, high: int) -> int:
        """A uniform draw of a whole number, both ends included."""
        return int(self.rng.integers(low, high + 1))

    def chance(self, probability: float) -> bool:
        """True in this part of the draws."""
        return bool(self.rng.random() < probability)

    def polygon(self, points: Points | _Array, fill: RGB) -> None:
        """A closed shape with straight sides."""
        self._shape(np.asarray(points, dtype=np.float64), fill)

    def blob(self, points: Points, fill: RGB) -> None:
        """A closed, smooth shape through the points."""
        self._shape(_smooth(np.asarray(points, dtype=np.float64), closed=True), fill)

    def ellipse(self, x: float, y: float, rx: float, ry: float, fill: RGB) -> None:
        """An ellipse with its axes upright."""
        self._shape(_CIRCLE_XY * (rx, ry) + (x, y), fill)

    def circle(self, x: float, y: float, radius: float, fill: RGB) -> None:
        """A circle."""
        self.ellipse(x, y, radius, radius, fill)

    def box(self, left: float, top: float, right: float, bottom: float, fill: RGB, *, corner: float = 0.0) -> None:
        """A rectangle; `corner` is the radius of its corners."""
        if corner <= 0:
            self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], fill)
            return
        quarter = _CIRCLE_XY[:9] * corner
        turns = ((right - corner, bottom - corner, 1, 1), (left + corner, bottom - corner, -1, 1),
                 (left + corner, top + corner, -1, -1), (right - corner, top + corner, 1, -1))  # fmt: skip
        corners = [quarter[:: sx * sy] * (sx, sy) + (x, y) for x, y, sx, sy in turns]
        self.polygon(np.concatenate(corners), fill)

    def stroke(self, points: Points | _Array, *, width: float = 1.0, colour: RGB | None = None) -> None:
        """A broken line; without a colour in ink."""
        self._line(np.asarray(points, dtype=np.float64), width, colour)

    def curve(self, points: Points, *, width: float = 1.0, colour: RGB | None = None) -> None:
        """A smooth line through the points; without a colour in ink."""
        self._line(_smooth(np.asarray(points, dtype=np.float64), closed=False), width, colour)

    def arc(
        self,
        x: float,
        y: float,
        radius: float,
        start: float,
        end: float,
        *,
        width: float = 1.0,
        colour: RGB | None = None,
    ) -> None:
        """A part of a circle's line, clockwise from `start` to `end`."""
        turn = np.deg2rad(np.linspace(start, end, 17))
        self._line(np.stack([x + radius * np.cos(turn), y + radius * np.sin(turn)], axis=1), width, colour)

    def dot(self, x: float, y: float, radius: float, colour: RGB | None = None) -> None:
        """A filled spot without an outline, in every style; without a colour in ink."""
        xy = self._map(_CIRCLE_XY * radius + (x, y))
        self.draw.polygon(xy, fill=self._strong(colour))

    def spot(self, points: Points | _Array, colour: RGB | None = None) -> None:
        """A filled shape with straight sides and no outline, in every style; without a colour in ink."""
        self.draw.polygon(self._map(np.asarray(points, dtype=np.float64)), fill=self._strong(colour))

    def rays(
        self, x: float, y: float, inner: float, outer: float, *, start: float = 0.0, end: float = 360.0, count: int = 8,
        width: float = 1.0, colour: RGB | None = None,
    ) -> None:  # fmt: skip
        """Straight lines outwards, spread over the angles from `start` to `end` (the last left out on a whole turn)."""
        for turn in np.deg2rad(np.linspace(start, end, count, endpoint=end - start < 360)):
            step, centre = np.array([np.cos(turn), np.sin(turn)]), np.array([x, y])
            self._line(np.stack([centre + step * inner, centre + step * outer]), width, colour)

    def _map(self, points: _Array) -> list[float]:
        placed = points @ self.matrix[:, :2].T + self.matrix[:, 2]
        amplitude, phase = self.look.bend
        bent = placed + amplitude * np.sin(2 * np.pi * placed[:, ::-1] + phase)
        flat: list[float] = (bent * CANVAS_PX).ravel().tolist()
        return flat

    def _tinted(self, colour: RGB) -> RGB:
        r, g, b = np.clip(self.look.tint @ colour, 0, 255).astype(int).tolist()
        return r, g, b

    def _strong(self, colour: RGB | None) -> RGB:
        return self.look.ink if colour is None or self.look.style is Style.LINE else self._tinted(colour)

    def _shape(self, points: _Array, fill: RGB) -> None:
        xy = self._map(points)
        # A line drawing hides what is behind a shape by rubbing it out: ImageDraw replaces, it does not blend.
        rubber = (*self.look.ink, 0)
        self.draw.polygon(xy, fill=rubber if self.look.style is Style.LINE else self._tinted(fill))
        if self.look.style is not Style.FLAT:
            self._trace(xy + xy[:4], self.look.ink, self._px(1.0))

    def _line(self, points: _Array, width: float, colour: RGB | None) -> None:
        self._trace(self._map(points), self._strong(colour), self._px(width))

    def _trace(self, xy: list[float], colour: RGB, width_px: int) -> None:
        # Pillow rounds joints in Python, slowly: only where a gap would show, at the sharp turns of a wide line.
        joint = "curve" if width_px > 3 and len(xy) < 30 else None
        self.draw.line(xy, fill=colour, width=width_px, joint=joint)

    def _px(self, width: float) -> int:
        return max(1, round(width * self.look.width * CANVAS_PX))


Drawing = Callable[[Pen], None]
"""Draws one thing with the pen it is given."""


def polar(angle: float, radius: float, x: float = 0.5, y: float = 0.5) -> tuple[float, float]:
    """The point at `radius` from (x, y) in the direction of `angle`, in degrees clockwise from the right."""
    return x + radius * float(np.cos(np.deg2rad(angle))), y + radius * float(np.sin(np.deg2rad(angle)))


def _smooth(points: _Array, *, closed: bool) -> _Array:
    """Catmull-Rom spline through `(n, 2)` points, six steps a span -> `(6 n, 2)` or `(6 n - 5, 2)`."""
    if closed:
        before, start, end, after = (np.roll(points, shift, axis=0) for shift in (1, 0, -1, -2))
    else:
        padded = np.concatenate([points[:1], points, points[-1:]])
        before, start, end, after = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    t = np.arange(6)[:, None, None] / 6
    spans = 0.5 * (
        2 * start
        + (end - before) * t
        + (2 * before - 5 * start + 4 * end - after) * t**2
        + (3 * start - before - 3 * end + after) * t**3
    )  # (6, spans, 2)
    line = spans.swapaxes(0, 1).reshape(-1, 2)
    return line if closed else np.concatenate([line, points[-1:]])
