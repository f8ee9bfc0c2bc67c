"""The whole: a folder in, hits out, through any number of objects, threads, processes and accidents."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

import audioclip_search
from audioclip_search import (
    CancelToken,
    Failure,
    Library,
    MediaError,
    Modality,
    ModelError,
    ModelMismatchError,
    QueryError,
    StorageError,
    SyncReport,
    SyncStage,
)
from audioclip_search.encoder import AudioCLIPEncoder
from audioclip_search.model.weights import load_model, save_model
from audioclip_search.storage import IndexStore
from audioclip_search.types import FloatArray, WindowVector

MakeFile = Callable[..., Path]
FILES = 11
SAME = 0.99999


@pytest.fixture
def library(small_library: Path, tiny_model: Path) -> Iterator[Library]:
    with Library(small_library, model=tiny_model, device="cpu") as library:
        yield library


@pytest.fixture
def other_model(tmp_path: Path, tiny_model: Path) -> Path:
    """The tiny model with another weight changed: vectors of its own."""
    model = load_model(tiny_model)
    with torch.no_grad():
        model.audio.fc.bias.add_(1.0)
    save_model(tmp_path / "other", model, name="other")
    return tmp_path / "other"


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many inputs went through a network, one entry a call."""
    calls: list[int] = []
    for name in ("encode_audio", "encode_images", "encode_texts"):
        real = getattr(AudioCLIPEncoder, name)

        def noted(encoder: AudioCLIPEncoder, inputs: list, real: Callable = real) -> FloatArray:
            calls.append(len(inputs))
            return real(encoder, inputs)

        monkeypatch.setattr(AudioCLIPEncoder, name, noted)
    return calls


def contents(root: Path) -> dict[str, list[WindowVector]]:
    """Every file of an index that has vectors, with them."""
    with IndexStore.open(root / ".audioclip-search") as store:
        return {path: store.vectors(path) for path, file in store.stored().items() if not file.failure}


def assert_same_contents(found: dict[str, list[WindowVector]], expected: dict[str, list[WindowVector]]) -> None:
    assert found.keys() == expected.keys()
    for path, windows in expected.items():
        spans = [(window.start_s, window.end_s) for window in windows]
        assert [(window.start_s, window.end_s) for window in found[path]] == spans
        assert min(a.vector @ b.vector for a, b in zip(found[path], windows, strict=True)) >= SAME, path


def test_public_names_are_pinned() -> None:
    assert audioclip_search.__all__ == [
        "Action",
        "AudioCLIPSearchError",
        "AutoTag",
        "CancelToken",
        "CancelledError",
        "Completion",
        "DownloadError",
        "DownloadProgress",
        "DuplicateFile",
        "DuplicateGroup",
        "DuplicateTier",
        "Example",
        "Explanation",
        "ExportError",
        "ExportFormat",
        "Failure",
        "Field",
        "FileVectors",
        "Hit",
        "Hits",
        "ImportReport",
        "IndexHealth",
        "IndexInfo",
        "IndexLockedError",
        "LabelSet",
        "Library",
        "LibraryFile",
        "LibraryMap",
        "Marker",
        "MediaError",
        "Metadata",
        "Modality",
        "ModelError",
        "ModelIdentity",
        "ModelMismatchError",
        "ModelStatus",
        "Moment",
        "OneOf",
        "Operation",
        "Phrase",
        "Picture",
        "Precision",
        "Query",
        "QueryError",
        "Range",
        "Ranking",
        "RayEngine",
        "ScanRules",
        "SchemaVersionError",
        "Sound",
        "SoundBlocks",
        "SoundClip",
        "Spectrogram",
        "StorageError",
        "SyncProgress",
        "SyncReport",
        "SyncStage",
        "TagProgress",
        "TagReport",
        "TagStage",
        "TagState",
        "TaggedFile",
        "Term",
        "TermPart",
        "Text",
        "UndoReport",
        "VectorType",
        "Watch",
        "Waveform",
        "WeightsError",
        "WriteReport",
        "WrittenFile",
        "best_installed",
        "complete",
        "download_model",
        "extract_sound",
        "format_amount",
        "known_models",
        "read_sound",
        "sound_blocks",
        "spectrogram_levels",
        "thumbnail",
        "waveform",
    ]
    assert all(getattr(audioclip_search, name).__name__ == name for name in audioclip_search.__all__)
    assert set(audioclip_search.__all__) <= set(dir(audioclip_search))
    with pytest.raises(AttributeError, match="no attribute 'Libary'"):
        _ = audioclip_search.Libary
    assert f'\nversion = "{audioclip_search.__version__}"\n' in Path("pyproject.toml").read_text(encoding="utf-8")


