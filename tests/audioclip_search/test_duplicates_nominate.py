"""Nominations: copies find each other, and the number of pairs stays in bounds."""

from __future__ import annotations

import numpy as np
import pytest
from made_sounds import knocks
from numpy.typing import NDArray

from audioclip_search.duplicates.nominate import alike_pictures, alike_prints, near_vectors, strongest
from audioclip_search.media import fingerprint

RANDOM = np.random.default_rng(5)


def names(pairs: NDArray[np.int64]) -> set[tuple[int, ...]]:
    return {*map(tuple, pairs.tolist())}


def test_copies_among_others() -> None:
    sounds = [knocks(seed) for seed in range(30)]
    sounds += [0.1 * sounds[4], np.pad(sounds[7], (333, 0)), sounds[9][6_000:]]
    pairs = names(alike_prints([fingerprint(sound) for sound in sounds]))
    assert {(4, 30), (7, 31), (9, 32)} <= pairs
    assert len(pairs) < 12 * len(sounds)
    assert all(one < other for one, other in pairs)


def test_many_copies_of_one_give_no_more_pairs_than_they_may() -> None:
    print_ = fingerprint(knocks(1))
    pairs = alike_prints([print_] * 300)
    assert len(pairs) <= 12 * 300
    assert set(pairs.ravel().tolist()) == set(range(300))


def test_nothing_to_nominate() -> None:
    assert alike_prints([]).shape == (0, 2)
    assert alike_prints([np.zeros(0, np.uint32), np.zeros(500, np.uint32)]).shape == (0, 2)
    assert alike_pictures([]).shape == (0, 2)
    vectors = np.zeros((0, 8), np.float32)
    assert near_vectors(vectors, most=3, least=0.5)[0].shape == (0, 2)


def test_the_strongest_of_each() -> None:
    pairs = np.array([[0, 1], [0, 2], [0, 3], [2, 3]])
    assert names(strongest(pairs, np.array([1, 2, 3, 0], np.float32), most=1)) == {(0, 3), (0, 1), (0, 2)}
    assert names(strongest(pairs[:0], np.zeros(0, np.float32), most=1)) == set()


def unit(rows: int, dim: int = 16) -> NDArray[np.float32]:
    vectors = RANDOM.standard_normal((rows, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_near_vectors_are_those_of_all_pairs() -> None:
    vectors = unit(300)
    pairs, cosines = near_vectors(vectors, most=300, least=0.6)
    table = np.triu(vectors @ vectors.T, 1)
    assert names(pairs) == names(np.argwhere(table >= 0.6))
    assert cosines == pytest.approx(table[pairs[:, 0], pairs[:, 1]], abs=1e-5)


def test_most_near_vectors_are_found_among_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audioclip_search.duplicates.nominate._EXACT_UP_TO", 500)
    vectors = unit(2_000, 32)
    noisy = vectors[:200] + 0.05 * RANDOM.standard_normal((200, 32)).astype(np.float32)
    both = np.concatenate((vectors, noisy / np.linalg.norm(noisy, axis=1, keepdims=True)))
    pairs, _ = near_vectors(both, most=4, least=0.9)
    assert len(names(pairs) & {(number, 2_000 + number) for number in range(200)}) >= 180


def test_pictures() -> None:
    prints = [RANDOM.integers(0, 256, 32 * 32 + 48).astype(np.uint8) for _ in range(20)]
    softened = (prints[3].astype(int) * 9 // 10 + 5).astype(np.uint8)
    pairs = names(alike_pictures([print_.tobytes() for print_ in (*prints, softened)]))
    assert (3, 20) in pairs
    assert len(pairs) < 10
