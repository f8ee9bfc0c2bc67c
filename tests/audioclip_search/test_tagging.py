"""From cosines to tags: calibration against a library's background, rivals, none of these."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audioclip_search.errors import QueryError
from audioclip_search.labels import Label
from audioclip_search.tagging import TEMPLATES, THRESHOLD, Tagger, as_templates, label_vectors
from audioclip_search.types import FloatArray

DIM = 48
RANDOM = np.random.default_rng(20261124)


def units(count: int, *, seed: int = 0) -> FloatArray:
    vectors = np.random.default_rng(seed).standard_normal((count, DIM)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def near(centre: FloatArray, count: int, *, noise: float = 0.6, seed: int = 0) -> FloatArray:
    vectors = centre + noise * units(count, seed=seed)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


LABELS = units(6, seed=1)
ORDINARY = units(50, seed=2)
# A level that everything has in common, as pictures have for all words, and no cosine alone can know.
COMMON = units(1, seed=3)[0]


def windows_of(label: int, count: int, *, seed: int = 0) -> FloatArray:
    return near(LABELS[label] + 0.5 * COMMON, count, seed=seed)


def library(*counts: int, others: int = 200) -> tuple[FloatArray, list[int]]:
    parts = [windows_of(label, count, seed=label) for label, count in enumerate(counts)]
    parts.append(near(0.8 * COMMON, others, noise=1.0, seed=99))
    labels = [label for label, count in enumerate(counts) for _ in range(count)] + [-1] * others
    return np.concatenate(parts).astype(np.float32), labels


def tags(tagger: Tagger, windows: FloatArray) -> list[list[int]]:
    return [np.flatnonzero(row >= THRESHOLD).tolist() for row in tagger.probabilities(windows)]


@pytest.mark.parametrize("counts", [(20, 20, 20), (1, 0, 0), (200, 0, 3), (0, 0, 0)])
def test_windows_get_their_label_and_others_none(counts: tuple[int, ...]) -> None:
    windows, truth = library(*counts)
    tagger = Tagger.calibrated(LABELS, ordinary=ORDINARY, background=windows)
    found = tags(tagger, windows)
    right = [got == ([] if true < 0 else [true]) for got, true in zip(found, truth, strict=True)]
    assert np.mean(right) >= 0.95
    assert not tagger.groups()


def test_a_library_of_one_kind_alone_is_tagged() -> None:
    windows = windows_of(0, 60)
    tagger = Tagger.calibrated(LABELS, ordinary=ORDINARY, background=windows)
    assert sum(got == [0] for got in tags(tagger, windows)) >= 57


def test_one_file_alone_is_judged_by_how_labels_are_in_general() -> None:
    windows = windows_of(2, 1)
    tagger = Tagger.calibrated(LABELS, ordinary=ORDINARY, background=windows)
    assert tags(tagger, windows) == [[2]]


def test_each_label_has_its_own_threshold() -> None:
    """A label that is near to everything is no tag of everything."""
    near_all = LABELS[1] + 1.2 * COMMON
    labels = np.stack([LABELS[0], near_all / np.linalg.norm(near_all)]).astype(np.float32)
    windows, truth = library(15, 15)
    tagger = Tagger.calibrated(labels, ordinary=ORDINARY, background=windows)
    cosines = windows @ labels.T
    assert cosines[np.array(truth) < 0, 1].mean() > cosines[np.array(truth) < 0, 0].mean() + 0.2
    found = tags(tagger, windows)
    assert sum(1 in got for got, true in zip(found, truth, strict=True) if true < 0) <= 2
    assert sum(got == [1] for got, true in zip(found, truth, strict=True) if true == 1) >= 13


def test_labels_that_the_model_cannot_tell_apart_compete() -> None:
    twin = near(LABELS[0], 1, noise=0.05)[0]
    labels = np.concatenate([LABELS, twin[None]]).astype(np.float32)
    windows, _ = library(20, 20, 20)
    tagger = Tagger.calibrated(labels, ordinary=ORDINARY, background=windows)
    assert tagger.groups() == [[0, 6]]
    assert all(len(got) <= 1 for got in tags(tagger, windows))


def test_a_window_with_two_sounds_can_have_both_labels() -> None:
    windows, _ = library(20, 20, 20)
    both = near(LABELS[0] + LABELS[1] + 0.5 * COMMON, 10, noise=0.3)
    tagger = Tagger.calibrated(LABELS, ordinary=ORDINARY, background=windows)
    assert sum(got == [0, 1] for got in tags(tagger, both)) >= 8


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 40), st.integers(1, 8), st.integers(0, 2**32 - 1))
def test_probabilities_are_probabilities(windows: int, labels: int, seed: int) -> None:
    background = units(windows, seed=seed)
    tagger = Tagger.calibrated(units(labels, seed=seed + 1), ordinary=ORDINARY, background=background)
    probabilities = tagger.probabilities(background)
    assert probabilities.shape == (windows, labels)
    assert probabilities.dtype == np.float32
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    assert (tagger.alike == tagger.alike.T).all()


def test_identical_windows_do_no_harm() -> None:
    background = np.repeat(units(1), 50, axis=0)
    tagger = Tagger.calibrated(LABELS, ordinary=ORDINARY, background=background)
    assert np.isfinite(tagger.probabilities(background)).all()


def test_prompts_of_a_label_are_averaged() -> None:
    asked: list[str] = []

    def encode(texts: Sequence[str]) -> FloatArray:
        asked.extend(texts)
        return np.stack([units(1, seed=sum(text.encode()))[0] for text in texts])

    labels = [Label("dog", ("dog", "hound")), Label("cat", ("cat",)), Label("pet", ("dog",))]
    vectors = label_vectors(labels, ["{label}", "a {label}"], encode)
    assert asked == ["dog", "a dog", "hound", "a hound", "cat", "a cat"]
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    mean = np.mean([units(1, seed=sum(text.encode()))[0] for text in ("cat", "a cat")], axis=0)
    assert np.allclose(vectors[1], mean / np.linalg.norm(mean), atol=1e-6)


def test_templates_name_the_label() -> None:
    assert as_templates(None) == TEMPLATES
    assert as_templates("{label} {label}!") == ("{label} {label}!",)
    for wrong in ("the sound of it", [], ["{label}", "{}"]):
        with pytest.raises(QueryError, match="label"):
            as_templates(wrong)
