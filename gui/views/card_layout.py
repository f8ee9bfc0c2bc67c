"""Where cards are in a grid."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect

GAP = 12
MARGIN = 16

_CAPTION = 52
_SHAPE = 0.66


@dataclass(frozen=True, slots=True)
class CardLayout:
    """A grid of equal cards that fills its width. All places are from the top of the whole grid.

    Attributes:
        count: How many cards.
        width: Of the grid, pixels.
        side: The least width of a card.
    """

    count: int
    width: int
    side: int

    @property
    def columns(self) -> int:
        """How many cards are beside each other."""
        return max(1, (self.width - 2 * MARGIN + GAP) // (self.side + GAP))

    @property
    def card_width(self) -> int:
        """Of one card."""
        return max(1, (self.width - 2 * MARGIN - GAP * (self.columns - 1)) // self.columns)

    @property
    def picture_height(self) -> int:
        """Of the upper part of a card."""
        return round(self.card_width * _SHAPE)

    @property
    def step(self) -> int:
        """From one line of cards to the next."""
        return self.picture_height + _CAPTION + GAP

    @property
    def height(self) -> int:
        """Of the grid."""
        lines = -(-self.count // self.columns)
        return 2 * MARGIN - GAP + lines * self.step if lines else 0

    def rect(self, number: int) -> QRect:
        """Of a card."""
        line, column = divmod(number, self.columns)
        left = MARGIN + column * (self.card_width + GAP)
        return QRect(left, MARGIN + line * self.step, self.card_width, self.step - GAP)

    def at(self, point: QPoint) -> int:
        """The number of the card that is there; -1 for none."""
        number = self.nearest(point)
        return number if number >= 0 and self.rect(number).contains(point) else -1

    def nearest(self, point: QPoint) -> int:
        """The number of a card that is there or close by; -1 if there are no cards."""
        column = min(self.columns - 1, max(0, (point.x() - MARGIN) // (self.card_width + GAP)))
        line = max(0, (point.y() - MARGIN) // self.step)
        return min(self.count - 1, line * self.columns + column)

    def within(self, rect: QRect) -> list[tuple[int, int]]:
        """First and last numbers of the cards that a rectangle touches, line by line."""
        first_line = max(0, (rect.top() - MARGIN + GAP) // self.step)
        last_line = (rect.bottom() - MARGIN) // self.step
        pitch = self.card_width + GAP
        left = max(0, (rect.left() - MARGIN + GAP) // pitch)
        right = min(self.columns - 1, (rect.right() - MARGIN) // pitch)
        if left > right:
            return []
        found = []
        for line in range(first_line, min(last_line, (self.count - 1) // self.columns) + 1):
            first, last = line * self.columns + left, min(line * self.columns + right, self.count - 1)
            if first <= last:
                found.append((first, last))
        return found
