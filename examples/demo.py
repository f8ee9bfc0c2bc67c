"""Makes a small library of sounds and pictures, indexes it, and searches it in six ways.

    python examples/demo.py [--model NAME_OR_PATH] [--seed N]

Every sound is drawn anew by the procedural generators of `trainer.starter.sounds`; the names of the files
(REC_0001.wav …) give nothing away. What each file really is, the demo keeps to itself and holds against the hits: ✓ is
right, ✗ is not.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from audioclip_search import Library
from audioclip_search.errors import AudioCLIPSearchError
from audioclip_search.results import Hit
from audioclip_search.types import Modality, SyncReport
from trainer.starter.pictures import clean_picture
from trainer.starter.sounds import render

LIBRARY = Path(__file__).resolve().parent.parent / "demo-library"
TRUTH = ".truth.json"  # hidden: not indexed; also the mark that the folder is the demo's own
RATE_HZ = 44_100
SOUND_LENGTHS_S = (2.0, 4.0)
PICTURE_SIDE_PX = 160
FORMATS = ("wav", "flac", "ogg", "mp3")
TAKES = 3  # of each sound that is asked for, and as many hits

SOUNDS = (
    "alarm_clock", "applause", "bell", "bubbles", "bird_chirps", "car_horn", "coin", "crickets", "door_knock", "engine",
    "footsteps", "explosion", "glass_breaking", "geiger_counter", "heartbeat", "kick_drum", "laser", "organ",
    "plucked_string", "siren", "thunder", "typing", "water_drops", "whistle",
)  # fmt: skip
ASKED = ("glass_breaking", "bell", "footsteps", "bird_chirps")
PICTURES = (
    "bell", "bird_chirps", "car_horn", "coin", "door_knock", "explosion", "footsteps", "glass_breaking", "heartbeat",
    "organ", "plucked_string", "siren", "thunder", "typing", "water_drops", "whistle",
)  # fmt: skip
MISSING = "people speaking French"
NOTES = {
    "siren": "Police siren, passing by from left to right. Recorded from the roof.",
    "crickets": "Crickets at night, garden behind the house.",
}


@dataclass(frozen=True, slots=True)
class Question:
    """A query, what it is about and how to say so."""

    title: str
    label: str
    query: Mapping[str, Any]


def main() -> int:
    """Run the demo; the exit code is 1 if anything fails to run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="starter", help="a model's name or path (default: starter)")
    parser.add_argument("--seed", type=int, default=2021, help="another seed draws other sounds")
    options = parser.parse_args()
    try:
        run(options.model, np.random.default_rng(options.seed))
    except AudioCLIPSearchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def run(model: str, rng: np.random.Generator) -> None:
    """Make, index, search, report."""
    with timed("Making sounds, pictures and notes"):
        truth = make_library(rng)
        asked = questions(rng)
    with Library(LIBRARY, model=model) as library:
        with timed("Loading the model and indexing"):
            report = library.sync()
        print_report(report)
        right = sum(ask(library, number, question, truth) for number, question in enumerate(asked, 1))
        ask_by_name(library, len(asked) + 1)
        ask_for_what_is_missing(library, len(asked) + 2)
    print(
        f"\n{right} of {TAKES * len(asked)} hits are what was asked for. Listen to them: they are in {LIBRARY.name}/."
    )
    print(f"Go on yourself: .venv/bin/audioclip-search query {LIBRARY.name} a church bell")


def make_library(rng: np.random.Generator) -> dict[str, str]:
    """Write the files anew; what each one is, by its path in the library."""
    if LIBRARY.exists():
        if not (LIBRARY / TRUTH).is_file():
            raise AudioCLIPSearchError("is not the demo's own folder", path=LIBRARY, remedy="Move it out of the way")
        shutil.rmtree(LIBRARY)
    for folder in ("recordings", "pictures", "notes"):
        (LIBRARY / folder).mkdir(parents=True)
    (LIBRARY / TRUTH).touch()
    truth = {**make_sounds(rng), **make_pictures(rng)}
    for number, (label, text) in enumerate(NOTES.items(), 1):
        truth[f"notes/note_{number}.txt"] = label
        (LIBRARY / f"notes/note_{number}.txt").write_text(text + "\n", encoding="utf-8")
    (LIBRARY / TRUTH).write_text(json.dumps(truth, indent=2) + "\n", encoding="utf-8")
    return truth


