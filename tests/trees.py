"""Data sets in their official layouts, with short made-up sounds: every class has a pitch of its own, so that a network
can learn to tell them apart."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import av
import numpy as np
import soundfile

ESC10_TARGETS = {
    "dog": 0,
    "rooster": 1,
    "rain": 10,
    "sea_waves": 11,
    "crackling_fire": 12,
    "crying_baby": 20,
    "sneezing": 21,
    "clock_tick": 38,
    "helicopter": 40,
    "chainsaw": 41,
}
ESC50_TARGETS = {**ESC10_TARGETS, "pig": 2, "cow": 3, "frog": 4, "cat": 5, "door_wood_knock": 30, "church_bells": 46}
US8K_CLASSES = (
    "air_conditioner",
    "car_horn",
    "children_playing",
    "dog_bark",
    "drilling",
    "engine_idling",
    "gun_shot",
    "jackhammer",
    "siren",
    "street_music",
)
AUDIOSET_LABELS = {
    "/m/09x0r": "Speech",
    "/m/05zppz": "Male speech, man speaking",
    "/m/0bt9lr": "Dog",
    "/m/04rlf": "Music",
    "/m/07yv9": "Vehicle",
}


def make_tone(
    path: Path,
    *,
    number: int = 0,
    seed: int = 0,
    duration_s: float = 0.5,
    rate_hz: int = 8_000,
    channels: int = 1,
) -> Path:
    """Write a tone, its pitch by `number` (the class), its phase, level and noise by `seed`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    time_s = np.arange(round(duration_s * rate_hz)) / rate_hz  # (n,)
    pitch_hz = 200 * 1.25 ** (number % 16)
    tone = random.uniform(0.2, 0.6) * np.sin(2 * np.pi * (pitch_hz * time_s + random.uniform()))
    samples = tone[:, None] + 0.01 * random.standard_normal((len(time_s), channels))  # (n, channels)
    soundfile.write(path, samples, rate_hz)
    return path


def make_video(
    path: Path,
    *,
    colours: Sequence[tuple[int, int, int]] = ((220, 20, 20), (20, 20, 220)),
    duration_s: float = 1.0,
    rate_hz: int = 8_000,
    sound: bool = True,
    frames_per_s: int = 10,
    size: tuple[int, int] = (64, 48),
) -> Path:
    """Write a video of one colour after another, each for the same time, with a tone or silent."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frames = round(duration_s * frames_per_s)
    with av.open(path, "w") as container:
        video = container.add_stream("mpeg4", rate=frames_per_s)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        track = container.add_stream("aac", rate=rate_hz, layout="mono") if sound else None
        for number in range(frames):
            colour = colours[number * len(colours) // frames]
            picture = np.full((size[1], size[0], 3), colour, np.uint8)
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(video.encode())
        if track is not None:
            time_s = np.arange(round(duration_s * rate_hz)) / rate_hz
            tone = (0.3 * np.sin(2 * np.pi * 440 * time_s)).astype(np.float32)[None]  # (1, n)
            frame = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
            frame.sample_rate = rate_hz
            container.mux(track.encode(frame))
            container.mux(track.encode())
    return path


def make_esc50(
    root: Path,
    *,
    classes: Sequence[str] = ("dog", "rain", "pig"),
    folds: Iterable[int] = (1, 2, 3, 4, 5),
    per_class: int = 2,
    duration_s: float = 0.5,
    rate_hz: int = 8_000,
) -> Path:
    """ESC-50's layout: `per_class` clips a class and fold, of two takes a source. Classes out of `ESC50_TARGETS`."""
    rows: list[Sequence[object]] = []
    for fold in folds:
        for name in classes:
            target = ESC50_TARGETS[name]
            for clip in range(per_class):
                source, take = 100_000 + 1_000 * fold + 10 * target + clip // 2, "AB"[clip % 2]
                filename = f"{fold}-{source}-{take}-{target}.wav"
                seed = 10 * source + clip % 2
                make_tone(root / "audio" / filename, number=target, seed=seed, duration_s=duration_s, rate_hz=rate_hz)
                rows.append((filename, fold, target, name, name in ESC10_TARGETS, source, take))
    columns = ("filename", "fold", "target", "category", "esc10", "src_file", "take")
    write_csv(root / "meta" / "esc50.csv", columns, rows)
    return root


