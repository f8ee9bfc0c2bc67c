"""The inspector and its parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import organising_calls
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from audioclip_search import AutoTag, Explanation, Modality
from gui import theme
from gui.controllers.organising import OrganisingController
from gui.engine import Engine
from gui.records import Row
from gui.views.facts import Bar, Bars, Facts
from gui.views.flow import FlowLayout
from gui.views.inspector import Inspector
from gui.views.rating import Heart, RatingStars
from gui.views.suggestions import Suggestion, Suggestions
from gui.views.tag_chips import Tag, TagChips, TagField

LEFT = Qt.MouseButton.LeftButton
ROW = Row("/sounds/a.wav", Modality.AUDIO, duration_s=2.0, size=1_000, rate_hz=48_000, channels=2, bits=24)


def names(chips: TagChips) -> list[str]:
    return [tag.name for tag in chips.tags]


def test_stars_are_clicked_and_typed(qtbot: QtBot) -> None:
    stars = RatingStars()
    qtbot.addWidget(stars)
    stars.show()
    told: list[int] = []
    stars.rated.connect(told.append)
    qtbot.mouseClick(stars, LEFT, pos=QPoint(3 * 24 - 8, 14))
    qtbot.mouseClick(stars, LEFT, pos=QPoint(3 * 24 - 8, 14))
    qtbot.keyClick(stars, Qt.Key.Key_5)
    qtbot.keyClick(stars, Qt.Key.Key_Right)
    qtbot.keyClick(stars, Qt.Key.Key_Left)
    qtbot.keyClick(stars, Qt.Key.Key_0)
    assert told == [3, 0, 5, 4, 0]
    stars.set_rating(None)
    assert stars.accessibleName() == "Rating: differs"
    stars.set_rating(2)
    assert stars.accessibleName() == "Rating: 2 of 5"
    assert told[-1] == 0


def test_a_heart_says_what_it_is_and_what_is_wanted(qtbot: QtBot) -> None:
    heart = Heart()
    qtbot.addWidget(heart)
    told: list[bool] = []
    heart.chosen.connect(told.append)
    heart.set_favourite(True)
    assert not told
    heart.click()
    heart.click()
    assert told == [False, True]
    assert heart.accessibleName() == "Favourite: yes"


def test_a_field_adds_tags_at_commas_and_enter(qtbot: QtBot) -> None:
    field = TagField("Add tag…")
    qtbot.addWidget(field)
    told: list[list[str]] = []
    field.added.connect(told.append)
    qtbot.keyClicks(field, "rain,wind , tin roof")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert told == [["rain"], ["wind"], ["tin roof"]]
    field.offer(["rain", "Drain", "wind"])
    field.completer().setCompletionPrefix("RAIN")
    assert field.completer().completionCount() == 2


def test_chips_are_removed_and_completed_from_the_keyboard(qtbot: QtBot) -> None:
    chips = TagChips()
    qtbot.addWidget(chips)
    chips.resize(300, 100)
    chips.show_tags([Tag("rain"), Tag("wind", count=3), Tag("x" * 80)])
    chips.show()
    qtbot.waitExposed(chips)
    removed: list[str] = []
    completed: list[str] = []
    chips.removed.connect(removed.append)
    chips.completed.connect(completed.append)
    qtbot.keyClick(chips.chips[0].cross, Qt.Key.Key_Delete)
    qtbot.mouseClick(chips.chips[2].cross, LEFT)
    qtbot.keyClick(chips.chips[1].cross, Qt.Key.Key_Return)
    qtbot.mouseClick(chips.chips[1], LEFT, pos=QPoint(4, 12))
    qtbot.mouseClick(chips.chips[0], LEFT, pos=QPoint(4, 12))
    assert removed == ["rain", "x" * 80]
    assert completed == ["wind", "wind"]
    assert chips.chips[2].sizeHint().width() < 240


def test_lines_of_a_flow_are_as_long_as_they_may_be(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    flow = FlowLayout(holder, gap=4)
    for _ in range(5):
        part = QWidget()
        part.setFixedSize(40, 20)
        flow.addWidget(part)
    assert flow.heightForWidth(5 * 40 + 4 * 4) == 20
    assert flow.heightForWidth(100) == 3 * 20 + 2 * 4
    assert flow.heightForWidth(10) == 5 * 20 + 4 * 4
    holder.resize(100, 100)
    holder.show()
    qtbot.waitExposed(holder)
    assert [flow.itemAt(number).geometry().topLeft() for number in range(3)] == [  # type: ignore[union-attr]
        QPoint(0, 0),
        QPoint(44, 0),
        QPoint(0, 24),
    ]


def test_suggestions_are_decided_one_by_one_or_all(qtbot: QtBot) -> None:
    widget = Suggestions()
    qtbot.addWidget(widget)
    yes: list[list[str]] = []
    no: list[list[str]] = []
    widget.confirmed.connect(yes.append)
    widget.rejected.connect(no.append)
    widget.show_suggestions([Suggestion(f"tag {number}", 0.9, "90%") for number in range(8)])
    widget.show()
    assert len(widget.lines) == 6
    assert widget.more.text() == "2 more"
    widget.more.click()
    assert len(widget.lines) == 8
    qtbot.mouseClick(widget.lines[7].yes, LEFT)
    qtbot.mouseClick(widget.lines[0].no, LEFT)
    widget.confirm_all.click()
    assert (yes[0], no) == (["tag 7"], [["tag 0"]])
    assert len(yes[1]) == 8
    assert widget.lines[0].yes.accessibleName() == "Confirm tag 0"


def test_facts_leave_out_what_is_empty_and_shorten_what_is_long(qtbot: QtBot) -> None:
    facts = Facts()
    qtbot.addWidget(facts)
    facts.show_facts([("Title", "Crash"), ("Artist", ""), ("Comment", "word " * 500)])
    assert [name for name, _ in facts.facts] == ["Title", "Comment"]
    labels = [label.text() for label in facts.findChildren(QLabel)]
    assert labels[:2] == ["Title", "Crash"]
    assert len(labels[3]) < 450


def test_bars_are_read_out(qtbot: QtBot) -> None:
    bars = Bars()
    qtbot.addWidget(bars)
    bars.show_bars([Bar("Name", 0.25), Bar("Excluded", 0.1, negative=True), Bar("rain", 1, figure="7")])
    assert bars.accessibleName() == "Name 25%; Excluded −10%; rain 7"
    bars.resize(300, 80)
    assert not bars.grab().isNull()


Shown = tuple[Inspector, OrganisingController, list[Row]]


@pytest.fixture
def shown(qtbot: QtBot, engine: Engine, tmp_path: Path, dark: theme.Tokens) -> Shown:
    """An inspector and a real library's rows."""
    roots: list[str] = []
    index = organising_calls.make_index(tmp_path)
    engine.call(organising_calls.open_made, str(index)).then(roots.append)
    qtbot.waitUntil(lambda: bool(roots), timeout=30_000)
    organising = OrganisingController(engine)
    inspector = Inspector(organising)
    qtbot.addWidget(inspector)
    inspector.resize(304, 900)
    inspector.show()
    qtbot.waitExposed(inspector)
    rows = [
        replace(ROW, path=str(Path(roots[0]) / concept / f"{concept} {number}.wav"))
        for concept in ("glass", "dog")
        for number in range(3)
    ]
    return inspector, organising, rows


