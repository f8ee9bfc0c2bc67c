"""How true the scores are, and how often a query for something that is not there is told so.

    python benchmarks/calibration.py --esc10 FOLDER        # in ESC-50's layout; without it, synthetic sounds alone
    python benchmarks/calibration.py --fit                 # the coefficients of audioclip_search/calibration.py, anew

Of the shipped starter model. Calibration: words for the ten kinds of fold 4's recordings (names and other wordings),
asked among the recordings; a file's score is its best window's. Abstention: twenty libraries of those recordings and of
new synthetic sounds, thirteen kinds of which are left out; fifty queries for what is there, in other wordings, fifty
for what is not: names and other wordings of the kinds left out, and things that the model never heard of. A query whose
best score is below `DEFAULT_MIN_SCORE` is told that nothing matches.

Then other methods on the same, each with its own logistic and threshold fitted on the same libraries: synthetic sounds
of other seeds, other queries, and variants of the model with noise and a gap between texts and sounds. Nothing is
fitted to fold 4 or to a query of the exam. Prints tables and writes the same figures as JSON.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from _calibration_material import (
    EXAM_SEED,
    FIT_SEED,
    UNKNOWN,
    VARIANTS,
    Asked,
    Library,
    Sounds,
    Texts,
    drawn,
    pictures,
    recordings,
    rendered,
    texts,
    varied,
)
from _calibration_methods import METHODS, Fitted, fit
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from audioclip_search.calibration import DEFAULT_MIN_SCORE, SAMPLE_WINDOWS, Background
from audioclip_search.encoder import open_encoder
from audioclip_search.types import Modality

LEFT_OUT = 13
ASKED = 25
SEEN = 10  # hits that a person looks at
WANTED_ECE, WANTED_TOLD, WANTED_REFUSED = 0.1, 0.8, 0.1


@dataclass(frozen=True, slots=True)
class Truth:
    """How true scores are: expected calibration error in ten bins, Brier's score, that of always telling the share of
    matches, and the area under the ROC curve."""

    ece: float
    brier: float
    brier_of_share: float
    auc: float


@dataclass(frozen=True, slots=True)
class Abstention:
    """Shares of queries answered `nothing`: for what is not there, of known kinds and of unknown things, and (wrongly)
    for what is."""

    told: float
    told_known: float
    told_unknown: float
    refused: float


@dataclass(frozen=True, slots=True)
class Material:
    """What is asked, and among what: synthetic sounds to fit by and of the exam, recordings if there are any."""

    texts: Texts
    to_fit: Sounds
    exam: Sounds
    recorded: Sounds | None
    pictures: Asked


def main() -> None:
    """The coefficients, or the exam."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--esc10", type=Path, help="folder of ESC-10, in ESC-50's layout")
    parser.add_argument("--draws", type=int, default=8, help="new sounds of each synthetic kind")
    parser.add_argument("--libraries", type=int, default=60, help="to fit by")
    parser.add_argument("--rounds", type=int, default=20, help="of abstention")
    parser.add_argument("--fit", action="store_true", help="only fit the coefficients")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "calibration.json")
    options = parser.parse_args()

    encoder = open_encoder("starter", device="cpu")
    started = time.perf_counter()
    said = texts(encoder)
    print(f"{len(said.background)} background texts and all queries encoded in {time.perf_counter() - started:.1f} s")
    to_fit = rendered(encoder, seed=FIT_SEED, draws=options.draws)
    libraries = list(drawn(to_fit, said.background, said.fit, count=options.libraries, rng=np.random.default_rng(0)))
    if options.fit:
        print_fit(libraries)
        return
    material = Material(
        texts=said,
        to_fit=to_fit,
        exam=rendered(encoder, seed=EXAM_SEED, draws=options.draws),
        recorded=recordings(encoder, options.esc10) if options.esc10 else None,
        pictures=pictures(encoder, draws=2),
    )
    report = examine(material, libraries, options.rounds)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(report, indent=2) + "\n")
    print(f"written to {options.output}")


