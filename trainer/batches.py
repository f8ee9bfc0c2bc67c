"""Batches as pure functions of a seed and a step, whichever process or worker makes them."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from audioclip_search.errors import MediaError
from audioclip_search.media import load_frame, load_image
from audioclip_search.model import preprocess_image, tokenize
from audioclip_search.types import FloatArray
from trainer.clips import Clips, locate
from trainer.datasets.examples import Example, Examples, Place, targets
from trainer.errors import DataError
from trainer.processes import deaf_children
from trainer.waves import Augmentation, augment_clip, fit_clip

logger = logging.getLogger(__name__)

SHARD_WINDOW = 16
"""How many shards are read from at a time."""

_FRAMES = 10  # of a video, evenly spaced, one of which is drawn (section 3.1)
_MAX_DAMAGED = 20  # in a row: more is no accident
_ORDER, _ROW = 0, 1  # streams of randomness


class TrainBatch(NamedTuple):
    """Rows of one step that belong to one process.

    Attributes:
        audio: float32 `(rows, channels, samples)` in about [-1, 1].
        pixels: float32 `(rows, 3, side, side)`, normalised.
        tokens: int64 `(rows, context_length)`.
        targets: float32 `(rows, classes)`, 1 or 0.
        weights: float32 `(rows,)`, 1 on average over all examples.
        step: Which batch this is.
    """

    audio: Tensor | None
    pixels: Tensor | None
    tokens: Tensor
    targets: Tensor
    weights: Tensor | None
    step: int


class EvalBatch(NamedTuple):
    """Consecutive examples: `audio`, `pixels` and `targets` as in `TrainBatch`."""

    audio: Tensor | None
    pixels: Tensor | None
    targets: Tensor


class TrainBatches(Dataset[TrainBatch]):
    """The batches of a training; every one is full, and batch `step` depends on the seed and the step alone.

    The rows come from one endless stream: all examples in a random order, then all in another order, and so on. Batch
    `step` is the stream from `step * batch_size` on, so that one batch may belong to two epochs. What is random about a
    row comes from its place in the stream, and thus depends neither on the batch size nor on the number of processes.
    An example with a damaged file is replaced, whole, by the next readable one, and logged.

    If the examples come out of shards, the shards are put in a random order, and rows are mixed among `SHARD_WINDOW` of
    them at a time, so that a disk reads from few files.
    """

    def __init__(
        self,
        clips: Clips | None,
        examples: Examples,
        *,
        classes: Sequence[str],
        length: int,
        augmentation: Augmentation,
        image_size: int,
        context_length: int,
        batch_size: int,
        steps: int,
        seed: int,
        rank: int = 0,
        world: int = 1,
        class_weights: bool = False,
    ) -> None:
        """Prepare the batches.

        Args:
            clips: The examples' sounds, row by row; None for batches without.
            examples: What to train on. If all have a picture or video, the batches have pixels.
            classes: Those that targets are told of, in order; may be empty.
            length: Samples of a clip in a batch.
            augmentation: How sounds vary.
            image_size: Side of a picture, pixels.
            context_length: Tokens of a text.
            batch_size: Rows of a batch, over all processes.
            steps: How many batches there are.
            seed: Of the order and of everything else that is random.
            rank: Which process this is: it takes one contiguous part of every batch.
            world: How many processes there are.
            class_weights: Weigh each row by the sum, over its labels, of one over a label's number of examples.
        """
        self._clips, self._examples, self._classes = clips, examples, tuple(classes)
        self._length, self._augmentation = length, augmentation
        self._image_size = image_size if examples.has_image else None
        self._context_length = context_length
        self._batch_size, self._steps, self._seed = batch_size, steps, seed
        self._part = range(rank * batch_size // world, (rank + 1) * batch_size // world)
        self._shard_of = _shards(examples)
        self._weights = _row_weights(examples, self._classes) if class_weights else None
        self._told: set[Path | None] = set()
        self._latest = (-1, np.empty(0, np.intp))  # an epoch and its order, kept from one call to the next

    def __len__(self) -> int:
        return self._steps

    def __getitem__(self, step: int) -> TrainBatch:
        """This process's part of batch `step`.

        Raises:
            IndexError: There is no such step.
            DataError: Too many files in a row can't be read.
        """
        if not 0 <= step < self._steps:
            raise IndexError(step)
        rows: list[int] = []
        clips: list[FloatArray] = []
        pictures: list[Tensor] = []
        for position in range(step * self._batch_size + self._part.start, step * self._batch_size + self._part.stop):
            row, clip, picture = self._readable(position)
            rows.append(row)
            if clip is not None:
                clips.append(clip)
            if picture is not None:
                pictures.append(picture)
        chosen = np.array(rows, np.intp)
        return TrainBatch(
            audio=torch.from_numpy(np.stack(clips)) if clips else None,
            pixels=torch.stack(pictures) if pictures else None,
            tokens=tokenize([self._examples[row].text for row in rows], self._context_length),
            targets=_targets(self._examples, chosen, self._classes),
            weights=None if self._weights is None else torch.from_numpy(self._weights[chosen]),
            step=step,
        )

    def _readable(self, position: int) -> tuple[int, FloatArray | None, Tensor | None]:
        for attempt in range(_MAX_DAMAGED):
            row = (self._row(position) + attempt) % len(self._examples)
            rng = np.random.default_rng((self._seed, _ROW, position))
            try:
                clip = None if self._clips is None else self._clips[row]
                example = self._examples[row]
                picture = None if self._image_size is None else _picture(example, self._image_size, rng)
            except MediaError as error:
                damage = error
                self._tell(error)
                continue
            return row, None if clip is None else augment_clip(clip, self._length, self._augmentation, rng), picture
        raise DataError(
            f"{damage.reason}; so are {_MAX_DAMAGED - 1} more in a row",
            path=damage.path,
            remedy="Fetch the damaged files again, or take them out of the data set",
        ) from damage

    def _tell(self, error: MediaError) -> None:
        """Once for each file, in each process that makes batches."""
        if error.path not in self._told:
            self._told.add(error.path)
            logger.warning("%s; the next example takes its place", error)

    def _row(self, position: int) -> int:
        epoch, place = divmod(position, len(self._examples))
        if self._latest[0] != epoch:
            self._latest = epoch, self._order(epoch)
        return int(self._latest[1][place])

    def _order(self, epoch: int) -> NDArray[np.intp]:
        rng = np.random.default_rng((self._seed, _ORDER, epoch))
        if self._shard_of is None:
            return rng.permutation(len(self._examples))
        window = rng.permutation(int(self._shard_of.max()) + 1) // SHARD_WINDOW  # of each shard
        return np.lexsort((rng.random(len(self._examples)), window[self._shard_of]))


class EvalBatches(Dataset[EvalBatch]):
    """Examples in their order, each as it is: centred clips, the middle frame of videos. The last batch may be
    smaller. A damaged file raises `MediaError`: a measurement leaves nothing out silently."""

    def __init__(
        self,
        clips: Clips | None,
        examples: Examples,
        *,
        classes: Sequence[str],
        length: int,
        image_size: int,
        batch_size: int,
    ) -> None:
        """Prepare the batches; see `TrainBatches` for the arguments."""
        self._clips, self._examples, self._classes = clips, examples, tuple(classes)
        self._length, self._batch_size = length, batch_size
        self._image_size = image_size if examples.has_image else None

    def __len__(self) -> int:
        return (len(self._examples) + self._batch_size - 1) // self._batch_size

    def __getitem__(self, number: int) -> EvalBatch:
        """Batch `number`.

        Raises:
            IndexError: There is no such batch.
            MediaError: A file can't be read.
        """
        rows = range(len(self._examples))[number * self._batch_size : (number + 1) * self._batch_size]
        if not rows:
            raise IndexError(number)
        audio = pixels = None
        if self._clips is not None:
            audio = torch.from_numpy(np.stack([fit_clip(self._clips[row], self._length) for row in rows]))
        if self._image_size is not None:
            pixels = torch.stack([_picture(self._examples[row], self._image_size, None) for row in rows])
        return EvalBatch(audio, pixels, _targets(self._examples, np.array(rows, np.intp), self._classes))


class Batches(Protocol):
    """Batches by number."""

    def __len__(self) -> int: ...

    def __getitem__(self, step: int, /) -> Any: ...


class ResumableLoader(DataLoader[Any]):
    """A loader that Lightning may resume in the middle of an epoch: it is made to start where it should, so that it
    has no state to keep."""

    def __iter__(self) -> Any:
        """Start the workers."""
        with deaf_children():
            return super().__iter__()

    def state_dict(self) -> dict[str, Any]:
        """Nothing."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Nothing to do."""


