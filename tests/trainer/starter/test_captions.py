from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest

from trainer.starter.captions import HELD_OUT_QUERIES, LABELS, PHRASES, caption

ESC10 = {
    "dog", "rooster", "rain", "sea_waves", "crackling_fire", "crying_baby", "sneezing", "clock_tick", "helicopter",
    "chainsaw",
}  # fmt: skip


def squeezed(text: str) -> str:
    """Letters and digits only, so that a phrase is found in a file name too."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


def padded(text: str) -> str:
    """Lower-case words with one space around each, so that `in` compares whole words."""
    return f" {' '.join(re.findall(r'[a-z0-9]+', text.lower()))} "


def test_there_are_42_sorted_labels_with_esc10_among_them() -> None:
    assert len(LABELS) == 42
    assert list(LABELS) == sorted(LABELS) == list(PHRASES)
    assert set(LABELS) >= ESC10


@pytest.mark.parametrize("label", LABELS)
def test_a_label_has_many_phrases_and_its_own_name_first(label: str) -> None:
    phrases = PHRASES[label]
    assert phrases[0] == label.replace("_", " ")
    assert len(phrases) >= 45
    assert all(phrase == phrase.lower().strip() and phrase for phrase in phrases)


def test_no_phrase_stands_under_two_labels() -> None:
    counts = Counter(padded(phrase) for phrases in PHRASES.values() for phrase in set(map(padded, phrases)))
    assert [phrase for phrase, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("label", LABELS)
def test_captions_contain_a_phrase_and_vary(label: str) -> None:
    rng = np.random.default_rng(0)
    phrases = [squeezed(phrase) for phrase in PHRASES[label]]
    captions = [caption(label, rng) for _ in range(200)]
    assert all(any(phrase in squeezed(text) for phrase in phrases) for text in captions)
    assert len(set(captions)) > 150
    assert "{}" not in "".join(captions)


def test_captions_come_bare_long_as_file_names_and_in_several_cases() -> None:
    rng = np.random.default_rng(1)
    captions = [caption("crackling_fire", rng) for _ in range(1000)]
    assert any(text in PHRASES["crackling_fire"] for text in captions)
    assert any(len(text.split()) >= 6 for text in captions)
    assert any("_" in text and " " not in text for text in captions)
    assert any(text.isupper() for text in captions) and any(text.islower() for text in captions)


def test_every_phrase_is_drawn() -> None:
    rng = np.random.default_rng(2)
    drawn = squeezed("|".join(caption("bell", rng) for _ in range(3000)))
    assert [phrase for phrase in PHRASES["bell"] if squeezed(phrase) not in drawn] == []


def test_captions_are_reproducible() -> None:
    draws = [[caption(label, rng) for label in LABELS] for rng in (np.random.default_rng(7), np.random.default_rng(7))]
    assert draws[0] == draws[1]


def test_an_unknown_label_is_refused() -> None:
    with pytest.raises(KeyError):
        caption("kazoo", np.random.default_rng(0))


def test_held_out_queries_cover_the_labels() -> None:
    counts = Counter(label for _, label in HELD_OUT_QUERIES)
    assert set(counts) == set(LABELS)
    assert all(counts[label] >= 3 for label in ESC10)
    assert len(HELD_OUT_QUERIES) >= 50
    assert len({query for query, _ in HELD_OUT_QUERIES}) == len(HELD_OUT_QUERIES)


@pytest.mark.parametrize(("query", "label"), HELD_OUT_QUERIES)
def test_a_held_out_query_is_worded_differently_from_every_phrase(query: str, label: str) -> None:
    """Single words may be shared (a query without any known word could only be guessed), wordings may not."""
    for phrase in (phrase for phrases in PHRASES.values() for phrase in phrases):
        assert padded(query) not in padded(phrase)
        assert " " not in phrase or padded(phrase) not in padded(query), phrase
        assert set(padded(query).split()) != set(padded(phrase).split())


def test_no_caption_gives_a_held_out_query_away() -> None:
    rng = np.random.default_rng(3)
    queries = {squeezed(query) for query, _ in HELD_OUT_QUERIES}
    assert queries.isdisjoint(squeezed(caption(label, rng)) for label in LABELS for _ in range(300))