def print_fit(libraries: list[Library]) -> None:
    """The two coefficients, of all libraries and with each variant of the model left out."""
    for left_out, fitted in fits("between middle and match", libraries).items():
        print(
            f"without {left_out or 'none':16} slope {fitted.slope:5.2f}  offset {fitted.offset:5.2f}  "
            f"2 % of what is there below {fitted.threshold:.2f}"
        )


def fits(name: str, libraries: list[Library]) -> dict[str, Fitted]:
    """A method fitted by all libraries (under "") and without each variant of the model."""
    values = [METHODS[name](library) for library in libraries]
    found = {}
    for left_out in ("", *VARIANTS):
        chosen = [at for at, library in enumerate(libraries) if library.variant != left_out]
        found[left_out] = fit(METHODS[name], [values[at] for at in chosen], [libraries[at] for at in chosen])
    return found


def examine(material: Material, libraries: list[Library], rounds: int) -> dict[str, Any]:
    """All tables."""
    said, among = material.texts, material.recorded or material.exam
    asked = joined(said.names, said.wordings)
    library = Library("as it is", among, said.background, asked.only(np.isin(asked.labels, among.labels)))
    started = time.perf_counter()
    scores = product_scores(library)
    per_query_ms = 1e3 * (time.perf_counter() - started) / len(scores)
    print(f"\n{len(library.asked.words)} queries x {len(np.unique(among.files))} files, {per_query_ms:.2f} ms a query")
    bins = reliability(*of_files(scores, library))
    measured = truth(scores, library)
    print(
        f"expected calibration error {measured.ece:.3f} (<= {WANTED_ECE} wanted); Brier {measured.brier:.3f}, of the "
        f"share of matches alone {measured.brier_of_share:.3f}; AUC {measured.auc:.3f}"
    )
    exams = list(abstentions(material, rounds))
    found = [product_scores(one) for one in exams]
    told = [abstained(each, one, DEFAULT_MIN_SCORE) for each, one in zip(found, exams, strict=True)]
    print_abstention(told)
    print(f"\nthe first {SEEN} hits of all these queries, half of which have no match")
    shown = reliability(*best_hits(found, exams))
    return {
        "truth": asdict(measured),
        "reliability": bins,
        "reliability_of_best": shown,
        "ece_of_best": calibration_error(*best_hits(found, exams)),
        "abstention": [asdict(one) for one in told],
        "by_example": by_example(material),
        "methods": compared(library, exams, libraries),
        "best_scores": dict(zip(exams[0].asked.words, found[0].max(axis=1).round(3).tolist(), strict=True)),
        "recordings": material.recorded is not None,
        "min_score": DEFAULT_MIN_SCORE,
        "versions": {name: version(name) for name in ("numpy", "torch")},
    }


def by_example(material: Material) -> list[dict[str, Any]]:
    """Sounds of the exam and drawn pictures as queries among the sounds to fit by, half of whose kinds are left out."""
    there = np.unique(material.to_fit.labels)[::2]
    sounds = material.to_fit.only(np.isin(material.to_fit.labels, there))
    exam = material.exam
    asked = {Modality.AUDIO: Asked(tuple(exam.labels), exam.vectors, exam.labels), Modality.IMAGE: material.pictures}
    print(f"\n{'asked by':12}{'ECE':>7}{'of best':>9}{'not there':>11}{'there':>8}")
    rows = []
    for kind, queries in asked.items():
        library = Library("as it is", sounds, material.texts.background, queries)
        scores = product_scores(library, kind)
        one = abstained(scores, library, DEFAULT_MIN_SCORE)
        ece, of_best = truth(scores, library).ece, calibration_error(*best_hits([scores], [library]))
        print(f"{kind.value:12}{ece:7.3f}{of_best:9.3f}{one.told:11.1%}{one.refused:8.1%}")
        rows.append({"asked": kind.value, "ece": ece, "ece_of_best": of_best, "told": one.told, "refused": one.refused})
    return rows


