"""How well words find files: by the text of names and metadata, by vectors, and by both.

    python benchmarks/retrieval.py --files 4000 --library retrieval-library
    python benchmarks/retrieval.py --esc10 ESC-50-master

The library is generated (`_library.py`), so that for every query (`_questions.py`) it is known what each file is worth.
With `--esc10`, a second one: the recordings of ESC-10 that the starter model was not trained on (fold 4), named in the
same ways. For every group of queries and overall, the mean over queries of nDCG@10, recall@20 (of 20 relevant files at
most), MRR, and the share of queries with the best file first: for file names and catalogue numbers, how often the exact
name wins. Besides the library's own three rankings: two other ways to fuse the first two, reciprocal ranks and sums of
scores. Prints tables and writes the same figures as JSON. 4,000 files take some minutes to make and to embed;
with `--library`, once.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias

import _library
from _measures import RECALL_AT, Measures, mean, measured
from _questions import EXACT, Group, Question, questions

from audioclip_search import Library

SEED = 11  # not the one that weights were chosen on
DEEP = 1_000  # files of either ranking that a fusion of ours sees
RECIPROCAL_RANK_K = 60
OVERALL = "overall"

Scored: TypeAlias = dict[str, float]
"""Files, best first, and their scores."""


def main() -> None:
    """Generate, index, ask, judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=4_000)
    parser.add_argument("--library", type=Path, help="folder to keep the libraries in, and to find them again")
    parser.add_argument("--esc10", type=Path, help="ESC-50 or ESC-10, as published: meta/, audio/")
    parser.add_argument("--queries", type=int, default=50, help="of each group, at most")
    parser.add_argument("--seed", type=int, default=SEED, help="of the libraries and queries")
    parser.add_argument("--model", default="starter")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "retrieval.json")
    options = parser.parse_args()
    libraries = {f"{options.files:,} generated files": (_library.generated(options.files, seed=options.seed), None)}
    if options.esc10 is not None:
        libraries["ESC-10, fold 4"] = (_library.recorded(options.esc10, seed=options.seed), options.esc10)
    report = {}
    place = nullcontext(options.library) if options.library else tempfile.TemporaryDirectory()
    with place as folder:
        for number, (title, (items, esc10)) in enumerate(libraries.items()):
            asked = questions(items, each=options.queries, seed=options.seed)
            print(f"\n{title}, {len(asked)} queries")
            root = Path(folder).resolve() / (
                f"recorded-{options.seed}" if number else f"generated-{options.files}-{options.seed}"
            )
            _library.write(items, root, esc10=esc10, on_progress=told("written", len(items)))
            with Library(root, model=options.model) as library:
                sync(library)
                found = answers(library, asked)
            judgements = {ranking: judged(asked, scored) for ranking, scored in found.items()}
            print_tables(judgements)
            report[title] = {ranking: asdict(judgement) for ranking, judgement in judgements.items()}
    written = {
        "libraries": report,
        "files": options.files,
        "seed": options.seed,
        "model": options.model,
        "cpus": os.cpu_count(),
        "versions": {name: version(name) for name in ("lancedb", "numpy")},
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(written, indent=2) + "\n")
    print(f"written to {options.output}")


def sync(library: Library) -> None:
    """Index what is not yet indexed."""
    started = time.monotonic()
    report = library.sync()
    if report.failures:
        raise SystemExit(f"{len(report.failures)} files failed, the first: {report.failures[0]}")
    if report.added:
        print(f"{report.added} files embedded in {time.monotonic() - started:.0f} s")


def answers(library: Library, asked: Sequence[Question]) -> dict[str, list[Scored]]:
    """Ranking -> what it gives to each question, best first."""
    found = {
        ranking: [ask(library, question.text, ranking, k) for question in asked]
        for ranking, k in (("text", DEEP), ("vector", DEEP), ("hybrid", RECALL_AT))
    }
    pairs = list(zip(found["text"], found["vector"], strict=True))
    found["reciprocal ranks"] = [reciprocal_ranks(pair) for pair in pairs]
    found["sum of scores"] = [sum_of_scores(pair) for pair in pairs]
    return found


def ask(library: Library, text: str, ranking: str, k: int) -> Scored:
    """Through the public interface, and nothing held back for being unlikely."""
    hits = library.query(text=text, k=k, ranking=ranking, min_score=0)
    return {hit.path.relative_to(library.root).as_posix(): hit.score for hit in hits}


def reciprocal_ranks(rankings: Sequence[Scored], *, k: int = RECIPROCAL_RANK_K) -> Scored:
    """Cormack, Clarke, Büttcher 2009: each ranking gives a file `1 / (k + rank)`."""
    return fused(rankings, lambda _, rank: 1 / (k + rank))


def sum_of_scores(rankings: Sequence[Scored]) -> Scored:
    """Each ranking gives a file its score, which is in [0, 1] and calibrated."""
    return fused(rankings, lambda score, _: score)


def fused(rankings: Sequence[Scored], worth: Callable[[float, int], float]) -> Scored:
    """The files by the sum of what each ranking gives them; equal ones by path."""
    total: Scored = {}
    for ranking in rankings:
        for rank, (file, score) in enumerate(ranking.items(), 1):
            total[file] = total.get(file, 0.0) + worth(score, rank)
    return dict(sorted(total.items(), key=lambda pair: (-pair[1], pair[0])))


@dataclass(frozen=True, slots=True)
class Judgement:
    """Of one ranking: the means of every group and `overall`, and the exact names that were not first."""

    means: Mapping[str, Measures]
    lost: Sequence[str]


def judged(asked: Sequence[Question], found: Sequence[Scored]) -> Judgement:
    """Hold the answers to all questions against what the files are worth to them."""
    pairs = [(question, measured(list(scored), question.grades)) for question, scored in zip(asked, found, strict=True)]
    means = {OVERALL: mean([measures for _, measures in pairs])}
    for group in Group:
        of_group = [measures for question, measures in pairs if question.group is group]
        if of_group:
            means[group.value] = mean(of_group)
    lost = [question.text for question, measures in pairs if question.group in EXACT and measures.first < 1]
    return Judgement(means, lost)


def print_tables(judgements: Mapping[str, Judgement]) -> None:
    """A table a measure, then the exact names that were not found first."""
    groups = [group for group in (*Group, OVERALL) if group in next(iter(judgements.values())).means]
    for measure, title in (("ndcg", "nDCG@10"), ("recall", "recall@20"), ("mrr", "MRR"), ("first", "best file first")):
        print(f"\n{title:26}" + "".join(f"{ranking:>18}" for ranking in judgements))
        for group in groups:
            cells = [getattr(judgement.means[group], measure) for judgement in judgements.values()]
            print(f"{group:26}" + "".join(f"{100 * cell:16.1f} %" for cell in cells))
    for ranking, judgement in judgements.items():
        print(f"exact names not first, {ranking}: {len(judgement.lost)}  {', '.join(judgement.lost[:5])}")


def told(what: str, total: int) -> Callable[[int], None]:
    """Progress, in one line of a terminal."""
    started = time.monotonic()

    def tell(done: int) -> None:
        if done == total or (done % 100 == 0 and sys.stdout.isatty()):
            print(f"\r{done:,} of {total:,} {what}, {time.monotonic() - started:.0f} s", end="", flush=True)
        if done == total:
            print()

    return tell


if __name__ == "__main__":
    main()
