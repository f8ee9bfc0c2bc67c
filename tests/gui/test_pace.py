from __future__ import annotations

import pytest

from gui.backend.pace import Pace


def test_a_steady_pace_is_told_and_so_is_the_time_left() -> None:
    pace = Pace()
    for second in range(5):
        pace.update(10 * second, second)
    assert pace.per_s == pytest.approx(10)
    assert pace.left_s(40, 140) == pytest.approx(10)


def test_nothing_is_known_at_first_or_without_a_total() -> None:
    pace = Pace()
    pace.update(0, 0.0)
    assert (pace.per_s, pace.left_s(0, 10)) == (0.0, None)
    pace.update(5, 1.0)
    assert pace.left_s(5, 0) is None


def test_one_slow_second_does_not_turn_it_over_but_lasting_change_does() -> None:
    pace = Pace()
    for second in range(20):
        pace.update(100 * second, second)
    pace.update(1_900, 20.0)
    assert 60 < pace.per_s < 100
    for second in range(21, 60):
        pace.update(1_900 + 10 * (second - 20), second)
    assert pace.per_s == pytest.approx(10, rel=0.1)


def test_a_count_that_falls_starts_anew() -> None:
    pace = Pace()
    pace.update(0, 0.0)
    pace.update(100, 1.0)
    pace.update(0, 2.0)
    assert pace.per_s == 0.0
    pace.update(3, 3.0)
    assert pace.per_s == pytest.approx(3)