def product_scores(library: Library, asked: Modality = Modality.TEXT) -> NDArray[Any]:
    """What the product says: `(queries, windows)`."""
    sounds = library.sounds
    background = Background.of(library.background, {Modality.AUDIO: sounds.vectors}, {Modality.AUDIO: sounds.files})
    assert len(sounds.vectors) <= SAMPLE_WINDOWS
    return np.stack(
        [
            background.scores(query, sounds.vectors @ query, Modality.AUDIO, asked=asked)
            for query in library.asked.vectors
        ]
    )


def of_files(scores: NDArray[Any], library: Library) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Scores of windows -> those of files, their best windows', and which files answer: `(queries, files)` both."""
    _, first, number = np.unique(library.sounds.files, return_index=True, return_inverse=True)
    best = np.zeros((len(scores), len(first)))
    for row, of_query in zip(best, scores, strict=True):
        np.maximum.at(row, number, of_query)
    return best, library.asked.labels[:, None] == library.sounds.labels[first]


def truth(scores: NDArray[Any], library: Library) -> Truth:
    """Of a method's scores of windows."""
    best, right = of_files(scores, library)
    matches = right.mean()
    return Truth(
        ece=calibration_error(best, right),
        brier=float(np.mean((best - right) ** 2)),
        brier_of_share=float(matches * (1 - matches)),
        auc=float(roc_auc_score(right.ravel(), best.ravel())),
    )


