"""The retrieval benchmark: its library is what it says, and its measures are right."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import soundfile
from _library import TRUTH, VOCABULARY, Item, Naming, generated, hidden_kinds, recorded, write
from _measures import Measures, mean, measured
from _questions import EXACT, Group, questions
from retrieval import judged, reciprocal_ranks, sum_of_scores

from trainer.starter.captions import LABELS, PHRASES


@pytest.fixture(scope="module")
def items() -> list[Item]:
    return generated(1_500, seed=3)


def test_ndcg_is_what_one_counts_by_hand() -> None:
    measures = measured(["a", "x", "b"], {"a": 3, "b": 2, "c": 1})
    assert measures.ndcg == pytest.approx((7 + 3 / 2) / (7 + 3 / math.log2(3) + 1 / 2))
    assert (measures.recall, measures.mrr, measures.first) == (1.0, 1.0, 1.0)


def test_a_perfect_and_an_empty_ranking() -> None:
    grades = {"a": 3, "b": 2, "c": 1}
    assert measured(list("abc"), grades) == Measures(1, 1, 1, 1)
    assert measured([], grades) == Measures(0, 0, 0, 0)


def test_rank_and_recall_are_counted_among_twenty() -> None:
    ranking = [f"x{number}" for number in range(19)] + ["a", "b"]
    measures = measured(ranking, {"a": 3, "b": 3})
    assert (measures.ndcg, measures.recall, measures.mrr) == (0, 0.5, 1 / 20)
    many = {f"x{number}": 3 for number in range(19)} | {f"y{number}": 3 for number in range(100)}
    assert measured(ranking, many).recall == 19 / 20


def test_the_reciprocal_rank_is_of_the_best_grade() -> None:
    assert measured(["b", "a"], {"a": 3, "b": 2}).mrr == 0.5


def test_means() -> None:
    assert mean([Measures(1, 0.5, 1, 1), Measures(0, 0.5, 0, 0)]) == Measures(0.5, 0.5, 0.5, 0.5)


def test_fusions() -> None:
    rankings = [{"a": 0.9, "b": 0.5}, {"b": 0.3, "c": 0.1}]
    assert reciprocal_ranks(rankings) == pytest.approx({"b": 1 / 62 + 1 / 61, "a": 1 / 61, "c": 1 / 62})
    assert list(reciprocal_ranks(rankings)) == ["b", "a", "c"]
    assert sum_of_scores(rankings) == pytest.approx({"a": 0.9, "b": 0.8, "c": 0.1})


def test_a_library_is_the_same_again_and_its_names_are_unique(items: list[Item]) -> None:
    assert generated(1_500, seed=3) == items
    assert generated(1_500, seed=4) != items
    assert len(items) == 1_500
    assert len({re.sub(r"[\W_]", "", item.stem).casefold() for item in items}) == len(items)
    assert {item.kind for item in items} <= set(LABELS)
    assert set(Counter(item.naming for item in items)) == set(Naming)


def test_hidden_kinds_are_told_of_nowhere(items: list[Item]) -> None:
    hidden = hidden_kinds(items)
    assert len(hidden) == 6
    for item in items:
        if item.kind in hidden:
            assert not item.phrase
            assert not item.described
            assert str(VOCABULARY["kinds"][item.kind]["folder"]) not in item.path
        assert item.phrase not in {phrase for kind in hidden for phrase in PHRASES[kind]}


def test_the_vocabulary_is_whole() -> None:
    assert set(VOCABULARY["kinds"]) == set(LABELS)
    specials = [special for entry in VOCABULARY["kinds"].values() for special in entry["specials"]]
    assert len(set(specials)) == len(specials)


def test_questions_are_answerable(items: list[Item]) -> None:
    asked = questions(items, each=30, seed=3)
    assert asked == questions(items, each=30, seed=3)
    assert {question.group for question in asked} == set(Group)
    assert max(Counter(question.group for question in asked).values()) <= 30
    by_path = {item.path: item for item in items}
    for question in asked:
        assert set(question.grades) <= set(by_path)
        assert max(question.grades.values()) == 3
        best = [by_path[path] for path, grade in question.grades.items() if grade == 3]
        if question.group in EXACT:
            assert len(best) == 1
        if question.group is Group.UNNAMED:
            assert all(item.naming in (Naming.NOTHING, Naming.NUMBER) for item in best)
        if question.group is Group.MISLEADING:
            assert not any(item.naming is Naming.WRONG and item.phrase == question.text for item in best)


def test_judging_names_the_exact_names_that_are_not_first(items: list[Item]) -> None:
    asked = questions(items, each=5, seed=3)
    best = [
        dict.fromkeys(sorted(question.grades, key=question.grades.__getitem__, reverse=True), 1.0) for question in asked
    ]
    judgement = judged(asked, best)
    assert judgement.lost == []
    assert set(judgement.means) == {*Group, "overall"}
    assert asdict(judgement.means["overall"]) == pytest.approx(asdict(Measures(1, 1, 1, 1)))
    assert judged(asked, [{} for _ in asked]).lost == [question.text for question in asked if question.group in EXACT]


def test_a_library_is_written_once_and_never_over_something_else(tmp_path: Path) -> None:
    items = generated(70, seed=0)
    root = tmp_path / "library"
    done: list[int] = []
    assert write(items, root, on_progress=done.append)
    assert done == list(range(1, 71))
    assert {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()} == {
        TRUTH,
        *(item.path for item in items),
    }
    for item in items:
        if not item.is_picture:
            told = soundfile.SoundFile(root / item.path).copy_metadata()
            assert told.get("album", "") == item.project
            assert item.place in told.get("comment", "")
    assert not write(items, root, on_progress=done.append)
    with pytest.raises(FileExistsError):
        write(generated(71, seed=0), root, on_progress=done.append)


def test_recordings_are_those_of_one_fold(tmp_path: Path) -> None:
    (tmp_path / "meta").mkdir()
    (tmp_path / "audio").mkdir()
    lines = ["filename,fold,target,category,esc10,src_file,take"]
    lines += [f"{fold}-{number}-A-0.wav,{fold},0,dog,True,{number},A" for fold in (3, 4) for number in range(6)]
    lines += ["4-9-A-9.wav,4,9,crow,False,9,A"]
    (tmp_path / "meta" / "esc50.csv").write_text("\n".join(lines) + "\n")
    tone = np.sin(np.arange(44_100) / 20).astype(np.float32)
    for number in range(6):
        soundfile.write(tmp_path / "audio" / f"4-{number}-A-0.wav", tone * (number + 1) / 10, 44_100)
    items = recorded(tmp_path, seed=0)
    assert sorted(item.clip for item in items) == [f"4-{number}-A-0.wav" for number in range(6)]
    assert write(items, tmp_path / "library", esc10=tmp_path, on_progress=lambda _: None)
    samples, _ = soundfile.read(tmp_path / "library" / items[0].path)
    assert len(samples) == len(tone)
