"""What the user says of files, from the window's side and in the engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import organising_calls
import pytest
from concept_encoder import ConceptEncoder, write_tone
from pytestqt.qtbot import QtBot

from audioclip_search import Library, QueryError, TagProgress, TagState
from gui.backend.calls import organising as calls
from gui.backend.curation import KnownTags, Past, TagCount, TaggingResult
from gui.backend.desk import Desk, Task
from gui.backend.rows import auto_tags_of, rows_of
from gui.controllers.organising import OrganisingController
from gui.engine import Engine
from gui.organisation import (
    collection_name,
    collection_tag,
    collections_of,
    is_collection,
    is_favourite,
    plain_tags,
    summary_of,
)
from gui.records import Problem, Row, Trouble
from gui.windows.places import sections, tagged


class Watched(Task):
    """A task whose reports are kept."""

    def __init__(self) -> None:
        self.reports: list[object] = []
        super().__init__(self.reports.append)

    @property
    def rows(self) -> dict[str, Row]:
        return {row.path: row for report in self.reports if isinstance(report, list) for row in report}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk()
    organising_calls.open_made(desk, Watched(), str(organising_calls.make_index(tmp_path)))
    yield desk
    desk.put(None)


def path_of(desk: Desk, name: str) -> str:
    return str(desk.library.root / name)


def assert_desk_is_right(desk: Desk) -> None:
    """What the desk remembers is what the library says."""
    assert desk.files() == {str(file.path): file for file in desk.library.files()}
    assert auto_tags_of(desk) == {str(file.path): file.tags for file in desk.library.auto_tags()}


@pytest.mark.parametrize("name", ["rain", "Night rain", " two  words ", 'with "quotes"', "@twice"])
def test_collections_are_tags(name: str) -> None:
    tag = collection_tag(name)
    assert is_collection(tag)
    assert collection_tag(collection_name(tag)) == tag
    assert '"' not in tag
    assert "  " not in tag


def test_favourites_and_collections_are_told_from_tags() -> None:
    tags = ("rain", "Favourite", "@night", "@", "a@b")
    assert plain_tags(tags) == ("rain", "@", "a@b")
    assert collections_of(tags) == ("night",)
    assert is_favourite(tags)
    assert not is_favourite(("favourites",))


def test_notes_are_added_and_told_in_fresh_rows(desk: Desk) -> None:
    task = Watched()
    paths = [path_of(desk, f"glass/glass {number}.wav") for number in range(3)]
    desk.files()
    edited = calls.annotate(desk, task, paths, add=["Sharp ", "@film", "favourite"], rating=4)
    assert {path: (row.tags, row.rating) for path, row in task.rows.items()} == dict.fromkeys(
        paths, (("Sharp", "@film", "favourite"), 4)
    )
    assert edited.files == 3
    assert edited.known == KnownTags(3, (TagCount("film", 3),), (TagCount("Sharp", 3),))
    assert edited.past.action == "annotate"
    assert_desk_is_right(desk)
    calls.annotate(desk, task, paths[:1], add=["SHARP"], remove=["@film"])
    assert task.rows[paths[0]].tags == ("favourite", "SHARP")
    assert_desk_is_right(desk)


def test_undo_takes_back_edit_by_edit(desk: Desk) -> None:
    path, other = path_of(desk, "loose.wav"), path_of(desk, "dog/dog 1.wav")
    calls.annotate(desk, Watched(), [path, other], add=["one"])
    calls.annotate(desk, Watched(), [path], rating=5)
    task = Watched()
    assert calls.undo(desk, task).past.steps == 1
    assert (task.rows[path].tags, task.rows[path].rating) == (("one",), 0)
    assert_desk_is_right(desk)
    assert calls.undo(desk, task).past == Past()
    assert task.rows[other].tags == ()
    assert_desk_is_right(desk)
    with pytest.raises(QueryError, match="nothing to undo"):
        calls.undo(desk, task)


def test_undo_of_what_another_program_did_is_told_too(desk: Desk) -> None:
    path = path_of(desk, "loose.wav")
    desk.library.annotate([path], add=["from the shell"])
    desk.forget_files()
    task = Watched()
    calls.undo(desk, task)
    assert {path: row.tags for path, row in task.rows.items()} == {path: ()}
    assert_desk_is_right(desk)


def test_suggestions_are_previewed_made_decided_renamed_and_undone(desk: Desk) -> None:
    task = Watched()
    preview = calls.tag_automatically(desk, task, ["glass", "dog", "bell"], threshold=0.5, dry_run=True)
    assert (preview.dry_run, preview.tagged, {count.name: count.count for count in preview.counts}) == (
        True,
        7,
        {"glass": 4, "dog": 3},
    )
    assert not task.rows
    assert any(isinstance(report, TagProgress) for report in task.reports)
    calls.tag_automatically(desk, task, ["glass", "dog"], threshold=0.5)
    assert len(task.rows) == 7
    assert_desk_is_right(desk)
    glass = path_of(desk, "glass/glass 0.wav")
    decided = Watched()
    calls.decide(desk, decided, [glass], ["glass"], confirm=True)
    assert [tag.state for tag in decided.rows[glass].auto_tags] == [TagState.CONFIRMED]
    dog = path_of(desk, "dog/dog 0.wav")
    assert calls.decide(desk, decided, [dog], None, confirm=False).known.suggested == (
        TagCount("glass", 4),
        TagCount("dog", 2),
    )
    assert decided.rows[dog].auto_tags == ()
    assert_desk_is_right(desk)
    renamed = Watched()
    assert calls.rename(desk, renamed, "glass", "glassware").files == 4
    assert {tag.label for row in renamed.rows.values() for tag in row.auto_tags} == {"glassware"}
    for _ in range(4):
        calls.undo(desk, Watched())
        assert_desk_is_right(desk)
    assert not auto_tags_of(desk)


def test_tagging_that_is_cancelled_keeps_nothing(desk: Desk) -> None:
    task = Watched()
    task.cancel.cancel()
    assert calls.tag_automatically(desk, task, ["glass"], threshold=0.5).cancelled
    assert not task.rows


def test_labels_that_make_no_sense_are_refused(desk: Desk) -> None:
    with pytest.raises(QueryError):
        calls.tag_automatically(desk, Watched(), [], threshold=0.5)


def test_details_and_summaries(desk: Desk) -> None:
    path = path_of(desk, "rain/rain 1.wav")
    details = calls.details(desk, Watched(), path)
    assert details.fields == organising_calls.ABOUT.fields
    assert details.markers == organising_calls.ABOUT.markers
    assert calls.details(desk, Watched(), "/nowhere.wav").fields == ()
    calls.annotate(desk, Watched(), [path], add=["wet", "@x"], rating=2)
    paths = list(desk.files())
    summary = calls.summarise(desk, Watched(), "\0".join([*paths, "/nowhere.wav"]))
    assert summary == summary_of(rows_of(desk, paths))
    assert (summary.files, dict(summary.kinds), summary.rating) == (12, {"audio": 11, "image": 1}, None)
    assert (summary.tags, summary.collections, summary.ratings[2]) == ((("wet", 1),), (("x", 1),), 1)


def test_tags_go_into_files_and_out_again(tmp_path: Path) -> None:
    root = tmp_path / "sounds"
    for number in range(3):
        write_tone(root / f"dog {number}.wav", "dog", seed=number)
    write_tone(root / "nothing.wav", "nothing", seed=9)
    desk = Desk()
    desk.put(Library(root, model=ConceptEncoder()))
    desk.library.sync()
    calls.tag_automatically(desk, Watched(), ["dog", "glass"], threshold=0.5)
    path = str(root / "dog 1.wav")
    calls.decide(desk, Watched(), [path], ["dog"], confirm=True)
    before = Path(path).read_bytes()
    plan = calls.write_into_files(desk, Watched(), dry_run=True)
    assert (plan.written, plan.dry_run, plan.examples[0].keywords) == (1, True, ("dog",))
    assert Path(path).read_bytes() == before
    task = Watched()
    assert calls.write_into_files(desk, task, [path]).written == 1
    assert Path(path).read_bytes() != before
    assert task.rows[path].size == Path(path).stat().st_size
    calls.undo(desk, Watched())
    assert Path(path).read_bytes() == before
    assert_desk_is_right(desk)
    desk.put(None)


def test_a_place_of_the_sidebar_finds_its_files(desk: Desk) -> None:
    paths = [path_of(desk, name) for name in ("loose.wav", "dog/dog 0.wav", "rain/rain 0.wav")]
    calls.annotate(desk, Watched(), paths[:1], add=["@Night rain", "favourite"])
    calls.annotate(desk, Watched(), paths[1:2], add=["wet \\ soaked"])
    known = calls.annotate(desk, Watched(), paths[2:], add=["Night"]).known
    (_, library), (_, collections), *_ = sections(known, 3, [], [])
    found_by = {tag: tagged(tag) for tag in ("wet \\ soaked", "Night")}
    queries = [(entry.query, entry.count) for entry in (*library[1:2], *collections)]
    for query, count in (*queries, *((query, 1) for query in found_by.values())):
        found = desk.library.query(query, min_score=0)
        assert len(found) == count == 1, query


def controller_of(qtbot: QtBot, engine: Engine, tmp_path: Path) -> tuple[OrganisingController, Path]:
    roots: list[str] = []
    index = organising_calls.make_index(tmp_path)
    engine.call(organising_calls.open_made, str(index)).then(roots.append)
    qtbot.waitUntil(lambda: bool(roots), timeout=30_000)
    return OrganisingController(engine), Path(roots[0])


def test_a_session_with_a_real_engine(qtbot: QtBot, engine: Engine, tmp_path: Path) -> None:
    organising, root = controller_of(qtbot, engine, tmp_path)
    rows: dict[str, Row] = {}
    told: list[tuple[str, bool]] = []
    troubles: list[Trouble] = []
    organising.changed.connect(lambda fresh: rows.update({row.path: row for row in fresh}))
    organising.told.connect(lambda text, undoable: told.append((text, undoable)))
    organising.trouble.connect(troubles.append)
    paths = [str(root / "glass" / f"glass {number}.wav") for number in range(3)]

    def wait() -> None:
        qtbot.waitUntil(lambda: not organising.busy, timeout=30_000)

    for stars in range(6):
        organising.rate(paths[:1], stars)
    organising.add_tags(paths, ["sharp"])
    organising.add_to_collection(paths, "Film")
    organising.set_favourite(paths[1:2], True)
    wait()
    assert rows[paths[0]].rating == 5
    assert rows[paths[1]].tags == ("sharp", "@Film", "favourite")
    assert organising.known.favourites == 1
    assert organising.collections == ("Film",)
    assert told == [("Adding “sharp”: 3 files", True), ("Adding to “Film”: 3 files", True)]
    organising.undo()
    organising.undo()
    wait()
    assert rows[paths[1]].tags == ("sharp",)
    assert told[-1] == ("Undone", False)
    assert organising.describe(organising.past) == "adding “sharp”"

    done: list[TaggingResult] = []
    organising.tagging_done.connect(done.append)
    organising.tag_automatically("glass,dog", 0.5, dry_run=False)
    qtbot.waitUntil(lambda: bool(done), timeout=30_000)
    organising.confirm(paths, ["glass"])
    organising.reject([str(root / "dog" / "dog 0.wav")], None)
    wait()
    assert rows[paths[2]].auto_tags[0].state is TagState.CONFIRMED
    assert not rows[str(root / "dog" / "dog 0.wav")].auto_tags

    organising.add_tags(["/somewhere/else.wav"], ["x"])
    wait()
    assert not organising.busy
    assert [trouble.kind for trouble in troubles] == [Problem.EXPECTED]
    details: list[object] = []
    organising.details_arrived.connect(details.append)
    organising.look_at(paths[0])
    organising.look_at(paths[1])
    qtbot.waitUntil(lambda: bool(details), timeout=30_000)
    assert [getattr(one, "path", "") for one in details] == [paths[1]]


def test_tagging_can_be_stopped_and_says_so(qtbot: QtBot, engine: Engine) -> None:
    organising = OrganisingController(engine)
    with qtbot.waitSignals([organising.stopped, organising.trouble], timeout=30_000):
        organising.tag_automatically("esc50", 0.5, dry_run=True)


def test_what_undo_would_do_is_said_in_words(engine: Engine) -> None:
    organising = OrganisingController(engine)
    for past, words in (
        (Past(), ""),
        (Past(1, "annotate", "+rain, -@Film"), "adding “rain”; removing from “Film”"),
        (Past(1, "annotate", "+favourite, rating 3"), "favourite; rating"),
        (Past(1, "rename", "a → b"), "renaming a → b"),
        (Past(1, "write", "tags"), "writing tags into files"),
    ):
        assert organising.describe(past) == words