def best_hits(scores: Sequence[NDArray[Any]], libraries: Sequence[Library]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """What a person sees first: `(queries, SEEN)` scores of each query's best files, and whether they answer."""
    both = [of_files(*pair) for pair in zip(scores, libraries, strict=True)]
    tops = [np.argsort(-best, axis=1)[:, :SEEN] for best, _ in both]
    seen, right = (
        np.concatenate([np.take_along_axis(pair[at], top, 1) for pair, top in zip(both, tops, strict=True)])
        for at in (0, 1)
    )
    return seen, right


def calibration_error(scores: NDArray[Any], right: NDArray[np.bool_]) -> float:
    """Mean gap between score and share of matches, over ten bins of equal width, by how many are in each."""
    bins = np.minimum((10 * scores).astype(int), 9)
    gaps = [abs(scores[bins == at].sum() - right[bins == at].sum()) for at in range(10)]
    return float(sum(gaps) / scores.size)


def reliability(scores: NDArray[Any], right: NDArray[np.bool_]) -> list[dict[str, float]]:
    """Print and return what is in each bin."""
    print(f"{'score':>12}{'pairs':>8}{'mean score':>12}{'matches':>10}")
    rows = []
    bins = np.minimum((10 * scores).astype(int), 9)
    for at in range(10):
        chosen = bins == at
        if chosen.any():
            row = {"pairs": int(chosen.sum()), "score": scores[chosen].mean(), "matches": right[chosen].mean()}
            rows.append({"from": at / 10, **{name: float(value) for name, value in row.items()}})
            print(f"{at / 10:>6.1f} - {at / 10 + 0.1:.1f}{row['pairs']:>8}{row['score']:>12.3f}{row['matches']:>10.3f}")
    return rows


def abstentions(material: Material, rounds: int) -> Iterator[Library]:
    """Libraries with some kinds left out, each with the hundred queries."""
    said, exam, recorded = material.texts, material.exam, material.recorded
    wordings, kinds = said.wordings, np.unique(exam.labels)
    of_recordings = np.unique(recorded.labels) if recorded is not None else kinds[:0]
    for number in range(rounds):
        rng = np.random.default_rng(number)
        gone = rng.choice(kinds, LEFT_OUT, replace=False)
        sounds = exam.only(~np.isin(exam.labels, gone))
        sounds = sounds if recorded is None else recorded + sounds
        there = np.concatenate([np.setdiff1d(kinds, gone), of_recordings])
        known = joined(said.names, wordings)
        present = some(wordings if recorded is not None else known, there, 2 * ASKED, rng)
        asked = joined(joined(present, some(known, gone, ASKED, rng)), said.unknown)
        yield Library("as it is", sounds, said.background, asked)


def some(asked: Asked, labels: NDArray[np.str_], most: int, rng: np.random.Generator) -> Asked:
    """At most so many of the queries for these."""
    rows = np.flatnonzero(np.isin(asked.labels, labels))
    chosen = np.zeros(len(asked.words), bool)
    chosen[rng.choice(rows, min(most, len(rows)), replace=False)] = True
    return asked.only(chosen)


def joined(first: Asked, second: Asked) -> Asked:
    """Both, in this order."""
    vectors, labels = ([getattr(one, name) for one in (first, second)] for name in ("vectors", "labels"))
    return Asked(first.words + second.words, np.concatenate(vectors), np.concatenate(labels))


def abstained(scores: NDArray[Any], library: Library, threshold: float) -> Abstention:
    """What is answered `nothing`."""
    nothing = scores.max(axis=1) < threshold
    labels = library.asked.labels
    there, unknown = np.isin(labels, library.sounds.labels), labels == UNKNOWN
    return Abstention(
        told=share(nothing[~there]),
        told_known=share(nothing[~there & ~unknown]),
        told_unknown=share(nothing[unknown]),
        refused=share(nothing[there]),
    )


def share(told: NDArray[np.bool_]) -> float:
    """Of true ones; 0 of none."""
    return float(told.sum() / max(1, len(told)))


def print_abstention(told: list[Abstention]) -> None:
    """The first round's, the mean and the worst."""
    print(f"\nanswered `nothing`, best score below {DEFAULT_MIN_SCORE}")
    print(f"{'':12}{'not there':>12}{'known kinds':>13}{'unknown':>9}{'there':>8}")
    table = np.array([(one.told, one.told_known, one.told_unknown, one.refused) for one in told])
    worst = [*table[:, :3].min(axis=0), table[:, 3].max()]
    for what, row in (("first", table[0]), (f"mean of {len(told)}", table.mean(axis=0)), ("worst", worst)):
        print(f"{what:12}{row[0]:12.1%}{row[1]:13.1%}{row[2]:9.1%}{row[3]:8.1%}")
    print(f"{'wanted':12}{f'>= {WANTED_TOLD:.0%}':>12}{'':22}{f'<= {WANTED_REFUSED:.0%}':>8}")


def compared(library: Library, exams: list[Library], libraries: list[Library]) -> list[dict[str, Any]]:
    """Every method on the same; `of best` is the calibration error of the first hits, `other model` that under the
    worst variant of the model, fitted without it."""
    print(f"\n{'':32}{'ECE':>7}{'Brier':>8}{'AUC':>7}{'not there':>11}{'there':>8}{'of best':>9}{'other model':>13}")
    others = [varied(replace(exams[0], variant=name), np.random.default_rng(1)) for name in VARIANTS]
    rows = []
    for name in METHODS:
        found = fits(name, libraries)
        fitted = found[""]
        measured = truth(fitted.scores(library), library)
        scores = [fitted.scores(one) for one in exams]
        told = [abstained(each, one, fitted.threshold) for each, one in zip(scores, exams, strict=True)]
        gone, refused = (float(np.mean([getattr(one, what) for one in told])) for what in ("told", "refused"))
        best = calibration_error(*best_hits(scores, exams))
        other = max(calibration_error(*best_hits([found[one.variant].scores(one)], [one])) for one in others)
        print(
            f"{name:32}{measured.ece:7.3f}{measured.brier:8.3f}{measured.auc:7.3f}{gone:11.1%}{refused:8.1%}"
            f"{best:9.3f}{other:13.3f}",
            flush=True,
        )
        figures = {"told": gone, "refused": refused, "ece_of_best": best, "ece_of_best_elsewhere": other}
        rows.append({"method": name, **asdict(measured), **figures})
    return rows


if __name__ == "__main__":
    main()
