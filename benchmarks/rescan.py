"""How long a sync takes that finds nothing to do, against a bare walk of the same folders.

    python benchmarks/rescan.py --files 100000

Both are run in turn; the ratio is told pair by pair. Prints a table and writes the same figures as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
from _costless import CostlessEncoder

from audioclip_search import Library
from audioclip_search.media import scan
from audioclip_search.storage import IndexStore
from audioclip_search.types import FileRecord, WindowVector
from audioclip_search.upkeep import INDEX_FOLDER

FILES_PER_FOLDER = 100
FILES_PER_COMMIT = 10_000
MOST_TIMES_A_WALK = 3.0
MOST_MEMORY_MB = 500


def main() -> None:
    """Make a tree and its index, then rescan it and walk it by turns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "rescan.json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "library"
        make_tree(root, options.files)
        encoder = CostlessEncoder()
        make_index(root, encoder)
        with Library(root, model=encoder) as library:
            rescan(library, options.files)  # which opens what a program opens once
            before_mb = memory_mb()
            walks_s, rescans_s = [], []
            with peak_memory() as peak_mb:
                for _ in range(options.pairs):
                    walks_s.append(timed(lambda: bare_walk(root)))
                    rescans_s.append(timed(lambda: rescan(library, options.files)))
        with Library(root, model=encoder) as library:
            first_s = timed(lambda: rescan(library, options.files))
    ratios = np.divide(rescans_s, walks_s)
    report = {
        "files": options.files,
        "walk_s": float(np.median(walks_s)),
        "rescan_s": float(np.median(rescans_s)),
        "first_rescan_s": first_s,
        "ratio": {"min": float(ratios.min()), "median": float(np.median(ratios)), "max": float(ratios.max())},
        "memory_mb": peak_mb() - before_mb,
        "cpus": os.cpu_count(),
    }
    print(f"{options.files:,} unchanged files in folders of {FILES_PER_FOLDER}, {options.pairs} pairs")
    print(f"bare os.scandir and stat      {report['walk_s']:8.3f} s")
    print(f"Library.sync                  {report['rescan_s']:8.3f} s")
    print(f"Library.sync, just opened     {report['first_rescan_s']:8.3f} s")
    print(f"ratio, pair by pair           {ratios.min():.2f} to {ratios.max():.2f}, median {np.median(ratios):.2f}")
    print(f"                              asked: at most {MOST_TIMES_A_WALK}")
    print(f"memory above what was in use  {report['memory_mb']:8.0f} MB (asked: at most {MOST_MEMORY_MB})")
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(report, indent=2) + "\n")
    print(f"written to {options.output}")


def make_tree(root: Path, files: int) -> None:
    """Small files with the suffix of a sound."""
    for start in range(0, files, FILES_PER_FOLDER):
        folder = root / f"{start // 10_000:03}" / f"pack {start // FILES_PER_FOLDER:05}"
        folder.mkdir(parents=True)
        for number in range(start, min(start + FILES_PER_FOLDER, files)):
            (folder / f"REC_{number:06}.wav").write_bytes(b"%d" % number)


def make_index(root: Path, encoder: CostlessEncoder) -> None:
    """The index of that tree, without reading a file of it."""
    vector = np.eye(encoder.dim, dtype=np.float32)[0]
    stamps = list(scan(root))
    with IndexStore.create(root / INDEX_FOLDER, identity=encoder.identity, dim=encoder.dim) as store:
        for start in range(0, len(stamps), FILES_PER_COMMIT):
            batch = stamps[start : start + FILES_PER_COMMIT]
            store.write([FileRecord(stamp, f"{i:032x}", 1.0, (WindowVector(vector),)) for i, stamp in enumerate(batch)])


def rescan(library: Library, files: int) -> None:
    """A sync, which must find everything as it was."""
    report = library.sync()
    assert report.unchanged == files, report


def bare_walk(root: Path) -> int:
    """The least a program has to do to see whether files have changed."""
    found = []
    folders = [str(root)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir():
                    folders.append(entry.path)
                else:
                    status = entry.stat()
                    found.append((entry.path, status.st_size, status.st_mtime_ns))
    return len(found)


def timed(work: Callable[[], object]) -> float:
    """Seconds that it takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def memory_mb() -> float:
    """What this process has in memory."""
    return psutil.Process().memory_info().rss / 1e6


@contextmanager
def peak_memory():
    """Look every 10 ms; what it yields tells the most that was seen."""
    peak, done = [memory_mb()], threading.Event()

    def look() -> None:
        while not done.wait(0.01):
            peak[0] = max(peak[0], memory_mb())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield lambda: peak[0]
    finally:
        done.set()
        thread.join()


if __name__ == "__main__":
    main()
