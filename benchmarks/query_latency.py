"""How long a query takes: in memory and by LanceDB, against a bare NumPy product over the same vectors.

    python benchmarks/query_latency.py --windows 20000 --dim 1024

Prints a table and writes the same figures as JSON. Times are milliseconds of one query at a time, warm.
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

from audioclip_search.storage import IndexStore
from audioclip_search.types import FileRecord, FileStamp, FloatArray, Modality, ModelIdentity, WindowVector

MODEL = ModelIdentity(name="benchmark", weights_hash="0" * 64, preprocessing_version=1)
FILES_PER_COMMIT = 500
K = 20


@dataclass(frozen=True, slots=True)
class Latency:
    """One line of the table, in milliseconds."""

    what: str
    p50_ms: float
    p99_ms: float
    runs: int


def main() -> None:
    """Build an index of random unit vectors, time each way of searching it, report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--windows", type=int, default=20_000)
    parser.add_argument("--dim", type=int, default=1024)
    parser.add_argument("--windows-per-file", type=int, default=4)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "query_latency.json")
    options = parser.parse_args()

    rng = np.random.default_rng(0)
    vectors = unit_vectors(rng, options.windows, options.dim)
    queries = unit_vectors(rng, options.queries, options.dim)
    with tempfile.TemporaryDirectory() as folder:
        records = files_of(vectors, options.windows_per_file)
        started = time.perf_counter()
        with IndexStore.create(folder, identity=MODEL, dim=options.dim) as store:
            for start in range(0, len(records), FILES_PER_COMMIT):
                store.write(records[start : start + FILES_PER_COMMIT])
        built_s = time.perf_counter() - started
        latencies = measure(folder, vectors, queries, records)

    print(f"{options.windows:,} windows x {options.dim:,} of {len(records):,} files, the best {K}")
    print(f"built in {built_s:.1f} s, {FILES_PER_COMMIT} files a commit")
    print(f"{'':34}{'p50':>10}{'p99':>10}{'runs':>8}")
    for latency in latencies:
        print(f"{latency.what:34}{latency.p50_ms:7.2f} ms{latency.p99_ms:7.2f} ms{latency.runs:8}")
    report = {
        "windows": options.windows,
        "dim": options.dim,
        "files": len(records),
        "k": K,
        "built_s": built_s,
        "latencies": [asdict(latency) for latency in latencies],
        "cpus": os.cpu_count(),
        "versions": {name: version(name) for name in ("lancedb", "numpy")},
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(report, indent=2) + "\n")
    print(f"written to {options.output}")


def measure(folder: str, vectors: FloatArray, queries: FloatArray, records: list[FileRecord]) -> list[Latency]:
    """Every line of the table; the ways of searching must agree on the best file of each query."""
    with IndexStore.open(folder) as in_memory, IndexStore.open(folder, memory_budget_bytes=0) as by_lancedb:
        for query in queries[:5]:
            wanted = records[int(np.argmax(vectors @ query)) // len(records[0].windows)].stamp.path
            assert in_memory.search(query, k=K)[0].path == by_lancedb.search(query, k=K)[0].path == wanted

        def first(query: FloatArray) -> None:
            with IndexStore.open(folder) as store:
                store.search(query, k=K)

        lines = [
            timed("bare NumPy product", lambda query: vectors @ query, queries),
            timed("NumPy product and best windows", lambda query: np.argpartition(vectors @ query, -K), queries),
            timed("IndexStore, in memory", lambda query: in_memory.search(query, k=K), queries),
            timed("IndexStore, sounds only", lambda q: in_memory.search(q, k=K, modality=Modality.AUDIO), queries),
            timed("IndexStore, by LanceDB", lambda query: by_lancedb.search(query, k=K), queries[:50]),
            timed("open and first query", first, queries[:5]),
        ]
        refreshes_s = []
        for query in queries[:10]:
            in_memory.write(records[:1])
            started = time.perf_counter()
            in_memory.search(query, k=K)
            refreshes_s.append(time.perf_counter() - started)
        return [*lines, latency("first query after a write", refreshes_s)]


def timed(what: str, run: Callable[[FloatArray], object], queries: FloatArray) -> Latency:
    """Run once to warm up, then once for each query."""
    run(queries[0])
    times_s = []
    for query in queries:
        started = time.perf_counter()
        run(query)
        times_s.append(time.perf_counter() - started)
    return latency(what, times_s)


def latency(what: str, times_s: list[float]) -> Latency:
    """The table's line for these times."""
    p50_ms, p99_ms = 1e3 * np.percentile(times_s, [50, 99])
    return Latency(what, p50_ms=float(p50_ms), p99_ms=float(p99_ms), runs=len(times_s))


def unit_vectors(rng: np.random.Generator, count: int, dim: int) -> FloatArray:
    """Random float32 `(count, dim)` of unit norm."""
    vectors = rng.standard_normal((count, dim), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def files_of(vectors: FloatArray, windows_per_file: int) -> list[FileRecord]:
    """The vectors as files of so many windows each."""
    return [
        FileRecord(
            FileStamp(f"pack/{start:08}.wav", Modality.AUDIO, size=1, mtime_ns=1),
            windows=tuple(
                WindowVector(vector, start_s=2.5 * i, end_s=2.5 * i + 5)
                for i, vector in enumerate(vectors[start : start + windows_per_file])
            ),
        )
        for start in range(0, len(vectors), windows_per_file)
    ]


if __name__ == "__main__":
    main()
