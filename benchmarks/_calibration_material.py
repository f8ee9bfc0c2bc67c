"""What `calibration.py` works on: sounds and texts as the starter model's vectors, and libraries drawn from them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audioclip_search.calibration import background_texts
from audioclip_search.encoder import Encoder
from audioclip_search.media import load_audio, split_segments
from audioclip_search.types import FloatArray
from trainer.datasets import open_dataset
from trainer.starter.captions import HELD_OUT_QUERIES, LABELS
from trainer.starter.pictures import picture
from trainer.starter.sounds import SOUND_NAMES, render

UNKNOWN = "?"
EXAM_FOLD = 4
DIM = 1024
PICTURE_PX = 128
FIT_SEED, EXAM_SEED = 777, 888


@dataclass(frozen=True, slots=True)
class Sounds:
    """Windows: their vectors `(n, dim)`, what each is, and the number of the file it is of."""

    vectors: FloatArray
    labels: NDArray[np.str_]
    files: NDArray[np.intp]

    def only(self, chosen: NDArray[np.bool_]) -> Sounds:
        """Those chosen, windows `(n,)`."""
        return Sounds(self.vectors[chosen], self.labels[chosen], self.files[chosen])

    def __add__(self, other: Sounds) -> Sounds:
        files = np.concatenate([self.files, other.files + (self.files.max(initial=-1) + 1)])
        return Sounds(np.concatenate([self.vectors, other.vectors]), np.concatenate([self.labels, other.labels]), files)


@dataclass(frozen=True, slots=True)
class Asked:
    """Queries: their words, their vectors `(q, dim)`, and what answers each; `UNKNOWN` for nothing."""

    words: tuple[str, ...]
    vectors: FloatArray
    labels: NDArray[np.str_]

    def only(self, chosen: NDArray[np.bool_]) -> Asked:
        """Those chosen, `(q,)`."""
        words = tuple(word for word, wanted in zip(self.words, chosen, strict=True) if wanted)
        return Asked(words, self.vectors[chosen], self.labels[chosen])


@dataclass(frozen=True, slots=True)
class Texts:
    """All texts: the background's vectors, queries to fit by, the exam's names, other wordings and unknown things."""

    background: FloatArray
    fit: Asked
    names: Asked
    wordings: Asked
    unknown: Asked


@dataclass(frozen=True, slots=True)
class Library:
    """A library to ask: what was done to the model, its sounds, the background's vectors and the queries."""

    variant: str
    sounds: Sounds
    background: FloatArray
    asked: Asked


def texts(encoder: Encoder) -> Texts:
    """Encode everything that is asked."""
    lists = tomllib.loads((Path(__file__).parent / "calibration_queries.toml").read_text(encoding="utf-8"))
    fit = [(words, label) for label, phrases in lists["fit"].items() for words in phrases]
    fit += [(words, UNKNOWN) for words in lists["fit_unknown"]]

    def asked(queries: Sequence[tuple[str, str]]) -> Asked:
        words, labels = zip(*queries, strict=True)
        return Asked(words, encoder.encode_texts(words), np.array(labels))

    return Texts(
        background=encoder.encode_texts(background_texts()),
        fit=asked(fit),
        names=asked([(label.replace("_", " "), label) for label in LABELS]),
        wordings=asked(HELD_OUT_QUERIES),
        unknown=asked([(words, UNKNOWN) for words in lists["exam_unknown"]]),
    )


def rendered(encoder: Encoder, *, seed: int, draws: int) -> Sounds:
    """So many new sounds of every procedural kind, one window each."""
    rate_hz = encoder.audio_format.rate_hz
    labels = [name for name in SOUND_NAMES for _ in range(draws)]
    clips = (
        render(name, np.random.default_rng([seed, i, draw]), rate_hz=rate_hz)[None]
        for i, name in enumerate(SOUND_NAMES)
        for draw in range(draws)
    )
    return Sounds(
        np.concatenate([encoder.encode_audio([clip]) for clip in clips]), np.array(labels), np.arange(len(labels))
    )


