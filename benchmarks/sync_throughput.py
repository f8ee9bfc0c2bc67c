"""How long indexing takes when the model costs nothing, against reading, hashing and decoding the same files alone.

    python benchmarks/sync_throughput.py --files 5000

Both use as many threads, by turns, each pair on a new index; the ratio is told pair by pair. Beside it, how long a sync
takes after the whole folder was renamed, when nothing need be embedded. Prints a table and writes JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import soundfile
from _costless import CostlessEncoder
from rescan import timed

from audioclip_search import Library
from audioclip_search.indexer.decoding import MOST_THREADS
from audioclip_search.media import iter_segments, open_source, read_and_hash, scan

RATE_HZ = 44_100
MOST_TIMES_DECODING = 2.0


def main() -> None:
    """Make sounds, then decode them and index them by turns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=5_000)
    parser.add_argument("--duration", type=float, default=1.5, help="of a sound, seconds, on average")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "sync_throughput.json")
    options = parser.parse_args()
    encoder = CostlessEncoder()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "library"
        size = make_sounds(root / "pack", options.files, options.duration)
        decodings_s, syncs_s, renames_s = [], [], []
        for pair in range(options.pairs + 1):
            index = Path(folder) / "index"
            decoding_s = timed(lambda: decode_all(root, encoder))
            with Library(root, model=encoder, index=index) as library:
                sync_s = timed(lambda: sync(library, options.files))
                (root / "pack").rename(root / "renamed")
                rename_s = timed(lambda: sync_renamed(library, options.files))
                (root / "renamed").rename(root / "pack")
            shutil.rmtree(index)
            if pair:  # the first one warms up
                decodings_s.append(decoding_s)
                syncs_s.append(sync_s)
                renames_s.append(rename_s)
    ratios = np.divide(syncs_s, decodings_s)
    report = {
        "files": options.files,
        "bytes": size,
        "decoding_s": float(np.median(decodings_s)),
        "sync_s": float(np.median(syncs_s)),
        "ratio": {"min": float(ratios.min()), "median": float(np.median(ratios)), "max": float(ratios.max())},
        "renamed_s": float(np.median(renames_s)),
        "threads": threads(),
        "cpus": os.cpu_count(),
    }
    print(f"{options.files:,} sounds, {size / 1e6:,.0f} MB, {threads()} threads, {options.pairs} pairs")
    for what, time_s in (
        ("read, hash and decode alone", report["decoding_s"]),
        ("Library.sync, costless model", report["sync_s"]),
        ("Library.sync, folder renamed", report["renamed_s"]),
    ):
        print(f"{what:30}{time_s:8.2f} s{options.files / time_s:10,.0f} files/s")
    print(f"sync / decoding, pair by pair {ratios.min():.2f} to {ratios.max():.2f}, median {np.median(ratios):.2f}")
    print(f"                              asked: at most {MOST_TIMES_DECODING}")
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(report, indent=2) + "\n")
    print(f"written to {options.output}")


def threads() -> int:
    """As many as a sync decodes with."""
    return min(MOST_THREADS, os.cpu_count() or 1)


def make_sounds(folder: Path, files: int, duration_s: float) -> int:
    """Noise of different lengths, every second one FLAC. Returns bytes."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    size = 0
    for number in range(files):
        samples = 0.1 * random.standard_normal(round(random.uniform(0.2, 1.8) * duration_s * RATE_HZ))
        path = folder / f"REC_{number:05}.{'flac' if number % 2 else 'wav'}"
        soundfile.write(path, samples, RATE_HZ)
        size += path.stat().st_size
    return size


def decode_all(root: Path, encoder: CostlessEncoder) -> None:
    """What has to be done to every file whatever the model is."""

    def decode(path: str) -> int:
        with open_source(root / path) as opened:
            _, file = read_and_hash(opened)
            return sum(1 for _ in iter_segments(file, encoder.audio_format))

    with ThreadPoolExecutor(threads()) as executor:
        list(executor.map(decode, [stamp.path for stamp in scan(root)]))


def sync(library: Library, files: int) -> None:
    """A first sync, which must embed every file."""
    report = library.sync()
    assert report.added == files, report


def sync_renamed(library: Library, files: int) -> None:
    """A sync that finds every file elsewhere, and embeds none."""
    report = library.sync()
    assert (report.moved, report.windows) == (files, 0), report


if __name__ == "__main__":
    main()
