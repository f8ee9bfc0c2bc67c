"""How well duplicates are found: precision and recall by tier, way and strength; and how long it takes.

    python benchmarks/duplicates.py
    python benchmarks/duplicates.py --data ESC-50-master      # real recordings as well

Made-up sounds include what is easily mistaken: other takes of the same kind, one-shots of 0.2 s, tones 1 Hz apart,
noises. Each is changed in eleven ways at ten strengths. Prints tables and writes the same figures as JSON.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from _degradations import WAYS, Sound, wav

from audioclip_search import DuplicateTier, Library
from audioclip_search.duplicates.finding import LEAST_SCORE, PLAIN_SIGNS
from audioclip_search.duplicates.nominate import alike_prints
from audioclip_search.media import Print, coherence, examine_sound, fingerprint, likeness, load_wave, sure_signs
from trainer.starter.sounds import SOUND_NAMES, render

RATE_HZ = 48_000
STRENGTHS = 10
SHOTS = ("kick_drum", "snare_drum", "hi_hat", "coin", "beep", "door_knock", "plucked_string", "laser")
TONES_HZ = (220, 223, 440, 441, 443, 1000, 5000)


@dataclass(frozen=True, slots=True)
class Original:
    """A sound, its kind (`kick_drum`), and which recording it is of: two of one recording are neither duplicates nor
    not, as they may overlap."""

    sound: Sound
    kind: str
    recording: str


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--takes", type=int, default=2, help="of each kind of made-up sound")
    parser.add_argument("--data", type=Path, help="a folder laid out as ESC-50, for real recordings")
    parser.add_argument("--recordings", type=int, default=60, help="of these")
    parser.add_argument("--prints", type=int, nargs="*", default=[1_000, 10_000], help="sizes to time nominations at")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "duplicates.json")
    options = parser.parse_args()
    collections = {"made up": list(made_up(options.takes))}
    if options.data:
        collections["recorded"] = list(recorded(options.data, options.recordings))
    report: dict[str, object] = {"cpus": os.cpu_count()}
    for name, originals in collections.items():
        print(f"{name}: {len(originals)} sounds, {len({original.kind for original in originals})} kinds")
        report[name] = {"pairs": pairs(originals), "library": in_a_library(originals)}
    report["nominations"] = nominations(collections["made up"], options.prints)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(report, indent=2) + "\n")
    print(f"written to {options.output}")


def made_up(takes: int) -> Iterator[Original]:
    """Procedural sounds, one-shots cut from more of them, tones, and noises."""
    for number, name in enumerate(SOUND_NAMES):
        for take in range(takes):
            random = np.random.default_rng([7, number, take])
            samples = render(name, random, duration_s=float(random.uniform(1, 5)), rate_hz=RATE_HZ)
            yield Original(Sound(samples[None], RATE_HZ), name, f"{name} {take}")
    for name in SHOTS:
        for take in range(takes + 1):
            random = np.random.default_rng([8, SOUND_NAMES.index(name), take])
            shot = one_shot(render(name, random, duration_s=1, rate_hz=RATE_HZ), float(random.uniform(0.15, 0.3)))
            yield Original(Sound(shot[None], RATE_HZ), name, f"{name} shot {take}")
    time_s = np.arange(RATE_HZ) / RATE_HZ
    for frequency_hz in TONES_HZ:
        tone = 0.5 * np.sin(2 * np.pi * frequency_hz * time_s)
        yield Original(Sound(tone.astype(np.float32)[None], RATE_HZ), "tone", f"tone {frequency_hz}")
    for take in range(takes + 1):
        noise = 0.1 * np.random.default_rng([9, take]).standard_normal((2, 2 * RATE_HZ))
        yield Original(Sound(noise.astype(np.float32), RATE_HZ), "noise", f"noise {take}")


def one_shot(samples: np.ndarray, duration_s: float) -> np.ndarray:
    """From its onset on, with a short fade."""
    onset = max(int(np.argmax(np.abs(samples) > 0.1 * np.abs(samples).max())) - 200, 0)
    shot = samples[onset : onset + round(duration_s * RATE_HZ)].copy()
    shot[-480:] *= np.linspace(1, 0, 480, dtype=np.float32)
    return shot


def recorded(root: Path, most: int) -> Iterator[Original]:
    """Recordings of a data set, evenly from all of it."""
    with (root / "meta" / "esc50.csv").open(newline="", encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    for row in rows[:: max(1, len(rows) // most)][:most]:
        path = root / "audio" / row["filename"]
        path = path if path.exists() else path.with_suffix(".ogg")
        samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
        yield Original(Sound(samples.T, rate_hz), row["category"], row["filename"].split("-")[1])


def pairs(originals: Sequence[Original]) -> dict[str, object]:
    """Recall and precision of pairs, original and copy, without the help of other copies, or of vectors."""
    waves = [load_wave(wav(original.sound)) for original in originals]
    prints = [fingerprint(wave) for wave in waves]
    recalls = {way: [0.0] * STRENGTHS for way in WAYS}
    wrong, right, seconds, files = [], 0, 0.0, 0
    print(f"{'recall':10}" + "".join(f"{strength + 1:>7}" for strength in range(STRENGTHS)))
    for way, change in WAYS.items():
        for strength in range(STRENGTHS):
            random = np.random.default_rng([3, strength])
            copies = [change(original.sound, strength, random) for original in originals]
            started = time.perf_counter()
            facts = [np.frombuffer(examine_sound(copy).print, np.uint32) for copy in copies]
            seconds, files = seconds + time.perf_counter() - started, files + len(copies)
            found = same_pairs(prints + facts, waves + [load_wave(copy) for copy in copies])
            owner = [*range(len(originals)), *range(len(originals))]
            true = {(one, other) for one, other in found if owner[one] == owner[other]}
            wrong += [
                (way, strength, originals[owner[one]].recording, originals[owner[other]].recording)
                for one, other in found - true
                if originals[owner[one]].recording != originals[owner[other]].recording
            ]
            right += len(true)
            recalls[way][strength] = len(true) / len(originals)
        print_row(way, recalls[way])
    print_row("all", np.mean(list(recalls.values()), axis=0).tolist())
    precision = right / max(right + len(wrong), 1)
    print(f"precision {precision:.4f}: {right:,} right, {len(wrong)} wrong {sorted(set(wrong))[:6]}")
    print(f"examining {1000 * seconds / files:.1f} ms a file")
    return {"recall": recalls, "precision": precision, "wrong": wrong, "examine_ms": 1000 * seconds / files}


def same_pairs(prints: Sequence[Print], waves: Sequence[np.ndarray]) -> set[tuple[int, int]]:
    """What a library does, without its vectors."""
    found = set()
    for one, other in alike_prints(prints).tolist():
        fit = likeness(prints[one], prints[other])
        plain = min(sure_signs(prints[one]), sure_signs(prints[other])) < PLAIN_SIGNS
        if (fit.score >= LEAST_SCORE or plain) and coherence(waves[one], waves[other], near_s=fit.offset / 50).same:
            found.add((one, other))
    return found


def print_row(name: str, values: Sequence[float]) -> None:
    """A line of the table, the weakest change on the left."""
    print(f"{name:10}" + "".join(f"{value:7.2f}" for value in values), flush=True)


def in_a_library(originals: Sequence[Original]) -> dict[str, object]:
    """The three tiers of a whole library with the starter model: of each sound, four files with the same samples, one
    that differs by a single sample, and six changed in some way."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        recording_of, identical_to = write_library(originals, root)
        with Library(root, model="starter") as library:
            report = library.sync()
            started = time.perf_counter()
            groups = library.duplicates()
            first_s = time.perf_counter() - started
            started = time.perf_counter()
            library.duplicates()
            again_s = time.perf_counter() - started
    files = len(recording_of)
    result: dict[str, object] = {"files": files, "failed": len(report.failures), "s": first_s, "again_s": again_s}
    for tier in DuplicateTier:
        chosen = [group for group in groups if group.tier is tier]
        members = [(group.best.name, path.name) for group in chosen for path in group.worse]
        truth = identical_to if tier is DuplicateTier.IDENTICAL else recording_of
        if tier is DuplicateTier.ALIKE:
            kinds = {name: originals[number].kind for name, number in recording_of.items()}
            right = sum(kinds[best] == kinds[other] for best, other in members)
            recall = None
        else:
            wrong = [pair for pair in members if truth[pair[0]] != truth[pair[1]]]
            right = len(members) - len(wrong)
            for best, other in wrong:
                print(f"library, {tier.value}: wrong {best} ({originals[truth[best]].recording}) and {other}")
            ends = {*identical_to} if tier is DuplicateTier.IDENTICAL else worse_ones(groups, recording_of)
            recall = round(right / (len(ends) - len({truth[name] for name in ends})), 4)
        precision = right / max(len(members), 1)
        result[tier.value] = {"groups": len(chosen), "precision": precision, "recall": recall}
        print(f"library, {tier.value:10} {len(chosen):5} groups  precision {precision:.4f}  recall {recall}")
    rate = f"{1000 * first_s / files:.1f} ms a file at first, {1000 * again_s / files:.2f} ms again"
    print(f"library of {files:,} files: {first_s:.1f} s, {rate}")
    return result


