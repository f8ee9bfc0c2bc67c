"""A vector depends on its own input alone, and a model that can't be used says so."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from audioclip_search.encoder import AudioCLIPEncoder, Encoder, open_encoder, padded_length
from audioclip_search.errors import ModelError
from audioclip_search.model.weights import load_model, read_card
from audioclip_search.storage.schema import is_unit
from audioclip_search.types import AudioFormat, FloatArray, Precision

RATE_HZ = 8_000
SAME = 0.99999

TEXTS = ["dog", "a dog barks", "Rain on a tin roof, far away; thunder", "雷", "", "dog"]


def make_clips() -> list[FloatArray]:
    """Sounds of all lengths, mono and stereo, with those where rounding matters: silence and what is close to it."""
    random = np.random.default_rng(7)
    clips = [
        random.uniform(-0.5, 0.5, (channels, samples)).astype(np.float32)
        for channels in (1, 2)
        for samples in (1, 100, 7_999, 8_000, 8_001, 11_999, 12_000, 15_000, 16_000, 20_001)
    ]
    silence = [np.zeros((1, 8_000), np.float32), np.zeros((2, 16_000), np.float32), np.zeros((1, 5), np.float32)]
    near = [level * random.standard_normal((1, 12_345)).astype(np.float32) for level in (1e-7, 1e-5, 1e-3)]
    impulse = np.zeros((1, 16_000), np.float32)
    impulse[0, 4_321] = 1.0
    return [*clips, *silence, *near, impulse, clips[3].copy()]


def cosines(a: FloatArray, b: FloatArray) -> FloatArray:
    wide_a, wide_b = a.astype(np.float64), b.astype(np.float64)
    norms = np.linalg.norm(wide_a, axis=1) * np.linalg.norm(wide_b, axis=1)
    return np.asarray((wide_a * wide_b).sum(axis=1) / norms)


def assert_batch_invariant(encode: Callable[[list], FloatArray], inputs: list) -> FloatArray:
    together = encode(inputs)
    alone = np.concatenate([encode([item]) for item in inputs])
    order = np.random.default_rng(1).permutation(len(inputs))
    shuffled = np.empty_like(together)
    shuffled[order] = encode([inputs[position] for position in order])
    assert cosines(together, alone).min() >= SAME
    assert cosines(together, shuffled).min() >= SAME
    assert cosines(together[:1], together[3:4]).max() < 0.999  # else the above would say nothing
    assert together.dtype == np.float32
    assert np.abs(np.linalg.norm(together, axis=1) - 1).max() < 1e-5
    return together


@pytest.mark.parametrize("batch_size", [3, 64])
def test_a_sounds_vector_does_not_depend_on_the_batch(tiny_model: Path, tiny_encoder: Encoder, batch_size: int) -> None:
    encoder = AudioCLIPEncoder(load_model(tiny_model), read_card(tiny_model).identity, batch_size=batch_size)
    clips = make_clips()
    vectors = assert_batch_invariant(encoder.encode_audio, clips)
    assert vectors.shape == (len(clips), 32)
    assert cosines(vectors, tiny_encoder.encode_audio(clips)).min() >= SAME
    assert np.unique(vectors.round(6), axis=0).shape[0] > len(clips) - 6  # different sounds, different vectors


def test_a_texts_and_a_pictures_vector_do_not_depend_on_the_batch(tiny_encoder: Encoder) -> None:
    assert_batch_invariant(tiny_encoder.encode_texts, TEXTS)
    random = np.random.default_rng(3)
    pictures = [Image.fromarray(random.integers(0, 256, (40, 30 + n, 3)).astype(np.uint8)) for n in range(9)]
    pixels = [tiny_encoder.prepare_image(picture) for picture in [*pictures, Image.new("RGB", (500, 33))]]
    assert {(array.shape, array.dtype) for array in pixels} == {((3, 32, 32), np.dtype(np.float32))}
    assert_batch_invariant(tiny_encoder.encode_images, pixels)


def test_a_model_read_again_from_disk_gives_the_same_vectors(tiny_model: Path, tiny_encoder: Encoder) -> None:
    again = open_encoder(tiny_model, device="cpu")
    clips = make_clips()
    assert again.identity == tiny_encoder.identity == read_card(tiny_model).identity
    assert cosines(again.encode_audio(clips), tiny_encoder.encode_audio(clips)).min() >= SAME
    assert cosines(again.encode_texts(TEXTS), tiny_encoder.encode_texts(TEXTS)).min() >= SAME


def test_the_format_comes_from_the_model_and_windows_overlap_by_half(tiny_encoder: Encoder) -> None:
    assert tiny_encoder.audio_format == AudioFormat(rate_hz=8_000, channels=2, window_s=2.0, hop_s=1.0)
    assert (tiny_encoder.dim, tiny_encoder.identity.name, tiny_encoder.batch_size) == (32, "tiny", 4)


@pytest.mark.parametrize(
    ("samples", "padded"),
    [
        (1, 8_000),
        (8_000, 8_000),
        (8_001, 12_000),
        (12_000, 12_000),
        (12_001, 16_000),
        (16_000, 16_000),
        (17_000, 18_400),  # the next half second is beyond the window
        (18_400, 18_400),
        (18_401, 20_000),  # a clip beyond the window grows as ever
    ],
)
def test_the_padded_length_depends_on_the_clips_own_length(samples: int, padded: int) -> None:
    assert padded_length(samples, AudioFormat(rate_hz=RATE_HZ, window_s=2.3)) == padded


def test_a_short_clip_stands_in_the_middle_of_silence(tiny_encoder: Encoder) -> None:
    clip = np.random.default_rng(0).uniform(-1, 1, (1, 3_001)).astype(np.float32)
    padded = np.pad(clip, ((0, 0), (2_499, 2_500)))
    assert cosines(tiny_encoder.encode_audio([clip]), tiny_encoder.encode_audio([padded])).min() >= SAME


def test_nothing_in_nothing_out(tiny_encoder: Encoder) -> None:
    for encode in (tiny_encoder.encode_audio, tiny_encoder.encode_images, tiny_encoder.encode_texts):
        assert encode([]).shape == (0, 32)


def test_a_text_beyond_the_context_is_cut(tiny_encoder: Encoder) -> None:
    long = " ".join(["thunder"] * 500)
    longer = f"{long} and a dog"
    assert cosines(tiny_encoder.encode_texts([long]), tiny_encoder.encode_texts([longer])).min() >= SAME


@pytest.mark.parametrize("shape", [(0, 100), (1, 0), (3, 100), (100,)])
def test_an_impossible_clip_is_a_bug_of_the_caller(tiny_encoder: Encoder, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="clip of shape"):
        tiny_encoder.encode_audio([np.zeros(shape, np.float32)])


def test_a_model_in_training_mode_is_put_into_eval_mode(tiny_model: Path, tiny_encoder: Encoder) -> None:
    encoder = AudioCLIPEncoder(load_model(tiny_model).train(), read_card(tiny_model).identity)
    clips = make_clips()[:6]
    assert cosines(encoder.encode_audio(clips), tiny_encoder.encode_audio(clips)).min() >= SAME


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 0.0])
def test_a_vector_that_is_none_is_an_error_never_a_result(tiny_model: Path, value: float) -> None:
    model = load_model(tiny_model)
    with torch.no_grad():
        model.audio.fc.weight.fill_(value)
        model.audio.fc.bias.fill_(0.0)
    encoder = AudioCLIPEncoder(model, read_card(tiny_model).identity)
    with pytest.raises(ModelError, match="zero or not finite"):
        encoder.encode_audio([np.ones((1, 8_000), np.float32)])


def test_a_norm_the_device_rounded_is_one_the_index_takes(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = load_model(tiny_model)
    exact = model.encode_text
    monkeypatch.setattr(model, "encode_text", lambda *given, **options: 1.0005 * exact(*given, **options))
    encoder = AudioCLIPEncoder(model, read_card(tiny_model).identity)
    assert all(is_unit(vector, dim=encoder.dim) for vector in encoder.encode_texts(TEXTS))


@pytest.mark.parametrize("device", ["toaster", "cuda:99", "meta", ""])
def test_a_device_that_is_not_there_is_told_before_the_model_is_loaded(device: str) -> None:
    with pytest.raises(ModelError, match=r"device .* can't be used"):
        open_encoder("no such model", device=device)


def test_a_model_that_is_not_there_is_told() -> None:
    with pytest.raises(ModelError, match="no such model"):
        open_encoder("no such model")


def test_several_threads_may_use_one_encoder(tiny_encoder: Encoder) -> None:
    clips = make_clips()
    expected = tiny_encoder.encode_audio(clips)
    found: dict[int, FloatArray] = {}

    def encode(number: int) -> None:
        tiny_encoder.encode_texts(TEXTS)
        found[number] = tiny_encoder.encode_audio(clips)

    threads = [threading.Thread(target=encode, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [0, 1, 2]
    assert min(cosines(expected, vectors).min() for vectors in found.values()) >= SAME


def test_encoders_of_one_process_take_turns(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside: list[int] = []
    most = 0

    def noted(real: Callable[..., Tensor], *given: object, **options: object) -> Tensor:
        nonlocal most
        inside.append(0)
        most = max(most, len(inside))
        assert not torch.backends.cudnn.allow_tf32
        time.sleep(0.05)  # long enough for the others to come in, if they could
        inside.pop()
        return real(*given, **options)

    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    encoders = []
    for _ in range(3):
        model = load_model(tiny_model)
        monkeypatch.setattr(model, "encode_text", partial(noted, model.encode_text))
        encoders.append(AudioCLIPEncoder(model, read_card(tiny_model).identity))
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda encoder: encoder.encode_texts(["rain"]), encoders))
    assert (len(found), most) == (3, 1)
    assert torch.backends.cudnn.allow_tf32


def test_vectors_of_fewer_digits_are_of_the_same_space() -> None:
    exact = open_encoder("starter", device="cpu", precision=Precision.FLOAT32)
    rough = open_encoder("starter", device="cpu", precision=Precision.BFLOAT16)
    assert rough.identity == exact.identity
    time_s = np.arange(2 * exact.audio_format.rate_hz) / exact.audio_format.rate_hz
    clips = [
        (0.3 * np.sin(2 * np.pi * hertz * time_s + 3 * np.sin(7 * time_s)))[None].astype(np.float32)
        for hertz in (110, 440, 1_760)
    ]
    clips.append(np.random.default_rng(1).uniform(-0.5, 0.5, (1, len(time_s))).astype(np.float32))
    pictures = [exact.prepare_image(Image.new("RGB", (64, 64), colour)) for colour in ("red", "white")]
    for encode, inputs in (("encode_audio", clips), ("encode_images", pictures), ("encode_texts", TEXTS)):
        one, other = getattr(exact, encode)(inputs), getattr(rough, encode)(inputs)
        assert cosines(one, other).min() >= 0.999, encode
        assert not np.array_equal(one, other), encode
        assert all(is_unit(vector, dim=rough.dim) for vector in other)
    np.testing.assert_array_equal(open_encoder("starter", device="cpu").encode_texts(TEXTS), exact.encode_texts(TEXTS))


def test_a_model_takes_no_more_threads_than_it_may(tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = load_model(tiny_model)
    before, inside = torch.get_num_threads(), []

    def noted(*given: object, **options: object) -> Tensor:
        inside.append(torch.get_num_threads())
        return exact(*given, **options)

    exact = model.encode_text
    monkeypatch.setattr(model, "encode_text", noted)
    most = before + 1  # not what torch has anyway
    AudioCLIPEncoder(model, read_card(tiny_model).identity, threads=most).encode_texts(["rain"])
    AudioCLIPEncoder(model, read_card(tiny_model).identity).encode_texts(["rain"])
    assert inside == [most, before]
    assert torch.get_num_threads() == before


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_a_gpu_gives_the_vectors_of_the_cpu(tiny_model: Path, tiny_encoder: Encoder) -> None:
    encoder = open_encoder(tiny_model, device="cuda")
    clips = make_clips()[:20]
    vectors = assert_batch_invariant(encoder.encode_audio, clips)
    assert cosines(vectors, tiny_encoder.encode_audio(clips)).min() >= 0.9999
