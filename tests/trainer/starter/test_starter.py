"""The starter recipe end to end on a made-up data set, and its parts."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from trees import make_esc50
from typer.testing import CliRunner

from audioclip_search.errors import CancelledError
from audioclip_search.model.weights import load_model, read_card
from trainer import starter
from trainer.__main__ import app
from trainer.augment import augment_spectrograms, crop_spectrograms
from trainer.evaluate.measures import precision_at_k, same_label, zero_shot_accuracy
from trainer.starter.bank import Bank
from trainer.starter.batches import GroupedBatches
from trainer.starter.captions import LABELS
from trainer.starter.sounds import SOUND_NAMES
from trainer.starter.takes import augment_waveform, fit_length

RECORDED = tuple(sorted(set(LABELS) - set(SOUND_NAMES)))
TINY = starter.Recipe(takes=1, draws=1, pictures=1, exam_draws=1, groups=1, steps=2, picture_rows=8, picture_steps=2)


@pytest.fixture(scope="module")
def esc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set in ESC-50's layout: one short clip a class and fold, folds 1 to 4."""
    root = tmp_path_factory.mktemp("esc")
    make_esc50(root, classes=RECORDED, folds=(1, 2, 3, 4), per_class=1, rate_hz=44_100)
    return root


@pytest.mark.slow
def test_the_recipe_makes_a_model_that_loads_and_reports_on_it(esc: Path, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    material = starter.prepare(TINY, esc10=esc, cache=tmp_path / "bank", on_progress=lambda *now: seen.append(now))
    assert seen[-1] == ("exam sounds", 42, 42)  # 10 recordings of fold 4, 32 fresh draws

    def interrupt(stage: str, done: int, _: int) -> None:
        if (stage, done) == ("pictures", 1):
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(CancelledError, match="stopped after step 1 of 2"):
        starter.train(TINY, material, out=tmp_path, resume=False, on_progress=interrupt)
    seen.clear()
    scores = starter.train(TINY, material, out=tmp_path, resume=True, on_progress=lambda *now: seen.append(now))
    assert seen == [("pictures", 2, 2)]  # the first stage was over, and so was half of the second
    card = read_card(tmp_path / "model")
    assert (card.name, len(card.covers), card.network) == ("starter", 42, starter.CONFIG)
    assert json.loads((tmp_path / "results.json").read_text())["scores"]["names_precision"] == scores.names_precision
    model = load_model(tmp_path / "model")
    with torch.no_grad():
        vectors = model.encode_audio(torch.zeros(2, 1, 44_100), normalize=True)
    assert vectors.shape == (2, 256)
    assert torch.isfinite(vectors).all()
    again = starter.prepare(TINY, esc10=esc, cache=tmp_path / "bank", on_progress=lambda *_: pytest.fail("rendered"))
    np.testing.assert_array_equal(again.sounds.examples, material.sounds.examples)


def test_the_command_says_what_is_missing_in_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["pretrain", "--esc10", str(tmp_path), "--out", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert "error:" in result.output
    assert "meta/esc50.csv and audio/" in " ".join(result.output.split())


def _banks(folder: Path) -> tuple[Bank, Bank]:
    rng = np.random.default_rng(1)
    labels = np.repeat(np.array(LABELS), 2)
    sounds = rng.uniform(-90, 0, (len(labels), starter.CONFIG.n_filters, 20)).astype(np.float16)
    pictures = rng.integers(0, 256, (len(labels), 96, 96, 3)).astype(np.uint8)
    np.save(folder / "sounds.npy", sounds)
    np.save(folder / "pictures.npy", pictures)
    return Bank(folder / "sounds.npy", labels), Bank(folder / "pictures.npy", labels)


def test_batches_repeat_and_their_groups_hold_distinct_labels(tmp_path: Path) -> None:
    sounds, pictures = _banks(tmp_path)
    batches = GroupedBatches(sounds, pictures, starter.CONFIG, groups=2, steps=5, seed=7)
    first, again, other = batches[2], batches[2], batches[3]
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first.pixels, other.pixels)
    assert first.spectrograms.shape[:4] == (84, 1, 3, 128)
    assert {batches[step].spectrograms.shape[-1] for step in range(5)} > {20}  # some are shorter
    assert first.pixels.shape == (84, 3, 96, 96)
    assert first.tokens.shape == (84, starter.CONFIG.context_length)
    for group in first.labels.split(42):
        assert [LABELS[int(label)] for label in group] == list(LABELS)


def test_waveform_takes_differ_but_keep_length_and_range() -> None:
    samples = np.sin(np.linspace(0, 900, 30_000)).astype(np.float32)
    takes = [augment_waveform(samples, 40_000, np.random.default_rng(seed)) for seed in range(8)]
    for take in takes:
        assert take.shape == (40_000,)
        assert take.dtype == np.float32
        assert np.abs(take).max() <= 1
    assert len({take.tobytes() for take in takes}) == 8


def test_fitting_centres_without_a_generator() -> None:
    ones = np.ones(4, np.float32)
    assert fit_length(ones, 8).tolist() == [0, 0, 1, 1, 1, 1, 0, 0]
    assert fit_length(np.arange(8, dtype=np.float32), 4).tolist() == [2, 3, 4, 5]


def test_spectrogram_augmentation_varies_every_row_and_stays_in_range() -> None:
    rows = torch.rand(6, 384, 50, generator=torch.Generator().manual_seed(0)) * 80 - 90
    before = rows.clone()
    varied = augment_spectrograms(rows, torch.Generator().manual_seed(1))
    assert torch.equal(rows, before)
    assert varied.shape == rows.shape
    assert torch.isfinite(varied).all()
    assert varied.min() >= -91
    assert all(not torch.allclose(a, b) for a, b in zip(varied, rows, strict=True))


def test_crops_keep_the_loudest_frame() -> None:
    rows = torch.full((5, 6, 40), -90.0)
    for row in range(5):
        rows[row, :, row * 9] = 0.0
    crops = crop_spectrograms(rows, 8, torch.Generator().manual_seed(0))
    assert crops.shape == (5, 6, 8)
    assert crops.amax(dim=(1, 2)).tolist() == [0.0] * 5


def test_measures_are_what_they_say() -> None:
    classes = np.eye(3, dtype=np.float32)
    examples = classes[[0, 1, 2, 2]]
    assert zero_shot_accuracy(examples, classes, np.array([0, 1, 2, 0])) == 0.75
    relevant = same_label(["a", "b"], ["a", "b", "b", "c"])
    assert relevant.tolist() == [[True, False, False, False], [False, True, True, False]]
    library = np.array([[1, 0], [0, 1], [0.6, 0.8], [0.8, 0.6]], np.float32)
    queries = np.array([[1, 0], [0, 1]], np.float32)
    assert precision_at_k(queries, library, relevant, 2) == pytest.approx((0.5 + 1.0) / 2)
