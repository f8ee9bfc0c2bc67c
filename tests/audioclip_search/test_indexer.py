"""What a sync has to do, and that it does it whatever happens on the way."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest
from PIL import Image

from audioclip_search.encoder import Encoder
from audioclip_search.errors import MediaError, ModelError, StorageError
from audioclip_search.indexer import Plan, Survey, decoding, execute, plan, survey, writing
from audioclip_search.media import iter_segments, load_image, load_text, modality_of
from audioclip_search.storage import IndexStore
from audioclip_search.types import (
    CancelToken,
    Failure,
    FileRecord,
    FileStamp,
    FloatArray,
    Modality,
    SyncProgress,
    SyncReport,
    SyncStage,
    WindowVector,
)

MakeFile = Callable[..., Path]
Execute = Callable[..., SyncReport]
SAME = 0.99999
FILES = 11


class Watched:
    """A real encoder that notes the sizes of its batches and calls `before` ahead of each."""

    def __init__(self, encoder: Encoder, before: Callable[[], None] = lambda: None) -> None:
        self._encoder = encoder
        self.before = before
        self.batches: dict[Modality, list[int]] = {modality: [] for modality in Modality}
        self.identity, self.dim = encoder.identity, encoder.dim
        self.audio_format, self.batch_size = encoder.audio_format, encoder.batch_size
        self.prepare_image = encoder.prepare_image

    def encode_audio(self, clips: list[FloatArray]) -> FloatArray:
        self._note(Modality.AUDIO, clips)
        return self._encoder.encode_audio(clips)

    def encode_images(self, pixels: list[FloatArray]) -> FloatArray:
        self._note(Modality.IMAGE, pixels)
        return self._encoder.encode_images(pixels)

    def encode_texts(self, texts: list[str]) -> FloatArray:
        self._note(Modality.TEXT, texts)
        return self._encoder.encode_texts(texts)

    def _note(self, modality: Modality, inputs: list) -> None:
        self.before()
        self.batches[modality].append(len(inputs))


@pytest.fixture
def encoder(tiny_encoder: Encoder) -> Watched:
    return Watched(tiny_encoder)


@pytest.fixture
def store(tmp_path: Path, encoder: Watched) -> Iterator[IndexStore]:
    with IndexStore.create(tmp_path / "index", identity=encoder.identity, dim=encoder.dim) as store:
        yield store


@pytest.fixture
def sync(store: IndexStore, encoder: Watched) -> Execute:
    """Surveys, plans and executes, as a library does."""

    def run(root: Path, **options: object) -> SyncReport:
        found = survey(root)
        stored = store.stored()
        return execute(plan(found, stored), stored, root=root, store=store, open_encoder=lambda: encoder, **options)

    return run


def one_by_one(root: Path, path: str, encoder: Encoder) -> list[WindowVector]:
    """A file's vectors without any pipeline."""
    file = root / path
    match modality_of(path):
        case Modality.IMAGE:
            vectors = encoder.encode_images([encoder.prepare_image(load_image(file))])
        case Modality.TEXT:
            vectors = encoder.encode_texts([load_text(file)])
        case _:
            segments = list(iter_segments(file, encoder.audio_format))
            rows = (encoder.encode_audio([segment.samples])[0] for segment in segments)
            return [WindowVector(row, part.start_s, part.end_s) for row, part in zip(rows, segments, strict=True)]
    return [WindowVector(vectors[0])]


def assert_complete(store: IndexStore, root: Path, encoder: Encoder) -> None:
    """Every file of the folder is in the index, once, with the vectors that it has by itself; and nothing else is."""
    assert store.stored().keys() == {stamp.path for stamp in survey(root).stamps}
    failed = {failure.path for failure in store.failures()}
    for path in store.stored().keys() - failed:
        found, expected = store.vectors(path), one_by_one(root, path, encoder)
        assert [(w.start_s, w.end_s) for w in found] == [(w.start_s, w.end_s) for w in expected]
        assert min(a.vector @ b.vector for a, b in zip(found, expected, strict=True)) >= SAME, path