def test_importing_is_cheap_and_so_is_looking_into_an_index(library: Library) -> None:
    library.sync()
    code = f"""
import sys
import audioclip_search
assert not {{"torch", "lancedb", "numpy"}} & set(sys.modules)
with audioclip_search.Library({str(library.root)!r}) as library:
    assert library.info().windows == 16
    assert library.failures() == []
    assert len(library.similar("notes.txt", k=5)) == 5
    assert library.sync().unchanged == {FILES}
assert "torch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_opening_a_library_changes_nothing(tmp_path: Path, small_library: Path) -> None:
    with Library(small_library), Library(tmp_path / "nowhere", model="no such model"):
        pass
    assert not (small_library / ".audioclip-search").exists()
    assert not (tmp_path / "nowhere").exists()


def test_a_second_sync_embeds_nothing(library: Library, embedded: list[int]) -> None:
    stages: list[SyncStage] = []
    report = library.sync(on_progress=lambda progress: stages.append(progress.stage))
    assert (report.added, report.windows, report.failures, report.cancelled) == (FILES, 16, (), False)
    assert report.duration_s > 0
    assert list(dict.fromkeys(stages)) == [SyncStage.SCAN, SyncStage.EMBED, SyncStage.DONE]
    assert sum(embedded) == 16
    again = library.sync()
    assert sum(embedded) == 16
    assert (again.unchanged, again.added, again.updated, again.removed, again.windows) == (FILES, 0, 0, 0, 0)


def test_a_library_that_was_never_indexed_is_synced_by_its_first_query_only(
    library: Library, small_library: Path, make_picture: MakeFile
) -> None:
    assert not library.indexed
    assert len(library.query(text="metal", k=100, min_score=0)) == FILES
    assert library.indexed
    make_picture(small_library / "new.png", seed=5)
    assert len(library.query(text="metal", k=100, min_score=0)) == FILES
    library.sync()
    assert len(library.query(text="metal", k=100, min_score=0)) == FILES + 1


def test_every_file_finds_itself_first(library: Library, small_library: Path) -> None:
    library.sync()
    for path in sorted(small_library.glob("drums/*.wav")):
        best = library.query(audio=path)[0]
        assert (best.path, best.modality, best.start_s) == (path, Modality.AUDIO, 0.0)
        assert best.cosine >= 0.9999
        assert best.end_s == pytest.approx(soundfile.info(path).duration)
    for path in (small_library / "logo.gif", small_library / "covers" / "back.jpg"):
        best = library.query(image=str(path))[0]
        assert (best.path, best.modality, best.start_s, best.end_s) == (path, Modality.IMAGE, 0.0, 0.0)
        assert best.cosine == pytest.approx(1.0, abs=1e-4)
    best = library.query(text="A hammer hits a thin sheet of metal")[0]
    assert (best.path, best.modality) == (small_library / "notes.txt", Modality.TEXT)
    assert best.cosine == pytest.approx(1.0, abs=1e-4)


def test_a_piece_of_a_long_sound_finds_its_place(library: Library, small_library: Path) -> None:
    path = small_library / "pads" / "long.flac"
    samples, rate_hz = soundfile.read(path, dtype="float32")
    best = library.query(audio=(samples[3 * rate_hz : 5 * rate_hz].T, rate_hz), k=1)[0]
    assert (best.path, best.start_s, best.end_s) == (path, 3.0, 5.0)
    assert best.cosine >= 0.9999


def test_a_query_may_be_given_in_many_ways(library: Library, small_library: Path) -> None:
    sound, picture = small_library / "drums" / "hit 2.wav", small_library / "covers" / "front.png"
    samples, rate_hz = soundfile.read(sound)
    by_sound = [
        library.query(audio=given, min_score=0) for given in (sound, str(sound), sound.read_bytes(), (samples, rate_hz))
    ]
    with Image.open(picture) as image:
        by_picture = [
            library.query(image=given, min_score=0) for given in (picture, str(picture), picture.read_bytes(), image)
        ]
    for answers in (by_sound, by_picture):
        assert len(answers[0]) == FILES
        for answer in answers[1:]:
            assert [hit.path for hit in answer] == [hit.path for hit in answers[0]]
            assert [hit.cosine for hit in answer] == pytest.approx([hit.cosine for hit in answers[0]], abs=1e-4)


def test_any_kind_of_query_finds_any_kind_of_file(library: Library, small_library: Path) -> None:
    queries = [{"text": "rain"}, {"image": small_library / "logo.gif"}, {"audio": small_library / "pads/long.flac"}]
    counts = {Modality.AUDIO: 6, Modality.IMAGE: 3, Modality.TEXT: 2}
    for query in queries:
        everything = library.query(**query, min_score=0)
        assert [hit.score for hit in everything] == sorted((hit.score for hit in everything), reverse=True)
        for modality, count in counts.items():
            hits = library.query(**query, modality=modality, min_score=0)
            assert hits == [hit for hit in everything if hit.modality is modality]
            assert len(hits) == count
            assert library.query(**query, modality=modality.value, k=1, min_score=0) == hits[:1]


def test_similar_takes_paths_of_both_kinds_and_needs_an_indexed_file(library: Library, small_library: Path) -> None:
    hits = library.similar("drums/hit 1.wav", k=100)
    assert len(hits) == FILES - 1
    assert small_library / "drums" / "hit 1.wav" not in {hit.path for hit in hits}
    assert library.similar(small_library / "drums" / "hit 1.wav", k=100) == hits
    assert library.similar("covers/../drums/hit 1.wav", k=100) == hits
    assert (
        library.similar("drums/hit 1.wav", k=2, modality="image")
        == [hit for hit in hits if hit.modality is Modality.IMAGE][:2]
    )
    shutil.copy(small_library / "logo.gif", small_library / "copy.gif")
    with pytest.raises(QueryError, match="audioclip-search index"):
        library.similar("copy.gif")
    library.sync()
    nearest = library.similar("copy.gif", k=1)[0]
    assert (nearest.path, nearest.cosine) == (small_library / "logo.gif", pytest.approx(1.0, abs=1e-4))
    for nonsense in ({"path": "/somewhere/else.wav"}, {"path": "logo.gif", "k": 0}, {"path": "x", "modality": "smell"}):
        with pytest.raises(QueryError):
            library.similar(**nonsense)


def test_info_and_failures_tell_what_is_in_the_index(library: Library, small_library: Path, tiny_model: Path) -> None:
    for ask in (library.info, library.failures):
        with pytest.raises(StorageError, match="not indexed yet"):
            ask()
    (small_library / "broken.wav").write_bytes(b"RIFF")
    report = library.sync()
    info = library.info()
    assert (info.audio, info.image, info.text, info.failed, info.windows, info.dim) == (6, 3, 2, 1, 16, 32)
    assert info.model is not None
    assert info.model.name == "tiny"
    assert info.location == str(small_library / ".audioclip-search")
    assert library.failures() == list(report.failures) == [Failure("broken.wav", report.failures[0].reason)]


def test_an_index_may_be_elsewhere_even_among_the_files(small_library: Path, tiny_model: Path) -> None:
    folder = small_library / "index"
    with Library(small_library, model=tiny_model, index=folder) as library:
        library.sync()
        (folder / "note.txt").write_text("not a file of the library")
        assert library.sync().unchanged == FILES
        assert library.info().location == str(folder)
    assert not (small_library / ".audioclip-search").exists()
    with (
        Library(small_library, model=tiny_model, index="s3://bucket/index") as library,
        pytest.raises(StorageError, match="s3://bucket/index"),
    ):
        library.query(text="rain", min_score=0)


def test_a_root_that_vanished_is_an_error_and_its_index_stays(
    tmp_path: Path, small_library: Path, tiny_model: Path
) -> None:
    with Library(small_library, model=tiny_model, index=tmp_path / "index") as library:
        library.sync()
        small_library.rename(tmp_path / "unplugged")
        for reembed in (False, True):
            with pytest.raises(MediaError):
                library.sync(reembed=reembed)
        assert len(library.query(text="rain", min_score=0)) == FILES
    assert not small_library.exists()


def test_the_index_remembers_its_model(
    own_models_dir: Path, small_library: Path, tiny_model: Path, other_model: Path, embedded: list[int]
) -> None:
    with Library(small_library, model=tiny_model) as library:
        library.sync()
    with Library(small_library, model=other_model) as other:
        for use in (other.sync, lambda: other.query(text="rain")):
            with pytest.raises(ModelMismatchError, match=r"tiny.*not of other.*--reembed"):
                use()
    with Library(small_library) as auto:
        with pytest.raises(ModelError, match="the model 'tiny', which wrote the index"):
            auto.query(text="rain")
        shutil.copytree(tiny_model, own_models_dir / "tiny")
        assert len(auto.query(text="rain", min_score=0)) == FILES
    embedded.clear()
    with Library(small_library, model=other_model) as other:
        assert other.sync(reembed=True).added == FILES
        assert sum(embedded) == 16
        assert other.info().model.name == "other"
        assert len(other.query(text="rain", min_score=0)) == FILES
    with pytest.raises(ModelMismatchError), Library(small_library, model=tiny_model) as library:
        library.sync()


def test_a_model_that_changed_under_its_name_writes_nothing(
    own_models_dir: Path, small_library: Path, tiny_model: Path, other_model: Path
) -> None:
    save_model(own_models_dir / "mine", load_model(tiny_model), name="mine")
    with Library(small_library, model="mine") as library:
        library.sync()
    save_model(own_models_dir / "mine", load_model(other_model), name="mine")
    (small_library / "new.txt").write_text("thunder")
    with Library(small_library) as library, pytest.raises(ModelMismatchError, match="--reembed"):
        library.sync()
    with Library(small_library, model=own_models_dir / "mine") as library:
        assert library.sync(reembed=True).added == FILES + 1


def test_a_new_index_takes_the_best_model_that_is_installed(
    own_models_dir: Path, small_library: Path, tiny_model: Path
) -> None:
    save_model(own_models_dir / "audioclip", load_model(tiny_model), name="audioclip")
    with Library(small_library) as library:
        library.sync()
        assert library.info().model.name == "audioclip"


def test_a_cancelled_sync_is_completed_by_the_next_one(library: Library, small_library: Path) -> None:
    cancel = CancelToken()
    report = library.sync(cancel=cancel, on_progress=lambda progress: cancel.cancel() if progress.done == 4 else None)
    assert report.cancelled
    assert 4 <= len(contents(small_library)) == report.added < FILES
    assert library.sync(cancel=cancel) == SyncReport(cancelled=True, duration_s=pytest.approx(0, abs=60))
    assert library.sync().added == FILES - report.added
    completed = contents(small_library)
    library.sync(reembed=True)
    assert_same_contents(contents(small_library), completed)


def test_the_old_vectors_serve_until_all_the_new_ones_are_there(
    library: Library, small_library: Path, other_model: Path
) -> None:
    library.sync()
    old = contents(small_library)
    with Library(small_library, model=other_model) as other:
        cancel = CancelToken()
        report = other.sync(
            reembed=True, cancel=cancel, on_progress=lambda progress: cancel.cancel() if progress.done == 4 else None
        )
        assert report.cancelled
        assert_same_contents(contents(small_library), old)
        assert len(library.query(text="rain", min_score=0)) == FILES
        rest = other.sync(reembed=True)
        assert (rest.added, rest.unchanged) == (FILES - report.added, report.added)
        assert other.info().model.name == "other"
        assert len(other.query(text="rain", min_score=0)) == FILES
        assert other.sync().unchanged == FILES
    assert not (small_library / ".audioclip-search" / "reembed").exists()


def test_a_killed_sync_is_completed_by_the_next_one(
    small_library: Path, tiny_model: Path, make_sound: MakeFile
) -> None:
    for seed in range(20):
        make_sound(small_library / "more" / f"{seed}.wav", seed=100 + seed, duration_s=0.5 + 0.2 * seed)
    code = f"""
