"""What is looked for becomes the same vector however it is handed in, and neighbours become hits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from audioclip_search.encoder import Encoder
from audioclip_search.errors import MediaError, QueryError
from audioclip_search.folders import Folders
from audioclip_search.media import iter_segments
from audioclip_search.query import Picture, Query, Sound, Text
from audioclip_search.results import Hit
from audioclip_search.search import embed, search, search_similar
from audioclip_search.storage import IndexStore
from audioclip_search.types import FileRecord, FileStamp, FloatArray, Modality, Places, WindowVector

MakeFile = Callable[..., Path]
SAME = 0.99999


def cosine(a: FloatArray, b: FloatArray) -> float:
    assert abs(np.linalg.norm(a) - 1) < 1e-5
    assert abs(np.linalg.norm(b) - 1) < 1e-5
    return float(a.astype(np.float64) @ b)


@pytest.mark.parametrize("channels", [1, 2])
def test_a_sound_is_the_same_as_file_as_bytes_and_as_array(
    tmp_path: Path, tiny_encoder: Encoder, make_sound: MakeFile, channels: int
) -> None:
    path = make_sound(tmp_path / "a.wav", seed=1, duration_s=1.3, channels=channels)
    expected = embed(Sound(path), tiny_encoder)
    samples, rate_hz = soundfile.read(path, dtype="int16")
    assert cosine(expected, embed(Sound(path.read_bytes()), tiny_encoder)) >= SAME
    assert cosine(expected, embed(Sound((samples.T, rate_hz)), tiny_encoder)) >= SAME


def test_a_long_sound_is_the_mean_of_its_windows(tmp_path: Path, tiny_encoder: Encoder, make_sound: MakeFile) -> None:
    path = make_sound(tmp_path / "a.wav", seed=2, duration_s=5.2)
    windows = [segment.samples for segment in iter_segments(path, tiny_encoder.audio_format)]
    assert len(windows) == 5
    mean = tiny_encoder.encode_audio(windows).mean(axis=0)
    assert cosine(embed(Sound(path), tiny_encoder), mean / np.linalg.norm(mean)) >= SAME


def test_a_picture_is_the_same_as_file_as_bytes_and_as_pil_image(tmp_path: Path, tiny_encoder: Encoder) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 60, 4)).astype(np.uint8)
    path = tmp_path / "a.png"
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    Image.fromarray(pixels).save(path, exif=exif)
    expected = embed(Picture(path), tiny_encoder)
    assert cosine(expected, embed(Picture(path.read_bytes()), tiny_encoder)) >= SAME
    with Image.open(path) as image:
        assert cosine(expected, embed(Picture(image), tiny_encoder)) >= SAME
    on_white = Image.alpha_composite(Image.new("RGBA", (60, 40), "white"), Image.fromarray(pixels)).convert("RGB")
    upright = on_white.transpose(Image.Transpose.ROTATE_270)
    assert cosine(expected, embed(Picture(upright), tiny_encoder)) >= SAME
    assert cosine(expected, embed(Picture(on_white), tiny_encoder)) < SAME


@pytest.mark.parametrize(
    "term",
    [Sound(b"no sound"), Picture(b"no picture"), Sound(Path("nowhere.wav")), Sound((np.zeros((2, 2, 2)), 8_000))],
)
def test_a_query_that_cant_be_read_is_the_mediums_fault(tiny_encoder: Encoder, term: Sound | Picture) -> None:
    with pytest.raises(MediaError):
        embed(term, tiny_encoder)


@pytest.fixture
def store(tmp_path: Path, tiny_encoder: Encoder) -> Iterator[IndexStore]:
    """Three texts as if they were files of all kinds; the sound has two windows."""
    vectors = tiny_encoder.encode_texts(["dog", "rain", "bell", "laser"])

    def record(path: str, modality: Modality, *windows: WindowVector) -> FileRecord:
        return FileRecord(FileStamp(path, modality, 1, 1), content_hash="h", windows=windows)

    with IndexStore.create(tmp_path / "index", identity=tiny_encoder.identity, dim=32) as store:
        sound = record("sub/a.wav", Modality.AUDIO, WindowVector(vectors[0], 0, 2), WindowVector(vectors[1], 1, 3))
        picture = record("b.png", Modality.IMAGE, WindowVector(vectors[2]))
        text = record("c.txt", Modality.TEXT, WindowVector(vectors[3]))
        store.write([sound, picture, text, FileRecord(FileStamp("x.wav", Modality.AUDIO, 1, 1), failure="broken")])
        yield store


def test_a_hit_is_the_best_window_of_a_file_with_its_absolute_path(
    tmp_path: Path, tiny_encoder: Encoder, store: IndexStore
) -> None:
    hits = search(Query(Text("rain")), encoder=tiny_encoder, store=store, folders=Folders(tmp_path, Places()))
    assert hits[0] == Hit(
        tmp_path / "sub" / "a.wav", Modality.AUDIO, pytest.approx(1, abs=1e-5), 1.0, 3.0, cosine=hits[0].score
    )
    assert {hit.path for hit in hits} == {tmp_path / "sub/a.wav", tmp_path / "b.png", tmp_path / "c.txt"}
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_k_and_modality_narrow_the_answer(tmp_path: Path, tiny_encoder: Encoder, store: IndexStore) -> None:
    def names(query: Query) -> list[str]:
        return [
            hit.path.name
            for hit in search(query, encoder=tiny_encoder, store=store, folders=Folders(tmp_path, Places()))
        ]

    assert names(Query(Text("bell"), k=1)) == ["b.png"]
    assert names(Query(Text("bell"), modality=Modality.TEXT)) == ["c.txt"]


def test_similar_files_leave_the_file_itself_out(tmp_path: Path, store: IndexStore) -> None:
    hits = search_similar("sub/a.wav", store=store, folders=Folders(tmp_path, Places()), k=5, modality=None)
    assert {hit.path.name for hit in hits} == {"b.png", "c.txt"}
    mean = np.sum([window.vector for window in store.vectors("sub/a.wav")], axis=0)
    expected = {found.path: found.score for found in store.search(mean, k=5, exclude=["sub/a.wav"])}
    assert {hit.path.name: hit.score for hit in hits} == pytest.approx(expected)
    only = search_similar("sub/a.wav", store=store, folders=Folders(tmp_path, Places()), k=5, modality=Modality.IMAGE)
    assert [hit.path.name for hit in only] == ["b.png"]


@pytest.mark.parametrize(("path", "complaint"), [("x.wav", "broken"), ("unknown.wav", "not in the index")])
def test_nothing_is_similar_to_a_file_without_vectors(
    tmp_path: Path, store: IndexStore, path: str, complaint: str
) -> None:
    with pytest.raises(QueryError, match=complaint):
        search_similar(path, store=store, folders=Folders(tmp_path, Places()), k=5, modality=None)
