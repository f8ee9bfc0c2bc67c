"""What the calibration is fitted by and what it is examined by have nothing in common."""

from __future__ import annotations

import tomllib
from pathlib import Path

from audioclip_search.calibration import background_texts
from trainer.starter.captions import HELD_OUT_QUERIES, LABELS, PHRASES

LISTS = tomllib.loads((Path(__file__).parents[2] / "benchmarks" / "calibration_queries.toml").read_text("utf-8"))


def test_the_queries_to_fit_by_the_background_and_the_exam_are_different() -> None:
    assert set(LISTS["fit"]) == set(LABELS)
    to_fit = {query for queries in LISTS["fit"].values() for query in queries} | set(LISTS["fit_unknown"])
    exam = {query for query, _ in HELD_OUT_QUERIES} | set(LISTS["exam_unknown"])
    assert not exam & to_fit
    assert not exam & set(background_texts())


def test_unknown_things_are_not_what_the_model_was_taught() -> None:
    taught = {phrase for phrases in PHRASES.values() for phrase in phrases}
    assert not taught & {*LISTS["exam_unknown"], *LISTS["fit_unknown"]}
    assert len(LISTS["exam_unknown"]) == 25 == len(set(LISTS["exam_unknown"]))
