"""How well zero-shot tags fit: precision, recall and F1, false tags of absent kinds, and "none of these".

    python benchmarks/tagging.py --esc10 ESC-50-master

A library is made of the recordings of one fold of ESC-50 or its subset ESC-10, laid out as published, and of the
starter recipe's procedural sounds; also of recordings mixed in pairs and of four in a row. It is tagged by
`Library.tag`, with the recordings' ten classes and with all 50 names of ESC-50. Prints tables and writes the same
figures as JSON.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import tempfile
import time
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import soundfile

from audioclip_search import Library
from audioclip_search.bulk import TagReport
from audioclip_search.labels import LabelSet, read_labels
from audioclip_search.media import load_audio
from audioclip_search.types import AudioFormat, FloatArray
from trainer.starter.sounds import SOUND_NAMES, render

RATE_HZ = 44_100
THRESHOLDS = (0.3, 0.5, 0.7, 0.9)
# What the recipe's procedural sounds are by ESC-50's names; the others are in none of its classes.
ALSO: Mapping[str, str] = {
    "alarm_clock": "clock alarm",
    "applause": "clapping",
    "bell": "church bells",
    "bird_chirps": "chirping birds",
    "car_horn": "car horn",
    "crickets": "crickets",
    "door_knock": "door wood knock",
    "engine": "engine",
    "footsteps": "footsteps",
    "glass_breaking": "glass breaking",
    "siren": "siren",
    "thunder": "thunderstorm",
    "typing": "keyboard typing",
    "water_drops": "water drops",
    "wind": "wind",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table.

    Attributes:
        files: Which.
        labels: Which.
        threshold: The least probability of a tag.
        precision: Of all tags, the share that is right.
        recall: Of all that is in the files and among the labels, the share that is tagged.
        f1: Their harmonic mean.
        false_tags: How many tags are wrong.
        none_right: Of files with none of the labels, the share that gets no tag.
        calibration_error: Expected calibration error of tags with at least the threshold's probability.
    """

    files: str
    labels: str
    threshold: float
    precision: float
    recall: float
    f1: float
    false_tags: int
    none_right: float
    calibration_error: float


def main() -> None:
    """Make the library, tag it, tell how well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--esc10", type=Path, required=True, help="ESC-50 or ESC-10: meta/esc50.csv and audio/")
    parser.add_argument("--fold", type=int, default=4)
    parser.add_argument("--model", default="starter")
    parser.add_argument("--procedural", type=int, default=8, help="sounds of each procedural kind")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "tagging.json")
    options = parser.parse_args()
    lines: list[Line] = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        truth = fill(root, options.esc10, fold=options.fold, procedural=options.procedural)
        ten = sorted({next(iter(names)) for path, names in truth.items() if path.startswith("recordings/")})
        with Library(root, model=options.model) as library:
            library.sync()
            sets: dict[str, str | Sequence[str]] = {"ten": ten, "fifty": LabelSet.ESC50}
            for name, labels in sets.items():
                lines += tell(library, name, labels, truth)
        with Library(root / "recordings", model=options.model, index=root / "alone") as library:
            library.sync()
            alone = {
                path.removeprefix("recordings/"): names
                for path, names in truth.items()
                if path.startswith("recordings/")
            }
            for name, labels in sets.items():
                lines += tell(library, name, labels, alone, prefix="recordings alone")
    options.output.parent.mkdir(parents=True, exist_ok=True)
    figures = [
        {name: None if value != value else value for name, value in asdict(line).items()}  # JSON has no NaN
        for line in lines
    ]
    options.output.write_text(json.dumps(figures, indent=2) + "\n")


def fill(root: Path, esc: Path, *, fold: int, procedural: int) -> dict[str, frozenset[str]]:
    """Make the library; by each file's path what is in it, by ESC-50's names where it has one."""
    truth: dict[str, frozenset[str]] = {}
    with (esc / "meta" / "esc50.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["fold"] == str(fold)]
    sounds = []
    for row in rows:
        source = esc / "audio" / row["filename"]
        path = root / "recordings" / row["filename"]
        path.parent.mkdir(exist_ok=True)
        shutil.copyfile(source, path)
        name = row["category"].replace("_", " ")
        truth[f"recordings/{row['filename']}"] = frozenset({name})
        sounds.append((name, load_audio(source, AudioFormat(RATE_HZ, 1))))
    for kind in SOUND_NAMES:
        for number in range(procedural):
            random = np.random.default_rng([777, zlib.crc32(kind.encode()), number])
            samples = render(kind, random, duration_s=float(random.uniform(1.5, 5)), rate_hz=RATE_HZ)
            write(root / "procedural" / f"{kind}-{number}.wav", samples)
            truth[f"procedural/{kind}-{number}.wav"] = frozenset({ALSO.get(kind, kind)})
    random = np.random.default_rng(5)
    for number in range(40):
        first, second = random.choice(len(sounds), 2, replace=False)
        length = min(sounds[first][1].shape[1], sounds[second][1].shape[1])
        mixed = levelled(sounds[first][1][0, :length]) + levelled(sounds[second][1][0, :length])
        write(root / "mixed" / f"{number}.wav", mixed)
        truth[f"mixed/{number}.wav"] = frozenset({sounds[first][0], sounds[second][0]})
    for number in range(14):
        chosen = random.choice(len(sounds), 4, replace=False)
        write(root / "in a row" / f"{number}.wav", np.concatenate([sounds[each][1][0] for each in chosen]))
        truth[f"in a row/{number}.wav"] = frozenset(sounds[each][0] for each in chosen)
    return truth


def write(path: Path, samples: FloatArray) -> None:
    """A mono WAV file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.clip(samples, -1, 1), RATE_HZ)


