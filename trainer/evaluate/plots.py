"""Pictures of a classification, as PNG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from trainer.errors import SettingsError

_DPI = 150
_INK = "#1f3b57"
_MOST_BARS = 100
_LARGEST_IN = 40.0  # beyond which viewers give up


def plot_confusion(path: Path, confusion: NDArray[np.int64], classes: Sequence[str], *, title: str) -> None:
    """A confusion matrix: counts in the cells, coloured by their share of the row.

    Args:
        path: PNG file to write.
        confusion: `(classes, classes)`, rows true, columns predicted.
        classes: Their names.
        title: One line above it.

    Raises:
        SettingsError: The file can't be written.
    """
    count = len(classes)
    totals = confusion.sum(axis=1, keepdims=True)
    shares = confusion / np.maximum(totals, 1)  # (classes, classes)
    cell_in, label_pt, cell_pt = (0.55, 10.0, 9.0) if count <= 20 else (0.26, 9.0, 7.5)
    side_in = min(count * cell_in + 2.5, _LARGEST_IN)
    figure = Figure(figsize=(side_in + 0.8, side_in), layout="constrained")
    axes = figure.add_subplot()
    image = axes.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0)
    for row, column in np.argwhere(confusion):
        ink = "white" if shares[row, column] > 0.6 else _INK
        axes.text(column, row, str(confusion[row, column]), ha="center", va="center", size=cell_pt, color=ink)
    axes.set_xticks(range(count), classes, rotation=90, size=label_pt, parse_math=False)
    axes.set_yticks(range(count), classes, size=label_pt, parse_math=False)
    axes.set_xticks(np.arange(count - 1) + 0.5, minor=True)
    axes.set_yticks(np.arange(count - 1) + 0.5, minor=True)
    axes.grid(which="minor", color="#e3e8ee", linewidth=0.5)
    axes.tick_params(which="both", length=0)
    axes.set_xlabel("predicted", size=label_pt + 1)
    axes.set_ylabel("true", size=label_pt + 1)
    axes.set_title(title, size=label_pt + 3, pad=12, parse_math=False)
    bar = figure.colorbar(image, ax=axes, format=PercentFormatter(1.0, decimals=0), shrink=0.6, aspect=30, pad=0.02)
    bar.set_label("share of the true class", size=label_pt)
    bar.ax.tick_params(labelsize=label_pt - 1)
    bar.outline.set_visible(False)
    _save(figure, path)


def plot_classes(path: Path, values: NDArray[np.float64], classes: Sequence[str], *, title: str, measure: str) -> None:
    """Bars of a measure for each class, the best on top; of more than a hundred classes the ends alone.

    Args:
        path: PNG file to write.
        values: float64 `(classes,)`, shares in [0, 1]; classes with NaN are left out.
        classes: Their names.
        title: One line above it.
        measure: What the values are.

    Raises:
        SettingsError: The file can't be written.
    """
    order = np.argsort(-values, kind="stable")[: int(np.sum(~np.isnan(values)))]  # NaN comes last
    if len(order) > _MOST_BARS:
        title = f"{title}: best and worst {_MOST_BARS // 2} of {len(order)} classes"
        order = np.concatenate([order[: _MOST_BARS // 2], order[-_MOST_BARS // 2 :]])
    shown = values[order]
    figure = Figure(figsize=(8.5, 0.24 * len(order) + 1.6), layout="constrained")
    axes = figure.add_subplot()
    rows = np.arange(len(order))
    axes.barh(rows, shown, color="#4f83b5", height=0.74)
    for row, value in enumerate(shown):
        axes.text(1.015, row, f"{value:.1%}", va="center", size=8, color=_INK)
    mean = float(np.nanmean(values)) if len(order) else 0.0
    axes.axvline(mean, color="#c8553d", linewidth=1.2, linestyle="--")
    axes.text(
        mean, 1.0, f"mean {mean:.1%}", transform=axes.get_xaxis_transform(), ha="center", va="bottom", size=9,
        color="#c8553d",
    )  # fmt: skip
    axes.set_yticks(rows, [classes[index] for index in order], size=9, parse_math=False)
    axes.set_ylim(len(order) - 0.4, -0.6)
    axes.set_xlim(0.0, 1.0)
    axes.set_xticks(np.linspace(0.0, 1.0, 6))
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.grid(axis="x", color="#e3e8ee")
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(measure, size=10)
    axes.set_title(title, size=12, pad=20, parse_math=False)
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    try:
        figure.savefig(path, dpi=_DPI, bbox_inches="tight", pad_inches=0.15)  # else long names are cut
    except OSError as error:
        raise SettingsError(f"can't be written: {error.strerror}", path=path) from error
