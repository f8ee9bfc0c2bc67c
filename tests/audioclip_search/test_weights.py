"""Weights on disk: strict loading of files like the four released ones, refusal of everything else, saved models."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from networks import TINY
from torch import Tensor

from audioclip_search.errors import ModelError, WeightsError
from audioclip_search.model import AudioCLIP
from audioclip_search.model.weights import (
    EXTRA_ENTRIES,
    PREPROCESSING_VERSION,
    LoadReport,
    Part,
    check_hash,
    load_model,
    load_weights,
    part_of,
    read_card,
    read_state_dict,
    save_model,
)

State = dict[str, Tensor]


def trained(seed: int = 0) -> AudioCLIP:
    """A tiny network none of whose entries has its initial value, batch counters included."""
    torch.manual_seed(seed)
    model = AudioCLIP(TINY)
    for tensor in model.state_dict().values():
        if tensor.is_floating_point():
            tensor.uniform_(0.5, 1.5)
        else:
            tensor.random_(1, 1000)
    return model


def clip_state(state: State) -> State:
    """As CLIP.pt: no audio tower, no audio scales, three sizes."""
    clip = {name: t for name, t in state.items() if not name.startswith("audio.") and name[-3:] not in {"_ai", "_at"}}
    return clip | {name: torch.tensor(7) for name in EXTRA_ENTRIES}


def audio_state(state: State, classes: int = 527) -> State:
    """As ESRNXFBSP.pt: the audio tower by itself with another last layer."""
    audio = {name.removeprefix("audio."): t for name, t in state.items() if name.startswith("audio.")}
    width = audio["fc.weight"].shape[1]
    return audio | {"fc.weight": torch.ones(classes, width), "fc.bias": torch.ones(classes)}


def changed(before: State, after: State) -> set[str]:
    return {name for name in after if not torch.equal(before[name], after[name])}


def copied(model: AudioCLIP) -> State:
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


@pytest.fixture(scope="module")
def model() -> AudioCLIP:
    return trained()


@pytest.fixture
def state(model: AudioCLIP) -> State:
    return copied(model)


# Reading


@pytest.mark.parametrize("kind", ["zip", "legacy", "safetensors"])
def test_reads_every_format(state: State, tmp_path: Path, kind: str) -> None:
    path = tmp_path / ("w.safetensors" if kind == "safetensors" else "w.pt")
    if kind == "safetensors":
        safetensors.torch.save_file(state, path)
    else:
        torch.save(state, path, _use_new_zipfile_serialization=kind == "zip")
    read = read_state_dict(path)
    assert read.keys() == state.keys()
    assert not changed(state, read)


class Malicious:
    def __init__(self, victim: Path) -> None:
        self.victim = victim

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.victim,)


def torchscript(path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch itself calls the format deprecated
        torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), path)


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (torchscript, "TorchScript.*save"),
        (lambda path: torch.save({"w": Malicious(path.with_name("victim"))}, path), "run code"),
        (lambda path: torch.save(torch.nn.Linear(2, 2), path), "more than tensors"),
        (lambda path: torch.save({"epoch": 3, "state_dict": {"w": torch.ones(1)}}, path), "epoch, state_dict are no"),
        (lambda path: torch.save({1: torch.ones(1)}, path), "1 are no tensors"),
        (lambda path: torch.save([torch.ones(1)], path), "holds a list"),
        (lambda path: path.write_text("<html>"), "damaged|no PyTorch file"),
        (lambda path: path.write_bytes(b""), "cut short"),
        (lambda path: path.mkdir(), "can't be read"),
        (lambda path: None, "No such file"),
    ],
    ids=["torchscript", "malicious", "module", "nested", "unnamed", "list", "html", "empty", "folder", "missing"],
)
def test_refuses_what_is_no_state_dict(tmp_path: Path, write: Callable[[Path], object], reason: str) -> None:
    path = tmp_path / "w.pt"
    write(path)
    with pytest.raises(WeightsError, match=reason) as caught:
        read_state_dict(path)
    assert caught.value.path == path
    assert not (tmp_path / "victim").exists()


@pytest.mark.parametrize("kind", ["zip", "legacy", "safetensors"])
@pytest.mark.parametrize("kept", [0.0, 0.001, 0.3, 0.9, 0.9999])
def test_refuses_a_file_that_is_cut_short(state: State, tmp_path: Path, kind: str, kept: float) -> None:
    path = tmp_path / ("w.safetensors" if kind == "safetensors" else "w.pt")
    if kind == "safetensors":
        safetensors.torch.save_file(state, path)
    else:
        torch.save(state, path, _use_new_zipfile_serialization=kind == "zip")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole))])
    with pytest.raises(WeightsError, match=r"cut short|no PyTorch file|can't be read"):
        read_state_dict(path)


# Loading


def test_the_whole_network_is_loaded_and_extra_entries_are_listed(state: State) -> None:
    other = trained(seed=1)
    report = load_weights(other, state | {"vocab_size": torch.tensor(64)}, part=Part.FULL)
    assert report == LoadReport(Part.FULL, loaded=len(state), extra=("vocab_size",), skipped=())
    assert not changed(state, copied(other))


def test_clip_s_half_leaves_the_audio_tower_alone(state: State) -> None:
    other = trained(seed=1)
    before = copied(other)
    clip = clip_state(state)
    report = load_weights(other, clip, part=part_of(clip))
    assert report == LoadReport(Part.CLIP, loaded=len(clip) - 3, extra=EXTRA_ENTRIES, skipped=())
    after = copied(other)
    assert changed(before, after) == clip.keys() - set(EXTRA_ENTRIES)
    assert all(torch.equal(after[name], tensor) for name, tensor in clip.items() if name not in EXTRA_ENTRIES)


def test_the_audio_tower_is_loaded_without_its_audioset_classifier(state: State) -> None:
    other = trained(seed=1)
    before = copied(other)
    audio = audio_state(state)
    report = load_weights(other, audio, part=part_of(audio))
    assert report == LoadReport(Part.AUDIO, loaded=len(audio) - 2, extra=(), skipped=("fc.weight", "fc.bias"))
    skipped = {"audio.fc.weight", "audio.fc.bias", "audio.fbsp.bias"}  # the last one is empty, so it never differs
    assert changed(before, copied(other)) == {name for name in state if name.startswith("audio.")} - skipped


def test_an_audio_tower_with_a_fitting_last_layer_is_loaded_whole(state: State) -> None:
    other = trained(seed=1)
    report = load_weights(other, audio_state(state, classes=8), part=Part.AUDIO)
    assert report.skipped == ()
    assert torch.equal(other.state_dict()["audio.fc.weight"], torch.ones(8, 256))


def test_half_precision_is_widened(state: State) -> None:
    other = trained(seed=1)
    load_weights(other, {name: t.half() if t.is_floating_point() else t for name, t in state.items()}, part=Part.FULL)
    loaded = copied(other)
    assert {name: t.dtype for name, t in loaded.items()} == {name: t.dtype for name, t in state.items()}
    assert all(torch.allclose(loaded[name].double(), state[name].double(), rtol=1e-3) for name in state)


@pytest.mark.parametrize(
    ("spoil", "reasons"),
    [
        (lambda state: state.pop("ln_final.bias"), ["1 missing: ln_final.bias"]),
        (lambda state: state.update(stranger=torch.ones(2)), ["1 unexpected: stranger"]),
        (lambda state: state.update(input_size=torch.tensor(224)), ["1 unexpected: input_size"]),
        (
            lambda state: state.update({"ln_final.bias": torch.ones(9)}),
            [r"1 misshapen: ln_final.bias float32 \(9,\) instead of float32 \(8,\)"],
        ),
        (
            lambda state: state.update({"ln_final.bias": torch.ones(8, dtype=torch.int64)}),
            [r"1 misshapen: ln_final.bias int64 \(8,\)"],
        ),
        (
            lambda state: state.update({"visual.bn1.num_batches_tracked": torch.tensor(1.0)}),
            [r"misshapen: visual.bn1.num_batches_tracked float32 \(\) instead of int64 \(\)"],
        ),
        (
            lambda state: [state.update({f"module.{name}": state.pop(name)}) for name in list(state)],
            [r"\d+ missing: .* and \d+ more; \d+ unexpected: module.*and \d+ more"],
        ),
        (
            lambda state: (
                state.pop("logit_scale"),
                state.update({"a": torch.ones(1), "logit_scale_ai": torch.ones(1)}),
            ),
            ["1 missing: logit_scale;", "1 unexpected: a;", "1 misshapen: logit_scale_ai"],
        ),
    ],
    ids=["missing", "unexpected", "near extra", "shape", "integers", "counter", "parallel", "all three"],
)
def test_whatever_does_not_fit_is_named_and_nothing_is_loaded(
    state: State, spoil: Callable[[State], object], reasons: list[str]
) -> None:
    other = trained(seed=1)
    before = copied(other)
    spoil(state)
    with pytest.raises(WeightsError) as caught:
        load_weights(other, state, part=Part.FULL)
    for reason in reasons:
        assert caught.match(reason)
    assert not changed(before, copied(other))


def test_a_part_is_as_strict_as_the_whole(state: State) -> None:
    with pytest.raises(WeightsError, match=r"clip part.*1 unexpected: audio.fc.bias"):
        load_weights(trained(), clip_state(state) | {"audio.fc.bias": torch.ones(8)}, part=Part.CLIP)
    with pytest.raises(WeightsError, match=r"audio part.*1 missing: audio.fc.bias"):
        load_weights(trained(), {k: v for k, v in audio_state(state).items() if k != "fc.bias"}, part=Part.AUDIO)
    with pytest.raises(WeightsError, match=r"2 misshapen: audio.fc.weight"):
        load_weights(trained(), audio_state(state, classes=50), part=Part.AUDIO)


def test_the_part_is_told_by_the_names(state: State) -> None:
    assert part_of(state) is Part.FULL
    assert part_of(clip_state(state)) is Part.CLIP
    assert part_of(audio_state(state)) is Part.AUDIO
    with pytest.raises(WeightsError, match=r"no AudioCLIP weights: 1 entries \(conv.weight\)"):
        part_of({"conv.weight": torch.ones(1)})


# Saved models


def test_a_saved_model_comes_back_bit_for_bit(model: AudioCLIP, state: State, tmp_path: Path) -> None:
    card = save_model(tmp_path / "m", model, name="tiny", description="A tiny one", covers=["dog", "Bär"])
    loaded = load_model(tmp_path / "m")
    assert not loaded.training
    assert loaded.config == TINY
    again = copied(loaded)
    assert {name: (t.dtype, t.shape) for name, t in again.items()} == {
        name: (t.dtype, t.shape) for name, t in state.items()
    }
    assert again["audio.fbsp.bias"].shape == (0,)
    assert not changed(state, again)
    assert read_card(tmp_path / "m") == card
    assert (card.name, card.description, card.covers, card.network) == ("tiny", "A tiny one", ("dog", "Bär"), TINY)


def test_a_model_s_identity_is_the_hash_of_its_weights_file(model: AudioCLIP, tmp_path: Path) -> None:
    card = save_model(tmp_path / "m", model, name="tiny")
    assert card.identity.weights_hash == hashlib.sha256((tmp_path / "m" / "model.safetensors").read_bytes()).hexdigest()
    assert (card.identity.name, card.identity.preprocessing_version) == ("tiny", PREPROCESSING_VERSION)
    assert save_model(tmp_path / "twin", model, name="tiny").identity == card.identity
    assert save_model(tmp_path / "other", trained(seed=1), name="tiny").identity != card.identity


def test_half_precision_halves_the_file_and_keeps_vectors_exact(model: AudioCLIP, state: State, tmp_path: Path) -> None:
    save_model(tmp_path / "m", model, name="full")
    save_model(tmp_path / "h", model, name="half", half=True)
    full, half = ((tmp_path / folder / "model.safetensors").stat().st_size for folder in "mh")
    assert half < 0.6 * full
    loaded = copied(load_model(tmp_path / "h"))
    assert {t.dtype for t in loaded.values()} == {torch.float32, torch.int64}
    assert all(state[name].ndim >= 2 for name in changed(state, loaded))
    assert all(torch.allclose(loaded[name].double(), state[name].double(), rtol=2**-11) for name in state)


def test_a_weight_beyond_half_precision_is_refused_and_the_old_model_kept(tmp_path: Path) -> None:
    model = trained()
    card = save_model(tmp_path, model, name="old")
    model.state_dict()["text_projection"][0, 0] = 70_000.0
    with pytest.raises(WeightsError, match="text_projection is too large"):
        save_model(tmp_path, model, name="new", half=True)
    assert check_hash(tmp_path) == card


def test_saving_again_replaces_the_model_and_leaves_nothing_behind(tmp_path: Path) -> None:
    save_model(tmp_path, trained(seed=0), name="old")
    card = save_model(tmp_path, trained(seed=1), name="new")
    assert check_hash(tmp_path) == card
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.json", "model.safetensors"]
    modes = {path.stat().st_mode for path in tmp_path.iterdir()}
    assert len(modes) == 1  # who may read the card may read the weights


def test_a_folder_that_can_not_be_written_is_named(model: AudioCLIP, tmp_path: Path) -> None:
    (tmp_path / "m").write_text("a file")
    with pytest.raises(ModelError, match="can't be saved") as caught:
        save_model(tmp_path / "m", model, name="tiny")
    assert caught.value.path == tmp_path / "m"


def test_damaged_or_exchanged_weights_are_never_loaded(model: AudioCLIP, tmp_path: Path) -> None:
    save_model(tmp_path, model, name="tiny")
    weights = tmp_path / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    for check in (check_hash, load_model):
        with pytest.raises(WeightsError, match=r"damaged or exchanged.*again"):
            check(tmp_path)


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        ({"version": 2}, "newer version"),
        ({"preprocessing_version": PREPROCESSING_VERSION + 1}, "newer version"),
        ({"version": "one"}, "not a model's card"),
        ({"covers": None}, "not a model's card"),
        ({"network": None}, "configuration"),
        ({"network": {"wings": 2}}, "configuration.*wings"),
        ({"network": {"embed_dim": "wide"}}, "describes no network"),
        ({"network": json.loads(TINY.to_json()) | {"embed_dim": 16}}, "don't fit the network"),
    ],
)
def test_a_card_that_does_not_make_sense_is_an_error_that_says_so(
    model: AudioCLIP, tmp_path: Path, edit: dict[str, Any], reason: str
) -> None:
    save_model(tmp_path, model, name="tiny")
    card = tmp_path / "config.json"
    content = json.loads(card.read_text())
    card.write_text(json.dumps(content | edit))
    with pytest.raises(ModelError, match=reason):
        load_model(tmp_path)


@pytest.mark.parametrize("text", ["", "[1]", "{}", '{"version": 1}'])
def test_a_broken_card_is_an_error_that_names_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ModelError, match="card") as caught:
        read_card(tmp_path)
    assert caught.value.path == tmp_path / "config.json"


def test_a_bare_file_takes_its_sizes_from_the_card_beside_it(state: State, tmp_path: Path) -> None:
    path = tmp_path / "mine.pt"
    torch.save(state, path)
    (tmp_path / "config.json").write_text(json.dumps({"network": json.loads(TINY.to_json())}))
    assert not changed(state, copied(load_model(path)))
    card = read_card(path)
    assert (card.name, card.network) == ("mine", TINY)
    assert card.weights_hash == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_bare_file_without_a_card_must_be_of_the_released_size(state: State, tmp_path: Path) -> None:
    torch.save(state, tmp_path / "mine.pt")
    (tmp_path / "config.json").write_text('{"architecture": "someone else\'s"}')
    with pytest.raises(WeightsError, match=r"don't fit.*misshapen.*config\.json beside") as caught:
        load_model(tmp_path / "mine.pt")
    assert caught.value.path == tmp_path / "mine.pt"


@pytest.mark.parametrize(("take", "part"), [(clip_state, "clip"), (audio_state, "audio")])
def test_a_part_of_the_network_is_no_model(
    state: State, tmp_path: Path, take: Callable[[State], State], part: str
) -> None:
    torch.save(take(state), tmp_path / "part.pt")
    with pytest.raises(WeightsError, match=f"only the {part} part.*start a training"):
        load_model(tmp_path / "part.pt")
