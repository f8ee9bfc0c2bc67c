"""The network: full-size proof against stored numbers, small-size invariants."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from audioclip_search.errors import ModelError
from audioclip_search.model import AudioCLIP, AudioCLIPConfig, preprocess_image, tokenize
from audioclip_search.model.fbsp import FrequencyBSpline, blackman_harris, mel_spaced
from trainer.objective import contrastive_loss

SMALL = AudioCLIPConfig(
    embed_dim=32,
    image_size=32,
    vision_layers=(1, 1, 1, 1),
    vision_width=8,
    context_length=16,
    text_width=32,
    text_heads=2,
    text_layers=1,
    n_fft=512,
    win_length=400,
    hop_length=200,
    n_filters=257,
    audio_layers=(1, 1, 1, 1),
    audio_width=8,
    audio_groups=4,
    audio_width_per_group=16,
)


def _rng(name: str) -> np.random.RandomState:
    return np.random.RandomState(zlib.crc32(name.encode()))


def _weight(name: str, own: Tensor) -> Tensor:
    """A value for a state-dict entry that depends on its name alone, so that any implementation can rebuild it."""
    shape, leaf, rng = tuple(own.shape), name.rsplit(".", 1)[-1], _rng(name)
    if leaf in {"window", "num_batches_tracked"} or own.numel() == 0:
        return own
    if name.startswith("logit_scale"):
        return torch.tensor(float(rng.uniform(1.0, 3.0)))
    if name.endswith("fbsp.m"):
        value = rng.uniform(0.5, 1.5, shape)
    elif name.endswith("fbsp.fb"):
        value = rng.uniform(0.8, 1.2, shape)
    elif name.endswith("fbsp.fc"):
        value = np.arange(shape[0]) + rng.uniform(-0.25, 0.25, shape)
    elif leaf == "running_var":
        value = rng.uniform(0.5, 1.5, shape)
    elif len(shape) <= 1:
        value = (leaf == "weight") + 0.05 * rng.standard_normal(shape)
    else:
        value = rng.standard_normal(shape) * (0.02 if "embedding" in name else np.sqrt(1 / np.prod(shape[1:])))
    return torch.from_numpy(np.asarray(value, dtype=np.float32))


def _filled(config: AudioCLIPConfig) -> AudioCLIP:
    model = AudioCLIP(config)
    model.load_state_dict({name: _weight(name, own) for name, own in model.state_dict().items()}, strict=True)
    return model


def _sound(name: str, channels: int, samples: int) -> Tensor:
    return torch.from_numpy(_rng(name).uniform(-0.5, 0.5, (1, channels, samples)).astype(np.float32))


def _picture(name: str, height: int, width: int) -> Image.Image:
    blocks = _rng(name).randint(0, 256, (6, 8, 3)).astype(np.uint8)
    return Image.fromarray(blocks).resize((width, height), Image.Resampling.BILINEAR)


def _digest(vector: Tensor) -> list[float]:
    """Four projections of a vector, relative to its norm, and the norm itself."""
    flat = vector.detach().double().flatten()
    norm = float(flat.norm())
    signs = torch.from_numpy(_rng("digest").choice([-1.0, 1.0], (4, len(flat))))
    return [*(signs @ flat / norm).tolist(), norm]


# Computed by this network after its pictures, texts, tokens and spectrograms had matched the reference implementation's
# to 1e-6 and its sounds as closely as float32 allows. The weights here are milder than those of that comparison, where
# a rounding of 1e-7 in the spectrum grows ten-thousandfold; float32 and float64 agree on these numbers to five digits.
PROOF = {
    "audio/mono": (-0.47421, 0.68810, -0.57354, -0.99386, 90.61427),
    "audio/stereo": (-0.77293, 1.47104, -0.02776, -0.90197, 123.48763),
    "audio/short": (-1.72921, 0.05516, 0.13327, -1.75231, 6.43888),
    "spectrogram": (1.58368, 0.43091, 0.80365, 0.04615, 7333.68787),
    "pixels": (1.33280, -0.21720, 0.80811, 0.11702, 317.54206),
    "image": (1.15419, -0.65524, 1.59618, -0.09132, 21.43973),
    "text": (-0.65419, -0.05533, 2.24918, -0.64285, 40.53513),
}


@pytest.mark.slow
def test_the_full_size_network_computes_what_the_verified_one_did() -> None:
    model = _filled(AudioCLIPConfig())
    pixels = preprocess_image(_picture("wide", 300, 400))
    found = {}
    with torch.no_grad():
        for name, channels, samples in (("mono", 1, 66_150), ("stereo", 2, 22_050), ("short", 1, 1_000)):
            found[f"audio/{name}"] = _digest(model.encode_audio(_sound(name, channels, samples)))
        found["spectrogram"] = _digest(model.audio.spectrogram_db(_sound("mono", 1, 66_150)))
        found["pixels"] = _digest(pixels)
        found["image"] = _digest(model.encode_image(pixels[None]))
        found["text"] = _digest(model.encode_text(["dog barking, woof", "Glass breaking!", "кошка & café 50%"]))
    for name, expected in PROOF.items():
        assert found[name] == pytest.approx(expected, rel=2e-3, abs=2e-3), name
    assert found.keys() == PROOF.keys()


@pytest.mark.slow
def test_the_full_size_network_has_the_released_size() -> None:
    state = AudioCLIP().state_dict()
    assert len(state) == 861
    # AudioCLIP-Full-Training.pt has 537,302,068 bytes, nearly all of them float32 weights
    assert sum(value.numel() for value in state.values()) * 4 == pytest.approx(537_302_068, rel=0.001)
    assert state["audio.fc.weight"].shape == (1024, 2048)
    assert state["visual.attnpool.positional_embedding"].shape == (50, 2048)


def _cosines(a: Tensor, b: Tensor) -> Tensor:
    return torch.nn.functional.cosine_similarity(a.double(), b.double(), dim=-1)


def _awkward_sounds() -> Tensor:
    """Sounds whose quiet parts lay bare any rounding: noise, digital silence, a click in silence, a fade to nothing."""
    noise = _sound("noise", 1, 22_050)
    silence = torch.zeros(1, 1, 22_050)
    click = silence.clone()
    click[..., 9_000] = 1.0
    fade = noise * torch.linspace(1, 0, 22_050) ** 8
    sixteen_bit = (noise * 3).round() / 32768
    return torch.cat([noise, silence, click, fade, sixteen_bit])


def test_embeddings_do_not_depend_on_the_batch() -> None:
    model = _filled(SMALL)
    sounds = _awkward_sounds()
    pictures = torch.stack([preprocess_image(_picture(name, 50, 40), 32) for name in "abcde"])
    texts = ["dog", "a cat, meowing", "", "thunder over the sea", "GLASS"]
    encoders = ((model.encode_audio, sounds), (model.encode_image, pictures), (model.encode_text, tokenize(texts, 16)))
    for encode, inputs in encoders:
        with torch.no_grad():
            together = encode(inputs)
            alone = torch.cat([encode(one[None]) for one in inputs])
            order = torch.tensor([3, 0, 4, 2, 1])
            shuffled = encode(inputs[order])[order.argsort()]
            repeated = encode(inputs.repeat_interleave(3, dim=0))[::3]
        for other in (alone, shuffled, repeated):
            assert _cosines(together, other).min() >= 0.99999


def test_a_new_model_is_in_eval_mode_and_leaves_its_statistics_alone() -> None:
    model = _filled(SMALL)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with torch.no_grad():
        model.encode_audio(_awkward_sounds())
    assert not model.training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_normalize_gives_unit_norm_in_every_tower() -> None:
    model = _filled(SMALL)
    with torch.no_grad():
        vectors = (
            model.encode_audio(_awkward_sounds(), normalize=True),
            model.encode_image(preprocess_image(_picture("a", 40, 60), 32)[None], normalize=True),
            model.encode_text(["dog", "cat"], normalize=True),
        )
    for vector in vectors:
        torch.testing.assert_close(vector.norm(dim=-1), torch.ones(len(vector)))


def test_channels_are_summed_before_the_last_layer() -> None:
    model = _filled(SMALL)
    left, right = _sound("left", 1, 20_000), _sound("right", 1, 20_000)
    with torch.no_grad():
        both = model.encode_audio(torch.cat([left, right], dim=1))
        apart = model.encode_audio(left) + model.encode_audio(right) - model.audio.fc.bias
    torch.testing.assert_close(both, apart)


@pytest.mark.parametrize("samples", [1, 399, 400, 401, 600, 601, 44_100])
def test_any_length_gives_the_frames_that_cover_it(samples: int) -> None:
    tower = AudioCLIP(SMALL).audio
    frames = tower.frames(torch.zeros(1, samples))
    count = frames.shape[1]
    covered = 400 + (count - 1) * 200
    assert covered >= samples
    assert count == 1 or covered - 200 < samples


def test_a_new_filter_bank_is_the_fourier_transform() -> None:
    bank = FrequencyBSpline(129, 256)
    frames = torch.from_numpy(_rng("frames").standard_normal((2, 5, 256)).astype(np.float32))
    # the bank's time runs over [-pi, pi] with both ends, the transform's over 256 steps without the last
    steps = torch.linspace(-torch.pi, torch.pi, 256, dtype=torch.float64)
    waves = torch.exp(-1j * torch.arange(129, dtype=torch.float64)[:, None] * steps)
    expected = (frames.to(torch.complex128) @ waves.T / 16).abs() ** 2
    power = bank(frames, bank.kernel()).transpose(-1, -2)
    torch.testing.assert_close(power.double(), expected, rtol=1e-3, atol=1e-6)
    assert float(bank.norm_loss(bank.kernel()).detach()) == pytest.approx(0.0, abs=1e-9)


def test_a_wider_b_spline_answers_to_more_frequencies() -> None:
    bank = FrequencyBSpline(64, 256)
    tone = torch.cos(torch.linspace(-torch.pi, torch.pi, 256) * 20)[None, None] * blackman_harris(256)

    def spread() -> float:
        power = bank(tone, bank.kernel()).flatten()
        return float((power > power.max() / 10).sum())

    narrow = spread()
    with torch.no_grad():
        bank.m.fill_(1.0)
        bank.fb.fill_(8.0)
    assert spread() > narrow


def test_filter_gradients_move_at_one_pace() -> None:
    for factor in (1e-2, 1.0, 1e6):
        bank = FrequencyBSpline(33, 64)
        frames = _sound("frames", 1, 64)
        (bank(frames, bank.kernel()).sum() * factor).backward()
        for parameter in (bank.fb, bank.fc):
            assert parameter.grad is not None
            assert float(parameter.grad.abs().max()) == pytest.approx(1.0, rel=1e-3)


def test_mel_spacing_covers_the_spectrum_from_end_to_end() -> None:
    centres = mel_spaced(96, 257, 44_100)
    steps = centres.diff()
    assert centres[0] == 0
    assert float(centres[-1]) == pytest.approx(256, rel=1e-4)
    assert torch.all(steps[1:] > steps[:-1])


def test_temperatures_are_clamped() -> None:
    model = AudioCLIP(SMALL)
    with torch.no_grad():
        model.logit_scale.fill_(-3.0)
        model.logit_scale_at.fill_(9.0)
        model.logit_scale_ai.fill_(2.0)
    scales = [float(scale.detach()) for scale in model.logit_scales]
    assert scales == pytest.approx([np.exp(2.0), 100.0, 1.0])


def test_the_loss_of_aligned_pairs_is_the_textbook_value() -> None:
    model = AudioCLIP(SMALL).requires_grad_(False)
    rows = torch.eye(4)
    scale = float(model.logit_scales.audio_text)
    pair = 2 * float(np.log(1 + 3 * np.exp(-scale)))
    assert float(contrastive_loss(model.logit_scales, audio=rows, text=rows)) == pytest.approx(pair, abs=1e-6)
    spread = contrastive_loss(model.logit_scales, audio=rows, image=rows, text=torch.ones(4, 4) / 2)
    assert float(spread) == pytest.approx((pair + 4 * np.log(4)) / 6, abs=1e-5)  # three terms: divided by 3!
    with pytest.raises(ValueError, match="two modalities"):
        contrastive_loss(model.logit_scales, audio=rows)


def test_preprocessing_is_clips_own() -> None:
    pixels = preprocess_image(Image.new("RGB", (640, 360), (255, 0, 128)), 64)
    expected = (torch.tensor([1.0, 0.0, 128 / 255]) - torch.tensor([0.48145466, 0.4578275, 0.40821073])) / torch.tensor(
        [0.26862954, 0.26130258, 0.27577711]
    )
    assert pixels.shape == (3, 64, 64)
    torch.testing.assert_close(pixels, expected[:, None, None].expand(3, 64, 64))


def test_texts_are_cut_at_the_context_and_keep_their_end() -> None:
    tokens = tokenize(["dog", "dog " * 100], 16)
    assert tokens.shape == (2, 16)
    assert tokens[0, :3].tolist() == [49406, 1929, 49407]
    assert tokens[1, -1] == 49407


def test_configurations_survive_json() -> None:
    assert AudioCLIPConfig.from_json(SMALL.to_json()) == SMALL
    assert AudioCLIPConfig.from_json("{}") == AudioCLIPConfig()
    for broken in ('{"embed": 1}', "[]", "{", '"text"'):
        with pytest.raises(ModelError, match="not a model configuration"):
            AudioCLIPConfig.from_json(broken)
