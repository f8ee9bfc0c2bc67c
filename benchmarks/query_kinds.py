"""What each kind of query costs, beside the plain query by vectors.

    python benchmarks/query_kinds.py --windows 100000

A made-up index: the vectors of `vector_indexes.py` (`library`), four windows a file, names and metadata out of the
words of `_library.py`; and an encoder that costs nothing, so that all time is the search's. Every kind is asked in
turn, round by round, so that all see the same machine; the ratio is to the plain query of the same round. Prints a
table and writes the same figures as JSON. Queries go through `Library`, in memory unless `--memory-budget` is below
the vectors' size.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from _costless import CostlessEncoder
from _library import VOCABULARY
from query_latency import exact
from rescan import timed
from vector_indexes import WINDOWS_PER_FILE, Data, library

from audioclip_search import Library
from audioclip_search.query import Query
from audioclip_search.storage import IndexStore
from audioclip_search.types import FileRecord, FileStamp, FloatArray, Metadata, Modality, WindowVector
from audioclip_search.upkeep import INDEX_FOLDER
from trainer.starter.captions import LABELS, PHRASES

PLAIN = "by vectors (plain)"
K = 20
FILES_PER_COMMIT = 5_000
TAGGED = 2_000
BATCH = 16
UNBOUNDED = 2**60

Ask = Callable[[Library, int], object]


class ManyTextsEncoder(CostlessEncoder):
    """Costs nothing, and gives every text one of some vectors."""

    def __init__(self, vectors: FloatArray) -> None:
        super().__init__(dim=vectors.shape[1])
        self._texts = vectors

    def encode_texts(self, texts: Sequence[str]) -> FloatArray:
        """Float32 `(n, dim)`, unit norm; of a text always the same."""
        picked = [zlib.crc32(text.encode()) % len(self._texts) for text in texts]
        return self._texts[picked]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: milliseconds, and the ratio to the plain query round by round."""

    what: str
    p50_ms: float
    p90_ms: float
    ratio: float
    ratio_low: float
    ratio_high: float


