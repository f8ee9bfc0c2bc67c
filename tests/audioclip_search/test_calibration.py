from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from audioclip_search.calibration import (
    DEFAULT_MIN_SCORE,
    SAMPLE_WINDOWS,
    Background,
    Scale,
    background_texts,
)
from audioclip_search.encoder import Encoder
from audioclip_search.types import FloatArray, Modality

DIM = 256
AUDIO, IMAGE, TEXT = Modality.AUDIO, Modality.IMAGE, Modality.TEXT


def unit(vectors: FloatArray) -> FloatArray:
    rows: FloatArray = (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)
    return rows


class World:
    """Kinds of things in a space; a text or window of a kind lies near its centre, and texts and windows each lie off
    in a direction of their own."""

    def __init__(self, seed: int = 0, *, kinds: int = 40, gap: float = 0.0, noise: float = 0.5) -> None:
        self.rng = np.random.default_rng(seed)
        self.centres = unit(self.rng.standard_normal((kinds, DIM)))
        self.gaps = gap * unit(self.rng.standard_normal((2, DIM)))
        self.noise = noise

    def texts(self, kinds: object) -> FloatArray:
        return self._near(kinds, self.gaps[0], 0.3)

    def windows(self, kinds: object) -> FloatArray:
        return self._near(kinds, self.gaps[1], self.noise)

    def _near(self, kinds: object, gap: FloatArray, noise: float) -> FloatArray:
        centres = self.centres[kinds]
        return unit(centres + gap + noise / DIM**0.5 * self.rng.standard_normal(centres.shape))


def library(world: World, kinds: object) -> Background:
    return Background.of(world.texts(np.arange(40)), {AUDIO: world.windows(kinds)})


def best(background: Background, query: FloatArray, windows: FloatArray, asked: Modality = TEXT) -> float:
    return float(background.scores(query, windows @ query, AUDIO, asked=asked).max())


@pytest.mark.parametrize("gap", [0.0, 1.0, 2.0])
@pytest.mark.parametrize("noise", [0.3, 1.0])
@pytest.mark.parametrize("files", [60, 600])
def test_what_is_there_scores_high_and_what_is_not_low_whatever_the_models_cosines(
    gap: float, noise: float, files: int
) -> None:
    world = World(gap=gap, noise=noise)
    kinds = np.arange(files) % 20  # of 40
    windows = world.windows(kinds)
    background = Background.of(world.texts(np.arange(40)), {AUDIO: windows})
    there = [best(background, query, windows) for query in world.texts(np.arange(20))]
    absent = [best(background, query, windows) for query in world.texts(np.arange(20, 40))]
    assert np.mean(np.array(there) >= DEFAULT_MIN_SCORE) >= 0.9
    assert np.mean(np.array(absent) < DEFAULT_MIN_SCORE) >= 0.9


def test_sounds_are_read_against_the_librarys_other_sounds() -> None:
    world = World(gap=1.0)
    windows = world.windows(np.arange(200) % 20)
    background = Background.of(world.texts(np.arange(40)), {AUDIO: windows})
    there = [best(background, query, windows, AUDIO) for query in world.windows(np.arange(20))]
    absent = [best(background, query, windows, AUDIO) for query in world.windows(np.arange(20, 40))]
    assert np.median(there) > 0.5
    assert np.median(absent) < DEFAULT_MIN_SCORE


def test_windows_of_one_file_are_no_likeness_between_files() -> None:
    world = World()
    one_each = world.windows(np.arange(30))
    windows = unit(np.repeat(one_each, 4, axis=0) + 0.01 * world.rng.standard_normal((120, DIM)))
    texts = world.texts(np.arange(40))
    told = Background.of(texts, {AUDIO: windows}, {AUDIO: np.repeat(np.arange(30), 4)})
    untold = Background.of(texts, {AUDIO: windows})
    query = windows[0]
    assert told.scale(query, AUDIO, asked=AUDIO).match < untold.scale(query, AUDIO, asked=AUDIO).match


def test_a_model_that_knows_nothing_is_seldom_sure() -> None:
    rng = np.random.default_rng(0)
    windows, texts, queries = (unit(rng.standard_normal((rows, DIM))) for rows in (500, 128, 50))
    background = Background.of(texts, {AUDIO: windows})
    scores = np.array([best(background, query, windows) for query in queries])
    assert np.mean(scores > 0.8) < 0.2


def test_a_folder_of_one_kind_alone_is_found_by_its_name_and_by_nothing_else() -> None:
    world = World()
    windows = world.windows(np.zeros(100, int))
    background = Background.of(world.texts(np.arange(40)), {AUDIO: windows})
    name, another = world.texts(np.array([0, 7]))
    assert best(background, name, windows) >= DEFAULT_MIN_SCORE > best(background, another, windows)
    assert best(background, world.windows([0])[0], windows, AUDIO) >= DEFAULT_MIN_SCORE


def test_a_composed_query_finds_what_each_of_its_terms_asks_for() -> None:
    world = World(gap=0.5)
    windows = world.windows(np.arange(200) % 20)
    background = Background.of(world.texts(np.arange(40)), {AUDIO: windows})
    first, second, gone = world.texts(np.array([1, 1, 30]))
    likewise, example = unit(first + second), unit(first + world.windows([1])[0])
    asked = {TEXT: 1.0, AUDIO: 1.0}
    assert best(background, likewise, windows) >= DEFAULT_MIN_SCORE
    assert background.scores(example, windows @ example, AUDIO, asked=asked).max() >= DEFAULT_MIN_SCORE
    less = unit(first - 0.5 * gone)
    assert best(background, less, windows) >= DEFAULT_MIN_SCORE


