"""Many dots, fast: as pixels of an image."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QColor, QImage

Points = NDArray[np.float32]

_SLICE = 12_000
_DIM = 0.25


@dataclass(frozen=True, slots=True)
class Camera:
    """Which part of the map is where: a point of the map is `scale` times it plus the offset, in pixels."""

    scale: float = 1.0
    left: float = 0.0
    top: float = 0.0

    @classmethod
    def fitting(cls, size: QSize, margin: float) -> Camera:
        """All of the map, in the middle."""
        scale = max(1.0, min(size.width(), size.height()) - 2 * margin)
        return cls(scale, (size.width() - scale) / 2, (size.height() - scale) / 2)

    def zoomed(self, factor: float, at: QPointF) -> Camera:
        """Nearer by a factor; what is `at` stays there."""
        return Camera(
            self.scale * factor, at.x() - (at.x() - self.left) * factor, at.y() - (at.y() - self.top) * factor
        )

    def moved(self, by: QPointF) -> Camera:
        """Moved by pixels."""
        return Camera(self.scale, self.left + by.x(), self.top + by.y())

    def placed(self, points: Points) -> Points:
        """Where points are, float32 `(n, 2)` in pixels."""
        return points * np.float32(self.scale) + np.array((self.left, self.top), np.float32)


def radius_for(count: int) -> float:
    """How large dots are if so many are seen, pixels."""
    return 5.0 if count <= 500 else 3.5 if count <= 5_000 else 2.75 if count <= 30_000 else 1.75


def premultiplied(colour: QColor, alpha: float = 1.0) -> int:
    """A colour as a pixel is stored."""
    red, green, blue = (round(part * alpha) for part in (colour.red(), colour.green(), colour.blue()))
    return (round(255 * alpha) << 24) | (red << 16) | (green << 8) | blue


@cache
def _rings(radius: float) -> tuple[tuple[int, int, float], ...]:
    """The pixels of a dot around its middle, the faintest first: across, down, and how much is covered."""
    reach = int(np.ceil(radius + 0.5))
    found = []
    for down in range(-reach, reach + 1):
        for across in range(-reach, reach + 1):
            covered = min(1.0, radius + 0.5 - float(np.hypot(across, down)))
            if covered > 0.05:
                found.append((across, down, round(covered * 8) / 8))
    return tuple(sorted((one for one in found if one[2]), key=lambda pixel: pixel[2]))


class DotImage:
    """An image of dots.

    Args:
        size: In pixels of the screen's own.
    """

    def __init__(self, size: QSize) -> None:
        self._width, self._height = max(1, size.width()), max(1, size.height())
        self._pixels = np.zeros((self._height, self._width), np.uint32)

    def dots(self, points: Points, colours: NDArray[np.uint32], radius: float) -> None:
        """Put dots above what is there; where they overlap, the middle of one hides the rim of another.

        Args:
            points: float32 `(n, 2)`, pixels.
            colours: uint32 `(n,)`, premultiplied ARGB.
            radius: Pixels.
        """
        reach = int(np.ceil(radius + 0.5))
        places = np.rint(points).astype(np.int32)
        inside = (
            (places[:, 0] >= reach)
            & (places[:, 0] < self._width - reach)
            & (places[:, 1] >= reach)
            & (places[:, 1] < self._height - reach)
        )
        flat = self._pixels.reshape(-1)
        middles = (places[inside, 1] * self._width + places[inside, 0]).astype(np.intp)
        shades = {covered: _faded(colours[inside], covered) for _, _, covered in _rings(radius)}
        for across, down, covered in _rings(radius):
            flat[middles + (down * self._width + across)] = shades[covered]

    def image(self, ratio: float) -> QImage:
        """A copy for Qt."""
        data = self._pixels.tobytes()
        image = QImage(data, self._width, self._height, 4 * self._width, QImage.Format.Format_ARGB32_Premultiplied)
        image = image.copy()
        image.setDevicePixelRatio(ratio)
        return image


class Layer:
    """The dots of a map as an image that is made some dots at a time, while the last one serves."""

    def __init__(self) -> None:
        self.image: QImage | None = None
        self.camera = Camera()
        """Of the image."""
        self._points: Points = np.empty((0, 2), np.float32)
        self._colours: NDArray[np.uint32] = np.empty(0, np.uint32)
        self._work: list[tuple[NDArray[np.intp], float, bool]] = []
        self._back: DotImage | None = None
        self._back_camera = Camera()
        self._ratio = 1.0

    @property
    def busy(self) -> bool:
        """Whether an image is being made."""
        return self._back is not None

    def begin(
        self,
        points: Points,
        colours: NDArray[np.uint32],
        lit: NDArray[np.bool_] | None,
        *,
        camera: Camera,
        size: QSize,
        ratio: float,
    ) -> None:
        """Make another image.

        Args:
            points: float32 `(n, 2)`, on the map.
            colours: uint32 `(n,)`, opaque.
            lit: bool `(n,)`, which are not dimmed, and are larger; None for all.
            camera: Which part is seen.
            size: Of the widget.
            ratio: Of the screen's pixels to the widget's.
        """
        self._points, self._colours = points, colours
        self._back, self._back_camera, self._ratio = DotImage(size * ratio), camera, ratio
        placed = camera.placed(points)
        seen = ((placed >= -8) & (placed <= (size.width() + 8, size.height() + 8))).all(axis=1)
        radius = radius_for(int(np.count_nonzero(seen)))
        above = seen if lit is None else seen & lit
        self._work = []
        for numbers, is_lit in ((np.flatnonzero(seen & ~above), False), (np.flatnonzero(above), True)):
            larger = radius if lit is None or not is_lit else max(radius, 2.75) + 0.5
            for start in range(0, len(numbers), _SLICE):
                self._work.append((numbers[start : start + _SLICE], larger, is_lit))

    def step(self, dim: QColor) -> bool:
        """Draw some dots more; whether the image is whole now.

        Args:
            dim: The colour of those that are dimmed.
        """
        if self._back is None:
            return True
        if self._work:
            numbers, radius, lit = self._work.pop(0)
            places = self._back_camera.placed(self._points[numbers]) * np.float32(self._ratio)
            faint = np.full(len(numbers), premultiplied(dim, _DIM), np.uint32)
            self._back.dots(places, self._colours[numbers] if lit else faint, round(radius * self._ratio * 4) / 4)
        if self._work:
            return False
        self.image, self.camera, self._back = self._back.image(self._ratio), self._back_camera, None
        return True


def _faded(colours: NDArray[np.uint32], covered: float) -> NDArray[np.uint32]:
    if covered >= 1:
        return colours
    share = np.uint32(round(covered * 256))
    even = ((colours & np.uint32(0x00FF00FF)) * share >> np.uint32(8)) & np.uint32(0x00FF00FF)
    odd = (((colours >> np.uint32(8)) & np.uint32(0x00FF00FF)) * share) & np.uint32(0xFF00FF00)
    return even | odd
