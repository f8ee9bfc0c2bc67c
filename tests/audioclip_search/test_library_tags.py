"""Tagging a library: suggestions, decisions, and undoing them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from concept_encoder import CONCEPTS, ConceptEncoder, write_tone

from audioclip_search import AutoTag, CancelToken, Library, QueryError, TagProgress, TagState
from audioclip_search.bulk import Action
from audioclip_search.labelling import AutoTags, Journal, TagTables
from audioclip_search.labelling.journal import MOST_OPERATIONS
from audioclip_search.storage import IndexStore

LABELS = ["dog", "glass", "rain"]


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    root = tmp_path / "library"
    for number in range(6):
        for concept in CONCEPTS:
            write_tone(root / concept / f"{number}.wav", concept, seed=number)
        write_tone(root / "noise" / f"{number}.wav", "nothing", seed=100 + number)
    write_tone(root / "long.wav", "nothing", "dog", "wind", "glass", "nothing", seed=50)
    with Library(root, model=ConceptEncoder()) as library:
        library.sync()
        yield library


def names_of(library: Library) -> dict[str, dict[str, TagState]]:
    return {
        file.path.relative_to(library.root).as_posix(): {tag.label: tag.state for tag in file.tags}
        for file in library.auto_tags()
    }


def expected(library: Library, **states: TagState) -> dict[str, dict[str, TagState]]:
    tags = {f"{name}/{number}.wav": {name: TagState.SUGGESTED} for name in LABELS for number in range(6)}
    return tags | {"long.wav": {"dog": TagState.SUGGESTED, "glass": TagState.SUGGESTED}}


def test_files_are_tagged_by_their_best_window_and_others_not(library: Library) -> None:
    seen: list[TagProgress] = []
    report = library.tag(LABELS, on_progress=seen.append)
    assert names_of(library) == expected(library)
    assert (report.files, len(report.tagged), report.unlabelled) == (43, 19, 24)
    assert dict(report.counts) == {"dog": 7, "glass": 7, "rain": 6}
    assert not (report.dry_run or report.cancelled or report.alike)
    (tag,) = next(file.tags for file in library.auto_tags() if file.path.name == "0.wav")
    assert isinstance(tag, AutoTag)
    assert (tag.model, tag.state) == ("concepts", TagState.SUGGESTED)
    assert 0.5 <= tag.probability <= 1
    assert tag.time_ns > 0
    assert seen[0].stage == "labels"
    assert seen[-1].stage == "done"
    assert all(progress.done <= progress.total for progress in seen)
    assert all(not file.tags for file in library.files())


def test_a_dry_run_keeps_nothing(library: Library) -> None:
    report = library.tag(LABELS, dry_run=True)
    assert len(report.tagged) == 19
    assert report.dry_run
    assert library.auto_tags() == []
    assert library.history() == []


def test_only_some_files_are_tagged_but_judged_by_all(library: Library) -> None:
    report = library.tag(LABELS, paths=[library.root / "dog", "rain/1.wav", "unknown.wav"])
    assert (report.files, len(report.tagged)) == (7, 7)
    assert set(names_of(library)) == {f"dog/{number}.wav" for number in range(6)} | {"rain/1.wav"}
    with pytest.raises(QueryError):
        library.tag(LABELS, paths=["/elsewhere/x.wav"])


def test_a_run_replaces_suggestions_for_its_labels_but_no_decision(library: Library) -> None:
    library.tag(["dog", "bell"])
    assert library.confirm_tags(["dog/0.wav"]) == 1
    assert library.reject_tags(["dog/1.wav", "bell"], ["DOG", "bell"]) == 7
    report = library.tag(LABELS, threshold=0.99999999)
    assert report.tagged == ()
    assert names_of(library) == {"dog/0.wav": {"dog": TagState.CONFIRMED}}
    again = library.tag(LABELS)
    assert "dog/1.wav" not in names_of(library)
    assert names_of(library)["dog/0.wav"] == {"dog": TagState.CONFIRMED}
    assert library.root / "dog" / "1.wav" not in [file.path for file in again.tagged]
    assert library.confirm_tags(["dog/1.wav"], ["dog"]) == 1  # a rejected one by its name
    assert names_of(library)["dog/1.wav"] == {"dog": TagState.CONFIRMED}
    assert library.confirm_tags(["dog/1.wav"]) == 0


def test_another_set_of_labels_adds_and_another_model_replaces(library: Library) -> None:
    library.tag(["dog"])
    library.tag(["glass"])
    assert names_of(library)["long.wav"] == {"dog": TagState.SUGGESTED, "glass": TagState.SUGGESTED}
    library.confirm_tags(["dog/0.wav"])
    library.close()
    with Library(library.root, model=ConceptEncoder("others")) as other:
        other.sync(reembed=True)
        assert names_of(other)["dog/0.wav"] == {"dog": TagState.CONFIRMED}
        other.tag(["rain"])
        assert names_of(other) == {"dog/0.wav": {"dog": TagState.CONFIRMED}} | {
            f"rain/{number}.wav": {"rain": TagState.SUGGESTED} for number in range(6)
        }
        assert {tag.model for file in other.auto_tags() for tag in file.tags} == {"concepts", "others"}


def test_tags_stay_with_a_content_wherever_it_goes(library: Library) -> None:
    library.tag(LABELS)
    library.confirm_tags(["dog"])
    shutil.move(library.root / "dog" / "0.wav", library.root / "moved.wav")
    shutil.copy(library.root / "dog" / "1.wav", library.root / "copy.wav")
    library.sync()
    names = names_of(library)
    assert names["moved.wav"] == names["copy.wav"] == {"dog": TagState.CONFIRMED}
    assert "dog/0.wav" not in names


def test_labels_that_mean_one_to_the_model_are_told(library: Library) -> None:
    report = library.tag(["dog", "hound", "glass"])
    assert report.alike == (("dog", "hound"),)
    assert all(len(tags) == 1 for path, tags in names_of(library).items() if path.startswith("dog/"))


def test_a_tag_is_renamed_and_does_not_come_back(library: Library) -> None:
    library.tag(LABELS)
    library.confirm_tags(["dog/0.wav"])
    assert library.rename_tag("Dog", "hound") == 7
    names = names_of(library)
    assert names["dog/0.wav"] == {"hound": TagState.CONFIRMED}
    assert names["dog/1.wav"] == {"hound": TagState.SUGGESTED}
    library.tag(LABELS)
    assert names_of(library) == names
    assert library.rename_tag("hound", "HOUND", ["dog"]) == 6
    assert names_of(library)["dog/0.wav"] == {"HOUND": TagState.CONFIRMED}
    assert names_of(library)["long.wav"] == {"hound": TagState.SUGGESTED, "glass": TagState.SUGGESTED}
    assert library.rename_tag("nobody", "x") == 0
    with pytest.raises(QueryError, match="empty"):
        library.rename_tag("glass", " ")


def test_everything_can_be_undone_step_by_step(library: Library) -> None:
    states = [names_of(library)]
    library.tag(["dog", "glass"])
    states.append(names_of(library))
    library.confirm_tags(["dog"])
    states.append(names_of(library))
    library.reject_tags(["long.wav", "dog/1.wav"], ["dog"])
    states.append(names_of(library))
    library.rename_tag("glass", "dog")
    states.append(names_of(library))
    library.tag(["rain", "dog"])
    history = library.history()
    assert [operation.action for operation in history] == [
        Action.TAG,
        Action.RENAME,
        Action.REJECT,
        Action.CONFIRM,
        Action.TAG,
    ]
    assert history[-1].description == "dog, glass"
    for operation, state in zip(history, reversed(states), strict=True):
        report = library.undo()
        assert report.operation == operation
        assert report.skipped == 0
        assert report.restored >= 1
        assert names_of(library) == state
    with pytest.raises(QueryError, match="nothing to undo"):
        library.undo()


def test_undoing_leaves_what_has_changed_since(library: Library) -> None:
    library.tag(["dog"])
    library.confirm_tags(["dog/0.wav", "dog/1.wav"])
    with IndexStore.open(
        library.root / ".audioclip-search"
    ) as store:  # somebody else, whose word is not in the journal
        decisions = TagTables.of(store).decisions
        other = decisions.rows().slice(0, 1).to_pylist()[0]
        decisions.put(
            decisions.rows().slice(0, 0).from_pylist([other | {"state": "rejected"}], decisions.rows().schema)
        )
    report = library.undo()
    assert (report.restored, report.skipped) == (1, 1)
    assert len(names_of(library)) == 6


def test_the_users_own_tags_are_apart_and_can_be_undone(library: Library) -> None:
    library.annotate(["dog/0.wav", "dog/1.wav"], add=["mine"], rating=3)
    library.tag(LABELS)
    assert library.undo().operation.action is Action.TAG

    def notes() -> dict[str, tuple[tuple[str, ...], int]]:
        return {file.path.name: (file.tags, file.rating) for file in library.files() if file.tags or file.rating}

    library.annotate(["dog/0.wav", "dog/2.wav"], add=["two"], remove=["mine"], rating=5)
    library.annotate(["dog/0.wav"], add=["two"], rating=5)  # changes nothing, and is not remembered
    assert notes() == {"0.wav": (("two",), 5), "1.wav": (("mine",), 3), "2.wav": (("two",), 5)}
    shutil.move(library.root / "dog" / "2.wav", library.root / "away.wav")
    library.sync()
    assert library.undo().restored == 2
    assert notes() == {"0.wav": (("mine",), 3), "1.wav": (("mine",), 3)}
    (library.root / "dog" / "0.wav").unlink()
    library.sync()
    report = library.undo()
    assert (report.restored, report.skipped) == (1, 1)
    assert notes() == {}


def test_the_journal_is_bounded(library: Library) -> None:
    store = IndexStore.open(library.root / ".audioclip-search")
    with store:
        for number in range(MOST_OPERATIONS + 3):
            library.annotate(["dog/0.wav"], rating=number % 2 + 1)
        operations = Journal(store).operations()
    assert len(operations) == MOST_OPERATIONS
    assert operations == library.history()
    assert len({operation.time_ns for operation in operations}) == MOST_OPERATIONS


def test_a_cancelled_run_changes_nothing(library: Library) -> None:
    library.tag(["dog"])
    before = names_of(library)
    cancel = CancelToken()

    def stop(progress: TagProgress) -> None:
        if progress.stage == "tag":
            cancel.cancel()

    report = library.tag(LABELS, on_progress=stop, cancel=cancel)
    assert report.cancelled
    assert names_of(library) == before
    assert len(library.history()) == 1


def test_what_makes_no_sense_is_refused(library: Library) -> None:
    for threshold in (0.0, -1.0, 1.5, float("nan")):
        with pytest.raises(QueryError, match="probability"):
            library.tag(LABELS, threshold=threshold)
    with pytest.raises(QueryError, match="template"):
        library.tag(LABELS, template="no place")
    with pytest.raises(QueryError, match="no labels"):
        library.tag([])


def test_an_empty_library_has_no_tags(tmp_path: Path) -> None:
    with Library(tmp_path, model=ConceptEncoder()) as library:
        report = library.tag(LABELS)
        assert (report.files, report.tagged) == (0, ())
        assert library.auto_tags() == library.history() == []


def test_tags_are_looked_up_for_a_query(library: Library) -> None:
    library.tag(LABELS)
    library.confirm_tags(["dog/0.wav"])
    library.reject_tags(["dog/1.wav"])
    files = {file.path.relative_to(library.root).as_posix(): file.content_hash for file in library.files()}
    with IndexStore.open(library.root / ".audioclip-search") as store:
        tags = AutoTags(TagTables.of(store).rows())
    assert [tag.label for tag in tags[files["rain/0.wav"]]] == ["rain"]
    assert files["dog/1.wav"] not in tags
    assert dict(tags).keys() == {files[path] for path in names_of(library)}
    assert len(tags) == 18
    masks = tags.masks([*files.values(), "", "nobody"])
    for label in LABELS:
        tagged = {path for path, has in zip([*files, "", "nobody"], masks[label], strict=True) if has}
        assert tagged == {path for path, labels in names_of(library).items() if label in labels}


def test_a_query_filters_by_tags_and_shows_them(library: Library) -> None:
    library.tag(LABELS)
    library.confirm_tags(["dog/0.wav"])
    library.reject_tags(["dog/1.wav"])
    library.annotate(["wind/0.wav"], add=["rain"])
    hits = library.query(text="rain", where="tag:rain", min_score=0, k=50)
    found = {hit.path.relative_to(library.root).as_posix(): [tag.label for tag in hit.auto_tags] for hit in hits}
    assert found == {f"rain/{number}.wav": ["rain"] for number in range(6)} | {"wind/0.wav": []}
    hits = library.query(text="dog", where="tag:dog", min_score=0, k=50)
    states = {hit.path.relative_to(library.root).as_posix(): hit.auto_tags[0].state for hit in hits}
    assert states["dog/0.wav"] is TagState.CONFIRMED
    assert "dog/1.wav" not in states
    assert len(states) == 6


def test_one_path_and_one_tag_are_not_taken_for_letters(library: Library) -> None:
    library.tag(["dog"])
    assert library.confirm_tags("dog", "dog") > 0
    assert library.annotate("dog", add="mine") >= 0
    assert {tag for file in library.files() for tag in file.tags} <= {"mine"}
