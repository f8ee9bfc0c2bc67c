"""How the time of a query grows with the library: in memory, by the index of vectors, and against a bare NumPy product.

    python benchmarks/query_latency.py --windows 1000 10000 100000

For each size: p50 and p99 of one warm query at a time, each way asked in turn, and recall@10 of the index of vectors
against exact search; then what building took. The vectors are those of `vector_indexes.py`, `library`. Prints a table
and writes the same figures as JSON. A million windows of 1,024 numbers want 16 GB of memory and as much disk.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from rescan import timed
from vector_indexes import WINDOWS_PER_FILE, library

from audioclip_search.storage import IndexStore
from audioclip_search.types import FileRecord, FileStamp, FloatArray, Modality, ModelIdentity, VectorType, WindowVector

MODEL = ModelIdentity(name="benchmark", weights_hash="0" * 64, preprocessing_version=1)
FILES_PER_COMMIT = 2_500
K = 10
UNBOUNDED = 2**60


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: milliseconds, the ratio to the NumPy product query by query, recall@10 of files."""

    windows: int
    what: str
    p50_ms: float
    p99_ms: float
    ratio: float
    recall: float


def main() -> None:
    """Every size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--windows", type=int, nargs="+", default=[1_000, 10_000, 50_000])
    parser.add_argument("--dim", type=int, default=1024)
    parser.add_argument("--queries", type=int, default=60, help="of each kind, by sound and by text")
    parser.add_argument("--vectors", type=VectorType, choices=list(VectorType), default=VectorType.FLOAT32)
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "query_latency.json")
    options = parser.parse_args()
    print(f"{options.dim:,} numbers, {options.vectors}, {WINDOWS_PER_FILE} windows a file, the best {K} files")
    print(f"{'windows':>9}  {'':34}{'p50':>11}{'p99':>11}{'to NumPy':>10}{'recall':>8}")
    lines: list[Line] = []
    built: dict[int, dict[str, float]] = {}
    for windows in options.windows:
        with tempfile.TemporaryDirectory() as folder:
            built[windows] = measure(Path(folder), windows, options, lines)
    for windows, costs in built.items():
        print(f"{windows:>9,}  " + ", ".join(f"{name} {cost:,.1f}" for name, cost in costs.items()))
    report = {
        "dim": options.dim,
        "k": K,
        "vectors": options.vectors,
        "lines": [asdict(line) for line in lines],
        "built": built,
        "cpus": os.cpu_count(),
        "versions": {name: version(name) for name in ("lancedb", "numpy")},
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(report, indent=2) + "\n")
    print(f"written to {options.output}")


def measure(folder: Path, windows: int, options: argparse.Namespace, lines: list[Line]) -> dict[str, float]:
    """Every line of one size; returns what it took to get there."""
    data = library(np.random.default_rng(0), windows, options)
    queries = np.concatenate([data.sounds, data.texts])[np.random.default_rng(1).permutation(2 * options.queries)]
    costs = {"build s": timed(lambda: build(folder, data.windows, options))}
    with IndexStore.open(folder, memory_budget_bytes=0) as indexed:
        costs["index of vectors s"] = timed(indexed.optimize)
        costs["on disk MB"] = indexed.info().bytes / 1e6
        costs["indexed windows"] = indexed.info().indexed
        with IndexStore.open(folder, memory_budget_bytes=UNBOUNDED) as resident:
            costs["first query in memory s"] = timed(lambda: resident.search(queries[0], k=K))
            ways: dict[str, Callable[[FloatArray], list[str]]] = {
                "bare NumPy product": lambda query: exact(data.windows, query),
                "IndexStore, in memory": lambda query: found(resident, query),
                "IndexStore, in memory, one kind": lambda query: found(resident, query, Modality.AUDIO),
                "IndexStore, index of vectors": lambda query: found(indexed, query),
                "IndexStore, index, one kind": lambda query: found(indexed, query, Modality.AUDIO),
            }
            lines += compared(windows, ways, queries)
    return costs


def compared(windows: int, ways: dict[str, Callable[[FloatArray], list[str]]], queries: FloatArray) -> list[Line]:
    """Ask each way in turn, query by query, so that all see the same machine."""
    times_s: dict[str, list[float]] = {what: [] for what in ways}
    recalls: dict[str, list[float]] = {what: [] for what in ways}
    for what, ask in ways.items():
        ask(queries[0])  # warm
        del what
    for query in queries:
        wanted: set[str] = set()
        for what, ask in ways.items():
            started = time.perf_counter()
            answer = ask(query)
            times_s[what].append(time.perf_counter() - started)
            wanted = wanted or set(answer)
            recalls[what].append(len(wanted & set(answer)) / len(wanted))
    base = np.array(times_s["bare NumPy product"])
    lines = []
    for what, spent in times_s.items():
        p50_ms, p99_ms = 1e3 * np.percentile(spent, [50, 99])
        ratio = float(np.median(np.array(spent) / base))
        line = Line(windows, what, float(p50_ms), float(p99_ms), ratio, float(np.mean(recalls[what])))
        lines.append(line)
        print(
            f"{windows:>9,}  {what:34}{line.p50_ms:8.2f} ms{line.p99_ms:8.2f} ms{line.ratio:10.2f}{line.recall:8.3f}",
            flush=True,
        )
    return lines


def exact(vectors: FloatArray, query: FloatArray) -> list[str]:
    """The files of the nearest windows: a product, and the few best of it."""
    scores = vectors @ query
    best = np.argpartition(scores, -min(K * WINDOWS_PER_FILE, len(scores)))[-K * WINDOWS_PER_FILE :]
    files = dict.fromkeys((best[np.argsort(-scores[best])] // WINDOWS_PER_FILE).tolist())
    return [path_of(number) for number in list(files)[:K]]


def found(store: IndexStore, query: FloatArray, modality: Modality | None = None) -> list[str]:
    """The same by an index; every file is a sound, so that the filter changes nothing but the work."""
    return [hit.path for hit in store.search(query, k=K, modality=modality)]


def build(folder: Path, vectors: FloatArray, options: argparse.Namespace) -> None:
    """Write the vectors as files of a few windows each."""
    with IndexStore.create(folder, identity=MODEL, dim=options.dim, vectors=options.vectors) as store:
        step = FILES_PER_COMMIT * WINDOWS_PER_FILE
        for start in range(0, len(vectors), step):
            block = vectors[start : start + step]
            store.write(
                [
                    record((start + at) // WINDOWS_PER_FILE, block[at : at + WINDOWS_PER_FILE])
                    for at in range(0, len(block), WINDOWS_PER_FILE)
                ]
            )


def record(number: int, vectors: FloatArray) -> FileRecord:
    """A sound of some windows."""
    windows = tuple(WindowVector(vector, 2.5 * i, 2.5 * i + 5) for i, vector in enumerate(vectors))
    return FileRecord(FileStamp(path_of(number), Modality.AUDIO, size=1, mtime_ns=1), f"{number:032x}", 12.5, windows)


def path_of(number: int) -> str:
    """Of a file, by its number."""
    return f"pack/{number:08}.wav"


if __name__ == "__main__":
    main()