def settled(qtbot: QtBot, organising: OrganisingController) -> Callable[[], None]:
    return lambda: qtbot.waitUntil(lambda: not organising.busy, timeout=30_000)


def test_one_file_is_shown_and_edited(qtbot: QtBot, shown: Shown) -> None:
    inspector, organising, rows = shown
    wait = settled(qtbot, organising)
    why = Explanation(semantic=0.6, name=0.2, excluded=0.1, words=("glass",))
    inspector.show_rows([replace(rows[0], score=0.8, end_s=1.0, why=why)])
    assert [bar.name for bar in inspector.why.bars] == ["Sounds like it", "Name", "Excluded"]
    assert ("Sample rate", "48 kHz") in inspector.facts.facts
    qtbot.waitUntil(lambda: bool(inspector.file_facts.facts), timeout=30_000)
    assert inspector.file_facts.facts == (("Title", "Crash"),)
    sought: list[tuple[str, float]] = []
    inspector.seek_requested.connect(lambda path, start_s: sought.append((path, start_s)))
    assert [button.text() for button in inspector.markers.buttons] == ["0:00.5   peak"]
    inspector.markers.buttons[0].click()
    assert sought == [(rows[0].path, 0.5)]
    inspector.edit_tags()
    qtbot.keyClicks(inspector.tag_field, "sharp")
    qtbot.keyClick(inspector.tag_field, Qt.Key.Key_Return)
    wait()
    assert names(inspector.tags) == ["sharp"]
    qtbot.keyClicks(inspector.collection_field, "Film")
    qtbot.keyClick(inspector.collection_field, Qt.Key.Key_Return)
    inspector.heart.click()
    qtbot.keyClick(inspector.heart, Qt.Key.Key_4)
    wait()
    assert (names(inspector.collections), inspector.stars.rating) == (["Film"], 4)
    assert inspector.heart.favourite
    assert inspector.why.bars, "what it was found by stays"
    qtbot.mouseClick(inspector.tags.chips[0].cross, LEFT)
    qtbot.mouseClick(inspector.collections.chips[0].cross, LEFT)
    wait()
    assert not inspector.tags.tags
    assert not inspector.collections.tags
    organising.undo()
    wait()
    assert names(inspector.collections) == ["Film"]
    revealed: list[str] = []
    inspector.reveal_requested.connect(revealed.append)
    inspector.folder.click()
    assert revealed == [rows[0].path]
    inspector.show_rows([])
    assert inspector.paths == []