def test_weights_below_zero_count_only_when_there_are_no_others() -> None:
    world = World(gap=1.0)
    background = Background.of(world.texts(np.arange(40)), {AUDIO: world.windows(np.arange(100) % 20)})
    query = world.texts([3])[0]
    alone = background.scale(query, AUDIO, asked=TEXT)
    for asked in ({TEXT: 0.3, AUDIO: -2}, {TEXT: -1}):
        scale = background.scale(query, AUDIO, asked=asked)
        assert (scale.middle, scale.match) == pytest.approx((alone.middle, alone.match))


def test_pictures_in_a_library_without_any_are_read_like_texts_but_more_kindly() -> None:
    world = World()
    background = library(world, np.arange(100) % 20)
    query = world.texts([3])[0]
    as_text, as_picture = (background.scale(query, AUDIO, asked=asked) for asked in (TEXT, IMAGE))
    assert as_picture.middle == as_text.middle < as_picture.match < as_text.match


@pytest.mark.parametrize("files", [0, 1, 2, 5, 19, 21])
@pytest.mark.parametrize("texts", [0, 1, 128])
def test_any_size_of_library_and_background_gives_scores(files: int, texts: int) -> None:
    rng = np.random.default_rng(files)
    windows = {modality: unit(rng.standard_normal((files, DIM))) for modality in (AUDIO, TEXT)}
    background = Background.of(unit(rng.standard_normal((texts, DIM))), windows)
    cosines = np.linspace(-1, 1, 7, dtype=np.float32)
    query = unit(rng.standard_normal(DIM))
    for target in Modality:
        for asked in Modality:
            scores = background.scores(query, cosines, target, asked=asked)
            assert scores.dtype == np.float32 and scores[0] < 0.1 and scores[-1] > 0.5
            assert (np.diff(scores) >= 0).all()


def test_windows_of_several_modalities_have_each_their_own_scale() -> None:
    world = World(gap=2.0)
    texts = world.texts(np.arange(40))
    windows = {AUDIO: world.windows(np.arange(100) % 20), TEXT: world.texts(np.arange(50) % 20)}
    background = Background.of(texts, windows)
    query = world.texts([3])[0]
    cosines = np.concatenate([windows[AUDIO][:4], windows[TEXT][:4]]) @ query
    mixed = background.scores(query, cosines, [AUDIO] * 4 + [TEXT] * 4)
    assert mixed.tolist() == [
        *background.scores(query, cosines[:4], AUDIO).tolist(),
        *background.scores(query, cosines[4:], TEXT).tolist(),
    ]
    assert background.scores(query, np.zeros(0, np.float32), []).shape == (0,)


def test_the_same_library_has_the_same_background_and_a_sample_is_enough() -> None:
    world = World()
    texts, windows = world.texts(np.arange(40)), world.windows(np.arange(SAMPLE_WINDOWS + 50) % 20)
    query = world.texts([0])[0]
    scales = {Background.of(texts, {AUDIO: rows}).scale(query, AUDIO) for rows in (windows, windows[:SAMPLE_WINDOWS])}
    assert len(scales) == 1


VALUES = st.floats(-1, 1, width=32)


@given(
    arrays.arrays(np.float32, st.tuples(st.integers(0, 6), st.just(4)), elements=VALUES),
    arrays.arrays(np.float32, st.tuples(st.integers(0, 30), st.just(4)), elements=VALUES),
    arrays.arrays(np.float32, 4, elements=VALUES),
    arrays.arrays(np.float32, st.integers(0, 9), elements=st.floats(-1, 1, width=32) | st.just(float("nan"))),
    st.tuples(st.dictionaries(st.sampled_from(Modality), st.floats(-3, 3)), st.sampled_from(Modality)),
)
def test_scores_are_bounded_and_ordered_like_the_cosines(
    texts: FloatArray,
    windows: FloatArray,
    query: FloatArray,
    cosines: FloatArray,
    asked: tuple[dict[Modality, float], Modality],
) -> None:
    weights, target = asked
    background = Background.of(texts, {target: windows})
    scores = background.scores(query, np.sort(cosines), target, asked=weights)
    assert ((scores >= 0) & (scores <= 1)).all()  # so no NaN either
    assert (np.diff(scores[: np.isfinite(cosines).sum()]) >= 0).all()


def test_a_scale_reads_the_middle_as_no_match_and_a_match_as_one() -> None:
    scale = Scale(middle=0.1, match=0.3)
    middle, match = scale.scores(np.array([0.1, 0.3], np.float32)).tolist()
    assert middle < 0.01 and match > 0.8


def test_a_random_model_gives_scores(tiny_encoder: Encoder) -> None:
    texts = tiny_encoder.encode_texts(background_texts()[:16])
    rng = np.random.default_rng(0)
    windows = tiny_encoder.encode_audio([rng.uniform(-0.5, 0.5, (1, 8_000)).astype(np.float32) for _ in range(11)])
    query = tiny_encoder.encode_texts(["rain on a tent"])[0]
    scores = Background.of(texts, {AUDIO: windows}).scores(query, windows @ query, AUDIO)
    assert scores.shape == (11,) and np.isfinite(scores).all()


def test_the_background_is_a_bounded_list_of_different_texts() -> None:
    texts = background_texts()
    assert len(texts) == 128 == len(set(texts))
    assert all(text == text.strip().lower() and text for text in texts)
