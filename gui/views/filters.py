"""Filters beside the results."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from audioclip_search import Field
from gui.controllers.search import SearchController
from gui.searching import Facet, FacetValue
from gui.views.facet_rows import FacetSection

_ORDER = (Field.KIND, Field.DURATION, Field.FOLDER, Field.TAG, Field.EXTENSION, Field.RATE, Field.RATING)


class FilterPanel(QWidget):
    """How many of the results there are of each kind, length, folder and so on. Ticking one writes it into the query,
    and what the query says is ticked.

    Args:
        search: What it edits.
        parent: Its owner.
    """

    def __init__(self, search: SearchController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Filters"))
        self._search = search
        self.sections: dict[Field, FacetSection] = {}
        self.state = QLabel()
        self.state.setObjectName("muted")
        self.clear_button = QPushButton(self.tr("Clear filters"))
        self.clear_button.setObjectName("link")
        self.clear_button.setToolTip(self.tr("Take all filters out of the search"))
        self.clear_button.clicked.connect(self._clear)
        policy = self.clear_button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # what is below stays where it is
        self.clear_button.setSizePolicy(policy)
        self.empty = QLabel(self.tr("There is nothing to filter yet."))
        self.empty.setObjectName("muted")
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._lay_out()
        search.facets_changed.connect(self.show_facets)
        search.query_changed.connect(self._tell_state)
        self.show_facets(search.facets)

    def show_facets(self, facets: tuple[Facet, ...]) -> None:
        """Show other counts."""
        of_field = {facet.field: facet.values for facet in facets}
        for field, section in self.sections.items():
            section.setVisible(field in of_field)
            section.show_values(of_field.get(field, ()))
        self.empty.setVisible(not facets)
        self._tell_state()

    def _lay_out(self) -> None:
        self._scroll = QScrollArea()
        top = QHBoxLayout()
        top.setContentsMargins(16, 12, 16, 4)
        top.addWidget(self.state)
        top.addStretch(1)
        top.addWidget(self.clear_button)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(8, 0, 8, 8)
        column.setSpacing(0)
        column.addWidget(self.empty)
        for field in _ORDER:
            section = FacetSection(field)
            section.toggled.connect(lambda value, field=field: self._toggle(field, value))
            section.gone_to.connect(lambda row: self._scroll.ensureWidgetVisible(row, 0, 24))
            self.sections[field] = section
            column.addWidget(section)
        column.addStretch(1)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(top)
        whole.addWidget(self._scroll, 1)

    def _toggle(self, field: Field, value: FacetValue) -> None:
        before = self._search.text
        self._search.toggle_filter(field, value)
        if self._search.text == before:  # it can't be read, so nothing can be added to it
            self.show_facets(self._search.facets)

    def _clear(self) -> None:
        self._search.clear_filters()

    def _tell_state(self) -> None:
        number = self._search.filters
        self.clear_button.setEnabled(number > 0)
        self.clear_button.setVisible(number > 0)
        words = self.tr("1 filter") if number == 1 else self.tr("{number} filters").format(number=number)
        self.state.setText(words if number else self.tr("No filters"))