import os, signal
from audioclip_search import Library
from audioclip_search.indexer import writing

writing._FILES = 3
Library({str(small_library)!r}, model={str(tiny_model)!r}, device="cpu").sync(
    on_progress=lambda progress: os.kill(os.getpid(), signal.SIGKILL) if progress.done == 22 else None
)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    kept = len(contents(small_library))
    assert 3 <= kept < 31
    with Library(small_library, model=tiny_model) as library:
        report = library.sync()
        assert (report.added, report.updated, report.unchanged) == (31 - kept, 0, kept)
        completed = contents(small_library)
        assert library.info().windows == sum(map(len, completed.values()))
        library.sync(reembed=True)
    assert_same_contents(completed, contents(small_library))


def test_two_libraries_may_sync_and_query_one_folder_at_once(
    small_library: Path, tiny_model: Path, make_sound: MakeFile
) -> None:
    with Library(small_library, model=tiny_model) as one, Library(small_library, model=tiny_model) as two:
        one.sync()
        clean = contents(small_library)
        for seed in range(12):
            make_sound(small_library / "more" / f"{seed}.wav", seed=100 + seed)
        counts: list[int] = []
        errors: list[BaseException] = []

        def run(work: Callable[[], object]) -> None:
            try:
                work()
            except BaseException as error:  # noqa: BLE001  # told by the assertion below
                errors.append(error)

        work = [
            one.sync,
            two.sync,
            one.sync,
            *[lambda: counts.append(len(two.query(text="rain", k=99, min_score=0)))] * 4,
        ]
        threads = [threading.Thread(target=run, args=(each,)) for each in work]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert all(FILES <= count <= FILES + 12 for count in counts)
        assert two.sync().unchanged == FILES + 12
        assert len(one.query(text="rain", k=99, min_score=0)) == FILES + 12
    found = contents(small_library)
    assert_same_contents({path: found[path] for path in clean}, clean)
    assert {len(found[f"more/{seed}.wav"]) for seed in range(12)} == {1}


