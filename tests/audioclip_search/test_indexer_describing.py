"""An index from before metadata were kept gets them with the next sync, without embedding anything."""

from __future__ import annotations

from pathlib import Path

import lancedb
import mutagen.flac
import pytest

from audioclip_search.library import Library
from audioclip_search.storage.schema import FILES
from audioclip_search.types import CancelToken, SyncProgress, SyncStage


@pytest.fixture
def library(small_library: Path, tiny_model: Path) -> Library:
    file = mutagen.flac.FLAC(small_library / "pads" / "long.flac")
    file["title"] = "Choir of Lisbon"
    file.save()
    return Library(small_library, model=tiny_model, device="cpu")


def forget_metadata(library: Library) -> None:
    files = lancedb.connect(library.root / ".audioclip-search").open_table(FILES)
    files.update(values={"metadata": "", "rate_hz": 0, "channels": 0, "bits": 0, "metadata_words": ""})


def test_what_files_say_of_themselves_is_kept_and_found(library: Library) -> None:
    with library:
        library.sync()
        [hit] = library.query(text="lisbon choir", ranking="text")
        assert (hit.path.name, hit.metadata.fields) == ("long.flac", (("title", "Choir of Lisbon"),))
        assert (hit.metadata.rate_hz, hit.metadata.channels, hit.metadata.bits) == (8_000, 2, 16)
        by_name = {file.path.name: file.metadata for file in library.files()}
        assert (by_name["front.png"].width, by_name["front.png"].height) == (48, 40)


def test_an_older_index_is_told_by_the_next_sync(library: Library) -> None:
    with library:
        library.sync()
        forget_metadata(library)
        assert not library.query(text="lisbon choir", ranking="text")
        seen: list[SyncProgress] = []
        report = library.sync(on_progress=seen.append)
        assert (report.unchanged, report.windows) == (11, 0)
        assert [one.done for one in seen if one.stage is SyncStage.DESCRIBE] == list(range(1, 12))
        assert [hit.path.name for hit in library.query(text="lisbon choir", ranking="text")] == ["long.flac"]
        seen.clear()
        library.sync(on_progress=seen.append)
        assert SyncStage.DESCRIBE not in {one.stage for one in seen}


def test_what_is_cancelled_or_away_is_left_to_a_later_sync(library: Library) -> None:
    with library:
        library.sync()
        forget_metadata(library)
        cancel = CancelToken()

        def cancel_when_describing(progress: SyncProgress) -> None:
            if progress.stage is SyncStage.DESCRIBE:
                cancel.cancel()

        assert library.sync(on_progress=cancel_when_describing, cancel=cancel).cancelled
        library.sync()
        assert [hit.path.name for hit in library.query(text="lisbon choir", ranking="text")] == ["long.flac"]
