"""Debouncing without threads, clock or disk: a script of events and looks, and what is quiet after each."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from audioclip_search.watch.disk import condense
from audioclip_search.watch.pending import PATIENCE_S, Look, Oddity, Pending, Settled

QUIET_S = 2.0


class Bench:
    """A `Pending` and a made-up disk."""

    def __init__(self, *, limit: int = 100, roots: tuple[str, ...] = ("/r",)) -> None:
        self.pending = Pending(QUIET_S, roots, limit=limit)
        self.disk: dict[str, Look] = {}

    def step(self, now: float) -> Settled | None:
        looks = {path: self.disk.get(path, Oddity.GONE) for path in self.pending.to_look_at(now)}
        return self.pending.settle(looks, now)

    def run(self, start: float, end: float) -> list[tuple[float, Settled]]:
        """Steps of a quarter of a second; only those that settle something."""
        steps = [start + 0.25 * index for index in range(round((end - start) / 0.25) + 1)]
        return [(now, settled) for now in steps if (settled := self.step(now)) is not None]


def quiet(*paths: str, rescan: bool = False, restless: tuple[str, ...] = ()) -> Settled:
    return Settled(frozenset(paths), frozenset(restless), rescan)


def test_a_file_is_quiet_after_its_last_event() -> None:
    bench = Bench()
    bench.disk["/r/a"] = (1, 1)
    bench.pending.touch("/r/a", 0.0)
    assert bench.run(0, 1) == []
    bench.pending.touch("/r/a", 1.1)
    assert bench.run(1.25, 10) == [(3.25, quiet("/r/a"))]
    assert bench.pending.next_s() == math.inf


def test_a_file_that_grows_without_events_waits_and_others_do_not() -> None:
    bench = Bench()
    bench.disk["/r/done"] = (1, 1)
    for path in ("/r/done", "/r/grows"):
        bench.pending.touch(path, 0.0)
    reports = []
    for quarter in range(60):
        bench.disk["/r/grows"] = (min(quarter, 30), 1)
        reports += bench.run(quarter / 4, quarter / 4)
    (first_s, first), (second_s, second) = reports
    assert first_s == 2.0 and first == quiet("/r/done", restless=("/r/grows",))
    assert second == quiet("/r/grows") and 9.5 <= second_s <= 12


def test_a_deleted_file_is_reported() -> None:
    bench = Bench()
    bench.pending.touch("/r/gone", 0.0)
    assert bench.run(0, 5) == [(2.0, quiet("/r/gone"))]


def test_what_happens_between_looking_and_settling_makes_it_wait() -> None:
    bench = Bench()
    bench.disk["/r/a"] = (1, 1)
    bench.pending.touch("/r/a", 0.0)
    bench.step(0.0)
    looks: Mapping[str, Look] = {path: bench.disk[path] for path in bench.pending.to_look_at(2.0)}
    assert looks
    bench.pending.touch("/r/a", 2.01)
    assert bench.pending.settle(looks, 2.0) is None
    assert bench.run(2.25, 10) == [(4.25, quiet("/r/a"))]


def test_both_ends_of_a_rename_are_reported_together_however_long_one_is_written() -> None:
    bench = Bench()
    bench.pending.move("/r/old", "/r/new", 0.0, folder=False)
    for half in range(20):
        bench.disk["/r/new"] = (half, half)
        bench.pending.touch("/r/new", half / 2)
        assert bench.step(half / 2) is None
    ((when_s, settled),) = bench.run(9.75, 20)
    assert settled == quiet("/r/old", "/r/new")
    assert 9.5 + QUIET_S <= when_s <= 9.75 + QUIET_S


def test_a_chain_of_renames_is_one_report() -> None:
    bench = Bench()
    bench.disk["/r/c"] = (1, 1)
    bench.pending.move("/r/a", "/r/b", 0.0, folder=False)
    bench.pending.move("/r/b", "/r/c", 1.0, folder=False)
    bench.pending.move("/r/x", "/r/y", 1.0, folder=False)
    ((_, settled),) = bench.run(1.0, 10)
    assert settled == quiet("/r/a", "/r/b", "/r/c", "/r/x", "/r/y")


@pytest.mark.parametrize("gone_first", [True, False])
def test_a_move_seen_as_a_coming_and_a_going_is_one_report(gone_first: bool) -> None:
    bench = Bench()
    bench.disk["/r/here"] = (1, 1)
    first, second = ("/r/gone", "/r/here") if gone_first else ("/r/here", "/r/gone")
    bench.pending.touch(first, 0.0)
    assert bench.run(0, 0.25) == []
    bench.pending.touch(second, 0.5)
    assert [settled for _, settled in bench.run(0.5, 10)] == [quiet("/r/here", "/r/gone")]


def test_many_files_one_after_another_are_few_reports() -> None:
    bench = Bench(limit=1_000)
    reports = []
    for quarter in range(100):
        bench.disk[f"/r/{quarter}"] = (1, 1)
        bench.pending.touch(f"/r/{quarter}", quarter / 4)
        reports += bench.run(quarter / 4, quarter / 4)
    reports += bench.run(25, 35)
    assert len(reports) <= 13
    assert sum(len(settled.quiet) for _, settled in reports) == 100
    assert reports[0][0] <= 2 * QUIET_S


def test_something_restless_holds_a_deletion_up_for_a_second_at_most() -> None:
    bench = Bench()
    bench.pending.touch("/r/gone", 0.0)
    reports = []
    for half in range(10):
        bench.disk["/r/busy"] = (half, half)
        bench.pending.touch("/r/busy", half / 2)
        reports += bench.run(half / 2, half / 2)
    assert [now for now, _ in reports] == [pytest.approx(2.5, abs=0.5)]


def test_files_below_a_renamed_folder_go_with_it() -> None:
    bench = Bench()
    bench.disk |= {"/r/new": Oddity.FOLDER, "/r/new/take.wav": (1, 1)}
    bench.pending.touch("/r/old/take.wav", 0.0)
    bench.pending.touch("/r/older", 0.0)
    bench.pending.move("/r/old", "/r/new", 0.5, folder=True)
    settled = [settled for _, settled in bench.run(0.5, 10)]
    assert settled == [quiet("/r/old", "/r/new", "/r/new/take.wav", "/r/older")]


def test_a_tied_file_below_a_renamed_folder_stays_tied() -> None:
    bench = Bench()
    bench.disk |= {"/r/new": Oddity.FOLDER}
    bench.pending.move("/r/x", "/r/old/y", 0.0, folder=False)
    bench.pending.move("/r/old", "/r/new", 0.0, folder=True)
    for half in range(10):
        bench.disk["/r/new/y"] = (half, half)
        bench.pending.touch("/r/new/y", half / 2)
        settled = bench.step(half / 2)
        assert settled is None or "/r/x" not in settled.quiet
    ((_, settled),) = bench.run(5, 12)
    assert settled == quiet("/r/x", "/r/new/y")


def test_many_files_become_their_folders() -> None:
    bench = Bench(limit=100)
    for index in range(10_000):
        bench.pending.touch(f"/r/{index % 7}/{index}", index / 10_000)
        assert len(bench.pending) <= 101
    assert bench.run(1, 10) == [(3.0, quiet(*(f"/r/{folder}" for folder in range(7))))]


def test_many_renames_become_their_folders_and_stay_together() -> None:
    bench = Bench(limit=100)
    for index in range(1_000):
        bench.pending.move(f"/r/a/{index}", f"/r/b/{index}", 0.0, folder=False)
    bench.pending.touch("/r/c/other", 0.0)
    reports = bench.run(0, 1.5)
    bench.pending.touch("/r/b/late", 1.75)
    reports += bench.run(1.75, 10)
    assert [settled.quiet for _, settled in reports] == [{"/r/c/other"}, {"/r/a", "/r/b"}]


def test_files_in_too_many_folders_become_a_rescan() -> None:
    bench = Bench(limit=100)
    for index in range(1_000):
        bench.pending.touch(f"/r/{index}/file", 0.0)
    assert len(bench.pending) == 1
    assert bench.run(0, 10) == [(2.0, quiet(rescan=True))]
    bench.disk["/r/later"] = (1, 1)
    bench.pending.touch("/r/later", 20.0)
    assert bench.run(20, 30) == [(22.0, quiet("/r/later"))]


def test_nothing_above_a_root_is_reported() -> None:
    bench = Bench(limit=10)
    for index in range(10):
        bench.pending.touch(f"/r/{index}", 0.0)
    bench.pending.touch("/r", 0.0)
    assert [settled.quiet for _, settled in bench.run(0, 5)] == [{"/r"}]


def test_a_burst_without_end_is_reported_now_and_then() -> None:
    bench = Bench(limit=100)
    reports = []
    for quarter in range(round(4 * 3 * PATIENCE_S)):
        for index in range(50):
            bench.pending.touch(f"/r/a/{quarter}-{index}", quarter / 4)
        reports += bench.run(quarter / 4, quarter / 4)
    assert {settled.quiet for _, settled in reports} == {frozenset({"/r/a"})}
    assert 2 <= len(reports) <= 3


def test_a_rescan_for_lost_events_keeps_the_rest_apart() -> None:
    bench = Bench()
    bench.disk["/r/a"] = (1, 1)
    bench.pending.rescan(0.0)
    bench.pending.touch("/r/a", 1.0)
    assert [settled for _, settled in bench.run(0, 10)] == [quiet(rescan=True, restless=("/r/a",)), quiet("/r/a")]


def settled_on(root: Path, calm: list[str], restless: list[str]) -> Settled:
    paths = [frozenset(os.path.normpath(root / name) for name in names) for names in (calm, restless)]
    return Settled(paths[0], paths[1], False)


@pytest.mark.parametrize(
    ("calm", "restless", "expected"),
    [
        (["a", "a/1", "a/b/2"], [], ["a"]),
        (["a/1", "c"], [], ["a/1", "c"]),
        (["a", "a/1"], ["a/b/2"], ["a/1", "a/b/3"]),
        (["a", "a/gone"], ["a/1"], ["a/b", "a/gone"]),
        (["."], ["a/1"], ["a/b", "c"]),
        (["gone", "gone/1"], ["gone/2"], ["gone", "gone/1"]),
        (["a"], ["ab"], ["a"]),
    ],
)
def test_a_folder_stands_for_what_is_in_it_except_what_is_restless(
    tmp_path: Path, calm: list[str], restless: list[str], expected: list[str]
) -> None:
    for name in ("a/1", "a/b/2", "a/b/3", "c", "skipped"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    settled = settled_on(tmp_path, calm, restless)
    condensed = condense(settled, lambda path: not path.endswith("skipped"))
    assert condensed == {str(tmp_path / name) for name in expected}


def test_a_folder_with_too_much_in_it_is_named_itself(tmp_path: Path) -> None:
    for index in range(20):
        (tmp_path / f"{index}").touch()
    settled = settled_on(tmp_path, ["."], ["3"])
    assert condense(settled, lambda path: True, limit=10) == {str(tmp_path)}