class _From(Sampler[int]):
    """`start` to `total - 1`; its length is `total`, which is what Lightning measures an epoch by."""

    def __init__(self, start: int, total: int) -> None:
        self._start, self._total = start, total

    def __iter__(self) -> Iterator[int]:
        return iter(range(self._start, self._total))

    def __len__(self) -> int:
        return self._total


def loader(batches: Batches, *, start: int = 0, workers: int) -> ResumableLoader:
    """Batches in order from `start` on, made ahead of time in spawned processes.

    Args:
        batches: `TrainBatches` or `EvalBatches`.
        start: The first one. The loader's length counts those before it too.
        workers: Processes; 0 makes them in this one.
    """
    return ResumableLoader(
        batches,  # type: ignore[arg-type]  # a Dataset, of which the base class has no length
        batch_size=None,
        sampler=_From(start, len(batches)),
        num_workers=workers,
        multiprocessing_context="spawn" if workers else None,
        persistent_workers=workers > 0,
        generator=torch.Generator(),  # of its own, so that starting a loader moves nobody else's randomness
        pin_memory=torch.cuda.is_available(),
    )


def _picture(example: Example, size: int, rng: np.random.Generator | None) -> Tensor:
    """float32 `(3, size, size)`; of a video a random frame, or the middle one without `rng`."""
    if example.image is None:
        raise ValueError("an example without a picture has no pixels")
    try:
        return preprocess_image(_load_picture(example, example.image, rng), size)
    except MediaError as error:
        locate(error, example.image)
        raise


