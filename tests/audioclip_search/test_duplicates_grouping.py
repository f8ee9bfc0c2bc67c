"""Groups from pairs, the best of a group, and how it is told; no files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioclip_search.duplicates.grouping import Link, Version, connected, ranked, reasons, relation, stars
from audioclip_search.media import ContentFacts
from audioclip_search.types import Modality

GOOD: dict[str, Any] = {
    "encoding": "pcm",
    "lossless": True,
    "rate_hz": 48_000,
    "channels": 2,
    "wide": True,
    "bits": 24,
    "duration_s": 10.0,
    "sounding_s": 9.5,
    "bandwidth_hz": 20_000.0,
    "peak_db": -6.0,
}


def version(name: str, **facts: Any) -> Version:
    return Version(Modality.AUDIO, ContentFacts(**GOOD | facts), (name,), (name,), size=facts.get("bits", 1))


BEST = version("z")


@pytest.mark.parametrize(
    "worse",
    [
        version("a", sounding_s=5.0, duration_s=5.0),
        version("a", bandwidth_hz=4_000.0),
        version("a", encoding="mp3", lossless=False, bits=0),
        version("a", bits=16),
        version("a", peak_db=-30.0),
        version("a", wide=False, channels=1),
        version("a", duration_s=9.6),
        version("a", clipped=0.001),
        version("zz"),
    ],
)
def test_the_best_one(worse: Version) -> None:
    assert ranked([worse, BEST]) == [BEST, worse]
    assert ranked([BEST, worse]) == [BEST, worse]


def test_a_short_lossless_piece_is_not_better_than_a_whole_mp3() -> None:
    whole = version("whole.mp3", encoding="mp3", lossless=False, bits=0, bandwidth_hz=18_000.0)
    piece = version("piece.wav", sounding_s=2.0, duration_s=2.0)
    assert ranked([piece, whole])[0] is whole


def test_a_narrow_lossless_one_is_not_better_than_a_full_mp3() -> None:
    full = version("full.mp3", encoding="mp3", lossless=False, bits=0, bandwidth_hz=18_000.0)
    narrow = version("narrow.wav", bandwidth_hz=3_900.0, rate_hz=8_000)
    assert ranked([narrow, full])[0] is full


def test_why_it_is_the_best() -> None:
    mp3 = version("a", encoding="mp3", lossless=False, bits=0)
    assert reasons(BEST, [mp3]) == "best: lossless"
    assert (
        reasons(BEST, [version("a", sounding_s=1.0), version("b", bits=16, sounding_s=1.0)]) == "best: longest, 24 bits"
    )
    assert "first by name" in reasons(BEST, [version("zz")])


def test_how_another_one_stands_to_it() -> None:
    other = version("a", encoding="mp3", lossless=False, bits=0, rate_hz=44_100, channels=1, duration_s=8.0)
    link = Link(0.9, offset_s=0.52, gain_db=-3.1, inverted=True)
    words = relation(other, BEST, link)
    assert words == ("mp3 of it, 44,100 Hz, mono, 3.1 dB quieter, upside down, begins 0.52 s into it, 2.00 s shorter")
    assert "begins 0.52 s before it" in relation(BEST, other, link.reversed())
    assert relation(version("b"), BEST, Link(0.998)) == "the same to 99.8 %"


def both_ways(pairs: Sequence[tuple[int, int]], count: int) -> dict[int, dict[int, Link]]:
    links: dict[int, dict[int, Link]] = {number: {} for number in range(count)}
    for one, other in pairs:
        links[one][other] = links[other][one] = Link(1.0)
    return links


def never(one: int, other: int) -> bool:
    return False


def test_being_a_duplicate_is_not_passed_on() -> None:
    chain = both_ways([(0, 1), (1, 2), (2, 3)], 4)
    assert connected(chain) == [[0, 1, 2, 3]]
    assert stars(chain, ranked=sorted, apart=never) == [[0, 1], [2, 3]]
    middle_first = {1: 0, 0: 1, 2: 2, 3: 3}
    assert stars(chain, ranked=lambda numbers: sorted(numbers, key=middle_first.__getitem__), apart=never) == [
        [1, 0, 2]
    ]


def test_what_was_told_apart_is_in_no_group_together() -> None:
    links = both_ways([(0, 1), (0, 2), (1, 2)], 3)
    assert stars(links, ranked=sorted, apart=lambda one, other: {one, other} == {1, 2}) == [[0, 1]]
    assert stars(links, ranked=sorted, apart=lambda one, other: {one, other} == {0, 1}) == [[0, 2]]


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)).filter(lambda pair: pair[0] != pair[1])))
def test_every_member_was_compared_with_the_best(pairs: list[tuple[int, int]]) -> None:
    links = both_ways(pairs, 13)
    groups = stars(links, ranked=sorted, apart=lambda one, other: (one + other) % 5 == 0)
    members = [number for group in groups for number in group]
    assert len(members) == len(set(members))
    for group in groups:
        assert len(group) > 1
        assert group == sorted(group)
        assert all(number in links[group[0]] for number in group[1:])
        assert not any((one + other) % 5 == 0 for one in group for other in group if one != other)
