"""Banks: the slow part of an example (rendering, decoding, the spectrum, drawing) done once and kept on disk."""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from audioclip_search.media import load_audio
from audioclip_search.model import AudioCLIPConfig
from audioclip_search.model.esresnext import ESResNeXt
from audioclip_search.types import AudioFormat, FloatArray
from trainer.processes import map_in_processes
from trainer.starter.pictures import picture
from trainer.starter.sounds import render
from trainer.starter.takes import augment_waveform, fit_length

OnProgress = Callable[[int, int], None]
Job = TypeVar("Job", "SoundJob", "PictureJob")


@dataclass(frozen=True, slots=True)
class SoundJob:
    """A sound to put into a bank.

    Attributes:
        label: Its label.
        seed: Seed of all that is random about it.
        recording: File to take it from; None renders a procedural sound.
        augmented: Whether a recording is varied.
    """

    label: str
    seed: int
    recording: Path | None = None
    augmented: bool = True


@dataclass(frozen=True, slots=True)
class PictureJob:
    """A picture to put into a bank: an augmented draw of `label` by `seed`."""

    label: str
    seed: int


@dataclass(frozen=True, slots=True)
class Bank:
    """Examples on disk and their labels. Only the path travels to other processes, not the examples.

    Attributes:
        path: File of the examples, in NumPy's format.
        labels: `(n,)` label of each.
    """

    path: Path
    labels: NDArray[np.str_]

    @property
    def examples(self) -> NDArray[Any]:
        """Memory-mapped `(n, …)`: float16 `(filters, time)` dB, or uint8 `(side, side, 3)`."""
        examples: NDArray[Any] = np.load(self.path, mmap_mode="r")
        return examples

    def rows(self, label: str) -> NDArray[np.intp]:
        """Indices of a label's examples."""
        return np.flatnonzero(self.labels == label)


@functools.cache
def _front_end(config: AudioCLIPConfig) -> tuple[ESResNeXt, torch.Tensor]:
    tower = ESResNeXt(config).eval()
    return tower, tower.fbsp.kernel().detach()


@functools.lru_cache(maxsize=16)
def _recording(path: Path, config: AudioCLIPConfig) -> FloatArray:
    samples: FloatArray = load_audio(path, AudioFormat(rate_hz=config.rate_hz, channels=1))[0]
    return samples


def waveform(job: SoundJob, config: AudioCLIPConfig) -> FloatArray:
    """The sound of a job, float32 `(samples,)` in [-1, 1], one window of the model long."""
    rng = np.random.default_rng(job.seed)
    length = round(config.window_s * config.rate_hz)
    if job.recording is None:
        return render(job.label, rng, duration_s=config.window_s, rate_hz=config.rate_hz)
    samples = _recording(job.recording, config)
    return augment_waveform(samples, length, rng) if job.augmented else fit_length(samples, length)


def _spectrogram(config: AudioCLIPConfig, job: SoundJob) -> NDArray[np.float16]:
    tower, kernel = _front_end(config)
    samples = torch.from_numpy(np.ascontiguousarray(waveform(job, config)))
    with torch.inference_mode():
        decibels = tower.spectrogram_db(samples[None, None], kernel)  # (1, 1, 3, height, time)
    return decibels.flatten(0, 3).half().numpy()  # (filters, time)


def _picture(config: AudioCLIPConfig, job: PictureJob) -> NDArray[np.uint8]:
    return np.asarray(picture(job.label, np.random.default_rng(job.seed), side_px=config.image_size), dtype=np.uint8)


def _build(
    work: Callable[[AudioCLIPConfig, Job], NDArray[Any]],
    jobs: Sequence[Job],
    config: AudioCLIPConfig,
    folder: Path,
    on_progress: OnProgress,
) -> Bank:
    key = hashlib.sha256(repr((work.__name__, jobs, config)).encode()).hexdigest()[:16]
    target = folder / f"{key}.npy"
    labels = np.array([job.label for job in jobs])
    if not target.exists():
        folder.mkdir(parents=True, exist_ok=True)
        first: NDArray[Any] = work(config, jobs[0])
        unfinished = target.with_suffix(f".{os.getpid()}.npy")
        array = np.lib.format.open_memmap(unfinished, "w+", first.dtype, (len(jobs), *first.shape))
        results: Iterable[NDArray[Any]] = map_in_processes(functools.partial(work, config), jobs, os.cpu_count() or 1)
        for done, example in enumerate(results):
            array[done] = example
            on_progress(done + 1, len(jobs))
        array.flush()
        unfinished.replace(target)
    return Bank(target, labels)


def sound_bank(jobs: Sequence[SoundJob], config: AudioCLIPConfig, folder: Path, on_progress: OnProgress) -> Bank:
    """Log-power spectrograms of every job's sound, computed in all cores' processes, or read again from `folder`.

    The filter bank is a new model's: a recipe that uses a bank keeps its filters as they are. A changed generator or
    augmentation needs another `folder`.

    Raises:
        MediaError: A recording can't be read.
    """
    return _build(_spectrogram, jobs, config, folder, on_progress)


def picture_bank(jobs: Sequence[PictureJob], config: AudioCLIPConfig, folder: Path, on_progress: OnProgress) -> Bank:
    """Every job's picture, in the size of the image tower."""
    return _build(_picture, jobs, config, folder, on_progress)
