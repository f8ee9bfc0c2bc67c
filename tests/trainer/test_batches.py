from __future__ import annotations

import logging
import os
import signal
from collections.abc import Sequence
from itertools import chain, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from trees import make_video

from audioclip_search.media import load_frame
from audioclip_search.model import preprocess_image, tokenize
from audioclip_search.types import FloatArray
from trainer.batches import SHARD_WINDOW, EvalBatches, TrainBatch, TrainBatches, loader
from trainer.clips import InputForm, LiveClips
from trainer.datasets.examples import Example, Examples, Place
from trainer.errors import DataError
from trainer.waves import Augmentation, fit_clip

COUNT = 10
CLASSES = tuple(f"class {number}" for number in range(COUNT))
COMMON = {"length": 300, "image_size": 16}


def make_clips(count: int = COUNT) -> list[FloatArray]:
    rng = np.random.default_rng(0)
    return [rng.standard_normal((2, 200 + 20 * row)).astype(np.float32) for row in range(count)]


def named(count: int = COUNT, **fields: Any) -> Examples:
    """Each of a class of its own, which tells where the rows of a batch come from."""
    return Examples.of(
        Example(**{"audio": None, "image": None, **fields}, labels=(name,), text=name) for name in CLASSES[:count]
    )


def train(clips: Any = None, examples: Examples | None = None, **settings: Any) -> TrainBatches:
    return TrainBatches(
        make_clips() if clips is None else clips,
        named() if examples is None else examples,
        **{
            **COMMON,
            "classes": CLASSES,
            "augmentation": Augmentation(),
            "context_length": 8,
            "batch_size": 4,
            "steps": 10,
            "seed": 1,
            **settings,
        },
    )


def rows(batches: TrainBatches, steps: Sequence[int]) -> list[int]:
    return torch.cat([batches[step].targets for step in steps]).argmax(dim=1).tolist()


def assert_same(a: TrainBatch, b: TrainBatch) -> None:
    assert a.step == b.step
    assert (a.pixels is None) == (b.pixels is None)
    for left, right in ((a.audio, b.audio), (a.tokens, b.tokens), (a.targets, b.targets), (a.weights, b.weights)):
        assert left is not None
        assert right is not None
        assert torch.equal(left, right)


def test_shapes_and_types() -> None:
    batch = train(class_weights=True)[3]
    assert batch.audio is not None
    assert batch.weights is not None
    assert batch.audio.shape == (4, 2, 300)
    assert batch.tokens.shape == (4, 8)
    assert batch.targets.shape == (4, COUNT)
    assert batch.weights.shape == (4,)
    assert {batch.audio.dtype, batch.targets.dtype, batch.weights.dtype} == {torch.float32}
    assert batch.tokens.dtype == torch.int64
    assert batch.step == 3
    assert batch.pixels is None


def test_tokens_are_those_of_the_texts() -> None:
    batch = train()[0]
    assert torch.equal(batch.tokens, tokenize([CLASSES[row] for row in rows(train(), [0])], 8))


def test_a_batch_is_a_pure_function_of_seed_and_step() -> None:
    batches = train(class_weights=True)
    later = batches[7]
    for step in (2, 9, 7):
        batches[step]
    assert_same(batches[7], later)
    assert_same(train(class_weights=True)[7], later)
    other = train(seed=2)[7]
    assert other.audio is not None
    assert later.audio is not None
    assert not torch.equal(other.audio, later.audio)


