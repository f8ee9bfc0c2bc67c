"""How long a frame takes while 100,000 results scroll, beside a table of Qt's own with one column of text.

A frame is a step of the scroll bar and the painting that follows. Run with the platform that is to be measured:
`QT_QPA_PLATFORM=xcb` in a window, `offscreen` without one. The waveforms are made by a painter in its own process.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QApplication, QTableView

from audioclip_search import AutoTag, Modality
from gui import theme
from gui.controllers.pictures import PictureController
from gui.engine import Engine
from gui.models.results import ResultsModel
from gui.models.selection import ResultsSelection
from gui.records import Row
from gui.settings import Settings
from gui.views.result_grid import ResultGrid
from gui.views.result_list import ResultList

_WIDTH, _HEIGHT = 748, 640
_FRAMES = 400
_SOUNDS = 40


def main() -> None:
    """Measure, print a table, and write JSON if asked to."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=100_000)
    arguments.add_argument("--json", type=Path)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        results = _measure(options.rows, Path(folder))
    for name, frames in results.items():
        print(f"{name:28}" + "  ".join(f"{key} {value:7.2f} ms" for key, value in frames.items()))
    if options.json:
        options.json.write_text(json.dumps(results, indent=2))


def _measure(count: int, folder: Path) -> dict[str, dict[str, float]]:
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme.apply(app, theme.Mode.DARK)
    painter, settings = Engine("painter"), Settings(folder / "settings.ini")
    pictures = PictureController(painter, settings)
    model = ResultsModel()
    selection = ResultsSelection(model)
    rows = _rows(count, _sounds(folder))
    for start in range(0, count, 1_000):
        model.append(rows[start : start + 1_000])
    views: dict[str, QAbstractItemView] = {
        "list": ResultList(model, selection, pictures, settings),
        "grid": ResultGrid(model, selection, pictures, settings),
        "QTableView, plain text": _plain(count),
    }
    results = {}
    for name, view in views.items():
        view.resize(_WIDTH, _HEIGHT)
        view.show()
        _settle(app, 1.5)
        for manner, step in (("44 px a frame", 44), ("1 page a frame", view.viewport().height())):
            results[f"{name}, {manner}"] = _scroll(app, view, step)
        view.hide()
    pictures.close()
    painter.close()
    return results


def _scroll(app: QApplication, view: QAbstractItemView, step: int) -> dict[str, float]:
    bar = view.verticalScrollBar()
    start = bar.maximum() // 3
    bar.setValue(start)
    _settle(app, 0.5)
    frames = []
    for number in range(_FRAMES):
        began = time.perf_counter()
        bar.setValue(start + (number + 1) * step)
        app.processEvents()
        frames.append((time.perf_counter() - began) * 1000)
    p50, p99 = np.percentile(frames, (50, 99))
    return {"p50": float(p50), "p99": float(p99), "max": max(frames)}


def _plain(count: int) -> QTableView:
    table = QTableView()
    model = QStandardItemModel(table)
    model.appendColumn([QStandardItem(f"row {number}") for number in range(count)])
    table.setModel(model)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    return table


def _settle(app: QApplication, seconds: float) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        app.processEvents()
        time.sleep(0.002)


def _sounds(folder: Path) -> list[str]:
    random = np.random.default_rng(1)
    paths = []
    for number in range(_SOUNDS):
        path = folder / f"sound_{number:02}.wav"
        samples = random.normal(0, 0.2, 16_000) * np.linspace(1, 0, 16_000) ** (number % 5)
        soundfile.write(path, samples, 8_000)
        paths.append(str(path))
    return paths


def _rows(count: int, paths: list[str]) -> list[Row]:
    """Rows whose paths are all different and lead to a few sounds: through ever more `./`, which files don't mind."""
    plain = Row("", Modality.AUDIO, 0.5, 0.5, 1.2, 2.0, 32_044, 1, 8_000, 1, 16, tags=("rain", "window"), rating=3)
    rows = []
    for number in range(count):
        folder, _, name = paths[number % len(paths)].rpartition("/")
        turns = "".join("./" if number >> bit & 1 else "/" for bit in range(17))
        auto = (AutoTag("Water", 0.9),) if number % 2 else ()
        rows.append(replace(plain, path=f"{folder}/{turns}{name}", score=1 - number / count, auto_tags=auto))
    return rows


if __name__ == "__main__":
    main()
