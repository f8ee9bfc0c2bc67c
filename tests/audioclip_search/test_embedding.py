"""What is looked for becomes the same vector however it is handed in, and texts are encoded once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from chosen_library import ChosenEncoder, vector_of
from PIL import Image

from audioclip_search.embedding import Embedder, direction
from audioclip_search.encoder import Encoder
from audioclip_search.errors import MediaError, ModelError
from audioclip_search.media import iter_segments
from audioclip_search.query import Picture, Sound, Text
from audioclip_search.types import FloatArray, ModelIdentity

MakeFile = Callable[..., Path]
SAME = 0.99999


@pytest.fixture
def embedder(tiny_encoder: Encoder) -> Embedder:
    return Embedder(lambda: tiny_encoder)


def cosine(a: FloatArray, b: FloatArray) -> float:
    assert a.dtype == b.dtype == np.float32
    assert abs(np.linalg.norm(a) - 1) < 1e-5
    assert abs(np.linalg.norm(b) - 1) < 1e-5
    return float(a.astype(np.float64) @ b)


@pytest.mark.parametrize("channels", [1, 2])
def test_a_sound_is_the_same_as_file_as_bytes_and_as_array(
    tmp_path: Path, embedder: Embedder, make_sound: MakeFile, channels: int
) -> None:
    path = make_sound(tmp_path / "a.wav", seed=1, duration_s=1.3, channels=channels)
    expected = embedder.vector(Sound(path))
    samples, rate_hz = soundfile.read(path, dtype="int16")
    assert cosine(expected, embedder.vector(Sound(path.read_bytes()))) >= SAME
    assert cosine(expected, embedder.vector(Sound((samples.T, rate_hz)))) >= SAME


def test_a_long_sound_is_the_mean_of_its_windows(
    tmp_path: Path, embedder: Embedder, tiny_encoder: Encoder, make_sound: MakeFile
) -> None:
    path = make_sound(tmp_path / "a.wav", seed=2, duration_s=5.2)
    windows = [segment.samples for segment in iter_segments(path, tiny_encoder.audio_format)]
    assert len(windows) == 5
    mean = tiny_encoder.encode_audio(windows).mean(axis=0)
    assert cosine(embedder.vector(Sound(path)), mean / np.linalg.norm(mean)) >= SAME


def test_a_picture_is_the_same_as_file_as_bytes_and_as_pil_image(tmp_path: Path, embedder: Embedder) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 60, 4)).astype(np.uint8)
    path = tmp_path / "a.png"
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    Image.fromarray(pixels).save(path, exif=exif)
    expected = embedder.vector(Picture(path))
    assert cosine(expected, embedder.vector(Picture(path.read_bytes()))) >= SAME
    with Image.open(path) as image:
        assert cosine(expected, embedder.vector(Picture(image))) >= SAME
    on_white = Image.alpha_composite(Image.new("RGBA", (60, 40), "white"), Image.fromarray(pixels)).convert("RGB")
    upright = on_white.transpose(Image.Transpose.ROTATE_270)
    assert cosine(expected, embedder.vector(Picture(upright))) >= SAME
    assert cosine(expected, embedder.vector(Picture(on_white))) < SAME


@pytest.mark.parametrize(
    "content",
    [
        Sound(b"no sound"),
        Picture(b"no picture"),
        Sound(Path("nowhere.wav")),
        Picture(Path("nowhere.png")),
        Sound((np.zeros((2, 2, 2)), 8_000)),
    ],
)
def test_what_cant_be_read_is_the_mediums_fault(embedder: Embedder, content: Sound | Picture) -> None:
    with pytest.raises(MediaError):
        embedder.vector(content)


def test_a_text_is_encoded_once() -> None:
    encoder = ChosenEncoder()
    embedder = Embedder(lambda: encoder)
    first = embedder.texts(["glass", "rain", "glass"])
    assert first.shape == (3, encoder.dim)
    assert np.array_equal(first[0], vector_of("glass", noise=0.1))
    assert encoder.calls == [["glass", "rain"]]
    again = embedder.texts(["rain", "dog", "glass"])
    assert encoder.calls == [["glass", "rain"], ["dog"]]
    assert np.array_equal(again[[2, 0]], first[:2])
    assert np.array_equal(embedder.vector(Text("dog")), again[1])
    assert len(encoder.calls) == 2


def test_only_the_last_texts_are_remembered() -> None:
    encoder = ChosenEncoder()
    embedder = Embedder(lambda: encoder)
    many = [f"text {number}" for number in range(600)]
    vectors = embedder.texts(many)
    assert len(encoder.calls) == 1
    assert np.array_equal(embedder.texts(many[-100:]), vectors[-100:])
    assert len(encoder.calls) == 1
    assert np.array_equal(embedder.texts(many[:1]), vectors[:1])
    assert len(encoder.calls) == 2


def test_texts_of_another_model_are_other_texts() -> None:
    class Other(ChosenEncoder):
        identity = ModelIdentity("other", "d" * 64, 1)

    encoders = [ChosenEncoder(), Other()]
    embedder = Embedder(lambda: encoders[0])
    embedder.texts(["glass"])
    encoders.reverse()
    embedder.texts(["glass"])
    assert [encoder.calls for encoder in encoders] == [[["glass"]], [["glass"]]]


def test_the_model_is_called_for_when_it_is_needed() -> None:
    def refuse() -> Encoder:
        raise ModelError("not there")

    embedder = Embedder(refuse)
    for content in (Text("glass"), Picture(Image.new("RGB", (4, 4))), Sound((np.zeros(80), 8_000))):
        with pytest.raises(ModelError, match="not there"):
            embedder.vector(content)


def test_several_threads_may_embed_at_once() -> None:
    encoder = ChosenEncoder()
    embedder = Embedder(lambda: encoder)
    wrong: list[str] = []

    def embed(offset: int) -> None:
        for number in range(200):
            text = f"glass {(7 * number + offset) % 50}"
            if not np.array_equal(embedder.vector(Text(text)), vector_of(text, noise=0.1)):
                wrong.append(text)

    threads = [threading.Thread(target=embed, args=(offset,)) for offset in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_direction_is_of_unit_norm_or_zero() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((5, 8)).astype(np.float32)
    unit = direction(vectors)
    assert unit.dtype == np.float32
    assert cosine(unit, (vectors.sum(axis=0) / np.linalg.norm(vectors.sum(axis=0))).astype(np.float32)) >= SAME
    assert np.array_equal(direction([vectors[0], -vectors[0]]), np.zeros(8, np.float32))