def test_every_file_gets_the_vectors_it_has_by_itself(
    small_library: Path, sync: Execute, store: IndexStore, encoder: Watched, tiny_encoder: Encoder
) -> None:
    reports: list[SyncProgress] = []
    report = sync(small_library, on_progress=reports.append)
    windows = store.info().windows
    assert report == SyncReport(added=FILES, windows=windows)
    assert windows == 10 + 6  # the long sound has six
    assert_complete(store, small_library, tiny_encoder)
    assert store.stored()["pads/long.flac"].content_hash
    assert [encoder.batches[modality] for modality in Modality] == [[4, 4, 3], [3], [2]]  # audio, images, texts
    assert [report.done for report in reports] == [*range(FILES + 1), FILES]
    assert {report.total for report in reports} == {FILES}
    assert [report.stage for report in reports[-2:]] == [SyncStage.EMBED, SyncStage.DONE]


def test_a_second_sync_does_not_even_open_the_model(small_library: Path, sync: Execute, store: IndexStore) -> None:
    sync(small_library)
    work = plan(survey(small_library), store.stored())

    def never() -> Encoder:
        raise AssertionError

    report = execute(work, store.stored(), root=small_library, store=store, open_encoder=never)
    assert report == SyncReport(unchanged=FILES)


def test_only_what_changed_is_embedded_and_what_is_gone_is_forgotten(
    small_library: Path, sync: Execute, store: IndexStore, encoder: Watched, make_sound: MakeFile
) -> None:
    sync(small_library)
    encoder.batches = {modality: [] for modality in Modality}
    make_sound(small_library / "drums" / "hit 0.wav", seed=77, duration_s=0.9)
    make_sound(small_library / "new" / "bell.wav", seed=78)
    (small_library / "drums" / "hit 1.wav").rename(small_library / "drums" / "renamed.wav")
    (small_library / "logo.gif").unlink()
    reports: list[SyncProgress] = []
    report = sync(small_library, on_progress=reports.append)
    assert report == SyncReport(added=1, updated=1, moved=1, removed=1, unchanged=FILES - 3, windows=2)
    assert [encoder.batches[modality] for modality in Modality] == [[1, 1], [], []]
    assert reports[-3:] == [
        SyncProgress(SyncStage.REMOVE, done=0, total=1),
        SyncProgress(SyncStage.REMOVE, done=1, total=1),
        SyncProgress(SyncStage.DONE, done=3, total=3),
    ]
    assert_complete(store, small_library, encoder)


def test_broken_files_are_recorded_and_left_alone_until_they_change(
    tmp_path: Path, sync: Execute, store: IndexStore, tiny_encoder: Encoder, make_sound: MakeFile
) -> None:
    root = tmp_path / "library"
    good = make_sound(root / "good.wav", seed=1)
    (root / "empty.wav").touch()
    (root / "noise.png").write_bytes(bytes(range(256)))
    (root / "binary.txt").write_bytes(b"\0\1\2" * 99)
    (root / "cut.flac").write_bytes(b"fLaC" + bytes(30))
    report = sync(root)
    assert (report.added, report.windows) == (1, 1)
    assert [failure.path for failure in report.failures] == ["binary.txt", "cut.flac", "empty.wav", "noise.png"]
    assert report.failures == tuple(store.failures())
    assert Failure("empty.wav", "the file is empty") in report.failures
    assert sync(root) == SyncReport(unchanged=5)
    (root / "empty.wav").write_bytes(good.read_bytes())
    mended = sync(root)
    assert (mended.updated, mended.unchanged, mended.failures) == (1, 4, ())
    assert_complete(store, root, tiny_encoder)


