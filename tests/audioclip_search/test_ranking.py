"""Words and likeness made one score: its bounds, and what goes before what."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioclip_search.ranking import NO_WORDS, WordMatch, WordQuery, fused
from audioclip_search.words import path_words

FREQUENCIES = {"glass": 3, "break": 40, "the": 90, "of": 95, "unheard": 0}
FILES = 100

share = st.floats(0, 1)
match = st.builds(WordMatch, overall=share, exact=st.booleans(), literal=st.booleans(), found=st.just(("a",)))


def words_of(*texts: str, files: int = FILES) -> WordQuery:
    return WordQuery.of(texts, frequency=lambda token: min(FREQUENCIES.get(token, 1), files), files=files)


def test_rare_words_weigh_more_and_all_of_them_one() -> None:
    weights = words_of("the glass of a break").weights
    assert sum(weights.values()) == pytest.approx(1)
    assert weights["glass"] > weights["break"] > weights["the"] > 0
    assert words_of("glass").weights == {"glass": 1.0}
    unknown = words_of("glass unheard").weights
    assert unknown["unheard"] > unknown["glass"]  # a word that no file has still counts


@pytest.mark.parametrize("texts", [(), ("",), ("?! …",)])
def test_without_words_nothing_matches(texts: tuple[str, ...]) -> None:
    words = words_of(*texts)
    assert words.weights == {}
    assert words.match(("glass",), ("glass",), ("glass",)) == NO_WORDS
    assert words.overall(lambda token: [], files=3).tolist() == [0, 0, 0]


@pytest.mark.parametrize("files", [0, 1])
def test_words_of_a_library_without_files_weigh_as_well(files: int) -> None:
    assert sum(words_of("glass break", files=files).weights.values()) == pytest.approx(1)


def test_a_word_counts_once_and_most_in_the_name() -> None:
    words = words_of("glass break")
    name = words.match(("glass", "break"), (), ())
    everywhere = words.match(("glass", "break"), ("glass",), ("break", "glass"))
    metadata = words.match((), (), ("glass", "break"))
    folder = words.match((), ("glass", "break"), ())
    half = words.match(("glass",), (), ())
    assert name.overall == everywhere.overall == pytest.approx(1)
    assert name.overall > metadata.overall > folder.overall > half.overall > 0
    assert (name.name, name.folder, name.metadata) == (pytest.approx(1), 0, 0)
    assert (everywhere.folder, everywhere.metadata) == (pytest.approx(words.weights["glass"]), pytest.approx(1))
    assert sorted(everywhere.found) == ["break", "glass"]
    assert half.found == ("glass",)
    assert words.match(("wood",), (), ()) == NO_WORDS


def test_names_as_a_whole_go_before_all_words_of_a_name_and_to_the_letter_before_those() -> None:
    def score(query: str, path: str) -> float:
        words = path_words(path)
        return words_of(query).match(words.name, words.folder, (), path=path).score

    literal, whole = score("door knocks 02", "DoorKnocks02.wav"), score("door knocks 02", "DoorKnock02.wav")
    more, less = score("door knocks 02", "Door Knock 02 wooden.wav"), score("door knocks 02", "Door Knock.wav")
    assert 1 > literal > whole > more > less > 0


@pytest.mark.parametrize("query", ["glass", "glass break 02", "the break of glass", "unheard"])
def test_all_files_at_once_match_as_each_alone(query: str) -> None:
    rng = np.random.default_rng(3)
    vocabulary = ["glass", "break", "02", "2", "the", "of", "wood"]
    files = [[[word for word in vocabulary if rng.random() < 0.3] for _ in range(3)] for _ in range(200)]
    words = words_of(query)

    def places(token: str) -> list[np.ndarray]:
        return [np.array([token in file[place] for file in files]) for place in range(3)]

    overall = words.overall(places, files=len(files))
    assert overall.tolist() == [words.match(*file).overall for file in files]


@given(semantic=share, words=match, excluded=share)
def test_a_score_is_a_probability(semantic: float, words: WordMatch, excluded: float) -> None:
    assert 0 <= fused(semantic, words, excluded) <= 1


@given(semantic=st.tuples(share, share), words=st.tuples(match, match), excluded=st.tuples(share, share))
def test_a_score_never_falls_by_what_speaks_for_a_file(
    semantic: tuple[float, float], words: tuple[WordMatch, WordMatch], excluded: tuple[float, float]
) -> None:
    poor, good = sorted(words, key=lambda match: match.score)
    assert fused(max(semantic), good, min(excluded)) >= fused(min(semantic), poor, max(excluded)) - 1e-12


def test_likeness_alone_is_told_as_it_is_and_words_add_to_it() -> None:
    for semantic in (0.0, 0.1, 0.5, 0.9):
        assert fused(semantic, NO_WORDS) == pytest.approx(semantic)
    assert 0.95 <= fused(1.0, NO_WORDS) < fused(1.0, WordMatch(overall=0.5)) < fused(1.0, WordMatch(overall=1.0)) <= 1
    assert fused(0.0, WordMatch(overall=1.0)) > 0.9
    assert fused(1.0, WordMatch(exact=True), excluded=1.0) == 0


def test_a_name_goes_before_whatever_is_alike() -> None:
    named = fused(0.0, WordMatch(exact=True))
    likest = [
        fused(semantic, WordMatch(overall=overall))
        for semantic, overall in itertools.product((0, 0.5, 1.0), (0, 0.5, 1.0))
    ]
    assert named > max(likest)
