"""What is searched for, and what was found."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from audioclip_search import Completion, Field, OneOf, Phrase, Query, QueryError, complete
from gui.backend.calls import finding
from gui.engine import Engine, Request
from gui.records import Problem, Row, Trouble
from gui.searching import Ask, Chip, ChipKind, Facet, FacetValue, Found, joined, split
from gui.settings import Settings

PAUSE_MS = 120
"""How long nothing must have been typed before it is searched for."""

_COUNT_MS = 200
"""How long after a search its results are counted: while somebody types they need not be."""

_WARM_MS = 1_500
"""How long after the first results the model is made ready: starting comes first."""

_REST = 4
"""How many times as long as a search takes nothing is asked again because of a changing index."""

_AT_ONCE = 5_000
"""How many rows of the same search again are shown at once, so that nothing flickers; more would take too long."""

_REMEMBERED = 50
_BETWEEN = "\t"


class SearchController(QObject):
    """Asks the engine as the query changes. One search is under way at a time, and of those that come up meanwhile only
    the newest is made; an answer to anything but the query as it is now is not shown.

    Args:
        engine: Has the library.
        settings: Remembers recent and saved searches.
        parent: Its owner.
    """

    query_changed = Signal()
    """Text or chips are others, whoever changed them."""

    rows_reset = Signal(object)
    """A list of `Row`: the first answers of a search, or none."""

    rows_added = Signal(object)
    """More of them."""

    order_changed = Signal(object)
    """Positions in the order of a column, int32; None for the order they were found in."""

    found = Signal(object)
    """A `Found`: all rows are there."""

    facets_changed = Signal(object)
    """A tuple of `Facet`."""

    busy_changed = Signal(bool)
    trouble = Signal(object)
    """A `Trouble`; its position is where in the text."""

    searches_changed = Signal()
    """Recent or saved searches are others."""

    def __init__(self, engine: Engine, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine, self._settings = engine, settings
        self._text = ""
        self._chips: tuple[Chip, ...] = ()
        self._facets: tuple[Facet, ...] = ()
        self._values: dict[Field, list[str]] = {}
        self._tags: tuple[str, ...] = ()
        self._last: Found | None = None
        self._request: Request[Found] | None = None
        self._counting: Request[tuple[Facet, ...]] | None = None
        self._sorting: Request[Any] | None = None
        self._sort: tuple[str, bool] | None = None
        self._again = self._fresh = self._quiet = self._late = False
        self._picked: tuple[str, ...] | None = None
        self._held: list[Row] = []
        self._started = 0.0
        self._rested = 0.0
        self._timer = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._timer.timeout.connect(self._search)
        self._refreshing = QTimer(self, singleShot=True)
        self._refreshing.timeout.connect(self._search_quietly)
        self._until_count = QTimer(self, singleShot=True, interval=_COUNT_MS)
        self._until_count.timeout.connect(self._count)
        self._warming = QTimer(self, singleShot=True, interval=_WARM_MS)
        self._warming.timeout.connect(lambda: self._engine.call(finding.warm))
        engine.restarted.connect(self._on_restarted)

    # What is searched for

    @property
    def text(self) -> str:
        """The words, in the query language."""
        return self._text

    @property
    def chips(self) -> tuple[Chip, ...]:
        """The pictures and sounds beside them."""
        return self._chips

    @property
    def facets(self) -> tuple[Facet, ...]:
        """How many files there are of each kind, as counted last."""
        return self._facets

    @property
    def last(self) -> Found | None:
        """What was found last; None before the first search."""
        return self._last

    @property
    def quiet(self) -> bool:
        """Whether the rows that come are the answer to the same search as before, after the index has changed."""
        return self._quiet

    @property
    def filters(self) -> int:
        """How many filters the query has, apart from phrases; 0 if it can't be read."""
        query = self._query()
        return 0 if query is None else sum(not isinstance(one, Phrase) for one in query.filters)

    @property
    def ask(self) -> Ask:
        """The query as it is now."""
        return Ask(self._text, self._chips)

    def set_text(self, text: str) -> None:
        """What has been typed; it is searched for after a short pause."""
        if text != self._text:
            self._text = text
            self.query_changed.emit()
            self._timer.start()

    def commit(self) -> None:
        """Search at once, and remember what for."""
        self.remember()
        self._search()

    def clear(self) -> None:
        """Ask for nothing: all files."""
        self._put("", ())

    def load(self, text: str) -> None:
        """Search for what is saved as one text."""
        try:
            words, chips = split(text) if text.strip() else ("", ())
        except QueryError:
            words, chips = text, ()
        self._put(words, chips)

    def add_chip(self, chip: Chip) -> None:
        """Add a picture or sound; one that is there already gets this weight."""
        others = tuple(one for one in self._chips if (one.kind, one.path) != (chip.kind, chip.path))
        self._put(self._text, (*others, chip))

    def remove_chip(self, index: int) -> None:
        """Take one away."""
        self._put(self._text, self._chips[:index] + self._chips[index + 1 :])

    def set_weight(self, index: int, weight: float) -> None:
        """Say how much a chip counts; 0 is not possible."""
        chips = list(self._chips)
        chips[index] = replace(chips[index], weight=weight)
        self._chips = tuple(chips)
        self.query_changed.emit()
        self._timer.start()

    def more_like(self, row: Row) -> None:
        """Ask for what is like a file of the library."""
        self.add_chip(Chip(ChipKind.LIKE, row.path))

    def less_like(self, row: Row) -> None:
        """Ask for what is less like it."""
        self.add_chip(Chip(ChipKind.LIKE, row.path, -0.5))

    def toggle_filter(self, field: Field, value: FacetValue) -> None:
        """Add a value to the query's filters by a field, or take it away again. A range takes the place of all others
        by that field. A query that can't be read stays as it is."""
        query = self._query()
        if query is None:
            return
        (wanted,) = Query.parse(value.filter).filters
        about = [one for one in query.filters if not isinstance(one, Phrase) and one.field is field and not one.negated]
        others = [one for one in query.filters if one not in about]
        if isinstance(wanted, OneOf):
            said = [one for other in about if isinstance(other, OneOf) for one in other.values]
            kept = [one for one in said if one.casefold() != wanted.values[0].casefold()]
            values = tuple(dict.fromkeys(kept if len(kept) < len(said) else [*said, *wanted.values]))
            filters = [*others, OneOf(field, values)] if values else others
        else:
            filters = others if wanted in about else [*others, wanted]
        self._put(str(replace(query, filters=tuple(filters))), self._chips)

    def clear_filters(self) -> None:
        """Take all filters but phrases out of the query."""
        query = self._query()
        if query is not None:
            phrases = tuple(one for one in query.filters if isinstance(one, Phrase))
            self._put(str(replace(query, filters=phrases)), self._chips)

    def completions(self, text: str, cursor: int) -> tuple[Completion, ...]:
        """How the text may go on at the cursor: fields, and values that the library has."""
        values = dict(self._values)
        values[Field.TAG] = list(dict.fromkeys([*self._tags, *values.get(Field.TAG, ())]))
        return complete(text, cursor, values)

    def know_tags(self, tags: Sequence[str]) -> None:
        """Tags to offer while a query is written."""
        self._tags = tuple(tags)

    # Searching

    def search(self) -> None:
        """Ask anew, at once."""
        self._search()

    def refresh(self) -> None:
        """The index has changed: ask the same again, soon, and show the answer in place of the old one. What is under
        way is answered first."""
        if self._request is not None:
            self._late = True
        elif not self._timer.isActive() and not self._refreshing.isActive():
            self._refreshing.start(max(0, round(1_000 * (self._rested - time.perf_counter()))))

    def show_files(self, paths: Sequence[str]) -> None:
        """Show these files in place of what was found; the query stays as it is."""
        self._picked = tuple(paths)
        self._begin(quiet=False)

    def with_row(self, path: str, use: Callable[[Row], None]) -> None:
        """Do something with what the library says of a file, if it knows it."""
        self._engine.call(finding.row_of, path).then(lambda row: None if row is None else use(row), self.trouble.emit)

    def load_more(self) -> None:
        """The next answers of a ranked search, if there are any."""
        last = self._last
        if last is not None and last.more and self._request is None and last.ask == self.ask:
            self._quiet = False
            self._ask(replace(self.ask, offset=last.total))

    def sort(self, column: str | None, descending: bool = False) -> None:
        """Put what was found in the order of a column; None for the order it was found in."""
        self._sort = None if column is None else (column, descending)
        if self._request is None:
            self._quiet = False
            self._arrange()

    # Recent and saved searches

    @property
    def recent(self) -> list[str]:
        """Searches made before, the newest first, each as one text."""
        return self._settings.texts("search/recent")

    @property
    def saved(self) -> list[tuple[str, str]]:
        """Names and texts of saved searches, in their order."""
        pairs = (item.partition(_BETWEEN) for item in self._settings.texts("search/saved"))
        return [(name, text) for name, between, text in pairs if between]

    def remember(self) -> None:
        """The query has proved useful: it goes to the recent ones."""
        text = joined(self._text, self._chips)
        if text:
            others = [other for other in self.recent if other != text]
            self._settings.put("search/recent", [text, *others][:_REMEMBERED])
            self.searches_changed.emit()

    def save(self, name: str) -> None:
        """Keep the query under a name; one of that name is replaced."""
        name, text = " ".join(name.split()), joined(self._text, self._chips)
        if name and text:
            others = [f"{other}{_BETWEEN}{kept}" for other, kept in self.saved if other != name]
            self._settings.put("search/saved", [*others, f"{name}{_BETWEEN}{text}"])
            self.searches_changed.emit()

    def forget_saved(self, name: str) -> None:
        """Take a saved search away."""
        kept = [f"{other}{_BETWEEN}{text}" for other, text in self.saved if other != name]
        self._settings.put("search/saved", kept)
        self.searches_changed.emit()

    def forget_recent(self, text: str) -> None:
        """Take a recent search away."""
        self._settings.put("search/recent", [other for other in self.recent if other != text])
        self.searches_changed.emit()

    # The rest

    def _query(self) -> Query | None:
        """What the text says; None if it can't be read."""
        try:
            return Query.parse(self._text) if self._text.strip() else Query()
        except QueryError:
            return None

    def _put(self, text: str, chips: tuple[Chip, ...]) -> None:
        if (text, chips) != (self._text, self._chips):
            self._text, self._chips = text, chips
            self.query_changed.emit()
        self._search()

    def _search(self) -> None:
        self._picked = None
        self._begin(quiet=False)

    def _search_quietly(self) -> None:
        if self._request is None:
            self._begin(quiet=True)
        else:
            self._late = True

    def _begin(self, *, quiet: bool) -> None:
        self._timer.stop()
        self._refreshing.stop()
        self._quiet, self._late = quiet, False
        if self._request is not None:
            self._again = True  # the engine does one after the other; what is under way is not worth its while any more
            self._request.cancel()
            return
        self._next()

    def _next(self) -> None:
        """Ask for what is wanted now; quietly, for as many as there are already."""
        last, ask = self._last, self.ask
        if self._picked is not None:
            self._pick(self._picked)
        elif self._quiet and last is not None and last.ranked and last.ask == ask:
            self._ask(replace(ask, limit=max(ask.limit, last.total)))
        else:
            self._ask(ask)

    def _pick(self, paths: Sequence[str]) -> None:
        self._again, self._fresh, self._held, ask = False, True, [], self.ask
        self._started = time.perf_counter()
        self._request = self._engine.call(finding.pick, list(paths))
        self._request.then(
            lambda found: self._on_found(replace(found, ask=ask)),
            lambda trouble: self._on_trouble(ask, trouble),
            lambda rows: self._on_rows(ask, rows),
        )

    def _ask(self, ask: Ask) -> None:
        self._again, self._held = False, []
        self._until_count.stop()
        self._fresh = not ask.offset
        self._started = time.perf_counter()
        self.busy_changed.emit(True)
        request = self._engine.call(finding.find, ask)
        self._request = request
        request.then(
            self._on_found, lambda trouble: self._on_trouble(ask, trouble), lambda rows: self._on_rows(ask, rows)
        )

    def _wanted(self, ask: Ask) -> bool:
        return not self._again and (ask.text, ask.chips) == (self._text, self._chips)

    def _on_rows(self, ask: Ask, rows: list[Row]) -> None:
        if not self._wanted(ask):
            return
        if self._quiet and self._fresh:
            self._held.extend(rows)
            if len(self._held) < _AT_ONCE:
                return
            rows, self._held = self._held, []
        (self.rows_reset if self._fresh else self.rows_added).emit(rows)
        self._fresh = False

    def _on_found(self, found: Found) -> None:
        self._request = None
        if self._again:
            self._next()
            return
        self.busy_changed.emit(False)
        if not self._wanted(found.ask):
            return  # something has been typed since; it will be searched for
        if self._fresh:
            held, self._held = self._held, []
            self.rows_reset.emit(held)
        now = time.perf_counter()
        seconds = now - self._started
        self._rested = now + _REST * seconds
        self._last = replace(found, ask=self.ask, seconds=seconds)
        self.found.emit(self._last)
        if self._sort is not None:
            self._arrange()
        self._until_count.start(0 if not self._facets else _COUNT_MS)
        self._catch_up()

    def _on_trouble(self, ask: Ask, trouble: Trouble) -> None:
        self._request = None
        if self._again:
            self._next()
            return
        self.busy_changed.emit(False)
        if trouble.kind is not Problem.CANCELLED and self._wanted(ask):
            self.trouble.emit(trouble)
        self._catch_up()

    def _catch_up(self) -> None:
        if self._late:
            self._late = False
            self.refresh()

    def _arrange(self) -> None:
        if self._sorting is not None:
            self._sorting.drop()
            self._sorting = None
        if self._sort is None:
            self.order_changed.emit(None)
            return
        last = self._last

        def on_order(order: object) -> None:
            self._sorting = None
            if last is self._last and self._request is None:
                self.order_changed.emit(order)

        self._sorting = self._engine.call(finding.arrange, *self._sort).then(on_order, self.trouble.emit)

    def _count(self) -> None:
        if self._counting is not None:
            self._counting.drop()
        ask = self.ask

        def on_counted(facets: tuple[Facet, ...]) -> None:
            self._counting = None
            if ask == self.ask:
                self._facets = facets
                self._values = {facet.field: facet.said for facet in facets}
                self.facets_changed.emit(facets)
                self._warming.start()

        def on_trouble(_: Trouble) -> None:
            self._counting = None  # the search itself has said what is wrong

        self._counting = self._engine.call(finding.count, ask).then(on_counted, on_trouble)

    def _on_restarted(self) -> None:
        for request in (self._request, self._counting, self._sorting):
            if request is not None:
                request.drop()
        self._request = self._counting = self._sorting = None
        self._again = self._late = False
        self.busy_changed.emit(False)
