"""How quick the desktop app is, each figure beside what it is compared with.

    python benchmarks/app.py                 # everything, some minutes
    python benchmarks/app.py --only start    # or: typing, large, indexing, scrolling

Start beside an empty window of Qt, by turns; keystroke to painted results; frames while scrolling (`gui_scroll.py`);
memory; and the longest time for which nothing else could happen in the window's thread, beside an empty window that
runs at the same time. Needs no screen. Prints tables and writes the same figures as JSON. `playback_latency.py` tells
when playing starts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import _big_library
import numpy as np
import soundfile

from audioclip_search import Library

_HERE = Path(__file__).parent
_PROGRAM = (sys.executable, "-c", "import _app_window; _app_window.run()")
_FRAME_S = 0.016
_PARTS = ("start", "typing", "large", "indexing", "scrolling")

Table = dict[str, dict[str, object]]


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=_PARTS, action="append")
    parser.add_argument("--files", type=int, default=100_000, help="of the large index")
    parser.add_argument("--sounds", type=int, default=1_500, help="to be indexed while somebody types")
    parser.add_argument("--runs", type=int, default=5, help="starts of each kind")
    parser.add_argument("--output", type=Path, default=_HERE / "results" / "app.json")
    options = parser.parse_args()
    report: dict[str, object] = {"load before": os.getloadavg()}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in options.only or _PARTS:
            report[part] = _measure(part, folder, options)
            report["load after"] = os.getloadavg()
    print(
        f"\nload (1 min): {report['load before'][0]:.1f} before, {os.getloadavg()[0]:.1f} after, {os.cpu_count()} cores"
    )
    options.output.parent.mkdir(exist_ok=True)
    options.output.write_text(json.dumps(report, indent=2), encoding="utf-8")


def _measure(part: str, folder: Path, options: argparse.Namespace) -> Table:
    if part == "scrolling":
        told = folder / "scrolling.json"
        command = [sys.executable, str(_HERE / "gui_scroll.py"), "--rows", str(options.files), "--json", str(told)]
        subprocess.run(command, env=_environment(folder), check=True)
        return json.loads(told.read_text(encoding="utf-8"))
    if part == "start":
        return _starts(folder, options.runs)
    if part == "typing":
        return _session("small", _small(folder), folder)
    if part == "indexing":
        root = folder / "fresh"
        _write_sounds(root, options.sounds)
        return _session("indexing", root, folder)
    root = folder / "large"
    _big_library.build(root, options.files)
    return _session("large", root, folder)


def _starts(folder: Path, runs: int) -> Table:
    root = _small(folder)
    seconds: dict[str, list[float]] = {}
    for _ in range(runs + 1):  # the first of each only warms the disk's cache
        started = time.time()
        subprocess.run([sys.executable, "-c", "import PySide6.QtWidgets"], check=True)
        seconds.setdefault("import PySide6.QtWidgets", []).append(time.time() - started)
        for program, arguments in (("empty_start", []), ("app_start", [str(root)])):
            started = time.time()
            for name, moment in json.loads(_run(folder, program, *arguments)).items():
                seconds.setdefault(f"{program}: {name}", []).append(moment - started)
    table: Table = {}
    for name, values in seconds.items():
        table[name] = {"median s": float(np.median(values[1:])), "least s": min(values[1:]), "most s": max(values[1:])}
    ratios = np.divide(seconds["app_start: painted"][1:], seconds["empty_start: painted"][1:])
    table["app to empty window, painted"] = {"median ratio": float(np.median(ratios))}
    _print("Start, from the process's start", table)
    return table


def _session(program: str, root: Path, folder: Path) -> dict[str, Table]:
    ours, theirs = folder / f"{program}.npy", folder / f"{program}_beside.npy"
    command = [*_PROGRAM, "beside", str(theirs)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=_environment(folder)) as beside:
        try:
            seen = json.loads(_run(folder, program, str(root), str(ours)))
        finally:
            beside.communicate(b"\n")
    tables: dict[str, Table] = {"answers": {}, "blocks": {}, "memory": {}}
    for name, values in seen["seconds"].items():
        p50, p95 = np.percentile(values, (50, 95)) * 1_000
        tables["answers"][name] = {"times": len(values), "p50 ms": p50, "p95 ms": p95, "most ms": max(values) * 1_000}
    for name, spans in seen["phases"].items():
        tables["blocks"][name] = _blocks(np.load(ours), spans)
        tables["blocks"][f"{name}: empty window"] = _blocks(np.load(theirs), spans)
    for name, processes in seen["memory"].items():
        tables["memory"][name] = {who: f"{rss} ({pss})" for who, (rss, pss) in processes.items()}
    _print("Answers, the pause of 120 ms after the last key of a keystroke included", tables["answers"])
    _print("Longest gaps between beats of the event loop, 4 ms apart if nothing delays them", tables["blocks"])
    _print("Memory, MiB: resident (proportional)", tables["memory"])
    if "rows" in seen:
        print("rows shown:", *seen["rows"].values())
    return tables


def _blocks(beats: np.ndarray, spans: Sequence[tuple[float, float]]) -> dict[str, object]:
    """What kept the beats of some spans of time from coming: how long, and how much of it the process itself did."""
    within = np.zeros(len(beats), bool)
    for start, end in spans:
        within |= (beats[:, 0] >= start) & (beats[:, 0] - beats[:, 1] <= end)
    gaps, computed = beats[within, 1], beats[within, 2]
    minutes = sum(end - start for start, end in spans) / 60
    return {
        "s": minutes * 60,
        "longest ms": gaps.max() * 1_000,
        "p99 ms": np.percentile(gaps, 99) * 1_000,
        "> 16 ms a min": (gaps > _FRAME_S).sum() / minutes,
        "own CPU, most ms": computed.max() * 1_000,
        "own CPU > 16 ms a min": (computed > _FRAME_S).sum() / minutes,
    }


def _small(folder: Path) -> Path:
    root = folder / "small"
    if not root.exists():
        _write_sounds(root, 120)
        with Library(root) as library:
            library.sync()
    return root


def _write_sounds(root: Path, count: int) -> None:
    """Bursts of noise and tones; what they sound like does not matter here."""
    random = np.random.default_rng(count)
    root.mkdir(parents=True)
    time_s = np.arange(3 * 22_050) / 22_050
    for number in range(count):
        noise = random.standard_normal(len(time_s)) * np.exp(-time_s * random.uniform(0.5, 20))
        tone = np.sin(2 * np.pi * random.uniform(60, 4_000) * time_s)
        soundfile.write(root / f"{('rain', 'metal', 'glass')[number % 3]}_{number:05}.wav", noise * tone / 5, 22_050)


def _run(folder: Path, program: str, *arguments: str) -> str:
    command = [*_PROGRAM, program, *arguments]
    done = subprocess.run(command, env=_environment(folder), stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.splitlines()[-1]


def _environment(folder: Path) -> dict[str, str]:
    path = os.pathsep.join([str(_HERE.parent), str(_HERE), os.environ.get("PYTHONPATH", "")])
    own = {"AUDIOCLIP_SEARCH_APP": str(folder / "app"), "PYTHONPATH": path}
    return {"QT_QPA_PLATFORM": "offscreen", **os.environ, **own}


def _print(title: str, table: Table) -> None:
    if table:
        print(f"\n{title}")
    width = max(map(len, table), default=0)
    for name, values in table.items():
        told = (f"{key} {value:.2f}" if isinstance(value, float) else f"{key} {value}" for key, value in values.items())
        print(f"  {name:{width}}  {'   '.join(told)}")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
