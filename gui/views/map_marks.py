"""What is painted above the dots of a map."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from gui.theme import tokens

_WIDEST = 320
_AWAY = 14.0
_EDGE = 8.0


def closed(outline: Sequence[QPointF]) -> QPainterPath:
    """An outline of at least one point as an area."""
    path = QPainterPath(outline[0])
    for point in outline[1:]:
        path.lineTo(point)
    path.closeSubpath()
    return path


def paint_lasso(painter: QPainter, outline: Sequence[QPointF]) -> None:
    """What is being drawn around files."""
    ground = tokens().colour("accent")
    ground.setAlphaF(0.15)
    painter.setBrush(ground)
    painter.setPen(QPen(tokens().colour("accent_text"), 1.5, Qt.PenStyle.DashLine))
    painter.drawPath(closed(outline))


def paint_label(painter: QPainter, path: str, at: QPointF, size: QSize) -> None:
    """A card that names a file, beside its dot and inside the map, which is so large."""
    folder, _, name = path.replace("\\", "/").rpartition("/")
    metrics = painter.fontMetrics()
    lines = [metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, _WIDEST) for text in (name, folder)]
    width = max(metrics.horizontalAdvance(line) for line in lines) + 24
    height = 2 * metrics.height() + 16
    left = at.x() + _AWAY if at.x() + _AWAY + width < size.width() - _EDGE else at.x() - _AWAY - width
    top = min(max(at.y() - height / 2, _EDGE), size.height() - height - _EDGE)
    card = QRectF(max(_EDGE, left), top, width, height)
    painter.setPen(tokens().colour("line"))
    painter.setBrush(tokens().colour("raised"))
    painter.drawRoundedRect(card, 8, 8)
    align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
    for number, (line, role) in enumerate(zip(lines, ("text", "muted"), strict=True)):
        painter.setPen(tokens().colour(role))
        painter.drawText(card.adjusted(12, 8 + number * metrics.height(), -12, 0), align, line)
