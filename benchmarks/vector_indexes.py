"""Which of LanceDB's vector indexes finds the nearest windows fastest, how much of them, and what it costs to have.

    python benchmarks/vector_indexes.py --windows 20000 60000 200000 --data library noise

For each size and kind of data: a NumPy product, LanceDB's flat search, and every type of index at several settings of
its search. Prints build time, size on disk, the latency of one warm query, and recall@10 against exact search of
queries by sound (drawn as the windows are) and by text (displaced from them). Then the fastest setting of each index
that reaches the wanted recall of both is searched with filters.

Three kinds of data, for real libraries of this size can't be shipped:

- `library`: a mixture of mixtures. A common mean (the cone that embeddings lie in), 400 kinds of sound of Zipf's sizes,
  packs of 20 similar files in a kind, 4 windows a file that are nearly alike. All spread has the same power-law
  spectrum, of some 70 effective dimensions (the starter model's sounds have 25). A text lies off all sounds in one
  direction, and is nearest to a kind: its best cosine is about 0.5, as the starter model's texts have.
- `starter`: sounds made by the starter model's recipe and embedded by it, and as many vectors around them as needed,
  each displaced by differences between sounds of the same name; rotated into the wanted dimensions, which keeps all
  cosines. Its texts are real. Thirty-two tight clusters: easier than a library.
- `noise`: no structure at all, the worst case.
"""

from __future__ import annotations

import argparse
import functools
import json
import math
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from lancedb.index import Bitmap, BTree, HnswFlat, HnswPq, HnswSq, IvfFlat, IvfPq, IvfRq, IvfSq
from numpy.typing import NDArray

from audioclip_search.encoder import open_encoder
from audioclip_search.storage.lance import connect
from audioclip_search.storage.schema import Header
from audioclip_search.types import FloatArray, ModelIdentity
from trainer.starter.captions import HELD_OUT_QUERIES
from trainer.starter.sounds import SOUND_NAMES, render

RowArray: TypeAlias = NDArray[np.intp]

K = 10
WINDOWS_PER_FILE = 4
HOP_S = 2.5
ROWS_PER_COMMIT = 20_000
RENDERED = 640
FILTERED_FILES = 500
QUICKLY_BUILT = ("IVF_FLAT", "IVF_SQ", "IVF_RQ/1", "IVF_RQ/4", "IVF_RQ/4 large", "IVF_HNSW_SQ")
FLAT_QUERIES = 20  # of each kind: it is slow, and always right


@dataclass(frozen=True, slots=True)
class Data:
    """Unit float32 vectors: windows `(n, dim)`, and queries `(q, dim)` that are not among them."""

    windows: FloatArray
    sounds: FloatArray
    texts: FloatArray


@dataclass(frozen=True, slots=True)
class Setting:
    """How an index is searched; what is None is left to LanceDB."""

    nprobes: int | None = None
    ef: int | None = None
    refine_factor: int | None = None

    def __str__(self) -> str:
        given = {"nprobes": self.nprobes, "ef": self.ef, "refine": self.refine_factor}
        return " ".join(f"{name} {value}" for name, value in given.items() if value is not None)


@dataclass(frozen=True, slots=True)
class Built:
    """What it took to make an index, and what it takes on disk."""

    seconds: float
    cpu_s: float
    size_mb: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    data: str
    windows: int
    what: str
    setting: str
    where: str
    p50_ms: float
    p99_ms: float
    recall_sounds: float
    recall_texts: float
    built: Built | None


