"""What a sync has to do follows from the disk and the index alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from audioclip_search.errors import CancelledError, MediaError
from audioclip_search.indexer import Plan, Survey, plan, survey
from audioclip_search.storage import StoredFiles
from audioclip_search.storage.schema import file_rows
from audioclip_search.types import CancelToken, FileRecord, FileStamp, Modality, SyncProgress, SyncStage, WindowVector

FILES = 11


def stamp(path: str, *, size: int = 1, mtime_ns: int = 1, modality: Modality = Modality.AUDIO) -> FileStamp:
    return FileStamp(path, modality, size, mtime_ns)


def known(path: str, *, failure: str = "", content_hash: str = "hash") -> FileRecord:
    windows = () if failure else (WindowVector(np.ones(1, np.float32)),)
    return FileRecord(stamp(path), content_hash, failure=failure, windows=windows)


def stored(*records: FileRecord) -> StoredFiles:
    paths = [record.stamp.path for record in records]
    return StoredFiles(file_rows(records), paths, {path: row for row, path in enumerate(paths)})


@pytest.mark.parametrize(
    ("disk", "index", "expected"),
    [
        ([], [], Plan()),
        ([stamp("a")], [], Plan(new=(stamp("a"),))),
        ([stamp("a")], [known("a")], Plan(unchanged=1)),
        ([stamp("a", size=2)], [known("a")], Plan(changed=(stamp("a", size=2),))),
        ([stamp("a", mtime_ns=0)], [known("a")], Plan(changed=(stamp("a", mtime_ns=0),))),
        ([stamp("a", modality=Modality.TEXT)], [known("a")], Plan(changed=(stamp("a", modality=Modality.TEXT),))),
        ([], [known("b"), known("a")], Plan(removed=("a", "b"))),
        ([stamp("b")], [known("a")], Plan(new=(stamp("b"),), removed=("a",))),
        ([stamp("a")], [known("a", failure="broken")], Plan(unchanged=1)),
        ([stamp("a")], [known("a", failure="permission denied", content_hash="")], Plan(changed=(stamp("a"),))),
    ],
)
def test_a_plan_is_the_difference_of_disk_and_index(
    disk: list[FileStamp], index: list[FileRecord], expected: Plan
) -> None:
    assert plan(Survey(tuple(disk)), stored(*index)) == expected


@pytest.mark.parametrize(
    ("unseen", "removed"),
    [
        (set(), ("a/b/c.wav", "a/d.wav", "ab.wav")),
        ({"a"}, ("ab.wav",)),
        ({"a/b"}, ("a/d.wav", "ab.wav")),
        ({"a/d.wav"}, ("a/b/c.wav", "ab.wav")),
        ({""}, ()),
    ],
)
def test_what_could_not_be_looked_at_is_not_gone(unseen: set[str], removed: tuple[str, ...]) -> None:
    index = stored(*map(known, ("a/b/c.wav", "a/d.wav", "ab.wav")))
    assert plan(Survey((), frozenset(unseen)), index) == Plan(removed=removed, offline=3 - len(removed))


@pytest.mark.parametrize(
    ("within", "removed"),
    [
        ({"a"}, ("a/b/c.wav", "a/d.wav")),
        ({"a/b", "ab.wav"}, ("a/b/c.wav", "ab.wav")),
        ({""}, ("a/b/c.wav", "a/d.wav", "ab.wav")),
        ({"/other"}, ("/other/e.wav",)),
        (set(), ()),
    ],
)
def test_what_was_not_looked_at_is_left_alone(within: set[str], removed: tuple[str, ...]) -> None:
    index = stored(*map(known, ("a/b/c.wav", "a/d.wav", "ab.wav", "/other/e.wav")))
    assert plan(Survey((), within=frozenset(within)), index) == Plan(removed=removed)


def test_a_survey_tells_what_there_is_and_what_could_not_be_seen(small_library: Path) -> None:
    (small_library / "sub").mkdir()
    (small_library / "sub" / "unplugged").symlink_to(small_library / "nowhere")
    reports: list[SyncProgress] = []
    found = survey(small_library, skip=[small_library / "covers"], on_progress=reports.append)
    assert len(found.stamps) == FILES - 2
    assert found.unseen == {"sub/unplugged"}
    assert (reports[0].stage, reports[0].done, reports[0].total) == (SyncStage.SCAN, 1, 0)


def test_a_survey_can_be_cancelled_and_needs_its_root(small_library: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        survey(small_library, cancel=cancel)
    with pytest.raises(MediaError):
        survey(small_library / "nowhere")
