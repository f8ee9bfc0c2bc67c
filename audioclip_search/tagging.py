"""Zero-shot tags: which of some labels a window, and a file, has. Arrays in, arrays out.

A cosine alone says little: each label has its own level and its own spread, which differ from model to model, from
library to library and between sounds and pictures. So a label counts by how far a window stands out from the level that
the library's own windows have for that label, in units of their spread. Two rules keep one sound from getting every
label that is a bit like it: labels that the model can't tell apart in this library compete, and a window gives a label
only if it stands out there nearly as much as the window's best one does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from audioclip_search.errors import QueryError
from audioclip_search.labels import Label
from audioclip_search.types import FloatArray

__all__ = ["PLACEHOLDER", "TEMPLATES", "THRESHOLD", "Tagger", "as_templates", "label_vectors"]

BoolArray: TypeAlias = NDArray[np.bool_]

PLACEHOLDER = "{label}"
TEMPLATES = (PLACEHOLDER, f"the sound of {PLACEHOLDER}", f"a recording of {PLACEHOLDER}")
"""What the model is asked for each prompt of a label unless one says otherwise."""
THRESHOLD = 0.5
"""The least probability of a tag unless one says otherwise."""

# Of a logistic curve from "how many spreads above the level" to a probability, fitted to the starter model's judgement
# of recordings and procedural sounds alone, mixed and one after the other (`benchmarks/tagging.py` measures it).
_SLOPE = 1.65
_EVEN_ODDS_AT = 4.35
# A label that stands out by so many spreads less than the window's best is not what is heard there.
_WITHIN_BEST = 2.0
# Labels whose cosines go up and down together over the library's windows, to this correlation, are one to the model.
_ALIKE = 0.8
# The background counts as much as that of an ordinary label after so many windows: a few say little of a level, and in
# a library of dogs only, the level of "dog" is no level of a background.
_WINDOWS_TO_TRUST = 100
_MOST_DEVIATIONS = 3.0
_MOST_SPREAD = 1.25  # of an ordinary label's
_LEAST_SPREAD = 0.01
_ONE_SPREAD_BELOW = 0.16  # the share of a normal distribution below one standard deviation under its middle
_TO_DEVIATION = 1.5  # from the median absolute deviation to a normal distribution's standard deviation


def as_templates(template: str | Sequence[str] | None) -> tuple[str, ...]:
    """What is asked for a label: one template or several, each with `{label}` in it; None for `TEMPLATES`.

    Raises:
        QueryError: There is none, or one has no `{label}`.
    """
    if template is None:
        return TEMPLATES
    templates = (template,) if isinstance(template, str) else tuple(template)
    if not templates or not all(PLACEHOLDER in text for text in templates):
        raise QueryError(f"a template has no {PLACEHOLDER}", remedy=f"Write it like {TEMPLATES[1]!r}")
    return templates


def label_vectors(
    labels: Sequence[Label], templates: Sequence[str], encode: Callable[[Sequence[str]], FloatArray]
) -> FloatArray:
    """One vector for each label: the direction of the mean of all its prompts in all templates.

    Args:
        labels: What to encode.
        templates: See `as_templates`.
        encode: From texts to float32 `(n, dim)` of unit norm; called once, and with every text once.

    Returns:
        float32 `(labels, dim)` of unit norm.
    """
    asked = [
        [template.replace(PLACEHOLDER, prompt) for prompt in label.prompts for template in templates]
        for label in labels
    ]
    rows = {text: row for row, text in enumerate(dict.fromkeys(text for texts in asked for text in texts))}
    encoded = encode(list(rows)).astype(np.float64)  # (texts, dim)
    means = np.stack([encoded[[rows[text] for text in texts]].mean(axis=0) for texts in asked])  # (labels, dim)
    vectors: FloatArray = (means / np.linalg.norm(means, axis=1, keepdims=True)).astype(np.float32)
    return vectors


@dataclass(frozen=True, slots=True)
class Tagger:
    """Judges windows of one kind, sounds or pictures, in one library.

    Attributes:
        labels: float32 `(labels, dim)`, unit norm.
        levels: float32 `(labels,)`, the cosine that a window of the background has.
        spreads: float32 `(labels,)`, by how much such cosines differ.
        alike: `(labels, labels)`, whether the model can tell two labels apart no more than one; symmetric, and false on
            the diagonal.
    """

    labels: FloatArray
    levels: FloatArray
    spreads: FloatArray
    alike: BoolArray

    @classmethod
    def calibrated(cls, labels: FloatArray, *, ordinary: FloatArray, background: FloatArray) -> Self:
        """Learn each label's background.

        The level is the median, and the spread is taken below it, so that the files that do have the label hardly
        matter. Where the library says too little, or nearly all of it has the label, ordinary labels help out.

        Args:
            labels: float32 `(labels, dim)`, unit norm.
            ordinary: float32 `(any, dim)`, unit norm: vectors of labels that say how labels behave in general.
            background: float32 `(windows, dim)`, unit norm: windows of the library, all or a fair sample; at least one.
        """
        levels, spreads = _background(background @ labels.T)
        usual, usual_spreads = _background(background @ ordinary.T)
        middle, usual_spread = np.median(usual), np.median(usual_spreads)
        deviation = _TO_DEVIATION * np.median(np.abs(usual - middle))
        trust = len(background) / (len(background) + _WINDOWS_TO_TRUST)
        levels = np.minimum(levels, middle + _MOST_DEVIATIONS * deviation)
        spreads = np.minimum(spreads, _MOST_SPREAD * usual_spread)
        return cls(
            labels=labels,
            levels=(trust * levels + (1 - trust) * middle).astype(np.float32),
            spreads=(trust * spreads + (1 - trust) * usual_spread).astype(np.float32),
            alike=_alike(labels, background),
        )

    def probabilities(self, windows: FloatArray) -> FloatArray:
        """How sure it is that each window has each label; 0 where another label stands for it.

        Args:
            windows: float32 `(n, dim)`, unit norm.

        Returns:
            float32 `(n, labels)` in [0, 1].
        """
        cosines = windows @ self.labels.T  # (n, labels)
        standing_out = (cosines - self.levels) / self.spreads
        # np.tanh neither overflows nor warns, as exp does far out.
        probabilities: FloatArray = 0.5 + 0.5 * np.tanh(0.5 * _SLOPE * (standing_out - _EVEN_ODDS_AT))
        probabilities[standing_out < standing_out.max(axis=1, keepdims=True) - _WITHIN_BEST] = 0
        for label in np.flatnonzero(self.alike.any(axis=1)):
            rivals = cosines[:, self.alike[label]]  # (n, rivals)
            probabilities[cosines[:, label] < rivals.max(axis=1), label] = 0
        return probabilities

    def groups(self) -> list[list[int]]:
        """Labels that are one to the model, as rows of `labels`; those that stand alone are left out."""
        left, groups = set(range(len(self.labels))), []
        while left:
            group, waiting = set[int](), {left.pop()}
            while waiting:
                label = waiting.pop()
                group.add(label)
                waiting |= {*np.flatnonzero(self.alike[label]).tolist()} - group
            left -= group
            if len(group) > 1:
                groups.append(sorted(group))
        return sorted(groups)


def _background(cosines: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Level and spread of each column of `(windows, labels)`; float32 `(labels,)` both."""
    below, levels = np.quantile(cosines, [_ONE_SPREAD_BELOW, 0.5], axis=0)
    return levels, np.maximum(levels - below, _LEAST_SPREAD)


def _alike(labels: FloatArray, background: FloatArray) -> BoolArray:
    """Which labels' cosines are so correlated over the windows that they are one to the model; `(labels, labels)`."""
    centred = (background - background.mean(axis=0)).astype(np.float64)
    shared = centred.T @ centred / len(background)  # (dim, dim)
    shared += (1e-3 * np.trace(shared) / len(shared) + 1e-9) * np.eye(len(shared))
    wide = labels.astype(np.float64)
    common = wide @ shared @ wide.T  # (labels, labels)
    deviations = np.sqrt(np.diag(common))
    alike: BoolArray = common > _ALIKE * np.outer(deviations, deviations)
    np.fill_diagonal(alike, False)
    return alike