def main() -> None:
    """Every kind of data at every size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--windows", type=int, nargs="+", default=[20_000])
    parser.add_argument("--data", choices=sorted(MAKERS), nargs="+", default=["library"])
    parser.add_argument("--types", choices=[name for name, _ in index_types(1, 1)], nargs="+", default=QUICKLY_BUILT)
    parser.add_argument("--dim", type=int, default=1024)
    parser.add_argument("--queries", type=int, default=80, help="of each kind")
    parser.add_argument("--recall", type=float, default=0.95, help="that an index must reach to be tried with filters")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "vector_indexes.json")
    options = parser.parse_args()

    lines: list[Line] = []
    for windows in options.windows:
        for name in options.data:
            data = MAKERS[name](np.random.default_rng(0), windows - windows % WINDOWS_PER_FILE, options)
            print(f"\n{name}: {len(data.windows):,} windows x {options.dim:,}, the best {K}")
            print(
                f"{'':20}{'setting':22}{'where':10}{'p50':>9}{'p99':>9}{'sounds':>8}{'texts':>7}{'build':>9}{'CPU':>9}{'size':>9}"
            )
            with tempfile.TemporaryDirectory() as folder:
                for line in measure(name, data, Path(folder), options):
                    print(formatted(line), flush=True)
                    lines.append(line)
    report = {
        "k": K,
        "dim": options.dim,
        "lines": [asdict(line) for line in lines],
        "cpus": os.cpu_count(),
        "versions": {name: version(name) for name in ("lancedb", "numpy")},
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(report, indent=2) + "\n")
    print(f"written to {options.output}")


def measure(name: str, data: Data, folder: Path, options: argparse.Namespace) -> Iterator[Line]:
    """Every line for this data."""
    bench = Bench(name, data, folder)
    yield bench.line("NumPy product", lambda query, _: np.argpartition(data.windows @ query, -K)[-K:])
    for where in ("", *bench.masks):
        find = functools.partial(bench.search, flat=True)
        yield bench.line("LanceDB, flat", find, where=where, queries=FLAT_QUERIES)
    for what, config in index_types(len(data.windows), options.dim):
        if options.types and what not in options.types:
            continue
        built = bench.build(config)
        tried: list[tuple[Line, Setting]] = []
        for setting in settings(config):
            find = functools.partial(bench.search, setting=setting)
            line = bench.line(what, find, str(setting), built=built)
            tried.append((line, setting))
            yield line
        good = [pair for pair in tried if min(pair[0].recall_sounds, pair[0].recall_texts) >= options.recall]
        if good:
            _, setting = min(good, key=lambda pair: pair[0].p50_ms)
            for where in bench.masks:
                yield bench.line(what, functools.partial(bench.search, setting=setting), str(setting), where=where)


class Bench:
    """The table of windows in a folder, and the answers that are right."""

    def __init__(self, name: str, data: Data, folder: Path) -> None:
        self._name, self._data, self._folder = name, data, folder
        rows = np.arange(len(data.windows))
        pictures = rows // WINDOWS_PER_FILE % 10 == 0
        files = np.random.default_rng(1).permutation(len(rows) // WINDOWS_PER_FILE)[:FILTERED_FILES]
        self.masks = {"picture": pictures, "files": np.isin(rows // WINDOWS_PER_FILE, files)}
        self._conditions = {
            "picture": "modality = 'image'",
            "files": f"file_id IN ({', '.join(map(str, files.tolist()))})",
        }
        self._database = connect(folder)
        self._table = self._database.create_table(
            "windows",
            schema=Header(ModelIdentity("benchmark", "", 1), data.windows.shape[1], windows_table="").windows_schema,
        )
        for start in range(0, len(rows), ROWS_PER_COMMIT):
            part = slice(start, start + ROWS_PER_COMMIT)
            self._table.add(table_rows(rows[part], pictures[part], data.windows[part]))
        self._table.create_index("file_id", config=BTree())
        self._table.create_index("modality", config=Bitmap())
        self._pin()
        self._exact = {where: self._truth(mask) for where, mask in {"": None, **self.masks}.items()}

    def _pin(self) -> None:
        """Search one version, as the package does: otherwise every query looks for a newer one first."""
        self._pinned = self._database.open_table("windows")
        self._pinned.checkout(self._table.version)

    def _truth(self, mask: Any) -> list[RowArray]:
        best = []
        for queries in (self._data.sounds, self._data.texts):
            scores = queries @ self._data.windows.T  # (q, n)
            if mask is not None:
                scores[:, ~mask] = -np.inf
            best.append(np.argpartition(scores, -K, axis=1)[:, -K:])
        return best

    def build(self, config: Any) -> Built:
        """Replace the index of vectors."""
        if any(index.name == "vector_idx" for index in self._table.list_indices()):
            self._table.drop_index("vector_idx")
        before = set((self._folder / "windows.lance" / "_indices").glob("*"))
        started, started_cpu = time.perf_counter(), time.process_time()
        self._table.create_index("vector", config=config)
        seconds, cpu_s = time.perf_counter() - started, time.process_time() - started_cpu
        self._pin()
        fresh = set((self._folder / "windows.lance" / "_indices").glob("*")) - before
        size = sum(file.stat().st_size for folder in fresh for file in folder.rglob("*") if file.is_file())
        return Built(seconds, cpu_s, size / 1e6)

    def search(self, query: FloatArray, where: str, setting: Setting | None = None, *, flat: bool = False) -> Any:
        """Rows of the nearest windows."""
        search = self._pinned.search(query, vector_column_name="vector").distance_type("cosine").limit(K)
        search = search.select(["file_id", "start_s", "_distance"])
        if flat:
            search = search.bypass_vector_index()
        for name, value in ({} if setting is None else asdict(setting)).items():
            if value is not None:
                search = getattr(search, name)(value)
        if where:
            search = search.where(self._conditions[where], prefilter=True)
        found = search.to_arrow()
        return found["file_id"].to_numpy() * WINDOWS_PER_FILE + (found["start_s"].to_numpy() / HOP_S).astype(int)

    def line(
        self,
        what: str,
        find: Callable[[FloatArray, str], Any],
        setting: str = "",
        *,
        where: str = "",
        queries: int | None = None,
        built: Built | None = None,
    ) -> Line:
        """Search with every query, or so many, one at a time, after a few to warm up."""
        times_s, recalls = [], []
        for every, exact in zip((self._data.sounds, self._data.texts), self._exact[where], strict=True):
            asked = every[:queries]
            for query in asked[:5]:
                find(query, where)
            hits = 0
            for query, wanted in zip(asked, exact[:queries], strict=True):
                started = time.perf_counter()
                found = find(query, where)
                times_s.append(time.perf_counter() - started)
                hits += len(np.intersect1d(found, wanted))
            recalls.append(hits / (K * len(asked)))
        p50_ms, p99_ms = (float(value) for value in 1e3 * np.percentile(times_s, [50, 99]))
        sounds, texts = recalls
        return Line(self._name, len(self._data.windows), what, setting, where, p50_ms, p99_ms, sounds, texts, built)


def index_types(windows: int, dim: int) -> list[tuple[str, Any]]:
    """Name and configuration of every index that is tried: /8 is dimensions a sub-vector, /4 bits a dimension, `large`
    are partitions as large as LanceDB itself would make them.
    """
    # Below 256 windows a partition LanceDB trains fewer than it is asked for, with a warning.
    ivf = {"distance_type": "cosine", "num_partitions": max(1, min(round(math.sqrt(windows)), windows // 256))}
    hnsw = {"distance_type": "cosine", "num_partitions": 1}
    return [
        ("IVF_FLAT", IvfFlat(**ivf)),
        ("IVF_SQ", IvfSq(**ivf)),
        ("IVF_PQ/16", IvfPq(**ivf, num_sub_vectors=dim // 16)),
        ("IVF_PQ/8", IvfPq(**ivf, num_sub_vectors=dim // 8)),
        ("IVF_RQ/1", IvfRq(**ivf, num_bits=1)),
        ("IVF_RQ/4", IvfRq(**ivf, num_bits=4)),
        ("IVF_RQ/4 large", IvfRq(distance_type="cosine", num_partitions=-(-windows // 8192), num_bits=4)),
        ("IVF_HNSW_SQ", HnswSq(**hnsw)),
        ("IVF_HNSW_PQ", HnswPq(**hnsw, num_sub_vectors=dim // 8)),
        ("IVF_HNSW_FLAT", HnswFlat(**hnsw)),
    ]


def settings(config: Any) -> Iterator[Setting]:
    """The settings that an index is searched with."""
    if isinstance(config, HnswFlat | HnswPq | HnswSq):
        for ef in (50, 100, 200):  # no less than the limit times refine_factor, or LanceDB raises
            yield Setting(ef=ef)
            if not isinstance(config, HnswFlat):
                yield Setting(ef=ef, refine_factor=4)
        return
    factors = {IvfFlat: (None,), IvfSq: (None, 2), IvfPq: (5, 20), IvfRq: (None, 2, 5)}[type(config)]
    most = config.num_partitions
    for nprobes in (*(few for few in (10, 20, 40, 80, 160) if few < most), most):
        for factor in factors:
            yield Setting(nprobes=nprobes, refine_factor=factor)


def library(rng: np.random.Generator, count: int, options: argparse.Namespace) -> Data:
    """Kinds, packs, files, windows; see the head of this file."""
    dim, kinds = options.dim, 400
    spectrum = (np.arange(dim) + 10.0) ** -0.75  # its squares are the variances
    spectrum = (spectrum / np.linalg.norm(spectrum)).astype(np.float32)

    def spread(rows: int, size: float) -> FloatArray:
        noise: FloatArray = rng.standard_normal((rows, dim), dtype=np.float32)
        noise *= spectrum * np.float32(size)
        return noise

    mean, gap = spread(1, 0.35), spread(1, 0.7)
    centres = mean + spread(kinds, 0.75)  # (kinds, dim)
    widths = np.exp(0.4 * rng.standard_normal(kinds)).astype(np.float32)
    popularity = 1 / np.arange(1, kinds + 1) ** 0.8
    files = count // WINDOWS_PER_FILE
    kind_of_pack = rng.choice(kinds, -(-files // 20), p=popularity / popularity.sum())
    packs = centres[kind_of_pack] + widths[kind_of_pack, None] * spread(len(kind_of_pack), 0.4)

    def draw(pack_of: Any, windows_per_file: int) -> FloatArray:
        width = widths[kind_of_pack[pack_of], None]
        vectors = np.repeat(packs[pack_of] + width * spread(len(pack_of), 0.35), windows_per_file, axis=0)
        vectors += spread(len(vectors), 0.17)
        return unit(vectors)

    asked = rng.choice(kinds, options.queries, p=popularity / popularity.sum())
    return Data(
        windows=draw(np.arange(files) // 20, WINDOWS_PER_FILE),
        sounds=draw(rng.integers(len(packs), size=options.queries), 1),
        texts=unit(0.8 * (centres[asked] - mean) + gap + spread(options.queries, 0.35)),
    )


def starter(rng: np.random.Generator, count: int, options: argparse.Namespace) -> Data:
    """Around real embeddings; see the head of this file."""
    encoder = open_encoder("starter", device="cpu")
    rate_hz = encoder.audio_format.rate_hz
    names = [SOUND_NAMES[i % len(SOUND_NAMES)] for i in range(RENDERED)]
    real = np.concatenate([encoder.encode_audio([render(name, rng, rate_hz=rate_hz)[None]]) for name in names])
    texts = encoder.encode_texts([query for query, _ in HELD_OUT_QUERIES])[: options.queries]
    rotation = np.linalg.qr(rng.standard_normal((options.dim, encoder.dim)))[0].astype(np.float32)  # (dim, model's dim)

    def draw(files: int, windows_per_file: int) -> FloatArray:
        about, plus, minus = rng.integers(RENDERED, size=(3, files))
        same = about % len(SOUND_NAMES)
        plus, minus = plus - plus % len(SOUND_NAMES) + same, minus - minus % len(SOUND_NAMES) + same
        vectors = np.repeat(real[about] + 0.5 * (real[plus] - real[minus]), windows_per_file, axis=0)
        vectors += rng.standard_normal(vectors.shape, dtype=np.float32) * np.float32(0.05 / math.sqrt(encoder.dim))
        return unit(vectors @ rotation.T)

    return Data(draw(count // WINDOWS_PER_FILE, WINDOWS_PER_FILE), draw(options.queries, 1), unit(texts @ rotation.T))


def noise(rng: np.random.Generator, count: int, options: argparse.Namespace) -> Data:
    """Gaussian; what is called texts is drawn alike."""
    sizes = (count, options.queries, options.queries)
    return Data(*(unit(rng.standard_normal((size, options.dim), dtype=np.float32)) for size in sizes))


MAKERS: dict[str, Callable[[np.random.Generator, int, argparse.Namespace], Data]] = {
    "library": library,
    "noise": noise,
    "starter": starter,
}


def unit(vectors: FloatArray) -> FloatArray:
    """The rows scaled in place to unit norm."""
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def table_rows(rows: Any, pictures: Any, vectors: FloatArray) -> pa.Table:
    """These windows as the package stores them; a file's id is its number, so that rows can be recognised."""
    starts_s = HOP_S * (rows % WINDOWS_PER_FILE)
    columns = [
        rows // WINDOWS_PER_FILE,
        pa.array(np.where(pictures, "image", "audio")),
        starts_s,
        starts_s + 2 * HOP_S,
        pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1]),
    ]
    return pa.table(
        columns, schema=Header(ModelIdentity("benchmark", "", 1), vectors.shape[1], windows_table="").windows_schema
    )


def formatted(line: Line) -> str:
    """A line of the table."""
    built = f"{line.built.seconds:7.1f} s{line.built.cpu_s:7.1f} s{line.built.size_mb:6.0f} MB" if line.built else ""
    recall = f"{line.recall_sounds:8.3f}{line.recall_texts:7.3f}"
    return f"{line.what:20}{line.setting:22}{line.where:10}{line.p50_ms:6.2f} ms{line.p99_ms:6.2f} ms{recall}{built}"


if __name__ == "__main__":
    main()
