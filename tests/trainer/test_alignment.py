"""The objective as it is trained: gradient caching, what moves, which modalities count."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from conftest import TINY
from torch import Tensor, nn

from audioclip_search.model import AudioCLIP, tokenize
from trainer.alignment import Alignment, choose_weights, embed_in_chunks
from trainer.batches import TrainBatch
from trainer.engine import Optimisation
from trainer.errors import SettingsError
from trainer.objective import class_loss, contrastive_loss
from trainer.settings import Objective, Trained, TrainSettings

CLASSES = ("hum", "hiss", "click")


def made_network() -> AudioCLIP:
    torch.manual_seed(7)
    model = AudioCLIP(TINY)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
    return model


def made_batch(rows: int = 6, *, pictures: bool = True) -> TrainBatch:
    generator = torch.Generator().manual_seed(1)
    return TrainBatch(
        audio=torch.rand(rows, 1, 4_000, generator=generator) - 0.5,
        pixels=torch.randn(rows, 3, 32, 32, generator=generator) if pictures else None,
        tokens=tokenize([f"{CLASSES[row % 3]} {row}" for row in range(rows)], TINY.context_length),
        targets=torch.eye(3)[torch.arange(rows) % 3],
        weights=None,
        step=0,
    )


def stage_of(model: AudioCLIP, *, pictures: bool = True, **settings: object) -> Alignment:
    chosen = TrainSettings(**{"train": Trained.FULL, **settings})
    stage = Alignment(
        model, Optimisation(steps=1, steps_per_epoch=1, learning_rate=1e-3), chosen, seed=0, classes=CLASSES,
        has_image=pictures,
    )  # fmt: skip
    stage.log_dict = lambda *_, **__: None  # type: ignore[method-assign]  # there is no Lightning trainer here
    return stage


def gradients(stage: Alignment, batch: TrainBatch) -> dict[str, Tensor]:
    stage.on_train_start()
    stage.training_step(batch, 0).backward()
    return {name: p.grad for name, p in stage.model.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("weights", [None, torch.tensor([1.0, 2.0, 0.5, 1.0, 3.0, 1.0])])
def test_the_loss_of_a_step_is_the_published_one(weights: Tensor | None) -> None:
    model = made_network()
    batch = made_batch()._replace(weights=weights)
    stage = stage_of(model)
    stage.on_train_start()
    loss = stage.training_step(batch, 0)
    assert batch.audio is not None and batch.pixels is not None
    kernel = model.audio.fbsp.kernel()
    expected = contrastive_loss(
        model.logit_scales,
        audio=model.encode_audio(batch.audio, True),
        image=model.encode_image(batch.pixels, True),
        text=model.encode_text(batch.tokens, True),
        sample_weights=weights,
    )
    torch.testing.assert_close(loss, expected + model.audio.fbsp.norm_loss(kernel))


def test_gradient_caching_gives_the_same_gradients_and_statistics() -> None:
    whole, cached = made_network(), made_network()
    for model in (whole, cached):
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
    plain = stage_of(whole)
    chunked = stage_of(cached, chunk=4)
    plain.on_train_start = chunked.on_train_start = lambda: None  # type: ignore[method-assign]
    expected, found = gradients(plain, made_batch()), gradients(chunked, made_batch())
    assert expected.keys() == found.keys() != set()
    for name, gradient in expected.items():
        torch.testing.assert_close(found[name], gradient, rtol=1e-3, atol=1e-5, msg=name)


def test_gradient_caching_counts_the_statistics_of_each_chunk_once() -> None:
    cached, plain = made_network().audio.train(), made_network().audio.train()
    waves = made_batch().audio
    assert waves is not None
    embed_in_chunks(cached, cached, waves, 2).sum().backward()
    for part in waves.split(2):
        plain(part)
    own = dict(plain.named_buffers())
    for name, buffer in cached.named_buffers():
        torch.testing.assert_close(buffer, own[name], msg=name)


def test_gradient_caching_holds_the_activations_of_one_chunk() -> None:
    """Counts what the forward pass keeps for the way back."""

    def kept(chunk: int) -> int:
        tower, waves = made_network().audio, made_batch(8).audio
        assert waves is not None
        sizes: dict[int, int] = {}

        def keep(tensor: Tensor) -> Tensor:
            sizes[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
            embedded = embed_in_chunks(tower, tower, waves, chunk) if chunk else tower(waves)
        assert embedded.requires_grad
        return sum(sizes.values())

    assert kept(2) < 0.2 * kept(0)


@pytest.mark.parametrize(
    ("settings", "pictures", "prefixes"),
    [
        ({"train": Trained.AUDIO}, False, {"audio", "logit_scale_at"}),
        ({"train": Trained.AUDIO}, True, {"audio", "logit_scale_at", "logit_scale_ai"}),
        (
            {"train": Trained.FULL},
            True,
            {"audio", "visual", "transformer", "token_embedding", "positional_embedding", "ln_final",
             "text_projection", "logit_scale", "logit_scale_at", "logit_scale_ai"},
        ),
    ],
    ids=["partial", "partial with pictures", "full"],
)  # fmt: skip
def test_what_moves(settings: dict[str, Trained], pictures: bool, prefixes: set[str]) -> None:
    model = made_network()
    stage = stage_of(model, pictures=pictures, **settings)
    moving = {name for name, p in model.named_parameters() if p.requires_grad}
    assert {name.split(".")[0] for name in moving} == prefixes
    assert gradients(stage, made_batch(pictures=pictures)).keys() == moving


def test_pictures_and_texts_move_no_audio_head() -> None:
    model, batch = made_network(), made_batch()._replace(audio=None)
    chosen = TrainSettings(train=Trained.FULL)
    moves = Optimisation(steps=1, steps_per_epoch=1, learning_rate=1e-3)
    stage = Alignment(model, moves, chosen, seed=0, classes=(), has_image=True, has_audio=False)
    stage.log_dict = lambda *_, **__: None  # type: ignore[method-assign]  # there is no Lightning trainer here
    moving = {name for name, p in model.named_parameters() if p.requires_grad}
    assert gradients(stage, batch).keys() == moving  # processes of a training would wait for any other
    assert not any(name.startswith("audio.") for name in moving)
    with pytest.raises(SettingsError, match="train=audio, but the data has no sounds"):
        chosen = TrainSettings(train=Trained.AUDIO)
        Alignment(model, moves, chosen, seed=0, classes=(), has_image=True, has_audio=False)


def test_frozen_filters_stay() -> None:
    model = made_network()
    choose_weights(model, TrainSettings(filters=False), has_image=False)
    assert not any(p.requires_grad for p in model.audio.fbsp.parameters())
    assert model.audio.conv1.weight.requires_grad


def test_a_frozen_image_tower_keeps_its_statistics() -> None:
    model = made_network()
    before = copy.deepcopy(dict(model.visual.named_buffers()))
    gradients(stage_of(model, train=Trained.AUDIO), made_batch())
    assert all(torch.equal(before[name], buffer) for name, buffer in model.visual.named_buffers())


def test_class_loss_prefers_the_right_class_and_takes_shares() -> None:
    targets = torch.tensor([[1.0, 0.0, 0.0], [0.0, 2.0, 2.0]])
    audio = nn.functional.normalize(torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]]), dim=-1)
    scale, names = torch.tensor(5.0), torch.eye(3)
    right = class_loss(scale, audio, names, targets)
    assert (
        right
        < class_loss(scale, torch.full((2, 3), 3**-0.5), names, targets)
        < class_loss(scale, -audio, names, targets)
    )
    torch.testing.assert_close(right, class_loss(scale, audio, names, targets * 5))


def test_losses_and_spectrograms_keep_their_digits_under_autocast() -> None:
    model, batch = made_network(), made_batch()
    assert batch.audio is not None and batch.pixels is not None
    audio, image = (torch.nn.functional.normalize(torch.randn(6, 32), dim=-1) for _ in range(2))
    exact = contrastive_loss(model.logit_scales, audio=audio, image=image), model.audio.spectrogram_db(batch.audio)
    with torch.autocast("cpu", torch.bfloat16):
        cast = contrastive_loss(model.logit_scales, audio=audio, image=image), model.audio.spectrogram_db(batch.audio)
        assert model.audio.embed(cast[1]).dtype == torch.bfloat16  # the trunk does profit
    assert torch.equal(exact[0], cast[0])
    assert torch.equal(exact[1], cast[1])


def test_classes_are_needed_to_classify() -> None:
    with pytest.raises(SettingsError, match="the data has no classes"):
        Alignment(
            made_network(),
            Optimisation(steps=1, steps_per_epoch=1, learning_rate=1e-3),
            TrainSettings(objective=Objective.CLASSES),
            seed=0,
            classes=(),
            has_image=False,
        )


@pytest.mark.slow
def test_two_processes_train_like_one_with_the_batch_of_both(tmp_path: Path) -> None:
    """Really two processes, with torchrun and gloo; batch norms share their statistics, negatives are gathered."""
    script = Path(__file__).parents[1] / "two_processes.py"
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "MASTER_ADDR": "127.0.0.1"}
    for processes in (1, 2):
        out = tmp_path / f"{processes}.pt"
        command = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
        run = subprocess.run(
            [*command, str(script), str(out)], env=environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert run.returncode == 0, run.stderr[-2_000:]
    one, two = (torch.load(tmp_path / f"{processes}.pt", weights_only=True) for processes in (1, 2))
    start = one.pop("start")
    two.pop("start")
    assert one.keys() == two.keys()
    for name, value in one.items():
        moved = (value.float() - start[name].float()).norm()
        apart = (two[name].float() - value.float()).norm()
        # Biases before a norm have no true gradient but rounding.
        assert apart <= 0.02 * moved + 1e-5, f"{name}: {apart} of {moved}"
    assert any((value.float() - start[name].float()).norm() > 1e-3 for name, value in one.items())