def recordings(encoder: Encoder, data: Path) -> Sounds:
    """ESC-10's recordings that the starter never learnt from, by the windows an index would have."""
    vectors, labels, files = [], [], []
    for number, example in enumerate(open_dataset("esc10", data).examples):
        if example.fold != EXAM_FOLD or example.audio is None:
            continue
        samples = load_audio(Path(example.audio.path), encoder.audio_format)
        segments = [segment.samples for segment in split_segments(samples, encoder.audio_format)]
        vectors.append(encoder.encode_audio(segments))
        labels += [example.labels[0].replace(" ", "_")] * len(segments)
        files += [number] * len(segments)
    return Sounds(np.concatenate(vectors), np.array(labels), np.array(files))


def pictures(encoder: Encoder, *, draws: int) -> Asked:
    """So many new pictures of every kind, as queries."""
    jobs = [
        (label, np.random.default_rng([EXAM_SEED, i, draw])) for i, label in enumerate(LABELS) for draw in range(draws)
    ]
    pixels = [encoder.prepare_image(picture(label, rng, side_px=PICTURE_PX)) for label, rng in jobs]
    labels = tuple(label for label, _ in jobs)
    return Asked(labels, encoder.encode_images(pixels), np.array(labels))


@dataclass(frozen=True, slots=True)
class Variant:
    """How another model might differ: noise in texts and in sounds, of that norm before renormalising, and how far each
    of them lies off in a direction of its own."""

    text_noise: float = 0.0
    sound_noise: float = 0.0
    text_gap: float = 0.0
    sound_gap: float = 0.0


VARIANTS: Mapping[str, Variant] = {
    "as it is": Variant(),
    "gap": Variant(text_gap=1.5, sound_gap=1.0),
    "noise": Variant(0.5, 1.0),
    "noise and gap": Variant(0.7, 1.5, 1.0, 1.0),
    "more noise": Variant(1.0, 2.5),
}


def varied(library: Library, rng: np.random.Generator) -> Library:
    """The library as the variant of the model would have it, in `DIM` dimensions."""
    variant = VARIANTS[library.variant]
    dim = library.background.shape[1]
    rotation = np.linalg.qr(rng.standard_normal((DIM, dim)))[0].T  # (dim, DIM)
    text_gap, sound_gap = unit(rng.standard_normal((2, DIM))) * [[variant.text_gap], [variant.sound_gap]]

    def moved(vectors: FloatArray, noise: float, gap: FloatArray) -> FloatArray:
        spread = noise / DIM**0.5 * rng.standard_normal((len(vectors), DIM))
        return unit(vectors @ rotation + spread + gap)

    sounds, asked = library.sounds, library.asked
    return Library(
        library.variant,
        Sounds(moved(sounds.vectors, variant.sound_noise, sound_gap), sounds.labels, sounds.files),
        moved(library.background, variant.text_noise, text_gap),
        Asked(asked.words, moved(asked.vectors, variant.text_noise, text_gap), asked.labels),
    )


def drawn(
    sounds: Sounds, background: FloatArray, asked: Asked, *, count: int, rng: np.random.Generator
) -> Iterator[Library]:
    """Libraries of some of the kinds, unequally many files of each, by every variant of the model in turn. In some,
    part or all of what the background says of their sounds is taken out of it."""
    kinds = np.unique(sounds.labels)
    reached = np.quantile((asked.vectors @ sounds.vectors.T)[asked.labels[:, None] == sounds.labels], 0.1)
    for number in range(count):
        there = rng.choice(kinds, rng.integers(4, len(kinds)), replace=False)
        chosen = np.zeros(len(sounds.labels), bool)
        for kind in there:
            rows = np.flatnonzero(sounds.labels == kind)
            chosen[rng.choice(rows, rng.integers(1, len(rows) + 1), replace=False)] = True
        told = (background @ sounds.vectors[chosen].T).max(axis=1) > reached
        kept = ~told | (rng.random(len(background)) >= rng.choice([0, 0.5, 1], p=[0.6, 0.25, 0.15]))
        variant = list(VARIANTS)[number % len(VARIANTS)]
        yield varied(Library(variant, sounds.only(chosen), background[kept], asked), rng)


def unit(vectors: FloatArray) -> FloatArray:
    """The rows at unit norm, float32."""
    rows: FloatArray = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return rows