def _load_picture(example: Example, place: Place, rng: np.random.Generator | None) -> Image.Image:
    if not place.is_video:
        return load_image(place.source())
    share = 0.5 if rng is None else (int(rng.integers(_FRAMES)) + 0.5) / _FRAMES
    if example.duration_s is None:
        return load_frame(place.source(), share=share)
    return load_frame(place.source(), at_s=example.start_s + share * example.duration_s)


def _targets(examples: Examples, rows: NDArray[np.intp], classes: Sequence[str]) -> Tensor:
    return torch.from_numpy(targets(examples.take(rows), classes)) if classes else torch.zeros(len(rows), 0)


def _row_weights(examples: Examples, classes: Sequence[str]) -> FloatArray:
    """float32 `(n,)`, 1 on average: the sum over a row's labels of one over how many rows have the label. A row without
    labels weighs 1."""
    names = classes or sorted({label for labels in examples.labels for label in labels})
    rows, numbers = examples.label_indices(names)
    weights: FloatArray = np.bincount(rows, 1 / np.bincount(numbers)[numbers], len(examples)).astype(np.float32)  # (n,)
    labelled = np.bincount(rows, minlength=len(examples)) > 0
    if labelled.any():
        weights /= weights[labelled].mean()
    weights[~labelled] = 1.0
    return weights


def _shards(examples: Examples) -> NDArray[np.intp] | None:
    """The number of each example's shard; None if they are files of their own."""
    first = examples[0].audio or examples[0].image
    if first is None or first.size is None:
        return None
    places = (example.audio or example.image for example in examples)
    _, numbers = np.unique([place.path if place else "" for place in places], return_inverse=True)
    return numbers
