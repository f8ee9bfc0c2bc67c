"""Duplicates of a library on the disk, as a caller finds, rejects and finds them again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from made_sounds import RATE_HZ, knocks, mp3, rounded, tone, written
from PIL import Image
from plain_encoder import PlainEncoder

from audioclip_search import (
    CancelledError,
    CancelToken,
    DuplicateGroup,
    DuplicateTier,
    Library,
    QueryError,
    StorageError,
    SyncProgress,
    SyncStage,
)
from audioclip_search.types import FloatArray, Modality

SOUND, OTHER = rounded(knocks(1)), rounded(knocks(2))
IDENTICAL, SAME, ALIKE = DuplicateTier


class MomentsEncoder(PlainEncoder):
    """Sounds alike have vectors alike: how loud they are, twenty times a window."""

    def encode_audio(self, clips: list[FloatArray]) -> FloatArray:  # type: ignore[override]
        profiles = [np.array([np.abs(part).mean() for part in np.array_split(clip[0], 32)]) for clip in clips]
        vectors = np.stack(profiles).astype(np.float32) + 1e-6
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "a.wav": written(SOUND),
        "a copy.wav": written(SOUND),
        "a.flac": written(SOUND, "FLAC", "PCM_24"),
        "soft/a.wav": written(0.1 * SOUND),
        "soft/a.mp3": mp3(SOUND, 64),
        "cut.wav": written(SOUND[4_000:20_000]),
        "b.wav": written(OTHER),
        "silence.wav": written(np.zeros(RATE_HZ, np.float32)),
        "longer silence.wav": written(np.zeros(2 * RATE_HZ, np.float32)),
        "440.wav": written(tone(440)),
        "442.wav": written(tone(442)),
        "words.txt": b"A knock",
        "same words.txt": b"A knock",
        "broken.wav": b"RIFF but no sound",
        "broken too.wav": b"RIFF but no sound",
    }
    for name, content in files.items():
        path = tmp_path / "library" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "library"


@pytest.fixture
def library(root: Path) -> Iterator[Library]:
    with Library(root, model=PlainEncoder()) as opened:
        opened.sync()
        yield opened


def names(library: Library, groups: list[DuplicateGroup], tier: DuplicateTier) -> list[list[str]]:
    return [
        [file.path.relative_to(library.root).as_posix() for file in group.files]
        for group in groups
        if group.tier is tier
    ]


def test_three_tiers_kept_apart(library: Library) -> None:
    groups = library.duplicates()
    assert names(library, groups, IDENTICAL) == [
        ["a copy.wav", "a.flac", "a.wav"],
        ["broken too.wav", "broken.wav"],
        ["same words.txt", "words.txt"],
    ]
    assert names(library, groups, SAME) == [["a copy.wav", "cut.wav", "soft/a.mp3", "soft/a.wav"]]
    assert names(library, groups, ALIKE) == []
    assert [group.tier for group in groups] == [IDENTICAL] * 3 + [SAME]
    same = groups[-1]
    assert same.modality is Modality.AUDIO
    assert same.best == library.root / "a copy.wav"
    assert same.worse == tuple(library.root / name for name in ("cut.wav", "soft/a.mp3", "soft/a.wav"))
    best, cut, compressed, soft = same.files
    assert best.relation.startswith("best: ")
    assert (cut.offset_s, cut.relation) == (pytest.approx(0.25, abs=1e-3), "begins 0.25 s into it, 0.50 s shorter")
    assert compressed.relation.startswith("mp3 of it")
    assert (soft.gain_db, soft.relation) == (pytest.approx(-20, abs=0.1), "20.0 dB quieter")
    assert min(file.similarity for file in same.files) > 0.8


def test_only_the_tiers_asked_for(library: Library) -> None:
    assert {group.tier for group in library.duplicates(tiers=["same"])} == {SAME}
    assert {group.tier for group in library.duplicates(tiers=[IDENTICAL])} == {IDENTICAL}
    with pytest.raises(ValueError, match="exact"):
        library.duplicates(tiers=["exact"])


def test_what_is_known_is_not_read_again(library: Library, root: Path) -> None:
    first = library.duplicates()
    told: list[SyncProgress] = []
    for path in root.rglob("*.wav"):
        stat = path.stat()
        path.write_bytes(bytes(stat.st_size))  # whoever reads it now finds nothing
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert library.duplicates(on_progress=told.append) == first
    assert [progress.stage for progress in told] == [SyncStage.DONE]


def test_new_files_are_examined_and_moved_ones_are_not(library: Library, root: Path) -> None:
    library.duplicates()
    (root / "b.wav").rename(root / "renamed.wav")
    (root / "new.wav").write_bytes(written(0.5 * OTHER))
    library.sync()
    told: list[SyncProgress] = []
    groups = library.duplicates(on_progress=told.append)
    assert ["renamed.wav", "new.wav"] in names(library, groups, SAME) or ["new.wav", "renamed.wav"] in names(
        library, groups, SAME
    )
    assert [(step.done, step.total) for step in told if step.stage is SyncStage.EXAMINE] == [(1, 1)]


def test_a_file_that_changed_since_the_sync_is_left_out(library: Library, root: Path) -> None:
    (root / "a.flac").write_bytes(written(OTHER, "FLAC"))
    groups = library.duplicates()
    assert names(library, groups, IDENTICAL)[0] == ["a copy.wav", "a.wav"]
    assert all("a.flac" not in files for files in names(library, groups, SAME))


@pytest.mark.parametrize("undone", [False, True])
def test_a_rejection_is_remembered_by_content(root: Path, undone: bool) -> None:
    with Library(root, model=PlainEncoder()) as library:
        library.sync()
        library.duplicates()
        assert library.reject_duplicates(["a.wav", "soft/a.wav"]) == 1
        assert library.reject_duplicates(["a.wav", "a.flac", root / "cut.wav"]) == 3
        if undone:
            assert library.reject_duplicates(["a.wav", "soft/a.wav"], undo=True) == 1
        shutil.move(root / "soft" / "a.wav", root / "moved.wav")
        library.sync()
    with Library(root, model=PlainEncoder()) as library:
        groups = library.duplicates()
        assert names(library, groups, IDENTICAL)[0] == ["a copy.wav", "a.wav"]
        # What is told apart from the best one is not told apart from each other.
        others = [["moved.wav", "cut.wav"], ["a copy.wav", "soft/a.mp3"]]
        expected = [["a copy.wav", "moved.wav", "soft/a.mp3"]] if undone else others[::-1]
        assert names(library, groups, SAME) == expected


def test_copies_can_be_rejected_too(library: Library) -> None:
    assert library.reject_duplicates(["a.wav", "a copy.wav"]) == 1
    assert names(library, library.duplicates(), IDENTICAL)[0] == ["a copy.wav", "a.flac"]


@pytest.mark.parametrize(
    "paths", [["a.wav"], ["a.wav", "a.wav"], ["a.wav", "missing.wav"], ["a.wav", "/somewhere/else.wav"]]
)
def test_what_can_not_be_rejected(library: Library, paths: list[str]) -> None:
    with pytest.raises(QueryError):
        library.reject_duplicates(paths)


def test_a_library_without_an_index(tmp_path: Path) -> None:
    with Library(tmp_path, model=PlainEncoder()) as library, pytest.raises(StorageError):
        library.duplicates()


def test_cancelling_keeps_what_was_examined(library: Library) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        library.duplicates(cancel=cancel)
    later, total = CancelToken(), 0

    def stop_at_the_third(progress: SyncProgress) -> None:
        nonlocal total
        total = progress.total
        if progress.stage is SyncStage.EXAMINE and progress.done == 3:
            later.cancel()

    with pytest.raises(CancelledError):
        library.duplicates(on_progress=stop_at_the_third, cancel=later)
    told: list[SyncProgress] = []
    assert len(library.duplicates(on_progress=told.append)) == 4
    assert max(step.total for step in told if step.stage is SyncStage.EXAMINE) <= total - 3


def test_an_offline_folder_counts_by_what_is_known(library: Library, tmp_path: Path) -> None:
    other = tmp_path / "drive"
    other.mkdir()
    (other / "a far.wav").write_bytes(written(0.3 * SOUND))
    library.add_folder(other)
    library.sync()
    before = library.duplicates()
    other.rename(tmp_path / "unplugged")
    after = library.duplicates()
    assert [group.best for group in after] == [group.best for group in before]
    (far,) = [file for group in after for file in group.files if file.path.name == "a far.wav"]
    assert far.offline


def test_alike_by_the_vectors(tmp_path: Path) -> None:
    root = tmp_path / "library"
    root.mkdir()
    shape = np.repeat(np.random.default_rng(0).uniform(0, 0.4, 20), RATE_HZ // 40)
    takes = [(shape * np.random.default_rng(seed).uniform(-1, 1, len(shape))).astype(np.float32) for seed in (1, 2, 3)]
    (root / "take 1.wav").write_bytes(written(takes[0]))
    (root / "take 1 soft.wav").write_bytes(written(0.3 * takes[0]))
    (root / "take 2.wav").write_bytes(written(takes[1]))
    (root / "take 3.wav").write_bytes(written(takes[2][::-1]))
    with Library(root, model=MomentsEncoder()) as library:
        library.sync()
        groups = library.duplicates(alike=0.95)
        assert names(library, groups, SAME) == [["take 1.wav", "take 1 soft.wav"]]
        assert names(library, groups, ALIKE) == [["take 1.wav", "take 2.wav"]]
        (alike,) = library.duplicates(tiers=["alike"], alike=0.95)
        assert alike.files[1].relation.startswith("like it to 0.9")
        library.reject_duplicates(["take 1.wav", "take 2.wav"])
        assert library.duplicates(tiers=["alike"], alike=0.95) == []


def test_pictures(tmp_path: Path) -> None:
    root = tmp_path / "library"
    root.mkdir()

    def save(name: str, *, seed: int, size: tuple[int, int] = (240, 160)) -> None:
        blocks = np.random.default_rng(seed).integers(0, 256, (6, 9, 3)).astype(np.uint8)
        Image.fromarray(blocks).resize((480, 320), Image.Resampling.BICUBIC).resize(size).save(root / name)

    save("a.png", seed=1)
    save("a.bmp", seed=1)
    save("a small.jpg", seed=1, size=(120, 80))
    save("b.png", seed=2)
    save("square.png", seed=1, size=(160, 160))
    for name in ("white.png", "grey.png"):
        Image.new("RGB", (240, 160), name.removesuffix(".png")).save(root / name)
    with Library(root, model=PlainEncoder()) as library:
        library.sync()
        groups = library.duplicates()
        assert names(library, groups, IDENTICAL) == [["a.bmp", "a.png"]]
        assert names(library, groups, SAME) == [["a.bmp", "a small.jpg"]]
        assert groups[-1].files[1].relation == "jpeg of it, 120 x 80"


def test_many_copies_are_one_group(tmp_path: Path) -> None:
    root = tmp_path / "library"
    root.mkdir()
    for number in range(40):
        (root / f"{number:02}.wav").write_bytes(written((1 - number / 50) * SOUND))
        (root / f"other {number:02}.wav").write_bytes(written(knocks(100 + number)))
    with Library(root, model=PlainEncoder()) as library:
        library.sync()
        (group,) = library.duplicates()
        assert len(group.files) == 40
        assert group.best.name == "00.wav"


def test_a_half_that_only_the_whole_connects(tmp_path: Path) -> None:
    """Two halves of a recording are the same as the whole one, not as each other; without it, they are none."""
    root = tmp_path / "library"
    root.mkdir()
    whole = np.concatenate([knocks(seed) for seed in range(4)])
    parts: dict[str, FloatArray] = {"whole": whole, "first": whole[:48_000], "second": whole[48_000:]}
    for name, samples in parts.items():
        (root / f"{name}.wav").write_bytes(written(samples))
    with Library(root, model=PlainEncoder()) as library:
        library.sync()
        assert names(library, library.duplicates(), SAME) == [["whole.wav", "first.wav", "second.wav"]]
        (root / "whole.wav").unlink()
        library.sync()
        assert library.duplicates() == []


def test_long_sounds(tmp_path: Path) -> None:
    root = tmp_path / "library"
    root.mkdir()
    long = np.concatenate([knocks(seed) for seed in range(60)])  # a minute and a half
    (root / "long.wav").write_bytes(written(long))
    (root / "later.mp3").write_bytes(mp3(long[5 * RATE_HZ :], 128))
    (root / "other.wav").write_bytes(written(np.concatenate([knocks(seed) for seed in range(60, 120)])))
    with Library(root, model=PlainEncoder()) as library:
        library.sync()
        (group,) = library.duplicates()
        assert group.best.name == "long.wav"
        assert [file.path.name for file in group.files] == ["long.wav", "later.mp3"]
        assert group.files[1].offset_s == pytest.approx(5, abs=0.1)


def test_who_deletes_the_worse_files_keeps_every_sound(tmp_path: Path) -> None:
    root = tmp_path / "sounds"
    root.mkdir()
    for name, content in {"z.wav": written(SOUND), "b.wav": written(OTHER), "b2.wav": written(OTHER)}.items():
        (root / name).write_bytes(content)
    (root / "soft.wav").write_bytes(written(0.1 * SOUND))
    (root / "a link.wav").symlink_to(root / "z.wav")
    with Library(root, model=MomentsEncoder()) as library:
        library.sync()
        assert names(library, library.duplicates(), IDENTICAL) == [["b.wav", "b2.wav"]]  # a link is no copy
        assert names(library, library.duplicates(), SAME) == [["z.wav", "soft.wav"]]
        (root / "b.wav").unlink()
        assert names(library, library.duplicates(), IDENTICAL) == []
        (root / "a link.wav").unlink()
        (root / "z.wav").unlink()
        assert library.duplicates() == []