def test_a_file_that_vanishes_or_can_not_be_read_is_no_verdict_on_it(
    tmp_path: Path, sync: Execute, store: IndexStore, encoder: Watched, make_sound: MakeFile
) -> None:
    make_sound(tmp_path / "library" / "here.wav", seed=1)
    folder = tmp_path / "library" / "folder.wav"
    folder.mkdir()
    stamps = tuple(FileStamp(path, Modality.AUDIO, 1, 1) for path in ("gone.wav", "no/folder.wav", "folder.wav"))
    work = Plan(new=stamps)
    reports: list[SyncProgress] = []
    report = execute(
        work,
        store.stored(),
        root=tmp_path / "library",
        store=store,
        open_encoder=lambda: encoder,
        on_progress=reports.append,
    )
    assert report == SyncReport(failures=(Failure("folder.wav", "is a folder"),))
    assert store.stored().keys() == {"folder.wav"}
    assert reports[-1] == SyncProgress(SyncStage.DONE, done=3, total=3, failed=1)
    assert plan(Survey(stamps[2:]), store.stored()) == Plan(changed=stamps[2:])  # tried again


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_the_files_of_a_folder_that_can_not_be_listed_stay(small_library: Path, sync: Execute) -> None:
    sync(small_library)
    (small_library / "drums").chmod(0)
    report = sync(small_library)
    (small_library / "drums").chmod(0o700)
    assert report == SyncReport(unchanged=FILES - 4, offline=4)


def test_the_files_behind_a_link_to_an_unplugged_drive_stay(
    tmp_path: Path, small_library: Path, sync: Execute, store: IndexStore
) -> None:
    drive = tmp_path / "drive"
    (small_library / "drums").rename(drive)
    (small_library / "drums").symlink_to(drive)
    sync(small_library)
    drive.rename(tmp_path / "unplugged")
    (small_library / "logo.gif").unlink()
    assert sync(small_library) == SyncReport(removed=1, unchanged=FILES - 5, offline=4)
    assert sum(path.startswith("drums/") for path in store.stored()) == 4


def test_nothing_is_forgotten_when_the_root_vanishes(
    tmp_path: Path, small_library: Path, sync: Execute, store: IndexStore, encoder: Watched
) -> None:
    sync(small_library)
    (small_library / "logo.gif").unlink()
    stored = store.stored()
    work = plan(survey(small_library), stored)
    small_library.rename(tmp_path / "elsewhere")
    with pytest.raises(MediaError, match="vanished"):
        execute(work, stored, root=small_library, store=store, open_encoder=lambda: encoder)
    assert len(store.stored()) == FILES


