"""The right side: all that is known of what is selected, and ways to change what the user says of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from audioclip_search import TagState
from gui.backend.curation import FileDetails, KnownTags
from gui.controllers.organising import FEW, OrganisingController
from gui.models.results import shown_auto_tags
from gui.organisation import SelectionSummary, collections_of, is_favourite, plain_tags
from gui.records import Row
from gui.theme import icon
from gui.views.describing import bars_of, facts_of, facts_of_many, kinds_of, notes_of
from gui.views.facts import Bars, Facts, Markers, Pictures, Preview
from gui.views.rating import Heart, RatingStars
from gui.views.suggestions import Suggestion, Suggestions
from gui.views.tag_chips import Tag, TagChips, TagField

_MARGIN = 16
_SOON_MS = 120


class Inspector(QWidget):
    """One file, or what many have in common. Edits go to all that are selected.

    Args:
        organising: Whom to tell of edits.
        pictures: Who has pictures; None for none.
        parent: Its owner.
    """

    reveal_requested = Signal(str)
    """A file, to be shown in its folder."""

    seek_requested = Signal(str, float)
    """A file and a place in it, seconds."""

    def __init__(
        self, organising: OrganisingController, pictures: Pictures | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._organising = organising
        self._rows: list[Row] = []
        self._places: dict[str, int] = {}
        self._summary: SelectionSummary | None = None
        self._build(pictures)
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self._look_closer)
        organising.changed.connect(self.update_rows)
        organising.known_changed.connect(self._offer)
        organising.details_arrived.connect(self._show_details)
        organising.summary_arrived.connect(self._show_summary)
        self._offer(organising.known)
        self.show_rows([])

    @property
    def paths(self) -> list[str]:
        """The files that edits go to."""
        return [row.path for row in self._rows]

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Show what is selected."""
        self._rows = list(rows)
        few = len(self._rows) <= FEW
        self._places = {row.path: number for number, row in enumerate(self._rows)} if few else {}
        self._summary = None
        self._stack.setCurrentIndex(1 if self._rows else 0)
        self._soon.stop()
        self.file_facts.show_facts([])
        self._file_section.hide()
        self._marker_section.hide()
        if len(self._rows) == 1:
            self._show_one(self._rows[0])
            self._soon.start()
        elif self._rows and few:
            self._organising.summarise(self._rows)
        elif self._rows:
            self._set_title(self.tr("{0} files").format(f"{len(self._rows):,}"))
            self._soon.start()
        self._scroll.verticalScrollBar().setValue(0)

    def update_rows(self, rows: Sequence[Row]) -> None:
        """Files have changed: show it, if they are selected."""
        touched = len(self._rows) > FEW
        for row in rows if not touched else ():
            place = self._places.get(row.path)
            if place is not None:
                self._rows[place] = self._rows[place].refreshed(row)
                touched = True
        if touched and len(self._rows) == 1:
            self._show_one(self._rows[0])
        elif touched:
            self._soon.start()

    def edit_tags(self) -> None:
        """Put the cursor where a tag can be added."""
        self._scroll.ensureWidgetVisible(self.tag_field)
        self.tag_field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Number keys rate wherever the focus is, unless something is typed."""
        if self._rows and event.text() in {"0", "1", "2", "3", "4", "5"}:
            self.stars.set_rating(int(event.text()))
            self._organising.rate(self.paths, int(event.text()))
        else:
            super().keyPressEvent(event)

    def _show_one(self, row: Row) -> None:
        self.preview.show_row(row)
        self.preview.show()
        self._set_title(row.name)
        self.folder.setText(self._shortened(row.folder))
        self.folder.setToolTip(self.tr("{0}\nShow it in its folder").format(row.folder))
        self.folder.setAccessibleName(self.tr("Show in folder {0}").format(row.folder))
        self.folder.show()
        self._subtitle.setVisible(bool(row.failure or row.offline))
        self._subtitle.setText(row.failure or self.tr("Its drive is not connected"))
        self._subtitle.setObjectName("bad" if row.failure else "warning")
        self._restyle(self._subtitle)
        self.stars.set_rating(row.rating)
        self.heart.set_favourite(is_favourite(row.tags))
        confirmed = [tag for tag in shown_auto_tags(row) if tag.state is TagState.CONFIRMED]
        note = self.tr("Suggested by a model, confirmed by you")
        self.tags.show_tags(
            [*(Tag(tag) for tag in plain_tags(row.tags)), *(Tag(tag.label, "check", note=note) for tag in confirmed)]
        )
        self.collections.show_tags([Tag(name, "bookmark") for name in collections_of(row.tags)])
        self._suggest(
            [
                Suggestion(tag.label, tag.probability, f"{tag.probability:.0%}")
                for tag in shown_auto_tags(row)
                if tag.state is TagState.SUGGESTED
            ]
        )
        self._explain(row)
        self._fact_section.show()
        self.facts.show_facts(facts_of(row))

    def _show_summary(self, summary: SelectionSummary) -> None:
        if len(self._rows) < 2 or summary.files < 1:
            return
        self._summary = summary
        self.preview.hide()
        self.folder.hide()
        self._set_title(self.tr("{0} files").format(f"{summary.files:,}"))
        self._subtitle.setObjectName("muted")
        self._restyle(self._subtitle)
        self._subtitle.setText(" · ".join(kinds_of(summary)))
        self._subtitle.show()
        self.stars.set_rating(summary.rating)
        self.heart.set_favourite(summary.favourites == summary.files)
        note = self.tr("Suggested by a model, confirmed by you")
        own = {name.casefold() for name, _ in summary.tags}
        confirmed = [pair for pair in summary.confirmed if pair[0].casefold() not in own]
        self.tags.show_tags(
            [
                *(Tag(name, count=self._part(count)) for name, count in summary.tags),
                *(Tag(name, "check", self._part(count), note) for name, count in confirmed),
            ]
        )
        self.collections.show_tags([Tag(name, "bookmark", self._part(count)) for name, count in summary.collections])
        self._suggest(
            [
                Suggestion(name, count / summary.files, f"{count:,}")
                for name, count in summary.suggested
                if name.casefold() not in own
            ]
        )
        self._why_section.hide()
        self._fact_section.show()
        self.facts.show_facts(facts_of_many(summary))

    def _show_details(self, details: FileDetails) -> None:
        if len(self._rows) != 1 or details.path != self._rows[0].path:
            return
        self.file_facts.show_facts([(name[:1].upper() + name[1:], value) for name, value in details.fields])
        self._file_section.setVisible(bool(details.fields))
        self.markers.show_markers(details.markers)
        self._marker_section.setVisible(bool(details.markers))

    def _look_closer(self) -> None:
        """The selection has been quiet for a moment."""
        if len(self._rows) == 1:
            self._organising.look_at(self._rows[0].path)
        elif self._rows:
            self._organising.summarise(self._rows)

    def _explain(self, row: Row) -> None:
        why = row.why
        self._why_section.setVisible(why is not None and row.score is not None)
        if why is None or row.score is None:
            return
        self.why.show_bars(bars_of(row, why))
        notes = notes_of(row, why)
        self._why_notes.setText("\n".join(notes))
        self._why_notes.setVisible(bool(notes))
        self._why_title.setText(self.tr("Why it matches · {0}").format(f"{row.score:.0%}"))

    def _suggest(self, suggestions: list[Suggestion]) -> None:
        self.suggestions.show_suggestions(suggestions)
        self._suggested_section.setVisible(bool(suggestions))

    def _offer(self, known: KnownTags) -> None:
        names = {entry.name.casefold(): entry.name for entry in (*known.suggested, *known.tags)}
        self.tag_field.offer(sorted(names.values(), key=str.casefold))
        self.collection_field.offer(self._organising.collections)

    def _remove_tag(self, name: str) -> None:
        paths = self.paths
        if len(self._rows) == 1:
            own = {tag.casefold() for tag in plain_tags(self._rows[0].tags)}
        else:
            own = {tag.casefold() for tag, _ in (self._summary.tags if self._summary else ())}
        if name.casefold() in own:
            self._organising.remove_tags(paths, [name])
        else:
            self._organising.reject(paths, [name])

    def _complete_tag(self, name: str) -> None:
        self._organising.add_tags(self.paths, [name])

    def _part(self, count: int) -> int | None:
        return None if self._summary is not None and count == self._summary.files else count

    def _set_title(self, text: str) -> None:
        self.title.setText("\u200b".join(text) if " " not in text else text)
        self.title.setAccessibleName(text)
        self.title.setToolTip(text)

    def _shortened(self, folder: str) -> str:
        return self.folder.fontMetrics().elidedText(folder, Qt.TextElideMode.ElideMiddle, 248)

    @staticmethod
    def _restyle(label: QLabel) -> None:
        label.style().unpolish(label)
        label.style().polish(label)

    def _build(self, pictures: Pictures | None) -> None:
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._nothing())
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self._content(pictures))
        self._stack.addWidget(self._scroll)

    def _nothing(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(32, 0, 32, 0)
        column.setSpacing(12)
        symbol = QLabel()
        symbol.setPixmap(icon("info", "faint").pixmap(QSize(32, 32)))
        text = QLabel(self.tr("Select a file to see what is known of it"))
        text.setObjectName("muted")
        text.setWordWrap(True)
        text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        column.addWidget(symbol, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(text)
        column.addStretch(1)
        return page

    def _content(self, pictures: Pictures | None) -> QWidget:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        column.setSpacing(20)
        column.addLayout(self._head(pictures))
        column.addWidget(self._tag_part())
        column.addWidget(self._suggested_part())
        column.addWidget(self._collection_part())
        column.addWidget(self._why_part())
        self.facts, self.file_facts, self.markers = Facts(), Facts(), Markers()
        self.markers.chosen.connect(lambda start_s: self.seek_requested.emit(self._rows[0].path, start_s))
        self._fact_section = self._section(self.tr("Details"), self.facts)
        self._file_section = self._section(self.tr("From the file"), self.file_facts)
        self._marker_section = self._section(self.tr("Markers"), self.markers)
        for section in (self._fact_section, self._file_section, self._marker_section):
            column.addWidget(section)
        column.addStretch(1)
        return content

    def _head(self, pictures: Pictures | None) -> QVBoxLayout:
        self.preview = Preview(pictures)
        self.title = QLabel()
        self.title.setObjectName("heading")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setWordWrap(True)
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.folder = QPushButton()
        self.folder.setObjectName("link")
        self.folder.setCursor(Qt.CursorShape.PointingHandCursor)
        self.folder.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.folder.clicked.connect(lambda: self.reveal_requested.emit(self._rows[0].path))
        self._subtitle = QLabel()
        self._subtitle.setWordWrap(True)
        self.stars = RatingStars()
        self.stars.rated.connect(lambda stars: self._organising.rate(self.paths, stars))
        self.heart = Heart()
        self.heart.chosen.connect(lambda on: self._organising.set_favourite(self.paths, on))
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.addSpacing(-4)
        line.addWidget(self.stars)
        line.addStretch(1)
        line.addWidget(self.heart)
        head = QVBoxLayout()
        head.setSpacing(4)
        head.addWidget(self.preview)
        head.addSpacing(8)
        head.addWidget(self.title)
        head.addWidget(self.folder)
        head.addWidget(self._subtitle)
        head.addSpacing(4)
        head.addLayout(line)
        return head

    def _tag_part(self) -> QWidget:
        self.tags = TagChips()
        self.tags.removed.connect(self._remove_tag)
        self.tags.completed.connect(self._complete_tag)
        self.tag_field = TagField(self.tr("Add tag…"))
        self.tag_field.added.connect(lambda tags: self._organising.add_tags(self.paths, tags))
        return self._section(self.tr("Tags"), self.tags, self.tag_field)

    def _suggested_part(self) -> QWidget:
        self.suggestions = Suggestions()
        self.suggestions.confirmed.connect(lambda labels: self._organising.confirm(self.paths, labels))
        self.suggestions.rejected.connect(lambda labels: self._organising.reject(self.paths, labels))
        self._suggested_section = self._section(self.tr("Suggested tags"), self.suggestions)
        return self._suggested_section

    def _collection_part(self) -> QWidget:
        self.collections = TagChips()
        self.collections.removed.connect(lambda name: self._organising.remove_from_collection(self.paths, name))
        self.collections.completed.connect(lambda name: self._organising.add_to_collection(self.paths, name))
        self.collection_field = TagField(self.tr("Add to collection…"))
        self.collection_field.added.connect(self._collect)
        return self._section(self.tr("Collections"), self.collections, self.collection_field)

    def _collect(self, names: list[str]) -> None:
        for name in names:
            self._organising.add_to_collection(self.paths, name)

    def _why_part(self) -> QWidget:
        self.why = Bars()
        self._why_notes = QLabel()
        self._why_notes.setObjectName("muted")
        self._why_notes.setWordWrap(True)
        self._why_section = self._section(self.tr("Why it matches"), self.why, self._why_notes)
        title = self._why_section.findChild(QLabel, "section")
        assert isinstance(title, QLabel)
        self._why_title = title
        return self._why_section

    def _section(self, title: str, *widgets: QWidget) -> QWidget:
        section = QWidget()
        column = QVBoxLayout(section)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        heading = QLabel(title)
        heading.setObjectName("section")
        column.addWidget(heading)
        for widget in widgets:
            column.addWidget(widget)
        return section
