"""Files that leave the app on the pointer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QDrag, QFontMetrics, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from gui.controllers.pictures import PictureController
from gui.models.results import mime_of
from gui.records import Row
from gui.views import painting

_WIDTH, _HEIGHT = 240, 76
_BEHIND = 6
_WAVE_HEIGHT = 28
_MARGIN = 12


def drag_files(source: QWidget, rows: Sequence[Row], pictures: PictureController) -> bool:
    """Drag files out of the app until they are dropped.

    Returns:
        Whether somebody took them.
    """
    return bool(rows) and _drag(source, [row.path for row in rows], drag_pixmap(source, rows, pictures))


def drag_region(source: QWidget, row: Row, file: str, pictures: PictureController) -> bool:
    """Drag a part of a sound out, of which there is a file already.

    Returns:
        Whether somebody took it.
    """
    name = file.replace("\\", "/").rpartition("/")[2]
    return _drag(source, [file], drag_pixmap(source, [row], pictures, title=name))


def drag_pixmap(source: QWidget, rows: Sequence[Row], pictures: PictureController, *, title: str = "") -> QPixmap:
    """What hangs on the pointer: the first file's waveform and name, and how many there are."""
    ratio = source.devicePixelRatioF()
    behind = min(2, len(rows) - 1) * _BEHIND
    size = QSize(_WIDTH + behind, _HEIGHT + behind)
    pixmap = QPixmap(size * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for offset in range(behind, -1, -_BEHIND):
        _card(painter, QRect(offset, offset, _WIDTH, _HEIGHT))
    inner = QRect(_MARGIN, 10, _WIDTH - 2 * _MARGIN, _HEIGHT - 20)
    row = rows[0]
    icon = QRect(inner.left(), inner.top(), 16, 16)
    painting.draw_icon(painter, icon, painting.KIND_ICONS[row.modality], painting.KIND_ROLES[row.modality])
    name = QRect(inner.left() + 24, inner.top() - 1, inner.width() - 24, 18)
    if len(rows) > 1:
        name.setWidth(name.width() - _badge(painter, inner, len(rows), source) - 8)
    painting.draw_text(painter, name, title or row.name, "text", font=source.font(), align=painting.LEFT)
    outline = pictures.waveform(row.path, row.mtime_ns) if row.duration_s else None
    lower = QRect(inner.left(), inner.bottom() - _WAVE_HEIGHT + 1, inner.width(), _WAVE_HEIGHT)
    if outline is not None:
        stretches = painting.matching(row)
        painter.drawPixmap(lower.topLeft(), painting.wave_pixmap(outline, stretches, lower.size(), ratio))
    else:
        small = painting.small_font(source.font())
        painting.draw_text(painter, lower, row.folder, "muted", font=small, align=painting.LEFT)
    painter.end()
    return pixmap


def _drag(source: QWidget, paths: Sequence[str], pixmap: QPixmap) -> bool:
    drag = QDrag(source)
    drag.setMimeData(mime_of(paths))
    drag.setPixmap(pixmap)
    drag.setHotSpot(QPoint(24, 18))
    return drag.exec(Qt.DropAction.CopyAction) is not Qt.DropAction.IgnoreAction


def _card(painter: QPainter, rect: QRect) -> None:
    painter.setPen(painting.colour_of("strong_line"))
    painter.setBrush(painting.colour_of("raised"))
    painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)


def _badge(painter: QPainter, inner: QRect, count: int, source: QWidget) -> int:
    """How many, in the upper right corner; returns how wide that is."""
    text = f"{count:,}"
    font = painting.small_font(source.font())
    width = QFontMetrics(font).horizontalAdvance(text) + 12
    place = QRect(inner.right() - width + 1, inner.top() - 1, width, 18)
    painting.draw_plate(painter, place, "accent", 9)
    painter.setFont(font)
    painter.setPen(painting.colour_of("on_accent"))
    painter.drawText(place, painting.CENTRE, text)
    return width