def make_sounds(rng: np.random.Generator) -> dict[str, str]:
    """Two or three takes of each sound, in turn in each of the formats."""
    takes = [label for index, label in enumerate(SOUNDS) for _ in range(TAKES if label in ASKED else 2 + index % 2)]
    truth = {}
    for number, index in enumerate(rng.permutation(len(takes)), 1):
        label, suffix = takes[index], FORMATS[number % len(FORMATS)]
        path = f"recordings/REC_{number:04d}.{suffix}"
        samples = render(label, rng, duration_s=float(rng.uniform(*SOUND_LENGTHS_S)), rate_hz=RATE_HZ)
        soundfile.write(LIBRARY / path, samples, RATE_HZ)
        truth[path] = label
    return truth


def make_pictures(rng: np.random.Generator) -> dict[str, str]:
    """One drawing of each."""
    truth = {}
    for number, index in enumerate(rng.permutation(len(PICTURES)), 1):
        path = f"pictures/IMG_{number:04d}.png"
        clean_picture(PICTURES[index], 0, PICTURE_SIDE_PX, fonts=()).save(LIBRARY / path)
        truth[path] = PICTURES[index]
    return truth


def questions(rng: np.random.Generator) -> Sequence[Question]:
    """By words, by a picture, by a sound that is not in the library, and by a sentence that training never saw."""
    glass, bell, steps, birds = ASKED
    sound = render(steps, rng, duration_s=3.0, rate_hz=RATE_HZ)
    picture = clean_picture(bell, 1, PICTURE_SIDE_PX, fonts=())
    other_words = "a robin twittering on a branch"
    return (
        Question('By words: "glass breaking"', glass, {"text": "glass breaking"}),
        Question("By a picture: the drawing of a bell", bell, {"image": picture}),
        Question("By a sound: somebody else's footsteps", steps, {"audio": (sound, RATE_HZ)}),
        Question(f'In a sentence it was not taught: "{other_words}"', birds, {"text": other_words}),
    )


def ask(library: Library, number: int, question: Question, truth: Mapping[str, str]) -> int:
    """Ask and print; how many hits are right."""
    start_s = time.perf_counter()
    hits = library.query(**question.query, k=TAKES, modality=Modality.AUDIO)
    took_ms = (time.perf_counter() - start_s) * 1000
    print(f"\n{number}. {question.title}   ({took_ms:.0f} ms)")
    right = 0
    for hit in hits:
        path = hit.path.relative_to(LIBRARY).as_posix()
        correct = truth[path] == question.label
        right += correct
        print(f"   {hit.score:5.0%}   {path:<24}  {span(hit):<11}  {'✓' if correct else '✗'} {spoken(truth[path])}")
    return right


def ask_by_name(library: Library, number: int) -> None:
    """A name finds its file, whatever the words sound like."""
    wanted = sorted((LIBRARY / "recordings").iterdir())[-1]
    hits = library.query(f"{wanted.stem} kind:audio", k=1, explain=True)
    print(f"\n{number}. By a file's name, in the query language: {hits.query}")
    for hit in hits:
        why = f"[name {hit.why.name:.0%}, like it {hit.why.semantic:.0%}]" if hit.why else ""
        print(f"   {hit.score:5.0%}   {hit.path.relative_to(LIBRARY)}  {why}  {'✓' if hit.path == wanted else '✗'}")


def ask_for_what_is_missing(library: Library, number: int) -> None:
    """Of what is not there, nothing is found."""
    hits = library.query(text=MISSING)
    print(f'\n{number}. What is not there: "{MISSING}"')
    print("   nothing in this library matches  ✓" if hits.nothing else f"   {len(hits)} hits  ✗")


def print_report(report: SyncReport) -> None:
    """What was indexed."""
    print(f"   {report.added} files as {report.windows} vectors, {len(report.failures)} failed")
    for failure in report.failures:
        print(f"   {failure.path}: {failure.reason}")


def span(hit: Hit) -> str:
    """Where in the file."""
    return f"{hit.start_s:.1f}–{hit.end_s:.1f} s" if hit.modality is Modality.AUDIO else hit.modality.value


def spoken(label: str) -> str:
    """A label as words."""
    return label.replace("_", " ")


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Say what is being done, and then how long it took."""
    print(f"{what:<40}", end="", flush=True)
    start_s = time.perf_counter()
    try:
        yield
    finally:
        print(f"{time.perf_counter() - start_s:6.1f} s")


if __name__ == "__main__":
    sys.exit(main())
