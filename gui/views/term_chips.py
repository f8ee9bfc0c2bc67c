"""Pictures and sounds of a query as chips in the search box."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QToolButton, QWidget

from gui.controllers.pictures import PictureController
from gui.searching import Chip, ChipKind
from gui.theme import icon
from gui.views.elided import ElidedLabel
from gui.views.popover import Popover

HEIGHT = 28
_THUMBNAIL = 20
_LABEL_WIDTH, _LABEL_WIDTH_OF_SEVERAL = 128, 88
_LEAST = 0.05
"""Of a weight, below and above 0, which is none."""

_WEIGHTS = (-1.0, -0.5, 0.5, 1.0, 2.0)
_ICONS = {ChipKind.IMAGE: ("image", "image"), ChipKind.AUDIO: ("sound", "audio"), ChipKind.LIKE: ("similar", "audio")}


class TermChip(QFrame):
    """One of them: what it is, how much it counts, and a button that removes it. Return opens the weight, Delete and
    Backspace remove it.

    Args:
        chip: What it shows.
        parent: Its owner.
    """

    weighed = Signal(float)
    removed = Signal()
    left = Signal(int)
    """The keys go to the left, -1, or to the right, 1."""

    def __init__(self, chip: Chip, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("term")
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._picture = QLabel()
        self._picture.setFixedSize(_THUMBNAIL, _THUMBNAIL)
        self._label = ElidedLabel(Qt.TextElideMode.ElideMiddle)
        self._weight = QLabel()
        self._weight.setObjectName("small")
        remove = QToolButton()
        remove.setObjectName("term-remove")
        remove.setIcon(icon("close", "muted"))
        remove.setIconSize(QSize(14, 14))
        remove.setFixedSize(20, 20)
        remove.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the chip itself has a key for it
        remove.setToolTip(self.tr("Remove"))
        remove.setCursor(Qt.CursorShape.ArrowCursor)
        remove.clicked.connect(self.removed)
        self._remove = remove
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 0)
        layout.setSpacing(6)
        for widget in (self._picture, self._label, self._weight, remove):
            layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        self._thumbnail: QPixmap | None = None
        self._most = _LABEL_WIDTH
        self.show_chip(chip)

    @property
    def chip(self) -> Chip:
        """What it shows."""
        return self._chip

    def show_chip(self, chip: Chip) -> None:
        """Show another one."""
        self._chip = chip
        self._label.setText(chip.label)
        self._fit()
        self._weight.setText("" if chip.weight == 1 else f"{chip.weight:g}×".replace("-", "−"))
        self._weight.setVisible(chip.weight != 1)
        kind = {
            ChipKind.IMAGE: self.tr("Picture"),
            ChipKind.AUDIO: self.tr("Sound"),
            ChipKind.LIKE: self.tr("Like"),
        }[chip.kind]
        meaning = self.tr("less like this") if chip.weight < 0 else self.tr("more like this")
        self.setToolTip(f"{chip.path}\n{kind}, {meaning}, {chip.weight:g}×")
        self.setAccessibleName(f"{kind} {chip.label}, {meaning}, {chip.weight:g}")
        self._remove.setAccessibleName(self.tr("Remove {name}").format(name=chip.label))
        self.setProperty("less", chip.weight < 0)
        self.style().unpolish(self)
        self.style().polish(self)
        self._paint()
        self.adjustSize()

    def set_most(self, width: int) -> None:
        """How wide its name may be."""
        self._most = width
        self._fit()

    def show_picture(self, pixmap: QPixmap | None) -> None:
        """Show what the file looks like, in small; None for its kind's icon."""
        self._thumbnail = pixmap
        self._paint()

    def open_weight(self) -> Popover:
        """Open the slider for how much it counts."""
        popover = Popover(self.tr("How much it counts"), _WEIGHTS, self._in_words, 1.0, self)
        popover.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        popover.set_value(self._chip.weight)
        popover.chosen.connect(self._weigh)
        popover.open_below(self)
        return popover

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """See the class."""
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space | Qt.Key.Key_Down:
                self.open_weight()
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace:
                self.removed.emit()
            case Qt.Key.Key_Left:
                self.left.emit(-1)
            case Qt.Key.Key_Right:
                self.left.emit(1)
            case _:
                super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click opens the weight."""
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.open_weight()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """It is ours: what is below must not have it."""
        event.accept()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._paint()

    def _weigh(self, weight: float) -> None:
        if abs(weight) < _LEAST:
            weight = math.copysign(_LEAST, weight)
        self.weighed.emit(weight)

    def _fit(self) -> None:
        metrics = self._label.fontMetrics()
        shown = metrics.elidedText(self._label.text(), Qt.TextElideMode.ElideMiddle, self._most)
        self._label.setFixedWidth(metrics.horizontalAdvance(shown) + 2)

    def _in_words(self, weight: float) -> str:
        return f"{weight:g}×".replace("-", "−")

    def _paint(self) -> None:
        if self._thumbnail is None:
            self._picture.setPixmap(icon(*_ICONS[self._chip.kind]).pixmap(QSize(_THUMBNAIL, _THUMBNAIL)))
            return
        grown, smooth = Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
        side = round(_THUMBNAIL * self.devicePixelRatioF())
        scaled = self._thumbnail.scaled(side, side, grown, smooth)
        square = scaled.copy((scaled.width() - side) // 2, (scaled.height() - side) // 2, side, side)
        square.setDevicePixelRatio(self.devicePixelRatioF())
        self._picture.setPixmap(square)


class ChipRow(QScrollArea):
    """The chips beside each other; if there is no room for all, they can be scrolled, by the keys too.

    Args:
        pictures: Gives small pictures; None for icons only.
        parent: Its owner.
    """

    weighed = Signal(int, float)
    removed = Signal(int)
    left = Signal()
    """The keys go on to the right of the last one."""

    def __init__(self, pictures: PictureController | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chips")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT + 4)
        self._pictures = pictures
        self._most = 400
        self._inside = QWidget()
        self._layout = QHBoxLayout(self._inside)
        self._layout.setContentsMargins(2, 2, 2, 2)
        self._layout.setSpacing(6)
        self._layout.setSizeConstraint(QHBoxLayout.SizeConstraint.SetFixedSize)
        self.setWidget(self._inside)
        self._inside.installEventFilter(self)
        self._widgets: list[TermChip] = []
        if pictures is not None:
            pictures.arrived.connect(self._on_arrived)
        self.hide()

    @property
    def widgets(self) -> tuple[TermChip, ...]:
        """The chips, from the left."""
        return tuple(self._widgets)

    def show_chips(self, chips: tuple[Chip, ...]) -> None:
        """Show these in place of the others; a chip that stays keeps the keys."""
        while len(self._widgets) > len(chips):
            widget = self._widgets.pop()
            self._layout.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        for number, chip in enumerate(chips):
            if number == len(self._widgets):
                self._add(number, chip)
            elif self._widgets[number].chip != chip:
                self._widgets[number].show_chip(chip)
            self._widgets[number].set_most(_LABEL_WIDTH if len(chips) == 1 else _LABEL_WIDTH_OF_SEVERAL)
            self._show_picture(self._widgets[number])
        self.setVisible(bool(chips))
        self._fit()

    def set_most(self, width: int) -> None:
        """How wide they may be together."""
        self._most = width
        self._fit()

    def focus(self, number: int) -> None:
        """Give the keys to a chip; -1 is the last one."""
        if self._widgets:
            widget = self._widgets[number]
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            self.ensureWidgetVisible(widget, 0, 0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """As wide as the chips are, as far as they may be."""
        if event.type() is QEvent.Type.Resize and watched is self._inside:
            self._fit()
        return super().eventFilter(watched, event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel scrolls sideways."""
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - (event.angleDelta().y() or event.angleDelta().x()) // 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The newest chip is in sight."""
        super().resizeEvent(event)
        self.horizontalScrollBar().setValue(self.horizontalScrollBar().maximum())

    def _add(self, number: int, chip: Chip) -> None:
        widget = TermChip(chip, self._inside)
        widget.weighed.connect(lambda weight: self.weighed.emit(number, weight))
        widget.removed.connect(lambda: self._remove(number))
        widget.left.connect(lambda step: self._go(number + step))
        self._layout.addWidget(widget)
        self._widgets.append(widget)
        widget.show()

    def _remove(self, number: int) -> None:
        focused = self._widgets[number].hasFocus()
        self.removed.emit(number)
        if focused:
            self._go(min(number, len(self._widgets) - 1) if self._widgets else 0)

    def _go(self, number: int) -> None:
        if number >= len(self._widgets):
            self.left.emit()
        elif number >= 0:
            self.focus(number)

    def _fit(self) -> None:
        self.setFixedWidth(min(self._most, self._inside.width()))

    def _on_arrived(self, path: str) -> None:
        for widget in self._widgets:
            if widget.chip.path == path:
                self._show_picture(widget)

    def _show_picture(self, widget: TermChip) -> None:
        chip = widget.chip
        pictured = self._pictures is not None and chip.kind is ChipKind.IMAGE
        widget.show_picture(self._pictures.picture(chip.path, 64) if pictured and self._pictures else None)