def make_us8k(
    root: Path,
    *,
    classes: Sequence[str] = ("air_conditioner", "dog_bark"),
    folds: Iterable[int] = range(1, 11),
    per_class: int = 2,
    duration_s: float = 0.5,
    rate_hz: int = 8_000,
    channels: int = 2,
) -> Path:
    """UrbanSound8K's layout: `per_class` slices of one recording a class and fold."""
    rows: list[Sequence[object]] = []
    for fold in folds:
        for name in classes:
            number = US8K_CLASSES.index(name)
            recording = 50_000 + 100 * fold + number
            for slice_number in range(per_class):
                filename = f"{recording}-{number}-0-{slice_number}.wav"
                make_tone(
                    root / "audio" / f"fold{fold}" / filename,
                    number=number,
                    seed=10 * recording + slice_number,
                    duration_s=duration_s,
                    rate_hz=rate_hz,
                    channels=channels,
                )
                start_s = 10.0 + slice_number
                rows.append((filename, recording, start_s, start_s + duration_s, 1, fold, number, name))
    columns = ("slice_file_name", "fsID", "start", "end", "salience", "fold", "classID", "class")
    write_csv(root / "metadata" / "UrbanSound8K.csv", columns, rows)
    return root


def make_audioset(
    root: Path,
    *,
    balanced: int = 4,
    unbalanced: int = 0,
    evaluation: int = 2,
    video: bool = False,
    naming: str = "{id}_{start:.0f}",
    duration_s: float = 0.5,
    rate_hz: int = 8_000,
) -> Path:
    """AudioSet's layout: segment tables, `class_labels_indices.csv`, and in `media/` cut sounds or videos, named by
    `naming` of `id`, `start` and `end` (seconds)."""
    mids = list(AUDIOSET_LABELS)
    splits = {"balanced_train": balanced, "unbalanced_train": unbalanced, "eval": evaluation}
    for split, count in splits.items():
        lines = [
            "# Segments csv created Sun Mar  5 10:54:31 2017",
            f"# num_ytids={count}, num_segs={count}, num_unique_labels=527, num_positive_labels={2 * count}",
            "# YTID, start_seconds, end_seconds, positive_labels",
        ]
        for number in range(count):
            ytid, start_s = f"-{split[:2]}_{number:07d}", 30.0 * (number % 3)
            own = sorted({mids[number % len(mids)], mids[(number + 2) % len(mids)]})
            lines.append(f'{ytid}, {start_s:.3f}, {start_s + 10:.3f}, "{",".join(own)}"')
            stem = naming.format(id=ytid, start=start_s, end=start_s + 10)
            if video:
                make_video(root / "media" / f"{stem}.mp4", duration_s=duration_s, rate_hz=rate_hz)
            else:
                make_tone(
                    root / "media" / f"{stem}.wav", number=number, seed=number, duration_s=duration_s, rate_hz=rate_hz
                )
        if count:
            root.mkdir(parents=True, exist_ok=True)
            (root / f"{split}_segments.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    write_csv(
        root / "class_labels_indices.csv",
        ("index", "mid", "display_name"),
        [(index, mid, name) for index, (mid, name) in enumerate(AUDIOSET_LABELS.items())],
    )
    return root


def make_folder(
    root: Path,
    *,
    classes: Sequence[str] = ("glass_break", "wood", "metal"),
    per_class: int = 4,
    takes: int = 1,
    duration_s: float = 0.5,
    rate_hz: int = 8_000,
) -> Path:
    """A user's folder: `CLASS/SOURCE take N.wav`, `per_class` sources a class, `takes` of each."""
    for number, name in enumerate(classes):
        for source in range(per_class):
            for take in range(1, takes + 1):
                make_tone(
                    root / name / f"{'abcdefghijklmnopqrstuvwxyz'[source % 26] * (1 + source // 26)}x take {take}.wav",
                    number=3 * number,
                    seed=1_000 * number + 10 * source + take,
                    duration_s=duration_s,
                    rate_hz=rate_hz,
                )
    return root


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    """Write a table."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
    return path
