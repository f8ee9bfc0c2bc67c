"""How the cells of the result list look."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QToolTip, QWidget

from audioclip_search import Modality
from gui.backend.calls.pictures import Kind
from gui.controllers.pictures import PictureController
from gui.models.results import COLUMNS, NUMBERS, Column, Index, ResultsModel, shown_auto_tags
from gui.organisation import is_favourite, plain_tags
from gui.records import Row
from gui.views import painting
from gui.views.why import why_html

ROW_HEIGHT = 44

_PADDING = 8
_PLATE = 28
_ICON = 16
_WAVE_MARGIN = 6
_THUMB_SIDE = 96
_BAR = 4


class ResultDelegate(QStyledItemDelegate):
    """Paints straight from the model's rows. What changes with the pointer and the player is told to it.

    Attributes:
        hovered: The line under the pointer; -1 for none.
        focused: The line that the keyboard is at; -1 if it is elsewhere.
        playing: The path of the sound that is in the player; empty for none.
        sounding: Whether that is heard now.
        played: How much of it has been, in [0, 1].
        folder_beneath: Whether the name has its folder beneath it.
        edges: The first and the last visible columns.
    """

    def __init__(self, model: ResultsModel, pictures: PictureController, parent: QObject) -> None:
        super().__init__(parent)
        self._model, self._pictures = model, pictures
        self._waves = painting.Waves()
        self._small = QFont()
        self._font = QFont()
        self.hovered = self.focused = -1
        self.playing = ""
        self.sounding = False
        self.played = 0.0
        self.folder_beneath = True
        self.edges = (Column.NAME, Column.FOLDER)
        self._painters: dict[Column, Callable[[QPainter, QRect, Row, int], None]] = {
            Column.NAME: self._name,
            Column.WAVEFORM: self._waveform,
            Column.SCORE: self._score,
            Column.TAGS: self._tags,
            Column.RATING: self._rating,
        }

    def set_font(self, font: QFont) -> None:
        """Use a font, and a smaller one of its family."""
        self._font, self._small = QFont(font), painting.small_font(font)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """All rows are equally high."""
        return QSize(120, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """A cell."""
        line, column = index.row(), COLUMNS[index.column()]
        row = self._model.row_at(line)
        rect: QRect = option.rect
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        self._ground(painter, rect, line, column, selected=selected)
        inner = rect.adjusted(_PADDING, 0, -_PADDING, 0)
        special = self._painters.get(column)
        if special is not None:
            special(painter, inner, row, line)
        else:
            align = painting.RIGHT if column in NUMBERS else painting.LEFT
            text = self._model.data(index)
            painting.draw_text(painter, inner, text, "muted", font=self._font, align=align)

    def helpEvent(self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index) -> bool:
        """Why the file under the pointer was found."""
        if event.type() != QEvent.Type.ToolTip or not index.isValid():
            return False
        QToolTip.showText(event.globalPos(), why_html(self._model.row_at(index)), view, view.visualRect(index))
        return True

    def star_at(self, rect: QRect, point: QPoint) -> int:
        """What a click in a rating cell means: 0 for the heart, 1 to 5 for a star, -1 for neither."""
        place = point.x() - rect.left() - _PADDING
        if 0 <= place < painting.STAR + 4:
            return 0
        star = (place - painting.STAR - 6) // painting.STAR + 1
        return star if 1 <= star <= 5 else -1

    @staticmethod
    def wave_rect(rect: QRect) -> QRect:
        """Where in its cell the waveform is."""
        return rect.adjusted(_PADDING, _WAVE_MARGIN, -_PADDING, -_WAVE_MARGIN)

    @staticmethod
    def play_rect(rect: QRect) -> QRect:
        """Where in the name's cell a click plays."""
        plate = QRect(rect.left() + _PADDING, 0, _PLATE, _PLATE)
        plate.moveTop(rect.center().y() - _PLATE // 2 + 1)
        return plate

    def _ground(self, painter: QPainter, rect: QRect, line: int, column: Column, *, selected: bool) -> None:
        if selected or line == self.hovered:
            painter.fillRect(rect, painting.colour_of("selection" if selected else "hover"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setPen(painting.colour_of("accent_text" if line == self.focused else "line"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        if line == self.focused:
            painter.drawLine(rect.topLeft(), rect.topRight())
            if column is self.edges[0]:
                painter.drawLine(rect.topLeft(), rect.bottomLeft())
            if column is self.edges[1]:
                painter.drawLine(rect.topRight(), rect.bottomRight())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _name(self, painter: QPainter, inner: QRect, row: Row, line: int) -> None:
        plate = self.play_rect(inner.adjusted(-_PADDING, 0, 0, 0))
        playing, playable = row.path == self.playing, row.modality is Modality.AUDIO and not row.failure
        if playing:
            icon, role = ("pause" if self.sounding and line == self.hovered else "volume"), "accent_text"
            icon = icon if self.sounding else "play"
        elif line == self.hovered and playable:
            icon, role = "play", "text"
        else:
            icon, role = painting.KIND_ICONS[row.modality], painting.KIND_ROLES[row.modality]
        painting.draw_plate(painter, plate, "moment" if playing else "pressed" if line == self.hovered else "hover")
        square = QRect(0, 0, _ICON, _ICON)
        square.moveCenter(plate.center())
        painting.draw_icon(painter, square, icon, role)
        text = inner.adjusted(_PLATE + _PADDING + 2, 0, 0, 0)
        for mark, mark_role in painting.marks(row):
            place = QRect(text.right() - _ICON + 1, text.center().y() - _ICON // 2 + 1, _ICON, _ICON)
            painting.draw_icon(painter, place, mark, mark_role)
            text.adjust(0, 0, -_ICON - 6, 0)
        role = "accent_text" if playing else "muted" if row.offline or row.failure else "text"
        if not self.folder_beneath:
            painting.draw_text(painter, text, row.name, role, font=self._font, align=painting.LEFT)
            return
        upper, lower = text.adjusted(0, 5, 0, -20), text.adjusted(0, 22, 0, -5)
        painting.draw_text(painter, upper, row.name, role, font=self._font, align=painting.LEFT)
        self._folder(painter, lower, row)

    def _folder(self, painter: QPainter, rect: QRect, row: Row) -> None:
        """Its folder, without folders from its beginning if there is no room: the end says more."""
        shown, room = self._model.folder_of(row), QFontMetrics(self._small)
        while "/" in shown[2:] and room.horizontalAdvance(shown) > rect.width():
            shown = "…/" + shown.removeprefix("…/").partition("/")[2]
        painting.draw_text(painter, rect, shown, "muted", font=self._small, align=painting.LEFT)

    def _waveform(self, painter: QPainter, inner: QRect, row: Row, line: int) -> None:
        rect = inner.adjusted(0, _WAVE_MARGIN, 0, -_WAVE_MARGIN)
        if row.modality is Modality.IMAGE:
            self._thumbnail(painter, rect, row)
        elif row.modality is Modality.AUDIO:
            self._wave(painter, rect, row)

    def _wave(self, painter: QPainter, rect: QRect, row: Row) -> None:
        outline = self._pictures.waveform(row.path, row.mtime_ns)
        if outline is None:
            reason = self._pictures.unavailable(row.path, Kind.WAVEFORM)
            painter.setPen(QPen(painting.colour_of("faint"), 1, Qt.PenStyle.DotLine))
            middle = rect.center().y()
            if reason is None:
                painter.drawLine(rect.left(), middle, rect.right(), middle)
            else:
                text = self.tr("Not available")
                painting.draw_text(painter, rect, text, "muted", font=self._small, align=painting.LEFT)
            return
        pixmap = self._waves.pixmap(row, outline, rect.size(), painter.device().devicePixelRatio())
        painter.drawPixmap(rect.topLeft(), pixmap)
        if row.path == self.playing:
            x = rect.left() + round(self.played * (rect.width() - 1))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            painter.setPen(QPen(painting.colour_of("text"), 2))
            painter.drawLine(x, rect.top() - 2, x, rect.bottom() + 2)

    def _thumbnail(self, painter: QPainter, rect: QRect, row: Row) -> None:
        pixmap = self._pictures.picture(row.path, _THUMB_SIDE, row.mtime_ns)
        place = QRect(rect.left(), rect.top(), min(rect.width(), rect.height() * 3 // 2), rect.height())
        text = f"{row.width} × {row.height}" if row.width else ""
        if pixmap is None:
            painting.draw_plate(painter, place, "hover", 4)
            if self._pictures.unavailable(row.path, Kind.IMAGE, _THUMB_SIDE) is not None:
                text = self.tr("Not available")
        else:
            painting.cover(painter, place, pixmap)
        beside = rect.adjusted(place.width() + _PADDING, 0, 0, 0)
        painting.draw_text(painter, beside, text, "muted", font=self._small, align=painting.LEFT)

    def _score(self, painter: QPainter, inner: QRect, row: Row, line: int) -> None:
        if row.score is None:
            return
        text = QRect(inner.left(), inner.top() + 7, inner.width(), 16)
        painting.draw_text(painter, text, f"{row.score:.0%}", "text", font=self._font, align=painting.LEFT)
        track = QRect(inner.left(), inner.top() + 28, min(inner.width(), 56), _BAR)
        painting.draw_plate(painter, track, "pressed", _BAR / 2)
        filled = max(_BAR, round(track.width() * min(1.0, max(0.0, row.score))))
        painting.draw_plate(painter, QRect(track.left(), track.top(), filled, _BAR), "accent", _BAR / 2)

    def _tags(self, painter: QPainter, inner: QRect, row: Row, line: int) -> None:
        chips = [(tag, False) for tag in plain_tags(row.tags)]
        chips += [(f"~{tag.label}", True) for tag in shown_auto_tags(row)]
        if chips:
            painting.draw_chips(painter, inner, chips, self._small)

    def _rating(self, painter: QPainter, inner: QRect, row: Row, line: int) -> None:
        side, middle = painting.STAR, inner.center().y() + 1
        heart = QRect(inner.left(), middle - side // 2, side, side)
        hovered = line == self.hovered
        if is_favourite(row.tags):
            painting.draw_icon(painter, heart, "heart-filled", "bad")
        elif hovered:
            painting.draw_icon(painter, heart, "heart", "strong_line")
        painting.draw_stars(painter, inner.left() + side + 6, middle, row.rating, all_five=hovered)


def update_cell(view: QAbstractItemView, model: ResultsModel, line: int, column: Column) -> None:
    """Paint a cell anew, if it is in sight."""
    rect = view.visualRect(model.index(line, column.section))
    viewport: QWidget = view.viewport()
    if rect.intersects(viewport.rect()):
        viewport.update(rect)