def test_suggestions_are_confirmed_and_rejected(qtbot: QtBot, shown: Shown) -> None:
    inspector, organising, rows = shown
    wait = settled(qtbot, organising)
    with qtbot.waitSignal(organising.tagging_done, timeout=30_000):
        organising.tag_automatically(["glass", "dog"], 0.5, dry_run=False)
    tagged = replace(rows[0], auto_tags=(AutoTag("glass", 0.9),))
    inspector.show_rows([tagged])
    assert [one.label for one in inspector.suggestions.suggestions] == ["glass"]
    qtbot.mouseClick(inspector.suggestions.lines[0].yes, LEFT)
    wait()
    assert not inspector.suggestions.isVisible()
    assert [(tag.name, tag.icon) for tag in inspector.tags.tags] == [("glass", "check")]
    qtbot.mouseClick(inspector.tags.chips[0].cross, LEFT)
    wait()
    assert not inspector.tags.tags
    assert organising.past.action == "reject"


def test_many_files_are_summed_up_and_edited_together(qtbot: QtBot, shown: Shown) -> None:
    inspector, organising, rows = shown
    wait = settled(qtbot, organising)
    some = [
        replace(row, tags=("rain",) if number else ("rain", "wet"), rating=number % 2)
        for number, row in enumerate(rows)
    ]
    organising.add_tags([row.path for row in rows], ["rain"])
    organising.add_tags([rows[0].path], ["wet"])
    wait()
    inspector.show_rows(some)
    assert inspector.title.text() == "6 files"
    assert [(tag.name, tag.count) for tag in inspector.tags.tags] == [("rain", None), ("wet", 1)]
    assert inspector.stars.rating is None
    inspector.grab()  # has it laid out
    qtbot.mouseClick(inspector.tags.chips[1], LEFT, pos=QPoint(4, 12))
    wait()
    qtbot.waitUntil(lambda: [tag.count for tag in inspector.tags.tags] == [None, None], timeout=60_000)
    qtbot.keyClick(inspector.stars, Qt.Key.Key_3)
    inspector.heart.click()
    wait()
    qtbot.waitUntil(lambda: inspector.stars.rating == 3, timeout=60_000)
    told: list[bool] = []
    organising.history_changed.connect(lambda can_undo, _: told.append(can_undo))
    organising.undo()
    wait()
    qtbot.waitUntil(lambda: not inspector.heart.favourite, timeout=60_000)
    assert told == [True]


def test_states_that_need_words_have_them(qtbot: QtBot, shown: Shown) -> None:
    inspector, _, rows = shown
    inspector.show_rows([replace(rows[0], failure="truncated")])
    texts = [label.text() for label in inspector.findChildren(QLabel) if label.isVisible()]
    assert "truncated" in texts
    inspector.show_rows([replace(rows[0], offline=True)])
    texts = [label.text() for label in inspector.findChildren(QLabel) if label.isVisible()]
    assert "Its drive is not connected" in texts