def test_every_example_comes_once_an_epoch_in_another_order() -> None:
    stream = rows(train(), range(10))  # 40 rows: four epochs of ten, batches of four across their borders
    epochs = [stream[start : start + COUNT] for start in range(0, 40, COUNT)]
    assert all(sorted(epoch) == list(range(COUNT)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 4


def test_the_rows_of_all_processes_are_the_batch_of_one() -> None:
    whole = train(class_weights=True, batch_size=6)
    for world, step in product((2, 3, 4), (0, 4)):
        parts = [train(class_weights=True, batch_size=6, rank=rank, world=world)[step] for rank in range(world)]
        together = TrainBatch(
            torch.cat([part.audio for part in parts if part.audio is not None]),
            None,
            torch.cat([part.tokens for part in parts]),
            torch.cat([part.targets for part in parts]),
            torch.cat([part.weights for part in parts if part.weights is not None]),
            step,
        )
        assert_same(together, whole[step])


def test_a_row_does_not_depend_on_the_batch_size() -> None:
    four, two = train(batch_size=4)[3].audio, train(batch_size=2)[6].audio
    assert four is not None
    assert two is not None
    assert torch.equal(four[:2], two)


def test_takes_differ_between_epochs() -> None:
    batches = train(batch_size=COUNT)
    first, second = batches[0], batches[1]
    assert first.audio is not None
    assert second.audio is not None
    order = second.targets.argmax(dim=1).argsort()[first.targets.argmax(dim=1)]
    assert not any(torch.equal(a, b) for a, b in zip(first.audio, second.audio[order], strict=True))


def test_steps_end() -> None:
    batches = train(steps=2)
    assert len(batches) == 2
    for step in (2, -1):
        with pytest.raises(IndexError):
            batches[step]


def test_several_labels_and_free_texts() -> None:
    examples = Examples.of([Example(None, None, ("class 1", "class 3"), "free text")])
    batch = train(make_clips(1), examples)[0]
    assert batch.targets[0].nonzero().flatten().tolist() == [1, 3]
    free = train(make_clips(1), examples, classes=())[0]
    assert free.targets.shape == (4, 0)
    assert torch.equal(free.tokens, tokenize(["free text"] * 4, 8))


@pytest.mark.parametrize("classes", [("a", "b", "c"), ()])
def test_class_weights_are_inverse_frequencies_of_mean_one(classes: tuple[str, ...]) -> None:
    labels = [("a",), ("a",), ("a", "b"), ("c",)]  # a: 3, b: 1, c: 1
    examples = Examples.of(Example(None, None, names, str(row)) for row, names in enumerate(labels))
    batch = train(make_clips(4), examples, classes=classes, class_weights=True)[0]
    assert batch.weights is not None
    expected = np.array([1 / 3, 1 / 3, 4 / 3, 1]) * 4 / 3
    order = [tokenize([str(row)], 8).tolist()[0] for row in range(4)]
    found = {order.index(tokens): weight for tokens, weight in zip(batch.tokens.tolist(), batch.weights, strict=True)}
    assert np.allclose([float(found[row]) for row in range(4)], expected)
    assert float(batch.weights.mean()) == pytest.approx(1)


@pytest.mark.parametrize(("labels", "expected"), [([(), ()], [1, 1]), ([("a",), ()], [1, 1])])
def test_rows_without_labels_weigh_one(labels: list[tuple[str, ...]], expected: list[float]) -> None:
    examples = Examples.of(Example(None, None, names, str(row)) for row, names in enumerate(labels))
    batch = train(make_clips(2), examples, classes=(), class_weights=True)[0]
    assert batch.weights is not None
    assert batch.weights.tolist() == pytest.approx(expected * 2)


def test_shards_are_read_a_few_at_a_time() -> None:
    shards, per_shard = 2 * SHARD_WINDOW + 3, 4
    names = [f"{shard}" for shard in range(shards) for _ in range(per_shard)]
    examples = Examples.of(Example(Place(f"{name}.tar", 512, 10), None, (name,), name) for name in names)
    classes = [f"{shard}" for shard in range(shards)]
    batches = train(make_clips(len(names)), examples, classes=classes, batch_size=len(names), steps=2)
    first, second = rows(batches, [0]), rows(batches, [1])
    assert sorted(first) == sorted(second) == sorted(int(name) for name in names)
    window = SHARD_WINDOW * per_shard
    for order in (first, second):
        parts = [set(order[start : start + window]) for start in range(0, len(order), window)]
        assert [len(part) for part in parts] == [SHARD_WINDOW, SHARD_WINDOW, 3]
        assert len(set(order[:per_shard])) > 1  # mixed within
    assert set(first[:window]) != set(second[:window])


def picture(path: Path, colour: tuple[int, int, int]) -> Place:
    Image.new("RGB", (40, 30), colour).save(path)
    return Place(str(path))


def test_pictures_are_preprocessed_as_published(tmp_path: Path) -> None:
    place = picture(tmp_path / "a.png", (200, 40, 90))
    batch = train(None, named(image=place))[0]
    assert batch.pixels is not None
    assert batch.pixels.shape == (4, 3, 16, 16)
    with Image.open(place.path) as image:
        assert torch.equal(batch.pixels[2], preprocess_image(image, 16))


def test_of_videos_one_of_ten_frames_is_drawn_and_the_middle_one_tested(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", colours=[(20 * n, 0, 250 - 20 * n) for n in range(10)], duration_s=2.0)
    frames = [preprocess_image(load_frame(path, share=share), 16) for share in np.arange(0.05, 1, 0.1)]
    drawn = train(None, named(image=Place(str(path))), batch_size=20)[0].pixels
    assert drawn is not None
    seen = [[torch.equal(pixels, frame) for frame in frames].index(True) for pixels in drawn]
    assert len(set(seen)) > 3
    (tested,) = EvalBatches(None, named(1, image=Place(str(path))), classes=CLASSES, batch_size=4, **COMMON)
    assert tested.pixels is not None
    assert torch.equal(tested.pixels[0], preprocess_image(load_frame(path, share=0.5), 16))


def test_of_a_part_of_a_video_the_frames_are_the_parts(tmp_path: Path) -> None:
    path = make_video(tmp_path / "a.mp4", duration_s=4.0)  # red for two seconds, then blue
    pixels = train(None, named(image=Place(str(path)), start_s=2.2, duration_s=1.0), batch_size=20)[0].pixels
    assert pixels is not None
    red, _, blue = pixels.mean(dim=(0, 2, 3))
    assert blue > red + 1


def test_a_damaged_example_is_replaced_whole_and_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    places = [picture(tmp_path / f"{row}.png", (20 * row, 0, 0)) for row in range(COUNT)]
    (tmp_path / "4.png").write_bytes(b"broken")
    examples = Examples.of(Example(None, place, (name,), name) for place, name in zip(places, CLASSES, strict=True))
    batches = train(None, examples, batch_size=COUNT)
    with caplog.at_level(logging.WARNING):
        first, second = batches[0], batches[1]
    for batch in (first, second):
        assert sorted(batch.targets.argmax(dim=1).tolist()) == [0, 1, 2, 3, 5, 5, 6, 7, 8, 9]
        assert batch.pixels is not None
        for row, pixels in zip(batch.targets.argmax(dim=1).tolist(), batch.pixels, strict=True):
            with Image.open(places[row].path) as image:
                assert torch.equal(pixels, preprocess_image(image, 16))
    assert [record.getMessage().count("4.png") for record in caplog.records] == [1]


def test_too_many_damaged_examples_end_it(tmp_path: Path) -> None:
    examples = named(audio=Place(str(tmp_path / "gone.wav")))
    clips = LiveClips(examples, InputForm(rate_hz=8_000, channels=1, duration_s=1.0, stretch=False))
    with pytest.raises(DataError, match=r"gone\.wav: No such file.*19 more in a row\. Fetch the damaged files again"):
        train(clips, examples)[0]


def test_evaluation_is_in_order_and_leaves_nothing_out() -> None:
    clips = make_clips()
    batches = EvalBatches(clips, named(), classes=CLASSES, batch_size=4, **COMMON)
    assert len(batches) == 3
    read = list(batches)
    assert [len(batch.targets) for batch in read] == [4, 4, 2]
    assert torch.equal(torch.cat([batch.targets for batch in read]), torch.eye(COUNT))
    audio = [clip for batch in read if batch.audio is not None for clip in batch.audio]
    for clip, given in zip(audio, clips, strict=True):
        assert torch.equal(clip, torch.from_numpy(fit_clip(given, 300)))


def test_a_loader_starts_anywhere_and_keeps_its_length() -> None:
    before = torch.get_rng_state()
    read = list(loader(train(class_weights=True), start=7, workers=0))
    assert len(loader(train(), start=7, workers=0)) == 10
    assert [batch.step for batch in read] == [7, 8, 9]
    assert_same(read[1], train(class_weights=True)[8])
    assert torch.equal(torch.get_rng_state(), before)


def test_a_loader_in_other_processes_gives_the_same_batches() -> None:
    batches = train(class_weights=True, steps=3)
    loaded = loader(batches, workers=1)
    for batch, step in zip(chain(loaded, loaded), (0, 1, 2, 0, 1, 2), strict=True):
        assert isinstance(batch, TrainBatch)
        assert_same(batch, batches[step])


def test_workers_do_not_hear_an_interruption_even_while_they_start() -> None:
    """Ctrl-C reaches every process of a terminal; a worker that dies of it would take the training with it."""
    batches = train(class_weights=True, steps=2)
    before = signal.getsignal(signal.SIGINT)
    iterator = iter(loader(batches, workers=1))
    assert signal.getsignal(signal.SIGINT) is before
    os.kill(iterator._workers[0].pid, signal.SIGINT)
    assert_same(next(iterator), batches[0])