def worse_ones(groups: Sequence[object], recording_of: dict[str, int]) -> set[str]:
    """Files that tier 2 has to deal with: all but those that tier 1 dealt with."""
    dealt = {path.name for group in groups if group.tier is DuplicateTier.IDENTICAL for path in group.worse}
    return set(recording_of) - dealt


def write_library(originals: Sequence[Original], root: Path) -> tuple[dict[str, int], dict[str, int]]:
    """Write the files; returns which recording each is of, and which samples those have that are identical to any."""
    recording_of, identical_to = {}, {}
    random = np.random.default_rng(11)
    names = list(WAYS)
    for number, original in enumerate(originals):
        whole, rate_hz = np.rint(original.sound.samples * 32_767).astype(np.int16), original.sound.rate_hz
        files = {
            "a.wav": lossless(whole, rate_hz, "WAV"),
            "b.flac": lossless(whole, rate_hz, "FLAC"),
            "c.aiff": lossless(whole, rate_hz, "AIFF"),
        }
        files["d.caf"] = lossless(whole, rate_hz, "CAF", "ALAC_16")
        identical_to |= {f"{number:03} {name}": number for name in files}
        touched = whole.copy()
        touched[0, len(touched[0]) // 2] ^= 1
        files["e one sample.wav"] = lossless(touched, rate_hz, "WAV")
        for choice in random.choice(len(names), 6, replace=False):
            strength = int(random.integers(STRENGTHS))
            data = WAYS[names[choice]](original.sound, strength, random)
            files[f"f {names[choice]} {strength}{suffix_of(data)}"] = data
        for name, data in files.items():
            (root / f"{number:03} {name}").write_bytes(data)
            recording_of[f"{number:03} {name}"] = number
    return recording_of, identical_to


def lossless(whole: np.ndarray, rate_hz: int, form: str, subtype: str = "PCM_16") -> bytes:
    """Integers of 16 bits as a file."""
    file = io.BytesIO()
    soundfile.write(file, whole.T, rate_hz, format=form, subtype=subtype)
    return file.getvalue()


def suffix_of(data: bytes) -> str:
    """By how it begins."""
    return {b"RIFF": ".wav", b"OggS": ".ogg"}.get(data[:4], ".m4a" if data[4:8] == b"ftyp" else ".mp3")


def nominations(originals: Sequence[Original], sizes: Sequence[int]) -> list[dict[str, float]]:
    """Time, and pairs nominated, at sizes of a library of which no two sounds are the same, but all are made of half
    seconds of the same few sounds: harder than any real one."""
    prints = [fingerprint(load_wave(wav(original.sound))) for original in originals]
    parts = [print_[at : at + 25] for print_ in prints for at in range(0, len(print_) - 25, 25)]
    random = np.random.default_rng(5)
    measured = []
    for size in sizes:
        made = [np.concatenate([parts[part] for part in random.choice(len(parts), 8)]) for _ in range(size)]
        started = time.perf_counter()
        found = alike_prints(made)
        nominated_s = time.perf_counter() - started
        started = time.perf_counter()
        for one, other in found[:2_000].tolist():
            likeness(made[one], made[other])
        each_ms = 1000 * (time.perf_counter() - started) / max(min(len(found), 2_000), 1)
        print(f"{size:,} prints of 4 s: {nominated_s:.2f} s, {len(found):,} pairs, {each_ms:.2f} ms to check one")
        measured.append({"prints": size, "s": nominated_s, "pairs": len(found), "check_ms": each_ms})
    return measured


if __name__ == "__main__":
    main()
