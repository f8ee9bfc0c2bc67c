"""The records of an answer, the sequence they come in, and how windows become moments."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioclip_search.results import Hit, Hits, Moment, merge_moments
from audioclip_search.types import Modality

SOUNDS = tuple(Hit(Path(f"/sfx/{name}.wav"), Modality.AUDIO, 0.9 - n / 10, n, n + 2.0) for n, name in enumerate("abc"))


def test_hits_are_a_sequence_and_so_are_their_slices() -> None:
    hits = Hits(SOUNDS, query="glass", more=True)
    assert isinstance(hits, Sequence)
    assert (len(hits), hits[0], hits[-1], list(hits)) == (3, SOUNDS[0], SOUNDS[2], list(SOUNDS))
    assert SOUNDS[1] in hits
    assert hits.index(SOUNDS[1]) == 1
    page = hits[1:]
    assert isinstance(page, Hits)
    assert (page.items, page.query, page.more) == (SOUNDS[1:], "glass", True)
    with pytest.raises(IndexError):
        _ = hits[3]
    with pytest.raises(FrozenInstanceError):
        hits.query = "wood"  # type: ignore[misc]


def test_hits_equal_what_holds_the_same_hits() -> None:
    hits = Hits(SOUNDS, query="glass")
    assert hits == Hits(SOUNDS)
    assert hash(hits) == hash(Hits(SOUNDS))
    assert hits == list(SOUNDS)
    assert hits == SOUNDS
    assert hits != Hits(SOUNDS[::-1])
    assert hits != "abc"
    assert Hits() == []
    assert not Hits()


def test_hits_show_what_they_are() -> None:
    odd = replace(SOUNDS[1], path=Path("/sfx/\x1b[31m\n.wav"), offline=True)
    shown = repr(Hits((SOUNDS[0], odd, Hit(Path("/sfx/d.png"), Modality.IMAGE, 0.05)), query="glass", more=True))
    assert shown.splitlines() == [
        "<Hits: 3 for glass, and more on the next page>",
        "  90 %  0:00.0–0:02.0    /sfx/a.wav",
        r"  80 %  0:01.0–0:03.0    /sfx/\x1b[31m\n.wav  (offline)",
        "   5 %  image            /sfx/d.png",
    ]
    assert repr(Hits(SOUNDS * 4)).splitlines()[-1] == "  … and 2 more"
    assert repr(Hits(nothing=True, query="dog")) == "<Hits: nothing matches for dog>"
    assert repr(Hits(nothing=True, closest=SOUNDS)).splitlines()[0] == "<Hits: nothing matches; the closest are>"
    assert len(repr(Hits(nothing=True, closest=SOUNDS)).splitlines()) == 4


def moments(*spans: tuple[float, float, float]) -> tuple[Moment, ...]:
    return tuple(Moment(*span) for span in spans)


def test_windows_that_overlap_or_touch_are_one_moment() -> None:
    windows = moments((5, 10, 0.5), (0, 5, 0.7), (2.5, 7.5, 0.9), (20, 25, 0.8), (40, 45, 0.1), (25.001, 30, 0.6))
    assert merge_moments(windows, threshold=0.5) == moments((0, 10, 0.9), (20, 30, 0.8))
    assert merge_moments(windows, threshold=0.5, most=1) == moments((0, 10, 0.9))
    assert merge_moments(windows, threshold=0.65) == moments((0, 7.5, 0.9), (20, 25, 0.8))
    assert merge_moments(windows, threshold=0.5, gap_s=10) == moments((0, 30, 0.9))
    assert merge_moments(windows, threshold=0.95) == merge_moments(()) == ()


def test_a_short_window_inside_a_long_one_does_not_shorten_it() -> None:
    assert merge_moments(moments((0, 10, 0.2), (2, 3, 0.9), (9, 12, 0.1))) == moments((0, 12, 0.9))


QUARTERS = st.integers(0, 80).map(lambda quarters: quarters / 4)
WINDOWS = st.lists(
    st.builds(lambda start, length, score: Moment(start, start + length, score), QUARTERS, QUARTERS, st.floats(0, 1)),
    max_size=12,
)


@given(WINDOWS, st.floats(0, 1))
def test_moments_cover_the_good_windows_and_nothing_else(windows: list[Moment], threshold: float) -> None:
    found = merge_moments(windows, threshold=threshold)
    good = [window for window in windows if window.score >= threshold]
    assert all(any(m.start_s <= w.start_s and w.end_s <= m.end_s and w.score <= m.score for m in found) for w in good)
    in_time = sorted(found, key=lambda moment: moment.start_s)
    assert all(after.start_s > before.end_s for before, after in itertools.pairwise(in_time))
    assert {m.score for m in found} <= {w.score for w in good}
    assert [m.score for m in found] == sorted((m.score for m in found), reverse=True)
    assert merge_moments(found) == found
    assert merge_moments(windows[::-1], threshold=threshold) == found