def test_a_closed_library_says_so(library: Library) -> None:
    library.sync()
    library.close()
    library.close()
    for use in (library.sync, library.info, lambda: library.query(text="rain"), lambda: library.similar("notes.txt")):
        with pytest.raises(StorageError, match="closed"):
            use()


def test_how_the_model_computes_can_be_chosen(small_library: Path, tiny_model: Path) -> None:
    with Library(small_library, model=tiny_model, device="cpu") as library:
        library.sync()
        exact = library.query(text="rain", min_score=0)
    with Library(small_library, model=tiny_model, device="cpu", threads=1, precision="bfloat16") as library:
        rough = library.query(text="rain", min_score=0)
        assert [hit.cosine for hit in rough] != [hit.cosine for hit in exact]
        of = {hit.path: hit.cosine for hit in exact}
        assert all(hit.cosine == pytest.approx(of[hit.path], abs=0.02) for hit in rough)
        assert library.sync().unchanged == FILES
    for nonsense in ({"threads": 0}, {"precision": "int4"}):
        with pytest.raises(ValueError, match=r"0 threads|int4"):
            Library(small_library, **nonsense)


def test_nonsense_is_refused_before_anything_is_indexed(library: Library, small_library: Path) -> None:
    with pytest.raises(QueryError):
        library.query()
    with pytest.raises(QueryError):
        library.query(text="rain", audio=(np.zeros(9),))  # type: ignore[arg-type]
    assert not (small_library / ".audioclip-search").exists()


def test_names_can_be_loaded_by_several_threads_at_once() -> None:
    code = """
import threading, audioclip_search
names = ["waveform", "thumbnail", "read_sound", "spectrogram_levels", "extract_sound", "sound_blocks", "Hits", "Query"]
start, failed = threading.Barrier(len(names)), []
def load(name):
    start.wait()
    try:
        getattr(audioclip_search, name)
    except Exception as error:
        failed.append(repr(error))
threads = [threading.Thread(target=load, args=[name]) for name in names]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(failed)
"""
    for _ in range(3):
        loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert loaded.stdout == "[]\n"
