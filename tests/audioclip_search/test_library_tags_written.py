"""Tags in the files' own metadata: written, known to the index, and taken out again to the last byte."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from concept_encoder import ConceptEncoder, write_tone

from audioclip_search import CancelToken, Library, TagProgress, TagState
from audioclip_search.bulk import Action
from audioclip_search.duplicates.ledger import Ledger, pair_of
from audioclip_search.labelling import Journal
from audioclip_search.labelling.journal import MOST_OPERATIONS
from audioclip_search.media import load_metadata
from audioclip_search.storage import IndexStore
from audioclip_search.types import FloatArray, Modality


class NeverAgain(ConceptEncoder):
    """Fails the test if a sound is embedded after `done`."""

    done = False

    def encode_audio(self, clips: list[FloatArray]) -> FloatArray:  # type: ignore[override]
        assert not self.done, "a sound was embedded again"
        return super().encode_audio(clips)


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    root, encoder = tmp_path / "library", NeverAgain()
    for number in range(4):
        for concept in ("dog", "glass", "rain", "wind"):
            write_tone(root / concept / f"{number}.wav", concept, seed=number)
    shutil.copy(root / "dog" / "0.wav", root / "copy of a dog.wav")
    (root / "painted dog.png").write_bytes(b"no picture")
    with Library(root, model=encoder) as library:
        library.sync()
        monkeypatch.setattr(NeverAgain, "done", True)
        library.tag(["dog", "glass", "rain"])
        library.confirm_tags(["dog", "copy of a dog.wav"])
        yield library


def keywords(path: Path) -> list[str]:
    return [text for name, text in load_metadata(path, Modality.AUDIO).fields if name == "keywords"]


def states(library: Library, name: str) -> list[tuple[str, TagState]]:
    return [(tag.label, tag.state) for file in library.auto_tags([name]) for tag in file.tags]


def contents(library: Library) -> dict[str, tuple[bytes, int]]:
    return {
        path.relative_to(library.root).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(library.root.rglob("*.wav"))
    }


def test_a_dry_run_touches_nothing(library: Library) -> None:
    before = contents(library)
    report = library.write_tags(dry_run=True)
    assert [file.path.name for file in report.written] == ["copy of a dog.wav", *(f"{n}.wav" for n in range(4))]
    assert {file.keywords for file in report.written} == {("dog",)}
    assert report.dry_run
    assert contents(library) == before
    assert library.history()[0].action is Action.CONFIRM


def test_written_tags_are_known_and_nothing_is_embedded_again(library: Library) -> None:
    library.annotate(["dog/0.wav"], add=["mine"], rating=2)
    before = contents(library)
    report = library.write_tags()
    assert (len(report.written), report.failures, report.unchanged) == (5, (), 0)
    assert keywords(library.root / "dog" / "0.wav") == ["dog"]
    assert keywords(library.root / "glass" / "0.wav") == []
    sync = library.sync()
    assert (sync.unchanged, sync.did_something) == (18, False)
    assert states(library, "dog/1.wav") == [("dog", TagState.CONFIRMED)]
    assert states(library, "copy of a dog.wav") == [("dog", TagState.CONFIRMED)]
    file = next(file for file in library.files() if file.path == library.root / "dog" / "0.wav")
    assert (file.tags, file.rating) == (("mine",), 2)
    hits = library.query(text="dog", min_score=0, where="tag:dog")
    assert [("keywords", "dog") in hit.metadata.fields for hit in hits] == [True] * 5
    again = library.write_tags()
    assert (again.written, again.unchanged) == ((), 5)
    undone = library.undo()
    assert (undone.operation.action, undone.restored, undone.skipped) == (Action.WRITE, 5, 0)
    assert contents(library) == before
    assert not library.sync().did_something
    assert states(library, "dog/1.wav") == [("dog", TagState.CONFIRMED)]
    assert library.undo().restored == 1  # the note, although the file was another one meanwhile
    assert next(file for file in library.files() if file.path == library.root / "dog" / "0.wav").tags == ()


def test_suggested_tags_are_written_if_asked_for(library: Library) -> None:
    report = library.write_tags(["glass", "dog/0.wav"], suggested=True)
    assert [(file.path.name, file.keywords) for file in report.written] == [
        ("0.wav", ("dog",)),
        *((f"{number}.wav", ("glass",)) for number in range(4)),
    ]
    assert library.undo().restored == 5


def test_files_changed_since_are_left_alone(library: Library) -> None:
    write_tone(library.root / "dog" / "3.wav", "wind", seed=77)
    report = library.write_tags()
    assert len(report.written) == 4
    assert [(Path(failure.path).name, "changed since" in failure.reason) for failure in report.failures] == [
        ("3.wav", True)
    ]
    with (library.root / "dog" / "2.wav").open("ab") as file:
        file.write(b"LIST\0\0\0\0")
    (library.root / "dog" / "1.wav").unlink()
    undone = library.undo()
    assert (undone.restored, undone.skipped) == (2, 1)
    assert [Path(failure.path).name for failure in undone.failures] == ["1.wav"]  # moved, perhaps
    assert keywords(library.root / "dog" / "0.wav") == []
    assert keywords(library.root / "dog" / "2.wav") == ["dog"]
    NeverAgain.done = False
    library.sync()
    undone = library.undo()
    assert (undone.operation.action, undone.restored, undone.skipped, undone.failures) == (Action.WRITE, 0, 1, ())
    assert library.history()[0].action is not Action.WRITE


def test_files_on_a_drive_that_is_not_connected_are_restored_another_time(library: Library, tmp_path: Path) -> None:
    drive, away = tmp_path / "drive", tmp_path / "away"
    for number in range(2):
        write_tone(drive / f"{number}.wav", "dog", seed=50 + number)
    library.add_folder(drive)
    NeverAgain.done = False
    library.sync()
    library.tag(["dog"], paths=[drive])
    library.confirm_tags([drive])
    before = {path: path.read_bytes() for path in sorted(drive.iterdir())}
    assert len(library.write_tags([drive, "dog/0.wav"]).written) == 3
    drive.rename(away)
    undone = library.undo()
    assert (undone.restored, undone.skipped) == (1, 0)
    assert sorted(failure.path for failure in undone.failures) == [str(path) for path in before]
    assert all("drive" in failure.reason for failure in undone.failures)
    assert (library.history()[0].action, library.history()[0].changes) == (Action.WRITE, 2)
    away.rename(drive)
    undone = library.undo()
    assert (undone.operation.action, undone.restored, undone.failures) == (Action.WRITE, 2, ())
    assert {path: path.read_bytes() for path in sorted(drive.iterdir())} == before


def test_other_operations_don_t_push_out_what_restores_files(library: Library) -> None:
    before = contents(library)
    library.write_tags()
    for number in range(MOST_OPERATIONS + 5):
        library.annotate(["wind/0.wav"], rating=number % 5 + 1)
    history = library.history()
    assert [operation.action for operation in history].count(Action.WRITE) == 1
    assert len(history) <= MOST_OPERATIONS + 1
    for _ in history:
        if library.undo().operation.action is Action.WRITE:
            break
    assert contents(library) == before


def test_a_later_decision_on_the_original_is_not_lost_by_undoing(library: Library) -> None:
    library.write_tags(["dog/0.wav"])  # the copy has the original content still
    assert library.reject_tags(["copy of a dog.wav"], ["dog"]) == 1
    with IndexStore.open(library.root / ".audioclip-search") as store:
        (operation, _) = Journal(store).last() or pytest.fail("nothing to undo")
        Journal(store).forget(operation)
    library.undo()
    assert states(library, "copy of a dog.wav") == []


def test_a_file_that_moved_is_restored_where_it_is(library: Library) -> None:
    before = (library.root / "dog" / "1.wav").read_bytes()
    library.write_tags()
    (library.root / "dog" / "1.wav").rename(library.root / "moved.wav")
    library.sync()
    assert library.undo().skipped == 0
    assert (library.root / "moved.wav").read_bytes() == before


def test_a_cancelled_run_can_be_undone(library: Library) -> None:
    before = contents(library)
    cancel = CancelToken()

    def stop(progress: TagProgress) -> None:
        if progress.done == 2:
            cancel.cancel()

    report = library.write_tags(on_progress=stop, cancel=cancel)
    assert report.cancelled
    assert 1 <= len(report.written) < 5
    assert library.history()[0].changes == len(report.written)
    library.undo()
    assert contents(library) == before


def test_vectors_stay_to_the_last_bit(library: Library) -> None:
    def vectors() -> FloatArray:
        with IndexStore.open(library.root / ".audioclip-search") as store:
            return np.stack([window.vector for window in store.vectors("dog/0.wav")])

    before = vectors()
    library.write_tags()
    assert np.array_equal(vectors(), before)
    library.undo()
    assert np.array_equal(vectors(), before)


def test_what_is_known_of_duplicates_holds_of_the_new_content(library: Library) -> None:
    pair = [library.root / "dog" / "0.wav", library.root / "dog" / "1.wav"]
    library.duplicates()
    library.reject_duplicates(pair)
    library.write_tags()
    hashes = {file.path: file.content_hash for file in library.files()}
    with IndexStore.open(library.root / ".audioclip-search") as store:
        ledger = Ledger(store)
        assert pair_of(*(hashes[path] for path in pair)) in ledger.rejections()
        assert all(("audio", hashes[path]) in ledger.facts() for path in pair)