def main() -> None:
    """Make the index, then ask."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--windows", type=int, default=100_000)
    parser.add_argument("--dim", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--memory-budget", type=int, default=UNBOUNDED, help="bytes of vectors to hold in memory")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "query_kinds.json")
    options = parser.parse_args()
    made = argparse.Namespace(dim=options.dim, queries=256)
    data = library(np.random.default_rng(0), options.windows - options.windows % WINDOWS_PER_FILE, made)
    encoder = ManyTextsEncoder(data.texts)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        build_s = timed(lambda: build(root, data, encoder))
        with Library(root, model=encoder, memory_budget_bytes=options.memory_budget) as searched:
            searched.annotate([path_of(number) for number in range(TAGGED)], add=["impact"], rating=4)
            first_s = timed(lambda: searched.query(text="warm up", k=K))
            lines = compared(searched, data, options.rounds)
    print(f"{options.windows:,} windows x {options.dim:,}, the best {K} files, {options.rounds} rounds")
    print(f"index made in {build_s:.0f} s, first query {first_s:.2f} s")
    print(f"{'':34}{'p50':>11}{'p90':>11}{'to plain':>10}   the middle half")
    for line in lines:
        print(
            f"{line.what:34}{line.p50_ms:8.2f} ms{line.p90_ms:8.2f} ms{line.ratio:10.2f}"
            f"   {line.ratio_low:.2f} to {line.ratio_high:.2f}"
        )
    report = {
        "windows": options.windows,
        "dim": options.dim,
        "k": K,
        "rounds": options.rounds,
        "build_s": build_s,
        "first_query_s": first_s,
        "lines": [asdict(line) for line in lines],
        "cpus": os.cpu_count(),
        "versions": {name: version(name) for name in ("lancedb", "numpy")},
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(report, indent=2) + "\n")
    print(f"written to {options.output}")


def kinds() -> dict[str, Ask]:
    """What -> how to ask it the n-th time."""
    asks: dict[str, Ask] = {
        PLAIN: lambda lib, n: lib.query(text=words(n), k=K, ranking="vector", min_score=0),
        "by text": lambda lib, n: lib.query(text=words(n), k=K, ranking="text", min_score=0),
        "hybrid": lambda lib, n: lib.query(text=words(n), k=K, min_score=0),
        "hybrid, default threshold": lambda lib, n: lib.query(text=words(n), k=K),
        "hybrid, a file's name": lambda lib, n: lib.query(text=Path(path_of(n)).stem, k=K),
        "hybrid, a rare word": lambda lib, n: lib.query(text=f"{words(n)} {place(n)}", k=K),
        "hybrid, a word of very many": lambda lib, n: lib.query(text=f"{words(n)} foley", k=K, min_score=0),
        "by a sound": lambda lib, n: lib.query(audio=(noise(n), 44_100), k=K),
        "similar to a file": lambda lib, n: lib.similar(path_of(n), k=K),
    }
    for where in (
        "kind:audio", "dur:<3", "ext:wav", "folder:foley", "name:door", "tag:impact", "rating:>=3", "rate:>=96k",
        "ch:2", "bits:24", "size:<1M", '"recorded in lisbon"', "dur:<30 ext:wav -folder:foley rate:>=48k",
    ):  # fmt: skip
        asks[f"hybrid, {where}"] = lambda lib, n, where=where: lib.query(text=words(n), where=where, k=K, min_score=0)  # type: ignore[misc]
    asks |= {
        "filter alone, ext:wav": lambda lib, n: lib.query(where="ext:wav", k=K),
        "hybrid, exclude=": lambda lib, n: lib.query(text=words(n), exclude=words(n + 1), k=K, min_score=0),
        "three terms": lambda lib, n: lib.query(
            text=[words(n), words(n + 1)], like=path_of(n), weights={"like": 0.5}, k=K, min_score=0
        ),
        "less of a term": lambda lib, n: lib.query(
            text=[words(n), words(n + 1)], weights={"text": [1, -0.5]}, k=K, min_score=0
        ),
        "moments": lambda lib, n: lib.query(text=words(n), moments=True, k=K, min_score=0),
        "explain": lambda lib, n: lib.query(text=words(n), explain=True, k=K, min_score=0),
        "in the query language": lambda lib, n: lib.query(f"{words(n)} -music dur:<30 ext:wav", k=K, min_score=0),
        f"{BATCH} plain queries at once, each": lambda lib, n: lib.query_many(batch(n, "vector")),
        f"{BATCH} hybrid queries at once, each": lambda lib, n: lib.query_many(batch(n, "hybrid")),
        "page 51": lambda lib, n: lib.query(text=words(n), offset=50 * K, k=K, min_score=0),
        "within 200 files": lambda lib, n: lib.query(
            text=words(n), within=[path_of(number) for number in range(200)], k=K, min_score=0
        ),
        "1,000 hits": lambda lib, n: lib.query(text=words(n), k=1_000, min_score=0),
    }
    return asks


def batch(number: int, ranking: str) -> list[Query]:
    """Queries to ask at once."""
    texts = [words(BATCH * number + i) for i in range(BATCH)]
    return [Query.of(text=text, k=K, ranking=ranking, min_score=0) for text in texts]


def compared(searched: Library, data: Data, rounds: int) -> list[Line]:
    """Ask everything in turn."""
    product: Ask = lambda _, n: exact(data.windows, data.texts[n % len(data.texts)])  # noqa: E731
    asks = {"bare NumPy product": product, **kinds()}
    spent_s: dict[str, list[float]] = {what: [] for what in asks}
    for ask in asks.values():
        ask(searched, 0)  # warm
    for number in range(1, rounds + 1):
        for what, ask in asks.items():
            started = time.perf_counter()
            ask(searched, number)
            asked = BATCH if what.endswith("at once, each") else 1
            spent_s[what].append((time.perf_counter() - started) / asked)
    base = np.array(spent_s[PLAIN])
    lines = []
    for what, spent in spent_s.items():
        p50_ms, p90_ms = 1e3 * np.percentile(spent, [50, 90])
        low, ratio, high = np.percentile(np.array(spent) / base, [25, 50, 75])
        lines.append(Line(what, float(p50_ms), float(p90_ms), float(ratio), float(low), float(high)))
    return lines


def build(root: Path, data: Data, encoder: ManyTextsEncoder) -> None:
    """Write the vectors as files of a few windows each."""
    with IndexStore.create(root / INDEX_FOLDER, identity=encoder.identity, dim=encoder.dim) as store:
        files = len(data.windows) // WINDOWS_PER_FILE
        for start in range(0, files, FILES_PER_COMMIT):
            store.write(list(records(data, range(start, min(start + FILES_PER_COMMIT, files)))))
        store.optimize()


def records(data: Data, numbers: Sequence[int]) -> Iterator[FileRecord]:
    """Sounds of some windows."""
    for number in numbers:
        vectors = data.windows[WINDOWS_PER_FILE * number : WINDOWS_PER_FILE * (number + 1)]
        stamp = FileStamp(path_of(number), Modality.AUDIO, size=40_000 * (1 + number % 97), mtime_ns=1)
        comment = f"recorded in {place(number)} with {one(VOCABULARY['microphones'], number // 3)}"
        yield FileRecord(
            stamp,
            content_hash=f"{number:032x}",
            duration_s=2.5 * (WINDOWS_PER_FILE + 1) * (1 + number % 7) / 7,
            windows=tuple(WindowVector(vector, 2.5 * i, 2.5 * i + 5) for i, vector in enumerate(vectors)),
            metadata=Metadata(
                rate_hz=(44_100, 48_000, 96_000)[number % 3],
                channels=1 + number % 2,
                bits=(16, 24)[number % 5 == 0],
                fields=(("comment", comment),) if number % 3 == 0 else (),
            ),
        )


def path_of(number: int) -> str:
    """Of a file, by its number."""
    kind = one(LABELS, number // 20)
    folder = ("foley", "ambience", "archive")[number // 20 % 3]
    name = "_".join(one(PHRASES[kind], number).split())
    return f"{folder}/{kind}/{name}_{number:06}.{('wav', 'wav', 'flac')[number % 3]}"


def words(number: int) -> str:
    """Of a query, by its number."""
    return one(PHRASES[one(LABELS, 5 * number)], number)


def place(number: int) -> str:
    """Where a file was recorded."""
    return str(one(VOCABULARY["places"], number // 7))


def noise(number: int) -> FloatArray:
    """A second of it, float32 `(samples,)`."""
    return np.random.default_rng(number).uniform(-0.5, 0.5, 44_100).astype(np.float32)


def one(values: Sequence[str], number: int) -> str:
    """Of some values, in turn."""
    return values[number % len(values)]


if __name__ == "__main__":
    main()