def levelled(samples: FloatArray) -> FloatArray:
    """At one loudness."""
    same: FloatArray = samples / (np.sqrt(np.mean(samples**2)) + 1e-6) * 0.1
    return same


def tell(
    library: Library,
    name: str,
    labels: str | Sequence[str],
    truth: Mapping[str, Collection[str]],
    *,
    prefix: str = "",
) -> list[Line]:
    """Tag the library, print how well, for each kind of file and each threshold."""
    started = time.perf_counter()
    report = library.tag(labels, threshold=0.01, dry_run=True)
    print(f"\n{prefix or 'all files'}, labels: {name} ({time.perf_counter() - started:.1f} s)")
    for group in report.alike:
        print(f"  can't be told apart: {', '.join(group)}")
    print(f"{'files':18}{'threshold':>10}{'precision':>11}{'recall':>8}{'F1':>7}{'false':>7}{'none':>7}{'ECE':>7}")
    known = {label.name for label in read_labels(labels)}
    kinds = [prefix] if prefix else sorted({path.split("/")[0] for path in truth})
    lines = []
    for kind in kinds:
        chosen = {path: names for path, names in truth.items() if prefix or path.startswith(f"{kind}/")}
        for threshold in THRESHOLDS:
            line = judged(report, library.root, chosen, known, files=kind, labels=name, threshold=threshold)
            lines.append(line)
            print(
                f"{line.files:18}{line.threshold:10}{line.precision:11.3f}{line.recall:8.3f}{line.f1:7.3f}"
                f"{line.false_tags:7}{line.none_right:7.3f}{line.calibration_error:7.3f}"
            )
    return lines


def judged(
    report: TagReport,
    root: Path,
    truth: Mapping[str, Collection[str]],
    known: Collection[str],
    *,
    files: str,
    labels: str,
    threshold: float,
) -> Line:
    """How well the tags of some files fit."""
    found = {
        file.path.relative_to(root).as_posix(): {
            tag.label: tag.probability for tag in file.tags if tag.probability >= threshold
        }
        for file in report.tagged
    }
    pairs = [
        (probability, label in names)
        for path, names in truth.items()
        for label, probability in found.get(path, {}).items()
    ]
    right = sum(is_right for _, is_right in pairs)
    there = sum(len({*names} & {*known}) for names in truth.values())
    without = [path for path, names in truth.items() if not {*names} & {*known}]
    unlabelled = sum(not found.get(path) for path in without)
    return Line(
        files=files,
        labels=labels,
        threshold=threshold,
        precision=right / len(pairs) if pairs else float("nan"),
        recall=right / there if there else float("nan"),
        f1=2 * right / (len(pairs) + there) if there else float("nan"),
        false_tags=len(pairs) - right,
        none_right=unlabelled / len(without) if without else float("nan"),
        calibration_error=calibration_error(pairs),
    )


def calibration_error(pairs: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error over bins of equal width."""
    if not pairs:
        return float("nan")
    probabilities = np.array([probability for probability, _ in pairs])
    right = np.array([is_right for _, is_right in pairs], np.float64)
    places = np.minimum((probabilities * bins).astype(int), bins - 1)
    gaps = [
        abs(probabilities[places == place].mean() - right[places == place].mean()) * (places == place).sum()
        for place in np.unique(places)
    ]
    return float(sum(gaps) / len(pairs))


if __name__ == "__main__":
    main()