def test_an_internal_error_costs_one_file_only(
    small_library: Path, sync: Execute, store: IndexStore, encoder: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    real = encoder.prepare_image

    def fail_on_tall(image: Image.Image) -> FloatArray:
        if image.height > image.width:
            raise ZeroDivisionError("oops")
        return real(image)

    encoder.prepare_image = fail_on_tall
    report = sync(small_library)
    assert report.failures == (Failure("covers/back.jpg", "internal error: ZeroDivisionError: oops"),)
    encoder.prepare_image = real
    assert sync(small_library) == SyncReport(updated=1, unchanged=FILES - 1, windows=1)  # tried again
    assert "covers/back.jpg could not be decoded" in caplog.text


def test_a_sound_that_fails_in_the_middle_leaves_no_vectors(
    small_library: Path, sync: Execute, store: IndexStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken_off(*arguments: object) -> Iterator[object]:
        segments = list(iter_segments(*arguments))
        yield from segments[:4]
        if len(segments) > 4:
            raise MediaError("the disk fell over")

    monkeypatch.setattr(decoding, "iter_segments", broken_off)
    report = sync(small_library)
    assert report.failures == (Failure("pads/long.flac", "the disk fell over"),)
    assert (report.added, report.windows, store.info().windows) == (10, 10, 10)


def test_a_long_sound_is_not_decoded_ahead_of_the_encoder(
    tmp_path: Path, sync: Execute, encoder: Watched, make_sound: MakeFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_sound(tmp_path / "library" / "long.wav", seed=1, duration_s=61.0)
    decoded, most_ahead = 0, 0

    def counted(*arguments: object) -> Iterator[object]:
        nonlocal decoded
        for segment in iter_segments(*arguments):
            decoded += 1
            yield segment

    def look() -> None:
        nonlocal most_ahead
        time.sleep(0.05)  # so that the decoder gets as far as it can
        most_ahead = max(most_ahead, decoded - sum(encoder.batches[Modality.AUDIO]))

    monkeypatch.setattr(decoding, "iter_segments", counted)
    encoder.before = look
    report = sync(tmp_path / "library")
    assert report.windows == decoded == 60
    # Two batches queued, two collected, and one window in the decoder's hands.
    assert most_ahead <= 4 * encoder.batch_size + 1


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ModelError("out of memory"), ZeroDivisionError])
def test_whatever_ends_a_sync_what_is_finished_is_kept(
    small_library: Path,
    sync: Execute,
    store: IndexStore,
    tiny_encoder: Encoder,
    stop: BaseException | type[BaseException],
) -> None:
    def interrupt(progress: SyncProgress) -> None:
        if progress.done == 5:
            raise stop

    with pytest.raises(stop if isinstance(stop, type) else type(stop)):
        sync(small_library, on_progress=interrupt)
    assert len(store.stored()) == 5
    report = sync(small_library)
    assert (report.added, report.unchanged) == (FILES - 5, 5)
    assert_complete(store, small_library, tiny_encoder)


def test_a_model_that_fails_ends_the_sync(small_library: Path, sync: Execute, encoder: Watched) -> None:
    def fail() -> None:
        raise ModelError("the device has not enough memory")

    encoder.before = fail
    with pytest.raises(ModelError, match="memory"):
        sync(small_library)


def test_a_cancelled_sync_keeps_what_is_finished_and_the_next_one_completes_it(
    small_library: Path, sync: Execute, store: IndexStore, tiny_encoder: Encoder
) -> None:
    (small_library / "drums" / "hit 0.wav").rename(small_library / "zz.wav")
    cancel = CancelToken()

    def stop(progress: SyncProgress) -> None:
        if progress.done == 3:
            cancel.cancel()

    report = sync(small_library, on_progress=stop, cancel=cancel)
    assert report.cancelled
    assert 3 <= report.added == len(store.stored()) < FILES
    rest = sync(small_library)
    assert (rest.added, rest.unchanged, rest.cancelled) == (FILES - report.added, report.added, False)
    assert_complete(store, small_library, tiny_encoder)


def test_a_sync_cancelled_before_it_starts_changes_nothing(
    small_library: Path, sync: Execute, store: IndexStore
) -> None:
    sync(small_library)
    (small_library / "logo.gif").unlink()
    (small_library / "more.txt").write_text("thunder")
    cancel = CancelToken()
    cancel.cancel()
    assert sync(small_library, cancel=cancel) == SyncReport(unchanged=FILES - 1, cancelled=True)
    assert len(store.stored()) == FILES


def test_an_index_that_fails_ends_the_sync(small_library: Path, sync: Execute, store: IndexStore) -> None:
    def close(progress: SyncProgress) -> None:
        if progress.done == 2:
            store.close()

    with pytest.raises(StorageError, match="closed"):
        sync(small_library, on_progress=close)


@pytest.mark.parametrize(
    ("limits", "expected"),
    [({}, [FILES]), ({"_FILES": 4}, [4, 4, 3]), ({"_WINDOWS": 1}, [1] * FILES), ({"_EVERY_S": 0.0}, None)],
)
def test_commits_are_as_large_as_the_limits_allow(
    small_library: Path,
    sync: Execute,
    monkeypatch: pytest.MonkeyPatch,
    limits: dict[str, float],
    expected: list[int] | None,
) -> None:
    for name, limit in {"_EVERY_S": 600.0, **limits}.items():
        monkeypatch.setattr(writing, name, limit)
    sizes: list[int] = []
    write = IndexStore.write

    def noted(store: IndexStore, records: list[FileRecord]) -> None:
        sizes.append(len(records))
        write(store, records)

    monkeypatch.setattr(IndexStore, "write", noted)
    sync(small_library)
    assert sum(sizes) == FILES
    assert len(sizes) > 1 if expected is None else sizes == expected


def test_a_file_that_changes_while_it_is_read_is_read_again_by_the_next_sync(
    small_library: Path, sync: Execute, store: IndexStore, tiny_encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(file: BinaryIO) -> str:
        text = load_text(file)
        if not text.startswith("A hammer"):
            return text
        (small_library / "notes.txt").write_text("Something else, written while the sync was running")
        return text

    monkeypatch.setattr(decoding, "load_text", overtaken)
    sync(small_library)
    monkeypatch.undo()
    assert sync(small_library) == SyncReport(updated=1, unchanged=FILES - 1, windows=1)
    assert_complete(store, small_library, tiny_encoder)
